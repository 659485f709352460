//! Sections in the NumPy manner: a title underlined with dashes, and entries whose text is indented below them.

use super::google;
use super::item::{self, TypeSpec};
use super::lines::{self, Line};
use super::parsed::{Item, Section, SectionKind};
use super::titles;

/// A title with a line below it.
pub(super) struct Underlined<'a> {
    /// The section's kind; none where the title is not known.
    pub(super) kind: Option<SectionKind>,
    pub(super) title: &'a str,
}

/// Reads the title at a position, where the next line underlines it. The underline of a known title may be too short
/// or too long, that of another has about the title's length.
pub(super) fn underlined<'a>(all: &[Line<'a>], at: usize) -> Option<Underlined<'a>> {
    let line = all[at];
    let below = all.get(at + 1)?;
    if line.is_blank() || below.indent != line.indent || !is_rule(below.text) {
        return None;
    }
    let title = line.text.strip_suffix(':').unwrap_or(line.text).trim_end();
    let kind = titles::section_kind(title);
    if kind.is_none() {
        let length = title.chars().count();
        let starts_well = title.starts_with(|c: char| c.is_alphabetic());
        let set_apart = at == 0 || all[at - 1].is_blank();
        if !starts_well || !set_apart || length.abs_diff(below.text.len()) > 3 {
            return None;
        }
    }
    Some(Underlined { kind, title })
}

