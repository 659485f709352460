//! Progress: what there is to show of a run, made from its events.
//!
//! [`Progress`] hears every event with the moment it came and keeps counts; it draws nothing and reads no clock.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::model::component::Name;
use crate::model::documentation::StreamId;
use crate::model::events::Event;
use crate::model::run::{ConvergenceStatus, Phase};

/// A component that is being described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// Which stream describes it.
    pub stream: StreamId,
    /// Its id.
    pub component: Name,
    /// When that began.
    pub since: Instant,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// When it began.
    pub started: Instant,
    /// The phase.
    pub phase: Phase,
    /// How far the streams have come together.
    pub status: ConvergenceStatus,
    /// The iteration, from 1; 0 before the first.
    pub iteration: u32,
    /// Components of the repository.
    pub components: usize,
    /// Drafts this iteration asks for, both streams together.
    pub total: usize,
    /// Drafts of this iteration that are done, failed ones included.
    pub processed: usize,
    /// Those of them that came from a checkpoint.
    pub reused: usize,
    /// Components that failed, in the whole run.
    pub failed: usize,
    /// Components without an open difference or correction, at the end of the last iteration at the earliest.
    pub converged: u64,
    /// Discrepancies that nothing has settled, at the end of the last iteration.
    pub pending: u64,
    /// Tickets opened.
    pub tickets: usize,
    /// The latest warning.
    pub warning: Option<String>,
    iteration_started: Option<Instant>,
    in_flight: BTreeMap<(StreamId, Name), Instant>,
}

impl Progress {
    /// The progress of a run that has just begun.
    pub fn new(now: Instant) -> Self {
        Self {
            started: now,
            phase: Phase::NotStarted,
            status: ConvergenceStatus::NotStarted,
            iteration: 0,
            components: 0,
            total: 0,
            processed: 0,
            reused: 0,
            failed: 0,
            converged: 0,
            pending: 0,
            tickets: 0,
            warning: None,
            iteration_started: None,
            in_flight: BTreeMap::new(),
        }
    }

    /// Takes in an event that came at `now`.
    pub fn hear(&mut self, event: &Event, now: Instant) {
        match event {
            Event::PhaseStarted { phase } => self.phase = *phase,
            Event::Analyzed { components, .. } => self.components = *components,
            Event::IterationStarted { iteration, drafts } => {
                self.iteration = *iteration;
                (self.total, self.processed, self.reused) = (*drafts, 0, 0);
                self.iteration_started = Some(now);
                self.in_flight.clear();
            }
            Event::ComponentStarted { stream, component } => {
                self.in_flight.insert((*stream, component.clone()), now);
            }
            Event::ComponentFinished {
                stream,
                component,
                reused,
                error,
                ..
            } => {
                self.in_flight.remove(&(*stream, component.clone()));
                self.processed += 1;
                self.reused += usize::from(*reused);
                self.failed += usize::from(error.is_some());
            }
            Event::IterationFinished { record, status } => {
                self.status = *status;
                self.pending = record.measures.open;
                self.failed = usize::try_from(record.measures.failed).unwrap_or(usize::MAX);
                let unfinished = record.measures.open + record.measures.corrections;
                self.converged = record.measures.components.saturating_sub(unfinished);
            }
            Event::TicketOpened { .. } => self.tickets += 1,
            Event::Warning { message } => self.warning = Some(message.clone()),
            Event::CheckpointSaved { .. } => {}
        }
    }

    /// The component that has been worked on for longest.
    pub fn current(&self) -> Option<Current> {
        let oldest = self.in_flight.iter().min_by_key(|(_, since)| **since)?;
        let ((stream, component), since) = oldest;
        Some(Current {
            stream: *stream,
            component: component.clone(),
            since: *since,
        })
    }

    /// Drafts made per second in this iteration; those taken from a checkpoint do not count.
    #[expect(clippy::cast_precision_loss, reason = "numbers of components stay far below 2^53")]
    pub fn throughput(&self, now: Instant) -> Option<f64> {
        let elapsed = now.saturating_duration_since(self.iteration_started?);
        let made = self.processed - self.reused;
        (made > 0 && !elapsed.is_zero()).then(|| made as f64 / elapsed.as_secs_f64())
    }

    /// Estimate of what remains of this iteration.
    #[expect(clippy::cast_precision_loss, reason = "numbers of components stay far below 2^53")]
    pub fn remaining(&self, now: Instant) -> Option<Duration> {
        let left = self.total.saturating_sub(self.processed) as f64;
        Duration::try_from_secs_f64(left / self.throughput(now)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::{IterationRecord, Measures};

    fn finished(component: &str, reused: bool, error: Option<&str>) -> Event {
        Event::ComponentFinished {
            stream: StreamId::A,
            component: component.into(),
            elapsed: Duration::ZERO,
            reused,
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn events_become_figures() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut progress = Progress::new(began);
        let started = |component: &str| Event::ComponentStarted {
            stream: StreamId::A,
            component: component.into(),
        };
        progress.hear(
            &Event::PhaseStarted {
                phase: Phase::Documenting,
            },
            at(0),
        );
        let iteration = Event::IterationStarted {
            iteration: 1,
            drafts: 12,
        };
        progress.hear(&iteration, at(10));
        progress.hear(&finished("m.x", true, None), at(10));
        for (second, component) in [(11, "m.a"), (12, "m.b"), (13, "m.c")] {
            progress.hear(&started(component), at(second));
        }
        progress.hear(&finished("m.a", false, None), at(14));
        progress.hear(&finished("m.b", false, Some("no words")), at(14));
        assert_eq!((progress.total, progress.processed, progress.failed), (12, 3, 1));
        assert_eq!(progress.current().map(|c| c.component), Some("m.c".into()));
        assert_eq!(progress.throughput(at(14)), Some(0.5));
        assert_eq!(progress.remaining(at(14)), Some(Duration::from_secs(18)));
        let record = IterationRecord {
            measures: Measures {
                components: 6,
                open: 2,
                ..Measures::default()
            },
            ..IterationRecord::default()
        };
        let end = Event::IterationFinished {
            record: Box::new(record),
            status: ConvergenceStatus::Converged,
        };
        progress.hear(&end, at(15));
        assert_eq!((progress.converged, progress.pending), (4, 2));
    }
}
