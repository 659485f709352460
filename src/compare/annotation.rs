//! Type texts, as annotations and docstrings write them, made comparable.
//!
//! `Optional[int]`, `int or None` and `typing.Union[int, None]` are one type; `array-like` is not a type at all, and
//! what is not a type contradicts nothing. Only spelling is compared: this knows no class of the repository.

use std::collections::BTreeSet;

/// Deeper types than this are not compared, so that no input can exhaust the stack.
const MAX_DEPTH: usize = 32;

/// Types that no value has two of (but for the numeric tower, see [`may_overlap`]).
const CONCRETE: &[&str] = &[
    "bool",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "none",
    "set",
    "str",
    "tuple",
];

/// How two type texts stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// They mean the same.
    Same,
    /// The first is the second with more said (`list[int]` and `list`).
    FirstSaysMore,
    /// The second is the first with more said.
    SecondSaysMore,
    /// No value has both types.
    Contradiction,
    /// It cannot be told from their spelling.
    Incomparable,
}

/// Compares two type texts.
pub(super) fn compare(first: &str, second: &str) -> Relation {
    match (parse(first), parse(second)) {
        (Some(a), Some(b)) => relate(&a, &b),
        _ if squeeze(first) == squeeze(second) => Relation::Same,
        _ => Relation::Incomparable,
    }
}

/// A set of alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Alternatives(BTreeSet<Atom>);

/// A name with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Atom {
    name: String,
    arguments: Vec<Alternatives>,
}

fn relate(a: &Alternatives, b: &Alternatives) -> Relation {
    if a == b {
        return Relation::Same;
    }
    match (a.says_nothing(), b.says_nothing()) {
        (true, true) => return Relation::Same,
        (true, false) => return Relation::SecondSaysMore,
        (false, true) => return Relation::FirstSaysMore,
        (false, false) => {}
    }
    if let (Some(a), Some(b)) = (a.only(), b.only()) {
        return relate_atoms(a, b);
    }
    let apart = |x: &Atom| b.0.iter().all(|y| relate_atoms(x, y) == Relation::Contradiction);
    if a.0.iter().all(apart) {
        Relation::Contradiction
    } else {
        Relation::Incomparable
    }
}

fn relate_atoms(a: &Atom, b: &Atom) -> Relation {
    if a.name != b.name {
        let both_concrete = CONCRETE.contains(&a.name.as_str()) && CONCRETE.contains(&b.name.as_str());
        return if both_concrete && !may_overlap(&a.name, &b.name) {
            Relation::Contradiction
        } else {
            Relation::Incomparable
        };
    }
    match (a.arguments.len(), b.arguments.len()) {
        (0, 0) => Relation::Same,
        (0, _) => Relation::SecondSaysMore,
        (_, 0) => Relation::FirstSaysMore,
        (x, y) if x != y => Relation::Incomparable,
        _ => a
            .arguments
            .iter()
            .zip(&b.arguments)
            .map(|(x, y)| relate(x, y))
            .fold(Relation::Same, both),
    }
}

/// The relation of two pairs from the relations of their parts.
fn both(one: Relation, other: Relation) -> Relation {
    match (one, other) {
        (Relation::Contradiction, _) | (_, Relation::Contradiction) => Relation::Contradiction,
        (Relation::Same, x) | (x, Relation::Same) => x,
        (x, y) if x == y => x,
        _ => Relation::Incomparable,
    }
}

/// Types that PEP 484 lets stand for each other, or that authors do not tell apart.
fn may_overlap(a: &str, b: &str) -> bool {
    const GROUPS: [&[&str]; 3] = [
        &["bool", "int", "float", "complex"],
        &["bytes", "bytearray"],
        &["set", "frozenset"],
    ];
    GROUPS.iter().any(|g| g.contains(&a) && g.contains(&b))
}

impl Alternatives {
    fn only(&self) -> Option<&Atom> {
        (self.0.len() == 1).then(|| self.0.first()).flatten()
    }

    fn says_nothing(&self) -> bool {
        self.0.iter().any(|a| a.name == "any" || a.name == "object")
    }
}

/// One level of brackets while parsing.
#[derive(Default)]
struct Level {
    arguments: Vec<Alternatives>,
    alternatives: Vec<Atom>,
    /// Whether a name has just been read, so that an operator or bracket may follow.
    after_name: bool,
}

impl Level {
    fn close_argument(&mut self) -> Option<()> {
        if !std::mem::take(&mut self.after_name) {
            return None;
        }
        let atoms = std::mem::take(&mut self.alternatives);
        self.arguments.push(Alternatives(atoms.into_iter().collect()));
        Some(())
    }
}

