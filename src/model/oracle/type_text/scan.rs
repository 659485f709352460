//! Scanning the text of a type: brackets, quotes, separators, and the words around a name.

pub(super) fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok()
}

pub(super) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "a" | "an" | "the" | "A" | "An" | "The" | "positive" | "non-negative" | "nonnegative" | "negative" | "single"
    )
}

/// Whether a word begins a remark that narrows a type without changing it.
pub(super) fn is_remark(word: &str) -> bool {
    matches!(
        word,
        "in" | "object"
            | "objects"
            | ">"
            | ">="
            | "<"
            | "<="
            | "between"
            | "representing"
            | "containing"
            | "specifying"
            | "indicating"
    )
}

pub(super) enum Qualifier<'a> {
    Optional(&'a str),
    Other,
}

/// Parts of an author's type that are no types.
pub(super) fn qualifier(part: &str) -> Option<Qualifier<'_>> {
    let lower = part.to_ascii_lowercase();
    if matches!(lower.as_str(), "optional" | "(optional)") {
        return Some(Qualifier::Optional(""));
    }
    if lower.starts_with("optional ") {
        return Some(Qualifier::Optional(part["optional ".len()..].trim()));
    }
    let other = [
        "default",
        "required",
        "keyword",
        "positional",
        "shape",
        "dtype",
        "by default",
        "of shape",
    ];
    other.iter().any(|q| lower.starts_with(q)).then_some(Qualifier::Other)
}

/// The text without backticks, roles (`:class:`) and tildes.
pub(super) fn without_markup(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if !text.contains(['`', '~', ':']) {
        return text.to_owned();
    }
    let words = text.split(' ').map(|word| {
        let word = match (word.starts_with(':'), word.find('`')) {
            (true, Some(tick)) => &word[tick..],
            _ => word,
        };
        word.replace(['`', '~'], "")
    });
    words.collect::<Vec<_>>().join(" ")
}

pub(super) fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == '"' { '\'' } else { c })
        .collect()
}

/// What stands between quotes that enclose the whole text.
pub(super) fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text[1..].strip_suffix(quote)?;
    (!inner.contains(quote)).then_some(inner)
}

/// `head[inner]`, where the bracket closes at the very end.
pub(super) fn generic(text: &str) -> Option<(&str, &str)> {
    let open = text.find('[').filter(|&n| n > 0)?;
    let head = text[..open].trim();
    let closes = closing(&text[open..])? + open == text.len() - 1;
    let named = !head.is_empty() && !head.contains(char::is_whitespace);
    (closes && named && text.ends_with(']')).then(|| (head, &text[open + 1..text.len() - 1]))
}

/// Where the bracket that the text begins with is closed.
pub(super) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

pub(super) fn split_commas(text: &str) -> Vec<&str> {
    split(text, |rest, _| usize::from(rest.starts_with(',')))
}

pub(super) fn split_union(text: &str, prose: bool) -> Vec<&str> {
    split(text, |rest, at_start| {
        if rest.starts_with('|') {
            return 1;
        }
        if !prose {
            return 0;
        }
        if rest.starts_with(',') || rest.starts_with('/') {
            1
        } else if rest.starts_with(" or ") {
            4
        } else if at_start && rest.starts_with("or ") {
            3
        } else {
            0
        }
    })
}

/// Splits outside of brackets and quotes; `separator` says how long a separator the rest begins with.
fn split(text: &str, separator: impl Fn(&str, bool) -> usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0usize, None);
    let mut skip_to = 0;
    for (i, c) in text.char_indices() {
        if i < skip_to {
            continue;
        }
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if opens_quote(text, i, c) => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 => {
                let at_start = text[start..i].trim().is_empty();
                let length = separator(&text[i..], at_start);
                if length > 0 {
                    parts.push(text[start..i].trim());
                    start = i + length;
                    skip_to = start;
                }
            }
            _ => {}
        }
    }
    parts.push(text[start.min(text.len())..].trim());
    parts
}

/// Whether a quote begins a quoted string rather than being an apostrophe.
fn opens_quote(text: &str, at: usize, quote: char) -> bool {
    let after_word = text[..at].ends_with(|c: char| c.is_alphanumeric());
    !after_word && text[at + 1..].contains(quote)
}
