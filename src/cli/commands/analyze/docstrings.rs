//! `analyze --docstrings`: the docstrings of one file, taken apart.

use serde::Serialize;

use crate::cli::args::facts::FactsFormat;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::session;
use crate::config::Config;
use crate::report::escape::for_line;
use crate::streams::docstring::{Item, ParsedDocstring, Passage, Section, parse};

#[derive(Serialize)]
struct Row<'a> {
    source_file: &'a str,
    qualname: Option<&'a str>,
    line: u32,
    style: &'static str,
    sections: Vec<SectionRow<'a>>,
}

#[derive(Serialize)]
struct SectionRow<'a> {
    kind: &'static str,
    title: &'a str,
    /// The line of the docstring it begins on, from 0.
    line: u32,
    items: Vec<ItemRow<'a>>,
    /// Its content as written.
    text: &'a str,
}

#[derive(Serialize)]
struct ItemRow<'a> {
    name: Option<String>,
    #[serde(rename = "type")]
    type_text: Option<&'a str>,
    default: Option<&'a str>,
    optional: bool,
    text: &'a str,
    line: u32,
}

/// A form of the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
    JsonLines,
}

impl Form {
    /// The form that `--format` names; JSON lines by default.
    pub(super) fn of(format: Option<FactsFormat>) -> Result<Self, Failure> {
        match format {
            None | Some(FactsFormat::JsonLines) => Ok(Self::JsonLines),
            Some(FactsFormat::Json) => Ok(Self::Json),
            Some(FactsFormat::Text) => Ok(Self::Text),
            Some(_) => Err(Failure::usage("--docstrings prints text, json or json-lines")),
        }
    }
}

/// Prints what the docstrings of a file hold, in source order.
pub(super) fn run(file: &std::path::Path, form: Form, config: &Config, context: &Context) -> Result<Ending, Failure> {
    let outlines = session::outlines(file, config)?;
    let docstrings: Vec<(&str, Option<&str>, u32, ParsedDocstring)> = outlines
        .iter()
        .flat_map(|outline| outline.definitions.iter().map(move |d| (outline, d)))
        .filter_map(|(outline, definition)| {
            let docstring = &definition.docstring.as_ref()?.docstring;
            let qualname = Some(definition.qualname.as_ref()).filter(|q| !q.is_empty());
            Some((outline.path.as_ref(), qualname, docstring.line, parse(&docstring.text)))
        })
        .collect();
    let rows = docstrings.iter().map(|(path, qualname, line, parsed)| Row {
        source_file: path,
        qualname: *qualname,
        line: *line,
        style: parsed.style.name(),
        sections: sections(parsed),
    });
    if form == Form::Json {
        super::super::print_json(&rows.collect::<Vec<_>>(), context)?;
        return Ok(Ending::Clean);
    }
    context.print(|out| {
        for row in rows {
            if form == Form::JsonLines {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")?;
                continue;
            }
            let name = row.qualname.unwrap_or("(module)");
            writeln!(
                out,
                "{}:{} {} ({})",
                for_line(row.source_file),
                row.line,
                for_line(name),
                row.style
            )?;
            for section in &row.sections {
                writeln!(out, "  {} {}", section.kind, for_line(section.title))?;
                for item in &section.items {
                    let name = item.name.as_deref().unwrap_or("-");
                    let typed = item.type_text.map_or(String::new(), |t| format!(": {t}"));
                    let first = item.text.lines().next().unwrap_or_default();
                    writeln!(out, "    {}", for_line(&format!("{name}{typed}  {first}")))?;
                }
            }
        }
        Ok(())
    })?;
    Ok(Ending::Clean)
}

/// The sections in order, the prose before them as the first.
fn sections(parsed: &ParsedDocstring) -> Vec<SectionRow<'_>> {
    let prose = [&parsed.summary, &parsed.description].into_iter().flatten();
    let prose = prose.map(|Passage { text, line }| SectionRow {
        kind: "text",
        title: "",
        line: *line,
        items: Vec::new(),
        text,
    });
    prose.chain(parsed.sections.iter().map(section)).collect()
}

fn section(section: &Section) -> SectionRow<'_> {
    SectionRow {
        kind: section.kind.name(),
        title: &section.title,
        line: section.line,
        items: section.items.iter().map(item).collect(),
        text: &section.text,
    }
}

fn item(item: &Item) -> ItemRow<'_> {
    ItemRow {
        name: item.name(),
        type_text: item.type_text.as_deref(),
        default: item.default.as_deref(),
        optional: item.optional,
        text: &item.text,
        line: item.line,
    }
}
