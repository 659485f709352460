//! GitHub's workflow commands: each line becomes an annotation of the pull request.

use std::io::{self, Write};

use super::{Listing, kind_name};
use crate::model::discrepancy::FindingClass;
use crate::report::escape::for_line;

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &listing.findings {
        let level = match finding.class {
            FindingClass::Contradiction => "error",
            FindingClass::Omission => "warning",
            FindingClass::Policy => "notice",
        };
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
    for problem in listing.problems {
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
