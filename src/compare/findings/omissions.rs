//! What is true and the docstring does not say, where it says things of that sort at all.

use super::{Page, last};
use crate::model::claim::{Subject, Verdict};
use crate::model::component::is_dunder;
use crate::model::component::{ComponentKind, Name};
use crate::model::discrepancy::DiscrepancyKind;
use crate::model::facts::{Attribute, Raise, RaiseOrigin};
use crate::model::finding::Finding;

pub(super) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    if page.component.kind == ComponentKind::Class {
        attributes(page, found);
    }
    if page.component.docstring.is_none() {
        docstring(page, found);
        return;
    }
    let is_called = matches!(page.component.kind, ComponentKind::Function | ComponentKind::Method);
    if is_called && describes_interface(page) && !page.is_contract() {
        result(page, found);
        raises(page, found);
    }
}

/// Whether the docstring has a section about the interface.
fn describes_interface(page: &Page<'_>) -> bool {
    page.judged.draft.claims.iter().any(|claim| {
        matches!(
            claim.subject,
            Subject::Parameter(_) | Subject::Return | Subject::Yield | Subject::Raise(_)
        )
    })
}

fn result(page: &Page<'_>, found: &mut Vec<Finding>) {
    let name = last(&page.component.id);
    if is_dunder(name) || page.claims(&Subject::Return) || page.claims(&Subject::Yield) {
        return;
    }
    let annotated = page.signature().and_then(|s| s.returns.as_deref());
    if annotated.is_some_and(|a| matches!(a, "None" | "NoReturn" | "Never" | "Self")) {
        return;
    }
    if let Some(&line) = page.facts.yields.first() {
        let decorators = &page.component.decorators;
        let manages = decorators.iter().any(|d| d.text.contains("contextmanager"));
        let said = ["yield", "iterat", "generat"]
            .iter()
            .any(|word| page.prose_mentions(word));
        if !manages && !said {
            found.push(page.finding(
                DiscrepancyKind::YieldMissing,
                None,
                None,
                "what is yielded is not documented".to_owned(),
                vec![(line, "yields a value".to_owned())],
            ));
        }
    } else if let Some(&line) = page.facts.returns.value_lines.first() {
        let inferred = page.facts.returns.inferred.as_deref();
        if inferred != Some("None") && !page.prose_mentions("return") {
            found.push(page.finding(
                DiscrepancyKind::ReturnMissing,
                None,
                None,
                "the return value is not documented".to_owned(),
                vec![(line, "returns a value".to_owned())],
            ));
        }
    }
}

fn raises(page: &Page<'_>, found: &mut Vec<Finding>) {
    if is_dunder(last(&page.component.id)) && page.constructs.is_none() {
        return;
    }
    for raise in &page.facts.raises {
        if raise.origin == RaiseOrigin::Direct && is_worth_naming(&raise.exception) && !is_said(page, raise) {
            let name = &raise.exception;
            let when = raise.condition.as_ref().map(|c| format!(" if {c}")).unwrap_or_default();
            found.push(page.finding(
                DiscrepancyKind::RaiseMissing,
                Some(name),
                None,
                format!("`{name}` is raised and not documented"),
                vec![(raise.line, format!("raises `{name}`{when}"))],
            ));
        }
    }
}

/// Whether an exception is meant for callers: not a mark of unfinished code, not part of the language's protocols.
fn is_worth_naming(exception: &str) -> bool {
    let unfit = matches!(
        exception,
        "AssertionError" | "NotImplementedError" | "StopIteration" | "StopAsyncIteration" | "GeneratorExit"
    );
    !unfit && exception.starts_with(|c: char| c.is_uppercase())
}

/// Whether the docstring names the exception, one of its bases, or mentions it in prose.
fn is_said(page: &Page<'_>, raise: &Raise) -> bool {
    let name = &raise.exception;
    let ancestors = raise.class.map_or(&[][..], |c| &page.oracle.facts(c).ancestors);
    let is_base = |said: &Name| {
        matches!(said.as_ref(), "Exception" | "BaseException")
            || said == name
            || ancestors
                .iter()
                .any(|&a| last(&page.oracle.component(a).id) == said.as_ref())
    };
    let claimed = page.judged.judged().any(|(claim, answer)| match &claim.subject {
        // The oracle points at the very raise where a base of its class is claimed.
        Subject::Raise(said) => {
            is_base(said) || answer.verdict == Verdict::Confirmed && answer.line == Some(raise.line)
        }
        _ => false,
    });
    claimed || page.prose_mentions(name)
}

fn attributes(page: &Page<'_>, found: &mut Vec<Finding>) {
    if page.component.docstring.is_none() || page.component.bases.iter().any(|b| b.contains("Enum")) {
        return;
    }
    // Texts beside the attributes themselves are no list that could be incomplete.
    let has_list = page.judged.draft.claims.iter().any(|claim| match &claim.subject {
        Subject::Attribute(name) => {
            let fact = page.facts.attributes.iter().find(|a| a.name == *name);
            fact.is_none_or(|a| a.doc.is_none())
        }
        _ => false,
    });
    if !has_list {
        return;
    }
    for attribute in &page.facts.attributes {
        if is_public_field(page, attribute) && !page.claims(&Subject::Attribute(attribute.name.clone())) {
            let name = &attribute.name;
            found.push(page.finding(
                DiscrepancyKind::AttributeMissing,
                Some(name),
                None,
                format!("attribute `{name}` is not documented, though others are"),
                vec![(attribute.line, format!("sets `{name}`"))],
            ));
        }
    }
}

/// Whether an attribute is one that a list of attributes ought to have: public, no constant, no parameter under the
/// same name.
fn is_public_field(page: &Page<'_>, attribute: &Attribute) -> bool {
    let name = &attribute.name;
    let is_constant = !name.chars().any(char::is_lowercase);
    let is_field = attribute.on_instance || attribute.annotation.is_some();
    let class = &page.component.id;
    let is_parameter = ["__init__", "__new__"].iter().any(|method| {
        let constructor = page.oracle.find(&format!("{class}.{method}"));
        let signature = constructor.and_then(|i| page.oracle.component(i).signature.as_ref());
        signature.is_some_and(|s| s.parameters.iter().any(|p| p.name == *name))
    });
    is_field && !name.starts_with('_') && !is_constant && !is_parameter
}

/// A public component that nobody wrote a word about.
fn docstring(page: &Page<'_>, found: &mut Vec<Finding>) {
    let component = page.component;
    let parent = component.parent.map(|p| page.oracle.component(p));
    let is_nested = parent.is_some_and(|p| p.signature.is_some());
    let is_second = component.id.rsplit('.').next().is_some_and(|n| n.contains('#'));
    let is_empty = component.kind == ComponentKind::Module
        && page.facts.attributes.is_empty()
        && page.oracle.members(page.index).next().is_none();
    let excused = !component.public
        || is_nested
        || is_second
        || is_empty
        || is_dunder(last(&component.id)) && component.kind != ComponentKind::Module
        || !page.facts.overrides.is_empty()
        || page.claims(&Subject::Summary);
    if excused {
        return;
    }
    found.push(page.finding(
        DiscrepancyKind::DocstringMissing,
        None,
        Some(component.first_line),
        format!("public {} `{}` has no docstring", component.kind, last(&component.id)),
        Vec::new(),
    ));
}
