//! The seam to people: where open differences go, and where answers come from.

use std::collections::BTreeSet;

use crate::compare::settle::Answers;
use crate::model::component::Name;
use crate::model::documentation::Documentation;
use crate::model::oracle::Oracle;
use crate::model::ticket::{Ticket, TicketAnswer};

/// Why questions could not be put or answers not be read.
pub type DeskError = Box<dyn std::error::Error + Send + Sync>;

/// Takes open differences to people.
pub trait Desk: Send {
    /// Puts every open difference to people, each once however often this is called, and returns the tickets of this
    /// documentation as they stand. Tickets whose difference is gone are withdrawn, but for those of components that
    /// have `failed` and so could not be judged.
    fn put(
        &mut self,
        oracle: &Oracle,
        documentation: &[Documentation],
        failed: &BTreeSet<Name>,
    ) -> Result<Vec<Ticket>, DeskError>;

    /// What people have answered so far.
    fn answers(&mut self) -> Result<Answers, DeskError>;

    /// Notes that an answer is in the documentation.
    fn applied(&mut self, key: &str, answer: &TicketAnswer) -> Result<(), DeskError>;

    /// Sends an answer back that cannot be used, and says why.
    fn sent_back(&mut self, key: &str, reason: &str) -> Result<(), DeskError>;
}
