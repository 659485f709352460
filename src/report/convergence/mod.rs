//! The convergence report: how far the streams came together, what they did about it, and what remains to do.
//!
//! [`Report`] is the form that is written, kept in a run's history and read back; text and Markdown are made from it.

pub mod build;
pub mod markdown;
pub mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ReportError;
use super::call_graph::Sites;
use crate::model::discrepancy::{BlockingKind, Severity};
use crate::model::documentation::{Resolution, StreamId};
use crate::model::facts::ProblemKind;
use crate::model::run::ConvergenceStatus;

/// The version of the form.
pub const VERSION: u32 = 1;
const FORMAT: &str = "twinscribe.convergence_report";

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Report {
    #[serde(rename = "$schema")]
    pub schema: String,
    pub format: String,
    pub version: u32,
    pub header: Header,
    pub converged: bool,
    pub status: ConvergenceStatus,
    pub iterations: u32,
    pub unmet: Vec<String>,
    pub repository: Repository,
    pub call_sites: Sites,
    pub streams: [Stream; 2],
    pub history: Vec<Iteration>,
    pub trends: Vec<Trend>,
    pub findings: Findings,
    pub failed: Vec<Failed>,
    pub tickets: Tickets,
    pub problems: Vec<Problem>,
    pub recommendations: Vec<Recommendation>,
}

/// Which run it was and when: the one part that differs between two runs over the same input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Header {
    pub generator: String,
    pub run_id: Option<String>,
    pub started_at: String,
    pub seconds: f64,
}

/// What was documented.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Repository {
    pub files: u64,
    pub skipped_files: u64,
    pub lines: u64,
    pub components: u64,
    pub documented: u64,
    pub edges: u64,
}

/// Who described it, and how right its edges were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Stream {
    pub name: String,
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    pub f1: Option<f64>,
}

/// What one iteration did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Iteration {
    pub iteration: u32,
    pub status: Option<ConvergenceStatus>,
    pub processed: [u64; 2],
    pub identical: u64,
    pub discrepancies: BTreeMap<String, u64>,
    pub settled: BTreeMap<Resolution, u64>,
    pub refuted: [u64; 2],
    pub open: u64,
    pub blocking: BTreeMap<BlockingKind, u64>,
    pub corrections: u64,
    pub failed: u64,
    pub unvalidated: u64,
    pub call_graph_match: f64,
    pub documentation_similarity: f64,
}

/// How a measure went from the first iteration to the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Trend {
    pub measure: String,
    pub first: f64,
    pub last: f64,
    pub direction: Direction,
}

/// Which way a measure went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards convergence.
    Better,
    /// Nowhere.
    Same,
    /// Away from it.
    Worse,
}

/// Where docstrings and code part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Findings {
    pub contradictions: u64,
    pub omissions: u64,
    pub policy: u64,
    pub by_kind: BTreeMap<String, u64>,
}

/// A component that a stream could not document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Failed {
    pub component: String,
    pub stream: StreamId,
    pub iteration: u32,
    pub reason: String,
}

/// What became of the questions to people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Tickets {
    pub open: Vec<TicketLine>,
    pub expired: Vec<TicketLine>,
    pub answered: u64,
    pub withdrawn: u64,
}

/// A ticket in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct TicketLine {
    pub id: String,
    pub component: String,
    pub path: String,
    pub line: u32,
    pub kind: String,
    pub subject: String,
    pub severity: Severity,
}

/// A file that could not be read whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Problem {
    pub path: String,
    pub line: Option<u32>,
    pub kind: ProblemKind,
    pub skipped: bool,
    pub message: String,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Recommendation {
    pub action: String,
    pub command: Option<String>,
}

impl Report {
    /// The report as a JSON file.
    ///
    /// # Errors
    /// Those of JSON's writer, for a number that JSON does not have.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Reads a report back.
    ///
    /// # Errors
    /// [`ReportError::Malformed`] or [`ReportError::Version`].
    pub fn from_json(text: &[u8]) -> Result<Self, ReportError> {
        #[derive(Deserialize)]
        struct Stamp {
            version: u32,
        }
        let malformed = |source| ReportError::Malformed {
            what: "the convergence report".to_owned(),
            source,
        };
        let stamp: Stamp = serde_json::from_slice(text).map_err(malformed)?;
        if stamp.version != VERSION {
            return Err(ReportError::Version {
                what: "the convergence report".to_owned(),
                version: stamp.version,
                known: VERSION,
            });
        }
        serde_json::from_slice(text).map_err(malformed)
    }
}

/// A status as people read it.
pub(crate) fn status_name(status: ConvergenceStatus) -> &'static str {
    match status {
        ConvergenceStatus::NotStarted => "not started",
        ConvergenceStatus::InProgress => "in progress",
        ConvergenceStatus::PartiallyConverged => "partially converged",
        ConvergenceStatus::Converged => "converged",
        ConvergenceStatus::Forced => "forced",
    }
}

/// A share of 1 as a percentage.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests;
