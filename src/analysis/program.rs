//! The whole repository in intermediate form: modules joined by one table of names.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::discover::Sources;
use super::old_syntax;
use super::parse::ir::{ModuleIr, Op, Passing, Scope, ScopeIndex, Sym, Var};
use super::parse::{Grammar, parse};
use crate::model::component::Name;

/// Position of a module in [`Program::modules`].
pub(crate) type ModuleId = u32;

/// A scope of the whole repository: module scopes are numbered through.
pub(crate) type ScopeId = u32;

/// One analysed file.
pub(crate) struct Unit {
    /// Position of its file in the sources.
    pub(crate) source: usize,
    /// Its dotted name.
    pub(crate) name: Sym,
    /// Where its relative imports start.
    pub(crate) package: Sym,
    pub(crate) ir: ModuleIr,
    /// What of it only Python 2 reads, where that comes before anything that does not parse.
    pub(crate) old_syntax: Option<&'static str>,
    /// Number of its first scope.
    pub(crate) first_scope: ScopeId,
}

/// All analysed files.
pub(crate) struct Program {
    pub(crate) modules: Vec<Unit>,
    pub(crate) by_name: FxHashMap<Sym, ModuleId>,
    pub(crate) names: Names,
    /// The module of each scope.
    pub(crate) module_of: Vec<ModuleId>,
}

/// Interned names of the repository.
#[derive(Default)]
pub(crate) struct Names {
    list: Vec<Name>,
    table: FxHashMap<Name, Sym>,
}

impl Names {
    pub(crate) fn sym(&mut self, name: &str) -> Sym {
        if let Some(&sym) = self.table.get(name) {
            return sym;
        }
        self.insert(name.into())
    }

    fn insert(&mut self, name: Name) -> Sym {
        let sym = Sym::try_from(self.list.len()).expect("repositories are far below 2^32 names");
        self.list.push(name.clone());
        self.table.insert(name, sym);
        sym
    }

    /// How many names there are; their numbers are below it.
    pub(crate) fn len(&self) -> Sym {
        Sym::try_from(self.list.len()).expect("repositories are far below 2^32 names")
    }

    pub(crate) fn find(&self, name: &str) -> Option<Sym> {
        self.table.get(name).copied()
    }

    pub(crate) fn text(&self, sym: Sym) -> &Name {
        &self.list[sym as usize]
    }
}

