//! Claims about types, defaults, results, exceptions, attributes and references that the code refutes.

use super::{Page, last, quoted};
use crate::model::claim::{Answer, Claim, Subject};
use crate::model::component::{ComponentIndex, ComponentKind, Name, ParameterKind};
use crate::model::discrepancy::DiscrepancyKind;
use crate::model::finding::Finding;

pub(super) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    for (claim, answer) in page.judged.refuted() {
        let base = claim.subject.presupposes();
        if claim.derived || base.is_some_and(|base| is_refuted(page, &base)) {
            continue;
        }
        let Some((message, what)) = contradiction(page, claim, answer) else {
            continue;
        };
        let mut evidence: Vec<(u32, String)> = Vec::new();
        evidence.extend(claim.line.map(|line| (line, what)));
        evidence.push((
            answer.line.unwrap_or(page.component.first_line),
            answer.reason.to_string(),
        ));
        found.push(page.finding(
            DiscrepancyKind::of_false(&claim.subject),
            claim.subject.name().map(Name::from).as_ref(),
            claim.line,
            message,
            evidence,
        ));
    }
}

/// The message for a refuted claim, and what its line says; none where the refutation leaves a doubt.
fn contradiction(page: &Page<'_>, claim: &Claim, answer: &Answer) -> Option<(String, String)> {
    let said = quoted(&claim.value);
    let instead = answer.truth.as_ref().map(quoted);
    let but = |verb: &str| match &instead {
        Some(truth) => format!("{verb} {truth}"),
        None => answer.reason.to_string(),
    };
    Some(match &claim.subject {
        Subject::ParameterType(name) => {
            let doubtful = collects(page, name) || page.component.traits.has_overloads;
            if doubtful {
                return None;
            }
            let message = format!("`{name}` is documented as {said}, but {}", but("it is"));
            (message, format!("documents the type {said}"))
        }
        Subject::ParameterDefault(name) => {
            let doubtful = collects(page, name) || page.component.traits.has_overloads;
            if doubtful {
                return None;
            }
            let message = format!("`{name}` is documented with the default {said}, but {}", but("it is"));
            (message, format!("documents the default {said}"))
        }
        Subject::Return => extra_return(page, answer)?,
        Subject::Yield => extra_yield(page, answer)?,
        Subject::ReturnType if has_clear_result(page) => {
            let message = format!("documented to return {said}, but {}", but("it returns"));
            (message, format!("documents the return type {said}"))
        }
        Subject::YieldType if has_clear_result(page) => {
            let message = format!("documented to yield {said}, but {}", but("it yields"));
            (message, format!("documents the yielded type {said}"))
        }
        Subject::Raise(name) => extra_raise(page, name, answer)?,
        Subject::Attribute(name) => extra_attribute(page, name)?,
        Subject::AttributeType(name) => {
            let message = format!("attribute `{name}` is documented as {said}, but {}", but("it is"));
            (message, format!("documents the type {said}"))
        }
        Subject::Reference(name) => broken_reference(page, name)?,
        _ => return None,
    })
}

fn is_refuted(page: &Page<'_>, subject: &Subject) -> bool {
    page.judged.refuted().any(|(claim, _)| claim.subject == *subject)
}

/// Whether a parameter collects others, so that its documented type is that of the collection or of its elements.
fn collects(page: &Page<'_>, name: &Name) -> bool {
    page.signature().is_some_and(|s| {
        s.parameters
            .iter()
            .any(|p| p.name == *name && matches!(p.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword))
    })
}

/// Whether one type holds for every call.
fn has_clear_result(page: &Page<'_>) -> bool {
    let is_clear = |subject| !is_refuted(page, &subject);
    !page.component.traits.has_overloads && is_clear(Subject::Return) && is_clear(Subject::Yield)
}

fn extra_return(page: &Page<'_>, answer: &Answer) -> Option<(String, String)> {
    let text = page.says(&Subject::ReturnText);
    let says_nothing = ["none", "nothing", "no value", "doesn't return", "does not return"]
        .iter()
        .any(|start| text.starts_with(start));
    let annotated = page.signature().and_then(|s| s.returns.as_deref());
    let doubtful = says_nothing
        || page.is_contract()
        || !page.facts.yields.is_empty()
        || annotated.is_some_and(|a| !matches!(a, "None" | "NoReturn" | "Never"))
        || page.is_overridden();
    let message = format!("a return value is documented, but {}", answer.reason);
    (!doubtful).then(|| (message, "documents a return value".to_owned()))
}

