//! The embedded store: `tickets.jsonl` in the checkpoint folder, in Beads' own form.
//!
//! The file is read anew each time, because people and trackers write to it as well, and is put in place whole.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

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

    fn rows(&self) -> Result<Vec<Row>, TicketError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(refused("read", &self.path, e)),
        };
        let mut rows: Vec<Row> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let row = Row::read(line).map_err(|reason| TicketError::Damaged {
                path: self.path.clone(),
                line: n + 1,
                reason,
            })?;
            // Of two rows with one id the later change stays, as in Beads.
            match places.get(row.id()) {
                Some(&place) if row.updated_at() >= rows[place].updated_at() => rows[place] = row,
                Some(_) => {}
                None => {
                    if !row.id().is_empty() {
                        places.insert(row.id().to_owned(), rows.len());
                    }
                    rows.push(row);
                }
            }
        }
        Ok(rows)
    }

    /// Puts the file in place whole: readers see the old tickets or the new ones.
    fn write(&self, rows: &[Row]) -> Result<(), TicketError> {
        let mut text = String::new();
        for row in rows {
            text.push_str(&row.line());
            text.push('\n');
        }
        let temporary = self.path.with_file_name(format!(".{FILE}.tmp"));
        let placed = write_flushed(&temporary, text.as_bytes())
            .map_err(|e| refused("write", &temporary, e))
            .and_then(|()| {
                fs::rename(&temporary, &self.path).map_err(|e| refused("rename a new file to", &self.path, e))
            });
        if placed.is_err() {
            // Gives back the space of a half-written file.
            let _ = fs::remove_file(&temporary);
        }
        placed?;
        sync_folder(self.folder()).map_err(|e| refused("flush the folder", self.folder(), e))
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

fn refused(action: &'static str, path: &Path, source: io::Error) -> TicketError {
    TicketError::Io {
        action,
        path: path.to_owned(),
        source: Arc::new(source),
    }
}

impl TicketStore for EmbeddedStore {
    fn filed(&self) -> Result<Vec<Filed>, TicketError> {
        let rows = self.rows()?;
        // Rows were checked when they were read.
        Ok(rows.iter().filter_map(|row| row.filed().ok().flatten()).collect())
    }

    fn change(&self, changes: &[Change], at: SystemTime) -> Result<(), TicketError> {
        if changes.is_empty() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut rows = self.rows()?;
        for change in changes {
            make(&mut rows, change, at)?;
        }
        self.write(&rows)
    }
}

fn make(rows: &mut Vec<Row>, change: &Change, at: SystemTime) -> Result<(), TicketError> {
    let id = match change {
        Change::Create { ticket, origin } => {
            if !rows.iter().any(|row| row.key() == Some(&ticket.key)) {
                rows.push(Row::new(ticket, origin, at));
            }
            return Ok(());
        }
        Change::Refresh(ticket) | Change::Reopen { ticket, .. } => &ticket.id,
        Change::Answer { id, .. }
        | Change::Apply { id }
        | Change::AskAgain { id }
        | Change::Expire { id }
        | Change::Withdraw { id } => id,
    };
    let row = rows.iter_mut().find(|row| row.id() == id);
    row.ok_or_else(|| TicketError::NotFound { id: id.clone() })?
        .apply(change, at);
    Ok(())
}

fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
