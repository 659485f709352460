//! Tests of the stream as a whole: parsing in every convention, and the claims that come of it.

mod claiming;
mod hostile;
mod parsing;
