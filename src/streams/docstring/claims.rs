//! From the parts of a docstring to claims.
//!
//! [`Author`] collects what one component's documentation says. It knows the component's signature only to read the
//! author's words as the author means them: whether `default: auto` is the string that the code has, whether a
//! "default" is the one in the signature or one that takes effect later.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::{Component, Docstring, Name, Parameter, Signature};
use crate::model::oracle::Oracle;

use super::item;
use super::parsed::{Item, ParsedDocstring, Section, SectionKind};
use super::prose;
use super::references;

/// How sure the stream is of what an author wrote.
const CONFIDENCE: f32 = 0.8;

/// How sure it is that an entry below prose is a parameter and not a part of one.
const DOUBTFUL: f32 = 0.5;

/// A docstring, taken apart, and where it stands.
pub(super) struct Words<'a> {
    pub(super) parsed: ParsedDocstring,
    /// Its place in the component's file; none for a docstring that was inherited.
    pub(super) place: Option<&'a Docstring>,
}

impl Words<'_> {
    fn line(&self, offset: u32) -> Option<u32> {
        self.place.filter(|d| d.lines_match_source).map(|d| d.line + offset)
    }
}

/// Collects claims.
#[derive(Default)]
pub(super) struct Author {
    claims: Vec<Claim>,
    repeated: Vec<Claim>,
    /// Documented parameters in order, as written.
    order: Vec<Name>,
    seen: BTreeSet<Subject>,
    /// Prose under titles of its own, in order of appearance.
    titled: BTreeMap<String, (String, Option<u32>)>,
}

impl Author {
    /// The claims in any order, and those that repeat others.
    pub(super) fn finish(mut self) -> (Vec<Claim>, Vec<Claim>) {
        for (title, (text, line)) in std::mem::take(&mut self.titled) {
            self.say(Subject::Section(title.into()), Value::text(text), line);
        }
        (self.claims, self.repeated)
    }

    /// Whether there is a claim.
    pub(super) fn says_anything(&self) -> bool {
        !self.claims.is_empty()
    }

    fn say(&mut self, subject: Subject, value: Value, line: Option<u32>) {
        self.say_so(subject, value, CONFIDENCE, line);
    }

    /// Makes a claim, unless it is empty or there is one about its subject.
    fn say_so(&mut self, subject: Subject, value: Value, confidence: f32, line: Option<u32>) {
        let is_empty = value.as_text().is_some_and(|t| t.trim().is_empty());
        if !is_empty && self.seen.insert(subject.clone()) {
            self.claims.push(Claim::said(subject, value, confidence, line));
        }
    }

    /// Summary, description, examples, and all sections that say nothing about the interface.
    pub(super) fn prose(&mut self, words: &Words<'_>, component: &Component) {
        self.opening(words, component);
        let mut number = 0;
        for section in &words.parsed.sections {
            match section.kind {
                SectionKind::Text => {}
                SectionKind::Examples if !section.items.is_empty() => {
                    for item in &section.items {
                        number += 1;
                        let text = Value::text(item.text.as_str());
                        self.say(Subject::Example(number), text, words.line(item.line));
                    }
                }
                kind if kind.is_claimed() => {}
                _ => self.section(words, section),
            }
        }
    }

    /// The first sentence as summary, all other prose as description.
    pub(super) fn opening(&mut self, words: &Words<'_>, component: &Component) {
        let parsed = &words.parsed;
        let mut prose: Vec<(&str, u32)> = Vec::new();
        prose.extend(parsed.summary.iter().map(|p| (p.text.as_str(), p.line)));
        prose.extend(parsed.description.iter().map(|p| (p.text.as_str(), p.line)));
        let between = parsed.of_kind(SectionKind::Text);
        prose.extend(between.map(|s| (s.text.as_str(), s.line)));
        // Some put the signature first, as built-in functions do.
        if prose.len() > 1 && repeats_signature(prose[0].0, component) {
            prose.remove(0);
        }
        let Some((first, line)) = prose.first().copied() else {
            return;
        };
        let paragraph = first.find("\n\n").unwrap_or(first.len());
        let (summary, rest) = prose::first_sentence(&first[..paragraph]);
        self.say(Subject::Summary, Value::text(summary), words.line(line));
        let after = first[paragraph..].trim();
        let goes_on = !rest.is_empty() || !after.is_empty();
        let line = prose.get(usize::from(!goes_on)).map_or(line, |p| p.1);
        let texts = [rest.as_str(), after].into_iter();
        let texts = texts.chain(prose[1..].iter().map(|p| p.0));
        let texts: Vec<&str> = texts.filter(|t| !t.is_empty()).collect();
        let description = Value::text(texts.join("\n\n"));
        self.say(Subject::Description, description, words.line(line));
    }

