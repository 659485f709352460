//! The documentation package: all files of a run in one folder, put in place at once.

use std::io::Write as _;
use std::path::Path;

use super::folder::Staging;
use super::{ReportError, call_graph, convergence, docs, documentation, findings, metrics};
use crate::model::run::Outcome;

/// The published schemas: file name and text.
pub const SCHEMAS: [(&str, &str); 5] = [
    (
        "documentation.schema.json",
        include_str!("schemas/documentation.schema.json"),
    ),
    ("call_graph.schema.json", include_str!("schemas/call_graph.schema.json")),
    (
        "convergence_report.schema.json",
        include_str!("schemas/convergence_report.schema.json"),
    ),
    ("metrics.schema.json", include_str!("schemas/metrics.schema.json")),
    ("findings.schema.json", include_str!("schemas/findings.schema.json")),
];

/// What the package needs besides the outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras<'a> {
    /// One JSON line per component to rebuild, as `tickets::rebuild` makes them.
    pub rebuild_tickets: &'a str,
    /// Whether git is to ignore the folder: so for the default one.
    pub ignored_by_git: bool,
}

/// Whether a package could be written there, so that a run can fail before it has begun.
///
/// # Errors
/// Those that [`write()`] would return, as far as they can be told.
pub fn probe(folder: &Path) -> Result<(), ReportError> {
    Staging::probe(folder)
}

/// Writes the package of a run into a folder that is new, empty, or holds an older package.
///
/// # Errors
/// [`ReportError`], where the folder holds something else or cannot be written; what was there is then still there.
pub fn write(outcome: &Outcome, extras: Extras<'_>, folder: &Path) -> Result<(), ReportError> {
    let staging = Staging::begin(folder)?;
    staging.file("documentation.json", |out| documentation::write(outcome, out))?;
    staging.file("call_graph.json", |out| call_graph::write(&outcome.oracle, out))?;
    staging.file("metrics.json", |out| metrics::write(outcome, out))?;
    staging.file("findings.sarif", |out| {
        findings::render(findings::Format::Sarif, &findings::Listing::of(outcome), out)
    })?;
    let report = convergence::build::report(outcome);
    staging.file("convergence_report.json", |out| {
        out.write_all(report.to_json()?.as_bytes())
    })?;
    staging.file("convergence_report.md", |out| {
        out.write_all(convergence::markdown::render(&report).as_bytes())
    })?;
    staging.file("rebuild_tickets.jsonl", |out| {
        out.write_all(extras.rebuild_tickets.as_bytes())
    })?;
    write_docs(&staging, outcome)?;
    for (name, text) in SCHEMAS {
        staging.file(&format!("schemas/{name}"), |out| out.write_all(text.as_bytes()))?;
    }
    if extras.ignored_by_git {
        staging.file(".gitignore", |out| out.write_all(b"*\n"))?;
    }
    staging.finish()
}

fn write_docs(staging: &Staging, outcome: &Outcome) -> Result<(), ReportError> {
    let docs = docs::Docs::new(outcome);
    staging.file("docs/index.md", |out| docs.write_index(out))?;
    staging.file("docs/SUMMARY.md", |out| docs.write_summary(out))?;
    for (n, file) in docs.files() {
        staging.file(&format!("docs/{file}"), |out| docs.write_page(n, out))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
