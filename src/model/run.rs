//! Runs: phases, state, history and outcome of one execution of the pipeline.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::component::{ComponentIndex, Name};
use super::discrepancy::{BlockingKind, DiscrepancyKind};
use super::documentation::{Correction, Documentation, Draft, Resolution, StreamId};
use super::finding::Finding;
use super::oracle::Oracle;
use super::ticket::Ticket;
use super::usage::{Arbitration, Ledger, Validation};

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// Nothing has happened.
    NotStarted,
    /// Opening the checkpoint folder and the streams.
    Initializing,
    /// Finding and analysing the source.
    Discovering,
    /// The streams write.
    Documenting,
    /// Drafts are compared and settled.
    Comparing,
    /// Tickets are opened, answers applied.
    Resolving,
    /// The package is written.
    Finalizing,
    /// Done.
    Completed,
    /// Ended by an error.
    Failed,
}

/// How far the streams have come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConvergenceStatus {
    /// Before the first iteration ends.
    NotStarted,
    /// Something blocks, and iterations are left.
    InProgress,
    /// Nothing blocks, a threshold is unmet, iterations are left.
    PartiallyConverged,
    /// All thresholds are met and nothing blocks.
    Converged,
    /// `max_iterations` is reached; what remains is listed.
    Forced,
}

/// The numbers a verdict rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Edges claimed by both streams ÷ edges claimed by either; 1 where none is claimed.
    pub call_graph_match: f64,
    /// Mean over components of the mean over their claims, a settled claim counting 1.
    pub documentation_similarity: f64,
    /// Discrepancies that nothing has settled.
    pub open: u64,
    /// Open discrepancies that forbid convergence, by kind.
    pub blocking: BTreeMap<BlockingKind, u64>,
    /// Corrections that the streams have not taken yet.
    pub corrections: u64,
    /// Components that have failed.
    pub failed: u64,
    /// Components documented.
    pub components: u64,
    /// Components without convergence because their file could not be analysed (`require_static_validation`).
    pub unvalidated: u64,
}

/// Something that has to happen before the run can converge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredAction {
    /// What to do, as a sentence.
    pub action: String,
    /// The command that does it, where one does.
    pub command: Option<String>,
}

/// The outcome of one judgement of convergence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// How far the streams have come together.
    pub status: ConvergenceStatus,
    /// Which conditions are unmet, as sentences; empty when converged.
    pub unmet: Vec<String>,
    /// What has to happen.
    pub required_actions: Vec<RequiredAction>,
}

/// What one iteration did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IterationRecord {
    /// From 1.
    pub iteration: u32,
    /// Components documented in this iteration, per stream.
    pub processed: [u64; 2],
    /// Claims that both streams make alike.
    pub identical: u64,
    /// Discrepancies by kind, settled ones included.
    pub discrepancies: BTreeMap<DiscrepancyKind, u64>,
    /// Claims settled, by what settled them.
    pub settled: BTreeMap<Resolution, u64>,
    /// Claims thrown out because the code refutes them, per stream.
    pub refuted: [u64; 2],
    /// The numbers at its end.
    pub measures: Measures,
    /// The status at its end.
    pub status: Option<ConvergenceStatus>,
}

/// What the reason of a failure begins with where the whole stream ended.
pub const STREAM_ENDED: &str = "the stream ended: ";

/// A component that a stream could not document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which stream.
    pub stream: StreamId,
    /// Id of the component.
    pub component: Name,
    /// The iteration, from 1.
    pub iteration: u32,
    /// Why, as a sentence.
    pub reason: String,
}

/// Precision and recall of one stream's edges, before its validator corrected them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeScore {
    /// Claimed and confirmed.
    pub confirmed: u64,
    /// Claimed and refuted.
    pub refuted: u64,
    /// Claimed, cannot be told.
    pub unknown: u64,
    /// Certain edges that were not claimed.
    pub missed: u64,
}

impl EdgeScore {
    /// confirmed ÷ (confirmed + refuted); none where nothing was claimed.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.confirmed, self.confirmed + self.refuted)
    }

    /// confirmed ÷ (confirmed + missed); none where there is no edge.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.confirmed, self.confirmed + self.missed)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> Option<f64> {
        let (p, r) = (self.precision()?, self.recall()?);
        (p + r > 0.0).then(|| 2.0 * p * r / (p + r))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of claims stay far below 2^53")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// What one stream did and cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamMetrics {
    /// `docstring`, `code`, or `provider:model`.
    pub name: String,
    /// Whether it is deterministic and part of the program.
    pub embedded: bool,
    /// Whether it restates the oracle, and so is left out of precision and recall.
    pub restates_oracle: bool,
    /// Drafts asked for.
    pub calls: u64,
    /// Drafts taken from an earlier run or checkpoint.
    pub reused: u64,
    /// Drafts asked for again after an error.
    pub retries: u64,
    /// Drafts that the validator rejected.
    pub rejected: u64,
    /// Precision and recall of its edges.
    pub edges: EdgeScore,
}

