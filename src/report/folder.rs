//! A folder that changes all at once: everything is written into a hidden folder inside it and only moved into
//! place when all of it is there, so that a full disk or a crash never leaves half a package.
//!
//! The hidden folder lies inside the target, not beside it: a target may be a mount point, or the only place that
//! may be written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::ReportError;

const STAGING: &str = ".twinscribe-writing-";
/// The file by which a folder is known as a package.
const MARK: &str = "documentation.json";

/// A package that is being written.
#[derive(Debug)]
pub(crate) struct Staging {
    target: PathBuf,
    folder: tempfile::TempDir,
    /// A package that was being moved into place when its run was killed. As long as the mark has not been moved, this
    /// is what shows that the rest is ours.
    interrupted: Vec<PathBuf>,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ReportError + '_ {
    |source| ReportError::Write {
        path: path.to_owned(),
        source,
    }
}

impl Staging {
    /// Whether a package could be begun there, as far as that can be told without making anything.
    pub(crate) fn probe(target: &Path) -> Result<(), ReportError> {
        if target.exists() {
            return Self::begin(target).map(drop);
        }
        let nearest = target
            .ancestors()
            .skip(1)
            .map(|folder| match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            })
            .find(|folder| folder.exists())
            .unwrap_or(Path::new("."));
        tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(nearest)
            .map(drop)
            .map_err(failed(target))
    }

    /// Begins a package in a folder that is new, empty, or already a package.
    pub(crate) fn begin(target: &Path) -> Result<Self, ReportError> {
        fs::create_dir_all(target).map_err(failed(target))?;
        let (mut others, mut left_behind) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(target).map_err(failed(target))? {
            let name = entry.map_err(failed(target))?.file_name();
            let name = name.to_string_lossy().into_owned();
            if name.starts_with(STAGING) {
                left_behind.push(target.join(&name));
            } else if name != ".gitignore" {
                others.push(name);
            }
        }
        others.sort();
        let is_package = others.iter().any(|name| name == MARK);
        // Left behind by a run that was killed: before it moved anything, or on the way.
        let (interrupted, useless): (Vec<_>, Vec<_>) = left_behind
            .into_iter()
            .partition(|folder| !is_package && folder.join(MARK).exists());
        for folder in useless {
            _ = fs::remove_dir_all(folder);
        }
        if let Some(found) = others.first()
            && !is_package
            && interrupted.is_empty()
        {
            return Err(ReportError::NotAPackage {
                path: target.to_owned(),
                found: found.clone(),
            });
        }
        let folder = tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(target)
            .map_err(failed(target))?;
        Ok(Self {
            target: target.to_owned(),
            folder,
            interrupted,
        })
    }

    /// Writes one file of the package; the name may have folders in it.
    pub(crate) fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), ReportError> {
        let path = self.folder.path().join(name);
        let shown = self.target.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(&shown))?;
        }
        let file = File::create(&path).map_err(failed(&shown))?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        write(&mut out).and_then(|()| out.flush()).map_err(failed(&shown))
    }

    /// Moves everything into place; what is there under the same names goes.
    pub(crate) fn finish(self) -> Result<(), ReportError> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(failed(&self.target))?
            .into_iter()
            .map(|entry| entry.file_name())
            .collect();
        // The mark goes last: a folder that has it is whole.
        names.sort_by_key(|name| (name == MARK, name.clone()));
        let old = self.folder.path().join(".replaced");
        fs::create_dir(&old).map_err(failed(&self.target))?;
        for name in names {
            let place = self.target.join(&name);
            if place.symlink_metadata().is_ok_and(|m| m.is_dir()) {
                fs::rename(&place, old.join(&name)).map_err(failed(&place))?;
            }
            fs::rename(self.folder.path().join(&name), &place).map_err(failed(&place))?;
        }
        for folder in self.interrupted {
            // Only space is lost where this fails; the next package tries again.
            _ = fs::remove_dir_all(folder);
        }
        self.folder.close().map_err(failed(&self.target))
    }
}

