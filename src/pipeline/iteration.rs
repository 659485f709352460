//! The steps of an iteration: plan, document, settle, conclude.
//!
//! The saved state is that of an iteration's start; [`Run::conclude`] moves it on to the next start. Embedded streams
//! save no drafts: what they said is made again, which takes no longer than reading it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::error::RunError;
use super::measure::measure;
use super::outlook::{Askable, Outlook};
use super::run::Run;
use super::schedule::{self, Ended, Shift};
use super::settling::{Bench, Piece, Worked};
use super::stop::Stop;
use crate::checkpoint::Record;
use crate::converge;
use crate::model::component::{ComponentIndex, Name};
use crate::model::events::{Event, Listener};
use crate::model::run::{ConvergenceStatus, Failure, Phase};

impl Run<'_, '_> {
    /// Whether there is something to describe: everything, what was planned at the end of the last iteration, or what
    /// a stream that died has left undone.
    pub(super) fn has_plan(&self) -> bool {
        let redo = self.state.redo.as_ref();
        redo.is_none_or(|redo| redo.iter().any(|names| !names.is_empty()))
            || (0..2).any(|stream| !self.missing(stream).is_empty())
    }

    /// Components without a draft that a stream could still describe; embedded streams keep no drafts to miss.
    fn missing(&self, stream: usize) -> Vec<ComponentIndex> {
        let lane = &self.lanes[stream];
        if lane.is_embedded() || lane.dead.is_some() {
            return Vec::new();
        }
        let failed = lane.failed(&self.state);
        self.oracle
            .indices()
            .filter(|c| lane.drafts[c.as_usize()].is_none())
            .filter(|&c| !failed.contains(&self.oracle.component(c).id))
            .collect()
    }

    /// Tries again what failed before.
    pub(super) fn forgive_failures(&mut self) {
        let failures = std::mem::take(&mut self.state.failures);
        let failures = failures
            .into_iter()
            .chain(self.journaled.failures.drain(..));
        for failure in failures {
            let stream = failure.stream as usize;
            let embedded = self.lanes[stream].is_embedded();
            if let Some(redo) = self.state.redo.as_mut().filter(|_| !embedded) {
                redo[stream].insert(failure.component);
            }
        }
    }

    /// Starts the iteration that was planned, or goes on with it where it was interrupted.
    pub(super) async fn begin_iteration(&mut self) -> Result<(), RunError> {
        let ended = self.state.history.last().map_or(0, |last| last.iteration);
        self.state.iteration = self.state.iteration.max(ended + 1);
        self.enter(Phase::Documenting).await?;
        if self.journaled.iteration == self.state.iteration {
            self.state.failures.append(&mut self.journaled.failures);
        }
        self.planned = [0, 1].map(|stream: usize| {
            let Some(redo) = &self.state.redo else {
                return self.oracle.indices().collect();
            };
            let named = redo[stream].iter().filter_map(|id| self.oracle.find(id));
            let planned: BTreeSet<_> = named.chain(self.missing(stream)).collect();
            planned.into_iter().collect()
        });
        Ok(())
    }

    /// Both streams describe what is planned, at the same time.
    pub(super) async fn document(&mut self) -> Result<(), RunError> {
        let reused = [0, 1].map(|stream| self.reuse_journaled(stream));
        let needs_all = self.settled.iter().any(Option::is_none);
        let todo = [0, 1].map(|stream| self.todo(stream, needs_all, &reused[stream]));
        self.listener.hear(&Event::IterationStarted {
            iteration: self.state.iteration,
            drafts: reused.iter().map(Vec::len).sum::<usize>()
                + todo.iter().map(Vec::len).sum::<usize>(),
        });
        for (stream, components) in reused.iter().enumerate() {
            for &component in components {
                let event = Event::ComponentFinished {
                    stream: self.lanes[stream].stream,
                    component: self.oracle.component(component).id.clone(),
                    elapsed: std::time::Duration::ZERO,
                    reused: true,
                    error: None,
                };
                self.listener.hear(&event);
            }
        }
        self.work(todo, true).await
    }

    /// Makes again what the embedded streams said, for everything that is not settled: a run that goes on after its
    /// last iteration has nothing to describe.
    pub(super) async fn restore(&mut self) -> Result<(), RunError> {
        self.planned = Default::default();
        let todo = [0, 1].map(|stream| {
            let embedded = self.lanes[stream].is_embedded();
            if embedded {
                self.todo(stream, true, &[])
            } else {
                Vec::new()
            }
        });
        self.work(todo, false).await
    }

