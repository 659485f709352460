//! The outlook at the end of an iteration: what the streams still have to be told, and what the next one redoes.
//!
//! A component is redone where it has a correction, where a dependency of it has one (in streams that use context),
//! and, as long as the verdict wants more, where streams that can change their mind contradict each other. What
//! oscillates is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::settling::Settled;
use crate::compare::settle::STREAMS;
use crate::converge::oscillation::{Dispute, Trail, observe};
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Correction, Documentation, StreamId};
use crate::model::oracle::Oracle;
use crate::model::run::RunState;

/// What is said of a difference that is stopped.
const FLIPS: &str = "; it flips back and forth";

/// What is still to do.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    /// What each stream has not been told yet, by component.
    pub(super) pending: [BTreeMap<ComponentIndex, Vec<Correction>>; 2],
    /// Components in which the streams contradict each other, and may not the next time.
    pub(super) disputed: BTreeSet<ComponentIndex>,
}

/// What a stream can still be asked.
pub(super) struct Askable {
    /// Whether it is alive.
    pub(super) alive: bool,
    /// Components it has failed on.
    pub(super) failed: BTreeSet<Name>,
    /// Components whose drafts are kept whatever the facts say.
    pub(super) trusted: BTreeSet<Name>,
    pub(super) embedded: bool,
    pub(super) uses_context: bool,
}

impl Askable {
    fn can_redo(&self, id: &Name) -> bool {
        self.alive && !self.failed.contains(id) && (self.embedded || !self.trusted.contains(id))
    }
}

impl Outlook {
    /// Looks through all that was settled in an iteration; what is disputed leaves its marks in the trail.
    pub(super) fn new(
        oracle: &Oracle,
        documentation: &mut [Documentation],
        settled: &[Option<Settled>],
        streams: &[Askable; 2],
        iteration: u32,
        trail: &mut BTreeMap<Name, Trail>,
    ) -> Self {
        let mut outlook = Self::default();
        for (documentation, settled) in documentation.iter_mut().zip(settled) {
            let Some(settled) = settled else { continue };
            let id = &oracle.component(documentation.component).id;
            let corrections = &settled.corrections;
            let stopped = mark(documentation, corrections, trail, id, iteration);
            let can_redo = streams.each_ref().map(|s| s.can_redo(id));
            outlook.add(documentation, corrections, can_redo, stopped);
        }
        outlook
    }

    /// Takes in one component; `stopped` says, dispute by dispute, what is not to be pursued.
    fn add(
        &mut self,
        documentation: &mut Documentation,
        corrections: &[Vec<Correction>; 2],
        can_redo: [bool; 2],
        stopped: Vec<bool>,
    ) {
        let mut stopped = stopped.into_iter();
        let component = documentation.component;
        for (stream, corrections) in corrections.iter().enumerate() {
            for correction in corrections {
                if stopped.next() == Some(false) && can_redo[stream] {
                    let pending = self.pending[stream].entry(component).or_default();
                    pending.push(correction.clone());
                }
            }
        }
        let open = documentation.discrepancies.iter_mut();
        for discrepancy in open.filter(|d| d.resolution.is_none()) {
            if stopped.next() == Some(true) {
                if !discrepancy.reason.ends_with(FLIPS) {
                    discrepancy.reason.push_str(FLIPS);
                }
            } else if discrepancy.a.is_some() || discrepancy.b.is_some() {
                self.disputed.insert(component);
            }
        }
    }

    /// Corrections that the streams have not taken yet.
    pub(super) fn corrections(&self) -> u64 {
        let all = self.pending.iter().flat_map(BTreeMap::values);
        all.map(|corrections| corrections.len() as u64).sum()
    }

    /// The components that each stream redoes next.
    pub(super) fn redo(&self, oracle: &Oracle, streams: &[Askable; 2]) -> [BTreeSet<Name>; 2] {
        STREAMS.map(|stream| {
            let asked = &streams[stream as usize];
            let corrected = self.pending[stream as usize].keys().copied();
            let mut redo: BTreeSet<ComponentIndex> = corrected.collect();
            if asked.uses_context && !redo.is_empty() {
                redo.extend(dependents(oracle, &redo));
            }
            if !asked.embedded {
                redo.extend(&self.disputed);
            }
            redo.into_iter()
                .map(|component| oracle.component(component).id.clone())
                .filter(|id| asked.can_redo(id))
                .collect()
        })
    }

