//! Attributes: what `x.name` may be, and what reading, writing or deleting it calls.

use super::class::Ancestor;
use super::heap::{Cell, Key};
use super::memo::Question;
use super::values::{AllocId, EMPTY, SetId, Val};
use super::{Engine, PropertyFunctions, Target};
use crate::analysis::parse::ir::{ScopeKind, Sym};
use crate::analysis::program::{ModuleId, ScopeId};
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

/// Parts of an external path at most; `x = x.next` in a loop would make it grow for ever.
const LONGEST_EXTERNAL: usize = 6;

/// Classes below a receiver's that `super()` looks at, at most.
const MOST_BELOW: usize = 200;

impl Engine {
    /// What an attribute of any of these values may be.
    pub(super) fn attribute(&mut self, object: SetId, name: Sym) -> SetId {
        let mut result = EMPTY;
        for i in 0..self.values.set(object).len() {
            let id = self.values.set(object)[i];
            let value = self.values.get(id);
            let set = match value {
                Val::Instance(_)
                | Val::InstanceOrSub(_)
                | Val::Likely(_)
                | Val::Class(_)
                | Val::ClassOrSub(_)
                | Val::Super(..)
                | Val::Module(_)
                | Val::External(_)
                | Val::ExternalResult(_) => self.shared_answer(Question::Attribute(id, name)),
                _ => self.attribute_of(value, name),
            };
            result = self.union(result, set);
        }
        for class in self.guess_receiver(object, name) {
            let set = self.attribute_of(Val::Likely(class), name);
            result = self.union(result, set);
        }
        result
    }

    /// What is found on a receiver that is only guessed is no better known than that: methods and instances say so;
    /// functions and classes cannot, and are left to the unknown value beside them.
    fn only_likely(&mut self, set: SetId) -> SetId {
        let mut kept = Vec::new();
        for value in self.values.list(set) {
            match value {
                Val::Instance(class) | Val::InstanceOrSub(class) => kept.push(Val::Likely(class)),
                Val::Function(_) | Val::Class(_) | Val::ClassOrSub(_) | Val::Partial(_) => {}
                Val::Bound(_, receiver) if !matches!(self.values.get(receiver), Val::Likely(_)) => {}
                other => kept.push(other),
            }
        }
        self.values.of(kept)
    }

    pub(super) fn attribute_of(&mut self, value: Val, name: Sym) -> SetId {
        match value {
            Val::Instance(_) | Val::InstanceOrSub(_) | Val::Likely(_) if name == self.known.class => {
                let object = self.single(value);
                self.type_of(object)
            }
            Val::Bound(scope, _) if name == self.known.func => self.single(Val::Function(scope)),
            Val::Bound(_, receiver) if name == self.known.self_name => {
                let receiver = self.values.get(receiver);
                self.single(receiver)
            }
            Val::Unknown(_) => {
                self.record_open(EdgeKind::Property, OpenReason::UnknownReceiver, |e| {
                    Reach::Property(e.name_of(name))
                });
                self.unknown(OpenReason::UnknownReceiver)
            }
            Val::Module(module) => self.module_attribute(module, name),
            Val::Class(class) => self.class_attribute(class, name, value),
            Val::Instance(class) => self.instance_attribute(value, class, name),
            Val::InstanceOrSub(class) => self.instance_or_sub_attribute(value, class, name),
            Val::Likely(class) => {
                let set = self.instance_or_sub_attribute(value, class, name);
                self.only_likely(set)
            }
            Val::ClassOrSub(class) => self.class_or_sub_attribute(class, name),
            Val::Super(class, receiver) => self.super_attribute(class, receiver, name),
            Val::External(path) => self.external_name(path, name),
            Val::ExternalResult(path) => self.external_attribute(path, name),
            Val::Function(_) | Val::Bound(..) if name == self.known.call => self.single(value),
            Val::Function(scope) => self.read(Cell::FunctionAttribute(scope, name)),
            Val::Bound(scope, _) => self.read(Cell::FunctionAttribute(scope, name)),
            Val::Static(inner) | Val::ClassMethod(inner) => {
                let inner = self.values.get(inner);
                match inner {
                    Val::Function(_) | Val::Bound(..) if name == self.known.call => self.single(value),
                    Val::Function(scope) => self.read(Cell::FunctionAttribute(scope, name)),
                    _ => EMPTY,
                }
            }
            Val::Property(_) => self.builtin_method(self.known.property, name, value),
            Val::Builtin(kind) | Val::BuiltinObject(kind) => self.builtin_method(kind, name, value),
            Val::Str(_) | Val::Prefix(_) => self.builtin_method(self.known.str, name, value),
            Val::Int(_) => self.builtin_method(self.known.int, name, value),
            Val::Container(alloc) => match self.named_part(alloc, name) {
                Some(set) => set,
                None => self.builtin_method(self.alloc_types[alloc as usize], name, value),
            },
            Val::Generator(_) | Val::Coroutine(_) => self.builtin_method(self.known.generator, name, value),
            Val::Generic(alloc) => match self.generic_origin(alloc) {
                Some(origin @ (Val::Class(_) | Val::External(_) | Val::BuiltinObject(_))) => {
                    self.attribute_of(origin, name)
                }
                _ => self.unknown(OpenReason::UnknownReceiver),
            },
            Val::Posing => {
                self.record(EdgeKind::Property, Target::Posed(name));
                EMPTY
            }
            Val::TupleType(_) => self.builtin_method(self.known.tuple, name, value),
            Val::Partial(_) | Val::BuiltinMethod(..) | Val::Dispatch(..) => EMPTY,
        }
    }

