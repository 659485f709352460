//! Classes that are made rather than written: records (dataclasses, named tuples), namespaces, enumerations, and what
//! decorators of the library add to a class.

use rustc_hash::FxHashMap;

use super::Engine;
use super::call::Arguments;
use super::class::Ancestor;
use super::heap::{Cell, Key};
use super::values::{AllocId, EMPTY, SetId, Val};
use crate::analysis::parse::ir::{Compare, Op, Passing, Reg, ScopeKind, Sym, Var};
use crate::analysis::program::{ModuleId, Program, ScopeId};
use crate::model::call_graph::EdgeKind;

/// Sets that a comparison of parts goes through at most; what holds itself would go on for ever.
const MOST_PARTS: usize = 16;

/// Decorators and bases that make methods from a class's annotated names.
const RECORD_MAKERS: [&str; 12] = [
    "dataclasses.dataclass",
    "attr.s",
    "attr.attrs",
    "attr.attributes",
    "attr.dataclass",
    "attr.define",
    "attr.mutable",
    "attr.frozen",
    "attrs.define",
    "attrs.mutable",
    "attrs.frozen",
    "typing.NamedTuple",
];

/// The names that each class declares in its body, `name: T`, in their order.
pub(super) fn declared_fields(program: &Program) -> FxHashMap<ScopeId, Box<[Sym]>> {
    let mut declared = FxHashMap::default();
    for scope in 0..program.scope_count() {
        let attributes = program.scope(scope).attributes.iter();
        let own: Box<[Sym]> = attributes
            .filter(|a| a.annotation.is_some() && !a.on_self)
            .map(|a| a.name)
            .collect();
        if !own.is_empty() {
            declared.insert(scope, own);
        }
    }
    declared
}

impl Engine {
    /// Remembers what a decorator of the library adds to a class.
    pub(super) fn note_class_decorator(&mut self, decorated: SetId, decorators: SetId) {
        for decorator in self.values.list(decorators) {
            let (Val::External(path) | Val::ExternalResult(path)) = decorator else {
                continue;
            };
            let text = self.name_of(path);
            let classes = if RECORD_MAKERS.contains(&&*text) {
                &mut self.record_classes
            } else if &*text == "functools.total_ordering" {
                &mut self.ordered_classes
            } else {
                continue;
            };
            for &value in self.values.set(decorated) {
                if let Val::Class(class) = self.values.get(value) {
                    classes.insert(class);
                }
            }
        }
    }

    fn is_record(&self, class: ScopeId) -> bool {
        self.mro(class).iter().any(|a| match a {
            Ancestor::Class(c) => self.record_classes.contains(c),
            Ancestor::External(path) => RECORD_MAKERS.contains(&&**self.program.names.text(*path)),
            _ => false,
        })
    }

    /// The fields of a record, in the order its constructor takes them, with the classes that declare them.
    fn record_fields(&self, class: ScopeId) -> Vec<(ScopeId, Sym)> {
        let mut fields: Vec<(ScopeId, Sym)> = Vec::new();
        for ancestor in self.mro(class).iter().rev() {
            let Ancestor::Class(owner) = *ancestor else {
                continue;
            };
            if let Some(own) = self.declared_fields.get(&owner) {
                fields.retain(|(_, f)| !own.contains(f));
                fields.extend(own.iter().map(|f| (owner, *f)));
            }
        }
        fields
    }

    /// The fields of a dataclass or named tuple take its arguments, or what makes their defaults gives.
    pub(super) fn fill_record(&mut self, class: ScopeId, args: &Arguments) {
        let fields = self.record_fields(class);
        let is_record = self.is_record(class);
        for (i, &(owner, field)) in fields.iter().enumerate() {
            let by_name = || args.keywords.iter().find(|(n, _)| *n == field).map(|(_, s)| *s);
            let given = args.positional.get(i).copied().or_else(by_name);
            if let Some(set) = given {
                self.write(Cell::Field(class, field), set);
            } else if is_record {
                let factories = self.read(Cell::FieldFactory(owner, field));
                let made = self.call_implicitly(factories, &[], EdgeKind::Implicit);
                if made != EMPTY {
                    self.write(Cell::Field(class, field), made);
                }
            }
        }
        if is_record {
            for hook in ["__post_init__", "__attrs_post_init__"] {
                let hook = self.program.names.sym(hook);
                let found = self.find_attribute(class, hook);
                let bound = self.bind_plain(found.set, Val::Instance(class));
                self.call_implicitly(bound, &[], EdgeKind::Implicit);
            }
        }
    }

