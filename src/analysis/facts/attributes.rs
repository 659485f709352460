//! Attributes of classes and variables of modules.

use rustc_hash::FxHashMap;

use super::assigned::Assigned;
use super::{Analysis, is_function};
use crate::analysis::components::{one_line, piece};
use crate::analysis::parse::ir::{AttributeIr, Const, Op, ScopeKind, Span, Sym};
use crate::analysis::parse::literal;
use crate::analysis::program::{ScopeId, Unit};
use crate::model::component::Name;
use crate::model::facts::{Attribute, Facts};

/// Values are shown up to this length.
const LONGEST_VALUE: usize = 60;

impl Analysis<'_> {
    pub(super) fn module_attributes(&self, scope: ScopeId, facts: &mut Facts) {
        let unit = self.engine.program.unit_of(scope);
        let own = &self.engine.program.scope(scope).attributes;
        self.collect(unit, own.iter(), facts);
    }

    pub(super) fn class_attributes(&self, class: ScopeId, assigned: &Assigned, facts: &mut Facts) {
        let unit = self.engine.program.unit_of(class);
        let index = class - unit.first_scope;
        let own = &self.engine.program.scope(class).attributes;
        let methods = unit
            .ir
            .scopes
            .iter()
            .filter(|s| s.parent == Some(index) && is_function(s.kind));
        let mut list: Vec<&AttributeIr> = own.iter().collect();
        let mut on_self: Vec<&AttributeIr> = methods.flat_map(|m| m.attributes.iter()).collect();
        // The constructor's come first whatever the order of the methods.
        on_self.sort_by_key(|a| a.line);
        list.extend(on_self);
        self.collect(unit, list.into_iter(), facts);
        let hooks = ["__getattr__", "__setattr__", "__getattribute__"];
        let dynamic = hooks.iter().any(|hook| self.has(class, hook))
            || facts.ancestors.iter().any(|a| {
                let scope = self.components.scopes[a.as_usize()];
                hooks.iter().any(|hook| self.has(scope, hook))
            })
            || self.uses_setattr(unit, index);
        facts.attributes_open = dynamic || !facts.ancestors_complete || assigned.open.contains(&class);
        facts.set_elsewhere = assigned
            .of_class(class)
            .filter(|name| facts.attributes.iter().all(|a| a.name != **name))
            .cloned()
            .collect();
    }

    pub(super) fn has(&self, class: ScopeId, name: &str) -> bool {
        let sym = self.engine.program.names.find(name);
        sym.is_some_and(|sym| self.engine.program.scope(class).bound.contains_key(&sym))
    }

    /// Whether code in the class sets attributes by computed names, or hands its `__dict__` around.
    fn uses_setattr(&self, unit: &Unit, class: u32) -> bool {
        let names = &self.engine.program.names;
        unit.ir
            .scopes
            .iter()
            .filter(|s| s.parent == Some(class) && s.kind == ScopeKind::Function)
            .any(|method| {
                method.ops.clone().any(|op| match unit.ir.ops[op as usize] {
                    Op::Load(crate::analysis::parse::ir::Var::Global(name)) => &**names.text(name) == "setattr",
                    Op::Attribute(_, name) => {
                        matches!(&**names.text(name), "__dict__" | "__setattr__" | "__setstate__")
                    }
                    _ => false,
                })
            })
    }

    fn collect<'a>(&self, unit: &Unit, list: impl Iterator<Item = &'a AttributeIr>, facts: &mut Facts) {
        let text = self.sources.files[unit.source].text.as_deref().unwrap_or_default();
        let mut lines: Option<Vec<&str>> = None;
        let mut seen: FxHashMap<Sym, usize> = FxHashMap::default();
        for attribute in list {
            let written = |part: Option<(u32, Span)>| part.map(|(_, span)| one_line(piece(text, span)));
            if let Some(&at) = seen.get(&attribute.name) {
                let known = &mut facts.attributes[at];
                known.annotation = known.annotation.take().or_else(|| written(attribute.annotation));
                known.doc = known.doc.take().or_else(|| attribute.doc.clone());
                if !known.is_set && attribute.value.is_some() {
                    known.is_set = true;
                    known.line = attribute.line;
                }
                continue;
            }
            seen.insert(attribute.name, facts.attributes.len());
            let source_lines = lines.get_or_insert_with(|| text.lines().collect());
            let doc = attribute
                .doc
                .clone()
                .or_else(|| marked_comment(source_lines, attribute.line));
            facts.attributes.push(Attribute {
                name: self.engine.program.names.text(attribute.name).clone(),
                annotation: written(attribute.annotation),
                value: attribute.value.filter(|v| is_literal(unit, v.0)).and_then(|v| {
                    let value = written(Some(v))?;
                    (value.len() <= LONGEST_VALUE).then_some(value)
                }),
                line: attribute.line,
                is_set: attribute.value.is_some(),
                on_instance: attribute.on_self,
                doc,
                inferred: attribute
                    .value
                    .and_then(|v| literal_type(unit.ir.ops.get(v.0 as usize).copied())),
            });
        }
    }
}

fn is_literal(unit: &Unit, reg: u32) -> bool {
    matches!(unit.ir.ops.get(reg as usize), Some(Op::Const(_) | Op::Str(_)))
}

fn literal_type(op: Option<Op>) -> Option<Name> {
    Some(
        match op? {
            Op::Str(_) | Op::Format(..) | Op::Const(Const::String) => "str",
            Op::Const(Const::Bool(_)) => "bool",
            Op::Const(Const::Int(_) | Const::BigInt) => "int",
            Op::Const(Const::Float) => "float",
            Op::Const(Const::Bytes) => "bytes",
            Op::ListOf(_) => "list",
            Op::Dict(_) => "dict",
            Op::SetOf(_) => "set",
            Op::Tuple(_) => "tuple",
            _ => return None,
        }
        .into(),
    )
}

/// The text of `#:` comments beside a line, or in the lines right above it.
fn marked_comment(lines: &[&str], line: u32) -> Option<Name> {
    let at = line.checked_sub(1)? as usize;
    let own = lines.get(at)?;
    if let Some((before, text)) = own.rsplit_once("#:")
        && !before.trim().is_empty()
        && before.matches(['"', '\'']).count() % 2 == 0
    {
        return Some(text.trim().into());
    }
    let mut above: Vec<&str> = Vec::new();
    for previous in lines[..at].iter().rev() {
        match previous.trim().strip_prefix("#:") {
            Some(text) => above.push(text.trim()),
            None => break,
        }
    }
    if above.is_empty() {
        return None;
    }
    above.reverse();
    Some(literal::clean(&above.join("\n")).into())
}
