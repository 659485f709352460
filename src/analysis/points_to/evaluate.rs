//! Evaluating one scope: its operations in order, with what its variables hold on the way.

use rustc_hash::FxHashSet;

use super::call::Arguments;
use super::changes::Called;
use super::flow::{Bounds, Flow};
use super::frame::Frame;
use super::heap::{Cell, Key};
use super::memo::Question;
use super::values::{EMPTY, SetId, Val};
use super::{Engine, library};
use crate::analysis::parse::ir::{Arg, Const, List, NO_REG, Op, Passing, Reg, ScopeKind, Sym, Var};
use crate::analysis::program::{ModuleId, ScopeId};
use crate::model::call_graph::{EdgeKind, OpenReason};
use crate::model::component::ParameterKind;

/// Elements of a display that are kept apart by index.
const MOST_INDEXED: usize = 16;

impl Engine {
    /// Evaluates a scope once.
    pub(super) fn evaluate(&mut self, scope: ScopeId) {
        self.scope = scope;
        let module = self.program.module_of[scope as usize];
        let (ops, locals) = {
            let scope = self.program.scope(scope);
            (scope.ops.clone(), scope.locals.len())
        };
        let mut frame = Frame::new(locals, ops.clone());
        self.op = ops.start;
        self.place = self.memo.place(scope, module, ops.start);
        let is_followed = self.records.is_some() && self.program.scope(scope).kind == ScopeKind::Module;
        self.flow = Flow::new(is_followed, self.rebound.contains_key(&scope));
        self.begin_parameters(scope, &mut frame);
        let mut position = ops.start;
        while position < ops.end {
            self.op = position;
            self.place = self.memo.place(scope, module, position);
            let op = self.program.modules[module as usize].ir.ops[position as usize];
            match self.control(op, position, &mut frame) {
                Some(next) => position = next,
                None => {
                    let result = self.operation(op, module, &mut frame);
                    frame.regs[(position - ops.start) as usize] = result;
                    position += 1;
                }
            }
        }
        if self.program.scope(scope).kind == ScopeKind::Class {
            for (slot, &held) in (0..).zip(&frame.locals) {
                let this = self.program.scope(scope);
                let name = this.locals[slot as usize];
                // The variables of comprehensions are no attributes.
                if this.bound.get(&name) == Some(&slot) {
                    self.write(Cell::ClassAttribute(scope, name), held);
                }
            }
        }
        self.ends_dead[scope as usize] = frame.dead;
        if self.records.is_some() {
            for index in std::mem::take(&mut frame.done_tries) {
                let classes: Vec<Reg> = self.program.modules[module as usize].ir.tries[index as usize]
                    .handlers
                    .iter()
                    .filter_map(|(class, _)| *class)
                    .collect();
                for class in classes {
                    let set = frame.reg(class);
                    self.note(class, set);
                }
            }
        }
    }

    /// What the parameters hold when the scope begins.
    fn begin_parameters(&mut self, scope: ScopeId, frame: &mut Frame) {
        let kinds: Vec<ParameterKind> = self.program.scope(scope).params.iter().map(|p| p.kind).collect();
        let receiver = self.receiver_of(scope);
        for (i, kind) in kinds.into_iter().enumerate() {
            let index = u32::try_from(i).expect("files are far below 2^32 parameters");
            let set = match kind {
                ParameterKind::VarPositional => {
                    let alloc = self.parameter_alloc(scope, index, self.known.tuple);
                    let unknown = self.unknown(OpenReason::Parameter);
                    self.write(Cell::Element(alloc), unknown);
                    self.single(Val::Container(alloc))
                }
                ParameterKind::VarKeyword => {
                    let alloc = self.parameter_alloc(scope, index, self.known.dict);
                    let unknown = self.unknown(OpenReason::Parameter);
                    self.write(Cell::Element(alloc), unknown);
                    self.single(Val::Container(alloc))
                }
                _ => {
                    let mut given = self.read(Cell::Parameter(scope, index));
                    if !self.is_called[scope as usize] {
                        // Only code outside can call it, with or without an argument.
                        let default = self.read(Cell::Default(scope, index));
                        if self.is_settled() {
                            given = self.union(given, default);
                        } else if default != EMPTY {
                            self.note_missing();
                        }
                    }
                    let typed = self.read(Cell::ParameterType(scope, index));
                    let known = self.union(given, typed);
                    match receiver {
                        Some(receiver) if i == 0 => {
                            // Whatever passes it on may not know what it is; a method does.
                            let followed: Vec<Val> = self.values.list(known);
                            let followed = followed.into_iter().filter(|v| !matches!(v, Val::Unknown(_))).collect();
                            let followed = self.values.of(followed);
                            let receiver = self.single(receiver);
                            self.union(followed, receiver)
                        }
                        // An annotation says what callers outside may pass.
                        _ if typed != EMPTY && !self.has_unknown(typed) => self.fitting(given, typed),
                        _ => {
                            let mut list = self.guess_parameter(scope, index, known);
                            list.push(Val::Unknown(OpenReason::Parameter));
                            let more = self.values.of(list);
                            self.union(known, more)
                        }
                    }
                }
            };
            if receiver.is_some() && i == 0 {
                // What `super()` in a function inside sees.
                self.write(Cell::Parameter(scope, 0), set);
            }
            self.store(frame, Var::Local(index), set);
        }
    }

