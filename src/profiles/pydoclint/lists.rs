//! Lists of names and types: parameters and attributes as documented and as declared.

use super::Options;
use super::reading::Reading;
use crate::model::component::ParameterKind;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::profiles::page::Page;
use crate::profiles::type_text::same;
use crate::streams::docstring::{Item, Style};

/// A name with the type it has or is said to have.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) default: Option<String>,
    pub(super) line: Option<u32>,
}

impl Entry {
    fn is_starred(&self) -> bool {
        self.name.starts_with('*')
    }
}

/// What the entries of a docstring document, names one by one. `described` has the docstring.
pub(super) fn documented(items: &[&Item], described: Page<'_>, options: &Options) -> Vec<Entry> {
    let mut entries = Vec::new();
    for item in items {
        let mut hint = item.type_text.clone().unwrap_or_default();
        // In this style a default is part of the type, unless defaults are asked for.
        if let Some(default) = item
            .default
            .as_ref()
            .filter(|_| options.style == Style::Google && !options.check_defaults)
        {
            hint = format!("{hint}, default={default}");
        }
        for name in &item.names {
            entries.push(Entry {
                name: name.clone(),
                hint: hint.clone(),
                default: item.default.clone(),
                line: described.line_of(item.line),
            });
        }
    }
    entries
}

/// The kinds and codes of what may be wrong with a list.
pub(super) struct Rules {
    pub(super) missing: Kind,
    pub(super) extra: Kind,
    pub(super) names_code: &'static str,
    pub(super) order: Kind,
    pub(super) order_code: &'static str,
    pub(super) mismatch: Kind,
    pub(super) mismatch_code: &'static str,
    pub(super) what: &'static str,
}

const PARAMETERS: Rules = Rules {
    missing: Kind::ParameterMissing,
    extra: Kind::ParameterExtra,
    names_code: "DOC103",
    order: Kind::ParameterOrder,
    order_code: "DOC104",
    mismatch: Kind::ParameterType,
    mismatch_code: "DOC105",
    what: "parameter",
};

/// The parameters of a function.
pub(super) fn parameters(page: Page<'_>, reading: &Reading, options: &Options, found: &mut Vec<Finding>) {
    let declared = declared(page, options);
    let described = if page.words().is_empty() {
        page.parent().unwrap_or(page)
    } else {
        page
    };
    let mut said = documented(&reading.parameters(), described, options);
    if options.document_stars && options.omit_stars {
        for entry in said.iter_mut().filter(|e| !e.is_starred()) {
            let bare = |d: &&Entry| d.is_starred() && d.name.trim_start_matches('*') == entry.name;
            if let Some(starred) = declared.iter().find(bare) {
                entry.name.clone_from(&starred.name);
            }
        }
    }
    if said.is_empty() && declared.is_empty() {
        return;
    }
    if !reading.is_in_another_style {
        places(page, &said, &declared, options, found);
    }
    compare(page, &said, &declared, &PARAMETERS, options, found);
}

