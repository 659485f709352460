//! Tickets: discrepancies that only a person can settle, put once, answered where people work, and applied once.
//!
//! A [`TicketStore`] keeps them; [`open`] brings it in line with what is unsettled, [`answers`] looks up what people
//! have decided, [`rebuild_tickets`] describes each component for whoever rebuilds it. Nothing here decides anything:
//! an answer that cannot be read is asked for again, never guessed.

mod answer;
mod beads;
mod embedded;
mod file;
mod form;
mod lifecycle;
mod rebuild;
mod row;
mod sync;
#[cfg(test)]
mod tests;
mod text;
mod time;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

pub use answer::parse as parse_answer;
pub use answer::spell as spell_answer;
pub use beads::{Beads, BeadsStore, Unusable};
pub use embedded::EmbeddedStore;
pub use lifecycle::{Answers, Asking, Opened, answers, apply, expire, open, send_back};
pub use rebuild::rebuild_tickets;
pub use sync::{Synced, sync};

use crate::model::ticket::{Decision, Ticket};

/// Why tickets could not be kept or read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TicketError {
    /// The file system refused.
    #[error("{action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it refused.
        #[source]
        source: Arc<io::Error>,
    },
    /// A line of the file cannot be read.
    #[error("read {} line {line}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such ticket.
    #[error("find the ticket `{id}`")]
    NotFound {
        /// What was looked for.
        id: String,
    },
    /// A tracker's program failed or gave no sense.
    #[error("use the tracker with `{command}`: {reason}")]
    Tracker {
        /// What was asked of it, without its arguments.
        command: String,
        /// What it said, as a fragment.
        reason: String,
    },
    /// An answer that needs text and has none.
    #[error("answer the ticket `{id}`: `{choice}` needs the text to use")]
    NoText {
        /// The ticket.
        id: String,
        /// `merge` or `neither`.
        choice: &'static str,
    },
}

impl TicketError {
    /// What the user can do about it, as a sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { path, .. } => format!(
                "Make {} writable, or choose another folder with --checkpoint-dir.",
                path.parent().unwrap_or(path).display()
            ),
            Self::Damaged { path, .. } => format!(
                "Mend or remove that line of {}; each line is one ticket as a JSON object.",
                path.display()
            ),
            Self::Tracker { .. } => {
                "Run that command by hand to see what is wrong, or keep the tickets in the checkpoint \
                 folder with `--tickets embedded`; nothing is lost, `twinscribe resume` goes on."
                    .to_owned()
            }
            Self::NotFound { .. } => "`twinscribe tickets list` shows the ids there are.".to_owned(),
            Self::NoText { .. } => "Give the text with --text.".to_owned(),
        }
    }
}

/// Where a new ticket comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The run that put it.
    pub run_id: Option<String>,
    /// A name for the repository, so that runs on another one leave the ticket alone.
    pub scope: String,
    /// What the two streams are called.
    pub streams: [String; 2],
}

/// A ticket with what the store knows beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filed {
    /// The ticket.
    pub ticket: Ticket,
    /// The run that put it.
    pub run_id: Option<String>,
    /// The repository it was put for.
    pub scope: String,
    /// Whether the person has been told that the answer there is cannot be read.
    pub was_asked_again: bool,
    /// Whether a person has removed it: it is withdrawn for good.
    pub is_removed: bool,
}

/// A change to a ticket.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Put a question; nothing happens where one with its key is there already.
    Create {
        /// The question.
        ticket: Box<Ticket>,
        /// Where it comes from.
        origin: Origin,
    },
    /// The code beneath an open question has changed, and the question still stands.
    Refresh(Box<Ticket>),
    /// A person has decided.
    Answer {
        /// The ticket's id.
        id: String,
        /// What was decided.
        decision: Decision,
        /// Who decided.
        by: String,
    },
    /// The answer is in the documentation.
    Apply {
        /// The ticket's id.
        id: String,
    },
    /// The answer cannot be read; say so in a comment.
    AskAgain {
        /// The ticket's id.
        id: String,
    },
    /// The question has to be put again; what was answered no longer counts.
    Reopen {
        /// The ticket as it stands now.
        ticket: Box<Ticket>,
        /// Why, as a sentence.
        why: String,
    },
    /// Nobody answered in time.
    Expire {
        /// The ticket's id.
        id: String,
    },
    /// The difference no longer exists.
    Withdraw {
        /// The ticket's id.
        id: String,
    },
}

impl Change {
    /// The id of the ticket that is changed; none where one is created.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Refresh(ticket) | Self::Reopen { ticket, .. } => Some(&ticket.id),
            Self::Answer { id, .. }
            | Self::Apply { id }
            | Self::AskAgain { id }
            | Self::Expire { id }
            | Self::Withdraw { id } => Some(id),
        }
    }
}

/// Keeps tickets: the embedded file, or a tracker.
pub trait TicketStore: Send + Sync {
    /// All tickets of this program, in the order in which they were put.
    fn filed(&self) -> Result<Vec<Filed>, TicketError>;

    /// Makes changes, all or none where the store can.
    fn change(&self, changes: &[Change], at: SystemTime) -> Result<(), TicketError>;

    /// Looks anew at what is there, where looking is dear and so is not done each time.
    fn refresh(&self) {}

    /// Puts rows in Beads' form there as they are; those whose id is known replace older ones.
    fn import(&self, lines: &str) -> Result<(), TicketError>;

    /// All tickets of this program as rows in Beads' form.
    fn lines(&self) -> Result<Vec<String>, TicketError>;

    /// All tickets of this program, in the order in which they were put.
    fn list(&self) -> Result<Vec<Ticket>, TicketError> {
        Ok(self.filed()?.into_iter().map(|filed| filed.ticket).collect())
    }

    /// A ticket by its id or its discrepancy's key.
    fn get(&self, id: &str) -> Result<Ticket, TicketError> {
        let found = self
            .list()?
            .into_iter()
            .find(|ticket| ticket.id == id || ticket.key == id);
        found.ok_or_else(|| TicketError::NotFound { id: id.to_owned() })
    }

    /// Answers a ticket, given by id or key, and returns it as it is then. A later answer replaces an earlier one.
    fn answer(&self, id: &str, decision: Decision, by: &str, at: SystemTime) -> Result<Ticket, TicketError> {
        let id = self.get(id)?.id;
        let choice = match &decision {
            Decision::Merge(text) if text.trim().is_empty() => Some("merge"),
            Decision::Neither(text) if text.trim().is_empty() => Some("neither"),
            _ => None,
        };
        if let Some(choice) = choice {
            return Err(TicketError::NoText { id, choice });
        }
        let change = Change::Answer {
            id: id.clone(),
            decision,
            by: by.to_owned(),
        };
        self.change(&[change], at)?;
        self.get(&id)
    }
}
