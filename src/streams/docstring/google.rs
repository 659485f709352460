//! Sections in the Google manner: a heading that ends in a colon, and an indented block.

use super::item::{self, TypeSpec};
use super::lines::{self, Line};
use super::parsed::{Item, Section, SectionKind};
use super::titles;

/// How many lines a type in parentheses may go on for.
const LONGEST_HEAD: usize = 6;

/// A heading: the section's kind, its title, and where its content begins.
pub(super) struct Heading<'a> {
    pub(super) kind: SectionKind,
    pub(super) title: &'a str,
}

/// Reads the heading at a position: a known title and a colon, with an indented line after it.
pub(super) fn heading<'a>(all: &[Line<'a>], at: usize) -> Option<Heading<'a>> {
    let line = all[at];
    let title = line.text.strip_suffix(':')?.trim_end();
    let kind = titles::section_kind(title)?;
    let next = next_of(all, at)?;
    let announces = all[next].indent > line.indent
        || kind == SectionKind::Parameters && next == at + 1 && item::head(all[next].text).is_some();
    announces.then_some(Heading { kind, title })
}

/// Reads a heading as the convention's guide has it, whatever stands below it.
pub(super) fn exact_heading<'a>(all: &[Line<'a>], at: usize) -> Option<Heading<'a>> {
    let title = all[at].text.strip_suffix(':')?;
    let kind = titles::section_kind(title)?;
    title.starts_with(char::is_uppercase).then_some(Heading { kind, title })
}

/// Reads an unknown heading (`Side effects:`), which counts only in a docstring that has known ones: a few words, a
/// capital first, a blank line before, an indented line right after.
pub(super) fn unknown_heading<'a>(all: &[Line<'a>], at: usize) -> Option<Heading<'a>> {
    let line = all[at];
    let title = line.text.strip_suffix(':')?;
    let words = title.split(' ').count();
    let plain = title.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-');
    let set_apart = at > 0 && all[at - 1].is_blank();
    let next = all.get(at + 1)?;
    (words <= 3 && plain && set_apart && title.starts_with(char::is_uppercase) && next.indent > line.indent).then_some(
        Heading {
            kind: SectionKind::Other,
            title,
        },
    )
}

