//! The integration tests: one binary, a line per module saying what belongs in it.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, what does not hold is a failure"
)]

// The rules of the house: rooms, sizes, headers.
mod house;