impl Program {
    /// Parses every readable file and joins them; stubs beside their modules are left out.
    pub(crate) fn load(sources: &Sources) -> Self {
        let wanted: Vec<usize> = (0..sources.files.len())
            .filter(|&i| {
                let file = &sources.files[i];
                file.text.is_some() && !file.is_companion
            })
            .collect();
        let mut parsed: Vec<(usize, ModuleIr, Option<&'static str>)> = wanted
            .into_par_iter()
            .map_init(Grammar::python, |grammar, i| {
                let text = sources.files[i].text.as_deref().unwrap_or_default();
                let mut ir = parse(grammar, text);
                let old = old_syntax::first(text, &ir).filter(|(line, _)| ir.first_error.is_none_or(|e| *line <= e));
                if let Some((line, _)) = old {
                    ir.first_error = Some(line);
                }
                (i, ir, old.map(|(_, what)| what))
            })
            .collect();
        // Components are sorted by module name; numbering modules so makes every later order follow.
        parsed.sort_by(|a, b| sources.files[a.0].module.cmp(&sources.files[b.0].module));
        let mut program = Self {
            modules: Vec::new(),
            by_name: FxHashMap::default(),
            names: Names::default(),
            module_of: Vec::new(),
        };
        for (source, mut ir, old_syntax) in parsed {
            let file = &sources.files[source];
            rename(&mut ir, &mut program.names);
            let name = program.names.sym(&file.module);
            let package = program.names.sym(&file.package);
            let id = ModuleId::try_from(program.modules.len()).expect("repositories are far below 2^32 files");
            program.by_name.insert(name, id);
            let first_scope =
                ScopeId::try_from(program.module_of.len()).expect("repositories are far below 2^32 scopes");
            program.module_of.extend(std::iter::repeat_n(id, ir.scopes.len()));
            program.modules.push(Unit {
                source,
                name,
                package,
                ir,
                old_syntax,
                first_scope,
            });
        }
        program
    }

    pub(crate) fn unit_of(&self, scope: ScopeId) -> &Unit {
        &self.modules[self.module_of[scope as usize] as usize]
    }

    pub(crate) fn scope(&self, scope: ScopeId) -> &Scope {
        let unit = self.unit_of(scope);
        &unit.ir.scopes[(scope - unit.first_scope) as usize]
    }

    pub(crate) fn parent(&self, scope: ScopeId) -> Option<ScopeId> {
        let unit = self.unit_of(scope);
        self.scope(scope).parent.map(|p| unit.first_scope + p)
    }

    pub(crate) fn scope_count(&self) -> ScopeId {
        ScopeId::try_from(self.module_of.len()).expect("repositories are far below 2^32 scopes")
    }

    /// The number of a module's scope.
    pub(crate) fn global_scope(&self, module: ModuleId, scope: ScopeIndex) -> ScopeId {
        self.modules[module as usize].first_scope + scope
    }

    /// The absolute name of a module that is imported from `module` with `level` leading dots; none above the root.
    pub(crate) fn absolute(&self, module: ModuleId, path: Sym, level: u32) -> Option<String> {
        let path = self.names.text(path);
        if level == 0 {
            return Some(path.to_string());
        }
        let package = self.names.text(self.modules[module as usize].package);
        let mut parts: Vec<&str> = package.split('.').filter(|p| !p.is_empty()).collect();
        let up = level as usize - 1;
        if up > parts.len() {
            return None;
        }
        parts.truncate(parts.len() - up);
        if !path.is_empty() {
            parts.push(path);
        }
        Some(parts.join("."))
    }
}

/// Replaces a file's own numbers of names by those of the repository.
fn rename(ir: &mut ModuleIr, names: &mut Names) {
    let map: Vec<Sym> = ir
        .names
        .drain(..)
        .map(|name| names.table.get(&name).copied().unwrap_or_else(|| names.insert(name)))
        .collect();
    let new = |sym: &mut Sym| *sym = map[*sym as usize];
    for op in &mut ir.ops {
        match op {
            Op::Load(Var::Global(name))
            | Op::Store(Var::Global(name), _)
            | Op::Delete(Var::Global(name))
            | Op::Narrow {
                var: Var::Global(name), ..
            } => new(name),
            Op::Str(name)
            | Op::Attribute(_, name)
            | Op::StoreAttribute(_, name, _)
            | Op::DeleteAttribute(_, name)
            | Op::Declare { name, .. }
            | Op::Format(_, Some(name))
            | Op::Import { path: name, .. } => new(name),
            Op::ImportFrom { module, name, .. } => {
                new(module);
                new(name);
            }
            Op::ImportStar { module, .. } => new(module),
            _ => {}
        }
    }
    for arg in &mut ir.args {
        if let Passing::Keyword(name) = &mut arg.passing {
            new(name);
        }
    }
    for scope in &mut ir.scopes {
        new(&mut scope.name);
        scope.params.iter_mut().for_each(|p| new(&mut p.name));
        scope.locals.iter_mut().for_each(new);
        scope.attributes.iter_mut().for_each(|a| new(&mut a.name));
        scope.bound = scope
            .bound
            .drain()
            .map(|(name, slot)| (map[name as usize], slot))
            .collect();
        scope.globals = scope.globals.drain().map(|name| map[name as usize]).collect();
        scope.nonlocals = scope.nonlocals.drain().map(|name| map[name as usize]).collect();
        for (arg, _) in &mut scope.bases {
            if let Passing::Keyword(name) = &mut arg.passing {
                new(name);
            }
        }
        scope.comprehension.clear();
    }
}
