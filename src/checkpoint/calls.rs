//! The log of a run's calls: what each stream that costs something was asked, when, and what came of it.
//!
//! It is read from the journal, so it holds what no crash has lost, and calls of which nothing more is known.

use std::time::{Duration, SystemTime};

use super::error::CheckpointError;
use super::journal::{self, scan};
use super::record::Record;
use super::store::CheckpointStore;
use crate::model::component::Name;
use crate::model::documentation::StreamId;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which stream was asked.
    pub stream: StreamId,
    /// About which component.
    pub component: Name,
    /// In which iteration, from 1.
    pub iteration: u32,
    /// When; not known of failures that are none of a call, such as a draft that was rejected.
    pub at: Option<SystemTime>,
    /// What came of it.
    pub ended: CallEnd,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// A draft with so many claims, after this time.
    Answered {
        /// How long it took.
        took: Duration,
        /// Claims in the draft.
        claims: usize,
    },
    /// It failed; the reason, as a fragment.
    Failed(String),
    /// Nothing is known: the process ended before the answer was saved.
    Unknown,
}

impl CheckpointStore {
    /// All calls of a run, in the order in which they began, by its id or that of one of its checkpoints. Calls in a
    /// part of the journal that is damaged are missing.
    pub fn calls(&self, id: &str) -> Result<Vec<Call>, CheckpointError> {
        let (run, _) = self.resolve(id)?;
        let mut calls: Vec<Call> = Vec::new();
        scan(&self.folder_of(&run).join(journal::FILE), |_, record| match record {
            Record::CallStarted {
                stream,
                iteration,
                component,
                at,
            } => calls.push(Call {
                stream,
                component,
                iteration,
                at: Some(at),
                ended: CallEnd::Unknown,
            }),
            Record::DraftFinished {
                stream,
                iteration,
                component,
                draft,
                took,
            } => {
                let claims = draft.claims.len();
                end(
                    &mut calls,
                    (stream, iteration, component),
                    CallEnd::Answered { took, claims },
                );
            }
            Record::ComponentFailed(failed) => {
                let of = (failed.stream, failed.iteration, failed.component);
                end(&mut calls, of, CallEnd::Failed(failed.reason));
            }
            _ => {}
        })?;
        Ok(calls)
    }
}

/// Notes the end of the call that is under way, or of one that never was.
fn end(calls: &mut Vec<Call>, (stream, iteration, component): (StreamId, u32, Name), ended: CallEnd) {
    // Few calls are under way at once, so the one that ends is near the end.
    let under_way = calls
        .iter_mut()
        .rev()
        .find(|call| call.stream == stream && call.component == component && call.iteration == iteration);
    match under_way.filter(|call| call.ended == CallEnd::Unknown) {
        Some(call) => call.ended = ended,
        None => calls.push(Call {
            stream,
            component,
            iteration,
            at: None,
            ended,
        }),
    }
}
