//! Settlement from the outside: what two drafts of one component become.

use std::sync::Arc;
use std::time::SystemTime;

use proptest::prelude::*;

use super::*;
use crate::compare::tests::sample::Sample;
use crate::model::claim::Answer;
use crate::model::component::Name;
use crate::model::documentation::Draft;
use crate::model::facts::EffectKind;
use crate::model::ticket::Decision;

const MODEL: Witness = Witness {
    embedded: false,
    witnesses_edges: true,
};
const READER: Witness = Witness {
    embedded: false,
    witnesses_edges: false,
};
const DOCSTRING: Witness = Witness {
    embedded: true,
    witnesses_edges: false,
};
const CODE: Witness = Witness {
    embedded: true,
    witnesses_edges: true,
};

/// `m.g()` and `m.f(timeout: int = 30, mode, wide)`, which returns, raises `ValueError`, calls `m.g` and starts
/// processes.
fn oracle() -> Arc<Oracle> {
    Sample::default()
        .function("m.g")
        .function("m.f")
        .parameter("timeout", Some("int"), Some("30"))
        .parameter("mode", None, None)
        .parameter("wide", Some("list"), None)
        .returns()
        .raises("ValueError")
        .effect(EffectKind::Process, "subprocess.run")
        .calls(0)
        .oracle()
}

const F: ComponentIndex = ComponentIndex(1);

fn said(subject: Subject, value: Value) -> Claim {
    Claim::said(subject, value, 0.9, None)
}

fn derived(subject: Subject, value: Value) -> Claim {
    Claim::fact(subject, value, None)
}

fn name(text: &str) -> Name {
    Name::from(text)
}

fn judged(oracle: &Oracle, claims: &[Claim]) -> JudgedDraft {
    let id = oracle.component(F).id.clone();
    let draft = Draft::new(id, claims.to_vec());
    let answers = draft
        .claims
        .iter()
        .map(|c| oracle.ask(F, &c.subject, &c.value))
        .collect();
    JudgedDraft { draft, answers }
}

/// Settles `m.f` between two lists of claims.
fn settled(witnesses: [Witness; 2], a: &[Claim], b: &[Claim]) -> Settlement {
    settled_with(&Answers::new(), witnesses, a, b)
}

fn settled_with(answers: &Answers, witnesses: [Witness; 2], a: &[Claim], b: &[Claim]) -> Settlement {
    let oracle = oracle();
    let (a, b) = (judged(&oracle, a), judged(&oracle, b));
    settle(&Case {
        oracle: &oracle,
        component: F,
        drafts: [Some(&a), Some(&b)],
        witnesses,
        similarity_threshold: 0.95,
        answers,
    })
}

/// What became of a subject: value, resolution, whether A and B say it.
fn outcome(settlement: &Settlement, subject: &Subject) -> Option<(String, Option<Resolution>, [bool; 2])> {
    let claim = settlement.documentation.get(subject)?;
    Some((
        claim.value.to_string(),
        claim.resolution,
        [claim.said_by_a, claim.said_by_b],
    ))
}

fn check(settlement: &Settlement, subject: &Subject, expected: Option<(&str, Option<Resolution>, [bool; 2])>) {
    let expected = expected.map(|(value, by, who)| (value.to_owned(), by, who));
    assert_eq!(outcome(settlement, subject), expected, "{subject}");
}

fn kinds(settlement: &Settlement) -> Vec<(DiscrepancyKind, bool)> {
    settlement
        .documentation
        .discrepancies
        .iter()
        .map(|d| (d.kind, d.resolution.is_some()))
        .collect()
}

#[test]
fn facts_refute_even_where_both_streams_agree() {
    let subject = Subject::ParameterDefault(name("timeout"));
    let lie = [said(subject.clone(), Value::text("60"))];
    let settlement = settled([READER, READER], &lie, &lie);
    check(
        &settlement,
        &subject,
        Some(("30", Some(Resolution::Fact), [false, false])),
    );
    for corrections in &settlement.corrections {
        assert_eq!(corrections.len(), 1);
        assert_eq!(corrections[0].said, Some(Value::text("60")));
        assert_eq!(corrections[0].truth, Some(Value::text("30")));
    }
    assert_eq!(settlement.tally.refuted, [1, 1]);
    assert!(kinds(&settlement).contains(&(DiscrepancyKind::ParameterDefault, true)));
}

