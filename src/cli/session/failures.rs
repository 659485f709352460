//! What goes wrong in the rooms, as failures of a command: kind, hints, and the command that goes on.

use std::error::Error;

use crate::checkpoint::CheckpointError;
use crate::cli::failure::{Failure, Kind};
use crate::cli::signals::Signals;
use crate::pipeline::RunError;
use crate::report::ReportError;
use crate::tickets::TicketError;

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        let kind = match error {
            CheckpointError::Locked { .. } => Kind::Locked,
            CheckpointError::Damaged { .. } | CheckpointError::TooNew { .. } | CheckpointError::Foreign { .. } => {
                Kind::Checkpoint
            }
            CheckpointError::Unsayable { .. } => Kind::Internal,
            _ => Kind::Usage,
        };
        Self::of(kind, &error).hint(error.hint())
    }
}

impl From<TicketError> for Failure {
    fn from(error: TicketError) -> Self {
        Self::of(Kind::Usage, &error).hint(error.hint())
    }
}

/// What a run that ended without an outcome means for the command.
pub(super) fn of_run(error: &RunError, signals: &Signals) -> Failure {
    match error {
        RunError::Stopped => Failure::new(
            signals.kind().unwrap_or(Kind::Interrupted),
            "a signal came; what was done is saved",
        ),
        RunError::ComponentFailed(_) => {
            Failure::of(Kind::Component, error).hint("without `continue_on_error = false` the others go on")
        }
        RunError::OutOfBudget { .. } => {
            Failure::of(Kind::Budget, error).hint("--max-cost and --max-calls set the limits; what was done is saved")
        }
        RunError::StreamEnded { .. } => {
            Failure::of(Kind::Stream, error).hint("--allow-single-stream lets the other stream finish alone")
        }
        RunError::Memory(cause) | RunError::Desk(cause) | RunError::Publish(cause) => {
            let mut failure = of_cause(&**cause).unwrap_or_else(|| Failure::of(Kind::Internal, error));
            if matches!(error, RunError::Publish(_)) && cause.is::<ReportError>() {
                failure = failure.hint("--output names another folder");
            }
            failure
        }
    }
}

/// A cause from one of our own rooms, as that room's failure.
fn of_cause(cause: &(dyn Error + Send + Sync + 'static)) -> Option<Failure> {
    if let Some(error) = cause.downcast_ref::<CheckpointError>() {
        return Some(error.clone().into());
    }
    if let Some(error) = cause.downcast_ref::<TicketError>() {
        return Some(error.clone().into());
    }
    cause
        .downcast_ref::<ReportError>()
        .map(|error| Failure::of(Kind::Usage, error))
}
