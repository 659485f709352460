//! The journal: one checked frame per record, appended and never changed.
//!
//! A frame is `VERSION SEQUENCE BYTES DIGEST PAYLOAD`, one line of text. The digest covers the run's id and the
//! frame's own words, so a frame that was lost, moved or taken from another run ends the valid prefix as surely as a
//! flipped bit. Frames keep this shape in all versions; only payloads change.

pub(crate) mod commit;
mod scan;

pub(crate) use scan::{Damage, Scan, scan};

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::envelope;
use super::error::CheckpointError;
use super::format::{VERSION, v1};
use super::record::{Record, RunHeader};

/// Name of the journal in a run's folder.
pub(crate) const FILE: &str = "journal";

const MAGIC: &str = "twinscribe-journal";

/// Hex digits of a frame's digest: 128 bits.
const DIGEST_DIGITS: usize = 32;

/// The text of one frame.
fn frame(run_id: &str, sequence: u64, payload: &[u8]) -> Vec<u8> {
    let digest = frame_digest(run_id, VERSION, sequence, payload);
    let mut frame = format!("{VERSION} {sequence} {} {digest} ", payload.len()).into_bytes();
    frame.extend_from_slice(payload);
    frame
}

/// The digest of one frame; `payload` ends with its line's end.
fn frame_digest(run_id: &str, version: u32, sequence: u64, payload: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{run_id} {version} {sequence} {}\n", payload.len()).as_bytes());
    hasher.update(payload);
    hasher.finalize().to_hex()[..DIGEST_DIGITS].to_owned()
}

/// A journal open for appending.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    run_id: String,
    disk: Disk,
    /// The sequence of the last record on disk.
    pub(crate) last: u64,
    /// Bytes that are whole and on disk.
    durable: u64,
    /// Why nothing can be appended any more.
    broken: Option<CheckpointError>,
}

impl Journal {
    /// The bytes of a new journal whose first records have the sequences from `first` on.
    pub(crate) fn begin(
        run_id: &str,
        first: u64,
        header: &RunHeader,
        further: &[Record],
    ) -> Result<Vec<u8>, CheckpointError> {
        let fields = [("run", run_id.to_owned()), ("first", first.to_string())];
        let mut bytes = envelope::seal(MAGIC, VERSION, &fields, b"");
        let opening = Record::HeaderChanged(Box::new(header.clone()));
        for (sequence, record) in (first..).zip(std::iter::once(&opening).chain(further)) {
            bytes.extend(frame(run_id, sequence, &v1::encode_record(record)?));
        }
        Ok(bytes)
    }

    /// Opens a journal that is whole up to its end, `durable` bytes, and whose last record is `last`.
    pub(crate) fn open(
        path: &Path,
        run_id: &str,
        last: u64,
        durable: u64,
        disk: &Disk,
    ) -> Result<Self, CheckpointError> {
        Ok(Self {
            file: disk.append_to(path)?,
            path: path.to_owned(),
            run_id: run_id.to_owned(),
            disk: disk.clone(),
            last,
            durable,
            broken: None,
        })
    }

    /// Appends payloads as records and flushes once. After a failure nothing is appended any more: a flush that has
    /// failed says nothing about the next one, so only a new process that reads the file back may go on.
    pub(crate) fn append<'a>(&mut self, payloads: impl IntoIterator<Item = &'a [u8]>) -> Result<u64, CheckpointError> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let mut bytes = Vec::new();
        let mut last = self.last;
        for payload in payloads {
            last += 1;
            bytes.extend(frame(&self.run_id, last, payload));
        }
        let Self { file, path, disk, .. } = self;
        let written = disk
            .step("append to", path, || file.write_all(&bytes))
            .and_then(|()| disk.step("flush", path, || file.sync_data()));
        if let Err(error) = written {
            // What was written of it was never acknowledged; if it cannot be cut off, the next reader will.
            let _ = self.file.set_len(self.durable);
            self.broken = Some(error.clone());
            return Err(error);
        }
        self.last = last;
        self.durable += bytes.len() as u64;
        Ok(last)
    }
}
