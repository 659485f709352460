//! People's answers: looked up by the key of the difference, read into a value, and checked against the code.

use super::{STREAMS, Settler, same};
use crate::model::call_graph::CallType;
use crate::model::claim::{Subject, Value, Verdict};
use crate::model::component::{Name, ParameterKind};
use crate::model::discrepancy::Discrepancy;
use crate::model::documentation::{Resolution, SettledClaim, StreamId};
use crate::model::ticket::Decision;

/// What people have to say about a difference.
pub(super) enum Decided {
    /// Nothing that can be used; the reason, if there is an answer.
    Not(Option<String>),
    /// This claim (none: it goes), and who said so.
    Value(Option<SettledClaim>, String),
}

impl Settler<'_> {
    /// Looks for a person's answer to a difference. An answer to another version of the source is stale, and one
    /// that the code refutes is sent back: both leave the difference open.
    pub(super) fn look_up_answer(&self, discrepancy: &Discrepancy) -> Decided {
        let Some(answered) = self.case.answers.get(&discrepancy.key) else {
            return Decided::Not(None);
        };
        let by = &answered.answer.by;
        let component = self.case.oracle.component(self.case.component);
        if answered.source_hash != component.source_hash {
            return Decided::Not(Some(format!("the code has changed since {by} answered")));
        }
        let sent_back = |why: &str| Decided::Not(Some(format!("the answer of {by} was sent back: {why}")));
        let value = match read(&answered.answer.decision, discrepancy) {
            Ok(value) => value,
            Err(why) => return sent_back(why),
        };
        let reason = format!("{by} decided");
        let Some(value) = value else {
            return Decided::Value(None, reason);
        };
        let subject = &discrepancy.subject;
        let answer = self.case.oracle.ask(self.case.component, subject, &value);
        if answer.verdict == Verdict::Refuted {
            return sent_back(&answer.reason);
        }
        let says = |said: &Option<Value>| said.as_ref().is_some_and(|s| same(subject, s, &value));
        let claim = SettledClaim {
            subject: subject.clone(),
            said_by_a: says(&discrepancy.a),
            said_by_b: says(&discrepancy.b),
            resolution: Some(Resolution::Human),
            verdict: answer.verdict,
            confidence: 1.0,
            line: answer.line.or_else(|| self.line_of(subject, &value)),
            derived: false,
            value,
        };
        Decided::Value(Some(claim), reason)
    }

    /// The line that a stream gave for the value that was chosen.
    fn line_of(&self, subject: &Subject, value: &Value) -> Option<u32> {
        STREAMS.into_iter().find_map(|stream| {
            let claim = self.case.drafts[stream as usize]?.draft.get(subject)?;
            claim.line.filter(|_| claim.value == *value)
        })
    }
}

fn read(decision: &Decision, discrepancy: &Discrepancy) -> Result<Option<Value>, &'static str> {
    match decision {
        Decision::AcceptA => accepted(StreamId::A, discrepancy),
        Decision::AcceptB => accepted(StreamId::B, discrepancy),
        Decision::Merge(text) | Decision::Neither(text) => value_of(&discrepancy.subject, text.trim())
            .map(Some)
            .ok_or("it cannot be read as a value of this kind"),
    }
}

fn accepted(stream: StreamId, discrepancy: &Discrepancy) -> Result<Option<Value>, &'static str> {
    match (stream, &discrepancy.a, &discrepancy.b) {
        (_, None, None) => Err("no stream says anything to accept"),
        (StreamId::A, value, _) | (StreamId::B, _, value) => Ok(value.clone()),
    }
}

/// Reads what a person wrote as a value of a subject.
fn value_of(subject: &Subject, text: &str) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    match subject {
        Subject::ParameterKind(_) => ParameterKind::ALL
            .into_iter()
            .find(|kind| kind.to_string() == text)
            .map(Value::Kind),
        Subject::CalleeType(_) => [CallType::Direct, CallType::Conditional, CallType::Loop]
            .into_iter()
            .find(|call_type| call_type.to_string() == text)
            .map(Value::CallType),
        Subject::CalleeLines(_) => {
            let mut lines = parts(text)
                .map(|part| part.parse().ok())
                .collect::<Option<Vec<u32>>>()?;
            lines.sort_unstable();
            lines.dedup();
            Some(Value::Lines(lines))
        }
        Subject::ParameterOrder => Some(Value::Names(parts(text).map(Name::from).collect())),
        subject if subject.is_presence() => (text == "yes").then_some(Value::Present),
        _ => Some(Value::text(text)),
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(subject: &Subject, text: &str, expected: Option<Value>) {
        assert_eq!(value_of(subject, text), expected, "{text}");
    }

    #[test]
    fn answers_are_read_by_subject() {
        let name = Name::from("m.g");
        check(&Subject::Summary, "Opens it.", Some(Value::text("Opens it.")));
        check(&Subject::Summary, "", None);
        let lines = Subject::CalleeLines(name.clone());
        check(&lines, "9, 3", Some(Value::Lines(vec![3, 9])));
        check(&lines, "three", None);
        let kind = Subject::ParameterKind(name.clone());
        check(&kind, "keyword_only", Some(Value::Kind(ParameterKind::KeywordOnly)));
        check(&kind, "optional", None);
        check(
            &Subject::CalleeType(name.clone()),
            "loop",
            Some(Value::CallType(CallType::Loop)),
        );
        check(&Subject::Callee(name), "yes", Some(Value::Present));
    }
}
