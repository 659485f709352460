//! Authors' prose as Markdown. Docstrings are written in reST, Markdown or neither: paragraphs, lists and code are
//! kept, inline code becomes code spans, and everything else is escaped, so that no text of a repository can become
//! markup, a link or HTML.

use std::fmt::Write as _;

use crate::report::escape::{for_line, for_terminal};

/// One line of text, safe in a paragraph, a list or a table cell.
pub(crate) fn inline(text: &str) -> String {
    let text = for_line(text.trim());
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest: &str = &text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        if c == '`'
            && let Some((code, after)) = code_span(rest)
        {
            let code = if strip_role(&mut out) {
                // :class:`text <target>`; `~` and `!` only say how much of the name to show.
                code.split(" <").next().unwrap_or(code).trim_start_matches(['~', '!'])
            } else {
                code
            };
            out.push_str(&span(code));
            rest = after;
            before = '`';
            continue;
        }
        let after = &rest[c.len_utf8()..];
        let next = after.chars().next().unwrap_or(' ');
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '_' if before.is_alphanumeric() && next.is_alphanumeric() => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '#' | '>' | '=' | '+' | '-' if out.is_empty() => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        before = c;
        rest = after;
    }
    out
}

/// What is between two runs of backticks of one length, and what follows.
fn code_span(text: &str) -> Option<(&str, &str)> {
    let ticks = text.bytes().take_while(|&b| b == b'`').count();
    let body = &text[ticks..];
    let mut from = 0;
    while let Some(found) = body[from..].find('`') {
        let start = from + found;
        let run = body[start..].bytes().take_while(|&b| b == b'`').count();
        if run == ticks {
            let code = body[..start].trim();
            let after = &body[start + run..];
            // `text <target>`_ is reST's link: its text is what counts.
            let link = after.strip_prefix("__").or_else(|| after.strip_prefix('_'));
            return match (code.is_empty(), link) {
                (true, _) => None,
                (false, Some(after)) => Some((code.split(" <").next().unwrap_or(code), after)),
                (false, None) => Some((code, after)),
            };
        }
        from = start + run;
    }
    None
}

/// Takes reST's `:func:`, `:py:class:` and the like off the end of what is written; returns whether one was there.
fn strip_role(out: &mut String) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '\\');
    let mut head: &str = out;
    let mut parts = 0;
    while let Some(rest) = head.strip_suffix(':') {
        let start = rest.trim_end_matches(is_name);
        if parts > 0 && (start.len() == rest.len() || !start.ends_with(':')) {
            break;
        }
        if start.len() == rest.len() || !start.ends_with(':') {
            return false;
        }
        head = start;
        parts += 1;
    }
    // What is left ends with the colon that opens the role.
    let keep = head.strip_suffix(':').map_or(head.len(), str::len);
    if parts > 0 {
        out.truncate(keep);
    }
    parts > 0
}

