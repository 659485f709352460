//! Lines of a docstring with their indentation, and passages made of them.
//!
//! Indentation is counted in columns, a tab reaching to the next multiple of eight, as Python counts it.

use super::parsed::Passage;

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The line without indentation and trailing white space.
    pub(super) text: &'a str,
    /// Columns of indentation; 0 for a blank line.
    pub(super) indent: usize,
}

impl Line<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// Splits a docstring into lines.
pub(super) fn split(text: &str) -> Vec<Line<'_>> {
    text.split('\n')
        .map(|raw| {
            let mut indent = 0;
            let mut rest = raw;
            while let Some(first) = rest.as_bytes().first() {
                match first {
                    b' ' => indent += 1,
                    b'\t' => indent = indent / 8 * 8 + 8,
                    _ => break,
                }
                rest = &rest[1..];
            }
            let text = rest.trim();
            Line {
                text,
                indent: if text.is_empty() { 0 } else { indent },
            }
        })
        .collect()
}

/// The lines as one text without the indentation they share and without blank lines around; none where all are
/// blank. `first` is the position of `lines[0]` in the docstring.
pub(super) fn passage(lines: &[Line<'_>], first: usize) -> Option<Passage> {
    let start = lines.iter().position(|l| !l.is_blank())?;
    Some(Passage {
        text: join(None, &lines[start..]),
        line: offset(first + start),
    })
}

/// A text that begins in the middle of a line and goes on over `rest`, whose shared indentation is dropped.
pub(super) fn join(head: Option<&str>, rest: &[Line<'_>]) -> String {
    let end = rest.iter().rposition(|l| !l.is_blank()).map_or(0, |last| last + 1);
    let rest = &rest[..end];
    let base = rest
        .iter()
        .filter(|l| !l.is_blank())
        .map(|l| l.indent)
        .min()
        .unwrap_or(0);
    let mut out = String::new();
    let head = head.map(str::trim).filter(|h| !h.is_empty());
    if let Some(head) = head {
        out.push_str(head);
    }
    let rest = match head {
        Some(_) => rest,
        None => &rest[rest.iter().position(|l| !l.is_blank()).unwrap_or(0)..],
    };
    for (i, line) in rest.iter().enumerate() {
        if i > 0 || head.is_some() {
            out.push('\n');
        }
        if !line.is_blank() {
            out.extend(std::iter::repeat_n(' ', line.indent - base));
            out.push_str(line.text);
        }
    }
    out
}

/// A position among the lines as an offset in the docstring.
pub(super) fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
