//! Binding: which variable each name in a file means, by Python's scoping rules.

use super::ir::{ModuleIr, Op, ScopeIndex, ScopeKind, Sym, Var};

/// Replaces every [`Var::Name`] by the variable it means.
pub(crate) fn bind(module: &mut ModuleIr) {
    let mut captured: Vec<(ScopeIndex, u32)> = Vec::new();
    for index in 0..module.scopes.len() {
        let scope = ScopeIndex::try_from(index).expect("files are far below 2^32 scopes");
        for position in module.scopes[index].ops.clone() {
            let op = module.ops[position as usize];
            let bound = match op {
                Op::Load(Var::Name(name)) => Op::Load(meaning(module, scope, name)),
                Op::Store(Var::Name(name), value) => Op::Store(meaning(module, scope, name), value),
                Op::Delete(Var::Name(name)) => Op::Delete(meaning(module, scope, name)),
                Op::Narrow {
                    var: Var::Name(name),
                    by,
                    how,
                } => Op::Narrow {
                    var: meaning(module, scope, name),
                    by,
                    how,
                },
                _ => continue,
            };
            if let Op::Load(Var::Outer { scope, slot })
            | Op::Store(Var::Outer { scope, slot }, _)
            | Op::Delete(Var::Outer { scope, slot }) = bound
            {
                captured.push((scope, slot));
            }
            module.ops[position as usize] = bound;
        }
    }
    for (scope, slot) in captured {
        module.scopes[scope as usize].captured.insert(slot);
    }
}

fn meaning(module: &ModuleIr, scope: ScopeIndex, name: Sym) -> Var {
    let here = &module.scopes[scope as usize];
    if here.globals.contains(&name) {
        return Var::Global(name);
    }
    if let Some(&slot) = here.bound.get(&name) {
        return Var::Local(slot);
    }
    let mut inner = scope;
    while let Some(outer) = module.scopes[inner as usize].parent {
        let visible = module.scopes[inner as usize]
            .comprehension
            .iter()
            .rev()
            .find(|(n, _)| *n == name);
        if let Some(&(_, slot)) = visible {
            return Var::Outer { scope: outer, slot };
        }
        let parent = &module.scopes[outer as usize];
        match parent.kind {
            ScopeKind::Function | ScopeKind::Lambda => {
                if parent.globals.contains(&name) {
                    return Var::Global(name);
                }
                if let Some(&slot) = parent.bound.get(&name) {
                    return Var::Outer { scope: outer, slot };
                }
            }
            // Names of a class body are not seen by the scopes in it.
            ScopeKind::Class => {}
            ScopeKind::Module => return Var::Global(name),
        }
        inner = outer;
    }
    Var::Global(name)
}
