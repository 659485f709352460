//! Claims: the smallest things that can be true or false of a component.
//!
//! A draft is a set of [`Claim`]s, at most one per [`Subject`]. Because every stream speaks in the same subjects,
//! comparing two drafts is a merge of two sorted lists, and asking the oracle is one question per claim.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::call_graph::CallType;
use super::component::{Name, ParameterKind};
use super::facts::EffectKind;

/// What a claim is about. The order is the order of a documentation page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One sentence that says what it is or does. Value: text.
    Summary,
    /// The rest of the prose. Value: text.
    Description,
    /// The parameter exists. Value: present.
    Parameter(Name),
    /// How the parameter is passed. Value: kind.
    ParameterKind(Name),
    /// The parameter's type. Value: text.
    ParameterType(Name),
    /// The parameter's default. Value: text.
    ParameterDefault(Name),
    /// What the parameter means. Value: text.
    ParameterText(Name),
    /// The order of the parameters. Value: names.
    ParameterOrder,
    /// It returns a value other than `None`. Value: present.
    Return,
    /// The type of the value returned. Value: text.
    ReturnType,
    /// What the value returned means. Value: text.
    ReturnText,
    /// It is a generator. Value: present.
    Yield,
    /// The type of the values yielded. Value: text.
    YieldType,
    /// What the values yielded mean. Value: text.
    YieldText,
    /// The exception may leave it. Value: present.
    Raise(Name),
    /// When the exception is raised. Value: text.
    RaiseText(Name),
    /// The attribute exists. Value: present.
    Attribute(Name),
    /// The attribute's type. Value: text.
    AttributeType(Name),
    /// What the attribute means. Value: text.
    AttributeText(Name),
    /// A component is defined directly in it. Value: present; the name is the member's id.
    Member(Name),
    /// It calls the component of this id. Value: present.
    Callee(Name),
    /// How the call depends on control flow. Value: call type.
    CalleeType(Name),
    /// Where it calls it. Value: lines.
    CalleeLines(Name),
    /// It is called by the component of this id. Value: present.
    Caller(Name),
    /// The text mentions something by name (`:func:`, backticks), so that exists. Value: present.
    Reference(Name),
    /// It does this to the world. Value: text (with what).
    Effect(EffectKind),
    /// The n-th example. Value: text.
    Example(u32),
    /// Another section of the author's (`Notes`, `See Also`, `Deprecated`, …), by title. Value: text.
    Section(Name),
}

impl Subject {
    /// Whether all that can be said of it is that it is there.
    pub fn is_presence(&self) -> bool {
        matches!(
            self,
            Self::Parameter(_)
                | Self::Return
                | Self::Yield
                | Self::Raise(_)
                | Self::Attribute(_)
                | Self::Member(_)
                | Self::Callee(_)
                | Self::Caller(_)
                | Self::Reference(_)
        )
    }

    /// Whether it is free text, which can be worded in more than one true way.
    pub fn is_prose(&self) -> bool {
        matches!(
            self,
            Self::Summary
                | Self::Description
                | Self::ParameterText(_)
                | Self::ReturnText
                | Self::YieldText
                | Self::RaiseText(_)
                | Self::AttributeText(_)
                | Self::Example(_)
                | Self::Section(_)
        )
    }

