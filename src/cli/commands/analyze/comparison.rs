//! `analyze --diff`: a documented call graph held against the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::args::facts::FactsFormat;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::session::{self, GraphDiff};
use crate::model::claim::Verdict;
use crate::model::oracle::Oracle;
use crate::report::convergence::percent;
use crate::report::escape::for_line;
use crate::report::paint::Paint;

/// How the comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Text,
}

impl Form {
    pub(super) fn of(format: Option<FactsFormat>) -> Result<Self, Failure> {
        match format {
            None | Some(FactsFormat::Text) => Ok(Self::Text),
            Some(FactsFormat::Json) => Ok(Self::Json),
            Some(_) => Err(Failure::usage(
                "failed to print a comparison in this form: there are text and json",
            )),
        }
    }
}

/// The edges of a file of either form.
pub(super) fn read(file: &Path) -> Result<BTreeSet<(String, String)>, Failure> {
    let text =
        std::fs::read(file).map_err(|e| Failure::usage(format!("failed to read {}", file.display())).because(&e))?;
    edges(&text).map_err(|error| {
        Failure::usage(format!("failed to understand {}", file.display()))
            .because(&error)
            .hint("a graph is like call_graph.json, or {caller: [callee, …]}")
    })
}

fn edges(text: &[u8]) -> Result<BTreeSet<(String, String)>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Edge {
        caller: String,
        callee: String,
    }
    let mut document: BTreeMap<String, Value> = serde_json::from_slice(text)?;
    let is_ours = document.get("format").and_then(Value::as_str) == Some("twinscribe.call_graph");
    if is_ours && let Some(list) = document.remove("edges") {
        let list: Vec<Edge> = serde_json::from_value(list)?;
        return Ok(list.into_iter().map(|e| (e.caller, e.callee)).collect());
    }
    let mut all = BTreeSet::new();
    for (caller, callees) in document {
        let callees: Vec<String> = serde_json::from_value(callees)?;
        all.extend(callees.into_iter().map(|callee| (caller.clone(), callee)));
    }
    Ok(all)
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    version: u32,
    matching: Vec<Pair<'a>>,
    missing: Vec<Pair<'a>>,
    extra: Vec<Extra<'a>>,
    confirmed: u64,
    refuted: u64,
    unknown: u64,
    missed: u64,
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

#[derive(Serialize)]
struct Pair<'a> {
    caller: &'a str,
    callee: &'a str,
}

#[derive(Serialize)]
struct Extra<'a> {
    caller: &'a str,
    callee: &'a str,
    verdict: Verdict,
    reason: &'a str,
}

fn pairs(pairs: &[(String, String)]) -> Vec<Pair<'_>> {
    pairs.iter().map(|(caller, callee)| Pair { caller, callee }).collect()
}

pub(super) fn run(
    oracle: &Oracle,
    documented: &BTreeSet<(String, String)>,
    form: Form,
    context: &Context,
) -> Result<Ending, Failure> {
    let diff = session::diff(oracle, documented);
    match form {
        Form::Text => context.print_text(&text(&diff, context.stdout_paint))?,
        Form::Json => super::super::print_json(&report(&diff), context)?,
    }
    Ok(Ending::Clean)
}

fn report(diff: &GraphDiff) -> Report<'_> {
    Report {
        format: "twinscribe.graph_diff",
        version: 1,
        matching: pairs(&diff.matching),
        missing: pairs(&diff.missing),
        extra: diff
            .extra
            .iter()
            .map(|(caller, callee, answer)| Extra {
                caller,
                callee,
                verdict: answer.verdict,
                reason: &answer.reason,
            })
            .collect(),
        confirmed: diff.score.confirmed,
        refuted: diff.score.refuted,
        unknown: diff.score.unknown,
        missed: diff.score.missed,
        precision: diff.score.precision(),
        recall: diff.score.recall(),
        f1: diff.score.f1(),
    }
}

fn text(diff: &GraphDiff, paint: Paint) -> String {
    let mut text = String::new();
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), percent);
    _ = writeln!(
        text,
        "{} matching, {} missing, {} extra ({} refuted, {} unknown)",
        diff.matching.len(),
        diff.missing.len(),
        diff.extra.len(),
        diff.score.refuted,
        diff.score.unknown
    );
    _ = writeln!(
        text,
        "precision {}, recall {}, F1 {}",
        share(diff.score.precision()),
        share(diff.score.recall()),
        share(diff.score.f1())
    );
    if !diff.missing.is_empty() {
        _ = writeln!(text, "\n{}", paint.strong("Missing"));
    }
    for (caller, callee) in &diff.missing {
        _ = writeln!(text, "  {} -> {}", for_line(caller), for_line(callee));
    }
    if !diff.extra.is_empty() {
        _ = writeln!(text, "\n{}", paint.strong("Extra"));
    }
    for (caller, callee, answer) in &diff.extra {
        _ = writeln!(
            text,
            "  {} -> {}  {}: {}",
            for_line(caller),
            for_line(callee),
            answer.verdict,
            for_line(&answer.reason)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let edges = edges(text.as_bytes()).unwrap();
        let edges: Vec<(&str, &str)> = edges.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(edges, expected);
    }

    #[test]
    fn both_forms_of_a_graph_are_read() {
        check(r#"{"a": ["b", "c"], "b": []}"#, &[("a", "b"), ("a", "c")]);
        check(
            r#"{"format": "twinscribe.call_graph", "edges": [{"caller": "a", "callee": "b", "lines": [1]}]}"#,
            &[("a", "b")],
        );
    }

    #[test]
    fn a_module_called_edges_is_no_form() {
        check(r#"{"edges": ["b"]}"#, &[("edges", "b")]);
    }
}
