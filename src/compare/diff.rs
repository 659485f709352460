//! Two drafts side by side: claims paired by subject, values normalised, texts measured.
//!
//! The main function is [`pairs`]. It says where two streams differ, never who is right.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::model::claim::{Answer, Claim, Subject, Value, Verdict};
use crate::model::component::Name;
use crate::model::documentation::JudgedDraft;
use crate::model::oracle::type_text::{self, Comparison};

/// One stream's claim with the oracle's answer to it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// The oracle's answer.
    pub answer: &'a Answer,
}

impl Said<'_> {
    /// Whether the code excludes it.
    pub fn is_refuted(&self) -> bool {
        self.answer.verdict == Verdict::Refuted
    }

    /// Whether the code shows it.
    pub fn is_confirmed(&self) -> bool {
        self.answer.verdict == Verdict::Confirmed
    }
}

/// What the streams say about one subject: A first, none where one is silent.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The subject.
    pub subject: &'a Subject,
    /// What A and B say.
    pub sides: [Option<Said<'a>>; 2],
}

/// Merges two drafts into pairs, sorted by subject.
pub fn pairs<'a>(drafts: [Option<&'a JudgedDraft>; 2]) -> impl Iterator<Item = Pair<'a>> {
    let [mut a, mut b] = drafts.map(|draft| {
        draft
            .into_iter()
            .flat_map(JudgedDraft::judged)
            .map(|(claim, answer)| Said { claim, answer })
            .peekable()
    });
    std::iter::from_fn(move || {
        let order = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) => x.claim.subject.cmp(&y.claim.subject),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let sides = [a.next_if(|_| order.is_le()), b.next_if(|_| order.is_ge())];
        let subject = &sides[0].or(sides[1])?.claim.subject;
        Some(Pair { subject, sides })
    })
}

/// How two unequal values of one subject stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// None once spelling is set aside.
    Same,
    /// The first says all that the second says, and more.
    FirstSaysMore,
    /// The second says all that the first says, and more.
    SecondSaysMore,
    /// Both cannot be true.
    Contradiction,
    /// It cannot be told whether both can be true.
    Incomparable,
}

/// Compares two values of one subject; prose that differs is [`Difference::Incomparable`].
pub fn difference(subject: &Subject, first: &Value, second: &Value) -> Difference {
    if first == second {
        return Difference::Same;
    }
    match (first, second) {
        (Value::Text(a), Value::Text(b)) => text_difference(subject, a, b),
        (Value::Lines(a), Value::Lines(b)) => containment(a, b),
        (Value::Names(a), Value::Names(b)) => order_difference(a, b),
        _ => Difference::Contradiction,
    }
}

fn text_difference(subject: &Subject, a: &str, b: &str) -> Difference {
    match subject {
        Subject::ParameterType(_) | Subject::ReturnType | Subject::YieldType | Subject::AttributeType(_) => {
            match type_text::compare(a, b) {
                Comparison::Same => Difference::Same,
                Comparison::FirstSaysMore => Difference::FirstSaysMore,
                Comparison::SecondSaysMore => Difference::SecondSaysMore,
                Comparison::Contradiction => Difference::Contradiction,
                Comparison::Incomparable => Difference::Incomparable,
            }
        }
        Subject::ParameterDefault(_) if code(a) == code(b) => Difference::Same,
        Subject::ParameterDefault(_) => Difference::Contradiction,
        _ if words(a).eq(words(b)) => Difference::Same,
        _ => Difference::Incomparable,
    }
}

/// Lists without some of the other's lines say less.
fn containment(a: &[u32], b: &[u32]) -> Difference {
    if b.iter().all(|line| a.contains(line)) {
        Difference::FirstSaysMore
    } else if a.iter().all(|line| b.contains(line)) {
        Difference::SecondSaysMore
    } else {
        Difference::Contradiction
    }
}

/// An order of some says less than an order of all; only what both name can be in another order.
fn order_difference(a: &[Name], b: &[Name]) -> Difference {
    let common = |names: &[Name], other: &[Name]| -> Vec<Name> {
        let both = names.iter().filter(|name| other.contains(name));
        both.cloned().collect()
    };
    let (in_a, in_b) = (common(a, b), common(b, a));
    if in_a != in_b {
        Difference::Contradiction
    } else if in_b.len() == b.len() {
        Difference::FirstSaysMore
    } else if in_a.len() == a.len() {
        Difference::SecondSaysMore
    } else {
        Difference::Incomparable
    }
}

/// The words of a text, in lower case, without punctuation and markup.
pub fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(|word| {
            if word.chars().any(char::is_uppercase) {
                Cow::Owned(word.to_lowercase())
            } else {
                Cow::Borrowed(word)
            }
        })
}

/// A Python expression without markup, blanks and choice of quotes; blanks and quotes inside strings stay.
pub fn code(text: &str) -> String {
    let text = text.trim().trim_matches('`').trim_end_matches(['.', ',']);
    let mut out = String::with_capacity(text.len());
    let mut open: Option<char> = None;
    let mut escaped = false;
    for c in text.chars() {
        match open {
            Some(quote) => {
                let closes = c == quote && !escaped;
                out.push(if closes { '"' } else { c });
                escaped = c == '\\' && !escaped;
                if closes {
                    open = None;
                }
            }
            None if c == '"' || c == '\'' => {
                open = Some(c);
                out.push('"');
            }
            None if c.is_whitespace() => {}
            None => out.push(c),
        }
    }
    out
}