#[test]
fn facts_that_nobody_states_are_added() {
    let settlement = settled([READER, READER], &[], &[]);
    for subject in [
        Subject::Parameter(name("mode")),
        Subject::Return,
        Subject::Raise(name("ValueError")),
        Subject::Callee(name("m.g")),
    ] {
        check(
            &settlement,
            &subject,
            Some(("yes", Some(Resolution::Fact), [false, false])),
        );
    }
    assert_eq!(settlement.corrections, [vec![], vec![]]);
}

#[test]
fn agreement_sets_spelling_aside() {
    let subject = Subject::Summary;
    let settlement = settled(
        [READER, READER],
        &[said(subject.clone(), Value::text("Starts it."))],
        &[said(subject.clone(), Value::text("starts  it"))],
    );
    check(
        &settlement,
        &subject,
        Some(("Starts it.", Some(Resolution::Agreement), [true, true])),
    );
    assert_eq!(settlement.tally.identical, 1);
}

#[test]
fn silence_is_no_discrepancy() {
    let subject = Subject::Raise(name("ValueError"));
    let settlement = settled([READER, READER], &[said(subject.clone(), Value::Present)], &[]);
    check(
        &settlement,
        &subject,
        Some(("yes", Some(Resolution::SingleWitness), [true, false])),
    );
    let differences = kinds(&settlement);
    assert_eq!(differences, [(DiscrepancyKind::DocstringMissing, false)]);
}

#[test]
fn confidence_of_a_single_witness_depends_on_who_it_is() {
    let text = || Value::text("how");
    let claim = said(Subject::ParameterText(name("mode")), text());
    let confidence = |witness| {
        settled([witness, CODE], std::slice::from_ref(&claim), &[])
            .documentation
            .get(&claim.subject)
            .map(|c| c.confidence)
    };
    assert_eq!(confidence(DOCSTRING), Some(0.8));
    assert_eq!(confidence(READER), Some(0.9));
    let shown = said(Subject::Return, Value::Present);
    let settlement = settled([DOCSTRING, CODE], &[shown], &[]);
    assert_eq!(
        settlement.documentation.get(&Subject::Return).map(|c| c.confidence),
        Some(1.0)
    );
}

#[test]
fn prose_of_models_has_to_be_alike() {
    let text = |t| [said(Subject::Summary, Value::text(t))];
    let settlement = settled(
        [READER, READER],
        &text("Starts the given process."),
        &text("Runs a shell command."),
    );
    let (_, resolution, _) = outcome(&settlement, &Subject::Summary).unwrap();
    assert_eq!(resolution, None);
    assert_eq!(kinds(&settlement), [(DiscrepancyKind::Summary, false)]);
    assert!(settlement.tally.similarity.unwrap() < 1.0);
}

#[test]
fn prose_is_not_compared_when_a_stream_is_embedded() {
    let author = [said(Subject::Summary, Value::text("Starts the given process."))];
    let code = [derived(Subject::Summary, Value::text("Calls g."))];
    let settlement = settled([DOCSTRING, CODE], &author, &code);
    check(
        &settlement,
        &Subject::Summary,
        Some((
            "Starts the given process.",
            Some(Resolution::SingleWitness),
            [true, false],
        )),
    );
    assert!(!settlement.documentation.get(&Subject::Summary).unwrap().derived);
    assert!(settlement.documentation.dropped.is_empty());
    let settlement = settled([DOCSTRING, CODE], &[], &code);
    check(
        &settlement,
        &Subject::Summary,
        Some(("Calls g.", Some(Resolution::SingleWitness), [false, true])),
    );
    assert!(settlement.documentation.get(&Subject::Summary).unwrap().derived);
}

