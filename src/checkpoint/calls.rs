//! The log of a run's calls: what each stream that costs something was asked, when, and what came of it.
//!
//! It is read from the journal, so it holds what no crash has lost, and calls of which nothing more is known.

use std::time::SystemTime;

use super::error::CheckpointError;
use super::journal::{self, scan};
use super::record::Record;
use super::store::CheckpointStore;
use crate::model::usage::{CallId, Cost, Receipt};

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Who was asked what.
    pub id: CallId,
    /// When; not known of failures that are none of a call, such as a draft that was rejected.
    pub at: Option<SystemTime>,
    /// What it could cost at most, where that was known when it left.
    pub at_most: Option<Cost>,
    /// What it took and cost; none where nothing is known of it.
    pub receipt: Option<Receipt>,
    /// What came of it.
    pub ended: CallEnd,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallEnd {
    /// A draft, of the whole or of a part, with so many claims.
    Described(usize),
    /// So many objections to a draft.
    Validated(usize),
    /// A decision between the streams, made with this confidence.
    Decided(f32),
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
        scan(&self.folder_of(&run).join(journal::FILE), |_, record| {
            hear(&mut calls, record);
        })?;
        Ok(calls)
    }
}

fn hear(calls: &mut Vec<Call>, record: Record) {
    let ended = record.ended_call().map(|(id, receipt)| (id, receipt.cloned()));
    let came_of_it = match record {
        Record::CallStarted { call, at, at_most } => {
            return calls.push(Call {
                id: call,
                at: Some(at),
                at_most,
                receipt: None,
                ended: CallEnd::Unknown,
            });
        }
        Record::DraftFinished { draft, .. } | Record::PartFinished { draft, .. } => {
            CallEnd::Described(draft.claims.len())
        }
        Record::ValidationFinished { validation, .. } => CallEnd::Validated(validation.objections.len()),
        Record::ArbitrationFinished { arbitration, .. } => CallEnd::Decided(arbitration.confidence),
        Record::CallFailed { reason, .. } => CallEnd::Failed(reason),
        Record::ComponentFailed { failure, .. } => CallEnd::Failed(failure.reason),
        _ => return,
    };
    if let Some((id, receipt)) = ended {
        end(calls, id, came_of_it, receipt);
    }
}

/// Notes the end of the call that is under way, or of one that never was.
fn end(calls: &mut Vec<Call>, id: CallId, ended: CallEnd, receipt: Option<Receipt>) {
    // Few calls are under way at once, so the one that ends is near the end.
    let under_way = calls.iter_mut().rev().find(|call| call.id == id);
    match under_way.filter(|call| call.ended == CallEnd::Unknown) {
        Some(call) => {
            call.ended = ended;
            call.receipt = receipt;
        }
        None => calls.push(Call {
            id,
            at: None,
            at_most: None,
            receipt,
            ended,
        }),
    }
}
