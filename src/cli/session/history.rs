//! History: checkpoints, runs and tickets, read and changed by the commands about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{CheckpointDetails, CheckpointRow, Opened, RunRow, Saved, SessionRow, Verification, open_tickets};
use crate::checkpoint::{Call, CheckpointError, CheckpointStore, Health, RunRecord, RunStatus, Session};
use crate::cli::failure::Failure;
use crate::config::{Config, TicketStoreChoice};
use crate::model::run::Failure as RunFailure;
use crate::model::usage::Ledger;
use crate::report::convergence::status_name;

/// The name of a phase as files have it.
fn phase_name(phase: crate::model::run::Phase) -> String {
    serde_json::to_value(phase)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn health(health: &Health) -> String {
    match health {
        Health::Whole => "whole".to_owned(),
        Health::Damaged(why) => format!("damaged: {why}"),
        Health::Foreign(reason) => format!("whole, but holds what this program does not know: {reason}"),
        Health::TooNew(version) => format!("format version {version} is too new"),
    }
}

/// Reads a file that is kept in a run's history; without a run, the latest that has it. Also returns the run's id.
pub(crate) fn kept(dir: &Path, run: Option<&str>, name: &str) -> Result<(String, Vec<u8>), Failure> {
    let store = CheckpointStore::open_existing(dir)?;
    if let Some(id) = run {
        let bytes = store.read_run_file(id, name)?;
        return bytes.map(|bytes| (id.to_owned(), bytes)).ok_or_else(|| {
            Failure::usage(format!("failed to find {name} of the run {id}: it has not ended yet"))
                .hint(format!("`twinscribe resume {id}` goes on with it"))
        });
    }
    for run in store.list_runs()?.runs.iter().rev() {
        if let Some(bytes) = store.read_run_file(&run.id, name)? {
            return Ok((run.id.clone(), bytes));
        }
    }
    Err(
        Failure::usage(format!("failed to find a run with a report in {}", dir.display()))
            .hint("`twinscribe document REPO` makes one"),
    )
}

/// What a checkpoint says of its run; none where there is no checkpoint at all and no id was asked for.
pub(crate) fn saved(dir: &Path, id: Option<&str>) -> Result<Option<Saved>, Failure> {
    let recovered = match CheckpointStore::open_existing(dir).and_then(|store| store.load(id)) {
        Ok(recovered) => recovered,
        Err(CheckpointError::NoFolder { .. } | CheckpointError::NoRun { .. }) if id.is_none() => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Some(Saved {
        run_id: recovered.run_id,
        repository: recovered.header.repository,
        config: recovered.header.options,
    }))
}

/// All checkpoints.
pub(crate) fn checkpoints(dir: &Path) -> Result<Vec<CheckpointRow>, Failure> {
    let rows = CheckpointStore::open_existing(dir)?.list()?;
    Ok(rows
        .into_iter()
        .map(|row| CheckpointRow {
            id: row.id,
            run_id: row.run_id,
            created_at: row.created_at,
            phase: row.phase.map(phase_name),
            iteration: row.iteration,
            bytes: row.bytes,
            health: health(&row.health),
        })
        .collect())
}

/// What one checkpoint holds.
pub(crate) fn checkpoint(dir: &Path, id: &str) -> Result<CheckpointDetails, Failure> {
    let found = CheckpointStore::open_existing(dir)?.load(Some(id))?;
    let drafts = [0, 1].map(|stream| {
        let (saved, new) = (&found.state.drafts[stream], &found.progress.drafts[stream]);
        saved.len() + new.keys().filter(|id| !saved.contains_key(*id)).count()
    });
    Ok(CheckpointDetails {
        run_id: found.run_id,
        checkpoint: found.checkpoint,
        repository: found.header.repository,
        output: found.header.output,
        created_at: found.header.created_at,
        program: found.header.program,
        phase: phase_name(found.state.phase),
        iteration: found.state.iteration,
        finished: found.finished,
        drafts,
        failures: found.state.failures.len() + found.progress.failures.len(),
        tickets: found.progress.tickets.len(),
        notes: found.notes,
    })
}

/// Reads every byte of a run, or of all.
pub(crate) fn verify(dir: &Path, id: Option<&str>) -> Result<Vec<Verification>, Failure> {
    let store = CheckpointStore::open_existing(dir)?;
    let ids = match id {
        Some(id) => vec![id.to_owned()],
        None => {
            let runs = store.list_runs()?;
            let mut ids: Vec<String> = runs.runs.into_iter().map(|run| run.id).collect();
            ids.extend(runs.damaged.into_iter().map(|(id, _)| id));
            ids.sort();
            ids
        }
    };
    let mut all = Vec::new();
    for id in ids {
        let run = store.verify(&id)?;
        let mut notes = Vec::new();
        for checkpoint in &run.checkpoints {
            if checkpoint.health != Health::Whole {
                notes.push(format!("{}: {}", checkpoint.id, health(&checkpoint.health)));
            }
        }
        for (what, state) in [("journal", &run.journal), ("record", &run.record)] {
            if *state != Health::Whole {
                notes.push(format!("{what}: {}", health(state)));
            }
        }
        notes.extend(run.notes.iter().flatten().cloned());
        all.push(Verification {
            is_whole: run.is_whole(),
            is_resumable: run.is_resumable(),
            is_foreign: run.is_foreign(),
            run_id: run.run_id,
            notes,
        });
    }
    Ok(all)
}

/// Deletes a checkpoint or run.
pub(crate) fn delete(dir: &Path, id: &str) -> Result<(), Failure> {
    Ok(CheckpointStore::open_existing(dir)?.delete(id)?)
}

/// All that is saved of a run.
pub(crate) fn export(dir: &Path, id: &str) -> Result<serde_json::Value, Failure> {
    Ok(CheckpointStore::open_existing(dir)?.export(id)?)
}

/// All calls of a run, in order.
pub(crate) fn calls(dir: &Path, id: &str) -> Result<Vec<Call>, Failure> {
    Ok(CheckpointStore::open_existing(dir)?.calls(id)?)
}

/// The options as they are where nobody has said anything.
pub(crate) fn default_options() -> BTreeMap<String, String> {
    options(&Config::default())
}

/// Every option by its name, with the section in front where it has one. Where things lie is no option of this kind.
fn options(config: &Config) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    let Ok(serde_json::Value::Object(all)) = serde_json::to_value(config) else {
        return named;
    };
    for (key, value) in all {
        match value {
            serde_json::Value::Object(section) => {
                named.extend(
                    section
                        .into_iter()
                        .map(|(inner, value)| (format!("{key}.{inner}"), value.to_string())),
                );
            }
            value => _ = named.insert(key, value.to_string()),
        }
    }
    named.remove("output");
    named.remove("checkpoints.dir");
    named
}

