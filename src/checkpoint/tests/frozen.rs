//! Samples of every format version in `checkpoints/frozen/vN/`, which are read for ever: never edited, only added.
//!
//! `vN/every_form` is a run of everything that the version has a form for, made of [`forms`]. `vN/stockroom` is a run
//! of the sample repository; the suite's `frozen` reads that one.

use serde_json::Value as Json;

use super::*;
use crate::checkpoint::format::VERSION;
use crate::checkpoint::format::v1::claims::Subject as SubjectForm;
use crate::checkpoint::format::v1::words;
use crate::config::{Config, StreamChoice, TicketStoreChoice};
use crate::model::component::ParameterKind;
use crate::model::discrepancy::KINDS;
use crate::model::documentation::Correction;
use crate::model::run::{ConvergenceStatus, Doubts, EdgeScore, Measures, StreamMetrics};
use crate::model::ticket::{Decision, TicketAnswer};
use crate::model::usage::{Account, Arbitration, Ledger, Objection, Role, Validation};

/// Where a sample of the version that is written goes, if one is wanted.
const FREEZE: &str = "TWINSCRIBE_TEST_FREEZE";

fn sample(version: u32) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("checkpoints/frozen");
    root.join(format!("v{version}/every_form"))
}

/// A header in which no option has its default.
fn frozen_header() -> RunHeader {
    let mut options = Config {
        output: PathBuf::from("/srv/out"),
        stream_a: StreamChoice::Code,
        stream_b: StreamChoice::Docstring,
        parallel_components: 3,
        jobs: Some(2),
        continue_on_error: false,
        allow_single_stream: true,
        dry_run: true,
        ..Config::default()
    };
    options.discovery.include = vec!["tests/**".to_owned()];
    options.discovery.exclude = vec!["vendor/**".to_owned()];
    options.discovery.max_file_bytes = 77;
    options.convergence.max_iterations = 9;
    options.convergence.call_graph_match_threshold = 0.5;
    options.convergence.documentation_similarity_threshold = 0.25;
    options.convergence.max_open_discrepancies = Some(4);
    options.convergence.blocking_types.truncate(2);
    options.convergence.require_static_validation = false;
    options.tickets.store = TicketStoreChoice::Beads;
    options.tickets.wait = true;
    options.tickets.timeout_hours = 1.5;
    options.tickets.poll_seconds = 2.5;
    options.checkpoints.max = 6;
    options.checkpoints.auto = false;
    RunHeader { options, ..header() }
}

/// A claim about everything there is, and every kind of value.
fn full_draft(component: &str) -> Draft {
    let name = Name::from("ünicode \"name\"");
    let mut values = vec![
        Value::Present,
        Value::text("Two\nlines, a \\ and \u{1f980}."),
        Value::Lines(vec![1, 20]),
        Value::Names(vec![name.clone(), "b".into()]),
    ];
    values.extend(words::ParameterKind::ALL.iter().map(|&kind| Value::Kind(kind)));
    values.extend(words::CallType::ALL.iter().map(|&call_type| Value::CallType(call_type)));
    let claim = |(n, subject): (usize, Subject)| Claim {
        subject,
        value: values[n % values.len()].clone(),
        confidence: 0.1,
        line: (n % 2 == 0).then_some(7),
        derived: n % 3 == 0,
    };
    let claims: Vec<Claim> = SubjectForm::all(&name).into_iter().enumerate().map(claim).collect();
    let mut draft = Draft::new(component.into(), claims);
    draft.repeated.push(Claim::said(
        Subject::ParameterKind(name),
        Value::Kind(ParameterKind::KeywordOnly),
        0.9,
        None,
    ));
    draft
}

fn correction() -> Correction {
    Correction {
        subject: Subject::ParameterDefault("size".into()),
        said: Some(Value::text("1")),
        truth: None,
        reason: "it has none".to_owned(),
    }
}

fn full_receipt() -> Receipt {
    Receipt {
        took: Duration::new(3, 141_592_653),
        usage: Usage {
            attempts: 3,
            retries: 2,
            input: 1_000,
            output: 200,
            cached: 30,
            cache_write: 4,
            cost: Cost(5_000_000_000_001),
            unpriced: 1,
        },
        model: Some("maker/model-1".to_owned()),
        prompt: Some("describe 1".to_owned()),
        response: Some("0123abcd".to_owned()),
    }
}

fn roles() -> [Role; 5] {
    use StreamId::{A, B};
    [
        Role::Documenter(A),
        Role::Documenter(B),
        Role::Validator(A),
        Role::Validator(B),
        Role::Arbiter,
    ]
}

fn ledger() -> Ledger {
    let account = Account {
        calls: 4,
        failed: 1,
        usage: full_receipt().usage,
    };
    roles().into_iter().map(|role| (role, account)).collect()
}

