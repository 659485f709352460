//! Keys: strings that no message, log or file shows.

use std::fmt;

/// A key. It has no form that can be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself, for the one header that it goes into.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// A text without the key: providers like to repeat keys that they do not know.
    pub(super) fn hide_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&self.0, "[key]")
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}
