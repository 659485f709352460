//! One definition, as a profile sees it, and the findings about it.

use crate::model::component::Name;
use crate::model::discrepancy::DiscrepancyKind;
use crate::model::finding::{Finding, fingerprint};
use crate::model::outline::{Definition, DefinitionKind, Outline};

/// A definition in its file.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) file: &'a Outline,
    pub(super) at: usize,
}

impl<'a> Page<'a> {
    pub(super) fn definition(&self) -> &'a Definition {
        &self.file.definitions[self.at]
    }

    /// The definition around it.
    pub(super) fn parent(&self) -> Option<Page<'a>> {
        let at = self.definition().parent?;
        Some(Page { file: self.file, at })
    }

    /// The class that it is a method of.
    pub(super) fn class(&self) -> Option<&'a Definition> {
        let parent = self.parent()?.definition();
        let is_function = self.definition().kind == DefinitionKind::Function;
        (is_function && parent.kind == DefinitionKind::Class).then_some(parent)
    }

    /// The definitions right inside it, in source order.
    pub(super) fn members(self) -> impl Iterator<Item = Page<'a>> {
        let file = self.file;
        let inside = file.definitions.iter().enumerate().skip(self.at + 1);
        inside
            .filter(move |(_, d)| d.parent == Some(self.at))
            .map(move |(at, _)| Page { file, at })
    }

    /// The text of the docstring, empty where there is none.
    pub(super) fn words(&self) -> &'a str {
        let literal = self.definition().docstring.as_ref();
        literal.map_or("", |l| l.docstring.text.as_ref())
    }

    /// The line of the docstring that is `offset` lines below its first, where that can be told.
    pub(super) fn line_of(&self, offset: u32) -> Option<u32> {
        let docstring = &self.definition().docstring.as_ref()?.docstring;
        Some(if docstring.lines_match_source {
            docstring.line + offset
        } else {
            docstring.line
        })
    }

    /// A finding about the definition. `code` is what the profile's tool calls the rule.
    pub(super) fn finding(
        &self,
        kind: DiscrepancyKind,
        code: &str,
        name: Option<&str>,
        message: &str,
        evidence: Vec<(u32, String)>,
    ) -> Finding {
        let definition = self.definition();
        let row = kind.row();
        let name: Option<Name> = name.map(Name::from);
        let qualname = &definition.qualname;
        let component: Name = match qualname.as_ref() {
            "" => self.file.module.clone(),
            inner => format!("{}.{inner}", self.file.module).into(),
        };
        let label = row.finding.unwrap_or(row.name);
        // Two rules of one kind about one thing are two findings.
        let subject: Name = format!("{}:{code}", name.as_deref().unwrap_or_default()).into();
        Finding {
            path: self.file.path.clone(),
            component,
            qualname: (!qualname.is_empty()).then(|| qualname.clone()),
            line: definition.line,
            kind,
            class: row.class,
            severity: row.severity,
            message: format!("{message} ({code})"),
            evidence,
            fingerprint: fingerprint(&self.file.path, qualname, label, Some(&subject)),
            name,
        }
    }
}
