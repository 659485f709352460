//! What can be read out of prose: sentences, and defaults that are said in words.

use std::ops::Range;

use super::item;

/// How far around the word `default` its value and its conditions are looked for, in bytes.
const REACH: usize = 160;

/// Splits the first sentence from the rest of a paragraph; the sentence has no line breaks.
pub(super) fn first_sentence(paragraph: &str) -> (String, String) {
    let end = sentence_end(paragraph, 0);
    let sentence = paragraph[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    (sentence, paragraph[end..].trim().to_owned())
}

/// Where the sentence that begins at a position ends: after a full stop, question or exclamation mark that a capital
/// follows, or at a blank line. Abbreviations and what is in backticks end nothing.
fn sentence_end(text: &str, start: usize) -> usize {
    let mut in_ticks = false;
    let mut chars = text[start..].char_indices().peekable();
    let mut word_start = start;
    while let Some((at, c)) = chars.next() {
        let at = start + at;
        match c {
            '`' => in_ticks = !in_ticks,
            '\n' if text[at + 1..].trim_start_matches([' ', '\t']).starts_with('\n') => {
                return at;
            }
            _ if c.is_whitespace() => word_start = at + c.len_utf8(),
            '.' | '!' | '?' if !in_ticks => {
                let after = &text[at + 1..];
                let ends_word = chars.peek().is_none_or(|&(_, next)| next.is_whitespace());
                if ends_word && !is_abbreviation(&text[word_start..at]) && begins_sentence(after) {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn is_abbreviation(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[', '"', '\'']);
    let single = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    single
        || matches!(
            word,
            "e.g" | "i.e" | "eg" | "ie" | "etc" | "vs" | "cf" | "resp" | "approx" | "Dr" | "No" | "al"
        )
}

fn begins_sentence(after: &str) -> bool {
    let rest = after.trim_start();
    rest.is_empty()
        || after.trim_start_matches([' ', '\t']).starts_with("\n\n")
        || rest.starts_with(|c: char| !c.is_lowercase() && c != ',' && c != ')' && c != ';')
}

/// The sentences of a text, which together are all of it.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let mut end = sentence_end(text, start);
        // White space goes with the sentence before it.
        end += text[end..].len() - text[end..].trim_start().len();
        end = end.max(start + text[start..].chars().next().map_or(1, char::len_utf8));
        found.push(start..end);
        start = end;
    }
    found
}

/// The default that a text states without conditions (`Defaults to 3.`), as a Python literal.
pub(in crate::streams) fn stated_default(text: &str) -> Option<String> {
    let lowered = text.to_ascii_lowercase();
    let mut found: Option<&str> = None;
    let mut from = 0;
    while let Some(at) = lowered[from..].find("default") {
        let at = from + at;
        from = at + "default".len();
        let Some(value) = default_at(text, &lowered, at) else {
            continue;
        };
        // Two different defaults are none.
        if found.is_some_and(|f| f != value) {
            return None;
        }
        found = Some(value);
    }
    found.map(str::to_owned)
}

fn default_at<'a>(text: &'a str, lowered: &str, at: usize) -> Option<&'a str> {
    let before = &lowered[lowered.floor_char_boundary(at.saturating_sub(REACH))..at];
    let end = text.floor_char_boundary(at + REACH);
    let sentence = before.rsplit(['.', ';']).next().unwrap_or(before);
    let (outside, before) = sentence.rsplit_once('(').unwrap_or(("", sentence));
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '`')
        || before.trim_end().ends_with("by")
        || is_conditional(before)
        || ends_with_a_condition_on_a_name(outside)
    {
        return None;
    }
    let mut rest = &text[at + "default".len()..end];
    rest = rest.strip_prefix('s').unwrap_or(rest);
    rest = rest.strip_prefix(" value").unwrap_or(rest);
    let introduced = [" to ", " is ", ": ", " = ", "=", ":"];
    rest = introduced
        .iter()
        .find_map(|i| rest.strip_prefix(i))
        .or_else(|| rest.strip_prefix(' ').filter(|_| lowered[..at].ends_with('(')))?
        .trim_start();
    let (value, after) = literal_token(rest)?;
    let stop = after.find(". ").unwrap_or(after.len());
    let ends = after.is_empty() || after.starts_with(['.', ',', ';', ')']) || after.starts_with("\n\n");
    (ends && !is_conditional(&after[..stop].to_ascii_lowercase()) && is_literal(value)).then_some(value)
}

fn is_conditional(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| {
        matches!(
            word,
            "if" | "when" | "unless" | "otherwise" | "except" | "else" | "which" | "none" | "for"
        )
    })
}

/// Whether a text ends with a condition on something that is mentioned, whose default may be meant by what follows:
/// ``checked only if `check_x` is not `None` ``.
fn ends_with_a_condition_on_a_name(text: &str) -> bool {
    let clause = text.rsplit([',', ':']).next().unwrap_or(text);
    let at = ["if ", "when ", "unless "]
        .iter()
        .filter_map(|word| clause.rfind(word))
        .max();
    let Some(condition) = at.map(|at| &clause[at..]) else {
        return false;
    };
    let quoted = condition.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| !name.is_empty())
        .any(|name| !matches!(name, "none" | "true" | "false"))
}