    /// A field of a named tuple, or of a `SimpleNamespace`.
    fn named_part(&mut self, alloc: AllocId, name: Sym) -> Option<SetId> {
        let cell = Cell::Key(alloc, Key::Str(name));
        let kind = self.alloc_types[alloc as usize];
        if kind == self.known.namespace || kind == self.known.tuple && self.heap.exists(cell) {
            let set = self.read(cell);
            return (set != EMPTY).then_some(set);
        }
        None
    }

    fn builtin_method(&mut self, kind: Sym, name: Sym, receiver: Val) -> SetId {
        if kind == self.known.none {
            return EMPTY;
        }
        let receiver = self.values.val(receiver);
        self.single(Val::BuiltinMethod(kind, name, receiver))
    }

    pub(super) fn external_attribute(&mut self, path: Sym, name: Sym) -> SetId {
        let text = self.name_of(path);
        if text.split('.').count() >= LONGEST_EXTERNAL {
            return self.unknown(OpenReason::ExternalValue);
        }
        let joined = format!("{text}.{}", self.name_of(name));
        if let Some(set) = self.library_attribute(&joined, Val::ExternalResult(path)) {
            return set;
        }
        let joined = self.program.names.sym(&joined);
        self.single(Val::External(joined))
    }

    /// Something in a module or class outside: it goes by its path, whatever it is.
    fn external_name(&mut self, path: Sym, name: Sym) -> SetId {
        let text = self.name_of(path);
        if text.split('.').count() >= LONGEST_EXTERNAL {
            return self.unknown(OpenReason::ExternalValue);
        }
        let joined = format!("{text}.{}", self.name_of(name));
        let joined = self.program.names.sym(&joined);
        self.single(Val::External(joined))
    }

    /// An attribute of a module, as code outside it asks for it: its names, then what its `__getattr__` gives.
    pub(super) fn module_attribute(&mut self, module: ModuleId, name: Sym) -> SetId {
        let found = self.module_name(module, name);
        if found != EMPTY {
            return found;
        }
        let scope = self.program.global_scope(module, 0);
        match self.program.scope(scope).bound.get(&self.known.getattr) {
            Some(&slot) if !self.program.scope(scope).bound.contains_key(&name) => {
                let function = self.read(Cell::Variable(scope, slot));
                self.call_implicitly(function, &[], EdgeKind::Implicit)
            }
            _ => EMPTY,
        }
    }