    /// What a method's first parameter is when somebody calls it: an instance, or the class.
    fn receiver_of(&mut self, scope: ScopeId) -> Option<Val> {
        let parent = self.program.parent(scope)?;
        let this = self.program.scope(scope);
        if self.program.scope(parent).kind != ScopeKind::Class || this.kind != ScopeKind::Function {
            return None;
        }
        let name = this.name;
        let attribute = self.read(Cell::ClassAttribute(parent, name));
        let function = self.values.val(Val::Function(scope));
        for value in self.values.list(attribute) {
            match value {
                Val::Static(inner) if inner == function => return None,
                Val::ClassMethod(inner) if inner == function => return Some(Val::ClassOrSub(parent)),
                _ => {}
            }
        }
        Some(match &*self.name_of(name) {
            "__new__" | "__init_subclass__" | "__class_getitem__" => Val::ClassOrSub(parent),
            _ => Val::InstanceOrSub(parent),
        })
    }

    fn operation(&mut self, op: Op, module: ModuleId, frame: &mut Frame) -> SetId {
        // What a call changes of the variables around it is no part of its result.
        if self.flow.is_watched() {
            return self.perform(op, module, frame);
        }
        let Some(operands) = self.operands(op, module, |reg| frame.reg(reg)) else {
            return self.perform(op, module, frame);
        };
        if let Some(result) = self.remembered(operands) {
            return result;
        }
        let result = self.perform(op, module, frame);
        self.remember(operands, result);
        result
    }

