//! Findings as a Markdown table, for a comment on a pull request or a job's summary.

use std::io::{self, Write};

use super::{Listing, kind_name};
use crate::model::discrepancy::FindingClass;
use crate::report::convergence::build::plural;
use crate::report::convergence::percent;
use crate::report::docs::prose::{inline, span};

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Docstrings and code\n")?;
    writeln!(
        out,
        "{}, {}; {} of {} do not contradict the code ({}).",
        plural(listing.count(FindingClass::Contradiction), "contradiction"),
        plural(listing.count(FindingClass::Omission), "omission"),
        listing.agreement.agreeing,
        plural(listing.agreement.documented, "docstring"),
        percent(listing.agreement.share())
    )?;
    if listing.known > 0 {
        writeln!(out, "\n{} more in the baseline.", listing.known)?;
    }
    if listing.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| Where | In | Finding | What |\n|---|---|---|---|")?;
    for finding in &listing.findings {
        let name = finding
            .name
            .as_deref()
            .map_or(String::new(), |name| format!(" {}", span(name)));
        writeln!(
            out,
            "| {}:{} | {} | {}{name} | {} |",
            inline(&finding.path),
            finding.line,
            span(finding.qualname.as_deref().unwrap_or(&finding.component)),
            kind_name(finding),
            inline(&finding.message)
        )?;
    }
    Ok(())
}
