//! One component on its module's page.

use std::fmt::Write as _;

use super::names::{FileNames, anchor};
use super::prose::{blocks, fence, inline, span};
use super::table::{Column, table};
use super::text_of;
use crate::model::component::ComponentKind;
use crate::model::run::Outcome;
use crate::report::documentation::wire::{self, Component, Said};
use crate::report::signature::signature_block;

/// Longer lists of callers are cut; `call_graph.json` has them all.
const MOST_LINKS: usize = 25;

/// How to link to a component.
pub(super) struct Links<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) names: &'a FileNames<'a>,
    pub(super) here: &'a str,
}

impl Links<'_> {
    fn to(&self, id: &str) -> String {
        let Some(index) = self.outcome.oracle.find(id) else {
            return span(id);
        };
        let module = &*self.outcome.oracle.component(index).module;
        let file = if module == self.here { "" } else { self.names.of(module) };
        format!("[{}]({file}#{})", span(id), anchor(id))
    }
}

/// The component's part of the page.
pub(super) fn entry(component: &Component<'_>, links: &Links<'_>) -> String {
    let mut text = String::new();
    head(&mut text, component, links);
    prose(&mut text, component);
    parameters(&mut text, component);
    results(&mut text, component);
    attributes(&mut text, component);
    raises(&mut text, component, links);
    effects(&mut text, component);
    sections(&mut text, component);
    relations(&mut text, component, links);
    unsettled(&mut text, component);
    text
}

fn head(text: &mut String, component: &Component<'_>, links: &Links<'_>) {
    let depth = match component.kind {
        ComponentKind::Module => 0,
        _ => 1 + component.qualname.matches('.').count().min(3),
    };
    let name = if component.qualname.is_empty() {
        component.id
    } else {
        component.qualname
    };
    _ = writeln!(text, "<a id=\"{}\"></a>\n", anchor(component.id));
    _ = writeln!(text, "{} {}\n", "#".repeat(depth + 1), span(name));
    if component.kind != ComponentKind::Module {
        let mut code: Vec<String> = component.decorators.iter().map(|d| format!("@{d}")).collect();
        let oracle = &links.outcome.oracle;
        code.push(match oracle.find(component.id) {
            Some(index) => signature_block(oracle.component(index)),
            None => component.signature.clone(),
        });
        text.push_str(&fence("python", &code.join("\n")));
        text.push('\n');
    }
    let mut notes = vec![
        component.kind.to_string(),
        if component.public { "public" } else { "private" }.to_owned(),
    ];
    for (is_so, note) in [
        (component.is_async, "async"),
        (component.generator, "generator"),
        (component.failed, "**failed**"),
        (!component.settled, "**unsettled**"),
    ] {
        if is_so {
            notes.push(note.to_owned());
        }
    }
    let place = span(&format!("{}:{}", component.path, component.line));
    _ = writeln!(text, "{}, {place}\n", notes.join(", "));
}

