//! The rules DOC102 to DOC502: parameters, results and exceptions that are documented or not.

use std::collections::BTreeSet;

use super::Found;
use super::sections::{Manner, Read, documented};
use crate::model::component::ParameterKind;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::profiles::page::Page;
use crate::profiles::type_text::{arguments, canonical};

pub(super) fn check(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let body = &page.definition().body;
    let one_line = found.options.ignore_one_line && !page.words().contains('\n');
    if body.is_stub || one_line {
        return;
    }
    extra_parameters(page, read, found);
    returns(page, read, found);
    yields(page, read, found);
    raises(page, read, found);
}

fn extra_parameters(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let declared = &page.definition().parameters;
    let collects = |kind| matches!(kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
    if declared.iter().any(|p| collects(p.kind)) {
        return;
    }
    for name in documented(read).unwrap_or_default() {
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
        if is_name && declared.iter().all(|p| p.name.as_ref() != name) {
            let message = format!("`{name}` is documented, but there is no such parameter");
            found.push(page, Kind::ParameterExtra, "DOC102", Some(&name), &message);
        }
    }
}

/// Whether a docstring begins with a word, which says enough in the Google manner.
fn begins_with(page: Page<'_>, words: &[&str]) -> bool {
    let first = page.words().split_whitespace().next().unwrap_or_default();
    words.contains(&first)
}

/// The annotation of a generator taken apart: what it yields and what it returns, where that is said.
fn generator(annotation: &str) -> Option<(Option<String>, Option<String>)> {
    let text = canonical(annotation);
    let head = text.split('[').next().unwrap_or_default();
    let name = head.rsplit('.').next().unwrap_or(head);
    let known = [
        "Generator",
        "AsyncGenerator",
        "Iterator",
        "AsyncIterator",
        "Iterable",
        "AsyncIterable",
    ];
    if !known.contains(&name) {
        return None;
    }
    let inside = arguments(&text, &[head]).unwrap_or_default();
    let returned = match name {
        "Generator" => inside.get(2).map(|r| (*r).to_owned()),
        _ => None,
    };
    Some((inside.first().map(|y| (*y).to_owned()), returned))
}

fn is_none(text: Option<&String>) -> bool {
    text.is_none_or(|t| t == "None")
}

fn returns(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let definition = page.definition();
    let body = &definition.body;
    let has_section = read.sections.iter().any(|s| s.is_one_of(&["returns", "return"]));
    if has_section {
        let is_implicit = body.returns.iter().all(|r| !r.has_value);
        if is_implicit && !is_abstract(page) {
            let message = "a return value is documented, but nothing is returned";
            found.push(page, Kind::ReturnExtra, "DOC202", None, message);
        }
        return;
    }
    let says = found.options.convention == Some(super::Convention::Google) && begins_with(page, &["Returns", "Return"]);
    let is_property = page.is_property(&found.options.property_decorators);
    if says || is_property || body.returns.is_empty() || definition.name.as_ref() == "__new__" {
        return;
    }
    let is_missing = match definition.returns.as_deref() {
        Some(annotation) => {
            let text = canonical(annotation);
            // What is annotated as iterable only may as well be returned.
            let iterable =
                body.yields.is_empty() && text.split('[').next().is_some_and(|head| head.ends_with("Iterable"));
            let nothing = generator(&text).is_some_and(|(_, returned)| is_none(returned.as_ref()));
            text != "None" && (!nothing || iterable)
        }
        None => body.returns.iter().any(|r| r.has_value && !r.is_none),
    };
    if is_missing {
        let line = body
            .returns
            .iter()
            .find(|r| r.has_value)
            .or(body.returns.first())
            .map(|r| r.line);
        found.push_at(
            page,
            Kind::ReturnMissing,
            "DOC201",
            None,
            "what is returned is not documented",
            line,
        );
    }
}

fn yields(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let definition = page.definition();
    let body = &definition.body;
    if read.sections.iter().any(|s| s.is_one_of(&["yields", "yield"])) {
        if body.yields.is_empty() && !is_abstract(page) {
            let message = "yielded values are documented, but nothing is yielded";
            found.push(page, Kind::YieldExtra, "DOC403", None, message);
        }
        return;
    }
    let says = found.options.convention == Some(super::Convention::Google) && begins_with(page, &["Yields", "Yield"]);
    if says || body.yields.is_empty() {
        return;
    }
    let is_missing = match definition.returns.as_deref() {
        Some(annotation) => !generator(annotation).is_some_and(|(yielded, _)| is_none(yielded.as_ref())),
        None => body.yields.iter().any(|y| y.has_value),
    };
    if is_missing {
        let line = body.yields.first().map(|y| y.line);
        found.push_at(
            page,
            Kind::YieldMissing,
            "DOC402",
            None,
            "what is yielded is not documented",
            line,
        );
    }
}

fn raises(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let raised = raised(page);
    let section = read.sections.iter().find(|s| s.name == "raises");
    let mut said: Vec<String> = Vec::new();
    for (_, head) in section.map(|s| s.heads()).unwrap_or_default() {
        let name = match read.manner {
            Manner::Google => match head.split_once(':') {
                Some((name, _)) => name,
                None => continue,
            },
            Manner::Numpy => head.split(':').next().unwrap_or(head),
        };
        said.extend(name.split(',').map(|n| n.trim().trim_matches('`').to_owned()));
    }
    let ends_with = |full: &str, part: &str| {
        full.strip_suffix(part)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    for (name, line) in &raised {
        let last = name.rsplit('.').next().unwrap_or(name);
        if last != "NotImplementedError" && !said.iter().any(|s| ends_with(name, s)) {
            let message = format!("`{last}` is raised and not documented");
            found.push_at(page, Kind::RaiseMissing, "DOC501", Some(last), &message, Some(*line));
        }
    }
    if is_abstract(page) {
        return;
    }
    for name in said
        .iter()
        .filter(|s| !s.is_empty() && !raised.iter().any(|(full, _)| ends_with(full, s)))
    {
        let message = format!("`{name}` is documented, but the body does not raise it");
        found.push(page, Kind::RaiseExtra, "DOC502", Some(name), &message);
    }
}

/// The exceptions that the body raises by name, imports followed: what is held in a variable has none.
fn raised(page: Page<'_>) -> BTreeSet<(String, u32)> {
    let mut found: BTreeSet<(String, u32)> = BTreeSet::new();
    for raise in &page.definition().body.raises {
        let names = match (&raise.name, &raise.handler) {
            (None, Some(handler)) if raise.is_bare => handler.classes.clone(),
            (Some(name), _) => vec![name.clone()],
            _ => Vec::new(),
        };
        for name in names {
            let first = name.split('.').next().unwrap_or_default();
            let imported = page
                .file
                .imports
                .iter()
                .rev()
                .find(|(local, _)| local.as_ref() == first);
            let is_class = first.starts_with(char::is_uppercase);
            let full = match imported {
                Some((_, full)) => format!("{full}{}", &name[first.len()..]),
                None if is_class => name.to_string(),
                None => continue,
            };
            if found.iter().all(|(known, _)| *known != full) {
                found.insert((full, raise.line));
            }
        }
    }
    found
}

fn is_abstract(page: Page<'_>) -> bool {
    let names = [
        "abstractmethod",
        "abstractclassmethod",
        "abstractstaticmethod",
        "abstractproperty",
    ];
    names.iter().any(|name| page.definition().is_decorated_with(name))
}
