//! What a function returns and yields, against its sections and its annotation.

use super::Options;
use super::raises::is_abstract;
use super::reading::Reading;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::profiles::page::Page;
use crate::profiles::type_text::{arguments, canonical, same};
use crate::streams::docstring::Style;

const GENERATORS: &[&str] = &["Generator", "AsyncGenerator"];
const ITERATORS: &[&str] = &["Iterator", "Iterable", "AsyncIterator", "AsyncIterable"];

/// The return annotation, and what it says of a generator.
struct Annotation {
    /// In canonical form; none where there is no annotation.
    text: Option<String>,
    is_generator: bool,
    is_iterator: bool,
}

impl Annotation {
    fn of(page: Page<'_>) -> Self {
        let text = page.definition().returns.as_deref().map(canonical);
        let head = text.as_deref().map_or("", |t| t.split('[').next().unwrap_or(t));
        Self {
            is_generator: GENERATORS.contains(&head),
            is_iterator: ITERATORS.iter().any(|name| head.starts_with(name)),
            text,
        }
    }

    fn is_nothing(&self) -> bool {
        matches!(self.text.as_deref(), Some("None" | "NoReturn"))
    }

    /// The type of what is yielded.
    fn yielded(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        if !self.is_generator && !self.is_iterator {
            return None;
        }
        let inside = self.inside(text).and_then(|a| a.first().map(|f| (*f).to_owned()));
        Some(inside.unwrap_or_else(|| text.to_owned()))
    }

    /// What stands in the annotation's brackets, where there is as much as there may be.
    fn inside<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (heads, most) = match self.is_generator {
            true if text.starts_with("Async") => (GENERATORS, 2),
            true => (GENERATORS, 3),
            false => (ITERATORS, 1),
        };
        arguments(text, heads).filter(|a| a.len() <= most)
    }

    /// The type of what a generator returns in the end; of anything else the annotation itself.
    fn returned(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        if !self.is_generator {
            return Some(text.to_owned());
        }
        match self.inside(text) {
            None => Some(text.to_owned()),
            Some(inside) => Some(inside.get(2).map_or("None", |r| *r).to_owned()),
        }
    }
}

/// What a constructor returns is another matter; what it yields is not.
pub(super) fn check(page: Page<'_>, reading: &Reading, constructs: bool, options: &Options, found: &mut Vec<Finding>) {
    let body = &page.definition().body;
    let case = Case {
        page,
        options,
        annotation: Annotation::of(page),
        returns: !body.returns.is_empty(),
        returns_bare: body.returns.iter().any(|r| !r.has_value),
        yields: body.yields.iter().any(|y| y.is_statement),
        return_section: reading.returns(),
        yield_section: reading.yields(),
    };
    if constructs {
        case.yielded(found);
    } else if case.returns && case.yields {
        case.returned_by_generator(found);
        case.yielded_by_returning_generator(found);
    } else {
        case.returned(found);
        case.yielded(found);
    }
}

struct Case<'a> {
    page: Page<'a>,
    options: &'a Options,
    annotation: Annotation,
    returns: bool,
    returns_bare: bool,
    yields: bool,
    /// The types of the entries, where there is the section.
    return_section: Option<Vec<String>>,
    yield_section: Option<Vec<String>>,
}