    /// A section as prose under its title.
    pub(super) fn section(&mut self, words: &Words<'_>, section: &Section) {
        let title = title(section);
        let text = if section.text.is_empty() {
            listed(&section.items)
        } else {
            section.text.clone()
        };
        if text.is_empty() || matches!(title.as_str(), "Meta" | "Group" | "Sort" | "Undocumented") {
            return;
        }
        let line = words.line(section.line);
        let entry = self.titled.entry(title).or_insert_with(|| (String::new(), line));
        if !entry.0.is_empty() {
            entry.0.push_str("\n\n");
        }
        entry.0.push_str(&text);
    }

    /// What the sections of parameters say. A parameter that another docstring has spoken of is not repeated;
    /// `texts_only` takes the texts of existing parameters and nothing else.
    pub(super) fn parameters(&mut self, words: &Words<'_>, signature: &Signature, texts_only: bool) {
        for section in &words.parsed.sections {
            if !matches!(section.kind, SectionKind::Parameters | SectionKind::OtherParameters) {
                continue;
            }
            let mut here = BTreeSet::new();
            let mut confidence = CONFIDENCE;
            for item in &section.items {
                if item.names.is_empty() {
                    confidence = DOUBTFUL;
                }
                let line = words.line(item.line);
                for name in &item.names {
                    let name: Name = name.trim_start_matches('*').into();
                    let parameter = signature.parameters.iter().find(|p| p.name == name);
                    let is_bound =
                        signature.binds_first && signature.parameters.first().is_some_and(|p| p.name == name);
                    if is_bound || texts_only && parameter.is_none() {
                        continue;
                    }
                    let subject = Subject::Parameter(name.clone());
                    if !here.insert(name.clone()) {
                        let again = Claim::said(subject, Value::Present, confidence, line);
                        self.repeated.push(again);
                    } else if !self.seen.contains(&subject) {
                        self.order.push(name.clone());
                        let exists = if parameter.is_some() { CONFIDENCE } else { confidence };
                        self.say_so(subject, Value::Present, exists, line);
                        self.about_parameter(&name, item, parameter, line, texts_only);
                    }
                }
            }
        }
    }

    fn about_parameter(
        &mut self,
        name: &Name,
        item: &Item,
        parameter: Option<&Parameter>,
        line: Option<u32>,
        text_only: bool,
    ) {
        let text = Value::text(item.text.as_str());
        self.say(Subject::ParameterText(name.clone()), text, line);
        if text_only {
            return;
        }
        if let Some(type_text) = said_type(item) {
            let subject = Subject::ParameterType(name.clone());
            self.say(subject, Value::text(type_text), line);
        }
        if let Some(default) = said_default(item, parameter) {
            let subject = Subject::ParameterDefault(name.clone());
            self.say(subject, Value::text(default), line);
        }
    }

    /// The order of the parameters, where it is complete or not that of the signature; a selection in the right order
    /// says nothing about order.
    pub(super) fn parameter_order(&mut self, signature: &Signature) {
        let actual: Vec<&Name> = signature.documented().iter().map(|p| &p.name).collect();
        let mut from = actual.iter();
        let is_selection = self.order.iter().all(|name| from.any(|a| *a == name));
        if self.order.len() < 2 || is_selection && self.order.len() < actual.len() {
            return;
        }
        let names = std::mem::take(&mut self.order);
        self.say(Subject::ParameterOrder, Value::Names(names), None);
    }

