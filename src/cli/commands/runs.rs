//! `runs`: the runs there have been, and how two of them differ.

mod log;
mod money;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use self::money::RoleSpent;
use super::{history_folder, print_json};
use crate::cli::args::facts::ListFormat;
use crate::cli::args::history::{RunsArgs, RunsCommand};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure, Kind};
use crate::cli::output::{table, time};
use crate::cli::session::{self, RunRow};
use crate::model::usage::total;
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
        RunsCommand::Show {
            run,
            components,
            component,
            format,
            place,
        } => {
            let dir = history_folder(place, context)?;
            let rows = session::runs(&dir)?;
            let row = pick(&rows, run.as_deref())?;
            match component {
                Some(id) => log::show(&session::calls(&dir, &row.id)?, Some(id), *format, context)?,
                None if *components => log::show(&session::calls(&dir, &row.id)?, None, *format, context)?,
                None => match format {
                    ListFormat::Json => print_json(&Details::from(row), context)?,
                    ListFormat::Text => context.print_text(&show(row, context.stdout_paint))?,
                },
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
            let rows = session::runs(&dir)?;
            let row = |report: &Report| pick(&rows, report.header.run_id.as_deref());
            let diff = Diff::of(&old, &new).with_runs(row(&old)?, row(&new)?);
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
    found.ok_or_else(|| {
        let what = run.map_or_else(|| "a run".to_owned(), |id| format!("the run `{id}`"));
        Failure::usage(format!("failed to find {what}: there is none")).hint("`twinscribe runs list` lists them")
    })
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    status: &'a str,
    /// Null where its record cannot be read.
    started_at: Option<String>,
    repository: String,
    convergence: Option<&'a str>,
    components: Option<u64>,
    findings: Option<u64>,
    open_tickets: Option<u64>,
    calls: u64,
    failures: u64,
    retries: u64,
    cost_usd: String,
    sessions: usize,
    damage: Option<&'a str>,
}

impl<'a> From<&'a RunRow> for Row<'a> {
    fn from(row: &'a RunRow) -> Self {
        let spent = total(&row.spent);
        Self {
            id: &row.id,
            status: &row.status,
            started_at: row.damage.is_none().then(|| time(row.started_at)),
            repository: row.repository.display().to_string(),
            convergence: row.convergence.as_deref(),
            components: row.components,
            findings: row.findings,
            open_tickets: row.open_tickets,
            calls: spent.calls,
            failures: row.failures.len() as u64,
            retries: spent.usage.retries,
            cost_usd: spent.usage.cost.to_string(),
            sessions: row.sessions.len(),
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
                match &row.damage {
                    None => time(row.started_at),
                    Some(_) => String::new(),
                },
                match &row.damage {
                    None => row.status.clone(),
                    Some(why) => format!("damaged: {why}"),
                },
                row.convergence.clone().unwrap_or_default(),
                number(row.components),
                number(row.findings),
                number(row.open_tickets),
                row.failures.len().to_string(),
                money::cost(&row.spent),
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
        "failures",
        "cost",
        "repository",
    ];
    table(&head, &cells, paint)
}

/// All that is known of one run.
#[derive(Serialize)]
struct Details<'a> {
    id: &'a str,
    status: &'a str,
    started_at: String,
    repository: String,
    convergence: Option<&'a str>,
    components: Option<u64>,
    findings: Option<u64>,
    open_tickets: Option<u64>,
    damage: Option<&'a str>,
    processes: Vec<Process<'a>>,
    streams: Vec<Stream<'a>>,
    spent: BTreeMap<String, RoleSpent>,
    seconds: Option<Seconds>,
    failures: Vec<Failed<'a>>,
    options: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Process<'a> {
    started_at: String,
    ended_at: Option<String>,
    program: &'a str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Stream<'a> {
    name: &'a str,
    calls: u64,
    reused: u64,
    retries: u64,
    rejected: u64,
}

#[derive(Serialize)]
struct Seconds {
    analysis: f64,
    iterations: f64,
    total: f64,
}

#[derive(Serialize)]
struct Failed<'a> {
    stream: crate::model::documentation::StreamId,
    component: &'a str,
    iteration: u32,
    reason: &'a str,
}

impl<'a> From<&'a RunRow> for Details<'a> {
    fn from(row: &'a RunRow) -> Self {
        Self {
            processes: row
                .sessions
                .iter()
                .map(|s| Process {
                    started_at: time(s.started_at),
                    ended_at: s.ended_at.map(time),
                    program: &s.program,
                    reason: s.reason.as_deref(),
                })
                .collect(),
            streams: row
                .streams
                .iter()
                .flatten()
                .map(|s| Stream {
                    name: &s.name,
                    calls: s.calls,
                    reused: s.reused,
                    retries: s.retries,
                    rejected: s.rejected,
                })
                .collect(),
            spent: money::by_role(&row.spent),
            seconds: row.durations.map(|d| {
                let [analysis, iterations, total] = d.map(|d| d.as_secs_f64());
                Seconds {
                    analysis,
                    iterations,
                    total,
                }
            }),
            failures: row
                .failures
                .iter()
                .map(|f| Failed {
                    stream: f.stream,
                    component: &f.component,
                    iteration: f.iteration,
                    reason: &f.reason,
                })
                .collect(),
            options: &row.options,
            id: &row.id,
            status: &row.status,
            started_at: time(row.started_at),
            repository: row.repository.display().to_string(),
            convergence: row.convergence.as_deref(),
            components: row.components,
            findings: row.findings,
            open_tickets: row.open_tickets,
            damage: row.damage.as_deref(),
        }
    }
}

