//! The profile `numpydoc`: the checks of `numpydoc lint` about what a docstring says of the code.
//!
//! GL07, GL08, PR01, PR02, PR03, RT01 and YD01; those about wording and layout are not applied. Every definition is
//! checked, private and nested ones too, as the tool does; `# numpydoc ignore=CODE` lets one pass.

use super::ProfileError;
use super::page::Page;
use super::tables::Tables;
use crate::model::component::ParameterKind;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::model::outline::{Definition, DefinitionKind, Outline};
use crate::streams::docstring::{SectionKind, Style, parse_as};

/// The order of the sections in the convention's guide.
const ORDER: &[SectionKind] = &[
    SectionKind::Parameters,
    SectionKind::Returns,
    SectionKind::Yields,
    SectionKind::OtherParameters,
    SectionKind::Raises,
    SectionKind::Warns,
    SectionKind::SeeAlso,
    SectionKind::Notes,
    SectionKind::References,
    SectionKind::Examples,
];

/// What `[tool.numpydoc_validation]` says.
#[derive(Clone, Debug)]
pub(super) struct Options {
    checks: Vec<String>,
}

impl Options {
    pub(super) fn read(tables: &Tables) -> Result<Self, ProfileError> {
        let mut table = tables.toml("pyproject.toml", &["tool", "numpydoc_validation"])?;
        if table.is_empty() {
            table = tables.ini("setup.cfg", "tool:numpydoc_validation");
        }
        let mut checks = table.words("checks")?;
        if checks.is_empty() {
            checks.push("all".to_owned());
        }
        Ok(Self { checks })
    }

    /// `all` turns the list into one of what is left out.
    fn wants(&self, code: &str) -> bool {
        let listed = self.checks.iter().any(|c| c == code);
        listed != self.checks.iter().any(|c| c == "all")
    }
}

/// The findings in one file.
pub(super) fn check(file: &Outline, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if file.first_error.is_some() {
        return found;
    }
    for at in 0..file.definitions.len() {
        let page = Page { file, at };
        let mut rules = Rules {
            page,
            options,
            found: &mut found,
        };
        rules.check();
    }
    found
}

struct Rules<'a> {
    page: Page<'a>,
    options: &'a Options,
    found: &'a mut Vec<Finding>,
}

impl Rules<'_> {
    fn push(&mut self, kind: Kind, code: &str, name: Option<&str>, message: &str) {
        let definition = self.page.definition();
        let ignored = self.page.file.comments.iter().any(|(line, comment)| {
            let rest = comment.strip_prefix("numpydoc ignore=");
            *line == definition.line && rest.is_some_and(|codes| codes.split(',').any(|c| c.trim() == code))
        });
        if self.options.wants(code) && !ignored {
            self.found
                .push(self.page.finding(kind, code, name, message, Vec::new()));
        }
    }

    fn check(&mut self) {
        let definition = self.page.definition();
        if self.page.words().trim().is_empty() {
            // What makes instances is described where its class lists all of its parameters.
            let described = self.page.parent().is_some_and(|class| {
                let is_class = class.definition().kind == DefinitionKind::Class;
                is_class && !class.words().is_empty() && listed(class.words()) == names(definition, true)
            });
            if !(definition.name.as_ref() == "__init__" && described) {
                self.push(Kind::DocstringMissing, "GL08", None, "there is no docstring");
            }
            return;
        }
        let parsed = parse_as(self.page.words(), Style::Numpy);
        let kinds = parsed.sections.iter().map(|s| s.kind);
        let ranks: Vec<usize> = kinds.filter_map(|kind| ORDER.iter().position(|k| *k == kind)).collect();
        if !ranks.is_sorted() {
            let message = "the sections are not in the order of the convention";
            self.push(Kind::SectionOrder, "GL07", None, message);
        }
        self.parameters(&listed(self.page.words()));
        if definition.kind != DefinitionKind::Function {
            return;
        }
        let has = |kind| parsed.of_kind(kind).next().is_some();
        let body = &definition.body;
        if !has(SectionKind::Returns) && body.returns.iter().any(|r| r.has_value && !r.is_none) {
            self.push(Kind::ReturnMissing, "RT01", None, "what is returned is not documented");
        }
        if !has(SectionKind::Yields) && !body.yields.is_empty() {
            self.push(Kind::YieldMissing, "YD01", None, "what is yielded is not documented");
        }
    }

    fn parameters(&mut self, said: &[String]) {
        let definition = self.page.definition();
        let declared = match definition.kind {
            DefinitionKind::Module => return,
            DefinitionKind::Function => names(definition, self.page.class().is_some()),
            DefinitionKind::Class => {
                let constructor = self.page.members().find(|m| m.definition().name.as_ref() == "__init__");
                constructor.map(|c| names(c.definition(), true)).unwrap_or_default()
            }
        };
        let missing: Vec<&String> = declared.iter().filter(|d| !said.contains(d)).collect();
        let extra: Vec<&String> = said.iter().filter(|s| !declared.contains(s)).collect();
        for name in &missing {
            let message = format!("parameter `{name}` is not documented");
            self.push(Kind::ParameterMissing, "PR01", Some(name), &message);
        }
        for name in &extra {
            let message = format!("`{name}` is documented, but there is no such parameter");
            self.push(Kind::ParameterExtra, "PR02", Some(name), &message);
        }
        if missing.is_empty() && extra.is_empty() && declared != said {
            let message = format!("the parameters are declared as {}", declared.join(", "));
            self.push(Kind::ParameterOrder, "PR03", None, &message);
        }
    }
}

/// The parameters that a docstring lists, in order.
fn listed(words: &str) -> Vec<String> {
    let parsed = parse_as(words, Style::Numpy);
    let in_list = |kind| matches!(kind, SectionKind::Parameters | SectionKind::OtherParameters);
    let sections = parsed.sections.iter().filter(|s| in_list(s.kind));
    sections.flat_map(|s| &s.items).flat_map(|i| i.names.clone()).collect()
}

/// The parameters that a caller passes, stars included.
fn names(definition: &Definition, in_class: bool) -> Vec<String> {
    let binds = in_class && !definition.is_decorated_with("staticmethod");
    let positional = |kind| matches!(kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword);
    let skip = usize::from(binds && definition.parameters.first().is_some_and(|p| positional(p.kind)));
    let passed = definition.parameters.iter().skip(skip);
    passed.map(|p| format!("{}{}", p.kind.stars(), p.name)).collect()
}
