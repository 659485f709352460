//! A file per command. Each turns its flags into settings, calls the rooms through [`super::session`], and prints.

pub(crate) mod analyze;
pub(crate) mod check;
pub(crate) mod checkpoints;
pub(crate) mod completions;
mod conclude;
pub(crate) mod doctor;
pub(crate) mod document;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod runs;
pub(crate) mod tickets;

use std::path::{Path, PathBuf};

use super::args::history::Place;
use super::context::Context;
use super::failure::Failure;
use super::progress;
use super::session::{self, Order, Start};
use crate::config::{Config, Layer};
use crate::llm::Reach;
use crate::model::run::Outcome;

/// What a run that starts afresh comes to; with a dry run's options nothing is written.
fn outcome_in_memory(repository: &Path, config: &Config, context: &Context) -> Result<Outcome, Failure> {
    let order = Order {
        repository,
        config,
        start: Start::Afresh,
        reach: Reach::default(),
    };
    session::run(order, &mut *progress::listener(context))
}

/// The folder of checkpoints, history and tickets that the flags and the configuration here mean.
fn history_folder(place: &Place, context: &Context) -> Result<PathBuf, Failure> {
    Ok(history_settings(place, context)?.checkpoints.dir)
}

/// The options that the flags and the configuration here mean.
fn history_settings(place: &Place, context: &Context) -> Result<Config, Failure> {
    let flags = Layer {
        checkpoint_dir: place.checkpoint_dir.clone(),
        ..Layer::default()
    };
    let settings = context.settings(Some(Path::new(".")), flags)?;
    Ok(settings.run)
}

/// Prints a value as JSON.
fn print_json(value: &impl serde::Serialize, context: &Context) -> Result<(), Failure> {
    context.print(|out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
}
