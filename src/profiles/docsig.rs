//! The profile `docsig`: its checks SIG101 to SIG505 of parameters and return values, as its documentation describes
//! them.
//!
//! Like the tool, it compares how many parameters are documented before it compares their names, and it judges return
//! values by their annotation. Checks of wording and of comments (SIG0xx, SIG3xx, SIG401, SIG506) are not applied.

use super::ProfileError;
use super::page::Page;
use super::tables::{Table, Tables};
use super::type_text::canonical;
use crate::model::component::{ParameterKind, is_dunder};
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::model::outline::{DefinitionKind, Outline, last_name};
use crate::streams::docstring::{SectionKind, parse};

/// What `[tool.docsig]` says.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the tool, and independent of the others"
)]
pub(super) struct Options {
    check_class: bool,
    check_constructor: bool,
    check_dunders: bool,
    check_nested: bool,
    check_overridden: bool,
    check_property_returns: bool,
    check_protected: bool,
    check_protected_classes: bool,
    ignore_args: bool,
    ignore_kwargs: bool,
    ignore_no_params: bool,
    disable: Vec<String>,
    target: Vec<String>,
}

impl Options {
    pub(super) fn read(tables: &Tables) -> Result<Self, ProfileError> {
        let table = tables.toml("pyproject.toml", &["tool", "docsig"])?;
        let flag = |table: &Table, key: &str| table.flag(key, false);
        Ok(Self {
            check_class: flag(&table, "check-class")?,
            check_constructor: flag(&table, "check-class-constructor")?,
            check_dunders: flag(&table, "check-dunders")?,
            check_nested: flag(&table, "check-nested")?,
            check_overridden: flag(&table, "check-overridden")?,
            check_property_returns: flag(&table, "check-property-returns")?,
            check_protected: flag(&table, "check-protected")?,
            check_protected_classes: flag(&table, "check-protected-class-methods")?,
            ignore_args: flag(&table, "ignore-args")?,
            ignore_kwargs: flag(&table, "ignore-kwargs")?,
            ignore_no_params: flag(&table, "ignore-no-params")?,
            disable: table.words("disable")?,
            target: table.words("target")?,
        })
    }

    fn wants(&self, code: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|c| c == code);
        !listed(&self.disable) && (self.target.is_empty() || listed(&self.target))
    }
}

/// The findings in one file.
pub(super) fn check(file: &Outline, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if file.first_error.is_some() {
        return found;
    }
    for at in 1..file.definitions.len() {
        let page = Page { file, at };
        if page.definition().kind == DefinitionKind::Function && is_checked(page, options) {
            let mut rules = Rules {
                page,
                options,
                found: &mut found,
            };
            rules.check();
        }
    }
    found
}

/// Whether the options ask for a function.
fn is_checked(page: Page<'_>, options: &Options) -> bool {
    let definition = page.definition();
    let name = definition.name.as_ref();
    if definition.is_decorated_with("overload") {
        return false;
    }
    let mut around = page.parent();
    while let Some(outer) = around {
        match outer.definition().kind {
            DefinitionKind::Function if !options.check_nested => return false,
            DefinitionKind::Class if outer.definition().name.starts_with('_') && !options.check_protected_classes => {
                return false;
            }
            _ => {}
        }
        around = outer.parent();
    }
    if page.class().is_some() && name == "__init__" {
        return options.check_class || options.check_constructor;
    }
    if is_dunder(name) {
        return options.check_dunders;
    }
    (options.check_protected || !name.starts_with('_')) && (options.check_overridden || !overrides(page))
}

/// Whether a class of the same file that its class derives from has the method, too.
fn overrides(page: Page<'_>) -> bool {
    let file = page.file;
    let classes = || {
        file.definitions
            .iter()
            .enumerate()
            .filter(|(_, d)| d.kind == DefinitionKind::Class)
    };
    let mut open: Vec<&str> = page
        .class()
        .map_or(Vec::new(), |c| c.bases.iter().map(AsRef::as_ref).collect());
    let mut seen: Vec<usize> = Vec::new();
    while let Some(base) = open.pop() {
        for (at, class) in classes().filter(|(_, d)| d.name.as_ref() == last_name(base)) {
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            if (Page { file, at })
                .members()
                .any(|m| m.definition().name == page.definition().name)
            {
                return true;
            }
            open.extend(class.bases.iter().map(AsRef::as_ref));
        }
    }
    false
}

struct Rules<'a> {
    page: Page<'a>,
    options: &'a Options,
    found: &'a mut Vec<Finding>,
}

