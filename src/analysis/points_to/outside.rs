//! Calls of the language's own functions and of the standard library, as [`library`] tells of them: what they give,
//! and what they call of what they are given.

use super::call::Arguments;
use super::heap::Cell;
use super::library::{self, Binding, Callable, Depth, Form, Literal, Parameter, Subject, Type};
use super::values::{EMPTY, SetId, Val};
use super::{Engine, library::Kind};
use crate::analysis::parse::ir::Sym;
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

/// Places of what a call of the library makes are numbered from here, above those of the engine's own making.
const FIRST_PART: u32 = 920_000;

/// Callbacks of one call at most whose results are kept apart.
type Results = Vec<(Subject, SetId)>;

/// A call at hand.
struct Given<'a> {
    receiver: SetId,
    args: &'a Arguments,
    form: &'static Form,
    /// Whether it makes an object that does its work later.
    lazy: bool,
    /// What the callbacks gave.
    results: Results,
}

impl Engine {
    /// Calls something of the library by its path; nothing where nothing is known of it.
    pub(super) fn call_library(&mut self, path: &str, receiver: SetId, args: &Arguments) -> Option<SetId> {
        if let Some(class) = path.strip_suffix(".__init__") {
            if self.call_library(class, receiver, args).is_none() {
                self.hand_out(args);
            }
            return Some(self.builtin_instance(self.known.none));
        }
        let callable = match self.callables.get(path) {
            Some(known) => *known,
            None => {
                let found = callable_at(path);
                self.callables.insert(path.into(), found);
                found
            }
        }?;
        let mut result = EMPTY;
        self.part = FIRST_PART;
        for form in self.forms(callable, args) {
            let mut given = Given {
                receiver,
                args,
                form,
                lazy: callable.binding == Binding::Constructor,
                results: Vec::new(),
            };
            self.library_effects(&mut given);
            let set = self.type_set(&form.result, &given);
            result = self.union(result, set);
        }
        if callable.binding == Binding::Constructor && result == EMPTY {
            // Nothing is said but that it makes an instance of itself.
            let class = library::class(path)?.path;
            let name = self.program.names.sym(class);
            return Some(if class.contains('.') {
                self.single(Val::ExternalResult(name))
            } else {
                self.builtin_instance(name)
            });
        }
        Some(result)
    }