fn session(session: &Session) -> SessionRow {
    SessionRow {
        started_at: session.started_at,
        ended_at: session.ended_at,
        program: session.program.clone(),
        reason: session.reason.clone(),
    }
}

/// What a run has spent, and what has failed: as it has said at its end, or as its journal says.
fn so_far(store: &CheckpointStore, run: &RunRecord) -> (Ledger, Vec<RunFailure>) {
    let at_its_end = || {
        let results = run.results.as_ref();
        results
            .map(|r| (r.spent.clone(), r.failures.clone()))
            .unwrap_or_default()
    };
    if run.status == RunStatus::Completed {
        return at_its_end();
    }
    match store.load(Some(&run.id)) {
        Ok(mut found) => {
            let spent = found.spent();
            found.state.failures.append(&mut found.progress.failures);
            (spent, found.state.failures)
        }
        Err(_) => at_its_end(),
    }
}

/// All runs, oldest first.
pub(crate) fn runs(dir: &Path) -> Result<Vec<RunRow>, Failure> {
    let store = CheckpointStore::open_existing(dir)?;
    let runs = store.list_runs()?;
    let mut rows: Vec<RunRow> = runs
        .runs
        .into_iter()
        .map(|run| {
            let results = run.results.as_ref();
            let (spent, failures) = so_far(&store, &run);
            RunRow {
                status: run.status.to_string(),
                started_at: run.header.created_at,
                repository: run.header.repository.clone(),
                convergence: results.map(|r| status_name(r.convergence).to_owned()),
                components: results.map(|r| r.counts.components),
                findings: results.map(|r| r.counts.findings),
                open_tickets: results.map(|r| r.counts.tickets_open),
                sessions: run.sessions.iter().map(session).collect(),
                streams: results.map(|r| r.streams.clone()),
                durations: results.map(|r| [r.analysis, r.iterations, r.total]),
                spent,
                failures,
                options: options(&run.header.options),
                damage: None,
                id: run.id,
            }
        })
        .collect();
    rows.extend(runs.damaged.into_iter().map(|(id, error)| RunRow {
        id,
        status: "damaged".to_owned(),
        started_at: SystemTime::UNIX_EPOCH,
        repository: Default::default(),
        convergence: None,
        components: None,
        findings: None,
        open_tickets: None,
        sessions: Vec::new(),
        streams: None,
        durations: None,
        failures: Vec::new(),
        spent: Ledger::new(),
        options: BTreeMap::new(),
        damage: Some(error.to_string()),
    }));
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rows)
}

/// The tickets of a checkpoint folder: in the store that is asked for, else in that of the latest run, else where the
/// configuration says; for the tracker of that run's repository, or of the folder one is in.
pub(crate) fn tickets(dir: &Path, wanted: Option<TicketStoreChoice>, configured: TicketStoreChoice) -> Opened {
    let runs = CheckpointStore::open_existing(dir).and_then(|store| store.list_runs());
    let latest = runs.ok().and_then(|mut runs| runs.runs.pop()).map(|run| run.header);
    let last_used = latest.as_ref().map(|header| header.options.tickets.store);
    let repository = latest.map_or_else(|| PathBuf::from("."), |header| header.repository);
    open_tickets(wanted.or(last_used).unwrap_or(configured), dir, &repository)
}

/// Whether another run holds the lock of a checkpoint folder: who does, where one does.
pub(crate) fn lock_holder(dir: &Path) -> Result<Option<String>, Failure> {
    match CheckpointStore::open_existing(dir)?.lock() {
        Ok(_) => Ok(None),
        Err(error @ CheckpointError::Locked { .. }) => Ok(Some(error.to_string())),
        Err(error) => Err(error.into()),
    }
}