    /// A module's variable, a submodule, or a name it has by `import *`.
    pub(super) fn module_name(&mut self, module: ModuleId, name: Sym) -> SetId {
        let mut seen = vec![module];
        let mut next = 0;
        let (mut external, mut submodules) = (EMPTY, EMPTY);
        while let Some(&current) = seen.get(next) {
            next += 1;
            let scope = self.program.global_scope(current, 0);
            let mut set = self.read(Cell::ModuleAttribute(current, name));
            if let Some(&slot) = self.program.scope(scope).bound.get(&name) {
                let variable = self.read(Cell::Variable(scope, slot));
                set = self.union(set, variable);
                if set != EMPTY || current == module {
                    if set == EMPTY {
                        set = self.submodule(current, name);
                    }
                    return self.union(set, submodules);
                }
            }
            if set != EMPTY {
                return self.union(set, submodules);
            }
            let submodule = self.submodule(current, name);
            let stars = self.stars.get(&current).cloned().unwrap_or_default();
            if submodule != EMPTY && stars.is_empty() {
                return self.union(submodule, submodules);
            }
            self.star_readers[current as usize].add(self.place);
            // `from .name import *` may bind the name that its submodule has.
            submodules = self.union(submodules, submodule);
            for star in stars.into_iter().rev() {
                match star {
                    Ok(other) if !seen.contains(&other) && self.gives_by_star(other, name) => seen.push(other),
                    Ok(_) => {}
                    Err(path) => {
                        let set = self.external_attribute(path, name);
                        external = self.union(external, set);
                    }
                }
            }
        }
        self.union(submodules, external)
    }

    /// Whether `import *` brings a name, where it is there: what `__all__` lists, or what has no leading underscore.
    fn gives_by_star(&self, module: ModuleId, name: Sym) -> bool {
        let unit = &self.program.modules[module as usize];
        let text = self.program.names.text(name);
        match &unit.ir.all {
            _ if unit.ir.all_is_open => true,
            Some(all) => all.contains(text),
            None => !text.starts_with('_'),
        }
    }

    fn submodule(&mut self, module: ModuleId, name: Sym) -> SetId {
        let path = format!(
            "{}.{}",
            self.name_of(self.program.modules[module as usize].name),
            self.name_of(name)
        );
        let Some(path) = self.program.names.find(&path) else {
            return EMPTY;
        };
        match self.program.by_name.get(&path) {
            Some(&module) => self.single(Val::Module(module)),
            None => EMPTY,
        }
    }

    fn class_or_sub_attribute(&mut self, class: ScopeId, name: Sym) -> SetId {
        let mut result = self.class_attribute(class, name, Val::ClassOrSub(class));
        for &sub in self.below(class, name).iter() {
            let set = self.class_attribute(sub, name, Val::ClassOrSub(sub));
            result = self.union(result, set);
        }
        result
    }

    fn class_attribute(&mut self, class: ScopeId, name: Sym, receiver: Val) -> SetId {
        let found = self.find_attribute(class, name);
        if found.set != EMPTY {
            let is_enum = self.is_enum(class);
            let mut result = EMPTY;
            for value in self.values.list(found.set) {
                let set = match value {
                    // A member of an enumeration is an instance of it.
                    Val::Str(_)
                    | Val::Int(_)
                    | Val::Builtin(_)
                    | Val::Container(_)
                    | Val::Instance(_)
                    | Val::ExternalResult(_)
                        if is_enum =>
                    {
                        self.single(Val::Instance(class))
                    }
                    Val::ClassMethod(inner) => self.bind_first(inner, receiver),
                    Val::Static(inner) => {
                        let inner = self.values.get(inner);
                        self.single(inner)
                    }
                    Val::Function(scope) if self.is_implicit_class_method(scope) => {
                        let function = self.values.val(Val::Function(scope));
                        self.bind_first(function, receiver)
                    }
                    Val::Instance(descriptor) => {
                        let none = self.builtin_instance(self.known.none);
                        self.ask_descriptor(value, descriptor, none)
                    }
                    other => self.single(other),
                };
                result = self.union(result, set);
            }
            return result;
        }
        if let Some(meta) = self.metaclass(class) {
            let found = self.find_attribute(meta, name);
            if found.set != EMPTY {
                return self.bind_found(found.set, receiver, EdgeKind::Property);
            }
        }
        self.nothing_found(found.external, name)
    }

    pub(super) fn is_enum(&self, class: ScopeId) -> bool {
        self.mro(class).iter().any(|a| match a {
            Ancestor::External(path) => {
                let text = self.program.names.text(*path);
                text.starts_with("enum.") && (text.ends_with("Enum") || text.ends_with("Flag"))
            }
            _ => false,
        })
    }

    fn is_implicit_class_method(&self, scope: ScopeId) -> bool {
        let name = self.name_of(self.program.scope(scope).name);
        matches!(&*name, "__init_subclass__" | "__class_getitem__")
    }