fn validation() -> Validation {
    Validation {
        draft: u64::MAX - 1,
        rejected: Some("it is about something else".to_owned()),
        objections: vec![Objection {
            correction: correction(),
            confidence: 0.7,
        }],
    }
}

fn arbitration(decision: Decision) -> Arbitration {
    Arbitration {
        component: "m.f".into(),
        decision,
        rationale: "The source says so.".to_owned(),
        confidence: 0.85,
    }
}

fn decisions() -> [Decision; 4] {
    let text = || "What both mean.".to_owned();
    [
        Decision::AcceptA,
        Decision::AcceptB,
        Decision::Merge(text()),
        Decision::Neither(text()),
    ]
}

fn failure(iteration: u32) -> Failure {
    Failure {
        stream: StreamId::B,
        component: "m.g".into(),
        iteration,
        reason: "it is too long".to_owned(),
    }
}

fn history() -> Vec<IterationRecord> {
    let record = |(n, &status): (usize, &ConvergenceStatus)| IterationRecord {
        iteration: n as u32 + 1,
        processed: [3, 4],
        identical: 5,
        discrepancies: KINDS.iter().map(|row| (row.kind, 6)).collect(),
        settled: words::Resolution::ALL
            .iter()
            .map(|&resolution| (resolution, 7))
            .collect(),
        refuted: [8, 9],
        measures: Measures {
            call_graph_match: 0.1 + 0.2,
            documentation_similarity: 1.0,
            open: 10,
            blocking: words::BlockingKind::ALL.iter().map(|&kind| (kind, 11)).collect(),
            corrections: 12,
            failed: 13,
            components: 14,
            unvalidated: 15,
        },
        status: Some(status),
    };
    words::ConvergenceStatus::ALL.iter().enumerate().map(record).collect()
}

fn full_state() -> RunState {
    let named = |id: &str| Name::from(id);
    let doubts = Doubts {
        components: [named("m.f")].into(),
        meanings: [(named("m"), u64::MAX)].into(),
    };
    RunState {
        phase: Phase::Comparing,
        iteration: 2,
        drafts: [[(named("m.f"), full_draft("m.f"))].into(), BTreeMap::new()],
        corrections: [[(named("m.f"), vec![correction()])].into(), BTreeMap::new()],
        redo: Some([[named("m.f"), named("m.g")].into(), [named("m.g")].into()]),
        failures: vec![failure(1)],
        history: history(),
        trail: [(named("m.f"), vec![(1, 2), (2, u64::MAX)])].into(),
        signatures: BTreeMap::from([(named("m.f"), "source=1 context=2 a=3.4 b=5.6 line=7".to_owned())]).into(),
        doubts: [doubts, Doubts::default()],
        trusted: [BTreeSet::new(), [named("m.h")].into()],
        validations: [BTreeMap::new(), [(named("m.f"), validation())].into()],
        arbitrations: decisions()
            .into_iter()
            .enumerate()
            .map(|(n, decision)| (format!("key {n}"), arbitration(decision)))
            .collect(),
        spent: ledger(),
    }
}

fn answer(decision: Decision) -> TicketAnswer {
    TicketAnswer {
        decision,
        by: "someone".to_owned(),
        at: header().created_at,
    }
}

fn full_progress() -> Progress {
    Progress {
        iteration: 2,
        drafts: [[("m.g".into(), full_draft("m.g"))].into(), BTreeMap::new()],
        parts: [
            BTreeMap::new(),
            [("m.h".into(), [(1, full_draft("m.h")), (3, full_draft("m.h"))].into())].into(),
        ],
        validations: [[("m.g".into(), validation())].into(), BTreeMap::new()],
        arbitrations: [("key 9".to_owned(), arbitration(Decision::AcceptB))].into(),
        failures: vec![failure(2)],
        spent: ledger(),
        tickets: [("key 1".to_owned(), "ts-1".to_owned())].into(),
        answers: [("key 2".to_owned(), answer(Decision::AcceptA))].into(),
    }
}

/// Every record there is, with every word there is.
fn forms() -> Vec<Record> {
    let mut forms: Vec<Record> = words::Phase::ALL
        .iter()
        .map(|&phase| Record::PhaseChanged(phase))
        .collect();
    forms.push(Record::SignaturesTaken(full_state().signatures.as_ref().clone()));
    forms.extend(forms_of_calls());
    for (n, decision) in decisions().into_iter().enumerate() {
        forms.push(Record::ArbitrationFinished {
            iteration: 1,
            key: format!("key {n}"),
            arbitration: arbitration(decision.clone()),
            receipt: full_receipt(),
        });
        forms.push(Record::AnswerApplied {
            key: format!("key {n}"),
            answer: answer(decision),
        });
    }
    forms.extend([
        Record::IterationEnded(Box::new(RunState {
            drafts: Default::default(),
            ..full_state()
        })),
        Record::HeaderChanged(Box::new(frozen_header())),
        Record::Finished,
        Record::Restated(Box::new(Restatement {
            state: full_state(),
            progress: full_progress(),
        })),
    ]);
    forms
}

