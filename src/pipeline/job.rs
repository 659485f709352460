//! What a run is given.

use std::sync::Arc;
use std::time::Duration;

use super::desk::Desk;
use super::memory::Memory;
use crate::checkpoint::Restatement;
use crate::compare::settle::Answers;
use crate::config::Config;
use crate::model::oracle::Oracle;
use crate::model::run::Outcome;
use crate::streams::Documenter;

/// Writes the package, in the phase for it.
pub type Publish<'a> = Box<dyn FnMut(&Outcome) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + 'a>;

/// Everything that a run needs.
pub struct Job<'a> {
    /// The facts.
    pub oracle: Arc<Oracle>,
    /// How long it took to find them.
    pub analysis: Duration,
    /// The streams, A first.
    pub streams: [Arc<dyn Documenter>; 2],
    /// The options.
    pub config: Config,
    /// What people have answered, beside what the desk knows.
    pub answers: Answers,
    /// What was saved of the run, where it is resumed; already reconciled with the repository.
    pub resumed: Option<Restatement>,
    /// Where results are saved; a dry run uses none.
    pub memory: Option<&'a dyn Memory>,
    /// Where questions go; a dry run uses none.
    pub desk: Option<&'a mut dyn Desk>,
    /// What writes the package; a dry run writes none.
    pub publish: Option<Publish<'a>>,
}

impl<'a> Job<'a> {
    /// A job with no past and no outlets: nothing is saved, asked or written.
    pub fn new(oracle: Arc<Oracle>, streams: [Arc<dyn Documenter>; 2], config: Config) -> Self {
        Self {
            oracle,
            analysis: Duration::ZERO,
            streams,
            config,
            answers: Answers::new(),
            resumed: None,
            memory: None,
            desk: None,
            publish: None,
        }
    }

    /// The same job, saved to `memory`.
    #[must_use]
    pub fn saved_to(mut self, memory: &'a dyn Memory) -> Self {
        self.memory = Some(memory);
        self
    }

    /// The same job, going on from what was saved.
    #[must_use]
    pub fn resuming(mut self, saved: Restatement) -> Self {
        self.resumed = Some(saved);
        self
    }

    /// The same job, with its questions put to `desk`.
    #[must_use]
    pub fn asking(mut self, desk: &'a mut dyn Desk) -> Self {
        self.desk = Some(desk);
        self
    }
}
