//! What a changed repository leaves of a run, by kind of change and mode.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::model::call_graph::{CallGraph, CallType, Edge, EdgeKind, Site, SiteCounts};
use crate::model::component::{Component, ComponentIndex, ComponentKind, Traits};
use crate::model::documentation::Correction;
use crate::model::facts::Facts;
use crate::model::oracle::{Oracle, Order};

/// A repository of functions (name, source hash, line, callees), in an order that has callees first.
#[expect(clippy::field_reassign_with_default, reason = "field by field reads better here")]
fn repository(functions: &[(&str, u64, u32, &[&str])]) -> Oracle {
    let place = |name: &str| {
        let found = functions.iter().position(|f| f.0 == name).unwrap();
        ComponentIndex(u32::try_from(found).unwrap())
    };
    let mut edges = Vec::new();
    let mut order = Order::default();
    for &(name, _, line, callees) in functions {
        order.sequence.push(place(name));
        order
            .dependencies
            .push(callees.iter().map(|callee| place(callee)).collect());
        edges.extend(callees.iter().map(|callee| Edge {
            caller: place(name),
            callee: place(callee),
            kind: EdgeKind::Call,
            call_type: CallType::Direct,
            weak: false,
            certain: true,
            sites: vec![Site {
                line,
                column: 0,
                call_type: CallType::Direct,
            }],
        }));
    }
    let mut oracle = Oracle::default();
    oracle.components = functions.iter().map(function).collect();
    oracle.facts = functions.iter().map(|_| Facts::default()).collect();
    oracle.call_graph = CallGraph::new(edges, Vec::new(), Vec::new(), SiteCounts::default(), Vec::new());
    oracle.order = order;
    oracle.indexed()
}

fn function(&(name, source_hash, line, _): &(&str, u64, u32, &[&str])) -> Component {
    Component {
        id: name.into(),
        qualname: name.into(),
        module: "m".into(),
        path: "m.py".into(),
        kind: ComponentKind::Function,
        first_line: line,
        last_line: line + 1,
        parent: None,
        public: true,
        signature: None,
        decorators: Vec::new(),
        bases: Vec::new(),
        docstring: None,
        traits: Traits::default(),
        source_hash,
        own_hash: source_hash,
    }
}

/// `leaf` ← `caller` ← `top`, and `other`.
const BEFORE: &[(&str, u64, u32, &[&str])] = &[
    ("leaf", 1, 1, &[]),
    ("caller", 2, 10, &["leaf"]),
    ("top", 3, 20, &["caller"]),
    ("other", 4, 30, &[]),
];

const PROMPTED: StreamFacts<'static> = StreamFacts {
    name: "test:model",
    version: "1",
    uses_context: true,
    is_embedded: false,
};

/// Killed in the first iteration, with a draft of all but `missing` by stream A.
fn stopped(missing: &[&str]) -> Recovered {
    let drafts = BEFORE
        .iter()
        .filter(|f| !missing.contains(&f.0))
        .map(|f| (f.0.into(), draft(f.0, "words")))
        .collect();
    Recovered {
        run_id: RUN.to_owned(),
        checkpoint: None,
        header: header(),
        state: RunState {
            iteration: 1,
            signatures: signatures(&repository(BEFORE), [PROMPTED, PROMPTED]).into(),
            ..RunState::default()
        },
        progress: Progress {
            iteration: 1,
            drafts: [drafts, BTreeMap::new()],
            ..Progress::default()
        },
        finished: false,
        in_flight: BTreeSet::new(),
        notes: Vec::new(),
    }
}

fn redone(mode: Mode, missing: &[&str], now: &[(&str, u64, u32, &[&str])], stream: StreamFacts<'_>) -> Vec<String> {
    let plan = reconcile(mode, &stopped(missing), &repository(now), [stream, PROMPTED]);
    let reasons = |(id, reasons): (&Name, &BTreeSet<Reason>)| {
        let reasons: Vec<String> = reasons.iter().map(Reason::to_string).collect();
        format!("{id}: {}", reasons.join(", "))
    };
    let doubts =
        |(id, doubt): (&Name, &Doubt)| format!("{id}? {}", doubt.causes.iter().cloned().collect::<Vec<_>>().join(", "));
    let [plan, _] = plan.streams;
    let mut all: Vec<String> = plan
        .redo
        .iter()
        .map(reasons)
        .chain(plan.doubtful.iter().map(doubts))
        .collect();
    all.sort();
    all
}

/// What each mode redoes, stated as patch, overwrite, fill-gaps.
fn check(now: &[(&str, u64, u32, &[&str])], expected: [&[&str]; 3]) {
    for (mode, expected) in [Mode::Patch, Mode::Overwrite, Mode::FillGaps].into_iter().zip(expected) {
        assert_eq!(redone(mode, &[], now, PROMPTED), expected, "{mode}");
    }
}

#[test]
fn unchanged_repository_keeps_everything() {
    check(BEFORE, [&[], &[], &[]]);
    let plan = reconcile(Mode::Patch, &stopped(&[]), &repository(BEFORE), [PROMPTED, PROMPTED]);
    assert!(plan.keeps_everything());
}

