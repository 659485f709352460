//! The `twinscribe` program.
fn main() {}
