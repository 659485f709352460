//! Findings in every form that people and CI read: one [`Listing`], a file per form.

pub mod baseline;
mod concise;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;

use std::io::{self, Write};

use super::paint::Paint;
use crate::model::discrepancy::FindingClass;
use crate::model::facts::Problem;
use crate::model::finding::Finding;
use crate::model::run::Outcome;

/// A form of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// Grouped by file, with what shows each finding
    Full,
    /// A line per finding: `path:line: kind name: message`
    Concise,
    /// One JSON document
    Json,
    /// A JSON object per finding and line
    JsonLines,
    /// GitHub's workflow commands, which annotate a pull request
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit's XML, for whatever shows test results
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A table, for a comment or a job's summary
    Markdown,
}

/// How many documented components the code does not contradict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Components whose docstring holds no contradiction.
    pub agreeing: usize,
    /// Components with a docstring.
    pub documented: usize,
}

impl Agreement {
    /// Counts a run's components.
    pub fn of(outcome: &Outcome) -> Self {
        let contradicted: std::collections::BTreeSet<&str> = outcome
            .findings
            .iter()
            .filter(|f| f.class == FindingClass::Contradiction)
            .map(|f| &*f.component)
            .collect();
        let documented = outcome.oracle.components.iter().filter(|c| c.docstring.is_some());
        documented.fold(Self::default(), |sum, component| Self {
            documented: sum.documented + 1,
            agreeing: sum.agreeing + usize::from(!contradicted.contains(&*component.id)),
        })
    }

    /// The share, from 0 to 1; 1 where nothing is documented.
    #[expect(clippy::cast_precision_loss, reason = "counts of components stay far below 2^53")]
    pub fn share(self) -> f64 {
        if self.documented == 0 {
            1.0
        } else {
            self.agreeing as f64 / self.documented as f64
        }
    }
}

/// Reads a line of the repository's source: path relative to the repository, line from 1.
pub type SourceLine<'a> = dyn Fn(&str, u32) -> Option<String> + 'a;

/// What is listed.
pub struct Listing<'a> {
    /// The findings, by path, line and kind.
    pub findings: Vec<&'a Finding>,
    /// Findings that a baseline lets pass.
    pub known: usize,
    /// Findings of classes that are not listed.
    pub hidden: usize,
    /// Files that could not be read whole.
    pub problems: &'a [Problem],
    /// Components analysed.
    pub components: usize,
    /// Files analysed.
    pub files: usize,
    /// How far docstrings and code agree.
    pub agreement: Agreement,
    /// The source, to show lines of it.
    pub source: Option<&'a SourceLine<'a>>,
    /// Colour, for the forms that have it.
    pub paint: Paint,
}

impl std::fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listing")
            .field("findings", &self.findings.len())
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

impl<'a> Listing<'a> {
    /// All findings of a run.
    pub fn of(outcome: &'a Outcome) -> Self {
        let mut listing = Self {
            findings: outcome.findings.iter().collect(),
            known: 0,
            hidden: 0,
            problems: &outcome.oracle.problems,
            components: outcome.oracle.components.len(),
            files: outcome.oracle.files.iter().filter(|f| f.analyzed).count(),
            agreement: Agreement::of(outcome),
            source: None,
            paint: Paint::PLAIN,
        };
        listing.sort();
        listing
    }

    /// Brings the findings into the order in which they are listed.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    }

    /// How many findings there are of a class.
    pub fn count(&self, class: FindingClass) -> usize {
        self.findings.iter().filter(|f| f.class == class).count()
    }
}

fn order(finding: &Finding) -> (&str, u32, &str, &str, Option<&str>) {
    (
        &finding.path,
        finding.line,
        &finding.component,
        kind_name(finding),
        finding.name.as_deref(),
    )
}

/// What `check` calls the kind.
pub fn kind_name(finding: &Finding) -> &'static str {
    let row = finding.kind.row();
    row.finding.unwrap_or(row.name)
}

/// Writes a listing in a form.
///
/// # Errors
/// Those of the writer.
pub fn render(format: Format, listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Full => full::render(listing, out),
        Format::Concise => concise::render(listing, out),
        Format::Json => json::render(listing, out),
        Format::JsonLines => json::render_lines(listing, out),
        Format::Github => github::render(listing, out),
        Format::Gitlab => gitlab::render(listing, out),
        Format::Junit => junit::render(listing, out),
        Format::Sarif => sarif::render(listing, out),
        Format::Markdown => markdown::render(listing, out),
    }
}

/// Writes a listing in a form into a file, all at once.
///
/// # Errors
/// [`ReportError::Write`](super::ReportError::Write).
pub fn write_listing(format: Format, listing: &Listing<'_>, path: &std::path::Path) -> Result<(), super::ReportError> {
    super::folder::write_file(path, |out| render(format, listing, out))
}

#[cfg(test)]
mod tests;
