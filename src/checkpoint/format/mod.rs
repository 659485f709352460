//! The forms in which state lies on disk, one folder per version. Older ones are read for ever, newer ones refused.
//!
//! Nothing outside knows these structs: the functions of [`v1`] translate to and from the model. What changes
//! incompatibly becomes `v2` beside `v1`, and the version in the envelope or frame says which one to read.

pub(crate) mod v1;

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 1;
