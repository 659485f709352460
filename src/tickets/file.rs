//! A file of rows in Beads' form: read whole, put in place whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::TicketError;
use super::row::Row;

/// The rows of a file; none where there is no file.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>, TicketError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(refused("read", path, e)),
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let row = Row::read(line).map_err(|reason| TicketError::Damaged {
            path: path.to_owned(),
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

/// Puts the file in place whole: readers see the old rows or the new ones.
pub(crate) fn write(path: &Path, rows: &[Row]) -> Result<(), TicketError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|e| refused("create", folder, e))?;
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.line());
        text.push('\n');
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let placed = write_flushed(&temporary, text.as_bytes())
        .map_err(|e| refused("write", &temporary, e))
        .and_then(|()| fs::rename(&temporary, path).map_err(|e| refused("rename a new file to", path, e)));
    if placed.is_err() {
        // Gives back the space of a half-written file.
        let _ = fs::remove_file(&temporary);
    }
    placed?;
    sync_folder(folder).map_err(|e| refused("flush the folder", folder, e))
}

pub(crate) fn refused(action: &'static str, path: &Path, source: io::Error) -> TicketError {
    TicketError::Io {
        action,
        path: path.to_owned(),
        source: Arc::new(source),
    }
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
