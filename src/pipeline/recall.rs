//! What was thrown out in earlier iterations: told to the streams, gone from their drafts, and kept on record.
//!
//! A corrected stream no longer says what was wrong, so the last settlement does not know of it. What the streams
//! were told does, and it is part of the saved state: a resumed run recalls the same.

use crate::compare::settle::{RENAMED, key};
use crate::model::claim::{Claim, Subject, Value};
use crate::model::discrepancy::{Discrepancy, DiscrepancyKind};
use crate::model::documentation::{Correction, Documentation, DroppedClaim, Resolution, StreamId};
use crate::model::oracle::Oracle;

/// Adds to a component's documentation what its streams were told and no longer say.
pub(super) fn recall(oracle: &Oracle, documentation: &mut Documentation, told: [&[Correction]; 2]) {
    for (stream, corrections) in [StreamId::A, StreamId::B].into_iter().zip(told) {
        for correction in corrections {
            recall_claim(documentation, stream, correction);
        }
    }
    let mut subjects: Vec<&Subject> = told.iter().flat_map(|t| t.iter().map(|c| &c.subject)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    for subject in subjects {
        let about = told.map(|t| t.iter().rfind(|c| c.subject == *subject));
        recall_difference(oracle, documentation, subject, about);
    }
    documentation
        .dropped
        .sort_by(|x, y| (&x.claim.subject, x.stream).cmp(&(&y.claim.subject, y.stream)));
    documentation
        .discrepancies
        .sort_by(|x, y| (&x.subject, x.kind).cmp(&(&y.subject, y.kind)));
}

fn recall_claim(documentation: &mut Documentation, stream: StreamId, told: &Correction) {
    let Some(said) = &told.said else { return };
    let is_known = documentation
        .dropped
        .iter()
        .any(|d| d.stream == stream && d.claim.subject == told.subject && d.claim.value == *said);
    if !is_known {
        documentation.dropped.push(DroppedClaim {
            stream,
            claim: Claim::said(told.subject.clone(), said.clone(), 1.0, None),
            reason: told.reason.clone(),
        });
    }
}

fn recall_difference(
    oracle: &Oracle,
    documentation: &mut Documentation,
    subject: &Subject,
    about: [Option<&Correction>; 2],
) {
    let Some(told) = about[0].or(about[1]) else {
        return;
    };
    // What went with the subject it presupposes was no difference of its own.
    let went_along = subject.presupposes().is_some() && told.truth.is_none();
    let is_known = documentation.discrepancies.iter().any(|d| d.subject == *subject);
    if went_along || is_known {
        return;
    }
    let settled = documentation.get(subject);
    let [a, b] = [0, 1].map(|stream: usize| match about[stream] {
        Some(correction) => correction.said.clone(),
        None => settled
            .filter(|c| [c.said_by_a, c.said_by_b][stream])
            .map(|c| c.value.clone()),
    });
    let kind = kind_of(subject, told);
    let id = &oracle.component(documentation.component).id;
    documentation.discrepancies.push(Discrepancy {
        key: key(id, kind, subject, [a.as_ref(), b.as_ref()]),
        component: documentation.component,
        kind,
        subject: subject.clone(),
        severity: kind.row().severity,
        resolution: Some(Resolution::Fact),
        blocking: kind.row().blocking,
        similarity: similarity(a.as_ref(), b.as_ref()),
        reason: told.reason.clone(),
        a,
        b,
    });
}

fn kind_of(subject: &Subject, told: &Correction) -> DiscrepancyKind {
    match (&told.said, subject) {
        (None, Subject::Effect(_)) => DiscrepancyKind::SecurityGap,
        (None, _) => DiscrepancyKind::of_missing(subject),
        (Some(_), Subject::Parameter(_)) if told.reason.starts_with(RENAMED) => DiscrepancyKind::ParameterName,
        (Some(_), _) => DiscrepancyKind::of_false(subject),
    }
}

fn similarity(a: Option<&Value>, b: Option<&Value>) -> f32 {
    f32::from(u8::from(a.is_some() && a == b))
}
