//! Streams of events: server-sent events, and JSON by the line.

use serde_json::Value;

use super::error::{ErrorKind, LlmError};
use super::http::Answer;

/// Bytes of one line at most.
const LONGEST_LINE: usize = 4 << 20;

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// `data: …` lines with an empty one between events.
    ServerSent,
    /// One JSON value per line.
    Lines,
}

/// Reads events one by one.
#[derive(Debug)]
pub(super) struct Events<'a> {
    answer: &'a mut Answer,
    framing: Framing,
    buffer: Lines,
    data: String,
    ended: bool,
}

impl<'a> Events<'a> {
    pub(super) fn of(answer: &'a mut Answer, framing: Framing) -> Self {
        Self {
            answer,
            framing,
            buffer: Lines::default(),
            data: String::new(),
            ended: false,
        }
    }

    /// The next event; none at the end of the stream.
    pub(super) async fn next(&mut self) -> Result<Option<Value>, LlmError> {
        loop {
            while let Some(line) = self.buffer.next_line() {
                if let Some(event) = self.take(&line)? {
                    return Ok(Some(event));
                }
            }
            if self.ended {
                return Ok(None);
            }
            match self.answer.chunk().await? {
                Some(bytes) => self.buffer.push(&bytes)?,
                None => {
                    // What has no line break behind it is a line all the same.
                    self.buffer.push(b"\n\n")?;
                    self.ended = true;
                }
            }
        }
    }

    fn take(&mut self, line: &str) -> Result<Option<Value>, LlmError> {
        let data = match self.framing {
            Framing::Lines => line.to_owned(),
            Framing::ServerSent => match line.strip_prefix("data:") {
                Some(data) => {
                    if !self.data.is_empty() {
                        self.data.push('\n');
                    }
                    self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
                    return Ok(None);
                }
                None if line.is_empty() => std::mem::take(&mut self.data),
                None => return Ok(None),
            },
        };
        match data.trim() {
            "" | "[DONE]" => Ok(None),
            data => serde_json::from_str(data).map(Some).map_err(|error| {
                LlmError::new(ErrorKind::Malformed, format!("an event is no JSON: {error}")).after_acceptance()
            }),
        }
    }
}

/// Bytes cut into lines.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
    /// What of them has been given out.
    taken: usize,
    /// Up to where there is no line break.
    searched: usize,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), LlmError> {
        self.bytes.drain(..self.taken);
        self.searched -= self.taken;
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > LONGEST_LINE && !self.bytes.contains(&b'\n') {
            return Err(LlmError::new(ErrorKind::TooLarge, "an event has no end").after_acceptance());
        }
        Ok(())
    }

    fn next_line(&mut self) -> Option<String> {
        let Some(end) = self.bytes[self.searched..].iter().position(|&b| b == b'\n') else {
            self.searched = self.bytes.len();
            return None;
        };
        let end = self.searched + end;
        let line = self.bytes[self.taken..end]
            .strip_suffix(b"\r")
            .unwrap_or(&self.bytes[self.taken..end]);
        let line = String::from_utf8_lossy(line).into_owned();
        self.taken = end + 1;
        self.searched = end + 1;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_the_bytes_are_cut() {
        let text = "data: ä\r\n\ndata: b\n\nlast\n";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                lines.push(piece).unwrap();
                while let Some(line) = lines.next_line() {
                    found.push(line);
                }
            }
            assert_eq!(found, ["data: ä", "", "data: b", "", "last"], "{size}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut lines = Lines::default();
        let piece = vec![b'x'; 1 << 20];
        let given_up = (0..8).any(|_| {
            let failed = lines.push(&piece).is_err();
            while lines.next_line().is_some() {}
            failed
        });
        assert!(given_up);
    }
}
