//! Runs that other versions of the program have left: what lies in `checkpoints/frozen` is found, shown and gone on
//! with for ever, and what a newer version wrote is refused with a word on what to do.
//!
//! `vN/stockroom` is a run of the sample repository by two scripted models, interrupted in its second iteration, in
//! the form in which version N of the format left it. Samples are added with each version and never edited.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use twinscribe::checkpoint::{CheckpointStore, Mode, Record, RunHeader, RunResults, RunStatus, reconcile};
use twinscribe::config::Config;
use twinscribe::model::claim::{Claim, Subject, Value};
use twinscribe::model::documentation::{Draft, StreamId};
use twinscribe::model::events::Event;
use twinscribe::model::run::ConvergenceStatus;
use twinscribe::model::usage::{Cost, Receipt, Role, Usage};
use twinscribe::pipeline::{self, Job, Stop};
use twinscribe::streams::scripted::{Scripted, truth};
use twinscribe::streams::{Documenter, Request, StreamError};

use crate::common::library::{block_on, oracle_of, run, stream_facts};
use crate::common::{Scratch, copy_folder, fixture};

/// Where a new sample goes, if one is wanted.
const FREEZE: &str = "TWINSCRIBE_TEST_FREEZE";

fn samples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("checkpoints/frozen");
    let versions = (1..).map(|version| root.join(format!("v{version}/stockroom")));
    versions.take_while(|folder| folder.is_dir()).collect()
}

fn receipt(request: &Request) -> Receipt {
    let n = u64::from(request.component.0);
    Receipt {
        usage: Usage {
            attempts: 1 + n % 2,
            retries: n % 2,
            input: 100 + n,
            output: 10,
            cost: Cost((100 + n) * 1_000_000),
            ..Usage::default()
        },
        model: Some("scripted-1".to_owned()),
        prompt: Some("1".to_owned()),
        ..Receipt::default()
    }
}

/// Two models: the first tells a lie about one function until it is corrected, the second fails on one.
fn streams(asked: &Arc<Mutex<Vec<String>>>) -> [Arc<dyn Documenter>; 2] {
    [("scripted:a", StreamId::A), ("scripted:b", StreamId::B)].map(|(name, stream)| {
        let asked = Arc::clone(asked);
        let scripted = Scripted::new(name, move |request| {
            let id = request.oracle.component(request.component).id.clone();
            asked.lock().unwrap().push(format!("{name} {} {id}", request.iteration));
            if stream == StreamId::B && id.ends_with("Inventory.find") {
                return Err(StreamError::component(id, "the answer was cut short"));
            }
            let mut claims = truth(request);
            if stream == StreamId::A && id.ends_with("storage.save") && request.corrections.is_empty() {
                let lie = Subject::Parameter("never_there".into());
                claims.push(Claim::said(lie, Value::Present, 0.9, None));
            }
            Ok(Draft::new(id, claims))
        });
        Arc::new(scripted.witnessing_edges().using_context().costing(receipt)) as Arc<dyn Documenter>
    })
}

/// Writes the sample of the version of today, where that is asked.
#[test]
fn freeze() {
    let Some(place) = std::env::var_os(FREEZE).map(PathBuf::from) else {
        return;
    };
    let folder = place.join("stockroom");
    let store = CheckpointStore::open(&folder).unwrap();
    let mut options = Config::default();
    options.checkpoints.max = 1;
    let header = RunHeader {
        repository: "/srv/stockroom".into(),
        output: "/srv/out".into(),
        options: options.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: SystemTime::now(),
    };
    let writer = store.begin(header).unwrap();
    let stop = Stop::new();
    let asked = stop.clone();
    let mut ended = 0;
    let mut listener = move |event: &Event| {
        ended += usize::from(matches!(event, Event::ComponentFinished { .. }) && ended > 0);
        ended += usize::from(matches!(event, Event::IterationFinished { .. }));
        if ended > 2 {
            asked.request();
        }
    };
    let job = Job::new(oracle_of(&fixture("stockroom")), streams(&Arc::default()), options).saved_to(&writer);
    assert!(block_on(pipeline::run(job, &mut listener, stop)).is_err());
    writer.stop(RunStatus::Unfinished, "stopped").unwrap();
    drop(writer);
    std::fs::remove_file(folder.join("lock")).unwrap();
}

/// A sample in a folder of its own, with the repository that it is about, and the id of its run.
fn thawed(sample: &Path) -> (Scratch, String) {
    let scratch = Scratch::with_fixture("stockroom");
    copy_folder(sample, &scratch.path("checkpoints"));
    let store = CheckpointStore::open_existing(&scratch.path("checkpoints")).unwrap();
    let id = store.load(None).unwrap().run_id;
    (scratch, id)
}

#[test]
fn there_are_samples_of_every_version() {
    assert!(!samples().is_empty());
}

