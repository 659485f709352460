//! Side effects: what the calls out of the repository do to the world, globals set, arguments changed.

use std::sync::LazyLock;

use super::{Analysis, is_function};
use crate::analysis::parse::ir::{Op, Reg, ScopeKind, Var};
use crate::analysis::program::{ScopeId, Unit};
use crate::model::call_graph::CallGraph;
use crate::model::component::{ComponentIndex, Name};
use crate::model::facts::{Effect, EffectKind, Facts};

/// Paths, or prefixes that end in a dot, with what calling them does.
static SINKS: LazyLock<Vec<(EffectKind, Vec<&'static str>)>> = LazyLock::new(|| {
    include_str!("../../../grammars/python/effects.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split(' ');
            let kind = kind(words.next()?)?;
            Some((kind, words.collect()))
        })
        .collect()
});

fn kind(word: &str) -> Option<EffectKind> {
    Some(match word {
        "code_execution" => EffectKind::CodeExecution,
        "process" => EffectKind::Process,
        "deserialization" => EffectKind::Deserialization,
        "cryptography" => EffectKind::Cryptography,
        "network" => EffectKind::Network,
        "file_deletion" => EffectKind::FileDeletion,
        "file_write" => EffectKind::FileWrite,
        "file_read" => EffectKind::FileRead,
        "environment" => EffectKind::Environment,
        "output" => EffectKind::Output,
        _ => return None,
    })
}

fn effect_of(path: &str) -> Option<EffectKind> {
    SINKS
        .iter()
        .find(|(_, paths)| {
            paths.iter().any(|p| {
                if p.ends_with('.') {
                    path.starts_with(p) && path.len() > p.len()
                } else {
                    *p == path
                }
            })
        })
        .map(|(kind, _)| *kind)
}

/// Adds the effects of every component.
pub(super) fn add(analysis: &Analysis<'_>, calls: &CallGraph, facts: &mut [Facts]) {
    let mut memo: rustc_hash::FxHashMap<Name, Option<EffectKind>> = rustc_hash::FxHashMap::default();
    for edge in &calls.external {
        let kind = *memo
            .entry(edge.target.clone())
            .or_insert_with(|| effect_of(&edge.target));
        if let (Some(kind), Some(&line)) = (kind, edge.lines.first()) {
            let detail: Name = edge.target.strip_prefix("builtins.").unwrap_or(&edge.target).into();
            facts[edge.caller.as_usize()]
                .effects
                .push(Effect { kind, detail, line });
        }
    }
    for scope in 0..analysis.engine.program.scope_count() {
        let owner = analysis.components.of_scope[scope as usize];
        if analysis.components.is_scope[scope as usize] == Some(owner) {
            own_effects(analysis, scope, owner, facts);
        }
    }
    for facts in facts {
        facts
            .effects
            .sort_by(|a, b| (a.kind, a.line, &a.detail).cmp(&(b.kind, b.line, &b.detail)));
        facts
            .effects
            .dedup_by(|next, kept| (next.kind, &next.detail) == (kept.kind, &kept.detail));
    }
}

/// Assignments to module variables and changes of arguments, in a function's own operations.
fn own_effects(analysis: &Analysis<'_>, scope: ScopeId, owner: ComponentIndex, facts: &mut [Facts]) {
    let this = analysis.engine.program.scope(scope);
    if !is_function(this.kind) || this.kind == ScopeKind::Lambda {
        return;
    }
    let unit = analysis.engine.program.unit_of(scope);
    let names = &analysis.engine.program.names;
    let effects = &mut facts[owner.as_usize()].effects;
    for op in this.ops.clone() {
        let line = unit.ir.places[op as usize].line;
        match unit.ir.ops[op as usize] {
            Op::Store(Var::Global(name), _) => {
                effects.push(Effect {
                    kind: EffectKind::GlobalState,
                    detail: names.text(name).clone(),
                    line,
                });
            }
            Op::StoreAttribute(object, _, _) | Op::StoreIndex(object, _, _) | Op::DeleteIndex(object, _) => {
                if let Some(slot) = parameter(unit, scope, object, analysis) {
                    let detail = names.text(this.params[slot].name).clone();
                    effects.push(Effect {
                        kind: EffectKind::ArgumentMutation,
                        detail,
                        line,
                    });
                }
            }
            _ => {}
        }
    }
}

/// The parameter whose value an operand is, unless it is the receiver or is assigned in the function.
fn parameter(unit: &Unit, scope: ScopeId, object: Reg, analysis: &Analysis<'_>) -> Option<usize> {
    let Some(Op::Load(Var::Local(slot))) = unit.ir.ops.get(object as usize).copied() else {
        return None;
    };
    let this = analysis.engine.program.scope(scope);
    let in_class = this
        .parent
        .is_some_and(|p| unit.ir.scopes[p as usize].kind == ScopeKind::Class);
    let at = slot as usize;
    if at >= this.params.len() || (in_class && at == 0) {
        return None;
    }
    // `**kwargs` and `*args` are the function's own.
    if !this.params[at].kind.stars().is_empty() {
        return None;
    }
    let assigned = this
        .ops
        .clone()
        .any(|op| matches!(unit.ir.ops[op as usize], Op::Store(Var::Local(s), _) if s == slot));
    (!assigned).then_some(at)
}