fn extra_yield(page: &Page<'_>, answer: &Answer) -> Option<(String, String)> {
    // A function that returns an iterator made elsewhere is documented rightly as yielding.
    let delegates = !page.facts.returns.value_lines.is_empty();
    let doubtful = delegates || page.is_contract() || page.is_overridden();
    let message = format!("yielded values are documented, but {}", answer.reason);
    (!doubtful).then(|| (message, "documents yielded values".to_owned()))
}

fn extra_raise(page: &Page<'_>, name: &Name, answer: &Answer) -> Option<(String, String)> {
    if page.is_contract() || page.is_overridden() {
        return None;
    }
    let message = format!("`{name}` is documented as raised, but {}", answer.reason);
    Some((message, format!("documents `{name}`")))
}

/// An attribute can be set from anywhere that an instance reaches. It is false for sure only where the class's fields
/// are declared, or where a field that nobody documents is spelt almost like it.
fn extra_attribute(page: &Page<'_>, name: &Name) -> Option<(String, String)> {
    if exists_in_family(page, name) {
        return None;
    }
    let documented = |field: &Name| page.claims(&Subject::Attribute(field.clone()));
    let mut fields = page.facts.attributes.iter().map(|a| &a.name);
    let misspelt = fields.find(|f| !documented(f) && is_misspelt(name, f));
    if misspelt.is_none() && !page.component.traits.is_record {
        return None;
    }
    let message = match misspelt {
        Some(field) => format!("attribute `{name}` is documented, but it is called `{field}`"),
        None => format!("attribute `{name}` is documented, but there is no such field"),
    };
    Some((message, format!("documents `{name}`")))
}

/// Whether one name is the other but for a slip of the keyboard; names that count (`x1`, `x2`) are different names.
fn is_misspelt(said: &str, actual: &str) -> bool {
    let letters = |name: &str| name.replace(|c: char| c.is_numeric(), "");
    let length = said.len().min(actual.len());
    let slips = if length < 8 { 1 } else { 2 };
    length >= 4
        && said.len().max(actual.len()) < 100
        && !actual.starts_with('_')
        && letters(said) != letters(actual)
        && strsim::osa_distance(said, actual) <= slips
}

/// Whether the class, one of its bases or one of its subclasses has such an attribute or member, or may have any.
fn exists_in_family(page: &Page<'_>, name: &Name) -> bool {
    let oracle = page.oracle;
    if page.component.kind == ComponentKind::Class && !page.facts.ancestors_complete {
        return true;
    }
    let has = |class: ComponentIndex| {
        let facts = oracle.facts(class);
        oracle.find(&format!("{}.{name}", oracle.component(class).id)).is_some()
            || facts.attributes_open
            || facts.attributes.iter().any(|a| a.name == *name)
    };
    has(page.index)
        || page.facts.ancestors.iter().any(|&a| has(a))
        || oracle
            .indices()
            .filter(|&i| oracle.facts(i).ancestors.contains(&page.index))
            .any(has)
}

/// A reference is broken for sure where the thing before its last part is in the repository and fully known.
fn broken_reference(page: &Page<'_>, name: &Name) -> Option<(String, String)> {
    // The longest part of it that is there, and the name that is missing from it.
    let (mut owner, mut missing) = name.rsplit_once('.')?;
    while page.oracle.find(owner).is_none() {
        (owner, missing) = owner.rsplit_once('.')?;
    }
    let owner = page.oracle.find(owner)?;
    let component = page.oracle.component(owner);
    let open = match component.kind {
        ComponentKind::Module => {
            // A package may hold modules that are not Python, or are left out.
            let is_package = component.path.ends_with("__init__.py");
            page.oracle.facts(owner).attributes_open || is_package && !missing.contains(char::is_uppercase)
        }
        ComponentKind::Class => {
            let facts = page.oracle.facts(owner);
            facts.attributes_open || !facts.ancestors_complete
        }
        _ => true,
    };
    if open || component.traits.in_damaged_file {
        return None;
    }
    let message = format!(
        "`{name}` is mentioned, but `{}` has no `{missing}`",
        last(&component.id)
    );
    Some((message, format!("mentions `{name}`")))
}
