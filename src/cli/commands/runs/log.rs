//! What was asked about each component of a run, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::money::Spent;
use crate::checkpoint::{Call, CallEnd};
use crate::cli::args::facts::ListFormat;
use crate::cli::commands::print_json;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::{table, time};
use crate::model::documentation::StreamId;
use crate::model::usage::{Account, Role};
use crate::report::convergence::build::plural;
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
        .filter(|call| *call.id.component == **id)
        .map(Line::from)
        .collect();
    match format {
        ListFormat::Json => print_json(&lines, context),
        ListFormat::Text => context.print_text(&told(&lines)),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    role: String,
    iteration: u32,
    part: Option<u32>,
    discrepancy: Option<&'a str>,
    at: Option<String>,
    outcome: &'static str,
    seconds: Option<f64>,
    claims: Option<usize>,
    objections: Option<usize>,
    confidence: Option<f32>,
    reason: Option<&'a str>,
    usage: Option<Spent>,
    model: Option<&'a str>,
    prompt: Option<&'a str>,
    response: Option<&'a str>,
}

impl<'a> From<&'a Call> for Line<'a> {
    fn from(call: &'a Call) -> Self {
        let receipt = call.receipt.as_ref();
        let mut line = Self {
            role: call.id.role.to_string(),
            iteration: call.id.iteration,
            part: call.id.part,
            discrepancy: call.id.discrepancy.as_deref(),
            at: call.at.map(time),
            outcome: "unknown",
            seconds: receipt.map(|receipt| receipt.took.as_secs_f64()),
            claims: None,
            objections: None,
            confidence: None,
            reason: None,
            usage: receipt.map(|receipt| Spent::from(&receipt.usage)),
            model: receipt.and_then(|receipt| receipt.model.as_deref()),
            prompt: receipt.and_then(|receipt| receipt.prompt.as_deref()),
            response: receipt.and_then(|receipt| receipt.response.as_deref()),
        };
        match &call.ended {
            CallEnd::Described(claims) => (line.outcome, line.claims) = ("answered", Some(*claims)),
            CallEnd::Validated(objections) => (line.outcome, line.objections) = ("answered", Some(*objections)),
            CallEnd::Decided(confidence) => (line.outcome, line.confidence) = ("answered", Some(*confidence)),
            CallEnd::Failed(reason) => (line.outcome, line.reason) = ("failed", Some(reason.as_str())),
            CallEnd::Unknown => {}
        }
        line
    }
}

impl Line<'_> {
    /// What came of it, as the end of a sentence.
    fn outcome(&self) -> String {
        match (self.outcome, self.claims, self.objections, self.confidence) {
            ("failed", ..) => format!("failed: {}", for_line(self.reason.unwrap_or_default())),
            ("unknown", ..) => "no answer was saved".to_owned(),
            (_, Some(claims), ..) => format!("answered with {}", plural(claims, "claim")),
            (_, _, Some(objections), _) => format!("answered with {}", plural(objections, "objection")),
            (.., confidence) => format!("decided with confidence {:.2}", confidence.unwrap_or_default()),
        }
    }

    /// How long it took and what it used up, in brackets.
    fn spent(&self) -> String {
        let mut parts: Vec<String> = self.seconds.map(|s| format!("{s:.1} s")).into_iter().collect();
        if let Some(spent) = self.usage.as_ref().filter(|spent| spent.attempts() > 0) {
            parts.push(spent.tokens_in_words());
            parts.push(match spent.cost_in_words().as_str() {
                "unknown" => "cost unknown".to_owned(),
                known => known.to_owned(),
            });
            if spent.retries() > 0 {
                parts.push(format!("{} retried", spent.retries()));
            }
        }
        match parts.is_empty() {
            true => String::new(),
            false => format!(" ({})", parts.join(", ")),
        }
    }
}

/// The letter of a stream.
pub(super) fn letter(stream: StreamId) -> &'static str {
    match stream {
        StreamId::A => "A",
        StreamId::B => "B",
    }
}

fn told(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    for line in lines {
        let at = line.at.as_deref().unwrap_or("-");
        let part = line.part.map_or_else(String::new, |part| format!(", part {part}"));
        _ = writeln!(
            text,
            "{at}  {}, iteration {}{part}: {}{}",
            line.role,
            line.iteration,
            line.outcome(),
            line.spent()
        );
    }
    if text.is_empty() {
        text.push_str("no calls\n");
    }
    text
}

