//! Drafts (before settlement) and documentation (after it).

use std::fmt::Write as _;

use super::claim::{Answer, Claim, Subject, Value, Verdict};
use super::component::{ComponentIndex, Name};
use super::discrepancy::Discrepancy;

/// Which of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum StreamId {
    /// The first.
    #[serde(rename = "a")]
    A,
    /// The second.
    #[serde(rename = "b")]
    B,
}

impl StreamId {
    /// The other stream.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What one stream says of one component: claims sorted by subject, at most one per subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The component's id, as the stream names it.
    pub component: Name,
    /// Its claims.
    pub claims: Vec<Claim>,
    /// Claims that the form of a draft has no room for (a parameter documented twice), for the finding they are.
    pub repeated: Vec<Claim>,
}

impl Draft {
    /// A draft of claims in any order; of two claims about one subject the first stays, the other is `repeated`.
    pub fn new(component: Name, mut claims: Vec<Claim>) -> Self {
        claims.sort_by(|a, b| a.subject.cmp(&b.subject));
        let mut repeated = Vec::new();
        let mut kept: Vec<Claim> = Vec::with_capacity(claims.len());
        for claim in claims {
            if kept.last().is_some_and(|k| k.subject == claim.subject) {
                repeated.push(claim);
            } else {
                kept.push(claim);
            }
        }
        Self {
            component,
            claims: kept,
            repeated,
        }
    }

    /// A hash of what the draft says, whatever lines that is on: where it is the same, nobody who reads the draft as
    /// context learns anything new.
    pub fn meaning(&self) -> u64 {
        let mut text = String::new();
        for claim in &self.claims {
            // Lines are evidence, and move with every edit above them.
            if !matches!(claim.subject, Subject::CalleeLines(_)) {
                _ = writeln!(text, "{:?} {:?} {}", claim.subject, claim.value, claim.confidence);
            }
        }
        let digest = blake3::hash(text.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        u64::from_le_bytes(first)
    }

    /// The claim about a subject.
    pub fn get(&self, subject: &Subject) -> Option<&Claim> {
        self.claims
            .binary_search_by(|c| c.subject.cmp(subject))
            .ok()
            .map(|i| &self.claims[i])
    }
}

/// A draft with the oracle's answer to each of its claims: what a validator hands on.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedDraft {
    /// The draft as the stream gave it.
    pub draft: Draft,
    /// One answer per claim of `draft.claims`, in the same order.
    pub answers: Vec<Answer>,
}

impl JudgedDraft {
    /// Claims with their answers.
    pub fn judged(&self) -> impl Iterator<Item = (&Claim, &Answer)> {
        self.draft.claims.iter().zip(&self.answers)
    }

    /// The claims that the code refutes, with the answers that say why.
    pub fn refuted(&self) -> impl Iterator<Item = (&Claim, &Answer)> {
        self.judged().filter(|(_, answer)| answer.verdict == Verdict::Refuted)
    }
}

/// What a stream is told about a claim of its last draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The subject of the claim.
    pub subject: Subject,
    /// What the stream had said; none where it had said nothing.
    pub said: Option<Value>,
    /// What is true instead; none where the claim has to go.
    pub truth: Option<Value>,
    /// Why.
    pub reason: String,
}

/// What settled a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Both streams say it.
    Agreement,
    /// The code decided.
    Fact,
    /// One stream says it and nothing speaks against it.
    SingleWitness,
    /// The arbiter decided.
    Arbiter,
    /// A person decided.
    Human,
}

impl std::fmt::Display for Resolution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Agreement => "agreement",
            Self::Fact => "fact",
            Self::SingleWitness => "single_witness",
            Self::Arbiter => "arbiter",
            Self::Human => "human",
        })
    }
}

/// A claim of the documentation with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SettledClaim {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub value: Value,
    /// Whether stream A says it.
    pub said_by_a: bool,
    /// Whether stream B says it.
    pub said_by_b: bool,
    /// What settled it; none while it is open (then the value is the likelier of the two, marked unsettled).
    pub resolution: Option<Resolution>,
    /// The oracle's verdict on it.
    pub verdict: Verdict,
    /// How sure that is, from 0 to 1.
    pub confidence: f32,
    /// The line that shows it, counted from 1.
    pub line: Option<u32>,
    /// Whether it was derived from the code.
    pub derived: bool,
}

/// A claim that did not make it into the documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedClaim {
    /// Who said it.
    pub stream: StreamId,
    /// The claim.
    pub claim: Claim,
    /// Why it was dropped.
    pub reason: String,
}

/// The settled documentation of one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Documentation {
    /// The component.
    pub component: ComponentIndex,
    /// Its claims, sorted by subject.
    pub claims: Vec<SettledClaim>,
    /// What was thrown out.
    pub dropped: Vec<DroppedClaim>,
    /// Where the streams differed, settled or not.
    pub discrepancies: Vec<Discrepancy>,
}

impl Documentation {
    /// The claim about a subject.
    pub fn get(&self, subject: &Subject) -> Option<&SettledClaim> {
        self.claims
            .binary_search_by(|c| c.subject.cmp(subject))
            .ok()
            .map(|i| &self.claims[i])
    }

    /// Discrepancies that nothing has settled.
    pub fn open(&self) -> impl Iterator<Item = &Discrepancy> {
        self.discrepancies.iter().filter(|d| d.resolution.is_none())
    }
}
