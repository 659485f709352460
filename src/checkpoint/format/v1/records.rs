//! Version 1 of the journal's records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::claims::Draft;
use super::header::RunHeader;
use super::state::{Failure, RunState, from_drafts, to_drafts};
use super::usage::{
    Arbitration, CallId, Ledger, Receipt, Validation, from_arbitrations, from_ledger, from_validations,
    to_arbitrations, to_ledger, to_validations,
};
use super::words::{Phase, StreamId, Time, amount};
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::record::{Progress as ModelProgress, Record as ModelRecord, Restatement as ModelRestatement};
use crate::model::component::Name;
use crate::model::documentation::Draft as ModelDraft;
use crate::model::ticket::{Decision as ModelDecision, TicketAnswer as ModelTicketAnswer};
use crate::model::usage::Cost;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Record {
    PhaseChanged(Phase),
    SignaturesTaken(BTreeMap<Name, String>),
    CallStarted {
        call: CallId,
        at: Time,
        /// In dollars.
        #[serde(with = "amount")]
        at_most: Option<Cost>,
    },
    DraftFinished {
        stream: StreamId,
        iteration: u32,
        component: Name,
        draft: Draft,
        receipt: Receipt,
    },
    PartFinished {
        stream: StreamId,
        iteration: u32,
        component: Name,
        part: u32,
        draft: Draft,
        receipt: Receipt,
    },
    ValidationFinished {
        stream: StreamId,
        iteration: u32,
        component: Name,
        validation: Validation,
        receipt: Receipt,
    },
    ArbitrationFinished {
        iteration: u32,
        key: String,
        arbitration: Arbitration,
        receipt: Receipt,
    },
    CallFailed {
        call: CallId,
        reason: String,
        receipt: Receipt,
    },
    ComponentFailed {
        failure: Failure,
        receipt: Option<Receipt>,
    },
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
    #[expect(clippy::too_many_lines, reason = "one arm for each record, and nothing else")]
    pub(crate) fn from_model(model: &ModelRecord) -> Result<Self, CheckpointError> {
        Ok(match model {
            ModelRecord::PhaseChanged(phase) => Self::PhaseChanged((*phase).into()),
            ModelRecord::SignaturesTaken(signatures) => Self::SignaturesTaken(signatures.clone()),
            ModelRecord::CallStarted { call, at, at_most } => Self::CallStarted {
                call: call.into(),
                at: Time(*at),
                at_most: *at_most,
            },
            ModelRecord::DraftFinished {
                stream,
                iteration,
                component,
                draft,
                receipt,
            } => Self::DraftFinished {
                stream: (*stream).into(),
                iteration: *iteration,
                component: component.clone(),
                draft: draft.into(),
                receipt: receipt.into(),
            },
            ModelRecord::PartFinished {
                stream,
                iteration,
                component,
                part,
                draft,
                receipt,
            } => Self::PartFinished {
                stream: (*stream).into(),
                iteration: *iteration,
                component: component.clone(),
                part: *part,
                draft: draft.into(),
                receipt: receipt.into(),
            },
            ModelRecord::ValidationFinished {
                stream,
                iteration,
                component,
                validation,
                receipt,
            } => Self::ValidationFinished {
                stream: (*stream).into(),
                iteration: *iteration,
                component: component.clone(),
                validation: validation.into(),
                receipt: receipt.into(),
            },
            ModelRecord::ArbitrationFinished {
                iteration,
                key,
                arbitration,
                receipt,
            } => Self::ArbitrationFinished {
                iteration: *iteration,
                key: key.clone(),
                arbitration: arbitration.into(),
                receipt: receipt.into(),
            },
            ModelRecord::CallFailed { call, reason, receipt } => Self::CallFailed {
                call: call.into(),
                reason: reason.clone(),
                receipt: receipt.into(),
            },
            ModelRecord::ComponentFailed { failure, receipt } => Self::ComponentFailed {
                failure: failure.into(),
                receipt: receipt.as_ref().map(Into::into),
            },
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

    #[expect(clippy::too_many_lines, reason = "one arm for each record, and nothing else")]
    pub(crate) fn into_model(self) -> Result<ModelRecord, String> {
        Ok(match self {
            Self::PhaseChanged(phase) => ModelRecord::PhaseChanged(phase.into()),
            Self::SignaturesTaken(signatures) => ModelRecord::SignaturesTaken(signatures),
            Self::CallStarted { call, at, at_most } => ModelRecord::CallStarted {
                call: call.into(),
                at: at.0,
                at_most,
            },
            Self::DraftFinished {
                stream,
                iteration,
                component,
                draft,
                receipt,
            } => ModelRecord::DraftFinished {
                stream: stream.into(),
                iteration,
                component,
                draft: draft.into(),
                receipt: receipt.into(),
            },
            Self::PartFinished {
                stream,
                iteration,
                component,
                part,
                draft,
                receipt,
            } => ModelRecord::PartFinished {
                stream: stream.into(),
                iteration,
                component,
                part,
                draft: draft.into(),
                receipt: receipt.into(),
            },
            Self::ValidationFinished {
                stream,
                iteration,
                component,
                validation,
                receipt,
            } => ModelRecord::ValidationFinished {
                stream: stream.into(),
                iteration,
                component,
                validation: validation.into(),
                receipt: receipt.into(),
            },
            Self::ArbitrationFinished {
                iteration,
                key,
                arbitration,
                receipt,
            } => ModelRecord::ArbitrationFinished {
                iteration,
                key,
                arbitration: arbitration.into(),
                receipt: receipt.into(),
            },
            Self::CallFailed { call, reason, receipt } => ModelRecord::CallFailed {
                call: call.into(),
                reason,
                receipt: receipt.into(),
            },
            Self::ComponentFailed { failure, receipt } => ModelRecord::ComponentFailed {
                failure: failure.into(),
                receipt: receipt.map(Into::into),
            },
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
    parts: [BTreeMap<Name, BTreeMap<u32, Draft>>; 2],
    validations: [BTreeMap<Name, Validation>; 2],
    arbitrations: BTreeMap<String, Arbitration>,
    failures: Vec<Failure>,
    spent: Ledger,
    tickets: BTreeMap<String, String>,
    answers: BTreeMap<String, TicketAnswer>,
}

impl From<&ModelProgress> for Progress {
    fn from(model: &ModelProgress) -> Self {
        Self {
            iteration: model.iteration,
            drafts: model.drafts.each_ref().map(to_drafts),
            parts: model.parts.each_ref().map(|by_id| {
                let parts =
                    |parts: &BTreeMap<u32, ModelDraft>| parts.iter().map(|(&n, draft)| (n, draft.into())).collect();
                by_id.iter().map(|(id, all)| (id.clone(), parts(all))).collect()
            }),
            validations: model.validations.each_ref().map(to_validations),
            arbitrations: to_arbitrations(&model.arbitrations),
            failures: model.failures.iter().map(Into::into).collect(),
            spent: to_ledger(&model.spent),
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
            parts: form.parts.map(|by_id| {
                let parts =
                    |parts: BTreeMap<u32, Draft>| parts.into_iter().map(|(n, draft)| (n, draft.into())).collect();
                by_id.into_iter().map(|(id, all)| (id, parts(all))).collect()
            }),
            validations: form.validations.map(from_validations),
            arbitrations: from_arbitrations(form.arbitrations),
            failures: form.failures.into_iter().map(Into::into).collect(),
            spent: from_ledger(form.spent),
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
pub(crate) enum Decision {
    AcceptA,
    AcceptB,
    Merge(String),
    Neither(String),
}

impl From<&ModelDecision> for Decision {
    fn from(model: &ModelDecision) -> Self {
        match model {
            ModelDecision::AcceptA => Self::AcceptA,
            ModelDecision::AcceptB => Self::AcceptB,
            ModelDecision::Merge(text) => Self::Merge(text.clone()),
            ModelDecision::Neither(text) => Self::Neither(text.clone()),
        }
    }
}

impl From<Decision> for ModelDecision {
    fn from(form: Decision) -> Self {
        match form {
            Decision::AcceptA => Self::AcceptA,
            Decision::AcceptB => Self::AcceptB,
            Decision::Merge(text) => Self::Merge(text),
            Decision::Neither(text) => Self::Neither(text),
        }
    }
}

impl From<&ModelTicketAnswer> for TicketAnswer {
    fn from(model: &ModelTicketAnswer) -> Self {
        Self {
            decision: (&model.decision).into(),
            by: model.by.clone(),
            at: Time(model.at),
        }
    }
}

impl From<TicketAnswer> for ModelTicketAnswer {
    fn from(form: TicketAnswer) -> Self {
        Self {
            decision: form.decision.into(),
            by: form.by,
            at: form.at.0,
        }
    }
}
