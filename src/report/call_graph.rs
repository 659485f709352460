//! `call_graph.json`: every edge with its lines, every call that leaves the repository, every site that stays open,
//! and the order of documentation.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::GENERATOR;
use super::documentation::build::lines_of;
use super::stream::JsonObject;
use crate::model::call_graph::{CallType, EdgeKind, OpenReason, SiteCounts};
use crate::model::component::ComponentIndex;
use crate::model::oracle::Oracle;

/// The version of the form.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct EdgeLine<'a> {
    caller: &'a str,
    callee: &'a str,
    kind: EdgeKind,
    call_type: CallType,
    certain: bool,
    weak: bool,
    lines: Vec<u32>,
}

#[derive(Serialize)]
struct ExternalLine<'a> {
    caller: &'a str,
    target: &'a str,
    lines: &'a [u32],
}

#[derive(Serialize)]
struct OpenLine<'a> {
    component: &'a str,
    line: u32,
    reason: OpenReason,
}

/// How many call expressions ended how, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sites {
    /// All of them.
    pub total: u64,
    /// All targets known and in the repository.
    pub resolved: u64,
    /// Some targets known, more possible.
    pub partly_resolved: u64,
    /// Into a package that was not analysed.
    pub external: u64,
    /// Into the language's built-ins.
    pub builtin: u64,
    /// No target known, by reason.
    pub unresolved: BTreeMap<OpenReason, u64>,
}

impl From<&SiteCounts> for Sites {
    fn from(counts: &SiteCounts) -> Self {
        Self {
            total: counts.total(),
            resolved: counts.resolved,
            partly_resolved: counts.partly_resolved,
            external: counts.external,
            builtin: counts.builtin,
            unresolved: counts.unresolved.clone(),
        }
    }
}

/// Writes the file.
///
/// # Errors
/// Those of the writer.
pub fn write(oracle: &Oracle, out: impl Write) -> io::Result<()> {
    let id = |index: ComponentIndex| &*oracle.component(index).id;
    let graph = &oracle.call_graph;
    let mut object = JsonObject::open(out)?;
    object.field("$schema", &"schemas/call_graph.schema.json")?;
    object.field("format", &"twinscribe.call_graph")?;
    object.field("version", &VERSION)?;
    object.field("generator", &GENERATOR)?;
    object.field("sites", &Sites::from(&graph.counts))?;
    object.list(
        "edges",
        graph.edges.iter().map(|edge| EdgeLine {
            caller: id(edge.caller),
            callee: id(edge.callee),
            kind: edge.kind,
            call_type: edge.call_type,
            certain: edge.certain,
            weak: edge.weak,
            lines: lines_of(edge),
        }),
    )?;
    object.list(
        "external",
        graph.external.iter().map(|edge| ExternalLine {
            caller: id(edge.caller),
            target: &edge.target,
            lines: &edge.lines,
        }),
    )?;
    object.list(
        "open",
        graph.open.iter().map(|site| OpenLine {
            component: id(site.component),
            line: site.line,
            reason: site.reason,
        }),
    )?;
    let ids = |indices: &[ComponentIndex]| indices.iter().map(|&i| id(i)).collect::<Vec<_>>();
    object.list("order", oracle.order.sequence.iter().map(|&i| id(i)))?;
    object.list("cycles", oracle.order.cycles.iter().map(|cycle| ids(cycle)))?;
    object.close().map(drop)
}
