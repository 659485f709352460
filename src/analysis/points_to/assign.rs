//! Attributes that are set and deleted, and what that calls.

use super::Engine;
use super::heap::{Cell, Key};
use super::values::{EMPTY, SetId, Val};
use crate::analysis::parse::ir::Sym;
use crate::analysis::program::ScopeId;
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

impl Engine {
    /// `object.name = value`.
    pub(super) fn store_attribute(&mut self, object: SetId, name: Sym, value: SetId) {
        for target in self.values.list(object) {
            match target {
                Val::Instance(class) | Val::InstanceOrSub(class) | Val::Likely(class) => {
                    let is_taken = self.set_through_descriptor(target, class, name, value);
                    let kept = if is_taken { EMPTY } else { value };
                    self.write(Cell::Field(class, name), kept);
                }
                Val::Class(class) | Val::ClassOrSub(class) => self.add_attribute(class, name, value),
                Val::Module(module) => {
                    let scope = self.program.global_scope(module, 0);
                    match self.program.scope(scope).bound.get(&name) {
                        Some(&slot) => self.write(Cell::Variable(scope, slot), value),
                        None => self.write(Cell::ModuleAttribute(module, name), value),
                    }
                }
                Val::Function(scope) => self.write(Cell::FunctionAttribute(scope, name), value),
                Val::Container(alloc) if self.alloc_types[alloc as usize] == self.known.namespace => {
                    self.write(Cell::Key(alloc, Key::Str(name)), value);
                }
                Val::Unknown(_) => {
                    self.record_open(EdgeKind::Property, OpenReason::UnknownReceiver, |e| {
                        Reach::Property(e.name_of(name))
                    });
                }
                _ => {}
            }
        }
    }

    /// Whether a property, descriptor or `__setattr__` of the class takes the value.
    fn set_through_descriptor(&mut self, target: Val, class: ScopeId, name: Sym, value: SetId) -> bool {
        let hook = self.find_attribute(class, self.known.setattr);
        if hook.set != EMPTY {
            let bound = self.bind_plain(hook.set, target);
            self.call_implicitly(bound, &[EMPTY, value], EdgeKind::Implicit);
        }
        let found = self.find_attribute(class, name);
        let mut taken = false;
        for attribute in self.values.list(found.set) {
            match attribute {
                Val::Property(alloc) => {
                    taken = true;
                    if let Some(setter) = self.property(alloc).set {
                        let receiver = self.values.val(target);
                        let bound = self.single(Val::Bound(setter, receiver));
                        self.call_implicitly(bound, &[value], EdgeKind::Property);
                    }
                }
                Val::Instance(descriptor) => {
                    let set = self.program.names.sym("__set__");
                    let found = self.find_attribute(descriptor, set);
                    if found.set != EMPTY {
                        taken = true;
                        let bound = self.bind_plain(found.set, attribute);
                        let receiver = self.single(target);
                        self.call_implicitly(bound, &[receiver, value], EdgeKind::Property);
                    }
                }
                _ => {}
            }
        }
        taken
    }

    /// `del object.name`.
    pub(super) fn delete_attribute(&mut self, object: SetId, name: Sym) {
        for target in self.values.list(object) {
            let Some(class) = target.instance_of() else {
                continue;
            };
            let found = self.find_attribute(class, name);
            for attribute in self.values.list(found.set) {
                match attribute {
                    Val::Property(alloc) => {
                        if let Some(deleter) = self.property(alloc).delete {
                            let receiver = self.values.val(target);
                            let bound = self.single(Val::Bound(deleter, receiver));
                            self.call_implicitly(bound, &[], EdgeKind::Property);
                        }
                    }
                    Val::Instance(_) => {
                        let descriptor = self.single(attribute);
                        let receiver = self.single(target);
                        self.special(descriptor, "__delete__", &[receiver], EdgeKind::Property);
                    }
                    _ => {}
                }
            }
            let hook = self.program.names.sym("__delattr__");
            let found = self.find_attribute(class, hook);
            let bound = self.bind_plain(found.set, target);
            self.call_implicitly(bound, &[EMPTY], EdgeKind::Implicit);
        }
    }
}