fn forms_of_calls() -> Vec<Record> {
    let receipt = full_receipt;
    let (stream, component) = (StreamId::A, Name::from("m.f"));
    let mut forms = Vec::new();
    forms.extend(roles().into_iter().enumerate().map(|(n, role)| Record::CallStarted {
        call: CallId {
            role,
            part: (n == 1).then_some(2),
            discrepancy: (role == Role::Arbiter).then(|| "key 1".to_owned()),
            ..CallId::for_draft(stream, component.clone(), 1)
        },
        at: header().created_at,
        at_most: (n > 0).then_some(Cost(250_000_000_000)),
    }));
    forms.extend([
        Record::DraftFinished {
            stream,
            iteration: 1,
            component: component.clone(),
            draft: full_draft("m.f"),
            receipt: receipt(),
        },
        Record::PartFinished {
            stream: StreamId::B,
            iteration: 1,
            component: component.clone(),
            part: 2,
            draft: full_draft("m.f"),
            receipt: Receipt::default(),
        },
        Record::ValidationFinished {
            stream,
            iteration: 1,
            component: component.clone(),
            validation: validation(),
            receipt: receipt(),
        },
        Record::CallFailed {
            call: CallId {
                role: Role::Validator(StreamId::B),
                ..CallId::for_draft(stream, component, 1)
            },
            reason: "it stalled".to_owned(),
            receipt: receipt(),
        },
        Record::ComponentFailed {
            failure: failure(1),
            receipt: Some(receipt()),
        },
        Record::ComponentFailed {
            failure: failure(1),
            receipt: None,
        },
        Record::TicketOpened {
            id: "ts-1".to_owned(),
            key: "key 1".to_owned(),
        },
    ]);
    forms
}

fn full_results() -> RunResults {
    let stream = |name: &str| StreamMetrics {
        name: name.to_owned(),
        embedded: true,
        restates_oracle: true,
        calls: 1,
        reused: 2,
        retries: 3,
        rejected: 4,
        edges: EdgeScore {
            confirmed: 5,
            refuted: 6,
            unknown: 7,
            missed: 8,
        },
    };
    RunResults {
        history: history(),
        failures: vec![failure(3)],
        streams: [stream("maker:one"), stream("code")],
        spent: ledger(),
        counts: RunCounts {
            files: 1,
            components: 2,
            edges: 3,
            findings: 4,
            problems: 5,
            tickets_open: 6,
            tickets_answered: 7,
            tickets_expired: 8,
        },
        ..results()
    }
}

/// A run with everything in it, in a folder.
fn write_sample(folder: &Path) {
    let second = Arc::new(AtomicU64::new(0));
    let writer = store_in(folder, &second).begin(frozen_header()).unwrap();
    for record in forms() {
        wait(writer.record(record)).unwrap();
    }
    second.store(1, Ordering::SeqCst);
    writer.snapshot(&full_state()).unwrap();
    wait(writer.finish(full_results())).unwrap();
    drop(writer);
    fs::remove_file(folder.join("lock")).unwrap();
}

/// Every file of a folder, by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

#[test]
fn what_is_written_is_what_was_frozen() {
    let dir = TempDir::new().unwrap();
    write_sample(dir.path());
    if let Some(wanted) = std::env::var_os(FREEZE).map(PathBuf::from) {
        for (name, bytes) in files(dir.path()) {
            let path = wanted.join("every_form").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        return;
    }
    let (written, frozen) = (files(dir.path()), files(&sample(VERSION)));
    assert_eq!(written.keys().collect::<Vec<_>>(), frozen.keys().collect::<Vec<_>>());
    for (name, bytes) in &written {
        let (now, then) = (payloads(bytes), payloads(&frozen[name]));
        assert_eq!(now.len(), then.len(), "{}", name.display());
        for (now, then) in now.iter().zip(&then) {
            assert_eq!(
                now,
                then,
                "{}: version {VERSION} is frozen, and this is no longer it: raise format::VERSION and add samples of \
                 the new one",
                name.display()
            );
        }
    }
}

/// The payloads of a file, one by one, without the options: those are open.
fn payloads(file: &[u8]) -> Vec<Json> {
    let text = std::str::from_utf8(file).unwrap();
    let payloads = text.lines().filter_map(|line| Some(&line[line.find(['{', '"'])?..]));
    payloads
        .map(|payload| {
            let mut payload: Json = serde_json::from_str(payload).unwrap();
            for place in ["/header", "/header_changed"] {
                if let Some(header) = payload.pointer_mut(place).and_then(Json::as_object_mut) {
                    header.remove("options").unwrap();
                }
            }
            payload
        })
        .collect()
}

/// A copy of a frozen sample, because reading it with a lock writes beside it.
fn thawed(version: u32) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, bytes) in files(&sample(version)) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

