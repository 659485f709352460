//! The form of `documentation.json`, version 1. Its schema is `schemas/documentation.schema.json`.

use serde::{Serialize, Serializer};

use crate::model::call_graph::{CallType, EdgeKind};
use crate::model::claim::{Value, Verdict};
use crate::model::component::ComponentKind;
use crate::model::discrepancy::{BlockingKind, Severity};
use crate::model::documentation::{Resolution, StreamId};
use crate::model::facts::EffectKind;

/// Who the streams are.
#[derive(Debug, Serialize)]
pub struct StreamNames<'a> {
    /// Stream A.
    pub a: &'a str,
    /// Stream B.
    pub b: &'a str,
}

/// A value as JSON: `true` for "it is so", text, a list of lines or names.
#[derive(Debug, Clone, Copy)]
pub struct WireValue<'a>(pub &'a Value);

impl Serialize for WireValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Present => serializer.serialize_bool(true),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Kind(kind) => kind.serialize(serializer),
            Value::CallType(call_type) => call_type.serialize(serializer),
            Value::Lines(lines) => lines.serialize(serializer),
            Value::Names(names) => names.serialize(serializer),
        }
    }
}

/// Where something is shown.
#[derive(Debug, Serialize)]
pub struct Evidence<'a> {
    /// POSIX path relative to the repository.
    pub path: &'a str,
    /// Line, counted from 1.
    pub line: u32,
}

/// One documented value with all that is known of it.
#[derive(Debug, Serialize)]
pub struct Said<'a> {
    /// What it says.
    pub value: WireValue<'a>,
    /// The streams that say it; none where it is a fact that neither states.
    pub said_by: Vec<StreamId>,
    /// What settled it; null while it is open.
    pub resolution: Option<Resolution>,
    /// What the code says of it.
    pub verdict: Verdict,
    /// From 0 to 1.
    pub confidence: f32,
    /// Whether it was derived from the code.
    pub derived: bool,
    /// What shows it.
    pub evidence: Vec<Evidence<'a>>,
}

/// A component with its documentation.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Component<'a> {
    pub id: &'a str,
    pub qualname: &'a str,
    pub module: &'a str,
    pub path: &'a str,
    pub kind: ComponentKind,
    pub line: u32,
    pub end_line: u32,
    pub public: bool,
    #[serde(rename = "async")]
    pub is_async: bool,
    pub generator: bool,
    pub signature: String,
    pub decorators: Vec<&'a str>,
    pub bases: Vec<&'a str>,
    pub settled: bool,
    pub failed: bool,
    pub summary: Option<Said<'a>>,
    pub description: Option<Said<'a>>,
    pub parameters: Vec<Parameter<'a>>,
    pub parameter_order: Option<Said<'a>>,
    pub returns: Option<Outflow<'a>>,
    pub yields: Option<Outflow<'a>>,
    pub raises: Vec<Raise<'a>>,
    pub attributes: Vec<Attribute<'a>>,
    pub examples: Vec<Example<'a>>,
    pub members: Vec<Member<'a>>,
    pub calls: Vec<Call<'a>>,
    pub external_calls: Vec<ExternalCall<'a>>,
    pub callers: Vec<Caller<'a>>,
    pub effects: Vec<Effect<'a>>,
    pub references: Vec<Reference<'a>>,
    pub sections: Vec<Section<'a>>,
    pub dropped: Vec<Dropped<'a>>,
    pub discrepancies: Vec<Discrepancy<'a>>,
}

/// A parameter.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Parameter<'a> {
    pub name: &'a str,
    pub presence: Option<Said<'a>>,
    pub kind: Option<Said<'a>>,
    #[serde(rename = "type")]
    pub type_: Option<Said<'a>>,
    pub default: Option<Said<'a>>,
    pub description: Option<Said<'a>>,
}

/// What is returned or yielded.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Outflow<'a> {
    pub presence: Option<Said<'a>>,
    #[serde(rename = "type")]
    pub type_: Option<Said<'a>>,
    pub description: Option<Said<'a>>,
}

/// An exception.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Raise<'a> {
    pub exception: &'a str,
    pub presence: Option<Said<'a>>,
    pub description: Option<Said<'a>>,
    pub origins: Vec<RaiseOrigin<'a>>,
}

/// Where the code raises it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct RaiseOrigin<'a> {
    pub line: u32,
    pub escapes_from: Option<&'a str>,
    pub condition: Option<&'a str>,
    pub message: Option<&'a str>,
}

/// An attribute.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Attribute<'a> {
    pub name: &'a str,
    pub presence: Option<Said<'a>>,
    #[serde(rename = "type")]
    pub type_: Option<Said<'a>>,
    pub description: Option<Said<'a>>,
}

/// An example.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Example<'a> {
    pub number: u32,
    pub text: Said<'a>,
}

/// A component defined in this one.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Member<'a> {
    pub id: &'a str,
    pub presence: Option<Said<'a>>,
}

/// A call to a component of the repository. Without a presence it is a possibility that the code leaves open.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Call<'a> {
    pub callee: &'a str,
    pub certain: bool,
    pub kind: Option<EdgeKind>,
    pub call_type: Option<CallType>,
    pub lines: Vec<u32>,
    pub presence: Option<Said<'a>>,
}

/// A call that leaves the repository.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct ExternalCall<'a> {
    pub target: &'a str,
    pub lines: &'a [u32],
}

/// A component that calls this one.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Caller<'a> {
    pub caller: &'a str,
    pub certain: bool,
    pub path: Option<&'a str>,
    pub lines: Vec<u32>,
    pub presence: Option<Said<'a>>,
}

/// What it does to the world.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Effect<'a> {
    pub kind: EffectKind,
    pub security_relevant: bool,
    pub detail: Said<'a>,
}

/// Something the text mentions.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Reference<'a> {
    pub name: &'a str,
    pub presence: Said<'a>,
}

/// Another section of the author's.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Section<'a> {
    pub title: &'a str,
    pub text: Said<'a>,
}

/// A claim that is not in the documentation, and why.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Dropped<'a> {
    pub stream: StreamId,
    pub subject: &'static str,
    pub name: Option<&'a str>,
    pub value: WireValue<'a>,
    pub line: Option<u32>,
    pub reason: &'a str,
}

/// Where the streams differed.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the schema documents each field, and these are their names")]
pub struct Discrepancy<'a> {
    pub key: &'a str,
    pub kind: String,
    pub subject: &'static str,
    pub name: Option<&'a str>,
    pub a: Option<WireValue<'a>>,
    pub b: Option<WireValue<'a>>,
    pub severity: Severity,
    pub resolution: Option<Resolution>,
    pub blocking: Option<BlockingKind>,
    pub similarity: f32,
    pub reason: &'a str,
}
