//! The steps by which bytes reach the disk, each one named, so that a failure says which step and which path.
//!
//! [`Disk`] is the only place in this room that writes. Tests make any one step fail, before it or after it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::CheckpointError;

/// The file system, as this room uses it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    #[cfg(test)]
    pub(crate) faults: faults::Faults,
}

impl Disk {
    /// Runs one step.
    pub(crate) fn step<T>(
        &self,
        action: &'static str,
        path: &Path,
        run: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, CheckpointError> {
        #[cfg(test)]
        self.faults.check(action, path)?;
        let done = run().map_err(|e| CheckpointError::io(action, path, e))?;
        #[cfg(test)]
        self.faults.check(action, path)?;
        Ok(done)
    }

    /// Puts a file in place whole or not at all: temporary file beside it, flush, rename, flush of the folder.
    pub(crate) fn save(&self, path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
        let temporary = temporary(path);
        let placed = self
            .write_new(&temporary, bytes)
            .and_then(|()| self.step("rename a new file to", path, || fs::rename(&temporary, path)));
        if placed.is_err() {
            // Gives back the space of a half-written file; if even that fails, the next save overwrites it.
            let _ = fs::remove_file(&temporary);
        }
        placed?;
        self.sync_folder(path.parent().unwrap_or(path))
    }

    /// Writes a file and flushes it; its name is durable only after [`Disk::sync_folder`].
    pub(crate) fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
        let mut file = self.step("create", path, || File::create(path))?;
        self.step("write", path, || file.write_all(bytes))?;
        self.step("flush", path, || file.sync_all())
    }

    /// Opens a file for appending.
    pub(crate) fn append_to(&self, path: &Path) -> Result<File, CheckpointError> {
        self.step("open", path, || OpenOptions::new().append(true).open(path))
    }

    /// Makes names in a folder durable.
    pub(crate) fn sync_folder(&self, folder: &Path) -> Result<(), CheckpointError> {
        self.step("flush the folder", folder, || sync_folder(folder))
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and renames are journaled by the file system.
    Ok(())
}

/// The name a file has until it is whole.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.tmp"))
}

/// Whether a name is one of [`Disk::save`]'s, left behind by a process that died.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp")
}

#[cfg(test)]
pub(crate) mod faults {
    //! Fault points: the n-th check fails.

    use std::io;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::checkpoint::error::CheckpointError;

    /// Counts checks and fails one of them; two checks belong to each step, one before it and one after.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Faults {
        seen: Arc<AtomicUsize>,
        fail_at: Arc<AtomicUsize>,
    }

    impl Faults {
        /// Lets the n-th check from now fail, counted from 1; 0 for none.
        pub(crate) fn fail_at(&self, n: usize) {
            self.seen.store(0, Ordering::SeqCst);
            self.fail_at.store(n, Ordering::SeqCst);
        }

        /// Checks passed since [`Faults::fail_at`].
        pub(crate) fn seen(&self) -> usize {
            self.seen.load(Ordering::SeqCst)
        }

        pub(super) fn check(&self, action: &'static str, path: &Path) -> Result<(), CheckpointError> {
            let n = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
            if n == self.fail_at.load(Ordering::SeqCst) {
                let fault = io::Error::from(io::ErrorKind::StorageFull);
                return Err(CheckpointError::io(action, path, fault));
            }
            Ok(())
        }
    }
}
