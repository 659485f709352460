//! How a command fails: one [`Failure`] with a kind, the chain of causes, hints, and the exit code of its kind.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use crate::report::escape::for_terminal;

/// Why a command failed, as far as the exit code tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A component failed, and the others were not to go on; the run can be resumed.
    Component,
    /// Wrong usage, configuration or input, or an output that cannot be written.
    Usage,
    /// A mistake of the program itself.
    Internal,
    /// The budget is used up; the run can be resumed.
    Budget,
    /// A stream ended for good; the run can be resumed.
    Stream,
    /// Another run holds the lock.
    Locked,
    /// A checkpoint is damaged or too new.
    Checkpoint,
    /// Stopped by the interrupt signal; the run can be resumed.
    Interrupted,
    /// Stopped by the termination signal; the run can be resumed.
    Terminated,
    /// Whoever read stdout has had enough, which is no failure.
    OutputClosed,
}

impl Kind {
    /// The documented exit code.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Component => 1,
            Self::Usage => 2,
            Self::Internal => 3,
            Self::Budget => 4,
            Self::Stream => 5,
            Self::Locked => 6,
            Self::Checkpoint => 7,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::OutputClosed => 0,
        }
    }
}

/// A command's failure: what it failed to do and why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What sort; decides the exit code.
    pub(crate) kind: Kind,
    /// What could not be done, then each cause of it.
    pub(crate) chain: Vec<String>,
    /// What to do next, as sentences.
    pub(crate) hints: Vec<String>,
    /// The command that goes on from here; printed last.
    pub(crate) resume: Option<String>,
}

impl Failure {
    /// A failure with one message.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            chain: vec![message.into()],
            hints: Vec::new(),
            resume: None,
        }
    }

    /// Wrong usage, configuration or input, or an output that cannot be written.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// "failed to …" with the causes of an error of the library, whose texts are fragments that fit behind it.
    pub(crate) fn of(kind: Kind, error: &dyn Error) -> Self {
        let mut failure = Self::new(kind, format!("failed to {error}"));
        let mut cause = error.source();
        while let Some(error) = cause {
            failure.chain.push(error.to_string());
            cause = error.source();
        }
        failure
    }

    /// Adds a cause, with its own causes.
    #[must_use]
    pub(crate) fn because(mut self, error: &dyn Error) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            self.chain.push(error.to_string());
            cause = error.source();
        }
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the command that goes on from here.
    #[must_use]
    pub(crate) fn resume_with(mut self, command: Option<String>) -> Self {
        self.resume = command;
        self
    }

    /// The failure as lines for stderr; repository text in it is made harmless.
    pub(crate) fn render(&self, paint: crate::report::paint::Paint) -> String {
        let mut text = String::new();
        let (first, causes) = self.chain.split_first().map_or(("", &[][..]), |(f, c)| (f.as_str(), c));
        let label = match self.kind {
            Kind::Interrupted | Kind::Terminated | Kind::Budget => paint.warning("stopped"),
            _ => paint.error("error"),
        };
        _ = writeln!(text, "{label}: {}", for_terminal(first));
        for cause in causes {
            _ = writeln!(text, "  because: {}", for_terminal(cause));
        }
        for hint in &self.hints {
            _ = writeln!(text, "{}: {}", paint.hint("hint"), for_terminal(hint));
        }
        if let Some(command) = &self.resume {
            _ = writeln!(text, "{}", for_terminal(command));
        }
        text
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        let failure = Self::of(Kind::Usage, &error);
        if error.is_of_the_command_line() {
            failure
        } else {
            failure.hint("`twinscribe init` writes a file with all options and what they mean")
        }
    }
}

impl From<crate::report::ReportError> for Failure {
    fn from(error: crate::report::ReportError) -> Self {
        Self::of(Kind::Usage, &error)
    }
}

/// How a command that ran to its end wants the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing to complain of.
    Clean,
    /// Findings, open tickets, no convergence, failed components.
    Findings,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Clean => Self::SUCCESS,
            Ending::Findings => Self::from(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ReportError;
    use crate::report::paint::Paint;

    #[test]
    fn failure_shows_causes_hints_and_the_command_that_goes_on() {
        let error = ReportError::Write {
            path: "out\u{1b}[2J".into(),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        let failure = Failure::from(error)
            .hint("make room")
            .resume_with(Some("twinscribe resume checkpoint_20260101_000000".to_owned()));
        insta::assert_snapshot!(failure.render(Paint::PLAIN), @r"
        error: failed to write out\u{1b}[2J
          because: no storage space
        hint: make room
        twinscribe resume checkpoint_20260101_000000
        ");
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes = [
            (Kind::OutputClosed, 0),
            (Kind::Component, 1),
            (Kind::Usage, 2),
            (Kind::Internal, 3),
            (Kind::Budget, 4),
            (Kind::Stream, 5),
            (Kind::Locked, 6),
            (Kind::Checkpoint, 7),
            (Kind::Interrupted, 130),
            (Kind::Terminated, 143),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code, "{kind:?}");
        }
    }
}
