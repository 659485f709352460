//! Runs are begun, killed, damaged and taken up again, in real folders with a clock of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

mod damage;
mod faults;
mod frozen;
mod resume;

use super::format::v1::tests::header;
use super::*;
use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::Name;
use crate::model::documentation::{Draft, StreamId};
use crate::model::run::{Failure, IterationRecord, Phase, RunState};
use crate::model::usage::{CallId, Cost, Receipt, Usage};

const RUN: &str = "checkpoint_20251205_070405";

struct Ground {
    store: CheckpointStore,
    second: Arc<AtomicU64>,
    dir: TempDir,
}

fn ground() -> Ground {
    let dir = TempDir::new().unwrap();
    let second = Arc::new(AtomicU64::new(0));
    let store = store_in(dir.path(), &second);
    Ground { store, second, dir }
}

fn store_in(dir: &Path, second: &Arc<AtomicU64>) -> CheckpointStore {
    let second = Arc::clone(second);
    let start = header().created_at;
    CheckpointStore::open(dir)
        .unwrap()
        .with_clock(move || start + Duration::from_secs(second.load(Ordering::SeqCst)))
}

impl Ground {
    fn folder(&self) -> PathBuf {
        self.dir.path().join("run_20251205_070405")
    }

    fn tick(&self) {
        self.second.fetch_add(1, Ordering::SeqCst);
    }

