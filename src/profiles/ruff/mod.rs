//! The profile `ruff`: its rules D (pydocstyle) and DOC (pydoclint), as its documentation describes them.
//!
//! Which rules apply is told by `lint.select`, `lint.ignore` and `lint.pydocstyle.convention`. The rules about blank
//! lines around a docstring that are a matter of formatting alone (D201 to D204, D211), about sections that are indented (D214, D215) and about
//! grammar (D401, D421) are not applied.

mod interface;
mod layout;
mod missing;
mod options;
mod sections;

pub(super) use options::Options;

use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::model::outline::{DefinitionKind, Outline};
use crate::profiles::page::Page;
use options::Convention;

/// The findings in one file.
pub(super) fn check(file: &Outline, options: &Options) -> Vec<Finding> {
    let mut found = Found {
        options,
        list: Vec::new(),
    };
    let public = missing::public(file);
    for (at, is_public) in public.into_iter().enumerate() {
        definition(Page { file, at }, is_public, &mut found);
    }
    found.list
}

/// Collects findings of the rules that are wanted.
struct Found<'a> {
    options: &'a Options,
    list: Vec<Finding>,
}

impl Found<'_> {
    fn push(&mut self, page: Page<'_>, kind: Kind, code: &str, name: Option<&str>, message: &str) {
        self.push_at(page, kind, code, name, message, None);
    }

    fn push_at(
        &mut self,
        page: Page<'_>,
        kind: Kind,
        code: &str,
        name: Option<&str>,
        message: &str,
        line: Option<u32>,
    ) {
        if self.options.wants(code) {
            let evidence = line.map(|line| (line, message.to_owned()));
            self.list
                .push(page.finding(kind, code, name, message, evidence.into_iter().collect()));
        }
    }
}

fn definition(page: Page<'_>, is_public: bool, found: &mut Found<'_>) {
    let definition = page.definition();
    let is_function = definition.kind == DefinitionKind::Function;
    let ignored = &found.options.ignored_decorators;
    if is_function
        && definition
            .decorators
            .iter()
            .any(|d| ignored.iter().any(|i| page.resolves_to(d, i)))
    {
        return;
    }
    let Some(literal) = &definition.docstring else {
        if is_public {
            missing::check(page, found);
        }
        return;
    };
    let is_overload = is_function && definition.is_decorated_with("overload");
    if is_overload {
        let message = "an overload has a docstring; describe the implementation";
        found.push(page, Kind::OverloadDocumented, "D418", None, message);
    }
    if literal.docstring.text.trim().is_empty() {
        found.push(page, Kind::DocstringEmpty, "D419", None, "the docstring is empty");
        return;
    }
    layout::check(page, literal, found);
    let read = sections::read(page.words(), found.options.convention);
    sections::check(page, &read, found);
    if is_function {
        sections::parameters(page, &read, found);
        interface::check(page, &read, found);
    }
}

impl Page<'_> {
    /// Whether an expression's dotted name, with its imports followed, is this one or ends in it.
    pub(super) fn resolves_to(&self, expression: &str, wanted: &str) -> bool {
        let written = expression.split(['(', '[']).next().unwrap_or(expression).trim();
        let (first, rest) = match written.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (written, None),
        };
        let imported = self
            .file
            .imports
            .iter()
            .rev()
            .find(|(local, _)| local.as_ref() == first);
        let full = imported.map_or(first, |(_, full)| full.as_ref());
        let full = rest.map_or_else(|| full.to_owned(), |rest| format!("{full}.{rest}"));
        full == wanted || written == wanted
    }

    /// Whether it is a property, by the decorators of the standard library and those that the options add.
    pub(super) fn is_property(&self, more: &[String]) -> bool {
        const KNOWN: &[&str] = &[
            "property",
            "functools.cached_property",
            "abc.abstractproperty",
            "enum.property",
            "types.DynamicClassAttribute",
        ];
        let decorators = &self.definition().decorators;
        decorators.iter().any(|d| {
            KNOWN.iter().any(|known| self.resolves_to(d, known)) || more.iter().any(|m| self.resolves_to(d, m))
        })
    }
}
