//! What calling a function changes: fields of its arguments, variables around it.
//!
//! Asked for where the flow of a scope ([`super::flow`]) has something to lose or to gain by a call. A function's
//! [`Changes`] are read off its operations once: only straight code of loads, stores and calls of known functions is
//! understood; all else is open and may change anything.

use std::rc::Rc;

use super::Engine;
use super::heap::Cell;
use super::values::{EMPTY, SetId, Val};
use crate::analysis::parse::ir::{Op, Passing, Reg, Sym, Var};
use crate::analysis::program::{ModuleId, ScopeId};
use crate::model::component::ParameterKind;

/// Calls within calls that are followed.
const DEEPEST: u32 = 4;

/// Operations of a function past which it is not looked into.
const LONGEST: u32 = 64;

/// Built-in functions that call nothing of what plain values have.
const QUIET: [&str; 12] = [
    "print",
    "len",
    "isinstance",
    "issubclass",
    "id",
    "type",
    "callable",
    "repr",
    "str",
    "range",
    "int",
    "bool",
];

/// What a function is given or finds around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Parameter(u32),
    Variable(ScopeId, u32),
}

/// What a function puts there.
#[derive(Clone, Copy, Debug)]
enum Source {
    Of(Place),
    Values(SetId),
}

/// What calling a function changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// Whether it may change anything.
    open: bool,
    /// Names of fields that it may assign.
    fields: Vec<Sym>,
    /// Variables of scopes around it that it may assign.
    variables: Vec<(ScopeId, u32)>,
    /// What it certainly assigns, in order: a variable, or a field of what is there.
    surely: Vec<(Place, Option<Sym>, Source)>,
}

impl Changes {
    fn open() -> Self {
        Self {
            open: true,
            ..Self::default()
        }
    }
}

/// A call at hand: each argument with the operation that gave it.
pub(super) struct Called {
    pub(super) site: Reg,
    pub(super) function: Reg,
    pub(super) values: SetId,
    pub(super) args: Vec<(Passing, Reg, SetId)>,
}

impl Engine {
    fn op_at(&self, scope: ScopeId, reg: Reg) -> Option<Op> {
        self.program.unit_of(scope).ir.ops.get(reg as usize).copied()
    }

    /// The variable of the scope evaluated that an operation reads.
    fn variable_read(&self, reg: Reg) -> Option<u32> {
        match self.op_at(self.scope, reg)? {
            Op::Load(Var::Local(slot)) => Some(slot),
            _ => None,
        }
    }

    /// `x.name` where it is certain what the field holds.
    pub(super) fn certain_field(&self, object: Reg, name: Sym) -> Option<SetId> {
        if !self.flow.has_fields() {
            return None;
        }
        self.flow.field(self.variable_read(object)?, name)
    }

    /// `x.name = value`.
    pub(super) fn assign_field(&mut self, object: Reg, name: Sym, value: SetId) {
        if !self.flow.has_fields() {
            return;
        }
        let slot = self.variable_read(object);
        let is_followed = slot.is_some_and(|slot| self.flow.field(slot, name).is_some());
        self.flow.forget_field(name);
        if let (true, Some(slot)) = (is_followed, slot) {
            self.flow.set_field(slot, name, value);
        }
    }

