//! The command line: flags are parsed as they are written ([`args`]), checked into what they mean (`context`),
//! and handed to the command's file in `commands`.
//!
//! Data goes to stdout, progress and messages to stderr. A command returns an `Ending` or a
//! `Failure`; only `main` turns either into the end of the process.

pub mod args;
pub(crate) mod commands;
pub(crate) mod context;
pub(crate) mod failure;
pub(crate) mod gate;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod session;
pub(crate) mod signals;
mod suppress;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use args::{Cli, Command};
use context::Context;
use failure::{Ending, Failure, Kind};

/// Runs the program with its arguments, the program's name first, and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let context = Context::new(&cli.global, std::env::vars_os().collect());
    match dispatch(&cli.command, &context) {
        Ok(ending) => ending.into(),
        Err(failure) if failure.kind == Kind::OutputClosed => ExitCode::SUCCESS,
        Err(failure) => {
            context.complain(&failure.render(context.stderr_paint));
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to hear that printing failed.
    _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(Kind::Usage.exit_code()),
    }
}

fn dispatch(command: &Command, context: &Context) -> Result<Ending, Failure> {
    match command {
        Command::Document(args) => commands::document::run(args, context),
        Command::Resume(args) => commands::resume::run(args, context),
        Command::Check(args) => commands::check::run(args, context),
        Command::Analyze(args) => commands::analyze::run(args, context),
        Command::Explain(args) => commands::explain::run(args, context),
        Command::Report(args) => commands::report::run(args, context),
        Command::Checkpoints(args) => commands::checkpoints::run(args, context),
        Command::Runs(args) => commands::runs::run(args, context),
        Command::Tickets(args) => commands::tickets::run(args, context),
        Command::Init(args) => commands::init::run(args, context),
        Command::Doctor(args) => commands::doctor::run(args, context),
        Command::Completions(args) => commands::completions::run(args, context),
        Command::Man(args) => commands::man::run(args, context),
    }
}
