//! One question, one answer: which group of subjects a claim belongs to.

use super::Oracle;
use crate::model::claim::{Answer, Subject, Value, Verdict};
use crate::model::component::ComponentIndex;

impl Oracle {
    /// What the code says to one claim about a component.
    ///
    /// A claim whose value does not fit its subject, and all prose, is unknown. Nothing is refuted in a file that does
    /// not parse, because what it lacks may stand in the damaged part.
    pub fn ask(&self, component: ComponentIndex, subject: &Subject, value: &Value) -> Answer {
        let answer = self.answer(component, subject, value);
        if answer.verdict == Verdict::Refuted && self.component(component).traits.in_damaged_file {
            return Answer::unknown("its file does not parse");
        }
        answer
    }

    fn answer(&self, component: ComponentIndex, subject: &Subject, value: &Value) -> Answer {
        match (subject, value) {
            (Subject::Parameter(name), Value::Present) => self.parameter(component, name),
            (Subject::ParameterKind(name), Value::Kind(kind)) => self.parameter_kind(component, name, *kind),
            (Subject::ParameterType(name), Value::Text(text)) => self.parameter_type(component, name, text),
            (Subject::ParameterDefault(name), Value::Text(text)) => self.parameter_default(component, name, text),
            (Subject::ParameterOrder, Value::Names(names)) => self.parameter_order(component, names),
            (Subject::Return, Value::Present) => self.returns(component),
            (Subject::ReturnType, Value::Text(text)) => self.return_type(component, text),
            (Subject::Yield, Value::Present) => self.yields(component),
            (Subject::YieldType, Value::Text(text)) => self.yield_type(component, text),
            (Subject::Raise(name), Value::Present) => self.raise(component, name),
            (Subject::Attribute(name), Value::Present) => self.attribute(component, name),
            (Subject::AttributeType(name), Value::Text(text)) => self.attribute_type(component, name, text),
            (Subject::Member(name), Value::Present) => self.member(component, name),
            (Subject::Callee(name), Value::Present) => self.call_by_name(&[component], name, Some(component)),
            (Subject::CalleeType(name), Value::CallType(claimed)) => self.call_type(component, name, *claimed),
            (Subject::CalleeLines(name), Value::Lines(lines)) => self.call_lines(component, name, lines),
            (Subject::Caller(name), Value::Present) => self.caller_by_name(name, component),
            (Subject::Reference(name), Value::Present) => self.reference(component, name),
            (Subject::Effect(kind), Value::Text(text)) => self.effect(component, *kind, text),
            (subject, _) if subject.is_prose() => Answer::unknown("the code has no say in wording"),
            _ => Answer::unknown("the value does not fit the subject"),
        }
    }
}
