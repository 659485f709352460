//! What `__all__` makes public: a name that a public module lists, wherever it is defined, and what is reachable there.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Analysis;
use crate::analysis::program::ModuleId;
use crate::model::component::{Component, ComponentIndex, ComponentKind, Name, is_public_name};

/// Longest way that a name is followed from one `import *` to the next.
const MOST_STARS: usize = 20;

/// The components that are public because a public module lists them or what they are in.
pub(super) fn listed(analysis: &Analysis<'_>, exports: &FxHashMap<Name, Option<Name>>) -> Vec<ComponentIndex> {
    let list = &analysis.components.list;
    let indices = || (0u32..).map(ComponentIndex).zip(list);
    let mut by_id: FxHashMap<&str, ComponentIndex> = FxHashMap::default();
    let mut members: FxHashMap<ComponentIndex, Vec<ComponentIndex>> = FxHashMap::default();
    for (index, component) in indices() {
        by_id.insert(&component.id, index);
        if let Some(parent) = component.parent {
            members.entry(parent).or_default().push(index);
        }
    }
    let mut stars: FxHashMap<ModuleId, Vec<ModuleId>> = FxHashMap::default();
    for (to, from) in analysis.engine.star_imports() {
        stars.entry(to).or_default().push(from);
    }
    let find = |module: ModuleId, name: &str| -> Option<ComponentIndex> {
        let mut open = vec![module];
        let mut seen: FxHashSet<ModuleId> = FxHashSet::default();
        while let Some(module) = open.pop() {
            if !seen.insert(module) || seen.len() > MOST_STARS {
                continue;
            }
            let unit = &analysis.engine.program.modules[module as usize];
            let id = format!("{}.{name}", analysis.engine.program.names.text(unit.name));
            if let Some(target) = exports.get(id.as_str()) {
                return by_id.get(&**target.as_ref()?).copied();
            }
            if let Some(&index) = by_id.get(id.as_str()) {
                return Some(index);
            }
            open.extend(stars.get(&module).into_iter().flatten().rev());
        }
        None
    };
    let lists: FxHashMap<&str, (ModuleId, &[Name])> = (0u32..)
        .zip(&analysis.engine.program.modules)
        .filter_map(|(id, unit)| {
            let name = &**analysis.engine.program.names.text(unit.name);
            Some((name, (id, unit.ir.all.as_deref()?)))
        })
        .collect();
    let mut public: FxHashSet<ComponentIndex> = FxHashSet::default();
    let mut due: Vec<ComponentIndex> = indices()
        .filter(|(_, c)| c.kind == ComponentKind::Module && c.public)
        .map(|(index, _)| index)
        .collect();
    while let Some(index) = due.pop() {
        if !public.insert(index) {
            continue;
        }
        let component = &list[index.as_usize()];
        match lists.get(&*component.id) {
            Some((module, names)) if component.kind == ComponentKind::Module => {
                due.extend(
                    names
                        .iter()
                        .filter(|n| is_public_name(n))
                        .filter_map(|n| find(*module, n)),
                );
            }
            _ if component.signature.is_none() => {
                let inside = members.get(&index).into_iter().flatten().copied();
                due.extend(inside.filter(|&m| has_public_name(&list[m.as_usize()])));
            }
            // What a function defines is out of reach from outside.
            _ => {}
        }
    }
    let mut public: Vec<ComponentIndex> = public.into_iter().collect();
    public.sort_unstable();
    public
}

fn has_public_name(component: &Component) -> bool {
    let last = component.qualname.rsplit('.').next().unwrap_or(&component.qualname);
    is_public_name(last.split('#').next().unwrap_or(last))
}
