//! Operators, iteration, subscripts and the other places where the language calls special methods.

use super::heap::{Cell, Key};
use super::values::{AllocId, EMPTY, SetId, Val};
use super::{Engine, Target};
use crate::analysis::parse::ir::{Binary, Compare, Sym, Unary};
use crate::analysis::parse::literal::is_beginning_of_name;
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
        if in_place {
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
        let through = self.elements(iterators);
        let direct = self.elements(object);
        let joined = self.join_all([from_iterators, through, direct]);
        if !asynchronous {
            return joined;
        }
        self.awaited(joined)
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
        let mut result = self.read(Cell::Element(alloc));
        for key in self.heap.keys.get(&alloc).cloned().unwrap_or_default() {
            let set = self.read(Cell::Key(alloc, key));
            result = self.union(result, set);
        }
        result
    }

    /// Literal keys that a set consists of; none where it holds anything else.
    fn literal_keys(&self, index: SetId) -> Option<Vec<Key>> {
        let set = self.values.set(index);
        if set.is_empty() {
            return None;
        }
        set.iter()
            .map(|&v| match self.values.get(v) {
                Val::Str(name) => Some(Key::Str(name)),
                Val::Int(n) => Some(Key::Int(n)),
                _ => None,
            })
            .collect()
    }

    /// `object[index]`.
    pub(super) fn index(&mut self, object: SetId, index: SetId) -> SetId {
        let keys = self.literal_keys(index);
        let slice = self.program.names.sym("slice");
        let is_slice = matches!(*self.values.set(index), [one] if self.values.get(one) == Val::Builtin(slice));
        let mut result = EMPTY;
        for value in self.values.list(object) {
            let set = match value {
                Val::Container(alloc) if is_slice && !self.is_dict(alloc) => self.slice_of(alloc),
                Val::Builtin(kind) if is_slice && self.is_sequence(kind) => self.single(value),
                Val::Container(alloc) => {
                    if self.is_dict(alloc) {
                        self.look_up_key(index);
                    }
                    self.element_at(alloc, keys.as_deref())
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
                Val::Class(_) | Val::ClassOrSub(_) | Val::BuiltinObject(_) | Val::External(_) => {
                    self.generic(value, index)
                }
                Val::ExternalResult(_) | Val::Generic(_) => self.single(value),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    fn element_at(&mut self, alloc: AllocId, keys: Option<&[Key]>) -> SetId {
        let Some(keys) = keys else {
            return self.container_values(alloc);
        };
        let mut result = self.read(Cell::Element(alloc));
        for &key in keys {
            let set = match key {
                Key::Int(n) if n < 0 => match self.counted_back(alloc, n) {
                    Some(key) => self.read(Cell::Key(alloc, key)),
                    None => self.container_values(alloc),
                },
                _ => self.read(Cell::Key(alloc, key)),
            };
            result = self.union(result, set);
        }
        result
    }

    /// A part of a list or tuple: the same elements, at places that are not told apart.
    fn slice_of(&mut self, alloc: AllocId) -> SetId {
        let elements = self.container_values(alloc);
        let kind = self.alloc_types[alloc as usize];
        let part = self.alloc(900_005, kind);
        if part != alloc {
            self.write(Cell::Element(part), elements);
        }
        self.single(Val::Container(part))
    }

    fn is_sequence(&self, kind: Sym) -> bool {
        matches!(
            &**self.program.names.text(kind),
            "str" | "bytes" | "list" | "tuple" | "range" | "bytearray"
        )
    }

    /// The place that a negative index means, where the container has only what it was made with.
    fn counted_back(&mut self, alloc: AllocId, index: i32) -> Option<Key> {
        if self.read(Cell::Element(alloc)) != EMPTY {
            return None;
        }
        let keys = self.heap.keys.get(&alloc)?;
        let length = i32::try_from(keys.len()).ok()?;
        let place = Key::Int(length.checked_add(index)?);
        keys.contains(&place).then_some(place)
    }

    /// `object[index] = value`.
    pub(super) fn store_index(&mut self, object: SetId, index: SetId, value: SetId) {
        self.special(object, "__setitem__", &[index, value], EdgeKind::Operator);
        let keys = self.literal_keys(index);
        for target in self.values.list(object) {
            let Val::Container(alloc) = target else {
                continue;
            };
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
    pub(super) fn unpack(&mut self, value: SetId, index: u16, starred: bool) -> SetId {
        let mut result = EMPTY;
        for source in self.values.list(value) {
            let set = match source {
                Val::Container(alloc) if !starred && index != u16::MAX && !self.is_dict(alloc) => {
                    self.element_at(alloc, Some(&[Key::Int(i32::from(index))]))
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
                _ => EMPTY,
            };
            entered = self.union(entered, set);
        }
        if asynchronous { self.awaited(entered) } else { entered }
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
