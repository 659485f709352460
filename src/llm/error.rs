//! What goes wrong between the question and the answer, and what may be done about it.

use std::time::Duration;

use super::Tokens;

/// Longest message of a provider that is passed on, in characters.
const LONGEST_MESSAGE: usize = 300;

/// What sort of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The key is missing, wrong, or not allowed this.
    Auth,
    /// The account has no money left, or its limit of spending is reached.
    Quota,
    /// The address or the model does not exist.
    NotFound,
    /// The server sends us elsewhere, which is not followed: the key and the source would go with it.
    Redirected,
    /// The request itself is wrong: too long, or with something the provider does not know.
    BadRequest,
    /// Too many requests or tokens in this minute.
    RateLimit,
    /// The provider has too much to do.
    Overloaded,
    /// The provider has an error of its own.
    Server,
    /// No connection, or one that broke.
    Network,
    /// Nothing came for too long.
    Timeout,
    /// What came is not the protocol.
    Malformed,
    /// What came is longer than any answer.
    TooLarge,
    /// The run's budget does not allow another request.
    Budget,
}

impl ErrorKind {
    /// Whether the same request may succeed later.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::RateLimit | Self::Overloaded | Self::Server | Self::Network | Self::Timeout | Self::Malformed
        )
    }

    /// Whether no other request will fare better.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Auth | Self::Quota | Self::NotFound | Self::Redirected)
    }
}

/// Why there is no answer; the text is a fragment.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct LlmError {
    /// What sort.
    pub kind: ErrorKind,
    /// Why, as a fragment.
    pub message: String,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What was used up all the same, as far as the provider has said.
    pub tokens: Option<Tokens>,
    /// Whether the provider had begun to answer, so that it may ask for money.
    pub accepted: bool,
}

impl LlmError {
    pub(super) fn new(kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self {
            kind,
            message: on_one_line(message.as_ref()),
            retry_after: None,
            tokens: None,
            accepted: false,
        }
    }

    /// The same, of an answer that had begun.
    #[must_use]
    pub(super) fn after_acceptance(mut self) -> Self {
        self.accepted = true;
        self
    }

    /// The same, with what was used up.
    #[must_use]
    pub(super) fn having_used(mut self, tokens: Tokens) -> Self {
        self.tokens = (tokens != Tokens::default()).then_some(tokens);
        self
    }
}

/// A text without line breaks and control characters, cut to a length that can be shown.
pub(crate) fn on_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words
        .into_iter()
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_short_line() {
        let error = LlmError::new(ErrorKind::Server, format!("a\n\u{1b}[2J  b{}", "x".repeat(1000)));
        assert!(error.message.starts_with("a [2J bx"), "{}", error.message);
        assert_eq!(error.message.chars().count(), LONGEST_MESSAGE + 1);
    }
}
