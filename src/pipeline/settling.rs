//! Judging and settling many components: pure work, spread over all cores, in component order.

use std::sync::Arc;

use rayon::prelude::*;

use super::stop::Stop;
use crate::compare::findings::findings;
use crate::compare::settle::{Answers, Case, Settlement, Tally, Witness, settle};
use crate::model::component::ComponentIndex;
use crate::model::documentation::{Correction, Documentation, Draft, JudgedDraft};
use crate::model::finding::Finding;
use crate::model::oracle::Oracle;
use crate::streams::{prose, validator};

/// Components after which the runtime gets a turn.
const TURN: usize = 1024;

/// What is known of a settled component beside its documentation.
#[derive(Debug)]
pub(super) struct Settled {
    /// What each stream is to be told.
    pub(super) corrections: [Vec<Correction>; 2],
    pub(super) tally: Tally,
    /// Whether any stream has a draft of it.
    pub(super) documented: bool,
}

/// A component to settle: both streams' drafts.
pub(super) type Piece = (ComponentIndex, [Option<Arc<Draft>>; 2]);

/// What came of a piece.
pub(super) struct Worked {
    pub(super) documentation: Documentation,
    pub(super) settled: Settled,
    pub(super) findings: Vec<Finding>,
    /// Why a stream's draft was not accepted.
    pub(super) rejected: [Option<String>; 2],
}

/// What all pieces are settled with.
pub(super) struct Bench<'a> {
    pub(super) oracle: &'a Oracle,
    pub(super) witnesses: [Witness; 2],
    pub(super) similarity_threshold: f64,
    pub(super) answers: &'a Answers,
    /// Which streams' drafts are looked through for findings.
    pub(super) find_in: [bool; 2],
    pub(super) pool: Option<&'a rayon::ThreadPool>,
}

impl Bench<'_> {
    /// Settles the pieces; none if somebody asked to stop.
    pub(super) async fn settle(&self, pieces: Vec<Piece>, stop: &Stop) -> Option<Vec<Worked>> {
        let mut worked = Vec::with_capacity(pieces.len());
        let mut pieces = pieces.into_iter();
        loop {
            let turn: Vec<Piece> = pieces.by_ref().take(TURN).collect();
            if turn.is_empty() {
                return Some(worked);
            }
            if stop.is_requested() {
                return None;
            }
            let settle = || {
                turn.into_par_iter()
                    .map(|piece| self.settle_one(piece))
                    .collect::<Vec<_>>()
            };
            worked.extend(match self.pool {
                Some(pool) => pool.install(settle),
                None => settle(),
            });
            tokio::task::yield_now().await;
        }
    }

    fn settle_one(&self, (component, drafts): Piece) -> Worked {
        let mut rejected = [None, None];
        let mut judged: [Option<JudgedDraft>; 2] = [None, None];
        for (stream, draft) in drafts.into_iter().enumerate() {
            let Some(draft) = draft else { continue };
            match validator::judge(self.oracle, component, Arc::unwrap_or_clone(draft)) {
                Ok(mut accepted) => {
                    if !self.witnesses[stream].embedded {
                        prose::judge(self.oracle, component, &mut accepted);
                    }
                    judged[stream] = Some(accepted);
                }
                Err(reason) => rejected[stream] = Some(reason.to_string()),
            }
        }
        let found = |stream: usize| {
            judged[stream]
                .as_ref()
                .filter(|_| self.find_in[stream])
                .map(|judged| findings(self.oracle, component, judged))
        };
        let findings = (0..2).filter_map(found).flatten().collect();
        let Settlement {
            documentation,
            corrections,
            tally,
        } = settle(&Case {
            oracle: self.oracle,
            component,
            drafts: judged.each_ref().map(Option::as_ref),
            witnesses: self.witnesses,
            similarity_threshold: self.similarity_threshold,
            answers: self.answers,
        });
        Worked {
            documentation,
            settled: Settled {
                corrections,
                tally,
                documented: judged.iter().any(Option::is_some),
            },
            findings,
            rejected,
        }
    }
}
