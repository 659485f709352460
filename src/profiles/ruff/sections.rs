//! The sections of a docstring and the rules about them: D405 to D417.

use super::{Convention, Found};
use crate::model::component::ParameterKind;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::outline::DefinitionKind;
use crate::profiles::page::Page;

/// How sections are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Google,
    Numpy,
}

/// One section.
#[derive(Clone, Debug)]
pub(super) struct Section<'a> {
    /// Its title in small letters.
    pub(super) name: String,
    /// The title as written.
    written: &'a str,
    /// What follows the title on its line.
    suffix: &'a str,
    /// Position of the title among the docstring's lines.
    at: usize,
    /// The lines below the title.
    lines: Vec<&'a str>,
    /// Indentation of the title.
    indent: usize,
    is_last: bool,
}

/// A docstring's sections, and in which manner they are written.
#[derive(Clone, Debug)]
pub(super) struct Read<'a> {
    pub(super) manner: Manner,
    pub(super) sections: Vec<Section<'a>>,
}

const SHARED: &[&str] = &[
    "attributes",
    "examples",
    "methods",
    "notes",
    "raises",
    "references",
    "returns",
    "see also",
    "warnings",
    "warns",
    "yields",
];
const GOOGLE: &[&str] = &[
    "args",
    "arguments",
    "attention",
    "caution",
    "danger",
    "error",
    "example",
    "hint",
    "important",
    "keyword args",
    "keyword arguments",
    "note",
    "other args",
    "other arguments",
    "return",
    "tip",
    "todo",
    "warning",
    "yield",
];
const NUMPY: &[&str] = &[
    "extended summary",
    "other params",
    "other parameters",
    "parameters",
    "receives",
    "short summary",
];

/// Finds the sections: in the manner of the convention, else in the one that the titles speak for.
pub(super) fn read(text: &str, convention: Option<Convention>) -> Read<'_> {
    let read_as = |manner: Manner| Read {
        manner,
        sections: sections(text, manner),
    };
    match convention {
        Some(Convention::Google) => return read_as(Manner::Google),
        Some(Convention::Numpy) => return read_as(Manner::Numpy),
        _ => {}
    }
    let (numpy, google) = (read_as(Manner::Numpy), read_as(Manner::Google));
    let has = |read: &Read<'_>, names: &[&str]| read.sections.iter().any(|s| names.contains(&s.name.as_str()));
    if has(&numpy, &["parameters", "other params", "other parameters"]) {
        return numpy;
    }
    let of_arguments = [
        "args",
        "arguments",
        "keyword args",
        "keyword arguments",
        "other args",
        "other arguments",
    ];
    if has(&google, &of_arguments) || google.sections.len() > numpy.sections.len() {
        return google;
    }
    numpy
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn sections(text: &str, manner: Manner) -> Vec<Section<'_>> {
    let lines: Vec<&str> = text.split('\n').collect();
    let own = if manner == Manner::Google { GOOGLE } else { NUMPY };
    let mut found: Vec<Section<'_>> = Vec::new();
    for (at, line) in lines.iter().enumerate().skip(1) {
        let trimmed = line.trim();
        let end = trimmed
            .find(|c: char| !(c.is_alphanumeric() || c == ' '))
            .unwrap_or(trimmed.len());
        let written = trimmed[..end].trim();
        let name = written.to_lowercase();
        if !SHARED.contains(&name.as_str()) && !own.contains(&name.as_str()) {
            continue;
        }
        let suffix = trimmed[end..].trim();
        if !matches!(suffix, "" | ":") {
            continue;
        }
        let before = lines[at - 1].trim();
        let ends = before.is_empty() || before.ends_with([',', ';', '.', '-', '\\', '/', ']', '}', ')']);
        let is_underlined = lines.get(at + 1).is_some_and(|l| is_rule(l));
        let indent = indent_of(line);
        // A word that is no title: further in than the last title, in small letters, or in the middle of a sentence.
        let is_deeper = found.last().is_some_and(|last| indent > last.indent);
        let starts_small = written.starts_with(char::is_lowercase);
        let bare = suffix.is_empty() && !is_underlined;
        let in_sentence = !is_underlined && (!ends || is_deeper) || starts_small && bare && !before.is_empty();
        if in_sentence || is_deeper && manner == Manner::Google {
            continue;
        }
        found.push(Section {
            name,
            written,
            suffix,
            at,
            lines: Vec::new(),
            indent,
            is_last: false,
        });
    }
    let starts: Vec<usize> = found.iter().map(|s| s.at).chain([lines.len()]).collect();
    let count = found.len();
    for (n, section) in found.iter_mut().enumerate() {
        section.lines = lines[starts[n] + 1..starts[n + 1]].to_vec();
        section.is_last = n + 1 == count;
    }
    found
}