/// Whether a title and its line are as the convention's guide has them: a capital, no colon, as many dashes as letters.
pub(super) fn is_exact(all: &[Line<'_>], at: usize) -> bool {
    let title = all[at].text;
    let rule = all.get(at + 1).map_or("", |l| l.text);
    title.starts_with(char::is_uppercase)
        && !title.ends_with(':')
        && rule.len() == title.chars().count()
        && rule.bytes().all(|b| b == b'-')
}

/// Whether a line is three or more dashes, equals signs or tildes.
fn is_rule(text: &str) -> bool {
    is_rule_of(text, b"-=~")
}

/// Whether a line is one of these characters three or more times.
fn is_rule_of(text: &str, characters: &[u8]) -> bool {
    let first = text.as_bytes().first().copied().unwrap_or_default();
    text.len() >= 3 && characters.contains(&first) && text.bytes().all(|b| b == first)
}

/// How many lines a document's title at a position takes up, with the rule below it or those around it, and which of
/// them is the title.
pub(super) fn document_title(all: &[Line<'_>], at: usize) -> Option<(usize, usize)> {
    let line = |n: usize| all.get(at + n).filter(|l| !l.is_blank());
    let (first, second) = (line(0)?, line(1)?);
    let rules = |text: &str| is_rule_of(text, b"-=~*^\"#+");
    if rules(first.text) {
        let closed = !rules(second.text) && line(2).is_some_and(|l| l.text == first.text);
        return closed.then_some((3, 1));
    }
    let fits = first.text.chars().count() <= second.text.len() + 3;
    (rules(second.text) && first.indent == second.indent && fits).then_some((2, 0))
}

/// Reads the section whose title stands at `at` and whose content is `all[at + 2..end]`.
pub(super) fn section(all: &[Line<'_>], at: usize, end: usize, title: &Underlined<'_>) -> Section {
    let kind = title.kind.unwrap_or(SectionKind::Other);
    let content = &all[at + 2..end];
    Section {
        kind,
        title: title.title.to_owned(),
        items: items(kind, content, at + 2),
        text: lines::join(None, content),
        line: lines::offset(at),
    }
}

fn items(kind: SectionKind, content: &[Line<'_>], first: usize) -> Vec<Item> {
    match kind {
        SectionKind::Examples => return item::examples(content, first),
        SectionKind::Functions
        | SectionKind::Classes
        | SectionKind::Modules
        | SectionKind::SeeAlso
        | SectionKind::Deprecated => {}
        _ if kind.is_interface() => {}
        _ => return Vec::new(),
    }
    let base = content.iter().find(|l| !l.is_blank()).map_or(0, |l| l.indent);
    let starts: Vec<usize> = (0..content.len())
        .filter(|&i| !content[i].is_blank() && content[i].indent <= base)
        .collect();
    let mut found: Vec<Item> = Vec::new();
    for (n, &start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).copied().unwrap_or(content.len());
        let body = &content[start + 1..end];
        match entry(kind, content[start].text, body, first + start) {
            Some(entry) => found.push(entry),
            None => go_on(&mut found, &content[start..end], first + start),
        }
    }
    found
}

/// Lines that are no entry: they go on with the one before, or are an entry without a name.
fn go_on(found: &mut Vec<Item>, content: &[Line<'_>], position: usize) {
    let text = lines::join(None, content);
    match found.last_mut() {
        Some(last) => {
            if !last.text.is_empty() {
                last.text.push('\n');
            }
            last.text.push_str(&text);
        }
        None => found.push(item::entry(Vec::new(), TypeSpec::default(), text, position)),
    }
}

fn entry(kind: SectionKind, head: &str, body: &[Line<'_>], position: usize) -> Option<Item> {
    if head.starts_with(".. ") {
        return None;
    }
    if kind.lists_values() {
        let is_value = |i: &Item| !i.names.is_empty() || i.type_text.is_some() || head == ":";
        return Some(value(head, body, position)).filter(is_value);
    }
    if kind.lists_exceptions() {
        return exception(head, body, position);
    }
    if kind == SectionKind::Deprecated {
        let version = head.starts_with(|c: char| c.is_ascii_digit() || c == 'v') && !head.contains(' ');
        return version.then(|| {
            let text = lines::join(None, body);
            item::entry(vec![head.to_owned()], TypeSpec::default(), text, position)
        });
    }
    variable(kind, head, body, position)
}

fn variable(kind: SectionKind, head: &str, body: &[Line<'_>], position: usize) -> Option<Item> {
    let (names, rest) = item::names(item::without_bullet(head))?;
    let rest = rest.trim_start();
    if item::is_remark(&names) && rest.starts_with(':') {
        return None;
    }
    if rest.is_empty() {
        let text = lines::join(None, body);
        return Some(item::entry(names, TypeSpec::default(), text, position));
    }
    // `x (int) : text`, as in the Google manner.
    if let Some((spec, after)) = item::balanced(rest) {
        let after = after.trim_start();
        let after = match after.strip_prefix(':') {
            Some(after) => after,
            None if after.is_empty() => after,
            None => return None,
        };
        // `method(x, y)` in a list of functions has no type.
        let spec = match kind {
            _ if kind.names_variables() => item::type_spec(spec),
            _ => TypeSpec::default(),
        };
        return Some(item::entry(names, spec, lines::join(Some(after), body), position));
    }
    // `x - text`
    if let Some(text) = ["-- ", "- ", "– "].iter().find_map(|dash| rest.strip_prefix(dash)) {
        let text = lines::join(Some(text), body);
        return Some(item::entry(names, TypeSpec::default(), text, position));
    }
    let after = rest.strip_prefix(':')?;
    if after.starts_with([':', '/', '=']) {
        return None;
    }
    if !kind.names_variables() {
        return Some(item::entry(
            names,
            TypeSpec::default(),
            lines::join(Some(after), body),
            position,
        ));
    }
    let (spec, text) = typed(after.trim(), body);
    Some(item::entry(names, spec, text, position))
}

/// The type after `name :` and the text below it. A sentence in the type's place is the text.
fn typed(after: &str, body: &[Line<'_>]) -> (TypeSpec, String) {
    let bare = body.iter().all(Line::is_blank);
    if bare && !item::is_type_like(after) {
        return (TypeSpec::default(), after.to_owned());
    }
    (item::type_spec(after), lines::join(None, body))
}

fn value(head: &str, body: &[Line<'_>], position: usize) -> Item {
    let has_body = !body.iter().all(Line::is_blank);
    // `: int` has no name and says so.
    if let Some(after) = head.strip_prefix(':').filter(|a| a.is_empty() || a.starts_with(' ')) {
        let text = lines::join(None, body);
        return item::entry(Vec::new(), item::type_spec(after.trim()), text, position);
    }
    if let Some(colon) = item::top_level_colon(head) {
        let (before, after) = (head[..colon].trim(), head[colon + 1..].trim());
        if let Some((names, "")) = item::names(before) {
            // `x : int` with a text below it, or `int : what it is`.
            if has_body || head[..colon].ends_with(' ') && item::is_type_like(after) {
                let (spec, text) = typed(after, body);
                return item::entry(names, spec, text, position);
            }
            if item::is_type_like(after) && !item::is_type_like(before) {
                return item::entry(names, item::type_spec(after), String::new(), position);
            }
        }
        if item::is_type_like(before) {
            let text = lines::join(Some(after), body);
            return item::entry(Vec::new(), item::type_spec(before), text, position);
        }
    } else if has_body || item::is_type_like(head) {
        let text = lines::join(None, body);
        return item::entry(Vec::new(), item::type_spec(head), text, position);
    }
    let text = lines::join(Some(head), body);
    item::entry(Vec::new(), TypeSpec::default(), text, position)
}

fn exception(head: &str, body: &[Line<'_>], position: usize) -> Option<Item> {
    let (mut names, mut rest) = item::names(item::without_bullet(head))?;
    while let Some((more, after)) = rest
        .trim_start()
        .strip_prefix("or ")
        .and_then(item::names)
        .filter(|(more, _)| more.iter().all(|n| google::is_exception_name(n)))
    {
        names.extend(more);
        rest = after;
    }
    let rest = rest.trim_start();
    let text = match google::after_colon(rest) {
        Some(text) => text.trim(),
        None if rest.is_empty() => rest,
        None if names.iter().all(|n| google::is_exception_name(n)) => rest,
        None => return None,
    };
    let text = lines::join(Some(text), body);
    Some(item::entry(names, TypeSpec::default(), text, position))
}
