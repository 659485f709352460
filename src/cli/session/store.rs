//! The ticket store that is meant: the embedded one, or a tracker where that is wanted and there.
//!
//! Another tracker is another file in `tickets` and one arm in [`open()`].

use std::path::Path;

use crate::config::TicketStoreChoice;
use crate::tickets::{Beads, BeadsStore, EmbeddedStore, TicketStore};

/// A ticket store, and what the user should know about it.
pub(crate) struct Opened {
    pub(crate) store: Box<dyn TicketStore>,
    /// Why it is not the one that was wanted.
    pub(crate) warning: Option<String>,
}

/// Opens the store of a checkpoint folder, or the tracker of a repository. Where a tracker is wanted and cannot be
/// used, the embedded store takes its place: questions are never lost for want of a program.
pub(crate) fn open(choice: TicketStoreChoice, dir: &Path, repository: &Path) -> Opened {
    let embedded = || Box::new(EmbeddedStore::open(dir));
    match choice {
        TicketStoreChoice::Embedded | TicketStoreChoice::None => Opened {
            store: embedded(),
            warning: None,
        },
        TicketStoreChoice::Beads => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            match Beads::find(&path, repository) {
                Ok(beads) => Opened {
                    store: Box::new(BeadsStore::new(beads, dir)),
                    warning: None,
                },
                Err(why) => Opened {
                    store: embedded(),
                    warning: Some(format!("{why} Tickets are kept in {} instead.", dir.display())),
                },
            }
        }
    }
}
