//! Where the two streams differ, and what settles it.

pub mod findings;
