//! The validator of a stream: is the draft well formed, and what does the code say to each claim?
//!
//! [`judge`] drops nothing: a malformed draft is rejected whole with a reason, a well-formed one comes back with the
//! oracle's answers. What becomes of refuted claims is settled elsewhere.

use crate::model::claim::{Claim, Subject, Value, Verdict};
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Draft, JudgedDraft};
use crate::model::oracle::{Oracle, plain_name, type_text};
use crate::model::run::EdgeScore;

/// Why a draft is no draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It describes something else.
    #[error("accept the draft: it describes `{found}`, not `{expected}`")]
    OtherComponent {
        /// Id that was asked for.
        expected: Name,
        /// Id in the draft.
        found: Name,
    },
    /// Its claims are not sorted by subject, or two of them share one.
    #[error("accept the draft: the claim about {subject} is out of order")]
    OutOfOrder {
        /// The subject of the later claim.
        subject: Subject,
    },
    /// A claim is malformed.
    #[error("accept the claim about {subject}: {reason}")]
    Claim {
        /// What the claim is about.
        subject: Subject,
        /// What is wrong with it, as a fragment.
        reason: &'static str,
    },
}

/// Checks the shape of a draft, then asks the oracle about each claim.
///
/// # Errors
/// When the draft is of another component or any of its claims is malformed.
pub fn judge(oracle: &Oracle, component: ComponentIndex, draft: Draft) -> Result<JudgedDraft, Rejected> {
    check_shape(&oracle.component(component).id, &draft)?;
    let answers = draft
        .claims
        .iter()
        .map(|claim| oracle.ask(component, &claim.subject, &claim.value))
        .collect();
    Ok(JudgedDraft { draft, answers })
}

/// Counts the calls that a judged draft claims, and the certain ones that it leaves out.
pub fn edge_score(oracle: &Oracle, component: ComponentIndex, judged: &JudgedDraft) -> EdgeScore {
    let mut score = EdgeScore::default();
    for (claim, answer) in judged.judged() {
        if matches!(claim.subject, Subject::Callee(_)) {
            match answer.verdict {
                Verdict::Confirmed => score.confirmed += 1,
                Verdict::Refuted => score.refuted += 1,
                Verdict::Unknown => score.unknown += 1,
            }
        }
    }
    let certain = oracle.call_graph.callees(component).iter().filter(|e| e.certain);
    for edge in certain {
        let id = &oracle.component(edge.callee).id;
        let says = |name: Name| judged.draft.get(&Subject::Callee(name)).is_some();
        if !says(id.clone()) && !says(plain_name(id).into()) {
            score.missed += 1;
        }
    }
    score
}

fn check_shape(expected: &Name, draft: &Draft) -> Result<(), Rejected> {
    if draft.component != *expected {
        return Err(Rejected::OtherComponent {
            expected: expected.clone(),
            found: draft.component.clone(),
        });
    }
    for pair in draft.claims.windows(2) {
        if pair[0].subject >= pair[1].subject {
            return Err(Rejected::OutOfOrder {
                subject: pair[1].subject.clone(),
            });
        }
    }
    for claim in draft.claims.iter().chain(&draft.repeated) {
        check_claim(claim, draft).map_err(|reason| Rejected::Claim {
            subject: claim.subject.clone(),
            reason,
        })?;
    }
    Ok(())
}

fn check_claim(claim: &Claim, draft: &Draft) -> Result<(), &'static str> {
    if let Some(name) = claim.subject.name() {
        check_name(name)?;
    }
    if let Value::Names(names) = &claim.value {
        names.iter().try_for_each(|name| check_name(name))?;
    }
    if !fits(&claim.subject, &claim.value) {
        return Err("its value is of the wrong sort");
    }
    if let Value::Lines(lines) = &claim.value
        && (lines.is_empty() || lines[0] == 0 || !lines.is_sorted_by(|a, b| a < b))
    {
        return Err("its lines are not ascending from 1");
    }
    if claim.line == Some(0) {
        return Err("lines are counted from 1");
    }
    // Also false where the confidence is not a number.
    if !(0.0..=1.0).contains(&claim.confidence) {
        return Err("its confidence is not between 0 and 1");
    }
    match claim.subject.presupposes() {
        Some(needed) if draft.get(&needed).is_none() && !stands_alone(claim) => {
            Err("the draft does not claim what it presupposes")
        }
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() {
        Err("its name is empty")
    } else if name.chars().any(char::is_control) {
        Err("its name has control characters")
    } else {
        Ok(())
    }
}

/// Whether a claim makes sense without the one it presupposes: that nothing is returned can be said in words and as a
/// type, and both deny that a value is returned.
fn stands_alone(claim: &Claim) -> bool {
    match (&claim.subject, &claim.value) {
        (Subject::ReturnType, Value::Text(text)) => type_text::is_none(text),
        (Subject::ReturnText, _) => true,
        _ => false,
    }
}

