//! The walk through the repository: which files are analysed.
//!
//! One pass without recursion. A folder that is left out is still walked where an `include` glob may bring back
//! something in it. `.git` is never entered.

use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::globs::Globs;
use super::{links, rules};
use crate::model::facts::{Problem, ProblemKind};

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// POSIX paths of Python files, relative to the repository, in no order.
    pub(super) files: Vec<String>,
    /// What was in the way.
    pub(super) problems: Vec<Problem>,
}

/// A walk through one repository.
pub(super) struct Walk<'a> {
    root: &'a Path,
    globs: &'a Globs,
    found: Found,
    ahead: Vec<Folder>,
}

/// A folder to look into.
struct Folder {
    /// Where it is on this machine.
    place: PathBuf,
    /// POSIX path relative to the repository; empty for the repository itself.
    path: String,
    /// Whether every name on the path is UTF-8, so that the path leads back to the folder.
    is_utf8: bool,
    /// Whether it is left out, so that only what is asked for counts.
    is_out: bool,
    /// The `.gitignore` files above it, the outermost first.
    ignores: Arc<Vec<Arc<Gitignore>>>,
}

/// Something in a folder.
struct Entry {
    place: PathBuf,
    name: String,
    is_utf8: bool,
    kind: FileType,
}

impl<'a> Walk<'a> {
    /// Prepares a walk through `root`, which is canonical.
    pub(super) fn new(root: &'a Path, globs: &'a Globs) -> Self {
        let start = Folder {
            place: root.to_path_buf(),
            path: String::new(),
            is_utf8: true,
            is_out: false,
            ignores: Arc::default(),
        };
        Self {
            root,
            globs,
            found: Found::default(),
            ahead: vec![start],
        }
    }

    /// Walks; fails only where the repository itself can't be listed.
    pub(super) fn run(mut self) -> io::Result<Found> {
        while let Some(folder) = self.ahead.pop() {
            match list(&folder.place) {
                Ok(entries) => self.visit(folder, &entries),
                Err(error) if folder.path.is_empty() => return Err(error),
                Err(error) => self.unreadable(folder.path, &error),
            }
        }
        Ok(self.found)
    }

    fn visit(&mut self, mut folder: Folder, entries: &[Entry]) {
        // The repository itself was asked for, whatever it looks like.
        if !folder.path.is_empty() {
            let (above, name) = split(&folder.path);
            let names = entries.iter().map(|entry| entry.name.as_str());
            folder.is_out |= rules::leaves_out_holding(name, above.is_empty(), names);
        }
        if folder.is_out && !self.globs.may_include_in(&folder.path) {
            return;
        }
        self.read_gitignore(&mut folder, entries);
        for entry in entries.iter().filter(|entry| entry.name != ".git") {
            self.enter(&folder, entry);
        }
    }

    fn enter(&mut self, folder: &Folder, entry: &Entry) {
        let path = join(&folder.path, &entry.name);
        let is_folder = entry.kind.is_dir();
        if self.globs.excludes(&path, is_folder) {
            return;
        }
        let is_out = folder.is_out || leaves_out(folder, entry) || is_ignored(&folder.ignores, &entry.place, is_folder);
        if is_folder {
            if !is_out || self.globs.may_include_in(&path) {
                self.ahead.push(Folder {
                    place: entry.place.clone(),
                    path,
                    is_utf8: folder.is_utf8 && entry.is_utf8,
                    is_out,
                    ignores: Arc::clone(&folder.ignores),
                });
            }
        } else if !is_out || self.globs.includes(&path) {
            self.take(folder, entry, path);
        }
    }

    /// Takes what is wanted and no folder: a Python file, or a problem in its place.
    fn take(&mut self, folder: &Folder, entry: &Entry, path: String) {
        if entry.kind.is_symlink() {
            if let Some(message) = links::complaint(self.root, &folder.place, &entry.place) {
                self.problem(path, ProblemKind::Link, message.to_owned());
            }
        } else if !rules::is_python(&path) {
        } else if !entry.kind.is_file() {
            let message = "not a regular file; skipped".to_owned();
            self.problem(path, ProblemKind::Unreadable, message);
        } else if folder.is_utf8 && entry.is_utf8 {
            self.found.files.push(path);
        } else {
            self.found.problems.push(name_problem(&path));
        }
    }

    /// Adds a folder's `.gitignore` to those that hold in it. As in git, a link of that name is not read.
    fn read_gitignore(&mut self, folder: &mut Folder, entries: &[Entry]) {
        let Some(entry) = entries
            .iter()
            .find(|entry| entry.name == ".gitignore" && entry.kind.is_file())
        else {
            return;
        };
        match fs::read(&entry.place) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let here = gitignore(&folder.place, text.trim_start_matches('\u{feff}'));
                let mut ignores = folder.ignores.as_ref().clone();
                ignores.push(Arc::new(here));
                folder.ignores = Arc::new(ignores);
            }
            Err(error) => self.unreadable(join(&folder.path, ".gitignore"), &error),
        }
    }

    fn unreadable(&mut self, path: String, error: &io::Error) {
        self.problem(
            path,
            ProblemKind::Unreadable,
            format!("can't be read ({error}); skipped"),
        );
    }

    fn problem(&mut self, path: String, kind: ProblemKind, message: String) {
        self.found.problems.push(Problem {
            path: path.into(),
            line: None,
            kind,
            message,
        });
    }
}

/// The problem of a Python file whose path is not UTF-8; `path` shows it as well as can be.
pub(super) fn name_problem(path: &str) -> Problem {
    Problem {
        path: path.into(),
        line: None,
        kind: ProblemKind::Encoding,
        message: "its name is not UTF-8; skipped".to_owned(),
    }
}

fn list(place: &Path) -> io::Result<Vec<Entry>> {
    fs::read_dir(place)?
        .map(|entry| {
            let entry = entry?;
            let name: &OsStr = &entry.file_name();
            Ok(Entry {
                place: entry.path(),
                is_utf8: name.to_str().is_some(),
                name: name.to_string_lossy().into_owned(),
                kind: entry.file_type()?,
            })
        })
        .collect()
}

fn leaves_out(folder: &Folder, entry: &Entry) -> bool {
    let top = folder.path.is_empty();
    let as_folder = || rules::leaves_out_folder(&entry.name, top);
    let as_file = || rules::leaves_out_file(&entry.name);
    if entry.kind.is_dir() {
        as_folder()
    } else if entry.kind.is_symlink() {
        // What a link would be is not known without following it, and a link called `tests` means tests.
        as_folder() || as_file()
    } else {
        as_file()
    }
}

fn is_ignored(ignores: &[Arc<Gitignore>], place: &Path, is_folder: bool) -> bool {
    // The innermost file with an opinion decides.
    ignores
        .iter()
        .rev()
        .map(|ignore| ignore.matched(place, is_folder))
        .find(|matched| !matched.is_none())
        .is_some_and(|matched| matched.is_ignore())
}

/// Reads a `.gitignore`. Lines that are no globs ignore nothing, as in git.
fn gitignore(folder: &Path, text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.lines() {
        let _malformed = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
