//! Reports: what a run has to say, in every form it is said.
//!
//! [`package::write()`] makes the documentation package; [`convergence`] and [`findings`] also go to the terminal and
//! to CI. Everything is made from an [`Outcome`](crate::model::run::Outcome); the same outcome gives the same bytes.
//! What is written has its own structs here, apart from the model's, with a version and a schema in `schemas/`.

pub mod call_graph;
pub mod convergence;
pub mod docs;
pub mod documentation;
pub mod escape;
pub mod facts;
pub mod findings;
mod folder;
pub mod metrics;
pub mod package;
pub mod paint;
pub mod signature;
pub mod stream;
#[cfg(test)]
pub(crate) mod sample;

use std::path::PathBuf;

pub(crate) use folder::write_file;

/// What every file says made it.
pub const GENERATOR: &str = concat!("twinscribe ", env!("CARGO_PKG_VERSION"));

/// Why a report could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file or folder could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The output folder holds something else.
    #[error("write into {}: it holds files that are not a documentation package, such as {found}", path.display())]
    NotAPackage {
        /// The folder.
        path: PathBuf,
        /// The first such file.
        found: String,
    },
    /// A file that should be one of ours cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that should be one of ours is not.
    #[error("understand {what}")]
    Malformed {
        /// What was read.
        what: String,
        /// Why it is not.
        source: serde_json::Error,
    },
    /// A file of a version that this program does not know.
    #[error("understand {what}: it has version {version}, this program reads version {known}")]
    Version {
        /// What was read.
        what: String,
        /// Its version.
        version: u32,
        /// What is known.
        known: u32,
    },
}
