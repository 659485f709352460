//! From text to the intermediate form, one file at a time, without looking at any other.
//!
//! [`parse`] is the entry. Tree-sitter ends here: nothing outside this folder knows a syntax tree.

pub(crate) mod bind;
pub(crate) mod ir;
pub(crate) mod literal;
mod lower;
mod outline;
mod tree;

pub(crate) use tree::Grammar;

use ir::ModuleIr;

use super::discover::Source;
use crate::model::outline::Outline;

/// Parses one file. Bad Python gives what can be read of it.
pub(crate) fn parse(grammar: &mut Grammar, text: &str) -> ModuleIr {
    let tree = grammar.parse(text);
    let mut module = lower::lower(&tree);
    bind::bind(&mut module);
    module
}

/// Outlines one file, without parsing it any further.
pub(crate) fn outline_of(grammar: &mut Grammar, source: &Source, text: &str) -> Outline {
    let tree = grammar.parse(text);
    outline::outline(&tree, &source.path, &source.module, &source.package)
}
