//! `init`: the defaults with their documentation, as a file.

use std::io::ErrorKind;

use crate::cli::args::facts::InitArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::config::DEFAULT_TOML;

pub(crate) fn run(args: &InitArgs, context: &Context) -> Result<Ending, Failure> {
    let path = args.repository.join("twinscribe.toml");
    let mut options = std::fs::File::options();
    options.write(true);
    if args.force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options
        .open(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, DEFAULT_TOML.as_bytes()))
        .map_err(|error| {
            let failure = Failure::usage(format!("failed to write {}", path.display())).because(&error);
            match error.kind() {
                ErrorKind::AlreadyExists => failure.hint("--force replaces it"),
                ErrorKind::NotFound => failure.hint("name a folder that is there"),
                _ => failure,
            }
        })?;
    context.print_text(&format!("{}\n", path.display()))?;
    Ok(Ending::Clean)
}
