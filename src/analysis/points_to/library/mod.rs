//! What is known of the language's built-ins and of the standard library: types of results and attributes, and what a
//! callable does with what it is given.
//!
//! Everything is data: `grammars/python/library/*.txt` is written by hand (the format is in `python.txt` there),
//! `names.txt` is introspected. [`LIBRARY`] indexes the lines once; what an owner (a module or a class) has is parsed
//! when it is first asked for. Nothing here knows of the engine's values: the engine turns a [`Type`] into them.

mod class;
mod form;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

use rustc_hash::FxHashMap;

pub(crate) use class::{Class, Member};
pub(crate) use form::{Binding, Callable, Depth, Form, Kind, Literal, Parameter, Subject};
use names::Names;

/// A type as the data states it. Paths are canonical: built-ins without a prefix (`str`), else the import path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Not known.
    Any,
    None,
    /// The call does not return.
    Never,
    /// An instance of a class or of a subclass of it, with type arguments as far as they are known.
    Instance(&'static str, Box<[Type]>),
    /// A tuple of these, in this order.
    Tuple(Box<[Type]>),
    /// The class itself of what the inner type is an instance of.
    Class(Box<Type>),
    #[expect(clippy::enum_variant_names, reason = "`Self` alone is a word of the language")]
    /// Another object of the receiver's own class; in a class method, an instance of the class.
    SelfType,
    /// The receiver itself.
    Receiver,
    /// A type parameter of the class that was asked.
    Parameter(u8),
    /// What was given for the parameter of this position in the form.
    Argument(u8),
    /// What iterating over it gives.
    Element(Box<Type>),
    /// What calling it gives.
    Result(Box<Type>),
    /// What awaiting it gives.
    Awaited(Box<Type>),
    /// An instance of the class that it is.
    New(Box<Type>),
    /// What calling its method of this name gives.
    Method(Box<Type>, &'static str),
    /// `bytes` where it is `bytes` or alike, else `str`.
    Text(Box<Type>),
    /// Inside [`Type::Tuple`]: one for each argument of a `*` parameter.
    Each(Box<Type>),
    /// Something that gives this when it is called.
    Function(Box<Type>),
    /// Something that gives back the one argument it is called with.
    Identity,
    Union(Box<[Type]>),
}

/// What belongs to a module, or to a class itself: raw lines, and what they say once someone asks.
#[derive(Default)]
struct Owner {
    lines: Vec<&'static str>,
    members: OnceLock<FxHashMap<&'static str, Member>>,
}

/// All data, indexed by owner.
pub(crate) struct Library {
    names: Names,
    owners: FxHashMap<&'static str, Owner>,
    classes: FxHashMap<&'static str, Class>,
    aliases: FxHashMap<&'static str, &'static str>,
    /// Lines that could not be placed; empty, as a test shows.
    problems: Vec<String>,
}

/// The data of the folder, in the order of its reading.
const FILES: &[&str] = &[
    include_str!("../../../../grammars/python/library/python.txt"),
    include_str!("../../../../grammars/python/library/text.txt"),
    include_str!("../../../../grammars/python/library/collections.txt"),
    include_str!("../../../../grammars/python/library/system.txt"),
    include_str!("../../../../grammars/python/library/programs.txt"),
    include_str!("../../../../grammars/python/library/formats.txt"),
    include_str!("../../../../grammars/python/library/network.txt"),
    include_str!("../../../../grammars/python/library/concurrency.txt"),
];

pub(crate) static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| Library::read(include_str!("../../../../grammars/python/library/names.txt"), FILES));

/// The one path of what may be named by several: `typing.List` is `list`, `posixpath.join` is `os.path.join`,
/// `builtins.str` is `str`. A path that is not known is its own.
pub(crate) fn canonical(path: &str) -> Cow<'_, str> {
    LIBRARY.canonical(path)
}

/// A function, a class (its constructor) or a method, inherited ones too; none where nothing is stated of it.
pub(crate) fn callable(path: &str) -> Option<&'static Callable> {
    LIBRARY.callable(path)
}

/// The type of an attribute of a class or of an object of a module.
pub(crate) fn attribute(path: &str) -> Option<&'static Type> {
    LIBRARY.attribute(path)
}

/// A class by any of its paths.
pub(crate) fn class(path: &str) -> Option<&'static Class> {
    LIBRARY.class(path)
}

/// Whether a name is a built-in function, type or constant.
pub(crate) fn is_builtin(name: &str) -> bool {
    LIBRARY.names.module("builtins").is_some_and(|m| m.said(name).is_some())
}

/// Whether a name is a built-in type.
pub(crate) fn is_builtin_type(name: &str) -> bool {
    !name.contains('.') && class(name).is_some()
}

