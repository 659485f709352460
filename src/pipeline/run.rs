//! One run, from top to bottom.
//!
//! Facts come in with the job. Then, while the verdict says iterate: both streams describe what is to be described,
//! at the same time; what they say is judged and settled; the result is recorded. Open differences become tickets,
//! and the outcome is published. [`Run`] owns all state; whatever else works on it sends messages.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::Desk;
use super::error::RunError;
use super::job::{Job, Publish};
use super::lane::Lane;
use super::measure::edge_score;
use super::memory::{Memory, Saving};
use super::recall::recall;
use super::schedule::{Ended, Report};
use super::settling::Settled;
use super::stop::Stop;
use crate::checkpoint::{Progress as Journaled, Record, signatures};
use crate::compare::settle::{Answers, STREAMS};
use crate::config::Config;
use crate::converge;
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Documentation, StreamId};
use crate::model::events::{Event, Listener};
use crate::model::finding::Finding;
use crate::model::oracle::Oracle;
use crate::model::run::{Durations, Failure, Outcome, Phase, RunState, STREAM_ENDED, Verdict};
use crate::model::ticket::Ticket;
use crate::model::usage::{Ledger, Role, add_up};

/// Runs a job to its outcome. The listener hears of everything on the way; `stop` ends it early, with its state saved.
pub async fn run(job: Job<'_>, listener: &mut dyn Listener, stop: Stop) -> Result<Outcome, RunError> {
    let mut run = Run::new(job, listener, stop);
    match run.drive().await {
        Ok(outcome) => Ok(outcome),
        Err(error) => Err(run.give_up(error).await),
    }
}

/// A run under way.
pub(super) struct Run<'j, 'l> {
    pub(super) oracle: Arc<Oracle>,
    pub(super) config: Config,
    pub(super) lanes: [Lane; 2],
    pub(super) state: RunState,
    /// What an interrupted iteration had done already.
    pub(super) journaled: Journaled,
    /// What the calls since the start of the iteration came to.
    pub(super) spent: Ledger,
    /// Per component: what it is documented as; empty before it is settled for the first time.
    pub(super) documentation: Vec<Documentation>,
    /// Per component: what else came of it; none before it is settled for the first time.
    pub(super) settled: Vec<Option<Settled>>,
    /// Where docstrings and code part; none before that was looked for.
    pub(super) findings: Option<Vec<Finding>>,
    pub(super) answers: Answers,
    pub(super) memory: Option<&'j dyn Memory>,
    pub(super) desk: Option<&'j mut dyn Desk>,
    pub(super) publish: Option<Publish<'j>>,
    pub(super) listener: &'l mut dyn Listener,
    pub(super) stop: Stop,
    /// What is on its way to durability.
    recording: Vec<Saving<'j>>,
    /// Threads of its own, where the options limit them.
    pub(super) pool: Option<rayon::ThreadPool>,
    /// Components of the iteration in progress, per stream.
    pub(super) planned: [Vec<ComponentIndex>; 2],
    pub(super) verdict: Verdict,
    durations: Durations,
    began: Instant,
    started_at: SystemTime,
}

impl<'j, 'l> Run<'j, 'l> {
    fn new(job: Job<'j>, listener: &'l mut dyn Listener, stop: Stop) -> Self {
        let size = job.oracle.components.len();
        let [a, b] = job.streams;
        let outside = !job.config.dry_run;
        let resumed = job.resumed.unwrap_or_default();
        let pool = job
            .config
            .jobs
            .and_then(|jobs| rayon::ThreadPoolBuilder::new().num_threads(jobs).build().ok());
        let mut run = Self {
            lanes: [Lane::new(STREAMS[0], a, size), Lane::new(STREAMS[1], b, size)],
            verdict: converge::judge(&resumed.state.history, &job.config.convergence),
            state: resumed.state,
            spent: resumed.progress.spent.clone(),
            journaled: resumed.progress,
            documentation: job.oracle.indices().map(undocumented).collect(),
            settled: std::iter::repeat_with(|| None).take(size).collect(),
            findings: None,
            answers: job.answers,
            memory: job.memory.filter(|_| outside),
            desk: job.desk.filter(|_| outside),
            publish: job.publish.filter(|_| outside),
            listener,
            stop,
            recording: Vec::new(),
            pool,
            planned: Default::default(),
            durations: Durations {
                analysis: job.analysis,
                ..Durations::default()
            },
            began: Instant::now(),
            started_at: SystemTime::now(),
            oracle: job.oracle,
            config: job.config,
        };
        for lane in &mut run.lanes {
            lane.take_up(&run.oracle, &run.state);
        }
        run
    }

