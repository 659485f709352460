//! Attributes of classes, and what a class may say of its constructor.

use super::Options;
use super::lists::{Entry, Rules, compare, documented};
use super::reading::Reading;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::model::outline::DefinitionKind;
use crate::profiles::page::Page;
use crate::profiles::type_text::canonical;

const ATTRIBUTES: Rules = Rules {
    missing: Kind::AttributeMissing,
    extra: Kind::AttributeExtra,
    names_code: "DOC603",
    order: Kind::AttributeOrder,
    order_code: "DOC604",
    mismatch: Kind::AttributeType,
    mismatch_code: "DOC605",
    what: "attribute",
};

/// The attributes that a class's body sets, against those that its docstring lists.
pub(super) fn check(page: Page<'_>, options: &Options, found: &mut Vec<Finding>) {
    let words = page.words();
    if !options.check_attributes || words.is_empty() {
        return;
    }
    let reading = match Reading::of_own_style(words, options) {
        Ok(reading) => reading,
        Err(reason) => {
            found.push(page.finding(Kind::DocstringMalformed, "DOC001", None, &reason, Vec::new()));
            return;
        }
    };
    if options.skip_short_docstrings && reading.is_short() {
        return;
    }
    let declared = declared(page, options);
    let mut said = documented(&reading.attributes(), page, options);
    if options.require_inline_docs && !said.is_empty() {
        let message = "attributes are listed in the docstring; describe each beside itself";
        found.push(page.finding(Kind::AttributePlace, "DOC607", None, message, Vec::new()));
        said.clear();
    }
    inline(page, &declared, &mut said, options, found);
    compare(page, &said, &declared, &ATTRIBUTES, options, found);
}

fn declared(page: Page<'_>, options: &Options) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for assigned in &page.definition().attributes {
        for target in &assigned.targets {
            entries.push(Entry {
                name: target.to_string(),
                hint: assigned.annotation.as_deref().unwrap_or_default().to_owned(),
                default: assigned.value.as_deref().map(str::to_owned),
                line: Some(assigned.line),
            });
        }
    }
    if options.properties_are_attributes {
        for member in page.members() {
            let member = member.definition();
            let is_property = member.decorators.first().is_some_and(|d| d.as_ref() == "property");
            if member.kind == DefinitionKind::Function && is_property {
                entries.push(Entry {
                    name: member.name.to_string(),
                    hint: member.returns.as_deref().unwrap_or_default().to_owned(),
                    default: None,
                    line: Some(member.line),
                });
            }
        }
        entries.sort_by_key(|e| e.line);
    }
    if !options.document_private_attributes {
        entries.retain(|e| !e.name.starts_with('_'));
    }
    if options.only_class_vars {
        entries.retain_mut(|e| {
            let hint = canonical(&e.hint);
            let inner = hint.strip_prefix("ClassVar[").and_then(|h| h.strip_suffix(']'));
            let is_class_var = inner.is_some();
            if let Some(inner) = inner {
                e.hint = inner.to_owned();
            }
            is_class_var
        });
    }
    entries
}

/// Strings below the attributes themselves.
fn inline(page: Page<'_>, declared: &[Entry], said: &mut Vec<Entry>, options: &Options, found: &mut Vec<Finding>) {
    for assigned in &page.definition().attributes {
        let (Some((line, doc)), [name]) = (&assigned.doc, assigned.targets.as_slice()) else {
            continue;
        };
        if declared.iter().all(|d| d.name != name.as_ref()) {
            continue;
        }
        if !options.require_inline_docs {
            let message = format!("attribute `{name}` is described beside itself; list it in the class's docstring");
            let evidence = vec![(*line, format!("describes `{name}`"))];
            let kind = Kind::AttributePlace;
            found.push(page.finding(kind, "DOC606", Some(name), &message, evidence));
            continue;
        }
        let first = doc.lines().next().unwrap_or_default();
        let hint = first.split_once(':').map_or("", |(hint, _)| hint.trim());
        said.push(Entry {
            name: name.to_string(),
            hint: if options.hints_in_docstring {
                hint.to_owned()
            } else {
                String::new()
            },
            default: None,
            line: Some(*line),
        });
    }
}

/// A class is no function: it returns and yields nothing.
pub(super) fn results_of_constructor(page: Page<'_>, reading: &Reading, found: &mut Vec<Finding>) {
    let Some(class) = page.parent() else { return };
    if reading.returns().is_some() {
        let message = "the docstring says what is returned, but a class is made, not called for a value";
        found.push(class.finding(Kind::ConstructorPlace, "DOC302", None, message, Vec::new()));
    }
    if reading.yields().is_some() {
        let message = "the docstring says what is yielded, but a class is made, not iterated over";
        found.push(class.finding(Kind::ConstructorPlace, "DOC306", None, message, Vec::new()));
    }
}
