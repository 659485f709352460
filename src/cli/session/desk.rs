//! The desk of a run: its open differences go into the ticket store, and the answers come from there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::analysis::discover::Sources;
use crate::compare::settle::{Answered, Answers};
use crate::model::component::{Component, Name};
use crate::model::documentation::Documentation;
use crate::model::oracle::Oracle;
use crate::model::ticket::{Ticket, TicketAnswer, TicketState};
use crate::pipeline::{Desk, DeskError};
use crate::tickets::{self, Asking, Change, TicketStore};

/// Where a desk reads the time.
pub(super) type Clock = Box<dyn Fn() -> SystemTime + Send>;

/// A ticket store as a run sees it.
pub(super) struct StoreDesk {
    pub(super) store: Box<dyn TicketStore>,
    pub(super) clock: Clock,
    pub(super) run_id: String,
    pub(super) repository: PathBuf,
    pub(super) streams: [String; 2],
    pub(super) timeout: Option<Duration>,
    /// The files' text, to quote from.
    pub(super) sources: BTreeMap<Name, std::sync::Arc<str>>,
}

/// The text of every file that has one, by path.
pub(super) fn texts(sources: &Sources) -> BTreeMap<Name, std::sync::Arc<str>> {
    sources
        .files
        .iter()
        .filter_map(|file| Some((file.path.clone(), file.text.clone()?)))
        .collect()
}

impl StoreDesk {
    fn source(&self, component: &Component) -> Option<String> {
        let text = self.sources.get(&component.path)?;
        let first = (component.first_line as usize).checked_sub(1)?;
        let count = (component.last_line as usize).checked_sub(first)?;
        let lines: Vec<&str> = text.lines().skip(first).take(count).collect();
        Some(lines.join("\n"))
    }

    fn ticket_of(&self, key: &str) -> Result<Ticket, DeskError> {
        Ok(self.store.get(key)?)
    }
}

impl Desk for StoreDesk {
    fn put(
        &mut self,
        oracle: &Oracle,
        documentation: &[Documentation],
        failed: &BTreeSet<Name>,
    ) -> Result<Vec<Ticket>, DeskError> {
        let now = (self.clock)();
        tickets::expire(&*self.store, now)?;
        let asking = Asking {
            run_id: Some(&self.run_id),
            repository: &self.repository,
            streams: [&self.streams[0], &self.streams[1]],
            now,
            expires_at: self.timeout.and_then(|timeout| now.checked_add(timeout)),
            source: &|component| self.source(component),
            failed,
        };
        Ok(tickets::open(&*self.store, documentation, oracle, &asking)?.tickets)
    }

    fn answers(&mut self) -> Result<Answers, DeskError> {
        // One look for all that is asked of the store until somebody looks again.
        self.store.refresh();
        let mut answers = Answers::new();
        for ticket in self.store.list()? {
            if let TicketState::Answered(answer) | TicketState::Applied(answer) = ticket.state {
                answers.insert(
                    ticket.key,
                    Answered {
                        answer,
                        source_hash: ticket.source_hash,
                    },
                );
            }
        }
        Ok(answers)
    }

    fn applied(&mut self, key: &str, _answer: &TicketAnswer) -> Result<(), DeskError> {
        let ticket = self.ticket_of(key)?;
        if let TicketState::Answered(_) = ticket.state {
            let change = Change::Apply { id: ticket.id };
            self.store.change(&[change], (self.clock)())?;
        }
        Ok(())
    }

    fn sent_back(&mut self, key: &str, reason: &str) -> Result<(), DeskError> {
        let ticket = self.ticket_of(key)?;
        Ok(tickets::send_back(&*self.store, &ticket.id, reason, (self.clock)())?)
    }
}
