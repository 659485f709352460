//! The one place where commands call the rooms that do the work: what goes in and what comes out are words of the
//! model, and what goes wrong becomes a [`Failure`](super::failure::Failure) with its exit code and hints.

mod desk;
mod facts;
mod failures;
mod history;
mod profile;
mod run;
mod since;
mod store;
mod streams;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(crate) use facts::{adjacency, diff, oracle, verify_edge, verify_fact};
pub(crate) use history::{
    calls, checkpoint, checkpoints, default_options, delete, export, kept, lock_holder, runs, saved, tickets, verify,
};
pub(crate) use profile::{outlines, profiled};
pub(crate) use run::{estimate, plan, prompts, run};
pub(crate) use store::{Opened, open as open_tickets};
pub(crate) use streams::{Estimate, Shown};

use crate::config::{Config, Reconcile};
use crate::llm::Reach;
use crate::model::claim::Answer;
use crate::model::run::{EdgeScore, Failure, StreamMetrics};
use crate::model::usage::Ledger;

/// A run that is to be made.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    /// The repository.
    pub(crate) repository: &'a Path,
    /// Its options.
    pub(crate) config: &'a Config,
    /// Where it starts.
    pub(crate) start: Start,
    /// Where models are reached.
    pub(crate) reach: Reach,
}

/// Where a run starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the beginning, with what earlier runs left.
    Afresh,
    /// The same, but only what has changed since a git revision is asked for and judged.
    Since(String),
    /// At a checkpoint.
    Resume {
        /// The run or checkpoint; none for the latest.
        id: Option<String>,
        /// What to keep.
        mode: Reconcile,
        /// Whether components that have failed are tried again.
        retry_failed: bool,
    },
}

/// What a checkpoint says of its run.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    pub(crate) run_id: String,
    pub(crate) repository: PathBuf,
    pub(crate) config: Config,
}

/// What resuming in one mode would do in one stream.
#[derive(Clone, Debug)]
pub(crate) struct PlanRow {
    pub(crate) mode: Reconcile,
    pub(crate) stream: &'static str,
    pub(crate) kept: usize,
    pub(crate) redone: usize,
    /// Those that are done again only if what they depend on comes out differently.
    pub(crate) doubtful: usize,
    /// Components that have failed and are not tried again.
    pub(crate) failed: usize,
    pub(crate) gone: usize,
    /// Those of the kept ones that have another name or place.
    pub(crate) moved: usize,
    /// Why components are done again, with how many of them.
    pub(crate) reasons: BTreeMap<String, usize>,
    /// The components that are or may be done again, with the reasons.
    pub(crate) components: BTreeMap<String, Vec<String>>,
}

/// A documented graph held against the facts.
#[derive(Clone, Debug, Default)]
pub(crate) struct GraphDiff {
    pub(crate) matching: Vec<(String, String)>,
    pub(crate) missing: Vec<(String, String)>,
    /// With the reason why each is not confirmed.
    pub(crate) extra: Vec<(String, String, Answer)>,
    pub(crate) score: EdgeScore,
}

/// A checkpoint in a list.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointRow {
    pub(crate) id: String,
    pub(crate) run_id: String,
    pub(crate) created_at: Option<SystemTime>,
    pub(crate) phase: Option<String>,
    pub(crate) iteration: Option<u32>,
    pub(crate) bytes: u64,
    pub(crate) health: String,
}

/// What a checkpoint holds.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointDetails {
    pub(crate) run_id: String,
    pub(crate) checkpoint: Option<String>,
    pub(crate) repository: PathBuf,
    pub(crate) output: PathBuf,
    pub(crate) created_at: SystemTime,
    pub(crate) program: String,
    pub(crate) phase: String,
    pub(crate) iteration: u32,
    pub(crate) finished: bool,
    pub(crate) drafts: [usize; 2],
    pub(crate) failures: usize,
    pub(crate) tickets: usize,
    pub(crate) notes: Vec<String>,
}

/// Whether a run is whole.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    pub(crate) run_id: String,
    pub(crate) is_whole: bool,
    pub(crate) is_resumable: bool,
    /// Whether a newer program wrote something of it.
    pub(crate) is_foreign: bool,
    pub(crate) notes: Vec<String>,
}

/// A run in a list.
#[derive(Clone, Debug)]
pub(crate) struct RunRow {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) started_at: SystemTime,
    pub(crate) repository: PathBuf,
    pub(crate) convergence: Option<String>,
    pub(crate) components: Option<u64>,
    pub(crate) findings: Option<u64>,
    pub(crate) open_tickets: Option<u64>,
    pub(crate) sessions: Vec<SessionRow>,
    /// What each stream did; none before the run has ended once.
    pub(crate) streams: Option<[StreamMetrics; 2]>,
    /// Analysis, iterations, total of the last process.
    pub(crate) durations: Option<[Duration; 3]>,
    pub(crate) failures: Vec<Failure>,
    /// What the calls of all its processes came to.
    pub(crate) spent: Ledger,
    /// Every option by its name.
    pub(crate) options: BTreeMap<String, String>,
    /// What is wrong with its record, where it cannot be read.
    pub(crate) damage: Option<String>,
}

/// One process that worked on a run.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub(crate) started_at: SystemTime,
    pub(crate) ended_at: Option<SystemTime>,
    pub(crate) program: String,
    pub(crate) reason: Option<String>,
}
