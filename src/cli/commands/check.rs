//! `check`: a dry run of `document` whose findings are what counts.

use super::conclude;
use crate::cli::args::run::CheckArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::gate::Judge;
use crate::cli::progress;
use crate::cli::session;
use crate::config::Layer;

pub(crate) fn run(args: &CheckArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer {
        dry_run: Some(true),
        ..Layer::default()
    };
    args.discovery.fill(&mut flags);
    args.gate.fill(&mut flags);
    let settings = context.settings(Some(&args.repository), flags)?;
    if let Some(profile) = args.profile {
        let spinner = progress::spinner(context, "reading");
        let checked = session::profiled(profile, &args.repository, &settings.run)?;
        drop(spinner);
        let (judge, format) = (Judge::Profile, Some(args.format));
        let listing = checked.listing();
        return conclude::list(
            listing,
            None,
            &args.repository,
            &settings,
            &args.gate,
            (judge, format),
            context,
        );
    }
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
