//! Operators, iteration, subscripts and the other places where the language calls special methods.

use super::call::Arguments;
use super::flow::Bounds;
use super::heap::{Cell, Key};
use super::values::{AllocId, EMPTY, SetId, Val};
use super::{Engine, Target};
use crate::analysis::parse::ir::{Binary, Compare, Sym, Unary};
use crate::analysis::parse::literal::is_beginning_of_name;
use crate::analysis::program::ScopeId;
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

/// Longest string that joining literals makes; a loop would make them ever longer.
const LONGEST_JOINED: usize = 80;

/// Name of a binary operator's method without its underscores.
fn method_of(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "add",
        Binary::Subtract => "sub",
        Binary::Multiply => "mul",
        Binary::MatrixMultiply => "matmul",
        Binary::Divide => "truediv",
        Binary::FloorDivide => "floordiv",
        Binary::Modulo => "mod",
        Binary::Power => "pow",
        Binary::LeftShift => "lshift",
        Binary::RightShift => "rshift",
        Binary::And => "and",
        Binary::Or => "or",
        Binary::Xor => "xor",
    }
}

/// Whether a set holds values of the repository's classes beside others.
fn is_mixed(values: &[Val]) -> bool {
    values.iter().any(|v| v.instance_of().is_some())
        && values.iter().any(|v| {
            matches!(
                v,
                Val::Unknown(_) | Val::Builtin(_) | Val::Str(_) | Val::Int(_) | Val::ExternalResult(_)
            )
        })
}

impl Engine {
    /// Calls a special method of every instance in a set; the methods' results.
    pub(super) fn special(&mut self, object: SetId, method: &str, args: &[SetId], kind: EdgeKind) -> SetId {
        let name = self.program.names.sym(method);
        self.special_named(object, name, args, kind)
    }

