//! `metrics.json`: what each stream did and how right it was, and how long everything took. The one file of the
//! package, with the report's header, that holds times.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::GENERATOR;
use super::call_graph::Sites;
use crate::model::documentation::StreamId;
use crate::model::run::{EdgeScore, Outcome, StreamMetrics};
use crate::model::usage::{Account, Role, Usage};

/// The version of the form.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Metrics<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    format: &'static str,
    version: u32,
    generator: &'static str,
    run_id: Option<&'a str>,
    started_at: String,
    seconds: Seconds,
    repository: Repository,
    streams: BTreeMap<&'static str, Stream<'a>>,
    spent: BTreeMap<&'static str, Spent>,
    findings: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Seconds {
    analysis: f64,
    iterations: f64,
    total: f64,
}

#[derive(Serialize)]
struct Repository {
    files: usize,
    files_analyzed: usize,
    lines: u64,
    bytes: u64,
    components: usize,
    components_by_kind: BTreeMap<String, u64>,
    edges: usize,
    certain_edges: usize,
    sites: Sites,
}

#[derive(Serialize)]
struct Stream<'a> {
    name: &'a str,
    embedded: bool,
    calls: u64,
    reused: u64,
    retries: u64,
    rejected: u64,
    edges: Option<Edges>,
}

/// What the calls of one role came to, in all processes of the run.
#[derive(Serialize)]
struct Spent {
    calls: u64,
    failed: u64,
    #[serde(flatten)]
    usage: UsageForm,
}

/// What calls used up, as JSON has it. The cost is text, because it is exact.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct UsageForm {
    attempts: u64,
    retries: u64,
    tokens_in: u64,
    tokens_out: u64,
    tokens_cached: u64,
    tokens_cache_write: u64,
    cost_usd: String,
    unpriced: u64,
}

impl From<&Usage> for UsageForm {
    fn from(usage: &Usage) -> Self {
        Self {
            attempts: usage.attempts,
            retries: usage.retries,
            tokens_in: usage.input,
            tokens_out: usage.output,
            tokens_cached: usage.cached,
            tokens_cache_write: usage.cache_write,
            cost_usd: usage.cost.to_string(),
            unpriced: usage.unpriced,
        }
    }
}

impl From<&Account> for Spent {
    fn from(account: &Account) -> Self {
        Self {
            calls: account.calls,
            failed: account.failed,
            usage: UsageForm::from(&account.usage),
        }
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Documenter(StreamId::A) => "documenter_a",
        Role::Documenter(StreamId::B) => "documenter_b",
        Role::Validator(StreamId::A) => "validator_a",
        Role::Validator(StreamId::B) => "validator_b",
        Role::Arbiter => "arbiter",
    }
}

/// Of a stream that restates the oracle there is nothing to measure.
#[derive(Serialize)]
struct Edges {
    confirmed: u64,
    refuted: u64,
    unknown: u64,
    missed: u64,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

impl From<&EdgeScore> for Edges {
    fn from(score: &EdgeScore) -> Self {
        Self {
            confirmed: score.confirmed,
            refuted: score.refuted,
            unknown: score.unknown,
            missed: score.missed,
            precision: score.precision(),
            recall: score.recall(),
            f1: score.f1(),
        }
    }
}

impl<'a> From<&'a StreamMetrics> for Stream<'a> {
    fn from(metrics: &'a StreamMetrics) -> Self {
        Self {
            name: &metrics.name,
            embedded: metrics.embedded,
            calls: metrics.calls,
            reused: metrics.reused,
            retries: metrics.retries,
            rejected: metrics.rejected,
            edges: (!metrics.restates_oracle).then(|| Edges::from(&metrics.edges)),
        }
    }
}

fn repository(outcome: &Outcome) -> Repository {
    let oracle = &outcome.oracle;
    let mut components_by_kind = BTreeMap::new();
    for component in &oracle.components {
        *components_by_kind.entry(component.kind.to_string()).or_default() += 1;
    }
    Repository {
        files: oracle.files.len(),
        files_analyzed: oracle.files.iter().filter(|f| f.analyzed).count(),
        lines: oracle.files.iter().map(|f| u64::from(f.lines)).sum(),
        bytes: oracle.files.iter().map(|f| f.bytes).sum(),
        components: oracle.components.len(),
        components_by_kind,
        edges: oracle.call_graph.edges.len(),
        certain_edges: oracle.call_graph.edges.iter().filter(|e| e.certain).count(),
        sites: Sites::from(&oracle.call_graph.counts),
    }
}

/// Writes the file.
///
/// # Errors
/// Those of the writer.
pub fn write(outcome: &Outcome, mut out: impl Write) -> io::Result<()> {
    let mut findings = BTreeMap::new();
    for finding in &outcome.findings {
        if let Some(name) = finding.kind.row().finding {
            *findings.entry(name).or_default() += 1;
        }
    }
    let metrics = Metrics {
        schema: "schemas/metrics.schema.json",
        format: "twinscribe.metrics",
        version: VERSION,
        generator: GENERATOR,
        run_id: outcome.run_id.as_deref(),
        started_at: humantime::format_rfc3339_seconds(outcome.started_at).to_string(),
        seconds: Seconds {
            analysis: outcome.durations.analysis.as_secs_f64(),
            iterations: outcome.durations.iterations.as_secs_f64(),
            total: outcome.durations.total.as_secs_f64(),
        },
        repository: repository(outcome),
        streams: BTreeMap::from([
            ("a", Stream::from(&outcome.streams[0])),
            ("b", Stream::from(&outcome.streams[1])),
        ]),
        spent: outcome
            .spent
            .iter()
            .map(|(&role, account)| (role_name(role), Spent::from(account)))
            .collect(),
        findings,
    };
    serde_json::to_writer_pretty(&mut out, &metrics)?;
    out.write_all(b"\n")?;
    out.flush()
}