/// The next line that is not blank, at most one blank line further on.
fn next_of(all: &[Line<'_>], at: usize) -> Option<usize> {
    (at + 1..(at + 3).min(all.len())).find(|&i| !all[i].is_blank())
}

/// The end of the section whose heading stands at a position: where a line is no longer indented.
pub(super) fn end_of(all: &[Line<'_>], at: usize) -> usize {
    let indent = all[at].indent;
    let hangs = next_of(all, at).is_some_and(|next| all[next].indent <= indent);
    let ends = |line: &Line<'_>| match hangs {
        // Entries that are not indented go on until a blank line.
        true => line.is_blank(),
        false => !line.is_blank() && line.indent <= indent,
    };
    (at + 1..all.len()).find(|&i| ends(&all[i])).unwrap_or(all.len())
}

/// Reads a section whose content is `all[at + 1..end]`.
pub(super) fn section(all: &[Line<'_>], at: usize, end: usize, heading: &Heading<'_>) -> Section {
    let content = &all[at + 1..end];
    Section {
        kind: heading.kind,
        title: heading.title.to_owned(),
        items: items(heading.kind, content, at + 1),
        text: lines::join(None, content),
        line: lines::offset(at),
    }
}

/// The entries of a section of a kind.
pub(super) fn items(kind: SectionKind, content: &[Line<'_>], first: usize) -> Vec<Item> {
    match kind {
        _ if kind.names_variables() => blocks(content, first, Reader::Variable),
        SectionKind::Functions | SectionKind::Classes | SectionKind::Modules | SectionKind::SeeAlso => {
            blocks(content, first, Reader::Variable)
        }
        _ if kind.lists_exceptions() => blocks(content, first, Reader::Exception),
        _ if kind.lists_values() => blocks(content, first, Reader::Value),
        SectionKind::Examples => item::examples(content, first),
        _ => Vec::new(),
    }
}

/// How the first line of an entry is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Variable,
    Exception,
    Value,
}

/// An entry whose head has been read.
struct Opened<'a> {
    names: Vec<String>,
    spec: TypeSpec,
    text: &'a str,
}

/// Splits a section's content at the lines that begin an entry.
fn blocks(content: &[Line<'_>], first: usize, reader: Reader) -> Vec<Item> {
    let base = content.iter().find(|l| !l.is_blank()).map_or(0, |l| l.indent);
    let mut found: Vec<Item> = Vec::new();
    let mut i = 0;
    let mut open: Option<(usize, usize, Opened<'_>)> = None;
    while i < content.len() {
        let line = content[i];
        if line.is_blank() || line.indent > base {
            i += 1;
            continue;
        }
        // Where the first value has a name, the others have one, too.
        let named = reader == Reader::Value && open.as_ref().is_some_and(|(_, _, opened)| is_lone_name(opened));
        let begins = open.is_none() && found.is_empty() || named && !opens_remark(line.text);
        let (opened, lines_read) = read_head(content, i, reader, begins);
        if let Some(opened) = opened {
            if let Some(open) = open.take() {
                found.push(close(content, first, open, i));
            }
            open = Some((i, i + lines_read, opened));
        }
        i += lines_read;
    }
    if let Some(open) = open {
        found.push(close(content, first, open, content.len()));
    }
    found
}

fn close(content: &[Line<'_>], first: usize, (start, body, opened): (usize, usize, Opened<'_>), end: usize) -> Item {
    let text = lines::join(Some(opened.text), &content[body.min(end)..end]);
    item::entry(opened.names, opened.spec, text, first + start)
}

/// Reads the head of an entry, and says how many lines it takes.
fn read_head<'a>(content: &[Line<'a>], at: usize, reader: Reader, begins: bool) -> (Option<Opened<'a>>, usize) {
    let line = content[at].text;
    match reader {
        Reader::Variable => match variable(line, begins) {
            Some(opened) => (Some(opened), 1),
            None => long_head(content, at).map_or((None, 1), |(o, n)| (Some(o), n)),
        },
        Reader::Exception => (exception(line).or_else(|| prose(line, begins)), 1),
        Reader::Value => (value(line, begins).or_else(|| prose(line, begins)), 1),
    }
}

/// A text without a head, where the section has no entry yet.
fn prose(line: &str, begins: bool) -> Option<Opened<'_>> {
    begins.then_some(Opened {
        names: Vec::new(),
        spec: TypeSpec::default(),
        text: line,
    })
}

fn variable(line: &str, begins: bool) -> Option<Opened<'_>> {
    let head = item::head(line)?;
    // A line that ought to have been indented: `Note: …` goes on with the entry above it.
    if !begins && head.spec.is_none() && item::is_remark(&head.names) {
        return None;
    }
    Some(Opened {
        names: head.names,
        spec: head.spec.map(item::type_spec).unwrap_or_default(),
        text: head.text,
    })
}

/// A head whose type in parentheses goes on over several lines.
fn long_head<'a>(content: &[Line<'a>], at: usize) -> Option<(Opened<'a>, usize)> {
    let (names, rest) = item::names(item::without_bullet(content[at].text))?;
    if !rest.trim_start().starts_with('(') {
        return None;
    }
    let mut joined = rest.trim_start().to_owned();
    for (n, line) in content.iter().enumerate().take(at + LONGEST_HEAD).skip(at + 1) {
        if line.is_blank() || joined.len() > 2000 {
            return None;
        }
        joined.push(' ');
        joined.push_str(line.text);
        let Some((spec, after)) = item::balanced(&joined) else {
            continue;
        };
        let after = after.trim_start().strip_prefix(':')?;
        // The description is the end of this very line.
        let text = &line.text[line.text.len() - after.len()..];
        let spec = item::type_spec(spec);
        return Some((Opened { names, spec, text }, n + 1 - at));
    }
    None
}

