//! What `grammars/python/library/` says, against the Python of the machine: `tests/library_facts.py` looks up every
//! name and runs several hundred expressions, whose values must be of the types that the data gives them.

use std::process::Command;

use crate::common::{manifest, python, say, skipped};

/// The oldest Python that the list of names was made with.
const OLDEST: u32 = 8;

/// The check is loosened if fewer samples than this have a type that is right.
const FEWEST_RUN: usize = 900;

#[test]
fn library_data_is_what_cpython_does() {
    if !cfg!(target_os = "linux") {
        return skipped("library", "the list of names and the samples are of Linux");
    }
    let Some(python) = python(OLDEST) else {
        return skipped("library", "no python3");
    };
    let output = Command::new(python)
        .arg(manifest().join("tests/library_facts.py"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let run: usize = text
        .split("run and right ")
        .nth(1)
        .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next())
        .and_then(|count| count.parse().ok())
        .unwrap_or(0);
    assert!(run >= FEWEST_RUN, "only {run} samples were run:\n{text}");
    say(&format!(
        "library: {run} expressions are of the types that the data gives them"
    ));
}
