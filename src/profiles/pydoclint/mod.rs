//! The profile `pydoclint`: what its documentation says of its violation codes DOC1xx to DOC6xx.
//!
//! Every function with a docstring is held against its own signature and body, names, order and types to the letter.

mod classes;
mod lists;
mod options;
mod raises;
mod reading;
mod results;

pub(super) use options::Options;

use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::model::outline::{DefinitionKind, Outline};
use crate::profiles::page::Page;
use reading::Reading;

/// The findings in one file.
pub(super) fn check(file: &Outline, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if file.first_error.is_some() {
        // The tool reads files that parse, and no others.
        return found;
    }
    for at in 1..file.definitions.len() {
        let page = Page { file, at };
        match page.definition().kind {
            DefinitionKind::Module => {}
            DefinitionKind::Class => classes::check(page, options, &mut found),
            DefinitionKind::Function => function(page, options, &mut found),
        }
    }
    found
}

fn function(page: Page<'_>, options: &Options, found: &mut Vec<Finding>) {
    let definition = page.definition();
    let constructs = page.class().is_some() && definition.name.as_ref() == "__init__";
    if constructs && has_later_constructor(page) || is_skipped(page, options) {
        return;
    }
    // A constructor is described by its class, unless it may describe itself.
    let described = match page.parent() {
        Some(class) if constructs => constructor_docstring(page, class, options, found),
        _ => page,
    };
    let words = described.words();
    if words.trim().is_empty() {
        return;
    }
    let reading = match Reading::of(words, options) {
        Ok(reading) => reading,
        Err(reason) => {
            found.push(page.finding(Kind::DocstringMalformed, "DOC001", None, &reason, Vec::new()));
            return;
        }
    };
    if reading.is_in_another_style {
        let message = format!("the docstring is not written in the style {}", options.style.name());
        found.push(page.finding(Kind::StyleMismatch, "DOC003", None, &message, Vec::new()));
    }
    let short = options.skip_short_docstrings && reading.is_short();
    if !short {
        lists::parameters(page, &reading, options, found);
    }
    if constructs {
        classes::results_of_constructor(page, &reading, found);
    }
    if short || reading.is_in_another_style {
        return;
    }
    results::check(page, &reading, constructs, options, found);
    if !options.skip_raises {
        raises::check(page, &reading, options, found);
    }
}

/// Whether the class defines another constructor further down, as it does behind overload stubs.
fn has_later_constructor(page: Page<'_>) -> bool {
    let later = |member: Page<'_>| member.at > page.at && member.definition().name.as_ref() == "__init__";
    page.parent().is_some_and(|class| class.members().any(later))
}

fn is_skipped(page: Page<'_>, options: &Options) -> bool {
    let private = |page: Page<'_>| {
        let name = page.definition().name.as_ref();
        let is_function = page.definition().kind == DefinitionKind::Function;
        is_function && name.starts_with('_') && !(name.starts_with("__") && name.ends_with("__"))
    };
    let mut around = Some(page);
    while let Some(page) = around.filter(|_| options.skip_private_functions) {
        if private(page) {
            return true;
        }
        around = page.parent();
    }
    false
}

/// The definition whose docstring describes a constructor.
fn constructor_docstring<'a>(page: Page<'a>, class: Page<'a>, options: &Options, found: &mut Vec<Finding>) -> Page<'a> {
    if page.words().is_empty() {
        return class;
    }
    if !options.allow_init_docstring {
        let message = "the constructor has a docstring of its own; describe it in that of the class";
        found.push(page.finding(Kind::ConstructorPlace, "DOC301", None, message, Vec::new()));
        return class;
    }
    let (Ok(of_class), Ok(own)) = (
        Reading::of_own_style(class.words(), options),
        Reading::of_own_style(page.words(), options),
    ) else {
        return page;
    };
    let mut misplaced = |at: Page<'_>, code, what: &str| {
        let message = format!("{what}; it belongs to the constructor's");
        found.push(at.finding(Kind::ConstructorPlace, code, None, &message, Vec::new()));
    };
    if of_class.returns().is_some() {
        misplaced(class, "DOC302", "the class's docstring says what is returned");
    }
    if own.returns().is_some() {
        misplaced(page, "DOC303", "the constructor's docstring says what is returned");
    }
    if !of_class.parameters().is_empty() {
        misplaced(class, "DOC304", "the class's docstring lists parameters");
    }
    if of_class.raises() {
        misplaced(class, "DOC305", "the class's docstring lists exceptions");
    }
    if of_class.yields().is_some() {
        misplaced(class, "DOC306", "the class's docstring says what is yielded");
    }
    if own.yields().is_some() {
        misplaced(class, "DOC307", "the constructor's docstring says what is yielded");
    }
    page
}
