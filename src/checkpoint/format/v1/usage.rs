//! Version 1 of calls: who was asked, what it took and cost, what validators and arbiters said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::claims::Correction;
use super::records::Decision;
use super::words::{Hash, Role, Span, exact};
use crate::model::component::Name;
use crate::model::usage::{
    Account as ModelAccount, Arbitration as ModelArbitration, CallId as ModelCallId, Cost, Ledger as ModelLedger,
    Objection as ModelObjection, Receipt as ModelReceipt, Usage as ModelUsage, Validation as ModelValidation,
};

/// Which question was put to whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallId {
    role: Role,
    component: Name,
    iteration: u32,
    part: Option<u32>,
    discrepancy: Option<String>,
}

impl From<&ModelCallId> for CallId {
    fn from(model: &ModelCallId) -> Self {
        Self {
            role: model.role.into(),
            component: model.component.clone(),
            iteration: model.iteration,
            part: model.part,
            discrepancy: model.discrepancy.clone(),
        }
    }
}

impl From<CallId> for ModelCallId {
    fn from(form: CallId) -> Self {
        Self {
            role: form.role.into(),
            component: form.component,
            iteration: form.iteration,
            part: form.part,
            discrepancy: form.discrepancy,
        }
    }
}

/// What was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Usage {
    attempts: u64,
    retries: u64,
    input: u64,
    output: u64,
    cached: u64,
    cache_write: u64,
    /// In dollars.
    #[serde(with = "exact")]
    cost: Cost,
    unpriced: u64,
}

impl From<ModelUsage> for Usage {
    fn from(model: ModelUsage) -> Self {
        Self {
            attempts: model.attempts,
            retries: model.retries,
            input: model.input,
            output: model.output,
            cached: model.cached,
            cache_write: model.cache_write,
            cost: model.cost,
            unpriced: model.unpriced,
        }
    }
}

impl From<Usage> for ModelUsage {
    fn from(form: Usage) -> Self {
        Self {
            attempts: form.attempts,
            retries: form.retries,
            input: form.input,
            output: form.output,
            cached: form.cached,
            cache_write: form.cache_write,
            cost: form.cost,
            unpriced: form.unpriced,
        }
    }
}

/// What one call took and cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
    took: Span,
    usage: Usage,
    model: Option<String>,
    prompt: Option<String>,
    response: Option<String>,
}

impl From<&ModelReceipt> for Receipt {
    fn from(model: &ModelReceipt) -> Self {
        Self {
            took: model.took.into(),
            usage: model.usage.into(),
            model: model.model.clone(),
            prompt: model.prompt.clone(),
            response: model.response.clone(),
        }
    }
}

impl From<Receipt> for ModelReceipt {
    fn from(form: Receipt) -> Self {
        Self {
            took: form.took.into(),
            usage: form.usage.into(),
            model: form.model,
            prompt: form.prompt,
            response: form.response,
        }
    }
}

/// What the calls of one role have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    calls: u64,
    failed: u64,
    usage: Usage,
}

/// What the calls of every role have come to.
pub(crate) type Ledger = BTreeMap<Role, Account>;

pub(crate) fn to_ledger(model: &ModelLedger) -> Ledger {
    let account = |a: &ModelAccount| Account {
        calls: a.calls,
        failed: a.failed,
        usage: a.usage.into(),
    };
    model.iter().map(|(&role, a)| (role.into(), account(a))).collect()
}

pub(crate) fn from_ledger(form: Ledger) -> ModelLedger {
    let account = |a: Account| ModelAccount {
        calls: a.calls,
        failed: a.failed,
        usage: a.usage.into(),
    };
    form.into_iter().map(|(role, a)| (role.into(), account(a))).collect()
}

/// What a validator says of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Validation {
    draft: Hash,
    rejected: Option<String>,
    objections: Vec<Objection>,
}

/// What a validator has against a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Objection {
    correction: Correction,
    #[serde(with = "exact")]
    confidence: f32,
}

impl From<&ModelValidation> for Validation {
    fn from(model: &ModelValidation) -> Self {
        let objection = |o: &ModelObjection| Objection {
            correction: (&o.correction).into(),
            confidence: o.confidence,
        };
        Self {
            draft: Hash(model.draft),
            rejected: model.rejected.clone(),
            objections: model.objections.iter().map(objection).collect(),
        }
    }
}

impl From<Validation> for ModelValidation {
    fn from(form: Validation) -> Self {
        let objection = |o: Objection| ModelObjection {
            correction: o.correction.into(),
            confidence: o.confidence,
        };
        Self {
            draft: form.draft.0,
            rejected: form.rejected,
            objections: form.objections.into_iter().map(objection).collect(),
        }
    }
}

/// Validations by component.
pub(crate) fn to_validations(by_id: &BTreeMap<Name, ModelValidation>) -> BTreeMap<Name, Validation> {
    by_id.iter().map(|(id, v)| (id.clone(), v.into())).collect()
}

/// Validations by component.
pub(crate) fn from_validations(by_id: BTreeMap<Name, Validation>) -> BTreeMap<Name, ModelValidation> {
    by_id.into_iter().map(|(id, v)| (id, v.into())).collect()
}

/// What an arbiter has decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arbitration {
    component: Name,
    decision: Decision,
    rationale: String,
    #[serde(with = "exact")]
    confidence: f32,
}

impl From<&ModelArbitration> for Arbitration {
    fn from(model: &ModelArbitration) -> Self {
        Self {
            component: model.component.clone(),
            decision: (&model.decision).into(),
            rationale: model.rationale.clone(),
            confidence: model.confidence,
        }
    }
}

impl From<Arbitration> for ModelArbitration {
    fn from(form: Arbitration) -> Self {
        Self {
            component: form.component,
            decision: form.decision.into(),
            rationale: form.rationale,
            confidence: form.confidence,
        }
    }
}

/// Arbitrations by discrepancy.
pub(crate) fn to_arbitrations(by_key: &BTreeMap<String, ModelArbitration>) -> BTreeMap<String, Arbitration> {
    by_key.iter().map(|(key, a)| (key.clone(), a.into())).collect()
}

/// Arbitrations by discrepancy.
pub(crate) fn from_arbitrations(by_key: BTreeMap<String, Arbitration>) -> BTreeMap<String, ModelArbitration> {
    by_key.into_iter().map(|(key, a)| (key, a.into())).collect()
}
