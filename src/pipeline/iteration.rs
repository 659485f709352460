//! The start and the end of an iteration: what is planned, and what came of it.
//!
//! The saved state is that of an iteration's start; [`Run::conclude`] moves it on to the next start. Embedded streams
//! save no drafts: what they said is made again, which takes no longer than reading it.

use std::collections::BTreeSet;

use super::error::RunError;
use super::measure::measure;
use super::outlook::{Askable, Outlook};
use super::run::Run;
use crate::checkpoint::Record;
use crate::converge;
use crate::model::component::ComponentIndex;
use crate::model::events::Event;
use crate::model::run::{ConvergenceStatus, Phase};
use crate::model::usage::add_up;

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
            .filter(|&c| !failed.contains(&self.oracle.component(c).id) && !self.is_left_out(stream, c))
            .collect()
    }

    /// Whether a stream is not to be asked for a component that it has no draft of.
    pub(super) fn is_left_out(&self, stream: usize, component: ComponentIndex) -> bool {
        let lane = &self.lanes[stream];
        !lane.is_embedded()
            && lane.drafts[component.as_usize()].is_none()
            && self.state.trusted[stream].contains(&self.oracle.component(component).id)
    }

    /// Starts the iteration that was planned, or goes on with it where it was interrupted.
    pub(super) async fn begin_iteration(&mut self) -> Result<(), RunError> {
        let ended = self.state.history.last().map_or(0, |last| last.iteration);
        self.state.iteration = self.state.iteration.max(ended + 1);
        self.enter(Phase::Documenting)?;
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
        self.state.doubts = Default::default();
        add_up(&mut self.state.spent, &std::mem::take(&mut self.spent));
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
        let before = self.state.history.pop_if(|last| last.iteration == iteration);
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
            trusted: self.state.trusted[lane.stream as usize].clone(),
            embedded: lane.is_embedded(),
            uses_context: lane.documenter.uses_context(),
        })
    }
}
