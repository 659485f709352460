//! Built-in functions, types and the few functions of the standard library that pass values on.
//!
//! What the language and its library have, and most of what calls of them do, is data ([`library`]); here is what has to
//! be followed through values more closely than a line of data can say.

use super::call::Arguments;
use super::heap::{Cell, Key};
use super::library::{self, Binding};
use super::values::{AllocId, EMPTY, SetId, Val};
use super::{Engine, PropertyFunctions, Target};
use crate::analysis::parse::ir::Sym;
use crate::analysis::parse::literal::is_beginning_of_name;
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

/// What a function of the standard library does with the values it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum External {
    /// As a decorator gives back what it decorates, with options or without.
    Same,
    /// `f(options)` gives a decorator that gives back what it decorates.
    SameWhenCalled,
    /// Makes a property of a function.
    Property,
    /// Binds arguments to a function.
    Partial,
    /// Says that a value is of a type.
    Cast,
    /// Makes a name for types, to be used in annotations.
    TypeForm,
    /// Makes a class of named tuples.
    TupleType,
    /// Makes an object with these attributes.
    Namespace,
    /// Imports a module by its name.
    Import,
}

pub(super) fn external(path: &str) -> Option<External> {
    Some(match path {
        "abc.abstractmethod"
        | "asyncio.coroutine"
        | "atexit.register"
        | "contextlib.asynccontextmanager"
        | "contextlib.contextmanager"
        | "dataclasses.dataclass"
        | "attr.s"
        | "attr.define"
        | "attr.frozen"
        | "attrs.define"
        | "attrs.frozen"
        | "functools.cache"
        | "functools.lru_cache"
        | "functools.singledispatch"
        | "functools.total_ordering"
        | "functools.update_wrapper"
        | "types.coroutine"
        | "typing.final"
        | "typing.no_type_check"
        | "typing.overload"
        | "typing.override"
        | "typing.runtime_checkable"
        | "typing_extensions.deprecated"
        | "typing_extensions.final"
        | "typing_extensions.overload"
        | "typing_extensions.override"
        | "typing_extensions.runtime_checkable"
        | "warnings.deprecated" => External::Same,
        "functools.wraps" | "typing.dataclass_transform" => External::SameWhenCalled,
        "typing.cast" | "typing_extensions.cast" => External::Cast,
        "typing.TypeVar" | "typing.NewType" | "typing_extensions.TypeVar" => External::TypeForm,
        "functools.cached_property" | "abc.abstractproperty" | "types.DynamicClassAttribute" => External::Property,
        "functools.partial" | "functools.partialmethod" => External::Partial,
        "collections.namedtuple" => External::TupleType,
        "types.SimpleNamespace" => External::Namespace,
        "importlib.import_module" => External::Import,
        _ => return None,
    })
}

/// Whether instances of what derives from this class decorate functions, which then run within their context.
pub(super) fn decorates_as_context(path: &str) -> bool {
    matches!(path, "contextlib.ContextDecorator" | "contextlib.AsyncContextDecorator")
}

/// Names that an object is known to have which begin as a computed string does.
#[derive(Default)]
struct Prefixed {
    names: Vec<Sym>,
    /// Beginnings that the names were found for.
    prefixes: usize,
}

/// Attributes that one computed name stands for at most.
const MOST_PREFIXED: usize = 250;

impl Engine {
    /// The string that a template begins with, up to the first mark.
    pub(super) fn beginning_of(&mut self, template: Sym, mark: char) -> SetId {
        let text = self.name_of(template);
        match text.split_once(mark) {
            Some((before, _)) if is_beginning_of_name(before) => {
                let before = self.program.names.sym(before);
                self.single(Val::Prefix(before))
            }
            _ => self.builtin_instance(self.known.str),
        }
    }

    fn list_of(&mut self, kind: Sym, elements: SetId) -> SetId {
        let alloc = self.alloc(900_000, kind);
        self.write(Cell::Element(alloc), elements);
        self.single(Val::Container(alloc))
    }

