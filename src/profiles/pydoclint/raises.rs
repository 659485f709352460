//! Exceptions that a function's own body raises, against those it documents.

use std::collections::BTreeSet;

use super::Options;
use super::reading::Reading;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::profiles::page::Page;

pub(super) fn check(page: Page<'_>, reading: &Reading, options: &Options, found: &mut Vec<Finding>) {
    let body = &page.definition().body;
    let documented = reading.raises();
    let asserts = options.asserts_raise.then(|| body.asserts.first().copied()).flatten();
    let first = body.raises.first().map(|r| r.line);
    if let Some(line) = first.filter(|_| !documented) {
        let evidence = vec![(line, "raises an exception".to_owned())];
        let message = "exceptions are raised, but the docstring has no section of them";
        found.push(page.finding(Kind::RaiseMissing, "DOC501", None, message, evidence));
    }
    if let Some(line) = asserts.filter(|_| !documented) {
        let evidence = vec![(line, "asserts something".to_owned())];
        let message = "assertions may fail, but the docstring has no section of exceptions";
        found.push(page.finding(Kind::RaiseMissing, "DOC504", Some("AssertionError"), message, evidence));
    }
    let Some(first) = first else {
        if documented && asserts.is_none() && !is_abstract(page) {
            let message = "exceptions are documented, but the body raises none";
            found.push(page.finding(Kind::RaiseExtra, "DOC502", None, message, Vec::new()));
        }
        return;
    };
    let mut raised: BTreeSet<&str> = body.raises.iter().flat_map(|r| r.names()).map(AsRef::as_ref).collect();
    if asserts.is_some() {
        raised.insert("AssertionError");
    }
    names(page, &raised, &reading.exceptions(), first, found);
}

/// A documented name counts for what is raised where the one begins with the other: `module.Error.make(…)` is
/// documented as `module.Error`.
fn names(page: Page<'_>, raised: &BTreeSet<&str>, documented: &[&str], line: u32, found: &mut Vec<Finding>) {
    let fits = |raised: &str, said: &str| raised.starts_with(said);
    for name in raised.iter().filter(|r| !documented.iter().any(|said| fits(r, said))) {
        let message = format!("`{name}` is raised and not documented");
        let evidence = vec![(line, "raises exceptions".to_owned())];
        found.push(page.finding(Kind::RaiseMissing, "DOC503", Some(name), &message, evidence));
    }
    let mut seen = BTreeSet::new();
    for said in documented {
        let (kind, message) = if !raised.iter().any(|raised| fits(raised, said)) {
            (
                Kind::RaiseExtra,
                format!("`{said}` is documented, but the body does not raise it"),
            )
        } else if !seen.insert(said) {
            (Kind::RaiseDuplicate, format!("`{said}` is documented more than once"))
        } else {
            continue;
        };
        found.push(page.finding(kind, "DOC503", Some(said), &message, Vec::new()));
    }
}

/// Whether the outermost decorator makes it abstract.
pub(super) fn is_abstract(page: Page<'_>) -> bool {
    let first = page.definition().decorators.first();
    first.is_some_and(|d| d.as_ref() == "abstractmethod")
}
