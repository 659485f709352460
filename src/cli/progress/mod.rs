//! Progress: listeners of a run's events that speak to stderr. One file per way of speaking.

mod bar;
mod json;
mod plain;

use std::time::Duration;

use super::context::{Context, ProgressMode};
use crate::model::events::{Listener, Silent};
use crate::model::run::Phase;

/// The listener that the flags ask for.
pub(crate) fn listener(context: &Context) -> Box<dyn Listener> {
    let quiet = context.verbosity == super::context::Verbosity::Quiet;
    match context.progress {
        ProgressMode::Bar => Box::new(bar::Bar::new(context.stderr_paint)),
        ProgressMode::Plain => Box::new(plain::Plain::new(Duration::ZERO)),
        ProgressMode::PlainIfLong => Box::new(plain::Plain::new(Duration::from_secs(3))),
        ProgressMode::Json => Box::new(json::Json),
        ProgressMode::Never if quiet => Box::new(Silent),
        ProgressMode::Never => Box::new(plain::Plain::warnings_only()),
    }
}

/// A sign of life while something without events is going on.
pub(crate) fn spinner(context: &Context, message: &str) -> Option<bar::Spinner> {
    (context.progress == ProgressMode::Bar).then(|| bar::Spinner::new(message))
}

/// What a phase is doing, as people read it.
fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::NotStarted => "not started",
        Phase::Initializing => "starting",
        Phase::Discovering => "analysing",
        Phase::Documenting => "documenting",
        Phase::Comparing => "comparing",
        Phase::Resolving => "resolving",
        Phase::Finalizing => "writing",
        Phase::Completed => "done",
        Phase::Failed => "failed",
    }
}
