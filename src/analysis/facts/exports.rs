//! Names that modules and classes make available besides what is defined in them.

use rustc_hash::FxHashMap;

use super::Analysis;
use crate::analysis::parse::ir::ScopeKind;
use crate::analysis::points_to::heap::Cell;
use crate::analysis::points_to::values::{SetId, Val};
use crate::analysis::program::ScopeId;
use crate::model::component::Name;

/// id + `.` + name → id of what it is, or none where that is no component.
pub(super) fn exports(analysis: &Analysis<'_>) -> FxHashMap<Name, Option<Name>> {
    let mut exports = FxHashMap::default();
    let engine = analysis.engine;
    for scope in 0..engine.program.scope_count() {
        let this = engine.program.scope(scope);
        if !matches!(this.kind, ScopeKind::Module | ScopeKind::Class) {
            continue;
        }
        let Some(owner) = analysis.components.is_scope[scope as usize] else {
            continue;
        };
        let owner = &analysis.components.list[owner.as_usize()];
        for (slot, name) in this.locals.iter().enumerate() {
            if !this.bound.contains_key(name) {
                continue;
            }
            let slot = u32::try_from(slot).expect("files are far below 2^32 names");
            let cell = match this.kind {
                ScopeKind::Module => Cell::Variable(scope, slot),
                _ => Cell::ClassAttribute(scope, *name),
            };
            let id: Name = format!("{}.{}", owner.id, engine.program.names.text(*name)).into();
            let target = analysis.component_of(engine.heap.peek(cell));
            if target.as_ref() != Some(&id) {
                exports.insert(id, target);
            }
        }
    }
    star_exports(analysis, &mut exports);
    exports
}

fn star_exports(analysis: &Analysis<'_>, exports: &mut FxHashMap<Name, Option<Name>>) {
    let engine = analysis.engine;
    for (module, source) in engine.star_imports() {
        let to = engine
            .program
            .names
            .text(engine.program.modules[module as usize].name)
            .clone();
        let unit = &engine.program.modules[source as usize];
        let scope: ScopeId = unit.first_scope;
        for (slot, name) in engine.program.scope(scope).locals.iter().enumerate() {
            let text = engine.program.names.text(*name);
            let listed = match &unit.ir.all {
                Some(all) => all.contains(text),
                None => !text.starts_with('_'),
            };
            if !listed {
                continue;
            }
            let slot = u32::try_from(slot).expect("files are far below 2^32 names");
            let target = analysis.component_of(engine.heap.peek(Cell::Variable(scope, slot)));
            exports.entry(format!("{to}.{text}").into()).or_insert(target);
        }
    }
}

impl Analysis<'_> {
    /// The component that a set of values is, where it is exactly one.
    fn component_of(&self, set: SetId) -> Option<Name> {
        let mut found = None;
        for value in self.engine.values.list(set) {
            let scope = match value {
                Val::Function(scope) | Val::Class(scope) => scope,
                Val::Module(module) => self.engine.program.global_scope(module, 0),
                Val::Static(inner) | Val::ClassMethod(inner) => match self.engine.values.get(inner) {
                    Val::Function(scope) => scope,
                    _ => return None,
                },
                _ => return None,
            };
            let index = self.components.is_scope[scope as usize]?;
            if found.is_some_and(|f| f != index) {
                return None;
            }
            found = Some(index);
        }
        found.map(|index| self.components.list[index.as_usize()].id.clone())
    }
}
