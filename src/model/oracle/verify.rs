//! Facts asked for by name, as in a file of claims: a component, what sort of fact, a name, a value.

use std::fmt;
use std::str::FromStr;

use super::Oracle;
use super::callable::Default;
use super::calls::any_of;
use super::names::Meaning;
use crate::model::claim::{Answer, Subject, Value, Verdict};
use crate::model::component::{ComponentIndex, ParameterKind};

/// What sort of fact is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// The parameter exists; with a value, that is its type or how it is passed.
    Param,
    /// The parameter has a default; with a value, that is it.
    Default,
    /// It returns a value; with a value, that is the type, or `true` or `false`.
    Return,
    /// It is a generator; with a value, that is the type of what it yields, or `true` or `false`.
    Yield,
    /// The exception may leave it.
    Raise,
}

/// A word that names no sort of fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the fact `{0}`: known are param, default, return, yield and raise")]
pub struct UnknownFact(String);

impl FactKind {
    /// Its name in a file of claims.
    pub fn name(self) -> &'static str {
        match self {
            Self::Param => "param",
            Self::Default => "default",
            Self::Return => "return",
            Self::Yield => "yield",
            Self::Raise => "raise",
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FactKind {
    type Err = UnknownFact;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Param, Self::Default, Self::Return, Self::Yield, Self::Raise]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownFact(text.to_owned()))
    }
}

impl Oracle {
    /// Whether a fact claimed of a component, by plain name, is so.
    ///
    /// Where several definitions share the name, one that confirms is enough and only all together refute.
    pub fn verify_fact(&self, component: &str, fact: FactKind, name: Option<&str>, value: Option<&str>) -> Answer {
        match self.meaning(component) {
            Meaning::Components(found) => any_of(found.iter().map(|&index| self.fact(index, fact, name, value))),
            Meaning::Missing(owner, name) => self.missing(owner, &name),
            Meaning::Thing | Meaning::Unknown => {
                Answer::unknown(format!("`{component}` is not a component of the repository"))
            }
        }
    }

    fn fact(&self, index: ComponentIndex, fact: FactKind, name: Option<&str>, value: Option<&str>) -> Answer {
        let present = Value::Present;
        match (fact, name, value) {
            (FactKind::Param, Some(name), None) => self.ask(index, &Subject::Parameter(name.into()), &present),
            (FactKind::Param, Some(name), Some(value)) => match kind(value) {
                Some(kind) => {
                    let subject = Subject::ParameterKind(name.into());
                    self.ask(index, &subject, &Value::Kind(kind))
                }
                None => {
                    let subject = Subject::ParameterType(name.into());
                    self.ask(index, &subject, &Value::text(value))
                }
            },
            (FactKind::Default, Some(name), Some(value)) => {
                let subject = Subject::ParameterDefault(name.into());
                self.ask(index, &subject, &Value::text(value))
            }
            (FactKind::Default, Some(name), None) => self.has_default(index, name),
            (FactKind::Return, _, None | Some("true" | "True")) => self.ask(index, &Subject::Return, &present),
            (FactKind::Return, _, Some("false" | "False")) => opposite(self.ask(index, &Subject::Return, &present)),
            (FactKind::Return, _, Some(value)) => self.ask(index, &Subject::ReturnType, &Value::text(value)),
            (FactKind::Yield, _, None | Some("true" | "True")) => self.ask(index, &Subject::Yield, &present),
            (FactKind::Yield, _, Some("false" | "False")) => opposite(self.ask(index, &Subject::Yield, &present)),
            (FactKind::Yield, _, Some(value)) => self.ask(index, &Subject::YieldType, &Value::text(value)),
            (FactKind::Raise, Some(name), _) | (FactKind::Raise, None, Some(name)) => {
                self.ask(index, &Subject::Raise(name.into()), &present)
            }
            (_, None, _) => Answer::unknown(format!("the claim of a {fact} names nothing")),
        }
    }

    fn has_default(&self, index: ComponentIndex, name: &str) -> Answer {
        let parameters = self.parameters(index);
        match parameters.get(name).map(|p| (p.default, p.line)) {
            Some((Default::Written(default), line)) => Answer::confirmed(format!("its default is `{default}`"), line),
            // Without a default the value asked for makes no difference.
            _ => {
                let subject = Subject::ParameterDefault(name.into());
                self.ask(index, &subject, &Value::text("..."))
            }
        }
    }
}

fn kind(text: &str) -> Option<ParameterKind> {
    [
        ParameterKind::PositionalOnly,
        ParameterKind::PositionalOrKeyword,
        ParameterKind::VarPositional,
        ParameterKind::KeywordOnly,
        ParameterKind::VarKeyword,
    ]
    .into_iter()
    .find(|kind| kind.to_string() == text)
}

fn opposite(mut answer: Answer) -> Answer {
    answer.verdict = match answer.verdict {
        Verdict::Confirmed => Verdict::Refuted,
        Verdict::Refuted => Verdict::Confirmed,
        Verdict::Unknown => Verdict::Unknown,
    };
    answer
}
