//! The heads of entries: names, types, `optional` and defaults, as they are written in every convention.

use super::lines::{self, Line};
use super::parsed::Item;

/// What is said of a variable between its name and its description: `int, optional, default: 3`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TypeSpec {
    pub(super) type_text: Option<String>,
    pub(super) optional: bool,
    pub(super) default: Option<String>,
}

/// Takes a type apart into the type itself, `optional` and the default.
pub(super) fn type_spec(text: &str) -> TypeSpec {
    let mut spec = TypeSpec::default();
    let mut kept: Vec<&str> = Vec::new();
    for part in split_top_level(text, ',') {
        let mut part = part.trim();
        if let Some((before, inside)) = trailing_parenthesis(part)
            && split_top_level(inside, ',').all(|p| note_qualifier(p.trim(), &mut spec))
        {
            part = before.trim();
        }
        if !part.is_empty() && !note_qualifier(part, &mut spec) {
            kept.push(part);
        }
    }
    let type_text = kept.join(", ");
    let mut type_text = type_text.trim();
    // `str?` is what some write for an optional one.
    if let Some(before) = type_text.strip_suffix('?') {
        spec.optional = true;
        type_text = before.trim_end();
    }
    spec.type_text = (!type_text.is_empty()).then(|| type_text.to_owned());
    spec
}

/// Notes `optional`, `default …` and their like; false where the text is something else.
fn note_qualifier(text: &str, spec: &mut TypeSpec) -> bool {
    if let Some(rest) = strip_word(text, "optional") {
        spec.optional = true;
        return rest.is_empty() || note_qualifier_once(rest, spec);
    }
    note_qualifier_once(text, spec)
}

fn note_qualifier_once(text: &str, spec: &mut TypeSpec) -> bool {
    let text = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text);
    if [
        "required",
        "keyword-only",
        "keyword only",
        "kw-only",
        "positional-only",
        "read-only",
    ]
    .iter()
    .any(|word| text.eq_ignore_ascii_case(word))
    {
        return true;
    }
    let Some(rest) = ["defaults", "default", "by default"]
        .iter()
        .find_map(|word| strip_word(text, word))
    else {
        return false;
    };
    let mut rest = rest;
    for filler in ["value", "to", "is"] {
        rest = strip_word(rest, filler).unwrap_or(rest);
    }
    let rest = rest.trim_start_matches([':', '=', ' ']).trim_end_matches(['.', ' ']);
    spec.optional = true;
    if !rest.is_empty() {
        spec.default = Some(unquoted_markup(rest).to_owned());
    }
    true
}

/// What follows a word, where the text begins with it, in any case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = &text[word.len()..];
    (head.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        .then(|| rest.trim_start())
}

/// Leaves out backticks around a text.
pub(super) fn unquoted_markup(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix("``")
        .and_then(|t| t.strip_suffix("``"))
        .or_else(|| text.strip_prefix('`').and_then(|t| t.strip_suffix('`')));
    match inner {
        Some(inner) if !inner.contains('`') && !inner.is_empty() => inner,
        _ => text,
    }
}

/// `int (optional)` as `int ` and `optional`.
fn trailing_parenthesis(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix(')')?;
    let open = inner.rfind('(')?;
    Some((&inner[..open], &inner[open + 1..]))
}

/// The parts of a text between separators that stand outside brackets, quotes and backticks.
pub(super) fn split_top_level(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut nesting = Nesting::default();
    text.split(move |c| {
        let top = nesting.is_top();
        nesting.take(c);
        top && c == separator
    })
}

/// How deep in brackets, quotes and backticks a position is. A quote counts as an opening one only where a word may
/// begin, so that an apostrophe opens nothing.
#[derive(Default)]
struct Nesting {
    depth: u32,
    quote: Option<char>,
    previous: Option<char>,
}

impl Nesting {
    fn is_top(&self) -> bool {
        self.depth == 0 && self.quote.is_none()
    }

