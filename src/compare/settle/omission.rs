//! What nobody says: facts that a stream leaves out, parameters under a wrong name, and gaps in the documentation.

use std::cmp::Reverse;

use super::{Difference, RENAMED, Said, Settler};
use crate::model::claim::{Claim, Subject};
use crate::model::component::Name;
use crate::model::discrepancy::{DiscrepancyKind, Severity};
use crate::model::documentation::{Correction, Resolution};

/// Least likeness of two names, 0 to 1, of which one is taken for a wrong spelling of the other.
const CLOSE_NAME: f64 = 0.6;

impl<'a> Settler<'a> {
    /// Notes a fact that a stream which witnesses edges leaves out. What an author leaves out is no error of hers.
    pub(super) fn note_omission(&mut self, fact: &Claim, sides: [Option<Said<'a>>; 2]) {
        let unsaid = sides.iter().all(Option::is_none);
        let Some(kind) = omission_kind(&fact.subject, unsaid) else {
            return;
        };
        let witnesses = self.edge_witnesses();
        let silent = [0, 1].map(|s| witnesses[s] && sides[s].is_none());
        if silent == [false, false] {
            return;
        }
        let reason = format!("the code has {}, and it is not said", fact.subject);
        for (stream, corrections) in self.corrections.iter_mut().enumerate() {
            if silent[stream] {
                corrections.push(Correction {
                    subject: fact.subject.clone(),
                    said: None,
                    truth: Some(fact.value.clone()),
                    reason: reason.clone(),
                });
            }
        }
        if let Some(claim) = self.claims.last_mut().filter(|c| c.subject == fact.subject) {
            claim.resolution = Some(Resolution::Fact);
        }
        let discrepancy = self.discrepancy(
            Difference {
                kind,
                subject: &fact.subject,
                sides,
                similarity: 0.0,
                reason,
            },
            Some(Resolution::Fact),
        );
        self.discrepancies.push(discrepancy);
    }

    /// Turns an extra parameter and a missing one of a similar name into one parameter under a wrong name.
    pub(super) fn name_renamed_parameters(&mut self, known: &[Claim]) {
        let extra: Vec<Name> = self
            .discrepancies
            .iter()
            .filter(|d| d.kind == DiscrepancyKind::ParameterExtra)
            .filter_map(|d| parameter(&d.subject).cloned())
            .collect();
        if extra.is_empty() {
            return;
        }
        let real: Vec<&Name> = known.iter().filter_map(|c| parameter(&c.subject)).collect();
        for (wrong, right) in renames(&extra, &real, |wrong, right| self.are_swapped(wrong, right)) {
            self.record_rename(&wrong, &right);
        }
    }

    /// Whether every stream that says the wrong name is silent about the right one.
    fn are_swapped(&self, wrong: &Name, right: &Name) -> bool {
        let says = |stream: usize, name: &Name| {
            self.case.drafts[stream].is_some_and(|d| d.draft.get(&Subject::Parameter(name.clone())).is_some())
        };
        (0..2).all(|s| !says(s, wrong) || !says(s, right))
    }

    fn record_rename(&mut self, wrong: &Name, right: &Name) {
        let says_wrong = [0, 1]
            .map(|s| self.case.drafts[s].is_some_and(|d| d.draft.get(&Subject::Parameter(wrong.clone())).is_some()));
        // The missing parameter is the same mistake, unless the other stream leaves it out too.
        let witnesses = self.edge_witnesses();
        let explained = (0..2).all(|s| says_wrong[s] || !witnesses[s]);
        self.discrepancies.retain_mut(|d| match parameter(&d.subject) {
            Some(name) if d.kind == DiscrepancyKind::ParameterExtra && name == wrong => {
                d.kind = DiscrepancyKind::ParameterName;
                d.severity = d.kind.row().severity;
                d.reason = format!("{RENAMED}{right}");
                d.key = super::key(
                    &self.case.oracle.component(self.case.component).id,
                    d.kind,
                    &d.subject,
                    [d.a.as_ref(), d.b.as_ref()],
                );
                true
            }
            Some(name) => {
                let is_missing = d.kind == DiscrepancyKind::ParameterMissing && name == right;
                !is_missing || !(explained || d.a.is_some() || d.b.is_some())
            }
            None => true,
        });
        for correction in self.corrections.iter_mut().flatten() {
            if correction.said.is_some() && parameter(&correction.subject) == Some(wrong) {
                correction.reason = format!("{RENAMED}{right}");
            }
        }
    }

    /// Finds what the finished documentation lacks: any text at all, or a security-relevant effect.
    pub(super) fn find_gaps(&mut self) {
        let component = self.case.oracle.component(self.case.component);
        let drafted = self.case.drafts.iter().any(Option::is_some);
        let has_text = self.is_settled(&Subject::Summary) || self.is_settled(&Subject::Description);
        if component.public && drafted && !has_text {
            let reason = "no stream says what it is".to_owned();
            self.open_gap(DiscrepancyKind::DocstringMissing, &Subject::Summary, reason);
        }
        let effects = &self.case.oracle.facts(self.case.component).effects;
        let mut last = None;
        for effect in effects.iter().filter(|e| e.kind.is_security_relevant()) {
            let subject = Subject::Effect(effect.kind);
            if last != Some(effect.kind) && drafted && !self.is_settled(&subject) {
                let reason = format!("it {}, and nobody says so", effect.kind);
                self.open_gap(DiscrepancyKind::SecurityGap, &subject, reason);
            }
            last = Some(effect.kind);
        }
    }

    fn is_settled(&self, subject: &Subject) -> bool {
        self.claims.binary_search_by(|c| c.subject.cmp(subject)).is_ok()
    }

    fn open_gap(&mut self, kind: DiscrepancyKind, subject: &Subject, reason: String) {
        let difference = Difference {
            kind,
            subject,
            sides: [None, None],
            similarity: 0.0,
            reason,
        };
        self.open_difference(difference, None);
        self.claims.sort_by(|x, y| x.subject.cmp(&y.subject));
    }
}

/// What it is called when a fact is not said; none where that is no error.
fn omission_kind(subject: &Subject, unsaid_by_all: bool) -> Option<DiscrepancyKind> {
    match subject {
        Subject::Effect(effect) => {
            (unsaid_by_all && effect.is_security_relevant()).then_some(DiscrepancyKind::SecurityGap)
        }
        _ if subject.is_prose() || subject.presupposes().is_some() => None,
        Subject::ParameterOrder | Subject::Reference(_) => None,
        _ => Some(DiscrepancyKind::of_missing(subject)).filter(|kind| kind.row().severity >= Severity::Medium),
    }
}

fn parameter(subject: &Subject) -> Option<&Name> {
    match subject {
        Subject::Parameter(name) => Some(name),
        _ => None,
    }
}

/// Pairs wrong names with right ones, the closest first; each name is used once.
fn renames(wrong: &[Name], right: &[&Name], allowed: impl Fn(&Name, &Name) -> bool) -> Vec<(Name, Name)> {
    let mut candidates: Vec<(Reverse<u64>, &Name, &Name)> = Vec::new();
    for w in wrong {
        for r in right.iter().filter(|r| allowed(w, r)) {
            let closeness = closeness(w, r);
            if closeness >= CLOSE_NAME {
                candidates.push((Reverse(per_mille(closeness)), w, r));
            }
        }
    }
    candidates.sort();
    let mut found: Vec<(Name, Name)> = Vec::new();
    for (_, w, r) in candidates {
        if !found.iter().any(|(x, y)| x == w || y == r) {
            found.push((w.clone(), r.clone()));
        }
    }
    found
}

/// How close two names are, from 0 to 1: by edits, or because one is the other cut short.
fn closeness(a: &str, b: &str) -> f64 {
    let [a, b] = [a, b].map(|n| n.trim_matches('_').to_lowercase());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let is_cut = short.len() >= 3 && (long.starts_with(short) || long.ends_with(short));
    let edits = strsim::normalized_damerau_levenshtein(&a, &b);
    if is_cut { edits.max(CLOSE_NAME) } else { edits }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 1 becomes a number up to 1000"
)]
fn per_mille(share: f64) -> u64 {
    (share * 1000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wrong: &[&str], right: &[&str], expected: &[(&str, &str)]) {
        let wrong: Vec<Name> = wrong.iter().map(|&n| n.into()).collect();
        let right: Vec<Name> = right.iter().map(|&n| n.into()).collect();
        let found = renames(&wrong, &right.iter().collect::<Vec<_>>(), |_, _| true);
        let found: Vec<_> = found.iter().map(|(w, r)| (w.as_ref(), r.as_ref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn close_names_are_one_parameter() {
        check(&["time_out"], &["timeout", "retries"], &[("time_out", "timeout")]);
        check(&["file"], &["filename"], &[("file", "filename")]);
        check(&["colour"], &["retries"], &[]);
        check(&["valu", "values"], &["value"], &[("values", "value")]);
    }
}