/// Whether a line is nothing but dashes or equals signs.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && (line.bytes().all(|b| b == b'-') || line.bytes().all(|b| b == b'='))
}

impl<'a> Section<'a> {
    /// The lines below the title and its rule.
    fn content(&self) -> &[&'a str] {
        let blank = self.lines.iter().take_while(|l| l.trim().is_empty()).count();
        match self.lines.get(blank) {
            Some(line) if is_rule(line) => &self.lines[blank + 1..],
            _ => &self.lines,
        }
    }

    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    /// The lines that begin an entry, each with its place in the docstring: those that are not indented below the
    /// first one.
    pub(super) fn heads(&self) -> Vec<(usize, &'a str)> {
        let content = self.content();
        let skipped = self.lines.len() - content.len();
        let base = content
            .iter()
            .find(|l| !l.trim().is_empty())
            .map_or(0, |l| indent_of(l));
        let lines = content.iter().enumerate();
        let heads = lines.filter(|(_, l)| !l.trim().is_empty() && indent_of(l) <= base);
        heads.map(|(n, l)| (self.at + 1 + skipped + n, l.trim())).collect()
    }
}

/// Where a section has its place among the others; none where it may stand anywhere.
fn rank(manner: Manner, name: &str) -> Option<usize> {
    const NUMPY_ORDER: &[&str] = &[
        "short summary",
        "extended summary",
        "parameters",
        "attributes",
        "methods",
        "returns",
        "yields",
        "receives",
        "other parameters",
        "other params",
        "raises",
        "warns",
        "warnings",
        "see also",
        "notes",
        "references",
        "examples",
    ];
    match manner {
        Manner::Numpy => NUMPY_ORDER.iter().position(|known| *known == name),
        Manner::Google => match name {
            "args" | "arguments" => Some(0),
            "returns" | "return" | "yields" | "yield" => Some(1),
            "raises" => Some(2),
            _ => None,
        },
    }
}

/// The rule D420: sections stand in the order of the convention.
fn order(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let mut last: Option<(usize, &str)> = None;
    for section in &read.sections {
        let Some(rank) = rank(read.manner, &section.name) else {
            continue;
        };
        if let Some((_, before)) = last.filter(|(highest, _)| *highest > rank) {
            let message = format!("section `{}` belongs before `{before}`", section.written);
            found.push(page, Kind::SectionOrder, "D420", Some(section.written), &message);
        } else {
            last = Some((rank, section.written));
        }
    }
}

/// The rules about the sections.
pub(super) fn check(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    order(page, read, found);
    for (n, section) in read.sections.iter().enumerate() {
        let line = u32::try_from(section.at).ok().and_then(|at| page.line_of(at));
        let mut push = |kind, code, message: &str| {
            found.push_at(page, kind, code, Some(section.written), message, line);
        };
        let title = section.written;
        if section.content().iter().all(|l| l.trim().is_empty()) {
            push(Kind::SectionEmpty, "D414", &format!("section `{title}` is empty"));
        }
        let capitalised = title
            .split(' ')
            .all(|word| word.starts_with(char::is_uppercase) && word[1..].chars().all(char::is_lowercase));
        if !capitalised {
            push(Kind::DocstringLayout, "D405", &format!("write `{title}` with capitals"));
        }
        match read.manner {
            Manner::Numpy => numpy_rules(section, &mut push),
            Manner::Google if section.suffix != ":" => {
                push(Kind::DocstringLayout, "D416", &format!("end `{title}` with a colon"));
            }
            Manner::Google => {}
        }
        let ends_blank = section.lines.last().is_some_and(|l| l.trim().is_empty());
        if !section.is_last && !ends_blank {
            push(
                Kind::DocstringLayout,
                "D410",
                &format!("leave a blank line after section `{title}`"),
            );
        }
        if section.is_last && !ends_blank {
            push(
                Kind::DocstringLayout,
                "D413",
                &format!("leave a blank line after the last section, `{title}`"),
            );
        }
        let before = page
            .words()
            .split('\n')
            .nth(section.at.wrapping_sub(1))
            .unwrap_or_default();
        if n > 0 && !before.trim().is_empty() {
            push(
                Kind::DocstringLayout,
                "D411",
                &format!("leave a blank line before section `{title}`"),
            );
        }
        let blank = section.content().iter().take_while(|l| l.trim().is_empty()).count();
        if blank > 0 && blank < section.content().len() {
            push(
                Kind::DocstringLayout,
                "D412",
                &format!("leave no blank line below the title `{title}`"),
            );
        }
    }
}