    fn bind_first(&mut self, function: u32, receiver: Val) -> SetId {
        match self.values.get(function) {
            Val::Function(scope) => {
                let receiver = self.values.val(receiver);
                self.single(Val::Bound(scope, receiver))
            }
            other => self.single(other),
        }
    }

    /// What a class does not define: an attribute of its base outside, or nothing known.
    fn nothing_found(&mut self, external: Option<Ancestor>, name: Sym) -> SetId {
        match external {
            Some(Ancestor::External(path)) => self.external_attribute(path, name),
            Some(Ancestor::Builtin(kind)) => {
                let receiver = Val::Builtin(kind);
                self.builtin_method(kind, name, receiver)
            }
            Some(_) => {
                self.record_open(EdgeKind::Property, OpenReason::UnknownReceiver, |e| {
                    Reach::Property(e.name_of(name))
                });
                self.unknown(OpenReason::UnknownReceiver)
            }
            None => EMPTY,
        }
    }

    /// What instances hold under a name that the classes of an order set.
    pub(super) fn fields(&mut self, class: ScopeId, name: Sym) -> SetId {
        self.read(Cell::FieldNames(name));
        let Some(setters) = self.heap.field_classes.get(&name) else {
            return EMPTY;
        };
        let order = self.mro(class);
        let setters: Vec<ScopeId> = setters
            .iter()
            .copied()
            .filter(|c| order.contains(&Ancestor::Class(*c)))
            .collect();
        let mut result = EMPTY;
        let mut declared = EMPTY;
        for class in setters {
            let set = self.read(Cell::Field(class, name));
            result = self.union(result, set);
            let typed = self.read(Cell::FieldType(class, name));
            declared = self.union(declared, typed);
        }
        self.as_declared(result, declared)
    }

    /// Values that were followed to where a type is declared, as far as they fit it, and what the declaration says.
    /// What does not fit was most likely meant for another caller; what poses as the type covers the rest.
    pub(super) fn fitting(&mut self, followed: SetId, declared: SetId) -> SetId {
        let types = self.values.list(declared);
        let classes: Vec<ScopeId> = types.iter().filter_map(|v| v.instance_of()).collect();
        let closed = types.iter().all(|v| {
            matches!(v, Val::Posing | Val::Builtin(_)) || v.instance_of().is_some_and(|c| !self.is_protocol(c))
        });
        let kept = self
            .values
            .list(followed)
            .into_iter()
            .filter(|v| match v.instance_of() {
                Some(class) if closed => {
                    classes.iter().any(|&declared| self.derives(class, declared))
                        || !self.mro(class).iter().all(|a| matches!(a, Ancestor::Class(_)))
                }
                _ => !matches!(v, Val::Unknown(_)),
            })
            .collect();
        let kept = self.values.of(kept);
        self.union(kept, declared)
    }

    /// Values that were followed, with what a declaration says in place of what is not known.
    pub(super) fn as_declared(&mut self, followed: SetId, declared: SetId) -> SetId {
        if declared == EMPTY {
            return followed;
        }
        let known: Vec<Val> = self.values.list(followed);
        let known = known.into_iter().filter(|v| !matches!(v, Val::Unknown(_))).collect();
        let known = self.values.of(known);
        self.union(known, declared)
    }

    pub(super) fn instance_attribute(&mut self, value: Val, class: ScopeId, name: Sym) -> SetId {
        self.ask_every_attribute(value, class);
        let fields = self.fields(class, name);
        let found = self.find_attribute(class, name);
        if found.set != EMPTY {
            let mut bound = self.bind_found(found.set, value, EdgeKind::Property);
            if self.is_made_over(class) && self.holds_objects(found.set) {
                // The decorator or metaclass of a class of records replaces what stands in its body.
                let unknown = self.unknown(OpenReason::UnknownReceiver);
                bound = self.union(bound, unknown);
            }
            return self.union(fields, bound);
        }
        let hook = self.find_attribute(class, self.known.getattr);
        if fields != EMPTY {
            if hook.set != EMPTY && !self.sets_itself(class, name) {
                // Others set it: on those instances where they have not, the class computes it.
                self.record_open(EdgeKind::Property, OpenReason::Dynamic, |e| {
                    Reach::Property(e.name_of(name))
                });
            }
            return fields;
        }
        // What the class computes, where nobody has set it.
        if hook.set != EMPTY {
            let bound = self.bind_found(hook.set, value, EdgeKind::Property);
            let computed = self.call_implicitly(bound, &[], EdgeKind::Implicit);
            let unknown = self.unknown(OpenReason::Dynamic);
            return self.union(computed, unknown);
        }
        self.nothing_found(found.external, name)
    }