    fn perform(&mut self, op: Op, module: ModuleId, frame: &mut Frame) -> SetId {
        if self.flow.is_watched() && (runs_code(op) || self.asks_objects(op, module, |reg| frame.reg(reg))) {
            self.flow.disturb();
        }
        match op {
            Op::Const(constant) => self.constant(constant),
            Op::Slice { .. } => self.constant(Const::Slice),
            Op::Str(name) => self.single(Val::Str(name)),
            Op::Format(list, prefix) => {
                let sets = self.regs_of(module, list, frame);
                let text = self.format(&sets);
                prefix.map_or(text, |p| self.single(Val::Prefix(p)))
            }
            Op::Damaged => self.unknown(OpenReason::Damaged),
            Op::Load(var) => self.load(frame, var),
            Op::Store(var, value) => {
                let set = frame.reg(value);
                self.flow.assign(var, value);
                self.note_factory(module, var, value, |reg| frame.reg(reg));
                self.store(frame, var, set);
                EMPTY
            }
            Op::Delete(var) => {
                if let Var::Local(slot) = var {
                    frame.locals[slot as usize] = EMPTY;
                }
                EMPTY
            }
            Op::Call { function, start, len } => self.call_site(module, function, start, len, frame),
            Op::Unary(operator, value) => self.unary(operator, frame.reg(value)),
            Op::Binary(operator, left, right) => self.binary(operator, frame.reg(left), frame.reg(right), false),
            Op::InPlace(operator, left, right) => self.binary(operator, frame.reg(left), frame.reg(right), true),
            Op::Compare(operator, left, right) => self.compare(operator, frame.reg(left), frame.reg(right)),
            Op::Not(value) => {
                self.truth(frame.reg(value));
                self.builtin_instance(self.known.bool)
            }
            Op::Truth(value) | Op::Assert(value) => {
                self.truth(frame.reg(value));
                EMPTY
            }
            Op::Choice(a, b) => self.union(frame.reg(a), frame.reg(b)),
            Op::Tuple(list) => self.display(module, list, self.known.tuple, frame),
            Op::ListOf(list) => self.display(module, list, self.known.list, frame),
            Op::SetOf(list) => self.display(module, list, self.known.set, frame),
            Op::Dict(list) => self.dict_display(module, list, frame),
            Op::Generator(value) => {
                let alloc = self.alloc(0, self.known.generator);
                self.write(Cell::Element(alloc), frame.reg(value));
                self.single(Val::Container(alloc))
            }
            Op::Function(index) => self.make_function(module, index, frame),
            Op::Class(index) => self.make_class(module, index, frame),
            Op::Decorate { decorator, value } => self.decorate(frame.reg(value), frame.reg(decorator)),
            Op::Next(value) => self.iterate(frame.reg(value), false),
            Op::AsyncNext(value) => self.iterate(frame.reg(value), true),
            Op::Splat(value) => frame.reg(value),
            Op::Unpack {
                value,
                index,
                starred,
                after,
            } => self.unpack(frame.reg(value), index, starred, after),
            _ => self.access(op, module, frame),
        }
    }

    /// Attributes and elements, read, set or deleted.
    fn access(&mut self, op: Op, module: ModuleId, frame: &mut Frame) -> SetId {
        match op {
            Op::Attribute(object, name) => match self.certain_field(object, name) {
                Some(set) => set,
                None => self.attribute(frame.reg(object), name),
            },
            Op::StoreAttribute(object, name, value) => {
                self.assign_field(object, name, frame.reg(value));
                self.escape(frame.reg(value));
                self.stored_under(name, frame.reg(value));
                self.store_attribute(frame.reg(object), name, frame.reg(value));
                EMPTY
            }
            Op::DeleteAttribute(object, name) => {
                self.delete_attribute(frame.reg(object), name);
                EMPTY
            }
            Op::Index(object, index) => {
                let bounds = Bounds::of_op(self.program.modules[module as usize].ir.ops[index as usize]);
                let found = self.index_within(frame.reg(object), frame.reg(index), bounds);
                let made = self.make_missing(frame.reg(object));
                self.union(found, made)
            }
            Op::StoreIndex(object, index, value) => {
                self.escape(frame.reg(value));
                let bounds = Bounds::of_op(self.program.modules[module as usize].ir.ops[index as usize]);
                let spliced = bounds.and_then(|b| self.spliced(frame.reg(object), b, frame.reg(value)));
                self.store_index(frame.reg(object), frame.reg(index), frame.reg(value));
                if let Some((alloc, parts)) = spliced {
                    self.flow.refill(alloc, &parts);
                }
                EMPTY
            }
            Op::DeleteIndex(object, index) => {
                let index = frame.reg(index);
                self.change_containers(frame.reg(object));
                for value in self.values.list(frame.reg(object)) {
                    if let Val::Container(alloc) = value {
                        self.move_elements(alloc);
                    }
                }
                self.special(frame.reg(object), "__delitem__", &[index], EdgeKind::Operator)
            }
            _ => self.statement(op, module, frame),
        }
    }

