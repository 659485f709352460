//! What is saved of a run, in the program's words: the header, the journal's records, the run's place in history.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::config::Config;
use crate::model::component::Name;
use crate::model::documentation::{Draft, StreamId};
use crate::model::run::{
    ConvergenceStatus, Failure, IterationRecord, Measures, Outcome, Phase, RunState, StreamMetrics,
};
use crate::model::ticket::{TicketAnswer, TicketState};
use crate::model::usage::{Arbitration, CallId, Cost, Ledger, Receipt, Role, Validation};

/// What a run was started with.
#[derive(Clone, Debug, PartialEq)]
pub struct RunHeader {
    /// Canonical path of the repository.
    pub repository: PathBuf,
    /// Canonical path of the package's folder.
    pub output: PathBuf,
    /// Its options. Whoever reads them back finds `output` and the checkpoint folder as absolute paths.
    pub options: Config,
    /// Version of the program.
    pub program: String,
    /// When it was started.
    pub created_at: SystemTime,
}

/// Something that has happened in a run and must not be lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The run is in another phase.
    PhaseChanged(Phase),
    /// Signatures of all components, taken after the analysis.
    SignaturesTaken(BTreeMap<Name, String>),
    /// A question that costs something is about to be put: on disk before the call leaves, so that a crash never
    /// hides that something may have been paid for.
    CallStarted {
        /// Which question.
        call: CallId,
        /// When.
        at: SystemTime,
        /// What it can cost at most, retries included; none where no price is known. After a crash a budget has to
        /// reckon with it.
        at_most: Option<Cost>,
    },
    /// A stream has described a component.
    DraftFinished {
        /// Which stream.
        stream: StreamId,
        /// The iteration, from 1.
        iteration: u32,
        /// Id of the component that was asked for.
        component: Name,
        /// What it says.
        draft: Draft,
        /// What that took and cost.
        receipt: Receipt,
    },
    /// A stream has described a part of a component that is documented in parts; the draft of the whole comes later.
    PartFinished {
        /// Which stream.
        stream: StreamId,
        /// The iteration, from 1.
        iteration: u32,
        /// Id of the component.
        component: Name,
        /// Which part, from 1.
        part: u32,
        /// What it says of the part.
        draft: Draft,
        /// What that took and cost.
        receipt: Receipt,
    },
    /// A validator has looked through a stream's draft of a component.
    ValidationFinished {
        /// Whose draft.
        stream: StreamId,
        /// The iteration, from 1.
        iteration: u32,
        /// Id of the component.
        component: Name,
        /// What it says.
        validation: Validation,
        /// What that took and cost.
        receipt: Receipt,
    },
    /// An arbiter has decided between the streams.
    ArbitrationFinished {
        /// The iteration, from 1.
        iteration: u32,
        /// The discrepancy's key.
        key: String,
        /// What it has decided.
        arbitration: Arbitration,
        /// What that took and cost.
        receipt: Receipt,
    },
    /// A call has failed, and no component with it: its stream is dead, or its role is not a documenter's.
    CallFailed {
        /// Which question.
        call: CallId,
        /// Why, as a fragment.
        reason: String,
        /// What it took and cost all the same.
        receipt: Receipt,
    },
    /// A stream could not describe a component.
    ComponentFailed {
        /// Of what, and why.
        failure: Failure,
        /// What the call took and cost; none where a draft was thrown out, whose call has been answered.
        receipt: Option<Receipt>,
    },
    /// An iteration has ended; the state to go on from, with its history, corrections and plan. Its drafts are not
    /// written again: each has a record of its own.
    IterationEnded(Box<RunState>),
    /// A ticket was put to a person.
    TicketOpened {
        /// The ticket's id.
        id: String,
        /// The discrepancy's key.
        key: String,
    },
    /// A person's answer is in the documentation.
    AnswerApplied {
        /// The discrepancy's key.
        key: String,
        /// The answer.
        answer: TicketAnswer,
    },
    /// Options or paths were overridden on resuming.
    HeaderChanged(Box<RunHeader>),
    /// The run goes on from this state, whatever came before: a return to an older checkpoint, or a journal that
    /// was begun anew because the old one was damaged.
    Restated(Box<Restatement>),
    /// The run has ended and its package is written.
    Finished,
}

impl Record {
    /// The call that this ends, with what it took, as far as that is known.
    pub(super) fn ended_call(&self) -> Option<(CallId, Option<&Receipt>)> {
        Some(match self {
            Self::DraftFinished {
                stream,
                iteration,
                component,
                receipt,
                ..
            } => (CallId::for_draft(*stream, component.clone(), *iteration), Some(receipt)),
            Self::PartFinished {
                stream,
                iteration,
                component,
                part,
                receipt,
                ..
            } => {
                let call = CallId::for_draft(*stream, component.clone(), *iteration);
                let part = Some(*part);
                (CallId { part, ..call }, Some(receipt))
            }
            Self::ValidationFinished {
                stream,
                iteration,
                component,
                receipt,
                ..
            } => {
                let call = CallId::for_draft(*stream, component.clone(), *iteration);
                let role = Role::Validator(*stream);
                (CallId { role, ..call }, Some(receipt))
            }
            Self::ArbitrationFinished {
                iteration,
                key,
                arbitration,
                receipt,
            } => {
                let call = CallId {
                    role: Role::Arbiter,
                    component: arbitration.component.clone(),
                    iteration: *iteration,
                    part: None,
                    discrepancy: Some(key.clone()),
                };
                (call, Some(receipt))
            }
            Self::CallFailed { call, receipt, .. } => (call.clone(), Some(receipt)),
            Self::ComponentFailed { failure, receipt } => {
                let call = CallId::for_draft(failure.stream, failure.component.clone(), failure.iteration);
                (call, receipt.as_ref())
            }
            _ => return None,
        })
    }
}

