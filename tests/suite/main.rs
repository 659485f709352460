//! The integration tests: one binary, a line per module saying what belongs in it.

// The rules of the house: rooms, sizes, headers.
mod house;