    async fn drive(&mut self) -> Result<Outcome, RunError> {
        self.initialize().await?;
        loop {
            if self.has_plan() {
                self.begin_iteration().await?;
                self.document().await?;
            } else {
                self.restore().await?;
            }
            self.enter(Phase::Comparing)?;
            self.settle().await?;
            if !self.conclude().await? {
                break;
            }
        }
        self.durations.iterations = self.began.elapsed();
        let tickets = self.resolve().await?;
        self.enter(Phase::Finalizing)?;
        let outcome = self.outcome(tickets);
        if let Some(publish) = &mut self.publish {
            publish(&outcome).map_err(RunError::Publish)?;
        }
        self.enter(Phase::Completed)?;
        self.recorded().await?;
        Ok(outcome)
    }

    /// Takes the signatures that a resumed run will be reconciled by, and what people have answered so far.
    async fn initialize(&mut self) -> Result<(), RunError> {
        if self.memory.is_some() && self.state.signatures.is_empty() {
            let taken = signatures(&self.oracle, self.lanes.each_ref().map(Lane::facts));
            self.state.signatures = Arc::new(taken.clone());
            self.record(Record::SignaturesTaken(taken)).await?;
        }
        self.enter(Phase::Initializing)?;
        if let Some(desk) = &mut self.desk {
            self.answers.extend(desk.answers().map_err(RunError::Desk)?);
        }
        Ok(())
    }

    /// Goes over to another phase: it is recorded, a snapshot is taken, the listener hears of it. A phase is no
    /// result, so nothing waits until it is durable but the next that is one.
    pub(super) fn enter(&mut self, phase: Phase) -> Result<(), RunError> {
        self.state.phase = phase;
        let recording = self.memory.map(|memory| memory.record(Record::PhaseChanged(phase)));
        self.recording.extend(recording);
        self.listener.hear(&Event::PhaseStarted { phase });
        self.snapshot()
    }

    /// Journals something that has happened.
    pub(super) async fn record(&mut self, record: Record) -> Result<(), RunError> {
        let recording = self.memory.map(|memory| memory.record(record));
        self.recording.extend(recording);
        self.recorded().await
    }

    /// Waits until all that has been recorded is durable.
    async fn recorded(&mut self) -> Result<(), RunError> {
        for recording in self.recording.drain(..) {
            recording.await.map_err(RunError::Memory)?;
        }
        Ok(())
    }

    /// Saves the whole state, unless only the journal is wanted.
    pub(super) fn snapshot(&mut self) -> Result<(), RunError> {
        let Some(memory) = self.memory.filter(|_| self.config.checkpoints.auto) else {
            return Ok(());
        };
        let id = memory.snapshot(&self.state).map_err(RunError::Memory)?;
        self.listener.hear(&Event::CheckpointSaved { id });
        Ok(())
    }

    /// Saves what there is before the run ends without an outcome. The first error is the one that counts.
    async fn give_up(&mut self, error: RunError) -> RunError {
        let saved = match &error {
            RunError::Memory(_) => Ok(()),
            RunError::Stopped | RunError::OutOfBudget { .. } => self.snapshot(),
            _ => self.enter(Phase::Failed),
        };
        let saved = match (saved, &error) {
            (Ok(()), RunError::Memory(_)) => Ok(()),
            (Ok(()), _) => self.recorded().await,
            (failed, _) => failed,
        };
        if let Err(unsaved) = saved {
            let message = format!("The state could not be saved: {}.", root_of(&unsaved));
            self.listener.hear(&Event::Warning { message });
        }
        error
    }