    fn take(&mut self, c: char) {
        let after_word = self.previous.is_some_and(char::is_alphanumeric);
        self.previous = Some(c);
        match self.quote {
            Some(quote) if quote == c => self.quote = None,
            Some(_) => {}
            None => match c {
                '(' | '[' | '{' => self.depth += 1,
                ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                '`' => self.quote = Some(c),
                '\'' | '"' if !after_word => self.quote = Some(c),
                _ => {}
            },
        }
    }
}

/// One or more names at the start of a text, and what follows them. Names may be in backticks, starred, escaped
/// (`\*args`), dotted, and wrapped in a role (``:class:`X` ``).
pub(super) fn names(text: &str) -> Option<(Vec<String>, &str)> {
    let (first, mut rest) = one_name(text)?;
    let mut found = vec![first];
    loop {
        let after = rest.trim_start();
        let Some(next) = after.strip_prefix(',').or_else(|| after.strip_prefix('/')) else {
            return Some((found, rest));
        };
        let next = next.trim_start();
        // `x1, ..., xn` leaves the dots out.
        if let Some(tail) = next.strip_prefix("...") {
            rest = tail;
            continue;
        }
        let Some((name, tail)) = one_name(next) else {
            return Some((found, rest));
        };
        found.push(name);
        rest = tail;
    }
}

fn one_name(text: &str) -> Option<(String, &str)> {
    let text = without_role(text);
    let opened = text.trim_start_matches('`');
    let ticks = text.len() - opened.len();
    let unescaped = opened.trim_start_matches(['*', '\\', '~', '!']);
    let stars = opened[..opened.len() - unescaped.len()].matches('*').count();
    let end = unescaped
        .char_indices()
        .find(|&(at, c)| {
            let escape = c == '\\' && unescaped[at + 1..].starts_with('_');
            !(c.is_alphanumeric() || c == '_' || c == '.' || escape)
        })
        .map_or(unescaped.len(), |(at, _)| at);
    let word = unescaped[..end].trim_end_matches('.');
    let rest = &unescaped[word.len()..];
    let starts_well = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !starts_well || stars > 2 {
        return None;
    }
    // Stars on both sides are emphasis.
    let emphasis = stars > 0 && rest.starts_with('*');
    let rest = if emphasis { rest.trim_start_matches('*') } else { rest };
    let rest = rest.strip_prefix("()").unwrap_or(rest);
    let closed = rest.trim_start_matches('`');
    if rest.len() - closed.len() < ticks {
        return None;
    }
    let stars = if emphasis { "" } else { &"**"[..stars] };
    Some((format!("{stars}{}", word.replace('\\', "")), closed))
}

/// Leaves out a role before a backtick: ``:class:`X` `` → `` `X` ``.
pub(super) fn without_role(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(':') else {
        return text;
    };
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || c == '-' || c == '_'))
        .unwrap_or(rest.len());
    if rest[..end].ends_with(':') && rest[end..].starts_with('`') {
        &rest[end..]
    } else {
        text
    }
}

/// The head of an entry in the Google manner: `name (type, optional): text`.
pub(super) struct Head<'a> {
    pub(super) names: Vec<String>,
    pub(super) spec: Option<&'a str>,
    pub(super) text: &'a str,
}

/// Reads `name: text`, `name (type): text`, `name (type) -- text`, with or without a bullet before it; none where the
/// line is something else.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    let line = without_bullet(line);
    let (names, rest) = names(line)?;
    let rest = rest.trim_start();
    let (spec, rest) = match balanced(rest) {
        Some((spec, after)) => (Some(spec), after.trim_start()),
        None => (None, rest),
    };
    let text = after_separator(rest)?;
    Some(Head { names, spec, text })
}

/// What follows the colon or dash that ends the head of an entry.
fn after_separator(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix(':') {
        return (!rest.starts_with([':', '/', '='])).then(|| rest.trim_start());
    }
    ["-- ", "- ", "– ", "— "]
        .iter()
        .find_map(|dash| text.strip_prefix(dash))
        .map(str::trim_start)
}

/// Whether a word before a colon opens a remark rather than naming a parameter.
pub(super) fn is_remark(names: &[String]) -> bool {
    const REMARKS: &[&str] = &[
        "Default", "Defaults", "Example", "Examples", "FIXME", "NOTE", "Note", "Notes", "See", "TODO", "Warning",
    ];
    matches!(names, [name] if REMARKS.contains(&name.as_str()))
}

