//! The `twinscribe` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    twinscribe::cli::run(std::env::args_os())
}
