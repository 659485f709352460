//! The forms in which state lies on disk, one folder per shape. Older ones are read for ever, newer ones refused.
//!
//! Nothing outside knows these structs: the functions of [`v1`] translate to and from the model. The version in each
//! envelope and frame says which form follows.
//!
//! A version is a closed set: its records, its fields and its words. A program refuses what it does not know whole,
//! rather than read a part of it, because what it would pass over has been paid for. So every addition raises
//! [`VERSION`], even one that today's structs can still read (a word, a record, a field with a default): those stay
//! in `v1` and take it in. What they cannot read gets structs of its own in `v2`. Either way samples of the new
//! version go to `checkpoints/frozen/vN/`, and those of the old ones are read as before. Only the options of a run
//! are open: they are known by name, those that are missing have their default, and those that are gone are left out.

pub(crate) mod v1;

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 1;