/// Leaves out `- ` or `* ` or `• ` before an entry.
pub(super) fn without_bullet(line: &str) -> &str {
    ["- ", "* ", "+ ", "• "]
        .iter()
        .find_map(|bullet| line.strip_prefix(bullet))
        .map_or(line, str::trim_start)
}

/// The inside of the parentheses a text begins with, and what follows them.
pub(super) fn balanced(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with('(') {
        return None;
    }
    let mut nesting = Nesting::default();
    for (at, c) in text.char_indices() {
        nesting.take(c);
        if nesting.is_top() && c == ')' {
            return Some((&text[1..at], &text[at + 1..]));
        }
    }
    None
}

/// Where the first colon outside brackets, quotes and backticks stands that ends a word (` : `, `: `, or at the end).
pub(super) fn top_level_colon(text: &str) -> Option<usize> {
    let mut nesting = Nesting::default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let top = nesting.is_top();
        nesting.take(c);
        if top && c == ':' && chars.peek().is_none_or(|&(_, next)| next.is_whitespace()) {
            return Some(at);
        }
    }
    None
}

/// Whether a text reads like a type rather than a sentence: names, brackets and quotes, and words only where they
/// join types (`list of str`, `int or None`).
pub(super) fn is_type_like(text: &str) -> bool {
    const JOINING: &[&str] = &[
        "of", "or", "and", "from", "to", "with", "in", "shape", "instance", "type",
    ];
    let text = text.trim();
    if text.len() > 300 || !text.contains(char::is_alphanumeric) {
        return false;
    }
    if !text
        .chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.,[](){}|'\"`:~*-=<>/&".contains(c))
    {
        return false;
    }
    let lowered = text.to_lowercase();
    let first = lowered.split_whitespace().next().unwrap_or_default();
    if matches!(
        first,
        "a" | "an" | "the" | "this" | "if" | "when" | "whether" | "returns" | "see"
    ) {
        return false;
    }
    // Two plain words side by side are prose.
    let mut joined = true;
    for part in split_top_level(&lowered, ',') {
        for word in split_top_level(part, ' ') {
            let word = word.trim();
            if word.is_empty() {
                continue;
            }
            let joins = JOINING.contains(&word) || word.starts_with(['(', '[', '{', '|']);
            if !joins && !joined {
                return false;
            }
            joined = joins || word.ends_with('|');
        }
        joined = true;
    }
    true
}

/// An entry whose head has been read, with the lines that go on with it.
pub(super) fn entry(names: Vec<String>, spec: TypeSpec, text: String, position: usize) -> Item {
    Item {
        names,
        type_text: spec.type_text,
        default: spec.default,
        optional: spec.optional,
        text,
        line: lines::offset(position),
    }
}

/// Splits prose with code into examples: each has the words that introduce it and its code.
pub(super) fn examples(content: &[Line<'_>], first: usize) -> Vec<Item> {
    let base = content
        .iter()
        .filter(|l| !l.is_blank())
        .map(|l| l.indent)
        .min()
        .unwrap_or(0);
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut has_code = false;
    let mut paragraph_begins = true;
    for (i, line) in content.iter().enumerate() {
        if line.is_blank() {
            paragraph_begins = true;
            continue;
        }
        if std::mem::take(&mut paragraph_begins) {
            let is_code = line.text.starts_with(">>>") || line.text.starts_with("```") || line.indent > base;
            if !is_code && has_code {
                close_example(content, first, start.take(), i, &mut found);
                has_code = false;
            }
            has_code |= is_code;
        } else if line.text.starts_with(">>>") {
            has_code = true;
        }
        start.get_or_insert(i);
    }
    close_example(content, first, start, content.len(), &mut found);
    found
}

fn close_example(content: &[Line<'_>], first: usize, start: Option<usize>, end: usize, found: &mut Vec<Item>) {
    if let Some(start) = start {
        let text = lines::join(None, &content[start..end]);
        found.push(entry(Vec::new(), TypeSpec::default(), text, first + start));
    }
}
