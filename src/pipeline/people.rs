//! People: open differences are put to them, and what they answer is applied.

use std::collections::BTreeSet;
use std::time::Duration;

use super::error::RunError;
use super::run::Run;
use crate::checkpoint::Record;
use crate::compare::settle::Answers;
use crate::model::component::ComponentIndex;
use crate::model::discrepancy::Discrepancy;
use crate::model::documentation::{Documentation, Resolution};
use crate::model::events::Event;
use crate::model::run::Phase;
use crate::model::ticket::{Ticket, TicketState};

impl Run<'_, '_> {
    /// Puts what is open to people and, where the options say so, waits for their answers. Returns the tickets as
    /// they stand at the end.
    pub(super) async fn resolve(&mut self) -> Result<Vec<Ticket>, RunError> {
        self.enter(Phase::Resolving)?;
        let mut known = BTreeSet::new();
        loop {
            self.report_answers().await?;
            let tickets = self.put_questions(&mut known).await?;
            let is_waiting = tickets
                .iter()
                .any(|t| matches!(t.state, TicketState::Open | TicketState::NeedsClarification(_)));
            if !is_waiting || !self.config.tickets.wait {
                return Ok(tickets);
            }
            self.wait_for_answers().await?;
        }
    }

    /// Opens a ticket per open difference; each is told of once.
    async fn put_questions(&mut self, known: &mut BTreeSet<String>) -> Result<Vec<Ticket>, RunError> {
        let Some(desk) = &mut self.desk else {
            return Ok(Vec::new());
        };
        let failed = self.state.failures.iter().map(|f| f.component.clone());
        let tickets = desk
            .put(&self.oracle, &self.documentation, &failed.collect())
            .map_err(RunError::Desk)?;
        for ticket in &tickets {
            let is_open = ticket.state == TicketState::Open;
            if !is_open || !known.insert(ticket.id.clone()) {
                continue;
            }
            self.listener.hear(&Event::TicketOpened {
                id: ticket.id.clone(),
                component: ticket.component.clone(),
            });
            if !self.journaled.tickets.contains_key(&ticket.key) {
                let opened = Record::TicketOpened {
                    id: ticket.id.clone(),
                    key: ticket.key.clone(),
                };
                self.record(opened).await?;
            }
        }
        Ok(tickets)
    }

    /// Waits until somebody answers something, and settles what it concerns anew.
    async fn wait_for_answers(&mut self) -> Result<(), RunError> {
        let seconds = self.config.tickets.poll_seconds.max(0.0);
        let pause = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        tokio::select! {
            () = self.stop.requested() => return Err(RunError::Stopped),
            () = tokio::time::sleep(pause) => {}
        }
        let Some(desk) = &mut self.desk else {
            return Ok(());
        };
        let answers = desk.answers().map_err(RunError::Desk)?;
        let concerned = self.concerned(&answers);
        self.answers.extend(answers);
        if !concerned.is_empty() {
            self.settle_again(&concerned).await?;
            let outlook = self.look_ahead();
            self.measure_and_judge(&outlook);
        }
        Ok(())
    }

    /// The components with an open difference that these answers, where they are new, are about.
    fn concerned(&self, answers: &Answers) -> BTreeSet<ComponentIndex> {
        let is_new = |d: &&Discrepancy| {
            answers
                .get(&d.key)
                .is_some_and(|answer| self.answers.get(&d.key) != Some(answer))
        };
        self.documentation
            .iter()
            .flat_map(Documentation::open)
            .filter(is_new)
            .map(|d| d.component)
            .collect()
    }

    /// Tells the desk what became of the answers: applied, or sent back. Each is told of once.
    async fn report_answers(&mut self) -> Result<(), RunError> {
        let mut applied = Vec::new();
        let mut sent_back = Vec::new();
        for discrepancy in self.documentation.iter().flat_map(|d| &d.discrepancies) {
            let Some(answered) = self.answers.get(&discrepancy.key) else {
                continue;
            };
            match discrepancy.resolution {
                Some(Resolution::Human) => {
                    applied.push((discrepancy.key.clone(), answered.answer.clone()));
                }
                None => sent_back.push((discrepancy.key.clone(), discrepancy.reason.clone())),
                Some(_) => {}
            }
        }
        for (key, answer) in applied {
            if self.journaled.answers.get(&key) == Some(&answer) {
                continue;
            }
            if let Some(desk) = &mut self.desk {
                desk.applied(&key, &answer).map_err(RunError::Desk)?;
            }
            self.journaled.answers.insert(key.clone(), answer.clone());
            self.record(Record::AnswerApplied { key, answer }).await?;
        }
        for (key, reason) in sent_back {
            if let Some(desk) = &mut self.desk {
                desk.sent_back(&key, &reason).map_err(RunError::Desk)?;
            }
            // It is asked again, and only another answer counts.
            self.answers.remove(&key);
        }
        Ok(())
    }
}
