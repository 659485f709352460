//! Small forms that several commands print: tables, shell commands, times.

use std::fmt::Write as _;
use std::path::Path;
use std::time::SystemTime;

use crate::config::Config;
use crate::report::escape::for_line;
use crate::report::paint::Paint;

/// A table for a terminal: columns as wide as their widest cell, the last one free.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], paint: Paint) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(for_line(cell).chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (i, (cell, width)) in cells.zip(&widths).enumerate() {
            let cell = for_line(cell);
            if i + 1 == widths.len() {
                text.push_str(&cell);
            } else {
                _ = write!(text, "{cell:width$}  ");
            }
        }
        text.trim_end().to_owned()
    };
    let mut text = paint.strong(&line(&mut head.iter().copied())) + "\n";
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
        text.push('\n');
    }
    text
}

/// A path as a POSIX shell takes it.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The flag that names the checkpoint folder, where it is not the default.
pub(crate) fn place(config: &Config) -> String {
    if config.checkpoints.dir == Config::default().checkpoints.dir {
        String::new()
    } else {
        format!(" --checkpoint-dir {}", shell_word(&config.checkpoints.dir))
    }
}

/// A time as RFC 3339, to the second.
pub(crate) fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_repository_text_is_harmless() {
        let rows = [
            vec!["a".to_owned(), "long cell".to_owned(), "x".to_owned()],
            vec!["\u{1b}[0m".to_owned(), String::new(), String::new()],
        ];
        insta::assert_snapshot!(table(&["id", "what", "n"], &rows, Paint::PLAIN), @r"
        id         what       n
        a          long cell  x
        \u{1b}[0m
        ");
    }

    #[test]
    fn words_with_spaces_and_quotes_survive_a_shell() {
        assert_eq!(shell_word(Path::new("a/b-c.d")), "a/b-c.d");
        assert_eq!(shell_word(Path::new("it's here")), "'it'\\''s here'");
    }
}