    fn special_named(&mut self, object: SetId, name: Sym, args: &[SetId], kind: EdgeKind) -> SetId {
        let mut result = EMPTY;
        let list = self.values.list(object);
        let outer = self.wide;
        // What the language asks of every value: where most are nothing of the repository's, one that is is one of many.
        self.wide = kind == EdgeKind::Implicit && is_mixed(&list);
        for value in list {
            let set = match value {
                Val::Instance(class) | Val::InstanceOrSub(class) | Val::Likely(class) => {
                    let found = self.find_attribute(class, name);
                    let mut bound = self.bind_found(found.set, value, kind);
                    if value.is_open_below() && !self.below(class, name).is_empty() {
                        let likely = matches!(value, Val::Likely(_));
                        let dispatch = self.single(Val::Dispatch(class, name, likely));
                        bound = self.without_stubs(bound);
                        bound = self.union(bound, dispatch);
                    }
                    self.call_implicitly(bound, args, kind)
                }
                Val::Class(class) | Val::ClassOrSub(class) => match self.metaclass(class) {
                    Some(meta) => {
                        let found = self.find_attribute(meta, name);
                        let bound = self.bind_plain(found.set, value);
                        self.call_implicitly(bound, args, kind)
                    }
                    None => EMPTY,
                },
                Val::Unknown(_) => {
                    self.record_open(kind, OpenReason::UnknownReceiver, |e| Reach::Special(e.name_of(name)));
                    EMPTY
                }
                Val::ExternalResult(path) => self.single(Val::ExternalResult(path)),
                Val::Posing => {
                    self.record(kind, Target::Posed(name));
                    EMPTY
                }
                Val::Container(alloc) if self.is_abstract(alloc) => {
                    self.record(kind, Target::Posed(name));
                    EMPTY
                }
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        self.wide = outer;
        result
    }

    /// Whether a container may be of a class of anybody's making.
    pub(super) fn is_abstract(&self, alloc: AllocId) -> bool {
        let kind = self.alloc_types[alloc as usize];
        kind == self.known.collection || kind == self.known.mapping
    }

    pub(super) fn binary(&mut self, operator: Binary, left: SetId, right: SetId, in_place: bool) -> SetId {
        let method = method_of(operator);
        let mut result = EMPTY;
        if let Some(set) = self.changed_in_place(operator, left, right, in_place) {
            return set;
        }
        if in_place {
            self.change_containers(left);
            result = self.special(left, &format!("__i{method}__"), &[right], EdgeKind::Operator);
        }
        let forward = self.special(left, &format!("__{method}__"), &[right], EdgeKind::Operator);
        let reflected = self.special(right, &format!("__r{method}__"), &[left], EdgeKind::Operator);
        result = self.join_all([result, forward, reflected]);
        if let Some(text) = self.joined_text(operator, left, right) {
            return self.union(result, text);
        }
        let both = self.union(left, right);
        for value in self.values.list(both) {
            let set = match value {
                Val::Str(_) | Val::Prefix(_) => self.builtin_instance(self.known.str),
                Val::Int(_) => self.builtin_instance(self.known.int),
                Val::Builtin(_) | Val::Container(_) | Val::ExternalResult(_) => self.single(value),
                // `A | None` in an annotation.
                Val::Class(_) | Val::ClassOrSub(_) | Val::BuiltinObject(_) | Val::Generic(_) | Val::External(_)
                    if operator == Binary::Or =>
                {
                    self.single(value)
                }
                Val::Unknown(_) => self.unknown(OpenReason::UnknownReceiver),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    /// `list += other`, `dict |= other`, and the new dict that `dict | other` gives.
    fn changed_in_place(&mut self, operator: Binary, left: SetId, right: SetId, in_place: bool) -> Option<SetId> {
        let mut allocs = Vec::new();
        for value in self.values.list(left) {
            match value {
                Val::Container(alloc) => allocs.push(alloc),
                _ => return None,
            }
        }
        let kind_of = |this: &Self, alloc: AllocId| this.alloc_types[alloc as usize];
        let all_are = |this: &Self, kind: Sym| !allocs.is_empty() && allocs.iter().all(|&a| kind_of(this, a) == kind);
        let args = Arguments::positional(&[right]);
        match operator {
            Binary::Add if in_place && all_are(self, self.known.list) => {
                for alloc in allocs {
                    self.call_container_method(alloc, "extend", &args);
                }
                Some(left)
            }
            Binary::Or if in_place && all_are(self, self.known.dict) => {
                for alloc in allocs {
                    self.call_container_method(alloc, "update", &args);
                }
                Some(left)
            }
            Binary::Or
                if all_are(self, self.known.dict)
                    && !self.values.list(right).iter().any(|v| v.instance_of().is_some()) =>
            {
                let merged = self.alloc(900_010, self.known.dict);
                self.flow.make(merged, self.shared.contains(&merged));
                self.update_dict(merged, left);
                self.update_dict(merged, right);
                Some(self.single(Val::Container(merged)))
            }
            _ => None,
        }
    }

    /// What joining literal strings gives: the whole where both are known, the beginning where the left one is.
    fn joined_text(&mut self, operator: Binary, left: SetId, right: SetId) -> Option<SetId> {
        let only = |this: &Self, set: SetId| match *this.values.set(set) {
            [one] => Some(this.values.get(one)),
            _ => None,
        };
        let Some(Val::Str(text)) = only(self, left) else {
            return None;
        };
        match (operator, only(self, right)) {
            (Binary::Add, Some(Val::Str(more))) => {
                let joined = format!("{}{}", self.name_of(text), self.name_of(more));
                if joined.len() > LONGEST_JOINED {
                    return None;
                }
                let joined = self.program.names.sym(&joined);
                Some(self.single(Val::Str(joined)))
            }
            (Binary::Add, _) => {
                let before = self.name_of(text);
                is_beginning_of_name(&before).then(|| self.single(Val::Prefix(text)))
            }
            (Binary::Modulo, _) => {
                let shown = self.elements(right);
                let shown = self.union(right, shown);
                self.convert_to_text(shown);
                Some(self.beginning_of(text, '%'))
            }
            _ => None,
        }
    }

    /// A value is tested for its truth: `__bool__`, or `__len__` where there is none.
    pub(super) fn truth(&mut self, value: SetId) {
        for one in self.values.list(value) {
            match one {
                Val::Unknown(_) | Val::Posing => {
                    let object = self.single(one);
                    self.special_named(object, self.known.bool_method, &[], EdgeKind::Operator);
                }
                _ => {
                    let Some(class) = one.instance_of() else {
                        continue;
                    };
                    let object = self.single(one);
                    let own = self.find_attribute(class, self.known.bool_method);
                    let method = if own.set == EMPTY && self.below(class, self.known.bool_method).is_empty() {
                        self.known.len_method
                    } else {
                        self.known.bool_method
                    };
                    self.special_named(object, method, &[], EdgeKind::Operator);
                }
            }
        }
    }

    pub(super) fn unary(&mut self, operator: Unary, value: SetId) -> SetId {
        let method = match operator {
            Unary::Plus => "__pos__",
            Unary::Minus => "__neg__",
            Unary::Invert => "__invert__",
        };
        let special = self.special(value, method, &[], EdgeKind::Operator);
        let plain: Vec<Val> = self
            .values
            .list(value)
            .into_iter()
            .filter(|v| matches!(v, Val::Builtin(_) | Val::Unknown(_)))
            .collect();
        let plain = self.values.of(plain);
        self.union(special, plain)
    }

    pub(super) fn compare(&mut self, operator: Compare, left: SetId, right: SetId) -> SetId {
        let (method, reflected) = match operator {
            Compare::Less => ("__lt__", "__gt__"),
            Compare::LessEqual => ("__le__", "__ge__"),
            Compare::Equal => ("__eq__", "__eq__"),
            Compare::NotEqual => ("__ne__", "__ne__"),
            Compare::Greater => ("__gt__", "__lt__"),
            Compare::GreaterEqual => ("__ge__", "__le__"),
            Compare::In | Compare::NotIn => {
                let found = self.special(right, "__contains__", &[left], EdgeKind::Operator);
                if found == EMPTY {
                    self.special(right, "__iter__", &[], EdgeKind::Iteration);
                }
                self.look_up_key(left);
                return self.builtin_instance(self.known.bool);
            }
            Compare::Is | Compare::IsNot => return self.builtin_instance(self.known.bool),
        };
        let mut special = self.special(left, method, &[right], EdgeKind::Operator);
        if operator == Compare::NotEqual {
            // Without a method of its own, it is the other's opposite.
            let opposite = self.special(left, "__eq__", &[right], EdgeKind::Operator);
            special = self.union(special, opposite);
        }
        let other = if special == EMPTY {
            self.special(right, reflected, &[left], EdgeKind::Operator)
        } else {
            EMPTY
        };
        self.compare_parts(method, left, right);
        self.compare_by_another(operator, left, right);
        let truth = self.builtin_instance(self.known.bool);
        self.join_all([special, other, truth])
    }

    /// The values that iterating gives, calling what the language calls.
    pub(super) fn iterate(&mut self, object: SetId, asynchronous: bool) -> SetId {
        let (iter, next) = if asynchronous {
            ("__aiter__", "__anext__")
        } else {
            ("__iter__", "__next__")
        };
        let iterators = self.special(object, iter, &[], EdgeKind::Iteration);
        let from_iterators = self.special(iterators, next, &[], EdgeKind::Iteration);
        let by_place = if asynchronous {
            EMPTY
        } else {
            self.iterate_by_place(object)
        };
        let through = self.elements(iterators);
        let through = self.union(through, by_place);
        let direct = self.elements(object);
        let joined = self.join_all([from_iterators, through, direct]);
        if !asynchronous {
            return joined;
        }
        self.awaited(joined)
    }

    /// What has no `__iter__` is asked for its elements one by one.
    fn iterate_by_place(&mut self, object: SetId) -> SetId {
        let mut result = EMPTY;
        for value in self.values.list(object) {
            let Some(class) = value.instance_of() else { continue };
            let iter = self.program.names.sym("__iter__");
            let found = self.find_attribute(class, iter);
            if found.set == EMPTY && found.external.is_none() && !matches!(value, Val::Likely(_)) {
                let one = self.single(value);
                let place = self.builtin_instance(self.known.int);
                let set = self.special(one, "__getitem__", &[place], EdgeKind::Iteration);
                result = self.union(result, set);
            }
        }
        result
    }

    /// The elements that containers and generators hold, without calling anything.
    pub(super) fn elements(&mut self, object: SetId) -> SetId {
        let mut result = EMPTY;
        for value in self.values.list(object) {
            let set = match value {
                Val::Container(alloc) => self.container_elements(alloc),
                Val::Generator(scope) => self.read(Cell::Yield(scope)),
                Val::Str(_) | Val::Prefix(_) => self.builtin_instance(self.known.str),
                Val::Builtin(kind) => self.builtin_elements(kind),
                Val::ExternalResult(path) => self.single(Val::ExternalResult(path)),
                Val::Unknown(_) => self.unknown(OpenReason::ContainerElement),
                Val::Generic(alloc) => self.generic_element(alloc),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    fn builtin_elements(&mut self, kind: Sym) -> SetId {
        match &*self.name_of(kind) {
            "str" => self.builtin_instance(self.known.str),
            "bytes" | "bytearray" | "range" => self.builtin_instance(self.known.int),
            "NoneType" | "int" | "float" | "bool" | "complex" => EMPTY,
            _ => self.unknown(OpenReason::ContainerElement),
        }
    }

    pub(super) fn container_elements(&mut self, alloc: AllocId) -> SetId {
        if self.is_dict(alloc) {
            return self.read(Cell::Keys(alloc));
        }
        self.container_values(alloc)
    }

    /// Everything stored in a container, whatever the key.
    pub(super) fn container_values(&mut self, alloc: AllocId) -> SetId {
        if let Some(parts) = self.flow.values(alloc) {
            return self.join_all(parts);
        }
        let mut result = self.read(Cell::Element(alloc));
        for key in self.heap.keys.get(&alloc).cloned().unwrap_or_default() {
            let set = self.read(Cell::Key(alloc, key));
            result = self.union(result, set);
        }
        result
    }

    /// Literal keys that a set consists of; none where it holds anything else.
    pub(super) fn literal_keys(&self, index: SetId) -> Option<Vec<Key>> {
        let set = self.values.set(index);
        if set.is_empty() {
            return None;
        }
        let mut keys = Vec::new();
        for &v in set {
            match self.values.get(v) {
                Val::Str(name) => keys.push(Key::Str(name)),
                Val::Int(n) => keys.push(Key::Int(n)),
                _ => return None,
            }
        }
        Some(keys)
    }

    /// A set without "whatever callers outside pass", where callers inside are seen to pass something.
    fn without_strangers(&mut self, set: SetId) -> SetId {
        let stranger = Val::Unknown(OpenReason::Parameter);
        let list = self.values.list(set);
        if list.len() < 2 || !list.contains(&stranger) {
            return set;
        }
        let seen = list.into_iter().filter(|v| *v != stranger).collect();
        self.values.of(seen)
    }

    fn is_slice(&mut self, index: SetId) -> bool {
        let slice = self.program.names.sym("slice");
        matches!(*self.values.set(index), [one] if self.values.get(one) == Val::Builtin(slice))
    }

    /// `object[index]`.
    pub(super) fn index(&mut self, object: SetId, index: SetId) -> SetId {
        self.index_within(object, index, None)
    }

    /// The same, with the bounds of a slice where they are written out.
    pub(super) fn index_within(&mut self, object: SetId, index: SetId, bounds: Option<Bounds>) -> SetId {
        let seen = self.without_strangers(index);
        let keys = self.literal_keys(seen);
        let is_slice = self.is_slice(index);
        let mut result = EMPTY;
        for value in self.values.list(object) {
            let set = match value {
                Val::Container(alloc) if is_slice && !self.is_dict(alloc) => self.slice_of(alloc, bounds),
                Val::Builtin(kind) if is_slice && self.is_sequence(kind) => self.single(value),
                Val::Container(alloc) => {
                    if self.is_dict(alloc) {
                        self.look_up_key(index);
                    }
                    let element = self.element_at(alloc, keys.as_deref());
                    if keys.is_some() && seen != index {
                        let unknown = self.unknown(OpenReason::ContainerElement);
                        self.union(element, unknown)
                    } else {
                        element
                    }
                }
                Val::Str(_) | Val::Prefix(_) => self.builtin_instance(self.known.str),
                Val::Builtin(kind) => self.builtin_elements(kind),
                Val::Instance(_) | Val::InstanceOrSub(_) | Val::Likely(_) => {
                    let object = self.single(value);
                    self.special(object, "__getitem__", &[index], EdgeKind::Operator)
                }
                Val::Unknown(_) => {
                    let object = self.single(value);
                    self.special(object, "__getitem__", &[index], EdgeKind::Operator);
                    self.unknown(OpenReason::ContainerElement)
                }
                Val::Class(class) | Val::ClassOrSub(class) => self.index_class(value, class, index),
                Val::BuiltinObject(_) | Val::External(_) => self.generic(value, index),
                Val::ExternalResult(_) | Val::Generic(_) => self.single(value),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    /// `Class[index]`: what its metaclass gives, or a type with arguments.
    fn index_class(&mut self, value: Val, class: ScopeId, index: SetId) -> SetId {
        if let Some(meta) = self.metaclass(class) {
            let name = self.program.names.sym("__getitem__");
            let found = self.find_attribute(meta, name);
            if found.set != EMPTY {
                let bound = self.bind_plain(found.set, value);
                return self.call_implicitly(bound, &[index], EdgeKind::Operator);
            }
        }
        self.generic(value, index)
    }

    /// What a container that lacks a key calls for it.
    pub(super) fn make_missing(&mut self, object: SetId) -> SetId {
        let mut result = EMPTY;
        if self.makes_missing.is_empty() {
            return result;
        }
        for value in self.values.list(object) {
            if let Val::Container(alloc) = value
                && self.makes_missing.contains(&alloc)
            {
                let factories = self.read(Cell::Factory(alloc));
                let made = self.call_implicitly(factories, &[], EdgeKind::Operator);
                result = self.union(result, made);
            }
        }
        result
    }

    fn element_at(&mut self, alloc: AllocId, keys: Option<&[Key]>) -> SetId {
        let Some(keys) = keys else {
            return self.container_values(alloc);
        };
        let mut result = EMPTY;
        for &key in keys {
            let set = match key {
                Key::Int(n) if n < 0 => {
                    let counted = self.parts_by_place(alloc).and_then(|parts| {
                        let back = usize::try_from(n.unsigned_abs()).ok()?;
                        parts.get(parts.len().checked_sub(back)?).copied()
                    });
                    match counted {
                        Some(set) => set,
                        None => self.container_values(alloc),
                    }
                }
                _ => match self.flow.key(alloc, key) {
                    Some(set) => set,
                    None => {
                        let (any, own) = (self.read(Cell::Element(alloc)), self.read(Cell::Key(alloc, key)));
                        self.union(any, own)
                    }
                },
            };
            result = self.union(result, set);
        }
        result
    }

    /// A part of a list or tuple: elements at their places, where these and the bounds are known.
    fn slice_of(&mut self, alloc: AllocId, bounds: Option<Bounds>) -> SetId {
        let kind = self.alloc_types[alloc as usize];
        let part = self.alloc(900_005, kind);
        if part == alloc {
            return self.single(Val::Container(part));
        }
        let parts = bounds.and_then(|b| self.parts_by_place(alloc).and_then(|parts| b.of(&parts)));
        match parts {
            Some(parts) => {
                for (i, set) in parts.into_iter().enumerate() {
                    self.write(Cell::Key(part, Key::Int(i32::try_from(i).unwrap_or(i32::MAX))), set);
                }
            }
            None => {
                let elements = self.container_values(alloc);
                self.write(Cell::Element(part), elements);
            }
        }
        self.single(Val::Container(part))
    }

    /// The elements of a list or tuple in order, where it has only what it was made with.
    fn parts_by_place(&mut self, alloc: AllocId) -> Option<Vec<SetId>> {
        if let Some(parts) = self.flow.parts(alloc) {
            return Some(parts);
        }
        if self.read(Cell::Element(alloc)) != EMPTY {
            return None;
        }
        let mut places: Vec<i32> = Vec::new();
        for key in self.heap.keys.get(&alloc).into_iter().flatten() {
            if let Key::Int(place) = key {
                places.push(*place);
            }
        }
        places.sort_unstable();
        let dense = places.iter().zip(0..).all(|(place, i)| *place == i);
        if !dense {
            return None;
        }
        Some(
            places
                .into_iter()
                .map(|p| self.read(Cell::Key(alloc, Key::Int(p))))
                .collect(),
        )
    }

    fn is_sequence(&self, kind: Sym) -> bool {
        matches!(
            &**self.program.names.text(kind),
            "str" | "bytes" | "list" | "tuple" | "range" | "bytearray"
        )
    }

    /// `object[index] = value`.
    pub(super) fn store_index(&mut self, object: SetId, index: SetId, value: SetId) {
        self.special(object, "__setitem__", &[index, value], EdgeKind::Operator);
        let keys = self.literal_keys(index);
        let is_slice = self.is_slice(index);
        for target in self.values.list(object) {
            let Val::Container(alloc) = target else {
                continue;
            };
            self.note_writer(alloc);
            if is_slice && !self.is_dict(alloc) {
                let elements = self.iterate(value, false);
                self.write(Cell::Element(alloc), elements);
                self.flow.forget(alloc);
                continue;
            }
            match keys.as_deref() {
                Some(&[key]) if !matches!(key, Key::Int(n) if n < 0) => self.flow.store(alloc, key, value),
                _ => self.flow.forget(alloc),
            }
            self.write(Cell::Keys(alloc), index);
            if keys.is_none() && self.is_dict(alloc) {
                self.look_up_key(index);
            }
            match &keys {
                Some(keys) => {
                    for &key in keys {
                        let cell = match key {
                            Key::Int(n) if n < 0 => Cell::Element(alloc),
                            _ => Cell::Key(alloc, key),
                        };
                        self.write(cell, value);
                    }
                }
                None => self.write(Cell::Element(alloc), value),
            }
        }
    }

    /// One part of an unpacking.
    pub(super) fn unpack(&mut self, value: SetId, index: u16, starred: bool, after: u16) -> SetId {
        let mut result = EMPTY;
        for source in self.values.list(value) {
            let set = match source {
                Val::Container(alloc) if starred && !self.is_dict(alloc) => match self.parts_by_place(alloc) {
                    Some(parts) => {
                        let end = parts.len().saturating_sub(usize::from(after));
                        let middle = parts.get(usize::from(index)..end).unwrap_or_default().to_vec();
                        self.join_all(middle)
                    }
                    None => self.container_values(alloc),
                },
                Val::Container(alloc) if !self.is_dict(alloc) => {
                    // Behind a star, places are counted from the end.
                    let place = match index {
                        u16::MAX => -1 - i32::from(after),
                        index => i32::from(index),
                    };
                    self.element_at(alloc, Some(&[Key::Int(place)]))
                }
                _ => {
                    let one = self.single(source);
                    self.iterate(one, false)
                }
            };
            result = self.union(result, set);
        }
        if starred {
            let alloc = self.alloc(u32::from(index), self.known.list);
            self.write(Cell::Element(alloc), result);
            return self.single(Val::Container(alloc));
        }
        result
    }

    /// Whether a container has keys and values.
    pub(super) fn is_dict(&self, alloc: AllocId) -> bool {
        let kind = self.alloc_types[alloc as usize];
        kind == self.known.dict || kind == self.known.mapping
    }

    /// What `with` binds.
    pub(super) fn enter(&mut self, manager: SetId, asynchronous: bool) -> SetId {
        let (enter, exit) = if asynchronous {
            ("__aenter__", "__aexit__")
        } else {
            ("__enter__", "__exit__")
        };
        let mut entered = self.special(manager, enter, &[], EdgeKind::ContextManager);
        let none = self.builtin_instance(self.known.none);
        self.special(manager, exit, &[none, none, none], EdgeKind::ContextManager);
        for value in self.values.list(manager) {
            let set = match value {
                // A function behind `contextlib.contextmanager`.
                Val::Generator(scope) => self.read(Cell::Yield(scope)),
                Val::Unknown(_) => self.unknown(OpenReason::UnknownReceiver),
                Val::ExternalResult(_) | Val::Builtin(_) => self.single(value),
                Val::Container(alloc) => self.enter_container(alloc),
                _ => EMPTY,
            };
            entered = self.union(entered, set);
        }
        if asynchronous { self.awaited(entered) } else { entered }
    }

    /// `with closing(x)` gives x, and closes it at the end; `with nullcontext(x)` only gives it.
    fn enter_container(&mut self, alloc: AllocId) -> SetId {
        let closes = match &*self.name_of(self.alloc_types[alloc as usize]) {
            "closing" => Some("close"),
            "aclosing" => Some("aclose"),
            "nullcontext" => None,
            _ => return EMPTY,
        };
        let held = self.read(Cell::Element(alloc));
        if let Some(method) = closes {
            let method = self.program.names.sym(method);
            let found = self.attribute(held, method);
            self.call_implicitly(found, &[], EdgeKind::ContextManager);
        }
        held
    }

    /// What `await` gives.
    pub(super) fn awaited(&mut self, value: SetId) -> SetId {
        let mut result = self.special(value, "__await__", &[], EdgeKind::Implicit);
        result = self.elements_of_generators_only(result);
        for awaitable in self.values.list(value) {
            let set = match awaitable {
                Val::Coroutine(scope) => self.read(Cell::Return(scope)),
                Val::Generator(_) | Val::Unknown(_) | Val::ExternalResult(_) => self.single(awaitable),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    fn elements_of_generators_only(&mut self, set: SetId) -> SetId {
        let kept: Vec<Val> = self
            .values
            .list(set)
            .into_iter()
            .filter(|v| !matches!(v, Val::Generator(_)))
            .collect();
        self.values.of(kept)
    }

    /// An f-string's value, calling what formatting calls.
    pub(super) fn format(&mut self, values: &[SetId]) -> SetId {
        for &value in values {
            let formatted = self.special(value, "__format__", &[], EdgeKind::Implicit);
            if formatted == EMPTY {
                self.convert_to_text(value);
            }
        }
        self.builtin_instance(self.known.str)
    }

    /// `str(value)`: `__str__`, or `__repr__` where there is none.
    pub(super) fn convert_to_text(&mut self, value: SetId) {
        for one in self.values.list(value) {
            let Some(class) = one.instance_of() else {
                if let Val::Unknown(_) = one {
                    self.record_open(EdgeKind::Implicit, OpenReason::UnknownReceiver, |_| {
                        Reach::Special("__str__".into())
                    });
                }
                continue;
            };
            let str_name = self.program.names.sym("__str__");
            let found = self.find_attribute(class, str_name);
            let object = self.single(one);
            let method = if found.set == EMPTY { "__repr__" } else { "__str__" };
            self.special(object, method, &[], EdgeKind::Implicit);
        }
    }
}
