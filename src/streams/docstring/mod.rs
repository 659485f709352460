//! The stream `docstring`: what the author says.
//!
//! [`parse()`] takes a docstring apart, whatever convention it is written in. [`Docstring`] is the documenter that turns
//! the parts into claims: those of a class's constructor live with `__init__`, wherever the author wrote them, and
//! those of its attributes with the class. It judges nothing of what it reads.

mod claims;
mod correct;
mod fields;
mod google;
mod item;
mod lines;
mod numpy;
mod parse;
mod parsed;
mod prose;
mod references;
mod titles;

#[cfg(test)]
mod tests;

pub use parse::{parse, parse_as};
pub use parsed::{Item, ParsedDocstring, Passage, Section, SectionKind, Style};
pub(super) use prose::stated_default;

use crate::model::component::{Component, ComponentIndex, ComponentKind, Signature};
use crate::model::documentation::Draft;
use crate::model::oracle::Oracle;

use super::{Documenter, Drafting, Request};
use claims::{Author, Words};

/// The documenter that reads docstrings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Docstring;

impl Documenter for Docstring {
    fn name(&self) -> &'static str {
        "docstring"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn is_embedded(&self) -> bool {
        true
    }

    fn witnesses_edges(&self) -> bool {
        false
    }

    fn restates_oracle(&self) -> bool {
        false
    }

    fn uses_context(&self) -> bool {
        false
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(async move { Ok(draft(request).into()) })
    }
}

fn draft(request: &Request) -> Draft {
    let oracle = request.oracle.as_ref();
    let component = oracle.component(request.component);
    let mut author = Author::default();
    match component.kind {
        ComponentKind::Module => module(&mut author, oracle, request.component),
        ComponentKind::Class => class(&mut author, oracle, request.component),
        ComponentKind::Property => property(&mut author, oracle, request.component),
        ComponentKind::Function | ComponentKind::Method => {
            function(&mut author, oracle, request.component);
        }
    }
    let (mut claims, repeated) = author.finish();
    correct::apply(&mut claims, &request.corrections, oracle, component);
    let mut draft = Draft::new(component.id.clone(), claims);
    draft.repeated.extend(repeated);
    draft
}

/// The component's own docstring, taken apart.
fn words_of(component: &Component) -> Option<Words<'_>> {
    component.docstring.as_ref().map(|docstring| Words {
        parsed: parse(&docstring.text),
        place: Some(docstring),
    })
}

fn own_prose(author: &mut Author, words: &Words<'_>, oracle: &Oracle, component: &Component) {
    author.prose(words, component);
    if let Some(docstring) = &component.docstring {
        author.references(words, &docstring.text, oracle, component);
    }
}

/// Keeps sections that make no claims where they stand as prose.
fn keep_as_prose(author: &mut Author, words: &Words<'_>, kinds: &[SectionKind]) {
    for section in &words.parsed.sections {
        if kinds.contains(&section.kind) {
            author.section(words, section);
        }
    }
}

const CALLING: [SectionKind; 2] = [SectionKind::Parameters, SectionKind::OtherParameters];
const RESULTS: [SectionKind; 2] = [SectionKind::Returns, SectionKind::Yields];

fn module(author: &mut Author, oracle: &Oracle, index: ComponentIndex) {
    let component = oracle.component(index);
    if let Some(words) = words_of(component) {
        own_prose(author, &words, oracle, component);
        author.attributes(&words, SectionKind::Attributes);
        keep_as_prose(author, &words, &CALLING);
        keep_as_prose(author, &words, &RESULTS);
        keep_as_prose(author, &words, &[SectionKind::Raises]);
    }
    attribute_docs(author, oracle, index);
}

fn class(author: &mut Author, oracle: &Oracle, index: ComponentIndex) {
    let component = oracle.component(index);
    let constructor = constructor(oracle, index);
    if let Some(words) = words_of(component) {
        own_prose(author, &words, oracle, component);
        author.attributes(&words, SectionKind::Attributes);
        keep_as_prose(author, &words, &RESULTS);
        if constructor.is_none() {
            keep_as_prose(author, &words, &[SectionKind::Raises]);
            if component.traits.is_record {
                // Without a constructor of its own, a record's fields are its parameters.
                author.attributes(&words, SectionKind::Parameters);
                keep_as_prose(author, &words, &[SectionKind::OtherParameters]);
            } else {
                keep_as_prose(author, &words, &CALLING);
            }
        }
    }
    if let Some(words) = constructor.and_then(|c| words_of(oracle.component(c))) {
        author.attributes(&words, SectionKind::Attributes);
    }
    attribute_docs(author, oracle, index);
}

fn attribute_docs(author: &mut Author, oracle: &Oracle, index: ComponentIndex) {
    for attribute in &oracle.facts(index).attributes {
        if let Some(doc) = &attribute.doc {
            author.attribute_doc(&attribute.name, doc, attribute.line);
        }
    }
}

fn property(author: &mut Author, oracle: &Oracle, index: ComponentIndex) {
    let component = oracle.component(index);
    let Some(words) = words_of(component) else {
        inherited(author, oracle, index);
        return;
    };
    own_prose(author, &words, oracle, component);
    author.values(&words);
    author.raises(&words);
    keep_as_prose(author, &words, &CALLING);
    keep_as_prose(author, &words, &[SectionKind::Attributes]);
}

fn function(author: &mut Author, oracle: &Oracle, index: ComponentIndex) {
    let component = oracle.component(index);
    let nothing = Signature::default();
    let signature = component.signature.as_ref().unwrap_or(&nothing);
    let class = constructed_class(oracle, index);
    if let Some(words) = words_of(component) {
        own_prose(author, &words, oracle, component);
        author.parameters(&words, signature, false);
        author.values(&words);
        author.raises(&words);
        if class.is_none() {
            keep_as_prose(author, &words, &[SectionKind::Attributes]);
        }
    }
    if let Some(words) = class.and_then(|c| words_of(oracle.component(c))) {
        author.parameters(&words, signature, false);
        author.raises(&words);
    }
    if component.docstring.is_none() && !author.says_anything() {
        inherited(author, oracle, index);
        return;
    }
    author.parameter_order(signature);
}

/// What the nearest overridden method with a docstring says: its prose, and the texts of parameters that exist here.
fn inherited(author: &mut Author, oracle: &Oracle, index: ComponentIndex) {
    let component = oracle.component(index);
    let mut overridden = oracle.facts(index).overrides.iter();
    let Some(docstring) = overridden.find_map(|&o| oracle.component(o).docstring.as_ref()) else {
        return;
    };
    let words = Words {
        parsed: parse(&docstring.text),
        place: None,
    };
    author.opening(&words, component);
    if let Some(signature) = &component.signature {
        author.parameters(&words, signature, true);
    }
}

/// The method that makes a class's instances, where the class defines it: `__init__`, or else `__new__`.
fn constructor(oracle: &Oracle, class: ComponentIndex) -> Option<ComponentIndex> {
    let named = |name: &str| oracle.find(&format!("{}.{name}", oracle.component(class).id));
    named("__init__").or_else(|| named("__new__"))
}

/// The class whose constructor a component is.
fn constructed_class(oracle: &Oracle, index: ComponentIndex) -> Option<ComponentIndex> {
    let parent = oracle.component(index).parent?;
    let is_class = oracle.component(parent).kind == ComponentKind::Class;
    (is_class && constructor(oracle, parent) == Some(index)).then_some(parent)
}
