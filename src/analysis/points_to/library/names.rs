//! The introspected list of what modules and classes have (`names.txt`).
//!
//! Lines are kept as they are and split when their owner is first asked about.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Member, Type};

/// Names that every class has, or that instances have whatever their class defines.
const EVERY_CLASS: &[&str] = &[
    "__abstractmethods__",
    "__annotations__",
    "__bases__",
    "__dict__",
    "__doc__",
    "__match_args__",
    "__module__",
    "__mro__",
    "__name__",
    "__orig_bases__",
    "__parameters__",
    "__qualname__",
    "__slots__",
    "__subclasses__",
    "__type_params__",
    "__weakref__",
    "mro",
];

/// The list, by path.
pub(super) struct Names {
    modules: FxHashMap<&'static str, Entry>,
    /// `BASES): NAMES` of each class, in the order of the file.
    pub(super) classes: Vec<(&'static str, &'static str)>,
}

/// The names of one owner.
#[derive(Default)]
pub(super) struct Entry {
    raw: &'static str,
    split: OnceLock<Split>,
}

#[derive(Default)]
struct Split {
    /// What is said after each name.
    said: FxHashMap<&'static str, &'static str>,
    constants: FxHashMap<&'static str, Member>,
}

impl Names {
    pub(super) fn read(text: &'static str) -> Self {
        let mut names = Self {
            modules: FxHashMap::default(),
            classes: Vec::new(),
        };
        for line in text.lines() {
            if let Some((path, raw)) = line.strip_prefix("module ").and_then(|l| l.split_once(':')) {
                names.modules.insert(path, Entry::new(raw));
            } else if let Some((path, rest)) = line.strip_prefix("class ").and_then(|l| l.split_once('(')) {
                names.classes.push((path, rest));
            }
        }
        names
    }

    pub(super) fn module(&self, path: &str) -> Option<&Entry> {
        self.modules.get(path)
    }
}

impl Entry {
    pub(super) fn new(raw: &'static str) -> Self {
        Self {
            raw,
            split: OnceLock::new(),
        }
    }

    fn split(&self) -> &Split {
        self.split.get_or_init(|| {
            let mut split = Split::default();
            for word in self.raw.split(' ').filter(|w| !w.is_empty()) {
                let end = word.find(['(', ':', '=', '%', '!']).unwrap_or(word.len());
                let (name, said) = word.split_at(end);
                split.said.insert(name, said);
                if let Some(kind) = said.strip_prefix(':').filter(|k| *k != "module") {
                    let kind = Type::Instance(kind, Box::default());
                    split.constants.insert(name, Member::Attribute(kind));
                }
            }
            split
        })
    }

    /// Whether a class itself defines a name, may be given any, or answers for names that it does not define.
    pub(super) fn class_has(&self, name: &str) -> bool {
        EVERY_CLASS.contains(&name) || [name, "*", "__getattr__"].iter().any(|n| self.said(n).is_some())
    }

    /// Every name.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static str> + use<> {
        let raw = self.raw;
        raw.split(' ')
            .map(|word| &word[..word.find(['(', ':', '=', '%', '!']).unwrap_or(word.len())])
            .filter(|name| !name.is_empty())
    }

    /// What follows a name.
    pub(super) fn said(&self, name: &str) -> Option<&'static str> {
        self.split().said.get(name).copied()
    }

    /// The path that a name is another name of.
    pub(super) fn alias(&self, name: &str) -> Option<&'static str> {
        self.said(name)?.strip_prefix('=')
    }

    /// The constants of simple types.
    pub(super) fn constants(&self) -> impl Iterator<Item = (&'static str, &Member)> {
        self.split().constants.iter().map(|(name, member)| (*name, member))
    }

    /// A constant of a simple type.
    pub(super) fn constant(&self, name: &str) -> Option<&Member> {
        self.split().constants.get(name)
    }
}