    /// What the sections of returned or yielded values say.
    pub(super) fn values(&mut self, words: &Words<'_>) {
        for kind in [SectionKind::Returns, SectionKind::Yields] {
            let items: Vec<&Item> = words.parsed.of_kind(kind).flat_map(|s| &s.items).collect();
            let Some(first) = items.first() else {
                continue;
            };
            if items.iter().all(|item| is_nothing(item)) {
                continue;
            }
            let line = words.line(first.line);
            let (exists, of_type, of_text) = match kind {
                SectionKind::Returns => (Subject::Return, Subject::ReturnType, Subject::ReturnText),
                _ => (Subject::Yield, Subject::YieldType, Subject::YieldText),
            };
            self.say(exists, Value::Present, line);
            let lists = words.parsed.of_kind(kind).any(lists_values);
            if let ([_], Some(type_text), false) = (items.as_slice(), said_type(first), lists) {
                self.say(of_type, Value::text(type_text), line);
            }
            let text = match items.as_slice() {
                [only] => only.text.clone(),
                many => listed(many.iter().copied()),
            };
            self.say(of_text, Value::text(text), line);
        }
    }

    /// What the sections of exceptions say.
    pub(super) fn raises(&mut self, words: &Words<'_>) {
        let mut texts: BTreeMap<Name, (String, Option<u32>)> = BTreeMap::new();
        for section in words.parsed.of_kind(SectionKind::Raises) {
            for item in &section.items {
                let line = words.line(item.line);
                for name in &item.names {
                    let name: Name = name.rsplit('.').next().unwrap_or(name).into();
                    if matches!(name.as_ref(), "None" | "Nothing" | "N" | "NA") {
                        continue;
                    }
                    self.say(Subject::Raise(name.clone()), Value::Present, line);
                    let text = texts.entry(name).or_insert_with(|| (String::new(), line));
                    if !text.0.is_empty() && !item.text.is_empty() {
                        text.0.push('\n');
                    }
                    text.0.push_str(&item.text);
                }
            }
            if section.items.iter().all(|i| i.names.is_empty()) {
                self.section(words, section);
            }
        }
        for (name, (text, line)) in texts {
            self.say(Subject::RaiseText(name), Value::text(text), line);
        }
    }

    /// What the sections of a kind say about attributes.
    pub(super) fn attributes(&mut self, words: &Words<'_>, kind: SectionKind) {
        for item in words.parsed.of_kind(kind).flat_map(|s| &s.items) {
            let line = words.line(item.line);
            for name in &item.names {
                let bare = name.trim_start_matches('*');
                let bare = ["self.", "cls."]
                    .iter()
                    .find_map(|p| bare.strip_prefix(p))
                    .unwrap_or(bare);
                if bare.contains('.') {
                    continue;
                }
                let name: Name = bare.into();
                self.say(Subject::Attribute(name.clone()), Value::Present, line);
                if let Some(type_text) = said_type(item) {
                    let subject = Subject::AttributeType(name.clone());
                    self.say(subject, Value::text(type_text), line);
                }
                let text = Value::text(item.text.as_str());
                self.say(Subject::AttributeText(name), text, line);
            }
        }
    }

    /// A text that stands at an attribute itself.
    pub(super) fn attribute_doc(&mut self, name: &Name, doc: &str, line: u32) {
        self.say(Subject::Attribute(name.clone()), Value::Present, Some(line));
        let text = Value::text(doc.trim());
        self.say(Subject::AttributeText(name.clone()), text, Some(line));
    }

    /// The things that a docstring mentions.
    pub(super) fn references(&mut self, words: &Words<'_>, text: &str, oracle: &Oracle, component: &Component) {
        let gone = references::names_of_the_past(text);
        for (offset, line) in text.split('\n').enumerate() {
            for mention in references::mentions_in_line(line) {
                if gone.contains(&mention.target) {
                    continue;
                }
                if let Some(name) = references::claimed(oracle, component, &mention) {
                    let offset = u32::try_from(offset).unwrap_or(u32::MAX);
                    self.say(Subject::Reference(name), Value::Present, words.line(offset));
                }
            }
        }
    }
}

