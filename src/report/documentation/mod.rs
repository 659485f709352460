//! `documentation.json`: every component with its settled documentation, one component a line, written as it goes.
//!
//! The form of it is in [`wire`], the way from the model to it in [`build`].

pub mod build;
pub mod wire;

use std::io::{self, Write};

use super::GENERATOR;
use super::stream::JsonObject;
use crate::model::run::Outcome;

/// The version of the form.
pub const VERSION: u32 = 1;

/// Writes the file.
///
/// # Errors
/// Those of the writer.
pub fn write(outcome: &Outcome, out: impl Write) -> io::Result<()> {
    let mut object = JsonObject::open(out)?;
    object.field("$schema", &"schemas/documentation.schema.json")?;
    object.field("format", &"twinscribe.documentation")?;
    object.field("version", &VERSION)?;
    object.field("generator", &GENERATOR)?;
    object.field(
        "streams",
        &wire::StreamNames {
            a: &outcome.streams[0].name,
            b: &outcome.streams[1].name,
        },
    )?;
    object.field("status", &outcome.verdict.status)?;
    let failed = build::failed_components(outcome);
    object.list(
        "components",
        outcome
            .documentation
            .iter()
            .map(|documentation| build::component(outcome, documentation, &failed)),
    )?;
    object.close().map(drop)
}
