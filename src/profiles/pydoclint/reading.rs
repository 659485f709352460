//! A docstring read in the one style that the project has, to the letter, and whether it is in that style at all.

use super::Options;
use crate::streams::docstring::{Item, ParsedDocstring, SectionKind, Style, parse_as};

/// A docstring, taken apart.
pub(super) struct Reading {
    pub(super) parsed: ParsedDocstring,
    pub(super) is_in_another_style: bool,
}

impl Reading {
    /// Reads a docstring in the style it seems to be in; the reason where it is malformed.
    pub(super) fn of(text: &str, options: &Options) -> Result<Self, String> {
        let mut style = options.style;
        let mut is_in_another_style = false;
        if options.check_style {
            let likely = likely_styles(text);
            match likely.as_slice() {
                [] => {}
                [one] => {
                    is_in_another_style = *one != style;
                    style = *one;
                }
                _ => is_in_another_style = true,
            }
        }
        let reading = Self::in_style(text, style)?;
        Ok(Self {
            is_in_another_style,
            ..reading
        })
    }

    /// Reads a docstring in the project's style.
    pub(super) fn of_own_style(text: &str, options: &Options) -> Result<Self, String> {
        Self::in_style(text, options.style)
    }

    fn in_style(text: &str, style: Style) -> Result<Self, String> {
        if let Some(reason) = malformed(text, style) {
            return Err(reason);
        }
        Ok(Self {
            parsed: parse_as(text, style),
            is_in_another_style: false,
        })
    }

    /// Whether it says nothing about the interface.
    pub(super) fn is_short(&self) -> bool {
        let says =
            |kind: SectionKind| kind.is_interface() || matches!(kind, SectionKind::Examples | SectionKind::Deprecated);
        self.parsed.sections.iter().all(|section| !says(section.kind))
    }

    /// The entries about parameters in order.
    pub(super) fn parameters(&self) -> Vec<&Item> {
        self.items(|kind| {
            matches!(
                kind,
                SectionKind::Parameters | SectionKind::OtherParameters | SectionKind::Receives
            )
        })
    }

    /// The entries about attributes in order.
    pub(super) fn attributes(&self) -> Vec<&Item> {
        self.items(|kind| kind == SectionKind::Attributes)
    }

    fn items(&self, wanted: impl Fn(SectionKind) -> bool) -> Vec<&Item> {
        let sections = self.parsed.sections.iter().filter(|s| wanted(s.kind));
        sections.flat_map(|s| &s.items).collect()
    }

    /// The types of what is returned, empty where an entry has none; none where there is no such section.
    pub(super) fn returns(&self) -> Option<Vec<String>> {
        self.values(SectionKind::Returns)
    }

    /// The same of what is yielded.
    pub(super) fn yields(&self) -> Option<Vec<String>> {
        self.values(SectionKind::Yields)
    }

    fn values(&self, kind: SectionKind) -> Option<Vec<String>> {
        let mut sections = self.parsed.of_kind(kind).peekable();
        sections.peek()?;
        let mut types: Vec<String> = if self.parsed.style == Style::Numpy {
            // In this style whatever stands at the margin is `name : type` or a type.
            let lines = sections.flat_map(|s| s.text.lines());
            let heads = lines.filter(|l| l.starts_with(|c: char| !c.is_whitespace()));
            heads
                .map(|l| l.split_once(':').map_or(l, |(_, t)| t).trim().to_owned())
                .collect()
        } else {
            let items = sections.flat_map(|s| &s.items);
            items.map(|item| item.type_text.clone().unwrap_or_default()).collect()
        };
        if types.is_empty() {
            types.push(String::new());
        }
        Some(types)
    }

    /// Whether there is a section of exceptions.
    pub(super) fn raises(&self) -> bool {
        self.parsed.of_kind(SectionKind::Raises).next().is_some()
    }

    /// The names of the exceptions that are documented.
    pub(super) fn exceptions(&self) -> Vec<&str> {
        let items = self.parsed.of_kind(SectionKind::Raises).flat_map(|s| &s.items);
        items.flat_map(|i| i.names.iter().map(String::as_str)).collect()
    }
}

/// Titles of sections in the NumPy convention.
const NUMPY_TITLES: &[&str] = &[
    "Arguments",
    "Args",
    "Attribute",
    "Attributes",
    "Example",
    "Examples",
    "Note",
    "Notes",
    "Other Args",
    "Other Arguments",
    "Other Parameters",
    "Other Params",
    "Parameters",
    "Params",
    "Raise",
    "Raises",
    "Receive",
    "Receives",
    "Reference",
    "References",
    "Related",
    "Return",
    "Returns",
    "See Also",
    "Warn",
    "Warning",
    "Warnings",
    "Warns",
    "Yield",
    "Yields",
];