/// What one role was asked about one component, summed up.
#[derive(Debug, PartialEq, Serialize)]
struct Sum {
    component: String,
    role: String,
    calls: usize,
    /// Calls that were made again in the same iteration, because nothing was known of their answer.
    repeated: usize,
    failures: usize,
    seconds: f64,
    usage: Spent,
}

fn sums(calls: &[Call]) -> Vec<Sum> {
    let mut by_component: BTreeMap<(&str, Role), Vec<&Call>> = BTreeMap::new();
    for call in calls {
        by_component
            .entry((&call.id.component, call.id.role))
            .or_default()
            .push(call);
    }
    by_component
        .into_iter()
        .map(|((component, role), calls)| {
            let asked: Vec<_> = calls.iter().filter(|c| c.at.is_some()).map(|c| &c.id).collect();
            let different: BTreeSet<_> = asked.iter().collect();
            let mut account = Account::default();
            let mut took = Duration::ZERO;
            for receipt in calls.iter().filter_map(|call| call.receipt.as_ref()) {
                account.charge(receipt, false);
                took += receipt.took;
            }
            Sum {
                component: component.to_owned(),
                role: role.to_string(),
                calls: asked.len(),
                repeated: asked.len() - different.len(),
                failures: calls.iter().filter(|c| matches!(c.ended, CallEnd::Failed(_))).count(),
                seconds: took.as_secs_f64(),
                usage: Spent::from(&account.usage),
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
                sum.role.clone(),
                sum.calls.to_string(),
                sum.repeated.to_string(),
                sum.failures.to_string(),
                sum.usage.retries().to_string(),
                format!("{:.1}", sum.seconds),
                sum.usage.tokens().to_string(),
                sum.usage.cost_in_words(),
                sum.component.clone(),
            ]
        })
        .collect();
    let head = [
        "role",
        "calls",
        "repeated",
        "failures",
        "retries",
        "seconds",
        "tokens",
        "cost",
        "component",
    ];
    table(&head, &cells, context.stdout_paint)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::model::usage::{CallId, Cost, Receipt, Usage};

    fn call(iteration: u32, ended: CallEnd, receipt: Option<Receipt>) -> Call {
        Call {
            id: CallId::for_draft(StreamId::A, "m.f".into(), iteration),
            at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_936_000)),
            at_most: None,
            receipt,
            ended,
        }
    }

    #[test]
    fn calls_are_summed_and_told_one_by_one() {
        let usage = Usage {
            attempts: 2,
            retries: 1,
            input: 900,
            output: 100,
            cost: Cost(4_500_000_000),
            ..Usage::default()
        };
        let receipt = |millis, usage| {
            Some(Receipt {
                took: Duration::from_millis(millis),
                usage,
                ..Receipt::default()
            })
        };
        let free = Usage {
            attempts: 1,
            unpriced: 1,
            output: 7,
            ..Usage::default()
        };
        let mut calls = vec![
            call(1, CallEnd::Unknown, None),
            call(1, CallEnd::Described(7), receipt(1500, usage)),
            call(2, CallEnd::Failed("it is too long".to_owned()), receipt(20, free)),
        ];
        let summed = sums(&calls);
        assert_eq!(summed.len(), 1);
        assert_eq!((summed[0].calls, summed[0].repeated, summed[0].failures), (3, 1, 1));
        assert_eq!((summed[0].usage.retries(), summed[0].usage.tokens()), (1, 1007));
        calls.push(call(2, CallEnd::Decided(0.75), None));
        let lines: Vec<Line<'_>> = calls.iter().map(Line::from).collect();
        insta::assert_snapshot!(told(&lines), @r"
        2025-12-05T12:00:00Z  documenter A, iteration 1: no answer was saved
        2025-12-05T12:00:00Z  documenter A, iteration 1: answered with 7 claims (1.5 s, 900 tokens in, 100 out, $0.0045, 1 retried)
        2025-12-05T12:00:00Z  documenter A, iteration 2: failed: it is too long (0.0 s, 0 tokens in, 7 out, cost unknown)
        2025-12-05T12:00:00Z  documenter A, iteration 2: decided with confidence 0.75
        ");
    }
}
