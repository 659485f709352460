//! The parser: finds a docstring's convention and takes it apart, line by line, in linear time.
//!
//! A docstring has the convention that most of its sections are written in; sections in another are read all the
//! same, where they cannot be mistaken. Whatever is no section is prose and is kept.

use super::fields::{self, Field, Fields};
use super::google::{self, Heading};
use super::item::{self, TypeSpec};
use super::lines::{self, Line};
use super::numpy::{self, Underlined};
use super::parsed::{ParsedDocstring, Passage, Section, SectionKind, Style};

/// Takes a docstring apart. The text is the docstring's value, cleaned of indentation as `inspect.cleandoc` does.
///
/// Never fails: what is malformed is prose.
pub fn parse(text: &str) -> ParsedDocstring {
    read(text, None)
}

/// Takes a docstring apart as somebody does who knows one convention only, and that to the letter: titles as they
/// are written in its guide, at the margin, nothing of another convention.
pub fn parse_as(text: &str, style: Style) -> ParsedDocstring {
    read(text, Some(style))
}

fn read(text: &str, only: Option<Style>) -> ParsedDocstring {
    let all = lines::split(text);
    let code = code_lines(&all);
    let style = only.unwrap_or_else(|| style_of(&all, &code));
    let mut reader = Reader {
        all: &all,
        code: &code,
        style,
        by_the_letter: only.is_some(),
        sections: Vec::new(),
        fields: Fields::default(),
        ended: None,
        summary: None,
        description: None,
    };
    reader.read();
    let mut sections = reader.sections;
    reader.fields.finish(&mut sections, only.is_some());
    ParsedDocstring {
        style,
        summary: reader.summary,
        description: reader.description,
        sections,
    }
}

