//! For a person at a terminal: grouped by file, each finding with the lines that show it, a summary at the end.

use std::io::{self, Write};

use super::{Listing, kind_name};
use crate::model::discrepancy::FindingClass;
use crate::model::finding::Finding;
use crate::report::convergence::build::plural;
use crate::report::convergence::percent;
use crate::report::escape::for_line;

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut path: &str = "";
    for finding in &listing.findings {
        if *finding.path != *path {
            path = &finding.path;
            writeln!(out, "{}", listing.paint.strong(&for_line(path)))?;
        }
        one(listing, finding, out)?;
    }
    if !listing.findings.is_empty() {
        writeln!(out)?;
    }
    problems(listing, out)?;
    summary(listing, out)
}

fn one(listing: &Listing<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let kind = kind_name(finding);
    let kind = match finding.class {
        FindingClass::Contradiction => listing.paint.error(kind),
        FindingClass::Omission => listing.paint.warning(kind),
        FindingClass::Policy => listing.paint.faint(kind),
    };
    let name = finding
        .name
        .as_deref()
        .map_or(String::new(), |name| format!(" `{name}`"));
    let place = finding.qualname.as_deref().unwrap_or("module");
    writeln!(
        out,
        "  {:>5}  {kind}{} in {}",
        finding.line,
        for_line(&name),
        for_line(place)
    )?;
    writeln!(out, "         {}", for_line(&finding.message))?;
    let mut shown = false;
    for (line, text) in &finding.evidence {
        shown |= *line == finding.line;
        excerpt(listing, *line, text, out)?;
    }
    if !shown
        && let Some(source) = listing.source
        && let Some(text) = source(&finding.path, finding.line)
    {
        excerpt(listing, finding.line, &text, out)?;
    }
    Ok(())
}

fn excerpt(listing: &Listing<'_>, line: u32, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text: String = for_line(text.trim_end()).chars().take(160).collect();
    writeln!(out, "         {} {text}", listing.paint.faint(&format!("{line:>5} |")))
}

fn problems(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    for problem in listing.problems {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        writeln!(
            out,
            "{} {}{line}: {}",
            listing.paint.warning("problem"),
            for_line(&problem.path),
            for_line(&problem.message)
        )?;
    }
    if !listing.problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn summary(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let contradictions = plural(listing.count(FindingClass::Contradiction), "contradiction");
    let omissions = plural(listing.count(FindingClass::Omission), "omission");
    let policy = match listing.count(FindingClass::Policy) {
        0 => String::new(),
        n => format!(", {n} of policy"),
    };
    let known = match listing.known {
        0 => String::new(),
        n => format!(" ({n} more in the baseline)"),
    };
    let hidden = match listing.hidden {
        0 => String::new(),
        n => format!("; {n} omissions and matters of policy not listed, see --show"),
    };
    writeln!(
        out,
        "{contradictions}, {omissions}{policy}{known}{hidden} in {} and {}",
        plural(listing.components, "component"),
        plural(listing.files, "file")
    )?;
    writeln!(
        out,
        "{} of {} do not contradict the code ({})",
        listing.agreement.agreeing,
        plural(listing.agreement.documented, "docstring"),
        percent(listing.agreement.share())
    )
}
