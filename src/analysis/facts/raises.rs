//! Exceptions: raised here, escaping from callees, caught on the way.
//!
//! A `raise` contributes the classes its operand may be. What a certain callee lets out escapes from the caller too,
//! unless a handler around the call catches it. Both go on until nothing changes.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::{Analysis, is_function};
use crate::analysis::components::{one_line, piece};
use crate::analysis::graph::Graph;
use crate::analysis::parse::ir::{Const, NO_REG, Op, Reg, Sym, TryIr};
use crate::analysis::points_to::class::Ancestor;
use crate::analysis::points_to::library::{canonical, lineage};
use crate::analysis::points_to::values::{SetId, Val};
use crate::analysis::program::{ScopeId, Unit};
use crate::model::component::{ComponentIndex, Name};
use crate::model::facts::{Facts, Raise, RaiseOrigin};

/// Exceptions that are kept of one component at most.
const MOST_RAISES: usize = 64;

/// Longest condition and message that are kept.
const LONGEST_TEXT: usize = 160;

/// An exception class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Exception {
    Class(ScopeId),
    Builtin(Sym),
    External(Sym),
}

/// Adds the exceptions of every component.
pub(super) fn add(analysis: &Analysis<'_>, graph: &Graph, facts: &mut [Facts]) {
    let mut tracer = Tracer {
        analysis,
        escaping: vec![Vec::new(); facts.len()],
        complete: vec![true; facts.len()],
        callers: vec![Vec::new(); facts.len()],
        handlers: FxHashMap::default(),
    };
    tracer.direct(facts);
    tracer.propagate(graph, facts);
    tracer.completeness(graph);
    for (i, facts) in facts.iter_mut().enumerate() {
        facts.raises.sort_by(|a, b| {
            let direct = |r: &Raise| r.origin != RaiseOrigin::Direct;
            (direct(a), &a.exception, a.line).cmp(&(direct(b), &b.exception, b.line))
        });
        facts.raises_complete = tracer.complete[i];
    }
}

/// One handler of a `try`: the classes it names (none: everything), and whether it raises again.
struct Handler {
    classes: Option<Vec<Exception>>,
    unknown: bool,
    raises_again: bool,
}

struct Tracer<'a> {
    analysis: &'a Analysis<'a>,
    /// What leaves each component.
    escaping: Vec<Vec<Exception>>,
    complete: Vec<bool>,
    /// Certain calls of each component: from where.
    callers: Vec<Vec<(ScopeId, Reg)>>,
    /// Handlers of each `try`: module and number.
    handlers: FxHashMap<(u32, u32), Vec<Handler>>,
}

