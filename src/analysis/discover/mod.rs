//! Finds the Python files of a repository, reads them and names their modules.
//!
//! [`discover`] walks the repository once and returns [`Sources`]: every file that is analysed, decoded, under its
//! module's name, sorted by path, with the problems met on the way. It reads nothing above the repository, follows no
//! link, and looks at no setting outside it (no global git ignore file), so the same repository gives the same
//! sources on every machine. It does not parse Python.

mod decode;
mod globs;
mod links;
mod modules;
mod read;
mod roots;
mod rules;
mod walk;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::component::Name;
use crate::model::facts::Problem;

use globs::Globs;
use walk::{Found, Walk};

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Globs, relative to the repository and read as lines of a `.gitignore`, of files to analyse though they are
    /// left out by default or ignored by git.
    pub include: Vec<String>,
    /// Globs of the same form of files to leave out, whatever else is said of them.
    pub exclude: Vec<String>,
    /// Largest file that is read, in bytes.
    pub max_file_bytes: u64,
}

/// The Python files of a repository.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The folder that paths are relative to, canonical; of a repository that is one file, the folder it is in.
    pub root: PathBuf,
    /// The files, sorted by path.
    pub files: Vec<Source>,
    /// What could not be read or had to be decided, sorted.
    pub problems: Vec<Problem>,
}

impl Sources {
    /// Returns the files that are modules: all but the stubs beside their module. Their names are unique.
    pub fn modules(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| !file.is_companion)
    }
}

/// One Python file.
#[derive(Clone, Debug)]
pub struct Source {
    /// POSIX path relative to the repository.
    pub path: Name,
    /// Dotted name of its module; a module whose name is taken is called by its path.
    pub module: Name,
    /// Dotted name of the package that its relative imports start from, as `__package__` has it; empty at a root.
    pub package: Name,
    /// Whether it is the `__init__` file of a package.
    pub is_package: bool,
    /// Whether it is a stub (`.pyi`).
    pub is_stub: bool,
    /// Whether it is a stub beside its module: it shares the module's name, and says more of it, but is no module.
    pub is_companion: bool,
    /// Size in bytes.
    pub bytes: u64,
    /// Its text without a byte order mark, every line ended by `\n` or `\r\n`; none where a problem tells why.
    pub text: Option<Arc<str>>,
    /// Hash of its bytes, the same in every version of the program; 0 where it was not read.
    pub hash: u64,
}

/// Why a repository could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// There is nothing at the path.
    #[error("find `{}`: no such file or folder", path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The path is neither a folder nor a Python file.
    #[error("take `{}` for a repository: it is neither a folder nor a Python file", path.display())]
    NotPython {
        /// The path as given.
        path: PathBuf,
    },
    /// The path is there and can't be read.
    #[error("read `{}`", path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A glob of `include` or `exclude` is malformed.
    #[error("read the glob `{glob}`")]
    Glob {
        /// The glob as given.
        glob: String,
        /// What is wrong with it.
        source: ignore::Error,
    },
}

/// Finds and reads the Python files of the repository at `root`, a folder or a single Python file.
///
/// No Python at all is no error: the files are empty then.
///
/// # Errors
/// Fails where `root` is no such thing or can't be read, and on malformed globs. Whatever is wrong below `root` is a
/// problem of the [`Sources`].
pub fn discover(root: &Path, options: &Options) -> Result<Sources, DiscoverError> {
    let globs = Globs::new(options)?;
    let metadata = std::fs::metadata(root).map_err(|error| unreadable(root, error))?;
    if metadata.is_dir() {
        let folder = canonical(root, root)?;
        let found = Walk::new(&folder, &globs)
            .run()
            .map_err(|error| unreadable(root, error))?;
        let roots = roots::of_repository(&folder);
        Ok(load(folder, found, &roots, options.max_file_bytes))
    } else if metadata.is_file() && rules::is_python(&root.to_string_lossy()) {
        let (folder, found) = single_file(root, &globs)?;
        Ok(load(folder, found, &[], options.max_file_bytes))
    } else {
        let path = root.to_path_buf();
        Err(DiscoverError::NotPython { path })
    }
}

/// A repository of one module: the file was named, so no rule but an explicit exclusion keeps it out.
fn single_file(file: &Path, globs: &Globs) -> Result<(PathBuf, Found), DiscoverError> {
    let (Some(name), Some(parent)) = (file.file_name(), file.parent()) else {
        let path = file.to_path_buf();
        return Err(DiscoverError::NotPython { path });
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let mut found = Found::default();
    match name.to_str() {
        Some(name) if globs.excludes(name, false) => {}
        Some(name) => found.files.push(name.to_owned()),
        None => found.problems.push(walk::name_problem(&name.to_string_lossy())),
    }
    Ok((canonical(parent, file)?, found))
}

/// Reads what was found and puts it in order.
fn load(root: PathBuf, found: Found, roots: &[roots::Root], max_file_bytes: u64) -> Sources {
    let Found {
        mut files,
        mut problems,
    } = found;
    files.sort_unstable();
    let (named, taken) = modules::name(&files, roots);
    problems.extend(taken);

    let contents: Vec<read::Content> = files
        .par_iter()
        .map(|path| read::read(&root, path, max_file_bytes))
        .collect();

    let mut sources = Vec::with_capacity(files.len());
    for ((path, named), content) in files.into_iter().zip(named).zip(contents) {
        problems.extend(content.problem);
        sources.push(Source {
            is_package: rules::is_package(&path),
            is_stub: rules::is_stub(&path),
            is_companion: named.is_companion,
            path: path.into(),
            module: named.module,
            package: named.package,
            bytes: content.bytes,
            text: content.text,
            hash: content.hash,
        });
    }
    problems.sort_unstable();
    problems.dedup();
    Sources {
        root,
        files: sources,
        problems,
    }
}

fn canonical(path: &Path, given: &Path) -> Result<PathBuf, DiscoverError> {
    path.canonicalize().map_err(|error| unreadable(given, error))
}

fn unreadable(path: &Path, source: io::Error) -> DiscoverError {
    let path = path.to_path_buf();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => DiscoverError::NotFound { path },
        _ => DiscoverError::Unreadable { path, source },
    }
}
