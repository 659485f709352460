//! Facts: what is true of each component's behaviour, and the oracle made of everything.

mod assigned;
mod attributes;
mod effects;
mod ending;
mod exports;
mod public;
mod raises;
mod returns;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use assigned::Assigned;

use super::components::{Components, components};
use super::discover::Sources;
use super::graph::{Graph, graph};
use super::order::order;
use super::parse::ir::ScopeKind;
use super::points_to::class::Ancestor;
use super::points_to::{Engine, Record, Target};
use super::program::{Program, ScopeId};
use crate::model::call_graph::EdgeKind;
use crate::model::component::{ComponentIndex, ComponentKind, Name};
use crate::model::facts::{Facts, Problem, ProblemKind};
use crate::model::oracle::{Oracle, Reachable, SourceFile};

/// Overridden methods that are kept of one method at most, the nearest.
const MOST_OVERRIDES: usize = 16;

/// What the analysis of a repository needs to state facts.
struct Analysis<'a> {
    engine: &'a Engine,
    components: &'a Components,
    sources: &'a Sources,
}

/// Analyses a repository.
pub(super) fn oracle(sources: &Sources) -> Oracle {
    let mut engine = Engine::new(Program::load(sources));
    let records = engine.run();
    let mut components = components(&engine.program, sources);
    let analysis = Analysis {
        engine: &engine,
        components: &components,
        sources,
    };
    let exports = exports::exports(&analysis);
    let listed = public::listed(&analysis, &exports);
    for index in listed {
        components.list[index.as_usize()].public = true;
    }
    let graph = graph(&engine, &records, &components);
    let analysis = Analysis {
        engine: &engine,
        components: &components,
        sources,
    };
    let assigned = assigned::assigned(&analysis, &records);
    let mut facts: Vec<Facts> = Vec::with_capacity(components.list.len());
    for index in 0..components.list.len() {
        let index = ComponentIndex(u32::try_from(index).expect("fewer than 2^32 components"));
        facts.push(analysis.facts(index, &assigned));
    }
    analysis.endings(&records, &graph, &mut facts);
    analysis.overrides(&mut facts);
    effects::add(&analysis, &graph.calls, &mut facts);
    raises::add(&analysis, &graph, &mut facts);
    let decorated = decorated(&records, &components, &engine);
    let order = order(&components.list, &facts, &graph.calls, &decorated);
    let reachable = analysis.reachable(assigned);
    let (files, problems) = files(sources, &engine.program);
    let roots = roots(sources);
    let Graph { calls, .. } = graph;
    Oracle {
        components: components.list,
        facts,
        call_graph: calls,
        order,
        problems,
        files,
        reachable,
        roots,
        exports,
        ..Oracle::default()
    }
    .indexed()
}

impl Analysis<'_> {
    fn facts(&self, index: ComponentIndex, assigned: &Assigned) -> Facts {
        let scope = self.components.scopes[index.as_usize()];
        let component = &self.components.list[index.as_usize()];
        let mut facts = Facts::default();
        match component.kind {
            ComponentKind::Class => {
                let order = self.engine.mro(scope);
                for ancestor in order.iter().skip(1) {
                    if let Ancestor::Class(class) = ancestor
                        && let Some(index) = self.components.is_scope[*class as usize]
                    {
                        facts.ancestors.push(index);
                    }
                }
                facts.ancestors_complete = order
                    .iter()
                    .all(|a| matches!(a, Ancestor::Class(_) | Ancestor::Builtin(_)));
                self.class_attributes(scope, assigned, &mut facts);
            }
            ComponentKind::Module => self.module_attributes(scope, &mut facts),
            _ => self.returns_and_yields(scope, &mut facts),
        }
        facts
    }

    /// The methods of base classes that each method hides, nearest first.
    fn overrides(&self, facts: &mut [Facts]) {
        let list = &self.components.list;
        let mut methods: FxHashMap<(ComponentIndex, &str), ComponentIndex> = FxHashMap::default();
        for (i, component) in list.iter().enumerate() {
            if let Some(parent) = component.parent
                && list[parent.as_usize()].kind == ComponentKind::Class
            {
                let index = ComponentIndex(u32::try_from(i).expect("fewer than 2^32 components"));
                methods.entry((parent, last_name(&component.qualname))).or_insert(index);
            }
        }
        for (i, component) in list.iter().enumerate() {
            let Some(parent) = component.parent else {
                continue;
            };
            if list[parent.as_usize()].kind != ComponentKind::Class || component.kind == ComponentKind::Class {
                continue;
            }
            let name = last_name(&component.qualname);
            let overridden = facts[parent.as_usize()]
                .ancestors
                .iter()
                .filter_map(|ancestor| methods.get(&(*ancestor, name)).copied())
                .take(MOST_OVERRIDES)
                .collect();
            facts[i].overrides = overridden;
        }
    }

    fn reachable(&self, assigned: Assigned) -> Reachable {
        let indices = |scopes: &mut dyn Iterator<Item = ScopeId>| -> Vec<ComponentIndex> {
            let mut list: Vec<ComponentIndex> = scopes.filter_map(|s| self.components.is_scope[s as usize]).collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let escaping = indices(&mut self.engine.escaped.iter().copied());
        let mut stored = std::collections::BTreeMap::new();
        let mut names: Vec<_> = self.engine.stored.iter().collect();
        names.sort();
        for (name, what) in names {
            let what = what.as_ref().map(|scopes| {
                let mut list: Vec<ComponentIndex> = scopes
                    .iter()
                    .filter_map(|&s| self.components.is_scope[s as usize])
                    .collect();
                list.sort_unstable();
                list
            });
            stored.insert(self.engine.program.names.text(*name).clone(), what);
        }
        Reachable {
            escaping,
            stored,
            lazy: indices(&mut self.engine.lazy.iter().copied()),
            accessors: indices(&mut self.engine.accessors()),
            assigned: assigned.on_anything.into_iter().collect(),
            assigns_anything: assigned.anything,
        }
    }
}

