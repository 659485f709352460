//! `docs/`: a Markdown page per module with an index, ready for MkDocs and mdBook.
//!
//! Pages are made from the same grouped documentation as `documentation.json`; `names` gives each module a file
//! name that any system takes, `prose` makes authors' text into Markdown that can do no harm.

pub(crate) mod names;
mod page;
pub(crate) mod prose;
mod table;

use std::io::{self, Write};

use names::FileNames;
use prose::inline;

use super::documentation::{build, wire};
use crate::model::component::ComponentKind;
use crate::model::run::Outcome;

/// The pages of a run, in the order of its modules.
#[derive(Debug)]
pub struct Docs<'a> {
    outcome: &'a Outcome,
    modules: Vec<std::ops::Range<usize>>,
    names: FileNames<'a>,
}

impl<'a> Docs<'a> {
    /// Sorts a run's documentation into pages.
    pub fn new(outcome: &'a Outcome) -> Self {
        let module = |i: usize| {
            let component = outcome.oracle.component(outcome.documentation[i].component);
            (&*component.module, &*component.path)
        };
        let mut modules: Vec<std::ops::Range<usize>> = Vec::new();
        for i in 0..outcome.documentation.len() {
            match modules.last_mut() {
                Some(last) if module(last.start) == module(i) => last.end = i + 1,
                _ => modules.push(i..i + 1),
            }
        }
        let names = FileNames::new(modules.iter().map(|range| module(range.start).0));
        Self {
            outcome,
            modules,
            names,
        }
    }

    /// Names of the pages' files, in order.
    pub fn files(&self) -> impl Iterator<Item = (usize, &str)> {
        self.modules
            .iter()
            .enumerate()
            .map(|(i, range)| (i, self.names.of(self.module_name(range.start))))
    }

    fn module_name(&self, position: usize) -> &'a str {
        let index = self.outcome.documentation[position].component;
        &self.outcome.oracle.component(index).module
    }

    /// Writes the page of the n-th module.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_page(&self, n: usize, out: &mut impl Write) -> io::Result<()> {
        let links = page::Links {
            outcome: self.outcome,
            names: &self.names,
            here: self.module_name(self.modules[n].start),
        };
        let failed = build::failed_components(self.outcome);
        for documentation in &self.outcome.documentation[self.modules[n].clone()] {
            let component = build::component(self.outcome, documentation, &failed);
            out.write_all(page::entry(&component, &links).as_bytes())?;
        }
        Ok(())
    }

    /// The part of a page that is about one component.
    pub fn entry(&self, documentation: &crate::model::documentation::Documentation) -> String {
        let module = &self.outcome.oracle.component(documentation.component).module;
        let links = page::Links {
            outcome: self.outcome,
            names: &self.names,
            here: module,
        };
        let failed = build::failed_components(self.outcome);
        page::entry(&build::component(self.outcome, documentation, &failed), &links)
    }

    /// Writes `index.md`: every module with what it is for.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_index(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "# Modules\n\n| Module | Summary | Components |\n|---|---|---|")?;
        for (n, file) in self.files() {
            let range = self.modules[n].clone();
            let documentation = &self.outcome.documentation[range.start];
            let page = build::Page::new(&self.outcome.oracle, documentation);
            let summary = if page.component.kind == ComponentKind::Module {
                page.said(&crate::model::claim::Subject::Summary)
            } else {
                None
            };
            writeln!(
                out,
                "| [{}]({file}) | {} | {} |",
                inline(self.module_name(range.start)),
                summary.as_ref().map_or(String::new(), |s| inline(text_of(s))),
                range.len()
            )?;
        }
        Ok(())
    }

    /// Writes `SUMMARY.md`, which mdBook reads.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_summary(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "# Summary\n\n[Modules](index.md)\n")?;
        for (n, file) in self.files() {
            let name = self.module_name(self.modules[n].start);
            writeln!(out, "- [{}]({file})", inline(name))?;
        }
        Ok(())
    }
}

/// The words of a value that is text.
fn text_of<'a>(said: &wire::Said<'a>) -> &'a str {
    said.value.0.as_text().unwrap_or("")
}

#[cfg(test)]
mod tests;
