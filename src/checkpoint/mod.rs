//! What is recorded of a run, in its smallest form.

use std::collections::BTreeMap;

use crate::model::component::Name;
use crate::model::documentation::{Draft, StreamId};
use crate::model::oracle::Oracle;
use crate::model::run::{Failure, Phase, RunState};
use crate::model::ticket::TicketAnswer;

/// Something that has happened in a run and must not be lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The run is in another phase.
    PhaseChanged(Phase),
    /// Signatures of all components, taken after the analysis.
    SignaturesTaken(BTreeMap<Name, String>),
    /// A stream has described a component.
    DraftFinished {
        /// Which stream.
        stream: StreamId,
        /// The iteration, from 1.
        iteration: u32,
        /// Id of the component that was asked for.
        component: Name,
        /// What it says.
        draft: Draft,
    },
    /// A stream could not describe a component.
    ComponentFailed(Failure),
    /// An iteration has ended; the state to go on from.
    IterationEnded(Box<RunState>),
    /// A ticket was put to a person.
    TicketOpened {
        /// The ticket's id.
        id: String,
        /// The discrepancy's key.
        key: String,
    },
    /// A person's answer is in the documentation.
    AnswerApplied {
        /// The discrepancy's key.
        key: String,
        /// The answer.
        answer: TicketAnswer,
    },
}

/// The state to go on from, and what the iteration in progress has done so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restatement {
    /// The state at the start of the iteration in progress.
    pub state: RunState,
    /// What that iteration has done so far.
    pub progress: Progress,
}

/// Results that are in the journal and not yet in a [`RunState`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The iteration they belong to; 0 where there is none.
    pub iteration: u32,
    /// Drafts per stream, by the id of the component that was asked for.
    pub drafts: [BTreeMap<Name, Draft>; 2],
    /// Failures.
    pub failures: Vec<Failure>,
    /// Tickets opened in the whole run: id by discrepancy key.
    pub tickets: BTreeMap<String, String>,
    /// Answers applied in the whole run, by discrepancy key.
    pub answers: BTreeMap<String, TicketAnswer>,
}

/// Why nothing could be saved.
#[derive(Debug, thiserror::Error)]
#[error("save the run")]
pub struct CheckpointError;

/// A run that may write.
#[derive(Debug)]
pub struct RunWriter;

impl RunWriter {
    /// The run's id.
    pub fn run_id(&self) -> String {
        String::new()
    }

    /// Saves a record.
    pub async fn record(&self, _record: Record) -> Result<(), CheckpointError> {
        Ok(())
    }

    /// Saves a snapshot.
    pub fn snapshot(&self, _state: &RunState) -> Result<String, CheckpointError> {
        Ok(String::new())
    }
}

/// The signature of every component, by id.
pub fn signatures(oracle: &Oracle, _versions: [&str; 2]) -> BTreeMap<Name, String> {
    oracle
        .components
        .iter()
        .map(|c| (c.id.clone(), format!("{:016x}", c.source_hash)))
        .collect()
}
