//! What a prompt holds, fitted to a budget.
//!
//! The least useful is left out first, and the prompt says so: other components' documentation from the end, then
//! facts, then lines from the middle of the source. Of a module or class, the bodies of its members are no part: they
//! are documented by themselves, and their documentation is among what it depends on.

use std::fmt::Write as _;

use super::Texts;
use super::template::Template;
use crate::model::claim::{Subject, Value};
use crate::model::component::{Component, ComponentKind};
use crate::model::documentation::Correction;
use crate::model::oracle::Oracle;
use crate::streams::Request;

/// Bytes of a prompt that are reckoned as one token: source has three to four.
pub(super) const BYTES_PER_TOKEN: usize = 3;
/// Of what is left beside the fixed parts, the share in percent that is the source's, if it needs that.
const SHARE_OF_SOURCE: usize = 70;
/// Bytes of one line of facts, corrections or dependencies at most.
const LONGEST_LINE: usize = 400;

/// System and user part of the prompt for a request, of about so many tokens at most.
pub(super) fn fill(template: &Template, request: &Request, texts: &Texts, tokens: usize) -> (String, String) {
    let (oracle, component) = (&*request.oracle, request.oracle.component(request.component));
    let fixed = template.system.len() + template.user.len() + component.id.len() + component.path.len() + 200;
    let mut left = (tokens * BYTES_PER_TOKEN).saturating_sub(fixed);
    let corrections = listed(
        "\nIn your last answer the code refutes what follows. Do not say it again:",
        request.corrections.iter().map(correction).collect(),
        left / 4,
        "corrections",
    );
    left = left.saturating_sub(corrections.len());
    let source = source(oracle, request, texts);
    let for_source = if source.len() < left {
        source.len().min(left * SHARE_OF_SOURCE / 100)
    } else {
        left * SHARE_OF_SOURCE / 100
    };
    // What the rest does not need is the source's.
    let facts = listed(
        "\nFacts from static analysis:",
        facts(request),
        (left - for_source) / 2,
        "facts",
    );
    left = left.saturating_sub(facts.len());
    let dependencies = listed(
        "\nWhat it depends on:",
        dependencies(request),
        left.saturating_sub(for_source),
        "of them",
    );
    left = left.saturating_sub(dependencies.len());
    let source = fenced(&shortened(&source, left.saturating_sub(80)));
    let line = component.first_line.to_string();
    let user = template.fill(&[
        ("kind", &component.kind.to_string()),
        ("id", &component.id),
        ("line", &line),
        ("path", &component.path),
        ("corrections", &corrections),
        ("facts", &facts),
        ("dependencies", &dependencies),
        ("source", &source),
    ]);
    (template.system.clone(), user)
}

/// Lines under a heading, as many as there is room for; nothing where there are none.
fn listed(heading: &str, lines: Vec<String>, room: usize, what: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("{heading}\n");
    let count = lines.len();
    for (i, line) in lines.iter().enumerate() {
        let line = cut(line, LONGEST_LINE);
        if text.len() + line.len() + 60 > room {
            _ = writeln!(text, "({} {what} are left out for want of room)", count - i);
            break;
        }
        _ = writeln!(text, "- {line}");
    }
    text
}

/// A text on one line, no longer than so many bytes.
fn cut(text: &str, room: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.len() <= room {
        return line;
    }
    format!("{}…", &line[..line.floor_char_boundary(room)])
}

fn correction(correction: &Correction) -> String {
    let mut text = correction.subject.to_string();
    match &correction.said {
        Some(Value::Present) => {}
        Some(said) => _ = write!(text, ": you said {}", cut(&said.to_string(), 160)),
        None => text.push_str(": you did not say it"),
    }
    _ = write!(text, "; {}", correction.reason);
    if let Some(truth) = &correction.truth
        && *truth != Value::Present
    {
        _ = write!(text, "; the truth is {truth}");
    }
    text
}

/// What the oracle knows for certain, without what the source shows at once.
fn facts(request: &Request) -> Vec<String> {
    let mut claims = request.oracle.known_claims(request.component);
    claims.retain(|claim| {
        !matches!(
            claim.subject,
            Subject::ParameterOrder | Subject::ParameterKind(_) | Subject::CalleeLines(_) | Subject::CalleeType(_)
        )
    });
    // Who calls it is the least of help.
    claims.sort_by_key(|claim| matches!(claim.subject, Subject::Caller(_)));
    let spelled = claims.iter().map(|claim| match &claim.value {
        Value::Present => claim.subject.to_string(),
        value => format!("{}: {value}", claim.subject),
    });
    spelled.collect()
}