    /// Whether methods of a class, or of one that it derives from, assign `self.name`.
    fn sets_itself(&mut self, class: ScopeId, name: Sym) -> bool {
        if let Some(&known) = self.own_fields.get(&(class, name)) {
            return known;
        }
        let order = self.mro(class);
        let found = order.iter().any(|ancestor| match *ancestor {
            Ancestor::Class(owner) => {
                let unit = self.program.unit_of(owner);
                let methods = unit
                    .ir
                    .scopes
                    .iter()
                    .filter(|s| s.parent == Some(owner - unit.first_scope));
                methods.flat_map(|m| &m.attributes).any(|a| a.on_self && a.name == name)
            }
            _ => false,
        });
        if self.functions_begun {
            self.own_fields.insert((class, name), found);
        }
        found
    }

    /// `__getattribute__` of a class sees every access to its instances.
    fn ask_every_attribute(&mut self, value: Val, class: ScopeId) {
        if !self.definers.contains_key(&self.known.getattribute) {
            return;
        }
        let hook = self.find_attribute(class, self.known.getattribute);
        if hook.set != EMPTY {
            let bound = self.bind_plain(hook.set, value);
            self.call_implicitly(bound, &[EMPTY], EdgeKind::Property);
        }
    }

    /// Whether a decorator or a metaclass may have given a class other attributes than its body says.
    fn is_made_over(&self, class: ScopeId) -> bool {
        self.metaclass(class).is_some()
            || self.mro(class).iter().any(|a| match a {
                Ancestor::Class(c) => !self.program.scope(*c).decorators.is_empty(),
                _ => false,
            })
    }

    fn holds_objects(&self, set: SetId) -> bool {
        self.values
            .set(set)
            .iter()
            .any(|&v| matches!(self.values.get(v), Val::Instance(_) | Val::ExternalResult(_)))
    }

    fn instance_or_sub_attribute(&mut self, value: Val, class: ScopeId, name: Sym) -> SetId {
        let below = self.below(class, name);
        if below.is_empty() {
            let own = self.instance_attribute(value, class, name);
            return if own == EMPTY {
                self.beside(value, class, name)
            } else {
                own
            };
        }
        let likely = matches!(value, Val::Likely(_));
        let mut result = self.instance_attribute(value, class, name);
        // What is only declared there is done by those that implement it.
        result = self.without_stubs(result);
        let mut methods = 0;
        for &sub in below.iter() {
            let fields = self.read(Cell::Field(sub, name));
            let declared = self.read(Cell::FieldType(sub, name));
            result = self.join_all([result, fields, declared]);
            if self.program.scope(sub).bound.contains_key(&name) {
                let set = self.read(Cell::ClassAttribute(sub, name));
                let plain = self
                    .values
                    .set(set)
                    .iter()
                    .all(|&v| matches!(self.values.get(v), Val::Function(_)));
                if plain {
                    methods += 1;
                    continue;
                }
                let receiver = if likely {
                    Val::Likely(sub)
                } else {
                    Val::InstanceOrSub(sub)
                };
                let bound = self.bind_found(set, receiver, EdgeKind::Property);
                result = self.union(result, bound);
            }
        }
        if methods > 0 {
            // One value for all overrides keeps sets small however many there are.
            let dispatch = self.single(Val::Dispatch(class, name, likely));
            result = self.union(result, dispatch);
        }
        result
    }

    fn super_attribute(&mut self, class: ScopeId, receiver: u32, name: Sym) -> SetId {
        let receiver = self.values.get(receiver);
        let of = receiver.instance_of().or(receiver.class()).unwrap_or(class);
        let order = self.mro(of);
        let rest: Vec<Ancestor> = match order.iter().position(|a| *a == Ancestor::Class(class)) {
            Some(at) => order[at + 1..].to_vec(),
            None => self.mro(class)[1..].to_vec(),
        };
        let mut found = self.find_in(&rest, name);
        if receiver.is_open_below() {
            // Below, other classes may stand between this one and its bases.
            let beside = self.super_below(of, class, name);
            found.set = self.union(found.set, beside);
        }
        if found.set != EMPTY {
            return self.bind_found(found.set, receiver, EdgeKind::Property);
        }
        match found.external {
            Some(_) => self.nothing_found(found.external, name),
            None => {
                let object = self.program.names.sym("object");
                self.builtin_method(object, name, receiver)
            }
        }
    }

