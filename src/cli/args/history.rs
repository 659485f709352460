//! Flags of the commands about what there has been: reports, tickets, checkpoints, runs.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::facts::{ListFormat, ReportFormat};
use crate::config::TicketStoreChoice;

/// Where the history is.
#[derive(Clone, Debug, Default, Args)]
pub struct Place {
    /// Where checkpoints, history and tickets are [default: ./checkpoints]
    #[arg(long, value_name = "DIR")]
    pub checkpoint_dir: Option<PathBuf>,
}

/// `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The run; by default the latest that has a report
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// The form of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    /// Where the history is.
    #[command(flatten)]
    pub place: Place,
}

/// `tickets`.
#[derive(Debug, Args)]
pub struct TicketsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TicketsCommand,
}

/// Where the tickets are.
#[derive(Clone, Debug, Default, Args)]
pub struct TicketPlace {
    /// Where the history is.
    #[command(flatten)]
    pub place: Place,
    /// Where tickets are kept [default: where the latest run keeps them]
    #[arg(long, value_name = "STORE")]
    pub tickets: Option<TicketStoreChoice>,
}

/// What to do with tickets.
#[derive(Debug, Subcommand)]
pub enum TicketsCommand {
    /// List tickets
    List {
        /// Which ones
        #[arg(long, value_name = "STATE", default_value = "open")]
        state: TicketStateArg,
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the tickets are.
        #[command(flatten)]
        place: TicketPlace,
    },
    /// Show one ticket: both sides, the facts, the source, the choices
    Show {
        /// The ticket
        #[arg(value_name = "TICKET")]
        id: String,
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the tickets are.
        #[command(flatten)]
        place: TicketPlace,
    },
    /// Answer a ticket; the next run applies the answer
    Resolve(ResolveArgs),
    /// Bring the tickets here and those in the repository's Beads tracker in line
    ///
    /// Tickets that are only here are put there; answers given there are taken over here, and the other way round.
    Sync {
        /// Put the rebuild tickets of this file there too: rebuild_tickets.jsonl of a package
        #[arg(long, value_name = "FILE")]
        rebuild: Option<PathBuf>,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Print the tickets as JSON lines that Beads imports
    Export {
        /// Write them to this file
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Where the tickets are.
        #[command(flatten)]
        place: TicketPlace,
    },
}

/// Which tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TicketStateArg {
    /// Those that wait for an answer
    Open,
    /// Those with an answer
    Answered,
    /// Those that nobody answered in time
    Expired,
    /// All
    All,
}

/// `tickets resolve`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("decision").required(true))]
pub struct ResolveArgs {
    /// The ticket
    #[arg(value_name = "TICKET")]
    pub id: String,
    /// Stream A is right
    #[arg(short, long, group = "decision")]
    pub a: bool,
    /// Stream B is right
    #[arg(short, long, group = "decision")]
    pub b: bool,
    /// This text, made of both
    #[arg(long, value_name = "TEXT", group = "decision")]
    pub merge: Option<String>,
    /// This text, instead of both
    #[arg(long, value_name = "TEXT", group = "decision")]
    pub neither: Option<String>,
    /// Who decides [default: $USER]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Where the tickets are.
    #[command(flatten)]
    pub place: TicketPlace,
}

/// `checkpoints`.
#[derive(Debug, Args)]
pub struct CheckpointsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CheckpointsCommand,
}

/// What to do with checkpoints.
#[derive(Debug, Subcommand)]
pub enum CheckpointsCommand {
    /// List checkpoints
    List {
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Show what a checkpoint holds
    Show {
        /// The checkpoint or run
        #[arg(value_name = "ID")]
        id: String,
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Read every byte and check it
    ///
    /// Exits with 0 where everything is as it was written, with 1 where something is damaged and every run can still
    /// be resumed, with 7 where a run cannot.
    Verify {
        /// The checkpoint or run; by default all
        #[arg(value_name = "ID")]
        id: Option<String>,
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Delete a checkpoint, or a run with all of its checkpoints
    Delete {
        /// The checkpoints or runs
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Print all that is saved of a run as one JSON document
    Export {
        /// The checkpoint or run
        #[arg(value_name = "ID")]
        id: String,
        /// Write it to this file
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
}

/// `runs`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RunsCommand,
}

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// List the runs
    List {
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Show one run
    Show {
        /// The run; by default the latest
        #[arg(value_name = "RUN")]
        run: Option<String>,
        /// List the components that were asked for, with calls, failures and time
        #[arg(long)]
        components: bool,
        /// Show the log of one component: every call about it
        #[arg(long, value_name = "ID", conflicts_with = "components")]
        component: Option<String>,
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Compare two runs
    Diff {
        /// The earlier run
        #[arg(value_name = "OLD")]
        old: String,
        /// The later run; by default the latest
        #[arg(value_name = "NEW")]
        new: Option<String>,
        /// The form of what is printed
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
}