    /// Adds what is pending to what the streams are told. They are told all of it every time, because a stream that
    /// keeps nothing would otherwise go back on what it was told before.
    pub(super) fn tell(&self, oracle: &Oracle, state: &mut RunState) {
        for (told, pending) in state.corrections.iter_mut().zip(&self.pending) {
            for (&component, corrections) in pending {
                let id = oracle.component(component).id.clone();
                let known = told.entry(id).or_default();
                for correction in corrections {
                    known.retain(|k| (&k.subject, &k.said) != (&correction.subject, &correction.said));
                    known.push(correction.clone());
                }
                known.sort_by(|x, y| x.subject.cmp(&y.subject));
            }
        }
    }
}

/// Marks what a component disputes in its trail; says of each correction of A, each of B, and each open difference
/// whether it is stopped.
fn mark(
    documentation: &Documentation,
    corrections: &[Vec<Correction>; 2],
    trails: &mut BTreeMap<Name, Trail>,
    id: &Name,
    iteration: u32,
) -> Vec<bool> {
    let told = |stream: StreamId| {
        corrections[stream as usize].iter().map(move |c| Dispute::Told {
            stream,
            subject: &c.subject,
            said: c.said.as_ref(),
        })
    };
    let open = documentation.open().map(|d| Dispute::Open {
        subject: &d.subject,
        values: [d.a.as_ref(), d.b.as_ref()],
    });
    let disputes: Vec<Dispute<'_>> = STREAMS.into_iter().flat_map(told).chain(open).collect();
    // Looked at again after an answer or a restart, an iteration leaves the same marks once.
    if let Some(trail) = trails.get_mut(id) {
        trail.retain(|&(when, _)| when != iteration);
    }
    if disputes.is_empty() {
        return Vec::new();
    }
    observe(trails.entry(id.clone()).or_default(), iteration, &disputes)
}

/// The components that depend on some of these.
fn dependents<'a>(oracle: &'a Oracle, changed: &'a BTreeSet<ComponentIndex>) -> Vec<ComponentIndex> {
    oracle
        .indices()
        .filter(|c| {
            oracle.order.dependencies[c.as_usize()]
                .iter()
                .any(|d| changed.contains(d))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::tests::sample::Sample;
    use crate::model::claim::{Subject, Value};

    fn asked(embedded: bool, uses_context: bool) -> Askable {
        Askable {
            alive: true,
            failed: BTreeSet::new(),
            trusted: BTreeSet::new(),
            embedded,
            uses_context,
        }
    }

    fn correction(said: &str) -> Correction {
        Correction {
            subject: Subject::Summary,
            said: Some(Value::text(said)),
            truth: None,
            reason: String::new(),
        }
    }

    #[test]
    fn corrected_components_and_their_context_are_redone() {
        let oracle = Sample::default()
            .function("m.a")
            .function("m.b")
            .calls(0)
            .function("m.c")
            .calls(1)
            .oracle();
        let mut outlook = Outlook::default();
        let changed = ComponentIndex(0);
        outlook.pending[0].insert(changed, vec![correction("x")]);
        outlook.pending[1].insert(changed, vec![correction("x")]);
        outlook.disputed.insert(ComponentIndex(2));
        let redo = outlook.redo(&oracle, &[asked(true, true), asked(false, false)]);
        let names = redo.map(|names| names.iter().map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(names, [["m.a", "m.b"], ["m.a", "m.c"]]);
        assert_eq!(outlook.corrections(), 2);
    }

    #[test]
    fn streams_are_told_everything_every_time() {
        let oracle = Sample::default().function("m.a").oracle();
        let mut state = RunState::default();
        for said in ["x", "y", "x"] {
            let mut outlook = Outlook::default();
            outlook.pending[0].insert(ComponentIndex(0), vec![correction(said)]);
            outlook.tell(&oracle, &mut state);
        }
        assert_eq!(state.corrections[0]["m.a"].len(), 2);
        assert!(state.corrections[1].is_empty());
    }
}