    /// Calls a built-in function or type.
    pub(super) fn call_builtin(&mut self, name: Sym, args: &Arguments, kind: EdgeKind) -> SetId {
        self.record(kind, Target::Builtin(name));
        let text = self.name_of(name);
        let first = args
            .positional
            .first()
            .copied()
            .unwrap_or(args.starred.unwrap_or(EMPTY));
        let second = args.positional.get(1).copied().unwrap_or(EMPTY);
        match &*text {
            "super" => return self.call_super(args),
            "property" => return self.make_property_of(args),
            "staticmethod" => return self.wrap_function(first, Val::Static),
            "classmethod" => return self.wrap_function(first, Val::ClassMethod),
            "type" if args.positional.len() == 1 => return self.type_of(first),
            "getattr" => return self.call_getattr(first, second, args),
            "setattr" => {
                let value = args.positional.get(2).copied().unwrap_or(EMPTY);
                for key in self.literal_strings(second) {
                    self.store_attribute(first, key, value);
                }
            }
            "map" => {
                let elements = self.iterate_each(args.positional.get(1..).unwrap_or_default());
                self.call_lazily(first);
                let mapped = self.call(first, &Arguments::positional(&elements), EdgeKind::Call);
                return self.list_of(name, mapped);
            }
            "filter" => {
                let elements = self.iterate(second, false);
                self.call_lazily(first);
                self.call(first, &Arguments::positional(&[elements]), EdgeKind::Call);
                return self.list_of(name, elements);
            }
            "sorted" | "min" | "max" => return self.call_ordering(&text, args, first),
            "__import__" => return self.import_by_name(first, false),
            "iter" if args.positional.len() > 1 => return self.call_until(first),
            "eval" | "exec" => self.record_open(EdgeKind::Implicit, OpenReason::Dynamic, |_| Reach::AnyValue),
            "list" | "tuple" | "set" | "frozenset" | "reversed" | "iter" => {
                return self.collect(name, &text, first);
            }
            "next" => {
                let next = self.special(first, "__next__", &[], EdgeKind::Implicit);
                let elements = self.elements(first);
                return self.join_all([next, elements, second]);
            }
            "enumerate" => {
                let elements = self.iterate(first, false);
                let int = self.builtin_instance(self.known.int);
                return self.pairs(name, &[int, elements]);
            }
            "zip" => {
                let elements = self.iterate_each(&args.positional);
                return self.pairs(name, &elements);
            }
            "dict" => return self.make_dict(args, first),
            "sum" | "any" | "all" => {
                let elements = self.iterate(first, false);
                if &*text == "sum" {
                    return self.union(elements, second);
                }
                self.truth(elements);
                return self.builtin_instance(self.known.bool);
            }
            _ => {}
        }
        match self.call_library(&text, EMPTY, args) {
            // Calling a type gives an instance of it, whatever else is not known.
            Some(result) if library::is_builtin_type(&text) && self.has_unknown(result) => self.builtin_instance(name),
            Some(result) => result,
            None => {
                self.hand_out(args);
                if library::is_builtin_type(&text) {
                    self.builtin_instance(name)
                } else {
                    self.unknown(OpenReason::ExternalValue)
                }
            }
        }
    }

    /// `iter(f, end)` calls f until it gives the end.
    fn call_until(&mut self, function: SetId) -> SetId {
        self.call_lazily(function);
        let made = self.call(function, &Arguments::default(), EdgeKind::Call);
        self.list_of(self.known.generator, made)
    }

    /// `list(x)`, `iter(x)` and their like.
    fn collect(&mut self, name: Sym, text: &str, first: SetId) -> SetId {
        let elements = self.iterate(first, false);
        match text {
            // They ask how much room to make.
            "list" | "tuple" => {
                self.special(first, "__len__", &[], EdgeKind::Implicit);
            }
            "set" | "frozenset" => self.look_up_key(elements),
            "reversed" => {
                self.special(first, "__reversed__", &[], EdgeKind::Implicit);
            }
            _ => {}
        }
        let kind = if matches!(text, "reversed" | "iter") {
            self.known.generator
        } else {
            name
        };
        self.list_of(kind, elements)
    }

    fn iterate_each(&mut self, sets: &[SetId]) -> Vec<SetId> {
        sets.iter().map(|&set| self.iterate(set, false)).collect()
    }

