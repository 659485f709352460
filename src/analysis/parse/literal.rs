//! String literals: their values, and docstrings cleaned the way Python shows them.

/// The value of a string literal or of adjacent ones; none for bytes and f-strings.
pub(crate) fn text_of(source: &str) -> Option<String> {
    let mut value = String::with_capacity(source.len());
    let mut rest = source;
    let mut any = false;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
        if let Some(comment) = rest.strip_prefix('#') {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        if rest.is_empty() {
            return any.then_some(value);
        }
        rest = one_literal(rest, &mut value)?;
        any = true;
    }
}

/// Whether a text can be the beginning of a name, and is long enough to tell names apart.
pub(crate) fn is_beginning_of_name(text: &str) -> bool {
    text.len() > 1
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Appends the value of the literal at the start; returns what follows it.
fn one_literal<'a>(source: &'a str, value: &mut String) -> Option<&'a str> {
    let quote_at = source.find(['"', '\''])?;
    let prefix = &source[..quote_at];
    let mut raw = false;
    for c in prefix.chars() {
        match c {
            'r' | 'R' => raw = true,
            'u' | 'U' => {}
            _ => return None,
        }
    }
    let body = &source[quote_at..];
    let quote = if body.starts_with("\"\"\"") || body.starts_with("'''") {
        &body[..3]
    } else {
        &body[..1]
    };
    let body = &body[quote.len()..];
    let mut at = 0;
    loop {
        let next = body[at..].find(['\\', quote.chars().next()?]).map(|i| at + i);
        let Some(next) = next else {
            // Cut off by the end of a damaged file.
            push_part(value, body, raw);
            return Some("");
        };
        if body[next..].starts_with('\\') {
            at = next + 1 + body[next + 1..].chars().next().map_or(0, char::len_utf8);
            continue;
        }
        if body[next..].starts_with(quote) {
            push_part(value, &body[..next], raw);
            return Some(&body[next + quote.len()..]);
        }
        at = next + 1;
    }
}

fn push_part(value: &mut String, body: &str, raw: bool) {
    let body = if body.contains('\r') {
        body.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        body.to_owned()
    };
    if raw || !body.contains('\\') {
        value.push_str(&body);
        return;
    }
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            None => value.push('\\'),
            Some('\n') => {}
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('a') => value.push('\u{7}'),
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('v') => value.push('\u{b}'),
            Some(q @ ('\\' | '\'' | '"')) => value.push(q),
            Some('x') => push_code(value, &mut chars, 'x', 2),
            Some('u') => push_code(value, &mut chars, 'u', 4),
            Some('U') => push_code(value, &mut chars, 'U', 8),
            Some(digit @ '0'..='7') => {
                let mut code = digit.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(next) = chars.peek().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + next;
                    chars.next();
                }
                value.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            Some(other) => {
                value.push('\\');
                value.push(other);
            }
        }
    }
}

fn push_code(value: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, letter: char, digits: usize) {
    let mut code = String::new();
    while code.len() < digits {
        match chars.peek() {
            Some(c) if c.is_ascii_hexdigit() => code.extend(chars.next()),
            _ => break,
        }
    }
    match u32::from_str_radix(&code, 16) {
        Ok(number) if code.len() == digits => value.push(char::from_u32(number).unwrap_or('\u{fffd}')),
        _ => {
            value.push('\\');
            value.push(letter);
            value.push_str(&code);
        }
    }
}

/// A docstring without the indentation of the code around it (the rules of PEP 257).
pub(crate) fn clean(text: &str) -> String {
    let expanded: Vec<String> = text.split('\n').map(expand_tabs).collect();
    let margin = expanded
        .iter()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    let mut lines: Vec<&str> = Vec::with_capacity(expanded.len());
    for (i, line) in expanded.iter().enumerate() {
        lines.push(if i == 0 {
            line.trim_start()
        } else {
            line.get(margin..).unwrap_or("")
        });
    }
    let blank = |line: &str| line.trim().is_empty();
    while lines.last().is_some_and(|l| blank(l)) {
        lines.pop();
    }
    let start = lines.iter().position(|l| !blank(l)).unwrap_or(lines.len());
    lines[start..].join("\n")
}

fn expand_tabs(line: &str) -> String {
    if !line.contains('\t') {
        return line.to_owned();
    }
    let mut expanded = String::with_capacity(line.len() + 8);
    let mut column = 0;
    for c in line.chars() {
        if c == '\t' {
            let spaces = 8 - column % 8;
            expanded.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else {
            expanded.push(c);
            column += 1;
        }
    }
    expanded
}

/// Whether line *n* of the cleaned value of a single literal stands on line *n* of its source.
pub(crate) fn lines_match(source: &str, value: &str) -> bool {
    let starts_blank = value.split('\n').next().is_some_and(|first| first.trim().is_empty());
    !starts_blank && source.matches('\n').count() == value.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::{clean, text_of};

    #[test]
    fn literals_have_the_value_that_python_gives_them() {
        for (source, value) in [
            (r#""a\nb""#, Some("a\nb")),
            (r#"r"a\nb""#, Some("a\\nb")),
            (r#"'\x41\u00e9\101\q'"#, Some("A\u{e9}A\\q")),
            ("'a' \\\n  \"b\" # c\n 'd'", Some("abd")),
            (r#"b"a""#, None),
            (r#"f"a""#, None),
            ("'''it's'''", Some("it's")),
        ] {
            assert_eq!(text_of(source).as_deref(), value, "{source}");
        }
    }

    #[test]
    fn docstrings_lose_the_indentation_of_their_code() {
        assert_eq!(clean("  A.\n\n    B\n      C\n    "), "A.\n\nB\n  C");
        assert_eq!(clean("\n\tA\n\t    B\n"), "A\n    B");
    }
}
