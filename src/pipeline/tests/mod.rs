//! Runs of scripted streams: convergence in every way it can go, order, failures, memory, people.

mod convergence;
mod failures;
mod order;
mod people;
mod resume;

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use super::memory::{Memory, MemoryError, Saving};
use super::{Job, RunError, Stop, run};
use crate::checkpoint::{Progress, Record, Restatement, StreamFacts};
use crate::compare::tests::sample::Sample;
use crate::config::Config;
use crate::model::claim::{Claim, Subject, Value};
use crate::model::events::{Event, Listener};
use crate::model::oracle::Oracle;
use crate::model::run::{Outcome, Phase, RunState};
use crate::streams::scripted::{Scripted, truth};
use crate::streams::{Documenter, Request};

/// Three functions: `m.c` calls `m.b` calls `m.a`; each has a parameter with a default and one without a type.
pub(super) fn oracle() -> Arc<Oracle> {
    ["m.a", "m.b", "m.c"]
        .into_iter()
        .enumerate()
        .fold(Sample::default(), |sample, (i, id)| {
            let sample = sample
                .function(id)
                .parameter("size", Some("int"), Some("1"))
                .parameter("free", None, None);
            if i > 0 { sample.calls(i - 1) } else { sample }
        })
        .oracle()
}

pub(super) fn id(request: &Request) -> String {
    request.oracle.component(request.component).id.to_string()
}

pub(super) fn said(subject: Subject, text: &str) -> Claim {
    Claim::said(subject, Value::text(text), 0.9, None)
}

pub(super) fn default_of_size(text: &str) -> Claim {
    said(Subject::ParameterDefault("size".into()), text)
}

pub(super) fn type_of_free(text: &str) -> Claim {
    said(Subject::ParameterType("free".into()), text)
}

/// The truth, with these claims in place of what is true.
pub(super) fn but(request: &Request, claims: Vec<Claim>) -> Vec<Claim> {
    let mut all = claims;
    all.extend(truth(request));
    all
}

/// The text of the correction about a subject that a request carries.
pub(super) fn is_told(request: &Request, subject: &Subject) -> bool {
    request.corrections.iter().any(|c| c.subject == *subject)
}

pub(super) fn truthful() -> Arc<dyn Documenter> {
    Arc::new(Scripted::truthful("test:truthful"))
}

pub(super) fn claiming(claims: impl Fn(&Request) -> Vec<Claim> + Send + Sync + 'static) -> Arc<dyn Documenter> {
    Arc::new(Scripted::claiming("test:claiming", claims).witnessing_edges())
}

pub(super) fn config() -> Config {
    Config {
        jobs: Some(1),
        ..Config::default()
    }
}

/// What reconciling has to know of these streams.
pub(super) fn facts(streams: &[Arc<dyn Documenter>; 2]) -> [StreamFacts<'_>; 2] {
    streams.each_ref().map(|stream| StreamFacts {
        name: stream.name(),
        version: stream.version(),
        uses_context: stream.uses_context(),
        is_embedded: stream.is_embedded(),
    })
}

/// Drives a future to its end.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

/// Remembers every event.
#[derive(Default)]
pub(super) struct Heard(pub(super) Vec<Event>);

impl Listener for Heard {
    fn hear(&mut self, event: &Event) {
        self.0.push(event.clone());
    }
}

impl Heard {
    pub(super) fn phases(&self) -> Vec<Phase> {
        let phase = |event: &Event| match event {
            Event::PhaseStarted { phase } => Some(*phase),
            _ => None,
        };
        self.0.iter().filter_map(phase).collect()
    }

    /// Components that a stream started, in order.
    pub(super) fn started(&self, wanted: crate::model::documentation::StreamId) -> Vec<String> {
        let started = |event: &Event| match event {
            Event::ComponentStarted { stream, component } if *stream == wanted => Some(component.to_string()),
            _ => None,
        };
        self.0.iter().filter_map(started).collect()
    }
}

pub(super) fn run_job(job: Job<'_>) -> Result<Outcome, RunError> {
    block_on(run(job, &mut Heard::default(), Stop::new()))
}

pub(super) fn outcome_of(streams: [Arc<dyn Documenter>; 2], config: Config) -> Outcome {
    run_job(Job::new(oracle(), streams, config)).unwrap()
}

/// A memory that keeps everything, and that can be read like a journal after a crash.
#[derive(Default)]
pub(super) struct Notebook {
    pub(super) records: Mutex<Vec<Record>>,
    pub(super) snapshots: Mutex<Vec<RunState>>,
    /// Records after which saving fails, as if the process had been killed there.
    pub(super) dies_after: Option<usize>,
}

impl Memory for Notebook {
    fn run_id(&self) -> String {
        "run".to_owned()
    }

    fn record(&self, record: Record) -> Saving<'_> {
        let saving: Pin<Box<dyn Future<Output = Result<(), MemoryError>> + Send>> = Box::pin(async move {
            let mut records = self.records.lock().unwrap();
            if self.dies_after.is_some_and(|most| records.len() >= most) {
                return Err("killed".into());
            }
            records.push(record);
            Ok(())
        });
        saving
    }

    fn snapshot(&self, state: &RunState) -> Result<String, MemoryError> {
        let mut snapshots = self.snapshots.lock().unwrap();
        snapshots.push(state.clone());
        Ok(format!("checkpoint {}", snapshots.len()))
    }
}

impl Notebook {
    pub(super) fn dying_after(records: usize) -> Self {
        Self {
            dies_after: Some(records),
            ..Self::default()
        }
    }

    /// What the journal leads to.
    pub(super) fn recovered(&self) -> Restatement {
        let mut found = Restatement::default();
        for record in self.records.lock().unwrap().iter().cloned() {
            replay(&mut found, record);
        }
        found
    }
}

fn replay(found: &mut Restatement, record: Record) {
    let progress = &mut found.progress;
    match record {
        Record::PhaseChanged(phase) => found.state.phase = phase,
        Record::SignaturesTaken(signatures) => found.state.signatures = signatures.into(),
        Record::DraftFinished {
            stream,
            iteration,
            component,
            draft,
            ..
        } => {
            progress.iteration = iteration;
            progress.drafts[stream as usize].insert(component, draft);
        }
        Record::ComponentFailed { failure, .. } => {
            progress.iteration = failure.iteration;
            progress.failures.push(failure);
        }
        Record::IterationEnded(state) => {
            let mut drafts = std::mem::take(&mut found.state.drafts);
            for (kept, new) in drafts.iter_mut().zip(std::mem::take(&mut progress.drafts)) {
                kept.extend(new);
            }
            found.state = RunState { drafts, ..*state };
            *progress = Progress {
                tickets: std::mem::take(&mut progress.tickets),
                answers: std::mem::take(&mut progress.answers),
                ..Progress::default()
            };
        }
        Record::Restated(restatement) => *found = *restatement,
        Record::TicketOpened { id, key } => drop(progress.tickets.insert(key, id)),
        Record::AnswerApplied { key, answer } => drop(progress.answers.insert(key, answer)),
        #[allow(unreachable_patterns, reason = "the journal may learn other records")]
        _ => {}
    }
}
