//! Parameters: documented and not there, there under another name, documented twice, in another order, or not at all.

use std::collections::BTreeSet;

use super::{Page, last};
use crate::model::claim::{Subject, Value};
use crate::model::component::{Name, Parameter, ParameterKind, Signature};
use crate::model::discrepancy::DiscrepancyKind;
use crate::model::finding::Finding;

/// How alike two names must be, from 0 to 1, for one to be the other misspelt.
const CLOSE: f64 = 0.7;

/// How sure the stream must be that a name is meant as a parameter, from 0 to 1.
const SURE: f32 = 0.7;

pub(super) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    let Some(signature) = page.signature() else {
        return;
    };
    duplicates(page, found);
    if !page.has_own_words() {
        return;
    }
    let mut extra = extra(page, signature);
    let mut missing = undocumented(page, signature);
    for (wrong, right) in misnamed(page, signature, &extra, &missing) {
        extra.retain(|name| *name != wrong);
        missing.retain(|p| p.name != right.name);
        found.push(misnamed_finding(page, &wrong, right));
    }
    for name in &extra {
        found.push(extra_finding(page, signature, name));
    }
    for parameter in missing {
        if is_worth_naming(page, signature, parameter) {
            found.push(missing_finding(page, parameter));
        }
    }
    order(page, signature, found);
}

fn duplicates(page: &Page<'_>, found: &mut Vec<Finding>) {
    if !page.has_own_words() {
        return;
    }
    for claim in &page.judged.draft.repeated {
        let Subject::Parameter(name) = &claim.subject else {
            continue;
        };
        if !is_a_name(name) {
            continue;
        }
        let first = page.judged.draft.get(&claim.subject).and_then(|c| c.line);
        let evidence = [first, claim.line].into_iter().flatten();
        found.push(page.finding(
            DiscrepancyKind::ParameterDuplicate,
            Some(name),
            claim.line,
            format!("parameter `{name}` is documented twice"),
            evidence.map(|line| (line, format!("documents `{name}`"))).collect(),
        ));
    }
}

/// Documented names that the oracle refutes, in the order of their lines.
fn extra(page: &Page<'_>, signature: &Signature) -> Vec<Name> {
    let has = |kind| signature.parameters.iter().find(|p| p.kind == kind);
    if has(ParameterKind::VarKeyword).is_some() {
        // What is documented are keys of the keyword arguments.
        return Vec::new();
    }
    // What is documented are arguments that are taken up, or their parts – but never keywords.
    let takes_any = has(ParameterKind::VarPositional).is_some();
    let mut extra: Vec<(Option<u32>, Name)> = page
        .judged
        .refuted()
        .filter(|(claim, _)| claim.confidence >= SURE)
        .filter_map(|(claim, _)| match &claim.subject {
            Subject::Parameter(name) if is_a_name(name) && (!takes_any || means_keywords(name)) => {
                Some((claim.line, name.clone()))
            }
            _ => None,
        })
        .filter(|(_, name)| !class_takes(page, name))
        .collect();
    extra.sort();
    extra.into_iter().map(|(_, name)| name).collect()
}

/// Whether a documented name is meant as one: not a part of a parameter, not the type in the name's place.
fn is_a_name(name: &str) -> bool {
    const TYPES: &[&str] = &[
        "None", "bool", "bytes", "callable", "dict", "float", "function", "int", "list", "none", "object", "set",
        "str", "string", "tuple",
    ];
    let is_class = name.len() > 3
        && name.starts_with(char::is_uppercase)
        && name.contains(char::is_lowercase)
        && !name.contains('_');
    !name.contains('.') && !TYPES.contains(&name) && !is_class
}

fn means_keywords(name: &str) -> bool {
    matches!(name, "kwargs" | "kwds" | "kw" | "keywords")
}