#[test]
fn changed_source_redoes_the_component_and_what_depends_on_it() {
    let now: &[(&str, u64, u32, &[&str])] = &[
        ("leaf", 1, 1, &[]),
        ("caller", 99, 10, &["leaf"]),
        ("top", 3, 20, &["caller"]),
        ("other", 4, 30, &[]),
    ];
    check(now, [&["caller: its source has changed", "top? caller"], &[], &[]]);
    let blind = StreamFacts {
        uses_context: false,
        ..PROMPTED
    };
    assert_eq!(redone(Mode::Patch, &[], now, blind), ["caller: its source has changed"]);
}

#[test]
fn call_that_goes_elsewhere_is_a_changed_context() {
    let now: &[(&str, u64, u32, &[&str])] = &[
        ("leaf", 1, 1, &[]),
        ("caller", 2, 10, &["leaf"]),
        ("top", 3, 20, &["leaf"]),
        ("other", 4, 30, &[]),
    ];
    check(now, [&["top: what the analysis knows about it has changed"], &[], &[]]);
}

#[test]
fn new_component_is_done_in_every_mode_and_a_deleted_one_is_dropped() {
    let now: &[(&str, u64, u32, &[&str])] = &[
        ("caller", 2, 10, &[]),
        ("top", 3, 20, &["caller"]),
        ("other", 4, 30, &[]),
        ("young", 5, 40, &[]),
    ];
    let young = "young: not done yet";
    let caller = "caller: what the analysis knows about it has changed";
    check(now, [&[caller, "top? caller", young], &[young], &[young]]);
    let mut recovered = stopped(&[]);
    reconcile(Mode::Patch, &recovered, &repository(now), [PROMPTED, PROMPTED]).apply(&mut recovered);
    let ids = |drafts: &BTreeMap<Name, Draft>| drafts.keys().map(|id| id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&recovered.progress.drafts[0]), ["other"]);
    assert_eq!(
        ids(&recovered.state.drafts[0]),
        ["top"],
        "it is kept until its turn comes"
    );
    let doubts = &recovered.state.doubts[0];
    assert!(doubts.components.contains("top") && doubts.meanings.contains_key("caller"));
    assert!(recovered.state.signatures.contains_key("young") && !recovered.state.signatures.contains_key("leaf"));
}

#[test]
fn new_version_of_a_stream_redoes_all_of_it() {
    let newer = StreamFacts {
        version: "2",
        ..PROMPTED
    };
    assert_eq!(redone(Mode::Patch, &[], BEFORE, newer).len(), 4);
    assert!(redone(Mode::Overwrite, &[], BEFORE, newer).is_empty());
    assert!(redone(Mode::FillGaps, &[], BEFORE, newer).is_empty());
}

#[test]
fn what_is_missing_is_done_in_every_mode() {
    for mode in [Mode::Patch, Mode::Overwrite, Mode::FillGaps] {
        assert_eq!(
            redone(mode, &["leaf"], BEFORE, PROMPTED),
            ["leaf: not done yet"],
            "{mode}"
        );
    }
}

#[test]
fn moved_component_keeps_its_draft_on_its_new_lines() {
    let now: &[(&str, u64, u32, &[&str])] = &[
        ("leaf", 1, 1, &[]),
        ("caller", 2, 15, &["leaf"]),
        ("top", 3, 25, &["caller"]),
        ("other", 4, 28, &[]),
    ];
    check(now, [&[], &[], &[]]);
    let mut recovered = stopped(&[]);
    let plan = reconcile(Mode::Patch, &recovered, &repository(now), [PROMPTED, PROMPTED]);
    assert!(!plan.keeps_everything());
    plan.apply(&mut recovered);
    let line = |id: &str| recovered.progress.drafts[0][id].claims[0].line;
    assert_eq!(
        (line("leaf"), line("caller"), line("other")),
        (Some(3), Some(8), Some(1))
    );
    // Once moved they stand where the signatures say.
    let again = reconcile(Mode::Patch, &recovered, &repository(now), [PROMPTED, PROMPTED]);
    assert!(again.keeps_everything());
}

/// In its second iteration, `caller` and `other` to be corrected, `other` corrected already, `top` failed.
fn second_iteration() -> Recovered {
    let mut recovered = stopped(&["top"]);
    let drafts = std::mem::take(&mut recovered.progress.drafts);
    recovered.state.drafts = drafts;
    recovered.state.iteration = 2;
    recovered.progress.iteration = 2;
    recovered.progress.drafts[0].insert("other".into(), draft("other", "better words"));
    recovered.state.redo = Some([["caller".into(), "other".into()].into(), BTreeSet::new()]);
    let correction = Correction {
        subject: Subject::Summary,
        said: None,
        truth: None,
        reason: "it is wrong".to_owned(),
    };
    for id in ["caller", "other"] {
        recovered.state.corrections[0].insert(id.into(), vec![correction.clone()]);
        recovered.state.trail.insert(id.into(), vec![(1, 5)]);
    }
    recovered.state.failures.push(Failure {
        stream: StreamId::A,
        component: "top".into(),
        iteration: 1,
        reason: "it is too long".to_owned(),
    });
    recovered
}

