//! `runs`: the runs there have been, and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::{history_folder, print_json};
use crate::cli::args::facts::ListFormat;
use crate::cli::args::history::{RunsArgs, RunsCommand};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure, Kind};
use crate::cli::output::{table, time};
use crate::cli::session::{self, RunRow};
use crate::report::convergence::Report;
use crate::report::escape::for_line;
use crate::report::paint::Paint;

pub(crate) fn run(args: &RunsArgs, context: &Context) -> Result<Ending, Failure> {
    match &args.command {
        RunsCommand::List { format, place } => {
            let rows = session::runs(&history_folder(place, context)?)?;
            match format {
                ListFormat::Json => print_json(&rows.iter().map(Row::from).collect::<Vec<_>>(), context)?,
                ListFormat::Text => context.print_text(&list(&rows, context.stdout_paint))?,
            }
        }
        RunsCommand::Show { run, format, place } => {
            let rows = session::runs(&history_folder(place, context)?)?;
            let row = pick(&rows, run.as_deref())?;
            match format {
                ListFormat::Json => print_json(&Row::from(row), context)?,
                ListFormat::Text => context.print_text(&show(row))?,
            }
        }
        RunsCommand::Diff {
            old,
            new,
            format,
            place,
        } => {
            let dir = history_folder(place, context)?;
            let (old, new) = (report(&dir, Some(old))?, report(&dir, new.as_deref())?);
            let diff = Diff::of(&old, &new);
            match format {
                ListFormat::Json => print_json(&diff, context)?,
                ListFormat::Text => context.print_text(&diff.text(context.stdout_paint))?,
            }
        }
    }
    Ok(Ending::Clean)
}

fn report(dir: &Path, run: Option<&str>) -> Result<Report, Failure> {
    let (id, bytes) = session::kept(dir, run, "convergence_report.json")?;
    let mut report = Report::from_json(&bytes).map_err(|e| Failure::of(Kind::Checkpoint, &e))?;
    report.header.run_id = Some(id);
    Ok(report)
}

fn pick<'a>(rows: &'a [RunRow], run: Option<&str>) -> Result<&'a RunRow, Failure> {
    let found = match run {
        Some(id) => rows.iter().find(|row| row.id == id),
        None => rows.last(),
    };
    found.ok_or_else(|| Failure::usage("failed to find the run").hint("`twinscribe runs list` lists them"))
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    status: &'a str,
    started_at: String,
    repository: String,
    convergence: Option<&'a str>,
    components: Option<u64>,
    findings: Option<u64>,
    open_tickets: Option<u64>,
    sessions: usize,
    damage: Option<&'a str>,
}

impl<'a> From<&'a RunRow> for Row<'a> {
    fn from(row: &'a RunRow) -> Self {
        Self {
            id: &row.id,
            status: &row.status,
            started_at: time(row.started_at),
            repository: row.repository.display().to_string(),
            convergence: row.convergence.as_deref(),
            components: row.components,
            findings: row.findings,
            open_tickets: row.open_tickets,
            sessions: row.sessions,
            damage: row.damage.as_deref(),
        }
    }
}

fn list(rows: &[RunRow], paint: Paint) -> String {
    if rows.is_empty() {
        return "no runs\n".to_owned();
    }
    let number = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.id.clone(),
                time(row.started_at),
                row.damage.clone().unwrap_or_else(|| row.status.clone()),
                row.convergence.clone().unwrap_or_default(),
                number(row.components),
                number(row.findings),
                number(row.open_tickets),
                row.repository.display().to_string(),
            ]
        })
        .collect();
    let head = [
        "run",
        "started",
        "status",
        "convergence",
        "components",
        "findings",
        "tickets",
        "repository",
    ];
    table(&head, &cells, paint)
}

fn show(row: &RunRow) -> String {
    let wire = Row::from(row);
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        _ = writeln!(text, "{name:<12} {}", for_line(&value));
    };
    line("run", wire.id.to_owned());
    line("status", wire.status.to_owned());
    line("started", wire.started_at);
    line("repository", wire.repository);
    line("sessions", wire.sessions.to_string());
    for (name, value) in [
        ("components", wire.components),
        ("findings", wire.findings),
        ("open tickets", wire.open_tickets),
    ] {
        if let Some(n) = value {
            line(name, n.to_string());
        }
    }
    for (name, value) in [("convergence", wire.convergence), ("damage", wire.damage)] {
        if let Some(value) = value {
            line(name, value.to_owned());
        }
    }
    text
}