fn fits(subject: &Subject, value: &Value) -> bool {
    match subject {
        subject if subject.is_presence() => *value == Value::Present,
        Subject::ParameterKind(_) => matches!(value, Value::Kind(_)),
        Subject::ParameterOrder => matches!(value, Value::Names(_)),
        Subject::CalleeType(_) => matches!(value, Value::CallType(_)),
        Subject::CalleeLines(_) => matches!(value, Value::Lines(_)),
        _ => matches!(value, Value::Text(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::oracle::testing::Repository;

    fn scene() -> (Oracle, ComponentIndex) {
        let mut r = Repository::default();
        r.module("m");
        let g = r.function("m.g", "()");
        let h = r.function("m.h", "()");
        let f = r.function("m.f", "(x: int)");
        r.calls(f, g);
        r.calls(f, h);
        (r.build(), f)
    }

    fn said(subject: Subject, value: Value) -> Claim {
        Claim::said(subject, value, 0.8, None)
    }

    /// Judges one claim beside the parameter `x`.
    #[track_caller]
    fn check(claim: Claim, rejected: Option<&str>) {
        let (oracle, f) = scene();
        let x = said(Subject::Parameter("x".into()), Value::Present);
        let claims = if claim.subject == x.subject {
            vec![claim]
        } else {
            vec![x, claim]
        };
        let result = judge(&oracle, f, Draft::new("m.f".into(), claims));
        let error = result.err().map(|e| e.to_string());
        match (&error, rejected) {
            (None, None) => {}
            (Some(error), Some(part)) => assert!(error.contains(part), "{error}"),
            _ => panic!("{error:?} instead of {rejected:?}"),
        }
    }

    #[test]
    fn well_formed_drafts_come_back_with_an_answer_per_claim() {
        let (oracle, f) = scene();
        let claims = vec![
            said(Subject::Parameter("x".into()), Value::Present),
            said(Subject::ParameterType("x".into()), Value::text("str")),
            said(Subject::Summary, Value::text("Does it.")),
        ];
        let judged = judge(&oracle, f, Draft::new("m.f".into(), claims)).unwrap();
        let verdicts: Vec<Verdict> = judged.answers.iter().map(|a| a.verdict).collect();
        assert_eq!(verdicts, [Verdict::Unknown, Verdict::Confirmed, Verdict::Refuted]);
    }

    #[test]
    fn malformed_claims_are_rejected_with_a_reason() {
        let x = || Subject::Parameter("x".into());
        check(said(x(), Value::Present), None);
        check(said(x(), Value::text("int")), Some("wrong sort"));
        check(said(Subject::Parameter(" ".into()), Value::Present), Some("empty"));
        check(
            said(Subject::Callee("a\u{7}b".into()), Value::Present),
            Some("control characters"),
        );
        check(
            said(Subject::ParameterOrder, Value::Names(vec!["".into()])),
            Some("empty"),
        );
        for confidence in [-0.1, 1.5, f32::NAN, f32::INFINITY] {
            let claim = Claim::said(Subject::Return, Value::Present, confidence, None);
            check(claim, Some("confidence"));
        }
        let claim = Claim::said(Subject::Return, Value::Present, 1.0, Some(0));
        check(claim, Some("counted from 1"));
    }

    #[test]
    fn lines_ascend_from_one() {
        let (oracle, f) = scene();
        for (lines, good) in [
            (vec![1, 2], true),
            (vec![], false),
            (vec![0], false),
            (vec![2, 1], false),
            (vec![2, 2], false),
        ] {
            let claims = vec![
                said(Subject::Callee("m.g".into()), Value::Present),
                said(Subject::CalleeLines("m.g".into()), Value::Lines(lines)),
            ];
            let result = judge(&oracle, f, Draft::new("m.f".into(), claims));
            assert_eq!(result.is_ok(), good);
        }
    }

    #[test]
    fn claims_about_the_unclaimed_are_rejected() {
        check(
            said(Subject::ParameterType("y".into()), Value::text("int")),
            Some("presupposes"),
        );
        check(said(Subject::ParameterType("x".into()), Value::text("int")), None);
        check(said(Subject::ReturnType, Value::text("int")), Some("presupposes"));
        check(said(Subject::ReturnType, Value::text("None")), None);
        check(said(Subject::ReturnText, Value::text("Nothing.")), None);
        check(said(Subject::YieldText, Value::text("a")), Some("presupposes"));
    }

    #[test]
    fn drafts_of_something_else_are_rejected() {
        let (oracle, f) = scene();
        let other = judge(&oracle, f, Draft::new("m.g".into(), Vec::new()));
        assert!(matches!(other, Err(Rejected::OtherComponent { .. })));
        let mut draft = Draft::new(
            "m.f".into(),
            vec![
                said(Subject::Summary, Value::text("a")),
                said(Subject::Return, Value::Present),
            ],
        );
        draft.claims.reverse();
        assert!(matches!(judge(&oracle, f, draft), Err(Rejected::OutOfOrder { .. })));
    }

    #[test]
    fn edges_are_counted_before_anything_is_corrected() {
        let (oracle, f) = scene();
        let callee = |name: &str| said(Subject::Callee(name.into()), Value::Present);
        let claims = vec![callee("m.g"), callee("m.f"), callee("json.dumps")];
        let judged = judge(&oracle, f, Draft::new("m.f".into(), claims)).unwrap();
        let score = edge_score(&oracle, f, &judged);
        assert_eq!(
            score,
            EdgeScore {
                confirmed: 1,
                refuted: 1,
                unknown: 1,
                missed: 1
            }
        );
    }
}
