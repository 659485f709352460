//! Texts about single parameters, exceptions, attributes and values, where something true can be said of them.

use super::wording::{code, join, mentions, quotable};
use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::{ComponentIndex, ComponentKind, Name, Parameter, ParameterKind};
use crate::model::facts::{EffectKind, Raise, RaiseOrigin};
use crate::model::oracle::{Oracle, type_text};

/// Adds the exceptions that escape from callees; those raised here are among the known claims.
pub(super) fn escaping_raises(oracle: &Oracle, index: ComponentIndex, claims: &mut Vec<Claim>) {
    for (name, raises) in by_exception(&oracle.facts(index).raises) {
        if raises.iter().all(|r| r.origin != RaiseOrigin::Direct) {
            let subject = Subject::Raise(name.clone());
            claims.push(Claim::fact(subject, Value::Present, Some(raises[0].line)));
        }
    }
}

/// Adds the texts.
pub(super) fn add(oracle: &Oracle, index: ComponentIndex, claims: &mut Vec<Claim>) {
    let component = oracle.component(index);
    let facts = oracle.facts(index);
    for (name, raises) in by_exception(&facts.raises) {
        if let Some(text) = raise_text(oracle, index, &raises) {
            let subject = Subject::RaiseText(name.clone());
            claims.push(Claim::fact(subject, Value::text(text), Some(raises[0].line)));
        }
    }
    if let Some(signature) = &component.signature {
        for parameter in signature.documented() {
            if let Some(text) = parameter_text(oracle, index, parameter) {
                let subject = Subject::ParameterText(parameter.name.clone());
                claims.push(Claim::fact(subject, Value::text(text), Some(parameter.line)));
            }
        }
        if may_be_none(oracle, index) {
            let line = facts.returns.none_lines.first().copied();
            let value = Value::text("`None` on some paths.");
            claims.push(Claim::fact(Subject::ReturnText, value, line));
        }
    }
    if matches!(component.kind, ComponentKind::Class | ComponentKind::Module) {
        for attribute in oracle.public_attributes(index) {
            if let Some(value) = attribute.value.as_ref().and_then(|v| quotable(v)) {
                let subject = Subject::AttributeText(attribute.name.clone());
                let text = Value::text(format!("Initially {value}."));
                claims.push(Claim::fact(subject, text, Some(attribute.line)));
            }
        }
    }
}

/// Raises grouped by the exception's name, in the order of their first.
pub(super) fn by_exception(raises: &[Raise]) -> Vec<(&Name, Vec<&Raise>)> {
    let mut groups: Vec<(&Name, Vec<&Raise>)> = Vec::new();
    for raise in raises {
        match groups.iter_mut().find(|(name, _)| **name == raise.exception) {
            Some((_, group)) => group.push(raise),
            None => groups.push((&raise.exception, vec![raise])),
        }
    }
    groups
}

/// Under which tests one exception is raised here: "if `a` or if `b`"; none where one of them is not known.
pub(super) fn conditions(raises: &[&Raise]) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for raise in raises.iter().filter(|r| r.origin == RaiseOrigin::Direct) {
        let condition = quotable(raise.condition.as_ref()?)?;
        let word = format!("if {condition}");
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (1..=3).contains(&words.len()).then(|| words.join(" or "))
}

/// The callees that let one exception escape, by name, in source order.
pub(super) fn sources(oracle: &Oracle, index: ComponentIndex, raises: &[&Raise]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for raise in raises {
        if let RaiseOrigin::Callee(callee) = raise.origin {
            let name = oracle.short_name(index, callee);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn raise_text(oracle: &Oracle, index: ComponentIndex, raises: &[&Raise]) -> Option<String> {
    let direct = raises.iter().any(|r| r.origin == RaiseOrigin::Direct);
    let mut parts: Vec<String> = conditions(raises).into_iter().collect();
    if direct && parts.is_empty() {
        return None;
    }
    let sources = sources(oracle, index, raises);
    if !sources.is_empty() {
        parts.push(format!("from {}", super::wording::list(&sources)));
    }
    (!parts.is_empty()).then(|| join(&parts))
}

fn parameter_text(oracle: &Oracle, index: ComponentIndex, parameter: &Parameter) -> Option<String> {
    let facts = oracle.facts(index);
    let mut sentences: Vec<String> = Vec::new();
    match parameter.kind {
        ParameterKind::VarPositional => sentences.push("Further positional arguments.".into()),
        ParameterKind::VarKeyword => sentences.push("Further keyword arguments.".into()),
        _ => {}
    }
    let changed = facts
        .effects
        .iter()
        .any(|e| e.kind == EffectKind::ArgumentMutation && e.detail == parameter.name);
    if changed {
        sentences.push("Changed in place.".into());
    }
    for (name, raises) in by_exception(&facts.raises) {
        let about: Vec<&Raise> = raises
            .into_iter()
            .filter(|r| r.condition.as_ref().is_some_and(|c| mentions(c, &parameter.name)))
            .collect();
        if let Some(conditions) = conditions(&about) {
            sentences.push(format!("{} is raised {conditions}.", code(name)));
        }
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Whether a function that returns values also ends without one.
pub(super) fn may_be_none(oracle: &Oracle, index: ComponentIndex) -> bool {
    let component = oracle.component(index);
    let returns = &oracle.facts(index).returns;
    let annotation = component.signature.as_ref().and_then(|s| s.returns.as_ref());
    // An annotation without `None` is taken at its word.
    let admitted = annotation.is_none_or(|a| (a.contains("None") || a.contains("Optional")) && !type_text::is_none(a));
    !component.traits.is_generator
        && !returns.value_lines.is_empty()
        && (!returns.none_lines.is_empty() || returns.falls_off)
        && admitted
}