    fn outcome(&mut self, tickets: Vec<Ticket>) -> Outcome {
        for (stream, lane) in self.lanes.iter_mut().enumerate() {
            if lane.documenter.witnesses_edges() {
                let told = &self.state.corrections[stream];
                lane.metrics.edges = edge_score(&self.oracle, &self.settled, stream, told);
            }
        }
        let mut documentation = std::mem::take(&mut self.documentation);
        for one in &mut documentation {
            let id = &self.oracle.component(one.component).id;
            let told = self.state.corrections.each_ref();
            let told = told.map(|told| told.get(id).map_or(&[][..], Vec::as_slice));
            if told.iter().any(|told| !told.is_empty()) {
                recall(&self.oracle, one, told);
            }
        }
        Outcome {
            run_id: self.memory.map(|memory| memory.run_id()),
            started_at: self.started_at,
            oracle: Arc::clone(&self.oracle),
            documentation,
            history: self.state.history.clone(),
            verdict: self.verdict.clone(),
            findings: self.findings.take().unwrap_or_default(),
            failures: self.state.failures.clone(),
            tickets,
            streams: self.lanes.each_ref().map(|lane| lane.metrics.clone()),
            spent: {
                let mut spent = self.state.spent.clone();
                add_up(&mut spent, &self.spent);
                spent
            },
            durations: Durations {
                total: self.durations.analysis + self.began.elapsed(),
                ..self.durations
            },
        }
    }

    /// Takes a stream's report into the run; returns why the run ends, if it does.
    pub(super) fn take_report(&mut self, stream: usize, report: Report) -> Option<RunError> {
        let lane = &mut self.lanes[stream];
        lane.metrics.calls += report.calls;
        if report.account.calls > 0 {
            lane.metrics.retries += report.account.usage.retries;
            let account = self.spent.entry(Role::Documenter(lane.stream)).or_default();
            account.add(&report.account);
        }
        self.planned[stream].retain(|component| !report.kept.contains(component));
        self.state.failures.extend(report.failures);
        let (component, reason) = match report.ended? {
            Ended::Stopped => return None,
            Ended::Failed(failure) => return Some(RunError::ComponentFailed(failure)),
            Ended::Memory(error) => return Some(RunError::Memory(error)),
            Ended::OutOfBudget(reason) => return Some(RunError::OutOfBudget { reason }),
            Ended::Dead(component, reason) => (component, reason),
        };
        lane.dead = Some(reason.clone());
        let (name, id) = (lane.metrics.name.clone(), lane.stream);
        if !self.config.allow_single_stream || self.lanes.iter().all(|l| l.dead.is_some()) {
            return Some(RunError::StreamEnded {
                stream: id,
                name,
                reason,
            });
        }
        self.state.failures.push(Failure {
            stream: id,
            component: self.oracle.component(component).id.clone(),
            iteration: self.state.iteration,
            reason: format!("{STREAM_ENDED}{reason}"),
        });
        let message = format!("Stream {name} ended for good, the other finishes alone: {reason}.");
        self.listener.hear(&Event::Warning { message });
        None
    }
}

/// Failures in an order that does not depend on which came first, each once.
pub(super) fn sort_failures(failures: &mut Vec<Failure>) {
    let key = |f: &Failure| -> (u32, Name, StreamId) { (f.iteration, f.component.clone(), f.stream) };
    failures.sort_by_cached_key(key);
    failures.dedup_by(|x, y| (x.stream, &x.component) == (y.stream, &y.component));
}

fn undocumented(component: ComponentIndex) -> Documentation {
    Documentation {
        component,
        claims: Vec::new(),
        dropped: Vec::new(),
        discrepancies: Vec::new(),
    }
}

fn root_of(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}