/// Writes one file all at once: into a temporary one beside it, then over it.
///
/// # Errors
/// [`ReportError::Write`].
pub(crate) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), ReportError> {
    // What is no ordinary file (/dev/stdout, a pipe) can only be written to.
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        let mut out = File::options().write(true).open(path).map_err(failed(path))?;
        return write(&mut out).map_err(failed(path));
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed(path))?;
    let mut file = tempfile::Builder::new()
        .prefix(STAGING)
        .tempfile_in(parent)
        .map_err(failed(path))?;
    {
        let mut out = BufWriter::new(file.as_file_mut());
        write(&mut out).and_then(|()| out.flush()).map_err(failed(path))?;
    }
    make_readable(file.as_file()).map_err(failed(path))?;
    file.persist(path).map_err(|error| failed(path)(error.error))?;
    Ok(())
}

/// Temporary files are made for their owner alone; reports are for everybody who may read the folder.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_package(target: &Path, text: &str) -> Result<(), ReportError> {
        let staging = Staging::begin(target)?;
        staging.file(MARK, |out| out.write_all(text.as_bytes()))?;
        staging.file("docs/a.md", |out| out.write_all(text.as_bytes()))?;
        staging.finish()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn package_whose_placing_was_killed_is_put_in_place_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        // What a kill between two moves leaves: a part in place, the rest with its mark still hidden.
        fs::create_dir_all(target.join(".twinscribe-writing-dead")).unwrap();
        fs::write(target.join(".twinscribe-writing-dead").join(MARK), "half").unwrap();
        fs::write(target.join("call_graph.json"), "half").unwrap();
        // Looking whether a package could be written there must not make it impossible.
        Staging::probe(&target).unwrap();
        write_package(&target, "one").unwrap();
        assert_eq!(names(&target), ["call_graph.json", "docs", MARK]);
        // Killed before anything was moved, it is no proof of anything.
        let strange = folder.path().join("strange");
        fs::create_dir_all(strange.join(".twinscribe-writing-dead")).unwrap();
        fs::write(strange.join("thesis.tex"), "precious").unwrap();
        assert!(matches!(Staging::begin(&strange), Err(ReportError::NotAPackage { .. })));
    }

    #[test]
    fn package_replaces_package_and_leaves_strangers_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        write_package(&target, "one").unwrap();
        fs::write(target.join("docs/old.md"), "").unwrap();
        fs::write(target.join("mine.txt"), "").unwrap();
        write_package(&target, "two").unwrap();
        assert_eq!(names(&target), ["docs", "documentation.json", "mine.txt"]);
        assert_eq!(names(&target.join("docs")), ["a.md"]);
        assert_eq!(fs::read_to_string(target.join(MARK)).unwrap(), "two");
    }

    #[test]
    fn folder_of_somebody_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        let error = write_package(folder.path(), "one").unwrap_err();
        assert!(matches!(error, ReportError::NotAPackage { found, .. } if found == "docs"));
    }

    #[test]
    fn failure_leaves_the_old_package() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        write_package(&target, "one").unwrap();
        let staging = Staging::begin(&target).unwrap();
        staging.file(MARK, |out| out.write_all(b"two")).unwrap();
        let full = staging.file("docs/a.md", |_| Err(io::ErrorKind::StorageFull.into()));
        assert!(full.is_err());
        drop(staging);
        assert_eq!(names(&target), ["docs", "documentation.json"]);
        assert_eq!(fs::read_to_string(target.join(MARK)).unwrap(), "one");
    }

    #[test]
    fn what_a_killed_run_left_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".twinscribe-writing-x")).unwrap();
        write_package(folder.path(), "one").unwrap();
        assert_eq!(names(folder.path()), ["docs", "documentation.json"]);
    }
}
