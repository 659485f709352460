//! The profile `darglint`: its errors DAR101 to DAR402, as its documentation describes them.
//!
//! Functions with a docstring are held against their own signature and body. What is caught in the same
//! function counts as raised all the same.

use super::ProfileError;
use super::page::Page;
use super::tables::Tables;
use super::type_text::{arguments, canonical, same};
use crate::model::component::ParameterKind;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::model::outline::{DefinitionKind, Outline};
use crate::streams::docstring::{ParsedDocstring, SectionKind, Style, parse_as};

/// How short a docstring is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strictness {
    /// One line.
    Short,
    /// No section.
    Long,
    /// None is.
    Full,
}

/// What `[darglint]` says in `.darglint`, `setup.cfg` or `tox.ini`.
#[derive(Clone, Debug)]
pub(super) struct Options {
    style: Style,
    strictness: Strictness,
    ignore: Vec<String>,
    ignore_raise: Vec<String>,
    ignore_properties: bool,
}

impl Options {
    pub(super) fn read(tables: &Tables) -> Result<Self, ProfileError> {
        let files = [".darglint", "setup.cfg", "tox.ini"];
        let found = files
            .iter()
            .map(|file| tables.ini(file, "darglint"))
            .find(|t| !t.is_empty());
        let table = found.unwrap_or_default();
        Ok(Self {
            style: match table.word("docstring_style")?.unwrap_or("google") {
                "google" => Style::Google,
                "numpy" => Style::Numpy,
                "sphinx" => Style::Sphinx,
                _ => return Err(table.wrong("docstring_style", "is none of google, numpy, sphinx")),
            },
            strictness: match table.word("strictness")?.unwrap_or("full") {
                "short" | "short_description" => Strictness::Short,
                "long" | "long_description" => Strictness::Long,
                "full" | "full_description" => Strictness::Full,
                _ => return Err(table.wrong("strictness", "is none of short, long, full")),
            },
            ignore: table.words("ignore")?,
            ignore_raise: table.words("ignore_raise")?,
            ignore_properties: table.flag("ignore_properties", false)?,
        })
    }
}

/// The findings in one file.
pub(super) fn check(file: &Outline, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if file.first_error.is_some() {
        return found;
    }
    for (at, definition) in file.definitions.iter().enumerate() {
        let page = Page { file, at };
        if definition.kind != DefinitionKind::Function || page.words().trim().is_empty() {
            continue;
        }
        let parsed = parse_as(page.words(), options.style);
        let is_bare = match options.strictness {
            Strictness::Full => false,
            Strictness::Short => !page.words().trim().contains('\n'),
            Strictness::Long => parsed.sections.iter().all(|s| !s.kind.is_interface()),
        };
        if !is_bare {
            let mut rules = Rules {
                page,
                options,
                parsed: &parsed,
                found: &mut found,
            };
            rules.parameters();
            rules.results();
            rules.raises();
        }
    }
    found
}

struct Rules<'a> {
    page: Page<'a>,
    options: &'a Options,
    parsed: &'a ParsedDocstring,
    found: &'a mut Vec<Finding>,
}

