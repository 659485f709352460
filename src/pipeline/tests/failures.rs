//! What fails shows, and never converges in silence.

use std::sync::Arc;

use super::*;
use crate::model::claim::Verdict;
use crate::model::documentation::{Draft, StreamId};
use crate::model::run::ConvergenceStatus::{Converged, InProgress, PartiallyConverged};
use crate::streams::StreamError;

/// Fails on some components.
fn failing(on: &'static [&'static str]) -> Arc<dyn Documenter> {
    Arc::new(Scripted::new("test:failing", move |request| {
        let component = request.oracle.component(request.component).id.clone();
        if on.contains(&&*component) {
            return Err(StreamError::component(component, "no words"));
        }
        Ok(Draft::new(component, truth(request)))
    }))
}

/// Dies at a component.
fn dying(at: &'static str) -> Arc<dyn Documenter> {
    Arc::new(Scripted::new("test:dying", move |request| {
        if id(request) == at {
            return Err(StreamError::dead("no key"));
        }
        let id = request.oracle.component(request.component).id.clone();
        Ok(Draft::new(id, truth(request)))
    }))
}

const ALL: &[&str] = &["m.a", "m.b", "m.c"];

#[test]
fn failed_component_is_listed_and_forbids_convergence() {
    let outcome = outcome_of([failing(&["m.b"]), truthful()], config());
    assert_eq!(outcome.verdict.status, PartiallyConverged);
    assert_eq!(outcome.verdict.unmet, ["1 component failed."]);
    assert_eq!(outcome.failures.len(), 1);
    assert_eq!(outcome.failures[0].reason, "no words");
    assert_eq!(outcome.history[0].measures.failed, 1);
    assert_eq!(outcome.history[0].processed, [2, 3]);
    assert!(outcome.documentation[2].claims.len() > 1, "dependents are not held up");
}

#[test]
fn nothing_documented_is_never_converged() {
    let mut lax = config();
    lax.convergence.documentation_similarity_threshold = 0.0;
    lax.convergence.call_graph_match_threshold = 0.0;
    let outcome = outcome_of([failing(ALL), failing(ALL)], lax);
    assert_eq!(outcome.verdict.status, InProgress);
    assert_eq!(outcome.history[0].measures.components, 0);
    assert_eq!(outcome.failures.len(), 6);
}

#[test]
fn rejected_draft_is_a_failure() {
    let other = Arc::new(Scripted::new("test:other", |request| {
        Ok(Draft::new("m.somewhere.else".into(), truth(request)))
    }));
    let outcome = outcome_of([other, truthful()], config());
    assert_eq!(outcome.failures.len(), 3);
    assert!(
        outcome.failures[0]
            .reason
            .starts_with("the validator rejected the draft")
    );
    assert_eq!(outcome.streams[0].rejected, 3);
    assert_ne!(outcome.verdict.status, Converged);
}

#[test]
fn first_failure_ends_the_run_where_that_is_asked() {
    let mut strict = config();
    strict.continue_on_error = false;
    let job = Job::new(oracle(), [failing(&["m.b"]), truthful()], strict);
    let notebook = Notebook::default();
    let error = run_job(job.saved_to(&notebook)).unwrap_err();
    assert!(
        matches!(&error, RunError::ComponentFailed(f) if &*f.component == "m.b"),
        "{error}"
    );
    assert_eq!(error.to_string(), "document m.b: no words");
    let found = notebook.recovered();
    assert_eq!(found.state.phase, Phase::Failed);
    assert_eq!(found.progress.failures.len(), 1);
}

#[test]
fn dead_stream_ends_the_run() {
    let error = run_job(Job::new(oracle(), [truthful(), dying("m.b")], config())).unwrap_err();
    assert_eq!(error.to_string(), "use stream B (test:dying): no key");
}

#[test]
fn the_other_stream_finishes_alone_where_that_is_allowed() {
    let mut alone = config();
    alone.allow_single_stream = true;
    let mut heard = Heard::default();
    let job = Job::new(oracle(), [truthful(), dying("m.b")], alone.clone());
    let outcome = block_on(run(job, &mut heard, Stop::new())).unwrap();
    assert_ne!(outcome.verdict.status, Converged);
    assert_eq!(outcome.failures.len(), 1);
    assert_eq!(outcome.failures[0].stream, StreamId::B);
    assert!(heard.0.iter().any(|e| matches!(e, Event::Warning { .. })));
    assert!(
        outcome.documentation[2]
            .claims
            .iter()
            .all(|c| c.verdict != Verdict::Refuted)
    );
    let both = run_job(Job::new(oracle(), [dying("m.a"), dying("m.b")], alone));
    assert!(matches!(both, Err(RunError::StreamEnded { .. })));
}