    fn call_ordering(&mut self, text: &str, args: &Arguments, first: SetId) -> SetId {
        let key = self.program.names.sym("key");
        let elements = if args.positional.len() > 1 && text != "sorted" {
            self.join_all(args.positional.iter().copied())
        } else {
            self.iterate(first, false)
        };
        match args.keywords.iter().find(|(n, _)| *n == key) {
            Some(&(_, function)) => {
                self.call(function, &Arguments::positional(&[elements]), EdgeKind::Call);
            }
            None => {
                let method = if text == "max" { "__gt__" } else { "__lt__" };
                self.special(elements, method, &[elements], EdgeKind::Implicit);
            }
        }
        if text == "sorted" {
            self.list_of(self.known.list, elements)
        } else {
            elements
        }
    }

    fn pairs(&mut self, kind: Sym, parts: &[SetId]) -> SetId {
        let pair = self.tuple_of(900_001, parts);
        self.list_of(kind, pair)
    }

    /// A tuple of these elements.
    pub(super) fn tuple_of(&mut self, part: u32, elements: &[SetId]) -> SetId {
        let tuple = self.alloc(part, self.known.tuple);
        for (i, &set) in elements.iter().enumerate() {
            self.write(Cell::Key(tuple, Key::Int(i32::try_from(i).unwrap_or(i32::MAX))), set);
        }
        self.single(Val::Container(tuple))
    }

    fn make_dict(&mut self, args: &Arguments, first: SetId) -> SetId {
        let alloc = self.alloc(900_000, self.known.dict);
        for &(name, set) in &args.keywords {
            let key = self.single(Val::Str(name));
            self.write(Cell::Keys(alloc), key);
            self.write(Cell::Key(alloc, Key::Str(name)), set);
        }
        self.update_dict(alloc, first);
        if let Some(set) = args.double_starred {
            self.write(Cell::Element(alloc), set);
        }
        self.single(Val::Container(alloc))
    }

    /// Puts the entries of other dicts, or of pairs, into a dict.
    pub(super) fn update_dict(&mut self, alloc: AllocId, other: SetId) {
        for value in self.values.list(other) {
            match value {
                Val::Container(from) if self.is_dict(from) => {
                    if from == alloc {
                        continue;
                    }
                    self.flow.copy(from, alloc);
                    let keys = self.read(Cell::Keys(from));
                    self.write(Cell::Keys(alloc), keys);
                    for key in self.heap.keys.get(&from).cloned().unwrap_or_default() {
                        let set = self.read(Cell::Key(from, key));
                        self.write(Cell::Key(alloc, key), set);
                    }
                    let element = self.read(Cell::Element(from));
                    self.write(Cell::Element(alloc), element);
                }
                Val::Container(_) => {
                    self.flow.forget(alloc);
                    let pairs = self.elements_of(value);
                    let keys = self.unpack(pairs, 0, false, 1);
                    let values = self.unpack(pairs, 1, false, 0);
                    self.write(Cell::Keys(alloc), keys);
                    self.write(Cell::Element(alloc), values);
                }
                Val::Builtin(kind) if kind == self.known.none => {}
                _ => {
                    self.flow.forget(alloc);
                    let unknown = self.unknown(OpenReason::ContainerElement);
                    self.write(Cell::Keys(alloc), unknown);
                    self.write(Cell::Element(alloc), unknown);
                }
            }
        }
    }

    fn elements_of(&mut self, value: Val) -> SetId {
        let set = self.single(value);
        self.elements(set)
    }

    fn wrap_function(&mut self, functions: SetId, wrap: fn(u32) -> Val) -> SetId {
        let ids: Vec<u32> = self.values.set(functions).to_vec();
        self.values.of(ids.into_iter().map(wrap).collect())
    }

    pub(super) fn type_of(&mut self, object: SetId) -> SetId {
        let list = self.values.list(object);
        let types = list
            .into_iter()
            .map(|v| match v {
                Val::Instance(class) => Val::Class(class),
                Val::InstanceOrSub(class) | Val::Likely(class) => Val::ClassOrSub(class),
                Val::Builtin(kind) => Val::BuiltinObject(kind),
                Val::Str(_) | Val::Prefix(_) => Val::BuiltinObject(self.known.str),
                Val::Int(_) => Val::BuiltinObject(self.known.int),
                Val::Unknown(reason) => Val::Unknown(reason),
                _ => Val::Unknown(OpenReason::ExternalValue),
            })
            .collect();
        self.values.of(types)
    }

