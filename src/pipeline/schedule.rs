//! Scheduling: one stream's work in one iteration.
//!
//! A component starts as soon as its dependencies have a draft in the same stream, the longest chain of waiting
//! components first; there is no barrier between levels. A failed dependency holds nobody up.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::UnboundedSender;

use super::memory::{Memory, MemoryError};
use super::settling::Settled;
use super::stop::Stop;
use crate::checkpoint::Record;
use crate::model::claim::Claim;
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Correction, Documentation, Draft, StreamId};
use crate::model::events::Event;
use crate::model::oracle::{Oracle, Order};
use crate::model::run::Failure;
use crate::streams::{Documenter, Request, StreamError};

/// Components after which the runtime gets a turn, so that a signal is seen though no stream ever waits.
const TURN: usize = 64;

/// One stream's work in one iteration.
pub(super) struct Shift<'a> {
    pub(super) stream: StreamId,
    pub(super) documenter: Arc<dyn Documenter>,
    pub(super) oracle: &'a Arc<Oracle>,
    pub(super) iteration: u32,
    /// The components to describe, sorted.
    pub(super) todo: Vec<ComponentIndex>,
    /// What the stream is told, by component.
    pub(super) told: &'a BTreeMap<Name, Vec<Correction>>,
    /// What was settled before this iteration: the context of whatever is not described anew.
    pub(super) settled: &'a [Option<Settled>],
    pub(super) documentation: &'a [Documentation],
    pub(super) parallel: usize,
    pub(super) continue_on_error: bool,
    pub(super) memory: Option<&'a dyn Memory>,
    /// Where events go; none where nobody is to hear of the work.
    pub(super) events: Option<UnboundedSender<Event>>,
    /// Asked from outside.
    pub(super) stop: &'a Stop,
    /// Asked by the other stream.
    pub(super) halt: &'a Stop,
}

/// What a shift did.
#[derive(Default)]
pub(super) struct Report {
    pub(super) calls: u64,
    pub(super) failures: Vec<Failure>,
    /// Why it ended before all was done.
    pub(super) ended: Option<Ended>,
}

/// Why a shift ended before all was done.
pub(super) enum Ended {
    /// It was asked to.
    Stopped,
    /// A component failed, and that ends the run.
    Failed(Failure),
    /// The stream is dead for good, since this component.
    Dead(ComponentIndex, String),
    /// A result could not be saved.
    Memory(MemoryError),
}

/// A component that was worked on.
struct Done {
    component: ComponentIndex,
    result: Result<Draft, StreamError>,
    elapsed: Duration,
}

