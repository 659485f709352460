//! Memory: what a run has done survives its process, and can be taken up again.
//!
//! [`CheckpointStore`] is a folder of runs; each has a journal (every result, durable before it counts), snapshots
//! (the whole state, now and then) and its place in history. [`RunWriter`] adds to a run, [`Recovered`] is what is
//! found of one, [`reconcile()`] fits it to the repository as it is now.

mod album;
mod calls;
mod disk;
mod envelope;
mod error;
mod export;
mod format;
mod id;
mod journal;
mod lock;
mod reconcile;
mod record;
mod recover;
mod signature;
mod snapshot;
mod store;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use calls::{Call, CallEnd};
pub use error::CheckpointError;
pub use lock::RunLock;
pub use reconcile::{Doubt, Mode, Plan, Reason, StreamFacts, StreamPlan, reconcile};
pub use record::{Progress, Record, Restatement, RunCounts, RunHeader, RunRecord, RunResults, RunStatus, Session};
pub use recover::Recovered;
pub use signature::signatures;
pub use snapshot::{CheckpointSummary, Health};
pub use store::{CheckpointStore, Runs};
pub use verify::Verification;
pub use writer::RunWriter;
