//! The pipeline through the library, for tests that bring streams of their own.

use std::path::Path;
use std::sync::Arc;

use twinscribe::analysis;
use twinscribe::analysis::discover::{Options, discover};
use twinscribe::checkpoint::StreamFacts;
use twinscribe::config::Config;
use twinscribe::model::events::Silent;
use twinscribe::model::oracle::Oracle;
use twinscribe::model::run::Outcome;
use twinscribe::pipeline::{self, Job, RunError, Stop};
use twinscribe::streams::Documenter;

/// The facts of a repository.
pub(crate) fn oracle_of(repository: &Path) -> Arc<Oracle> {
    oracle_but(repository, &[])
}

/// The facts of a repository without some of its files.
pub(crate) fn oracle_but(repository: &Path, exclude: &[&str]) -> Arc<Oracle> {
    let options = Config::default().discovery;
    let options = Options {
        include: options.include,
        exclude: exclude.iter().map(|&glob| glob.to_owned()).collect(),
        max_file_bytes: options.max_file_bytes,
    };
    Arc::new(analysis::analyze(&discover(repository, &options).unwrap(), None))
}

/// A run that saves, asks and writes nothing.
pub(crate) fn run_in_memory(
    oracle: &Arc<Oracle>,
    streams: [Arc<dyn Documenter>; 2],
    config: Config,
) -> Result<Outcome, RunError> {
    run(Job::new(oracle.clone(), streams, config))
}

/// Runs a job to its end.
pub(crate) fn run(job: Job<'_>) -> Result<Outcome, RunError> {
    block_on(pipeline::run(job, &mut Silent, Stop::new()))
}

/// Waits for a future on a runtime of its own.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// What signatures have to know of two streams.
pub(crate) fn stream_facts(streams: &[Arc<dyn Documenter>; 2]) -> [StreamFacts<'_>; 2] {
    streams.each_ref().map(|stream| StreamFacts {
        name: stream.name(),
        version: stream.version(),
        uses_context: stream.uses_context(),
        is_embedded: stream.is_embedded(),
    })
}
