//! Version 1 of the journal's records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::claims::Draft;
use super::header::RunHeader;
use super::state::{Failure, RunState, from_drafts, to_drafts};
use super::words::{Phase, Span, StreamId, Time};
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::record::{Progress as ModelProgress, Record as ModelRecord, Restatement as ModelRestatement};
use crate::model::component::Name;
use crate::model::ticket::{Decision as ModelDecision, TicketAnswer as ModelTicketAnswer};

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Record {
    PhaseChanged(Phase),
    SignaturesTaken(BTreeMap<Name, String>),
    CallStarted {
        stream: StreamId,
        iteration: u32,
        component: Name,
        at: Time,
    },
    DraftFinished {
        stream: StreamId,
        iteration: u32,
        component: Name,
        draft: Draft,
        took: Span,
    },
    ComponentFailed(Failure),
    IterationEnded(Box<RunState>),
    TicketOpened {
        id: String,
        key: String,
    },
    AnswerApplied {
        key: String,
        answer: TicketAnswer,
    },
    HeaderChanged(Box<RunHeader>),
    Restated {
        state: Box<RunState>,
        progress: Box<Progress>,
    },
    Finished,
}

impl Record {
    pub(crate) fn from_model(model: &ModelRecord) -> Result<Self, CheckpointError> {
        Ok(match model {
            ModelRecord::PhaseChanged(phase) => Self::PhaseChanged((*phase).into()),
            ModelRecord::SignaturesTaken(signatures) => Self::SignaturesTaken(signatures.clone()),
            ModelRecord::CallStarted {
                stream,
                iteration,
                component,
                at,
            } => Self::CallStarted {
                stream: (*stream).into(),
                iteration: *iteration,
                component: component.clone(),
                at: Time(*at),
            },
            ModelRecord::DraftFinished {
                stream,
                iteration,
                component,
                draft,
                took,
            } => Self::DraftFinished {
                stream: (*stream).into(),
                iteration: *iteration,
                component: component.clone(),
                draft: draft.into(),
                took: (*took).into(),
            },
            ModelRecord::ComponentFailed(failure) => Self::ComponentFailed(failure.into()),
            ModelRecord::IterationEnded(state) => Self::IterationEnded(Box::new(RunState::without_drafts(state))),
            ModelRecord::TicketOpened { id, key } => Self::TicketOpened {
                id: id.clone(),
                key: key.clone(),
            },
            ModelRecord::AnswerApplied { key, answer } => Self::AnswerApplied {
                key: key.clone(),
                answer: answer.into(),
            },
            ModelRecord::HeaderChanged(header) => Self::HeaderChanged(Box::new(RunHeader::from_model(header)?)),
            ModelRecord::Restated(restatement) => Self::Restated {
                state: Box::new((&restatement.state).into()),
                progress: Box::new((&restatement.progress).into()),
            },
            ModelRecord::Finished => Self::Finished,
        })
    }

    pub(crate) fn into_model(self) -> Result<ModelRecord, String> {
        Ok(match self {
            Self::PhaseChanged(phase) => ModelRecord::PhaseChanged(phase.into()),
            Self::SignaturesTaken(signatures) => ModelRecord::SignaturesTaken(signatures),
            Self::CallStarted {
                stream,
                iteration,
                component,
                at,
            } => ModelRecord::CallStarted {
                stream: stream.into(),
                iteration,
                component,
                at: at.0,
            },
            Self::DraftFinished {
                stream,
                iteration,
                component,
                draft,
                took,
            } => ModelRecord::DraftFinished {
                stream: stream.into(),
                iteration,
                component,
                draft: draft.into(),
                took: took.into(),
            },
            Self::ComponentFailed(failure) => ModelRecord::ComponentFailed(failure.into()),
            Self::IterationEnded(state) => ModelRecord::IterationEnded(Box::new((*state).try_into()?)),
            Self::TicketOpened { id, key } => ModelRecord::TicketOpened { id, key },
            Self::AnswerApplied { key, answer } => ModelRecord::AnswerApplied {
                key,
                answer: answer.into(),
            },
            Self::HeaderChanged(header) => ModelRecord::HeaderChanged(Box::new(header.into_model()?)),
            Self::Restated { state, progress } => ModelRecord::Restated(Box::new(ModelRestatement {
                state: (*state).try_into()?,
                progress: (*progress).into(),
            })),
            Self::Finished => ModelRecord::Finished,
        })
    }
}

/// Results of the iteration in progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    iteration: u32,
    drafts: [BTreeMap<Name, Draft>; 2],
    failures: Vec<Failure>,
    tickets: BTreeMap<String, String>,
    answers: BTreeMap<String, TicketAnswer>,
}

impl From<&ModelProgress> for Progress {
    fn from(model: &ModelProgress) -> Self {
        Self {
            iteration: model.iteration,
            drafts: model.drafts.each_ref().map(to_drafts),
            failures: model.failures.iter().map(Into::into).collect(),
            tickets: model.tickets.clone(),
            answers: model
                .answers
                .iter()
                .map(|(key, answer)| (key.clone(), answer.into()))
                .collect(),
        }
    }
}

impl From<Progress> for ModelProgress {
    fn from(form: Progress) -> Self {
        Self {
            iteration: form.iteration,
            drafts: form.drafts.map(from_drafts),
            failures: form.failures.into_iter().map(Into::into).collect(),
            tickets: form.tickets,
            answers: form
                .answers
                .into_iter()
                .map(|(key, answer)| (key, answer.into()))
                .collect(),
        }
    }
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketAnswer {
    decision: Decision,
    by: String,
    at: Time,
}

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    AcceptA,
    AcceptB,
    Merge(String),
    Neither(String),
}

impl From<&ModelTicketAnswer> for TicketAnswer {
    fn from(model: &ModelTicketAnswer) -> Self {
        Self {
            decision: match &model.decision {
                ModelDecision::AcceptA => Decision::AcceptA,
                ModelDecision::AcceptB => Decision::AcceptB,
                ModelDecision::Merge(text) => Decision::Merge(text.clone()),
                ModelDecision::Neither(text) => Decision::Neither(text.clone()),
            },
            by: model.by.clone(),
            at: Time(model.at),
        }
    }
}

impl From<TicketAnswer> for ModelTicketAnswer {
    fn from(form: TicketAnswer) -> Self {
        Self {
            decision: match form.decision {
                Decision::AcceptA => ModelDecision::AcceptA,
                Decision::AcceptB => ModelDecision::AcceptB,
                Decision::Merge(text) => ModelDecision::Merge(text),
                Decision::Neither(text) => ModelDecision::Neither(text),
            },
            by: form.by,
            at: form.at.0,
        }
    }
}
