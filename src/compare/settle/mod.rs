//! Settlement: what becomes of two drafts of one component, claim by claim.
//!
//! [`settle`] asks in a fixed order: what do the facts say, do the streams agree, does only one speak, are two texts
//! alike, has a person answered. What none of these decides stays open; nothing is ever guessed. The function is
//! symmetric: swapping the streams gives the mirror image.

mod answer;
mod omission;
mod ruling;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use self::answer::Decided;
use super::diff::{self, Pair, Said};
use crate::model::claim::{Claim, Subject, Value, Verdict};
use crate::model::component::ComponentIndex;
use crate::model::discrepancy::{BlockingKind, Discrepancy, DiscrepancyKind};
use crate::model::documentation::{
    Correction, Documentation, DroppedClaim, JudgedDraft, Resolution, SettledClaim, StreamId,
};
use crate::model::oracle::Oracle;
use crate::model::run::EdgeScore;
use crate::model::ticket::TicketAnswer;

/// The streams in order, to walk arrays of two with.
pub const STREAMS: [StreamId; 2] = [StreamId::A, StreamId::B];

/// How the reason begins where a parameter is documented under a wrong name.
pub(crate) const RENAMED: &str = "the parameter is called ";

/// What sort of witness a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Whether it is part of the program, so that its prose is never compared by similarity.
    pub embedded: bool,
    /// Whether it says what calls what, so that its silence about a call is an error.
    pub witnesses_edges: bool,
}

/// A person's answer, and the source it was given for.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The answer.
    pub answer: TicketAnswer,
    /// The component's source hash when the question was put.
    pub source_hash: u64,
}

/// People's answers by the key of the discrepancy.
pub type Answers = BTreeMap<String, Answered>;

/// Everything that settlement of one component looks at.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The facts.
    pub oracle: &'a Oracle,
    /// The component.
    pub component: ComponentIndex,
    /// Both streams' judged drafts; none where a stream has failed.
    pub drafts: [Option<&'a JudgedDraft>; 2],
    /// What sort of witnesses the streams are.
    pub witnesses: [Witness; 2],
    /// Least similarity of two texts that count as agreeing, 0 to 1.
    pub similarity_threshold: f64,
    /// What people have answered.
    pub answers: &'a Answers,
}

/// What came out of settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The documentation.
    pub documentation: Documentation,
    /// What each stream is to be told.
    pub corrections: [Vec<Correction>; 2],
    /// The counts.
    pub tally: Tally,
}

/// Counts of one settlement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Claims that both streams make alike.
    pub identical: u64,
    /// Claims thrown out because the code refutes them or what they presuppose, per stream.
    pub refuted: [u64; 2],
    /// Mean over the claims, a settled one counting 1 and an open one its similarity; none without claims.
    pub similarity: Option<f64>,
    /// Call edges claimed by both streams.
    pub edges_both: u64,
    /// Call edges claimed by either.
    pub edges_either: u64,
    /// How each stream's edges do against the facts.
    pub scores: [EdgeScore; 2],
}

/// Settles one component.
pub fn settle(case: &Case<'_>) -> Settlement {
    let mut known = case.oracle.known_claims(case.component);
    known.sort_by(|a, b| a.subject.cmp(&b.subject));
    let mut settler = Settler::new(case);
    let mut facts = known.iter().peekable();
    for pair in diff::pairs(case.drafts) {
        while let Some(fact) = facts.next_if(|f| f.subject < *pair.subject) {
            settler.add_fact(fact);
        }
        let fact = facts.next_if(|f| f.subject == *pair.subject);
        settler.count_edge(&pair, fact);
        settler.rule(&pair, fact);
    }
    for fact in facts {
        settler.add_fact(fact);
    }
    settler.name_renamed_parameters(&known);
    settler.find_gaps();
    settler.finish()
}