    /// Literal strings in a set.
    pub(super) fn literal_strings(&self, set: SetId) -> Vec<Sym> {
        self.values
            .list(set)
            .into_iter()
            .filter_map(|v| match v {
                Val::Str(name) => Some(name),
                _ => None,
            })
            .collect()
    }

    fn call_getattr(&mut self, object: SetId, names: SetId, args: &Arguments) -> SetId {
        let literals = self.literal_strings(names);
        let mut result = args.positional.get(2).copied().unwrap_or(EMPTY);
        for &name in &literals {
            let set = self.attribute(object, name);
            result = self.union(result, set);
        }
        let prefixed = self.attributes_beginning(object, names);
        for &name in &prefixed.names {
            let set = self.attribute(object, name);
            result = self.union(result, set);
        }
        if literals.len() + prefixed.prefixes < self.values.set(names).len() || self.values.set(names).is_empty() {
            let unknown = self.unknown(OpenReason::Dynamic);
            result = self.union(result, unknown);
            self.record_open(EdgeKind::Property, OpenReason::Dynamic, |_| Reach::AnyAttribute);
        }
        result
    }

    /// The attributes of some objects whose names begin as these strings do.
    fn attributes_beginning(&mut self, object: SetId, beginnings: SetId) -> Prefixed {
        let prefixes: Vec<_> = self
            .values
            .list(beginnings)
            .into_iter()
            .filter_map(|v| match v {
                Val::Prefix(text) => Some(self.name_of(text)),
                _ => None,
            })
            .collect();
        let mut found = Prefixed::default();
        let mut names: Vec<Sym> = Vec::new();
        for value in self.values.list(object) {
            let scopes = match (value.instance_of().or(value.class()), value) {
                (Some(class), _) => self.family(class),
                (None, Val::Module(module)) => vec![self.program.global_scope(module, 0)],
                _ => continue,
            };
            for scope in scopes {
                names.extend(self.program.scope(scope).bound.keys().copied());
            }
        }
        names.retain(|&n| {
            let text = self.program.names.text(n);
            prefixes.iter().any(|p| text.starts_with(&**p))
        });
        names.sort_unstable();
        names.dedup();
        // Where no class is known to have any, or too many have, the name tells nothing.
        if !names.is_empty() && names.len() <= MOST_PREFIXED {
            found.prefixes = prefixes.len();
            found.names = names;
        }
        found
    }

    /// A class with all its ancestors and descendants in the repository.
    pub(super) fn family(&self, class: crate::analysis::program::ScopeId) -> Vec<crate::analysis::program::ScopeId> {
        let mut family: Vec<_> = self
            .mro(class)
            .iter()
            .filter_map(|a| match a {
                super::class::Ancestor::Class(c) => Some(*c),
                _ => None,
            })
            .collect();
        let mut open = vec![class];
        let mut seen = rustc_hash::FxHashSet::from_iter([class]);
        while let Some(next) = open.pop() {
            for &sub in self.direct_subclasses(next) {
                if seen.insert(sub) {
                    open.push(sub);
                    family.push(sub);
                }
            }
        }
        family
    }

    fn call_super(&mut self, args: &Arguments) -> SetId {
        if let [class, receiver, ..] = args.positional.as_slice() {
            let (classes, receivers) = (self.values.list(*class), self.values.set(*receiver).to_vec());
            let mut found = Vec::new();
            for class in classes {
                if let Some(class) = class.class() {
                    found.extend(receivers.iter().map(|&r| Val::Super(class, r)));
                }
            }
            return self.values.of(found);
        }
        let Some((class, function)) = self.enclosing_class(self.scope) else {
            return EMPTY;
        };
        let receivers = self.read(Cell::Parameter(function, 0));
        let ids = self.values.set(receivers).to_vec();
        self.values.of(ids.into_iter().map(|r| Val::Super(class, r)).collect())
    }

    /// `property(get, set, delete)`.
    fn make_property_of(&mut self, args: &Arguments) -> SetId {
        let names = ["fget", "fset", "fdel"];
        let mut functions = [None; 3];
        for (i, name) in names.into_iter().enumerate() {
            let name = self.program.names.sym(name);
            let given = args.positional.get(i).copied();
            let set = given.or_else(|| args.keywords.iter().find(|(n, _)| *n == name).map(|(_, s)| *s));
            functions[i] = set.and_then(|s| self.function_in(s));
        }
        let [get, set, delete] = functions;
        let alloc = self.alloc(900_002, self.known.property);
        self.properties.insert(alloc, PropertyFunctions { get, set, delete });
        self.single(Val::Property(alloc))
    }

