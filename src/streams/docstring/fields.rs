//! Field lists: `:param x: …` of Sphinx and `@param x: …` of Epydoc.

use rustc_hash::FxHashMap;

use super::google;
use super::item::{self, TypeSpec};
use super::lines::{self, Line};
use super::parsed::{Item, Section, SectionKind};
use super::titles::{self, Tag};

/// The first line of a field.
pub(super) struct Field<'a> {
    pub(super) tag: Tag,
    /// The field's name as written.
    pub(super) name: &'a str,
    /// What stands between its name and the colon.
    pub(super) arguments: &'a str,
    /// What follows the colon.
    pub(super) text: &'a str,
    /// Whether it is written with `@`.
    pub(super) is_epydoc: bool,
}

/// Reads the field that a line begins, if its name is known.
pub(super) fn field<'a>(line: &Line<'a>) -> Option<Field<'a>> {
    let is_epydoc = line.text.starts_with('@');
    let inner = line.text.strip_prefix([':', '@'])?;
    let end = inner
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '_'))
        .unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let tag = titles::tag(name)?;
    // `:attr:`x`` at the start of a sentence is a role.
    if !rest.starts_with([' ', '\t', ':']) || rest.starts_with(":`") {
        return None;
    }
    let colon = closing_colon(rest)?;
    Some(Field {
        tag,
        name,
        arguments: rest[..colon].trim(),
        text: rest[colon + 1..].trim(),
        is_epydoc,
    })
}

/// The colon that ends a field's name: one with white space after it, outside brackets and backticks, or else the
/// first outside them.
fn closing_colon(rest: &str) -> Option<usize> {
    item::top_level_colon(rest).or_else(|| {
        let first = item::split_top_level(rest, ':').next()?;
        let role = rest[first.len()..].starts_with(':') && rest[first.len() + 1..].contains('`');
        (first.len() < rest.len() && !role).then_some(first.len())
    })
}

