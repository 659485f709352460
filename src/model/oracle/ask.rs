//! The oracle's answers, in their smallest form: existence, values and certain facts.

use super::Oracle;
use crate::model::call_graph::Edge;
use crate::model::claim::{Answer, Claim, Subject, Value};
use crate::model::component::{ComponentIndex, Parameter};
use crate::model::facts::RaiseOrigin;

impl Oracle {
    /// Answers whether a claim about a component is true.
    pub fn ask(&self, component: ComponentIndex, subject: &Subject, value: &Value) -> Answer {
        if let Some(owner) = subject.presupposes()
            && self.exists(component, &owner) == Some(false)
        {
            return Answer::refuted(format!("there is no {owner}"), None, None);
        }
        let known = self.known_claims(component);
        if let Some(fact) = known.iter().find(|c| c.subject == *subject) {
            return if fact.value == *value {
                Answer::confirmed("the code shows it", fact.line)
            } else {
                Answer::refuted(
                    "the code shows another",
                    fact.line,
                    Some(fact.value.clone()),
                )
            };
        }
        match self.exists(component, subject) {
            Some(false) => Answer::refuted(format!("there is no {subject}"), None, None),
            _ => Answer::unknown("the code does not decide it"),
        }
    }

    /// All certain facts about a component as claims, sorted by subject; no prose.
    pub fn known_claims(&self, component: ComponentIndex) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut fact = |subject, value, line| claims.push(Claim::fact(subject, value, line));
        if let Some(signature) = &self.component(component).signature {
            for p in signature.documented() {
                parameter_facts(p, &mut fact);
            }
            if let Some(returns) = &signature.returns {
                fact(Subject::ReturnType, Value::Text(returns.clone()), None);
            }
        }
        let facts = self.facts(component);
        if let Some(line) = facts.returns.value_lines.first() {
            fact(Subject::Return, Value::Present, Some(*line));
        }
        if let Some(line) = facts.yields.first() {
            fact(Subject::Yield, Value::Present, Some(*line));
        }
        for raise in &facts.raises {
            if raise.origin == RaiseOrigin::Direct {
                fact(
                    Subject::Raise(raise.exception.clone()),
                    Value::Present,
                    Some(raise.line),
                );
            }
        }
        for effect in &facts.effects {
            fact(
                Subject::Effect(effect.kind),
                Value::Text(effect.detail.clone()),
                Some(effect.line),
            );
        }
        for edge in self
            .call_graph
            .callees(component)
            .iter()
            .filter(|e| e.certain)
        {
            let id = self.component(edge.callee).id.clone();
            fact(Subject::Callee(id.clone()), Value::Present, line_of(edge));
            fact(
                Subject::CalleeType(id),
                Value::CallType(edge.call_type),
                line_of(edge),
            );
        }
        claims.sort_by(|a, b| a.subject.cmp(&b.subject));
        claims.dedup_by(|a, b| a.subject == b.subject);
        claims
    }

    fn exists(&self, component: ComponentIndex, subject: &Subject) -> Option<bool> {
        let signature = self.component(component).signature.as_ref();
        let facts = self.facts(component);
        match subject {
            Subject::Parameter(name) => {
                signature.map(|s| s.parameters.iter().any(|p| p.name == *name))
            }
            Subject::Return => signature.map(|_| !facts.returns.value_lines.is_empty()),
            Subject::Yield => signature.map(|_| !facts.yields.is_empty()),
            Subject::Raise(name) => facts
                .raises_complete
                .then(|| facts.raises.iter().any(|r| r.exception == *name)),
            Subject::Callee(id) => match self.find(id) {
                None => Some(false),
                Some(callee) if self.call_graph.edge(component, callee).is_some() => Some(true),
                Some(_) if self.call_graph.open_sites(component).is_empty() => Some(false),
                Some(_) => None,
            },
            _ => None,
        }
    }
}

fn parameter_facts(p: &Parameter, fact: &mut impl FnMut(Subject, Value, Option<u32>)) {
    let line = Some(p.line);
    fact(Subject::Parameter(p.name.clone()), Value::Present, line);
    fact(
        Subject::ParameterKind(p.name.clone()),
        Value::Kind(p.kind),
        line,
    );
    if let Some(annotation) = &p.annotation {
        fact(
            Subject::ParameterType(p.name.clone()),
            Value::Text(annotation.clone()),
            line,
        );
    }
    if let Some(default) = &p.default {
        fact(
            Subject::ParameterDefault(p.name.clone()),
            Value::Text(default.clone()),
            line,
        );
    }
}

fn line_of(edge: &Edge) -> Option<u32> {
    edge.sites.first().map(|s| s.line)
}
