//! Annotations: the instances that a type stands for.

mod text;

use super::heap::{Cell, Key};
use super::values::{AllocId, EMPTY, SetId, Val};
use super::{Engine, library};
use crate::analysis::parse::ir::Sym;
use crate::analysis::program::ModuleId;
use crate::model::call_graph::OpenReason;

/// Types that one annotation consists of at most.
const MOST_PARTS: u32 = 64;

/// Type arguments within type arguments that are followed; what lies deeper is unknown.
const DEEPEST: u32 = 6;

/// Places of containers that only annotations tell of are numbered by the annotation, in a module that there is not.
const OF_ANNOTATIONS: ModuleId = ModuleId::MAX;

/// A cell of a container, and what it holds.
type Part = (fn(AllocId) -> Cell, SetId);

/// What a type with arguments means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Any of the arguments: `Union`, `Optional`, and wrappers that say nothing about the value.
    Any,
    /// Only the first argument; the others are remarks (`Annotated`).
    First,
    /// The class itself.
    Class,
    /// Elements of the first argument's type, in a container of this kind.
    Elements(&'static str),
    /// Keys and values.
    Mapping(&'static str),
    Tuple,
    /// A value that gives the last argument's type when it is awaited.
    Awaitable,
    Literal,
    /// Could be anything that fits: callables, `Any`.
    Unknown,
}

fn form(name: &str) -> Option<Form> {
    Some(match name {
        "Optional" | "Union" | "ClassVar" | "Final" | "Required" | "NotRequired" | "ReadOnly" | "InitVar"
        | "TypeVar" | "NewType" | "Unpack" | "TypeGuard" | "TypeIs" => Form::Any,
        "Annotated" => Form::First,
        "Type" | "type" => Form::Class,
        "list" | "List" => Form::Elements("list"),
        "deque" | "Deque" => Form::Elements("deque"),
        "set" | "Set" | "frozenset" | "FrozenSet" => Form::Elements("set"),
        "Sequence" | "MutableSequence" | "Iterable" | "Collection" | "Container" | "Reversible" | "AbstractSet"
        | "MutableSet" | "KeysView" | "ValuesView" | "Iterator" | "AsyncIterator" | "AsyncIterable" => {
            Form::Elements(ABSTRACT)
        }
        "Generator" | "AsyncGenerator" => Form::Elements("generator"),
        "dict" | "Dict" | "defaultdict" | "DefaultDict" | "OrderedDict" | "Counter" | "ChainMap" => {
            Form::Mapping("dict")
        }
        "Mapping" | "MutableMapping" | "ItemsView" => Form::Mapping(ABSTRACT_MAPPING),
        "tuple" | "Tuple" => Form::Tuple,
        "Awaitable" | "Coroutine" => Form::Awaitable,
        "Literal" => Form::Literal,
        "Callable" | "Any" | "object" | "AnyStr" | "Concatenate" | "ParamSpec" => Form::Unknown,
        _ => return None,
    })
}

/// The kind of containers that may be of a class of anybody's making: their methods may be the repository's.
pub(super) const ABSTRACT: &str = "Collection";

/// The same of mappings.
pub(super) const ABSTRACT_MAPPING: &str = "Mapping";

impl Engine {
    /// Instances of the types in a set, as annotations, `except` and `case` mean them.
    pub(super) fn instances_of(&mut self, types: SetId) -> SetId {
        self.instances_at(types, 0)
    }

    /// What an annotation declares: instances of the type, or what poses as them.
    pub(super) fn declared(&mut self, annotation: SetId) -> SetId {
        let instances = self.instances_at(annotation, 0);
        if instances == EMPTY || self.has_unknown(instances) {
            return instances;
        }
        let posing = self.single(Val::Posing);
        self.union(instances, posing)
    }

    fn instances_at(&mut self, types: SetId, depth: u32) -> SetId {
        let mut result = EMPTY;
        let mut open = self.values.list(types);
        let mut parts = 0;
        while let Some(value) = open.pop() {
            parts += 1;
            if parts > MOST_PARTS {
                return self.unknown(OpenReason::TooMany);
            }
            let set = match value {
                Val::Class(class) | Val::ClassOrSub(class) => self.single(Val::InstanceOrSub(class)),
                Val::BuiltinObject(name) => self.instance_of_builtin(name),
                Val::Builtin(name) if name == self.known.none => self.single(value),
                Val::External(path) => self.instance_of_external(path),
                Val::Container(alloc) => {
                    let elements = self.container_values(alloc);
                    open.extend(self.values.list(elements));
                    EMPTY
                }
                Val::Str(text) => {
                    let named = self.type_in_text(text);
                    let named = self.values.list(named);
                    open.extend(named.into_iter().filter(|v| !matches!(v, Val::Str(_))));
                    EMPTY
                }
                Val::Generic(alloc) => self.instances_of_generic(alloc, &mut open, depth),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    fn instance_of_builtin(&mut self, name: Sym) -> SetId {
        let text = self.name_of(name);
        if matches!(&*text, "object" | "type") {
            return self.unknown(OpenReason::Parameter);
        }
        if library::is_builtin_type(&text) {
            self.builtin_instance(name)
        } else {
            EMPTY
        }
    }

    /// An instance of a type from outside that has no arguments.
    fn instance_of_external(&mut self, path: Sym) -> SetId {
        let text = self.name_of(path);
        let last = last_part(&text);
        if is_typing(&text) {
            if last == "Self" {
                let class = self.class_around();
                return class.map_or(EMPTY, |c| self.single(Val::InstanceOrSub(c)));
            }
            match form(last) {
                Some(Form::Elements(kind) | Form::Mapping(kind)) if kind != ABSTRACT && kind != ABSTRACT_MAPPING => {
                    let kind = self.program.names.sym(kind);
                    return self.builtin_instance(kind);
                }
                Some(Form::Tuple) => return self.builtin_instance(self.known.tuple),
                Some(_) => return self.unknown(OpenReason::Parameter),
                None if matches!(last, "Text" | "LiteralString") => return self.builtin_instance(self.known.str),
                None => {}
            }
        }
        self.single(Val::ExternalResult(path))
    }

    /// The class whose body is evaluated, or that the function evaluated is a method of.
    fn class_around(&self) -> Option<u32> {
        use crate::analysis::parse::ir::ScopeKind;
        if self.program.scope(self.scope).kind == ScopeKind::Class {
            return Some(self.scope);
        }
        self.enclosing_class(self.scope).map(|(class, _)| class)
    }

    fn instances_of_generic(&mut self, alloc: AllocId, open: &mut Vec<Val>, depth: u32) -> SetId {
        let arguments = self.read(Cell::Element(alloc));
        let Some(origin) = self.generic_origin(alloc) else {
            return EMPTY;
        };
        let name = match origin {
            Val::External(path) => path,
            Val::BuiltinObject(name) => name,
            Val::Class(class) | Val::ClassOrSub(class) => return self.single(Val::InstanceOrSub(class)),
            _ => return EMPTY,
        };
        let text = self.name_of(name);
        let form = if matches!(origin, Val::BuiltinObject(_)) || is_typing(&text) {
            form(last_part(&text))
        } else {
            None
        };
        if depth > DEEPEST {
            return self.unknown(OpenReason::TooMany);
        }
        match form {
            Some(Form::Any) => {
                open.extend(self.parts_of(arguments));
                EMPTY
            }
            Some(Form::First) => {
                let first = self.argument(arguments, 0);
                open.extend(self.values.list(first));
                EMPTY
            }
            Some(Form::Class) => {
                let classes: Vec<Val> = self
                    .parts_of(arguments)
                    .into_iter()
                    .map(|v| match v {
                        Val::Class(c) => Val::ClassOrSub(c),
                        Val::BuiltinObject(_) | Val::External(_) | Val::ClassOrSub(_) => v,
                        _ => Val::Unknown(OpenReason::Parameter),
                    })
                    .collect();
                self.values.of(classes)
            }
            Some(Form::Elements(kind)) => {
                let element = self.argument(arguments, 0);
                let element = self.element_type(element, depth);
                self.typed_container(alloc, kind, &[(Cell::Element, element)])
            }
            Some(Form::Mapping(kind)) => {
                let (key, value) = (self.argument(arguments, 0), self.argument(arguments, 1));
                let (key, value) = (self.element_type(key, depth), self.element_type(value, depth));
                self.typed_container(alloc, kind, &[(Cell::Keys, key), (Cell::Element, value)])
            }
            Some(Form::Tuple) => self.typed_tuple(alloc, arguments, depth),
            Some(Form::Awaitable) => {
                let last = self.argument(arguments, usize::MAX);
                let given = self.element_type(last, depth);
                self.typed_container(alloc, "coroutine", &[(Cell::Element, given)])
            }
            Some(Form::Literal) => {
                let literals = self.parts_of(arguments);
                self.values.of(literals)
            }
            Some(Form::Unknown) => self.unknown(OpenReason::Parameter),
            None if matches!(origin, Val::BuiltinObject(_)) => self.builtin_instance(name),
            None => self.single(Val::ExternalResult(name)),
        }
    }

    fn element_type(&mut self, types: SetId, depth: u32) -> SetId {
        let instances = self.instances_at(types, depth + 1);
        if instances == EMPTY {
            return EMPTY;
        }
        let posing = self.single(Val::Posing);
        self.union(instances, posing)
    }

    /// The container that a type stands for, holding what the type says.
    fn typed_container(&mut self, of: AllocId, kind: &str, holds: &[Part]) -> SetId {
        let kind = self.program.names.sym(kind);
        let alloc = self.alloc_at((OF_ANNOTATIONS, of, 0), kind);
        for &(cell, set) in holds {
            // What the type does not tell may be anything.
            let set = if set == EMPTY {
                self.unknown(OpenReason::ContainerElement)
            } else {
                set
            };
            self.write(cell(alloc), set);
        }
        self.single(Val::Container(alloc))
    }

    fn typed_tuple(&mut self, of: AllocId, arguments: SetId, depth: u32) -> SetId {
        let alloc = self.alloc_at((OF_ANNOTATIONS, of, 0), self.known.tuple);
        let parts = self.positions_of(arguments);
        let ellipsis = self.program.names.sym("ellipsis");
        let is_open = parts
            .last()
            .is_some_and(|&p| self.values.list(p).contains(&Val::Builtin(ellipsis)));
        for (i, part) in parts.iter().enumerate() {
            let set = self.element_type(*part, depth);
            let set = if set == EMPTY && !is_open {
                self.unknown(OpenReason::ContainerElement)
            } else {
                set
            };
            let cell = if is_open {
                Cell::Element(alloc)
            } else {
                Cell::Key(alloc, Key::Int(i32::try_from(i).unwrap_or(i32::MAX)))
            };
            self.write(cell, set);
        }
        self.single(Val::Container(alloc))
    }

    /// The arguments of a subscript, one by one.
    fn positions_of(&mut self, arguments: SetId) -> Vec<SetId> {
        let list = self.values.list(arguments);
        if let [Val::Container(tuple)] = list.as_slice()
            && self.alloc_types[*tuple as usize] == self.known.tuple
        {
            let mut keys = self.heap.keys.get(tuple).cloned().unwrap_or_default();
            keys.sort_unstable();
            return keys.into_iter().map(|key| self.read(Cell::Key(*tuple, key))).collect();
        }
        vec![arguments]
    }

    fn argument(&mut self, arguments: SetId, position: usize) -> SetId {
        let positions = self.positions_of(arguments);
        let at = position.min(positions.len().saturating_sub(1));
        positions.get(at).copied().unwrap_or(EMPTY)
    }

    /// All arguments of a subscript together.
    fn parts_of(&mut self, arguments: SetId) -> Vec<Val> {
        let positions = self.positions_of(arguments);
        let joined = self.join_all(positions);
        self.values.list(joined)
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Whether a path is of a module that names the types of the language and its library.
fn is_typing(path: &str) -> bool {
    let module = path.rsplit_once('.').map_or("", |(module, _)| module);
    matches!(
        module,
        "typing" | "typing_extensions" | "collections" | "collections.abc" | "dataclasses" | "types"
    )
}
