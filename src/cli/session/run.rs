//! Runs: analysed, begun or taken up again, driven to their end, written down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::desk::{StoreDesk, texts};
use super::{Order, PlanRow, Start, facts, failures, open_tickets, since, streams};
use crate::analysis;
use crate::analysis::discover::Sources;
use crate::checkpoint::{
    self, CheckpointStore, Mode, Reason, Record, Recovered, RunHeader, RunResults, RunStatus, RunWriter, StreamFacts,
    StreamPlan,
};
use crate::cli::failure::{Failure, Kind};
use crate::cli::output::place;
use crate::cli::signals::Signals;
use crate::config::{Config, Reconcile, TicketStoreChoice};
use crate::model::component::Name;
use crate::model::events::{Event, Listener};
use crate::model::oracle::Oracle;
use crate::model::run::{Outcome, Phase};
use crate::model::usage::total;
use crate::pipeline::{self, Job, RunError, Stop};
use crate::report::package::{self, Extras};
use crate::report::{convergence, metrics};
use crate::streams::Documenter;
use crate::tickets::rebuild_tickets;

/// Runs the pipeline to its end: with its checkpoints, history, tickets and package, unless it is a dry run.
pub(crate) fn run(order: Order<'_>, listener: &mut dyn Listener) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, "failed to start").because(&error))?;
    let outcome = runtime.block_on(async {
        let signals = Signals::listen();
        tokio::select! {
            outcome = drive(order, listener, &signals) => outcome,
            () = signals.at_least(2) => Err(Failure::new(
                signals.kind().unwrap_or(Kind::Interrupted),
                "a second signal ended it at once",
            )),
        }
    });
    // What was stopped at once is not waited for.
    runtime.shutdown_background();
    outcome
}

/// The facts of a repository, with what it took to find them.
struct Found {
    sources: Sources,
    oracle: Arc<Oracle>,
    took: Duration,
}

/// Analyses on a thread of its own, so that a signal ends it at once; nothing has been begun that could be resumed.
async fn find(
    repository: &Path,
    config: &Config,
    listener: &mut dyn Listener,
    signals: &Signals,
) -> Result<Found, Failure> {
    listener.hear(&Event::PhaseStarted {
        phase: Phase::Discovering,
    });
    let began = Instant::now();
    let (path, options) = (repository.to_owned(), config.clone());
    let analysing = tokio::task::spawn_blocking(move || {
        let sources = facts::sources(&path, &options)?;
        let mut oracle = analysis::analyze(&sources, options.jobs);
        if streams::asks_models(&options) && !options.dry_run {
            let texts = sources.files.iter().filter_map(|file| file.text.as_deref());
            oracle = oracle.with_words_of(texts);
        }
        Ok::<_, Failure>((sources, Arc::new(oracle)))
    });
    let (sources, oracle) = tokio::select! {
        found = analysing => found.map_err(|error| {
            Failure::new(Kind::Internal, "failed to analyse the repository").because(&error)
        })??,
        () = signals.at_least(1) => return Err(Failure::new(
            signals.kind().unwrap_or(Kind::Interrupted),
            "a signal came before anything was documented",
        )),
    };
    listener.hear(&Event::Analyzed {
        files: oracle.files.len(),
        components: oracle.components.len(),
        problems: oracle.problems.len(),
    });
    if oracle.files.is_empty() {
        listener.hear(&Event::Warning {
            message: format!("{} holds no Python", repository.display()),
        });
    }
    Ok(Found {
        sources,
        oracle,
        took: began.elapsed(),
    })
}

async fn drive(order: Order<'_>, listener: &mut dyn Listener, signals: &Signals) -> Result<Outcome, Failure> {
    let stop = Stop::new();
    let on_signal = {
        let (stop, signals) = (stop.clone(), signals.clone());
        tokio::spawn(async move {
            signals.at_least(1).await;
            stop.request();
        })
    };
    let ended = if order.config.dry_run {
        dry(&order, listener, signals, stop).await
    } else {
        saved(&order, listener, signals, stop).await
    };
    on_signal.abort();
    ended
}