#[test]
fn resumed_run_makes_up_for_a_stream_that_had_died() {
    let mut alone = config();
    alone.allow_single_stream = true;
    let notebook = Notebook::default();
    let job = Job::new(oracle(), [truthful(), dying("m.b")], alone);
    run_job(job.saved_to(&notebook)).unwrap();
    let streams = [truthful(), truthful()];
    let mut saved = notebook.recovered();
    assert!(saved.retry_failed(&oracle(), facts(&streams)));
    let outcome = run_job(Job::new(oracle(), streams, config()).resuming(saved)).unwrap();
    assert_eq!(outcome.verdict.status, Converged);
    assert_eq!(outcome.streams.each_ref().map(|s| s.calls), [0, 2]);
}

#[test]
fn stop_saves_the_run_and_ends_it() {
    let stop = Stop::new();
    let asking = stop.clone();
    let stopping = claiming(move |request| {
        asking.request();
        truth(request)
    });
    let notebook = Notebook::default();
    let job = Job::new(oracle(), [stopping, truthful()], config()).saved_to(&notebook);
    let error = block_on(run(job, &mut Heard::default(), stop)).unwrap_err();
    assert!(matches!(error, RunError::Stopped));
    assert!(!notebook.snapshots.lock().unwrap().is_empty());
}

#[test]
fn failures_are_tried_again_only_when_asked() {
    let notebook = Notebook::default();
    let job = Job::new(oracle(), [failing(&["m.b"]), truthful()], config());
    run_job(job.saved_to(&notebook)).unwrap();
    let again = |saved| Job::new(oracle(), [truthful(), truthful()], config()).resuming(saved);
    let outcome = run_job(again(notebook.recovered())).unwrap();
    assert_eq!(outcome.failures.len(), 1, "kept");
    let mut saved = notebook.recovered();
    assert!(saved.retry_failed(&oracle(), facts(&[truthful(), truthful()])));
    let outcome = run_job(again(saved)).unwrap();
    assert_eq!(outcome.failures.len(), 0);
    assert_eq!(outcome.verdict.status, Converged);
    assert_eq!(outcome.streams[0].calls, 1);
}

/// Fails on `m.a` as long as it is told to, and says of every component which of its dependencies it was shown.
fn reading(failing: &Arc<Mutex<bool>>, asked: &Arc<Mutex<Vec<String>>>) -> Arc<dyn Documenter> {
    let (failing, asked) = (Arc::clone(failing), Arc::clone(asked));
    let reading = Scripted::new("test:reading", move |request| {
        let id = id(request);
        asked.lock().unwrap().push(id.clone());
        if id == "m.a" && *failing.lock().unwrap() {
            return Err(StreamError::component(id.as_str().into(), "no words"));
        }
        let mut claims = truth(request);
        // What `m.b` says depends on what it reads; what `m.c` says does not.
        if id == "m.b" {
            let text = format!("With {} to read.", request.dependencies.len());
            claims.push(said(Subject::Description, &text));
        }
        Ok(Draft::new(id.as_str().into(), claims))
    });
    Arc::new(reading.using_context())
}

#[test]
fn what_was_described_without_a_failed_component_is_described_with_it_later() {
    let (failing, asked) = (Arc::new(Mutex::new(true)), Arc::new(Mutex::new(Vec::new())));
    let streams = || [reading(&failing, &asked), truthful()];
    let notebook = Notebook::default();
    run_job(Job::new(oracle(), streams(), config()).saved_to(&notebook)).unwrap();
    let take = || std::mem::take(&mut *asked.lock().unwrap());
    assert_eq!(take(), ALL);
    let saved = notebook.recovered();
    let retry = |saved: &Restatement| {
        let mut saved = saved.clone();
        assert!(saved.retry_failed(&oracle(), facts(&streams())));
        let notebook = Notebook::default();
        notebook
            .records
            .lock()
            .unwrap()
            .push(Record::Restated(Box::new(saved.clone())));
        let job = Job::new(oracle(), streams(), config()).saved_to(&notebook);
        (run_job(job.resuming(saved)).unwrap(), notebook.recovered())
    };
    // It fails again: whoever was described without it is still right.
    let (outcome, saved) = retry(&saved);
    assert_eq!(take(), ["m.a"]);
    assert_eq!(outcome.failures.len(), 1);
    // It has words now: m.b reads them and says something else, so m.c is asked too.
    *failing.lock().unwrap() = false;
    let (outcome, saved) = retry(&saved);
    assert_eq!(take(), ALL);
    assert!(outcome.failures.is_empty());
    let alone = outcome_of(streams(), config());
    assert_eq!(outcome.documentation, alone.documentation);
    take();
    let mut saved = saved;
    assert!(!saved.retry_failed(&oracle(), facts(&streams())), "nothing has failed");
}