#[test]
fn what_presupposes_a_dropped_subject_goes_with_it() {
    let claims = [
        said(Subject::Parameter(name("ghost")), Value::Present),
        said(Subject::ParameterText(name("ghost")), Value::text("haunts")),
        said(Subject::YieldText, Value::text("items")),
    ];
    let settlement = settled([DOCSTRING, CODE], &claims, &[]);
    for claim in &claims {
        check(&settlement, &claim.subject, None);
    }
    assert_eq!(settlement.tally.refuted, [3, 0]);
    assert_eq!(settlement.corrections[0].len(), 3);
    assert_eq!(settlement.documentation.dropped.len(), 3);
}

#[test]
fn renamed_parameter_is_one_discrepancy() {
    let claims = [
        said(Subject::Parameter(name("time_out")), Value::Present),
        said(Subject::Parameter(name("mode")), Value::Present),
        said(Subject::Parameter(name("wide")), Value::Present),
    ];
    let settlement = settled([MODEL, CODE], &claims, &[]);
    let about = |kind| {
        settlement
            .documentation
            .discrepancies
            .iter()
            .filter(|d| d.kind == kind)
            .count()
    };
    assert_eq!(about(DiscrepancyKind::ParameterName), 1);
    assert_eq!(about(DiscrepancyKind::ParameterExtra), 0);
    let settlement = settled([DOCSTRING, READER], &claims, &[]);
    let renamed = settlement
        .documentation
        .discrepancies
        .iter()
        .find(|d| d.kind == DiscrepancyKind::ParameterName)
        .unwrap();
    assert_eq!(renamed.reason, "the parameter is called timeout");
    assert!(settlement.corrections[0].iter().any(|c| c.reason == renamed.reason));
}

#[test]
fn omissions_are_corrected_only_in_streams_that_witness_edges() {
    let settlement = settled([DOCSTRING, MODEL], &[], &[]);
    assert!(settlement.corrections[0].is_empty());
    let told: Vec<_> = settlement.corrections[1]
        .iter()
        .map(|c| (c.subject.to_string(), c.said.is_none()))
        .collect();
    assert!(told.contains(&("callee m.g".to_owned(), true)), "{told:?}");
    assert!(told.contains(&("return".to_owned(), true)), "{told:?}");
    assert!(kinds(&settlement).contains(&(DiscrepancyKind::MissingCallee, true)));
    check(
        &settlement,
        &Subject::Callee(name("m.g")),
        Some(("yes", Some(Resolution::Fact), [false, false])),
    );
}

#[test]
fn false_callee_is_dropped_and_critical_in_public_components() {
    let lie = [said(Subject::Callee(name("m.f")), Value::Present)];
    let settlement = settled([MODEL, CODE], &lie, &[]);
    let found = settlement
        .documentation
        .discrepancies
        .iter()
        .find(|d| d.kind == DiscrepancyKind::FalseCallee)
        .unwrap();
    assert_eq!(found.resolution, Some(Resolution::Fact));
    assert_eq!(found.blocking, Some(BlockingKind::FalseCriticalCall));
    check(&settlement, &Subject::Callee(name("m.f")), None);
}

#[test]
fn types_that_cannot_be_compared_do_not_contradict() {
    let subject = Subject::ParameterType(name("mode"));
    let text = |t| said(subject.clone(), Value::text(t));
    let code = derived(subject.clone(), Value::text("str"));
    let settlement = settled([DOCSTRING, CODE], &[text("a mode")], std::slice::from_ref(&code));
    check(
        &settlement,
        &subject,
        Some(("str", Some(Resolution::SingleWitness), [false, true])),
    );
    assert_eq!(settlement.documentation.open().count(), 1, "only the missing text");
}

