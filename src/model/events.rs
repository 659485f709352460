//! Events: what a run tells its listeners, in order. Progress bars, JSON lines and tests listen to the same ones.

use std::time::Duration;

use super::component::Name;
use super::documentation::StreamId;
use super::run::{ConvergenceStatus, IterationRecord, Phase};

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The run is in another phase.
    PhaseStarted {
        /// The new phase.
        phase: Phase,
    },
    /// The source is analysed.
    Analyzed {
        /// Files read.
        files: usize,
        /// Components found.
        components: usize,
        /// Problems met.
        problems: usize,
    },
    /// An iteration begins.
    IterationStarted {
        /// From 1.
        iteration: u32,
        /// Drafts it will ask for, both streams together.
        drafts: usize,
    },
    /// A stream begins a component.
    ComponentStarted {
        /// Which stream.
        stream: StreamId,
        /// Id of the component.
        component: Name,
    },
    /// A stream has done a component.
    ComponentFinished {
        /// Which stream.
        stream: StreamId,
        /// Id of the component.
        component: Name,
        /// How long it took.
        elapsed: Duration,
        /// Whether the draft came from a checkpoint or an earlier run.
        reused: bool,
        /// Why it failed, if it did.
        error: Option<String>,
    },
    /// An iteration has ended.
    IterationFinished {
        /// What it did.
        record: Box<IterationRecord>,
        /// How far the streams have come together.
        status: ConvergenceStatus,
    },
    /// A checkpoint is on disk.
    CheckpointSaved {
        /// Its id.
        id: String,
    },
    /// A ticket was put to a person.
    TicketOpened {
        /// Its id.
        id: String,
        /// Id of the component.
        component: Name,
    },
    /// Something the user should know, that does not end the run.
    Warning {
        /// As a sentence.
        message: String,
    },
}

/// Whoever wants to hear of a run's events.
pub trait Listener: Send {
    /// Hears of one event.
    fn hear(&mut self, event: &Event);
}

impl<F: FnMut(&Event) + Send> Listener for F {
    fn hear(&mut self, event: &Event) {
        self(event);
    }
}

/// A listener that hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _event: &Event) {}
}