impl Case<'_> {
    fn push(&self, found: &mut Vec<Finding>, kind: Kind, code: &str, message: &str) {
        let body = &self.page.definition().body;
        let mut evidence = Vec::new();
        if matches!(kind, Kind::ReturnMissing) {
            evidence.extend(body.returns.first().map(|r| (r.line, "returns".to_owned())));
        }
        if matches!(kind, Kind::YieldMissing) {
            evidence.extend(body.yields.first().map(|y| (y.line, "yields a value".to_owned())));
        }
        found.push(self.page.finding(kind, code, None, message, evidence));
    }

    fn missing_return(&self, found: &mut Vec<Finding>) {
        self.push(
            found,
            Kind::ReturnMissing,
            "DOC201",
            "what is returned is not documented",
        );
    }

    fn missing_yield(&self, found: &mut Vec<Finding>) {
        self.push(found, Kind::YieldMissing, "DOC402", "what is yielded is not documented");
    }

    fn returned(&self, found: &mut Vec<Finding>) {
        let annotation = &self.annotation;
        let first = self.page.definition().decorators.first();
        let is_property = first.is_some_and(|d| d.as_ref() == "property");
        let annotated = annotation.text.is_some();
        let only_yields = self.yields && !self.returns;
        let Some(section) = &self.return_section else {
            let returns = self.returns || annotated && !annotation.is_generator;
            let iterates = only_yields && annotation.is_iterator;
            let wanted = self.options.require_return_section || !annotation.is_nothing();
            if returns && wanted && !iterates && !is_property {
                self.missing_return(found);
            }
            let silent = annotation.is_nothing() && !self.options.require_return_section
                || annotation.is_generator
                || annotation.is_iterator
                || is_property;
            if self.options.check_return_types && annotated && !silent {
                let message = "the return value is annotated, but the docstring gives no type of it";
                self.push(found, Kind::TypePlace, "DOC203", message);
            }
            return;
        };
        if !self.returns && !annotated && !is_abstract(self.page) {
            let message = "a return value is documented, but nothing is returned";
            self.push(found, Kind::ReturnExtra, "DOC202", message);
        }
        if self.options.check_return_types {
            self.return_types(section, annotation.text.as_deref(), found);
        }
    }

    /// The documented types against the type that is annotated.
    fn return_types(&self, section: &[String], annotated: Option<&str>, found: &mut Vec<Finding>) {
        let Some(annotated) = annotated else {
            let message = "the docstring gives the type of a return value that is not annotated";
            self.push(found, Kind::TypePlace, "DOC203", message);
            return;
        };
        let one = section.first().map_or("", String::as_str);
        let mut agrees = same(one, annotated);
        if self.options.style == Style::Numpy {
            // A tuple may be documented element by element.
            agrees &= section.len() == 1;
            let parts = arguments(annotated, &["tuple", "Tuple"]).filter(|p| p.last() != Some(&"..."));
            if let Some(parts) = parts {
                agrees |= parts.len() == section.len() && parts.iter().zip(section).all(|(a, b)| same(a, b));
            }
        }
        if agrees {
            return;
        }
        if section.iter().all(String::is_empty) {
            let message = "the docstring gives no type of the return value";
            self.push(found, Kind::TypePlace, "DOC203", message);
            return;
        }
        let message = format!(
            "documented to return `{}`, but annotated as `{annotated}`",
            section.join("`, `")
        );
        self.push(found, Kind::ReturnType, "DOC203", &message);
    }

    fn yielded(&self, found: &mut Vec<Finding>) {
        let annotation = &self.annotation;
        let iterates = annotation.is_generator || annotation.is_iterator;
        match &self.yield_section {
            None => {
                let nothing = annotation.yielded().as_deref() == Some("None") && !self.options.require_yield_section;
                if self.yields && !nothing {
                    self.missing_yield(found);
                    if self.options.check_yield_types {
                        let message = "the docstring gives no type of what is yielded";
                        self.push(found, Kind::TypePlace, "DOC404", message);
                    }
                }
            }
            Some(section) => {
                if (!self.yields || !iterates) && !is_abstract(self.page) {
                    let message = if self.yields {
                        "yielded values are documented, but the annotation is that of no generator"
                    } else {
                        "yielded values are documented, but nothing is yielded"
                    };
                    self.push(found, Kind::YieldExtra, "DOC403", message);
                }
                if self.yields && self.options.check_yield_types {
                    self.yield_types(section, found);
                }
            }
        }
    }

    fn yield_types(&self, section: &[String], found: &mut Vec<Finding>) {
        let said = section.first().map_or("", String::as_str);
        let (kind, message) = match self.annotation.yielded() {
            None => (
                Kind::TypePlace,
                "the docstring gives a type of what is yielded, but no generator is annotated".to_owned(),
            ),
            Some(actual) if same(said, &actual) => return,
            Some(_) if said.is_empty() => (
                Kind::TypePlace,
                "the docstring gives no type of what is yielded".to_owned(),
            ),
            Some(actual) => (
                Kind::YieldType,
                format!("documented to yield `{said}`, but annotated to yield `{actual}`"),
            ),
        };
        self.push(found, kind, "DOC404", &message);
    }

    /// A generator's `return` ends it; what it returns with is the third part of its annotation.
    fn returned_by_generator(&self, found: &mut Vec<Finding>) {
        let Some(section) = &self.return_section else {
            let nothing = matches!(self.annotation.returned().as_deref(), Some("None" | "NoReturn"));
            if !self.returns_bare && (self.options.require_return_section || !nothing) {
                self.missing_return(found);
            }
            return;
        };
        if !self.annotation.is_generator {
            let message = "values are returned and yielded, but the annotation is that of no generator";
            self.push(found, Kind::ReturnYieldConflict, "DOC405", message);
        } else if self.options.check_return_types {
            self.return_types(section, self.annotation.returned().as_deref(), found);
        }
    }

    fn yielded_by_returning_generator(&self, found: &mut Vec<Finding>) {
        let Some(section) = &self.yield_section else {
            if !self.options.skip_short_docstrings {
                self.missing_yield(found);
            }
            return;
        };
        let iterates = self.annotation.is_generator || self.annotation.is_iterator;
        if self.options.check_yield_types && iterates {
            self.yield_types(section, found);
        } else if !iterates && (self.options.check_yield_types || !self.returns_bare) {
            let message = "values are returned and yielded, but the annotation is that of no generator";
            self.push(found, Kind::ReturnYieldConflict, "DOC405", message);
        }
    }
}
