//! What only Python 2 reads, and the parser takes all the same: backticks, `<>`, `0777`, `10L`, `ur""`,
//! `raise E, "x"`, `except E, e:`, `def f((a, b))`.
//!
//! A scan of the text's tokens, no parse. It ends at the first f-string, which no Python 2 file has. From Python 3.14
//! on `except A, B:` catches both; it is old where the file knows no `B`.

use super::parse::ir::{ModuleIr, Op};
use super::points_to::library;

/// The first place that is Python 2: its line, counted from 1, and what stands there.
pub(super) fn first(text: &str, ir: &ModuleIr) -> Option<(u32, &'static str)> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        depth: 0,
        previous: b'\n',
        begins: true,
        statement: Statement::Other,
        is_class: &|name| is_class(name, ir),
    };
    while scan.at < scan.bytes.len() {
        match scan.token() {
            Token::Plain => {}
            Token::Old(line, what) => return Some((line, what)),
            Token::New => return None,
        }
    }
    None
}

/// Whether a name after `except A,` may be a second class to catch rather than the variable of Python 2.
fn is_class(name: &str, ir: &ModuleIr) -> bool {
    let binds = |scope: &super::parse::ir::Scope| {
        let mut names = scope.bound.keys();
        names.any(|&sym| &*ir.names[sym as usize] == name)
    };
    let has_star = || ir.ops.iter().any(|op| matches!(op, Op::ImportStar { .. }));
    library::is_builtin_type(name)
        || ir.scopes.first().is_some_and(binds)
        || name.starts_with(char::is_uppercase) && (ir.scopes.iter().any(binds) || has_star())
}

