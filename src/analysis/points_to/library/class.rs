//! Classes of the library: where they stand, what they have, and what they inherit in their own terms.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::form::{Callable, Form};
use super::names::Entry;
use super::parse::{self, Scope};
use super::{LIBRARY, Library, Type};

/// Bases that are followed from one class at most.
const MOST_BASES: usize = 200;

/// What a class or module has under a name.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    Callable(Callable),
    Attribute(Type),
}

/// A class of the library.
pub(crate) struct Class {
    /// Its canonical path.
    pub(crate) path: &'static str,
    /// Its type parameters, by name.
    pub(crate) parameters: Box<[&'static str]>,
    names: Entry,
    /// Bases as introspection names them.
    listed_bases: Vec<&'static str>,
    is_listed: bool,
    /// The header written by hand: module, bases with type arguments, classes it is registered with.
    declared: Option<(&'static str, &'static str, &'static str)>,
    bases: OnceLock<Bases>,
    order: OnceLock<Vec<(&'static str, Vec<Type>)>>,
    members: OnceLock<FxHashMap<&'static str, Member>>,
    constructor: OnceLock<Callable>,
}

#[derive(Default)]
struct Bases {
    /// Real bases, then registered ones.
    all: Vec<Type>,
    real: usize,
}

/// The parts of a class header: type parameters, bases, registered bases.
pub(super) struct Declared {
    parameters: Box<[&'static str]>,
    bases: &'static str,
    like: &'static str,
}

impl Class {
    /// A class that introspection lists; `entry` is `BASES): NAMES`.
    pub(super) fn listed(path: &'static str, entry: &'static str) -> Self {
        let (bases, names) = entry.split_once("):").unwrap_or(("", ""));
        Self {
            names: Entry::new(names),
            listed_bases: bases.split(", ").filter(|b| !b.is_empty()).collect(),
            is_listed: true,
            ..Self::unlisted(path)
        }
    }

    /// A class that only the hand-written data has.
    pub(super) fn unlisted(path: &'static str) -> Self {
        Self {
            path,
            parameters: Box::default(),
            names: Entry::default(),
            listed_bases: Vec::new(),
            is_listed: false,
            declared: None,
            bases: OnceLock::new(),
            order: OnceLock::new(),
            members: OnceLock::new(),
            constructor: OnceLock::new(),
        }
    }

    /// Path and parts of `Name[T](Bases) like Bases`.
    pub(super) fn header(module: &str, header: &'static str) -> Option<(&'static str, Declared)> {
        let (header, like) = header.split_once(" like ").unwrap_or((header, ""));
        let (header, bases) = match header.split_once('(') {
            Some((head, bases)) => (head, bases.strip_suffix(')')?),
            None => (header, ""),
        };
        let (name, parameters) = match header.split_once('[') {
            Some((name, parameters)) => (name, parameters.strip_suffix(']')?),
            None => (header, ""),
        };
        let path = match module {
            "builtins" => name,
            _ => Box::leak(format!("{module}.{name}").into_boxed_str()),
        };
        let parameters = parameters.split(", ").filter(|p| !p.is_empty()).collect();
        (!name.is_empty() && !name.contains(' ')).then_some((
            path,
            Declared {
                parameters,
                bases,
                like,
            },
        ))
    }

    pub(super) fn declare(&mut self, module: &'static str, declared: Declared) {
        self.parameters = declared.parameters;
        self.declared = Some((module, declared.bases, declared.like));
    }

    /// The names that it defines itself.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.all()
    }

    /// What introspection says of a name that the class itself defines.
    pub(super) fn said(&self, name: &str) -> Option<&'static str> {
        self.names.said(name)
    }

    /// The module that the header stands in.
    pub(super) fn module(&self) -> &'static str {
        self.declared.map_or("builtins", |(module, _, _)| module)
    }

    fn all_bases(&'static self) -> &'static Bases {
        self.bases.get_or_init(|| {
            let mut bases = Bases::default();
            let (module, written, like) = self.declared.unwrap_or_default();
            let scope = Scope::of_class(&LIBRARY, module, self);
            let written = parse::types(&scope, written);
            for path in &self.listed_bases {
                let stated = written.iter().find(|t| matches!(t, Type::Instance(p, _) if p == path));
                bases
                    .all
                    .push(stated.cloned().unwrap_or_else(|| Type::Instance(path, Box::default())));
            }
            if !self.is_listed {
                bases.all.extend(written);
            }
            bases.real = bases.all.len();
            bases.all.extend(parse::types(&scope, like));
            bases
        })
    }

    /// The class, its bases in the order of resolution, then classes it is only registered with; each with its type
    /// arguments in the terms of this class.
    fn order(&'static self) -> &'static [(&'static str, Vec<Type>)] {
        self.order.get_or_init(|| {
            let own = (0..self.parameters.len()).filter_map(|i| u8::try_from(i).ok());
            let own: Vec<Type> = own.map(Type::Parameter).collect();
            let mut found: Vec<(&'static str, Vec<Type>)> = Vec::new();
            let mut later = Vec::new();
            let mut open = vec![(self, own)];
            while let Some((class, arguments)) = open.pop() {
                // A base that several share comes after all of them.
                if let Some(at) = found.iter().position(|(path, _)| *path == class.path) {
                    let (_, known) = found.remove(at);
                    found.push((class.path, if known.is_empty() { arguments } else { known }));
                    continue;
                }
                if found.len() > MOST_BASES {
                    break;
                }
                let bases = class.all_bases();
                for (i, base) in bases.all.iter().enumerate().rev() {
                    let Type::Instance(path, given) = base else { continue };
                    let Some(base) = LIBRARY.class(path) else { continue };
                    let given = given.iter().map(|t| t.substituted(&arguments)).collect();
                    if i < bases.real {
                        open.push((base, given));
                    } else {
                        later.push((base, given));
                    }
                }
                found.push((class.path, arguments));
            }
            let object = found.iter().position(|(path, _)| *path == "object");
            let object = object.map(|at| found.remove(at));
            while let Some((class, arguments)) = later.pop() {
                if found.len() > MOST_BASES || found.iter().any(|(path, _)| *path == class.path) {
                    continue;
                }
                for base in class.all_bases().all.iter().rev() {
                    let Type::Instance(path, given) = base else { continue };
                    let Some(base) = LIBRARY.class(path) else { continue };
                    later.push((base, given.iter().map(|t| t.substituted(&arguments)).collect()));
                }
                if class.path != "object" {
                    found.push((class.path, arguments));
                }
            }
            found.extend(object);
            found
        })
    }

    /// The class, everything it inherits from and everything it is registered with, nearest first.
    pub(crate) fn ancestors(&'static self) -> impl Iterator<Item = &'static str> {
        self.order().iter().map(|(path, _)| *path)
    }

    /// Whether instances may have an attribute of this name: it is defined or inherited, set by the class's own code,
    /// or any may be set. Where this is false there is none, in any of the versions that were asked.
    pub(crate) fn has(&'static self, name: &str) -> bool {
        let mut open = vec![self];
        let mut seen: Vec<&'static str> = Vec::new();
        while let Some(class) = open.pop() {
            if !class.is_listed || class.names.class_has(name) {
                return true;
            }
            seen.push(class.path);
            for base in &class.listed_bases {
                match LIBRARY.class(base) {
                    Some(base) if !seen.contains(&base.path) => open.push(base),
                    Some(_) => {}
                    None => return true,
                }
            }
        }
        false
    }

    /// What is stated of an attribute, its own or inherited, in the terms of this class.
    pub(crate) fn member(&'static self, name: &str) -> Option<&'static Member> {
        self.members.get_or_init(|| self.all_members(&LIBRARY)).get(name)
    }

    /// Whether introspection knows what its own constructor takes; `*args` alone says nothing.
    fn is_made_its_own_way(&self) -> bool {
        self.said("").is_some_and(|said| !said.starts_with("(*args,**"))
    }

    fn all_members(&'static self, library: &'static Library) -> FxHashMap<&'static str, Member> {
        let mut members: FxHashMap<&'static str, Member> = FxHashMap::default();
        for (path, arguments) in self.order() {
            if let Some((own_path, owner)) = library.owners.get_key_value(path) {
                #[expect(
                    clippy::iter_over_hash_type,
                    reason = "they go into another table, each under its own name"
                )]
                for (name, member) in owner.members(library, own_path) {
                    members.entry(name).or_insert_with(|| member.substituted(arguments));
                }
            }
        }
        for (path, _) in self.order() {
            let constants = LIBRARY.classes.get(path).map(|c| c.names.constants());
            for (name, member) in constants.into_iter().flatten() {
                members.entry(name).or_insert_with(|| member.clone());
            }
        }
        members
    }

    /// What making an instance is: as stated, or an instance of the class.
    pub(crate) fn constructor(&'static self) -> &'static Callable {
        self.constructor.get_or_init(|| {
            for (path, arguments) in self.order() {
                let Some(Member::Callable(made)) = LIBRARY.own(path, "new") else {
                    // One that is made in a way of its own, of which nothing is written.
                    match LIBRARY.classes.get(path).filter(|c| c.is_made_its_own_way()) {
                        Some(own) => return parse::plain_constructor(self, own),
                        None => continue,
                    }
                };
                let mut made = made.clone();
                for form in &mut made.forms {
                    form.substitute(arguments);
                    // What a base makes is a base; its subclass is made the same way.
                    if *path != self.path {
                        form.result = Type::SelfType;
                    }
                }
                return made;
            }
            parse::plain_constructor(self, self)
        })
    }
}

impl Member {
    fn substituted(&self, arguments: &[Type]) -> Self {
        match self {
            Self::Attribute(kind) => Self::Attribute(kind.substituted(arguments)),
            Self::Callable(callable) => {
                let mut callable = callable.clone();
                for form in &mut callable.forms {
                    form.substitute(arguments);
                }
                Self::Callable(callable)
            }
        }
    }
}

impl Form {
    /// Replaces type parameters of a base by what they are in a class.
    fn substitute(&mut self, arguments: &[Type]) {
        self.result = self.result.substituted(arguments);
        for callback in self.calls.iter_mut().chain(&mut self.keeps) {
            for argument in callback.arguments.iter_mut().flatten() {
                *argument = argument.substituted(arguments);
            }
        }
    }
}

impl Type {
    /// The type with type parameters replaced; one that nothing is given for is not known.
    pub(crate) fn substituted(&self, arguments: &[Type]) -> Self {
        let inner = |kind: &Self| Box::new(kind.substituted(arguments));
        let each = |list: &[Self]| list.iter().map(|t| t.substituted(arguments)).collect();
        match self {
            Self::Parameter(i) => arguments.get(usize::from(*i)).cloned().unwrap_or(Self::Any),
            Self::Instance(path, given) => Self::Instance(path, each(given)),
            Self::Tuple(list) => Self::Tuple(each(list)),
            Self::Union(list) => Self::Union(each(list)),
            Self::Class(kind) => Self::Class(inner(kind)),
            Self::Element(kind) => Self::Element(inner(kind)),
            Self::Result(kind) => Self::Result(inner(kind)),
            Self::Awaited(kind) => Self::Awaited(inner(kind)),
            Self::Method(kind, name) => Self::Method(inner(kind), name),
            Self::New(kind) => Self::New(inner(kind)),
            Self::Text(kind) => Self::Text(inner(kind)),
            Self::Each(kind) => Self::Each(inner(kind)),
            Self::Function(kind) => Self::Function(inner(kind)),
            Self::Any
            | Self::None
            | Self::Never
            | Self::SelfType
            | Self::Receiver
            | Self::Argument(_)
            | Self::Identity => self.clone(),
        }
    }
}
