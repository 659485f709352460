//! Default values as text: whether what an author calls the default is what the signature says.
//!
//! Only plain literals can exclude each other; a name, a call or `None` in the signature says nothing of the value that
//! the body ends up with.

use super::Relation;

/// How a claimed default stands to the one in the signature, both as text.
pub fn relate(claimed: &str, actual: &str) -> Relation {
    let (claimed, actual) = (unquote(claimed), actual.trim());
    if claimed.is_empty() {
        return Relation::Incomparable;
    }
    if squeeze(claimed) == squeeze(actual) {
        return Relation::Same;
    }
    let Some(truth) = Literal::parse(actual) else {
        return Relation::Incomparable;
    };
    if claimed.starts_with("empty ") || claimed.starts_with("an empty ") {
        return relate_empty(claimed, &truth);
    }
    match Literal::parse(claimed) {
        Some(claim) => claim.relate(&truth),
        // `utf-8` for `'utf-8'`, and `30 seconds` for `30`.
        None if truth == Literal::Text(claimed.to_owned()) => Relation::Same,
        None => match claimed.split_whitespace().next().and_then(Literal::parse) {
            Some(first @ Literal::Number(_)) if first == truth => Relation::Same,
            _ => Relation::Incomparable,
        },
    }
}

/// Whether a default as written is a plain literal: a number, a string, `True`, `False`, or a container of such.
pub fn is_plain(text: &str) -> bool {
    !matches!(Literal::parse(text.trim()), None | Some(Literal::None))
}

/// The text without the backticks and final dots of prose.
fn unquote(text: &str) -> &str {
    let mut text = text.trim().trim_end_matches([',', ';']).trim();
    if text.len() > 1 && text.starts_with('`') && text.ends_with('`') {
        text = text.trim_matches('`').trim();
    }
    // `1.` is a number: only what is none without its dot loses it.
    match text.strip_suffix('.') {
        Some(head) if !head.ends_with('.') && head.trim_matches('`').parse::<f64>().is_err() => unquote_once(head),
        _ => text,
    }
}

fn unquote_once(text: &str) -> &str {
    let text = text.trim();
    if text.len() > 1 && text.starts_with('`') && text.ends_with('`') {
        text.trim_matches('`').trim()
    } else {
        text
    }
}

fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == '"' { '\'' } else { c })
        .collect()
}

fn relate_empty(claimed: &str, truth: &Literal) -> Relation {
    let kind = claimed.trim_start_matches("an ").trim_start_matches("empty ").trim();
    let is = match (kind, truth) {
        ("string" | "str", Literal::Text(text)) => text.is_empty(),
        ("list", Literal::Container(text)) => text == "[]",
        ("tuple", Literal::Container(text)) => text == "()",
        ("dict" | "dictionary", Literal::Container(text)) => text == "{}",
        _ => false,
    };
    if is { Relation::Same } else { Relation::Incomparable }
}

/// A literal, normalised.
#[derive(Clone, Debug, PartialEq)]
enum Literal {
    None,
    Ellipsis,
    Bool(bool),
    Number(Number),
    Text(String),
    Bytes(String),
    /// Its tokens, normalised and without white space.
    Container(String),
}

impl Literal {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut scanner = Scanner { rest: text };
        if text.starts_with(['(', '[', '{']) {
            return scanner.container().map(Self::Container);
        }
        let literal = scanner.scalar()?;
        scanner.rest.trim().is_empty().then_some(literal)
    }

    /// Python's equality, where it is clear what is meant.
    fn relate(&self, truth: &Self) -> Relation {
        if self == truth {
            return Relation::Same;
        }
        match (self, truth) {
            // The body may replace these two.
            (_, Self::None | Self::Ellipsis) | (Self::Ellipsis, _) => Relation::Incomparable,
            // `0` and `False`, `1` and `True` are equal to Python.
            (Self::Bool(_), Self::Number(_)) | (Self::Number(_), Self::Bool(_)) => Relation::Incomparable,
            // A quoted number, or a bytes literal quoted as text, may be the author's way of writing it.
            (Self::Text(a), other) | (other, Self::Text(a)) if other.reads_like(a) => Relation::Incomparable,
            // Order and the sort of brackets are often written loosely.
            (Self::Container(a), Self::Container(b)) => {
                let same_sort = a.chars().next() == b.chars().next();
                if same_sort && !a.starts_with('{') {
                    Relation::Different
                } else {
                    Relation::Incomparable
                }
            }
            _ => Relation::Different,
        }
    }

    fn reads_like(&self, text: &str) -> bool {
        match self {
            Self::Bytes(bytes) => bytes == text,
            Self::Text(_) => false,
            other => Self::parse(text).as_ref() == Some(other),
        }
    }

    fn normal(&self) -> String {
        match self {
            Self::None => "None".into(),
            Self::Ellipsis => "...".into(),
            Self::Bool(value) => if *value { "True" } else { "False" }.into(),
            Self::Number(number) => number.normal(),
            Self::Text(text) => format!("s{text:?}"),
            Self::Bytes(text) => format!("b{text:?}"),
            Self::Container(text) => text.clone(),
        }
    }
}

