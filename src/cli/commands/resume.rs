//! `resume`: go on from a checkpoint, which knows its repository and options; flags override them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::document::finish;
use crate::cli::args::run::ResumeArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::output::table;
use crate::cli::progress;
use crate::cli::session::{self, PlanRow, Start};
use crate::config::{Layer, Reconcile, Settings};

pub(crate) fn run(args: &ResumeArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer::default();
    args.options.fill(&mut flags);
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
            &repository,
            &settings.run,
        )?;
        drop(spinner);
        context.print_text(&plan(&saved.run_id, &rows, args.reconcile, context))?;
        return Ok(Ending::Clean);
    }
    let start = Start::Resume {
        id: Some(args.id.clone().unwrap_or(saved.run_id)),
        mode: settings.reconcile,
        retry_failed: args.retry_failed,
    };
    finish(&repository, &settings, start, &args.gate, args.format, context)
}

/// What each mode, or the one that was asked for, would do.
fn plan(run: &str, rows: &[PlanRow], only: Option<Reconcile>, context: &Context) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .filter(|row| only.is_none_or(|mode| row.mode == mode))
        .map(|row| {
            vec![
                mode_name(row.mode).to_owned(),
                row.stream.to_owned(),
                row.kept.to_string(),
                row.redone.to_string(),
                row.gone.to_string(),
                reasons(&row.reasons),
            ]
        })
        .collect();
    let mut text = format!("Resuming {run} would do:\n");
    let head = ["mode", "stream", "kept", "redone", "gone", "why redone"];
    _ = write!(text, "{}", table(&head, &cells, context.stdout_paint));
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
    let list: Vec<String> = reasons.iter().map(|(why, n)| format!("{why} {n}")).collect();
    list.join(", ")
}
