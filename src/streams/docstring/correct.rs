//! Corrections: what the stream does with claims that were refuted.
//!
//! A claim is dropped or takes the true value; nothing else of the author's changes, except that a sentence goes
//! whose reference was refuted.

use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::{Component, Name};
use crate::model::documentation::Correction;
use crate::model::oracle::Oracle;

use super::prose;
use super::references;

/// Applies corrections to the claims of a draft.
pub(super) fn apply(claims: &mut Vec<Claim>, corrections: &[Correction], oracle: &Oracle, component: &Component) {
    let mut broken: Vec<&Name> = Vec::new();
    for correction in corrections {
        match &correction.truth {
            Some(truth) => {
                for claim in claims.iter_mut().filter(|c| c.subject == correction.subject) {
                    claim.value = truth.clone();
                }
            }
            None => {
                drop_claim(claims, &correction.subject);
                if let Subject::Reference(name) = &correction.subject {
                    broken.push(name);
                }
            }
        }
    }
    if !broken.is_empty() {
        drop_sentences(claims, &broken, oracle, component);
    }
}

/// Drops a claim and those that presuppose it.
fn drop_claim(claims: &mut Vec<Claim>, subject: &Subject) {
    claims.retain(|c| c.subject != *subject && c.subject.presupposes().as_ref() != Some(subject));
    if let Subject::Parameter(gone) = subject {
        for claim in claims.iter_mut() {
            if let Value::Names(names) = &mut claim.value {
                names.retain(|name| name != gone);
            }
        }
        claims.retain(|c| !matches!(&c.value, Value::Names(names) if names.is_empty()));
    }
}

fn drop_sentences(claims: &mut Vec<Claim>, broken: &[&Name], oracle: &Oracle, component: &Component) {
    let is_broken = |sentence: &str| {
        references::mentions(sentence)
            .iter()
            .any(|mention| references::claimed(oracle, component, mention).is_some_and(|name| broken.contains(&&name)))
    };
    claims.retain_mut(|claim| {
        if !claim.subject.is_prose() || matches!(claim.subject, Subject::Example(_)) {
            return true;
        }
        let Some(text) = claim.value.as_text().filter(|text| is_broken(text)) else {
            return true;
        };
        let kept: String = prose::sentences(text)
            .into_iter()
            .map(|range| &text[range])
            .filter(|sentence| !is_broken(sentence))
            .collect();
        let kept = kept.trim();
        claim.value = Value::text(kept);
        !kept.is_empty()
    });
}