/// The parameters that have to be documented, in order, stars included.
fn declared(page: Page<'_>, options: &Options) -> Vec<Entry> {
    let definition = page.definition();
    let mut parameters = definition.parameters.as_slice();
    let closest = definition
        .decorators
        .iter()
        .rev()
        .find(|d| matches!(d.as_ref(), "classmethod" | "staticmethod"));
    let is_bound = page.class().is_some() && closest.is_none_or(|d| d.as_ref() == "classmethod");
    if is_bound && !parameters.is_empty() {
        parameters = &parameters[1..];
    }
    let is_placeholder = |name: &str| name.chars().all(|c| c == '_');
    parameters
        .iter()
        .filter(|p| {
            let stars = matches!(p.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
            // With its stars a name is neither a placeholder nor private.
            let bare = !stars;
            !(options.ignore_underscore_args && bare && is_placeholder(&p.name)
                || options.ignore_private_args && bare && p.name.starts_with('_') && !is_placeholder(&p.name)
                || !options.document_stars && stars)
        })
        .map(|p| Entry {
            name: format!("{}{}", p.kind.stars(), p.name),
            hint: p.annotation.as_deref().unwrap_or_default().to_owned(),
            default: p.default.as_deref().map(str::to_owned),
            line: Some(p.line),
        })
        .collect()
}

/// Where types are written.
fn places(page: Page<'_>, said: &[Entry], declared: &[Entry], options: &Options, found: &mut Vec<Finding>) {
    let any = |list: &[Entry]| list.iter().any(|e| !e.hint.is_empty());
    let all = |list: &[Entry]| list.iter().all(|e| e.is_starred() || !e.hint.is_empty());
    let checks = [
        (
            options.hints_in_signature && !any(declared),
            "DOC106",
            "no parameter is annotated",
        ),
        (
            options.hints_in_signature && !all(declared),
            "DOC107",
            "not all parameters are annotated",
        ),
        (
            !options.hints_in_signature && any(declared),
            "DOC108",
            "parameters are annotated",
        ),
        (
            options.hints_in_docstring && !said.is_empty() && !any(said),
            "DOC109",
            "the docstring gives no types of parameters",
        ),
        (
            options.hints_in_docstring && !all(said),
            "DOC110",
            "the docstring does not give the types of all parameters",
        ),
        (
            !options.hints_in_docstring && any(said),
            "DOC111",
            "the docstring gives types of parameters",
        ),
    ];
    for (_, code, message) in checks.into_iter().filter(|(applies, ..)| *applies) {
        found.push(page.finding(Kind::TypePlace, code, None, message, Vec::new()));
    }
}

/// Holds what is documented against what is declared.
pub(super) fn compare(
    page: Page<'_>,
    said: &[Entry],
    declared: &[Entry],
    rules: &Rules,
    options: &Options,
    found: &mut Vec<Finding>,
) {
    let names = |list: &[Entry]| list.iter().map(|e| e.name.clone()).collect::<Vec<_>>();
    let (mut a, mut b) = (names(said), names(declared));
    let in_order = a == b;
    a.sort();
    b.sort();
    if a == b {
        if !in_order && options.check_order {
            let list: Vec<String> = declared.iter().map(|e| format!("`{}`", e.name)).collect();
            let message = format!("the {}s are declared as {}", rules.what, list.join(", "));
            found.push(page.finding(rules.order, rules.order_code, None, &message, Vec::new()));
        }
        if options.hints_in_signature && options.hints_in_docstring {
            types(page, said, declared, rules, options, found);
        }
        return;
    }
    let what = rules.what;
    for entry in declared.iter().filter(|d| said.iter().all(|s| s.name != d.name)) {
        let message = format!("{what} `{}` is not documented", entry.name);
        let evidence = entry.line.map(|l| (l, format!("declares `{}`", entry.name)));
        found.push(page.finding(
            rules.missing,
            rules.names_code,
            Some(&entry.name),
            &message,
            evidence.into_iter().collect(),
        ));
    }
    for (n, entry) in said.iter().enumerate() {
        let evidence = entry.line.map(|l| (l, format!("documents `{}`", entry.name)));
        let evidence: Vec<(u32, String)> = evidence.into_iter().collect();
        if declared.iter().all(|d| d.name != entry.name) {
            let message = format!("`{}` is documented, but there is no such {what}", entry.name);
            found.push(page.finding(rules.extra, rules.names_code, Some(&entry.name), &message, evidence));
        } else if said[..n].iter().any(|s| s.name == entry.name) {
            let message = format!("`{}` is documented twice", entry.name);
            let kind = Kind::ParameterDuplicate;
            found.push(page.finding(kind, rules.names_code, Some(&entry.name), &message, evidence));
        }
    }
}

fn types(
    page: Page<'_>,
    said: &[Entry],
    declared: &[Entry],
    rules: &Rules,
    options: &Options,
    found: &mut Vec<Finding>,
) {
    for entry in said {
        let Some(actual) = declared.iter().find(|d| d.name == entry.name) else {
            continue;
        };
        let name = Some(entry.name.as_str());
        let mut evidence: Vec<(u32, String)> = Vec::new();
        evidence.extend(entry.line.map(|l| (l, format!("documents `{}`", entry.hint))));
        evidence.extend(actual.line.map(|l| (l, format!("declares `{}`", actual.hint))));
        let code = rules.mismatch_code;
        if !same(&entry.hint, &actual.hint) {
            let (kind, message) = match (entry.hint.is_empty(), actual.hint.is_empty()) {
                (true, _) => (
                    Kind::TypePlace,
                    format!("the docstring gives no type of `{}`", entry.name),
                ),
                (_, true) => (Kind::TypePlace, format!("`{}` is not annotated", entry.name)),
                _ => {
                    let message = format!(
                        "`{}` is documented as `{}`, but it is `{}`",
                        entry.name, entry.hint, actual.hint
                    );
                    (rules.mismatch, message)
                }
            };
            found.push(page.finding(kind, code, name, &message, evidence));
        } else if options.check_defaults {
            let same_default = match (&entry.default, &actual.default) {
                (Some(said), Some(is)) => same(said, is),
                (None, None) => true,
                _ => false,
            };
            if !same_default {
                let shown = |d: &Option<String>| d.as_deref().map_or("none".to_owned(), |d| format!("`{d}`"));
                let message = format!(
                    "the documented default of `{}` is {}, but it is {}",
                    entry.name,
                    shown(&entry.default),
                    shown(&actual.default)
                );
                found.push(page.finding(Kind::ParameterDefault, code, name, &message, evidence));
            }
        }
    }
}
