//! Version 1: JSON, in an envelope (snapshots, the run's record) or in frames (the journal).

pub(crate) mod claims;
mod header;
mod history;
mod records;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod usage;
pub(crate) mod words;

use serde::{Deserialize, Serialize};

pub(crate) use words::sayable;

use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::record::{Record, RunHeader, RunRecord};
use crate::model::run::{Phase, RunState};

/// The word for a phase, as snapshots carry it in their first line.
pub(crate) fn phase_word(phase: Phase) -> String {
    let word = serde_json::to_value(words::Phase::from(phase)).ok();
    word.as_ref()
        .and_then(serde_json::Value::as_str)
        .expect("a phase is an enum without data, which is spelled as one word")
        .to_owned()
}

/// Reads the word for a phase.
pub(crate) fn phase(word: &str) -> Option<Phase> {
    serde_json::from_value::<words::Phase>(serde_json::Value::from(word))
        .ok()
        .map(Into::into)
}

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    header: header::RunHeader,
    state: state::RunState,
}

/// The payload of a snapshot.
pub(crate) fn encode_snapshot(header: &RunHeader, state: &RunState) -> Result<Vec<u8>, CheckpointError> {
    encode(
        "a snapshot",
        &Snapshot {
            header: header::RunHeader::from_model(header)?,
            state: state.into(),
        },
    )
}

/// Reads the payload of a snapshot.
pub(crate) fn decode_snapshot(payload: &[u8]) -> Result<(RunHeader, RunState), String> {
    let form: Snapshot = decode(payload)?;
    Ok((form.header.into_model()?, form.state.try_into()?))
}

/// The payload of a frame of the journal.
pub(crate) fn encode_record(record: &Record) -> Result<Vec<u8>, CheckpointError> {
    encode("a journal record", &records::Record::from_model(record)?)
}

/// Reads the payload of a frame of the journal.
pub(crate) fn decode_record(payload: &[u8]) -> Result<Record, String> {
    decode::<records::Record>(payload)?.into_model()
}

/// The payload of a run's place in history.
pub(crate) fn encode_run(run: &RunRecord) -> Result<Vec<u8>, CheckpointError> {
    encode("a run's record", &history::RunRecord::from_model(run)?)
}

/// Reads the payload of a run's place in history.
pub(crate) fn decode_run(payload: &[u8]) -> Result<RunRecord, String> {
    decode::<history::RunRecord>(payload)?.into_model()
}

fn encode(what: &'static str, form: &impl Serialize) -> Result<Vec<u8>, CheckpointError> {
    let mut payload = serde_json::to_vec(form).map_err(|e| CheckpointError::Unsayable {
        what,
        reason: e.to_string(),
    })?;
    payload.push(b'\n');
    Ok(payload)
}

fn decode<T: for<'de> Deserialize<'de>>(payload: &[u8]) -> Result<T, String> {
    serde_json::from_slice(payload).map_err(|e| format!("its content does not fit the format: {e}"))
}
