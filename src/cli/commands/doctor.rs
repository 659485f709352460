//! `doctor`: whether everything a run needs is in order.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::print_json;
use crate::cli::args::facts::{DoctorArgs, ListFormat};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure, Kind};
use crate::cli::session;
use crate::config::{Layer, Settings};
use crate::report::escape::for_line;
use crate::report::paint::Paint;

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    Warning,
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Look {
    what: &'static str,
    state: State,
    message: String,
}

pub(crate) fn run(args: &DoctorArgs, context: &Context) -> Result<Ending, Failure> {
    let mut looks = vec![Look {
        what: "program",
        state: State::Good,
        message: format!(
            "{}, {} {}",
            crate::report::GENERATOR,
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    }];
    let settings = configuration(&args.repository, context, &mut looks);
    if let Some(settings) = &settings {
        looks.push(repository(&args.repository, settings));
        looks.push(folder("output", &settings.run.output));
        looks.push(folder("checkpoints", &settings.run.checkpoints.dir));
        looks.push(lock(&settings.run.checkpoints.dir));
    }
    match args.format {
        ListFormat::Json => print_json(&looks, context)?,
        ListFormat::Text => context.print_text(&text(&looks, context.stdout_paint))?,
    }
    let bad = looks.iter().filter(|look| look.state == State::Bad).count();
    if bad > 0 {
        return Err(Failure::new(
            Kind::Usage,
            format!("found {bad} of {} things wrong", looks.len()),
        ));
    }
    Ok(Ending::Clean)
}

fn configuration(repository: &Path, context: &Context, looks: &mut Vec<Look>) -> Option<Settings> {
    match context.load(Some(repository), Layer::default()) {
        Ok(loaded) => {
            let from = loaded.file.as_ref().map_or_else(
                || "the defaults; no twinscribe.toml and no [tool.twinscribe]".to_owned(),
                |file| file.display().to_string(),
            );
            looks.push(Look {
                what: "configuration",
                state: State::Good,
                message: from,
            });
            looks.extend(loaded.warnings.into_iter().map(|message| Look {
                what: "environment",
                state: State::Warning,
                message,
            }));
            Some(loaded.settings)
        }
        Err(failure) => {
            looks.push(Look {
                what: "configuration",
                state: State::Bad,
                message: failure.chain.join(": "),
            });
            None
        }
    }
}

fn repository(path: &Path, settings: &Settings) -> Look {
    let (state, message) = match session::oracle(path, &settings.run) {
        Ok(oracle) if oracle.components.is_empty() => (State::Warning, format!("{} holds no Python", path.display())),
        Ok(oracle) => {
            let state = if oracle.problems.is_empty() {
                State::Good
            } else {
                State::Warning
            };
            let (files, components) = (oracle.files.len(), oracle.components.len());
            let problems = oracle.problems.len();
            (
                state,
                format!("{files} files, {components} components, {problems} problems"),
            )
        }
        Err(failure) => (State::Bad, failure.chain.join(": ")),
    };
    Look {
        what: "repository",
        state,
        message,
    }
}

/// Whether a folder can be written, or made; leaves nothing behind.
fn folder(what: &'static str, path: &Path) -> Look {
    let nearest = path
        .ancestors()
        .map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p })
        .find(|p| p.exists());
    let (state, message) = match nearest {
        Some(place) if !place.is_dir() => (State::Bad, format!("{} is not a folder", place.display())),
        Some(place) => match tempfile::Builder::new().prefix(".twinscribe-").tempfile_in(place) {
            Ok(_) => (State::Good, format!("{} can be written", path.display())),
            Err(error) => (State::Bad, format!("{} cannot be written: {error}", place.display())),
        },
        None => (State::Bad, format!("{} cannot be reached", path.display())),
    };
    Look { what, state, message }
}

fn lock(dir: &Path) -> Look {
    let (state, message) = if dir.exists() {
        match session::lock_holder(dir) {
            Ok(None) => (State::Good, "no run is going on".to_owned()),
            Ok(Some(who)) => (State::Warning, format!("a run is going on: {who}")),
            Err(failure) => (State::Bad, failure.chain.join(": ")),
        }
    } else {
        (State::Good, "no run yet".to_owned())
    };
    Look {
        what: "lock",
        state,
        message,
    }
}

fn text(looks: &[Look], paint: Paint) -> String {
    let mut text = String::new();
    for look in looks {
        let state = match look.state {
            State::Good => paint.good("ok     "),
            State::Warning => paint.warning("warning"),
            State::Bad => paint.error("wrong  "),
        };
        _ = writeln!(text, "{state}  {:<13}  {}", look.what, for_line(&look.message));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_not_there_can_be_made() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(folder("output", &dir.path().join("a/b")).state, State::Good);
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(folder("output", &file.join("b")).state, State::Bad);
    }
}