/// Describes all that is to be described; the drafts go where `drafts` has their place.
pub(super) async fn document(shift: Shift<'_>, drafts: &mut [Option<Arc<Draft>>]) -> Report {
    let mut report = Report::default();
    let mut queue = Queue::new(&shift.oracle.order, &shift.todo);
    let mut in_flight = FuturesUnordered::new();
    let mut finished = 0;
    let mut asked = Box::pin(async {
        tokio::select! {
            () = shift.stop.requested() => {}
            () = shift.halt.requested() => {}
        }
    });
    loop {
        while in_flight.len() < shift.parallel.max(1)
            && let Some(component) = queue.next(in_flight.is_empty())
        {
            shift.tell_started(component);
            report.calls += 1;
            in_flight.push(work(&shift, component, shift.request(component, drafts)));
        }
        let done = tokio::select! {
            biased;
            () = &mut asked => {
                report.ended = Some(Ended::Stopped);
                break;
            }
            done = in_flight.next() => match done {
                Some(Ok(done)) => done,
                Some(Err(error)) => {
                    report.ended = Some(Ended::Memory(error));
                    break;
                }
                None => break,
            }
        };
        queue.done(done.component);
        shift.tell_finished(&done);
        report.ended = shift.take(done, drafts, &mut report.failures);
        if report.ended.is_some() {
            break;
        }
        finished += 1;
        if finished % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    if report.ended.is_some() {
        shift.halt_for(report.ended.as_ref());
    }
    report
}

/// Lets the stream describe one component; the result is durable when this is done.
async fn work(shift: &Shift<'_>, component: ComponentIndex, request: Request) -> Result<Done, MemoryError> {
    let began = Instant::now();
    let result = shift.documenter.document(&request).await;
    if let Some(memory) = shift.memory.filter(|_| !shift.documenter.is_embedded()) {
        let id = shift.oracle.component(component).id.clone();
        match &result {
            Ok(draft) => {
                let record = Record::DraftFinished {
                    stream: shift.stream,
                    iteration: shift.iteration,
                    component: id,
                    draft: draft.clone(),
                };
                memory.record(record).await?;
            }
            Err(StreamError::Component { reason, .. }) => {
                let failure = shift.failure(component, reason.clone());
                memory.record(Record::ComponentFailed(failure)).await?;
            }
            Err(StreamError::Dead { .. }) => {}
        }
    }
    Ok(Done {
        component,
        result,
        elapsed: began.elapsed(),
    })
}

impl Shift<'_> {
    fn request(&self, component: ComponentIndex, drafts: &[Option<Arc<Draft>>]) -> Request {
        let id = &self.oracle.component(component).id;
        let previous = drafts[component.as_usize()]
            .as_ref()
            .filter(|_| !self.documenter.is_embedded());
        Request {
            oracle: Arc::clone(self.oracle),
            component,
            iteration: self.iteration,
            corrections: self.told.get(id).cloned().unwrap_or_default(),
            previous: previous.cloned(),
            dependencies: if self.documenter.uses_context() {
                self.context(component, drafts)
            } else {
                Vec::new()
            },
        }
    }

    /// What is known of a component's dependencies: this iteration's drafts, or what was settled before it.
    fn context(&self, component: ComponentIndex, drafts: &[Option<Arc<Draft>>]) -> Vec<Arc<Draft>> {
        let dependencies = &self.oracle.order.dependencies[component.as_usize()];
        dependencies
            .iter()
            .filter_map(|&dependency| {
                let i = dependency.as_usize();
                if self.settled[i].is_some() && self.todo.binary_search(&dependency).is_err() {
                    Some(Arc::new(as_draft(self.oracle, &self.documentation[i])))
                } else {
                    drafts[i].clone()
                }
            })
            .collect()
    }

    /// Takes in what was done; returns why the shift ends, if it does.
    fn take(&self, done: Done, drafts: &mut [Option<Arc<Draft>>], failures: &mut Vec<Failure>) -> Option<Ended> {
        match done.result {
            Ok(draft) => {
                drafts[done.component.as_usize()] = Some(Arc::new(draft));
                None
            }
            Err(StreamError::Component { reason, .. }) => {
                let failure = self.failure(done.component, reason);
                failures.push(failure.clone());
                (!self.continue_on_error).then_some(Ended::Failed(failure))
            }
            Err(StreamError::Dead { reason }) => Some(Ended::Dead(done.component, reason)),
        }
    }

    fn failure(&self, component: ComponentIndex, reason: String) -> Failure {
        Failure {
            stream: self.stream,
            component: self.oracle.component(component).id.clone(),
            iteration: self.iteration,
            reason,
        }
    }

    /// Asks the other stream to stop too, unless this one's death alone does not end the run.
    fn halt_for(&self, ended: Option<&Ended>) {
        if !matches!(ended, None | Some(Ended::Dead(..))) {
            self.halt.request();
        }
    }

    fn tell_started(&self, component: ComponentIndex) {
        self.tell(|| Event::ComponentStarted {
            stream: self.stream,
            component: self.oracle.component(component).id.clone(),
        });
    }

    fn tell_finished(&self, done: &Done) {
        self.tell(|| Event::ComponentFinished {
            stream: self.stream,
            component: self.oracle.component(done.component).id.clone(),
            elapsed: done.elapsed,
            reused: false,
            error: done.result.as_ref().err().map(reason_of),
        });
    }

    fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(events) = &self.events {
            // Nobody listens any more only when the run is over.
            let _ = events.send(event());
        }
    }
}

