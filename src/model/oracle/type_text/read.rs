//! Reads the text of a type, an annotation or an author's prose, into a union of members.
//!
//! Nesting is followed to a fixed depth, beyond which text stays text; what is not understood becomes
//! [`Atom::Opaque`].

use super::known;
use super::scan::{
    Qualifier, closing, generic, is_filler, is_number, is_remark, qualifier, quoted, split_commas, split_union,
    squeeze, without_markup,
};
use crate::model::component::{ComponentIndex, ComponentKind};
use crate::model::oracle::Oracle;
use crate::model::oracle::language::python::last_part;
use crate::model::oracle::names::Meaning;

/// Deeper than people nest types.
const MAX_DEPTH: u32 = 6;
/// Longer than any type that says something.
const MAX_LENGTH: usize = 1_000;

/// A union of types.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) members: Vec<Member>,
    /// The author calls it optional, which may mean `None` and may mean a default.
    pub(super) optional: bool,
}

/// One type of a union.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) atom: Atom,
    /// Type arguments; none where there are none or they are not understood.
    pub(super) arguments: Option<Vec<Shape>>,
}

/// What a type is, its arguments aside.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Atom {
    None,
    /// A class of the language or its library.
    Known(&'static str),
    /// A class of the repository (all definitions of its name).
    Class(Vec<ComponentIndex>),
    /// One value, with the class it is of.
    Literal(String, &'static str),
    /// Text that is not understood.
    Opaque(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Annotation,
    Prose,
}

/// Reads types, with or without a repository's names.
#[derive(Clone, Copy, Default)]
pub(super) struct Reader<'a> {
    pub(super) scope: Option<(&'a Oracle, ComponentIndex)>,
}

impl Reader<'_> {
    pub(super) fn annotation(&self, text: &str) -> Shape {
        self.shape(text, Style::Annotation, 0)
    }

    pub(super) fn prose(&self, text: &str) -> Shape {
        self.shape(&without_markup(text), Style::Prose, 0)
    }

    fn shape(&self, text: &str, style: Style, depth: u32) -> Shape {
        let mut shape = Shape::default();
        let text = text.trim();
        if depth > MAX_DEPTH || text.len() > MAX_LENGTH {
            shape.members.push(opaque(text));
            return shape;
        }
        let parts = split_union(text, style == Style::Prose);
        let alone = parts.len() == 1;
        for part in parts {
            let part = match (style, qualifier(part)) {
                (Style::Prose, Some(Qualifier::Optional(rest))) => {
                    shape.optional = true;
                    rest
                }
                (Style::Prose, Some(Qualifier::Other)) => continue,
                _ => part,
            };
            if !part.is_empty() {
                self.part(part, style, depth, alone, &mut shape);
            }
        }
        // A type checker takes an `int` where `float` is asked for.
        if shape.members.iter().any(|m| m.atom == Atom::Known("float")) {
            shape.members.retain(|m| m.atom != Atom::Known("int"));
        }
        shape
    }

    fn part(&self, part: &str, style: Style, depth: u32, alone: bool, shape: &mut Shape) {
        let bytes = part.as_bytes();
        let enclosed = |open: u8, close: u8| {
            bytes.first() == Some(&open) && closing(part) == Some(part.len() - 1) && bytes[part.len() - 1] == close
        };
        if let Some(inner) = quoted(part) {
            match (style, self.name(inner, Style::Annotation)) {
                (Style::Annotation, _) => {
                    let inner = self.shape(inner, style, depth + 1);
                    shape.members.extend(inner.members);
                }
                // An author may quote a class as annotations do.
                (Style::Prose, atom @ Atom::Class(_)) if alone => shape.members.push(member(atom)),
                (Style::Prose, _) => shape.members.push(literal(part)),
            }
        } else if enclosed(b'(', b')') {
            let inner = &part[1..part.len() - 1];
            let items = split_commas(inner);
            if items.len() == 1 {
                shape.members.extend(self.shape(inner, style, depth + 1).members);
            } else {
                shape.members.push(Member {
                    atom: Atom::Known("tuple"),
                    arguments: Some(self.all(&items, style, depth)),
                });
            }
        } else if style == Style::Prose && enclosed(b'{', b'}') {
            for item in split_commas(&part[1..part.len() - 1]) {
                let item = item.trim();
                if !item.is_empty() {
                    shape.members.push(self.choice(item));
                }
            }
        } else if let Some((head, inner)) = generic(part).filter(|(_, i)| !i.trim().is_empty()) {
            self.generic(head, inner, style, depth, shape);
        } else {
            shape.members.push(self.plain(part, style, depth, alone));
        }
    }

    fn all(&self, items: &[&str], style: Style, depth: u32) -> Vec<Shape> {
        items.iter().map(|item| self.shape(item, style, depth + 1)).collect()
    }

    /// One of the values in `{'a', 'b', None}`.
    fn choice(&self, item: &str) -> Member {
        if quoted(item).is_some() || is_number(item) {
            literal(item)
        } else {
            member(self.name(item, Style::Prose))
        }
    }

    fn generic(&self, head: &str, inner: &str, style: Style, depth: u32, shape: &mut Shape) {
        let items = split_commas(inner);
        match last_part(head) {
            "Optional" => {
                shape.members.extend(self.shape(inner, style, depth + 1).members);
                shape.members.push(member(Atom::None));
            }
            "Union" => {
                for item in items {
                    shape.members.extend(self.shape(item, style, depth + 1).members);
                }
            }
            "Annotated" | "Final" | "ClassVar" | "Required" | "NotRequired" | "ReadOnly" | "InitVar" => {
                let first = items.first().copied().unwrap_or_default();
                shape.members.extend(self.shape(first, style, depth + 1).members);
            }
            "Literal" => {
                for item in items {
                    shape.members.push(match item.trim() {
                        "None" => member(Atom::None),
                        item => literal(item),
                    });
                }
            }
            _ => {
                let atom = self.name(head, style);
                let understood =
                    !matches!(atom, Atom::Known("Callable" | "type")) && !items.iter().any(|i| i.trim() == "...");
                shape.members.push(Member {
                    atom: match atom {
                        Atom::Opaque(_) => Atom::Opaque(squeeze(&format!("{head}[{inner}]"))),
                        atom => atom,
                    },
                    arguments: understood.then(|| self.all(&items, style, depth)),
                });
            }
        }
    }

    /// A name, or words of prose around one.
    fn plain(&self, part: &str, style: Style, depth: u32, alone: bool) -> Member {
        if style == Style::Annotation {
            return member(self.name(part, style));
        }
        if is_number(part) {
            return literal(part);
        }
        let words: Vec<&str> = part.split_whitespace().skip_while(|w| is_filler(w)).collect();
        match words.as_slice() {
            [] => opaque(part),
            [word] => member(self.name(word, style)),
            ["instance" | "instances", "of", name] => member(self.name(name, style)),
            [name, "instance" | "instances"] => member(self.name(name, style)),
            [head, "of", ..] => {
                let atom = self.name(head, style);
                let of = part.split_once(" of ").map_or("", |(_, rest)| rest).trim();
                let container = matches!(atom, Atom::Known(n) if is_container(n));
                if !container {
                    return opaque(part);
                }
                Member {
                    arguments: if alone { self.of(&atom, of, depth) } else { None },
                    atom,
                }
            }
            [head, second, ..] if is_remark(second) || second.starts_with('(') => match self.name(head, style) {
                atom @ Atom::Known(_) => member(atom),
                _ => opaque(part),
            },
            _ => opaque(part),
        }
    }

    /// The arguments in `list of int` and `dict of str to int`.
    fn of(&self, head: &Atom, of: &str, depth: u32) -> Option<Vec<Shape>> {
        if of.starts_with("length") || of.starts_with("size") || of.starts_with("shape") {
            return None;
        }
        let is_mapping = matches!(head, Atom::Known("dict" | "Mapping" | "MutableMapping"));
        let items: Vec<&str> = match of.split_once(" to ") {
            Some((key, value)) if is_mapping => vec![key, value],
            // `tuple of int` says nothing of its length.
            _ if is_mapping || *head == Atom::Known("tuple") => return None,
            _ => vec![of],
        };
        Some(self.all(&items, Style::Prose, depth))
    }

    fn name(&self, name: &str, style: Style) -> Atom {
        let name = name.trim().trim_end_matches("()");
        if matches!(name, "None" | "NoneType") || style == Style::Prose && matches!(name, "none" | "null" | "NONE") {
            return Atom::None;
        }
        if style == Style::Prose && matches!(name, "True" | "False") {
            return Atom::Literal(name.to_owned(), "bool");
        }
        let is_name = name
            .split('.')
            .all(|s| !s.is_empty() && s.chars().all(|c| c.is_alphanumeric() || c == '_'));
        if !is_name {
            return Atom::Opaque(squeeze(name));
        }
        if let Some(atom) = self.repository_name(name) {
            return atom;
        }
        let known = match name.rsplit_once('.') {
            Some((module, last)) if known::is_module(module) => known::python(last),
            Some(_) => None,
            None => known::python(name),
        };
        let known = known.or_else(|| {
            (style == Style::Prose)
                .then(|| known::word(&name.to_ascii_lowercase()))
                .flatten()
        });
        known.map_or_else(|| Atom::Opaque(name.to_owned()), Atom::Known)
    }

    /// What the repository makes of a name; none where it leaves it to the language.
    fn repository_name(&self, name: &str) -> Option<Atom> {
        let (oracle, component) = self.scope?;
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        let mut scope = Some(component);
        while let Some(index) = scope {
            let in_module = oracle.component(index).kind == ComponentKind::Module;
            match oracle.step(index, first) {
                Meaning::Components(found) => {
                    let meaning = match rest {
                        None => Meaning::Components(found),
                        Some(_) => oracle.meaning_in(index, name),
                    };
                    match classes(oracle, meaning) {
                        Some(classes) => return Some(Atom::Class(classes)),
                        // A method called `list` does not make `list` less of a type.
                        None if in_module => return Some(Atom::Opaque(name.to_owned())),
                        None => {}
                    }
                }
                // A variable of the module: an alias, a type variable.
                Meaning::Thing if in_module && oracle.is_attribute(index, first) => {
                    return Some(Atom::Opaque(name.to_owned()));
                }
                _ => {}
            }
            scope = oracle.component(index).parent;
        }
        rest?;
        classes(oracle, oracle.meaning(name)).map(Atom::Class)
    }
}

fn classes(oracle: &Oracle, meaning: Meaning) -> Option<Vec<ComponentIndex>> {
    match meaning {
        Meaning::Components(found) if found.iter().all(|&c| oracle.component(c).kind == ComponentKind::Class) => {
            Some(found)
        }
        _ => None,
    }
}

fn member(atom: Atom) -> Member {
    Member { atom, arguments: None }
}

fn opaque(text: &str) -> Member {
    member(Atom::Opaque(squeeze(text)))
}

fn literal(text: &str) -> Member {
    let text = text.trim();
    let of = match text {
        "True" | "False" => "bool",
        _ if is_number(text) && text.contains(['.', 'e', 'E']) => "float",
        _ if is_number(text) => "int",
        _ if quoted(text).is_some() => "str",
        _ => return opaque(text),
    };
    let value = quoted(text).unwrap_or(text);
    member(Atom::Literal(value.to_owned(), of))
}

fn is_container(name: &str) -> bool {
    matches!(
        name,
        "list"
            | "tuple"
            | "dict"
            | "set"
            | "frozenset"
            | "deque"
            | "Sequence"
            | "Iterable"
            | "Iterator"
            | "Generator"
            | "Mapping"
            | "Collection"
            | "Container"
    )
}
