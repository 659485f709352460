//! Documenting: both streams describe what is planned, at the same time.
//!
//! An embedded stream keeps no drafts, so it also describes what only the other stream redoes; a stream that keeps
//! them describes what is planned and not yet journaled.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::error::RunError;
use super::lane::Lane;
use super::run::{Run, sort_failures};
use super::schedule::{self, Ended, Shift};
use super::stop::Stop;
use crate::model::component::ComponentIndex;
use crate::model::events::{Event, Listener};

impl Run<'_, '_> {
    /// Both streams describe what is planned, at the same time.
    pub(super) async fn document(&mut self) -> Result<(), RunError> {
        let reused = [0, 1].map(|stream| self.reuse_journaled(stream));
        let needs_all = self.settled.iter().any(Option::is_none);
        let todo = [0, 1].map(|stream| self.todo(stream, needs_all, &reused[stream]));
        self.listener.hear(&Event::IterationStarted {
            iteration: self.state.iteration,
            drafts: reused.iter().map(Vec::len).sum::<usize>() + todo.iter().map(Vec::len).sum::<usize>(),
        });
        for (stream, components) in reused.iter().enumerate() {
            for &component in components {
                let event = Event::ComponentFinished {
                    stream: self.lanes[stream].stream,
                    component: self.oracle.component(component).id.clone(),
                    elapsed: Duration::ZERO,
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
    pub(super) fn todo(&self, stream: usize, needs_all: bool, reused: &[ComponentIndex]) -> Vec<ComponentIndex> {
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
                !is_done && (is_planned || is_missing) && !self.is_left_out(stream, *component)
            }
        };
        self.oracle
            .indices()
            .filter(is_wanted)
            .filter(|&c| failed.is_empty() || !failed.contains(&self.oracle.component(c).id))
            .collect()
    }

    /// Lets both streams work at the same time; the listener hears of it where it is told.
    pub(super) async fn work(&mut self, todo: [Vec<ComponentIndex>; 2], told: bool) -> Result<(), RunError> {
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
        let shift = |lane: &Lane, todo, events: Option<UnboundedSender<Event>>| Shift {
            stream: lane.stream,
            documenter: Arc::clone(&lane.documenter),
            oracle,
            iteration: state.iteration,
            todo,
            told: &state.corrections[lane.stream as usize],
            doubts: &state.doubts[lane.stream as usize],
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
}

/// Passes events on to the listener until both streams are done.
async fn pass_on(mut events: UnboundedReceiver<Event>, listener: &mut dyn Listener) {
    while let Some(event) = events.recv().await {
        listener.hear(&event);
    }
}