/// The state of a run that a checkpoint keeps: enough to go on at the start of an iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct RunState {
    /// Where the run is.
    pub phase: Phase,
    /// The iteration being worked on, from 1; 0 before the first.
    pub iteration: u32,
    /// The latest draft of each component, per stream, by id; embedded streams keep none, theirs are cheap.
    pub drafts: [BTreeMap<Name, Draft>; 2],
    /// What each stream is told in this iteration, by component id.
    pub corrections: [BTreeMap<Name, Vec<Correction>>; 2],
    /// The components each stream redoes in this iteration; none means all (the first iteration).
    pub redo: Option<[BTreeSet<Name>; 2]>,
    /// What failed, so far.
    pub failures: Vec<Failure>,
    /// What each ended iteration did.
    pub history: Vec<IterationRecord>,
    /// What oscillation detection remembers: per component id, hashes of the values of each open or corrected
    /// subject at the end of each iteration.
    pub trail: BTreeMap<Name, Vec<(u32, u64)>>,
    /// Signature of each component when it was documented, by id; shared, because the state is copied often and this
    /// is the bulk of it.
    pub signatures: Arc<BTreeMap<Name, String>>,
    /// What is redone in this iteration only if something it depends on comes out differently, per stream.
    pub doubts: [Doubts; 2],
    /// Components whose drafts are kept whatever the facts say of them, per stream, because whoever resumed the run
    /// asked for that: the facts decide about their claims, and nobody is asked again.
    pub trusted: [BTreeSet<Name>; 2],
    /// What validators say of the drafts, per stream, by id.
    pub validations: [BTreeMap<Name, Validation>; 2],
    /// What arbiters have decided, by discrepancy key.
    pub arbitrations: BTreeMap<String, Arbitration>,
    /// What all calls before this iteration came to.
    pub spent: Ledger,
}

/// Components whose draft still holds, unless what a changed component now says is something else than before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Ids of these components.
    pub components: BTreeSet<Name>,
    /// What each component that is or may be redone said before, as a hash: [`super::documentation::Draft::meaning`].
    pub meanings: BTreeMap<Name, u64>,
}

impl Default for RunState {
    fn default() -> Self {
        Self {
            phase: Phase::NotStarted,
            iteration: 0,
            drafts: Default::default(),
            corrections: Default::default(),
            redo: None,
            failures: Vec::new(),
            history: Vec::new(),
            trail: BTreeMap::new(),
            signatures: Arc::default(),
            doubts: Default::default(),
            trusted: Default::default(),
            validations: Default::default(),
            arbitrations: BTreeMap::new(),
            spent: Ledger::new(),
        }
    }
}

/// How long the parts of a run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Finding and analysing the source.
    pub analysis: Duration,
    /// Documenting, comparing and settling.
    pub iterations: Duration,
    /// From start to end, this process only.
    pub total: Duration,
}

/// All that a run has to say: what the package, the reports and the exit code are made of.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run's id: that of its first checkpoint; none for a dry run.
    pub run_id: Option<String>,
    /// When it began.
    pub started_at: SystemTime,
    /// The facts.
    pub oracle: Arc<Oracle>,
    /// The settled documentation, one per component, in the order of `oracle.components`.
    pub documentation: Vec<Documentation>,
    /// What each iteration did.
    pub history: Vec<IterationRecord>,
    /// The last verdict.
    pub verdict: Verdict,
    /// Where docstrings and code part.
    pub findings: Vec<Finding>,
    /// Components that failed.
    pub failures: Vec<Failure>,
    /// Tickets of this run: open, answered, expired.
    pub tickets: Vec<Ticket>,
    /// What each stream did, in this process.
    pub streams: [StreamMetrics; 2],
    /// What the calls of the whole run came to, those of earlier processes included.
    pub spent: Ledger,
    /// How long it took.
    pub durations: Durations,
}

impl Outcome {
    /// Whether a component has at least one failure.
    pub fn has_failed(&self, component: ComponentIndex) -> bool {
        let id = &self.oracle.component(component).id;
        self.failures.iter().any(|f| f.component == *id)
    }
}
