//! Whatever the model can hold comes back from the file as it was.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::checkpoint::record::{Progress, Restatement, RunCounts, RunResults, RunStatus, Session};
use crate::config::Config;
use crate::model::call_graph::CallType;
use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::{Name, ParameterKind};
use crate::model::discrepancy::{BlockingKind, KINDS};
use crate::model::documentation::{Correction, Draft, Resolution, StreamId};
use crate::model::facts::EffectKind;
use crate::model::run::{ConvergenceStatus, Doubts, EdgeScore, Failure, IterationRecord, Measures, StreamMetrics};
use crate::model::ticket::{Decision, TicketAnswer};
use crate::model::usage::{Account, Arbitration, CallId, Cost, Ledger, Objection, Receipt, Role, Usage, Validation};

fn name() -> impl Strategy<Value = Name> {
    "\\PC{0,6}".prop_map(Name::from)
}

fn subject() -> impl Strategy<Value = Subject> {
    let named = (name(), 0..17_usize).prop_map(|(n, which)| match which {
        0 => Subject::Parameter(n),
        1 => Subject::ParameterKind(n),
        2 => Subject::ParameterType(n),
        3 => Subject::ParameterDefault(n),
        4 => Subject::ParameterText(n),
        5 => Subject::Raise(n),
        6 => Subject::RaiseText(n),
        7 => Subject::Attribute(n),
        8 => Subject::AttributeType(n),
        9 => Subject::AttributeText(n),
        10 => Subject::Member(n),
        11 => Subject::Callee(n),
        12 => Subject::CalleeType(n),
        13 => Subject::CalleeLines(n),
        14 => Subject::Caller(n),
        15 => Subject::Reference(n),
        _ => Subject::Section(n),
    });
    prop_oneof![
        named,
        Just(Subject::Summary),
        Just(Subject::Description),
        Just(Subject::ParameterOrder),
        Just(Subject::Return),
        Just(Subject::YieldText),
        Just(Subject::Effect(EffectKind::FileWrite)),
        any::<u32>().prop_map(Subject::Example),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Present),
        "(?s).{0,12}".prop_map(Value::text),
        Just(Value::Kind(ParameterKind::KeywordOnly)),
        Just(Value::CallType(CallType::Loop)),
        vec(any::<u32>(), 0..3).prop_map(Value::Lines),
        vec(name(), 0..3).prop_map(Value::Names),
    ]
}

prop_compose! {
    fn claim()(subject in subject(), value in value(), confidence in 0.0_f32..1.0, line in option::of(any::<u32>()),
               derived in any::<bool>()) -> Claim {
        Claim { subject, value, confidence, line, derived }
    }
}

prop_compose! {
    fn draft()(component in name(), claims in vec(claim(), 0..4), repeated in vec(claim(), 0..2)) -> Draft {
        Draft { component, claims, repeated }
    }
}

prop_compose! {
    fn correction()(subject in subject(), said in option::of(value()), truth in option::of(value()), reason in ".{0,8}")
                   -> Correction {
        Correction { subject, said, truth, reason }
    }
}

prop_compose! {
    fn failure()(b in any::<bool>(), component in name(), iteration in any::<u32>(), reason in ".{0,8}") -> Failure {
        Failure { stream: if b { StreamId::B } else { StreamId::A }, component, iteration, reason }
    }
}

prop_compose! {
    fn measures()(call_graph_match in any::<f64>().prop_filter("equal to itself", |f| !f.is_nan()),
                  documentation_similarity in 0.0_f64..1.0, n in any::<[u64; 5]>()) -> Measures {
        Measures {
            call_graph_match, documentation_similarity, open: n[0], corrections: n[1], failed: n[2], components: n[3],
            unvalidated: n[4], blocking: BlockingKind::ALL.into_iter().map(|kind| (kind, n[0])).collect(),
        }
    }
}

prop_compose! {
    fn iteration()(iteration in any::<u32>(), processed in any::<[u64; 2]>(), identical in any::<u64>(),
                   kind in 0..KINDS.len(), refuted in any::<[u64; 2]>(), measures in measures()) -> IterationRecord {
        IterationRecord {
            iteration, processed, identical, refuted, measures,
            discrepancies: BTreeMap::from([(KINDS[kind].kind, identical)]),
            settled: BTreeMap::from([(Resolution::SingleWitness, identical)]),
            status: Some(ConvergenceStatus::PartiallyConverged),
        }
    }
}

fn drafts() -> impl Strategy<Value = [BTreeMap<Name, Draft>; 2]> {
    [btree_map(name(), draft(), 0..3), btree_map(name(), draft(), 0..2)]
}