    /// What a call has changed for the scope evaluated.
    pub(super) fn changed_by_call(&mut self, called: &Called, locals: &mut [SetId]) {
        if self.records.is_none() {
            // Only what is recorded needs to be that exact.
            return self.flow.disturb();
        }
        let function = match *self.values.list(called.values).as_slice() {
            [Val::Function(scope) | Val::Bound(scope, _)] => scope,
            [Val::Class(class)] => return self.changed_by_making(class, called),
            [Val::BuiltinObject(name)] if self.is_quiet(name, called) => return,
            _ => return self.flow.disturb(),
        };
        let changes = self.changes_of(function, 0);
        let Some(given) = self.given(function, called) else {
            return self.flow.disturb();
        };
        if changes.open {
            return self.flow.disturb();
        }
        let followed: Vec<bool> = changes
            .surely
            .iter()
            .map(|(place, name, _)| {
                name.is_some_and(|n| {
                    self.slot_of(*place, &given)
                        .is_some_and(|s| self.flow.field(s, n).is_some())
                })
            })
            .collect();
        for &name in &changes.fields {
            self.flow.forget_field(name);
        }
        self.outdate_variables(&changes);
        for ((place, name, source), followed) in changes.surely.iter().zip(followed) {
            let set = match *source {
                Source::Values(set) => set,
                Source::Of(Place::Parameter(i)) => given.get(i as usize).map_or(EMPTY, |g| g.1),
                Source::Of(Place::Variable(scope, slot)) if scope == self.scope => locals[slot as usize],
                Source::Of(Place::Variable(scope, slot)) => self.read(Cell::Variable(scope, slot)),
            };
            match (name, self.slot_of(*place, &given)) {
                (Some(name), Some(slot)) if followed && set != EMPTY => {
                    self.flow.forget_field(*name);
                    self.flow.set_field(slot, *name, set);
                }
                (None, Some(slot)) if matches!(place, Place::Variable(..)) && set != EMPTY => {
                    locals[slot as usize] = set;
                    self.flow.set_variable(slot);
                }
                // It may be an object that another variable holds too.
                (Some(name), _) => self.flow.forget_field(*name),
                _ => {}
            }
        }
    }

    /// Whether an operation may run code of the objects it is applied to.
    pub(super) fn asks_objects(&self, op: Op, module: ModuleId, reg: impl Fn(Reg) -> SetId) -> bool {
        let ir = &self.program.modules[module as usize].ir;
        match op {
            Op::Class(_) | Op::Import { .. } | Op::ImportFrom { .. } => true,
            Op::Attribute(object, name) | Op::StoreAttribute(object, name, _) => {
                !self.is_plain_attribute(name) && !self.is_plain(reg(object))
            }
            Op::Index(object, index) | Op::StoreIndex(object, index, _) => {
                !self.is_plain(reg(object)) || !self.is_plain(reg(index))
            }
            Op::Truth(value) | Op::Not(value) | Op::Splat(value) | Op::Unpack { value, .. } => {
                !self.is_plain(reg(value))
            }
            Op::Format(list, _) | Op::Dict(list) => ir.list(list).iter().any(|&r| !self.is_plain(reg(r))),
            _ => false,
        }
    }

    /// Whether all values of a set are of types whose operations call nothing of the repository's.
    fn is_plain(&self, set: SetId) -> bool {
        self.values.set(set).iter().all(|&v| {
            matches!(
                self.values.get(v),
                Val::Str(_)
                    | Val::Prefix(_)
                    | Val::Int(_)
                    | Val::Builtin(_)
                    | Val::BuiltinObject(_)
                    | Val::BuiltinMethod(..)
                    | Val::Function(_)
                    | Val::Bound(..)
                    | Val::Module(_)
                    | Val::Class(_)
                    | Val::External(_)
                    | Val::Container(_)
            )
        })
    }

    /// A call may have assigned variables of the scope evaluated.
    fn outdate_variables(&mut self, changes: &Changes) {
        let own = changes.variables.iter().filter(|(scope, _)| *scope == self.scope);
        let own: Vec<u32> = own.map(|(_, slot)| *slot).collect();
        self.flow.outdate(&own);
    }

    /// The local of the scope evaluated that is in a place.
    fn slot_of(&self, place: Place, given: &[(Reg, SetId)]) -> Option<u32> {
        match place {
            Place::Variable(scope, slot) => (scope == self.scope).then_some(slot),
            Place::Parameter(i) => self.variable_read(given.get(i as usize)?.0),
        }
    }