/// The end of the field that begins at a position: lines go on with it while they are indented more, or follow
/// without a blank line.
pub(super) fn end_of(all: &[Line<'_>], at: usize, opens: impl Fn(usize) -> bool) -> usize {
    let indent = all[at].indent;
    let mut set_apart = false;
    for (i, line) in all.iter().enumerate().skip(at + 1) {
        if line.is_blank() {
            set_apart = true;
            continue;
        }
        let indented = line.indent > indent;
        if !indented && (set_apart || line.indent < indent || opens(i)) {
            return i;
        }
        set_apart &= !indented;
    }
    all.len()
}

/// Collects fields into sections, one per kind, and brings types to the entries they belong to.
#[derive(Default)]
pub(super) struct Fields {
    /// Position among the sections of the one that entries of a kind go to.
    sections: FxHashMap<SectionKind, usize>,
    /// Section and entry of each name.
    entries: FxHashMap<(SectionKind, String), (usize, usize)>,
    types: Vec<(SectionKind, String, TypeSpec, u32)>,
}

impl Fields {
    /// Takes up the field at a position, whose text goes on over `body`.
    pub(super) fn take(&mut self, field: &Field<'_>, body: &[Line<'_>], position: usize, sections: &mut Vec<Section>) {
        match field.tag {
            Tag::Entry(kind) => {
                let text = lines::join(Some(field.text), body);
                let mut entry = entry(kind, field.arguments, text, position);
                if kind.lists_exceptions() && entry.names.is_empty() {
                    name_from_text(&mut entry);
                }
                self.add(kind, field.name, entry, sections);
            }
            Tag::TypeOf(kind) => {
                let text = lines::join(Some(field.text), body).replace('\n', " ");
                let names = item::names(field.arguments).map_or(Vec::new(), |(names, _)| names);
                let line = lines::offset(position);
                let spec = item::type_spec(&text);
                if kind.lists_values() {
                    self.types.push((kind, String::new(), spec, line));
                } else {
                    let typed = names.into_iter();
                    self.types.extend(typed.map(|n| (kind, n, spec.clone(), line)));
                }
            }
            Tag::Whole(kind) => sections.push(Section {
                kind,
                title: field.name.to_owned(),
                items: google::items(kind, body, position + 1),
                text: lines::join(Some(field.text), body),
                line: lines::offset(position),
            }),
            Tag::Prose(kind) => sections.push(prose(kind, field, body, position)),
        }
    }

    /// Takes up a directive that documents an attribute, with its `:type:` option and its text.
    pub(super) fn take_attribute(
        &mut self,
        name: &str,
        body: &[Line<'_>],
        position: usize,
        sections: &mut Vec<Section>,
    ) {
        let option = |line: &Line<'_>| line.text.strip_prefix(":type:").map(str::trim).map(str::to_owned);
        let spec = body.iter().find_map(option);
        let is_text = |line: &&Line<'_>| !(line.text.starts_with(':') && line.text[1..].contains(':'));
        let text: Vec<Line<'_>> = body.iter().filter(is_text).copied().collect();
        let spec = spec.map(|text| item::type_spec(&text)).unwrap_or_default();
        let text = lines::join(None, &text);
        let entry = item::entry(vec![name.to_owned()], spec, text, position);
        self.add(SectionKind::Attributes, "attribute", entry, sections);
    }

    fn add(&mut self, kind: SectionKind, title: &str, entry: Item, sections: &mut Vec<Section>) {
        let at = *self.sections.entry(kind).or_insert_with(|| {
            sections.push(Section {
                kind,
                title: title.to_owned(),
                items: Vec::new(),
                text: String::new(),
                line: entry.line,
            });
            sections.len() - 1
        });
        let items = &mut sections[at].items;
        for name in &entry.names {
            let bare = name.trim_start_matches('*').to_owned();
            self.entries.entry((kind, bare)).or_insert((at, items.len()));
        }
        items.push(entry);
    }

    /// Brings the types that fields of their own gave to their entries; a type without an entry becomes one,
    /// but by the letter only that of a result.
    pub(super) fn finish(mut self, sections: &mut Vec<Section>, by_the_letter: bool) {
        for (kind, name, spec, line) in std::mem::take(&mut self.types) {
            let bare = name.trim_start_matches('*').to_owned();
            let known = if kind.lists_values() {
                self.sections.get(&kind).map(|&at| (at, 0))
            } else {
                let other = (SectionKind::OtherParameters, bare.clone());
                // Epydoc's `@type` serves parameters and attributes alike.
                let attribute = (SectionKind::Attributes, bare.clone());
                let found = self.entries.get(&(kind, bare));
                found
                    .or_else(|| self.entries.get(&other))
                    .or_else(|| self.entries.get(&attribute))
                    .copied()
            };
            match known {
                Some((at, n)) => {
                    let item = &mut sections[at].items[n];
                    item.type_text = item.type_text.take().or(spec.type_text);
                    item.default = item.default.take().or(spec.default);
                    item.optional |= spec.optional;
                }
                None if by_the_letter && kind != SectionKind::Returns => {}
                None => {
                    let names = if name.is_empty() { Vec::new() } else { vec![name] };
                    let mut entry = item::entry(names, spec, String::new(), 0);
                    entry.line = line;
                    self.add(kind, "", entry, sections);
                }
            }
        }
    }
}

/// `:raises: ValueError` names the exception in the text's place.
fn name_from_text(entry: &mut Item) {
    let Some((names, rest)) = item::names(&entry.text) else {
        return;
    };
    let is_role = entry.text.starts_with(':') && rest.trim_matches(['.', ' ']).is_empty();
    if is_role || names.iter().all(|n| google::is_exception_name(n)) {
        let rest = rest.trim_start_matches([':', '.', ' ']).to_owned();
        (entry.names, entry.text) = (names, rest);
    }
}

fn prose(kind: SectionKind, field: &Field<'_>, body: &[Line<'_>], position: usize) -> Section {
    let text = lines::join(Some(field.text), body);
    let text = match field.arguments {
        "" => text,
        arguments => format!("{arguments} {text}").trim_end().to_owned(),
    };
    Section {
        kind,
        title: field.name.to_owned(),
        items: match kind {
            SectionKind::Examples => item::examples(body, position + 1),
            _ => Vec::new(),
        },
        text,
        line: lines::offset(position),
    }
}

fn entry(kind: SectionKind, arguments: &str, text: String, position: usize) -> Item {
    if kind.lists_values() {
        return item::entry(Vec::new(), item::type_spec(arguments), text, position);
    }
    if kind.lists_exceptions() {
        let names = exceptions(arguments);
        return item::entry(names, TypeSpec::default(), text, position);
    }
    let (spec, names) = typed_names(arguments);
    item::entry(names, item::type_spec(spec), text, position)
}

/// `X`, `X, Y`, `X or Y`, with or without roles.
fn exceptions(arguments: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in item::split_top_level(arguments, ',') {
        for part in part.split(" or ") {
            if let Some((names, _)) = item::names(part.trim()) {
                found.extend(names);
            }
        }
    }
    found
}

/// `int x` as a type and a name; `x, y` as two names; `x` as one.
fn typed_names(arguments: &str) -> (&str, Vec<String>) {
    if let Some((names, rest)) = item::names(arguments)
        && rest.trim().is_empty()
    {
        return ("", names);
    }
    // The name is the last word outside brackets.
    let last = item::split_top_level(arguments, ' ').last().unwrap_or(arguments);
    let before = &arguments[..arguments.len() - last.len()];
    match item::names(last) {
        Some((names, rest)) if rest.is_empty() || rest == "?" || rest.starts_with('=') => (before.trim(), names),
        _ => ("", Vec::new()),
    }
}