    fn statement(&mut self, op: Op, module: ModuleId, frame: &mut Frame) -> SetId {
        let scope = self.scope;
        match op {
            Op::Yield(value) => {
                self.escape(frame.reg(value));
                self.write(Cell::Yield(scope), frame.reg(value));
                self.unknown(OpenReason::Parameter)
            }
            Op::YieldFrom(value) => {
                let elements = self.iterate(frame.reg(value), false);
                self.write(Cell::Yield(scope), elements);
                let list = self.values.list(frame.reg(value));
                let mut result = EMPTY;
                for value in list {
                    let set = match value {
                        Val::Generator(inner) => self.read(Cell::Return(inner)),
                        _ => EMPTY,
                    };
                    result = self.union(result, set);
                }
                result
            }
            Op::Typed { value, annotation } => {
                let declared = self.declared(frame.reg(annotation));
                self.as_declared(frame.reg(value), declared)
            }
            Op::Declare { name, annotation } => {
                let declared = self.declared(frame.reg(annotation));
                self.declare(name, declared);
                EMPTY
            }
            Op::Await(value) => self.awaited(frame.reg(value)),
            Op::Return(value) => {
                self.note(self.op, frame.reg(value));
                self.escape(frame.reg(value));
                let returned = self.returned_by(scope, value, |reg| frame.reg(reg));
                self.write(Cell::Return(scope), returned);
                frame.dead = true;
                EMPTY
            }
            Op::Raise(exception, _) => {
                let set = frame.reg(exception);
                self.note(self.op, set);
                for value in self.values.list(set) {
                    if value.class().is_some() {
                        let class = self.single(value);
                        self.call_implicitly(class, &[], EdgeKind::Implicit);
                    }
                }
                frame.dead = true;
                EMPTY
            }
            Op::Enter(value) => {
                self.flow.give_up();
                self.enter(frame.reg(value), false)
            }
            Op::AsyncEnter(value) => {
                self.flow.give_up();
                self.enter(frame.reg(value), true)
            }
            Op::Caught(classes) => self.instances_of(frame.reg(classes)),
            Op::InstanceOf(class) => self.instances_of(frame.reg(class)),
            Op::MatchArgument(value, index) => self.match_argument(frame.reg(value), index),
            Op::Import { path, leaf } => self.import(path, leaf),
            Op::ImportFrom {
                module: from,
                level,
                name,
            } => self.import_from(module, from, level, name),
            Op::ImportStar { module: from, level } => {
                self.import_star(module, from, level);
                EMPTY
            }
            _ => EMPTY,
        }
    }

    fn constant(&mut self, constant: Const) -> SetId {
        let name = match constant {
            Const::None => "NoneType",
            Const::Bool(_) => "bool",
            Const::Int(n) => return self.single(Val::Int(n)),
            Const::BigInt => "int",
            Const::Float => "float",
            Const::Complex => "complex",
            Const::Bytes => "bytes",
            Const::String => "str",
            Const::Ellipsis => "ellipsis",
            Const::Slice => "slice",
        };
        let name = self.program.names.sym(name);
        self.builtin_instance(name)
    }

    fn regs_of(&self, module: ModuleId, list: List, frame: &Frame) -> Vec<SetId> {
        self.program.modules[module as usize]
            .ir
            .list(list)
            .iter()
            .map(|&r| frame.reg(r))
            .collect()
    }

    fn load(&mut self, frame: &Frame, var: Var) -> SetId {
        match var {
            Var::Local(slot) => {
                let held = frame.locals[slot as usize];
                if held != EMPTY {
                    let is_rebound = |slots: &FxHashSet<u32>| slots.contains(&slot);
                    if self.flow.is_stale(slot) && self.rebound.get(&self.scope).is_some_and(is_rebound) {
                        let others = self.read(Cell::Rebound(self.scope, slot));
                        return self.union(held, others);
                    }
                    return held;
                }
                let (kind, name) = {
                    let scope = self.program.scope(self.scope);
                    (scope.kind, scope.locals[slot as usize])
                };
                match kind {
                    // Set by somebody else: `global`, `import *`.
                    ScopeKind::Module => self.load_global(name),
                    ScopeKind::Class => {
                        let own = self.read(Cell::ClassAttribute(self.scope, name));
                        if own == EMPTY { self.load_global(name) } else { own }
                    }
                    _ => EMPTY,
                }
            }
            Var::Outer { scope, slot } => {
                let module = self.program.module_of[self.scope as usize];
                let scope = self.program.global_scope(module, scope);
                self.read(Cell::Variable(scope, slot))
            }
            Var::Global(name) | Var::Name(name) => self.load_global(name),
        }
    }

