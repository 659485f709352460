//! The integration tests: one binary, a line per module saying what belongs in it.

#![expect(clippy::unwrap_used, reason = "in a test, what does not hold is a failure")]

// The program in a scrubbed environment, folders that vanish, the pipeline through the library.
mod common;
// The rules of the house: rooms, purity, sizes, headers.
mod house;
// The analysis against CPython's own parser.
mod against_ast;
// The standard library's data against CPython.
mod library;
// What Python programs call, feature by feature: fixtures/analysis.
mod corpus;
// What must hold of the call graph whatever the program.
mod properties;
// Files and folders that are no good Python.
mod bad_input;
// Depth and size: nesting of every shape, long cycles and chains.
mod deep_input;
// Outputs, configuration and checkpoints that are not as they should be.
mod surroundings;
// What the package of the sample repository holds, and what it must not.
mod end_to_end;
// The same input gives the same bytes.
mod same_bytes;
// Killed at any moment and resumed.
mod kill;
// What older versions have left, and newer ones.
mod frozen;
// Faults of the disk seen from outside, several runs at once, what saving costs.
mod durable;
// What a change costs: which components are described anew.
mod reconcile;
// An edit of one function in a whole repository.
mod leaf;
// Tickets in every store, and a tracker that goes wrong.
mod tickets;
// The policies of other linters, rule by rule, under their own tables.
mod profiles;
// Model streams against a scripted provider: failures, lies, money.
mod models;
// Falsehoods planted into the streams.
mod lies;
// What the design's first implementation got wrong.
mod original;