fn exception(line: &str) -> Option<Opened<'_>> {
    let line = item::without_bullet(line);
    let (mut names, mut rest) = item::names(line)?;
    while let Some((more, after)) = rest
        .trim_start()
        .strip_prefix("or ")
        .or_else(|| rest.trim_start().strip_prefix("and "))
        .and_then(item::names)
        .filter(|(more, _)| more.iter().all(|n| n.starts_with(char::is_uppercase)))
    {
        names.extend(more);
        rest = after;
    }
    let rest = rest.trim_start();
    let text = match after_colon(rest) {
        Some(text) => text,
        None if rest.is_empty() => rest,
        None => match ["-- ", "- ", "– "].iter().find_map(|d| rest.strip_prefix(d)) {
            Some(text) => text,
            // `ValueError if …`
            None if names.iter().all(|n| is_exception_name(n)) => rest,
            None => return None,
        },
    };
    let names = names
        .into_iter()
        .map(|n| n.trim_start_matches('*').to_owned())
        .collect();
    Some(Opened {
        names,
        spec: TypeSpec::default(),
        text: text.trim(),
    })
}

/// What follows a colon that is not the start of a role.
pub(super) fn after_colon(text: &str) -> Option<&str> {
    text.strip_prefix(':')
        .filter(|_| item::without_role(text).len() == text.len())
}

/// Whether a name is one that exceptions have.
pub(super) fn is_exception_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.starts_with(char::is_uppercase)
        && [
            "Error",
            "Exception",
            "Warning",
            "Exit",
            "Interrupt",
            "Iteration",
            "Fault",
            "Failure",
        ]
        .iter()
        .any(|end| last.ends_with(end))
}

/// `type: text`, `name (type): text`, or – where the section begins – a type alone.
fn value(line: &str, begins: bool) -> Option<Opened<'_>> {
    let line = item::without_bullet(line);
    if let Some(head) = item::head(line)
        && let Some(spec) = head.spec
        && head.names.len() == 1
    {
        return Some(Opened {
            names: head.names,
            spec: item::type_spec(spec),
            text: head.text,
        });
    }
    let colon = item::top_level_colon(line)?;
    let (before, after) = (line[..colon].trim(), line[colon + 1..].trim());
    let before = before
        .strip_prefix('(')
        .and_then(|b| b.strip_suffix(')'))
        .filter(|b| !b.contains([',', '(']))
        .unwrap_or(before);
    // Further entries need more than a word and a colon: `note: …` goes on with the text.
    let clear = begins || before.contains(['[', '.', '|']) || is_builtin_type(before);
    let is_word = begins && before.chars().all(|c| c.is_alphanumeric() || c == '_');
    (clear && (is_word || item::is_type_like(before))).then(|| Opened {
        names: Vec::new(),
        spec: item::type_spec(before),
        text: after,
    })
}

/// Whether what stands before the colon is one word that is no type of the language's own.
fn is_lone_name(opened: &Opened<'_>) -> bool {
    let word = opened.spec.type_text.as_deref().unwrap_or_default();
    opened.names.is_empty()
        && word.starts_with(|c: char| c.is_lowercase() || c == '_')
        && word.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !is_builtin_type(word)
}

/// Whether a line begins with a word and a colon that announce a remark, or is prose.
fn opens_remark(line: &str) -> bool {
    let word = line.split(':').next().unwrap_or(line);
    word == line || word.contains(' ') || item::is_remark(&[word.to_owned()])
}

fn is_builtin_type(word: &str) -> bool {
    matches!(
        word,
        "bool" | "bytes" | "dict" | "float" | "int" | "list" | "None" | "object" | "set" | "str" | "tuple"
    )
}
