//! Version 1 of a run's state and what it is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::claims::{Correction, Draft};
use super::usage::{
    Arbitration, Ledger, Validation, from_arbitrations, from_ledger, from_validations, to_arbitrations, to_ledger,
    to_validations,
};
use super::words::{BlockingKind, ConvergenceStatus, Hash, Phase, Resolution, StreamId, discrepancy_kind, exact};
use crate::model::component::Name;
use crate::model::run::{
    Doubts as ModelDoubts, Failure as ModelFailure, IterationRecord as ModelIterationRecord, Measures as ModelMeasures,
    RunState as ModelRunState,
};

/// The state of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunState {
    phase: Phase,
    iteration: u32,
    drafts: [BTreeMap<Name, Draft>; 2],
    corrections: [BTreeMap<Name, Vec<Correction>>; 2],
    redo: Option<[BTreeSet<Name>; 2]>,
    failures: Vec<Failure>,
    history: Vec<IterationRecord>,
    trail: BTreeMap<Name, Vec<(u32, Hash)>>,
    signatures: Arc<BTreeMap<Name, String>>,
    doubts: [Doubts; 2],
    trusted: [BTreeSet<Name>; 2],
    validations: [BTreeMap<Name, Validation>; 2],
    arbitrations: BTreeMap<String, Arbitration>,
    spent: Ledger,
}

/// What is redone only if something it depends on comes out differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Doubts {
    components: BTreeSet<Name>,
    meanings: BTreeMap<Name, Hash>,
}

impl From<&ModelDoubts> for Doubts {
    fn from(model: &ModelDoubts) -> Self {
        Self {
            components: model.components.clone(),
            meanings: model.meanings.iter().map(|(id, &h)| (id.clone(), Hash(h))).collect(),
        }
    }
}

impl From<Doubts> for ModelDoubts {
    fn from(form: Doubts) -> Self {
        Self {
            components: form.components,
            meanings: form.meanings.into_iter().map(|(id, h)| (id, h.0)).collect(),
        }
    }
}

impl From<&ModelRunState> for RunState {
    fn from(model: &ModelRunState) -> Self {
        Self {
            drafts: model.drafts.each_ref().map(to_drafts),
            ..Self::without_drafts(model)
        }
    }
}

impl RunState {
    /// The state without its drafts, which the journal holds one by one.
    pub(crate) fn without_drafts(model: &ModelRunState) -> Self {
        Self {
            phase: model.phase.into(),
            iteration: model.iteration,
            drafts: Default::default(),
            corrections: model.corrections.each_ref().map(|by_component| {
                by_component
                    .iter()
                    .map(|(id, list)| (id.clone(), list.iter().map(Into::into).collect()))
                    .collect()
            }),
            redo: model.redo.clone(),
            failures: model.failures.iter().map(Into::into).collect(),
            history: model.history.iter().map(Into::into).collect(),
            trail: model
                .trail
                .iter()
                .map(|(id, steps)| (id.clone(), steps.iter().map(|&(n, h)| (n, Hash(h))).collect()))
                .collect(),
            signatures: model.signatures.clone(),
            doubts: model.doubts.each_ref().map(Into::into),
            trusted: model.trusted.clone(),
            validations: model.validations.each_ref().map(to_validations),
            arbitrations: to_arbitrations(&model.arbitrations),
            spent: to_ledger(&model.spent),
        }
    }
}

impl TryFrom<RunState> for ModelRunState {
    type Error = String;

    fn try_from(form: RunState) -> Result<Self, String> {
        Ok(Self {
            phase: form.phase.into(),
            iteration: form.iteration,
            drafts: form.drafts.map(from_drafts),
            corrections: form.corrections.map(|by_component| {
                by_component
                    .into_iter()
                    .map(|(id, list)| (id, list.into_iter().map(Into::into).collect()))
                    .collect()
            }),
            redo: form.redo,
            failures: form.failures.into_iter().map(Into::into).collect(),
            history: form
                .history
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            trail: form
                .trail
                .into_iter()
                .map(|(id, steps)| (id, steps.into_iter().map(|(n, h)| (n, h.0)).collect()))
                .collect(),
            signatures: form.signatures,
            doubts: form.doubts.map(Into::into),
            trusted: form.trusted,
            validations: form.validations.map(from_validations),
            arbitrations: from_arbitrations(form.arbitrations),
            spent: from_ledger(form.spent),
        })
    }
}