    pub(super) fn make_property(&mut self, getter: SetId) -> SetId {
        let get = self.function_in(getter);
        let alloc = self.alloc(900_002, self.known.property);
        self.properties.insert(
            alloc,
            PropertyFunctions {
                get,
                ..PropertyFunctions::default()
            },
        );
        self.single(Val::Property(alloc))
    }

    fn function_in(&self, set: SetId) -> Option<u32> {
        self.values.list(set).into_iter().find_map(|v| match v {
            Val::Function(scope) | Val::Bound(scope, _) => Some(scope),
            _ => None,
        })
    }

    /// Calls a method of a built-in type.
    pub(super) fn call_builtin_method(
        &mut self,
        (class, name, receiver): (Sym, Sym, u32),
        args: &Arguments,
        kind: EdgeKind,
    ) -> SetId {
        let receiver = self.values.get(receiver);
        let method = self.name_of(name);
        if class == self.known.property {
            return self.call_accessor(receiver, &method, args);
        }
        self.record(kind, Target::BuiltinMethod(class, name));
        if let (Val::BuiltinObject(_), Some((&object, rest))) = (receiver, args.positional.split_first())
            && args.starred.is_none()
        {
            // `str.join(sep, parts)`: the receiver is the first argument.
            let rest = Arguments {
                positional: rest.to_vec(),
                ..args.clone()
            };
            let path = format!("{}.{method}", self.name_of(class));
            let is_static = library::callable(&path).is_some_and(|c| c.binding != Binding::Method);
            if !is_static {
                return self
                    .call_library(&path, object, &rest)
                    .unwrap_or_else(|| self.unknown(OpenReason::ExternalValue));
            }
        }
        if let (Val::Str(text), "format") = (receiver, &*method) {
            return self.beginning_of(text, '{');
        }
        if let Val::Container(alloc) = receiver {
            if self.is_abstract(alloc) {
                self.record(kind, Target::Posed(name));
            }
            return self.call_container_method(alloc, &method, args);
        }
        if let Val::Generator(scope) = receiver {
            return match &*method {
                "send" | "throw" | "__next__" => self.read(Cell::Yield(scope)),
                _ => self.single(receiver),
            };
        }
        if let Some(text) = self.changed_text(receiver, &method) {
            return text;
        }
        let path = format!("{}.{method}", self.name_of(class));
        let object = self.single(receiver);
        if let Some(result) = self.call_library(&path, object, args) {
            return result;
        }
        self.hand_out(args);
        self.unknown(OpenReason::ExternalValue)
    }

    /// `@x.setter` and its like: a new property with one function more.
    fn call_accessor(&mut self, receiver: Val, method: &str, args: &Arguments) -> SetId {
        let Val::Property(old) = receiver else {
            return EMPTY;
        };
        let mut functions = self.property(old);
        let function = args.positional.first().and_then(|&s| self.function_in(s));
        match method {
            "setter" => functions.set = function,
            "deleter" => functions.delete = function,
            "getter" => functions.get = function,
            _ => return EMPTY,
        }
        let alloc = self.alloc(900_003, self.known.property);
        self.properties.insert(alloc, functions);
        self.single(Val::Property(alloc))
    }

    pub(super) fn call_container_method(&mut self, alloc: AllocId, method: &str, args: &Arguments) -> SetId {
        let result = self.container_method(alloc, method, args);
        self.change_container(alloc, method, args);
        result
    }

    /// The elements of a list may be at other places than they were put.
    pub(super) fn move_elements(&mut self, alloc: AllocId) {
        if !self.is_dict(alloc) {
            let all = self.container_values(alloc);
            self.write(Cell::Element(alloc), all);
        }
    }