    pub(super) fn load_global(&mut self, name: Sym) -> SetId {
        let module = self.program.module_of[self.scope as usize];
        self.shared_answer(Question::Global(module, name))
    }

    pub(super) fn find_global(&mut self, module: ModuleId, name: Sym) -> SetId {
        let scope = self.program.global_scope(module, 0);
        let bound = self.program.scope(scope).bound.contains_key(&name);
        let found = self.module_name(module, name);
        if found != EMPTY {
            return found;
        }
        if library::is_builtin(&self.name_of(name)) {
            return self.single(Val::BuiltinObject(name));
        }
        if bound {
            EMPTY
        } else {
            self.unknown(OpenReason::UnboundName)
        }
    }

    /// `name: T` in a class body or module.
    fn declare(&mut self, name: Sym, declared: SetId) {
        let scope = self.scope;
        if declared == EMPTY {
            return;
        }
        match self.program.scope(scope).kind {
            ScopeKind::Class => self.write(Cell::FieldType(scope, name), declared),
            _ => {
                if let Some(&slot) = self.program.scope(scope).bound.get(&name) {
                    self.write(Cell::Variable(scope, slot), declared);
                }
            }
        }
    }

    fn store(&mut self, frame: &mut Frame, var: Var, set: SetId) {
        let scope = self.scope;
        match var {
            Var::Local(slot) => {
                frame.locals[slot as usize] = set;
                for (_, held) in &mut frame.tries {
                    held[slot as usize] = self.values.union(held[slot as usize], set);
                }
                let (kind, name, captured) = {
                    let this = self.program.scope(scope);
                    (this.kind, this.locals[slot as usize], this.captured.contains(&slot))
                };
                match kind {
                    ScopeKind::Module => self.write(Cell::Variable(scope, slot), set),
                    ScopeKind::Class => {
                        // What it holds at the end is the class's.
                        self.stored_under(name, set);
                    }
                    _ if captured => self.write(Cell::Variable(scope, slot), set),
                    _ => {}
                }
            }
            Var::Outer { scope, slot } => {
                let module = self.program.module_of[self.scope as usize];
                let scope = self.program.global_scope(module, scope);
                self.write(Cell::Variable(scope, slot), set);
                self.write(Cell::Rebound(scope, slot), set);
            }
            Var::Global(name) | Var::Name(name) => {
                let module = self.program.module_of[self.scope as usize];
                let scope = self.program.global_scope(module, 0);
                match self.program.scope(scope).bound.get(&name) {
                    Some(&slot) => {
                        self.write(Cell::Variable(scope, slot), set);
                        self.write(Cell::Rebound(scope, slot), set);
                    }
                    None => self.write(Cell::ModuleAttribute(module, name), set),
                }
            }
        }
    }

    fn call_site(&mut self, module: ModuleId, function: Reg, start: u32, len: u32, frame: &mut Frame) -> SetId {
        let args: Vec<Arg> = self.program.modules[module as usize].ir.call_args(start, len).to_vec();
        let list: Vec<(Passing, SetId)> = args.iter().map(|a| (a.passing, frame.reg(a.value))).collect();
        for (_, set) in &list {
            self.escape(*set);
        }
        let operands: Vec<Arg> = args;
        let mut args: Arguments = self.arguments(&list);
        if let Op::Attribute(object, _) = self.program.modules[module as usize].ir.ops[function as usize] {
            args.receiver = frame.reg(object);
            self.on_self = self.is_own_receiver(object);
            self.asked = self.asked_of_unknown(frame.reg(object), function);
        }
        let set = frame.reg(function);
        if set == EMPTY {
            if !self.is_settled() {
                self.note_missing();
                return EMPTY;
            }
            self.record_open(EdgeKind::Call, OpenReason::NoValue, |_| {
                crate::model::call_graph::Reach::AnyValue
            });
            return self.unknown(OpenReason::NoValue);
        }
        let result = self.call(set, &args, EdgeKind::Call);
        self.on_self = false;
        self.asked = None;
        if self.flow.is_watched() {
            let args = operands.iter().map(|a| (a.passing, a.value, frame.reg(a.value)));
            let called = Called {
                site: self.op,
                function,
                values: set,
                args: args.collect(),
            };
            self.changed_by_call(&called, &mut frame.locals);
        }
        result
    }