/// What changed from one run to another.
#[derive(Debug, Serialize)]
struct Diff {
    old: Option<String>,
    new: Option<String>,
    /// Numbers that differ: before, after.
    changed: BTreeMap<String, [String; 2]>,
    failed_no_more: BTreeSet<String>,
    newly_failed: BTreeSet<String>,
    tickets_closed: BTreeSet<String>,
    tickets_opened: BTreeSet<String>,
}

impl Diff {
    fn of(old: &Report, new: &Report) -> Self {
        let (before, after) = (numbers(old), numbers(new));
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changed = keys
            .into_iter()
            .filter_map(|key| {
                let value = |side: &BTreeMap<String, String>| side.get(key).cloned().unwrap_or_else(|| "0".to_owned());
                let pair = [value(&before), value(&after)];
                (pair[0] != pair[1]).then(|| (key.clone(), pair))
            })
            .collect();
        let failed = |r: &Report| -> BTreeSet<String> { r.failed.iter().map(|f| f.component.clone()).collect() };
        let open = |r: &Report| -> BTreeSet<String> { r.tickets.open.iter().map(|t| t.id.clone()).collect() };
        let minus = |a: &BTreeSet<String>, b: &BTreeSet<String>| a - b;
        Self {
            old: old.header.run_id.clone(),
            new: new.header.run_id.clone(),
            changed,
            failed_no_more: minus(&failed(old), &failed(new)),
            newly_failed: minus(&failed(new), &failed(old)),
            tickets_closed: minus(&open(old), &open(new)),
            tickets_opened: minus(&open(new), &open(old)),
        }
    }

    fn text(&self, paint: Paint) -> String {
        let mut text = format!(
            "{} -> {}\n",
            self.old.as_deref().unwrap_or(""),
            self.new.as_deref().unwrap_or("")
        );
        if self.changed.is_empty() {
            text.push_str("no number differs\n");
        } else {
            let rows: Vec<Vec<String>> = self
                .changed
                .iter()
                .map(|(name, [old, new])| vec![name.clone(), old.clone(), new.clone()])
                .collect();
            text.push_str(&table(&["", "old", "new"], &rows, paint));
        }
        for (title, list) in [
            ("failed no more", &self.failed_no_more),
            ("newly failed", &self.newly_failed),
            ("tickets closed", &self.tickets_closed),
            ("tickets opened", &self.tickets_opened),
        ] {
            for item in list {
                _ = writeln!(text, "{title}: {}", for_line(item));
            }
        }
        text
    }
}

/// The numbers of a report, by name.
fn numbers(report: &Report) -> BTreeMap<String, String> {
    let mut numbers = BTreeMap::from([
        (
            "status".to_owned(),
            crate::report::convergence::status_name(report.status).to_owned(),
        ),
        ("iterations".to_owned(), report.iterations.to_string()),
        ("files".to_owned(), report.repository.files.to_string()),
        ("lines".to_owned(), report.repository.lines.to_string()),
        ("components".to_owned(), report.repository.components.to_string()),
        ("documented".to_owned(), report.repository.documented.to_string()),
        ("edges".to_owned(), report.repository.edges.to_string()),
        ("call sites".to_owned(), report.call_sites.total.to_string()),
        ("contradictions".to_owned(), report.findings.contradictions.to_string()),
        ("omissions".to_owned(), report.findings.omissions.to_string()),
    ]);
    for (kind, n) in &report.findings.by_kind {
        numbers.insert(format!("finding {kind}"), n.to_string());
    }
    if let Some(last) = report.history.last() {
        numbers.insert("open".to_owned(), last.open.to_string());
        numbers.insert("call graph match".to_owned(), format!("{:.4}", last.call_graph_match));
        numbers.insert(
            "documentation similarity".to_owned(),
            format!("{:.4}", last.documentation_similarity),
        );
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::convergence::build;
    use crate::report::sample;

    #[test]
    fn diff_names_what_changed_and_nothing_else() {
        let mut outcome = sample::outcome();
        let old = build::report(&outcome);
        outcome.findings.truncate(1);
        outcome.failures.clear();
        outcome.tickets.clear();
        let new = build::report(&outcome);
        insta::assert_snapshot!(Diff::of(&old, &new).text(Paint::PLAIN));
    }
}