/// Components with the decorators of the repository that are applied to them.
fn decorated(records: &[Record], components: &Components, engine: &Engine) -> Vec<(ComponentIndex, ComponentIndex)> {
    use super::parse::ir::Op;
    let mut pairs = Vec::new();
    for record in records.iter().filter(|r| r.kind == EdgeKind::Decorator) {
        let Target::Function(decorator) = record.target else {
            continue;
        };
        let unit = engine.program.unit_of(record.scope);
        let mut op = unit.ir.ops[record.op as usize];
        while let Op::Decorate { value, .. } = op {
            op = unit.ir.ops[value as usize];
        }
        let made = match op {
            Op::Function(index) | Op::Class(index) => unit.first_scope + index,
            _ => continue,
        };
        if let (Some(user), Some(decorator)) = (
            components.is_scope[made as usize],
            components.is_scope[decorator as usize],
        ) {
            pairs.push((user, decorator));
        }
    }
    pairs
}

/// The last part of a qualified name, without the number of its definition.
fn last_name(qualname: &str) -> &str {
    let last = qualname.rsplit('.').next().unwrap_or(qualname);
    last.split('#').next().unwrap_or(last)
}

fn files(sources: &Sources, program: &Program) -> (Vec<SourceFile>, Vec<Problem>) {
    let mut problems = sources.problems.clone();
    let mut units: Vec<Option<usize>> = vec![None; sources.files.len()];
    for (i, unit) in program.modules.iter().enumerate() {
        units[unit.source] = Some(i);
        if let Some(line) = unit.ir.first_error {
            problems.push(Problem {
                path: sources.files[unit.source].path.clone(),
                line: Some(line),
                kind: ProblemKind::Syntax,
                message: match unit.old_syntax {
                    Some(what) => format!("is Python 2 from line {line} on ({what}); what does parse was analysed"),
                    None => format!("does not parse as Python from line {line} on; what does parse was analysed"),
                },
            });
        }
    }
    problems.sort();
    let files = sources
        .files
        .iter()
        .zip(units)
        .map(|(file, unit)| {
            let ir = unit.map(|u| &program.modules[u].ir);
            SourceFile {
                path: file.path.clone(),
                module: file.module.clone(),
                lines: ir.map_or(0, |ir| ir.lines),
                bytes: file.bytes,
                call_expressions: ir.map_or(0, |ir| ir.call_expressions),
                analyzed: ir.is_some(),
                hash: file.hash,
            }
        })
        .collect();
    (files, problems)
}

fn roots(sources: &Sources) -> Vec<Name> {
    let mut roots: Vec<Name> = sources
        .files
        .iter()
        .map(|f| f.module.split('.').next().unwrap_or("").into())
        .collect();
    roots.sort();
    roots.dedup();
    roots
}

/// Whether a scope is a function or lambda.
fn is_function(kind: ScopeKind) -> bool {
    matches!(kind, ScopeKind::Function | ScopeKind::Lambda)
}