/// A number, by value: `1e-3` is `0.001`, `0x10` is `16`.
#[derive(Clone, Debug)]
struct Number {
    whole: Option<i128>,
    float: f64,
    imaginary: bool,
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        if self.imaginary != other.imaginary {
            return false;
        }
        match (self.whole, other.whole) {
            (Some(a), Some(b)) => a == b,
            _ => self.float.to_bits() == other.float.to_bits() || self.float == other.float,
        }
    }
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let text = text.replace('_', "").to_ascii_lowercase();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text.trim_start_matches('+').trim_start()),
        };
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        let (digits, imaginary) = match digits.strip_suffix('j') {
            Some(rest) => (rest, true),
            None => (digits, false),
        };
        let radix = match digits.get(..2) {
            Some("0x") => 16,
            Some("0o") => 8,
            Some("0b") => 2,
            _ => 10,
        };
        let body = if radix == 10 { digits } else { &digits[2..] };
        let whole = i128::from_str_radix(body, radix).ok();
        #[expect(clippy::cast_precision_loss, reason = "only compared where one side is a float")]
        let float = match whole {
            Some(n) => n as f64,
            None => digits.parse::<f64>().ok()?,
        };
        let sign = if negative { -1.0 } else { 1.0 };
        Some(Self {
            whole: whole.map(|n| if negative { -n } else { n }),
            float: float * sign,
            imaginary,
        })
    }

    fn normal(&self) -> String {
        let unit = if self.imaginary { "j" } else { "" };
        match self.whole {
            Some(n) => format!("{n}{unit}"),
            None => format!("{}{unit}", self.float),
        }
    }
}

/// Reads literals from left to right.
struct Scanner<'a> {
    rest: &'a str,
}