    /// The name of a method that is called on nothing that is known: it can only be a method or value of that name.
    fn asked_of_unknown(&self, object: SetId, attribute: Reg) -> Option<Sym> {
        let Some(&Op::Attribute(_, name)) = self.program.unit_of(self.scope).ir.ops.get(attribute as usize) else {
            return None;
        };
        // What is stored in a field may be an attribute of something unknown by another name.
        let holds = |value: Val| match value.instance_of().or(value.class()) {
            Some(class) => self.has_field(class, name),
            None => matches!(value, Val::Module(_) | Val::Super(..)),
        };
        let is_named = !self.values.set(object).iter().any(|&v| holds(self.values.get(v)));
        is_named.then_some(name)
    }

    /// Whether an operation reads the first parameter of the method evaluated.
    fn is_own_receiver(&self, reg: Reg) -> bool {
        let unit = self.program.unit_of(self.scope);
        matches!(unit.ir.ops.get(reg as usize), Some(Op::Load(Var::Local(0))))
            && self
                .program
                .parent(self.scope)
                .is_some_and(|p| self.program.scope(p).kind == ScopeKind::Class)
    }

    fn display(&mut self, module: ModuleId, list: List, kind: Sym, frame: &Frame) -> SetId {
        let regs: Vec<Reg> = self.program.modules[module as usize].ir.list(list).to_vec();
        let alloc = self.alloc(0, kind);
        let indexed = regs.len() <= MOST_INDEXED && kind != self.known.set;
        let mut by_position = true;
        if indexed {
            self.flow.make(alloc, self.shared.contains(&alloc));
        }
        for (i, &reg) in regs.iter().enumerate() {
            let set = frame.reg(reg);
            self.escape(set);
            if kind == self.known.set {
                self.look_up_key(set);
            }
            let is_splat = matches!(self.program.modules[module as usize].ir.ops[reg as usize], Op::Splat(_));
            if is_splat {
                by_position = false;
                self.flow.forget(alloc);
                let elements = self.iterate(set, false);
                self.write(Cell::Element(alloc), elements);
            } else if indexed && by_position {
                let key = Key::Int(i32::try_from(i).unwrap_or(i32::MAX));
                self.flow.store(alloc, key, set);
                self.write(Cell::Key(alloc, key), set);
            } else {
                self.write(Cell::Element(alloc), set);
            }
        }
        self.single(Val::Container(alloc))
    }

    fn dict_display(&mut self, module: ModuleId, list: List, frame: &Frame) -> SetId {
        let regs: Vec<Reg> = self.program.modules[module as usize].ir.list(list).to_vec();
        let alloc = self.alloc(0, self.known.dict);
        let dict = self.single(Val::Container(alloc));
        self.flow.make(alloc, self.shared.contains(&alloc));
        for pair in regs.chunks_exact(2) {
            let value = frame.reg(pair[1]);
            self.escape(value);
            if pair[0] == NO_REG {
                self.update_dict(alloc, value);
            } else {
                self.store_index(dict, frame.reg(pair[0]), value);
            }
        }
        dict
    }
}

/// Operations that may run functions besides what is written as a call.
fn runs_code(op: Op) -> bool {
    !matches!(
        op,
        Op::Const(_)
            | Op::Str(_)
            | Op::Slice { .. }
            | Op::Load(_)
            | Op::Store(..)
            | Op::Delete(_)
            | Op::Attribute(..)
            | Op::StoreAttribute(..)
            | Op::Index(..)
            | Op::StoreIndex(..)
            | Op::Call { .. }
            | Op::Function(_)
            | Op::Tuple(_)
            | Op::ListOf(_)
            | Op::Dict(_)
            | Op::Splat(_)
            | Op::Unpack { .. }
            | Op::Choice(..)
            | Op::Return(_)
            | Op::Typed { .. }
            | Op::Declare { .. }
            | Op::Import { .. }
            | Op::ImportFrom { .. }
            | Op::Class(_)
            | Op::Format(..)
            | Op::Truth(_)
            | Op::Not(_)
    )
}