    fn forms(&self, callable: &'static Callable, args: &Arguments) -> Vec<&'static Form> {
        let count = args.starred.is_none().then_some(args.positional.len());
        callable.forms_for(count, |form, parameter, index| {
            match self.argument_of(args, form, index, parameter) {
                None if args.starred.is_some() || args.double_starred.is_some() => Literal::Unknown,
                None => Literal::Missing,
                Some(set) => match *self.values.set(set) {
                    [one] => match self.values.get(one) {
                        Val::Str(text) => Literal::Known(self.program.names.text(text)),
                        _ => Literal::Unknown,
                    },
                    _ => Literal::Unknown,
                },
            }
        })
    }

    /// What is given for a parameter of one name and place.
    fn argument_of(&self, args: &Arguments, form: &Form, index: usize, parameter: &Parameter) -> Option<SetId> {
        let by_place = matches!(parameter.kind, Kind::Positional | Kind::PositionalOrKeyword)
            .then(|| args.positional.get(index).copied())
            .flatten();
        by_place.or_else(|| {
            args.keywords
                .iter()
                .find_map(|&(name, set)| (form.keyword(self.program.names.text(name)) == Some(index)).then_some(set))
        })
    }

    /// Everything that is given for a parameter.
    fn argument_set(&mut self, given: &Given<'_>, index: u8) -> SetId {
        let index = usize::from(index);
        let Some(parameter) = given.form.parameters.as_ref().and_then(|p| p.get(index)) else {
            return EMPTY;
        };
        let args = given.args;
        match parameter.kind {
            Kind::Rest => {
                let rest = args.positional.get(index..).unwrap_or_default().to_vec();
                self.join_all(rest.into_iter().chain(args.starred))
            }
            Kind::KeywordRest => {
                let named: Vec<SetId> = args.keywords.iter().map(|(_, s)| *s).collect();
                self.join_all(named.into_iter().chain(args.double_starred))
            }
            _ => {
                let found = self.argument_of(args, given.form, index, parameter);
                found.unwrap_or_else(|| {
                    let (starred, double) = (args.starred.unwrap_or(EMPTY), args.double_starred.unwrap_or(EMPTY));
                    self.union(starred, double)
                })
            }
        }
    }

    fn subject(&mut self, given: &Given<'_>, subject: Subject, depth: Depth) -> SetId {
        let set = match subject {
            Subject::Receiver => given.receiver,
            Subject::Argument(index) => self.argument_set(given, index),
        };
        match depth {
            Depth::Itself => set,
            Depth::Elements => self.elements(set),
            Depth::All => {
                let mut all = set;
                let mut level = set;
                // Containers nest only so deep in what is known of them.
                for _ in 0..3 {
                    level = self.held_by(level);
                    all = self.union(all, level);
                }
                all
            }
        }
    }

    /// What the containers of a set hold: elements, keys and values.
    fn held_by(&mut self, set: SetId) -> SetId {
        let mut result = EMPTY;
        for value in self.values.list(set) {
            if let Val::Container(alloc) = value {
                let keys = self.read(Cell::Keys(alloc));
                let values = self.container_values(alloc);
                result = self.join_all([result, keys, values]);
            }
        }
        result
    }

    fn library_effects(&mut self, given: &mut Given<'_>) {
        let form = given.form;
        for implied in &form.implies {
            let set = self.subject(given, implied.subject, implied.depth);
            for method in &implied.methods {
                match *method {
                    "__str__" => self.convert_to_text(set),
                    "__format__" => {
                        self.format(&[set]);
                    }
                    _ => {
                        self.special(set, method, &[EMPTY], EdgeKind::Implicit);
                    }
                }
            }
        }
        for used in &form.uses {
            let set = self.subject(given, used.subject, used.depth);
            for method in &used.methods {
                if method.contains('*') {
                    self.hand_out_set(set);
                } else {
                    let name = self.program.names.sym(method);
                    let found = self.attribute(set, name);
                    self.call(found, &Arguments::default(), EdgeKind::Call);
                }
            }
        }
        for callback in &form.calls {
            let function = self.subject(given, callback.subject, callback.depth);
            let arguments: Vec<SetId> = match &callback.arguments {
                Some(types) => types.iter().map(|t| self.type_set(t, given)).collect(),
                None => Vec::new(),
            };
            let mut args = Arguments::positional(&arguments);
            if callback.arguments.is_none() {
                args.starred = Some(self.unknown(OpenReason::ExternalValue));
            }
            if given.lazy {
                self.call_lazily(function);
            }
            let result = self.call(function, &args, EdgeKind::Call);
            given.results.push((callback.subject, result));
        }
        if form.opaque || form.runs_kept {
            self.record_open(EdgeKind::Implicit, OpenReason::ExternalValue, |_| Reach::Callback);
        }
    }

    fn hand_out_set(&mut self, set: SetId) {
        self.hand_out(&Arguments::positional(&[set]));
    }

    /// The values that a type of the data stands for in a call.
    fn type_set(&mut self, kind: &Type, given: &Given<'_>) -> SetId {
        match kind {
            Type::Any => self.unknown(OpenReason::ExternalValue),
            Type::None => self.builtin_instance(self.known.none),
            Type::Never => EMPTY,
            Type::Instance(path, arguments) => self.library_instance(path, arguments, given),
            Type::Tuple(parts) => {
                let parts: Vec<SetId> = parts.iter().map(|p| self.type_set(p, given)).collect();
                let part = self.next_part();
                self.tuple_of(part, &parts)
            }
            Type::Class(inner) => self.class_object(inner, given),
            Type::SelfType | Type::Receiver => given.receiver,
            Type::Parameter(index) => self.type_parameter(given.receiver, *index),
            Type::Argument(index) => self.argument_set(given, *index),
            Type::Element(inner) | Type::Each(inner) => {
                let set = self.type_set(inner, given);
                if matches!(kind, Type::Each(_)) {
                    set
                } else {
                    self.elements(set)
                }
            }
            Type::Result(inner) => {
                if let Type::Argument(index) = **inner
                    && let Some(&(_, set)) = given.results.iter().find(|(s, _)| *s == Subject::Argument(index))
                {
                    return set;
                }
                let functions = self.type_set(inner, given);
                self.call_quietly(functions)
            }
            Type::Awaited(inner) => {
                let set = self.type_set(inner, given);
                self.awaited(set)
            }
            Type::New(inner) => {
                let classes = self.type_set(inner, given);
                self.instances_of(classes)
            }
            Type::Method(inner, name) => {
                let set = self.type_set(inner, given);
                self.special(set, name, &[EMPTY], EdgeKind::Implicit)
            }
            Type::Text(_) => self.builtin_instance(self.known.str),
            Type::Function(_) | Type::Identity => self.unknown(OpenReason::ExternalValue),
            Type::Union(parts) => {
                let sets: Vec<SetId> = parts.iter().map(|p| self.type_set(p, given)).collect();
                self.join_all(sets)
            }
        }
    }

    fn next_part(&mut self) -> u32 {
        self.part += 1;
        self.part
    }

    /// What functions give when the library calls them later.
    fn call_quietly(&mut self, functions: SetId) -> SetId {
        let mut result = EMPTY;
        for value in self.values.list(functions) {
            let set = match value {
                Val::Function(scope) | Val::Bound(scope, _) => self.read(Cell::Return(scope)),
                Val::Class(class) => self.single(Val::Instance(class)),
                Val::ClassOrSub(class) => self.single(Val::InstanceOrSub(class)),
                Val::BuiltinObject(name) => {
                    let text = self.name_of(name);
                    match &*text {
                        "list" | "set" | "dict" | "deque" => {
                            let part = self.next_part();
                            let alloc = self.alloc(part, name);
                            self.single(Val::Container(alloc))
                        }
                        _ => self.builtin_instance(name),
                    }
                }
                Val::Builtin(name) if name == self.known.none => EMPTY,
                _ => self.unknown(OpenReason::ExternalValue),
            };
            result = self.union(result, set);
        }
        result
    }

    fn class_object(&mut self, inner: &Type, given: &Given<'_>) -> SetId {
        match inner {
            Type::Instance(path, _) => {
                let name = self.program.names.sym(path);
                if path.contains('.') {
                    self.single(Val::External(name))
                } else {
                    self.single(Val::BuiltinObject(name))
                }
            }
            Type::Any => self.unknown(OpenReason::ExternalValue),
            inner => {
                let objects = self.type_set(inner, given);
                self.type_of(objects)
            }
        }
    }

    /// What a type parameter of a receiver's class stands for.
    fn type_parameter(&mut self, receiver: SetId, index: u8) -> SetId {
        let mut result = EMPTY;
        for value in self.values.list(receiver) {
            let set = match value {
                Val::Container(alloc) if self.is_dict(alloc) && index == 0 => self.read(Cell::Keys(alloc)),
                Val::Container(alloc) => self.container_values(alloc),
                Val::Generator(scope) => self.read(Cell::Yield(scope)),
                _ => self.unknown(OpenReason::ContainerElement),
            };
            result = self.union(result, set);
        }
        result
    }

    fn library_instance(&mut self, path: &'static str, arguments: &[Type], given: &Given<'_>) -> SetId {
        let name = self.program.names.sym(path);
        match container_kind(path) {
            Some((kind, mapping)) if !arguments.is_empty() => {
                let sets: Vec<SetId> = arguments.iter().map(|a| self.type_set(a, given)).collect();
                let kind = self.program.names.sym(kind);
                let part = self.next_part();
                let alloc = self.alloc(part, kind);
                match (mapping, sets.as_slice()) {
                    (true, [keys, values, ..]) => {
                        self.write(Cell::Keys(alloc), *keys);
                        self.write(Cell::Element(alloc), *values);
                        if path == "collections.defaultdict" && given.lazy {
                            let factories = self.argument_set(given, 0);
                            self.write(Cell::Factory(alloc), factories);
                            self.makes_missing.insert(alloc);
                        }
                    }
                    // A counter counts its keys.
                    (true, [keys]) => {
                        let int = self.builtin_instance(self.known.int);
                        self.write(Cell::Keys(alloc), *keys);
                        self.write(Cell::Element(alloc), int);
                    }
                    _ => {
                        let joined = self.join_all(sets);
                        self.write(Cell::Element(alloc), joined);
                    }
                }
                self.single(Val::Container(alloc))
            }
            _ if path.contains('.') => self.single(Val::ExternalResult(name)),
            _ => self.builtin_instance(name),
        }
    }

    /// What an attribute of something of the library is, where that is known.
    pub(super) fn library_attribute(&mut self, path: &str, receiver: Val) -> Option<SetId> {
        let kind = library::attribute(path)?;
        let receiver = self.single(receiver);
        self.part = FIRST_PART;
        let given = Given {
            receiver,
            args: &Arguments::default(),
            form: library::callable("id")?.forms.first()?,
            lazy: false,
            results: Vec::new(),
        };
        let set = self.type_set(kind, &given);
        // Programs put objects of their own in place of the library's.
        let posing = self.single(Val::Posing);
        Some(self.union(set, posing))
    }

    /// The keys under which a container's elements are compared: looking one up hashes and compares it.
    pub(super) fn look_up_key(&mut self, key: SetId) {
        let plain = self.values.set(key).iter().all(|&v| {
            matches!(
                self.values.get(v),
                Val::Str(_) | Val::Int(_) | Val::Prefix(_) | Val::Builtin(_) | Val::Function(_) | Val::Class(_)
            )
        });
        if !plain {
            self.special(key, "__hash__", &[], EdgeKind::Implicit);
            self.special(key, "__eq__", &[EMPTY], EdgeKind::Implicit);
        }
    }

    /// The literal that a method of strings gives for one that begins so.
    pub(super) fn changed_text(&mut self, receiver: Val, method: &str) -> Option<SetId> {
        let (text, whole) = match receiver {
            Val::Str(text) => (text, true),
            Val::Prefix(text) => (text, false),
            _ => return None,
        };
        let old = self.name_of(text);
        let new = match method {
            "lower" | "casefold" => old.to_lowercase(),
            "upper" => old.to_uppercase(),
            "strip" | "rstrip" => old.trim_end().to_owned(),
            _ => return None,
        };
        let new: Sym = self.program.names.sym(&new);
        Some(self.single(if whole { Val::Str(new) } else { Val::Prefix(new) }))
    }
}

/// What a path names that can be called: a function, a class, a method, or a method of an object that a module has.
fn callable_at(path: &str) -> Option<&'static Callable> {
    library::callable(path).or_else(|| {
        let (object, method) = path.rsplit_once('.')?;
        match library::attribute(object)? {
            Type::Instance(class, _) => library::callable(&format!("{class}.{method}")),
            _ => None,
        }
    })
}

/// The kind of container that the engine keeps for a class of the library, and whether it has keys and values.
fn container_kind(path: &str) -> Option<(&str, bool)> {
    let last = path.rsplit('.').next().unwrap_or(path);
    Some(match last {
        "list" => ("list", false),
        "set" | "frozenset" => ("set", false),
        "tuple" => ("tuple", false),
        "deque" => ("deque", false),
        "closing" | "aclosing" | "nullcontext" => (last, false),
        "dict" | "defaultdict" | "OrderedDict" | "Counter" | "ChainMap" | "Mapping" | "MutableMapping" => {
            ("dict", true)
        }
        "Iterator" | "Iterable" | "Generator" | "Collection" | "Sequence" | "map" | "filter" | "enumerate" | "zip"
        | "reversed" | "chain" | "islice" | "accumulate" | "takewhile" | "dropwhile" | "filterfalse" | "starmap"
        | "cycle" | "repeat" | "product" | "permutations" | "combinations" | "zip_longest" | "pairwise"
        | "compress" | "callable_iterator" | "KeysView" | "ValuesView" | "ItemsView" | "dict_keys" | "dict_values"
        | "dict_items" => ("generator", false),
        _ => return None,
    })
}