/// Whether a first paragraph is the signature again: `name(x, y) -> int`.
fn repeats_signature(text: &str, component: &Component) -> bool {
    let name = component.id.rsplit('.').next().unwrap_or_default();
    text.strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('(') && (rest.ends_with(')') || rest.contains(") ->")))
        && !text.contains(". ")
}

/// A section's title as it is shown, a capital first.
fn title(section: &Section) -> String {
    let written = match section.kind {
        SectionKind::SeeAlso => "See Also",
        SectionKind::Deprecated => "Deprecated",
        SectionKind::Notes if section.title.starts_with(char::is_lowercase) => "Notes",
        kind if section.title.trim().is_empty() => kind.name(),
        _ => &section.title,
    };
    let shown = written.replace(char::is_control, " ");
    let shown = shown.trim();
    let mut chars = shown.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().to_string() + chars.as_str(),
        None => section.kind.name().to_owned(),
    }
}

/// Entries as lines of prose.
fn listed<'a>(items: impl IntoIterator<Item = &'a Item>) -> String {
    let line = |item: &Item| {
        let head = match (item.name(), &item.type_text) {
            (Some(name), Some(type_text)) => format!("{name} ({type_text})"),
            (Some(name), None) => name,
            (None, Some(type_text)) => type_text.clone(),
            (None, None) => return item.text.clone(),
        };
        if item.text.is_empty() {
            head
        } else {
            format!("{head}: {}", item.text)
        }
    };
    items.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Whether a section of one entry goes on with more at its margin (`name: text`): there are several values then, and
/// the type is that of the first.
fn lists_values(section: &Section) -> bool {
    section.text.lines().skip(1).any(|line| {
        line.split_once(": ").is_some_and(|(name, _)| {
            name.starts_with(|c: char| c.is_lowercase() || c == '_')
                && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
    })
}

/// Whether an entry says that there is no value: `None`, `Nothing`.
fn is_nothing(item: &Item) -> bool {
    let none = |text: &str| {
        let text = item::unquoted_markup(text.trim().trim_end_matches('.'));
        text.eq_ignore_ascii_case("none")
            || text.eq_ignore_ascii_case("nothing")
            || text == "NoReturn"
            || text == "NoneType"
    };
    match &item.type_text {
        Some(type_text) => none(type_text),
        None => item.text.is_empty() || none(&item.text),
    }
}

/// The type of an entry without markup, where it reads like one.
fn said_type(item: &Item) -> Option<String> {
    let text = item.type_text.as_deref()?;
    if !item::is_type_like(text) {
        return None;
    }
    let mut plain = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('`') {
        // A role before the backtick is markup, too.
        let before = &rest[..open];
        let role = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == ':'))
            .map_or(0, |at| at + 1);
        let role = before.ceil_char_boundary(role);
        let is_role = before[role..].starts_with(':') && before.ends_with(':');
        plain.push_str(if is_role { &before[..role] } else { before });
        rest = rest[open..].trim_start_matches(['`', '~', '!']);
        if is_role {
            rest = rest.trim_start_matches('.');
        }
    }
    plain.push_str(rest);
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = plain.trim_end_matches('.');
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// The default an entry states, where it is a statement about the signature.
fn said_default(item: &Item, parameter: Option<&Parameter>) -> Option<String> {
    let explicit = item.default.as_deref();
    let stated = explicit
        .map(|d| item::unquoted_markup(d).to_owned())
        .or_else(|| prose::stated_default(&item.text).filter(|_| item.names.len() == 1))?;
    let parameter = parameter?;
    if !parameter.kind.stars().is_empty() {
        return None;
    }
    let Some(actual) = parameter.default.as_deref() else {
        return prose::is_literal(&stated).then_some(stated);
    };
    if prose::same_value(&stated, actual) {
        return Some(actual.to_owned());
    }
    // `None` and sentinels are replaced while the function runs: what is documented is what takes effect.
    let takes_effect_later = actual == "None"
        || !prose::is_literal(actual)
        || matches!(actual.trim_matches(['"', '\'']), "deprecated" | "warn" | "");
    (!takes_effect_later && prose::is_literal(&stated)).then_some(stated)
}