#[test]
fn contradiction_that_facts_cannot_decide_stays_open() {
    let subject = Subject::ParameterType(name("mode"));
    let text = |t| [said(subject.clone(), Value::text(t))];
    let settlement = settled([READER, READER], &text("int"), &text("str"));
    let open: Vec<_> = settlement
        .documentation
        .open()
        .filter(|d| d.kind == DiscrepancyKind::ParameterType)
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].blocking, Some(BlockingKind::TypeMismatch));
    let (_, resolution, _) = outcome(&settlement, &subject).unwrap();
    assert_eq!(resolution, None);
    let settlement = settled([DOCSTRING, READER], &text("int"), &text("str"));
    let open = settlement
        .documentation
        .open()
        .find(|d| d.kind == DiscrepancyKind::ParameterType)
        .unwrap();
    assert_eq!(open.blocking, None, "types of an embedded stream do not block");
}

#[test]
fn who_says_strictly_more_is_a_single_witness() {
    let subject = Subject::ParameterType(name("mode"));
    let text = |t| [said(subject.clone(), Value::text(t))];
    let settlement = settled([READER, READER], &text("dict[str, int]"), &text("dict"));
    check(
        &settlement,
        &subject,
        Some(("dict[str, int]", Some(Resolution::SingleWitness), [true, false])),
    );
}

#[test]
fn public_component_without_text_blocks() {
    let settlement = settled([DOCSTRING, DOCSTRING], &[], &[]);
    let open: Vec<_> = settlement.documentation.open().collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].blocking, Some(BlockingKind::MissingPublicApiDoc));
}

#[test]
fn unmentioned_security_effect_is_a_gap() {
    let settlement = settled([MODEL, MODEL], &[], &[]);
    assert!(kinds(&settlement).contains(&(DiscrepancyKind::SecurityGap, true)));
    check(
        &settlement,
        &Subject::Effect(EffectKind::Process),
        Some(("subprocess.run", Some(Resolution::Fact), [false, false])),
    );
}

fn answered(key: &str, decision: Decision, source_hash: u64) -> Answers {
    let answer = TicketAnswer {
        decision,
        by: "Ada".to_owned(),
        at: SystemTime::UNIX_EPOCH,
    };
    Answers::from([(key.to_owned(), Answered { answer, source_hash })])
}

/// Answers the open question about the type of `mode` and returns what became of it.
fn decide(decision: Decision, source_hash: u64) -> (Settlement, Subject) {
    let subject = Subject::ParameterType(name("mode"));
    let text = |t| [said(subject.clone(), Value::text(t))];
    let (a, b) = (text("int"), text("str"));
    let open = settled([READER, READER], &a, &b);
    let key = open
        .documentation
        .open()
        .find(|d| d.subject == subject)
        .map(|d| d.key.clone())
        .unwrap();
    let answers = answered(&key, decision, source_hash);
    (settled_with(&answers, [READER, READER], &a, &b), subject)
}

#[test]
fn answers_of_people_settle() {
    let hash = oracle().component(F).source_hash;
    for (decision, value, who) in [
        (Decision::AcceptA, "int", [true, false]),
        (Decision::AcceptB, "str", [false, true]),
        (Decision::Merge("int | str".into()), "int | str", [false, false]),
        (Decision::Neither("Mode".into()), "Mode", [false, false]),
    ] {
        let (settlement, subject) = decide(decision, hash);
        check(&settlement, &subject, Some((value, Some(Resolution::Human), who)));
        let losers = who.iter().filter(|w| !**w).count();
        assert_eq!(settlement.documentation.dropped.len(), losers);
    }
}

#[test]
fn stale_and_unreadable_answers_leave_it_open() {
    let hash = oracle().component(F).source_hash;
    for (decision, hash, why) in [
        (Decision::AcceptA, hash + 1, "has changed since Ada answered"),
        (Decision::Neither("  ".into()), hash, "was sent back"),
    ] {
        let (settlement, subject) = decide(decision, hash);
        let open = settlement.documentation.open().find(|d| d.subject == subject);
        let reason = &open.unwrap().reason;
        assert!(reason.contains(why), "{reason}");
    }
}