prop_compose! {
    pub(crate) fn state()(
        drafts in drafts(),
        corrections in [btree_map(name(), vec(correction(), 0..2), 0..2), btree_map(name(), vec(correction(), 0..2), 0..2)],
        redo in option::of([btree_set(name(), 0..3), btree_set(name(), 0..3)]),
        failures in vec(failure(), 0..2), history in vec(iteration(), 0..2),
        trail in btree_map(name(), vec(any::<(u32, u64)>(), 0..3), 0..2),
        signatures in btree_map(name(), ".{0,9}", 0..3), iteration in any::<u32>(),
        components in btree_set(name(), 0..2), meanings in btree_map(name(), any::<u64>(), 0..2),
        validations in validations(), arbitrations in btree_map(".{0,4}", arbitration(), 0..2), spent in ledger(),
    ) -> RunState {
        RunState {
            phase: Phase::Comparing, iteration, drafts, corrections, redo, failures, history, trail,
            signatures: signatures.into(),
            trusted: [Default::default(), components.clone()],
            doubts: [Doubts { components, meanings }, Doubts::default()],
            validations, arbitrations, spent,
        }
    }
}

prop_compose! {
    fn usage()(attempts in any::<u64>(), retries in any::<u64>(), input in any::<u64>(), output in any::<u64>(),
               cached in any::<u64>(), cache_write in any::<u64>(), cost in any::<u64>(), unpriced in any::<u64>())
               -> Usage {
        Usage { attempts, retries, input, output, cached, cache_write, cost: Cost(cost), unpriced }
    }
}

prop_compose! {
    fn receipt()(n in any::<u32>(), usage in usage(), model in option::of(".{0,9}"), prompt in option::of(".{0,9}"),
                 response in option::of(".{0,9}")) -> Receipt {
        Receipt { took: Duration::new(u64::from(n), n % 1_000_000_000), usage, model, prompt, response }
    }
}

fn role() -> impl Strategy<Value = Role> {
    (0..5_usize).prop_map(|which| match which {
        0 => Role::Documenter(StreamId::A),
        1 => Role::Documenter(StreamId::B),
        2 => Role::Validator(StreamId::A),
        3 => Role::Validator(StreamId::B),
        _ => Role::Arbiter,
    })
}

fn ledger() -> impl Strategy<Value = Ledger> {
    let account =
        (any::<u64>(), any::<u64>(), usage()).prop_map(|(calls, failed, usage)| Account { calls, failed, usage });
    btree_map(role(), account, 0..3)
}

prop_compose! {
    fn call_id()(role in role(), component in name(), iteration in any::<u32>(), part in option::of(any::<u32>()),
                 discrepancy in option::of(".{0,4}")) -> CallId {
        CallId { role, component, iteration, part, discrepancy }
    }
}

prop_compose! {
    fn validation()(draft in any::<u64>(), rejected in option::of(".{0,9}"),
                    objections in vec((correction(), 0.0_f32..1.0), 0..3)) -> Validation {
        let objection = |(correction, confidence)| Objection { correction, confidence };
        Validation { draft, rejected, objections: objections.into_iter().map(objection).collect() }
    }
}

fn validations() -> impl Strategy<Value = [BTreeMap<Name, Validation>; 2]> {
    [
        btree_map(name(), validation(), 0..2),
        btree_map(name(), validation(), 0..2),
    ]
}

prop_compose! {
    fn arbitration()(component in name(), answer in answer(), rationale in ".{0,9}", confidence in 0.0_f32..1.0)
                     -> Arbitration {
        Arbitration { component, decision: answer.decision, rationale, confidence }
    }
}

fn answer() -> impl Strategy<Value = TicketAnswer> {
    (0..4_usize, ".{0,9}", any::<u32>()).prop_map(|(which, text, at)| TicketAnswer {
        decision: match which {
            0 => Decision::AcceptA,
            1 => Decision::AcceptB,
            2 => Decision::Merge(text.clone()),
            _ => Decision::Neither(text.clone()),
        },
        by: text,
        at: SystemTime::UNIX_EPOCH + Duration::new(u64::from(at), at % 1_000_000_000),
    })
}

fn parts() -> impl Strategy<Value = [BTreeMap<Name, BTreeMap<u32, Draft>>; 2]> {
    btree_map(name(), btree_map(any::<u32>(), draft(), 0..2), 0..2).prop_map(|parts| [parts, BTreeMap::new()])
}

prop_compose! {
    fn progress()(iteration in any::<u32>(), drafts in drafts(), failures in vec(failure(), 0..2),
                  tickets in btree_map(".{0,4}", ".{0,4}", 0..2), answers in btree_map(".{0,4}", answer(), 0..2),
                  parts in parts(),
                  validations in validations(), arbitrations in btree_map(".{0,4}", arbitration(), 0..2),
                  spent in ledger()) -> Progress {
        Progress { iteration, drafts, failures, tickets, answers, parts, validations, arbitrations, spent }
    }
}

/// A header with nothing in it that differs from run to run.
pub(crate) fn header() -> RunHeader {
    RunHeader {
        repository: PathBuf::from("/srv/repo"),
        output: PathBuf::from("/srv/out"),
        options: Config {
            output: PathBuf::from("/srv/out"),
            jobs: Some(3),
            ..Config::default()
        },
        program: "0.1.0".to_owned(),
        created_at: SystemTime::UNIX_EPOCH + Duration::new(1_764_918_245, 7),
    }
}

