//! `checkpoints`: what can be resumed.

use std::fmt::Write as _;

use serde::Serialize;

use super::{history_folder, print_json};
use crate::cli::args::facts::ListFormat;
use crate::cli::args::history::{CheckpointsArgs, CheckpointsCommand};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::output::{table, time};
use crate::cli::session::{self, CheckpointDetails, CheckpointRow, Verification};
use crate::report::paint::Paint;

pub(crate) fn run(args: &CheckpointsArgs, context: &Context) -> Result<Ending, Failure> {
    match &args.command {
        CheckpointsCommand::List { format, place } => {
            let rows = session::checkpoints(&history_folder(place, context)?)?;
            match format {
                ListFormat::Json => print_json(&rows.iter().map(Row::from).collect::<Vec<_>>(), context)?,
                ListFormat::Text => context.print_text(&list(&rows, context.stdout_paint))?,
            }
            Ok(Ending::Clean)
        }
        CheckpointsCommand::Show { id, format, place } => {
            let details = session::checkpoint(&history_folder(place, context)?, id)?;
            match format {
                ListFormat::Json => print_json(&Details::from(&details), context)?,
                ListFormat::Text => context.print_text(&show(&details))?,
            }
            Ok(Ending::Clean)
        }
        CheckpointsCommand::Verify { id, format, place } => {
            let all = session::verify(&history_folder(place, context)?, id.as_deref())?;
            match format {
                ListFormat::Json => print_json(&all.iter().map(Whole::from).collect::<Vec<_>>(), context)?,
                ListFormat::Text => context.print_text(&verified(&all, context.stdout_paint))?,
            }
            verdict(&all, context)
        }
        CheckpointsCommand::Delete { ids, place } => {
            let dir = history_folder(place, context)?;
            for id in ids {
                session::delete(&dir, id)?;
                context.say(&format!("deleted {id}"));
            }
            Ok(Ending::Clean)
        }
        CheckpointsCommand::Export { id, output, place } => {
            let document = session::export(&history_folder(place, context)?, id)?;
            match output {
                None => print_json(&document, context)?,
                Some(path) => crate::report::write_file(path, |out| {
                    serde_json::to_writer_pretty(&mut *out, &document)?;
                    out.write_all(b"\n")
                })?,
            }
            Ok(Ending::Clean)
        }
    }
}

/// A run that cannot be resumed is the failure that damage has an exit code for. Damage that resuming gets over is
/// found all the same: a check that says nothing is wrong would hide that a disk is dying.
fn verdict(all: &[Verification], context: &Context) -> Result<Ending, Failure> {
    let damaged = all.iter().filter(|run| !run.is_whole).count();
    match all.iter().find(|run| !run.is_resumable) {
        None if damaged > 0 => {
            context.say(&format!(
                "{}: {damaged} of {} runs are damaged; `twinscribe resume` goes on from what is whole",
                context.stderr_paint.error("failed"),
                all.len()
            ));
            Ok(Ending::Findings)
        }
        None => Ok(Ending::Clean),
        Some(run) if run.is_foreign => Err(Failure::new(
            crate::cli::failure::Kind::Checkpoint,
            format!(
                "failed to read the run {}: a newer version of twinscribe wrote it",
                run.run_id
            ),
        )
        .hint("Use the version of twinscribe that wrote it, or a newer one.")),
        Some(run) => Err(Failure::new(
            crate::cli::failure::Kind::Checkpoint,
            format!("failed to find anything whole of the run {}", run.run_id),
        )
        .hint("`twinscribe document REPO` starts afresh")),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    run: &'a str,
    created_at: Option<String>,
    phase: Option<&'a str>,
    iteration: Option<u32>,
    bytes: u64,
    health: &'a str,
}

impl<'a> From<&'a CheckpointRow> for Row<'a> {
    fn from(row: &'a CheckpointRow) -> Self {
        Self {
            id: &row.id,
            run: &row.run_id,
            created_at: row.created_at.map(time),
            phase: row.phase.as_deref(),
            iteration: row.iteration,
            bytes: row.bytes,
            health: &row.health,
        }
    }
}

#[derive(Serialize)]
struct Details<'a> {
    run: &'a str,
    checkpoint: Option<&'a str>,
    repository: String,
    output: String,
    created_at: String,
    program: &'a str,
    phase: &'a str,
    iteration: u32,
    finished: bool,
    drafts: [usize; 2],
    failures: usize,
    tickets: usize,
    notes: &'a [String],
}

impl<'a> From<&'a CheckpointDetails> for Details<'a> {
    fn from(details: &'a CheckpointDetails) -> Self {
        Self {
            run: &details.run_id,
            checkpoint: details.checkpoint.as_deref(),
            repository: details.repository.display().to_string(),
            output: details.output.display().to_string(),
            created_at: time(details.created_at),
            program: &details.program,
            phase: &details.phase,
            iteration: details.iteration,
            finished: details.finished,
            drafts: details.drafts,
            failures: details.failures,
            tickets: details.tickets,
            notes: &details.notes,
        }
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    run: &'a str,
    whole: bool,
    resumable: bool,
    notes: &'a [String],
}

impl<'a> From<&'a Verification> for Whole<'a> {
    fn from(run: &'a Verification) -> Self {
        Self {
            run: &run.run_id,
            whole: run.is_whole,
            resumable: run.is_resumable,
            notes: &run.notes,
        }
    }
}

fn list(rows: &[CheckpointRow], paint: Paint) -> String {
    if rows.is_empty() {
        return "no checkpoints\n".to_owned();
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.id.clone(),
                row.run_id.clone(),
                row.created_at.map_or_else(String::new, time),
                row.phase.clone().unwrap_or_default(),
                row.iteration.map_or_else(String::new, |n| n.to_string()),
                row.bytes.to_string(),
                row.health.clone(),
            ]
        })
        .collect();
    let head = ["checkpoint", "run", "saved", "phase", "iteration", "bytes", "state"];
    table(&head, &cells, paint)
}

fn show(details: &CheckpointDetails) -> String {
    let wire = Details::from(details);
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        _ = writeln!(text, "{name:<12} {}", crate::report::escape::for_line(&value));
    };
    line("run", wire.run.to_owned());
    line(
        "checkpoint",
        wire.checkpoint.unwrap_or("none; from the journal").to_owned(),
    );
    line("repository", wire.repository);
    line("output", wire.output);
    line("started", wire.created_at);
    line("program", wire.program.to_owned());
    line("phase", wire.phase.to_owned());
    line("iteration", wire.iteration.to_string());
    line("finished", wire.finished.to_string());
    line("drafts", format!("{} + {}", wire.drafts[0], wire.drafts[1]));
    line("failures", wire.failures.to_string());
    line("tickets", wire.tickets.to_string());
    for note in wire.notes {
        line("note", note.clone());
    }
    text
}

fn verified(all: &[Verification], paint: Paint) -> String {
    let mut text = String::new();
    for run in all {
        let state = match (run.is_whole, run.is_resumable) {
            (true, _) => paint.good("whole"),
            (false, true) => paint.warning("damaged, can be resumed"),
            (false, false) => paint.error("damaged, cannot be resumed"),
        };
        _ = writeln!(text, "{}  {state}", run.run_id);
        for note in &run.notes {
            _ = writeln!(text, "  {}", crate::report::escape::for_line(note));
        }
    }
    if text.is_empty() {
        text.push_str("no checkpoints\n");
    }
    text
}
