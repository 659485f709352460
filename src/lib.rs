#![doc = include_str!("README.md")]

// words
pub mod model;
pub mod config;
// what the code says
pub mod analysis;
// what the streams say
pub mod llm;
pub mod streams;
// where they differ
pub mod compare;
pub mod profiles;
pub mod converge;
pub mod tickets;
// memory and outlets
pub mod checkpoint;
pub mod report;
// wiring
pub mod pipeline;
pub mod cli;