    /// An instance is made: its constructor says what its fields hold.
    fn changed_by_making(&mut self, class: ScopeId, called: &Called) {
        let init = self.find_attribute(class, self.known.init);
        let new = self.find_attribute(class, self.known.new);
        let &[Val::Function(function)] = self.values.list(init.set).as_slice() else {
            return self.flow.disturb();
        };
        let changes = self.changes_of(function, 0);
        let is_plain = new.set == EMPTY && self.metaclass(class).is_none() && init.external.is_none();
        let Some(given) = self.given(function, called).filter(|_| is_plain && !changes.open) else {
            return self.flow.disturb();
        };
        let mut fields: Vec<(Sym, SetId)> = Vec::new();
        for &(place, name, source) in &changes.surely {
            let (Place::Parameter(0), Some(name), Source::Of(Place::Parameter(i))) = (place, name, source) else {
                fields.retain(|(n, _)| Some(*n) != name);
                continue;
            };
            let set = given.get(i as usize).map_or(EMPTY, |g| g.1);
            let found = self.find_attribute(class, name);
            if set != EMPTY && found.set == EMPTY && found.external.is_none() && !self.answers_itself(class) {
                fields.retain(|(n, _)| *n != name);
                fields.push((name, set));
            }
        }
        // What else it assigns, it may assign to anything.
        let others = changes
            .fields
            .iter()
            .filter(|n| fields.iter().all(|(own, _)| own != *n));
        for &name in others {
            self.flow.forget_field(name);
        }
        self.outdate_variables(&changes);
        self.flow.note_made(called.site, fields);
    }

    /// Whether a class has its say when attributes of its instances are read or written.
    fn answers_itself(&mut self, class: ScopeId) -> bool {
        ["__setattr__", "__getattribute__"].iter().any(|hook| {
            let hook = self.program.names.sym(hook);
            let found = self.find_attribute(class, hook);
            found.set != EMPTY || found.external.is_some()
        })
    }

    /// Whether a built-in function calls nothing when it is called so.
    fn is_quiet(&self, name: Sym, called: &Called) -> bool {
        QUIET.contains(&&**self.program.names.text(name))
            && called.args.iter().all(|(_, _, set)| {
                self.values.set(*set).iter().all(|&v| {
                    matches!(
                        self.values.get(v),
                        Val::Function(_) | Val::Class(_) | Val::Str(_) | Val::Int(_) | Val::Builtin(_) | Val::Prefix(_)
                    )
                })
            })
    }