impl Scanner<'_> {
    fn scalar(&mut self) -> Option<Literal> {
        self.rest = self.rest.trim_start();
        if let Some(literal) = self.string() {
            return Some(literal);
        }
        let end = self.word_end();
        if end == 0 {
            return None;
        }
        let (word, rest) = self.rest.split_at(end);
        let literal = match word {
            "None" => Literal::None,
            "..." => Literal::Ellipsis,
            "True" => Literal::Bool(true),
            "False" => Literal::Bool(false),
            word => Literal::Number(Number::parse(word)?),
        };
        self.rest = rest;
        Some(literal)
    }

    /// Where the word at the front ends; signs belong to it at its start and after an exponent's `e`.
    fn word_end(&self) -> usize {
        let bytes = self.rest.as_bytes();
        let hexadecimal = self.rest.contains("0x") || self.rest.contains("0X");
        let mut end = 0;
        while let Some(&byte) = bytes.get(end) {
            let after_exponent = !hexadecimal && end > 1 && matches!(bytes[end - 1], b'e' | b'E') && bytes[0] != b'T';
            let sign = matches!(byte, b'-' | b'+') && (end == 0 || after_exponent);
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || sign) {
                break;
            }
            end += 1;
        }
        end
    }

    fn string(&mut self) -> Option<Literal> {
        let start = self.rest.find(['\'', '"'])?;
        let prefix = self.rest[..start].to_ascii_lowercase();
        if !matches!(prefix.as_str(), "" | "r" | "b" | "u" | "br" | "rb") {
            return None;
        }
        let body = &self.rest[start..];
        let one = &body[..1];
        let quote = if body.starts_with(&one.repeat(3)) && body.len() >= 6 {
            &body[..3]
        } else {
            one
        };
        let inner = &body[quote.len()..];
        let mut end = 0;
        let bytes = inner.as_bytes();
        while end < bytes.len() && !inner[end..].starts_with(quote) {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
            while end < bytes.len() && !inner.is_char_boundary(end) {
                end += 1;
            }
        }
        let content = inner.get(..end)?;
        self.rest = inner.get(end + quote.len()..)?;
        let content = if prefix.contains('r') {
            content.to_owned()
        } else {
            unescape(content)
        };
        Some(if prefix.contains('b') {
            Literal::Bytes(content)
        } else {
            Literal::Text(content)
        })
    }

    /// A container of literals, token by token; none where anything in it is no literal.
    fn container(&mut self) -> Option<String> {
        let mut normal = String::new();
        let mut open = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let Some(next) = self.rest.chars().next() else {
                break;
            };
            match next {
                '(' | '[' | '{' => {
                    open.push(next);
                    normal.push(next);
                }
                ')' | ']' | '}' => {
                    let single = normal.ends_with(',') && next == ')' && normal.matches(',').count() == 1;
                    if normal.ends_with(',') && !single {
                        normal.pop();
                    }
                    let matches = matches!((open.pop()?, next), ('(', ')') | ('[', ']') | ('{', '}'));
                    if !matches {
                        return None;
                    }
                    normal.push(next);
                }
                ',' | ':' => normal.push(next),
                _ => {
                    normal.push_str(&self.scalar()?.normal());
                    continue;
                }
            }
            self.rest = &self.rest[next.len_utf8()..];
            if open.is_empty() {
                break;
            }
        }
        (open.is_empty() && self.rest.trim().is_empty()).then_some(normal)
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('0') => plain.push('\0'),
            Some(quote @ ('\'' | '"' | '\\')) => plain.push(quote),
            Some(other) => {
                plain.push('\\');
                plain.push(other);
            }
            None => plain.push('\\'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(claimed: &str, actual: &str, expected: Relation) {
        assert_eq!(relate(claimed, actual), expected, "{claimed} against {actual}");
    }

    #[test]
    fn spelling_does_not_matter() {
        for (claimed, actual) in [
            ("1e-3", "0.001"),
            ("1.", "1.0"),
            ("10_000", "10000"),
            ("0x10", "16"),
            ("1", "1.0"),
            ("\"utf-8\"", "'utf-8'"),
            ("utf-8", "'utf-8'"),
            ("``None``", "None"),
            ("`True`.", "True"),
            ("(1,2)", "(1, 2)"),
            ("(1, 2,)", "(1, 2)"),
            ("[\"a\"]", "['a']"),
            ("empty string", "''"),
            ("an empty list", "[]"),
            ("30 seconds", "30"),
            ("DEFAULT", "DEFAULT"),
            ("-1", "-1"),
            ("'\\n'", "\"\\n\""),
            ("os.sep", "os.sep"),
        ] {
            check(claimed, actual, Relation::Same);
        }
    }

    #[test]
    fn two_plain_literals_exclude_each_other() {
        for (claimed, actual) in [
            ("2", "1"),
            ("True", "False"),
            ("'a'", "'b'"),
            ("None", "1"),
            ("[1]", "[2]"),
            ("(1,)", "()"),
            ("'auto'", "10"),
            ("-1", "1"),
            ("3.5", "3"),
        ] {
            check(claimed, actual, Relation::Different);
        }
    }

    #[test]
    fn what_the_body_may_replace_excludes_nothing() {
        for (claimed, actual) in [
            ("10", "None"),
            ("10", "DEFAULT"),
            ("10", "_missing()"),
            ("10", "..."),
            ("the current time", "0"),
            ("auto", "'none'"),
            ("0", "False"),
            ("'5'", "5"),
            ("30 seconds", "60"),
            ("", "1"),
            ("[1]", "(1,)"),
            ("b'a'", "f'{x}'"),
        ] {
            check(claimed, actual, Relation::Incomparable);
        }
    }

    #[test]
    fn odd_text_is_read_without_failing() {
        for text in [
            "'", "\"\"\"", "'\\", "((((", "{1:", "1e", "--", "é'", "'é\\é", "0x", ".",
        ] {
            let _ = relate(text, "1");
            let _ = relate("1", text);
            let _ = is_plain(text);
        }
    }
}