fn reason_of(error: &StreamError) -> String {
    match error {
        StreamError::Component { reason, .. } | StreamError::Dead { reason } => reason.clone(),
    }
}

/// Settled documentation in the form in which streams read context.
fn as_draft(oracle: &Oracle, documentation: &Documentation) -> Draft {
    let id = oracle.component(documentation.component).id.clone();
    let claims = documentation
        .claims
        .iter()
        .map(|c| Claim {
            subject: c.subject.clone(),
            value: c.value.clone(),
            confidence: c.confidence,
            line: c.line,
            derived: c.derived,
        })
        .collect();
    Draft::new(id, claims)
}

/// Which component is next.
struct Queue {
    /// Those whose dependencies are done: (height, place in the sequence).
    ready: BinaryHeap<(u32, Reverse<u32>, ComponentIndex)>,
    /// Per component: how many of its dependencies are still to do.
    waiting: Vec<u32>,
    /// Who waits for component `i`: `dependents[starts[i]..starts[i + 1]]`.
    dependents: Vec<ComponentIndex>,
    starts: Vec<u32>,
    height: Vec<u32>,
    place: Vec<u32>,
    /// What has not been handed out, in order, in case a relation with a circle leaves nothing ready.
    rest: std::vec::IntoIter<ComponentIndex>,
    handed_out: Vec<bool>,
}

impl Queue {
    fn new(order: &Order, todo: &[ComponentIndex]) -> Self {
        let size = order.dependencies.len();
        let mut is_todo = vec![false; size];
        for component in todo {
            is_todo[component.as_usize()] = true;
        }
        let mut place = vec![0; size];
        for (i, component) in (0u32..).zip(&order.sequence) {
            place[component.as_usize()] = i;
        }
        let in_order: Vec<ComponentIndex> = order
            .sequence
            .iter()
            .copied()
            .filter(|c| is_todo[c.as_usize()])
            .collect();
        let relevant = |component: &ComponentIndex| {
            order.dependencies[component.as_usize()]
                .iter()
                .filter(|d| is_todo[d.as_usize()])
        };
        let mut waiting = vec![0; size];
        let mut starts = vec![0u32; size + 1];
        for component in &in_order {
            for dependency in relevant(component) {
                waiting[component.as_usize()] += 1;
                starts[dependency.as_usize() + 1] += 1;
            }
        }
        for i in 0..size {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut dependents = vec![ComponentIndex(0); starts[size] as usize];
        for &component in &in_order {
            for dependency in relevant(&component) {
                let slot = &mut next[dependency.as_usize()];
                dependents[*slot as usize] = component;
                *slot += 1;
            }
        }
        let mut queue = Self {
            ready: BinaryHeap::new(),
            waiting,
            dependents,
            starts,
            height: order.height.clone(),
            place,
            rest: Vec::new().into_iter(),
            handed_out: vec![false; size],
        };
        for &component in &in_order {
            if queue.waiting[component.as_usize()] == 0 {
                queue.make_ready(component);
            }
        }
        queue.rest = in_order.into_iter();
        queue
    }

    /// The next component that may start; where nothing is in flight, the next there is.
    fn next(&mut self, idle: bool) -> Option<ComponentIndex> {
        let ready = self.ready.pop().map(|(_, _, component)| component);
        let next = ready.or_else(|| {
            let handed_out = &self.handed_out;
            idle.then(|| self.rest.find(|c| !handed_out[c.as_usize()])).flatten()
        })?;
        self.handed_out[next.as_usize()] = true;
        Some(next)
    }

    /// Lets start what waited for this component only.
    fn done(&mut self, component: ComponentIndex) {
        let i = component.as_usize();
        for slot in self.starts[i]..self.starts[i + 1] {
            let dependent = self.dependents[slot as usize];
            let waiting = &mut self.waiting[dependent.as_usize()];
            *waiting -= 1;
            if *waiting == 0 && !self.handed_out[dependent.as_usize()] {
                self.make_ready(dependent);
            }
        }
    }

    fn make_ready(&mut self, component: ComponentIndex) {
        let i = component.as_usize();
        self.ready.push((self.height[i], Reverse(self.place[i]), component));
    }
}
