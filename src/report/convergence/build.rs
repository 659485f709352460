//! From a run's outcome to its convergence report.

use std::collections::BTreeMap;

use super::{
    Direction, FORMAT, Failed, Findings, Header, Iteration, Problem, Recommendation, Report, Repository, Stream,
    TicketLine, Tickets, Trend, VERSION,
};
use crate::model::claim::Subject;
use crate::model::discrepancy::FindingClass;
use crate::model::run::{ConvergenceStatus, IterationRecord, Outcome, StreamMetrics};
use crate::model::ticket::{Ticket, TicketState};
use crate::report::call_graph::Sites;

/// Makes the report of a run.
pub fn report(outcome: &Outcome) -> Report {
    let tickets = tickets(&outcome.tickets);
    let problems = problems(outcome);
    Report {
        schema: "schemas/convergence_report.schema.json".to_owned(),
        format: FORMAT.to_owned(),
        version: VERSION,
        header: Header {
            generator: crate::report::GENERATOR.to_owned(),
            run_id: outcome.run_id.clone(),
            started_at: humantime::format_rfc3339_seconds(outcome.started_at).to_string(),
            seconds: outcome.durations.total.as_secs_f64(),
        },
        converged: outcome.verdict.status == ConvergenceStatus::Converged,
        status: outcome.verdict.status,
        iterations: outcome.history.last().map_or(0, |last| last.iteration),
        unmet: outcome.verdict.unmet.clone(),
        repository: repository(outcome),
        call_sites: Sites::from(&outcome.oracle.call_graph.counts),
        streams: [stream(&outcome.streams[0]), stream(&outcome.streams[1])],
        history: outcome.history.iter().map(iteration).collect(),
        trends: trends(&outcome.history),
        findings: findings(outcome),
        failed: outcome
            .failures
            .iter()
            .map(|failure| Failed {
                component: failure.component.to_string(),
                stream: failure.stream,
                iteration: failure.iteration,
                reason: failure.reason.clone(),
            })
            .collect(),
        recommendations: recommendations(outcome, &tickets, &problems),
        tickets,
        problems,
    }
}

fn count(n: usize) -> u64 {
    n as u64
}

fn repository(outcome: &Outcome) -> Repository {
    let oracle = &outcome.oracle;
    Repository {
        files: count(oracle.files.len()),
        skipped_files: count(oracle.files.iter().filter(|f| !f.analyzed).count()),
        lines: oracle.files.iter().map(|f| u64::from(f.lines)).sum(),
        components: count(oracle.components.len()),
        documented: count(
            outcome
                .documentation
                .iter()
                .filter(|d| d.get(&Subject::Summary).is_some())
                .count(),
        ),
        edges: count(oracle.call_graph.edges.len()),
    }
}

fn stream(metrics: &StreamMetrics) -> Stream {
    let edges = (!metrics.restates_oracle).then_some(metrics.edges);
    Stream {
        name: metrics.name.clone(),
        precision: edges.and_then(|e| e.precision()),
        recall: edges.and_then(|e| e.recall()),
        f1: edges.and_then(|e| e.f1()),
    }
}

