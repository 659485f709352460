//! The classes of the language and its library whose values can be told apart, with their bases.

use crate::model::oracle::Relation;

/// (name, bases, whether it is concrete: its values are of no class that is not in its row's lineage or below it).
const KNOWN: &[(&str, &[&str], bool)] = &[
    ("AbstractSet", &["Collection"], false),
    ("AsyncGenerator", &["AsyncIterator"], false),
    ("AsyncIterable", &[], false),
    ("AsyncIterator", &["AsyncIterable"], false),
    ("Awaitable", &[], false),
    ("Callable", &[], false),
    ("ChainMap", &["MutableMapping"], false),
    ("Collection", &["Sized", "Iterable", "Container"], false),
    ("Container", &[], false),
    ("Coroutine", &["Awaitable"], false),
    ("Counter", &["dict"], false),
    ("Decimal", &["Number"], true),
    ("Fraction", &["Number"], true),
    ("Generator", &["Iterator"], false),
    ("Hashable", &[], false),
    ("IO", &["Iterator"], false),
    ("Iterable", &[], false),
    ("Iterator", &["Iterable"], false),
    ("Mapping", &["Collection"], false),
    ("MutableMapping", &["Mapping"], false),
    ("MutableSequence", &["Sequence"], false),
    ("MutableSet", &["AbstractSet"], false),
    ("Number", &["Hashable"], false),
    ("OrderedDict", &["dict"], false),
    ("Path", &["PurePath"], true),
    ("PathLike", &[], false),
    ("PurePath", &["PathLike", "Hashable"], true),
    ("Reversible", &["Iterable"], false),
    ("Sequence", &["Reversible", "Collection"], false),
    ("Sized", &[], false),
    ("UUID", &["Hashable"], true),
    ("bool", &["int"], true),
    ("bytearray", &["MutableSequence"], true),
    ("bytes", &["Sequence", "Hashable"], true),
    ("complex", &["Number"], true),
    ("date", &["Hashable"], true),
    ("datetime", &["date"], true),
    ("defaultdict", &["dict"], false),
    ("deque", &["MutableSequence"], true),
    ("dict", &["MutableMapping"], true),
    // The annotation `float` admits an `int`, and `complex` a `float` (PEP 484).
    ("float", &["complex"], true),
    ("frozenset", &["AbstractSet", "Hashable"], true),
    ("int", &["float"], true),
    ("list", &["MutableSequence"], true),
    ("memoryview", &["Sequence"], true),
    ("range", &["Sequence", "Hashable"], true),
    ("set", &["MutableSet"], true),
    ("slice", &[], true),
    ("str", &["Sequence", "Hashable"], true),
    ("timedelta", &["Hashable"], true),
    ("tuple", &["Sequence", "Hashable"], true),
    ("type", &["Callable", "Hashable"], false),
];

/// Modules whose names may stand before a known class.
const MODULES: &[&str] = &[
    "abc",
    "builtins",
    "collections",
    "collections.abc",
    "datetime",
    "decimal",
    "dt",
    "fractions",
    "numbers",
    "os",
    "pathlib",
    "t",
    "te",
    "typing",
    "typing_extensions",
    "uuid",
];

fn row(name: &str) -> Option<&'static (&'static str, &'static [&'static str], bool)> {
    KNOWN.binary_search_by_key(&name, |(n, _, _)| n).ok().map(|i| &KNOWN[i])
}

/// Whether a module's names are those of the standard library that are known here.
pub(super) fn is_module(dotted: &str) -> bool {
    MODULES.binary_search(&dotted).is_ok()
}

/// The known class of a Python name, `typing`'s aliases included.
pub(super) fn python(name: &str) -> Option<&'static str> {
    let name = match name {
        "List" => "list",
        "Dict" => "dict",
        "Tuple" => "tuple",
        "FrozenSet" => "frozenset",
        "Type" => "type",
        // Of `typing`'s or of `collections.abc`: the wider of the two.
        "Set" => "AbstractSet",
        "Text" | "LiteralString" => "str",
        "Deque" => "deque",
        "DefaultDict" => "defaultdict",
        "TextIO" | "BinaryIO" => "IO",
        other => other,
    };
    row(name).map(|(n, _, _)| *n)
}

/// The known class of a word of prose, plurals included.
pub(super) fn word(word: &str) -> Option<&'static str> {
    let name = match word {
        "string" | "strings" | "unicode" | "strs" => "str",
        "integer" | "integers" | "ints" | "long" => "int",
        "boolean" | "booleans" | "bools" => "bool",
        "floats" => "float",
        "dictionary" | "dictionaries" | "dicts" => "dict",
        "lists" => "list",
        "tuples" => "tuple",
        "sets" => "set",
        "number" | "numbers" => "Number",
        "callable" | "callables" | "function" | "functions" => "Callable",
        "iterable" | "iterables" => "Iterable",
        "iterator" | "iterators" => "Iterator",
        "generator" | "generators" => "Generator",
        "sequence" | "sequences" => "Sequence",
        "mapping" | "mappings" => "Mapping",
        "collection" => "Collection",
        "container" => "Container",
        "coroutine" => "Coroutine",
        "awaitable" => "Awaitable",
        "path" | "container-like" => return None,
        other => other,
    };
    row(name).map(|(n, _, _)| *n)
}

/// Whether nothing but its own subclasses can also be of it.
pub(super) fn is_concrete(name: &str) -> bool {
    row(name).is_some_and(|(_, _, concrete)| *concrete)
}

/// How two known classes stand to each other.
pub(super) fn relate(a: &str, b: &str) -> Relation {
    if a == b {
        Relation::Same
    } else if descends(a, b) || descends(b, a) || !(is_concrete(a) || is_concrete(b)) {
        Relation::Incomparable
    } else {
        Relation::Different
    }
}

fn descends(name: &str, ancestor: &str) -> bool {
    let mut work = vec![name];
    while let Some(current) = work.pop() {
        if current == ancestor {
            return true;
        }
        work.extend(row(current).map_or(&[][..], |(_, bases, _)| bases));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_closed() {
        assert!(KNOWN.is_sorted_by_key(|(name, _, _)| *name));
        assert!(MODULES.is_sorted());
        for (name, bases, _) in KNOWN {
            for base in *bases {
                assert!(row(base).is_some(), "{name} has the unknown base {base}");
            }
        }
    }
}