enum Token {
    Plain,
    /// Something that only Python 2 reads, with its line.
    Old(u32, &'static str),
    /// Something that Python 2 cannot read.
    New,
}

enum Statement {
    Other,
    Raise,
    Def,
    /// Its line, commas seen outside of brackets, and where the text after the last one begins.
    Except {
        line: u32,
        commas: usize,
        after: usize,
    },
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    /// Open brackets.
    depth: usize,
    /// The last byte that was neither blank nor comment; any letter for a name or number.
    previous: u8,
    /// Whether a statement begins here.
    begins: bool,
    statement: Statement,
    is_class: &'a dyn Fn(&str) -> bool,
}

impl Scan<'_> {
    /// Steps over one token.
    fn token(&mut self) -> Token {
        let byte = self.bytes[self.at];
        let begins = std::mem::replace(&mut self.begins, false);
        match byte {
            b' ' | b'\t' | b'\x0c' | b'\r' => {
                self.begins = begins;
                self.at += 1;
            }
            b'\n' => {
                self.line += 1;
                self.at += 1;
                if self.depth == 0 {
                    self.begin();
                }
            }
            b'#' => {
                self.begins = begins;
                self.at = self.find_newline();
            }
            b'\\' => {
                self.line += u32::from(self.bytes.get(self.at + 1) == Some(&b'\n'));
                self.begins = begins;
                self.at += 2;
            }
            b'\'' | b'"' => self.string(),
            b'`' => return Token::Old(self.line, "backticks"),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'>') => return Token::Old(self.line, "`<>`"),
            b'0'..=b'9' => return self.number(),
            b'.' if self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit) => return self.number(),
            _ if is_name(byte) => return self.word(begins),
            _ => return self.sign(byte),
        }
        Token::Plain
    }

    fn begin(&mut self) {
        self.begins = true;
        self.statement = Statement::Other;
    }

    fn find_newline(&self) -> usize {
        let rest = &self.bytes[self.at..];
        rest.iter()
            .position(|&b| b == b'\n')
            .map_or(self.bytes.len(), |n| self.at + n)
    }

    fn sign(&mut self, byte: u8) -> Token {
        self.at += 1;
        let previous = std::mem::replace(&mut self.previous, byte);
        match byte {
            b'(' if self.unpacks(previous) => return Token::Old(self.line, "`def f((a, b))`"),
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                if byte == b')' && self.depth == 0 && matches!(self.statement, Statement::Def) {
                    // What follows is the return annotation.
                    self.statement = Statement::Other;
                }
            }
            b',' if self.depth == 0 => match &mut self.statement {
                Statement::Raise => return Token::Old(self.line, "`raise E, value`"),
                Statement::Except { commas, after, .. } => {
                    *commas += 1;
                    *after = self.at;
                }
                Statement::Def | Statement::Other => {}
            },
            b':' if self.depth == 0 => {
                let old = self.catches_old();
                self.begin();
                if let Some(line) = old {
                    return Token::Old(line, "`except E, name`");
                }
            }
            b';' if self.depth == 0 => self.begin(),
            _ => {}
        }
        Token::Plain
    }

    /// Whether a bracket that opens after this byte is a parameter to be unpacked.
    fn unpacks(&self, previous: u8) -> bool {
        let in_def = matches!(self.statement, Statement::Def) && self.depth == 1;
        in_def && matches!(previous, b'(' | b',')
    }

    /// The line of the `except` that ends before here, if it binds what it catches as Python 2 does.
    fn catches_old(&self) -> Option<u32> {
        let Statement::Except { line, commas: 1, after } = self.statement else {
            return None;
        };
        let name = std::str::from_utf8(&self.bytes[after..self.at - 1]).unwrap_or("");
        let name = name.trim_matches([' ', '\t', '\\', '\n', '\r']);
        let is_plain = !name.is_empty() && name.bytes().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit());
        (is_plain && !(self.is_class)(name)).then_some(line)
    }

    /// A name, a keyword, or the prefix of a string.
    fn word(&mut self, begins: bool) -> Token {
        let start = self.at;
        while self.bytes.get(self.at).copied().is_some_and(is_name) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        if matches!(self.bytes.get(self.at), Some(b'\'' | b'"')) {
            match word.to_ascii_lowercase().as_slice() {
                b"ur" => return Token::Old(self.line, "`ur\"\"`"),
                b"f" | b"fr" | b"rf" | b"t" | b"tr" | b"rt" => return Token::New,
                _ => {}
            }
        }
        self.previous = b'a';
        if begins {
            self.statement = match word {
                b"raise" => Statement::Raise,
                b"def" => Statement::Def,
                b"except" => Statement::Except {
                    line: self.line,
                    commas: 0,
                    after: self.at,
                },
                _ => Statement::Other,
            };
        }
        Token::Plain
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        self.previous = b'a';
        while let Some(&byte) = self.bytes.get(self.at) {
            let in_exponent = matches!(byte, b'+' | b'-') && matches!(self.bytes[self.at - 1], b'e' | b'E');
            if !(is_name(byte) || byte == b'.' || in_exponent && self.at > start) {
                break;
            }
            self.at += 1;
        }
        let number = &self.bytes[start..self.at];
        let is_digits = |digits: &[u8]| digits.iter().all(|b| b.is_ascii_digit() || *b == b'_');
        if let Some(long) = number.strip_suffix(b"L").or(number.strip_suffix(b"l")) {
            let hex = long.strip_prefix(b"0x").or(long.strip_prefix(b"0X"));
            if is_digits(long) || hex.is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) {
                return Token::Old(self.line, "`10L`");
            }
        }
        let is_octal = number.starts_with(b"0") && is_digits(number) && number.iter().any(|b| matches!(b, b'1'..=b'9'));
        if is_octal {
            Token::Old(self.line, "`0777`")
        } else {
            Token::Plain
        }
    }

    /// Steps over a string; one that does not end stops at the end of its line, or of the text.
    fn string(&mut self) {
        self.previous = b'a';
        let quote = self.bytes[self.at];
        let triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        let closing: &[u8] = if triple { &[quote; 3] } else { &[quote] };
        self.at += closing.len();
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.bytes[self.at..].starts_with(closing) {
                self.at += closing.len();
                return;
            }
            match byte {
                b'\\' => {
                    self.line += u32::from(self.bytes.get(self.at + 1) == Some(&b'\n'));
                    self.at += 2;
                }
                b'\n' if !triple => return,
                _ => {
                    self.line += u32::from(byte == b'\n');
                    self.at += 1;
                }
            }
        }
    }
}

/// Letters of names; what is not ASCII counts as one.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
