//! Flags as they are written. What they mean is worked out in `cli::context` and [`crate::config`].

pub mod facts;
pub mod history;
pub mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Documentation for Python repositories that can be trusted.
///
/// Two independent streams describe each component; static analysis decides where they differ; every claim carries
/// its evidence.
#[derive(Debug, Parser)]
#[command(
    name = "twinscribe",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Start with `twinscribe check .` or `twinscribe document .`; neither needs a key or the network."
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Say less: no progress, no messages but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more on stderr
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = false
    )]
    pub color: ColorArg,
    /// How to show progress on stderr
    #[arg(long, global = true, value_name = "HOW", default_value = "auto")]
    pub progress: ProgressArg,
    /// Configuration file, instead of twinscribe.toml or pyproject.toml in the repository
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to show progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProgressArg {
    /// A bar on a terminal, lines elsewhere once it takes long
    #[default]
    Auto,
    /// A bar with an estimate of the time left
    Bar,
    /// Lines
    Plain,
    /// An event per line, as JSON
    Json,
    /// Not at all
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Document a repository: analyse, describe, compare, settle, write the package
    Document(run::DocumentArgs),
    /// Go on with a run from its checkpoint
    Resume(run::ResumeArgs),
    /// Find where docstrings and code part, for CI: writes nothing, opens no connection
    Check(run::CheckArgs),
    /// Print the facts of the static analysis
    Analyze(facts::AnalyzeArgs),
    /// Show all that is known of one component, and why each claim stands
    Explain(facts::ExplainArgs),
    /// Print the convergence report of a run
    Report(history::ReportArgs),
    /// List, answer and read tickets: what people have to decide
    Tickets(history::TicketsArgs),
    /// List, check, delete and export checkpoints: what can be resumed
    Checkpoints(history::CheckpointsArgs),
    /// List and compare the runs there have been
    Runs(history::RunsArgs),
    /// Write a configuration file with all options and what they mean
    Init(facts::InitArgs),
    /// Check that everything a run needs is in order
    Doctor(facts::DoctorArgs),
    /// Print a shell's completion script
    Completions(facts::CompletionsArgs),
    /// Print a manual page
    Man(facts::ManArgs),
}

#[cfg(test)]
mod tests;
