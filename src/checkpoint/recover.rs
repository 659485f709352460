//! Recovery: from what lies on disk to the state to go on from, changing nothing.
//!
//! The newest whole snapshot says where the iteration in progress began; the journal's valid prefix says what has
//! happened since, and is enough by itself where no snapshot is whole.

use std::collections::BTreeSet;
use std::mem;
use std::path::Path;

use super::error::CheckpointError;
use super::journal::{self, Damage, Scan, scan};
use super::record::{Progress, Record, Restatement, RunHeader};
use super::snapshot::{self, CheckpointSummary, Snapshot};
use crate::model::run::{Phase, RunState};
use crate::model::usage::{CallId, Ledger, Receipt, add_up};

/// What was found of a run: enough to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// The run's id.
    pub run_id: String,
    /// The snapshot it starts from; none where only the journal was of use.
    pub checkpoint: Option<String>,
    /// What the run was started with, overrides included.
    pub header: RunHeader,
    /// The state at the start of the iteration in progress, in the phase that was reached.
    pub state: RunState,
    /// What that iteration has done so far, and the run's tickets and answers.
    pub progress: Progress,
    /// Whether the run had ended and its package was written.
    pub finished: bool,
    /// Calls that had begun when the run ended, and of whose results nothing is known: they are made again.
    pub in_flight: BTreeSet<CallId>,
    /// What was damaged and what that means, as sentences; empty where everything was whole.
    pub notes: Vec<String>,
}

impl Recovered {
    /// What all calls of the run have come to.
    pub fn spent(&self) -> Ledger {
        let mut spent = self.state.spent.clone();
        add_up(&mut spent, &self.progress.spent);
        spent
    }

    /// State and progress as one record, to be journaled after they were reconciled with another repository state.
    pub fn restatement(&self) -> Restatement {
        Restatement {
            state: self.state.clone(),
            progress: self.progress.clone(),
        }
    }
}

/// What recovery found, with what a writer has to mend before it may go on.
pub(crate) struct Recovery {
    pub(crate) recovered: Recovered,
    pub(crate) scan: Scan,
    /// Whether the journal cannot be continued as it is, because the state found is not what it leads to.
    pub(crate) restate: bool,
    /// The first sequence that was never used.
    pub(crate) next: u64,
}

/// Finds the state of a run, as of its end or as of one snapshot.
pub(crate) fn recover(folder: &Path, run_id: &str, wanted: Option<&str>) -> Result<Recovery, CheckpointError> {
    let summaries = snapshot::summaries(folder, run_id)?;
    let mut notes = Vec::new();
    let snapshot = match wanted {
        Some(id) => Some(snapshot::read(&folder.join(id), id)?),
        None => newest_whole(folder, &summaries, &mut notes)?,
    };
    let stop_at = wanted.and(snapshot.as_ref()).map(|s| s.sequence);
    let known = summaries.iter().filter_map(|s| s.sequence).max().unwrap_or(0);

    let mut replay = Replay::new(snapshot);
    let path = folder.join(journal::FILE);
    let scan = scan(&path, |sequence, record| {
        if stop_at.is_none_or(|stop| sequence <= stop) {
            replay.hear(sequence, record);
        }
    })?;
    let Replay {
        checkpoint,
        base,
        header,
        state,
        mut progress,
        finished,
        in_flight,
        gap,
        ..
    } = replay.end();
    let Some(header) = header else {
        let why = notes.pop().unwrap_or_else(|| "it holds no snapshot".to_owned());
        return Err(CheckpointError::damaged(
            folder,
            format!("neither a snapshot nor the start of the journal is whole ({why})"),
        ));
    };
    let cut = scan.last < base || gap;
    if progress.iteration < state.iteration {
        // The end of that iteration is in the snapshot, and was in the part of the journal that is lost.
        progress = after_iteration(progress);
    }
    if let Some(damage) = &scan.damage {
        notes.push(note_on_journal(&scan, damage, cut));
    } else if cut {
        notes.push(format!(
            "The journal does not join the checkpoint {}; results after it are lost.",
            checkpoint.as_deref().unwrap_or("it was begun with")
        ));
    }
    Ok(Recovery {
        recovered: Recovered {
            run_id: run_id.to_owned(),
            checkpoint,
            header,
            state,
            progress,
            finished,
            in_flight,
            notes,
        },
        restate: wanted.is_some() || cut || scan.records == 0,
        next: scan.last.max(known).max(base) + 1,
        scan,
    })
}

fn note_on_journal(scan: &Scan, damage: &Damage, cut: bool) -> String {
    let lost = scan.bytes.saturating_sub(damage.offset);
    let what = if cut {
        "what it held after the last whole checkpoint is lost"
    } else {
        "what came before is used"
    };
    format!(
        "The journal is damaged after {} records ({}); {lost} bytes cannot be used, {what}.",
        scan.records, damage.reason
    )
}