#[test]
fn answer_that_the_code_refutes_is_sent_back() {
    let oracle = oracle();
    // Both claims are unknown to the validator here, but the code knows the default.
    let subject = Subject::ParameterDefault(name("timeout"));
    let text = |t: &str| JudgedDraft {
        draft: Draft::new(name("m.f"), vec![said(subject.clone(), Value::text(t))]),
        answers: vec![Answer::unknown("")],
    };
    let (a, b) = (text("60"), text("90"));
    let mut settler_case = Case {
        oracle: &oracle,
        component: F,
        drafts: [Some(&a), Some(&b)],
        witnesses: [READER, READER],
        similarity_threshold: 0.95,
        answers: &Answers::new(),
    };
    // The fact overrules both, so nothing is left to ask.
    let settlement = settle(&settler_case);
    check(
        &settlement,
        &subject,
        Some(("30", Some(Resolution::Fact), [false, false])),
    );
    let key = key(
        "m.f",
        DiscrepancyKind::DocstringMissing,
        &Subject::Summary,
        [None, None],
    );
    let answers = answered(&key, Decision::AcceptA, oracle.component(F).source_hash);
    settler_case.answers = &answers;
    let settlement = settle(&settler_case);
    let open = settlement.documentation.open().next().unwrap();
    assert!(open.reason.contains("was sent back"), "{}", open.reason);
}

#[test]
fn one_stream_alone_is_settled_too() {
    let oracle = oracle();
    let b = judged(&oracle, &[said(Subject::Summary, Value::text("Starts."))]);
    let settlement = settle(&Case {
        oracle: &oracle,
        component: F,
        drafts: [None, Some(&b)],
        witnesses: [MODEL, READER],
        similarity_threshold: 0.95,
        answers: &Answers::new(),
    });
    check(
        &settlement,
        &Subject::Summary,
        Some(("Starts.", Some(Resolution::SingleWitness), [false, true])),
    );
    assert_eq!(settlement.corrections, [vec![], vec![]]);
}

#[test]
fn match_is_of_edges_both_claim_to_edges_either_claims() {
    let callee = |id: &str| said(Subject::Callee(name(id)), Value::Present);
    let edges = |witnesses, a: &[Claim], b: &[Claim]| {
        let tally = settled(witnesses, a, b).tally;
        (tally.edges_both, tally.edges_either)
    };
    let (truth, lie) = ([callee("m.g")], [callee("m.f"), callee("m.g")]);
    assert_eq!(edges([MODEL, MODEL], &truth, &truth), (1, 1));
    assert_eq!(edges([MODEL, MODEL], &truth, &lie), (1, 2));
    assert_eq!(edges([DOCSTRING, CODE], &lie, &truth), (1, 1));
    assert_eq!(edges([DOCSTRING, MODEL], &[], &lie), (1, 2));
    assert_eq!(edges([DOCSTRING, MODEL], &[], &[]), (0, 1));
    assert_eq!(edges([DOCSTRING, DOCSTRING], &lie, &[]), (0, 0));
}

// ── the mirror ──

