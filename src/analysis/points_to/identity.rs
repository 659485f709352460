//! Functions that give back what they are given: `return self`, `return cls`, a decorator's `return f`.
//!
//! Cells join what all callers pass, so that a value which only goes through a function would come out as every value
//! that ever went through. Where a `return` names a parameter that nothing assigns, each call gets its own argument back
//! instead.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Engine;
use super::call::Arguments;
use super::class::Ancestor;
use super::heap::Cell;
use super::values::{EMPTY, SetId, Val};
use crate::analysis::parse::ir::{Op, Reg, ScopeKind, Var};
use crate::analysis::program::{Program, ScopeId};
use crate::model::component::ParameterKind;

/// Operands that a returned `a if x else b` is taken apart into at most.
const MOST_CHOICES: usize = 8;

/// Parameters that each function gives back, by scope.
pub(super) fn identities(program: &Program) -> FxHashMap<ScopeId, Box<[u32]>> {
    let mut found = FxHashMap::default();
    let rebound = rebound(program);
    for scope in 0..program.scope_count() {
        let this = program.scope(scope);
        if !matches!(this.kind, ScopeKind::Function | ScopeKind::Lambda) || this.is_generator || this.is_async {
            continue;
        }
        let ops = &program.unit_of(scope).ir.ops;
        let mut given_back: Vec<u32> = Vec::new();
        for op in this.ops.clone() {
            if let Op::Return(value) = ops[op as usize] {
                given_back.extend(
                    leaves(ops, value)
                        .into_iter()
                        .filter_map(|r| parameter(program, scope, r)),
                );
                given_back.retain(|p| !rebound.contains(&(scope, *p)));
            }
        }
        if given_back.is_empty() {
            continue;
        }
        for op in this.ops.clone() {
            if let Op::Store(Var::Local(slot), _) | Op::Delete(Var::Local(slot)) = ops[op as usize] {
                given_back.retain(|p| *p != slot);
            }
        }
        given_back.sort_unstable();
        given_back.dedup();
        if !given_back.is_empty() {
            found.insert(scope, given_back.into());
        }
    }
    found
}

/// Variables that inner functions assign.
fn rebound(program: &Program) -> FxHashSet<(ScopeId, u32)> {
    let mut rebound = FxHashSet::default();
    for unit in &program.modules {
        for op in &unit.ir.ops {
            if let Op::Store(Var::Outer { scope, slot }, _) | Op::Delete(Var::Outer { scope, slot }) = op {
                rebound.insert((unit.first_scope + scope, *slot));
            }
        }
    }
    rebound
}

/// The operands that a value is one of.
fn leaves(ops: &[Op], value: Reg) -> Vec<Reg> {
    let mut leaves = Vec::new();
    let mut open = vec![value];
    while let Some(next) = open.pop() {
        match ops.get(next as usize) {
            Some(Op::Choice(a, b)) if leaves.len() + open.len() < MOST_CHOICES => open.extend([*a, *b]),
            _ => leaves.push(next),
        }
    }
    leaves
}

/// The parameter that an operation reads.
fn parameter(program: &Program, scope: ScopeId, reg: Reg) -> Option<u32> {
    let this = program.scope(scope);
    let Some(Op::Load(Var::Local(slot))) = program.unit_of(scope).ir.ops.get(reg as usize) else {
        return None;
    };
    let parameter = this.params.get(*slot as usize)?;
    let is_plain = !matches!(parameter.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
    is_plain.then_some(*slot)
}

impl Engine {
    /// What a `return` adds to what every call of the function gives.
    pub(super) fn returned_by(&mut self, scope: ScopeId, value: Reg, set_of: impl Fn(Reg) -> SetId) -> SetId {
        let Some(given_back) = self.identities.get(&scope) else {
            return set_of(value);
        };
        let own: Vec<Reg> = leaves(&self.program.unit_of(scope).ir.ops, value)
            .into_iter()
            .filter(|&leaf| parameter(&self.program, scope, leaf).is_none_or(|p| !given_back.contains(&p)))
            .collect();
        self.join_all(own.into_iter().map(set_of))
    }

    /// What a call gets back of what it passes.
    pub(super) fn passed_back(&mut self, scope: ScopeId, args: &Arguments, receiver: Option<Val>) -> SetId {
        let Some(given_back) = self.identities.get(&scope).cloned() else {
            return EMPTY;
        };
        let mut result = EMPTY;
        for &index in &given_back {
            let set = match receiver {
                Some(receiver) if index == 0 => self.own_kind(scope, args.receiver, receiver),
                _ => self.argument_for(scope, args, index),
            };
            result = self.union(result, set);
        }
        result
    }

    /// Of the values a method is called on, those that are of its class.
    fn own_kind(&mut self, scope: ScopeId, called_on: SetId, bound: Val) -> SetId {
        let parent = self.program.parent(scope);
        let mut kept = Vec::new();
        for value in self.values.list(called_on) {
            let class = value.instance_of().or(value.class());
            let fits = class.is_some_and(|c| {
                self.mro(c)
                    .iter()
                    .any(|a| matches!(a, Ancestor::Class(a) if Some(*a) == parent))
            });
            if fits && value.instance_of().is_some() == bound.instance_of().is_some() {
                kept.push(value);
            }
        }
        if kept.is_empty() {
            self.single(bound)
        } else {
            self.values.of(kept)
        }
    }

    /// What a call passes for one parameter, or its default.
    fn argument_for(&mut self, scope: ScopeId, args: &Arguments, index: u32) -> SetId {
        let parameter = &self.program.scope(scope).params[index as usize];
        let (name, kind) = (parameter.name, parameter.kind);
        let by_position = (kind != ParameterKind::KeywordOnly)
            .then(|| args.positional.get(index as usize).copied())
            .flatten();
        let by_name = args.keywords.iter().find(|(n, _)| *n == name).map(|(_, s)| *s);
        if let Some(given) = by_position.or(by_name) {
            return given;
        }
        let default = self.read(Cell::Default(scope, index));
        self.join_all([
            default,
            args.starred.unwrap_or(EMPTY),
            args.double_starred.unwrap_or(EMPTY),
        ])
    }
}
