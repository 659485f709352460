//! The standard library, as far as calls go through it: which modules it has, and which methods it calls by name on
//! objects that it is handed.

use std::sync::LazyLock;

/// Its top-level modules.
static MODULES: LazyLock<Vec<&str>> =
    LazyLock::new(|| words(include_str!("../../../../grammars/python/library_modules.txt")));

/// Methods that it calls on objects of classes it does not know.
static CALLED_BY_NAME: LazyLock<Vec<&str>> =
    LazyLock::new(|| words(include_str!("../../../../grammars/python/library_protocols.txt")));

/// The words of a data file, comments left out.
fn words(text: &'static str) -> Vec<&'static str> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
}

/// What of it calls or reads attributes by names that it is given, or only stands for what a value has to have.
const ANY_NAME: &[&str] = &[
    "builtins.str.format",
    "collections.abc.",
    "inspect.",
    "operator.",
    "string.",
    "typing.",
    "typing_extensions.",
    "unittest.",
];

/// Whether an import path leads into the standard library or the built-ins, to what calls only methods whose names it
/// knows by itself.
pub(crate) fn calls_known_names(target: &str) -> bool {
    let root = target.split('.').next().unwrap_or(target);
    let known = matches!(root, "builtins" | "<builtin>") || MODULES.binary_search(&root).is_ok();
    known && !ANY_NAME.iter().any(|name| target.starts_with(name))
}

/// Whether the standard library calls a method of this name on objects that it is handed.
pub(crate) fn is_called_by_name(method: &str) -> bool {
    CALLED_BY_NAME.binary_search(&method).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(MODULES.is_sorted());
        assert!(CALLED_BY_NAME.is_sorted());
    }

    #[test]
    fn what_takes_names_may_call_any() {
        assert!(calls_known_names("json.dumps"));
        assert!(calls_known_names("builtins.sorted"));
        assert!(!calls_known_names("operator.attrgetter"));
        assert!(!calls_known_names("requests.get"));
    }
}