    /// What `super()` in a class finds in the orders of the classes below the receiver's.
    fn super_below(&mut self, of: ScopeId, class: ScopeId, name: Sym) -> SetId {
        let mut result = EMPTY;
        for sub in self.family(of).into_iter().take(MOST_BELOW) {
            // With one base each, nothing can come between.
            let order = self.mro(sub);
            if self.classes.get(&sub).is_none_or(|i| i.bases.len() < 2) {
                continue;
            }
            if let Some(at) = order.iter().position(|a| *a == Ancestor::Class(class)) {
                let found = self.find_in(&order[at + 1..], name);
                result = self.union(result, found.set);
            }
        }
        result
    }

    /// Class attributes as an instance sees them: functions bound, descriptors asked.
    pub(super) fn bind_found(&mut self, set: SetId, receiver: Val, kind: EdgeKind) -> SetId {
        let mut result = EMPTY;
        for value in self.values.list(set) {
            let bound = match value {
                Val::Function(scope) => {
                    let name = self.program.scope(scope).name;
                    let receiver = if name == self.known.new { None } else { Some(receiver) };
                    match receiver {
                        Some(receiver) => {
                            let receiver = self.own_receiver(scope, receiver);
                            let receiver = self.values.val(receiver);
                            self.single(Val::Bound(scope, receiver))
                        }
                        None => self.single(value),
                    }
                }
                Val::Static(inner) => {
                    let inner = self.values.get(inner);
                    self.single(inner)
                }
                Val::ClassMethod(inner) => {
                    let class = match receiver {
                        Val::Instance(c) => Val::Class(c),
                        Val::InstanceOrSub(c) | Val::Likely(c) => Val::ClassOrSub(c),
                        other => other,
                    };
                    self.bind_first(inner, class)
                }
                Val::Property(alloc) => match self.property(alloc).get {
                    Some(getter) => {
                        let receiver = self.own_receiver(getter, receiver);
                        let receiver = self.values.val(receiver);
                        let bound = self.single(Val::Bound(getter, receiver));
                        self.call_implicitly(bound, &[], kind)
                    }
                    None => self.unknown(OpenReason::ExternalValue),
                },
                Val::Instance(descriptor) => {
                    let receiver = self.single(receiver);
                    self.ask_descriptor(value, descriptor, receiver)
                }
                other => self.single(other),
            };
            result = self.union(result, bound);
        }
        result
    }

    /// What a class attribute that is an object gives: itself, or what its `__get__` does.
    fn ask_descriptor(&mut self, value: Val, descriptor: ScopeId, receiver: SetId) -> SetId {
        let found = self.find_attribute(descriptor, self.known.get);
        if found.set == EMPTY {
            return self.single(value);
        }
        let getter = self.bind_plain(found.set, value);
        self.call_implicitly(getter, &[receiver], EdgeKind::Property)
    }

    /// The receiver that a method is bound to: what every caller's receiver is, an instance of its class or of a
    /// subclass. Keeping receivers apart would multiply values without telling more.
    fn own_receiver(&self, scope: ScopeId, receiver: Val) -> Val {
        match (receiver, self.program.parent(scope)) {
            (Val::Instance(own) | Val::InstanceOrSub(own) | Val::Likely(own), Some(parent))
                if self.program.scope(parent).kind == ScopeKind::Class && self.derives(own, parent) =>
            {
                if matches!(receiver, Val::Likely(_)) {
                    Val::Likely(parent)
                } else {
                    Val::InstanceOrSub(parent)
                }
            }
            _ => receiver,
        }
    }

    /// Functions bound to a receiver; everything else as it is.
    pub(super) fn bind_plain(&mut self, set: SetId, receiver: Val) -> SetId {
        let mut bound = Vec::new();
        for value in self.values.list(set) {
            bound.push(match value {
                Val::Function(scope) => {
                    let receiver = self.own_receiver(scope, receiver);
                    Val::Bound(scope, self.values.val(receiver))
                }
                other => other,
            });
        }
        self.values.of(bound)
    }

    pub(super) fn property(&self, alloc: AllocId) -> PropertyFunctions {
        self.properties.get(&alloc).copied().unwrap_or_default()
    }
}
