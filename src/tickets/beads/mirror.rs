//! The mirror: what was last seen in a tracker, in Beads' own form, beside the checkpoints.
//!
//! It holds nothing that the tracker does not, but for tickets that are no longer there.

use std::path::{Path, PathBuf};

use crate::tickets::TicketError;
use crate::tickets::file;
use crate::tickets::row::Row;

const FILE: &str = "beads.jsonl";

#[derive(Debug)]
pub(super) struct Mirror {
    path: PathBuf,
}

impl Mirror {
    pub(super) fn of(dir: &Path) -> Self {
        Self { path: dir.join(FILE) }
    }

    /// What was seen. A mirror that cannot be read is begun anew: all of it but what was removed is in the tracker.
    pub(super) fn rows(&self) -> Result<Vec<Row>, TicketError> {
        match file::read(&self.path) {
            Err(TicketError::Damaged { .. }) => Ok(Vec::new()),
            other => other,
        }
    }

    /// Notes what is seen now; what was seen before and is gone stays.
    pub(super) fn save(&self, before: &[Row], now: &[Row]) -> Result<(), TicketError> {
        let gone = before.iter().filter(|b| !now.iter().any(|row| row.id() == b.id()));
        let rows: Vec<Row> = now.iter().chain(gone).cloned().collect();
        let lines = |rows: &[Row]| rows.iter().map(Row::line).collect::<Vec<_>>();
        if lines(&rows) == lines(before) {
            return Ok(());
        }
        file::write(&self.path, &rows)
    }
}
