//! The ruling on one subject: facts first, then agreement, then the single witness, then the wording of prose.

use std::cmp::{Ordering, Reverse};

use super::{Difference, STREAMS, Settler, Witness, same};
use crate::compare::diff::{self, Difference as Values, Pair, Said};
use crate::model::claim::{Claim, Subject, Value, Verdict};
use crate::model::discrepancy::DiscrepancyKind;
use crate::model::documentation::{Resolution, SettledClaim};

/// The confidence of an author's word that the code neither shows nor excludes.
const AUTHOR_UNCHECKED: f32 = 0.8;

/// How far a claim can be trusted that another stream contradicts.
const CONTRADICTED: f32 = 0.5;

impl<'a> Settler<'a> {
    /// Rules on what the streams say about one subject; `fact` is what the code says of it, where it says anything.
    pub(super) fn rule(&mut self, pair: &Pair<'a>, fact: Option<&Claim>) {
        if let Some(reason) = self.lost_ground(pair.subject) {
            for (stream, said) in STREAMS.into_iter().zip(pair.sides) {
                if let Some(said) = said {
                    self.refute(stream, said.claim, None, &reason);
                }
            }
            return;
        }
        let refutation = self.throw_out_refuted(pair);
        let truth = fact
            .map(|f| (&f.value, f.line))
            .or_else(|| refutation.and_then(|r| Some((r.answer.truth.as_ref()?, r.answer.line))));
        let standing = pair.sides.map(|s| s.filter(|s| !s.is_refuted()));
        let (standing, overruled) = match truth {
            Some((value, _)) => self.let_fact_overrule(pair.subject, standing, value),
            None => (standing, None),
        };
        let by_fact = refutation.is_some() || overruled.is_some();
        match standing {
            [Some(a), Some(b)] => self.rule_on_two(pair, [a, b]),
            [Some(said), None] | [None, Some(said)] => {
                let confirmed = by_fact && said.is_confirmed();
                let resolution = if confirmed {
                    Resolution::Fact
                } else {
                    Resolution::SingleWitness
                };
                self.accept(pair, said, Some(resolution));
            }
            [None, None] => match truth {
                Some((value, line)) => self.claims.push(fact_claim(pair.subject, value, line)),
                None => {
                    self.absent.insert(pair.subject.clone());
                }
            },
        }
        if let Some(reason) = refutation.map(|r| r.answer.reason.to_string()).or(overruled) {
            self.settled_difference(self.falsehood(pair, reason), Resolution::Fact);
        } else if let Some(fact) = fact {
            self.note_omission(fact, pair.sides);
        }
    }

    /// Why nothing can be said about a subject: what it presupposes does not exist.
    fn lost_ground(&self, subject: &Subject) -> Option<String> {
        let ground = subject.presupposes()?;
        if self.claims.binary_search_by(|c| c.subject.cmp(&ground)).is_ok() {
            return None;
        }
        let answer = || self.case.oracle.ask(self.case.component, &ground, &Value::Present);
        if self.absent.contains(&ground) || answer().verdict == Verdict::Refuted {
            return Some(format!("the code has no {ground}"));
        }
        None
    }

