//! The envelope of every saved file: one readable line that says what follows, its length and its digest.
//!
//! `MAGIC VERSION key=value … bytes=N blake3=HEX check=HEX`, then the payload. The line keeps this shape in all
//! versions and checks itself, so a newer version and a damaged line are never mistaken for each other.

use std::path::Path;

use super::error::CheckpointError;

/// What the first line of a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// Format version of the payload.
    pub(crate) version: u32,
    /// Further words about the payload, in order.
    pub(crate) fields: Vec<(String, String)>,
    /// Length of the payload.
    bytes: u64,
    /// Digest of the payload, in hex.
    digest: String,
    /// Length of the line, its end included.
    pub(crate) line_bytes: usize,
}

/// The longest line that is taken for an envelope.
pub(crate) const LONGEST_LINE: usize = 2_048;

const CHECK_DIGITS: usize = 16;

/// Puts a payload into an envelope.
pub(crate) fn seal(magic: &str, version: u32, fields: &[(&str, String)], payload: &[u8]) -> Vec<u8> {
    let mut line = format!("{magic} {version}");
    for (key, value) in fields {
        debug_assert!(!value.contains([' ', '\n']), "fields are single words");
        line.push_str(&format!(" {key}={value}"));
    }
    let digest = blake3::hash(payload).to_hex();
    line.push_str(&format!(" bytes={} blake3={digest}", payload.len()));
    let check = check(&line);
    let mut sealed = format!("{line} check={check}\n").into_bytes();
    sealed.extend_from_slice(payload);
    sealed
}

fn check(line: &str) -> String {
    blake3::hash(line.as_bytes()).to_hex()[..CHECK_DIGITS].to_owned()
}

impl Envelope {
    /// Reads the line at the start of `bytes`, which may be cut off after the line.
    pub(crate) fn read(magic: &str, bytes: &[u8]) -> Result<Self, String> {
        let window = &bytes[..bytes.len().min(LONGEST_LINE)];
        let end = window
            .iter()
            .position(|&b| b == b'\n')
            .ok_or("its first line is cut short")?;
        let line = std::str::from_utf8(&window[..end]).map_err(|_| "its first line is not text")?;
        let (signed, found) = line.rsplit_once(" check=").ok_or("its first line has no check")?;
        if check(signed) != found {
            return Err("its first line is damaged".to_owned());
        }
        let words = signed
            .strip_prefix(magic)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or("it is another kind of file")?;
        Self::parse(words, end + 1).ok_or_else(|| "its first line is incomplete".to_owned())
    }

    fn parse(words: &str, line_bytes: usize) -> Option<Self> {
        let mut words = words.split(' ');
        let version = words.next()?.parse().ok()?;
        let mut fields = Vec::new();
        for word in words {
            let (key, value) = word.split_once('=')?;
            fields.push((key.to_owned(), value.to_owned()));
        }
        let digest = fields.pop().filter(|(key, _)| key == "blake3")?.1;
        let bytes = fields.pop().filter(|(key, _)| key == "bytes")?.1;
        Some(Self {
            version,
            fields,
            bytes: bytes.parse().ok()?,
            digest,
            line_bytes,
        })
    }

    /// The value of a field.
    pub(crate) fn field(&self, key: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }

    /// The length the whole file must have.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.line_bytes as u64 + self.bytes
    }

    /// The payload, where length and digest are right.
    pub(crate) fn payload<'a>(&self, file: &'a [u8]) -> Result<&'a [u8], String> {
        let payload = &file[self.line_bytes..];
        if payload.len() as u64 != self.bytes {
            return Err(format!(
                "it holds {} bytes where its first line says {}",
                payload.len(),
                self.bytes
            ));
        }
        if blake3::hash(payload).to_hex().as_str() != self.digest {
            return Err("its content does not match its digest".to_owned());
        }
        Ok(payload)
    }
}

/// Opens a whole file: envelope, version, payload.
pub(crate) fn open<'a>(
    magic: &str,
    supported: u32,
    path: &Path,
    file: &'a [u8],
) -> Result<(Envelope, &'a [u8]), CheckpointError> {
    let damaged = |reason| CheckpointError::damaged(path, reason);
    let envelope = Envelope::read(magic, file).map_err(damaged)?;
    refuse_newer(envelope.version, supported, path)?;
    let payload = envelope.payload(file).map_err(damaged)?;
    Ok((envelope, payload))
}

/// Refuses what a newer program wrote.
pub(crate) fn refuse_newer(version: u32, supported: u32, path: &Path) -> Result<(), CheckpointError> {
    if version > supported {
        return Err(CheckpointError::TooNew {
            path: path.to_owned(),
            version,
            supported,
        });
    }
    Ok(())
}
