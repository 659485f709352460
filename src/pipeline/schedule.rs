//! Scheduling: one stream's work in one iteration.
//!
//! A component starts as soon as its dependencies have a draft in the same stream, the longest chain of waiting
//! components first; there is no barrier between levels. A failed dependency holds nobody up.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;

use super::memory::{Memory, MemoryError, Saving};
use super::settling::Settled;
use super::stop::Stop;
use crate::checkpoint::Record;
use crate::model::claim::Claim;
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Correction, Documentation, Draft, StreamId};
use crate::model::events::Event;
use crate::model::oracle::{Oracle, Order};
use crate::model::run::{Doubts, Failure};
use crate::model::usage::{Account, CallId, Receipt};
use crate::streams::{Documenter, Request, StreamError, Written};

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
    /// What is done again only if something it depends on comes out differently.
    pub(super) doubts: &'a Doubts,
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
    /// What they came to; nothing for embedded streams.
    pub(super) account: Account,
    /// Components that were in doubt, and whose drafts hold after all.
    pub(super) kept: BTreeSet<ComponentIndex>,
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
    /// The budget allows no further question.
    OutOfBudget(String),
    /// A result could not be saved.
    Memory(MemoryError),
}

/// A component that was worked on.
struct Done {
    component: ComponentIndex,
    result: Result<Written, StreamError>,
    elapsed: Duration,
}

impl Done {
    /// What the call took and cost.
    fn receipt(&self) -> Receipt {
        let receipt = match &self.result {
            Ok(written) => &written.receipt,
            Err(error) => error.receipt(),
        };
        Receipt {
            took: self.elapsed,
            ..receipt.clone()
        }
    }
}

