//! Reading a journal: its longest valid prefix, record by record, and where and why it ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::{MAGIC, frame_digest};
use crate::checkpoint::envelope::{self, Envelope, LONGEST_LINE};
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::format::{VERSION, v1};
use crate::checkpoint::record::Record;

/// What a journal holds.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Sequence of its first record, where there is one.
    pub(crate) first: Option<u64>,
    /// Sequence of the last valid record; 0 where there is none.
    pub(crate) last: u64,
    /// Valid records.
    pub(crate) records: u64,
    /// Length of the valid prefix, its first line included.
    pub(crate) valid_bytes: u64,
    /// Length of the file.
    pub(crate) bytes: u64,
    /// Why the prefix ends before the file does.
    pub(crate) damage: Option<Damage>,
}

/// Where a journal stops being valid, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Offset of the first byte that cannot be used.
    pub(crate) offset: u64,
    /// What is wrong there.
    pub(crate) reason: String,
}

/// Reads a journal and hands on each valid record with its sequence.
pub(crate) fn scan(path: &Path, mut hear: impl FnMut(u64, Record)) -> Result<Scan, CheckpointError> {
    let read = |e| CheckpointError::io("read", path, e);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Ok(Scan {
                damage: Some(Damage {
                    offset: 0,
                    reason: "it is missing".to_owned(),
                }),
                ..Scan::default()
            });
        }
        Err(e) => return Err(read(e)),
    };
    let mut scan = Scan {
        bytes: file.metadata().map_err(read)?.len(),
        ..Scan::default()
    };
    let mut lines = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    (&mut lines)
        .take(LONGEST_LINE as u64)
        .read_until(b'\n', &mut line)
        .map_err(read)?;
    let envelope = match Envelope::read(MAGIC, &line) {
        Ok(envelope) => envelope,
        Err(reason) => {
            scan.damage = Some(Damage { offset: 0, reason });
            return Ok(scan);
        }
    };
    envelope::refuse_newer(envelope.version, VERSION, path)?;
    let (run_id, first) = match (envelope.field("run"), envelope.field("first")) {
        (Some(run), Some(first)) => (run, first.parse().unwrap_or(1)),
        _ => ("", 1),
    };
    scan.valid_bytes = envelope.line_bytes as u64;
    let mut next: u64 = first;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).map_err(read)? == 0 {
            return Ok(scan);
        }
        match parse(&line, run_id, next) {
            Ok((version, payload)) => {
                envelope::refuse_newer(version, VERSION, path)?;
                // The digest is right, so this is no damage, and must not be cut off as such.
                let foreign = |reason| CheckpointError::foreign(path, format!("record {next}: {reason}"));
                hear(next, v1::decode_record(payload).map_err(foreign)?);
            }
            Err(reason) => {
                scan.damage = Some(scan.damage_here(reason));
                return Ok(scan);
            }
        }
        scan.first.get_or_insert(next);
        scan.last = next;
        scan.records += 1;
        scan.valid_bytes += line.len() as u64;
        next += 1;
    }
}

impl Scan {
    fn damage_here(&self, reason: impl Into<String>) -> Damage {
        Damage {
            offset: self.valid_bytes,
            reason: reason.into(),
        }
    }
}

/// Version and payload of a line that is the frame expected next.
fn parse<'a>(line: &'a [u8], run_id: &str, expected: u64) -> Result<(u32, &'a [u8]), &'static str> {
    if line.last() != Some(&b'\n') {
        return Err("its last record is cut short");
    }
    let mut words = line.splitn(5, |&b| b == b' ');
    let mut word = || words.next().ok_or("a record is damaged");
    let version = number(word()?)?;
    let sequence = number(word()?)?;
    let bytes = number(word()?)?;
    let digest = word()?;
    let payload = word()?;
    let version = u32::try_from(version).map_err(|_| "a record is damaged")?;
    if payload.len() as u64 != bytes || frame_digest(run_id, version, sequence, payload).as_bytes() != digest {
        return Err("a record does not match its digest");
    }
    if sequence != expected {
        return Err("a record is missing");
    }
    Ok((version, payload))
}

/// A number in the one spelling that is written, so that no two lines mean the same frame.
fn number(word: &[u8]) -> Result<u64, &'static str> {
    let number: u64 = std::str::from_utf8(word)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or("a record is damaged")?;
    if number.to_string().as_bytes() == word {
        Ok(number)
    } else {
        Err("a record is damaged")
    }
}
