//! A line per finding, for editors and `grep`: `path:line: kind name: message`.

use std::io::{self, Write};

use super::{Listing, kind_name};
use crate::report::escape::for_line;

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &listing.findings {
        let name = finding.name.as_deref().map_or(String::new(), |name| format!(" {name}"));
        writeln!(
            out,
            "{}:{}: {}{}: {}",
            for_line(&finding.path),
            finding.line,
            kind_name(finding),
            for_line(&name),
            for_line(&finding.message)
        )?;
    }
    Ok(())
}
