//! The embedded store: `tickets.jsonl` in the checkpoint folder, in Beads' own form.
//!
//! The file is read anew each time, because people and trackers write to it as well, and is put in place whole.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::file::{self, refused};
use super::row::Row;
use super::{Change, Filed, TicketError, TicketStore};

const FILE: &str = "tickets.jsonl";
const LOCK: &str = "tickets.lock";

/// Tickets in a file of JSON lines.
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    path: PathBuf,
}

impl EmbeddedStore {
    /// The store of a checkpoint folder, which need not exist before the first change.
    pub fn open(dir: &Path) -> Self {
        Self { path: dir.join(FILE) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps other processes from changing the file in between; ends with the process at the latest.
    fn lock(&self) -> Result<File, TicketError> {
        let folder = self.folder();
        fs::create_dir_all(folder).map_err(|e| refused("create", folder, e))?;
        let path = folder.join(LOCK);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| refused("open", &path, e))?;
        file.lock().map_err(|e| refused("lock", &path, e))?;
        Ok(file)
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }
}

impl TicketStore for EmbeddedStore {
    fn filed(&self) -> Result<Vec<Filed>, TicketError> {
        let rows = file::read(&self.path)?;
        // Rows were checked when they were read.
        Ok(rows.iter().filter_map(|row| row.filed().ok().flatten()).collect())
    }

    fn change(&self, changes: &[Change], at: SystemTime) -> Result<(), TicketError> {
        if changes.is_empty() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut rows = file::read(&self.path)?;
        for change in changes {
            make(&mut rows, change, at)?;
        }
        file::write(&self.path, &rows)
    }

    fn import(&self, lines: &str) -> Result<(), TicketError> {
        let _lock = self.lock()?;
        let mut rows = file::read(&self.path)?;
        for (n, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let row = Row::read(line).map_err(|reason| TicketError::Damaged {
                path: "the imported lines".into(),
                line: n + 1,
                reason,
            })?;
            match rows.iter_mut().find(|known| known.id() == row.id()) {
                Some(known) if known.updated_at() < row.updated_at() => *known = row,
                Some(_) => {}
                None => rows.push(row),
            }
        }
        file::write(&self.path, &rows)
    }

    fn lines(&self) -> Result<Vec<String>, TicketError> {
        let rows = file::read(&self.path)?;
        Ok(rows.iter().filter(|row| row.key().is_some()).map(Row::line).collect())
    }
}

fn make(rows: &mut Vec<Row>, change: &Change, at: SystemTime) -> Result<(), TicketError> {
    if let Change::Create { ticket, origin } = change
        && !rows.iter().any(|row| row.key() == Some(&ticket.key))
    {
        rows.push(Row::new(ticket, origin, at));
    }
    let Some(id) = change.id() else { return Ok(()) };
    let row = rows.iter_mut().find(|row| row.id() == id);
    row.ok_or_else(|| TicketError::NotFound { id: id.to_owned() })?
        .apply(change, at);
    Ok(())
}
