//! Comments by which people let a tool's finding pass: `# noqa`, `# noqa: D103, DOC201`.
//!
//! A comment counts for the definition whose `def` or `class` line it stands on, on any line of whose signature, or
//! behind whose docstring.

use crate::model::finding::Finding;
use crate::model::outline::{Definition, Outline};

/// Takes out the findings that a comment in the file lets pass.
pub(super) fn let_pass(file: &Outline, found: &mut Vec<Finding>) {
    let comments: Vec<(u32, Vec<String>)> = file
        .comments
        .iter()
        .filter_map(|(line, text)| Some((*line, codes(text)?)))
        .collect();
    if comments.is_empty() {
        return;
    }
    found.retain(|finding| {
        let qualname = finding.qualname.as_deref().unwrap_or_default();
        let definition = file
            .definitions
            .iter()
            .find(|d| d.qualname.as_ref() == qualname && d.line == finding.line);
        let Some(definition) = definition else {
            return true;
        };
        let (first, last) = reach(definition);
        let code = finding
            .message
            .rsplit('(')
            .next()
            .unwrap_or_default()
            .trim_end_matches(')');
        let passes = |codes: &[String]| codes.is_empty() || codes.iter().any(|c| code.starts_with(c.as_str()));
        !comments
            .iter()
            .any(|(line, codes)| (first..=last).contains(line) && passes(codes))
    });
}

/// The lines on which a comment counts for a definition.
fn reach(definition: &Definition) -> (u32, u32) {
    let docstring = definition.docstring.as_ref();
    let last = docstring.map_or(definition.line, |literal| {
        let lines = literal.source.matches('\n').count();
        literal.docstring.line + u32::try_from(lines).unwrap_or(0)
    });
    (definition.line, last.max(definition.line))
}

/// The codes of a `noqa` comment, none of them where it means all; none where the comment is something else.
fn codes(comment: &str) -> Option<Vec<String>> {
    let lowered = comment.to_ascii_lowercase();
    let rest = &comment[lowered.find("noqa")? + "noqa".len()..];
    let Some(list) = rest.trim_start().strip_prefix(':') else {
        return Some(Vec::new());
    };
    let words = list
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|w| !w.is_empty());
    let is_code =
        |w: &&str| w.starts_with(|c: char| c.is_ascii_uppercase()) && w.ends_with(|c: char| c.is_ascii_digit());
    Some(words.take_while(is_code).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::codes;

    #[test]
    fn a_comment_names_codes_or_means_all() {
        assert_eq!(codes(" noqa"), Some(vec![]));
        assert_eq!(
            codes("NOQA: D103,DOC201 because"),
            Some(vec!["D103".to_owned(), "DOC201".to_owned()])
        );
        assert_eq!(codes("nothing"), None);
    }
}