/// Why a docstring cannot be read in a style.
fn malformed(text: &str, style: Style) -> Option<String> {
    match style {
        Style::Numpy => {
            let lines: Vec<&str> = text.lines().collect();
            let unknown = lines.windows(2).find_map(|pair| {
                let (title, rule) = (pair[0].trim(), pair[1].trim());
                let underlines = rule.len() >= 3 && rule.bytes().all(|b| b == b'-');
                let is_title = !title.is_empty() && !title.ends_with(':') && !title.bytes().all(|b| b == b'-');
                (underlines && is_title && !NUMPY_TITLES.contains(&title)).then_some(title)
            });
            unknown
                .map(|title| format!("`{title}` is no section of this style"))
                .or_else(|| hanging_numpy(&lines))
        }
        Style::Google => malformed_google(text),
        _ => {
            let nameless = |l: &&str| {
                let inner = l[1..].split(':').next().unwrap_or_default().trim();
                matches!(inner, "param" | "parameter" | "arg" | "argument" | "key" | "keyword") || !l[1..].contains(':')
            };
            let field = text.lines().filter(|l| l.starts_with(':')).find(nameless)?;
            Some(format!("`{field}` is no field"))
        }
    }
}

/// A section that lists things, all of them indented as if they went on with something.
fn hanging_numpy(lines: &[&str]) -> Option<String> {
    const LISTING: &[&str] = &[
        "Parameters",
        "Params",
        "Arguments",
        "Args",
        "Other Parameters",
        "Attributes",
        "Raises",
        "Returns",
        "Yields",
    ];
    for (at, pair) in lines.windows(2).enumerate() {
        let is_title = LISTING.contains(&pair[0]) && pair[1].starts_with("---");
        if !is_title {
            continue;
        }
        let mut content = lines[at + 2..].iter().enumerate().filter(|(_, l)| !l.trim().is_empty());
        let (n, first) = content.next()?;
        let ends = lines.get(at + 3 + n).is_some_and(|l| l.starts_with("---"));
        let has_margin = !first.starts_with([' ', '\t']) && !ends;
        if !has_margin {
            return Some(format!("`{}` lists nothing", pair[0]));
        }
    }
    None
}

/// An entry without a colon or a name in a section that lists things.
fn malformed_google(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let listing = [
            "Args:",
            "Arguments:",
            "Attributes:",
            "Exceptions:",
            "Parameters:",
            "Params:",
            "Raises:",
        ];
        if !listing.contains(&line.trim_end()) {
            continue;
        }
        let block: Vec<&&str> = lines[at + 1..]
            .iter()
            .take_while(|l| l.trim().is_empty() || l.starts_with([' ', '\t']))
            .filter(|l| !l.trim().is_empty())
            .collect();
        let Some(first) = block.first() else {
            return Some(format!("`{line}` has nothing below it"));
        };
        let indent = first.len() - first.trim_start().len();
        let mut entry: Option<(&str, bool)> = None;
        for line in &block {
            if line.len() - line.trim_start().len() == indent {
                if let Some((head, false)) = entry {
                    return Some(format!("`{head}` names nothing"));
                }
                let head = line.trim();
                entry = Some((head, head.contains(':') && !head.starts_with(':')));
            } else if let Some(entry) = &mut entry {
                entry.1 |= line.contains(':') && !entry.0.starts_with(':');
            }
        }
        if let Some((head, false)) = entry {
            return Some(format!("`{head}` names nothing"));
        }
    }
    None
}

/// The styles that a docstring has marks of. Underlined titles outweigh all other marks.
fn likely_styles(text: &str) -> Vec<Style> {
    const TITLES: &[&str] = &[
        "arg",
        "args",
        "argument",
        "arguments",
        "parameter",
        "parameters",
        "param",
        "return",
        "returns",
        "yield",
        "yields",
        "raise",
        "raises",
        "example",
        "examples",
        "note",
        "notes",
        "see also",
        "reference",
        "references",
    ];
    let lines: Vec<&str> = text.lines().collect();
    let underlined = lines.windows(2).any(|pair| {
        let title = pair[0].trim().trim_end_matches(':').trim_end().to_lowercase();
        let rule = pair[1].trim();
        rule.len() >= 3 && rule.bytes().all(|b| b == b'-') && TITLES.contains(&title.as_str())
    });
    if underlined {
        return vec![Style::Numpy];
    }
    let margin = |l: &&&str| l.len() - l.trim_start().len();
    let filled = lines.iter().filter(|l| !l.trim().is_empty());
    let least = filled.clone().map(|l| margin(&l)).min().unwrap_or(0);
    let begins = |marks: &[&str]| {
        filled
            .clone()
            .filter(|l| margin(l) == least)
            .any(|l| marks.iter().any(|mark| l.trim_start().starts_with(mark)))
    };
    let mut likely = Vec::new();
    if begins(&["Args:", "Returns:", "Yields:", "Raises:", "Examples:", "Notes:"]) {
        likely.push(Style::Google);
    }
    if begins(&[
        ":param ", ":type ", ":raises ", ":return:", ":rtype:", ":yield:", ":ytype:",
    ]) {
        likely.push(Style::Sphinx);
    }
    likely
}
