//! What a model says in names and in prose that the code can refute: names of nothing, exceptions, defaults.
//!
//! A claim about a name that is none is refuted, where the oracle cannot tell. In prose, [`refute`] looks only at what is written as code or cannot be anything else, so that no true sentence is thrown out:
//! names in backticks, calls, words with underscores, exceptions that are said to be raised, defaults that are stated.
//! It is for models, whose prose is new; an author's is looked at where docstrings are read.

use super::docstring::stated_default;
use crate::model::claim::{Answer, Subject, Value, Verdict};
use crate::model::component::ComponentIndex;
use crate::model::documentation::JudgedDraft;
use crate::model::oracle::{Oracle, plain_name};

/// Answers for the names and the prose in a model's draft what the code says to them.
pub fn judge(oracle: &Oracle, component: ComponentIndex, judged: &mut JudgedDraft) {
    for (claim, answer) in judged.draft.claims.iter().zip(&mut judged.answers) {
        if oracle.component(component).traits.in_damaged_file || answer.verdict != Verdict::Unknown {
            continue;
        }
        let refuted = match (&claim.value, claim.subject.name()) {
            (Value::Text(text), _) if claim.subject.is_prose() => refute(oracle, component, &claim.subject, text),
            (Value::Present, Some(name)) => no_name(oracle, name),
            _ => None,
        };
        if let Some(reason) = refuted {
            *answer = Answer::refuted(reason, None, None);
        }
    }
}

/// Why what is claimed to exist has no name that anything could have.
fn no_name(oracle: &Oracle, name: &str) -> Option<String> {
    let plain = plain_name(name);
    if !is_dotted(&plain) {
        return Some(format!("`{name}` is no name"));
    }
    unknown_word(oracle, &plain)
}

/// Why a dotted name is that of nothing, if a part of it stands nowhere.
fn unknown_word(oracle: &Oracle, name: &str) -> Option<String> {
    let unknown = name
        .split('.')
        .find(|part| !part.is_empty() && !oracle.has_word(part))?;
    Some(format!(
        "nothing is called `{unknown}`, neither in the repository nor in Python's library"
    ))
}

/// Why a text cannot stand, as a fragment; none where nothing in it is refuted.
pub fn refute(oracle: &Oracle, component: ComponentIndex, subject: &Subject, text: &str) -> Option<String> {
    let names = || {
        mentions(text)
            .into_iter()
            .find_map(|name| invented(oracle, component, name))
    };
    names()
        .or_else(|| false_raise(oracle, component, text))
        .or_else(|| false_default(oracle, component, subject, text))
}

/// Why a mentioned name is none, if it is none.
fn invented(oracle: &Oracle, component: ComponentIndex, name: &str) -> Option<String> {
    if let Some(reason) = unknown_word(oracle, name) {
        return Some(reason);
    }
    let answer = oracle.ask(component, &Subject::Reference(name.into()), &Value::Present);
    (answer.verdict == Verdict::Refuted).then(|| answer.reason.into_owned())
}

/// Names in a text that are written as code: dotted, without parentheses.
fn mentions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 1 {
            found.extend(as_name(part));
        } else {
            found.extend(bare_names(part));
        }
    }
    found
}

/// The name that quoted code is, where it is one: `f`, `a.b`, `f()`, `f(x, y)`.
fn as_name(code: &str) -> Option<&str> {
    let code = code.trim();
    let head = match code.split_once('(') {
        Some((head, rest)) if rest.ends_with(')') => head,
        Some(_) => return None,
        None => code,
    };
    is_dotted(head).then_some(head)
}

/// Names outside of backticks that can be nothing else: `f()`, `a_b`, `SomeError`.
fn bare_names(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter_map(|word| {
        let word = word.trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | ';' | ':' | '*' | '[' | ']' | '<' | '>'));
        let word = word.trim_end_matches(['.', '!', '?', ',']);
        let word = word.strip_prefix('(').unwrap_or(word);
        if let Some((head, rest)) = word.split_once('(') {
            let closes = rest.starts_with(')') || rest.contains('=');
            return (closes && is_dotted(head)).then_some(head);
        }
        let word = word.trim_end_matches(')');
        let inner = word.trim_matches('_');
        let is_code = is_dotted(word) && !word.contains('.') && (inner.contains('_') || is_exception(word));
        is_code.then_some(word)
    })
}

fn is_dotted(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
}

/// Whether a word is named like a class of exceptions.
fn is_exception(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or(word);
    last.starts_with(char::is_uppercase)
        && ["Error", "Exception", "Warning"]
            .iter()
            .any(|end| last.len() > end.len() && last.ends_with(end))
}

/// Words that turn a statement about an exception into another one.
const HEDGES: &[&str] = &[
    "not",
    "never",
    "no",
    "without",
    "instead",
    "rather",
    "unlike",
    "avoid",
    "avoids",
    "catches",
    "caught",
    "suppresses",
    "swallows",
    "ignores",
    "handles",
    "if",
    "when",
    "may",
    "might",
    "could",
    "can",
    "callers",
    "caller",
    "subclasses",
    "cannot",
    "nor",
    "neither",
    "than",
    "longer",
];