impl Rules<'_> {
    fn push(&mut self, kind: Kind, code: &str, name: Option<&str>, message: &str) {
        if !self.options.ignore.iter().any(|i| i == code) {
            self.found
                .push(self.page.finding(kind, code, name, message, Vec::new()));
        }
    }

    /// Whether a documented name is that of a parameter: in field lists the stars are left out.
    fn is_name(&self, said: &str, parameter: &str) -> bool {
        said == parameter || self.options.style == Style::Sphinx && said == parameter.trim_start_matches('*')
    }

    fn parameters(&mut self) {
        let definition = self.page.definition();
        let sections = self.parsed.of_kind(SectionKind::Parameters);
        let sections = sections.chain(self.parsed.of_kind(SectionKind::OtherParameters));
        let mut said: Vec<(String, Option<String>)> = Vec::new();
        for item in sections.flat_map(|s| &s.items) {
            said.extend(item.names.iter().map(|n| (n.clone(), item.type_text.clone())));
        }
        let binds = self.page.class().is_some() && !definition.is_decorated_with("staticmethod");
        let declared: Vec<_> = definition.parameters.iter().skip(usize::from(binds)).collect();
        for parameter in &declared {
            let name = format!("{}{}", parameter.kind.stars(), parameter.name);
            match said.iter().find(|(said, _)| self.is_name(said, &name)) {
                None if !parameter.name.starts_with('_') => {
                    let message = format!("parameter `{name}` is not documented");
                    self.push(Kind::ParameterMissing, "DAR101", Some(&name), &message);
                }
                Some((_, Some(said))) => {
                    let plain = matches!(parameter.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
                    if let Some(actual) = parameter.annotation.as_deref().filter(|a| !plain && !same(a, said)) {
                        let message = format!("`{name}` is documented as `{said}`, but it is `{actual}`");
                        self.push(Kind::ParameterType, "DAR103", Some(&name), &message);
                    }
                }
                _ => {}
            }
        }
        for (name, _) in &said {
            if declared
                .iter()
                .all(|p| !self.is_name(name, &format!("{}{}", p.kind.stars(), p.name)))
            {
                let message = format!("`{name}` is documented, but there is no such parameter");
                self.push(Kind::ParameterExtra, "DAR102", Some(name), &message);
            }
        }
    }

    fn results(&mut self) {
        let body = &self.page.definition().body;
        let returns = body.returns.iter().any(|r| r.has_value && !r.is_none);
        let section = self.parsed.of_kind(SectionKind::Returns).next();
        let is_property = self.page.is_property(&[]);
        let is_left_alone = body.is_stub || self.page.definition().is_decorated_with("abstractmethod");
        match section {
            None if returns && !(is_property && self.options.ignore_properties) => {
                self.push(
                    Kind::ReturnMissing,
                    "DAR201",
                    None,
                    "what is returned is not documented",
                );
            }
            Some(_) if !returns && !is_left_alone => {
                let message = "a return value is documented, but nothing is returned";
                self.push(Kind::ReturnExtra, "DAR202", None, message);
            }
            Some(section) => {
                let said = section.items.first().and_then(|i| i.type_text.as_deref());
                let actual = self.page.definition().returns.as_deref();
                if let (Some(said), Some(actual), [_]) = (said, actual, section.items.as_slice()) {
                    let generator = arguments(&canonical(actual), &["Generator", "Iterator", "Iterable"]).is_some();
                    if !generator && !same(said, actual) {
                        let message = format!("documented to return `{said}`, but annotated as `{actual}`");
                        self.push(Kind::ReturnType, "DAR203", None, &message);
                    }
                }
            }
            None => {}
        }
        let yields = !body.yields.is_empty();
        let says = self.parsed.of_kind(SectionKind::Yields).next().is_some();
        if yields && !says {
            self.push(Kind::YieldMissing, "DAR301", None, "what is yielded is not documented");
        } else if says && !yields && !is_left_alone {
            let message = "yielded values are documented, but nothing is yielded";
            self.push(Kind::YieldExtra, "DAR302", None, message);
        }
    }

    fn raises(&mut self) {
        let body = &self.page.definition().body;
        let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        let is_class = |name: &String| name.starts_with(char::is_uppercase);
        let raised: Vec<String> = body
            .raises
            .iter()
            .flat_map(|r| r.names())
            .map(|n| last(n))
            .filter(is_class)
            .collect();
        let items = self.parsed.of_kind(SectionKind::Raises).flat_map(|s| &s.items);
        let said: Vec<String> = items.flat_map(|i| &i.names).map(|n| last(n)).collect();
        let mut told: Vec<&String> = Vec::new();
        for name in &raised {
            if !said.contains(name) && !self.options.ignore_raise.contains(name) && !told.contains(&name) {
                told.push(name);
                let message = format!("`{name}` is raised and not documented");
                self.push(Kind::RaiseMissing, "DAR401", Some(name), &message);
            }
        }
        let is_left_alone = body.is_stub || self.page.definition().is_decorated_with("abstractmethod");
        for name in said.iter().filter(|s| !raised.contains(s) && !is_left_alone) {
            let message = format!("`{name}` is documented, but the body does not raise it");
            self.push(Kind::RaiseExtra, "DAR402", Some(name), &message);
        }
    }
}