fn subjects() -> Vec<(Subject, Vec<Value>)> {
    let texts = |t: &[&str]| t.iter().map(|t| Value::text(*t)).collect::<Vec<_>>();
    let prose = texts(&["Starts it.", "starts it", "Runs a command.", "Starts it all."]);
    let types = texts(&["int", "str", "int | None", "list", "list[int]", "a thing"]);
    let mut all = vec![
        (Subject::Summary, prose.clone()),
        (Subject::Description, prose.clone()),
        (Subject::ReturnType, types.clone()),
        (Subject::ReturnText, prose.clone()),
        (Subject::YieldText, prose.clone()),
        (Subject::Effect(EffectKind::Process), texts(&["subprocess.run", "git"])),
        (Subject::Effect(EffectKind::Network), texts(&["requests.get", "socket"])),
        (Subject::Return, vec![Value::Present]),
        (Subject::Yield, vec![Value::Present]),
    ];
    for parameter in ["timeout", "time_out", "mode", "modes", "wide", "ghost"] {
        let n = name(parameter);
        all.push((Subject::Parameter(n.clone()), vec![Value::Present]));
        all.push((Subject::ParameterType(n.clone()), types.clone()));
        all.push((Subject::ParameterDefault(n.clone()), texts(&["30", "60", "'a'"])));
        all.push((Subject::ParameterText(n), prose.clone()));
    }
    for exception in ["ValueError", "KeyError"] {
        all.push((Subject::Raise(name(exception)), vec![Value::Present]));
        all.push((Subject::RaiseText(name(exception)), prose.clone()));
    }
    for callee in ["m.g", "m.f", "m.nothing"] {
        all.push((Subject::Callee(name(callee)), vec![Value::Present]));
        let lines = vec![
            Value::Lines(vec![15]),
            Value::Lines(vec![15, 16]),
            Value::Lines(vec![7]),
        ];
        all.push((Subject::CalleeLines(name(callee)), lines));
    }
    all
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let subjects = subjects();
    (
        0..subjects.len(),
        any::<prop::sample::Index>(),
        0..4u8,
        any::<bool>(),
        1..4u32,
    )
        .prop_map(move |(subject, value, confidence, derived, line)| {
            let (subject, values) = &subjects[subject];
            Claim {
                subject: subject.clone(),
                value: value.get(values).clone(),
                confidence: f32::from(confidence) / 3.0,
                line: Some(line),
                derived,
            }
        })
}

fn any_draft() -> impl Strategy<Value = Vec<Claim>> {
    prop::collection::vec(any_claim(), 0..30)
}

fn any_witness() -> impl Strategy<Value = Witness> {
    prop::sample::select(vec![MODEL, READER, DOCSTRING, CODE])
}

/// The settlement with the streams' names swapped.
fn mirrored(mut settlement: Settlement) -> Settlement {
    let documentation = &mut settlement.documentation;
    for claim in &mut documentation.claims {
        std::mem::swap(&mut claim.said_by_a, &mut claim.said_by_b);
    }
    for dropped in &mut documentation.dropped {
        dropped.stream = dropped.stream.other();
    }
    documentation
        .dropped
        .sort_by(|x, y| (&x.claim.subject, x.stream).cmp(&(&y.claim.subject, y.stream)));
    for discrepancy in &mut documentation.discrepancies {
        std::mem::swap(&mut discrepancy.a, &mut discrepancy.b);
    }
    settlement.corrections.swap(0, 1);
    settlement.tally.refuted.swap(0, 1);
    settlement.tally.scores.swap(0, 1);
    settlement
}

/// Keys name the order of the two values, so they differ between mirror images.
fn without_keys(mut settlement: Settlement) -> Settlement {
    for discrepancy in &mut settlement.documentation.discrepancies {
        discrepancy.key.clear();
    }
    settlement
}

proptest! {
    #[test]
    fn swapping_the_streams_gives_the_mirror_image(
        a in any_draft(), b in any_draft(), wa in any_witness(), wb in any_witness(),
    ) {
        let one = settled([wa, wb], &a, &b);
        let other = settled([wb, wa], &b, &a);
        prop_assert_eq!(without_keys(mirrored(one)), without_keys(other));
    }

    #[test]
    fn nothing_refuted_is_documented_and_no_fact_is_lost(
        a in any_draft(), b in any_draft(), wa in any_witness(), wb in any_witness(),
    ) {
        let oracle = oracle();
        let settlement = settled([wa, wb], &a, &b);
        for claim in &settlement.documentation.claims {
            let answer = oracle.ask(F, &claim.subject, &claim.value);
            prop_assert!(answer.verdict != Verdict::Refuted, "{} {}", claim.subject, claim.value);
        }
        for fact in oracle.known_claims(F) {
            prop_assert!(settlement.documentation.get(&fact.subject).is_some(), "{}", fact.subject);
        }
    }

    #[test]
    fn claims_are_sorted_and_unique(a in any_draft(), b in any_draft()) {
        let settlement = settled([MODEL, DOCSTRING], &a, &b);
        let claims = &settlement.documentation.claims;
        prop_assert!(claims.windows(2).all(|w| w[0].subject < w[1].subject));
    }
}