/// A built-in type, what it derives from and what it is registered with; empty for what is no built-in type.
pub(crate) fn lineage(name: &str) -> Vec<&'static str> {
    if name.contains('.') {
        return Vec::new();
    }
    class(name).map_or(Vec::new(), |class| class.ancestors().collect())
}

/// Every attribute that some built-in type defines.
pub(crate) fn attributes_of_builtins() -> impl Iterator<Item = &'static str> {
    let builtin = LIBRARY.classes.values().filter(|c| !c.path.contains('.'));
    builtin.flat_map(Class::names)
}

impl Library {
    /// Indexes the data: `names` is introspected, `files` are written by hand.
    fn read(names: &'static str, files: &[&'static str]) -> Self {
        let mut library = Self {
            names: Names::read(names),
            owners: FxHashMap::default(),
            classes: FxHashMap::default(),
            aliases: FxHashMap::default(),
            problems: Vec::new(),
        };
        for &(path, entry) in &library.names.classes {
            library.classes.insert(path, Class::listed(path, entry));
        }
        for text in files {
            library.index(text);
        }
        library
    }

    fn index(&mut self, text: &'static str) {
        let (mut module, mut owner) = ("", "");
        for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(path) = line.strip_prefix("module ") {
                module = path;
                owner = path;
                self.owners.entry(path).or_default();
            } else if let Some(alias) = line.strip_prefix("alias ") {
                match alias.split_once(" = ") {
                    Some((from, to)) => {
                        self.aliases.insert(from, to);
                    }
                    None => self.problems.push(format!("no alias: {line}")),
                }
            } else if let Some(header) = line.strip_prefix("class ") {
                match Class::header(module, header) {
                    Some((path, declared)) => {
                        owner = path;
                        let class = self.classes.entry(path).or_insert_with(|| Class::unlisted(path));
                        class.declare(module, declared);
                        self.owners.entry(path).or_default();
                    }
                    None => self.problems.push(format!("no class: {line}")),
                }
            } else {
                let entry = line.strip_prefix("  ").unwrap_or(line);
                let place = if entry.len() < line.len() { owner } else { module };
                match self.owners.get_mut(place) {
                    Some(place) => place.lines.push(entry),
                    None => self.problems.push(format!("no owner: {line}")),
                }
            }
        }
    }

    fn canonical<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let mut path = Cow::Borrowed(path.strip_prefix("builtins.").unwrap_or(path));
        // An alias may lead to another; a handful of steps is the longest chain there is.
        for _ in 0..4 {
            match self.step(&path) {
                Some(next) => path = Cow::Owned(next),
                None => break,
            }
        }
        path
    }

    /// One replacement of the longest known beginning of a path.
    fn step(&self, path: &str) -> Option<String> {
        let mut end = path.len();
        loop {
            let head = &path[..end];
            let target = self.aliases.get(head).copied().or_else(|| {
                let (module, name) = head.rsplit_once('.')?;
                self.names.module(module)?.alias(name)
            });
            if let Some(target) = target.filter(|t| *t != head) {
                return Some(format!("{target}{}", &path[end..]));
            }
            end = path[..end].rfind('.')?;
        }
    }

    fn class(&'static self, path: &str) -> Option<&'static Class> {
        self.classes
            .get(path)
            .or_else(|| self.classes.get(&*self.canonical(path)))
    }

    /// What a module, or a class itself, has an entry for.
    fn own(&'static self, owner: &str, name: &str) -> Option<&'static Member> {
        self.owners.get(owner)?.members(self, owner).get(name)
    }

    fn member(&'static self, path: &str) -> Option<&'static Member> {
        let path = self.canonical(path);
        let (owner, name) = path.rsplit_once('.').unwrap_or(("builtins", &path));
        match self.classes.get(owner) {
            Some(class) => class.member(name),
            None => self
                .own(owner, name)
                .or_else(|| self.names.module(owner)?.constant(name)),
        }
    }

    fn callable(&'static self, path: &str) -> Option<&'static Callable> {
        // `sys.flags` is an object, and its class goes by the same path: what the module has comes first.
        match self.member(path) {
            Some(Member::Callable(callable)) => Some(callable),
            Some(Member::Attribute(_)) => None,
            None => Some(self.class(path)?.constructor()),
        }
    }

    fn attribute(&'static self, path: &str) -> Option<&'static Type> {
        match self.member(path)? {
            Member::Attribute(kind) => Some(kind),
            Member::Callable(_) => None,
        }
    }
}

impl Owner {
    fn members(&'static self, library: &'static Library, path: &str) -> &'static FxHashMap<&'static str, Member> {
        self.members.get_or_init(|| {
            let path = library.owners.get_key_value(path).map_or("", |(path, _)| *path);
            parse::members(library, path, &self.lines).0
        })
    }
}
