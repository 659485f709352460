//! What the design's first implementation got wrong, each as a test that it would fail: failures that were swallowed,
//! validators that reject everything and still converge, an order that was the alphabet, agreement that beat the code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use twinscribe::config::Config;
use twinscribe::model::claim::{Claim, Subject, Value, Verdict};
use twinscribe::model::documentation::Draft;
use twinscribe::model::oracle::Oracle;
use twinscribe::model::run::{ConvergenceStatus, Outcome};
use twinscribe::streams::code::Code;
use twinscribe::streams::{Documenter, Drafting, Request, StreamError};

use crate::common::fixture;
use crate::common::library::{oracle_of, run_in_memory};

/// How a scripted stream behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Truthful,
    /// Fails on every second component.
    Failing,
    /// Every draft is about something else, which its validator rejects.
    Astray,
    /// Claims that every function calls one and the same other.
    Inventive,
}

struct Scripted {
    name: &'static str,
    manner: Manner,
    calls: AtomicUsize,
}

impl Scripted {
    fn new(name: &'static str, manner: Manner) -> Arc<Self> {
        Arc::new(Self {
            name,
            manner,
            calls: AtomicUsize::new(0),
        })
    }
}

impl Documenter for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> &str {
        "1"
    }

    fn is_embedded(&self) -> bool {
        false
    }

    fn witnesses_edges(&self) -> bool {
        true
    }

    fn restates_oracle(&self) -> bool {
        false
    }

    fn uses_context(&self) -> bool {
        false
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let component = request.oracle.component(request.component);
            let mut draft = Code.document(request).await?.draft;
            match self.manner {
                Manner::Truthful => {}
                Manner::Failing if request.component.0 % 2 == 1 => {
                    let reason = "the prompt could not be built";
                    return Err(StreamError::component(component.id.clone(), reason));
                }
                Manner::Failing => {}
                Manner::Astray => draft.component = "somewhere.else".into(),
                Manner::Inventive => {
                    let mut claims = draft.claims;
                    let callee = Subject::Callee(FALSE_CALLEE.into());
                    if claims.iter().all(|c| c.subject != callee) && component.signature.is_some() {
                        claims.push(Claim::said(callee, Value::Present, 1.0, None));
                    }
                    draft = Draft::new(draft.component, claims);
                }
            }
            Ok(draft.into())
        })
    }
}

const FALSE_CALLEE: &str = "stockroom.storage.forget";

fn run(a: Manner, b: Manner) -> (Arc<Oracle>, Outcome) {
    let oracle = oracle_of(&fixture("stockroom"));
    let streams: [Arc<dyn Documenter>; 2] = [Scripted::new("scripted:a", a), Scripted::new("scripted:b", b)];
    let outcome = run_in_memory(&oracle, streams, Config::default()).unwrap();
    (oracle, outcome)
}

#[test]
fn failed_components_are_listed_and_forbid_convergence() {
    let (oracle, outcome) = run(Manner::Failing, Manner::Failing);
    let failed = oracle.indices().filter(|&i| outcome.has_failed(i)).count();
    assert_eq!(failed, oracle.components.len() / 2);
    assert_ne!(outcome.verdict.status, ConvergenceStatus::Converged);
    assert!(!outcome.verdict.unmet.is_empty());
}

#[test]
fn validators_that_reject_everything_do_not_converge() {
    let (oracle, outcome) = run(Manner::Astray, Manner::Astray);
    assert_ne!(outcome.verdict.status, ConvergenceStatus::Converged);
    assert!(oracle.indices().all(|i| outcome.has_failed(i)));
    assert!(outcome.streams.iter().all(|s| s.rejected > 0));
}

#[test]
fn agreement_does_not_beat_the_code() {
    let (oracle, outcome) = run(Manner::Inventive, Manner::Inventive);
    let mut refuted = 0;
    for index in oracle.indices() {
        let said = outcome.documentation[index.as_usize()].get(&Subject::Callee(FALSE_CALLEE.into()));
        let id = &oracle.component(index).id;
        // Nothing is deleted on the strength of an unknown: `AuditLog.record` calls a function that callers hand in.
        let possible = oracle.verify_edge(id, FALSE_CALLEE).verdict != Verdict::Refuted;
        assert!(possible || said.is_none(), "{id}");
        refuted += usize::from(!possible);
    }
    assert!(
        refuted * 10 >= oracle.components.len() * 9,
        "only {refuted} are refuted"
    );
}

#[test]
fn truthful_streams_converge_in_one_iteration() {
    let (_, outcome) = run(Manner::Truthful, Manner::Truthful);
    assert_eq!(outcome.verdict.status, ConvergenceStatus::Converged);
    assert_eq!(outcome.history.len(), 1);
}

#[test]
fn order_is_that_of_dependencies_and_not_the_alphabet() {
    let oracle = oracle_of(&fixture("stockroom"));
    let mut place = vec![0; oracle.components.len()];
    for (n, index) in oracle.order.sequence.iter().enumerate() {
        place[index.as_usize()] = n;
    }
    let mut edges = 0;
    for (index, dependencies) in oracle.indices().zip(&oracle.order.dependencies) {
        for dependency in dependencies {
            edges += 1;
            assert!(place[dependency.as_usize()] < place[index.as_usize()]);
        }
    }
    assert!(edges > oracle.components.len(), "only {edges} dependencies");
    let in_order: Vec<_> = oracle.order.sequence.iter().map(|&i| &oracle.component(i).id).collect();
    assert!(!in_order.is_sorted());
}

#[test]
fn every_edge_joins_two_components() {
    let oracle = oracle_of(&fixture("stockroom"));
    assert!(!oracle.call_graph.edges.is_empty());
    for edge in &oracle.call_graph.edges {
        for end in [edge.caller, edge.callee] {
            assert!(oracle.find(&oracle.component(end).id) == Some(end));
        }
    }
}