    /// The arguments of a call by the function's parameters; none where that is not plain.
    fn given(&self, function: ScopeId, called: &Called) -> Option<Vec<(Reg, SetId)>> {
        let scope = self.program.scope(function);
        let mut given: Vec<Option<(Reg, SetId)>> = vec![None; scope.params.len()];
        let is_method = matches!(
            self.values.list(called.values).as_slice(),
            [Val::Bound(..) | Val::Class(_)]
        );
        let mut place = usize::from(is_method);
        if is_method {
            let receiver = match self.op_at(self.scope, called.function) {
                Some(Op::Attribute(object, _)) => object,
                _ => Reg::MAX,
            };
            *given.first_mut()? = Some((receiver, EMPTY));
        }
        for &(passing, reg, set) in &called.args {
            let at = match passing {
                Passing::Positional => {
                    place += 1;
                    place - 1
                }
                Passing::Keyword(name) => scope.params.iter().position(|p| p.name == name)?,
                Passing::Starred | Passing::DoubleStarred => return None,
            };
            let is_plain = |kind| matches!(kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
            if scope.params.get(at).is_none_or(|p| is_plain(p.kind)) {
                return None;
            }
            given[at] = Some((reg, set));
        }
        Some(given.into_iter().map(|g| g.unwrap_or((Reg::MAX, EMPTY))).collect())
    }

    /// What calling a function changes.
    fn changes_of(&mut self, function: ScopeId, depth: u32) -> Rc<Changes> {
        if let Some(known) = self.changes.get(&function) {
            return known.clone();
        }
        let scope = self.program.scope(function);
        let is_open =
            depth > DEEPEST || scope.is_async || scope.is_generator || scope.ops.end - scope.ops.start > LONGEST;
        let changes = if is_open {
            Changes::open()
        } else {
            self.changes_in(function, depth)
        };
        let changes = Rc::new(changes);
        self.changes.insert(function, changes.clone());
        changes
    }

    fn changes_in(&mut self, function: ScopeId, depth: u32) -> Changes {
        let mut changes = Changes::default();
        // Inside a branch or loop, or after one that may leave the function, nothing is certain.
        let (mut inside, mut may_have_left) = (0u32, false);
        for reg in self.program.scope(function).ops.clone() {
            let Some(op) = self.op_at(function, reg) else {
                return Changes::open();
            };
            let is_sure = inside == 0 && !may_have_left;
            match op {
                Op::Const(_)
                | Op::Str(_)
                | Op::Load(_)
                | Op::Function(_)
                | Op::Choice(..)
                | Op::Declare { .. }
                | Op::Typed { .. }
                | Op::Arm
                | Op::Narrow { .. }
                | Op::Widen(_) => {}
                Op::Branch | Op::LoopStart { .. } => inside += 1,
                Op::Join | Op::LoopEnd => inside = inside.saturating_sub(1),
                Op::Return(_) | Op::Raise(..) | Op::Break | Op::Continue if inside > 0 => may_have_left = true,
                Op::Return(_) => break,
                Op::Store(Var::Local(_), _) => {}
                Op::Store(var @ (Var::Outer { .. } | Var::Global(_)), value) => {
                    let Some(place @ Place::Variable(scope, slot)) = self.place_of_var(function, var) else {
                        return Changes::open();
                    };
                    changes.variables.push((scope, slot));
                    changes.surely.retain(|s| s.0 != place);
                    if is_sure && let Some(source) = self.source(function, value) {
                        changes.surely.push((place, None, source));
                    }
                }
                Op::Attribute(_, name) if self.is_plain_attribute(name) => {}
                Op::StoreAttribute(object, name, value) if self.is_plain_attribute(name) => {
                    changes.fields.push(name);
                    let place = self.place_of(function, object);
                    // Another name may be of the same object.
                    changes.surely.retain(|s| s.1 != Some(name));
                    if let (true, Some(place), Some(source)) = (is_sure, place, self.source(function, value)) {
                        changes.surely.push((place, Some(name), source));
                    }
                }
                Op::Call {
                    function: callee,
                    start,
                    len,
                } => {
                    let Some(inner) = self.changes_of_call(function, (callee, start, len), depth) else {
                        return Changes::open();
                    };
                    changes.surely.retain(|s| match s {
                        (_, Some(name), _) => !inner.fields.contains(name),
                        (Place::Variable(scope, slot), None, _) => !inner.variables.contains(&(*scope, *slot)),
                        _ => true,
                    });
                    changes.fields.extend(inner.fields);
                    changes.variables.extend(inner.variables);
                    if is_sure {
                        changes.surely.extend(inner.surely);
                    }
                }
                _ => return Changes::open(),
            }
        }
        changes
    }

    /// What a call in a function changes, in the terms of that function; none where it may be anything.
    fn changes_of_call(
        &mut self,
        function: ScopeId,
        (callee, start, len): (Reg, u32, u32),
        depth: u32,
    ) -> Option<Changes> {
        let called = self.function_called(function, callee)?;
        let inner = self.changes_of(called, depth + 1);
        if inner.open {
            return None;
        }
        let args = self.program.unit_of(function).ir.call_args(start, len).to_vec();
        if args.iter().any(|a| a.passing != Passing::Positional) || args.len() > self.program.scope(called).params.len()
        {
            return None;
        }
        let mut changes = Changes {
            fields: inner.fields.clone(),
            variables: inner.variables.clone(),
            ..Changes::default()
        };
        for &(place, name, source) in &inner.surely {
            let place = match place {
                Place::Parameter(i) => args.get(i as usize).and_then(|a| self.place_of(function, a.value)),
                Place::Variable(..) => self.own_place(function, place),
            };
            let source = match source {
                Source::Of(Place::Parameter(i)) => args.get(i as usize).and_then(|a| self.source(function, a.value)),
                Source::Of(other) => self.own_place(function, other).map(Source::Of),
                Source::Values(_) => Some(source),
            };
            if let (Some(place), Some(source)) = (place, source) {
                changes.surely.push((place, name, source));
            }
        }
        Some(changes)
    }

    /// The one function that a name in a function stands for.
    fn function_called(&mut self, function: ScopeId, callee: Reg) -> Option<ScopeId> {
        let set = match self.op_at(function, callee)? {
            Op::Load(Var::Local(slot)) => {
                let ops = &self.program.unit_of(function).ir.ops;
                let mut stored = self
                    .program
                    .scope(function)
                    .ops
                    .clone()
                    .filter_map(|r| match ops[r as usize] {
                        Op::Store(Var::Local(s), value) if s == slot => Some(value),
                        _ => None,
                    });
                let (Some(value), None) = (stored.next(), stored.next()) else {
                    return None;
                };
                let Op::Function(index) = ops[value as usize] else {
                    return None;
                };
                return Some(self.program.unit_of(function).first_scope + index);
            }
            Op::Load(var) => self.values_of_var(function, var)?,
            _ => return None,
        };
        match self.values.list(set).as_slice() {
            &[Val::Function(scope)] => Some(scope),
            _ => None,
        }
    }

    fn values_of_var(&mut self, function: ScopeId, var: Var) -> Option<SetId> {
        let module = self.program.module_of[function as usize];
        match var {
            Var::Outer { scope, slot } => {
                let scope = self.program.global_scope(module, scope);
                Some(self.read(Cell::Variable(scope, slot)))
            }
            Var::Global(name) => Some(self.module_name(module, name)),
            _ => None,
        }
    }

    fn place_of_var(&self, function: ScopeId, var: Var) -> Option<Place> {
        let module = self.program.module_of[function as usize];
        match var {
            Var::Local(slot) => self.parameter_place(function, slot),
            Var::Outer { scope, slot } => {
                let scope = self.program.global_scope(module, scope);
                Some(Place::Variable(scope, slot))
            }
            Var::Global(name) => {
                let scope = self.program.global_scope(module, 0);
                let slot = *self.program.scope(scope).bound.get(&name)?;
                Some(Place::Variable(scope, slot))
            }
            Var::Name(_) => None,
        }
    }

    fn place_of(&self, function: ScopeId, reg: Reg) -> Option<Place> {
        match self.op_at(function, reg)? {
            Op::Load(var) => self.place_of_var(function, var),
            _ => None,
        }
    }

    /// A parameter that nothing assigns.
    fn parameter_place(&self, function: ScopeId, slot: u32) -> Option<Place> {
        let scope = self.program.scope(function);
        let ops = &self.program.unit_of(function).ir.ops;
        let is_assigned = scope
            .ops
            .clone()
            .any(|r| matches!(ops[r as usize], Op::Store(Var::Local(s), _) | Op::Delete(Var::Local(s)) if s == slot));
        let is_rebound = self.rebound.get(&function).is_some_and(|slots| slots.contains(&slot));
        let is_parameter = (slot as usize) < scope.params.len();
        (is_parameter && !is_assigned && !is_rebound).then_some(Place::Parameter(slot))
    }

    /// A place in the terms of a function that calls what names it.
    fn own_place(&self, function: ScopeId, place: Place) -> Option<Place> {
        match place {
            Place::Variable(scope, slot) if scope == function => self.parameter_place(function, slot),
            other => Some(other),
        }
    }

    fn source(&mut self, function: ScopeId, value: Reg) -> Option<Source> {
        if let Some(place @ Place::Parameter(_)) = self.place_of(function, value) {
            return Some(Source::Of(place));
        }
        let Op::Load(var) = self.op_at(function, value)? else {
            return None;
        };
        if let Var::Outer { .. } = var {
            return self.place_of_var(function, var).map(Source::Of);
        }
        let set = self.values_of_var(function, var)?;
        (set != EMPTY).then_some(Source::Values(set))
    }

    /// Whether no class of the repository computes an attribute of this name.
    fn is_plain_attribute(&self, name: Sym) -> bool {
        let hooks = [self.known.getattr, self.known.getattribute];
        hooks.iter().all(|h| !self.definers.contains_key(h))
            && self.definers.get(&name).is_none_or(|classes| {
                classes.iter().all(|&class| {
                    let set = self.heap.peek(Cell::ClassAttribute(class, name));
                    self.values
                        .set(set)
                        .iter()
                        .all(|&v| matches!(self.values.get(v), Val::Function(_)))
                })
            })
    }
}
