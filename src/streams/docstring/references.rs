//! Mentions of other things in prose: roles (``:func:`x` ``) and dotted names in backticks.
//!
//! A mention becomes a claim only where it can be told what it means: it resolves from where it stands, or it is
//! written out in full, beginning with one of the repository's own packages.

use super::prose;
use crate::model::component::{Component, Name};
use crate::model::oracle::Oracle;

/// A mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention<'a> {
    /// The last part of the role: `func`, `class`; none for plain backticks.
    pub(super) role: Option<&'a str>,
    /// What is mentioned, without markup.
    pub(super) target: &'a str,
}

/// The mentions in a text, in order. The text of a doctest mentions nothing.
pub(super) fn mentions(text: &str) -> Vec<Mention<'_>> {
    text.split('\n').flat_map(mentions_in_line).collect()
}

/// The mentions in one line.
pub(super) fn mentions_in_line(line: &str) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    let trimmed = line.trim_start();
    if trimmed.starts_with(">>>") || trimmed.starts_with("...") {
        return found;
    }
    let mut from = 0;
    while let Some(open) = line[from..].find('`').map(|n| from + n) {
        let inner = line[open..].trim_start_matches('`');
        let ticks = line.len() - open - inner.len();
        let Some(close) = inner.find('`') else {
            break;
        };
        let role = role_before(&line[..open]).filter(|_| ticks == 1);
        if let Some(target) = target(&inner[..close], role.is_some()) {
            found.push(Mention { role, target });
        }
        let after = &inner[close..];
        from = line.len() - after.trim_start_matches('`').len();
    }
    found
}

/// What is mentioned where the text tells what is no more: `replaces`, `removed`, `formerly`. That it does not exist is
/// what the author says.
pub(super) fn names_of_the_past(text: &str) -> Vec<&str> {
    const WORDS: &[&str] = &[
        "former",
        "formerly",
        "previous",
        "previously",
        "removed",
        "renamed",
        "replaces",
    ];
    let tells_of_it = |sentence: &str| {
        sentence
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
    };
    prose::sentences(text)
        .into_iter()
        .map(|range| &text[range])
        .filter(|sentence| tells_of_it(sentence))
        .flat_map(mentions)
        .map(|mention| mention.target)
        .collect()
}

/// The last part of the role that ends a text: `py:func` gives `func`.
fn role_before(text: &str) -> Option<&str> {
    let text = text.strip_suffix(':')?;
    let start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || c == '-'))
        .map_or(0, |at| at + 1);
    let start = text.ceil_char_boundary(start);
    let role = text[start..].strip_prefix(':')?;
    role.rsplit(':').next().filter(|r| !r.is_empty())
}

/// The target of `title <target>`, `~target`, `target()`; none where it links to nothing or is no name.
fn target(inner: &str, is_role: bool) -> Option<&str> {
    let mut text = inner.trim();
    if is_role {
        if text.starts_with('!') {
            return None;
        }
        if let Some(open) = text.rfind('<')
            && let Some(linked) = text[open + 1..].strip_suffix('>')
        {
            text = linked.trim();
        }
        text = text.trim_start_matches(['~', '.']);
    }
    let text = text.strip_suffix("()").unwrap_or(text);
    let is_name = text.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    });
    is_name.then_some(text)
}

/// The name a mention claims to exist, as the oracle is asked; none where it can't be told what it means.
pub(super) fn claimed(oracle: &Oracle, component: &Component, mention: &Mention<'_>) -> Option<Name> {
    let is_data = match mention.role {
        None => false,
        Some("func" | "meth" | "class" | "exc" | "mod" | "obj" | "type" | "deco") => false,
        Some("attr" | "data" | "const") => true,
        Some(_) => return None,
    };
    let target = mention.target;
    let (root, dotted) = match target.split_once('.') {
        Some((root, _)) => (root, true),
        None => (target, false),
    };
    let written_in_full = dotted && oracle.roots.iter().any(|r| **r == *root);
    if mention.role.is_none() && !written_in_full {
        return None;
    }
    if written_in_full {
        let known = exists(oracle, target);
        let doubtful = is_data || mention.role.is_none() && looks_like_file(target);
        return (known || !doubtful).then(|| target.into());
    }
    // From the inside out: the class, its module.
    let mut scopes = vec![component.id.as_ref()];
    let mut parent = component.parent;
    while let Some(outer) = parent {
        let outer = oracle.component(outer);
        scopes.push(&outer.id);
        parent = outer.parent;
    }
    scopes
        .iter()
        .map(|scope| format!("{scope}.{target}"))
        .find(|id| exists(oracle, id))
        .map(Into::into)
}

fn exists(oracle: &Oracle, name: &str) -> bool {
    oracle.find(name).is_some() || oracle.exports.contains_key(name)
}

/// Whether a dotted name could be that of a file or host: `requests.toml`, `django.org`.
fn looks_like_file(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(
        last,
        "py" | "pyi"
            | "pyx"
            | "toml"
            | "cfg"
            | "ini"
            | "txt"
            | "json"
            | "md"
            | "rst"
            | "html"
            | "yml"
            | "yaml"
            | "js"
            | "css"
            | "so"
            | "log"
            | "com"
            | "org"
            | "io"
            | "net"
            | "db"
            | "zip"
            | "gz"
            | "exe"
            | "sqlite3"
    )
}
