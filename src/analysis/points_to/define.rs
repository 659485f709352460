//! Definitions: functions with what their parameters are declared to be, classes with their bases, and what decorators
//! make of them.

use super::Engine;
use super::call::Arguments;
use super::frame::Frame;
use super::heap::Cell;
use super::values::{EMPTY, SetId, Val};
use crate::analysis::parse::ir::{Arg, Passing, Reg, ScopeIndex};
use crate::analysis::program::{ModuleId, ScopeId};
use crate::model::call_graph::{EdgeKind, OpenReason};

impl Engine {
    pub(super) fn make_function(&mut self, module: ModuleId, index: ScopeIndex, frame: &Frame) -> SetId {
        let scope = self.program.global_scope(module, index);
        let (params, returns) = {
            let scope = self.program.scope(scope);
            let params: Vec<_> = scope
                .params
                .iter()
                .map(|p| (p.annotation.map(|a| a.0), p.default.map(|d| d.0)))
                .collect();
            (params, scope.returns.map(|r| r.0))
        };
        for (i, (annotation, default)) in params.into_iter().enumerate() {
            let index = u32::try_from(i).expect("files are far below 2^32 parameters");
            if let Some(default) = default {
                self.escape(frame.reg(default));
                self.write(Cell::Default(scope, index), frame.reg(default));
            }
            if let Some(annotation) = annotation {
                let typed = self.declared(frame.reg(annotation));
                self.write(Cell::ParameterType(scope, index), typed);
            }
        }
        if let Some(returns) = returns {
            let typed = self.declared(frame.reg(returns));
            self.write(Cell::ReturnType(scope), typed);
        }
        self.single(Val::Function(scope))
    }

    pub(super) fn decorate(&mut self, value: SetId, decorators: SetId) -> SetId {
        self.escape(value);
        let args = Arguments::positional(&[value]);
        let mut result = EMPTY;
        for one in self.values.list(decorators) {
            let decorator = self.single(one);
            let made = self.call(decorator, &args, EdgeKind::Decorator);
            // What a decorator from outside gives is most often what it was given, perhaps wrapped.
            let opaque = matches!(one, Val::Unknown(_) | Val::External(_) | Val::ExternalResult(_))
                && !self.values.list(made).iter().any(|v| matches!(v, Val::Property(_)));
            let made = if opaque && made != value {
                let unknown = self.unknown(OpenReason::ExternalValue);
                self.union(value, unknown)
            } else {
                made
            };
            result = self.union(result, made);
        }
        self.note_class_decorator(value, decorators);
        let result = self.without_others(value, result);
        if result != EMPTY {
            result
        } else if self.is_settled() {
            // It gives nothing back that is followed.
            let unknown = self.unknown(OpenReason::NoValue);
            self.union(value, unknown)
        } else {
            // Nothing is known of the decorator yet.
            self.note_missing();
            EMPTY
        }
    }

    /// What a decorator gives, without the other functions and classes it was given elsewhere: one that can give back
    /// what it was given does not give back another's.
    fn without_others(&mut self, decorated: SetId, result: SetId) -> SetId {
        let own: Vec<u32> = self.values.set(decorated).to_vec();
        self.decorated.extend(own.iter().copied());
        let given: Vec<u32> = self.values.set(result).to_vec();
        if !given.iter().any(|v| own.contains(v)) {
            return result;
        }
        let kept: Vec<Val> = given
            .into_iter()
            .filter(|v| own.contains(v) || !self.decorated.contains(v))
            .map(|v| self.values.get(v))
            .collect();
        self.values.of(kept)
    }

    pub(super) fn make_class(&mut self, module: ModuleId, index: ScopeIndex, frame: &Frame) -> SetId {
        let class = self.program.global_scope(module, index);
        let bases: Vec<Arg> = self.program.scope(class).bases.iter().map(|(a, _)| *a).collect();
        let sets: Vec<(Passing, SetId, Reg)> = bases.iter().map(|a| (a.passing, frame.reg(a.value), a.value)).collect();
        self.define_class(class, &sets);
        let hook = self.program.names.sym("__init_subclass__");
        let order = self.mro(class);
        let found = self.find_in(&order[1..], hook);
        let receiver = Val::Class(class);
        for function in self.values.list(found.set) {
            let scope = match function {
                Val::Function(scope) => Some(scope),
                Val::ClassMethod(inner) => match self.values.get(inner) {
                    Val::Function(scope) => Some(scope),
                    _ => None,
                },
                _ => None,
            };
            if let Some(scope) = scope {
                let first = self.values.val(receiver);
                let bound = self.single(Val::Bound(scope, first));
                self.call_implicitly(bound, &[], EdgeKind::Implicit);
            }
        }
        self.make_by_metaclass(class);
        self.name_descriptors(class);
        self.make_members(class);
        self.single(receiver)
    }

    /// The class statement calls the metaclass.
    fn make_by_metaclass(&mut self, class: ScopeId) {
        let Some(meta) = self.metaclass(class) else {
            return;
        };
        let (text, tuple) = (
            self.builtin_instance(self.known.str),
            self.builtin_instance(self.known.tuple),
        );
        let names = self.builtin_instance(self.known.dict);
        // What replaces `__new__` later does so when the classes are made.
        let new = self.find_attribute(meta, self.known.new).set;
        let new = self.values.list(new);
        let new = new.into_iter().filter(|v| matches!(v, Val::Function(_))).collect();
        let new = self.values.of(new);
        let of = self.single(Val::Class(meta));
        self.call_implicitly(new, &[of, text, tuple, names], EdgeKind::Implicit);
        let init = self.find_attribute(meta, self.known.init);
        let init = self.bind_plain(init.set, Val::Class(class));
        self.call_implicitly(init, &[text, tuple, names], EdgeKind::Implicit);
    }

    /// Descriptors in a class body are told their names.
    fn name_descriptors(&mut self, class: ScopeId) {
        let hook = self.program.names.sym("__set_name__");
        if !self.definers.contains_key(&hook) {
            return;
        }
        let mut names: Vec<_> = self.program.scope(class).bound.keys().copied().collect();
        names.sort_unstable();
        let (owner, text) = (self.single(Val::Class(class)), self.builtin_instance(self.known.str));
        for name in names {
            let held = self.read(Cell::ClassAttribute(class, name));
            let kept = self.values.list(held);
            let kept = kept.into_iter().filter(|v| matches!(v, Val::Instance(_))).collect();
            let held = self.values.of(kept);
            self.special(held, "__set_name__", &[owner, text], EdgeKind::Implicit);
        }
    }
}
