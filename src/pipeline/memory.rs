//! The seam to memory: what a run journals and when it takes snapshots.
//!
//! A result counts only once it is recorded, so a crash costs at most what was in flight. A dry run has no memory.

use std::future::Future;
use std::pin::Pin;

use crate::checkpoint::{CheckpointError, Record, RunWriter};
use crate::model::run::RunState;

/// Why nothing could be saved.
pub type MemoryError = Box<dyn std::error::Error + Send + Sync>;

/// A record on its way to durability.
pub type Saving<'a> = Pin<Box<dyn Future<Output = Result<(), MemoryError>> + Send + 'a>>;

/// Keeps what a run has done.
pub trait Memory: Send + Sync {
    /// The run's id.
    fn run_id(&self) -> String;

    /// Saves a record; when the future is done it is durable. Records are saved in the order of the calls, so once
    /// one is durable, all before it are.
    fn record(&self, record: Record) -> Saving<'_>;

    /// Saves the whole state as of the start of the iteration in progress, or sees to it that it is saved soon, and
    /// returns the snapshot's id.
    fn snapshot(&self, state: &RunState) -> Result<String, MemoryError>;
}

impl Memory for RunWriter {
    fn run_id(&self) -> String {
        RunWriter::run_id(self)
    }

    fn record(&self, record: Record) -> Saving<'_> {
        // Handed over at once: what is recorded later is durable later.
        let saving = RunWriter::record(self, record);
        Box::pin(async move { saving.await.map_err(CheckpointError::into) })
    }

    fn snapshot(&self, state: &RunState) -> Result<String, MemoryError> {
        RunWriter::snapshot_soon(self, state).map_err(CheckpointError::into)
    }
}