/// Words beyond which texts are compared as bags of words, whose cost is not their product.
const MAX_WORDS: usize = 4_000;

/// How alike two texts are, from 0 to 1: the edit distance of their words over the longer one's length.
pub fn similarity(first: &str, second: &str) -> f64 {
    let [mut a, mut b] = [first, second].map(|text| words(text).collect::<Vec<_>>());
    let longer = a.len().max(b.len());
    if longer == 0 {
        return if first.trim() == second.trim() { 1.0 } else { 0.0 };
    }
    if longer > MAX_WORDS {
        a.sort_unstable();
        b.sort_unstable();
        return ratio(2 * common(&a, &b), a.len() + b.len());
    }
    ratio(longer - strsim::generic_levenshtein(&a, &b), longer)
}

/// How alike two values of one subject are, from 0 to 1.
pub fn value_similarity(first: &Value, second: &Value) -> f64 {
    match (first.as_text(), second.as_text()) {
        (Some(a), Some(b)) => similarity(a, b),
        _ => f64::from(u8::from(first == second)),
    }
}

/// Number of elements that two sorted lists share.
fn common<T: Ord>(a: &[T], b: &[T]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                (i, j, shared) = (i + 1, j + 1, shared + 1);
            }
        }
    }
    shared
}

#[expect(clippy::cast_precision_loss, reason = "numbers of words stay far below 2^53")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::documentation::Draft;

    fn judged(subjects: &[Subject]) -> JudgedDraft {
        let claims = subjects
            .iter()
            .map(|s| Claim::said(s.clone(), Value::Present, 1.0, None))
            .collect();
        let draft = Draft::new(Name::from("m.f"), claims);
        let answers = draft.claims.iter().map(|_| Answer::unknown("")).collect();
        JudgedDraft { draft, answers }
    }

    #[test]
    fn drafts_merge_by_subject() {
        let a = judged(&[Subject::Summary, Subject::Return]);
        let b = judged(&[Subject::Return, Subject::Yield]);
        let merged: Vec<_> = pairs([Some(&a), Some(&b)])
            .map(|p| (p.subject.label(), p.sides.map(|s| s.is_some())))
            .collect();
        assert_eq!(
            merged,
            [
                ("summary", [true, false]),
                ("return", [true, true]),
                ("yield", [false, true])
            ]
        );
        assert_eq!(pairs([None, Some(&b)]).count(), 2);
        assert_eq!(pairs([None, None]).count(), 0);
    }

    fn check(subject: &Subject, first: &str, second: &str, expected: Difference) {
        assert_eq!(
            difference(subject, &Value::text(first), &Value::text(second)),
            expected,
            "{first} / {second}"
        );
    }

    #[test]
    fn spelling_is_no_difference() {
        let default = Subject::ParameterDefault(Name::from("x"));
        check(&default, "{ 'a' : 1 }", "{\"a\":1}", Difference::Same);
        check(&default, "' '", "''", Difference::Contradiction);
        check(&default, "``None``", "None", Difference::Same);
        check(
            &Subject::Summary,
            "Returns  the *name*.",
            "returns the `name`",
            Difference::Same,
        );
        check(&Subject::Summary, "One.", "Two.", Difference::Incomparable);
        check(&Subject::ReturnType, "int", "str", Difference::Contradiction);
    }

    #[test]
    fn more_lines_say_more() {
        let subject = Subject::CalleeLines(Name::from("m.g"));
        let lines = |lines: &[u32]| Value::Lines(lines.to_vec());
        assert_eq!(
            difference(&subject, &lines(&[1, 2]), &lines(&[2])),
            Difference::FirstSaysMore
        );
        assert_eq!(
            difference(&subject, &lines(&[1]), &lines(&[2])),
            Difference::Contradiction
        );
    }

    #[test]
    fn order_of_some_says_less_than_order_of_all() {
        let order = |names: &[&str]| Value::Names(names.iter().map(|&n| n.into()).collect());
        let all = order(&["a", "b", "c"]);
        let check = |some: &[&str], expected| {
            let found = difference(&Subject::ParameterOrder, &all, &order(some));
            assert_eq!(found, expected, "{some:?}");
        };
        check(&["a", "c"], Difference::FirstSaysMore);
        check(&["c", "a"], Difference::Contradiction);
        check(&["a", "d"], Difference::Incomparable);
    }

    #[test]
    fn similarity_counts_words() {
        assert!((similarity("Opens the file.", "opens the FILE") - 1.0).abs() < 1e-9);
        assert!((similarity("opens the file", "closes the file") - 2.0 / 3.0).abs() < 1e-9);
        assert!(similarity("abc", "") < 1e-9);
        assert!((similarity("", "") - 1.0).abs() < 1e-9);
        let long = "word ".repeat(20_000);
        assert!((similarity(&long, &long) - 1.0).abs() < 1e-9);
    }
}
