//! `man`: manual pages in roff.

use clap::CommandFactory as _;

use crate::cli::args::Cli;
use crate::cli::args::facts::ManArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};

pub(crate) fn run(args: &ManArgs, context: &Context) -> Result<Ending, Failure> {
    let mut program = Cli::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .map(|command| command.display_name(format!("twinscribe-{name}")))
            .ok_or_else(|| {
                Failure::usage(format!("failed to find the command `{name}`"))
                    .hint("`twinscribe --help` lists the commands")
            })?,
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| Failure::usage("failed to make the page").because(&error))?;
    context.print(|out| out.write_all(&roff))?;
    Ok(Ending::Clean)
}