/// The key of a difference: the same content has the same key in every run.
pub fn key(component: &str, kind: DiscrepancyKind, subject: &Subject, values: [Option<&Value>; 2]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut field = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    field(component);
    field(&kind.label());
    field(&subject.to_string());
    for value in values {
        field(&value.map_or_else(String::new, |v| format!("={v}")));
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// The work of one settlement.
struct Settler<'a> {
    case: &'a Case<'a>,
    /// Parameters, exceptions and the like that were claimed and that the code refutes.
    absent: BTreeSet<Subject>,
    claims: Vec<SettledClaim>,
    dropped: Vec<DroppedClaim>,
    discrepancies: Vec<Discrepancy>,
    corrections: [Vec<Correction>; 2],
    tally: Tally,
}

/// A difference before it has a key, a severity and an answer.
struct Difference<'a> {
    kind: DiscrepancyKind,
    subject: &'a Subject,
    sides: [Option<Said<'a>>; 2],
    similarity: f64,
    reason: String,
}

impl<'a> Settler<'a> {
    fn new(case: &'a Case<'a>) -> Self {
        Self {
            case,
            absent: BTreeSet::new(),
            claims: Vec::new(),
            dropped: Vec::new(),
            discrepancies: Vec::new(),
            corrections: Default::default(),
            tally: Tally::default(),
        }
    }

    /// Adds a fact that neither stream states.
    fn add_fact(&mut self, fact: &Claim) {
        self.claims.push(SettledClaim {
            subject: fact.subject.clone(),
            value: fact.value.clone(),
            said_by_a: false,
            said_by_b: false,
            resolution: Some(Resolution::Fact),
            verdict: Verdict::Confirmed,
            confidence: 1.0,
            line: fact.line,
            derived: true,
        });
        if matches!(fact.subject, Subject::Callee(_)) {
            self.count_unsaid_edge();
        }
        self.note_omission(fact, [None, None]);
    }

    /// Throws out a stream's claim.
    fn drop_claim(&mut self, stream: StreamId, claim: &Claim, reason: impl Into<String>) {
        self.dropped.push(DroppedClaim {
            stream,
            claim: claim.clone(),
            reason: reason.into(),
        });
    }

    /// Throws out a stream's claim because of what the code says, and tells the stream.
    fn refute(&mut self, stream: StreamId, claim: &Claim, truth: Option<&Value>, reason: &str) {
        self.drop_claim(stream, claim, reason);
        self.tally.refuted[stream as usize] += 1;
        self.corrections[stream as usize].push(Correction {
            subject: claim.subject.clone(),
            said: Some(claim.value.clone()),
            truth: truth.cloned(),
            reason: reason.to_owned(),
        });
    }

    /// Records a difference that is settled.
    fn settled_difference(&mut self, difference: Difference<'_>, resolution: Resolution) {
        let discrepancy = self.discrepancy(difference, Some(resolution));
        self.discrepancies.push(discrepancy);
    }

    /// Records a difference that only a person can settle, or that a person has settled; `fallback` is the likelier
    /// claim, which stands marked as unsettled as long as nobody has answered.
    fn open_difference(&mut self, difference: Difference<'_>, fallback: Option<SettledClaim>) {
        let sides = difference.sides;
        let subject = difference.subject.clone();
        let mut discrepancy = self.discrepancy(difference, None);
        match self.look_up_answer(&discrepancy) {
            Decided::Not(reason) => {
                discrepancy.reason.extend(reason.map(|r| format!("; {r}")));
                self.claims.extend(fallback);
            }
            Decided::Value(claim, reason) => {
                for (stream, said) in STREAMS.into_iter().zip(sides) {
                    let lost =
                        said.filter(|s| claim.as_ref().is_none_or(|c| !same(&subject, &c.value, &s.claim.value)));
                    if let Some(said) = lost {
                        self.drop_claim(stream, said.claim, reason.clone());
                    }
                }
                discrepancy.resolution = Some(Resolution::Human);
                discrepancy.reason = reason;
                self.claims.extend(claim);
            }
        }
        self.discrepancies.push(discrepancy);
    }

    fn discrepancy(&self, difference: Difference<'_>, resolution: Option<Resolution>) -> Discrepancy {
        let Difference {
            kind,
            subject,
            sides,
            similarity,
            reason,
        } = difference;
        let [a, b] = sides.map(|s| s.map(|s| &s.claim.value));
        let component = self.case.oracle.component(self.case.component);
        Discrepancy {
            key: key(&component.id, kind, subject, [a, b]),
            component: self.case.component,
            kind,
            subject: subject.clone(),
            a: a.cloned(),
            b: b.cloned(),
            severity: kind.row().severity,
            resolution,
            blocking: self.blocking(kind, subject),
            #[expect(clippy::cast_possible_truncation, reason = "a share needs no 53 bits")]
            similarity: similarity as f32,
            reason,
        }
    }

    /// The table's blocking kind, where it applies to this component and these streams.
    fn blocking(&self, kind: DiscrepancyKind, subject: &Subject) -> Option<BlockingKind> {
        let oracle = self.case.oracle;
        let public = oracle.component(self.case.component).public;
        kind.row().blocking.filter(|blocking| match blocking {
            BlockingKind::MissingCriticalCall | BlockingKind::FalseCriticalCall => {
                public && subject.name().is_some_and(|id| oracle.find(id).is_some())
            }
            BlockingKind::MissingPublicApiDoc => public,
            // An author's type and an inferred one differ in wording more often than in truth.
            BlockingKind::TypeMismatch => !self.case.witnesses.iter().any(|w| w.embedded),
            BlockingKind::SecurityRelevantGap | BlockingKind::SignatureMismatch => true,
        })
    }

    /// Counts a claimed call for the match of the call graphs and for each stream's precision.
    fn count_edge(&mut self, pair: &Pair<'_>, fact: Option<&Claim>) {
        if !matches!(pair.subject, Subject::Callee(_)) {
            return;
        }
        let witnesses = self.edge_witnesses();
        for stream in STREAMS.map(|s| s as usize) {
            let score = &mut self.tally.scores[stream];
            match pair.sides[stream].map(|s| s.answer.verdict) {
                _ if !witnesses[stream] => {}
                Some(Verdict::Confirmed) => score.confirmed += 1,
                Some(Verdict::Refuted) => score.refuted += 1,
                Some(Verdict::Unknown) => score.unknown += 1,
                None if fact.is_some() => score.missed += 1,
                None => {}
            }
        }
        let said = [0, 1].map(|s| pair.sides[s].filter(|_| witnesses[s]));
        let (both, either) = match witnesses {
            [true, true] => (said.iter().all(Option::is_some), true),
            [false, false] => (false, false),
            // A single witness is measured against the facts, which do not speak of what cannot be told.
            _ => match said[0].or(said[1]).map(|s| s.answer.verdict) {
                Some(Verdict::Confirmed) => (true, true),
                Some(Verdict::Unknown) => (false, false),
                Some(Verdict::Refuted) => (false, true),
                None => (false, fact.is_some()),
            },
        };
        self.tally.edges_both += u64::from(both);
        self.tally.edges_either += u64::from(either);
    }

    /// Counts a certain call that nobody claims.
    fn count_unsaid_edge(&mut self) {
        let witnesses = self.edge_witnesses();
        for (score, witness) in self.tally.scores.iter_mut().zip(witnesses) {
            score.missed += u64::from(witness);
        }
        self.tally.edges_either += u64::from(witnesses[0] != witnesses[1]);
    }

    /// Which streams have a draft that says what calls what.
    fn edge_witnesses(&self) -> [bool; 2] {
        [0, 1].map(|s| self.case.drafts[s].is_some() && self.case.witnesses[s].witnesses_edges)
    }

    fn finish(mut self) -> Settlement {
        self.tally.similarity = self.similarity();
        for corrections in &mut self.corrections {
            corrections.sort_by(|x, y| x.subject.cmp(&y.subject));
        }
        self.dropped
            .sort_by(|x, y| (&x.claim.subject, x.stream).cmp(&(&y.claim.subject, y.stream)));
        self.discrepancies
            .sort_by(|x, y| (&x.subject, x.kind).cmp(&(&y.subject, y.kind)));
        self.claims.shrink_to_fit();
        Settlement {
            documentation: Documentation {
                component: self.case.component,
                claims: self.claims,
                dropped: self.dropped,
                discrepancies: self.discrepancies,
            },
            corrections: self.corrections,
            tally: self.tally,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of claims stay far below 2^53")]
    fn similarity(&self) -> Option<f64> {
        let settled = self.claims.iter().filter(|c| c.resolution.is_some()).count();
        let open = self.discrepancies.iter().filter(|d| d.resolution.is_none());
        let (count, sum) = open.fold((settled, settled as f64), |(count, sum), d| {
            (count + 1, sum + f64::from(d.similarity))
        });
        (count > 0).then(|| sum / count as f64)
    }
}

/// Whether two values of one subject are the same once spelling is set aside.
fn same(subject: &Subject, first: &Value, second: &Value) -> bool {
    diff::difference(subject, first, second) == diff::Difference::Same
}
