//! The rules about how a docstring is laid out: D200, D205 to D215, D300, D301, D400 to D404 and D415.

use super::Found;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::outline::{DefinitionKind, Literal};
use crate::profiles::page::Page;

/// A docstring's literal, taken apart.
struct Text<'a> {
    prefix: &'a str,
    quotes: &'a str,
    /// What stands between the quotes.
    body: &'a str,
}

fn taken_apart(literal: &Literal) -> Option<Text<'_>> {
    let source = literal.source.as_ref();
    let at = source.find(['"', '\''])?;
    let (prefix, rest) = source.split_at(at);
    let length = if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
        3
    } else {
        1
    };
    let (quotes, rest) = rest.split_at(length);
    let body = rest.strip_suffix(quotes)?;
    Some(Text { prefix, quotes, body })
}

pub(super) fn check(page: Page<'_>, literal: &Literal, found: &mut Found<'_>) {
    let Some(text) = taken_apart(literal) else {
        return;
    };
    let mut push = |code, message: &str| found.push(page, Kind::DocstringLayout, code, None, message);
    quotes(&text, &mut push);
    lines(&text, literal, &mut push);
    summary(page, &text, &mut push);
    signature(page, &text, found);
}

fn quotes(text: &Text<'_>, push: &mut impl FnMut(&'static str, &str)) {
    let double = text.quotes == "\"\"\"" || text.quotes == "'''" && text.body.contains("\"\"\"");
    if !double {
        push("D300", "write the docstring between three double quotes");
    }
    if text.body.contains('\\') && !text.prefix.contains(['r', 'R']) {
        let escapes = text.body.split('\\').skip(1);
        // A line that goes on, and characters by their number, need their backslash.
        if escapes
            .clone()
            .any(|rest| !rest.starts_with(['\n', 'u', 'U', 'N', '\\']))
        {
            push("D301", "write a docstring with backslashes as a raw string");
        }
    }
}

fn lines(text: &Text<'_>, literal: &Literal, push: &mut impl FnMut(&'static str, &str)) {
    let all: Vec<&str> = text.body.split('\n').collect();
    let is_blank = |line: &&&str| line.trim().is_empty();
    let filled = all.iter().filter(|l| !is_blank(l)).count();
    if filled == 1 && all.len() > 1 {
        push("D200", "put the only line between the quotes on one line");
    }
    if all.len() == 1 {
        if text.body != text.body.trim() && !text.body.trim().is_empty() {
            push("D210", "leave no white space around the text");
        }
        return;
    }
    if all[0] != all[0].trim_start() && !all[0].trim().is_empty() {
        push("D210", "leave no white space around the text");
    }
    if filled > 1 {
        match all[0].trim().is_empty() {
            true => push("D212", "begin the summary on the line of the quotes"),
            false => push("D213", "begin the summary on the line below the quotes"),
        }
        if !all.last().is_some_and(|l| l.trim().is_empty()) {
            push("D209", "put the closing quotes on a line of their own");
        }
    }
    let margin: String = literal.indent.chars().take_while(|c| c.is_whitespace()).collect();
    let below = || all[1..].iter().filter(|l| !is_blank(l));
    if all[1..]
        .iter()
        .any(|l| l[..l.len() - l.trim_start().len()].contains('\t'))
    {
        push("D206", "indent the docstring with spaces");
    }
    if below().any(|l| l.len() - l.trim_start().len() < margin.len()) {
        push("D207", "the docstring is indented too little");
    } else if below().count() > 0 && below().all(|l| l.len() - l.trim_start().len() > margin.len()) {
        push("D208", "the docstring is indented too much");
    }
}

fn summary(page: Page<'_>, text: &Text<'_>, push: &mut impl FnMut(&'static str, &str)) {
    let words = page.words();
    let first = words.lines().next().unwrap_or_default().trim();
    let mut rest = words.lines().skip(1);
    let second = rest.next();
    let has_more = rest.any(|l| !l.trim().is_empty());
    if second.is_some_and(|l| !l.trim().is_empty()) {
        push("D205", "leave a blank line between the summary and the description");
    } else if has_more && words.lines().nth(2).is_some_and(|l| l.trim().is_empty()) {
        push("D205", "leave one blank line between the summary and the description");
    }
    // The summary may go on over lines; its last one counts.
    let paragraph = words.split("\n\n").next().unwrap_or_default();
    let is_section = |l: &str| l.trim_end_matches(':').len() < l.len();
    let end = if is_section(first) {
        first
    } else {
        paragraph.lines().next_back().unwrap_or_default().trim()
    };
    if !end.ends_with('.') && !end.is_empty() {
        push("D400", "end the first line with a full stop");
    }
    if !end.ends_with(['.', '!', '?']) && !end.is_empty() {
        push(
            "D415",
            "end the first line with a full stop, a question mark or an exclamation mark",
        );
    }
    let is_function = page.definition().kind == DefinitionKind::Function;
    let word = first.split_whitespace().next().unwrap_or_default();
    let plain = word.trim_end_matches(['.', ',', ';', ':', '!', '?']);
    let is_plain = !plain.is_empty() && plain.chars().all(|c| c.is_ascii_alphabetic() || c == '\'' || c == '-');
    if is_function && is_plain && plain.starts_with(|c: char| c.is_ascii_lowercase()) {
        push("D403", "begin the first line with a capital");
    }
    if word
        .trim_end_matches(|c: char| !c.is_alphanumeric())
        .eq_ignore_ascii_case("this")
    {
        push("D404", "do not begin with `This`");
    }
    _ = text;
}

/// A first line that gives the signature again.
fn signature(page: Page<'_>, text: &Text<'_>, found: &mut Found<'_>) {
    let definition = page.definition();
    if definition.kind != DefinitionKind::Function {
        return;
    }
    let first = text.body.trim().lines().next().unwrap_or_default();
    let name = definition.name.as_ref();
    let repeats = first.match_indices(name).any(|(at, _)| {
        let begins = first[..at]
            .chars()
            .next_back()
            .is_none_or(|c| matches!(c, ' ' | '\t' | ';' | ','));
        begins && first[at + name.len()..].starts_with('(')
    });
    if repeats {
        let message = "the first line repeats the signature";
        found.push(page, Kind::SignatureRepeated, "D402", None, message);
    }
}
