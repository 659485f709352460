//! `document`: the whole pipeline, and the package.

use std::fmt::Write as _;
use std::path::Path;

use super::conclude;
use crate::cli::args::run::{DocumentArgs, GateOptions};
use crate::cli::context::{Context, Verbosity};
use crate::cli::failure::{Ending, Failure};
use crate::cli::gate::Judge;
use crate::cli::output::place;
use crate::cli::progress;
use crate::cli::session::{self, Estimate, Order, Shown, Start};
use crate::config::{Config, Layer, Settings};
use crate::llm::{Reach, prices_date};
use crate::model::run::Outcome;
use crate::model::usage::Rounding;
use crate::report::convergence::build::{count_of, plural};
use crate::report::convergence::{self, Report, percent, status_name};
use crate::report::findings::Format;

pub(crate) fn run(args: &DocumentArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer::default();
    args.options.fill(&mut flags);
    args.models.fill(&mut flags);
    args.discovery.fill(&mut flags);
    args.gate.fill(&mut flags);
    flags.dry_run = args.dry_run.then_some(true);
    let settings = context.settings(Some(&args.repository), flags)?;
    if args.show_prompts {
        return show_prompts(args, &settings, context);
    }
    let start = match &args.resume {
        None if !args.retry_failed => args.since.clone().map_or(Start::Afresh, Start::Since),
        id => {
            let id = id.as_ref().and_then(Option::as_deref);
            resumed(id, args.retry_failed, &settings, context)?
        }
    };
    let reach = context.reach(&args.models);
    finish(
        &args.repository,
        &settings,
        (start, reach),
        &args.gate,
        args.format,
        context,
    )
}

/// Prints what models would be sent; what is described before a component is not known yet, and not in it.
fn show_prompts(args: &DocumentArgs, settings: &Settings, context: &Context) -> Result<Ending, Failure> {
    let prompts = session::prompts(&args.repository, &settings.run)?;
    if prompts.is_empty() {
        context.say("no stream is a model, so nothing would be sent");
    }
    for shown in prompts {
        let Shown {
            stream,
            model,
            component,
            prompt,
        } = shown;
        context.print_text(&format!(
            "=== stream {stream}: {model}, about {component} ===\n--- system ---\n{}\n--- user ---\n{}\n",
            prompt.system, prompt.user
        ))?;
    }
    Ok(Ending::Clean)
}

/// Where `--resume` starts: without any checkpoint, afresh.
fn resumed(id: Option<&str>, retry_failed: bool, settings: &Settings, context: &Context) -> Result<Start, Failure> {
    match session::saved(&settings.run.checkpoints.dir, id)? {
        Some(saved) => Ok(Start::Resume {
            id: Some(saved.run_id),
            mode: settings.reconcile,
            retry_failed,
        }),
        None => {
            context.say("no checkpoint to resume; starting afresh");
            Ok(Start::Afresh)
        }
    }
}

/// Runs, writes, prints and judges.
pub(super) fn finish(
    repository: &Path,
    settings: &Settings,
    (start, reach): (Start, Reach),
    gate: &GateOptions,
    format: Option<Format>,
    context: &Context,
) -> Result<Ending, Failure> {
    let order = Order {
        repository,
        config: &settings.run,
        start,
        reach,
    };
    let mut listener = progress::listener(context);
    let outcome = session::run(order, &mut *listener)?;
    drop(listener);
    let report = convergence::build::report(&outcome);
    let mut summary = summary(&report, repository, &settings.run);
    if settings.run.dry_run {
        for estimate in session::estimate(&outcome.oracle, repository, &settings.run)? {
            summary.push_str(&estimated(&estimate));
        }
    }
    if format.is_some() {
        context.say(summary.trim_end());
    } else {
        context.print_text(&summary)?;
    }
    let ending = conclude::judge(&outcome, repository, settings, gate, (Judge::Document, format), context)?;
    tell_what_is_left(&outcome, &report, &settings.run, context);
    Ok(ending)
}

/// What the run did, in a few lines.
fn summary(report: &Report, repository: &Path, config: &Config) -> String {
    let mut text = String::new();
    let counts = &report.repository;
    _ = writeln!(
        text,
        "Documented {} of {} components in {} of {} in {:.1} s",
        counts.documented,
        counts.components,
        count_of(counts.files, "file"),
        repository.display(),
        report.header.seconds
    );
    _ = write!(
        text,
        "Convergence: {} after {}",
        status_name(report.status),
        plural(report.iterations as usize, "iteration")
    );
    if let Some(last) = report.history.last() {
        _ = write!(
            text,
            ", calls {} alike, documentation {}",
            percent(last.call_graph_match),
            percent(last.documentation_similarity)
        );
    }
    text.push('\n');
    for unmet in &report.unmet {
        _ = writeln!(text, "  unmet: {}", crate::report::escape::for_line(unmet));
    }
    _ = writeln!(
        text,
        "{}, {}; {}, {}, {}",
        count_of(report.findings.contradictions, "contradiction"),
        count_of(report.findings.omissions, "omission"),
        plural(report.tickets.open.len(), "open ticket"),
        plural(report.failed.len(), "failure"),
        plural(report.problems.len(), "problem")
    );
    let expired = report.tickets.expired.len();
    let skipped = report.problems.iter().filter(|problem| problem.skipped).count();
    for (n, what) in [
        (expired, "ticket that nobody answered in time"),
        (skipped, "file that was skipped"),
    ] {
        match n {
            0 => {}
            1 => _ = writeln!(text, "1 {what}"),
            n => {
                _ = writeln!(
                    text,
                    "{n} {}",
                    what.replace("ticket ", "tickets ")
                        .replace("file that was", "files that were")
                )
            }
        }
    }
    if config.dry_run {
        text.push_str("Dry run: nothing was written\n");
    } else {
        _ = writeln!(text, "Package: {}", config.output.display());
    }
    text
}

/// What a model would be asked, from below and from above.
fn estimated(estimate: &Estimate) -> String {
    let [low, high] = &estimate.bounds;
    let mut text = format!(
        "Stream {} would ask {}: {} to {} requests, {} to {} tokens, ",
        estimate.stream,
        estimate.model,
        low.attempts,
        high.attempts,
        low.tokens(),
        high.tokens()
    );
    if high.unpriced == 0 {
        _ = writeln!(
            text,
            "{} to {} dollars at the prices of {}",
            low.cost.to_cents(Rounding::Down),
            high.cost.to_cents(Rounding::Up),
            prices_date()
        );
    } else {
        text.push_str("at a price that is not known\n");
    }
    text.push_str("  without what is repeated after errors of the provider\n");
    text
}

/// Tells how to answer open tickets and go on; the last line is the command.
fn tell_what_is_left(outcome: &Outcome, report: &Report, config: &Config, context: &Context) {
    if context.verbosity == Verbosity::Verbose {
        for problem in &report.problems {
            context.say(&format!("problem {}: {}", problem.path, problem.message));
        }
    }
    for failed in &report.failed {
        context.say(&format!("failed {}: {}", failed.component, failed.reason));
    }
    let Some(run) = &outcome.run_id else { return };
    if report.tickets.open.is_empty() {
        return;
    }
    let place = place(config);
    context.say(&format!(
        "{} for you: `twinscribe tickets list{place}`, then",
        plural(report.tickets.open.len(), "question")
    ));
    context.say(&format!("twinscribe resume {run}{place}"));
}
