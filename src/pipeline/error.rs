//! Why a run ended before its outcome. Each kind has its own exit code, so none is folded into another.

use crate::model::documentation::StreamId;
use crate::model::run::Failure;

use super::desk::DeskError;
use super::memory::MemoryError;

/// Why a run has no outcome; the text fits after "failed to ".
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Somebody asked it to stop; it can be resumed.
    #[error("finish the run: it was stopped")]
    Stopped,
    /// A component failed, and `continue_on_error` is off; it can be resumed.
    #[error("document {}: {}", .0.component, .0.reason)]
    ComponentFailed(Failure),
    /// A stream is dead for good, and `allow_single_stream` is off or the other is dead too; it can be resumed.
    #[error("use stream {} ({name}): {reason}", letter(*stream))]
    StreamEnded {
        /// Which stream.
        stream: StreamId,
        /// `docstring`, `code`, or `provider:model`.
        name: String,
        /// Why, as a fragment.
        reason: String,
    },
    /// The budget allows no further question to a model; it can be resumed.
    #[error("finish within the budget: {reason}")]
    OutOfBudget {
        /// Why, as a fragment.
        reason: String,
    },
    /// What has happened could not be saved.
    #[error("save the run")]
    Memory(#[source] MemoryError),
    /// Questions could not be put to people, or their answers not be read.
    #[error("handle the tickets")]
    Desk(#[source] DeskError),
    /// The outcome could not be published.
    #[error("write the package")]
    Publish(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn letter(stream: StreamId) -> char {
    match stream {
        StreamId::A => 'A',
        StreamId::B => 'B',
    }
}
