//! Measuring an iteration: the counts and figures that a verdict rests on, over all components.

use std::collections::{BTreeMap, BTreeSet};

use super::settling::Settled;
use crate::config::Convergence;
use crate::model::claim::Subject;
use crate::model::component::Name;
use crate::model::documentation::{Correction, Documentation};
use crate::model::oracle::Oracle;
use crate::model::run::{EdgeScore, Failure, IterationRecord, Measures};

/// Measures the state of all components; `corrections` is what the streams have not taken yet.
pub(super) fn measure(
    oracle: &Oracle,
    documentation: &[Documentation],
    settled: &[Option<Settled>],
    failures: &[Failure],
    corrections: u64,
    options: &Convergence,
) -> IterationRecord {
    let mut record = IterationRecord::default();
    let (mut both, mut either) = (0, 0);
    let (mut similarity, mut measured) = (0.0, 0u32);
    for (documentation, settled) in documentation.iter().zip(settled) {
        let Some(settled) = settled else { continue };
        let tally = &settled.tally;
        record.identical += tally.identical;
        for (sum, refuted) in record.refuted.iter_mut().zip(tally.refuted) {
            *sum += refuted;
        }
        both += tally.edges_both;
        either += tally.edges_either;
        if let Some(own) = tally.similarity.filter(|_| settled.documented) {
            similarity += own;
            measured += 1;
        }
        record.measures.components += u64::from(settled.documented);
        count_differences(documentation, options, &mut record);
    }
    let failed: BTreeSet<&Name> = failures.iter().map(|f| &f.component).collect();
    let nothing_there = oracle.components.is_empty();
    record.measures = Measures {
        call_graph_match: share(both, either),
        documentation_similarity: match measured {
            0 => f64::from(u8::from(nothing_there)),
            _ => similarity / f64::from(measured),
        },
        corrections,
        failed: failed.len() as u64,
        unvalidated: match options.require_static_validation {
            true => unvalidated(oracle),
            false => 0,
        },
        ..record.measures
    };
    record
}

fn count_differences(documentation: &Documentation, options: &Convergence, record: &mut IterationRecord) {
    for claim in &documentation.claims {
        if let Some(resolution) = claim.resolution {
            *record.settled.entry(resolution).or_default() += 1;
        }
    }
    for discrepancy in &documentation.discrepancies {
        *record.discrepancies.entry(discrepancy.kind).or_default() += 1;
        if discrepancy.resolution.is_some() {
            continue;
        }
        record.measures.open += 1;
        if let Some(blocking) = discrepancy.blocking
            && options.blocking_types.contains(&blocking)
        {
            *record.measures.blocking.entry(blocking).or_default() += 1;
        }
    }
}

fn unvalidated(oracle: &Oracle) -> u64 {
    let damaged = oracle.components.iter().filter(|c| c.traits.in_damaged_file);
    damaged.count() as u64
}

#[expect(clippy::cast_precision_loss, reason = "numbers of edges stay far below 2^53")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// The score of a stream's edges as they were before it was corrected: what it was told counts as it was said first.
pub(super) fn edge_score(
    oracle: &Oracle,
    settled: &[Option<Settled>],
    stream: usize,
    told: &BTreeMap<Name, Vec<Correction>>,
) -> EdgeScore {
    let mut score = EdgeScore::default();
    for (component, settled) in oracle.components.iter().zip(settled) {
        let Some(settled) = settled else { continue };
        let own = &settled.tally.scores[stream];
        score.confirmed += own.confirmed;
        score.refuted += own.refuted;
        score.unknown += own.unknown;
        score.missed += own.missed;
        let now = |c: &&Correction| {
            settled.corrections[stream]
                .iter()
                .any(|n| (&n.subject, &n.said) == (&c.subject, &c.said))
        };
        for correction in told.get(&component.id).into_iter().flatten().filter(|c| !now(c)) {
            if !matches!(correction.subject, Subject::Callee(_)) {
                continue;
            }
            if correction.said.is_some() {
                score.refuted += 1;
            } else {
                score.missed += 1;
                score.confirmed = score.confirmed.saturating_sub(1);
            }
        }
    }
    score
}