    /// Makes again what the embedded streams said of some components, to settle them anew.
    pub(super) async fn settle_again(
        &mut self,
        components: &BTreeSet<ComponentIndex>,
    ) -> Result<(), RunError> {
        let todo = [0, 1].map(|stream| {
            let failed = self.lanes[stream].failed(&self.state);
            let again = |c: &&ComponentIndex| !failed.contains(&self.oracle.component(**c).id);
            match self.lanes[stream].is_embedded() {
                true => components.iter().filter(again).copied().collect(),
                false => Vec::new(),
            }
        });
        self.work(todo, false).await?;
        self.settle_these(components.iter().copied().collect())
            .await
    }

    /// Takes over the drafts that an interrupted iteration had journaled; returns their components.
    fn reuse_journaled(&mut self, stream: usize) -> Vec<ComponentIndex> {
        if self.journaled.iteration != self.state.iteration {
            return Vec::new();
        }
        let failed = self.lanes[stream].failed(&self.state);
        let drafts = std::mem::take(&mut self.journaled.drafts[stream]);
        let mut reused = Vec::new();
        for (id, draft) in drafts {
            if let Some(component) = self.oracle.find(&id).filter(|_| !failed.contains(&id)) {
                self.lanes[stream].drafts[component.as_usize()] = Some(Arc::new(draft));
                reused.push(component);
            }
        }
        self.lanes[stream].metrics.reused += reused.len() as u64;
        reused.sort_unstable();
        reused
    }

    /// What a stream has to describe. An embedded stream keeps no drafts, so it describes whatever will be settled.
    fn todo(
        &self,
        stream: usize,
        needs_all: bool,
        reused: &[ComponentIndex],
    ) -> Vec<ComponentIndex> {
        let lane = &self.lanes[stream];
        if lane.dead.is_some() {
            return Vec::new();
        }
        let failed = lane.failed(&self.state);
        let [own, other] = [stream, 1 - stream].map(|s| &self.planned[s]);
        let is_wanted = |component: &ComponentIndex| {
            let is_planned = own.binary_search(component).is_ok();
            if lane.is_embedded() {
                needs_all || is_planned || other.binary_search(component).is_ok()
            } else {
                let is_done = reused.binary_search(component).is_ok();
                let is_missing = lane.drafts[component.as_usize()].is_none();
                !is_done && (is_planned || is_missing)
            }
        };
        self.oracle
            .indices()
            .filter(is_wanted)
            .filter(|&c| failed.is_empty() || !failed.contains(&self.oracle.component(c).id))
            .collect()
    }

