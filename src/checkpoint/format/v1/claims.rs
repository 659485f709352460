//! Version 1 of drafts, claims and corrections.

use serde::{Deserialize, Serialize};

use super::words::{CallType, EffectKind, ParameterKind, exact};
use crate::model::claim::{Claim as ModelClaim, Subject as ModelSubject, Value as ModelValue};
use crate::model::component::Name;
use crate::model::documentation::{Correction as ModelCorrection, Draft as ModelDraft};

macro_rules! subjects {
    (plain { $( $plain:ident = $plain_word:literal ),* $(,)? } named { $( $named:ident = $named_word:literal ),* $(,)? }) => {
        /// What a claim is about.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(crate) enum Subject {
            $( #[serde(rename = $plain_word)] $plain, )*
            $( #[serde(rename = $named_word)] $named(Name), )*
            #[serde(rename = "effect")] Effect(EffectKind),
            #[serde(rename = "example")] Example(u32),
        }

        #[cfg(test)]
        impl Subject {
            /// All subjects, those with a name about `name`, one for each kind of effect.
            pub(crate) fn all(name: &Name) -> Vec<ModelSubject> {
                let mut all = vec![
                    $( ModelSubject::$plain, )*
                    $( ModelSubject::$named(name.clone()), )*
                    ModelSubject::Example(3),
                ];
                all.extend(EffectKind::ALL.iter().map(|&kind| ModelSubject::Effect(kind)));
                all
            }
        }

        impl From<&ModelSubject> for Subject {
            fn from(model: &ModelSubject) -> Self {
                match model {
                    $( ModelSubject::$plain => Self::$plain, )*
                    $( ModelSubject::$named(name) => Self::$named(name.clone()), )*
                    ModelSubject::Effect(kind) => Self::Effect((*kind).into()),
                    ModelSubject::Example(n) => Self::Example(*n),
                }
            }
        }

        impl From<Subject> for ModelSubject {
            fn from(form: Subject) -> Self {
                match form {
                    $( Subject::$plain => Self::$plain, )*
                    $( Subject::$named(name) => Self::$named(name), )*
                    Subject::Effect(kind) => Self::Effect(kind.into()),
                    Subject::Example(n) => Self::Example(n),
                }
            }
        }
    };
}

subjects! {
    plain {
        Summary = "summary", Description = "description", ParameterOrder = "parameter_order", Return = "return",
        ReturnType = "return_type", ReturnText = "return_text", Yield = "yield", YieldType = "yield_type",
        YieldText = "yield_text",
    }
    named {
        Parameter = "parameter", ParameterKind = "parameter_kind", ParameterType = "parameter_type",
        ParameterDefault = "parameter_default", ParameterText = "parameter_text", Raise = "raise",
        RaiseText = "raise_text", Attribute = "attribute", AttributeType = "attribute_type",
        AttributeText = "attribute_text", Member = "member", Callee = "callee", CalleeType = "callee_type",
        CalleeLines = "callee_lines", Caller = "caller", Reference = "reference", Section = "section",
    }
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    Present,
    Text(Name),
    Kind(ParameterKind),
    CallType(CallType),
    Lines(Vec<u32>),
    Names(Vec<Name>),
}

impl From<&ModelValue> for Value {
    fn from(model: &ModelValue) -> Self {
        match model {
            ModelValue::Present => Self::Present,
            ModelValue::Text(text) => Self::Text(text.clone()),
            ModelValue::Kind(kind) => Self::Kind((*kind).into()),
            ModelValue::CallType(call_type) => Self::CallType((*call_type).into()),
            ModelValue::Lines(lines) => Self::Lines(lines.clone()),
            ModelValue::Names(names) => Self::Names(names.clone()),
        }
    }
}

impl From<Value> for ModelValue {
    fn from(form: Value) -> Self {
        match form {
            Value::Present => Self::Present,
            Value::Text(text) => Self::Text(text),
            Value::Kind(kind) => Self::Kind(kind.into()),
            Value::CallType(call_type) => Self::CallType(call_type.into()),
            Value::Lines(lines) => Self::Lines(lines),
            Value::Names(names) => Self::Names(names),
        }
    }
}

/// One statement of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    subject: Subject,
    value: Value,
    #[serde(with = "exact")]
    confidence: f32,
    line: Option<u32>,
    derived: bool,
}

impl From<&ModelClaim> for Claim {
    fn from(model: &ModelClaim) -> Self {
        Self {
            subject: (&model.subject).into(),
            value: (&model.value).into(),
            confidence: model.confidence,
            line: model.line,
            derived: model.derived,
        }
    }
}

impl From<Claim> for ModelClaim {
    fn from(form: Claim) -> Self {
        Self {
            subject: form.subject.into(),
            value: form.value.into(),
            confidence: form.confidence,
            line: form.line,
            derived: form.derived,
        }
    }
}

/// What one stream says of one component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    component: Name,
    claims: Vec<Claim>,
    repeated: Vec<Claim>,
}

impl From<&ModelDraft> for Draft {
    fn from(model: &ModelDraft) -> Self {
        Self {
            component: model.component.clone(),
            claims: model.claims.iter().map(Into::into).collect(),
            repeated: model.repeated.iter().map(Into::into).collect(),
        }
    }
}

impl From<Draft> for ModelDraft {
    fn from(form: Draft) -> Self {
        Self {
            component: form.component,
            claims: form.claims.into_iter().map(Into::into).collect(),
            repeated: form.repeated.into_iter().map(Into::into).collect(),
        }
    }
}

/// What a stream is told about a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    subject: Subject,
    said: Option<Value>,
    truth: Option<Value>,
    reason: String,
}

impl From<&ModelCorrection> for Correction {
    fn from(model: &ModelCorrection) -> Self {
        Self {
            subject: (&model.subject).into(),
            said: model.said.as_ref().map(Into::into),
            truth: model.truth.as_ref().map(Into::into),
            reason: model.reason.clone(),
        }
    }
}

impl From<Correction> for ModelCorrection {
    fn from(form: Correction) -> Self {
        Self {
            subject: form.subject.into(),
            said: form.said.map(Into::into),
            truth: form.truth.map(Into::into),
            reason: form.reason,
        }
    }
}