fn numpy_rules(section: &Section<'_>, push: &mut impl FnMut(Kind, &'static str, &str)) {
    let title = section.written;
    if !section.suffix.is_empty() {
        push(
            Kind::DocstringLayout,
            "D406",
            &format!("end the title `{title}` with the line"),
        );
    }
    let blank = section.lines.iter().take_while(|l| l.trim().is_empty()).count();
    match section.lines.get(blank) {
        Some(rule) if is_rule(rule) => {
            if blank > 0 {
                push(
                    Kind::DocstringLayout,
                    "D408",
                    &format!("underline `{title}` right below it"),
                );
            }
            if rule.trim().len() != title.len() {
                push(
                    Kind::DocstringLayout,
                    "D409",
                    &format!("underline `{title}` with as many dashes as it has letters"),
                );
            }
        }
        _ => push(
            Kind::DocstringLayout,
            "D407",
            &format!("underline the title `{title}` with dashes"),
        ),
    }
}

/// The names of the parameters that the sections document.
pub(super) fn documented(read: &Read<'_>) -> Option<Vec<String>> {
    let names: &[&str] = match read.manner {
        Manner::Google => &[
            "args",
            "arguments",
            "keyword args",
            "keyword arguments",
            "other args",
            "other arguments",
        ],
        Manner::Numpy => &["parameters", "other params", "other parameters"],
    };
    let mut sections = read.sections.iter().filter(|s| s.is_one_of(names)).peekable();
    sections.peek()?;
    let mut documented = Vec::new();
    for section in sections {
        for (_, head) in section.heads() {
            let before = head.split(':').next().unwrap_or(head);
            match read.manner {
                Manner::Google => {
                    if head.contains(':') {
                        let name = before.split('(').next().unwrap_or(before).trim();
                        documented.push(name.replace('\\', ""));
                    }
                }
                Manner::Numpy => {
                    let before = before.split(" (").next().unwrap_or(before);
                    documented.extend(before.split(',').map(|n| n.trim().replace('\\', "")));
                }
            }
        }
    }
    Some(documented)
}

/// The rule D417: where some parameters are documented, all are.
pub(super) fn parameters(page: Page<'_>, read: &Read<'_>, found: &mut Found<'_>) {
    let Some(documented) = documented(read) else {
        return;
    };
    let says = |name: &str| documented.iter().any(|d| d.trim_start_matches('*') == name);
    for parameter in callers(page) {
        let stars = parameter.kind.stars();
        let unpacks = parameter.annotation.as_deref().is_some_and(|a| a.contains("Unpack["));
        let skipped =
            parameter.name.starts_with('_') || !stars.is_empty() && (found.options.ignore_var_parameters || unpacks);
        if !skipped && !says(&parameter.name) {
            let name = format!("{stars}{}", parameter.name);
            let message = format!("parameter `{name}` is not documented, though others are");
            found.push_at(
                page,
                Kind::ParameterMissing,
                "D417",
                Some(&name),
                &message,
                Some(parameter.line),
            );
        }
    }
}

/// The parameters that a caller passes.
pub(super) fn callers<'a>(page: Page<'a>) -> impl Iterator<Item = &'a crate::model::component::Parameter> {
    let definition = page.definition();
    let in_class = page
        .parent()
        .is_some_and(|p| p.definition().kind == DefinitionKind::Class);
    let is_bound = in_class && !definition.is_decorated_with("staticmethod");
    let binds = |kind| matches!(kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword);
    let skip = usize::from(is_bound && definition.parameters.first().is_some_and(|p| binds(p.kind)));
    definition.parameters.iter().skip(skip)
}
