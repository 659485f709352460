//! The facts of the analysis in every form that `analyze` prints: one file per form, all of them streamed.

mod graphs;
mod records;
mod text;

pub use graphs::{dot, graphml, mermaid};
pub use records::{json, json_lines};
pub use text::text;

#[cfg(test)]
mod tests;
