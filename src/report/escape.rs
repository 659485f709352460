//! Making text from a repository harmless: it may hold control characters, terminal sequences, or characters that
//! turn the direction of text around and so show something else than what is there.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could move the cursor, colour the terminal, hide text or turn it around.
fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text that can be shown on a terminal: dangerous characters become `\u{…}`; line ends and tabs stay.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_dangerous(c) {
            _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// The same for a place where only one line may be: line ends and tabs become spaces.
pub fn for_line(text: &str) -> Cow<'_, str> {
    match for_terminal(text) {
        safe if safe.contains(['\n', '\t']) => Cow::Owned(safe.replace(['\n', '\t'], " ")),
        safe => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_untouched() {
        assert!(matches!(for_terminal("naïve\n\tçode 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn terminal_sequences_and_turned_text_are_shown_as_what_they_are() {
        assert_eq!(for_terminal("\u{1b}[31mred\r"), "\\u{1b}[31mred\\u{d}");
        assert_eq!(
            for_terminal("a\u{202e}b\u{2066}c\u{9b}"),
            "a\\u{202e}b\\u{2066}c\\u{9b}"
        );
    }

    #[test]
    fn a_line_has_no_line_ends() {
        assert_eq!(for_line("a\nb\tc"), "a b c");
    }
}