impl Tracer<'_> {
    fn direct(&mut self, facts: &mut [Facts]) {
        let engine = self.analysis.engine;
        for scope in 0..engine.program.scope_count() {
            let this = engine.program.scope(scope);
            let owner = self.analysis.components.of_scope[scope as usize];
            if !is_function(this.kind) || self.analysis.components.is_scope[scope as usize] != Some(owner) {
                continue;
            }
            let unit = engine.program.unit_of(scope);
            for op in this.ops.clone() {
                if let Op::Raise(exception, _) = unit.ir.ops[op as usize] {
                    let (classes, unknown) = self.raised(unit, scope, op, exception);
                    if unknown {
                        self.complete[owner.as_usize()] = false;
                    }
                    for class in classes {
                        if self.caught(unit, scope, op, class) {
                            continue;
                        }
                        let raise = self.fact(unit, scope, op, class);
                        if !facts[owner.as_usize()].raises.contains(&raise) {
                            facts[owner.as_usize()].raises.push(raise);
                        }
                        if !self.escaping[owner.as_usize()].contains(&class) {
                            self.escaping[owner.as_usize()].push(class);
                        }
                    }
                }
            }
        }
    }

    /// The classes that one `raise` may raise, and whether there may be others.
    fn raised(&self, unit: &Unit, scope: ScopeId, op: Reg, exception: Reg) -> (Vec<Exception>, bool) {
        if exception == NO_REG {
            // A bare `raise` raises what its handler has caught.
            let handler = innermost_handler(unit, op);
            return match handler.and_then(|(index, at)| unit.ir.tries[index as usize].handlers[at].0) {
                Some(class) => self.classes(self.analysis.engine.noted.get(&(scope, class)).copied()),
                None => (Vec::new(), true),
            };
        }
        self.classes(self.analysis.engine.noted.get(&(scope, op)).copied())
    }

    fn classes(&self, set: Option<SetId>) -> (Vec<Exception>, bool) {
        let engine = self.analysis.engine;
        let Some(set) = set else {
            return (Vec::new(), true);
        };
        let mut open = engine.values.list(set);
        let mut unknown = open.is_empty();
        let mut found = Vec::new();
        while let Some(value) = open.pop() {
            match value {
                Val::Class(class) | Val::ClassOrSub(class) | Val::Instance(class) | Val::InstanceOrSub(class) => {
                    if self.may_be_exception(class) {
                        found.push(Exception::Class(class));
                    } else {
                        unknown = true;
                    }
                }
                Val::BuiltinObject(name) | Val::Builtin(name) => {
                    let text = engine.program.names.text(name);
                    if lineage(text).contains(&"BaseException") {
                        found.push(Exception::Builtin(name));
                    } else if name != engine.known.none {
                        unknown = true;
                    }
                }
                Val::External(path) => found.push(Exception::External(path)),
                // The result of calling a class outside is an instance of it; of a function outside, anything.
                Val::ExternalResult(path) => {
                    let text = engine.program.names.text(path);
                    let last = text.rsplit('.').next().unwrap_or("");
                    if last.starts_with(char::is_uppercase) {
                        found.push(Exception::External(path));
                    } else {
                        unknown = true;
                    }
                }
                Val::Container(alloc) => {
                    open.extend(engine.container_contents(alloc));
                }
                _ => unknown = true,
            }
        }
        found.sort_unstable();
        found.dedup();
        (found, unknown)
    }

    /// Whether a class derives from an exception, or from something that may be one.
    fn may_be_exception(&self, class: ScopeId) -> bool {
        let engine = self.analysis.engine;
        engine.mro(class).iter().any(|ancestor| match ancestor {
            Ancestor::Class(_) => false,
            Ancestor::Builtin(name) => {
                let text = engine.program.names.text(*name);
                lineage(text).contains(&"BaseException")
            }
            Ancestor::External(_) | Ancestor::Unknown => true,
        })
    }

    fn name(&self, exception: Exception) -> Name {
        let names = &self.analysis.engine.program.names;
        match exception {
            Exception::Class(class) => names.text(self.analysis.engine.program.scope(class).name).clone(),
            Exception::Builtin(name) => (&*canonical(names.text(name))).into(),
            Exception::External(path) => names.text(path).rsplit('.').next().unwrap_or("").into(),
        }
    }

    fn fact(&self, unit: &Unit, scope: ScopeId, op: Reg, exception: Exception) -> Raise {
        let text = self.analysis.sources.files[unit.source]
            .text
            .as_deref()
            .unwrap_or_default();
        let this = self.analysis.engine.program.scope(scope);
        let condition = this
            .guards
            .iter()
            .find(|(reg, _, _)| *reg == op)
            .and_then(|(_, span, negated)| {
                let test = one_line(piece(text, *span));
                (test.len() <= LONGEST_TEXT).then(|| if *negated { negate(&test) } else { test })
            });
        Raise {
            exception: self.name(exception),
            class: match exception {
                Exception::Class(class) => self.analysis.components.is_scope[class as usize],
                _ => None,
            },
            line: unit.ir.places[op as usize].line,
            condition,
            message: message(unit, op, self.analysis),
            origin: RaiseOrigin::Direct,
        }
    }

    /// Whether a handler around an operation surely catches an exception and does not let it out again.
    fn caught(&mut self, unit: &Unit, scope: ScopeId, op: Reg, exception: Exception) -> bool {
        let module = self.analysis.engine.program.module_of[scope as usize];
        let around: Vec<u32> = unit
            .ir
            .tries
            .iter()
            .enumerate()
            .filter(|(_, t)| t.body.contains(&op))
            .filter_map(|(i, _)| u32::try_from(i).ok())
            .collect();
        for index in around {
            if !self.handlers.contains_key(&(module, index)) {
                let handlers = self.handlers_of(unit, scope, &unit.ir.tries[index as usize]);
                self.handlers.insert((module, index), handlers);
            }
            for handler in &self.handlers[&(module, index)] {
                let matches = match &handler.classes {
                    None => true,
                    Some(classes) => classes.iter().any(|c| self.is_a(exception, *c)),
                };
                if matches {
                    if handler.raises_again {
                        break;
                    }
                    return true;
                }
                if handler.unknown {
                    break;
                }
            }
        }
        false
    }

    fn handlers_of(&self, unit: &Unit, scope: ScopeId, statement: &TryIr) -> Vec<Handler> {
        statement
            .handlers
            .iter()
            .map(|(class, body)| {
                let (classes, unknown) = match class {
                    Some(class) => {
                        let (classes, unknown) =
                            self.classes(self.analysis.engine.noted.get(&(scope, *class)).copied());
                        (Some(classes), unknown)
                    }
                    None => (None, false),
                };
                let raises_again = body.clone().any(|op| match unit.ir.ops.get(op as usize) {
                    Some(Op::Raise(NO_REG, _)) => true,
                    // `raise e` of the variable that holds what was caught.
                    Some(Op::Raise(value, _)) => match unit.ir.ops.get(*value as usize) {
                        Some(Op::Load(var)) => body.clone().any(|o| {
                            matches!(unit.ir.ops.get(o as usize), Some(Op::Store(v, from)) if v == var
                                && matches!(unit.ir.ops.get(*from as usize), Some(Op::Caught(_))))
                        }),
                        _ => false,
                    },
                    _ => false,
                });
                Handler {
                    classes,
                    unknown,
                    raises_again,
                }
            })
            .collect()
    }

    /// Whether an exception is an instance of a class, so that naming the class catches it.
    fn is_a(&self, exception: Exception, class: Exception) -> bool {
        if exception == class {
            return true;
        }
        let names = &self.analysis.engine.program.names;
        let builtin_base = |base: &str| match class {
            Exception::Builtin(name) => lineage(base).contains(&&*canonical(names.text(name))),
            _ => false,
        };
        match exception {
            Exception::Class(scope) => self.analysis.engine.mro(scope).iter().any(|a| match (*a, class) {
                (Ancestor::Class(a), Exception::Class(c)) => a == c,
                (Ancestor::Builtin(base), _) => builtin_base(names.text(base)),
                (Ancestor::External(a), Exception::External(c)) => a == c,
                _ => false,
            }),
            Exception::Builtin(name) => builtin_base(names.text(name)),
            // Whatever it is, it is an exception.
            Exception::External(_) => builtin_base("Exception"),
        }
    }

    fn propagate(&mut self, graph: &Graph, facts: &mut [Facts]) {
        for call in &graph.placed {
            self.callers[call.callee.as_usize()].push((call.scope, call.op));
        }
        let mut queue: VecDeque<usize> = (0..facts.len()).filter(|&i| !self.escaping[i].is_empty()).collect();
        let mut queued: Vec<bool> = (0..facts.len()).map(|i| !self.escaping[i].is_empty()).collect();
        let components = self.analysis.components;
        while let Some(callee) = queue.pop_front() {
            queued[callee] = false;
            // What an abstract method raises says what is missing, not what its callers meet; a generator raises
            // when it is run, which is elsewhere.
            let traits = components.list[callee].traits;
            if traits.is_stub || traits.is_abstract || traits.is_generator {
                continue;
            }
            for (scope, op) in self.callers[callee].clone() {
                let caller = components.of_scope[scope as usize];
                if caller.as_usize() == callee || components.is_scope[scope as usize] != Some(caller) {
                    continue;
                }
                let unit = self.analysis.engine.program.unit_of(scope);
                for exception in self.escaping[callee].clone() {
                    if self.escaping[caller.as_usize()].contains(&exception)
                        || self.escaping[caller.as_usize()].len() >= MOST_RAISES
                        || self.caught(unit, scope, op, exception)
                    {
                        continue;
                    }
                    self.escaping[caller.as_usize()].push(exception);
                    let mut raise = self.fact(unit, scope, op, exception);
                    raise.condition = None;
                    raise.message = None;
                    raise.origin = RaiseOrigin::Callee(ComponentIndex(
                        u32::try_from(callee).expect("fewer than 2^32 components"),
                    ));
                    facts[caller.as_usize()].raises.push(raise);
                    if !queued[caller.as_usize()] {
                        queued[caller.as_usize()] = true;
                        queue.push_back(caller.as_usize());
                    }
                }
            }
        }
    }

    /// A component's list is complete where nothing it does is open, and so on through everything it calls.
    fn completeness(&mut self, graph: &Graph) {
        for site in &graph.calls.open {
            self.complete[site.component.as_usize()] = false;
        }
        let mut queue: VecDeque<ComponentIndex> = (0..self.complete.len())
            .filter(|&i| !self.complete[i])
            .filter_map(|i| u32::try_from(i).ok().map(ComponentIndex))
            .collect();
        // An edge that is not certain may bring what its callee raises, which is not in the list.
        for edge in &graph.calls.edges {
            if !edge.certain && self.complete[edge.caller.as_usize()] {
                self.complete[edge.caller.as_usize()] = false;
                queue.push_back(edge.caller);
            }
        }
        while let Some(callee) = queue.pop_front() {
            for edge in graph.calls.callers(callee) {
                if self.complete[edge.caller.as_usize()] {
                    self.complete[edge.caller.as_usize()] = false;
                    queue.push_back(edge.caller);
                }
            }
        }
    }
}

