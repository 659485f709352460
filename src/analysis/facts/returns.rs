//! What functions return and yield.

use rustc_hash::FxHashMap;

use super::{Analysis, ending};
use crate::analysis::graph::Graph;
use crate::analysis::parse::ir::{Const, Op, Reg};
use crate::analysis::points_to::class::Ancestor;
use crate::analysis::points_to::values::{SetId, Val};
use crate::analysis::points_to::{Record, Target};
use crate::analysis::program::ScopeId;
use crate::model::component::{Component, ComponentIndex, Name};
use crate::model::facts::Facts;

/// Types that an inferred union names at most.
const MOST_TYPES: usize = 3;

impl Analysis<'_> {
    pub(super) fn returns_and_yields(&self, scope: ScopeId, facts: &mut Facts) {
        let unit = self.engine.program.unit_of(scope);
        let mut sets: Vec<SetId> = Vec::new();
        for op in self.engine.program.scope(scope).ops.clone() {
            let line = unit.ir.places[op as usize].line;
            match unit.ir.ops[op as usize] {
                Op::Return(value) => {
                    let is_none = matches!(unit.ir.ops[value as usize], Op::Const(Const::None));
                    let lines = if is_none {
                        &mut facts.returns.none_lines
                    } else {
                        &mut facts.returns.value_lines
                    };
                    lines.push(line);
                    sets.extend(self.engine.noted.get(&(scope, op)));
                }
                Op::Yield(_) | Op::YieldFrom(_) => facts.yields.push(line),
                _ => {}
            }
        }
        for lines in [
            &mut facts.returns.value_lines,
            &mut facts.returns.none_lines,
            &mut facts.yields,
        ] {
            lines.sort_unstable();
            lines.dedup();
        }
        facts.returns.inferred = self.type_of_sets(&sets);
    }

    /// Tells which bodies can be run to their end, calls that never come back included.
    pub(super) fn endings(&self, records: &[Record], graph: &Graph, facts: &mut [Facts]) {
        let mut calls: FxHashMap<ScopeId, Vec<(Reg, Option<ComponentIndex>)>> = FxHashMap::default();
        for call in &graph.placed {
            calls.entry(call.scope).or_default().push((call.op, Some(call.callee)));
        }
        for site in records.chunk_by(|a, b| (a.scope, a.op) == (b.scope, b.op)) {
            if let [only] = site
                && self.leaves_the_program(&only.target)
            {
                calls.entry(only.scope).or_default().push((only.op, None));
            }
        }
        let mut callers: FxHashMap<ComponentIndex, Vec<ComponentIndex>> = FxHashMap::default();
        for call in &graph.placed {
            let caller = self.components.of_scope[call.scope as usize];
            callers.entry(call.callee).or_default().push(caller);
        }
        let mut stops = vec![false; facts.len()];
        let mut due: Vec<usize> = (0..facts.len()).rev().collect();
        // A function that is found to stop may make its callers stop, never the other way round: this ends.
        while let Some(index) = due.pop() {
            let component = &self.components.list[index];
            let scope = self.components.scopes[index];
            if component.signature.is_none() || stops[index] {
                continue;
            }
            let unit = self.engine.program.unit_of(scope);
            let own = calls.get(&scope).map_or(&[][..], Vec::as_slice);
            let reached = ending::is_reached(&unit.ir.ops, self.engine.program.scope(scope).ops.clone(), |op| {
                own.iter()
                    .any(|(at, callee)| *at == op && callee.is_none_or(|c| stops[c.as_usize()]))
            });
            let returns = &mut facts[index].returns;
            returns.falls_off = reached;
            if !reached && returns.value_lines.is_empty() && returns.none_lines.is_empty() && is_plain(component) {
                stops[index] = true;
                let index = ComponentIndex(u32::try_from(index).expect("fewer than 2^32 components"));
                due.extend(callers.get(&index).into_iter().flatten().map(|c| c.as_usize()));
            }
        }
        for facts in facts {
            if let Some(inferred) = facts.returns.inferred.take() {
                let none = facts.returns.falls_off && !inferred.ends_with("None");
                facts.returns.inferred = Some(if none {
                    format!("{inferred} | None").into()
                } else {
                    inferred
                });
            }
        }
    }

    /// Whether a call of it ends the program.
    fn leaves_the_program(&self, target: &Target) -> bool {
        let names = &self.engine.program.names;
        match target {
            Target::External(path) => matches!(&**names.text(*path), "sys.exit" | "os._exit" | "os.abort"),
            Target::Builtin(name) => matches!(&**names.text(*name), "exit" | "quit"),
            _ => false,
        }
    }

    /// Whether calling a class may give something other than an instance of it.
    fn may_make_others(&self, class: ScopeId) -> bool {
        let order = self.engine.mro(class);
        let makes = |a: &Ancestor| matches!(a, Ancestor::Class(c) if self.has(*c, "__new__"));
        order.iter().any(makes)
            || self.engine.metaclass(class).is_some_and(|meta| {
                let order = self.engine.mro(meta);
                order
                    .iter()
                    .any(|a| matches!(a, Ancestor::Class(c) if self.has(*c, "__call__")))
            })
    }

    /// The type of these values together, as Python would write it; none where not everything is known.
    fn type_of_sets(&self, sets: &[SetId]) -> Option<Name> {
        let mut names: Vec<Name> = Vec::new();
        let mut none = false;
        for &set in sets {
            let values = self.engine.values.list(set);
            if values.is_empty() {
                return None;
            }
            for value in values {
                let name: Name = match value {
                    Val::Builtin(kind) if kind == self.engine.known.none => {
                        none = true;
                        continue;
                    }
                    Val::Builtin(kind) => self.engine.program.names.text(kind).clone(),
                    Val::Str(_) => "str".into(),
                    Val::Int(_) => "int".into(),
                    // What `__new__` gives back need not be an instance of its class.
                    Val::Instance(class) if self.may_make_others(class) => return None,
                    Val::Instance(class) => self
                        .engine
                        .program
                        .names
                        .text(self.engine.program.scope(class).name)
                        .clone(),
                    Val::Container(alloc) => {
                        let kind = self.engine.container_type(alloc);
                        if !matches!(&*kind, "list" | "tuple" | "set" | "dict") {
                            return None;
                        }
                        kind
                    }
                    _ => return None,
                };
                if matches!(&*name, "ellipsis" | "slice" | "object" | "generator") {
                    return None;
                }
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        if names.is_empty() || names.len() > MOST_TYPES {
            return None;
        }
        names.sort();
        let mut text = names.join(" | ");
        if none {
            text.push_str(" | None");
        }
        Some(text.into())
    }
}

/// Whether calling a function runs its body to an end then and there, and whoever overrides it is not asked.
fn is_plain(component: &Component) -> bool {
    let traits = component.traits;
    !(traits.is_async || traits.is_generator || traits.is_abstract || traits.is_stub || traits.is_protocol)
}