impl Rules<'_> {
    fn push(&mut self, kind: Kind, code: &str, name: Option<&str>, message: &str) {
        if self.options.wants(code) {
            self.found
                .push(self.page.finding(kind, code, name, message, Vec::new()));
        }
    }

    fn check(&mut self) {
        let constructs = self.page.class().is_some() && self.page.definition().name.as_ref() == "__init__";
        let described = match self.page.parent() {
            Some(class) if constructs && self.options.check_class => class,
            _ => self.page,
        };
        if described.words().trim().is_empty() {
            let (code, what) = if constructs {
                ("SIG102", "class")
            } else {
                ("SIG101", "function")
            };
            self.push(
                Kind::DocstringMissing,
                code,
                None,
                &format!("the {what} has no docstring"),
            );
            return;
        }
        let parsed = parse(described.words());
        let sections = parsed
            .of_kind(SectionKind::Parameters)
            .chain(parsed.of_kind(SectionKind::OtherParameters));
        let names = sections.flat_map(|s| &s.items).flat_map(|i| &i.names);
        let said: Vec<String> = names.map(|n| n.trim_start_matches('*').to_owned()).collect();
        self.parameters(said);
        self.result(constructs, parsed.of_kind(SectionKind::Returns).next().is_some());
    }

    fn parameters(&mut self, mut said: Vec<String>) {
        let definition = self.page.definition();
        let binds = self.page.class().is_some() && !definition.is_decorated_with("staticmethod");
        let ignores = |kind| match kind {
            ParameterKind::VarPositional => self.options.ignore_args,
            ParameterKind::VarKeyword => self.options.ignore_kwargs,
            _ => false,
        };
        let passed = definition.parameters.iter().skip(usize::from(binds));
        let collector = definition
            .parameters
            .iter()
            .find(|p| p.kind == ParameterKind::VarKeyword);
        let declared: Vec<String> = passed
            .filter(|p| !p.name.starts_with('_') && !ignores(p.kind))
            .map(|p| p.name.to_string())
            .collect();
        if said.is_empty() && self.options.ignore_no_params {
            return;
        }
        // What goes into `**kwargs` documents it.
        if let Some(collector) = collector.filter(|c| !said.iter().any(|s| *s == *c.name)) {
            let of_keywords = said.iter().filter(|s| !declared.contains(s)).count();
            if of_keywords > 0 {
                said.retain(|s| declared.contains(s));
                said.push(collector.name.to_string());
            }
        }
        if let Some(twice) = said.iter().enumerate().find(|(n, s)| said[..*n].contains(s)) {
            let message = format!("`{}` is documented twice", twice.1);
            self.push(Kind::ParameterDuplicate, "SIG201", Some(twice.1), &message);
            return;
        }
        let missing: Vec<&String> = declared.iter().filter(|d| !said.contains(d)).collect();
        let extra: Vec<&String> = said.iter().filter(|s| !declared.contains(s)).collect();
        let tell = |rules: &mut Self, code: &str, missing: &[&String], extra: &[&String]| {
            for name in missing {
                let message = format!("parameter `{name}` is not documented");
                rules.push(Kind::ParameterMissing, code, Some(name), &message);
            }
            for name in extra {
                let message = format!("`{name}` is documented, but there is no such parameter");
                rules.push(Kind::ParameterExtra, code, Some(name), &message);
            }
        };
        match said.len().cmp(&declared.len()) {
            std::cmp::Ordering::Less => tell(self, "SIG203", &missing, &[]),
            std::cmp::Ordering::Greater => tell(self, "SIG202", &[], &extra),
            std::cmp::Ordering::Equal if missing.is_empty() && said != declared => {
                let message = format!("the parameters are declared as {}", declared.join(", "));
                self.push(Kind::ParameterOrder, "SIG402", None, &message);
            }
            std::cmp::Ordering::Equal => tell(self, "SIG404", &missing, &extra),
        }
    }

    fn result(&mut self, constructs: bool, documented: bool) {
        if constructs {
            if documented {
                let message = "a return value is documented for a class";
                self.push(Kind::ReturnExtra, "SIG504", None, message);
            }
            return;
        }
        let annotation = self.page.definition().returns.as_deref().map(canonical);
        if self.page.is_property(&[]) && !self.options.check_property_returns {
            if documented {
                let message = "a return value is documented for a property";
                self.push(Kind::ReturnExtra, "SIG505", None, message);
            }
            return;
        }
        match (annotation.as_deref(), documented) {
            (None, _) => {
                let message = "without an annotation it cannot be told whether a return value has to be documented";
                self.push(Kind::TypePlace, "SIG501", None, message);
            }
            (Some("None"), true) => {
                let message = "a return value is documented, but the annotation is `None`";
                self.push(Kind::ReturnExtra, "SIG502", None, message);
            }
            (Some("None"), false) | (Some(_), true) => {}
            (Some(_), false) => {
                self.push(
                    Kind::ReturnMissing,
                    "SIG503",
                    None,
                    "what is returned is not documented",
                );
            }
        }
    }
}
