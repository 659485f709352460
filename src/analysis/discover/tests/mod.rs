//! Whole repositories on disk: what is analysed, under which names, with which problems.

mod what_is_analysed;
mod gitignore;
mod user_globs;
mod names;
mod bad_input;
#[cfg(unix)]
mod unix;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{DiscoverError, Options, Source, Sources, discover};
use crate::model::facts::{Problem, ProblemKind};

fn options() -> Options {
    Options {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_bytes: 1_000,
    }
}

/// A repository in a folder of its own; `path` for an empty file, `path: text` for one with a line.
fn repository(files: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in files {
        let (path, text) = file.split_once(": ").unwrap_or((file, ""));
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, bytes).unwrap();
}

fn sources(folder: &TempDir) -> Sources {
    discover(folder.path(), &options()).unwrap()
}

fn paths(sources: &Sources) -> Vec<&str> {
    sources.files.iter().map(|file| &*file.path).collect()
}

fn file<'a>(sources: &'a Sources, path: &str) -> &'a Source {
    let found = sources.files.iter().find(|file| &*file.path == path);
    found.unwrap_or_else(|| panic!("{path} is not among {:?}", paths(sources)))
}

fn problems(sources: &Sources) -> Vec<(&str, ProblemKind)> {
    let all = sources.problems.iter();
    all.map(|problem| (&*problem.path, problem.kind)).collect()
}

/// The paths that are analysed.
fn check(files: &[&str], expected: &[&str]) {
    let folder = repository(files);
    let sources = sources(&folder);
    assert_eq!(paths(&sources), expected);
    assert_eq!(problems(&sources), []);
}

/// The paths that are analysed with globs.
fn check_globs(files: &[&str], include: &[&str], exclude: &[&str], expected: &[&str]) {
    let folder = repository(files);
    let owned = |globs: &[&str]| globs.iter().map(|&glob| glob.to_owned()).collect();
    let options = Options {
        include: owned(include),
        exclude: owned(exclude),
        ..options()
    };
    let sources = discover(folder.path(), &options).unwrap();
    assert_eq!(paths(&sources), expected, "include {include:?} exclude {exclude:?}");
}

/// The names of modules, in the order of the paths.
fn check_names(files: &[&str], expected: &[(&str, &str)]) {
    let folder = repository(files);
    let sources = sources(&folder);
    let names: Vec<(&str, &str)> = sources.files.iter().map(|file| (&*file.path, &*file.module)).collect();
    assert_eq!(names, expected);
}
