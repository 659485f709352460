//! Oscillation: differences that iterating does not end.
//!
//! Each iteration leaves marks in a component's trail, one per disputed value. A value that was there two iterations
//! ago, was gone in the last and is back flips back and forth; a stream that repeats what it was told is wrong will
//! do so again. Both are stopped for good, and no longer cause an iteration.

use crate::model::claim::{Subject, Value};
use crate::model::documentation::StreamId;

/// What one component leaves behind: (iteration, hash of a disputed value).
pub type Trail = Vec<(u32, u64)>;

/// Something that a component disputes at the end of an iteration.
#[derive(Clone, Copy, Debug)]
pub enum Dispute<'a> {
    /// The streams contradict each other, and nothing has settled it.
    Open {
        /// What it is about.
        subject: &'a Subject,
        /// What A and B say.
        values: [Option<&'a Value>; 2],
    },
    /// A stream is to be told that it is wrong.
    Told {
        /// Which stream.
        stream: StreamId,
        /// What it is about.
        subject: &'a Subject,
        /// What it said; none where it was silent.
        said: Option<&'a Value>,
    },
}

/// Takes an iteration's disputes of one component into its trail and says of each whether it is stopped.
pub fn observe(trail: &mut Trail, iteration: u32, disputes: &[Dispute<'_>]) -> Vec<bool> {
    let earlier = trail.len();
    let mut stopped = Vec::with_capacity(disputes.len());
    for dispute in disputes {
        let marks = dispute.marks();
        let seal = dispute.seal();
        let past = &trail[..earlier];
        let is_stopped = past.iter().any(|&(_, mark)| mark == seal)
            || match dispute {
                Dispute::Told { .. } => past
                    .iter()
                    .any(|(when, mark)| *when < iteration && marks.contains(mark)),
                Dispute::Open { .. } => marks.iter().any(|&mark| is_back(past, iteration, mark)),
            };
        trail.extend(marks.iter().map(|&mark| (iteration, mark)));
        if is_stopped {
            trail.push((iteration, seal));
        }
        stopped.push(is_stopped);
    }
    trail[earlier..].sort_unstable();
    stopped
}

/// Whether a value is back that was there two iterations ago and gone in the last.
fn is_back(trail: &[(u32, u64)], iteration: u32, mark: u64) -> bool {
    let was_there = |ago: u32| {
        iteration
            .checked_sub(ago)
            .is_some_and(|when| trail.contains(&(when, mark)))
    };
    was_there(2) && !was_there(1)
}

impl Dispute<'_> {
    fn marks(&self) -> Vec<u64> {
        match self {
            Self::Open { subject, values } => [("a", values[0]), ("b", values[1])]
                .into_iter()
                .filter_map(|(stream, value)| Some(hash(&["open", stream], subject, Some(value?))))
                .collect(),
            Self::Told { stream, subject, said } => vec![hash(&["told", name(*stream)], subject, *said)],
        }
    }

    /// The mark of its having been stopped.
    fn seal(&self) -> u64 {
        match self {
            Self::Open { subject, .. } => hash(&["stopped"], subject, None),
            Self::Told { stream, subject, said } => hash(&["stopped", name(*stream)], subject, *said),
        }
    }
}

fn name(stream: StreamId) -> &'static str {
    match stream {
        StreamId::A => "a",
        StreamId::B => "b",
    }
}

fn hash(words: &[&str], subject: &Subject, value: Option<&Value>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        hasher.update(word.as_bytes()).update(b"\0");
    }
    hasher.update(subject.to_string().as_bytes()).update(b"\0");
    if let Some(value) = value {
        hasher.update(b"=").update(value.to_string().as_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows A's values of one open subject, one per iteration, and says where it was stopped.
    fn check_open(values: &[Option<&str>], expected: &[bool]) {
        let mut trail = Trail::new();
        let mut found = Vec::new();
        for (iteration, value) in (1..).zip(values) {
            let value = value.map(Value::text);
            let dispute = Dispute::Open {
                subject: &Subject::Summary,
                values: [value.as_ref(), None],
            };
            let disputes: &[Dispute<'_>] = if value.is_some() { &[dispute] } else { &[] };
            found.push(observe(&mut trail, iteration, disputes).contains(&true));
        }
        assert_eq!(found, expected, "{values:?}");
    }

    #[test]
    fn value_that_comes_back_is_stopped_for_good() {
        let (x, y, z) = (Some("x"), Some("y"), Some("z"));
        check_open(&[x, y, x, y, z], &[false, false, true, true, true]);
        check_open(&[x, None, x], &[false, false, true]);
        check_open(&[x, x, x, x], &[false; 4]);
        check_open(&[x, y, z], &[false; 3]);
    }

    #[test]
    fn claim_repeated_after_being_told_is_stopped() {
        let mut trail = Trail::new();
        let (lie, other) = (Value::text("60"), Value::text("90"));
        let told = |value| Dispute::Told {
            stream: StreamId::A,
            subject: &Subject::Summary,
            said: Some(value),
        };
        assert_eq!(observe(&mut trail, 1, &[told(&lie)]), [false]);
        assert_eq!(observe(&mut trail, 2, &[told(&other)]), [false]);
        assert_eq!(observe(&mut trail, 3, &[told(&lie)]), [true]);
        let mirrored = Dispute::Told {
            stream: StreamId::B,
            subject: &Subject::Summary,
            said: Some(&lie),
        };
        assert_eq!(observe(&mut trail, 4, &[mirrored]), [false]);
    }
}
