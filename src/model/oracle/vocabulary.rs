//! Words of the code: every identifier that stands anywhere in the repository's source, and those of the language and
//! its library. What is not among them names nothing.

use rustc_hash::FxHashSet;
use std::sync::LazyLock;

use super::Oracle;
use crate::model::component::Name;

/// Names of Python's library, by introspection.
static LIBRARY: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let text = include_str!("../../../grammars/python/library/names.txt");
    identifiers(text).chain(KEYWORDS.iter().copied()).collect()
});

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "args", "as", "assert", "async", "await", "break", "case", "class", "cls",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "kwargs", "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return", "self", "try", "type", "while",
    "with", "yield",
];

/// The identifiers of a repository's source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary(FxHashSet<Name>);

impl Vocabulary {
    /// Collects the identifiers of some texts, comments and strings included: what is mentioned there exists for
    /// somebody.
    fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: FxHashSet<&str> = FxHashSet::default();
        for text in texts {
            words.extend(identifiers(text));
        }
        // Sets of names are only ever asked, so their order shows nowhere.
        Self(words.into_iter().map(Name::from).collect())
    }
}

impl Oracle {
    /// The same oracle, which also knows every word of the source.
    #[must_use]
    pub fn with_words_of<'a>(mut self, texts: impl IntoIterator<Item = &'a str>) -> Self {
        self.vocabulary = Some(Vocabulary::of(texts));
        self
    }

    /// Whether an identifier stands anywhere in the source, or in the language and its library; yes where the words of
    /// the source are not known.
    pub fn has_word(&self, identifier: &str) -> bool {
        self.vocabulary
            .as_ref()
            .is_none_or(|words| words.0.contains(identifier))
            || LIBRARY.contains(identifier)
            || self.roots.iter().any(|root| **root == *identifier)
            || self
                .files
                .iter()
                .any(|file| file.module.split('.').any(|part| part == identifier))
    }
}

/// The identifiers in a text.
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_source_and_of_the_language() {
        let oracle = Oracle::default().with_words_of(["def f(x1):\n    return häuser # see y\n"]);
        for word in [
            "f",
            "x1",
            "häuser",
            "y",
            "len",
            "ValueError",
            "OrderedDict",
            "self",
            "None",
        ] {
            assert!(oracle.has_word(word), "{word}");
        }
        for word in ["frobnicate", "x1y", "1"] {
            assert!(!oracle.has_word(word), "{word}");
        }
        assert!(
            Oracle::default().has_word("anything"),
            "what is not known excludes nothing"
        );
    }
}