/// Describes all that is to be described; the drafts go where `drafts` has their place.
///
/// A stream that costs something is only asked once the intent is durable, and its answer is recorded before anything
/// that builds on it. Records are durable in their order, so what comes next may be prepared while they are written:
/// a place is taken only while the stream is being asked.
pub(super) async fn document(shift: Shift<'_>, drafts: &mut [Option<Arc<Draft>>]) -> Report {
    let mut report = Report::default();
    let mut queue = Queue::new(&shift.oracle.order, &shift.todo);
    let places = Semaphore::new(shift.parallel.max(1));
    let mut asked = FuturesUnordered::new();
    let mut saving = FuturesUnordered::new();
    let mut finished = 0;
    let mut halted = Box::pin(shift.asked_to_end());
    let most = shift.most_at_once();
    loop {
        while report.ended.is_none()
            && asked.len() < most
            && let Some(component) = queue.next(asked.is_empty())
        {
            if shift.still_holds(component, drafts) {
                shift.tell_reused(component);
                report.kept.insert(component);
                queue.done(component);
                continue;
            }
            asked.push(shift.ask(component, shift.request(component, drafts), &places));
        }
        let done = tokio::select! {
            biased;
            () = &mut halted => {
                report.ended = Some(Ended::Stopped);
                break;
            }
            saved = saving.next(), if !saving.is_empty() => match saved {
                Some(Err(error)) => {
                    report.ended = Some(Ended::Memory(error));
                    break;
                }
                _ => continue,
            },
            done = asked.next() => match done {
                Some(Ok(done)) => done,
                Some(Err(error)) => {
                    report.ended = Some(Ended::Memory(error));
                    break;
                }
                None => break,
            }
        };
        report.calls += 1;
        if !shift.documenter.is_embedded() {
            report.account.charge(&done.receipt(), done.result.is_err());
        }
        let finish = shift.finished(&done);
        match shift.record_of(&done) {
            Some(record) => saving.push(shift.tell_once_saved(record, finish)),
            None => shift.tell(|| finish),
        }
        queue.done(done.component);
        let ended = shift.take(done, drafts, &mut report.failures);
        if matches!(ended, Some(Ended::Failed(_))) {
            report.ended = ended;
            break;
        }
        // A stream that can be asked nothing more still gives the answers that are on their way.
        report.ended = report.ended.or(ended);
        finished += 1;
        if finished % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    // What has been answered is not lost by ending here.
    while let Some(saved) = saving.next().await {
        if let Err(error) = saved {
            report.ended = Some(Ended::Memory(error));
            break;
        }
    }
    if report.ended.is_some() {
        shift.halt_for(report.ended.as_ref());
    }
    report
}

impl<'a> Shift<'a> {
    /// Waits until somebody asks this stream to end.
    async fn asked_to_end(&self) {
        tokio::select! {
            () = self.stop.requested() => {}
            () = self.halt.requested() => {}
        }
    }

    /// Where results are saved, if there is anything in them worth saving.
    fn paid(&self) -> Option<&'a dyn Memory> {
        self.memory.filter(|_| !self.documenter.is_embedded())
    }

    /// Components that are asked for or about to be: as many again wait for their intents while others are asked.
    fn most_at_once(&self) -> usize {
        let places = self.parallel.max(1);
        if self.paid().is_some() { places * 2 } else { places }
    }

    /// Lets the stream describe one component, once the intent to do so is durable and there is a place.
    async fn ask(&self, component: ComponentIndex, request: Request, places: &Semaphore) -> Result<Done, MemoryError> {
        if let Some(memory) = self.paid() {
            let intent = Record::CallStarted {
                call: self.call(component),
                at: SystemTime::now(),
                at_most: self.documenter.at_most(&request),
            };
            memory.record(intent).await?;
        }
        // It is never closed, so there is a place sooner or later.
        let _place = places.acquire().await;
        self.tell_started(component);
        let began = Instant::now();
        let result = self.documenter.document(&request).await;
        Ok(Done {
            component,
            result,
            elapsed: began.elapsed(),
        })
    }

    /// Hands the result of a call over to be saved.
    fn record_of(&self, done: &Done) -> Option<Saving<'a>> {
        let memory = self.paid()?;
        let record = match &done.result {
            Ok(written) => Record::DraftFinished {
                stream: self.stream,
                iteration: self.iteration,
                component: self.oracle.component(done.component).id.clone(),
                draft: written.draft.clone(),
                receipt: done.receipt(),
            },
            Err(StreamError::Component { reason, .. }) => Record::ComponentFailed {
                failure: self.failure(done.component, reason.clone()),
                receipt: Some(done.receipt()),
            },
            // It is asked for again when the stream is back.
            Err(StreamError::Dead { reason, .. } | StreamError::OutOfBudget { reason, .. }) => Record::CallFailed {
                call: self.call(done.component),
                reason: reason.clone(),
                receipt: done.receipt(),
            },
        };
        Some(memory.record(record))
    }

    /// Whether a component in doubt need not be asked for: all it depends on says what it said before.
    fn still_holds(&self, component: ComponentIndex, drafts: &[Option<Arc<Draft>>]) -> bool {
        let id = &self.oracle.component(component).id;
        if !self.doubts.components.contains(id) || drafts[component.as_usize()].is_none() {
            return false;
        }
        let says_the_same = |dependency: &ComponentIndex| {
            let id = &self.oracle.component(*dependency).id;
            let (then, now) = (self.doubts.meanings.get(id), &drafts[dependency.as_usize()]);
            match (then, now) {
                (Some(then), Some(now)) => now.meaning() == *then,
                // What has failed says nothing new.
                _ => true,
            }
        };
        self.oracle.order.dependencies[component.as_usize()]
            .iter()
            .all(says_the_same)
    }
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
            Ok(written) => {
                drafts[done.component.as_usize()] = Some(Arc::new(written.draft));
                None
            }
            Err(StreamError::Component { reason, .. }) => {
                let failure = self.failure(done.component, reason);
                failures.push(failure.clone());
                (!self.continue_on_error).then_some(Ended::Failed(failure))
            }
            Err(StreamError::Dead { reason, .. }) => Some(Ended::Dead(done.component, reason)),
            Err(StreamError::OutOfBudget { reason, .. }) => Some(Ended::OutOfBudget(reason)),
        }
    }

    fn call(&self, component: ComponentIndex) -> CallId {
        let id = self.oracle.component(component).id.clone();
        CallId::for_draft(self.stream, id, self.iteration)
    }

    fn failure(&self, component: ComponentIndex, reason: String) -> Failure {
        Failure {
            stream: self.stream,
            component: self.oracle.component(component).id.clone(),
            iteration: self.iteration,
            reason,
        }
    }

    /// Asks the other stream to stop too, unless this one's end alone does not end the run at once.
    fn halt_for(&self, ended: Option<&Ended>) {
        if !matches!(ended, None | Some(Ended::Dead(..) | Ended::OutOfBudget(_))) {
            self.halt.request();
        }
    }

    fn tell_started(&self, component: ComponentIndex) {
        self.tell(|| Event::ComponentStarted {
            stream: self.stream,
            component: self.oracle.component(component).id.clone(),
        });
    }

    fn tell_reused(&self, component: ComponentIndex) {
        self.tell(|| Event::ComponentFinished {
            stream: self.stream,
            component: self.oracle.component(component).id.clone(),
            elapsed: Duration::ZERO,
            reused: true,
            error: None,
        });
    }

    fn finished(&self, done: &Done) -> Event {
        Event::ComponentFinished {
            stream: self.stream,
            component: self.oracle.component(done.component).id.clone(),
            elapsed: done.elapsed,
            reused: false,
            error: done.result.as_ref().err().map(|error| error.reason().to_owned()),
        }
    }

    /// Tells of a result once it is durable: before that it does not count.
    async fn tell_once_saved(&self, saving: Saving<'_>, finish: Event) -> Result<(), MemoryError> {
        saving.await?;
        self.tell(|| finish);
        Ok(())
    }

    fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(events) = &self.events {
            // Nobody listens any more only when the run is over.
            let _ = events.send(event());
        }
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
