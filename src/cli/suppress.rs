//! Comments by which people let a finding pass: `# twinscribe: ignore`, `# twinscribe: ignore[missing_param]`, and the
//! `noqa` codes that other linters have for the same kinds.
//!
//! A comment counts on the line that a finding points at, on the first line of the definition, and behind its
//! docstring.

use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::finding::Finding;
use crate::report::findings::kind_name;

/// What other linters call a kind of finding; a comment with the beginning of a code lets pass what the code does.
fn codes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::ParameterMissing => &["DOC101", "DOC103", "D417", "DAR101", "PR01", "SIG203"],
        Kind::ParameterExtra => &["DOC102", "DOC103", "DAR102", "PR02", "SIG202"],
        Kind::ParameterName => &["DOC102", "DOC103", "D417", "DAR101", "DAR102", "PR01", "PR02"],
        Kind::ParameterOrder => &["DOC104", "PR03"],
        Kind::ParameterType => &["DOC105", "DAR103"],
        Kind::ReturnMissing => &["DOC201", "DAR201", "RT01", "SIG503"],
        Kind::ReturnExtra => &["DOC202", "DAR202", "SIG502"],
        Kind::ReturnType => &["DOC203", "DAR203"],
        Kind::YieldMissing => &["DOC402", "DAR301", "YD01"],
        Kind::YieldExtra => &["DOC403", "DAR302"],
        Kind::YieldType => &["DOC404"],
        Kind::RaiseMissing => &["DOC501", "DOC503", "DAR401"],
        Kind::RaiseExtra => &["DOC502", "DOC503", "DAR402"],
        Kind::AttributeMissing | Kind::AttributeExtra => &["DOC603"],
        Kind::AttributeType => &["DOC605"],
        Kind::DocstringMissing => &["D100", "D101", "D102", "D103", "D104", "D105", "D106", "D107", "GL08"],
        _ => &[],
    }
}

/// Whether a line of source holds a comment that lets a finding pass.
pub(crate) fn lets_pass(line: &str, finding: &Finding) -> bool {
    let Some(at) = line.find('#') else {
        return false;
    };
    line[at..]
        .split('#')
        .any(|comment| own(comment, finding) || noqa(comment, finding))
}

fn own(comment: &str, finding: &Finding) -> bool {
    let Some(rest) = comment.trim_start().strip_prefix("twinscribe:") else {
        return false;
    };
    let Some(rest) = rest.trim_start().strip_prefix("ignore") else {
        return false;
    };
    let Some(kinds) = rest.trim_start().strip_prefix('[') else {
        // `ignored` and the like are other words.
        return !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    };
    let kinds = kinds.split(']').next().unwrap_or_default();
    kinds.split(',').any(|kind| kind.trim() == kind_name(finding))
}

fn noqa(comment: &str, finding: &Finding) -> bool {
    let lowered = comment.trim_start().to_ascii_lowercase();
    let Some(rest) = lowered.strip_prefix("noqa") else {
        return false;
    };
    // A bare `noqa` speaks to whichever linter it was written for.
    let Some(list) = rest.trim_start().strip_prefix(':') else {
        return false;
    };
    let mut named = list
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|c| !c.is_empty());
    named.any(|code| {
        codes(finding.kind)
            .iter()
            .any(|known| known.to_ascii_lowercase() == code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_comment_names_the_kind_or_the_code_of_a_peer() {
        let outcome = sample::outcome();
        let extra = outcome
            .findings
            .iter()
            .find(|f| f.kind == Kind::ParameterExtra)
            .unwrap();
        for (line, passes) in [
            ("def f():  # twinscribe: ignore", true),
            ("def f():  # twinscribe: ignore[missing_param, extra_param]", true),
            ("def f():  # twinscribe: ignore[missing_param]", false),
            ("def f():  # twinscribe: ignored", false),
            ("def f():  # type: ignore  # noqa: E501, DOC102", true),
            ("def f():  # noqa: D417", false),
            ("def f():  # noqa", false),
            ("x = 'twinscribe: ignore'", false),
        ] {
            assert_eq!(lets_pass(line, extra), passes, "{line}");
        }
    }
}
