//! The convergence report as text for a terminal.

use std::fmt::Write as _;

use super::build::count_of as count;
use super::{Direction, Iteration, Report, percent, status_name};
use crate::report::escape::for_line;
use crate::report::paint::Paint;

/// Renders the report.
pub fn render(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    head(&mut text, report, paint);
    history(&mut text, report, paint);
    sites(&mut text, report, paint);
    lists(&mut text, report, paint);
    text
}

fn head(text: &mut String, report: &Report, paint: Paint) {
    let status = status_name(report.status);
    let status = if report.converged {
        paint.good(status)
    } else {
        paint.warning(status)
    };
    let run = report.header.run_id.as_deref().unwrap_or("dry run");
    _ = writeln!(
        text,
        "{} {run}, {}, {:.1} s",
        paint.strong("Run"),
        report.header.started_at,
        report.header.seconds
    );
    _ = writeln!(
        text,
        "Converged: {} ({status} after {})",
        if report.converged { "yes" } else { "no" },
        super::build::plural(report.iterations as usize, "iteration")
    );
    for unmet in &report.unmet {
        _ = writeln!(text, "  unmet: {}", for_line(unmet));
    }
    let repository = &report.repository;
    _ = writeln!(
        text,
        "Documented {} of {} ({}, {}, {} between components)",
        repository.documented,
        count(repository.components, "component"),
        count(repository.files, "file"),
        count(repository.lines, "line"),
        count(repository.edges, "call")
    );
    for (letter, stream) in ["A", "B"].into_iter().zip(&report.streams) {
        _ = write!(text, "Stream {letter}: {}", for_line(&stream.name));
        for (what, value) in [("precision", stream.precision), ("recall", stream.recall)] {
            if let Some(value) = value {
                _ = write!(text, ", {what} of its calls {}", percent(value));
            }
        }
        text.push('\n');
    }
}

fn history(text: &mut String, report: &Report, paint: Paint) {
    if report.history.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{}", paint.strong("Iterations"));
    for record in &report.history {
        iteration(text, record);
    }
    let moved: Vec<String> = report
        .trends
        .iter()
        .filter(|trend| trend.direction != Direction::Same)
        .map(|trend| {
            format!(
                "{} {} to {} ({})",
                trend.measure.replace('_', " "),
                number(trend.first),
                number(trend.last),
                if trend.direction == Direction::Better {
                    "better"
                } else {
                    "worse"
                }
            )
        })
        .collect();
    if !moved.is_empty() {
        _ = writeln!(text, "  Trends: {}", moved.join("; "));
    }
}

fn iteration(text: &mut String, record: &Iteration) {
    _ = writeln!(
        text,
        "  {}. {} + {} drafts, {} claims alike, {} refuted; match {}, similarity {}; {}",
        record.iteration,
        record.processed[0],
        record.processed[1],
        record.identical,
        record.refuted.iter().sum::<u64>(),
        percent(record.call_graph_match),
        percent(record.documentation_similarity),
        record.status.map_or("", status_name),
    );
    let list = |items: Vec<String>| items.join(", ");
    if !record.discrepancies.is_empty() {
        let kinds = record.discrepancies.iter().map(|(k, n)| format!("{k} {n}"));
        _ = writeln!(text, "     discrepancies: {}", list(kinds.collect()));
    }
    if !record.settled.is_empty() {
        let by = record
            .settled
            .iter()
            .map(|(r, n)| format!("{} {n}", r.to_string().replace('_', " ")));
        _ = writeln!(text, "     settled by: {}", list(by.collect()));
    }
    if record.open > 0 || !record.blocking.is_empty() {
        let kinds: Vec<_> = record
            .blocking
            .iter()
            .map(|(kind, n)| format!("{} {n}", kind.name()))
            .collect();
        _ = writeln!(
            text,
            "     open: {}, blocking: {}",
            record.open,
            if kinds.is_empty() {
                "none".to_owned()
            } else {
                list(kinds)
            }
        );
    }
}

/// A measure: a share with digits, a count without.
pub(crate) fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

fn sites(text: &mut String, report: &Report, paint: Paint) {
    let sites = &report.call_sites;
    if sites.total == 0 {
        return;
    }
    _ = writeln!(text, "\n{} {}", paint.strong("Call sites"), sites.total);
    let unresolved: u64 = sites.unresolved.values().sum();
    for (name, n) in [
        ("resolved", sites.resolved),
        ("partly resolved", sites.partly_resolved),
        ("external", sites.external),
        ("built-in", sites.builtin),
        ("unresolved", unresolved),
    ] {
        _ = writeln!(text, "  {n:>8}  {name}");
    }
    for (reason, n) in &sites.unresolved {
        _ = writeln!(text, "  {n:>8}    {reason}");
    }
}

fn lists(text: &mut String, report: &Report, paint: Paint) {
    let findings = &report.findings;
    _ = writeln!(
        text,
        "\n{} {}, {}, {} of policy",
        paint.strong("Findings"),
        count(findings.contradictions, "contradiction"),
        count(findings.omissions, "omission"),
        findings.policy
    );
    let tickets = |items: &[super::TicketLine]| -> Vec<String> {
        items
            .iter()
            .map(|t| format!("{} {}:{} {} ({})", t.id, t.path, t.line, t.subject, t.kind))
            .collect()
    };
    section(text, paint, "Open tickets", tickets(&report.tickets.open));
    section(text, paint, "Expired tickets", tickets(&report.tickets.expired));
    let failed = report.failed.iter().map(|f| {
        let stream = if f.stream == crate::model::documentation::StreamId::A {
            "A"
        } else {
            "B"
        };
        format!(
            "{} (stream {stream}, iteration {}): {}",
            f.component, f.iteration, f.reason
        )
    });
    section(text, paint, "Failed components", failed.collect());
    let problems = report.problems.iter().map(|p| {
        let line = p.line.map_or(String::new(), |line| format!(":{line}"));
        let skipped = if p.skipped { ", skipped" } else { "" };
        format!("{}{line} ({}{skipped}): {}", p.path, p.kind, p.message)
    });
    section(text, paint, "Problems", problems.collect());
    let todo = report.recommendations.iter().map(|r| match &r.command {
        Some(command) => format!("{}  `{command}`", r.action),
        None => r.action.clone(),
    });
    section(text, paint, "Recommendations", todo.collect());
}

fn section(text: &mut String, paint: Paint, title: &str, items: Vec<String>) {
    if items.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{} {}", paint.strong(title), items.len());
    for item in items {
        _ = writeln!(text, "  {}", for_line(&item));
    }
}
