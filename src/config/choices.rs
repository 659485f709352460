//! Options that are one of a few words. Each enum is read from files, the environment and flags by the same names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::models::ModelName;

/// Which documenter a stream uses: `docstring`, `code`, or a model by its full name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StreamChoice {
    /// What the author's docstrings say.
    Docstring,
    /// What the code does.
    Code,
    /// What a language model writes.
    Model(ModelName),
}

impl StreamChoice {
    /// The model, where it is one.
    pub fn model(&self) -> Option<&ModelName> {
        match self {
            Self::Model(name) => Some(name),
            Self::Docstring | Self::Code => None,
        }
    }
}

impl fmt::Display for StreamChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Docstring => f.write_str("docstring"),
            Self::Code => f.write_str("code"),
            Self::Model(name) => name.fmt(f),
        }
    }
}

impl FromStr for StreamChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "docstring" => Ok(Self::Docstring),
            "code" => Ok(Self::Code),
            _ if text.contains(':') => text.parse().map(Self::Model),
            _ => Err(format!(
                "`{text}` is no stream; there are docstring, code, and models such as openai:MODEL"
            )),
        }
    }
}

impl TryFrom<String> for StreamChoice {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<StreamChoice> for String {
    fn from(choice: StreamChoice) -> Self {
        choice.to_string()
    }
}

/// Where tickets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TicketStoreChoice {
    /// In `tickets.jsonl` in the checkpoint folder
    Embedded,
    /// In the Beads tracker of the repository, through `bd`
    Beads,
    /// Nowhere: open discrepancies are only reported
    None,
}

/// What resuming keeps of what a checkpoint holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Reconcile {
    #[default]
    /// Keep what is unchanged, redo what changed and what depends on it
    Patch,
    /// Trust the checkpoint entirely
    Overwrite,
    /// Keep every result there is, do only what is missing
    FillGaps,
}

/// The least serious thing that makes a command exit with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Nothing
    Never,
    /// A docstring says what the code refutes
    Contradiction,
    /// That, or something true is not documented
    Omission,
    /// Tickets are open or the streams have not converged (`document` and `resume` only)
    Unsettled,
    /// Any finding, open ticket or lack of convergence
    Any,
}

/// Which findings are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// What the code refutes
    Contradiction,
    /// That, and what is true and not documented
    Omission,
    /// All of them, matters of policy included
    Any,
}

/// Whose policies `check` follows instead of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// pydoclint's, with the options in `[tool.pydoclint]`
    Pydoclint,
    /// The rules D and DOC of ruff that its configuration selects
    Ruff,
    /// docsig's checks of parameters and results, with the options in `[tool.docsig]`
    Docsig,
    /// darglint's, with the options in `.darglint`, `setup.cfg` or `tox.ini`
    Darglint,
    /// Those checks of numpydoc's that concern the code, with the options in `[tool.numpydoc_validation]`
    Numpydoc,
}