    /// The same folder, as another process that comes later sees it.
    fn later(&self) -> CheckpointStore {
        store_in(self.dir.path(), &self.second)
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn draft(component: &str, words: &str) -> Draft {
    let claim = Claim::said(Subject::Summary, Value::text(words), 0.8, Some(3));
    Draft::new(component.into(), vec![claim])
}

fn finished(component: &str, iteration: u32) -> Record {
    Record::DraftFinished {
        stream: StreamId::A,
        iteration,
        component: component.into(),
        draft: draft(component, &format!("says {component} {iteration}")),
        receipt: receipt(12),
    }
}

/// That of a call of so many milliseconds, tokens and nano-dollars.
fn receipt(n: u64) -> Receipt {
    Receipt {
        took: Duration::from_millis(n),
        usage: Usage {
            attempts: 1,
            output: n,
            cost: Cost(n * 1_000),
            ..Usage::default()
        },
        ..Receipt::default()
    }
}

fn ended(iteration: u32) -> (RunState, Record) {
    let state = RunState {
        phase: Phase::Comparing,
        iteration: iteration + 1,
        history: vec![IterationRecord {
            iteration,
            ..IterationRecord::default()
        }],
        signatures: BTreeMap::from([("m.f".into(), "source=1".to_owned())]).into(),
        ..RunState::default()
    };
    (state.clone(), Record::IterationEnded(Box::new(state)))
}

/// A run killed in its second iteration: two snapshots, nine records.
fn killed(ground: &Ground) -> Vec<Record> {
    let (mut state, end) = ended(1);
    let records = vec![
        Record::PhaseChanged(Phase::Documenting),
        finished("m.f", 1),
        finished("m.g", 1),
        end,
        finished("m.f", 2),
        Record::ComponentFailed {
            failure: Failure {
                stream: StreamId::B,
                component: "m.g".into(),
                iteration: 2,
                reason: "it is too long".to_owned(),
            },
            receipt: Some(receipt(5)),
        },
        Record::TicketOpened {
            id: "ts-1".to_owned(),
            key: "1".to_owned(),
        },
        finished("m.h", 2),
    ];
    let writer = ground.store.begin(header()).unwrap();
    for (n, record) in records.iter().enumerate() {
        wait(writer.record(record.clone())).unwrap();
        if n == 3 {
            ground.tick();
            let words = [("m.f", "says m.f 1"), ("m.g", "says m.g 1")];
            state.drafts[0] = words.map(|(id, words)| (Name::from(id), draft(id, words))).into();
            writer.snapshot(&state).unwrap();
        }
    }
    records
}

#[test]
fn killed_run_goes_on_where_it_was() {
    let ground = ground();
    killed(&ground);
    let (writer, found) = ground.later().resume(RUN).unwrap();
    assert_eq!(found.notes, Vec::<String>::new());
    assert_eq!(found.checkpoint.as_deref(), Some("checkpoint_20251205_070406"));
    assert_eq!(found.header, header());
    assert_eq!(found.state.iteration, 2);
    assert_eq!(found.state.drafts[0].len(), 2);
    assert_eq!(found.progress.iteration, 2);
    assert_eq!(found.progress.drafts[0]["m.f"], draft("m.f", "says m.f 2"));
    assert_eq!(found.progress.failures.len(), 1);
    assert_eq!(found.progress.tickets["1"], "ts-1");
    assert!(!found.finished);
    wait(writer.record(finished("m.i", 2))).unwrap();
    drop(writer);
    let again = ground.later().load(None).unwrap();
    assert_eq!(again.progress.drafts[0].len(), 3);
}

#[test]
fn journal_alone_is_enough() {
    let ground = ground();
    killed(&ground);
    let whole = ground.later().load(Some(RUN)).unwrap();
    for id in [RUN, "checkpoint_20251205_070406"] {
        fs::remove_file(ground.folder().join(id)).unwrap();
    }
    let found = ground.later().load(Some(RUN)).unwrap();
    assert_eq!((&found.state, &found.progress), (&whole.state, &whole.progress));
}

#[test]
fn older_checkpoint_can_be_gone_back_to() {
    let ground = ground();
    killed(&ground);
    ground.tick();
    let (writer, _) = ground.later().resume(RUN).unwrap();
    let third = writer.snapshot(&ended(2).0).unwrap();
    drop(writer);
    let (writer, found) = ground.later().resume("checkpoint_20251205_070406").unwrap();
    assert_eq!((found.state.iteration, found.progress.drafts[0].len()), (2, 0));
    drop(writer);
    // What came after it is no longer part of the run, though its snapshot is still there.
    let again = ground.later().load(Some(RUN)).unwrap();
    assert_eq!(again.state, found.state);
    assert!(ground.folder().join(third).exists());
}

#[test]
fn second_run_is_told_who_has_the_lock() {
    let ground = ground();
    let writer = ground.store.begin(header()).unwrap();
    // Another store stands for another process: its lock is on another open file.
    let error = ground.later().begin(header()).unwrap_err();
    let CheckpointError::Locked { pid, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*pid, Some(std::process::id()));
    assert!(ground.later().resume(RUN).is_err() && ground.later().delete(RUN).is_err());
    assert!(ground.later().load(None).is_ok(), "reading needs no lock");
    drop(writer);
    ground.later().begin(header()).unwrap();
}

#[test]
fn lock_taken_early_is_the_one_the_run_uses() {
    let ground = ground();
    let lock = ground.store.lock().unwrap();
    let writer = ground.store.begin(header()).unwrap();
    drop(lock);
    assert!(ground.later().lock().is_err());
    drop(writer);
    assert!(ground.later().lock().is_ok());
}

#[test]
fn only_the_newest_snapshots_are_kept() {
    let ground = ground();
    let mut header = header();
    header.options.checkpoints.max = 2;
    let writer = ground.store.begin(header).unwrap();
    let ids: Vec<String> = (0..4).map(|_| writer.snapshot(&RunState::default()).unwrap()).collect();
    assert_eq!(ids[3], "checkpoint_20251205_070405-5");
    let kept: Vec<String> = ground.store.list().unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(kept, ids[2..]);
    // The run keeps the id of its first checkpoint, and any checkpoint's id finds it.
    assert_eq!(ground.store.load(Some(RUN)).unwrap().run_id, RUN);
    assert_eq!(ground.store.load(Some(&ids[2])).unwrap().run_id, RUN);
}

#[test]
fn clock_set_back_prunes_nothing_newer() {
    let ground = ground();
    let mut header = header();
    header.options.checkpoints.max = 1;
    ground.second.store(100, Ordering::SeqCst);
    let writer = ground.store.begin(header).unwrap();
    wait(writer.record(finished("m.f", 1))).unwrap();
    writer.snapshot(&ended(1).0).unwrap();
    ground.second.store(50, Ordering::SeqCst);
    wait(writer.record(finished("m.g", 1))).unwrap();
    let newest = writer.snapshot(&ended(2).0).unwrap();
    let kept: Vec<String> = ground.store.list().unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(kept, [newest]);
    assert_eq!(ground.store.load(None).unwrap().state.iteration, 3);
}

#[test]
fn many_tasks_record_at_once() {
    let ground = ground();
    let writer = Arc::new(ground.store.begin(header()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..500)
            .map(|n| {
                let writer = Arc::clone(&writer);
                tokio::spawn(async move { writer.record(finished(&format!("m.f{n}"), 1)).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
    drop(writer);
    assert_eq!(ground.later().load(None).unwrap().progress.drafts[0].len(), 500);
    assert!(ground.later().verify(RUN).unwrap().is_whole());
}

#[test]
fn calls_in_flight_are_known_until_they_are_answered_or_made_again() {
    let ground = ground();
    let writer = ground.store.begin(header()).unwrap();
    for component in ["m.f", "m.g", "m.h"] {
        let started = Record::CallStarted {
            call: CallId::for_draft(StreamId::A, component.into(), 1),
            at: header().created_at,
            at_most: None,
        };
        wait(writer.record(started)).unwrap();
    }
    wait(writer.record(finished("m.f", 1))).unwrap();
    let failure = Failure {
        stream: StreamId::A,
        component: "m.g".into(),
        iteration: 1,
        reason: "it is too long".to_owned(),
    };
    let failed = Record::ComponentFailed { failure, receipt: None };
    wait(writer.record(failed)).unwrap();
    drop(writer);
    let calls = ground.later().calls(RUN).unwrap();
    let ends: Vec<&CallEnd> = calls.iter().map(|call| &call.ended).collect();
    let failed = CallEnd::Failed("it is too long".to_owned());
    assert_eq!(ends, [&CallEnd::Described(1), &failed, &CallEnd::Unknown]);
    assert_eq!(calls[0].receipt, Some(receipt(12)));
    let found = ground.later().load(None).unwrap();
    assert_eq!(
        found.in_flight,
        [CallId::for_draft(StreamId::A, "m.h".into(), 1)].into()
    );
    let (writer, found) = ground.later().resume(RUN).unwrap();
    wait(writer.record(Record::Restated(Box::new(found.restatement())))).unwrap();
    drop(writer);
    assert!(ground.later().load(None).unwrap().in_flight.is_empty());
}

#[test]
fn finished_run_is_history_and_an_unfinished_one_comes_first() {
    let ground = ground();
    let first = ground.store.begin(header()).unwrap();
    first.stop(RunStatus::Unfinished, "interrupted").unwrap();
    let first_id = first.run_id();
    drop(first);
    let second = ground.store.begin(header()).unwrap();
    assert_eq!(second.run_id(), "checkpoint_20251205_070405-2");
    wait(second.finish(results())).unwrap();
    let second_id = second.run_id();
    drop(second);
    let runs = ground.later().list_runs().unwrap().runs;
    assert_eq!(runs[0].sessions[0].reason.as_deref(), Some("interrupted"));
    assert_eq!(
        (runs[1].status, runs[1].results.as_ref()),
        (RunStatus::Completed, Some(&results()))
    );
    assert_eq!(ground.later().load(None).unwrap().run_id, first_id);
    assert!(ground.later().load(Some(&second_id)).unwrap().finished);
    ground.store.delete(&first_id).unwrap();
    assert_eq!(ground.later().load(None).unwrap().run_id, second_id);
}

fn results() -> RunResults {
    RunResults {
        convergence: crate::model::run::ConvergenceStatus::Converged,
        history: Vec::new(),
        failures: Vec::new(),
        streams: Default::default(),
        spent: Default::default(),
        counts: RunCounts::default(),
        analysis: Duration::from_millis(3),
        iterations: Duration::ZERO,
        total: Duration::from_secs(1),
    }
}

#[test]
fn overridden_options_are_those_of_the_next_resume() {
    let ground = ground();
    drop(ground.store.begin(header()).unwrap());
    let (mut writer, found) = ground.later().resume(RUN).unwrap();
    let mut header = found.header;
    header.repository = PathBuf::from("/moved/here");
    header.options.convergence.max_iterations = 9;
    wait(writer.amend(header.clone())).unwrap();
    drop(writer);
    assert_eq!(ground.later().load(None).unwrap().header, header);
    assert_eq!(ground.later().run(RUN).unwrap().header, header);
}

#[test]
fn default_folder_hides_itself_and_others_do_not() {
    let dir = TempDir::new().unwrap();
    let default = dir.path().join("checkpoints");
    CheckpointStore::open(&default).unwrap();
    assert_eq!(fs::read_to_string(default.join(".gitignore")).unwrap(), "*\n");
    CheckpointStore::open(&dir.path().join("mine")).unwrap();
    assert!(!dir.path().join("mine/.gitignore").exists());
    let there = dir.path().join("there/checkpoints");
    fs::create_dir_all(&there).unwrap();
    CheckpointStore::open(&there).unwrap();
    assert!(!there.join(".gitignore").exists());
}

#[test]
fn what_is_not_a_run_is_left_alone() {
    let ground = ground();
    let frozen = ground.dir.path().join("frozen/v1");
    fs::create_dir_all(&frozen).unwrap();
    fs::write(frozen.join("checkpoint_20251205_070405"), b"kept").unwrap();
    ground.store.begin(header()).unwrap();
    assert_eq!(fs::read(frozen.join("checkpoint_20251205_070405")).unwrap(), b"kept");
    assert_eq!(ground.store.list().unwrap().len(), 1);
}

#[test]
fn files_of_a_run_are_kept_under_checked_names() {
    let ground = ground();
    drop(ground.store.begin(header()).unwrap());
    ground.store.write_run_file(RUN, "metrics.json", b"{}").unwrap();
    assert_eq!(ground.store.read_run_file(RUN, "metrics.json").unwrap().unwrap(), b"{}");
    assert_eq!(ground.store.read_run_file(RUN, "none.json").unwrap(), None);
    for name in ["../x", "", ".x", "a/b", "a..b", "A", "x\0"] {
        assert!(ground.store.write_run_file(RUN, name, b"").is_err(), "{name}");
    }
}

#[test]
fn missing_things_are_named() {
    let dir = TempDir::new().unwrap();
    let error = CheckpointStore::open_existing(&dir.path().join("no")).unwrap_err();
    assert!(matches!(error, CheckpointError::NoFolder { .. }));
    let store = CheckpointStore::open(dir.path()).unwrap();
    assert!(matches!(store.load(None), Err(CheckpointError::NoRun { .. })));
    for id in ["nonsense", RUN, "../.."] {
        assert!(
            matches!(store.load(Some(id)), Err(CheckpointError::NotFound { .. })),
            "{id}"
        );
    }
}

#[test]
fn export_holds_everything() {
    let ground = ground();
    let records = killed(&ground);
    ground.store.write_run_file(RUN, "metrics.json", b"{\"a\":1}").unwrap();
    let export = ground.later().export(RUN).unwrap();
    assert_eq!(export["journal"].as_array().unwrap().len(), records.len() + 1);
    assert_eq!(export["checkpoints"].as_array().unwrap().len(), 2);
    assert_eq!(export["files"]["metrics.json"]["a"], 1);
    assert_eq!(export["state"]["iteration"], 2);
    assert_eq!(export["header"]["program"], "0.1.0");
}

#[test]
fn one_checkpoint_can_be_deleted() {
    let ground = ground();
    killed(&ground);
    ground.later().delete("checkpoint_20251205_070406").unwrap();
    assert_eq!(ground.later().load(None).unwrap().checkpoint.as_deref(), Some(RUN));
    ground.later().delete(RUN).unwrap();
    assert!(ground.later().list().unwrap().is_empty());
}
