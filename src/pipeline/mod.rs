//! The pipeline: one run, from facts to outcome.
//!
//! [`run()`] is the page to read first. It drives both streams at once, settles what they say, judges convergence and
//! repeats until the verdict ends it; it owns the run's state. What it needs of the outside comes in through seams:
//! [`Memory`] keeps what has happened, a [`Desk`] takes questions to people, a listener hears of everything.

mod comparing;
mod desk;
mod documenting;
mod error;
mod iteration;
mod job;
mod lane;
mod measure;
mod memory;
mod outlook;
mod people;
mod progress;
mod recall;
mod run;
mod schedule;
mod settling;
mod stop;
#[cfg(test)]
mod tests;

pub use desk::{Desk, DeskError};
pub use error::RunError;
pub use job::{Job, Publish};
pub use memory::{Memory, MemoryError, Saving};
pub use progress::{Current, Progress};
pub use run::run;
pub use stop::Stop;