/// The mark on a value that nothing has settled.
fn mark(said: &Said<'_>) -> &'static str {
    if said.resolution.is_none() {
        " ⚠ *unsettled*"
    } else {
        ""
    }
}

fn prose(text: &mut String, component: &Component<'_>) {
    match &component.summary {
        Some(summary) => {
            let origin = if summary.derived {
                " *(derived from the code)*"
            } else {
                ""
            };
            _ = writeln!(text, "{}{origin}{}\n", inline(text_of(summary)), mark(summary));
        }
        None => text.push_str("*Nobody has written what this is for.*\n\n"),
    }
    if let Some(description) = &component.description {
        text.push_str(blocks(text_of(description)).trim_end());
        _ = writeln!(text, "{}\n", mark(description));
    }
}

fn cell(said: Option<&Said<'_>>, as_code: bool) -> String {
    said.map_or(String::new(), |said| {
        let value = said.value.0.to_string();
        let shown = if as_code {
            span(&value)
        } else {
            inline(&value.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        shown + mark(said)
    })
}

fn parameters(text: &mut String, component: &Component<'_>) {
    if component.parameters.is_empty() {
        return;
    }
    let rows = component.parameters.iter().map(|parameter| {
        let name = parameter.presence.as_ref().map_or("", mark);
        let passed = cell(parameter.kind.as_ref(), false)
            .replace("\\_", " ")
            .replace('_', " ");
        [
            format!("{}{name}", span(parameter.name)),
            cell(parameter.type_.as_ref(), true),
            cell(parameter.default.as_ref(), true),
            passed,
            cell(parameter.description.as_ref(), false),
        ]
    });
    let columns = [
        Column::always("Name"),
        Column::unless_all("Type", ""),
        Column::unless_all("Default", ""),
        Column::unless_all("Passed", "positional or keyword"),
        Column::unless_all("Description", ""),
    ];
    text.push_str(&table("Parameters", columns, rows.collect()));
}

fn results(text: &mut String, component: &Component<'_>) {
    for (title, result) in [("Returns", &component.returns), ("Yields", &component.yields)] {
        let Some(result) = result else { continue };
        let parts: Vec<String> = [
            cell(result.type_.as_ref(), true),
            cell(result.description.as_ref(), false),
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
        let said = if parts.is_empty() {
            "a value".to_owned()
        } else {
            parts.join(": ")
        };
        let unsettled = result.presence.as_ref().map_or("", mark);
        _ = writeln!(text, "**{title}** {said}{unsettled}\n");
    }
}

fn attributes(text: &mut String, component: &Component<'_>) {
    if component.attributes.is_empty() {
        return;
    }
    let rows = component.attributes.iter().map(|attribute| {
        [
            span(attribute.name),
            cell(attribute.type_.as_ref(), true),
            cell(attribute.description.as_ref(), false),
        ]
    });
    let columns = [
        Column::always("Name"),
        Column::unless_all("Type", ""),
        Column::unless_all("Description", ""),
    ];
    text.push_str(&table("Attributes", columns, rows.collect()));
}

fn raises(text: &mut String, component: &Component<'_>, links: &Links<'_>) {
    if component.raises.is_empty() {
        return;
    }
    text.push_str("**Raises**\n\n");
    for raise in &component.raises {
        _ = write!(text, "- {}", span(raise.exception));
        // What is derived from the code says where it comes from, as the links do.
        let described = raise
            .description
            .as_ref()
            .filter(|d| !d.derived || raise.origins.is_empty());
        if described.is_some() {
            _ = write!(text, ": {}", cell(described, false));
        }
        let origins: Vec<String> = raise.origins.iter().map(|o| origin(o, links)).collect();
        if !origins.is_empty() {
            _ = write!(text, " ({})", origins.join("; "));
        }
        _ = writeln!(text, "{}", raise.presence.as_ref().map_or("", mark));
    }
    text.push('\n');
}

fn origin(origin: &wire::RaiseOrigin<'_>, links: &Links<'_>) -> String {
    let mut said = format!("line {}", origin.line);
    if let Some(condition) = origin.condition {
        _ = write!(said, ", if {}", span(condition));
    }
    if let Some(callee) = origin.escapes_from {
        said = format!("may escape from {}, line {}", links.to(callee), origin.line);
    }
    said
}

fn effects(text: &mut String, component: &Component<'_>) {
    if component.effects.is_empty() {
        return;
    }
    text.push_str("**Effects**\n\n");
    for effect in &component.effects {
        let security = if effect.security_relevant {
            " **(security-relevant)**"
        } else {
            ""
        };
        let detail = effect.detail.value.0.as_text().map_or(String::new(), |t| {
            if t.is_empty() {
                String::new()
            } else {
                format!(": {}", span(t))
            }
        });
        _ = writeln!(text, "- {}{detail}{security}{}", effect.kind, mark(&effect.detail));
    }
    text.push('\n');
}

fn sections(text: &mut String, component: &Component<'_>) {
    for section in &component.sections {
        _ = writeln!(
            text,
            "**{}**\n\n{}{}\n",
            inline(section.title),
            blocks(text_of(&section.text)).trim_end(),
            mark(&section.text)
        );
    }
    for example in &component.examples {
        _ = writeln!(text, "**Example**\n\n{}", fence("pycon", text_of(&example.text)));
    }
}

fn relations(text: &mut String, component: &Component<'_>, links: &Links<'_>) {
    let calls = component.calls.iter().map(|call| {
        let possible = if call.certain { "" } else { ", possible" };
        let how = call
            .call_type
            .map_or(String::new(), |call_type| format!("{call_type}, "));
        format!("{} ({how}{}{possible})", links.to(call.callee), line_list(&call.lines))
    });
    list(text, "Calls", calls);
    let callers = component.callers.iter().map(|caller| {
        let possible = if caller.certain { "" } else { ", possible" };
        format!("{} ({}{possible})", links.to(caller.caller), line_list(&caller.lines))
    });
    list(text, "Called by", callers);
}

fn line_list(lines: &[u32]) -> String {
    let shown: Vec<String> = lines.iter().take(8).map(u32::to_string).collect();
    let more = if lines.len() > shown.len() { ", …" } else { "" };
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    format!("{noun} {}{more}", shown.join(", "))
}

fn list(text: &mut String, title: &str, items: impl ExactSizeIterator<Item = String>) {
    let all = items.len();
    if all == 0 {
        return;
    }
    _ = writeln!(text, "**{title}**\n");
    for item in items.take(MOST_LINKS) {
        _ = writeln!(text, "- {item}");
    }
    if all > MOST_LINKS {
        _ = writeln!(text, "- and {} more", all - MOST_LINKS);
    }
    text.push('\n');
}

fn unsettled(text: &mut String, component: &Component<'_>) {
    let value =
        |value: Option<wire::WireValue<'_>>| value.map_or_else(|| "nothing".to_owned(), |v| span(&v.0.to_string()));
    for open in component.discrepancies.iter().filter(|d| d.resolution.is_none()) {
        let name = open.name.map_or(String::new(), |name| format!(" {}", span(name)));
        _ = writeln!(
            text,
            "> ⚠ **Unsettled: {}{name}.** Stream A says {}, stream B says {}: {}.\n",
            inline(open.subject).replace("\\_", " ").replace('_', " "),
            value(open.a),
            value(open.b),
            inline(open.reason)
        );
    }
}
