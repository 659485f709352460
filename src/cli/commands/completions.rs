//! `completions`: a shell's completion script.

use clap::CommandFactory as _;

use crate::cli::args::Cli;
use crate::cli::args::facts::CompletionsArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};

pub(crate) fn run(args: &CompletionsArgs, context: &Context) -> Result<Ending, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "twinscribe", &mut script);
    context.print(|out| out.write_all(&script))?;
    Ok(Ending::Clean)
}