/// What version 1 says, told without the functions that made the sample, which follow today's words.
#[test]
fn version_1_is_read_for_ever() {
    let dir = thawed(1);
    let store = CheckpointStore::open_existing(dir.path()).unwrap();
    let found = store.load(Some(RUN)).unwrap();
    assert!(store.verify(RUN).unwrap().is_whole());
    assert!(found.finished, "the last record says so");
    assert_eq!(found.notes, Vec::<String>::new());
    assert_eq!(found.header.repository, Path::new("/srv/repo"));
    assert_eq!(found.header.options, frozen_header().options);
    let state = &found.state;
    assert_eq!((state.phase, state.iteration), (Phase::Comparing, 2));
    let draft = &state.drafts[0]["m.f"];
    assert_eq!((draft.claims.len(), draft.repeated.len()), (39, 1));
    let callee = draft.get(&Subject::CalleeLines("ünicode \"name\"".into())).unwrap();
    assert_eq!((callee.confidence, callee.derived), (0.1, false));
    assert_eq!(state.corrections[0]["m.f"], [correction()]);
    assert_eq!(state.redo.as_ref().unwrap()[0].len(), 2);
    assert_eq!(state.failures, [failure(1)]);
    assert_eq!(state.history.len(), 5);
    assert_eq!(state.history[4].status, Some(ConvergenceStatus::Forced));
    assert_eq!(state.history[4].discrepancies.len(), 54);
    assert_eq!(state.history[4].settled.len(), 5);
    assert_eq!(state.history[4].measures.blocking.len(), 6);
    assert_eq!(
        state.history[4].measures.call_graph_match.to_bits(),
        (0.1_f64 + 0.2).to_bits()
    );
    assert_eq!(state.trail["m.f"], [(1, 2), (2, u64::MAX)]);
    assert_eq!(state.signatures["m.f"], "source=1 context=2 a=3.4 b=5.6 line=7");
    assert_eq!(state.doubts[0].meanings["m"], u64::MAX);
    assert!(state.trusted[1].contains("m.h"));
    assert_eq!(state.validations[1]["m.f"], validation());
    assert_eq!(
        state.arbitrations["key 2"].decision,
        Decision::Merge("What both mean.".to_owned())
    );
    let spent = &state.spent[&Role::Arbiter];
    assert_eq!(
        (spent.calls, spent.failed, spent.usage.cost.to_string().as_str()),
        (4, 1, "5.000000000001")
    );
    let progress = &found.progress;
    assert_eq!(progress.parts[1]["m.h"].keys().copied().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(progress.tickets["key 1"], "ts-1");
    assert_eq!(progress.answers["key 2"], answer(Decision::AcceptA));
    assert_eq!(found.spent()[&Role::Documenter(StreamId::B)].calls, 8);
    // The older checkpoint is read too, and the journal record by record.
    assert_eq!(store.load(Some("checkpoint_20251205_070406")).unwrap().state, *state);
    let export = store.export(RUN).unwrap();
    let kinds: Vec<&String> = export["journal"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["record"].as_object().and_then(|record| record.keys().next()))
        .collect();
    assert_eq!((kinds.len(), kinds[0].as_str()), (34, "header_changed"));
    let calls = store.calls(RUN).unwrap();
    assert_eq!(calls.len(), 10);
    assert_eq!(calls[0].receipt, Some(full_receipt()));
    let run = store.run(RUN).unwrap();
    assert_eq!(run.results, Some(full_results()));
    assert_eq!((run.status, run.sessions.len()), (RunStatus::Completed, 1));
}

#[test]
fn version_1_can_be_gone_on_with() {
    let dir = thawed(1);
    let (writer, found) = CheckpointStore::open_existing(dir.path()).unwrap().resume(RUN).unwrap();
    wait(writer.record(Record::Restated(Box::new(found.restatement())))).unwrap();
    wait(writer.record(finished("m.i", 2))).unwrap();
    writer.snapshot(&found.state).unwrap();
    drop(writer);
    let again = CheckpointStore::open_existing(dir.path())
        .unwrap()
        .load(Some(RUN))
        .unwrap();
    assert_eq!(again.state, found.state);
    assert_eq!(again.progress.drafts[0].len(), found.progress.drafts[0].len() + 1);
}