async fn dry(
    order: &Order<'_>,
    listener: &mut dyn Listener,
    signals: &Signals,
    stop: Stop,
) -> Result<Outcome, Failure> {
    let found = find(order.repository, order.config, listener, signals).await?;
    let changed = since(order, &found.oracle)?;
    let mut job = Job::new(found.oracle, streams::in_memory(order.config), order.config.clone());
    job.analysis = found.took;
    let outcome = pipeline::run(job, listener, stop).await;
    outcome
        .map(|outcome| judged(outcome, changed.as_ref()))
        .map_err(|error| failures::of_run(&error, signals))
}

/// The components that are asked for and judged, where the order does not want all.
fn since(order: &Order<'_>, oracle: &Oracle) -> Result<Option<BTreeSet<Name>>, Failure> {
    match &order.start {
        Start::Since(revision) => since::changed(order.repository, revision, oracle, order.config).map(Some),
        _ => Ok(None),
    }
}

/// Leaves only the findings that are judged.
fn judged(mut outcome: Outcome, changed: Option<&BTreeSet<Name>>) -> Outcome {
    if let Some(changed) = changed {
        outcome.findings.retain(|finding| changed.contains(&finding.component));
    }
    outcome
}

/// A run with its memory.
struct Begun {
    writer: RunWriter,
    resumed: Option<checkpoint::Restatement>,
}

