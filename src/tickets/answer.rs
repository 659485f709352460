//! Reading and spelling answers: `resolution: accept_a | accept_b | merge TEXT | neither TEXT`.
//!
//! The first line decides; what follows is the text. Anything that leaves a doubt is unclear.

use crate::model::ticket::Decision;

const PREFIX: &str = "resolution:";

/// Reads an answer. None where the text is none; an error says what is unclear about one, as a sentence.
pub fn parse(text: &str) -> Option<Result<Decision, String>> {
    let text = text.trim();
    let (first, more) = text.split_once('\n').unwrap_or((text, ""));
    let start = first.get(..PREFIX.len())?;
    if !start.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    let said = first[PREFIX.len()..].trim();
    let end = said
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .unwrap_or(said.len());
    let (word, rest) = said.split_at(end);
    let word = word.to_ascii_lowercase().replace('-', "_");
    let rest = rest.trim_start();
    if rest.starts_with('|') {
        return Some(Err("It names more than one choice.".to_owned()));
    }
    Some(decide(&word, rest, more))
}

fn decide(word: &str, rest: &str, more: &str) -> Result<Decision, String> {
    match word {
        "accept_a" | "accept_b" => {
            let other = if word == "accept_a" { "accept_b" } else { "accept_a" };
            if rest.to_ascii_lowercase().contains(other) {
                Err("It names more than one choice.".to_owned())
            } else if word == "accept_a" {
                Ok(Decision::AcceptA)
            } else {
                Ok(Decision::AcceptB)
            }
        }
        "merge" | "manual" => text(rest, more)
            .map(Decision::Merge)
            .ok_or_else(|| "It says `merge` without the text to use.".to_owned()),
        "neither" => text(rest, more)
            .map(Decision::Neither)
            .ok_or_else(|| "It says `neither` without the text to use.".to_owned()),
        "" => Err("It names no choice.".to_owned()),
        _ => Err(format!("`{word}` is none of the choices.")),
    }
}

fn text(rest: &str, more: &str) -> Option<String> {
    let rest = rest.trim_start_matches([':', '-']).trim();
    let text = format!("{rest}\n{more}");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Spells an answer so that [`parse`] reads it back.
pub fn spell(decision: &Decision) -> String {
    match decision {
        Decision::AcceptA => format!("{PREFIX} accept_a"),
        Decision::AcceptB => format!("{PREFIX} accept_b"),
        Decision::Merge(text) => format!("{PREFIX} merge\n{text}"),
        Decision::Neither(text) => format!("{PREFIX} neither\n{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Decision) {
        assert_eq!(parse(text), Some(Ok(expected)), "{text:?}");
    }

    #[test]
    fn answers_are_read() {
        check("resolution: accept_a", Decision::AcceptA);
        check("  Resolution:ACCEPT_B because it is so\nand more", Decision::AcceptB);
        check("RESOLUTION: accept-a.", Decision::AcceptA);
        check("resolution: merge The count.", Decision::Merge("The count.".to_owned()));
        check(
            "resolution: manual\nOne.\nTwo.\n",
            Decision::Merge("One.\nTwo.".to_owned()),
        );
        check(
            "resolution: neither: int | None",
            Decision::Neither("int | None".to_owned()),
        );
    }

    #[test]
    fn spelled_answers_are_read_back() {
        for decision in [
            Decision::AcceptA,
            Decision::AcceptB,
            Decision::Merge("- first\n- second".to_owned()),
            Decision::Neither("resolution: accept_a".to_owned()),
        ] {
            check(&spell(&decision), decision.clone());
        }
    }

    #[test]
    fn doubtful_answers_are_unclear() {
        for text in [
            "resolution: merge",
            "resolution: neither \n \n",
            "resolution:",
            "resolution: both",
            "resolution: accept_a | accept_b | merge | neither",
            "resolution: accept_a or maybe accept_b",
            "resolution: accept_ab",
        ] {
            assert!(matches!(parse(text), Some(Err(_))), "{text:?}");
        }
    }

    #[test]
    fn other_words_are_no_answer() {
        for text in [
            "",
            "Closed",
            "done",
            "accept_a",
            "the resolution: accept_a",
            "résolution: accept_a",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
