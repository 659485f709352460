//! A bar on a terminal, with the time that is left.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::phase_name;
use crate::model::events::{Event, Listener};
use crate::model::run::Phase;
use crate::report::escape::{for_line, for_terminal};
use crate::report::paint::Paint;

const DRAFTS: &str = "{prefix:>12} [{bar:30}] {human_pos}/{human_len} drafts, {eta} left  {wide_msg}";
const STEP: &str = "{prefix:>12} {spinner} {elapsed}  {wide_msg}";
const TICK: Duration = Duration::from_millis(120);

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

/// The bar.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    paint: Paint,
}

impl Bar {
    pub(super) fn new(paint: Paint) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(STEP));
        bar.enable_steady_tick(TICK);
        Self { bar, paint }
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| super::plain::line(text));
    }
}

impl Listener for Bar {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::PhaseStarted {
                phase: Phase::Completed | Phase::Failed,
            } => {
                self.bar.finish_and_clear();
            }
            Event::PhaseStarted { phase } => {
                self.bar.set_prefix(phase_name(*phase));
                self.bar.set_message("");
                if *phase != Phase::Documenting {
                    self.bar.set_style(style(STEP));
                }
            }
            Event::Analyzed { files, components, .. } => {
                self.bar.set_message(format!("{files} files, {components} components"));
            }
            Event::IterationStarted { iteration, drafts } => {
                self.bar.reset();
                self.bar.set_length(*drafts as u64);
                self.bar.set_style(style(DRAFTS));
                self.bar.set_prefix(format!("iteration {iteration}"));
            }
            Event::ComponentStarted { component, .. } => {
                self.bar.set_message(for_line(component).into_owned());
            }
            Event::ComponentFinished { component, error, .. } => {
                self.bar.inc(1);
                if let Some(error) = error {
                    let label = self.paint.warning("failed");
                    self.say(&format!("{label} {}: {}", for_line(component), for_line(error)));
                }
            }
            Event::IterationFinished { .. } => self.bar.set_message(""),
            Event::CheckpointSaved { id } => self.bar.set_message(format!("saved {id}")),
            Event::TicketOpened { id, component } => {
                self.bar.set_message(format!("ticket {id} for {}", for_line(component)));
            }
            Event::Warning { message } => {
                let label = self.paint.warning("warning");
                self.say(&format!("{label}: {}", for_terminal(message)));
            }
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A spinner for one step, gone when dropped.
#[derive(Debug)]
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(super) fn new(message: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style(STEP));
        bar.set_prefix(message.to_owned());
        bar.enable_steady_tick(TICK);
        Self(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