async fn saved(
    order: &Order<'_>,
    listener: &mut dyn Listener,
    signals: &Signals,
    stop: Stop,
) -> Result<Outcome, Failure> {
    let config = order.config;
    let budget = streams::budget(config)?;
    package::probe(&config.output).map_err(|error| Failure::from(error).hint("--output names another folder"))?;
    let store = CheckpointStore::open(&config.checkpoints.dir)?;
    // Before the long analysis, so that a second run fails early.
    let lock = store.lock()?;
    let found = find(order.repository, config, listener, signals).await?;
    let streams = streams::open(config, &order.reach, &found.sources, &budget)?;
    if config.stream_a == config.stream_b && streams::asks_models(config) {
        let message = format!(
            "both streams are {}, so what one gets wrong the other may too",
            config.stream_a
        );
        listener.hear(&Event::Warning { message });
    }
    let changed = since(order, &found.oracle)?;
    let begun = begin(&store, order, &found.oracle, &streams, changed.as_ref(), listener).await?;
    drop(lock);
    if let Some(resumed) = &begun.resumed {
        // What was spent before counts too.
        let before = [&resumed.state.spent, &resumed.progress.spent].map(|ledger| total(ledger).usage);
        for usage in before {
            budget.take_in(usage.cost, usage.attempts);
        }
    }
    let id = begun.writer.run_id();
    let tickets = open_tickets(config.tickets.store, store.dir(), order.repository);
    if let Some(message) = tickets.warning {
        listener.hear(&Event::Warning { message });
    }
    let mut desk = StoreDesk {
        store: tickets.store,
        clock: Box::new(SystemTime::now),
        run_id: id.clone(),
        repository: canonical(order.repository),
        streams: streams.each_ref().map(|stream| stream.name().to_owned()),
        timeout: Duration::try_from_secs_f64(config.tickets.timeout_hours * 3600.0).ok(),
        sources: texts(&found.sources),
    };
    drop(found.sources);
    let mut job = Job::new(found.oracle, streams, config.clone()).saved_to(&begun.writer);
    job.analysis = found.took;
    job.resumed = begun.resumed;
    if config.tickets.store != TicketStoreChoice::None {
        job = job.asking(&mut desk);
    }
    let (publishing, in_store) = (config, store.clone());
    job.publish = Some(Box::new(move |outcome| publish(outcome, publishing, &in_store)));
    match pipeline::run(job, listener, stop).await {
        Ok(outcome) => {
            begun.writer.finish(RunResults::from(&outcome)).await?;
            Ok(judged(outcome, changed.as_ref()))
        }
        Err(error) => {
            let status = match error {
                RunError::Stopped | RunError::OutOfBudget { .. } => RunStatus::Unfinished,
                _ => RunStatus::Failed,
            };
            // Where that cannot be saved either, the first error is the one to tell.
            _ = begun.writer.stop(status, &error.to_string());
            Err(failures::of_run(&error, signals).resume_with(Some(format!("twinscribe resume {id}{}", place(config)))))
        }
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

fn header(order: &Order<'_>) -> RunHeader {
    let mut options = order.config.clone();
    options.output = canonical(&options.output);
    options.checkpoints.dir = canonical(&options.checkpoints.dir);
    RunHeader {
        repository: canonical(order.repository),
        output: options.output.clone(),
        options,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: SystemTime::now(),
    }
}

async fn begin(
    store: &CheckpointStore,
    order: &Order<'_>,
    oracle: &Oracle,
    streams: &[Arc<dyn Documenter>; 2],
    changed: Option<&BTreeSet<Name>>,
    listener: &mut dyn Listener,
) -> Result<Begun, Failure> {
    let header = header(order);
    let Start::Resume { id, mode, retry_failed } = &order.start else {
        let resumed = seed(store, &header, oracle, streams, changed, listener)?;
        return Ok(Begun {
            writer: store.begin_from(header, resumed.clone())?,
            resumed,
        });
    };
    let id = match id {
        Some(id) => id.clone(),
        None => store.load(None)?.run_id,
    };
    let (mut writer, mut recovered) = store.resume(&id)?;
    for note in &recovered.notes {
        listener.hear(&Event::Warning { message: note.clone() });
    }
    let in_flight = recovered.in_flight.len();
    if in_flight > 0 {
        let message = format!(
            "{in_flight} calls had begun when the run ended, and nothing is known of their results; those still needed \
             are made again."
        );
        listener.hear(&Event::Warning { message });
    }
    checkpoint::reconcile(mode_of(*mode), &recovered, oracle, stream_facts(streams)).apply(&mut recovered);
    let mut restatement = recovered.restatement();
    if *retry_failed && !restatement.retry_failed(oracle, stream_facts(streams)) {
        let message = "nothing had failed; the run goes on where it was".to_owned();
        listener.hear(&Event::Warning { message });
    }
    writer.record(Record::Restated(Box::new(restatement.clone()))).await?;
    let amended = RunHeader {
        created_at: recovered.header.created_at,
        ..header
    };
    if amended != recovered.header {
        writer.amend(amended).await?;
    }
    Ok(Begun {
        writer,
        resumed: Some(restatement),
    })
}

/// What an earlier run on the same repository leaves for a new one: the results of streams that cost something, as
/// far as they still hold. Where only what has `changed` is wanted, everything else stays as it is.
fn seed(
    store: &CheckpointStore,
    header: &RunHeader,
    oracle: &Oracle,
    streams: &[Arc<dyn Documenter>; 2],
    changed: Option<&BTreeSet<Name>>,
    listener: &mut dyn Listener,
) -> Result<Option<checkpoint::Restatement>, Failure> {
    if streams.iter().all(|stream| stream.is_embedded()) {
        return Ok(None);
    }
    let earlier = match store.predecessor(header)? {
        Some(earlier) => earlier,
        None if changed.is_some() => Recovered::nothing(header.clone()),
        None => return Ok(None),
    };
    for note in &earlier.notes {
        listener.hear(&Event::Warning { message: note.clone() });
    }
    let facts = stream_facts(streams);
    let mut seed = earlier.as_seed(oracle, facts);
    let mut plan = checkpoint::reconcile(Mode::Patch, &seed, oracle, facts);
    if let Some(changed) = changed {
        plan.limit_to(changed, &seed);
    }
    plan.apply(&mut seed);
    Ok(Some(seed.restatement()))
}

fn mode_of(mode: Reconcile) -> Mode {
    match mode {
        Reconcile::Patch => Mode::Patch,
        Reconcile::Overwrite => Mode::Overwrite,
        Reconcile::FillGaps => Mode::FillGaps,
    }
}

fn stream_facts(streams: &[Arc<dyn Documenter>; 2]) -> [StreamFacts<'_>; 2] {
    streams.each_ref().map(|stream| StreamFacts {
        name: stream.name(),
        version: stream.version(),
        uses_context: stream.uses_context(),
        is_embedded: stream.is_embedded(),
    })
}

/// Writes the package, and keeps its report and metrics in the run's history.
fn publish(
    outcome: &Outcome,
    config: &Config,
    store: &CheckpointStore,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut lines = String::new();
    let tickets = &outcome.tickets;
    for line in rebuild_tickets(&outcome.documentation, &outcome.oracle, tickets, outcome.started_at) {
        lines.push_str(&line);
        lines.push('\n');
    }
    let extras = Extras {
        rebuild_tickets: &lines,
        ignored_by_git: config.output.file_name() == Config::default().output.file_name(),
    };
    package::write(outcome, extras, &config.output)?;
    let Some(run) = &outcome.run_id else {
        return Ok(());
    };
    let report = convergence::build::report(outcome).to_json()?;
    store.write_run_file(run, "convergence_report.json", report.as_bytes())?;
    let mut bytes = Vec::new();
    metrics::write(outcome, &mut bytes)?;
    store.write_run_file(run, "metrics.json", &bytes)?;
    Ok(())
}

/// What models would be asked in a run that starts afresh.
pub(crate) fn estimate(
    oracle: &Arc<Oracle>,
    repository: &Path,
    config: &Config,
) -> Result<Vec<streams::Estimate>, Failure> {
    if !streams::asks_models(config) {
        return Ok(Vec::new());
    }
    let sources = facts::sources(repository, config)?;
    Ok(streams::estimate(oracle, &sources, config))
}

/// What models would be sent at the start of a run that starts afresh.
pub(crate) fn prompts(repository: &Path, config: &Config) -> Result<Vec<streams::Shown>, Failure> {
    let sources = facts::sources(repository, config)?;
    let oracle = Arc::new(analysis::analyze(&sources, config.jobs));
    Ok(streams::prompts(&oracle, &sources, config))
}

/// What resuming would do, per mode and stream.
pub(crate) fn plan(
    dir: &Path,
    id: Option<&str>,
    retry_failed: bool,
    repository: &Path,
    config: &Config,
) -> Result<Vec<PlanRow>, Failure> {
    let mut recovered = CheckpointStore::open_existing(dir)?.load(id)?;
    let oracle = facts::oracle(repository, config)?;
    let streams = streams::unplugged(config);
    if retry_failed {
        let mut restatement = recovered.restatement();
        restatement.retry_failed(&oracle, stream_facts(&streams));
        (recovered.state, recovered.progress) = (restatement.state, restatement.progress);
    }
    let mut rows = Vec::new();
    for mode in [Reconcile::Patch, Reconcile::Overwrite, Reconcile::FillGaps] {
        let plan = checkpoint::reconcile(mode_of(mode), &recovered, &oracle, stream_facts(&streams));
        for (stream, name) in plan.streams.iter().zip(["a", "b"]) {
            rows.push(PlanRow {
                mode,
                stream: name,
                kept: stream.keep.len(),
                redone: stream.redo.len(),
                doubtful: stream.doubtful.len(),
                failed: stream.failed.len(),
                gone: stream.gone.len(),
                moved: plan.moved().keys().filter(|id| stream.keep.contains_key(*id)).count(),
                reasons: counted(stream),
                components: components(stream),
            });
        }
    }
    Ok(rows)
}

/// Why a stream does components again, with how many of them.
fn counted(stream: &StreamPlan) -> BTreeMap<String, usize> {
    if stream.is_embedded {
        return BTreeMap::from([("made again each time, which is cheap".to_owned(), stream.redo.len())]);
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for why in stream.redo.values().flatten() {
        let why = match why {
            Reason::DependsOn(_) => "depends on what is redone".to_owned(),
            why => why.to_string(),
        };
        *reasons.entry(why).or_default() += 1;
    }
    reasons
}

/// What a stream does again, component by component; what an embedded stream does is no news.
fn components(stream: &StreamPlan) -> BTreeMap<String, Vec<String>> {
    if stream.is_embedded {
        return BTreeMap::new();
    }
    let sure = stream.redo.iter().map(|(id, reasons)| {
        let reasons = reasons.iter().map(Reason::to_string).collect();
        (id.to_string(), reasons)
    });
    let unsure = stream.doubtful.iter().map(|(id, doubt)| {
        let reasons = doubt
            .causes
            .iter()
            .map(|cause| format!("if {cause} comes out differently"));
        (id.to_string(), reasons.collect())
    });
    sure.chain(unsure).collect()
}
