//! Questions and answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use super::*;
use crate::compare::settle::{Answered, Answers};
use crate::model::component::Name;
use crate::model::documentation::{Documentation, Resolution};
use crate::model::run::ConvergenceStatus::{Converged, InProgress};
use crate::model::ticket::{Decision, Ticket, TicketAnswer, TicketState};
use crate::pipeline::{Desk, DeskError};

/// A desk whose people answer the `after`-th time they are looked for.
#[derive(Default)]
struct People {
    tickets: BTreeMap<String, Ticket>,
    decision: Option<Decision>,
    looks: usize,
    after: usize,
    sent_back: Vec<String>,
}

impl Desk for People {
    fn put(
        &mut self,
        oracle: &Oracle,
        documentation: &[Documentation],
        _failed: &BTreeSet<Name>,
    ) -> Result<Vec<Ticket>, DeskError> {
        for d in documentation.iter().flat_map(Documentation::open) {
            let component = oracle.component(d.component);
            self.tickets.entry(d.key.clone()).or_insert_with(|| Ticket {
                id: format!("ts-{}", &d.key[..6]),
                key: d.key.clone(),
                component: component.id.clone(),
                path: component.path.clone(),
                line: component.first_line,
                kind: d.kind,
                subject: d.subject.clone(),
                a: d.a.clone(),
                b: d.b.clone(),
                severity: d.severity,
                facts: Vec::new(),
                source: String::new(),
                source_hash: component.source_hash,
                state: TicketState::Open,
                created_at: SystemTime::UNIX_EPOCH,
                expires_at: None,
            });
        }
        Ok(self.tickets.values().cloned().collect())
    }

    fn answers(&mut self) -> Result<Answers, DeskError> {
        self.looks += 1;
        let Some(decision) = self.decision.clone().filter(|_| self.looks > self.after) else {
            return Ok(Answers::new());
        };
        let answered = |ticket: &Ticket| Answered {
            answer: TicketAnswer {
                decision: decision.clone(),
                by: "Ada".to_owned(),
                at: SystemTime::UNIX_EPOCH,
            },
            source_hash: ticket.source_hash,
        };
        Ok(self.tickets.values().map(|t| (t.key.clone(), answered(t))).collect())
    }

    fn applied(&mut self, key: &str, answer: &TicketAnswer) -> Result<(), DeskError> {
        let ticket = self.tickets.get_mut(key).ok_or("no such ticket")?;
        ticket.state = TicketState::Applied(answer.clone());
        Ok(())
    }

    fn sent_back(&mut self, key: &str, reason: &str) -> Result<(), DeskError> {
        let ticket = self.tickets.get_mut(key).ok_or("no such ticket")?;
        ticket.state = TicketState::NeedsClarification(reason.to_owned());
        self.sent_back.push(reason.to_owned());
        Ok(())
    }
}

fn quarrelling() -> [Arc<dyn Documenter>; 2] {
    ["int", "str"].map(|word| {
        let documenter = Scripted::claiming("test:quarrel", move |request| {
            if id(request) == "m.a" {
                but(request, vec![type_of_free(word)])
            } else {
                truth(request)
            }
        });
        Arc::new(documenter.witnessing_edges()) as Arc<dyn Documenter>
    })
}

fn short() -> Config {
    let mut config = config();
    config.convergence.max_iterations = 2;
    config.tickets.poll_seconds = 0.001;
    config
}

#[test]
fn open_differences_become_tickets_once() {
    let mut people = People::default();
    let notebook = Notebook::default();
    for _ in 0..2 {
        let mut heard = Heard::default();
        let job = Job::new(oracle(), quarrelling(), short())
            .asking(&mut people)
            .saved_to(&notebook);
        let outcome = block_on(run(job, &mut heard, Stop::new())).unwrap();
        assert_eq!(outcome.tickets.len(), 1);
        let opened = |e: &&Event| matches!(e, Event::TicketOpened { .. });
        assert_eq!(heard.0.iter().filter(opened).count(), 1);
    }
    assert_eq!(people.tickets.len(), 1);
}

#[test]
fn answers_are_applied_on_the_next_run() {
    let mut people = People::default();
    let notebook = Notebook::default();
    let job = Job::new(oracle(), quarrelling(), short())
        .asking(&mut people)
        .saved_to(&notebook);
    let first = run_job(job).unwrap();
    assert_ne!(first.verdict.status, Converged);
    people.decision = Some(Decision::AcceptB);
    let job = Job::new(oracle(), quarrelling(), short());
    let job = job.asking(&mut people).resuming(notebook.recovered());
    let second = run_job(job).unwrap();
    assert_eq!(second.verdict.status, Converged);
    assert_eq!(second.history.len(), 2, "answers take no iteration");
    assert_eq!(second.streams[0].calls, 0);
    let claim = second.documentation[0]
        .get(&Subject::ParameterType("free".into()))
        .unwrap();
    assert_eq!(
        (claim.value.clone(), claim.resolution),
        (Value::text("str"), Some(Resolution::Human))
    );
    assert!(matches!(second.tickets[0].state, TicketState::Applied(_)));
}

#[test]
fn waiting_runs_apply_answers_when_they_come() {
    let mut people = People {
        decision: Some(Decision::AcceptA),
        after: 3,
        ..People::default()
    };
    let mut waiting = short();
    waiting.tickets.wait = true;
    let job = Job::new(oracle(), quarrelling(), waiting).asking(&mut people);
    let outcome = run_job(job).unwrap();
    assert_eq!(outcome.verdict.status, Converged);
    assert_eq!(people.looks, 4);
}

#[test]
fn waiting_can_be_interrupted() {
    let mut people = People::default();
    let mut waiting = short();
    waiting.tickets.wait = true;
    waiting.tickets.poll_seconds = 3600.0;
    let stop = Stop::new();
    let asked = stop.clone();
    let mut listener = move |event: &Event| {
        if matches!(event, Event::TicketOpened { .. }) {
            asked.request();
        }
    };
    let job = Job::new(oracle(), quarrelling(), waiting).asking(&mut people);
    let error = block_on(run(job, &mut listener, stop)).unwrap_err();
    assert!(matches!(error, RunError::Stopped));
}

#[test]
fn unusable_answers_are_sent_back_once() {
    let mut people = People::default();
    run_job(Job::new(oracle(), quarrelling(), short()).asking(&mut people)).unwrap();
    people.decision = Some(Decision::Neither("  ".to_owned()));
    let outcome = run_job(Job::new(oracle(), quarrelling(), short()).asking(&mut people)).unwrap();
    assert_eq!(people.sent_back.len(), 1, "{:?}", people.sent_back);
    assert!(people.sent_back[0].contains("sent back"));
    assert!(matches!(outcome.tickets[0].state, TicketState::NeedsClarification(_)));
    assert_ne!(outcome.verdict.status, InProgress);
}

#[test]
fn dry_runs_ask_nobody() {
    let mut people = People::default();
    let mut dry = short();
    dry.dry_run = true;
    let outcome = run_job(Job::new(oracle(), quarrelling(), dry).asking(&mut people)).unwrap();
    assert!(outcome.tickets.is_empty());
    assert!(people.tickets.is_empty());
}
