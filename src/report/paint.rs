//! Colours on a terminal: a handful of roles, each off where colour is off.

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// Whether it is.
    pub enabled: bool,
}

impl Paint {
    /// No colour.
    pub const PLAIN: Self = Self { enabled: false };

    fn style(self, code: &str, text: &str) -> String {
        if self.enabled {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// What is wrong.
    pub fn error(self, text: &str) -> String {
        self.style("1;31", text)
    }

    /// What may be wrong.
    pub fn warning(self, text: &str) -> String {
        self.style("1;33", text)
    }

    /// What is well.
    pub fn good(self, text: &str) -> String {
        self.style("1;32", text)
    }

    /// What to do.
    pub fn hint(self, text: &str) -> String {
        self.style("1;36", text)
    }

    /// What to look at first.
    pub fn strong(self, text: &str) -> String {
        self.style("1", text)
    }

    /// What matters less.
    pub fn faint(self, text: &str) -> String {
        self.style("2", text)
    }
}
