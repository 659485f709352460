//! `check`: a dry run of `document` whose findings are what counts.

use super::conclude;
use crate::cli::args::run::CheckArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::gate::Judge;
use crate::config::Layer;

pub(crate) fn run(args: &CheckArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer {
        dry_run: Some(true),
        ..Layer::default()
    };
    args.discovery.fill(&mut flags);
    args.gate.fill(&mut flags);
    let settings = context.settings(Some(&args.repository), flags)?;
    let outcome = super::outcome_in_memory(&args.repository, &settings.run, context)?;
    conclude::judge(
        &outcome,
        &args.repository,
        &settings,
        &args.gate,
        (Judge::Check, Some(args.format)),
        context,
    )
}
