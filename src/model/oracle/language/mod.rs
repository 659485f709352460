//! What the answers know of Python and its standard library, as data.

pub(crate) mod library;
pub(crate) mod python;
