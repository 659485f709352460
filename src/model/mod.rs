//! The words of the program: plain data that every room shares.
//!
//! Nothing here reads a file, a clock or the network, and nothing here knows how it is saved or shown: what goes into
//! a file has its own struct beside the code that writes it. The one piece of behaviour is the [`oracle::Oracle`],
//! which answers questions about the facts it was given.

pub mod call_graph;
pub mod claim;
pub mod component;
pub mod discrepancy;
pub mod documentation;
pub mod events;
pub mod facts;
pub mod finding;
pub mod oracle;
pub mod outline;
pub mod run;
pub mod ticket;
pub mod usage;