/// Which lines are doctests or inside fences, where nothing is a heading.
fn code_lines(all: &[Line<'_>]) -> Vec<bool> {
    let fences: Vec<usize> = (0..all.len()).filter(|&i| all[i].text.starts_with("```")).collect();
    let mut code = vec![false; all.len()];
    for pair in fences.chunks_exact(2) {
        code[pair[0]..=pair[1]].fill(true);
    }
    let mut in_doctest = false;
    for (i, line) in all.iter().enumerate() {
        in_doctest = !line.is_blank() && (in_doctest || line.text.starts_with(">>>"));
        code[i] |= in_doctest;
    }
    code
}

/// The convention with the most evidence: kinds of sections in it, interface sections counting double.
fn style_of(all: &[Line<'_>], code: &[bool]) -> Style {
    let mut seen: [Vec<SectionKind>; 4] = Default::default();
    let styles = [Style::Numpy, Style::Google, Style::Sphinx, Style::Epydoc];
    for i in (0..all.len()).filter(|&i| !code[i]) {
        let (style, kind) = if let Some(Underlined { kind: Some(kind), .. }) = numpy::underlined(all, i) {
            (0, kind)
        } else if let Some(heading) = google::heading(all, i) {
            (1, heading.kind)
        } else if let Some(field) = fields::field(&all[i]) {
            (if field.is_epydoc { 3 } else { 2 }, kind_of(&field))
        } else {
            continue;
        };
        if !seen[style].contains(&kind) {
            seen[style].push(kind);
        }
    }
    let weight =
        |kinds: &Vec<SectionKind>| -> usize { kinds.iter().map(|k| if k.is_interface() { 2 } else { 1 }).sum() };
    let best = seen.iter().map(weight).max().unwrap_or(0);
    (0..4)
        .find(|&i| best > 0 && weight(&seen[i]) == best)
        .map_or(Style::Plain, |i| styles[i])
}

fn kind_of(field: &Field<'_>) -> SectionKind {
    use super::titles::Tag;
    match field.tag {
        Tag::Entry(kind) | Tag::TypeOf(kind) | Tag::Prose(kind) | Tag::Whole(kind) => kind,
    }
}

/// The name that `.. attribute:: name` documents.
fn attribute_directive(line: &str) -> Option<&str> {
    let directive = line.strip_prefix("..")?.trim_start();
    let rest = directive.strip_prefix("py:").unwrap_or(directive);
    let name = rest.strip_prefix("attribute")?.trim_start().strip_prefix("::")?.trim();
    (!name.is_empty()).then_some(name)
}

/// What a line begins.
enum Opening<'a> {
    Underlined(Underlined<'a>),
    Heading(Heading<'a>),
    Field(Field<'a>),
    Deprecated(&'a str),
    Attribute(&'a str),
}

struct Reader<'l, 'a> {
    all: &'l [Line<'a>],
    code: &'l [bool],
    style: Style,
    /// Whether only this style counts, as its guide has it.
    by_the_letter: bool,
    sections: Vec<Section>,
    fields: Fields,
    /// Where the last section ended.
    ended: Option<usize>,
    summary: Option<Passage>,
    description: Option<Passage>,
}

impl<'a> Reader<'_, 'a> {
    fn read(&mut self) {
        let mut at = 0;
        let mut prose = 0;
        while at < self.all.len() {
            let Some(opening) = self.opening(at) else {
                at += 1;
                continue;
            };
            self.prose(prose, at);
            at = self.section(at, &opening);
            self.ended = Some(at);
            prose = at;
        }
        self.prose(prose, self.all.len());
    }

    /// Whether a line may begin a section: it stands at the margin, or – with those who indent everything after the
    /// first paragraph – below prose at the margin or right after another section.
    fn at_margin(&self, at: usize) -> bool {
        let indent = self.all[at].indent;
        if self.by_the_letter {
            return indent == 0;
        }
        if indent == 0 || Some(at) == self.ended {
            return true;
        }
        let above = self.all[..at].iter().rev().take(3).find(|l| !l.is_blank());
        indent <= 8 && above.is_some_and(|l| l.indent == 0 && !l.text.ends_with(':'))
    }

    fn opening(&self, at: usize) -> Option<Opening<'a>> {
        let begins = !self.all[at].is_blank() && self.at_margin(at);
        begins.then(|| self.opening_anywhere(at)).flatten()
    }

    fn opening_anywhere(&self, at: usize) -> Option<Opening<'a>> {
        let line = &self.all[at];
        if self.code[at] {
            return None;
        }
        if let Some(title) = self.title(at) {
            return Some(Opening::Underlined(title));
        }
        if let Some(field) = fields::field(line).filter(|f| self.takes_field(f)) {
            return Some(Opening::Field(field));
        }
        if let Some(rest) = line.text.strip_prefix(".. deprecated::") {
            return Some(Opening::Deprecated(rest.trim()));
        }
        if let Some(name) = attribute_directive(line.text).filter(|_| self.takes(Style::Sphinx)) {
            return Some(Opening::Attribute(name));
        }
        self.heading(at).map(Opening::Heading)
    }

    /// In docstrings of another convention only interface fields count.
    /// Whether what is written in a style counts at all.
    fn takes(&self, style: Style) -> bool {
        !self.by_the_letter || self.style == style
    }

    fn takes_field(&self, field: &Field<'_>) -> bool {
        if self.by_the_letter {
            return self.style == if field.is_epydoc { Style::Epydoc } else { Style::Sphinx };
        }
        matches!(self.style, Style::Sphinx | Style::Epydoc) || kind_of(field).is_interface()
    }

    fn title(&self, at: usize) -> Option<Underlined<'a>> {
        let title = numpy::underlined(self.all, at)?;
        if self.by_the_letter {
            let exact = self.style == Style::Numpy && numpy::is_exact(self.all, at);
            return Some(title).filter(|t| exact && t.kind.is_some());
        }
        // Titles that are not known are sections only beside known ones.
        let counts = title.kind.is_some() || self.style == Style::Numpy && self.all[at].indent == 0 && at > 0;
        counts.then_some(title)
    }

    fn heading(&self, at: usize) -> Option<Heading<'a>> {
        if self.by_the_letter {
            return google::exact_heading(self.all, at).filter(|_| self.style == Style::Google);
        }
        let known = google::heading(self.all, at);
        match self.style {
            Style::Google => known.or_else(|| google::unknown_heading(self.all, at)),
            Style::Numpy => None,
            _ => known.filter(|h| h.kind.is_interface()),
        }
    }

    /// Reads the section that begins at a position and returns where it ends.
    fn section(&mut self, at: usize, opening: &Opening<'a>) -> usize {
        match opening {
            Opening::Underlined(title) => {
                let end = (at + 2..self.all.len())
                    .find(|&i| self.all[i].indent <= self.all[at].indent && !self.code[i] && self.title(i).is_some())
                    .unwrap_or(self.all.len());
                self.sections.push(numpy::section(self.all, at, end, title));
                end
            }
            Opening::Heading(heading) => {
                let end = google::end_of(self.all, at);
                self.sections.push(google::section(self.all, at, end, heading));
                end
            }
            Opening::Field(field) => {
                let end = fields::end_of(self.all, at, |i| self.opening_anywhere(i).is_some());
                let body = &self.all[at + 1..end];
                self.fields.take(field, body, at, &mut self.sections);
                end
            }
            Opening::Attribute(name) => {
                let indent = self.all[at].indent;
                let end = (at + 1..self.all.len())
                    .find(|&i| !self.all[i].is_blank() && self.all[i].indent <= indent)
                    .unwrap_or(self.all.len());
                self.fields
                    .take_attribute(name, &self.all[at + 1..end], at, &mut self.sections);
                end
            }
            Opening::Deprecated(version) => {
                let end = google::end_of(self.all, at);
                self.deprecated(at, end, version);
                end
            }
        }
    }

    fn deprecated(&mut self, at: usize, end: usize, rest: &str) {
        let (version, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let names = if version.is_empty() {
            Vec::new()
        } else {
            vec![version.to_owned()]
        };
        let text = lines::join(Some(more), &self.all[at + 1..end]);
        self.sections.push(Section {
            kind: SectionKind::Deprecated,
            title: "Deprecated".to_owned(),
            text: format!("{version}\n{text}").trim().to_owned(),
            items: vec![item::entry(names, TypeSpec::default(), text, at)],
            line: lines::offset(at),
        });
    }

    /// Takes up the lines between two sections.
    fn prose(&mut self, start: usize, end: usize) {
        let lines = &self.all[start..end];
        let Some(begins) = lines.iter().position(|l| !l.is_blank()) else {
            return;
        };
        if self.summary.is_some() || !self.sections.is_empty() {
            if let Some(Passage { text, line }) = lines::passage(lines, start) {
                self.sections.push(Section {
                    kind: SectionKind::Text,
                    title: String::new(),
                    items: Vec::new(),
                    text,
                    line,
                });
            }
            return;
        }
        // A module's title is its name most of the time; what it is for follows.
        let title = numpy::document_title(lines, begins);
        let begins = match title {
            Some((taken, name)) => match lines[begins + taken..].iter().position(|l| !l.is_blank()) {
                Some(after) => begins + taken + after,
                None => {
                    self.summary = lines::passage(&lines[begins + name..=begins + name], start + begins + name);
                    return;
                }
            },
            None => begins,
        };
        let paragraph_end = lines[begins..]
            .iter()
            .position(Line::is_blank)
            .map_or(lines.len(), |n| begins + n);
        self.summary = lines::passage(&lines[begins..paragraph_end], start + begins);
        self.description = lines::passage(&lines[paragraph_end..], start + paragraph_end);
    }
}