    /// `name: T = field(default_factory=f)` in a class body: f makes the default.
    pub(super) fn note_factory(&mut self, module: ModuleId, var: Var, value: Reg, held: impl Fn(Reg) -> SetId) {
        let scope = self.program.scope(self.scope);
        let (ScopeKind::Class, Var::Local(slot)) = (scope.kind, var) else {
            return;
        };
        let field = scope.locals[slot as usize];
        let ir = &self.program.modules[module as usize].ir;
        let value = match ir.ops.get(value as usize) {
            Some(Op::Typed { value, .. }) => *value,
            _ => value,
        };
        let Some(&Op::Call { start, len, .. }) = ir.ops.get(value as usize) else {
            return;
        };
        let names = &self.program.names;
        let factory = ir.call_args(start, len).iter().find(|a| match a.passing {
            Passing::Keyword(name) => matches!(&**names.text(name), "default_factory" | "factory"),
            _ => false,
        });
        if let Some(factory) = factory {
            let set = held(factory.value);
            self.write(Cell::FieldFactory(self.scope, field), set);
        }
    }

    /// What comparing, hashing or showing a value asks its parts for: the elements of a container, the fields of a
    /// record that has no method of its own.
    pub(super) fn compare_parts(&mut self, method: &str, left: SetId, right: SetId) {
        let name = self.program.names.sym(method);
        let mut open = vec![left];
        let mut seen: Vec<SetId> = Vec::new();
        while let Some(next) = open.pop() {
            for value in self.values.list(next) {
                let parts = match value {
                    Val::Container(alloc) => {
                        let (keys, values) = (self.read(Cell::Keys(alloc)), self.container_values(alloc));
                        self.union(keys, values)
                    }
                    _ => match value.instance_of() {
                        Some(class) if !self.record_classes.is_empty() && self.is_record(class) => {
                            self.compared_fields(class, name)
                        }
                        _ => continue,
                    },
                };
                let is_plain = !self.values.set(parts).iter().any(|&v| {
                    let value = self.values.get(v);
                    value.instance_of().is_some() || matches!(value, Val::Container(_))
                });
                if is_plain || seen.contains(&parts) || seen.len() >= MOST_PARTS {
                    continue;
                }
                seen.push(parts);
                let known: Vec<Val> = self.values.list(parts);
                let known = known.into_iter().filter(|v| v.instance_of().is_some()).collect();
                let known = self.values.of(known);
                self.special(known, method, &[right], EdgeKind::Implicit);
                open.push(parts);
            }
        }
    }

    fn compared_fields(&mut self, class: ScopeId, method: Sym) -> SetId {
        if self.find_attribute(class, method).set != EMPTY {
            return EMPTY;
        }
        let mut result = EMPTY;
        for (_, field) in self.record_fields(class) {
            let held = self.fields(class, field);
            result = self.union(result, held);
        }
        result
    }

    /// `functools.total_ordering`: the comparisons that a class lacks are made of the one that it has, and of `==`.
    pub(super) fn compare_by_another(&mut self, operator: Compare, left: SetId, right: SetId) {
        if self.ordered_classes.is_empty() {
            return;
        }
        let (own, negated) = match operator {
            Compare::Less => ("__lt__", "__ge__"),
            Compare::LessEqual => ("__le__", "__gt__"),
            Compare::Greater => ("__gt__", "__le__"),
            Compare::GreaterEqual => ("__ge__", "__lt__"),
            _ => return,
        };
        for value in self.values.list(left) {
            let Some(class) = value.instance_of() else { continue };
            let is_ordered = self
                .mro(class)
                .iter()
                .any(|a| matches!(a, Ancestor::Class(c) if self.ordered_classes.contains(c)));
            let object = self.single(value);
            if !is_ordered || self.has_method(class, own) {
                continue;
            }
            let root = ["__lt__", "__le__", "__gt__", "__ge__"]
                .into_iter()
                .find(|m| self.has_method(class, m));
            if let Some(root) = root {
                self.special(object, root, &[right], EdgeKind::Operator);
                if root != negated {
                    self.special(object, "__eq__", &[right], EdgeKind::Operator);
                }
            }
        }
    }

    fn has_method(&mut self, class: ScopeId, name: &str) -> bool {
        let name = self.program.names.sym(name);
        self.find_attribute(class, name).set != EMPTY
    }

    /// The members of an enumeration are made while its class statement runs.
    pub(super) fn make_members(&mut self, class: ScopeId) {
        let init = self.find_attribute(class, self.known.init);
        let new = self.find_attribute(class, self.known.new);
        if init.set == EMPTY && new.set == EMPTY || !self.is_enum(class) {
            return;
        }
        let own = self.program.scope(class).attributes.iter();
        let members: Vec<Sym> = own
            .filter(|a| a.value.is_some() && !a.on_self && !self.program.names.text(a.name).starts_with('_'))
            .map(|a| a.name)
            .collect();
        for member in members {
            let value = self.read(Cell::ClassAttribute(class, member));
            let mut args = Arguments::default();
            match self.values.list(value).as_slice() {
                [Val::Container(alloc)] if self.alloc_types[*alloc as usize] == self.known.tuple => {
                    let mut keys = self.heap.keys.get(alloc).cloned().unwrap_or_default();
                    keys.sort_unstable();
                    for key in keys {
                        let part = self.read(Cell::Key(*alloc, key));
                        args.positional.push(part);
                    }
                }
                _ => args.positional.push(value),
            }
            let made = self.bind_plain(init.set, Val::Instance(class));
            self.call(made, &args, EdgeKind::Implicit);
            let of = self.single(Val::Class(class));
            args.positional.insert(0, of);
            self.call(new.set, &args, EdgeKind::Implicit);
        }
    }

