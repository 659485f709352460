//! The store of a real Beads tracker: tickets live where people work, and are reached through its program `bd`.
//!
//! A ticket is a row in Beads' own form here as in the embedded store, so what it means is read by the same code. New
//! ones are imported in bulk; a change becomes the fewest commands that have the same effect. A mirror in the
//! checkpoint folder remembers what was last seen: comments that were read already, and tickets that a person has
//! removed.

mod mirror;
mod operations;
mod program;
mod replies;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::Value as Json;

use super::row::Row;
use super::{Change, Filed, TicketError, TicketStore};
use crate::model::ticket::TicketState;
use mirror::Mirror;
pub use program::{Beads, Unusable};

/// The label of everything that this program puts into a tracker.
const LABEL: &str = "twinscribe";

/// Ids asked for at once, so that no command line grows too long.
const MOST_IDS: usize = 50;

/// Tickets in a Beads tracker.
#[derive(Debug)]
pub struct BeadsStore {
    beads: Beads,
    mirror: Mirror,
    /// What was read last; none where it has to be read again.
    rows: Mutex<Option<Vec<Row>>>,
}

impl BeadsStore {
    /// The store of a tracker, with its mirror in a checkpoint folder.
    pub fn new(beads: Beads, dir: &Path) -> Self {
        Self {
            beads,
            mirror: Mirror::of(dir),
            rows: Mutex::new(None),
        }
    }

    /// The rows of this program as they are there, from one list; details only of what has changed.
    fn rows(&self) -> Result<Vec<Row>, TicketError> {
        let mut known = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = &*known {
            return Ok(rows.clone());
        }
        let listed = self.beads.ask(&["list", "--all", "--limit", "0", "-l", LABEL], None)?;
        let mut rows = Vec::new();
        for issue in listed {
            rows.extend(self.read(&issue)?);
        }
        let before = self.mirror.rows()?;
        self.fetch_comments(&mut rows, &before)?;
        rows.sort_by(|x, y| (x.created_at(), x.id()).cmp(&(y.created_at(), y.id())));
        self.mirror.save(&before, &rows)?;
        *known = Some(rows.clone());
        Ok(rows)
    }

    /// Reads an issue; none where it is somebody else's, or a rebuild ticket.
    fn read(&self, issue: &Json) -> Result<Option<Row>, TicketError> {
        let row = Row::read(&issue.to_string()).map_err(|reason| self.beads.misread(reason))?;
        Ok(row.key().is_some().then_some(row))
    }

    /// A list has no comments; they are asked for where they matter: in closed tickets without an answer in the
    /// reason they were closed for, unless nothing has changed since they were read.
    fn fetch_comments(&self, rows: &mut [Row], before: &[Row]) -> Result<(), TicketError> {
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        for row in rows.iter_mut() {
            let known = before
                .iter()
                .find(|b| b.id() == row.id() && b.updated_at() == row.updated_at());
            if let Some(known) = known {
                row.take_comments(known);
            } else if row.needs_comments() {
                wanted.insert(row.id().to_owned());
            }
        }
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        for ids in wanted.chunks(MOST_IDS) {
            let mut arguments = vec!["show"];
            arguments.extend(ids);
            arguments.push("--include-comments");
            for issue in self.beads.ask(&arguments, None)? {
                let Some(full) = self.read(&issue)? else { continue };
                if let Some(row) = rows.iter_mut().find(|row| row.id() == full.id()) {
                    row.take_comments(&full);
                }
            }
        }
        Ok(())
    }

    fn forget(&self) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Puts new tickets there in one transaction, but for those whose key is there already.
    fn create(&self, changes: &[Change], rows: &[Row], at: SystemTime) -> Result<(), TicketError> {
        let mut known: BTreeSet<&str> = rows.iter().filter_map(Row::key).collect();
        let mut lines = String::new();
        for change in changes {
            if let Change::Create { ticket, origin } = change
                && known.insert(&ticket.key)
            {
                lines.push_str(&Row::new(ticket, origin, at).line());
                lines.push('\n');
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        self.beads.ask(&["import", "-"], Some(&lines)).map(drop)
    }

    /// Where the tracker is.
    pub fn place(&self) -> PathBuf {
        self.beads.place()
    }
}

impl TicketStore for BeadsStore {
    fn filed(&self) -> Result<Vec<Filed>, TicketError> {
        let rows = self.rows()?;
        let mut filed: Vec<Filed> = rows.iter().filter_map(|row| row.filed().ok().flatten()).collect();
        // What was there and is no longer was withdrawn by a person.
        for row in self.mirror.rows()? {
            let is_there = rows.iter().any(|r| r.id() == row.id());
            if let (false, Ok(Some(mut gone))) = (is_there, row.filed()) {
                gone.ticket.state = TicketState::Withdrawn;
                gone.is_removed = true;
                filed.push(gone);
            }
        }
        Ok(filed)
    }

    fn change(&self, changes: &[Change], at: SystemTime) -> Result<(), TicketError> {
        if changes.is_empty() {
            return Ok(());
        }
        let rows = self.rows()?;
        // Whatever comes of it, what was read before is no longer what is there.
        self.forget();
        self.create(changes, &rows, at)?;
        for change in changes {
            let Some(id) = change.id() else { continue };
            let row = rows.iter().find(|row| row.id() == id);
            let row = row.ok_or_else(|| TicketError::NotFound { id: id.to_owned() })?;
            let mut changed = row.clone();
            changed.apply(change, at);
            operations::make(&self.beads, row, &changed)?;
        }
        Ok(())
    }

    fn refresh(&self) {
        self.forget();
    }

    fn import(&self, lines: &str) -> Result<(), TicketError> {
        self.forget();
        self.beads.ask(&["import", "-"], Some(lines)).map(drop)
    }

    fn lines(&self) -> Result<Vec<String>, TicketError> {
        Ok(self.rows()?.iter().map(Row::line).collect())
    }
}
