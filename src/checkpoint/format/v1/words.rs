//! The closed sets of words of version 1, and the forms of numbers, times and paths.
//!
//! Each set is spelled out here rather than taken from the model, so that renaming a variant there changes no file,
//! and adding one there does not compile until its word is chosen here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::checkpoint::record::RunStatus as ModelRunStatus;
use crate::model::call_graph::CallType as ModelCallType;
use crate::model::component::ParameterKind as ModelParameterKind;
use crate::model::discrepancy::{BlockingKind as ModelBlockingKind, DiscrepancyKind as ModelDiscrepancyKind, KINDS};
use crate::model::documentation::{Resolution as ModelResolution, StreamId as ModelStreamId};
use crate::model::facts::EffectKind as ModelEffectKind;
use crate::model::run::{ConvergenceStatus as ModelConvergenceStatus, Phase as ModelPhase};
use crate::model::usage::Role as ModelRole;

macro_rules! words {
    ($( $name:ident = $model:ident { $( $variant:ident = $word:literal ),* $(,)? } )*) => { $(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub(crate) enum $name { $( #[serde(rename = $word)] $variant, )* }

        #[cfg(test)]
        impl $name {
            /// All words of this set, in the words of the model.
            #[allow(dead_code, reason = "of sets of two or three words, tests name each")]
            pub(crate) const ALL: &[$model] = &[$( $model::$variant, )*];
        }

        impl From<$model> for $name {
            fn from(model: $model) -> Self {
                match model { $( $model::$variant => Self::$variant, )* }
            }
        }

        impl From<$name> for $model {
            fn from(word: $name) -> Self {
                match word { $( $name::$variant => Self::$variant, )* }
            }
        }
    )* };
}

words! {
    Phase = ModelPhase {
        NotStarted = "NOT_STARTED", Initializing = "INITIALIZING", Discovering = "DISCOVERING",
        Documenting = "DOCUMENTING", Comparing = "COMPARING", Resolving = "RESOLVING", Finalizing = "FINALIZING",
        Completed = "COMPLETED", Failed = "FAILED",
    }
    ConvergenceStatus = ModelConvergenceStatus {
        NotStarted = "NOT_STARTED", InProgress = "IN_PROGRESS", PartiallyConverged = "PARTIALLY_CONVERGED",
        Converged = "CONVERGED", Forced = "FORCED",
    }
    StreamId = ModelStreamId { A = "a", B = "b" }
    Resolution = ModelResolution {
        Agreement = "agreement", Fact = "fact", SingleWitness = "single_witness", Arbiter = "arbiter",
        Human = "human",
    }
    BlockingKind = ModelBlockingKind {
        MissingCriticalCall = "missing_critical_call", FalseCriticalCall = "false_critical_call",
        MissingPublicApiDoc = "missing_public_api_doc", SecurityRelevantGap = "security_relevant_gap",
        TypeMismatch = "type_mismatch", SignatureMismatch = "signature_mismatch",
    }
    CallType = ModelCallType { Direct = "direct", Conditional = "conditional", Loop = "loop" }
    ParameterKind = ModelParameterKind {
        PositionalOnly = "positional_only", PositionalOrKeyword = "positional_or_keyword",
        VarPositional = "var_positional", KeywordOnly = "keyword_only", VarKeyword = "var_keyword",
    }
    EffectKind = ModelEffectKind {
        CodeExecution = "code_execution", Process = "process", Deserialization = "deserialization",
        Cryptography = "cryptography", Network = "network", FileDeletion = "file_deletion",
        FileWrite = "file_write", FileRead = "file_read", Environment = "environment", Output = "output",
        GlobalState = "global_state", ArgumentMutation = "argument_mutation",
    }
    RunStatus = ModelRunStatus { Unfinished = "unfinished", Failed = "failed", Completed = "completed" }
}

/// Who is called, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    DocumenterA,
    DocumenterB,
    ValidatorA,
    ValidatorB,
    Arbiter,
}

impl From<ModelRole> for Role {
    fn from(model: ModelRole) -> Self {
        match model {
            ModelRole::Documenter(ModelStreamId::A) => Self::DocumenterA,
            ModelRole::Documenter(ModelStreamId::B) => Self::DocumenterB,
            ModelRole::Validator(ModelStreamId::A) => Self::ValidatorA,
            ModelRole::Validator(ModelStreamId::B) => Self::ValidatorB,
            ModelRole::Arbiter => Self::Arbiter,
        }
    }
}

impl From<Role> for ModelRole {
    fn from(word: Role) -> Self {
        match word {
            Role::DocumenterA => Self::Documenter(ModelStreamId::A),
            Role::DocumenterB => Self::Documenter(ModelStreamId::B),
            Role::ValidatorA => Self::Validator(ModelStreamId::A),
            Role::ValidatorB => Self::Validator(ModelStreamId::B),
            Role::Arbiter => Self::Arbiter,
        }
    }
}

/// A kind of discrepancy by its label in the one table, which is its name everywhere.
pub(crate) fn discrepancy_kind(label: &str) -> Result<ModelDiscrepancyKind, String> {
    KINDS
        .iter()
        .map(|row| row.kind)
        .find(|kind| kind.label() == label)
        .ok_or_else(|| format!("`{label}` is no kind of discrepancy"))
}

/// A number as text in its shortest exact form: parsers of JSON may be off by one in the last place, and JSON has no
/// word for what is not finite.
pub(crate) mod exact {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map_err(|_| D::Error::custom(format_args!("`{text}` is no number")))
    }
}

/// The same where there may be none.
pub(crate) mod amount {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(ToString::to_string).serialize(to)
    }

    pub(crate) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| {
            text.parse()
                .map_err(|_| D::Error::custom(format_args!("`{text}` is no number")))
        })
        .transpose()
    }
}

/// A 64-bit hash as hex: other readers of JSON lose its last digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash(pub(crate) u64);

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        u64::from_str_radix(&text, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// A point in time, to the nanosecond, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) SystemTime);

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&humantime::format_rfc3339_nanos(sayable(self.0)))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        humantime::parse_rfc3339(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// The nearest time that has a date of four digits since 1970: clocks can be set to anything.
pub(crate) fn sayable(time: SystemTime) -> SystemTime {
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    time.clamp(SystemTime::UNIX_EPOCH, last)
}

/// A length of time in whole nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    seconds: u64,
    nanos: u32,
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self {
            seconds: duration.as_secs(),
            nanos: duration.subsec_nanos(),
        }
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_secs(span.seconds).saturating_add(Self::from_nanos(u64::from(span.nanos)))
    }
}

/// A path: text where it is text, else its bytes in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PathForm {
    Text(String),
    Hex(String),
}

impl From<&Path> for PathForm {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Hex(
                path.as_os_str()
                    .as_encoded_bytes()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect(),
            ),
        }
    }
}

impl TryFrom<PathForm> for PathBuf {
    type Error = String;

    fn try_from(form: PathForm) -> Result<Self, String> {
        match form {
            PathForm::Text(text) => Ok(Self::from(text)),
            PathForm::Hex(hex) => {
                let bytes: Option<Vec<u8>> = hex
                    .as_bytes()
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                    .collect();
                bytes
                    .and_then(os_string)
                    .map(Self::from)
                    .ok_or_else(|| format!("`{hex}` is no path"))
            }
        }
    }
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere not every sequence of bytes is a path"
)]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}
