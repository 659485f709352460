//! The convergence report as Markdown.

use std::fmt::Write as _;

use super::{Direction, Report, percent, status_name};
use crate::model::documentation::StreamId;
use crate::report::docs::prose::inline;

/// Renders the report.
pub fn render(report: &Report) -> String {
    let mut text = String::from("# Convergence report\n\n");
    head(&mut text, report);
    history(&mut text, report);
    sites(&mut text, report);
    tickets(&mut text, report);
    troubles(&mut text, report);
    if !report.recommendations.is_empty() {
        text.push_str("\n## Recommendations\n\n");
        for item in &report.recommendations {
            _ = write!(text, "- {}", inline(&item.action));
            if let Some(command) = &item.command {
                _ = write!(text, "  `{}`", command.replace('`', "'"));
            }
            text.push('\n');
        }
    }
    text
}

fn head(text: &mut String, report: &Report) {
    let header = &report.header;
    _ = writeln!(
        text,
        "Run {}, {}, {:.1} s, {}.\n",
        header.run_id.as_deref().unwrap_or("(dry run)"),
        header.started_at,
        header.seconds,
        header.generator
    );
    let repository = &report.repository;
    table(
        text,
        &["", ""],
        &[
            vec!["Converged".into(), yes_no(report.converged)],
            vec!["Status".into(), status_name(report.status).into()],
            vec!["Iterations".into(), report.iterations.to_string()],
            vec![
                "Components documented".into(),
                format!("{} of {}", repository.documented, repository.components),
            ],
            vec![
                "Files".into(),
                format!("{}, {} skipped", repository.files, repository.skipped_files),
            ],
            vec!["Lines".into(), repository.lines.to_string()],
            vec!["Calls between components".into(), repository.edges.to_string()],
            vec!["Contradictions".into(), report.findings.contradictions.to_string()],
            vec!["Omissions".into(), report.findings.omissions.to_string()],
        ],
    );
    for unmet in &report.unmet {
        _ = writeln!(text, "\nUnmet: {}", inline(unmet));
    }
    text.push('\n');
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), percent);
    table(
        text,
        &["Stream", "Who", "Precision of its calls", "Recall", "F1"],
        &["A", "B"]
            .into_iter()
            .zip(&report.streams)
            .map(|(letter, s)| {
                vec![
                    letter.to_owned(),
                    s.name.clone(),
                    share(s.precision),
                    share(s.recall),
                    share(s.f1),
                ]
            })
            .collect::<Vec<_>>(),
    );
}

fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

fn history(text: &mut String, report: &Report) {
    text.push_str("\n## Iterations\n\n");
    let rows: Vec<Vec<String>> = report
        .history
        .iter()
        .map(|r| {
            vec![
                r.iteration.to_string(),
                r.status.map_or("", status_name).to_owned(),
                format!("{} + {}", r.processed[0], r.processed[1]),
                r.identical.to_string(),
                r.refuted.iter().sum::<u64>().to_string(),
                counts(r.discrepancies.iter()),
                counts(r.settled.iter()),
                r.open.to_string(),
                counts(r.blocking.iter().map(|(kind, n)| (kind.name(), n))),
                percent(r.call_graph_match),
                percent(r.documentation_similarity),
            ]
        })
        .collect();
    table(
        text,
        &[
            "",
            "Status",
            "Drafts",
            "Alike",
            "Refuted",
            "Discrepancies",
            "Settled by",
            "Open",
            "Blocking",
            "Match",
            "Similarity",
        ],
        &rows,
    );
    if report.trends.is_empty() {
        return;
    }
    text.push_str("\n## Trends\n\n");
    let rows: Vec<Vec<String>> = report
        .trends
        .iter()
        .map(|t| {
            let direction = match t.direction {
                Direction::Better => "better",
                Direction::Same => "same",
                Direction::Worse => "worse",
            };
            vec![
                t.measure.replace('_', " "),
                super::text::number(t.first),
                super::text::number(t.last),
                direction.to_owned(),
            ]
        })
        .collect();
    table(text, &["Measure", "First", "Last", ""], &rows);
}

fn counts<'a, K: std::fmt::Display>(items: impl Iterator<Item = (K, &'a u64)>) -> String {
    let list: Vec<String> = items.map(|(key, n)| format!("{key} {n}")).collect();
    if list.is_empty() {
        "–".to_owned()
    } else {
        list.join(", ")
    }
}

fn sites(text: &mut String, report: &Report) {
    let sites = &report.call_sites;
    text.push_str("\n## Call sites\n\n");
    let mut rows = vec![
        vec!["resolved".to_owned(), sites.resolved.to_string()],
        vec!["partly resolved".to_owned(), sites.partly_resolved.to_string()],
        vec!["external".to_owned(), sites.external.to_string()],
        vec!["built-in".to_owned(), sites.builtin.to_string()],
    ];
    rows.extend(
        sites
            .unresolved
            .iter()
            .map(|(reason, n)| vec![format!("unresolved: {reason}"), n.to_string()]),
    );
    rows.push(vec!["all".to_owned(), sites.total.to_string()]);
    table(text, &["Outcome", "Sites"], &rows);
}

fn tickets(text: &mut String, report: &Report) {
    for (title, items) in [
        ("Open tickets", &report.tickets.open),
        ("Expired tickets", &report.tickets.expired),
    ] {
        if items.is_empty() {
            continue;
        }
        _ = writeln!(text, "\n## {title}\n");
        let rows: Vec<Vec<String>> = items
            .iter()
            .map(|t| {
                vec![
                    t.id.clone(),
                    t.component.clone(),
                    format!("{}:{}", t.path, t.line),
                    t.subject.clone(),
                    t.kind.clone(),
                    t.severity.to_string(),
                ]
            })
            .collect();
        table(
            text,
            &["Ticket", "Component", "Where", "About", "Kind", "Severity"],
            &rows,
        );
    }
}

fn troubles(text: &mut String, report: &Report) {
    if !report.failed.is_empty() {
        text.push_str("\n## Failed components\n\n");
        let rows: Vec<Vec<String>> = report
            .failed
            .iter()
            .map(|f| {
                vec![
                    f.component.clone(),
                    if f.stream == StreamId::A { "A" } else { "B" }.to_owned(),
                    f.iteration.to_string(),
                    f.reason.clone(),
                ]
            })
            .collect();
        table(text, &["Component", "Stream", "Iteration", "Reason"], &rows);
    }
    if !report.problems.is_empty() {
        text.push_str("\n## Files that could not be read whole\n\n");
        let rows: Vec<Vec<String>> = report
            .problems
            .iter()
            .map(|p| {
                vec![
                    p.line.map_or(p.path.clone(), |line| format!("{}:{line}", p.path)),
                    p.kind.to_string(),
                    yes_no(p.skipped),
                    p.message.clone(),
                ]
            })
            .collect();
        table(text, &["File", "Problem", "Skipped", "Message"], &rows);
    }
}

/// A Markdown table; what is in the cells is made harmless.
fn table(text: &mut String, head: &[&str], rows: &[Vec<String>]) {
    _ = writeln!(text, "| {} |", head.join(" | "));
    _ = writeln!(text, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| inline(cell)).collect();
        _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}