/// Why an exception that is said to be raised is not: `Raises KeyError.`
fn false_raise(oracle: &Oracle, component: ComponentIndex, text: &str) -> Option<String> {
    for sentence in text.split(['.', ';', '\n']) {
        let mut raises = None;
        for (at, word) in sentence.split_whitespace().enumerate() {
            let bare = word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
            let lowered = bare.to_lowercase();
            if raises.is_none() && (HEDGES.contains(&lowered.as_str()) || lowered.ends_with("n't")) {
                break;
            }
            if matches!(lowered.as_str(), "raises" | "raise" | "raising" | "throws") {
                raises = Some(at);
            } else if raises.is_some_and(|r| at <= r + 3) && is_exception(bare) {
                let answer = oracle.ask(component, &Subject::Raise(bare.into()), &Value::Present);
                if answer.verdict == Verdict::Refuted {
                    return Some(answer.reason.into_owned());
                }
            }
        }
    }
    None
}

/// Why a default that is stated of a parameter is none: `Defaults to 3.`
fn false_default(oracle: &Oracle, component: ComponentIndex, subject: &Subject, text: &str) -> Option<String> {
    let stated = stated_default(text)?;
    let parameter = match subject {
        Subject::ParameterText(name) => name.clone(),
        // In other prose the parameter is the one name in backticks that is one.
        _ => {
            let signature = oracle.component(component).signature.as_ref()?;
            let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
            let mut named = signature.documented().iter().filter(|p| quoted.contains(&&*p.name));
            let parameter = named.next().filter(|_| named.next().is_none())?;
            parameter.name.clone()
        }
    };
    let subject = Subject::ParameterDefault(parameter);
    let answer = oracle.ask(component, &subject, &Value::text(stated));
    (answer.verdict == Verdict::Refuted).then(|| answer.reason.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::claim::Claim;
    use crate::model::documentation::Draft;
    use crate::model::oracle::testing::Repository;

    /// Whether a text about `m.f(count=3)`, which raises nothing, is thrown out.
    fn refuted(text: &str) -> Option<String> {
        let mut r = Repository::default();
        r.module("m");
        let f = r.function("m.f", "(count=3)");
        r.function("m.load_items", "()");
        let oracle = r.build().with_words_of([
            "import requests\ndef f(count=3):\n    return sum(range(count))  # items\n\
             def load_items():\n    return requests.get('x').json()\nclass OutOfStock(Exception): ...\n",
        ]);
        refute(&oracle, f, &Subject::Description, text)
    }

    #[test]
    fn names_that_nothing_has_are_refuted_however_they_are_written() {
        for text in [
            "Calls `frobnicate` first.",
            "Calls `frobnicate()` first.",
            "It uses frobnicate() for that.",
            "It uses store_all_items for that.",
            "See `requests.frobnicate`.",
            "Wraps a `StockManager`.",
            "Fails with StockLimitError.",
            "Calls (store_all_items(count=2)) twice.",
        ] {
            assert!(refuted(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_exists_or_is_no_name_stands() {
        for text in [
            "Returns the sum of `count` numbers.",
            "Calls `load_items`, `sum()` and `range(count)`; see `requests.get`.",
            "An `OutOfStock` is not raised here. `None` and `self` are fine, `ValueError` too.",
            "Use `pip install thing`, `--flag`, `/usr/lib`, `x > 0`, `\"abc\"`, `1.5` or `a-b`.",
            "Works on GitHub (and on PostgreSQL), e.g. with JSON; cf. setup.py and example.com.",
            "Reads item(s) and the file(s) named.",
            "It does not raise NotImplementedError. Without raising NotImplementedError it ends.",
            "If an item is missing, callers raise NotImplementedError.",
            "Counts up. `count` defaults to 3.",
        ] {
            assert_eq!(refuted(text), None, "{text}");
        }
    }

    #[test]
    fn claims_about_names_that_are_none_are_refuted() {
        let mut r = Repository::default();
        r.module("m");
        let f = r.function("m.f", "()");
        let oracle = r.build().with_words_of(["def f(): g()"]);
        let claims = [
            ("The shop is a shop", true),
            ("frobnicate", true),
            ("a.frobnicate", true),
            ("f", false),
            ("os.path.join", false),
        ];
        for (name, is_none) in claims {
            assert_eq!(no_name(&oracle, name).is_some(), is_none, "{name}");
        }
        let claim = Claim::said(Subject::Callee("no name".into()), Value::Present, 1.0, None);
        let mut judged = JudgedDraft {
            draft: Draft::new("m.f".into(), vec![claim]),
            answers: vec![Answer::unknown("")],
        };
        judge(&oracle, f, &mut judged);
        assert_eq!(judged.answers[0].verdict, Verdict::Refuted);
    }

    #[test]
    fn exceptions_and_defaults_in_prose_are_asked_of_the_code() {
        for text in [
            "Raises NotImplementedError.",
            "Sums up. Raises a `NotImplementedError` for odd numbers.",
            "Counts up. `count` defaults to 4.",
        ] {
            assert!(refuted(text).is_some(), "{text}");
        }
    }
}