#[test]
fn content_of_version_1_is_what_it_was() {
    let (scratch, id) = thawed(&samples()[0]);
    let store = CheckpointStore::open_existing(&scratch.path("checkpoints")).unwrap();
    let found = store.load(None).unwrap();
    assert_eq!(found.notes, Vec::<String>::new());
    assert_eq!(found.header.repository, Path::new("/srv/stockroom"));
    assert_eq!(
        (found.state.iteration, found.progress.iteration, found.finished),
        (2, 2, false)
    );
    let drafts = found.state.drafts.each_ref().map(std::collections::BTreeMap::len);
    assert_eq!(drafts, DRAFTS);
    assert_eq!(found.state.signatures.len(), DRAFTS[0]);
    let add = &found.state.drafts[0]["stockroom.storage.save"];
    assert!(add.get(&Subject::Parameter("never_there".into())).is_some());
    let told = &found.state.corrections[0]["stockroom.storage.save"];
    assert_eq!(told[0].said, Some(Value::Present));
    assert_eq!(found.state.failures[0].reason, "the answer was cut short");
    assert_eq!(
        found.state.history[0].status,
        Some(ConvergenceStatus::PartiallyConverged)
    );
    let spent = found.spent();
    let first = &spent[&Role::Documenter(StreamId::A)];
    assert_eq!((first.calls, first.failed), (SPENT.0, 0));
    assert_eq!(first.usage.cost.to_string(), SPENT.1);
    assert_eq!(spent[&Role::Documenter(StreamId::B)].failed, 1);
    let calls = store.calls(&id).unwrap();
    assert_eq!(calls.len(), CALLS);
    assert_eq!(calls[0].receipt.as_ref().unwrap().model.as_deref(), Some("scripted-1"));
    assert!(calls[0].receipt.as_ref().unwrap().took < Duration::from_secs(60));
}

/// Components of the sample repository when version 1 was frozen.
const DRAFTS: [usize; 2] = [83, 82];
/// Calls of stream A and what they cost.
const SPENT: (u64, &str) = (85, "0.012062");
/// Calls of both.
const CALLS: usize = 168;

#[test]
fn every_version_is_shown_verified_and_exported() {
    for sample in samples() {
        let (scratch, id) = thawed(&sample);
        let place = ["--checkpoint-dir", "checkpoints"];
        for arguments in [
            &["checkpoints", "list"][..],
            &["checkpoints", "show", &id],
            &["checkpoints", "verify", &id],
            &["checkpoints", "export", &id],
            &["runs", "list"],
            &["runs", "show", &id],
            &["runs", "show", &id, "--components"],
        ] {
            let run = scratch.run(&[arguments, &place[..]].concat());
            run.expect_no_panic().expect_code(0);
            assert!(!run.stdout.is_empty(), "{arguments:?}");
        }
    }
}

#[test]
fn every_version_is_gone_on_with_to_its_end() {
    for sample in samples() {
        let (scratch, id) = thawed(&sample);
        let oracle = oracle_of(&scratch.repo());
        let asked = Arc::default();
        let streams = streams(&asked);
        let store = CheckpointStore::open(&scratch.path("checkpoints")).unwrap();
        let (writer, mut recovered) = store.resume(&id).unwrap();
        // What the analysis has learnt since then may change what is asked again, and nothing else.
        reconcile(Mode::Overwrite, &recovered, &oracle, stream_facts(&streams)).apply(&mut recovered);
        let saved = recovered.restatement();
        block_on(writer.record(Record::Restated(Box::new(saved.clone())))).unwrap();
        let journaled = saved.progress.drafts[0].len();
        let job = Job::new(oracle, streams, Config::default()).saved_to(&writer);
        let outcome = run(job.resuming(saved)).unwrap();
        block_on(writer.finish(RunResults::from(&outcome))).unwrap();
        assert!(outcome.history.len() >= 2);
        assert_eq!(outcome.failures.len(), 1, "a failure stays one until it is tried again");
        assert!(journaled > 0);
        let again = asked.lock().unwrap().len();
        assert!(again < outcome.documentation.len(), "{again} were asked again");
    }
}

#[test]
fn newer_version_is_refused_with_a_word_on_what_to_do() {
    let (scratch, id) = thawed(&samples()[0]);
    let folder = scratch.path("checkpoints").join(id.replace("checkpoint_", "run_"));
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            make_newer(&path);
        }
    }
    let before = crate::common::files_below(&folder);
    for arguments in [
        &["resume", "--repo", "repo"][..],
        &["resume", &id, "--repo", "repo", "--dry-run"],
        &["checkpoints", "show", &id],
        &["checkpoints", "export", &id],
        &["runs", "show", &id, "--components"],
    ] {
        let run = scratch.run(&[arguments, &["--checkpoint-dir", "checkpoints"]].concat());
        run.expect_no_panic()
            .expect_code(7)
            .expect_stderr("format version 99")
            .expect_stderr("this program reads up to")
            .expect_stderr("Use the version of twinscribe that wrote it, or a newer one.");
    }
    let verified = scratch.run(&["checkpoints", "verify", "--checkpoint-dir", "checkpoints"]);
    verified.expect_code(7).expect_stderr("newer");
    assert_eq!(
        crate::common::files_below(&folder),
        before,
        "what is refused is left as it is"
    );
}

/// Gives a file the first line that a newer version would give it.
fn make_newer(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let end = bytes.iter().position(|&b| b == b'\n').unwrap();
    let line = std::str::from_utf8(&bytes[..end]).unwrap();
    let (signed, _) = line.rsplit_once(" check=").unwrap();
    let signed = signed.replacen(" 1 ", " 99 ", 1);
    let check = blake3::hash(signed.as_bytes()).to_hex();
    let mut newer = format!("{signed} check={}", &check[..16]).into_bytes();
    newer.extend_from_slice(&bytes[end..]);
    std::fs::write(path, newer).unwrap();
}