    /// The name of the claim's kind, as in the JSON form.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Description => "description",
            Self::Parameter(_) => "parameter",
            Self::ParameterKind(_) => "parameter_kind",
            Self::ParameterType(_) => "parameter_type",
            Self::ParameterDefault(_) => "parameter_default",
            Self::ParameterText(_) => "parameter_text",
            Self::ParameterOrder => "parameter_order",
            Self::Return => "return",
            Self::ReturnType => "return_type",
            Self::ReturnText => "return_text",
            Self::Yield => "yield",
            Self::YieldType => "yield_type",
            Self::YieldText => "yield_text",
            Self::Raise(_) => "raise",
            Self::RaiseText(_) => "raise_text",
            Self::Attribute(_) => "attribute",
            Self::AttributeType(_) => "attribute_type",
            Self::AttributeText(_) => "attribute_text",
            Self::Member(_) => "member",
            Self::Callee(_) => "callee",
            Self::CalleeType(_) => "callee_type",
            Self::CalleeLines(_) => "callee_lines",
            Self::Caller(_) => "caller",
            Self::Reference(_) => "reference",
            Self::Effect(_) => "effect",
            Self::Example(_) => "example",
            Self::Section(_) => "section",
        }
    }

    /// The parameter, exception, attribute or component it is about.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Parameter(n)
            | Self::ParameterKind(n)
            | Self::ParameterType(n)
            | Self::ParameterDefault(n)
            | Self::ParameterText(n)
            | Self::Raise(n)
            | Self::RaiseText(n)
            | Self::Attribute(n)
            | Self::AttributeType(n)
            | Self::AttributeText(n)
            | Self::Member(n)
            | Self::Callee(n)
            | Self::CalleeType(n)
            | Self::CalleeLines(n)
            | Self::Caller(n)
            | Self::Reference(n)
            | Self::Section(n) => Some(n),
            _ => None,
        }
    }

    /// The subject whose existence this one presupposes: the type of `x` presupposes the parameter `x`.
    pub fn presupposes(&self) -> Option<Self> {
        Some(match self {
            Self::ParameterKind(n) | Self::ParameterType(n) | Self::ParameterDefault(n) | Self::ParameterText(n) => {
                Self::Parameter(n.clone())
            }
            Self::ReturnType | Self::ReturnText => Self::Return,
            Self::YieldType | Self::YieldText => Self::Yield,
            Self::RaiseText(n) => Self::Raise(n.clone()),
            Self::AttributeType(n) | Self::AttributeText(n) => Self::Attribute(n.clone()),
            Self::CalleeType(n) | Self::CalleeLines(n) => Self::Callee(n.clone()),
            _ => return None,
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())?;
        match (self, self.name()) {
            (_, Some(name)) => write!(f, " {name}"),
            (Self::Effect(kind), None) => write!(f, " {kind}"),
            (Self::Example(n), None) => write!(f, " {n}"),
            _ => Ok(()),
        }
    }
}

/// What a claim says of its subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// It is so.
    Present,
    /// Words, a type, a default: text as Python or the author would write it.
    Text(Name),
    /// How a parameter is passed.
    Kind(ParameterKind),
    /// How a call depends on control flow.
    CallType(CallType),
    /// Lines, ascending.
    Lines(Vec<u32>),
    /// Names in order.
    Names(Vec<Name>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Name>) -> Self {
        Self::Text(text.into())
    }

    /// The words, where it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("yes"),
            Self::Text(text) => f.write_str(text),
            Self::Kind(kind) => kind.fmt(f),
            Self::CallType(call_type) => call_type.fmt(f),
            Self::Lines(lines) => {
                for (i, line) in lines.iter().enumerate() {
                    write!(f, "{}{line}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Names(names) => {
                for (i, name) in names.iter().enumerate() {
                    write!(f, "{}{name}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

/// One statement of one stream about one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub value: Value,
    /// How sure the stream is, from 0 to 1.
    pub confidence: f32,
    /// The line of the component's file that it rests on, counted from 1.
    pub line: Option<u32>,
    /// Whether the stream derived it from the code rather than reading or inventing it.
    pub derived: bool,
}

impl Claim {
    /// A claim taken from the code itself: certain, derived.
    pub fn fact(subject: Subject, value: Value, line: Option<u32>) -> Self {
        Self {
            subject,
            value,
            confidence: 1.0,
            line,
            derived: true,
        }
    }

    /// A claim of somebody's, with its confidence.
    pub fn said(subject: Subject, value: Value, confidence: f32, line: Option<u32>) -> Self {
        Self {
            subject,
            value,
            confidence,
            line,
            derived: false,
        }
    }
}

/// What the oracle answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The code shows it.
    Confirmed,
    /// The code excludes it.
    Refuted,
    /// The code neither shows nor excludes it.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Unknown => "unknown",
        })
    }
}

/// The oracle's answer to one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes, no, or cannot be told.
    pub verdict: Verdict,
    /// Why, as a sentence without a full stop.
    pub reason: std::borrow::Cow<'static, str>,
    /// The line of the component's file that shows it, counted from 1.
    pub line: Option<u32>,
    /// For a refuted claim whose subject exists: the true value.
    pub truth: Option<Value>,
}

impl Answer {
    /// The code shows it.
    pub fn confirmed(reason: impl Into<std::borrow::Cow<'static, str>>, line: Option<u32>) -> Self {
        Self {
            verdict: Verdict::Confirmed,
            reason: reason.into(),
            line,
            truth: None,
        }
    }

    /// The code excludes it; `truth` is what is true instead, if anything is.
    pub fn refuted(reason: impl Into<std::borrow::Cow<'static, str>>, line: Option<u32>, truth: Option<Value>) -> Self {
        Self {
            verdict: Verdict::Refuted,
            reason: reason.into(),
            line,
            truth,
        }
    }

    /// It cannot be told.
    pub fn unknown(reason: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            reason: reason.into(),
            line: None,
            truth: None,
        }
    }
}