    /// Drops and corrects what the code refutes; returns the refuted claim whose reason speaks for both.
    fn throw_out_refuted(&mut self, pair: &Pair<'a>) -> Option<Said<'a>> {
        let refuted = |said: &Option<Said<'a>>| said.filter(Said::is_refuted);
        for (stream, said) in STREAMS.into_iter().zip(&pair.sides) {
            if let Some(said) = refuted(said) {
                let answer = said.answer;
                self.refute(stream, said.claim, answer.truth.as_ref(), &answer.reason);
            }
        }
        pair.sides
            .iter()
            .filter_map(refuted)
            .min_by(|x, y| x.answer.reason.cmp(&y.answer.reason))
    }

    /// Drops what the code cannot check but what differs from what it says; returns what is left, and the reason if
    /// something dropped contradicts the fact rather than being another wording of it.
    fn let_fact_overrule(
        &mut self,
        subject: &Subject,
        mut standing: [Option<Said<'a>>; 2],
        truth: &Value,
    ) -> ([Option<Said<'a>>; 2], Option<String>) {
        let mut reason = None;
        for (stream, side) in STREAMS.into_iter().zip(&mut standing) {
            let Some(said) = side.filter(|s| !s.is_confirmed()) else {
                continue;
            };
            let difference = diff::difference(subject, &said.claim.value, truth);
            // The order in the code is that of all parameters: who names more, names what is not there.
            let says_more = difference == Values::FirstSaysMore && *subject != Subject::ParameterOrder;
            if says_more || difference == Values::Same {
                continue;
            }
            let says = format!("the code says {truth}");
            if difference == Values::Contradiction {
                reason = Some(says.clone());
            }
            self.drop_claim(stream, said.claim, says);
            *side = None;
        }
        (standing, reason)
    }

    /// Rules on two claims that the code does not refute.
    fn rule_on_two(&mut self, pair: &Pair<'a>, [a, b]: [Said<'a>; 2]) {
        let subject = pair.subject;
        let difference = diff::difference(subject, &a.claim.value, &b.claim.value);
        if difference == Values::Same {
            self.tally.identical += 1;
            let said = self.likelier(subject, [a, b]);
            return self.accept(pair, said, Some(Resolution::Agreement));
        }
        if subject.is_prose() {
            return self.rule_on_prose(pair, [a, b]);
        }
        let more = match difference {
            Values::FirstSaysMore => Some(a),
            Values::SecondSaysMore => Some(b),
            _ => None,
        };
        if let Some(said) = more {
            return self.accept(pair, said, Some(Resolution::SingleWitness));
        }
        let likelier = self.likelier(subject, [a, b]);
        if difference != Values::Contradiction {
            return self.prefer(pair, likelier);
        }
        if likelier.is_confirmed() {
            let reason = likelier.answer.reason.to_string();
            self.drop_others(pair, likelier, &reason);
            self.settled_difference(self.falsehood(pair, reason), Resolution::Fact);
            return self.accept(pair, likelier, Some(Resolution::Fact));
        }
        let reason = "the streams contradict each other and the code does not decide".to_owned();
        self.leave_open(self.falsehood(pair, reason), pair, likelier);
    }

    /// Rules on two texts: an author's stands before a derived one, two models' have to be alike.
    fn rule_on_prose(&mut self, pair: &Pair<'a>, [a, b]: [Said<'a>; 2]) {
        let likelier = self.likelier(pair.subject, [a, b]);
        if self.case.witnesses.iter().any(|w| w.embedded) {
            return self.prefer(pair, likelier);
        }
        let similarity = diff::value_similarity(&a.claim.value, &b.claim.value);
        if similarity >= self.case.similarity_threshold {
            self.tally.identical += 1;
            self.accept(pair, likelier, Some(Resolution::Agreement));
            if let Some(claim) = self.claims.last_mut() {
                (claim.said_by_a, claim.said_by_b) = (true, true);
            }
            return;
        }
        let difference = Difference {
            similarity,
            reason: format!(
                "the texts are {similarity:.2} alike, and {:.2} is asked for",
                self.case.similarity_threshold
            ),
            ..self.falsehood(pair, String::new())
        };
        self.leave_open(difference, pair, likelier);
    }

    /// Takes one of two claims that do not exclude each other; what was derived gives way without a trace.
    fn prefer(&mut self, pair: &Pair<'a>, said: Said<'a>) {
        let loses_word = |s: Said<'_>| !s.claim.derived && s.claim.value != said.claim.value;
        if pair.sides.into_iter().flatten().any(loses_word) {
            self.drop_others(pair, said, "the other stream's wording stands");
        }
        self.accept(pair, said, Some(Resolution::SingleWitness));
    }

    fn drop_others(&mut self, pair: &Pair<'a>, chosen: Said<'a>, reason: &str) {
        for (stream, said) in STREAMS.into_iter().zip(pair.sides) {
            let lost = said.filter(|s| !s.is_refuted() && !same(pair.subject, &s.claim.value, &chosen.claim.value));
            if let Some(said) = lost {
                self.drop_claim(stream, said.claim, reason);
            }
        }
    }

    /// The difference of a pair whose claims cannot all be true.
    fn falsehood<'p>(&self, pair: &Pair<'p>, reason: String) -> Difference<'p> {
        let similarity = match pair.sides {
            [Some(a), Some(b)] => diff::value_similarity(&a.claim.value, &b.claim.value),
            _ => 0.0,
        };
        Difference {
            kind: DiscrepancyKind::of_false(pair.subject),
            subject: pair.subject,
            sides: pair.sides,
            similarity,
            reason,
        }
    }

    fn leave_open(&mut self, difference: Difference<'a>, pair: &Pair<'a>, likelier: Said<'a>) {
        let mut fallback = self.claim_of(pair, likelier, None);
        fallback.confidence = fallback.confidence.min(CONTRADICTED);
        self.open_difference(difference, Some(fallback));
    }

    /// Takes a stream's claim into the documentation.
    fn accept(&mut self, pair: &Pair<'a>, said: Said<'a>, resolution: Option<Resolution>) {
        let claim = self.claim_of(pair, said, resolution);
        self.claims.push(claim);
    }

    fn claim_of(&self, pair: &Pair<'a>, said: Said<'a>, resolution: Option<Resolution>) -> SettledClaim {
        let alike = |side: Option<Said<'_>>| {
            side.is_some_and(|s| !s.is_refuted() && same(pair.subject, &s.claim.value, &said.claim.value))
        };
        let [said_by_a, said_by_b] = pair.sides.map(alike);
        let speakers = [said_by_a, said_by_b];
        let confidence = (0..2)
            .filter(|&s| speakers[s])
            .filter_map(|s| Some(confidence(pair.sides[s]?, self.case.witnesses[s])))
            .fold(0.0, f32::max);
        SettledClaim {
            subject: pair.subject.clone(),
            value: said.claim.value.clone(),
            said_by_a,
            said_by_b,
            resolution,
            verdict: said.answer.verdict,
            confidence,
            line: said.answer.line.or(said.claim.line),
            derived: said.claim.derived,
        }
    }

    /// The claim that is more likely true; between two of one worth, a choice that does not depend on who speaks.
    fn likelier(&self, subject: &Subject, [a, b]: [Said<'a>; 2]) -> Said<'a> {
        let worth = |stream: usize, said: Said<'_>| {
            let witness = self.case.witnesses[stream];
            let authored = !said.claim.derived;
            (
                said.is_confirmed(),
                // Prose is the author's; a type or a default is the code's.
                if subject.is_prose() { authored } else { !authored },
                witness.embedded,
            )
        };
        let confidences = [a, b].map(|s| finite(s.claim.confidence));
        let order = worth(0, a)
            .cmp(&worth(1, b))
            .then(confidences[0].total_cmp(&confidences[1]))
            .then_with(|| spelled(a).cmp(&spelled(b)))
            .then(Reverse(a.claim.line).cmp(&Reverse(b.claim.line)));
        if order == Ordering::Less { b } else { a }
    }
}

/// Says more first: the longer text, then the one that sorts first.
fn spelled(said: Said<'_>) -> (usize, Reverse<String>) {
    let text = said.claim.value.to_string();
    (text.len(), Reverse(text))
}

fn confidence(said: Said<'_>, witness: Witness) -> f32 {
    let own = finite(said.claim.confidence);
    match (said.answer.verdict, witness.embedded, said.claim.derived) {
        (Verdict::Confirmed, _, _) | (_, true, true) => 1.0,
        (_, true, false) => own.min(AUTHOR_UNCHECKED),
        (_, false, _) => own,
    }
}

/// A model may return anything as its confidence.
fn finite(confidence: f32) -> f32 {
    if confidence.is_finite() {
        confidence.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// A fact that stands in the place of what a stream said wrongly.
fn fact_claim(subject: &Subject, value: &Value, line: Option<u32>) -> SettledClaim {
    SettledClaim {
        subject: subject.clone(),
        value: value.clone(),
        said_by_a: false,
        said_by_b: false,
        resolution: Some(Resolution::Fact),
        verdict: Verdict::Confirmed,
        confidence: 1.0,
        line,
        derived: true,
    }
}
