//! The part of a ticket's row that is this program's own: `metadata.twinscribe`, schema 1.
//!
//! Trackers hand it back as they got it, at best, so it holds nothing they could change on the way: hashes are text.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::model::call_graph::CallType;
use crate::model::claim::{Subject, Value};
use crate::model::component::ParameterKind;
use crate::model::discrepancy::{DiscrepancyKind, KINDS, Severity};
use crate::model::facts::EffectKind;

/// The schema that is written and read.
pub(crate) const SCHEMA: u32 = 1;

/// `metadata.twinscribe`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) schema: u32,
    /// Label of the kind of discrepancy.
    pub(crate) kind: String,
    /// The discrepancy's key.
    pub(crate) discrepancy_id: String,
    pub(crate) component: String,
    pub(crate) run_id: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) scope: String,
    pub(crate) path: String,
    pub(crate) line: u32,
    pub(crate) subject: String,
    pub(crate) name: Option<String>,
    pub(crate) a: Json,
    pub(crate) b: Json,
    pub(crate) severity: String,
    pub(crate) facts: Vec<String>,
    pub(crate) source: String,
    /// In hex.
    pub(crate) source_hash: String,
    /// What this program has closed the ticket for, as long as nobody has answered.
    pub(crate) mark: Option<Mark>,
    /// When this program last put the question again; older comments are no answers to it.
    pub(crate) reopened_at: Option<String>,
    /// Who gave the answer of this hash through this program.
    pub(crate) answered: Option<Answered>,
    /// Which answer is in the documentation.
    pub(crate) applied: Option<Applied>,
    /// Hash of the answer that the person was told is unclear.
    pub(crate) asked_about: Option<String>,
}

/// Why this program closed a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    Expired,
    Withdrawn,
}

/// Who gave an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answered {
    pub(crate) by: String,
    pub(crate) answer_hash: String,
}

/// An answer that is in the documentation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applied {
    pub(crate) closed_at: String,
    pub(crate) answer_hash: String,
    pub(crate) at: String,
}

/// A subject as its label and name.
pub(crate) fn spell_subject(subject: &Subject) -> (String, Option<String>) {
    let name = match subject {
        Subject::Effect(kind) => Some(effect_word(*kind).to_owned()),
        Subject::Example(n) => Some(n.to_string()),
        other => other.name().map(str::to_owned),
    };
    (subject.label().to_owned(), name)
}

/// Reads a subject.
pub(crate) fn read_subject(label: &str, name: Option<&str>) -> Option<Subject> {
    let plain = [
        Subject::Summary,
        Subject::Description,
        Subject::ParameterOrder,
        Subject::Return,
        Subject::ReturnType,
        Subject::ReturnText,
        Subject::Yield,
        Subject::YieldType,
        Subject::YieldText,
    ];
    if let Some(subject) = plain.into_iter().find(|subject| subject.label() == label) {
        return Some(subject);
    }
    let name = name?;
    let named = [
        Subject::Parameter,
        Subject::ParameterKind,
        Subject::ParameterType,
        Subject::ParameterDefault,
        Subject::ParameterText,
        Subject::Raise,
        Subject::RaiseText,
        Subject::Attribute,
        Subject::AttributeType,
        Subject::AttributeText,
        Subject::Member,
        Subject::Callee,
        Subject::CalleeType,
        Subject::CalleeLines,
        Subject::Caller,
        Subject::Reference,
        Subject::Section,
    ];
    let named = named.into_iter().map(|make| make(name.into()));
    let effect = EFFECTS.iter().find(|(_, word)| *word == name);
    named
        .chain(effect.map(|(kind, _)| Subject::Effect(*kind)))
        .chain(name.parse().ok().map(Subject::Example))
        .find(|subject| subject.label() == label)
}

const EFFECTS: [(EffectKind, &str); 12] = [
    (EffectKind::CodeExecution, "code_execution"),
    (EffectKind::Process, "process"),
    (EffectKind::Deserialization, "deserialization"),
    (EffectKind::Cryptography, "cryptography"),
    (EffectKind::Network, "network"),
    (EffectKind::FileDeletion, "file_deletion"),
    (EffectKind::FileWrite, "file_write"),
    (EffectKind::FileRead, "file_read"),
    (EffectKind::Environment, "environment"),
    (EffectKind::Output, "output"),
    (EffectKind::GlobalState, "global_state"),
    (EffectKind::ArgumentMutation, "argument_mutation"),
];

