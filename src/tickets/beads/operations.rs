//! Changes as commands: how a row that is there becomes the row it should be.

use serde_json::Value as Json;

use super::Beads;
use crate::tickets::TicketError;
use crate::tickets::row::Row;

/// Gives the commands that make one row the other. What this program notes for itself goes first: a command that is
/// lost after it is given again the next time, a comment that is given twice would be read twice.
pub(super) fn make(beads: &Beads, before: &Row, after: &Row) -> Result<(), TicketError> {
    let id = before.id();
    if before.metadata_json() != after.metadata_json() {
        note(beads, id, &after.metadata_json())?;
    }
    let closed = |row: &Row| row.word("status") == Some("closed");
    match (closed(before), closed(after)) {
        (_, true) if closed_for(before) != closed_for(after) || !closed(before) => {
            let done = beads.ask(&["close", id, "-r", closed_for(after)], None)?;
            if done.is_empty() {
                return Err(beads.misread(format!("it did not close {id}")));
            }
        }
        (true, false) => drop(beads.ask(&["update", id, "--status", "open"], None)?),
        _ => {}
    }
    for comment in after.comments().iter().skip(before.comments().len()) {
        let text = comment.get("text").and_then(Json::as_str).unwrap_or_default();
        beads.ask(&["comment", id, text], None)?;
    }
    Ok(())
}

fn closed_for(row: &Row) -> &str {
    row.word("close_reason").unwrap_or_default()
}

/// Writes the metadata by way of a file: it may be longer than a command line.
fn note(beads: &Beads, id: &str, metadata: &Json) -> Result<(), TicketError> {
    let file = tempfile::NamedTempFile::new()
        .and_then(|mut file| {
            std::io::Write::write_all(&mut file, metadata.to_string().as_bytes())?;
            Ok(file)
        })
        .map_err(|e| beads.misread(format!("its input cannot be written: {e}")))?;
    let named = format!("@{}", file.path().display());
    beads.ask(&["update", id, "--metadata", &named], None).map(drop)
}
