//! What every command knows: how to speak to the user, and where configuration comes from.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use super::args::run::ModelArgs;
use super::args::{ColorArg, GlobalArgs, ProgressArg};
use super::failure::{Failure, Kind};
use crate::config::{self, Layer, Settings};
use crate::llm::Reach;
use crate::report::escape::for_terminal;
use crate::report::paint::Paint;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Only errors.
    Quiet,
    /// What matters.
    Normal,
    /// Everything.
    Verbose,
}

/// How progress is shown, once the terminal is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgressMode {
    /// A bar.
    Bar,
    /// Lines at once.
    Plain,
    /// Lines once it takes long.
    PlainIfLong,
    /// JSON lines.
    Json,
    /// Nothing.
    Never,
}

/// The checked meaning of the global flags.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) stdout_paint: Paint,
    pub(crate) stderr_paint: Paint,
    pub(crate) verbosity: Verbosity,
    pub(crate) progress: ProgressMode,
    config_file: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
}

impl Context {
    pub(crate) fn new(global: &GlobalArgs, environment: Vec<(OsString, OsString)>) -> Self {
        let is_set = |name: &str| environment.iter().any(|(n, v)| n == name && !v.is_empty());
        let is_dumb = environment.iter().any(|(n, v)| n == "TERM" && v == "dumb");
        let paint = |is_terminal: bool| Paint {
            enabled: match global.color {
                ColorArg::Always => true,
                ColorArg::Never => false,
                ColorArg::Auto => is_terminal && !is_dumb && !is_set("NO_COLOR"),
            },
        };
        let stderr_is_terminal = io::stderr().is_terminal();
        let progress = match global.progress {
            _ if global.quiet => ProgressMode::Never,
            ProgressArg::Auto if stderr_is_terminal && !is_dumb => ProgressMode::Bar,
            ProgressArg::Auto => ProgressMode::PlainIfLong,
            ProgressArg::Bar => ProgressMode::Bar,
            ProgressArg::Plain => ProgressMode::Plain,
            ProgressArg::Json => ProgressMode::Json,
            ProgressArg::Never => ProgressMode::Never,
        };
        Self {
            stdout_paint: paint(io::stdout().is_terminal()),
            stderr_paint: paint(stderr_is_terminal),
            verbosity: match (global.quiet, global.verbose) {
                (true, _) => Verbosity::Quiet,
                (false, 0) => Verbosity::Normal,
                _ => Verbosity::Verbose,
            },
            progress,
            config_file: global.config.clone(),
            environment,
        }
    }

    /// Settings for a repository, or without one.
    pub(crate) fn settings(&self, repository: Option<&Path>, flags: Layer) -> Result<Settings, Failure> {
        let loaded = self.load(repository, flags)?;
        for warning in &loaded.warnings {
            self.warn(warning);
        }
        if let Some(file) = &loaded.file
            && self.verbosity == Verbosity::Verbose
        {
            self.say(&format!("configuration from {}", file.display()));
        }
        Ok(loaded.settings)
    }

    /// Settings with where they come from.
    pub(crate) fn load(&self, repository: Option<&Path>, flags: Layer) -> Result<config::load::Loaded, Failure> {
        Ok(config::load(config::Sources {
            file: self.config_file.clone(),
            repository: repository.map(Path::to_owned),
            environment: self.environment.clone(),
            flags,
        })?)
    }

    /// Where models are reached, by the command line and the environment; no file has a say in that.
    pub(crate) fn reach(&self, models: &ModelArgs) -> Reach {
        Reach::new(&models.base_urls, |name| self.variable(name).map(str::to_owned))
    }

    /// A variable of the environment.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, value)| value.to_str())
    }

    /// Writes data to stdout.
    pub(crate) fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        write(&mut out)
            .and_then(|()| out.flush())
            .map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Failure::new(Kind::OutputClosed, "stdout is closed"),
                _ => Failure::new(Kind::Usage, "failed to write to stdout").because(&error),
            })
    }

    /// Writes text to stdout.
    pub(crate) fn print_text(&self, text: &str) -> Result<(), Failure> {
        self.print(|out| out.write_all(text.as_bytes()))
    }

    /// Writes to stderr, whatever the verbosity. Where stderr is closed, nobody is left to tell.
    pub(crate) fn complain(&self, text: &str) {
        _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Tells the user something, unless they want to hear nothing.
    pub(crate) fn say(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.complain(&format!("{}\n", for_terminal(message)));
        }
    }

    /// Warns the user, unless they want to hear nothing.
    pub(crate) fn warn(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            let label = self.stderr_paint.warning("warning");
            self.complain(&format!("{label}: {}\n", for_terminal(message)));
        }
    }
}
