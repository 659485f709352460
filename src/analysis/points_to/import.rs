//! Imports: modules, names in them, everything in them.

use super::Engine;
use super::values::{EMPTY, SetId, Val};
use crate::analysis::parse::ir::Sym;
use crate::analysis::program::ModuleId;
use crate::model::call_graph::OpenReason;

impl Engine {
    pub(super) fn import(&mut self, path: Sym, leaf: bool) -> SetId {
        let text = self.name_of(path);
        let first = text.split('.').next().unwrap_or("");
        let wanted = if leaf { &*text } else { first };
        if let Some(sym) = self.program.names.find(wanted)
            && let Some(&found) = self.program.by_name.get(&sym)
        {
            return self.single(Val::Module(found));
        }
        let external = self.program.names.sym(wanted);
        self.single(Val::External(external))
    }

    /// What `importlib.import_module` and `__import__` give for literal names.
    pub(super) fn import_by_name(&mut self, names: SetId, leaf: bool) -> SetId {
        let mut result = EMPTY;
        for name in self.values.list(names) {
            let set = match name {
                Val::Str(name) if !self.name_of(name).starts_with('.') => self.import(name, leaf),
                _ => self.unknown(OpenReason::Dynamic),
            };
            result = self.union(result, set);
        }
        if result == EMPTY {
            return self.unknown(OpenReason::Dynamic);
        }
        result
    }

    pub(super) fn import_from(&mut self, module: ModuleId, from: Sym, level: u32, name: Sym) -> SetId {
        let Some(path) = self.program.absolute(module, from, level) else {
            return self.unknown(OpenReason::UnboundName);
        };
        let target = self
            .program
            .names
            .find(&path)
            .and_then(|sym| self.program.by_name.get(&sym).copied());
        match target {
            Some(target) if target == module => {
                // `from . import x` in a package: the submodule, or what the package itself binds.
                let submodule = format!("{path}.{}", self.name_of(name));
                let submodule = self
                    .program
                    .names
                    .find(&submodule)
                    .and_then(|s| self.program.by_name.get(&s).copied());
                match submodule {
                    Some(found) => self.single(Val::Module(found)),
                    None => self.module_attribute(target, name),
                }
            }
            Some(target) => self.module_attribute(target, name),
            None => {
                let path = format!("{path}.{}", self.name_of(name));
                // A namespace package's submodule.
                if let Some(sym) = self.program.names.find(&path)
                    && let Some(&found) = self.program.by_name.get(&sym)
                {
                    return self.single(Val::Module(found));
                }
                let path = self.program.names.sym(&path);
                self.single(Val::External(path))
            }
        }
    }

    pub(super) fn import_star(&mut self, module: ModuleId, from: Sym, level: u32) {
        let Some(path) = self.program.absolute(module, from, level) else {
            return;
        };
        let path = self.program.names.sym(&path);
        let source = match self.program.by_name.get(&path) {
            Some(&found) if found == module => return,
            Some(&found) => Ok(found),
            None => Err(path),
        };
        let stars = self.stars.entry(module).or_default();
        if !stars.contains(&source) {
            stars.push(source);
            // Whoever looked a name up here in vain may find it now.
            let mut due = self.star_readers[module as usize].iter().collect();
            self.heap.wake(&mut due);
        }
    }
}
