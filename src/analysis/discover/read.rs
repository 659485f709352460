//! One file: its bytes, their hash and its text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::decode;
use crate::model::facts::{Problem, ProblemKind};

/// What a file holds.
#[derive(Debug)]
pub(super) struct Content {
    /// Size in bytes.
    pub(super) bytes: u64,
    /// The text, where there is no problem.
    pub(super) text: Option<Arc<str>>,
    /// Hash of the bytes; 0 where they were not read.
    pub(super) hash: u64,
    /// Why there is no text.
    pub(super) problem: Option<Problem>,
}

/// Reads the file at `path` below `root`, where it is no larger than `max_bytes`.
pub(super) fn read(root: &Path, path: &str, max_bytes: u64) -> Content {
    let mut content = Content {
        bytes: 0,
        text: None,
        hash: 0,
        problem: None,
    };
    match bytes(&root.join(path), max_bytes) {
        Ok(Bytes::TooMany(size)) => {
            content.bytes = size;
            let message = format!("{size} bytes, more than the {max_bytes} allowed; skipped");
            content.problem = Some(problem(path, None, ProblemKind::TooLarge, message));
        }
        Ok(Bytes::All(bytes)) => {
            content.bytes = bytes.len() as u64;
            content.hash = hash(&bytes);
            match decode::decode(bytes) {
                Ok(text) => content.text = Some(lines_as_python_counts_them(text).into()),
                Err(error) => {
                    let message = format!("{}; skipped", error.message);
                    content.problem = Some(problem(path, error.line, ProblemKind::Encoding, message));
                }
            }
        }
        Err(error) => {
            let message = format!("can't be read ({error}); skipped");
            content.problem = Some(problem(path, None, ProblemKind::Unreadable, message));
        }
    }
    content
}

/// The text with every lone carriage return, which ends a line in Python, as a line feed: same bytes, same lines.
fn lines_as_python_counts_them(text: String) -> String {
    let is_lone = |at: usize| text.as_bytes().get(at + 1) != Some(&b'\n');
    if !text.match_indices('\r').any(|(at, _)| is_lone(at)) {
        return text;
    }
    text.char_indices()
        .map(|(at, c)| if c == '\r' && is_lone(at) { '\n' } else { c })
        .collect()
}

enum Bytes {
    All(Vec<u8>),
    TooMany(u64),
}

fn bytes(place: &Path, max: u64) -> io::Result<Bytes> {
    let file = File::open(place)?;
    let size = file.metadata()?.len();
    if size > max {
        return Ok(Bytes::TooMany(size));
    }
    // A file may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let read = file.take(max.saturating_add(1)).read_to_end(&mut bytes)? as u64;
    Ok(if read > max {
        Bytes::TooMany(read)
    } else {
        Bytes::All(bytes)
    })
}

/// The first 64 bits of BLAKE3, which no version of the program may change: saved states hold it.
fn hash(bytes: &[u8]) -> u64 {
    let digest = blake3::hash(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(first)
}

fn problem(path: &str, line: Option<u32>, kind: ProblemKind, message: String) -> Problem {
    Problem {
        path: path.into(),
        line,
        kind,
        message,
    }
}