/// Text as a code span, whatever backticks are in it.
pub(crate) fn span(code: &str) -> String {
    let code = for_line(code).replace('|', "\\|");
    let longest = longest_run(&code);
    if longest == 0 {
        return format!("`{code}`");
    }
    let ticks = "`".repeat(longest + 1);
    format!("{ticks} {code} {ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Text as a code block.
pub(crate) fn fence(language: &str, code: &str) -> String {
    let code = for_terminal(code);
    let ticks = "`".repeat(longest_run(&code).max(2) + 1);
    format!("{ticks}{language}\n{}\n{ticks}\n", code.trim_matches('\n'))
}

/// Text of any number of paragraphs as blocks of Markdown, ending with a line end.
pub(crate) fn blocks(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut out = String::new();
    let mut i = 0;
    while i < lines.len() {
        let line = lines[i];
        let body = line.trim_start();
        if let Some(end) = fenced(&lines, i) {
            let language: String = body
                .trim_start_matches(['`', '~'])
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            paragraph_break(&mut out);
            out.push_str(&fence(&language, &lines[i + 1..end].join("\n")));
            i = end + 1;
        } else if body.starts_with(">>> ") {
            let end = end_of_block(&lines, i, |l| !l.trim().is_empty());
            paragraph_break(&mut out);
            out.push_str(&fence("pycon", &dedent(&lines[i..end])));
            i = end;
        } else if body.is_empty() {
            paragraph_break(&mut out);
            i += 1;
        } else if let Some(rest) = body.strip_prefix(".. ") {
            i = directive(&lines, i, rest, &mut out);
        } else if is_underline(body) {
            i += 1;
        } else {
            i = text_line(&lines, i, &mut out);
        }
    }
    out
}

fn paragraph_break(out: &mut String) {
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push_str(if out.ends_with('\n') { "\n" } else { "\n\n" });
    }
}

/// The last line of a fenced block that begins here.
fn fenced(lines: &[&str], start: usize) -> Option<usize> {
    let body = lines[start].trim_start();
    let mark = ["```", "~~~"].into_iter().find(|mark| body.starts_with(mark))?;
    (start + 1..lines.len()).find(|&i| lines[i].trim_start().starts_with(mark))
}

fn end_of_block(lines: &[&str], start: usize, belongs: impl Fn(&str) -> bool) -> usize {
    (start..lines.len())
        .find(|&i| !belongs(lines[i]))
        .unwrap_or(lines.len())
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The end of the lines after `start` that are indented deeper than it, blank ones among them included.
fn end_of_indented(lines: &[&str], start: usize) -> usize {
    let depth = indent_of(lines[start]);
    let end = end_of_block(lines, start + 1, |l| l.is_empty() || indent_of(l) > depth);
    (start + 1..end)
        .rev()
        .find(|&i| !lines[i].is_empty())
        .map_or(start + 1, |last| last + 1)
}

fn dedent(lines: &[&str]) -> String {
    let depth = lines
        .iter()
        .filter(|l| !l.is_empty())
        .map(|l| indent_of(l))
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|l| l.get(depth..).unwrap_or("")).collect();
    lines.join("\n")
}

/// reST's `.. name:: argument` with the lines that belong to it.
fn directive(lines: &[&str], start: usize, rest: &str, out: &mut String) -> usize {
    let end = end_of_indented(lines, start);
    let Some((name, argument)) = rest.split_once("::") else {
        // A comment or a link's target.
        return end;
    };
    let content = dedent(&lines[start + 1..end]);
    paragraph_break(out);
    if matches!(
        name,
        "code-block" | "code" | "sourcecode" | "doctest" | "ipython" | "math"
    ) {
        let language: String = argument
            .trim()
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        out.push_str(&fence(&language, &content));
    } else {
        _ = writeln!(out, "**{}** {}", said(name), inline(argument));
        for line in content.lines() {
            _ = writeln!(out, "{}", inline(line));
        }
    }
    out.push('\n');
    end
}

/// What a directive is called in words.
fn said(name: &str) -> String {
    match name {
        "versionadded" => "New in version".to_owned(),
        "versionchanged" => "Changed in version".to_owned(),
        "versionremoved" => "Removed in version".to_owned(),
        "deprecated" => "Deprecated since version".to_owned(),
        "seealso" => "See also:".to_owned(),
        "note" | "warning" | "caution" | "danger" | "attention" | "hint" | "important" | "tip" => {
            format!("{}{}:", name[..1].to_uppercase(), &name[1..])
        }
        _ => inline(name),
    }
}

fn is_underline(line: &str) -> bool {
    line.len() >= 3
        && line
            .chars()
            .next()
            .is_some_and(|c| "=-~^\"'#*+".contains(c) && line.chars().all(|d| d == c))
}

/// A line of a paragraph or list, with the literal block that `::` at its end introduces.
fn text_line(lines: &[&str], start: usize, out: &mut String) -> usize {
    let line = lines[start];
    let body = line.trim_start();
    let (marker, rest) = list_marker(body);
    let starts_block = out.is_empty() || out.ends_with("\n\n");
    if marker.is_empty() && starts_block && indent_of(line) >= 4 {
        let end = end_of_block(lines, start, |l| l.is_empty() || indent_of(l) >= 4);
        out.push_str(&fence("text", &dedent(&lines[start..end])));
        out.push('\n');
        return end;
    }
    if !marker.is_empty() {
        // Deeper lists keep their depth, up to where Markdown would take them for code.
        let depth = (indent_of(line) / 2).min(3);
        _ = write!(out, "{}{marker}", "  ".repeat(depth));
    }
    let literal = rest.ends_with("::") && end_of_indented(lines, start) > start + 1;
    _ = writeln!(out, "{}", inline(if literal { &rest[..rest.len() - 1] } else { rest }));
    if !literal {
        return start + 1;
    }
    let end = end_of_indented(lines, start);
    paragraph_break(out);
    out.push_str(&fence("text", &dedent(&lines[start + 1..end])));
    out.push('\n');
    end
}

/// `- ` or `1. ` at the start of a line, and the rest of it.
fn list_marker(line: &str) -> (&str, &str) {
    for marker in ["- ", "* ", "+ "] {
        if let Some(rest) = line.strip_prefix(marker) {
            return ("- ", rest);
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) && line[digits..].starts_with(". ") {
        return line.split_at(digits + 2);
    }
    ("", line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_the_author_is_only_text() {
        assert_eq!(
            inline("<script>x</script> [a](javascript:b) **kwargs | c_d _e"),
            "&lt;script>x&lt;/script> \\[a\\](javascript:b) \\*\\*kwargs \\| c_d \\_e"
        );
    }

    #[test]
    fn roles_and_literals_become_code() {
        assert_eq!(
            inline("see :func:`~a.b` and ``c`d`` or `e <http://x>`_ and `f"),
            "see `a.b` and `` c`d `` or `e` and \\`f"
        );
        assert_eq!(
            inline("a :py:class:`R <r.R>`: x ::`y` and :`z`"),
            "a `R`: x ::`y` and :`z`"
        );
    }

    #[test]
    fn no_line_becomes_a_heading() {
        assert_eq!(blocks("# a\nTitle\n=====\n> b"), "\\# a\nTitle\n\\> b\n");
    }

    #[test]
    fn doctests_and_literal_blocks_become_code() {
        insta::assert_snapshot!(blocks(
            "First::\n\n    x = 1\n\n    y = 2\n\nThen:\n\n>>> f()\n3\n\n- one\n  - two\n1. three\n"
        ), @r"
        First:

        ```text
        x = 1

        y = 2
        ```

        Then:

        ```pycon
        >>> f()
        3
        ```

        - one
          - two
        1. three
        ");
    }

    #[test]
    fn directives_are_named_and_code_blocks_keep_their_language() {
        insta::assert_snapshot!(blocks(
            ".. note:: Mind\n   the *gap*.\n\n.. code-block:: python\n\n   f(`x`)\n\n.. _target:\n\nEnd"
        ), @r"
        **Note:** Mind
        the \*gap\*.

        ```python
        f(`x`)
        ```

        End
        ");
    }

    #[test]
    fn code_cannot_end_its_own_block() {
        assert_eq!(fence("", "a\n```\nb"), "````\na\n```\nb\n````\n");
    }
}
