//! Words: lists of names, quoted code, counted rests.

/// Names that are listed before the rest is only counted.
const LISTED: usize = 6;
/// Longest piece of code that reads well inside a sentence, in characters.
const QUOTABLE: usize = 80;

/// "`a`, `b` and `c`"; from the seventh name on they are counted: "`a`, … and 3 more".
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let listed = if names.len() > LISTED + 1 { LISTED } else { names.len() };
    let mut words: Vec<String> = names[..listed].iter().map(|n| code(n.as_ref())).collect();
    if listed < names.len() {
        words.push(format!("{} more", names.len() - listed));
    }
    join(&words)
}

/// "a, b and c".
pub(super) fn join(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// A name or piece of code, in backticks.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// Code that can stand inside a sentence: one line, not too long.
pub(super) fn quotable(text: &str) -> Option<String> {
    let fits = !text.trim().is_empty() && text.chars().count() <= QUOTABLE && !text.contains(['\n', '`']);
    fits.then(|| code(text.trim()))
}

/// The words with the first letter as at the start of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The word for one or for several.
pub(super) fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

/// Whether a name stands in a piece of code as a word of its own, not as an attribute of something else.
pub(super) fn mentions(code: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + name.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || matches!(c, '.' | '\'' | '"'))
            && !after.is_some_and(|c| is_word(c) || matches!(c, '\'' | '"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_counted() {
        assert_eq!(list(&["a"]), "`a`");
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(
            list(&["a", "b", "c", "d", "e", "f", "g", "h"]),
            "`a`, `b`, `c`, `d`, `e`, `f` and 2 more"
        );
    }

    #[test]
    fn names_are_found_as_whole_words() {
        assert!(mentions("not name", "name"));
        assert!(mentions("name.strip() == ''", "name"));
        assert!(!mentions("self.name", "name"));
        assert!(!mentions("names", "name"));
        assert!(!mentions("kind == 'name'", "name"));
    }

    #[test]
    fn long_or_broken_code_is_not_quoted() {
        assert_eq!(quotable("x < 0").as_deref(), Some("`x < 0`"));
        assert_eq!(quotable("x\n< 0"), None);
        assert_eq!(quotable(&"x".repeat(100)), None);
    }
}