/// Whether a class's documentation speaks of more than the constructor at hand: it has another one that takes the
/// parameter, or – where the constructor has no words of its own – a method that does.
fn class_takes(page: &Page<'_>, name: &Name) -> bool {
    let Some(class) = page.constructs.and(page.component.parent) else {
        return false;
    };
    let is_general = page.component.docstring.is_none();
    page.oracle
        .members(class)
        .filter(|&member| member != page.index)
        .map(|member| page.oracle.component(member))
        .filter(|member| is_general || matches!(last(&member.id), "__init__" | "__new__"))
        .filter_map(|member| Some((last(&member.id), member.signature.as_ref()?)))
        .any(|(method, signature)| {
            let constructs = matches!(method, "__init__" | "__new__");
            signature
                .parameters
                .iter()
                .any(|p| p.name == *name || constructs && p.kind == ParameterKind::VarKeyword)
        })
}

/// Parameters without a claim, where the docstring has any claim about parameters.
fn undocumented<'a>(page: &Page<'a>, signature: &'a Signature) -> Vec<&'a Parameter> {
    let has_section = page
        .judged
        .draft
        .claims
        .iter()
        .any(|c| matches!(c.subject, Subject::Parameter(_)));
    if !has_section {
        return Vec::new();
    }
    signature
        .documented()
        .iter()
        .filter(|p| !page.claims(&Subject::Parameter(p.name.clone())))
        .collect()
}

/// Pairs each false name with the parameter it stands for: the closest in spelling, or the one in its place.
fn misnamed<'a>(
    page: &Page<'_>,
    signature: &'a Signature,
    extra: &[Name],
    missing: &[&'a Parameter],
) -> Vec<(Name, &'a Parameter)> {
    let mut candidates: Vec<(u32, usize, usize)> = Vec::new();
    for (e, name) in extra.iter().enumerate() {
        for (m, parameter) in missing.iter().enumerate() {
            let closeness = closeness(name, &parameter.name);
            let in_place = stands_for(page, signature, name) == Some(&parameter.name);
            if closeness >= CLOSE || in_place {
                candidates.push((rank(closeness, in_place), e, m));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut used_extra, mut used_missing) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs = Vec::new();
    for (_, e, m) in candidates {
        if !used_extra.contains(&e) && !used_missing.contains(&m) {
            used_extra.insert(e);
            used_missing.insert(m);
            pairs.push((extra[e].clone(), missing[m]));
        }
    }
    pairs
}

/// Closeness as a whole number that can be ordered, being in place as good as a close name.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "closeness is from 0 to 1"
)]
fn rank(closeness: f64, in_place: bool) -> u32 {
    let place = if in_place { CLOSE } else { 0.0 };
    ((closeness + place) * 1000.0) as u32
}

/// How alike two names are; a name that begins with the other, or ends with it as a word, counts as close.
fn closeness(said: &str, actual: &str) -> f64 {
    let (said, actual) = (said.to_lowercase(), actual.to_lowercase());
    let (a, b) = (said.trim_matches('_'), actual.trim_matches('_'));
    if a.is_empty() || b.is_empty() || said.len().max(actual.len()) > 200 {
        return 0.0;
    }
    if a == b {
        return 1.0;
    }
    let shorter = a.len().min(b.len());
    let ends_with = |long: &str, word: &str| long.strip_suffix(word).is_some_and(|rest| rest.ends_with('_'));
    if shorter >= 3 && (a.starts_with(b) || b.starts_with(a) || ends_with(a, b) || ends_with(b, a)) {
        return 0.85;
    }
    strsim::normalized_levenshtein(a, b)
}

/// The parameter in whose place a false name stands: its neighbours in the docstring are the parameter's neighbours
/// in the signature.
fn stands_for<'a>(page: &Page<'_>, signature: &'a Signature, name: &Name) -> Option<&'a Name> {
    let order = page.judged.draft.get(&Subject::ParameterOrder)?;
    let Value::Names(said) = &order.value else {
        return None;
    };
    let actual = signature.documented();
    let at = said.iter().position(|n| n == name)?;
    let before = at.checked_sub(1).map(|i| &said[i]);
    let after = said.get(at + 1);
    let place = match before {
        Some(before) => actual.iter().position(|p| p.name == *before)? + 1,
        None => 0,
    };
    let candidate = &actual.get(place)?.name;
    let next = actual.get(place + 1).map(|p| &p.name);
    let aligned = next == after && (before.is_some() || after.is_some());
    (aligned && !said.contains(candidate)).then_some(candidate)
}