    /// Lets both streams work at the same time; the listener hears of it where it is told.
    async fn work(&mut self, todo: [Vec<ComponentIndex>; 2], told: bool) -> Result<(), RunError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let halt = Stop::new();
        let [events_a, events_b] = [(); 2].map(|()| told.then(|| sender.clone()));
        drop(sender);
        let [todo_a, todo_b] = todo;
        let Self {
            oracle,
            config,
            lanes: [a, b],
            state,
            settled,
            documentation,
            memory,
            listener,
            stop,
            ..
        } = self;
        let shift =
            |lane: &super::lane::Lane, todo, events: Option<UnboundedSender<Event>>| Shift {
                stream: lane.stream,
                documenter: Arc::clone(&lane.documenter),
                oracle,
                iteration: state.iteration,
                todo,
                told: &state.corrections[lane.stream as usize],
                settled,
                documentation,
                parallel: config.parallel_components,
                continue_on_error: config.continue_on_error,
                memory: *memory,
                events,
                stop,
                halt: &halt,
            };
        let (shift_a, shift_b) = (shift(a, todo_a, events_a), shift(b, todo_b, events_b));
        let (report_a, report_b, ()) = tokio::join!(
            schedule::document(shift_a, &mut a.drafts),
            schedule::document(shift_b, &mut b.drafts),
            pass_on(receiver, *listener),
        );
        let mut error = None;
        let stopped = [&report_a, &report_b].map(|r| matches!(r.ended, Some(Ended::Stopped)));
        for (stream, report) in [report_a, report_b].into_iter().enumerate() {
            let ended = self.take_report(stream, report);
            error = error.or(ended);
        }
        sort_failures(&mut self.state.failures);
        match error {
            Some(error) => Err(error),
            None if stopped.contains(&true) => Err(RunError::Stopped),
            None => Ok(()),
        }
    }

    /// Judges and settles what was described anew, or everything where nothing is settled yet.
    pub(super) async fn settle(&mut self) -> Result<(), RunError> {
        let anew = |c: &ComponentIndex| {
            self.settled[c.as_usize()].is_none()
                || self.planned.iter().any(|p| p.binary_search(c).is_ok())
        };
        let components = self.oracle.indices().filter(anew).collect();
        self.settle_these(components).await
    }

    async fn settle_these(&mut self, components: Vec<ComponentIndex>) -> Result<(), RunError> {
        let find = self.findings.is_none();
        if find && self.state.corrections.iter().any(|told| !told.is_empty()) {
            self.find_in_what_was_said_first().await?;
        }
        let find = self.findings.is_none();
        let pieces = self.hand_in(components);
        let places: Vec<ComponentIndex> = pieces.iter().map(|(component, _)| *component).collect();
        let worked = self.at_the_bench(pieces, find).await?;
        let mut findings = Vec::new();
        for (component, worked) in places.into_iter().zip(worked) {
            findings.extend(worked.findings);
            self.reject(component, worked.rejected).await?;
            self.documentation[component.as_usize()] = worked.documentation;
            self.settled[component.as_usize()] = Some(worked.settled);
        }
        sort_failures(&mut self.state.failures);
        if find {
            self.findings = Some(findings);
        }
        Ok(())
    }

    /// Looks for findings in what the docstrings said before they were corrected.
    async fn find_in_what_was_said_first(&mut self) -> Result<(), RunError> {
        let told = std::mem::take(&mut self.state.corrections);
        let drafts = [0, 1].map(|s: usize| std::mem::take(&mut self.lanes[s].drafts));
        for lane in &mut self.lanes {
            lane.drafts = vec![None; self.oracle.components.len()];
        }
        let todo = [0, 1].map(|stream| {
            let lane = &self.lanes[stream];
            let wanted = lane.is_docstring() && lane.is_embedded();
            if wanted {
                self.todo(stream, true, &[])
            } else {
                Vec::new()
            }
        });
        let all = todo.iter().flatten().copied().collect::<BTreeSet<_>>();
        let outcome = self.work(todo, false).await;
        let pieces = self.hand_in(all.into_iter().collect());
        self.state.corrections = told;
        for (lane, drafts) in self.lanes.iter_mut().zip(drafts) {
            lane.drafts = drafts;
        }
        outcome?;
        let worked = self.at_the_bench(pieces, true).await?;
        self.findings = Some(worked.into_iter().flat_map(|w| w.findings).collect());
        Ok(())
    }

    fn hand_in(&mut self, components: Vec<ComponentIndex>) -> Vec<Piece> {
        let [a, b] = &mut self.lanes;
        components
            .into_iter()
            .map(|component| (component, [a.hand_in(component), b.hand_in(component)]))
            .collect()
    }

    async fn at_the_bench(
        &mut self,
        pieces: Vec<Piece>,
        find: bool,
    ) -> Result<Vec<Worked>, RunError> {
        let bench = Bench {
            oracle: &self.oracle,
            witnesses: self.lanes.each_ref().map(|lane| lane.witness()),
            similarity_threshold: self.config.convergence.documentation_similarity_threshold,
            answers: &self.answers,
            find_in: self
                .lanes
                .each_ref()
                .map(|lane| find && lane.is_docstring()),
            pool: self.pool.as_ref(),
        };
        let worked = bench.settle(pieces, &self.stop).await;
        worked.ok_or(RunError::Stopped)
    }

    /// Takes in that a validator did not accept a draft: a failure like any other.
    async fn reject(
        &mut self,
        component: ComponentIndex,
        reasons: [Option<String>; 2],
    ) -> Result<(), RunError> {
        for (stream, reason) in reasons.into_iter().enumerate() {
            let Some(reason) = reason else { continue };
            let lane = &mut self.lanes[stream];
            lane.metrics.rejected += 1;
            lane.drafts[component.as_usize()] = None;
            let failure = Failure {
                stream: lane.stream,
                component: self.oracle.component(component).id.clone(),
                iteration: self.state.iteration,
                reason: format!("the validator rejected the draft: {reason}"),
            };
            if !self.lanes[stream].is_embedded() {
                self.record(Record::ComponentFailed(failure.clone()))
                    .await?;
            }
            self.state.failures.push(failure.clone());
            if !self.config.continue_on_error {
                return Err(RunError::ComponentFailed(failure));
            }
        }
        Ok(())
    }

    /// Ends the iteration: measures it, judges convergence, plans the next. Returns whether there is one.
    pub(super) async fn conclude(&mut self) -> Result<bool, RunError> {
        let (iteration, outlook) = (self.state.iteration, self.look_ahead());
        self.measure_and_judge(&outlook);
        let goes_on = matches!(
            self.verdict.status,
            ConvergenceStatus::InProgress | ConvergenceStatus::PartiallyConverged
        );
        let redo = outlook.redo(&self.oracle, &self.askable());
        let goes_on = goes_on && redo.iter().any(|names| !names.is_empty());
        let done = std::mem::take(&mut self.planned);
        for (lane, done) in self.lanes.iter().zip(&done) {
            lane.save(&self.oracle, &mut self.state, done);
        }
        self.state.redo = Some(if goes_on { redo } else { Default::default() });
        if goes_on {
            self.state.iteration = iteration + 1;
            outlook.tell(&self.oracle, &mut self.state);
        }
        if let Some(record) = self.state.history.last().cloned() {
            self.listener.hear(&Event::IterationFinished {
                record: Box::new(record),
                status: self.verdict.status,
            });
        }
        self.record_state().await?;
        Ok(goes_on)
    }

    /// Journals the state to go on from; its drafts have records of their own.
    async fn record_state(&mut self) -> Result<(), RunError> {
        if self.memory.is_none() {
            return Ok(());
        }
        let drafts = std::mem::take(&mut self.state.drafts);
        let record = Record::IterationEnded(Box::new(self.state.clone()));
        self.state.drafts = drafts;
        self.record(record).await?;
        self.snapshot()
    }

    pub(super) fn look_ahead(&mut self) -> Outlook {
        let askable = self.askable();
        Outlook::new(
            &self.oracle,
            &mut self.documentation,
            &self.settled,
            &askable,
            self.state.iteration,
            &mut self.state.trail,
        )
    }

    /// Measures the iteration and judges convergence; an iteration that is concluded again replaces its record.
    pub(super) fn measure_and_judge(&mut self, outlook: &Outlook) {
        let iteration = self.state.iteration;
        let before = self
            .state
            .history
            .pop_if(|last| last.iteration == iteration);
        let mut record = measure(
            &self.oracle,
            &self.documentation,
            &self.settled,
            &self.state.failures,
            outlook.corrections(),
            &self.config.convergence,
        );
        record.iteration = iteration;
        record.processed = before.map_or_else(|| self.processed(), |before| before.processed);
        self.state.history.push(record);
        self.verdict = converge::judge(&self.state.history, &self.config.convergence);
        if let Some(record) = self.state.history.last_mut() {
            record.status = Some(self.verdict.status);
        }
    }

    /// Components that each stream has described in this iteration.
    fn processed(&self) -> [u64; 2] {
        [0, 1].map(|stream: usize| {
            let lane = &self.lanes[stream];
            let failed = lane.failed(&self.state);
            let described = |c: &&ComponentIndex| !failed.contains(&self.oracle.component(**c).id);
            match lane.dead {
                None => self.planned[stream].iter().filter(described).count() as u64,
                Some(_) => 0,
            }
        })
    }

    fn askable(&self) -> [Askable; 2] {
        self.lanes.each_ref().map(|lane| Askable {
            alive: lane.dead.is_none(),
            failed: lane.failed(&self.state),
            embedded: lane.is_embedded(),
            uses_context: lane.documenter.uses_context(),
        })
    }
}

/// Passes events on to the listener until both streams are done.
async fn pass_on(mut events: UnboundedReceiver<Event>, listener: &mut dyn Listener) {
    while let Some(event) = events.recv().await {
        listener.hear(&event);
    }
}

/// Failures in an order that does not depend on which came first, each once.
fn sort_failures(failures: &mut Vec<Failure>) {
    let key = |f: &Failure| -> (u32, Name, crate::model::documentation::StreamId) {
        (f.iteration, f.component.clone(), f.stream)
    };
    failures.sort_by_cached_key(key);
    failures.dedup_by(|x, y| (x.stream, &x.component) == (y.stream, &y.component));
}