/// The handler whose body an operation is in: `try` and position; the innermost where they nest.
fn innermost_handler(unit: &Unit, op: Reg) -> Option<(u32, usize)> {
    let mut best: Option<(u32, usize, u32)> = None;
    for (i, statement) in unit.ir.tries.iter().enumerate() {
        for (at, (_, body)) in statement.handlers.iter().enumerate() {
            let size = body.end - body.start;
            if body.contains(&op) && best.is_none_or(|(_, _, known)| size < known) {
                best = Some((u32::try_from(i).ok()?, at, size));
            }
        }
    }
    best.map(|(index, at, _)| (index, at))
}

/// The message of `raise E("message")`, where it is one literal.
fn message(unit: &Unit, op: Reg, analysis: &Analysis<'_>) -> Option<Name> {
    let Op::Raise(value, _) = unit.ir.ops[op as usize] else {
        return None;
    };
    let Op::Call { start, len, .. } = *unit.ir.ops.get(value as usize)? else {
        return None;
    };
    let first = unit.ir.call_args(start, len).first()?;
    match unit.ir.ops.get(first.value as usize)? {
        Op::Str(text) => Some(analysis.engine.program.names.text(*text).clone()),
        Op::Const(Const::None) => None,
        _ => None,
    }
}

fn negate(test: &str) -> Name {
    if let Some(rest) = test.strip_prefix("not ")
        && !rest.contains(" and ")
        && !rest.contains(" or ")
    {
        return rest.into();
    }
    let simple = test
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')' | '[' | ']'));
    if simple {
        format!("not {test}").into()
    } else {
        format!("not ({test})").into()
    }
}
