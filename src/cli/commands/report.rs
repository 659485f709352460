//! `report`: the convergence report of a run, from its history.

use crate::cli::args::facts::ReportFormat;
use crate::cli::args::history::ReportArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure, Kind};
use crate::cli::session;
use crate::report::convergence::{Report, markdown, text};

pub(crate) fn run(args: &ReportArgs, context: &Context) -> Result<Ending, Failure> {
    let dir = super::history_folder(&args.place, context)?;
    let (_, bytes) = session::kept(&dir, args.run.as_deref(), "convergence_report.json")?;
    let report = Report::from_json(&bytes).map_err(|error| {
        Failure::of(Kind::Checkpoint, &error).hint("`twinscribe checkpoints verify` shows what is whole")
    })?;
    match args.format {
        ReportFormat::Text => context.print_text(&text::render(&report, context.stdout_paint))?,
        ReportFormat::Markdown => context.print_text(&markdown::render(&report))?,
        ReportFormat::Json => context.print(|out| out.write_all(&bytes))?,
    }
    Ok(Ending::Clean)
}