#[test]
fn corrections_that_were_pending_stay_pending_and_failures_stay_failures() {
    let before = second_iteration();
    let mut recovered = before.clone();
    let plan = reconcile(Mode::Patch, &recovered, &repository(BEFORE), [PROMPTED, PROMPTED]);
    assert_eq!(
        plan.streams[0].redo.keys().map(|id| &**id).collect::<Vec<_>>(),
        ["caller"]
    );
    assert!(plan.streams[0].failed.contains("top"));
    let stream_b = plan.streams[1].redo.len();
    plan.apply(&mut recovered);
    let redo = |r: &Recovered| r.state.redo.as_ref().unwrap()[0].clone();
    assert_eq!(redo(&recovered), redo(&before));
    assert_eq!(stream_b, 4, "stream B has nothing yet");
    assert_eq!(recovered.state.drafts, before.state.drafts);
    assert_eq!(recovered.state.corrections, before.state.corrections);
    assert_eq!(recovered.state.failures, before.state.failures);
    assert_eq!(recovered.state.trail, before.state.trail);
}

#[test]
fn correction_of_something_that_has_changed_is_forgotten() {
    let now: &[(&str, u64, u32, &[&str])] = &[
        ("leaf", 1, 1, &[]),
        ("caller", 99, 10, &["leaf"]),
        ("top", 3, 20, &["caller"]),
        ("other", 4, 30, &[]),
    ];
    let mut recovered = second_iteration();
    reconcile(Mode::Patch, &recovered, &repository(now), [PROMPTED, PROMPTED]).apply(&mut recovered);
    let keys = |id: &str| {
        let state = &recovered.state;
        (
            state.corrections[0].contains_key(id),
            state.trail.contains_key(id),
            state.drafts[0].contains_key(id),
        )
    };
    assert_eq!(
        (keys("caller"), keys("other")),
        ((false, false, false), (true, true, true))
    );
    // What depends on it is tried again even though it had failed.
    assert!(recovered.state.failures.is_empty());
    assert!(recovered.state.redo.unwrap()[0].contains("top"));
}

#[test]
fn gaps_include_what_has_failed_and_leave_out_corrections() {
    let recovered = second_iteration();
    let plan = reconcile(Mode::FillGaps, &recovered, &repository(BEFORE), [PROMPTED, PROMPTED]);
    assert_eq!(plan.streams[0].redo.keys().map(|id| &**id).collect::<Vec<_>>(), ["top"]);
}

#[test]
fn embedded_stream_keeps_its_plan_and_adds_what_has_changed() {
    let embedded = StreamFacts {
        name: PROMPTED.name,
        is_embedded: true,
        uses_context: false,
        version: "1",
    };
    let now: &[(&str, u64, u32, &[&str])] = &[
        ("leaf", 99, 1, &[]),
        ("caller", 2, 10, &["leaf"]),
        ("top", 3, 20, &["caller"]),
    ];
    let mut recovered = second_iteration();
    recovered.state.drafts = Default::default();
    recovered.progress.drafts = Default::default();
    reconcile(Mode::Patch, &recovered, &repository(now), [embedded, embedded]).apply(&mut recovered);
    let redo = recovered.state.redo.unwrap();
    assert_eq!(redo[0].iter().map(|id| &**id).collect::<Vec<_>>(), ["caller", "leaf"]);
    assert!(!recovered.state.corrections[0].contains_key("other"), "it is gone");
}

#[test]
fn modes_are_read_by_name() {
    for mode in [Mode::Patch, Mode::Overwrite, Mode::FillGaps] {
        assert_eq!(mode.to_string().parse(), Ok(mode));
    }
    assert!("all".parse::<Mode>().is_err());
}

#[test]
fn reconciled_run_that_dies_again_does_not_bring_back_what_was_dropped() {
    let ground = ground();
    let writer = ground.store.begin(header()).unwrap();
    let taken = signatures(&repository(BEFORE), [PROMPTED, PROMPTED]);
    wait(writer.record(Record::SignaturesTaken(taken))).unwrap();
    wait(writer.record(finished("leaf", 1))).unwrap();
    wait(writer.record(finished("other", 1))).unwrap();
    drop(writer);
    let now: &[(&str, u64, u32, &[&str])] = &[("leaf", 99, 1, &[]), ("other", 4, 30, &[])];
    let (writer, mut found) = ground.later().resume(RUN).unwrap();
    reconcile(Mode::Patch, &found, &repository(now), [PROMPTED, PROMPTED]).apply(&mut found);
    wait(writer.record(Record::Restated(Box::new(found.restatement())))).unwrap();
    drop(writer);
    let again = ground.later().load(None).unwrap();
    assert_eq!(
        again.progress.drafts[0].keys().map(|id| &**id).collect::<Vec<_>>(),
        ["other"]
    );
    let plan = reconcile(Mode::Patch, &again, &repository(now), [PROMPTED, PROMPTED]);
    assert_eq!(plan.streams[0].redo.len(), 1);
}
