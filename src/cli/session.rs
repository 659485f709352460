//! The one place where commands call the rooms that do the work: what goes in and what comes out are words of the
//! model, and what goes wrong becomes a [`Failure`] with its exit code and hints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::failure::{Failure, Kind};
use crate::config::{Config, Reconcile};
use crate::model::claim::Answer;
use crate::model::events::Listener;
use crate::model::oracle::Oracle;
use crate::model::run::{EdgeScore, Outcome};
use crate::model::ticket::{Decision, Ticket};

/// A run that is to be made.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    /// The repository.
    pub(crate) repository: &'a Path,
    /// Its options.
    pub(crate) config: &'a Config,
    /// Where it starts.
    pub(crate) start: Start,
}

/// Where a run starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the beginning.
    Afresh,
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
    pub(crate) gone: usize,
    /// Why components are done again, with how many of them.
    pub(crate) reasons: BTreeMap<String, usize>,
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
    pub(crate) sessions: usize,
    /// What is wrong with its record, where it cannot be read.
    pub(crate) damage: Option<String>,
}

fn absent<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::new(
        Kind::Internal,
        format!("failed to {what}: not connected"),
    ))
}

/// Analyses a repository.
pub(crate) fn oracle(_repository: &Path, _config: &Config) -> Result<Oracle, Failure> {
    absent("analyse")
}

/// Analyses a repository into `{caller: [callee, …]}` with PyCG's names.
pub(crate) fn adjacency(
    _repository: &Path,
    _config: &Config,
) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    absent("analyse")
}

/// Asks whether one component calls another, by plain name.
pub(crate) fn verify_edge(_oracle: &Oracle, _caller: &str, _callee: &str) -> Answer {
    Answer::unknown("not connected")
}

/// Asks whether a fact is so; `Err` names a sort of fact that there is none of.
pub(crate) fn verify_fact(
    _oracle: &Oracle,
    _component: &str,
    _fact: &str,
    _name: Option<&str>,
    _value: Option<&str>,
) -> Result<Answer, Failure> {
    absent("ask")
}

/// Holds a documented graph against the facts.
pub(crate) fn diff(_oracle: &Oracle, _edges: &BTreeSet<(String, String)>) -> GraphDiff {
    GraphDiff::default()
}

/// Runs the pipeline to its end, with its checkpoints, history, tickets and package, unless it is a dry run.
pub(crate) fn run(_order: Order<'_>, _listener: &mut dyn Listener) -> Result<Outcome, Failure> {
    absent("run")
}

/// Reads a file that is kept in a run's history; without a run, the latest that has it. Also returns the run's id.
pub(crate) fn kept(
    _dir: &Path,
    _run: Option<&str>,
    _name: &str,
) -> Result<(String, Vec<u8>), Failure> {
    absent("read")
}

/// What a checkpoint says of its run; none where there is no checkpoint at all and no id was asked for.
pub(crate) fn saved(_dir: &Path, _id: Option<&str>) -> Result<Option<Saved>, Failure> {
    absent("read")
}

/// What resuming would do, per mode and stream.
pub(crate) fn plan(
    _dir: &Path,
    _id: Option<&str>,
    _repository: &Path,
    _config: &Config,
) -> Result<Vec<PlanRow>, Failure> {
    absent("plan")
}

/// All checkpoints.
pub(crate) fn checkpoints(_dir: &Path) -> Result<Vec<CheckpointRow>, Failure> {
    absent("list")
}

/// What one checkpoint holds.
pub(crate) fn checkpoint(_dir: &Path, _id: &str) -> Result<CheckpointDetails, Failure> {
    absent("read")
}

/// Reads every byte of a run, or of all.
pub(crate) fn verify(_dir: &Path, _id: Option<&str>) -> Result<Vec<Verification>, Failure> {
    absent("verify")
}

/// Deletes a checkpoint or run.
pub(crate) fn delete(_dir: &Path, _id: &str) -> Result<(), Failure> {
    absent("delete")
}

/// All that is saved of a run.
pub(crate) fn export(_dir: &Path, _id: &str) -> Result<serde_json::Value, Failure> {
    absent("export")
}

/// All runs, oldest first.
pub(crate) fn runs(_dir: &Path) -> Result<Vec<RunRow>, Failure> {
    absent("list")
}

/// All tickets of the embedded store, oldest first.
pub(crate) fn tickets(_dir: &Path) -> Result<Vec<Ticket>, Failure> {
    absent("list")
}

/// Answers a ticket.
pub(crate) fn resolve(
    _dir: &Path,
    _id: &str,
    _decision: Decision,
    _by: &str,
) -> Result<Ticket, Failure> {
    absent("answer")
}

/// Whether another run holds the lock of a checkpoint folder: who does, where one does.
pub(crate) fn lock_holder(_dir: &Path) -> Result<Option<String>, Failure> {
    absent("look")
}
