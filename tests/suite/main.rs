//! The integration tests: one binary, a line per module saying what belongs in it.

#![expect(clippy::unwrap_used, reason = "in a test, what does not hold is a failure")]

// What the others share.
mod common;
// The rules of the house: rooms, sizes, headers.
mod house;
mod against_ast;
mod bad_input;
mod end_to_end;
mod kill;
mod lies;
mod original;
mod same_bytes;