fn misnamed_finding(page: &Page<'_>, wrong: &Name, right: &Parameter) -> Finding {
    let line = page
        .judged
        .draft
        .get(&Subject::Parameter(wrong.clone()))
        .and_then(|c| c.line);
    let mut evidence: Vec<(u32, String)> = Vec::new();
    evidence.extend(line.map(|line| (line, format!("documents `{wrong}`"))));
    evidence.push((right.line, format!("declares `{}`", right.name)));
    page.finding(
        DiscrepancyKind::ParameterName,
        Some(wrong),
        line,
        format!("`{wrong}` is documented, but the parameter is called `{}`", right.name),
        evidence,
    )
}

fn extra_finding(page: &Page<'_>, signature: &Signature, name: &Name) -> Finding {
    let line = page
        .judged
        .draft
        .get(&Subject::Parameter(name.clone()))
        .and_then(|c| c.line);
    let names: Vec<String> = signature
        .documented()
        .iter()
        .map(|p| format!("{}{}", p.kind.stars(), p.name))
        .collect();
    let declared = match names.as_slice() {
        [] => "takes no parameters".to_owned(),
        names => format!("takes {}", names.join(", ")),
    };
    let mut evidence: Vec<(u32, String)> = Vec::new();
    evidence.extend(line.map(|line| (line, format!("documents `{name}`"))));
    evidence.push((page.component.first_line, declared));
    page.finding(
        DiscrepancyKind::ParameterExtra,
        Some(name),
        line,
        format!("`{name}` is documented, but there is no such parameter"),
        evidence,
    )
}

/// Whether it is an omission to leave a parameter out.
fn is_worth_naming(page: &Page<'_>, signature: &Signature, parameter: &Parameter) -> bool {
    if parameter.name.starts_with('_') || parameter.default.as_deref() == Some("\"deprecated\"") {
        return false;
    }
    if !matches!(parameter.kind, ParameterKind::VarKeyword | ParameterKind::VarPositional) {
        return true;
    }
    // Documented by what goes into it, or in prose.
    let known = |name: &Name| signature.parameters.iter().any(|p| p.name == *name);
    let by_content = page
        .judged
        .draft
        .claims
        .iter()
        .any(|c| matches!(&c.subject, Subject::Parameter(name) if !known(name)));
    !by_content && !page.prose_mentions(&parameter.name)
}

fn missing_finding(page: &Page<'_>, parameter: &Parameter) -> Finding {
    let shown = format!("{}{}", parameter.kind.stars(), parameter.name);
    page.finding(
        DiscrepancyKind::ParameterMissing,
        Some(&parameter.name),
        None,
        format!("parameter `{shown}` is not documented, though others are"),
        vec![(parameter.line, format!("declares `{shown}`"))],
    )
}

/// The order of the parameters that can be passed by position.
fn order(page: &Page<'_>, signature: &Signature, found: &mut Vec<Finding>) {
    let Some(claim) = page.judged.draft.get(&Subject::ParameterOrder) else {
        return;
    };
    let Value::Names(said) = &claim.value else {
        return;
    };
    let said: Vec<&Name> = said.iter().filter(|n| by_position(signature, n)).collect();
    let documented: BTreeSet<&Name> = said.iter().copied().collect();
    let actual: Vec<&Name> = signature
        .documented()
        .iter()
        .map(|p| &p.name)
        .filter(|name| documented.contains(name) && by_position(signature, name))
        .collect();
    if said == actual {
        return;
    }
    let list = |names: &[&Name]| {
        let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        names.join(", ")
    };
    found.push(page.finding(
        DiscrepancyKind::ParameterOrder,
        None,
        claim.line,
        format!(
            "parameters are documented as {}, but declared as {}",
            list(&said),
            list(&actual)
        ),
        vec![(page.component.first_line, format!("declares {}", list(&actual)))],
    ));
}

fn by_position(signature: &Signature, name: &Name) -> bool {
    signature.parameters.iter().any(|p| {
        p.name == *name
            && matches!(
                p.kind,
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword
            )
    })
}