    fn container_method(&mut self, alloc: AllocId, method: &str, args: &Arguments) -> SetId {
        let first = args.positional.first().copied().unwrap_or(EMPTY);
        let second = args.positional.get(1).copied().unwrap_or(EMPTY);
        let is_dict = self.is_dict(alloc);
        let this = Val::Container(alloc);
        if matches!(
            method,
            "insert" | "popleft" | "appendleft" | "sort" | "reverse" | "remove" | "rotate"
        ) || method == "pop" && first != EMPTY
        {
            self.move_elements(alloc);
        }
        match method {
            "add" => {
                self.look_up_key(first);
                self.write(Cell::Element(alloc), first);
            }
            "append" | "appendleft" => self.write(Cell::Element(alloc), first),
            "insert" => self.write(Cell::Element(alloc), second),
            "extend" | "update" | "union" | "__ior__" if !is_dict => {
                let elements = self.iterate(first, false);
                self.write(Cell::Element(alloc), elements);
            }
            "update" => {
                self.update_dict(alloc, first);
                for &(name, set) in &args.keywords {
                    self.flow.store(alloc, Key::Str(name), set);
                    self.write(Cell::Key(alloc, Key::Str(name)), set);
                }
            }
            "setdefault" => return self.set_default(alloc, first, second),
            "get" | "pop" | "popitem" | "popleft" | "__getitem__" => {
                let object = self.single(this);
                if is_dict && method != "popitem" {
                    self.look_up_key(first);
                }
                let found = if is_dict && method != "popitem" {
                    self.index(object, first)
                } else {
                    self.container_values(alloc)
                };
                return self.union(found, second);
            }
            "values" => {
                let values = self.container_values(alloc);
                return self.list_of(self.known.list, values);
            }
            "keys" => {
                let keys = self.read(Cell::Keys(alloc));
                return self.list_of(self.known.list, keys);
            }
            "items" => {
                let (keys, values) = (self.read(Cell::Keys(alloc)), self.container_values(alloc));
                return self.pairs(self.known.list, &[keys, values]);
            }
            "sort" => {
                let elements = self.container_values(alloc);
                let key = self.program.names.sym("key");
                match args.keywords.iter().find(|(n, _)| *n == key) {
                    Some(&(_, function)) => {
                        self.call(function, &Arguments::positional(&[elements]), EdgeKind::Call);
                    }
                    None => {
                        self.special(elements, "__lt__", &[elements], EdgeKind::Implicit);
                    }
                }
            }
            "copy" | "__iter__" => return self.single(this),
            "__next__" => return self.container_values(alloc),
            "index" | "count" | "remove" => {
                let elements = self.container_values(alloc);
                self.special(elements, "__eq__", &[first], EdgeKind::Implicit);
                self.special(first, "__eq__", &[elements], EdgeKind::Implicit);
                // The message of the error that says it is not there shows it.
                self.special(first, "__repr__", &[], EdgeKind::Implicit);
                if method != "remove" {
                    return self.builtin_instance(self.known.int);
                }
            }
            _ => {}
        }
        self.builtin_instance(self.known.none)
    }

    /// `dict.setdefault(key, value)`: what is there, or the value.
    fn set_default(&mut self, alloc: AllocId, key: SetId, value: SetId) -> SetId {
        if let Some(&[literal]) = self.literal_keys(key).as_deref()
            && let Some(held) = self.flow.key(alloc, literal)
        {
            return held;
        }
        let object = self.single(Val::Container(alloc));
        self.store_index(object, key, value);
        self.index(object, key)
    }

    /// A type with arguments, as `list[int]` makes it.
    pub(super) fn generic(&mut self, origin: Val, arguments: SetId) -> SetId {
        self.generic_at(900_004, origin, arguments)
    }

    pub(super) fn generic_at(&mut self, part: u32, origin: Val, arguments: SetId) -> SetId {
        let alloc = self.alloc(part, self.known.none);
        let origin = self.single(origin);
        self.write(Cell::Keys(alloc), origin);
        self.write(Cell::Element(alloc), arguments);
        self.single(Val::Generic(alloc))
    }

    pub(super) fn generic_origin(&self, alloc: AllocId) -> Option<Val> {
        let origin = self.heap.peek(Cell::Keys(alloc));
        self.values
            .list(origin)
            .into_iter()
            .find(|v| !matches!(v, Val::Generic(_)))
    }

    pub(super) fn generic_element(&mut self, _: AllocId) -> SetId {
        self.unknown(OpenReason::ContainerElement)
    }
}
