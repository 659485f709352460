//! A run that was killed anywhere ends like one that was left alone.

use std::sync::Arc;

use super::*;

/// Lies twice about one component, takes every correction, and once has no words.
fn streams() -> [Arc<dyn Documenter>; 2] {
    let liar = claiming(|request| {
        let told = request.corrections.len();
        match (&*id(request), told) {
            ("m.b", 0) => but(request, vec![default_of_size("60")]),
            ("m.b", 1) => but(request, vec![default_of_size("90")]),
            _ => truth(request),
        }
    });
    let embedded = Scripted::claiming("docstring", |request| {
        let subject = Subject::ParameterDefault("size".into());
        if id(request) == "m.c" && !is_told(request, &subject) {
            but(request, vec![default_of_size("7")])
        } else {
            truth(request)
        }
    });
    [liar, Arc::new(embedded.embedded())]
}

/// What must not depend on whether the run was interrupted.
fn essence(outcome: &Outcome) -> impl PartialEq + std::fmt::Debug {
    (
        outcome.documentation.clone(),
        outcome.history.clone(),
        outcome.verdict.clone(),
        outcome.failures.clone(),
        outcome.streams.each_ref().map(|s| s.edges),
    )
}

#[test]
fn killed_anywhere_the_resumed_run_ends_the_same() {
    let whole = Notebook::default();
    let expected = run_job(Job::new(oracle(), streams(), config()).saved_to(&whole)).unwrap();
    let records = whole.records.lock().unwrap().len();
    assert_eq!(expected.history.len(), 3);
    for kill in 0..=records {
        let notebook = Notebook::dying_after(kill);
        let job = Job::new(oracle(), streams(), config()).saved_to(&notebook);
        let killed = run_job(job);
        assert_eq!(killed.is_err(), kill < records, "{kill}");
        let rest = Notebook::default();
        let job = Job::new(oracle(), streams(), config());
        let resumed = run_job(job.resuming(notebook.recovered()).saved_to(&rest)).unwrap();
        assert_eq!(
            essence(&resumed),
            essence(&expected),
            "killed after {kill} of {records}"
        );
    }
}

#[test]
fn what_was_journaled_is_not_asked_again() {
    let whole = Notebook::default();
    run_job(Job::new(oracle(), streams(), config()).saved_to(&whole)).unwrap();
    let calls = |kill| {
        let notebook = Notebook::dying_after(kill);
        let job = Job::new(oracle(), streams(), config()).saved_to(&notebook);
        drop(run_job(job));
        let job = Job::new(oracle(), streams(), config()).resuming(notebook.recovered());
        let outcome = run_job(job).unwrap();
        (outcome.streams[0].calls, outcome.streams[0].reused)
    };
    let records = whole.records.lock().unwrap().len();
    assert_eq!(calls(0), (5, 0));
    let answered = |n: usize| {
        let is_answer =
            |(at, record): (usize, &Record)| matches!(record, Record::DraftFinished { .. }).then_some(at + 1);
        whole
            .records
            .lock()
            .unwrap()
            .iter()
            .enumerate()
            .filter_map(is_answer)
            .nth(n)
            .unwrap()
    };
    assert_eq!(calls(answered(0) - 1), (5, 0));
    assert_eq!(calls(answered(0)), (4, 1));
    assert_eq!(calls(answered(1)), (3, 2));
    assert_eq!(calls(records), (0, 3));
}

#[test]
fn more_iterations_go_on_from_where_the_last_run_was_forced_to_end() {
    let notebook = Notebook::default();
    let mut short = config();
    short.convergence.max_iterations = 1;
    let job = Job::new(oracle(), streams(), short).saved_to(&notebook);
    let forced = run_job(job).unwrap();
    assert_eq!(forced.history.len(), 1);
    let job = Job::new(oracle(), streams(), config()).resuming(notebook.recovered());
    let resumed = run_job(job).unwrap();
    let expected = outcome_of(streams(), config());
    assert_eq!(resumed.documentation, expected.documentation);
    assert_eq!(resumed.history, expected.history);
}

#[test]
fn only_the_journal_is_kept_without_automatic_checkpoints() {
    let notebook = Notebook::default();
    let mut quiet = config();
    quiet.checkpoints.auto = false;
    run_job(Job::new(oracle(), streams(), quiet).saved_to(&notebook)).unwrap();
    assert!(notebook.snapshots.lock().unwrap().is_empty());
    assert!(!notebook.records.lock().unwrap().is_empty());
    let notebook = Notebook::default();
    let mut dry = config();
    dry.dry_run = true;
    run_job(Job::new(oracle(), streams(), dry).saved_to(&notebook)).unwrap();
    assert!(notebook.records.lock().unwrap().is_empty());
}

#[test]
fn embedded_drafts_are_not_saved() {
    let notebook = Notebook::default();
    run_job(Job::new(oracle(), streams(), config()).saved_to(&notebook)).unwrap();
    let last = notebook.snapshots.lock().unwrap().last().cloned().unwrap();
    assert_eq!((last.drafts[0].len(), last.drafts[1].len()), (3, 0));
}

#[test]
fn checkpoints_on_disk_take_a_run_up_again() {
    use crate::checkpoint::{CheckpointStore, Mode, RunHeader, StreamFacts, reconcile};
    let folder = tempfile::tempdir().unwrap();
    let store = CheckpointStore::open(folder.path()).unwrap();
    let writer = store
        .begin(RunHeader {
            repository: "/repository".into(),
            output: "/out".into(),
            options: config(),
            program: "test".to_owned(),
            created_at: std::time::SystemTime::UNIX_EPOCH,
        })
        .unwrap();
    let id = writer.run_id();
    let stop = Stop::new();
    let asked = stop.clone();
    let mut listener = move |event: &Event| {
        if matches!(event, Event::IterationStarted { iteration: 2, .. }) {
            asked.request();
        }
    };
    let job = Job::new(oracle(), streams(), config()).saved_to(&writer);
    let error = block_on(run(job, &mut listener, stop)).unwrap_err();
    assert!(matches!(error, RunError::Stopped));
    drop(writer);
    // The first time it goes on, the second time all is done and nothing is asked.
    let expected = outcome_of(streams(), config());
    for calls in [2, 0] {
        let (writer, mut recovered) = store.resume(&id).unwrap();
        let named = streams();
        let facts = named.each_ref().map(|stream| StreamFacts {
            name: stream.name(),
            version: stream.version(),
            uses_context: stream.uses_context(),
            is_embedded: stream.is_embedded(),
        });
        let plan = reconcile(Mode::Patch, &recovered, &oracle(), facts);
        assert!(plan.keeps_everything());
        plan.apply(&mut recovered);
        let job = Job::new(oracle(), named, config()).saved_to(&writer);
        let resumed = run_job(job.resuming(recovered.restatement())).unwrap();
        assert_eq!(essence(&resumed), essence(&expected));
        assert_eq!(resumed.streams[0].calls, calls);
        block_on(writer.finish((&resumed).into())).unwrap();
    }
}
