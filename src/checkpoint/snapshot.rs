//! Snapshots: the whole state of a run in one file, in place whole or not at all.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::envelope::{self, Envelope, LONGEST_LINE};
use super::error::CheckpointError;
use super::format::{VERSION, v1};
use super::id::Stamp;
use super::record::RunHeader;
use crate::model::run::{Phase, RunState};

const MAGIC: &str = "twinscribe-checkpoint";

/// What can be said of a checkpoint without reading all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointSummary {
    /// Its id.
    pub id: String,
    /// The id of its run.
    pub run_id: String,
    /// When it was saved.
    pub created_at: Option<SystemTime>,
    /// The phase of the run.
    pub phase: Option<Phase>,
    /// The iteration of the run.
    pub iteration: Option<u32>,
    /// Records of the journal that were on disk before it.
    pub sequence: Option<u64>,
    /// Its size.
    pub bytes: u64,
    /// Whether it can be used.
    pub health: Health,
}

/// Whether a file can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing is wrong with what was looked at.
    Whole,
    /// It is not what was written, as a sentence without a full stop.
    Damaged(String),
    /// A newer program wrote it, in this format version.
    TooNew(u32),
    /// It is whole and holds what this program does not know, as a fragment.
    Foreign(String),
}

/// A snapshot as read.
pub(crate) struct Snapshot {
    pub(crate) id: String,
    pub(crate) sequence: u64,
    pub(crate) header: RunHeader,
    pub(crate) state: RunState,
}

/// The bytes of a snapshot.
pub(crate) fn sealed(
    at: SystemTime,
    sequence: u64,
    header: &RunHeader,
    state: &RunState,
) -> Result<Vec<u8>, CheckpointError> {
    let at = humantime::format_rfc3339_millis(v1::sayable(at)).to_string();
    let fields = [
        ("sequence", sequence.to_string()),
        ("at", at),
        ("phase", v1::phase_word(state.phase)),
        ("iteration", state.iteration.to_string()),
    ];
    let payload = v1::encode_snapshot(header, state)?;
    Ok(envelope::seal(MAGIC, VERSION, &fields, &payload))
}

/// The snapshots of a run, oldest first.
pub(crate) fn stamps(folder: &Path) -> Result<Vec<Stamp>, CheckpointError> {
    let read = |e| CheckpointError::io("list", folder, e);
    let mut stamps = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let name = entry.map_err(read)?.file_name();
        stamps.extend(name.to_str().and_then(Stamp::of_checkpoint));
    }
    stamps.sort();
    Ok(stamps)
}

/// The snapshots of a run with what their first lines say, in the order in which they were made.
///
/// The order is that of their place in the journal, because a clock may have been set back between two of them.
pub(crate) fn summaries(folder: &Path, run_id: &str) -> Result<Vec<CheckpointSummary>, CheckpointError> {
    let mut all = stamps(folder)?
        .into_iter()
        .map(|stamp| summary(&folder.join(stamp.id()), stamp.id(), run_id))
        .collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(|summary| summary.sequence);
    Ok(all)
}

fn summary(path: &Path, id: String, run_id: &str) -> Result<CheckpointSummary, CheckpointError> {
    let (start, bytes) = start_of(path).map_err(|e| CheckpointError::io("read", path, e))?;
    let mut summary = CheckpointSummary {
        id,
        run_id: run_id.to_owned(),
        created_at: None,
        phase: None,
        iteration: None,
        sequence: None,
        bytes,
        health: Health::Whole,
    };
    let envelope = match Envelope::read(MAGIC, &start) {
        Ok(envelope) => envelope,
        Err(reason) => {
            summary.health = Health::Damaged(reason);
            return Ok(summary);
        }
    };
    let field = |key| envelope.field(key);
    summary.created_at = field("at").and_then(|text| humantime::parse_rfc3339(text).ok());
    summary.phase = field("phase").and_then(v1::phase);
    summary.iteration = field("iteration").and_then(|text| text.parse().ok());
    summary.sequence = field("sequence").and_then(|text| text.parse().ok());
    if envelope.version > VERSION {
        summary.health = Health::TooNew(envelope.version);
    } else if envelope.file_bytes() != bytes {
        summary.health = Health::Damaged(format!(
            "it has {bytes} bytes where its first line says {}",
            envelope.file_bytes()
        ));
    }
    Ok(summary)
}

fn start_of(path: &Path) -> std::io::Result<(Vec<u8>, u64)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut start = Vec::new();
    file.take(LONGEST_LINE as u64).read_to_end(&mut start)?;
    Ok((start, bytes))
}

/// Reads a snapshot whole.
pub(crate) fn read(path: &Path, id: &str) -> Result<Snapshot, CheckpointError> {
    let bytes = fs::read(path).map_err(|e| CheckpointError::io("read", path, e))?;
    let (envelope, payload) = envelope::open(MAGIC, VERSION, path, &bytes)?;
    let damaged = |reason: String| CheckpointError::damaged(path, reason);
    let sequence = envelope
        .field("sequence")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| damaged("its first line does not say where in the journal it was made".into()))?;
    let (header, state) = v1::decode_snapshot(payload).map_err(|reason| CheckpointError::foreign(path, reason))?;
    Ok(Snapshot {
        id: id.to_owned(),
        sequence,
        header,
        state,
    })
}

/// Removes the oldest snapshots of a run until `most` whole ones are left; the newest stays whatever `most` says, and
/// so do damaged ones newer than what is kept, because whoever looks for the damage needs them.
pub(crate) fn prune(folder: &Path, run_id: &str, newest: &str, most: usize) -> Result<(), CheckpointError> {
    let all = summaries(folder, run_id)?;
    let mut whole = 0;
    let mut doomed: Vec<PathBuf> = Vec::new();
    for summary in all.iter().rev() {
        if whole >= most.max(1) && summary.id != newest {
            doomed.push(folder.join(&summary.id));
        } else if summary.health == Health::Whole {
            whole += 1;
        }
    }
    for path in doomed {
        fs::remove_file(&path).map_err(|e| CheckpointError::io("remove", &path, e))?;
    }
    Ok(())
}
