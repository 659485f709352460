//! What can go wrong with saved state, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why state could not be saved or read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system refused.
    #[error("{action} {}", path.display())]
    Io {
        /// What was tried: `write`, `rename`, …
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it refused.
        #[source]
        source: Arc<io::Error>,
    },
    /// Another process is running on the same folder.
    #[error("lock {}: {} is using it", dir.display(), owner(*pid))]
    Locked {
        /// The checkpoint folder.
        dir: PathBuf,
        /// The process that holds the lock, where it has said so.
        pid: Option<u32>,
    },
    /// There is no checkpoint folder.
    #[error("find checkpoints: {} is not a folder", dir.display())]
    NoFolder {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// There is a folder, and no run in it.
    #[error("find a checkpoint in {}: it holds none", dir.display())]
    NoRun {
        /// The checkpoint folder.
        dir: PathBuf,
    },
    /// No run and no checkpoint has this id.
    #[error("find `{id}` in {}: no run and no checkpoint has this id", dir.display())]
    NotFound {
        /// The id that was asked for.
        id: String,
        /// The checkpoint folder.
        dir: PathBuf,
    },
    /// Nothing whole is left to go on from.
    #[error("read {}: {reason}", path.display())]
    Damaged {
        /// The file or the run's folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer version of the program wrote it.
    #[error("read {}: it has format version {version}, and this program reads up to {supported}", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The version it has.
        version: u32,
        /// The newest version that can be read.
        supported: u32,
    },
    /// It is what was written, and holds something that this program has no form for, though the version says it has.
    #[error("read {}: it is whole, and holds what this program does not know ({reason})", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What that is.
        reason: String,
    },
    /// A name that may not be given to a file of a run.
    #[error("use the name `{name}` for a file of a run: lower-case letters, digits, `_`, `-` and inner dots only")]
    BadName {
        /// The name.
        name: String,
    },
    /// Something that the format has no form for.
    #[error("save {what}: {reason}")]
    Unsayable {
        /// What was to be saved.
        what: &'static str,
        /// Why it cannot be.
        reason: String,
    },
}

fn owner(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl CheckpointError {
    /// A refusal of the file system.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }

    /// A file that is not what it should be.
    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    /// A file that is whole and cannot be understood.
    pub(crate) fn foreign(path: &Path, reason: impl Into<String>) -> Self {
        Self::Foreign {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    /// What the user can do about it, as a sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Io { path, source, .. } => io_hint(path, source),
            Self::Locked { pid, .. } => match pid {
                Some(pid) => {
                    format!("Wait for process {pid} to end, or give this run its own folder with --checkpoint-dir.")
                }
                None => {
                    "Wait for the other run to end, or give this run its own folder with --checkpoint-dir.".to_owned()
                }
            },
            Self::NoFolder { .. } | Self::NoRun { .. } => {
                "Start a run with `twinscribe document REPO`, or name the folder with --checkpoint-dir.".to_owned()
            }
            Self::NotFound { .. } => {
                "`twinscribe checkpoints list` and `twinscribe runs list` show the ids there are.".to_owned()
            }
            Self::Damaged { .. } => {
                "`twinscribe checkpoints verify` shows what is whole; `twinscribe document REPO` starts afresh."
                    .to_owned()
            }
            Self::TooNew { .. } | Self::Foreign { .. } => {
                "Use the version of twinscribe that wrote it, or a newer one.".to_owned()
            }
            Self::BadName { .. } | Self::Unsayable { .. } => "Use another name or value.".to_owned(),
        }
    }
}

fn io_hint(path: &Path, source: &io::Error) -> String {
    use io::ErrorKind as Kind;
    match source.kind() {
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => {
            "Make room there, then go on with `twinscribe resume`; what was saved before is whole.".to_owned()
        }
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => format!(
            "Make {} writable, or choose another folder with --checkpoint-dir.",
            path.parent().unwrap_or(path).display()
        ),
        Kind::NotADirectory | Kind::AlreadyExists => {
            "Something else has that name; choose another folder with --checkpoint-dir.".to_owned()
        }
        _ => "Check that disk, then go on with `twinscribe resume`; what was saved before is whole.".to_owned(),
    }
}