/// The value a text begins with, and what follows it.
fn literal_token(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    if first == '`' {
        let inner = text.trim_start_matches('`');
        let end = inner.find('`')?;
        return Some((inner[..end].trim(), inner[end..].trim_start_matches('`')));
    }
    let end = match first {
        '"' | '\'' => text[1..].find(first)? + 2,
        '(' | '[' | '{' => text.find([')', ']', '}'])? + 1,
        _ => text
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')'))
            .unwrap_or(text.len()),
    };
    let token = text[..end].trim_end_matches('.');
    Some((token, &text[token.len()..]))
}

/// Whether a text is a Python literal that says a value completely.
pub(super) fn is_literal(text: &str) -> bool {
    let text = text.trim();
    if matches!(text, "None" | "True" | "False" | "()" | "[]" | "{}") || as_string(text).is_some() {
        return true;
    }
    if as_number(text).is_some() {
        return true;
    }
    elements(text).is_some_and(|inner| {
        !inner.contains(['(', '[', '{'])
            && item::split_top_level(inner, ',').all(|part| {
                let part = part.trim();
                part.is_empty()
                    || matches!(part, "None" | "True" | "False")
                    || as_number(part).is_some()
                    || as_string(part).is_some()
            })
    })
}

fn as_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// The content of a string literal without prefix and escapes.
fn as_string(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|&quote| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains([quote, '\\'])).then_some(inner)
    })
}

/// Whether two defaults are the same value, however they are written: `'a'` and `"a"`, `(1e-3,)` and `(0.001,)`. A word
/// without quotes may stand for the string.
pub(super) fn same_value(said: &str, actual: &str) -> bool {
    let (said, actual) = (said.trim(), actual.trim());
    if let (Some(said), Some(actual)) = (elements(said), elements(actual)) {
        let mut pairs = item::split_top_level(said, ',').zip(item::split_top_level(actual, ','));
        let length = |text| item::split_top_level(text, ',').count();
        return length(said) == length(actual) && pairs.all(|(a, b)| same_scalar(a.trim(), b.trim()));
    }
    same_scalar(said, actual)
}

/// What stands between the brackets of a list or tuple.
fn elements(text: &str) -> Option<&str> {
    [('(', ')'), ('[', ']')]
        .iter()
        .find_map(|&(open, close)| text.strip_prefix(open)?.strip_suffix(close))
}

fn same_scalar(said: &str, actual: &str) -> bool {
    if let (Some(said), Some(actual)) = (as_number(said), as_number(actual)) {
        return (said - actual).abs() <= f64::EPSILON * said.abs();
    }
    let words = |text: &str| {
        as_string(text)
            .unwrap_or(text)
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '"' && *c != '\'')
            .collect::<String>()
    };
    words(said) == words(actual)
}
