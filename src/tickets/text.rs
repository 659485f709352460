//! The words of discrepancy tickets, for people.

use std::fmt::Write;

use crate::model::claim::Value;
use crate::model::discrepancy::Severity;
use crate::model::ticket::Ticket;

/// Said once, in a comment, when a ticket was closed with something that is no answer.
pub(crate) const CLARIFY: &str = "This answer cannot be read, so nothing was changed. Please close the ticket with a \
     reason whose first line is `resolution:` and then one of accept_a, accept_b, merge or neither; merge and neither \
     need the text to use after it.";

/// Trackers take some words for a bad end; these are none of them.
pub(crate) const EXPIRED: &str = "Nobody answered in time; the documentation keeps both values, marked unsettled. \
     A late answer still counts: close the ticket again with it.";

/// Why a ticket is closed whose difference is gone.
pub(crate) const WITHDRAWN: &str = "The difference no longer exists.";

/// Beads takes titles of up to 500 bytes.
const LONGEST_TITLE: usize = 500;

/// Lines and bytes of source shown in a ticket.
const SOURCE_LINES: usize = 60;
const SOURCE_BYTES: usize = 4_000;

/// The ticket's title.
pub(crate) fn title(ticket: &Ticket) -> String {
    shorten(
        &format!("Which is right for {}: {}?", ticket.component, ticket.subject),
        LONGEST_TITLE,
    )
}

/// The ticket's text.
pub(crate) fn description(ticket: &Ticket, streams: &[String; 2]) -> String {
    let mut text = format!(
        "The two descriptions of `{}` ({}:{}) differ in: {}.\n",
        ticket.component, ticket.path, ticket.line, ticket.subject
    );
    let sides = [("A", &streams[0], &ticket.a), ("B", &streams[1], &ticket.b)];
    for (letter, stream, value) in sides {
        let said = value.as_ref().map_or_else(|| "nothing".to_owned(), quoted);
        write!(text, "\n**{letter}** (`{stream}`) says: {said}\n").expect("writing to a string succeeds");
    }
    if !ticket.facts.is_empty() {
        text.push_str("\n## What the code says\n\n");
        for fact in &ticket.facts {
            writeln!(text, "- {fact}").expect("writing to a string succeeds");
        }
    }
    if !ticket.source.is_empty() {
        // A fence longer than any run of backticks in the source.
        let longest = ticket.source.split(|c| c != '`').map(str::len).max();
        let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
        let source = ticket.source.trim_end();
        write!(text, "\n## Source\n\n{fence}python\n{source}\n{fence}\n").expect("writing to a string succeeds");
    }
    write!(
        text,
        "\n## How to answer\n\nClose this ticket with a reason whose first line is one of\n\n\
         - `resolution: accept_a` if A is right\n\
         - `resolution: accept_b` if B is right\n\
         - `resolution: merge TEXT` with a text made of both\n\
         - `resolution: neither TEXT` with the text to use instead\n\n\
         or run `twinscribe tickets resolve {}`. The answer is applied on the next run.\n",
        ticket.id
    )
    .expect("writing to a string succeeds");
    text
}

fn quoted(value: &Value) -> String {
    let text = value.to_string();
    if text.contains('\n') {
        format!("\n\n> {}", text.trim_end().replace('\n', "\n> "))
    } else {
        text
    }
}

/// Beads' priorities: 0 is critical.
pub(crate) fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
    }
}

/// At most so many bytes of a text, with a mark where it was cut.
pub(crate) fn shorten(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}

/// The beginning of a component's source.
pub(crate) fn excerpt(source: &str) -> String {
    let mut excerpt = String::new();
    for (n, line) in source.lines().enumerate() {
        if n == SOURCE_LINES || excerpt.len() + line.len() > SOURCE_BYTES {
            let rest = source.lines().count() - n;
            writeln!(excerpt, "# … {rest} more lines").expect("writing to a string succeeds");
            break;
        }
        excerpt.push_str(line);
        excerpt.push('\n');
    }
    excerpt
}