    /// `SimpleNamespace(name=value)`.
    pub(super) fn make_namespace(&mut self, args: &Arguments) -> SetId {
        let alloc = self.alloc(900_007, self.known.namespace);
        for &(name, set) in &args.keywords {
            self.write(Cell::Key(alloc, Key::Str(name)), set);
        }
        self.single(Val::Container(alloc))
    }

    /// `namedtuple("Name", fields)`, where the fields are written out.
    pub(super) fn make_tuple_type(&mut self, args: &Arguments) -> Option<SetId> {
        let names = self.field_names(args.positional.get(1).copied()?)?;
        let alloc = self.alloc(900_008, self.known.tuple);
        for (i, name) in names.into_iter().enumerate() {
            let name = self.single(Val::Str(name));
            self.write(Cell::Key(alloc, Key::Int(i32::try_from(i).unwrap_or(i32::MAX))), name);
        }
        Some(self.single(Val::TupleType(alloc)))
    }

    /// `"x y"`, `"x, y"` or `["x", "y"]`.
    fn field_names(&mut self, set: SetId) -> Option<Vec<Sym>> {
        match self.values.list(set).as_slice() {
            [Val::Str(text)] => {
                let text = self.name_of(*text);
                let parts = text.split([',', ' ']).filter(|p| !p.is_empty());
                Some(parts.map(|p| self.program.names.sym(p)).collect())
            }
            [Val::Container(alloc)] if !self.is_dict(*alloc) => {
                if self.read(Cell::Element(*alloc)) != EMPTY {
                    return None;
                }
                self.names_by_place(*alloc)
            }
            _ => None,
        }
    }

    /// The literal strings that a sequence consists of, in order.
    fn names_by_place(&mut self, alloc: AllocId) -> Option<Vec<Sym>> {
        let mut keys = self.heap.keys.get(&alloc).cloned().unwrap_or_default();
        keys.retain(|k| matches!(k, Key::Int(_)));
        keys.sort_unstable();
        let mut names = Vec::new();
        for key in keys {
            let set = self.read(Cell::Key(alloc, key));
            match self.values.list(set).as_slice() {
                [Val::Str(name)] => names.push(*name),
                _ => return None,
            }
        }
        Some(names)
    }

    /// An instance of a class that `namedtuple` made: its parts go by place and by name.
    pub(super) fn make_named_tuple(&mut self, class: AllocId, args: &Arguments) -> SetId {
        let names = self.names_by_place(class).unwrap_or_default();
        let alloc = self.alloc(900_009, self.known.tuple);
        for (i, name) in names.into_iter().enumerate() {
            let by_name = || args.keywords.iter().find(|(n, _)| *n == name).map(|(_, s)| *s);
            let given = args.positional.get(i).copied().or_else(by_name);
            let open = self.union(args.starred.unwrap_or(EMPTY), args.double_starred.unwrap_or(EMPTY));
            let set = given.unwrap_or(open);
            self.write(Cell::Key(alloc, Key::Int(i32::try_from(i).unwrap_or(i32::MAX))), set);
            self.write(Cell::Key(alloc, Key::Str(name)), set);
        }
        self.single(Val::Container(alloc))
    }

    /// What the pattern at a place of a class pattern is matched with: the attribute that `__match_args__` names there,
    /// a record's field, or the value itself where the class is a built-in type.
    pub(super) fn match_argument(&mut self, value: SetId, index: u16) -> SetId {
        let match_args = self.program.names.sym("__match_args__");
        let mut result = EMPTY;
        for one in self.values.list(value) {
            let set = match one.instance_of() {
                Some(class) => {
                    let listed = self.find_attribute(class, match_args).set;
                    let place = self.single(Val::Int(i32::from(index)));
                    let mut names = self.index(listed, place);
                    if names == EMPTY
                        && let Some(&(_, field)) = self.record_fields(class).get(usize::from(index))
                    {
                        names = self.single(Val::Str(field));
                    }
                    let object = self.single(one);
                    let mut found = EMPTY;
                    for name in self.literal_strings(names) {
                        let set = self.attribute(object, name);
                        found = self.union(found, set);
                    }
                    found
                }
                None => self.single(one),
            };
            result = self.union(result, set);
        }
        result
    }
}
