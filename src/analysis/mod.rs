//! What the code says: files to facts, without a clock, a network or a model.
//!
//! The steps, in the order of the flow: discover.

pub mod discover;