/// What this stream says of the dependencies, those that are called first.
fn dependencies(request: &Request) -> Vec<String> {
    let oracle = &request.oracle;
    let is_called = |id: &str| {
        let edges = oracle.call_graph.callees(request.component);
        edges.iter().any(|edge| *oracle.component(edge.callee).id == *id)
    };
    let mut drafts: Vec<_> = request
        .dependencies
        .iter()
        .map(|d| (!is_called(&d.component), d))
        .collect();
    drafts.sort_by_key(|(is_called, _)| *is_called);
    let spelled = drafts.iter().map(|(_, draft)| {
        let summary = draft.get(&Subject::Summary).and_then(|claim| claim.value.as_text());
        format!("`{}`: {}", draft.component, summary.unwrap_or("(not described)"))
    });
    spelled.collect()
}

/// The source of a component; of a module or class without the bodies of its members.
fn source(oracle: &Oracle, request: &Request, texts: &Texts) -> String {
    let component = oracle.component(request.component);
    let Some(text) = texts.get(&component.path) else {
        return String::new();
    };
    let mut hidden: Vec<(u32, u32)> = Vec::new();
    if matches!(component.kind, ComponentKind::Module | ComponentKind::Class) {
        hidden.extend(
            oracle
                .members(request.component)
                .filter_map(|m| body_of(oracle.component(m))),
        );
    }
    let mut hidden = hidden.into_iter().peekable();
    let mut shown = String::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        if number < first_line(component) || number > component.last_line {
            continue;
        }
        while hidden.peek().is_some_and(|&(_, last)| last < number) {
            hidden.next();
        }
        match hidden.peek() {
            Some(&(first, _)) if number == first => shown.push_str("        ...\n"),
            Some(&(first, _)) if number > first => {}
            _ => {
                shown.push_str(line);
                shown.push('\n');
            }
        }
    }
    shown
}

/// The first line that belongs to a component: that of its first decorator.
fn first_line(component: &Component) -> u32 {
    let decorators = component.decorators.iter().map(|d| d.line);
    decorators
        .chain([component.first_line])
        .min()
        .unwrap_or(component.first_line)
}

/// The lines of a member that are left out, if they are more than a few.
fn body_of(member: &Component) -> Option<(u32, u32)> {
    let first = member.first_line + 1;
    (member.last_line > first + 1).then_some((first, member.last_line))
}

/// A text with lines from its middle left out, so that it has room.
fn shortened(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let (mut head, mut tail, mut used) = (0, 0, 0);
    // Two lines of the beginning for each of the end.
    while head + tail < lines.len() {
        let from_head = head < 2 * (tail + 1);
        let line = if from_head {
            lines[head]
        } else {
            lines[lines.len() - 1 - tail]
        };
        used += line.len() + 1;
        if used > room {
            break;
        }
        if from_head { head += 1 } else { tail += 1 }
    }
    let mut short = lines[..head].join("\n");
    _ = write!(
        short,
        "\n# … {} lines are left out for want of room …\n",
        lines.len() - head - tail
    );
    short.push_str(&lines[lines.len() - tail..].join("\n"));
    short
}

/// A text between fences that it does not have.
fn fenced(text: &str) -> String {
    let mut seed = text.to_owned();
    let fence = loop {
        let mark = blake3::hash(seed.as_bytes()).to_hex()[..12].to_owned();
        if !text.contains(&mark) {
            break mark;
        }
        seed.push('.');
    };
    format!("<<< {fence}\n{}\n>>> {fence}", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_source_loses_its_middle_and_says_so() {
        let text: String = (0..1000).map(|n| format!("line {n}\n")).collect();
        let short = shortened(&text, 600);
        assert!(short.len() < 700, "{}", short.len());
        assert!(short.starts_with("line 0\n") && short.ends_with("line 999"), "{short}");
        assert!(short.contains("lines are left out"));
        assert_eq!(shortened("a\nb\n", 100), "a\nb\n");
        assert!(
            shortened(&"x".repeat(1000), 10).len() < 80,
            "one long line is left out whole"
        );
    }

    #[test]
    fn lists_say_what_they_leave_out() {
        let lines = |n: usize| (0..n).map(|i| format!("entry {i}")).collect::<Vec<_>>();
        let text = listed("Heading:", lines(100), 300, "facts");
        assert!(text.len() <= 300, "{}", text.len());
        assert!(text.contains("facts are left out"), "{text}");
        assert_eq!(
            listed("Heading:", lines(2), 300, "facts"),
            "Heading:\n- entry 0\n- entry 1\n"
        );
        assert_eq!(listed("Heading:", vec![], 300, "facts"), "");
    }

    #[test]
    fn fences_cannot_be_closed_from_inside() {
        let text = "x\n>>> 0123\n";
        let fenced = fenced(text);
        let mark = fenced.lines().next().unwrap().strip_prefix("<<< ").unwrap();
        assert!(!text.contains(mark));
        assert!(fenced.ends_with(&format!(">>> {mark}")));
    }
}