fn check(record: &Record) {
    let payload = encode_record(record).unwrap();
    assert_eq!(payload.iter().filter(|&&b| b == b'\n').count(), 1);
    assert_eq!(decode_record(&payload).as_ref(), Ok(record));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn snapshot_comes_back_as_it_was(state in state()) {
        let payload = encode_snapshot(&header(), &state).unwrap();
        prop_assert_eq!(decode_snapshot(&payload), Ok((header(), state)));
    }

    #[test]
    fn restatement_comes_back_as_it_was(state in state(), progress in progress()) {
        check(&Record::Restated(Box::new(Restatement { state, progress })));
    }

    #[test]
    fn records_of_calls_come_back_as_they_were(call in call_id(), draft in draft(), receipt in receipt(),
            validation in validation(), arbitration in arbitration(), cost in option::of(any::<u64>()), n in any::<u32>()) {
        let component = call.component.clone();
        let at_most = cost.map(Cost);
        check(&Record::CallStarted { call: call.clone(), at: header().created_at, at_most });
        check(&Record::PartFinished { stream: StreamId::A, iteration: n, component: component.clone(), part: n,
            draft, receipt: receipt.clone() });
        check(&Record::ValidationFinished { stream: StreamId::B, iteration: n, component, validation,
            receipt: receipt.clone() });
        check(&Record::ArbitrationFinished { iteration: n, key: "1".to_owned(), arbitration, receipt: receipt.clone() });
        check(&Record::CallFailed { call, reason: "x".to_owned(), receipt });
    }

    #[test]
    fn records_come_back_as_they_were(draft in draft(), failure in failure(), answer in answer(), n in any::<u32>(),
            receipt in receipt()) {
        let component = draft.component.clone();
        check(&Record::DraftFinished { stream: StreamId::B, iteration: n, component, draft, receipt: receipt.clone() });
        check(&Record::ComponentFailed { failure: failure.clone(), receipt: Some(receipt) });
        check(&Record::ComponentFailed { failure, receipt: None });
        check(&Record::AnswerApplied { key: "k".to_owned(), answer });
        check(&Record::PhaseChanged(Phase::Resolving));
        check(&Record::TicketOpened { id: "ts-1".to_owned(), key: "1".to_owned() });
        check(&Record::SignaturesTaken(BTreeMap::from([("a".into(), "s".to_owned())])));
        check(&Record::HeaderChanged(Box::new(header())));
        check(&Record::Finished);
    }

    #[test]
    fn end_of_an_iteration_comes_back_without_its_drafts(state in state()) {
        let payload = encode_record(&Record::IterationEnded(Box::new(state.clone()))).unwrap();
        let without = RunState { drafts: Default::default(), ..state };
        prop_assert_eq!(decode_record(&payload), Ok(Record::IterationEnded(Box::new(without))));
    }

    #[test]
    fn history_comes_back_as_it_was(history in vec(iteration(), 0..2), failures in vec(failure(), 0..2),
            n in any::<u32>(), spent in ledger()) {
        let streams = ["docstring", "code"].map(|name| StreamMetrics {
            name: name.to_owned(),
            edges: EdgeScore { confirmed: u64::from(n), ..EdgeScore::default() },
            ..StreamMetrics::default()
        });
        let long = Duration::new(u64::from(n), n % 1_000_000_000);
        let run = RunRecord {
            id: "checkpoint_20251205_070405".to_owned(),
            header: header(),
            status: RunStatus::Failed,
            sessions: vec![Session {
                started_at: header().created_at, program: "0.1.0".to_owned(), ended_at: None, reason: Some("x".to_owned()),
            }],
            results: Some(RunResults {
                convergence: ConvergenceStatus::Forced, history, failures, streams, spent,
                counts: RunCounts { files: u64::from(n), ..RunCounts::default() },
                analysis: long, iterations: Duration::MAX, total: Duration::ZERO,
            }),
        };
        prop_assert_eq!(decode_run(&encode_run(&run).unwrap()), Ok(run));
    }
}

#[test]
fn every_kind_of_discrepancy_has_a_label_of_its_own() {
    let labels: std::collections::BTreeSet<String> = KINDS.iter().map(|row| row.kind.label()).collect();
    assert_eq!(labels.len(), KINDS.len());
}

#[test]
fn unknown_fields_are_refused() {
    assert!(decode_record(br#"{"ticket_opened":{"id":"a","key":"b","more":1}}"#).is_err());
    assert!(decode_record(br#"{"from_the_future":{}}"#).is_err());
}

#[cfg(unix)]
#[test]
fn path_that_is_no_text_comes_back_as_it_was() {
    use std::os::unix::ffi::OsStringExt;
    let path = PathBuf::from(std::ffi::OsString::from_vec(vec![b'/', 0xff, b'a']));
    let header = RunHeader {
        repository: path,
        ..header()
    };
    check(&Record::HeaderChanged(Box::new(header)));
}

#[test]
fn time_before_1970_does_not_panic() {
    let header = RunHeader {
        created_at: SystemTime::UNIX_EPOCH - Duration::from_secs(5),
        ..header()
    };
    let payload = encode_record(&Record::HeaderChanged(Box::new(header))).unwrap();
    assert!(decode_record(&payload).is_ok());
}
