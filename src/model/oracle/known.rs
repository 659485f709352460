//! What the oracle knows for certain, as claims: what documentation of a component cannot leave out or get wrong.

use super::Oracle;
use super::returns::{declared, never_returns};
use super::type_text;
use crate::model::claim::{Claim, Subject, Value, Verdict};
use crate::model::component::{ComponentIndex, ComponentKind, Name};
use crate::model::facts::{EffectKind, RaiseOrigin};

impl Oracle {
    /// Every certain fact about a component as a claim, sorted by subject, one claim per subject; no prose.
    ///
    /// The oracle confirms each of them. A class's parameters are those of its constructor and belong there.
    pub fn known_claims(&self, index: ComponentIndex) -> Vec<Claim> {
        let mut claims = Vec::new();
        if matches!(
            self.component(index).kind,
            ComponentKind::Function | ComponentKind::Method | ComponentKind::Property
        ) {
            self.known_parameters(index, &mut claims);
            self.known_returns(index, &mut claims);
        }
        self.known_raises(index, &mut claims);
        self.known_attributes(index, &mut claims);
        self.known_calls(index, &mut claims);
        for member in self.members(index) {
            let member = self.component(member);
            let subject = Subject::Member(member.id.clone());
            claims.push(Claim::fact(subject, Value::Present, Some(member.first_line)));
        }
        self.known_effects(index, &mut claims);
        claims.sort_by(|a, b| a.subject.cmp(&b.subject));
        claims.dedup_by(|next, kept| next.subject == kept.subject);
        claims
    }

    fn known_parameters(&self, index: ComponentIndex, claims: &mut Vec<Claim>) {
        let Some(signature) = &self.component(index).signature else {
            return;
        };
        let parameters = signature.documented();
        for parameter in parameters {
            let line = Some(parameter.line);
            let name = || parameter.name.clone();
            let mut fact = |subject, value| claims.push(Claim::fact(subject, value, line));
            fact(Subject::Parameter(name()), Value::Present);
            fact(Subject::ParameterKind(name()), Value::Kind(parameter.kind));
            if let Some(annotation) = &parameter.annotation {
                fact(Subject::ParameterType(name()), Value::Text(annotation.clone()));
            }
            if let Some(default) = &parameter.default {
                fact(Subject::ParameterDefault(name()), Value::Text(default.clone()));
            }
        }
        if parameters.len() > 1 {
            let names = parameters.iter().map(|p| p.name.clone()).collect();
            claims.push(Claim::fact(
                Subject::ParameterOrder,
                Value::Names(names),
                self.line_of(index),
            ));
        }
    }

    fn known_returns(&self, index: ComponentIndex, claims: &mut Vec<Claim>) {
        let component = self.component(index);
        let facts = self.facts(index);
        let generator = component.traits.is_generator;
        let answer = self.returns(index);
        if answer.verdict == Verdict::Confirmed {
            claims.push(Claim::fact(Subject::Return, Value::Present, answer.line));
            let truth = declared(component).or(facts.returns.inferred.as_ref());
            let truth = truth.filter(|t| !generator && !never_returns(t) && !type_text::is_none(t));
            self.known_text(index, Subject::ReturnType, truth, answer.line, claims);
        }
        if generator {
            let line = facts.yields.first().copied();
            claims.push(Claim::fact(Subject::Yield, Value::Present, line));
            let truth = declared(component).and_then(|a| type_text::yielded(a)).map(Name::from);
            self.known_text(index, Subject::YieldType, truth.as_ref(), line, claims);
        }
    }

    /// A type that is known only where the oracle would confirm it when asked.
    fn known_text(
        &self,
        index: ComponentIndex,
        subject: Subject,
        text: Option<&Name>,
        line: Option<u32>,
        claims: &mut Vec<Claim>,
    ) {
        if let Some(text) = text {
            let value = Value::Text(text.clone());
            if self.ask(index, &subject, &value).verdict == Verdict::Confirmed {
                claims.push(Claim::fact(subject, value, line));
            }
        }
    }

    fn known_raises(&self, index: ComponentIndex, claims: &mut Vec<Claim>) {
        let direct = self
            .facts(index)
            .raises
            .iter()
            .filter(|r| r.origin == RaiseOrigin::Direct);
        for raise in direct {
            let subject = Subject::Raise(raise.exception.clone());
            claims.push(Claim::fact(subject, Value::Present, Some(raise.line)));
        }
    }

    fn known_attributes(&self, index: ComponentIndex, claims: &mut Vec<Claim>) {
        if !matches!(self.component(index).kind, ComponentKind::Class | ComponentKind::Module) {
            return;
        }
        for attribute in self.public_attributes(index) {
            let line = Some(attribute.line);
            claims.push(Claim::fact(
                Subject::Attribute(attribute.name.clone()),
                Value::Present,
                line,
            ));
            let truth = attribute.annotation.as_ref().or(attribute.inferred.as_ref());
            let subject = Subject::AttributeType(attribute.name.clone());
            self.known_text(index, subject, truth, line, claims);
        }
    }

    fn known_calls(&self, index: ComponentIndex, claims: &mut Vec<Claim>) {
        for edge in self.call_graph.callees(index).iter().filter(|e| e.certain) {
            let callee = || self.component(edge.callee).id.clone();
            let mut lines: Vec<u32> = edge.sites.iter().map(|s| s.line).collect();
            lines.dedup();
            let line = lines.first().copied();
            let mut fact = |subject, value| claims.push(Claim::fact(subject, value, line));
            fact(Subject::Callee(callee()), Value::Present);
            fact(Subject::CalleeType(callee()), Value::CallType(edge.call_type));
            fact(Subject::CalleeLines(callee()), Value::Lines(lines));
        }
        for edge in self.call_graph.callers(index).filter(|e| e.certain) {
            let caller = self.component(edge.caller);
            claims.push(Claim::fact(Subject::Caller(caller.id.clone()), Value::Present, None));
        }
    }

    fn known_effects(&self, index: ComponentIndex, claims: &mut Vec<Claim>) {
        let effects = &self.facts(index).effects;
        let mut kinds: Vec<EffectKind> = effects.iter().map(|e| e.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            let of_kind = || effects.iter().filter(|e| e.kind == kind);
            let mut details: Vec<&str> = of_kind().map(|e| &*e.detail).collect();
            details.sort_unstable();
            details.dedup();
            claims.push(Claim::fact(
                Subject::Effect(kind),
                Value::text(details.join(", ")),
                of_kind().map(|e| e.line).min(),
            ));
        }
    }
}
