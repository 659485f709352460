//! The call graph in the forms of graph tools. Only components that call or are called are drawn.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::model::component::ComponentIndex;
use crate::model::oracle::Oracle;
use crate::report::escape::for_line;

fn drawn(oracle: &Oracle) -> BTreeSet<ComponentIndex> {
    oracle
        .call_graph
        .edges
        .iter()
        .flat_map(|edge| [edge.caller, edge.callee])
        .collect()
}

/// Writes the graph for Graphviz; calls that are only possible are dashed.
///
/// # Errors
/// Those of the writer.
pub fn dot(oracle: &Oracle, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |text: &str| {
        let text = for_line(text).replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{text}\"")
    };
    writeln!(out, "digraph calls {{\n  rankdir=LR;\n  node [shape=box];")?;
    for index in drawn(oracle) {
        let component = oracle.component(index);
        writeln!(out, "  n{} [label={}];", index.0, quoted(&component.id))?;
    }
    for edge in &oracle.call_graph.edges {
        let style = if edge.certain { "" } else { " [style=dashed]" };
        writeln!(out, "  n{} -> n{}{style};", edge.caller.0, edge.callee.0)?;
    }
    writeln!(out, "}}")
}

/// Writes the graph as GraphML.
///
/// # Errors
/// Those of the writer.
pub fn graphml(oracle: &Oracle, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="id" for="node" attr.name="id" attr.type="string"/>
  <key id="kind" for="node" attr.name="kind" attr.type="string"/>
  <key id="path" for="node" attr.name="path" attr.type="string"/>
  <key id="line" for="node" attr.name="line" attr.type="int"/>
  <key id="edge_kind" for="edge" attr.name="kind" attr.type="string"/>
  <key id="call_type" for="edge" attr.name="call_type" attr.type="string"/>
  <key id="certain" for="edge" attr.name="certain" attr.type="boolean"/>
  <graph id="calls" edgedefault="directed">"#
    )?;
    for index in drawn(oracle) {
        let component = oracle.component(index);
        writeln!(
            out,
            r#"    <node id="n{}"><data key="id">{}</data><data key="kind">{}</data><data key="path">{}</data><data key="line">{}</data></node>"#,
            index.0,
            xml(&component.id),
            component.kind,
            xml(&component.path),
            component.first_line
        )?;
    }
    for edge in &oracle.call_graph.edges {
        writeln!(
            out,
            r#"    <edge source="n{}" target="n{}"><data key="edge_kind">{}</data><data key="call_type">{}</data><data key="certain">{}</data></edge>"#,
            edge.caller.0, edge.callee.0, edge.kind, edge.call_type, edge.certain
        )?;
    }
    writeln!(out, "  </graph>\n</graphml>")
}

fn xml(text: &str) -> Cow<'_, str> {
    let text = for_line(text);
    if text.contains(['&', '<', '>', '"']) {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .into()
    } else {
        text
    }
}

/// Writes the graph for Mermaid; calls that are only possible are dotted.
///
/// # Errors
/// Those of the writer.
pub fn mermaid(oracle: &Oracle, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for index in drawn(oracle) {
        let id = &oracle.component(index).id;
        // Mermaid has no escapes but HTML's, written with `#`.
        let label = for_line(id).replace('#', "#35;").replace('"', "#quot;");
        writeln!(out, "  n{}[\"{label}\"]", index.0)?;
    }
    for edge in &oracle.call_graph.edges {
        let arrow = if edge.certain { "-->" } else { "-.->" };
        writeln!(out, "  n{} {arrow} n{}", edge.caller.0, edge.callee.0)?;
    }
    Ok(())
}
