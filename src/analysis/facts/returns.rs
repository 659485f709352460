//! What functions return and yield.

use super::Analysis;
use crate::analysis::parse::ir::{Const, Op};
use crate::analysis::points_to::values::{SetId, Val};
use crate::analysis::program::ScopeId;
use crate::model::component::Name;
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
        facts.returns.falls_off = !self.engine.ends_dead[scope as usize];
        if !facts.returns.value_lines.is_empty() {
            let may_be_none = facts.returns.falls_off;
            facts.returns.inferred = self.type_of_sets(&sets, may_be_none);
        }
    }

    /// The type of these values together, as Python would write it; none where not everything is known.
    pub(super) fn type_of_sets(&self, sets: &[SetId], or_none: bool) -> Option<Name> {
        let mut names: Vec<Name> = Vec::new();
        let mut none = or_none;
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
