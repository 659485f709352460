//! `resume`: go on from a checkpoint, which knows its repository and options; flags override them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::document::finish;
use super::print_json;
use crate::cli::args::run::ResumeArgs;
use crate::cli::context::{Context, Verbosity};
use crate::cli::failure::{Ending, Failure};
use crate::cli::output::table;
use crate::cli::progress;
use crate::cli::session::{self, PlanRow, Start};
use crate::config::{Layer, Reconcile, Settings};
use crate::report::escape::for_line;
use crate::report::findings::Format;

pub(crate) fn run(args: &ResumeArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer::default();
    args.options.fill(&mut flags);
    args.models.fill(&mut flags);
    args.discovery.fill(&mut flags);
    args.gate.fill(&mut flags);
    flags.reconcile = args.reconcile;
    let here = context.settings(Some(std::path::Path::new(".")), flags.clone())?;
    let dir = here.run.checkpoints.dir.clone();
    let saved = session::saved(&dir, args.id.as_deref())?.ok_or_else(|| {
        Failure::usage(format!(
            "failed to find a checkpoint in {}: it holds none",
            dir.display()
        ))
        .hint("`twinscribe document REPO` starts a run; `--checkpoint-dir` names another folder")
    })?;
    let repository = args.repository.clone().unwrap_or(saved.repository);
    let mut settings = Settings {
        run: saved.config,
        ..here
    };
    flags.apply(&mut settings);
    settings.run.checkpoints.dir = dir;
    if args.dry_run {
        let spinner = progress::spinner(context, "analysing");
        let rows = session::plan(
            &settings.run.checkpoints.dir,
            args.id.as_deref(),
            args.retry_failed,
            &repository,
            &settings.run,
        )?;
        drop(spinner);
        return show_plan(&saved.run_id, &rows, args, context);
    }
    let run = saved.run_id.clone();
    let start = Start::Resume {
        id: Some(args.id.clone().unwrap_or(saved.run_id)),
        mode: settings.reconcile,
        retry_failed: args.retry_failed,
    };
    context.say(&format!("resuming {run} of {}", repository.display()));
    let reach = context.reach(&args.models);
    finish(&repository, &settings, (start, reach), &args.gate, args.format, context)
}

/// Components listed per stream and mode, unless more are asked for.
const MOST_LISTED: usize = 20;

/// Prints what each mode, or the one that was asked for, would keep and do again, and why.
fn show_plan(run: &str, rows: &[PlanRow], args: &ResumeArgs, context: &Context) -> Result<Ending, Failure> {
    let wanted: Vec<&PlanRow> = rows
        .iter()
        .filter(|row| args.reconcile.is_none_or(|mode| row.mode == mode))
        .collect();
    match args.format {
        None => context.print_text(&plan(run, &wanted, context))?,
        Some(Format::Json) => print_json(&wanted.iter().copied().map(Wire::from).collect::<Vec<_>>(), context)?,
        Some(_) => {
            return Err(Failure::usage(
                "failed to print the plan: --dry-run has the form json only, or text without --format",
            ));
        }
    }
    Ok(Ending::Clean)
}

#[derive(Serialize)]
struct Wire<'a> {
    mode: &'static str,
    stream: &'static str,
    kept: usize,
    redone: usize,
    doubtful: usize,
    failed: usize,
    gone: usize,
    moved: usize,
    reasons: &'a BTreeMap<String, usize>,
    components: &'a BTreeMap<String, Vec<String>>,
}

impl<'a> From<&'a PlanRow> for Wire<'a> {
    fn from(row: &'a PlanRow) -> Self {
        Self {
            mode: mode_name(row.mode),
            stream: row.stream,
            kept: row.kept,
            redone: row.redone,
            doubtful: row.doubtful,
            failed: row.failed,
            gone: row.gone,
            moved: row.moved,
            reasons: &row.reasons,
            components: &row.components,
        }
    }
}

/// What each mode would do, and below it the components.
fn plan(run: &str, rows: &[&PlanRow], context: &Context) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                mode_name(row.mode).to_owned(),
                row.stream.to_owned(),
                row.kept.to_string(),
                row.redone.to_string(),
                row.doubtful.to_string(),
                row.failed.to_string(),
                row.moved.to_string(),
                row.gone.to_string(),
                reasons(&row.reasons),
            ]
        })
        .collect();
    let mut text = format!("Resuming {run} would do:\n");
    let head = [
        "mode",
        "stream",
        "kept",
        "redone",
        "in doubt",
        "failed",
        "moved",
        "gone",
        "why redone",
    ];
    _ = write!(text, "{}", table(&head, &cells, context.stdout_paint));
    let most = if context.verbosity == Verbosity::Verbose {
        usize::MAX
    } else {
        MOST_LISTED
    };
    for row in rows.iter().filter(|row| !row.components.is_empty()) {
        _ = writeln!(text, "{}, stream {}:", mode_name(row.mode), row.stream);
        for (id, reasons) in row.components.iter().take(most) {
            _ = writeln!(text, "  {}: {}", for_line(id), for_line(&reasons.join(", ")));
        }
        if row.components.len() > most {
            _ = writeln!(text, "  and {} more; -v lists all", row.components.len() - most);
        }
    }
    text
}

fn mode_name(mode: Reconcile) -> &'static str {
    match mode {
        Reconcile::Patch => "patch",
        Reconcile::Overwrite => "overwrite",
        Reconcile::FillGaps => "fill-gaps",
    }
}

fn reasons(reasons: &BTreeMap<String, usize>) -> String {
    let list: Vec<String> = reasons.iter().map(|(why, n)| format!("{why}: {n}")).collect();
    list.join(", ")
}