/// Drafts by component.
pub(crate) fn to_drafts(drafts: &BTreeMap<Name, crate::model::documentation::Draft>) -> BTreeMap<Name, Draft> {
    drafts.iter().map(|(id, draft)| (id.clone(), draft.into())).collect()
}

/// Drafts by component.
pub(crate) fn from_drafts(drafts: BTreeMap<Name, Draft>) -> BTreeMap<Name, crate::model::documentation::Draft> {
    drafts.into_iter().map(|(id, draft)| (id, draft.into())).collect()
}

/// A component that a stream could not document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    stream: StreamId,
    component: Name,
    iteration: u32,
    reason: String,
}

impl From<&ModelFailure> for Failure {
    fn from(model: &ModelFailure) -> Self {
        Self {
            stream: model.stream.into(),
            component: model.component.clone(),
            iteration: model.iteration,
            reason: model.reason.clone(),
        }
    }
}

impl From<Failure> for ModelFailure {
    fn from(form: Failure) -> Self {
        Self {
            stream: form.stream.into(),
            component: form.component,
            iteration: form.iteration,
            reason: form.reason,
        }
    }
}

/// What one iteration did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IterationRecord {
    iteration: u32,
    processed: [u64; 2],
    identical: u64,
    /// By the kind's label.
    discrepancies: BTreeMap<String, u64>,
    settled: BTreeMap<Resolution, u64>,
    refuted: [u64; 2],
    measures: Measures,
    status: Option<ConvergenceStatus>,
}

impl From<&ModelIterationRecord> for IterationRecord {
    fn from(model: &ModelIterationRecord) -> Self {
        Self {
            iteration: model.iteration,
            processed: model.processed,
            identical: model.identical,
            discrepancies: model.discrepancies.iter().map(|(kind, &n)| (kind.label(), n)).collect(),
            settled: model.settled.iter().map(|(&r, &n)| (r.into(), n)).collect(),
            refuted: model.refuted,
            measures: (&model.measures).into(),
            status: model.status.map(Into::into),
        }
    }
}

impl TryFrom<IterationRecord> for ModelIterationRecord {
    type Error = String;

    fn try_from(form: IterationRecord) -> Result<Self, String> {
        Ok(Self {
            iteration: form.iteration,
            processed: form.processed,
            identical: form.identical,
            discrepancies: form
                .discrepancies
                .into_iter()
                .map(|(label, n)| Ok((discrepancy_kind(&label)?, n)))
                .collect::<Result<_, String>>()?,
            settled: form.settled.into_iter().map(|(r, n)| (r.into(), n)).collect(),
            refuted: form.refuted,
            measures: form.measures.into(),
            status: form.status.map(Into::into),
        })
    }
}

/// The numbers a verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measures {
    #[serde(with = "exact")]
    call_graph_match: f64,
    #[serde(with = "exact")]
    documentation_similarity: f64,
    open: u64,
    blocking: BTreeMap<BlockingKind, u64>,
    corrections: u64,
    failed: u64,
    components: u64,
    unvalidated: u64,
}

impl From<&ModelMeasures> for Measures {
    fn from(model: &ModelMeasures) -> Self {
        Self {
            call_graph_match: model.call_graph_match,
            documentation_similarity: model.documentation_similarity,
            open: model.open,
            blocking: model.blocking.iter().map(|(&k, &n)| (k.into(), n)).collect(),
            corrections: model.corrections,
            failed: model.failed,
            components: model.components,
            unvalidated: model.unvalidated,
        }
    }
}

impl From<Measures> for ModelMeasures {
    fn from(form: Measures) -> Self {
        Self {
            call_graph_match: form.call_graph_match,
            documentation_similarity: form.documentation_similarity,
            open: form.open,
            blocking: form.blocking.into_iter().map(|(k, n)| (k.into(), n)).collect(),
            corrections: form.corrections,
            failed: form.failed,
            components: form.components,
            unvalidated: form.unvalidated,
        }
    }
}