fn effect_word(kind: EffectKind) -> &'static str {
    EFFECTS[kind as usize].1
}

/// A value as JSON: `null` for silence.
pub(crate) fn spell_value(value: Option<&Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Present) => json!("present"),
        Some(Value::Text(text)) => json!({ "text": text }),
        Some(Value::Kind(kind)) => json!({ "kind": kind.to_string() }),
        Some(Value::CallType(call_type)) => json!({ "call_type": call_type.to_string() }),
        Some(Value::Lines(lines)) => json!({ "lines": lines }),
        Some(Value::Names(names)) => json!({ "names": names }),
    }
}

/// Reads a value; the outer none is nonsense, the inner one silence.
pub(crate) fn read_value(json: &Json) -> Option<Option<Value>> {
    if json.is_null() {
        return Some(None);
    }
    if json == "present" {
        return Some(Some(Value::Present));
    }
    let (key, inner) = json.as_object()?.iter().next()?;
    let value = match key.as_str() {
        "text" => Value::text(inner.as_str()?),
        "kind" => Value::Kind(named(inner, &ParameterKind::ALL)?),
        "call_type" => Value::CallType(named(inner, &CALL_TYPES)?),
        "lines" => Value::Lines(
            inner
                .as_array()?
                .iter()
                .map(|n| n.as_u64().and_then(|n| u32::try_from(n).ok()))
                .collect::<Option<_>>()?,
        ),
        "names" => Value::Names(
            inner
                .as_array()?
                .iter()
                .map(|n| n.as_str().map(Into::into))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    };
    Some(Some(value))
}

const CALL_TYPES: [CallType; 3] = [CallType::Direct, CallType::Conditional, CallType::Loop];

fn named<T: Copy + std::fmt::Display>(word: &Json, all: &[T]) -> Option<T> {
    let word = word.as_str()?;
    all.iter().copied().find(|item| item.to_string() == word)
}

/// Reads a kind of discrepancy by its label.
pub(crate) fn read_kind(label: &str) -> Option<DiscrepancyKind> {
    KINDS.iter().map(|row| row.kind).find(|kind| kind.label() == label)
}

/// Reads a severity.
pub(crate) fn read_severity(word: &str) -> Option<Severity> {
    [Severity::Low, Severity::Medium, Severity::High, Severity::Critical]
        .into_iter()
        .find(|severity| severity.to_string() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_read_back() {
        let subjects = [
            Subject::Summary,
            Subject::YieldText,
            Subject::ParameterType("x".into()),
            Subject::CalleeLines("m.f".into()),
            Subject::Effect(EffectKind::ArgumentMutation),
            Subject::Example(3),
            Subject::Section("Notes".into()),
        ];
        for subject in subjects {
            let (label, name) = spell_subject(&subject);
            assert_eq!(read_subject(&label, name.as_deref()), Some(subject));
        }
        assert_eq!(read_subject("parameter", None), None);
        assert_eq!(read_subject("nonsense", Some("x")), None);
    }

    #[test]
    fn effects_are_listed_in_their_order() {
        for (n, (kind, _)) in EFFECTS.iter().enumerate() {
            assert_eq!(*kind as usize, n);
        }
    }

    #[test]
    fn values_are_read_back() {
        let values = [
            None,
            Some(Value::Present),
            Some(Value::text("int")),
            Some(Value::Kind(ParameterKind::VarKeyword)),
            Some(Value::CallType(CallType::Loop)),
            Some(Value::Lines(vec![1, 2])),
            Some(Value::Names(vec!["a".into()])),
        ];
        for value in values {
            assert_eq!(read_value(&spell_value(value.as_ref())), Some(value));
        }
        assert_eq!(read_value(&json!({ "lines": [-1] })), None);
        assert_eq!(read_value(&json!(3)), None);
    }
}
