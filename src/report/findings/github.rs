//! GitHub's workflow commands: each line becomes an annotation of the pull request.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Listing, kind_name};
use crate::model::discrepancy::FindingClass;
use crate::model::finding::Finding;
use crate::report::escape::for_line;

/// Annotations of a level that GitHub keeps of one step.
const MOST_OF_A_LEVEL: usize = 10;

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut more: Vec<&Finding> = Vec::new();
    for finding in &listing.findings {
        let level = match finding.class {
            FindingClass::Contradiction => "error",
            FindingClass::Omission => "warning",
            FindingClass::Policy => "notice",
        };
        let n = used.entry(level).or_default();
        *n += 1;
        if *n > MOST_OF_A_LEVEL {
            more.push(finding);
            continue;
        }
        let place = finding.qualname.as_deref().unwrap_or(&finding.component);
        writeln!(
            out,
            "::{level} file={},line={},title={}::{}",
            property(&finding.path),
            finding.line,
            property(&format!("{} in {place}", kind_name(finding))),
            data(&finding.message)
        )?;
    }
    // What would be dropped stays readable in the log.
    for finding in &more {
        let kind = kind_name(finding);
        writeln!(
            out,
            "{}:{}: {kind}: {}",
            for_line(&finding.path),
            finding.line,
            for_line(&finding.message)
        )?;
    }
    if !more.is_empty() {
        writeln!(
            out,
            "{} more findings than GitHub shows as annotations, listed above",
            more.len()
        )?;
    }
    let left = MOST_OF_A_LEVEL.saturating_sub(used.get("notice").copied().unwrap_or(0));
    for problem in listing.problems.iter().take(left) {
        let line = problem.line.map_or(String::new(), |line| format!(",line={line}"));
        writeln!(
            out,
            "::notice file={}{line},title={}::{}",
            property(&problem.path),
            property(&format!("{} problem", problem.kind)),
            data(&problem.message)
        )?;
    }
    Ok(())
}

/// What a message may not hold as it is.
fn data(text: &str) -> String {
    for_line(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What a property's value may not hold as it is.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