/// The newest snapshot that is whole; the damaged ones on the way are noted. A snapshot of a newer program ends the
/// search: an older one would silently lose what the newer program did.
fn newest_whole(
    folder: &Path,
    summaries: &[CheckpointSummary],
    notes: &mut Vec<String>,
) -> Result<Option<Snapshot>, CheckpointError> {
    // Those whose first line is damaged have no place in the order and count as older; they are noted all the same.
    for summary in summaries.iter().rev() {
        match snapshot::read(&folder.join(&summary.id), &summary.id) {
            Ok(found) => {
                notes.extend(unreadable(summaries, notes.len()));
                return Ok(Some(found));
            }
            Err(CheckpointError::Damaged { reason, .. }) => {
                notes.push(format!("Checkpoint {} is damaged: {reason}.", summary.id));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

/// Notes on snapshots whose first line could not be read and that were not looked at.
fn unreadable(summaries: &[CheckpointSummary], looked_at: usize) -> Vec<String> {
    let rest = summaries.len() - looked_at - 1;
    summaries[..rest]
        .iter()
        .filter(|s| s.sequence.is_none())
        .map(|s| format!("Checkpoint {} is damaged: its first line cannot be read.", s.id))
        .collect()
}

/// What of the progress is not that of an iteration, once it has ended.
fn after_iteration(progress: Progress) -> Progress {
    Progress {
        tickets: progress.tickets,
        answers: progress.answers,
        ..Progress::default()
    }
}

/// The state machine that the journal drives.
struct Replay {
    checkpoint: Option<String>,
    base: u64,
    pending: Option<RunState>,
    header: Option<RunHeader>,
    fallback: Option<RunHeader>,
    state: RunState,
    progress: Progress,
    finished: bool,
    in_flight: BTreeSet<CallId>,
    gap: bool,
    started: bool,
}

impl Replay {
    fn new(snapshot: Option<Snapshot>) -> Self {
        let (checkpoint, base, pending, fallback) = match snapshot {
            Some(s) => (Some(s.id), s.sequence, Some(s.state), Some(s.header)),
            None => (None, 0, None, None),
        };
        Self {
            checkpoint,
            base,
            pending,
            header: None,
            fallback,
            state: RunState::default(),
            progress: Progress::default(),
            finished: false,
            in_flight: BTreeSet::new(),
            gap: false,
            started: false,
        }
    }

    fn hear(&mut self, sequence: u64, record: Record) {
        if !self.started {
            self.started = true;
            // A journal that begins anew says where it stands; one that begins after the snapshot without that
            // cannot be joined to it.
            self.gap = sequence > self.base + 1;
        }
        if sequence > self.base {
            self.take_snapshot();
        }
        if !self.gap || matches!(record, Record::Restated(_) | Record::HeaderChanged(_)) {
            self.apply(record);
        }
    }

    fn take_snapshot(&mut self) {
        if let Some(state) = self.pending.take() {
            self.state = state;
        }
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::PhaseChanged(phase) => {
                self.state.phase = phase;
                self.finished &= phase == Phase::Completed;
            }
            Record::SignaturesTaken(signatures) => self.state.signatures = signatures.into(),
            record @ (Record::CallStarted { .. }
            | Record::DraftFinished { .. }
            | Record::PartFinished { .. }
            | Record::ValidationFinished { .. }
            | Record::ArbitrationFinished { .. }
            | Record::CallFailed { .. }
            | Record::ComponentFailed { .. }) => self.apply_call(record),
            Record::IterationEnded(state) => self.end_iteration(*state),
            Record::TicketOpened { id, key } => {
                self.progress.tickets.insert(key, id);
            }
            Record::AnswerApplied { key, answer } => {
                self.progress.answers.insert(key, answer);
            }
            Record::HeaderChanged(header) => self.header = Some(*header),
            Record::Restated(restatement) => {
                // Whoever restates has seen what was in flight before.
                self.in_flight.clear();
                self.state = restatement.state;
                self.progress = restatement.progress;
                self.finished = false;
                self.gap = false;
            }
            Record::Finished => self.finished = true,
        }
    }

    /// What came of a call, or that it has left.
    fn apply_call(&mut self, record: Record) {
        if let Some((call, receipt)) = record.ended_call() {
            let has_failed = matches!(record, Record::CallFailed { .. } | Record::ComponentFailed { .. });
            self.close(&call, receipt, has_failed);
        }
        let progress = &mut self.progress;
        match record {
            Record::CallStarted { call, .. } => _ = self.in_flight.insert(call),
            Record::DraftFinished {
                stream,
                component,
                draft,
                ..
            } => {
                progress
                    .failures
                    .retain(|f| f.stream != stream || f.component != component);
                progress.parts[stream as usize].remove(&component);
                progress.drafts[stream as usize].insert(component, draft);
            }
            Record::PartFinished {
                stream,
                component,
                part,
                draft,
                ..
            } => {
                let parts = progress.parts[stream as usize].entry(component).or_default();
                parts.insert(part, draft);
            }
            Record::ValidationFinished {
                stream,
                component,
                validation,
                ..
            } => _ = progress.validations[stream as usize].insert(component, validation),
            Record::ArbitrationFinished { key, arbitration, .. } => _ = progress.arbitrations.insert(key, arbitration),
            Record::ComponentFailed { failure, .. } => progress.failures.push(failure),
            _ => {}
        }
    }

    /// Notes that a call has ended, and charges what it cost; one without a receipt was charged before.
    fn close(&mut self, call: &CallId, receipt: Option<&Receipt>, has_failed: bool) {
        self.in_flight.remove(call);
        self.progress.iteration = call.iteration;
        if let Some(receipt) = receipt {
            let account = self.progress.spent.entry(call.role).or_default();
            account.charge(receipt, has_failed);
        }
    }

    fn end_iteration(&mut self, state: RunState) {
        let mut drafts = mem::take(&mut self.state.drafts);
        for (kept, new) in drafts.iter_mut().zip(mem::take(&mut self.progress.drafts)) {
            kept.extend(new);
        }
        self.state = RunState { drafts, ..state };
        self.progress = after_iteration(mem::take(&mut self.progress));
    }

    /// What stands after the last record.
    fn end(mut self) -> Self {
        self.take_snapshot();
        self.header = self.header.or(self.fallback.take());
        self
    }
}