/// All that a journal would otherwise have to be read from its beginning for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restatement {
    /// The state at the start of the iteration in progress.
    pub state: RunState,
    /// What that iteration has done so far.
    pub progress: Progress,
}

/// Results that are in the journal and not yet in a [`RunState`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The iteration they belong to; 0 where there is none.
    pub iteration: u32,
    /// Drafts per stream, by the id of the component that was asked for.
    pub drafts: [BTreeMap<Name, Draft>; 2],
    /// Parts of drafts that are not whole yet, per stream, by component and number.
    pub parts: [BTreeMap<Name, BTreeMap<u32, Draft>>; 2],
    /// What validators say of the drafts, per stream.
    pub validations: [BTreeMap<Name, Validation>; 2],
    /// What was decided, by discrepancy key.
    pub arbitrations: BTreeMap<String, Arbitration>,
    /// Failures.
    pub failures: Vec<Failure>,
    /// What the calls came to.
    pub spent: Ledger,
    /// Tickets opened in the whole run: id by discrepancy key.
    pub tickets: BTreeMap<String, String>,
    /// Answers applied in the whole run, by discrepancy key.
    pub answers: BTreeMap<String, TicketAnswer>,
}

/// Where a run stands in history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunStatus {
    /// Stopped, killed, or still running; can be resumed.
    Unfinished,
    /// Ended by an error; can be resumed.
    Failed,
    /// Its package is written.
    Completed,
}

impl std::fmt::Display for RunStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unfinished => "unfinished",
            Self::Failed => "failed",
            Self::Completed => "completed",
        })
    }
}

/// One process that worked on a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// When it took the run up.
    pub started_at: SystemTime,
    /// Version of the program.
    pub program: String,
    /// When it ended of its own accord; none while it runs, and where it was killed.
    pub ended_at: Option<SystemTime>,
    /// Why it ended, where it did not finish.
    pub reason: Option<String>,
}

/// One line of history: what a run was, did and found.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The id of its first checkpoint.
    pub id: String,
    /// What it was started with.
    pub header: RunHeader,
    /// Where it stands.
    pub status: RunStatus,
    /// The processes that worked on it, in order.
    pub sessions: Vec<Session>,
    /// What it found; none before it has ended once.
    pub results: Option<RunResults>,
}

/// What a run found and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResults {
    /// How far the streams came together.
    pub convergence: ConvergenceStatus,
    /// What each iteration did.
    pub history: Vec<IterationRecord>,
    /// Components that failed.
    pub failures: Vec<Failure>,
    /// What each stream did, in the last process.
    pub streams: [StreamMetrics; 2],
    /// What the calls of the whole run came to.
    pub spent: Ledger,
    /// How many there were of what.
    pub counts: RunCounts,
    /// Finding and analysing the source.
    pub analysis: Duration,
    /// Documenting, comparing and settling.
    pub iterations: Duration,
    /// From start to end, the last process only.
    pub total: Duration,
}

/// How many there were of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Files read or skipped.
    pub files: u64,
    /// Components.
    pub components: u64,
    /// Edges of the call graph.
    pub edges: u64,
    /// Findings.
    pub findings: u64,
    /// Problems of the analysis.
    pub problems: u64,
    /// Tickets that wait for an answer, unclear ones included.
    pub tickets_open: u64,
    /// Tickets with an answer, applied or not.
    pub tickets_answered: u64,
    /// Tickets that nobody answered in time.
    pub tickets_expired: u64,
}

impl RunResults {
    /// The numbers at the end of the last iteration.
    pub fn measures(&self) -> Option<&Measures> {
        self.history.last().map(|record| &record.measures)
    }
}

impl From<&Outcome> for RunResults {
    fn from(outcome: &Outcome) -> Self {
        let tickets =
            |wanted: fn(&TicketState) -> bool| outcome.tickets.iter().filter(|t| wanted(&t.state)).count() as u64;
        Self {
            convergence: outcome.verdict.status,
            history: outcome.history.clone(),
            failures: outcome.failures.clone(),
            streams: outcome.streams.clone(),
            spent: outcome.spent.clone(),
            counts: RunCounts {
                files: outcome.oracle.files.len() as u64,
                components: outcome.oracle.components.len() as u64,
                edges: outcome.oracle.call_graph.edges.len() as u64,
                findings: outcome.findings.len() as u64,
                problems: outcome.oracle.problems.len() as u64,
                tickets_open: tickets(|s| matches!(s, TicketState::Open | TicketState::NeedsClarification(_))),
                tickets_answered: tickets(|s| matches!(s, TicketState::Answered(_) | TicketState::Applied(_))),
                tickets_expired: tickets(|s| matches!(s, TicketState::Expired)),
            },
            analysis: outcome.durations.analysis,
            iterations: outcome.durations.iterations,
            total: outcome.durations.total,
        }
    }
}
