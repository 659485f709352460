//! Where the streams differ, and where a docstring and its code part.

pub mod findings;
