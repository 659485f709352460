//! Facts as JSON records: a line each, or grouped in one document.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::call_graph::{CallType, Edge, EdgeKind};
use crate::model::component::{ComponentIndex, ComponentKind, ParameterKind};
use crate::model::facts::{Problem, ProblemKind, Raise, RaiseOrigin};
use crate::model::oracle::{Oracle, SourceFile};
use crate::report::GENERATOR;
use crate::report::call_graph::Sites;
use crate::report::documentation::build::lines_of;
use crate::report::stream::JsonObject;

#[derive(Serialize)]
struct FileRecord<'a> {
    record: &'static str,
    path: &'a str,
    module: &'a str,
    lines: u32,
    bytes: u64,
    call_expressions: u32,
    analyzed: bool,
}

#[derive(Serialize)]
struct ComponentRecord<'a> {
    record: &'static str,
    id: &'a str,
    qualname: &'a str,
    module: &'a str,
    path: &'a str,
    kind: ComponentKind,
    line: u32,
    end_line: u32,
    public: bool,
    #[serde(rename = "async")]
    is_async: bool,
    generator: bool,
    decorators: Vec<&'a str>,
    bases: Vec<&'a str>,
    parameters: Vec<ParameterRecord<'a>>,
    returns: Option<&'a str>,
    raises: Vec<RaiseRecord<'a>>,
    /// Whether nothing else can leave it.
    raises_complete: bool,
}

#[derive(Serialize)]
struct RaiseRecord<'a> {
    exception: &'a str,
    /// Of the `raise`, or of the call that it escapes from.
    line: u32,
    condition: Option<&'a str>,
    message: Option<&'a str>,
    /// The callee that it escapes from.
    from: Option<&'a str>,
}

#[derive(Serialize)]
struct ParameterRecord<'a> {
    name: &'a str,
    kind: ParameterKind,
    annotation: Option<&'a str>,
    default: Option<&'a str>,
}

#[derive(Serialize)]
struct EdgeRecord<'a> {
    record: &'static str,
    caller: &'a str,
    callee: &'a str,
    kind: EdgeKind,
    call_type: CallType,
    certain: bool,
    weak: bool,
    lines: Vec<u32>,
}

#[derive(Serialize)]
struct ProblemRecord<'a> {
    record: &'static str,
    path: &'a str,
    line: Option<u32>,
    kind: ProblemKind,
    message: &'a str,
}

#[derive(Serialize)]
struct SummaryRecord {
    record: &'static str,
    files: usize,
    lines: u64,
    components: usize,
    edges: usize,
    sites: Sites,
}

fn file(file: &SourceFile) -> FileRecord<'_> {
    FileRecord {
        record: "file",
        path: &file.path,
        module: &file.module,
        lines: file.lines,
        bytes: file.bytes,
        call_expressions: file.call_expressions,
        analyzed: file.analyzed,
    }
}

fn component(oracle: &Oracle, index: ComponentIndex) -> ComponentRecord<'_> {
    let component = oracle.component(index);
    let facts = oracle.facts(index);
    let parameters = component.signature.as_ref().map_or(&[][..], |s| &s.parameters);
    ComponentRecord {
        record: "component",
        id: &component.id,
        qualname: &component.qualname,
        module: &component.module,
        path: &component.path,
        kind: component.kind,
        line: component.first_line,
        end_line: component.last_line,
        public: component.public,
        is_async: component.traits.is_async,
        generator: component.traits.is_generator,
        decorators: component.decorators.iter().map(|d| &*d.text).collect(),
        bases: component.bases.iter().map(|b| &**b).collect(),
        parameters: parameters
            .iter()
            .map(|parameter| ParameterRecord {
                name: &parameter.name,
                kind: parameter.kind,
                annotation: parameter.annotation.as_deref(),
                default: parameter.default.as_deref(),
            })
            .collect(),
        returns: component.signature.as_ref().and_then(|s| s.returns.as_deref()),
        raises: facts.raises.iter().map(|r| raise(oracle, r)).collect(),
        raises_complete: facts.raises_complete,
    }
}

fn raise<'a>(oracle: &'a Oracle, raise: &'a Raise) -> RaiseRecord<'a> {
    RaiseRecord {
        exception: &raise.exception,
        line: raise.line,
        condition: raise.condition.as_deref(),
        message: raise.message.as_deref(),
        from: match raise.origin {
            RaiseOrigin::Direct => None,
            RaiseOrigin::Callee(callee) => Some(&oracle.component(callee).id),
        },
    }
}

fn edge<'a>(oracle: &'a Oracle, edge: &'a Edge) -> EdgeRecord<'a> {
    EdgeRecord {
        record: "edge",
        caller: &oracle.component(edge.caller).id,
        callee: &oracle.component(edge.callee).id,
        kind: edge.kind,
        call_type: edge.call_type,
        certain: edge.certain,
        weak: edge.weak,
        lines: lines_of(edge),
    }
}

fn problem(problem: &Problem) -> ProblemRecord<'_> {
    ProblemRecord {
        record: "problem",
        path: &problem.path,
        line: problem.line,
        kind: problem.kind,
        message: &problem.message,
    }
}

fn summary(oracle: &Oracle) -> SummaryRecord {
    SummaryRecord {
        record: "summary",
        files: oracle.files.len(),
        lines: oracle.files.iter().map(|f| u64::from(f.lines)).sum(),
        components: oracle.components.len(),
        edges: oracle.call_graph.edges.len(),
        sites: Sites::from(&oracle.call_graph.counts),
    }
}

/// Writes a JSON object per line: files, components, edges, problems, and a summary last.
///
/// # Errors
/// Those of the writer.
pub fn json_lines(oracle: &Oracle, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |record: &dyn Fn(&mut dyn Write) -> serde_json::Result<()>| {
        record(&mut *out)?;
        out.write_all(b"\n")
    };
    for item in &oracle.files {
        line(&|out| serde_json::to_writer(out, &file(item)))?;
    }
    for index in oracle.indices() {
        line(&|out| serde_json::to_writer(out, &component(oracle, index)))?;
    }
    for item in &oracle.call_graph.edges {
        line(&|out| serde_json::to_writer(out, &edge(oracle, item)))?;
    }
    for item in &oracle.problems {
        line(&|out| serde_json::to_writer(out, &problem(item)))?;
    }
    line(&|out| serde_json::to_writer(out, &summary(oracle)))
}

/// Writes the same records grouped in one JSON document.
///
/// # Errors
/// Those of the writer.
pub fn json(oracle: &Oracle, out: &mut dyn Write) -> io::Result<()> {
    let mut object = JsonObject::open(out)?;
    object.field("format", &"twinscribe.facts")?;
    object.field("version", &1)?;
    object.field("generator", &GENERATOR)?;
    object.field("summary", &summary(oracle))?;
    object.list("files", oracle.files.iter().map(file))?;
    object.list("components", oracle.indices().map(|index| component(oracle, index)))?;
    object.list("edges", oracle.call_graph.edges.iter().map(|item| edge(oracle, item)))?;
    object.list("problems", oracle.problems.iter().map(problem))?;
    object.close().map(drop)
}
