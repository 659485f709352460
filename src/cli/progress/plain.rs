//! Lines where there is no terminal: a line per step, and one now and then while a step takes long.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::phase_name;
use crate::model::events::{Event, Listener};
use crate::model::run::Phase;
use crate::report::convergence::percent;
use crate::report::escape::{for_line, for_terminal};

/// Between two lines about one iteration.
const PAUSE: Duration = Duration::from_secs(5);

/// Writes a line to stderr; where that is closed, nobody is left to tell.
pub(super) fn line(text: &str) {
    _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The lines.
#[derive(Debug)]
pub(super) struct Plain {
    started: Instant,
    /// Nothing but warnings is said before so much time has passed; none: ever.
    patience: Option<Duration>,
    iteration: Iteration,
}

#[derive(Debug)]
struct Iteration {
    number: u32,
    started: Instant,
    spoken: Instant,
    done: usize,
    drafts: usize,
}

impl Plain {
    pub(super) fn new(patience: Duration) -> Self {
        let now = Instant::now();
        Self {
            started: now,
            patience: Some(patience),
            iteration: Iteration {
                number: 0,
                started: now,
                spoken: now,
                done: 0,
                drafts: 0,
            },
        }
    }

    pub(super) fn warnings_only() -> Self {
        Self {
            patience: None,
            ..Self::new(Duration::ZERO)
        }
    }

    fn say(&self, text: &str) {
        if self.patience.is_some_and(|patience| self.started.elapsed() >= patience) {
            line(&format!("[{:>6.1} s] {text}", self.started.elapsed().as_secs_f64()));
        }
    }

    fn draft_finished(&mut self) {
        self.iteration.done += 1;
        if self.iteration.spoken.elapsed() < PAUSE {
            return;
        }
        self.iteration.spoken = Instant::now();
        let (done, drafts) = (self.iteration.done, self.iteration.drafts);
        let left = left(self.iteration.started.elapsed(), done, drafts);
        self.say(&format!(
            "iteration {}: {done} of {drafts} drafts, about {} s left",
            self.iteration.number,
            left.as_secs()
        ));
    }
}

/// How long the rest takes if it goes on like this.
fn left(elapsed: Duration, done: usize, all: usize) -> Duration {
    let done = u32::try_from(done.max(1)).unwrap_or(u32::MAX);
    let rest = u32::try_from(all.saturating_sub(done as usize)).unwrap_or(u32::MAX);
    (elapsed / done).saturating_mul(rest)
}

impl Listener for Plain {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::PhaseStarted {
                phase: Phase::Documenting | Phase::Completed | Phase::Failed,
            }
            | Event::ComponentStarted { .. }
            | Event::CheckpointSaved { .. } => {}
            Event::PhaseStarted { phase } => self.say(phase_name(*phase)),
            Event::Analyzed {
                files,
                components,
                problems,
            } => self.say(&format!("{files} files, {components} components, {problems} problems")),
            Event::IterationStarted { iteration, drafts } => {
                let now = Instant::now();
                self.iteration = Iteration {
                    number: *iteration,
                    started: now,
                    spoken: now,
                    done: 0,
                    drafts: *drafts,
                };
                self.say(&format!("iteration {iteration}: {drafts} drafts"));
            }
            Event::ComponentFinished { component, error, .. } => {
                if let Some(error) = error {
                    line(&format!("failed {}: {}", for_line(component), for_line(error)));
                }
                self.draft_finished();
            }
            Event::IterationFinished { record, status } => self.say(&format!(
                "iteration {}: match {}, similarity {}, {} open; {}",
                record.iteration,
                percent(record.measures.call_graph_match),
                percent(record.measures.documentation_similarity),
                record.measures.open,
                crate::report::convergence::status_name(*status)
            )),
            Event::TicketOpened { id, component } => {
                self.say(&format!("ticket {id} for {}", for_line(component)));
            }
            Event::Warning { message } => line(&format!("warning: {}", for_terminal(message))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_was_done() {
        let second = Duration::from_secs(1);
        assert_eq!(left(second * 10, 5, 20), second * 30);
        assert_eq!(left(second, 0, 2), second);
        assert_eq!(left(second, 3, 2), Duration::ZERO);
    }
}