fn show(row: &RunRow, paint: Paint) -> String {
    let wire = Details::from(row);
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        _ = writeln!(text, "{name:<12} {}", for_line(&value));
    };
    line("run", row.id.clone());
    line("status", row.status.clone());
    line("started", time(row.started_at));
    line("repository", row.repository.display().to_string());
    for process in &wire.processes {
        let until = process.ended_at.as_deref().unwrap_or("no end known");
        let why = process.reason.map_or_else(String::new, |why| format!(": {why}"));
        line(
            "process",
            format!("{} to {until}, version {}{why}", process.started_at, process.program),
        );
    }
    for (name, value) in [
        ("components", row.components),
        ("findings", row.findings),
        ("open tickets", row.open_tickets),
    ] {
        if let Some(n) = value {
            line(name, n.to_string());
        }
    }
    if let Some(seconds) = &wire.seconds {
        let Seconds {
            analysis,
            iterations,
            total,
        } = seconds;
        line(
            "seconds",
            format!("{total:.1}: analysis {analysis:.1}, iterations {iterations:.1}"),
        );
    }
    for (name, value) in [("convergence", &row.convergence), ("damage", &row.damage)] {
        if let Some(value) = value {
            line(name, value.clone());
        }
    }
    let defaults = session::default_options();
    for (key, value) in row
        .options
        .iter()
        .filter(|(key, value)| defaults.get(*key) != Some(*value))
    {
        line("option", format!("{key} = {value}"));
    }
    for failed in &wire.failures {
        line(
            "failed",
            format!(
                "{} in iteration {} by stream {}: {}",
                failed.component,
                failed.iteration,
                log::letter(failed.stream),
                failed.reason
            ),
        );
    }
    text.push_str(&streams(&wire.streams, paint));
    text.push_str(&money::listed(&row.spent, paint));
    text
}

/// What each stream did; nothing before the run has ended once.
fn streams(streams: &[Stream<'_>], paint: Paint) -> String {
    if streams.is_empty() {
        return String::new();
    }
    let cells: Vec<Vec<String>> = streams
        .iter()
        .map(|s| {
            let numbers = [s.calls, s.reused, s.retries, s.rejected].map(|n| n.to_string());
            [s.name.to_owned()].into_iter().chain(numbers).collect()
        })
        .collect();
    table(
        &["last process", "calls", "reused", "retries", "rejected"],
        &cells,
        paint,
    )
}

/// What changed from one run to another.
#[derive(Debug, Serialize)]
struct Diff {
    old: Option<String>,
    new: Option<String>,
    /// Numbers that differ: before, after.
    changed: BTreeMap<String, [String; 2]>,
    /// Options, versions and what was done, where they differ: before, after.
    run: BTreeMap<String, [String; 2]>,
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
            run: BTreeMap::new(),
            failed_no_more: minus(&failed(old), &failed(new)),
            newly_failed: minus(&failed(new), &failed(old)),
            tickets_closed: minus(&open(old), &open(new)),
            tickets_opened: minus(&open(new), &open(old)),
        }
    }

    /// Adds how the runs themselves differ.
    fn with_runs(mut self, old: &RunRow, new: &RunRow) -> Self {
        let (before, after) = (about(old), about(new));
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let value = |side: &BTreeMap<String, String>| side.get(key).cloned().unwrap_or_default();
            let pair = [value(&before), value(&after)];
            if pair[0] != pair[1] {
                self.run.insert(key.clone(), pair);
            }
        }
        self
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
        if !self.run.is_empty() {
            let rows: Vec<Vec<String>> = self
                .run
                .iter()
                .map(|(name, [old, new])| vec![name.clone(), old.clone(), new.clone()])
                .collect();
            text.push_str(&table(&["of the run", "old", "new"], &rows, paint));
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

/// What there is to compare of two runs themselves.
fn about(row: &RunRow) -> BTreeMap<String, String> {
    let mut about: BTreeMap<String, String> = row
        .options
        .iter()
        .map(|(key, value)| (format!("option {key}"), value.clone()))
        .collect();
    about.insert("processes".to_owned(), row.sessions.len().to_string());
    if let Some(last) = row.sessions.last() {
        about.insert("version".to_owned(), last.program.clone());
    }
    for (letter, stream) in ["a", "b"].into_iter().zip(row.streams.iter().flatten()) {
        about.insert(format!("stream {letter}"), stream.name.clone());
        about.insert(format!("drafts reused by stream {letter}"), stream.reused.to_string());
    }
    for (role, account) in &row.spent {
        let usage = &account.usage;
        for (what, value) in [
            ("calls", account.calls.to_string()),
            ("failed calls", account.failed.to_string()),
            ("retries", usage.retries.to_string()),
            ("tokens", usage.tokens().to_string()),
            ("cost in dollars", usage.cost.to_string()),
        ] {
            about.insert(format!("{what} of {role}"), value);
        }
    }
    if let Some([.., total]) = row.durations {
        about.insert("seconds".to_owned(), format!("{:.1}", total.as_secs_f64()));
    }
    about
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