fn parse(text: &str) -> Option<Alternatives> {
    let mut levels = vec![Level::default()];
    for token in tokens(without_remarks(text))? {
        let depth = levels.len();
        let level = levels.last_mut()?;
        match token {
            Token::Name(name) => {
                if level.after_name {
                    return None;
                }
                level.after_name = true;
                level.alternatives.push(Atom {
                    name,
                    arguments: Vec::new(),
                });
            }
            Token::Or => {
                if !std::mem::take(&mut level.after_name) {
                    return None;
                }
            }
            Token::Comma if depth > 1 => level.close_argument()?,
            Token::Comma => return None,
            Token::Open if depth < MAX_DEPTH => {
                if !level.after_name {
                    level.alternatives.push(Atom {
                        name: String::new(),
                        arguments: Vec::new(),
                    });
                    level.after_name = true;
                }
                levels.push(Level::default());
            }
            Token::Open => return None,
            Token::Close => {
                let mut inner = levels.pop()?;
                if inner.after_name {
                    inner.close_argument()?;
                }
                apply(levels.last_mut()?, inner.arguments)?;
            }
        }
    }
    let mut level = levels.pop().filter(|_| levels.is_empty())?;
    level.close_argument()?;
    level.arguments.pop()
}

/// Gives the last name of a level its arguments; `Optional` and `Union` dissolve into alternatives.
fn apply(level: &mut Level, arguments: Vec<Alternatives>) -> Option<()> {
    let atom = level.alternatives.last_mut()?;
    let is_optional = atom.name == "optional";
    if !is_optional && atom.name != "union" {
        atom.arguments = arguments;
        return Some(());
    }
    level.alternatives.pop();
    level.alternatives.extend(arguments.into_iter().flat_map(|a| a.0));
    if is_optional {
        level.alternatives.push(Atom {
            name: "none".to_owned(),
            arguments: Vec::new(),
        });
    }
    Some(())
}

enum Token {
    Name(String),
    Or,
    Comma,
    Open,
    Close,
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let length = if is_name(c) {
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            tokens.push(match &rest[..end] {
                "or" => Token::Or,
                name => Token::Name(canonical_name(name)),
            });
            end
        } else {
            match c {
                '[' => tokens.push(Token::Open),
                ']' => tokens.push(Token::Close),
                ',' => tokens.push(Token::Comma),
                '|' => tokens.push(Token::Or),
                // Forward references, literals and inline markup: what is inside counts.
                '"' | '\'' | '`' | '~' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    Some(tokens)
}

/// The last part of a dotted name, in one spelling per built-in.
fn canonical_name(name: &str) -> String {
    let last = match name.trim_end_matches('.').rsplit('.').next() {
        Some(last) if !last.is_empty() => last,
        _ => name,
    };
    match last {
        "string" | "String" | "Text" => "str".to_owned(),
        "integer" => "int".to_owned(),
        "boolean" => "bool".to_owned(),
        "dictionary" => "dict".to_owned(),
        "List" | "Dict" | "Set" | "FrozenSet" | "Tuple" | "Type" | "None" | "Any" | "Optional" | "Union" => {
            last.to_lowercase()
        }
        _ => last.to_owned(),
    }
}

/// Cuts what docstrings add to a type: `int, optional`, `str, default "x"`.
fn without_remarks(text: &str) -> &str {
    let mut cut = text;
    while let Some((head, tail)) = cut.rsplit_once(',') {
        let tail = tail.trim_start();
        if !(tail.starts_with("optional") || tail.starts_with("default")) {
            break;
        }
        cut = head;
    }
    cut
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Relation, compare};

    fn check(first: &str, second: &str, expected: Relation) {
        assert_eq!(compare(first, second), expected, "{first} / {second}");
        let mirrored = match expected {
            Relation::FirstSaysMore => Relation::SecondSaysMore,
            Relation::SecondSaysMore => Relation::FirstSaysMore,
            other => other,
        };
        assert_eq!(compare(second, first), mirrored, "{second} / {first}");
    }

    #[test]
    fn spellings_of_one_type_are_the_same() {
        check("Optional[int]", "int | None", Relation::Same);
        check("int or None", "typing.Union[int, None]", Relation::Same);
        check("List[str]", "list[ str ]", Relation::Same);
        check("string, optional", "str", Relation::Same);
        check("'Foo'", "pkg.mod.Foo", Relation::Same);
        check("array-like", "array-like", Relation::Same);
        check("Callable[[int], str]", "typing.Callable[[int], str]", Relation::Same);
    }

    #[test]
    fn arguments_say_more() {
        check("dict[str, int]", "dict", Relation::FirstSaysMore);
        check("Any", "int", Relation::SecondSaysMore);
        check("list[list[int]]", "list[list]", Relation::FirstSaysMore);
    }

    #[test]
    fn only_types_without_common_values_contradict() {
        check("int", "str", Relation::Contradiction);
        check("list[int]", "list[str]", Relation::Contradiction);
        check("int | None", "str", Relation::Contradiction);
        check("int", "float", Relation::Incomparable);
        check("Iterable[int]", "list[int]", Relation::Incomparable);
        check("int", "int | None", Relation::Incomparable);
        check("array-like of shape (n,)", "int", Relation::Incomparable);
        check("a list of things", "str", Relation::Incomparable);
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{}int{}", "list[".repeat(100_000), "]".repeat(100_000));
        check(&deep, "int", Relation::Incomparable);
        check(&deep, &deep, Relation::Same);
        check("list[", "int", Relation::Incomparable);
        check("]", "[", Relation::Incomparable);
        check("", "int", Relation::Incomparable);
    }
}
