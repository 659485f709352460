//! `check`: a dry run of `document` whose findings are what counts.

use super::conclude;
use crate::cli::args::run::CheckArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::gate::Judge;
use crate::cli::progress;
use crate::cli::session::{self, Order, Start};
use crate::config::Layer;

pub(crate) fn run(args: &CheckArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer {
        dry_run: Some(true),
        ..Layer::default()
    };
    args.discovery.fill(&mut flags);
    args.gate.fill(&mut flags);
    let settings = context.settings(Some(&args.repository), flags)?;
    let order = Order {
        repository: &args.repository,
        config: &settings.run,
        start: Start::Afresh,
    };
    let mut listener = progress::listener(context);
    let outcome = session::run(order, &mut *listener)?;
    drop(listener);
    conclude::judge(
        &outcome,
        &args.repository,
        &settings,
        &args.gate,
        (Judge::Check, Some(args.format)),
        context,
    )
}