fn iteration(record: &IterationRecord) -> Iteration {
    Iteration {
        iteration: record.iteration,
        status: record.status,
        processed: record.processed,
        identical: record.identical,
        discrepancies: record
            .discrepancies
            .iter()
            .map(|(kind, n)| (kind.label(), *n))
            .collect(),
        settled: record.settled.clone(),
        refuted: record.refuted,
        open: record.measures.open,
        blocking: record.measures.blocking.clone(),
        corrections: record.measures.corrections,
        failed: record.measures.failed,
        unvalidated: record.measures.unvalidated,
        call_graph_match: record.measures.call_graph_match,
        documentation_similarity: record.measures.documentation_similarity,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of discrepancies stay far below 2^53")]
fn trends(history: &[IterationRecord]) -> Vec<Trend> {
    let (Some(first), Some(last)) = (history.first(), history.last()) else {
        return Vec::new();
    };
    let trend = |measure: &str, up_is_good: bool, read: &dyn Fn(&IterationRecord) -> f64| {
        let (first, last) = (read(first), read(last));
        let direction = match last.total_cmp(&first) {
            std::cmp::Ordering::Equal => Direction::Same,
            std::cmp::Ordering::Greater if up_is_good => Direction::Better,
            std::cmp::Ordering::Less if !up_is_good => Direction::Better,
            _ => Direction::Worse,
        };
        Trend {
            measure: measure.to_owned(),
            first,
            last,
            direction,
        }
    };
    vec![
        trend("call_graph_match", true, &|r| r.measures.call_graph_match),
        trend("documentation_similarity", true, &|r| {
            r.measures.documentation_similarity
        }),
        trend("discrepancies", false, &|r| {
            r.discrepancies.values().sum::<u64>() as f64
        }),
        trend("open", false, &|r| r.measures.open as f64),
        trend("blocking", false, &|r| r.measures.blocking.values().sum::<u64>() as f64),
        trend("refuted", false, &|r| r.refuted.iter().sum::<u64>() as f64),
    ]
}

fn findings(outcome: &Outcome) -> Findings {
    let of = |class| count(outcome.findings.iter().filter(|f| f.class == class).count());
    let mut by_kind = BTreeMap::new();
    for finding in &outcome.findings {
        let row = finding.kind.row();
        *by_kind.entry(row.finding.unwrap_or(row.name).to_owned()).or_default() += 1;
    }
    Findings {
        contradictions: of(FindingClass::Contradiction),
        omissions: of(FindingClass::Omission),
        policy: of(FindingClass::Policy),
        by_kind,
    }
}

fn tickets(tickets: &[Ticket]) -> Tickets {
    let lines = |wanted: fn(&TicketState) -> bool| {
        tickets
            .iter()
            .filter(|ticket| wanted(&ticket.state))
            .map(|ticket| TicketLine {
                id: ticket.id.clone(),
                component: ticket.component.to_string(),
                path: ticket.path.to_string(),
                line: ticket.line,
                kind: ticket.kind.label(),
                subject: ticket.subject.to_string(),
                severity: ticket.severity,
            })
            .collect()
    };
    let number = |wanted: fn(&TicketState) -> bool| count(tickets.iter().filter(|t| wanted(&t.state)).count());
    Tickets {
        open: lines(is_open),
        expired: lines(|state| matches!(state, TicketState::Expired)),
        answered: number(|state| matches!(state, TicketState::Answered(_) | TicketState::Applied(_))),
        withdrawn: number(|state| matches!(state, TicketState::Withdrawn)),
    }
}

/// Whether somebody still has to answer.
pub(crate) fn is_open(state: &TicketState) -> bool {
    matches!(state, TicketState::Open | TicketState::NeedsClarification(_))
}

fn problems(outcome: &Outcome) -> Vec<Problem> {
    outcome
        .oracle
        .problems
        .iter()
        .map(|problem| Problem {
            path: problem.path.to_string(),
            line: problem.line,
            kind: problem.kind,
            skipped: problem.kind.skips_file(),
            message: problem.message.clone(),
        })
        .collect()
}

/// What the verdict requires, then what else there is to do; no action twice. Commands name the repository `REPO`:
/// the report may be read on another machine.
fn recommendations(outcome: &Outcome, tickets: &Tickets, problems: &[Problem]) -> Vec<Recommendation> {
    let mut list: Vec<Recommendation> = outcome
        .verdict
        .required_actions
        .iter()
        .map(|required| Recommendation {
            action: required.action.clone(),
            command: required.command.clone(),
        })
        .collect();
    let mut add = |needed: bool, action: String, command: &str| {
        let known = list
            .iter()
            .any(|r| r.action == action || r.command.as_deref() == Some(command));
        if needed && !known {
            list.push(Recommendation {
                action,
                command: Some(command.to_owned()),
            });
        }
    };
    let skipped = problems.iter().filter(|p| p.skipped).count();
    add(
        !tickets.open.is_empty(),
        format!("Answer {}, then run again.", plural(tickets.open.len(), "open ticket")),
        "twinscribe tickets list",
    );
    add(
        !tickets.expired.is_empty(),
        format!(
            "Answer {} that nobody answered in time; the next run applies the answers.",
            plural(tickets.expired.len(), "ticket")
        ),
        "twinscribe tickets list --state expired",
    );
    add(
        !outcome.failures.is_empty(),
        format!(
            "Document the {} that failed once more.",
            plural(outcome.failures.len(), "component")
        ),
        "twinscribe document REPO --retry-failed",
    );
    let contradictions = findings(outcome).contradictions;
    add(
        contradictions > 0,
        format!("Correct the docstrings that say what the code refutes: {contradictions} of them."),
        "twinscribe check REPO",
    );
    add(
        skipped > 0,
        format!(
            "Look at {} that could not be read, or leave them out with `exclude`.",
            plural(skipped, "file")
        ),
        "twinscribe analyze REPO --format text",
    );
    list
}

/// `1 file`, `2 files`.
pub(crate) fn plural(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// The same for a number of any size.
pub(crate) fn count_of(n: u64, noun: &str) -> String {
    plural(usize::try_from(n).unwrap_or(usize::MAX), noun)
}
