//! Flags of the commands about facts and set-up.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::run::DiscoveryOptions;

/// `analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// The repository: a folder, or one Python file
    #[arg(value_name = "REPO", default_value = ".")]
    pub repository: PathBuf,
    /// The form of what is printed [default: text; json-lines with --verify and --docstrings]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<FactsFormat>,
    /// Answer claims: a file of JSON lines, `-` for stdin; each `{caller, callee}` or `{component, fact, name, value}`
    #[arg(long, value_name = "CLAIMS", conflicts_with = "diff")]
    pub verify: Option<PathBuf>,
    /// Compare a documented call graph with the facts: a file like call_graph.json or `{caller: [callee, …]}`
    #[arg(long, value_name = "GRAPH")]
    pub diff: Option<PathBuf>,
    /// Take the docstrings of one file apart, each into its sections and their entries
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "verify"])]
    pub docstrings: Option<PathBuf>,
    /// What is analysed.
    #[command(flatten)]
    pub discovery: DiscoveryOptions,
}

/// A form of the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FactsFormat {
    /// One JSON document
    Json,
    /// A JSON object per file, component, edge and problem
    JsonLines,
    /// `{caller: [callee, …]}` with the names that PyCG uses
    Pycg,
    /// The call graph for Graphviz
    Dot,
    /// The call graph as GraphML
    Graphml,
    /// The call graph for Mermaid
    Mermaid,
    /// A summary
    Text,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of the component, `pkg.mod.Class.method`, or the end of one
    #[arg(value_name = "COMPONENT")]
    pub component: String,
    /// The repository: a folder, or one Python file
    #[arg(long = "repo", value_name = "REPO", default_value = ".")]
    pub repository: PathBuf,
    /// The form of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    /// What is analysed.
    #[command(flatten)]
    pub discovery: DiscoveryOptions,
}

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal
    Text,
    /// JSON
    Json,
    /// Markdown
    Markdown,
}

/// A form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a terminal
    Text,
    /// JSON
    Json,
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write twinscribe.toml
    #[arg(value_name = "REPO", default_value = ".")]
    pub repository: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The repository: a folder, or one Python file
    #[arg(value_name = "REPO", default_value = ".")]
    pub repository: PathBuf,
    /// The form of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ListFormat,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command whose page to print; by default the program's
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
