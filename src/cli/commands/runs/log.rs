//! What was asked about each component of a run, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::checkpoint::{Call, CallEnd};
use crate::cli::args::facts::ListFormat;
use crate::cli::commands::print_json;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::{table, time};
use crate::model::documentation::StreamId;
use crate::report::escape::for_line;

/// Prints the calls about one component, or the sums of all.
pub(super) fn show(
    calls: &[Call],
    component: Option<&String>,
    format: ListFormat,
    context: &Context,
) -> Result<(), Failure> {
    let Some(id) = component else {
        let sums = sums(calls);
        return match format {
            ListFormat::Json => print_json(&sums, context),
            ListFormat::Text => context.print_text(&listed(&sums, context)),
        };
    };
    let lines: Vec<Line<'_>> = calls
        .iter()
        .filter(|call| *call.component == **id)
        .map(Line::from)
        .collect();
    match format {
        ListFormat::Json => print_json(&lines, context),
        ListFormat::Text => context.print_text(&told(&lines)),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    stream: StreamId,
    iteration: u32,
    at: Option<String>,
    outcome: &'static str,
    seconds: Option<f64>,
    claims: Option<usize>,
    reason: Option<&'a str>,
}

impl<'a> From<&'a Call> for Line<'a> {
    fn from(call: &'a Call) -> Self {
        let (outcome, seconds, claims, reason) = match &call.ended {
            CallEnd::Answered { took, claims } => ("answered", Some(took.as_secs_f64()), Some(*claims), None),
            CallEnd::Failed(reason) => ("failed", None, None, Some(reason.as_str())),
            CallEnd::Unknown => ("unknown", None, None, None),
        };
        Self {
            stream: call.stream,
            iteration: call.iteration,
            at: call.at.map(time),
            outcome,
            seconds,
            claims,
            reason,
        }
    }
}

fn letter(stream: StreamId) -> &'static str {
    match stream {
        StreamId::A => "A",
        StreamId::B => "B",
    }
}

fn told(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    for line in lines {
        let at = line.at.as_deref().unwrap_or("-");
        _ = write!(
            text,
            "{at}  stream {}, iteration {}: ",
            letter(line.stream),
            line.iteration
        );
        _ = match (line.seconds, line.claims, line.reason) {
            (Some(seconds), Some(claims), _) => writeln!(text, "answered after {seconds:.1} s with {claims} claims"),
            (.., Some(reason)) => writeln!(text, "failed: {}", for_line(reason)),
            _ => writeln!(text, "no answer was saved"),
        };
    }
    if text.is_empty() {
        text.push_str("no calls\n");
    }
    text
}

/// What was asked about one component by one stream, summed up.
#[derive(Debug, PartialEq, Serialize)]
struct Sum {
    component: String,
    stream: &'static str,
    calls: usize,
    /// Calls beyond the first of an iteration.
    repeated: usize,
    failures: usize,
    seconds: f64,
}

fn sums(calls: &[Call]) -> Vec<Sum> {
    let mut by_component: BTreeMap<(&str, StreamId), Vec<&Call>> = BTreeMap::new();
    for call in calls {
        by_component
            .entry((&call.component, call.stream))
            .or_default()
            .push(call);
    }
    by_component
        .into_iter()
        .map(|((component, stream), calls)| {
            let asked: Vec<u32> = calls.iter().filter(|c| c.at.is_some()).map(|c| c.iteration).collect();
            let iterations: BTreeSet<&u32> = asked.iter().collect();
            let took = calls.iter().map(|call| match call.ended {
                CallEnd::Answered { took, .. } => took,
                _ => Duration::ZERO,
            });
            Sum {
                component: component.to_owned(),
                stream: letter(stream),
                calls: asked.len(),
                repeated: asked.len() - iterations.len(),
                failures: calls.iter().filter(|c| matches!(c.ended, CallEnd::Failed(_))).count(),
                seconds: took.sum::<Duration>().as_secs_f64(),
            }
        })
        .collect()
}

fn listed(sums: &[Sum], context: &Context) -> String {
    if sums.is_empty() {
        return "no calls: embedded streams cost nothing and are not logged\n".to_owned();
    }
    let cells: Vec<Vec<String>> = sums
        .iter()
        .map(|sum| {
            vec![
                sum.stream.to_owned(),
                sum.calls.to_string(),
                sum.repeated.to_string(),
                sum.failures.to_string(),
                format!("{:.1}", sum.seconds),
                sum.component.clone(),
            ]
        })
        .collect();
    let head = ["stream", "calls", "repeated", "failures", "seconds", "component"];
    table(&head, &cells, context.stdout_paint)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn call(iteration: u32, ended: CallEnd) -> Call {
        Call {
            stream: StreamId::A,
            component: "m.f".into(),
            iteration,
            at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_936_000)),
            ended,
        }
    }

    #[test]
    fn calls_are_summed_and_told_one_by_one() {
        let took = Duration::from_millis(1500);
        let calls = [
            call(1, CallEnd::Unknown),
            call(1, CallEnd::Answered { took, claims: 7 }),
            call(2, CallEnd::Failed("it is too long".to_owned())),
        ];
        let sum = Sum {
            component: "m.f".to_owned(),
            stream: "A",
            calls: 3,
            repeated: 1,
            failures: 1,
            seconds: 1.5,
        };
        assert_eq!(sums(&calls), [sum]);
        let lines: Vec<Line<'_>> = calls.iter().map(Line::from).collect();
        insta::assert_snapshot!(told(&lines), @r"
        2025-12-05T12:00:00Z  stream A, iteration 1: no answer was saved
        2025-12-05T12:00:00Z  stream A, iteration 1: answered after 1.5 s with 7 claims
        2025-12-05T12:00:00Z  stream A, iteration 2: failed: it is too long
        ");
    }
}
