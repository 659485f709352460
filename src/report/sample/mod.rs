//! A hand-built outcome for tests: a module with a class, a method and a function, two iterations, findings, a
//! ticket, a failure and a problem, and text that tries to do harm.

mod facts;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use facts::{BOX, MODULE, OPEN, PACK, oracle};

use crate::model::call_graph::CallType;
use crate::model::claim::{Claim, Subject, Value, Verdict};
use crate::model::component::ParameterKind;
use crate::model::discrepancy::{BlockingKind, Discrepancy, DiscrepancyKind, Severity};
use crate::model::documentation::{Documentation, DroppedClaim, Resolution, SettledClaim, StreamId};
use crate::model::facts::EffectKind;
use crate::model::finding::Finding;
use crate::model::run::{
    ConvergenceStatus, Durations, EdgeScore, Failure, IterationRecord, Measures, Outcome, RequiredAction, StreamMetrics,
};
use crate::model::ticket::{Ticket, TicketState};

fn settled(subject: Subject, value: Value, (a, b): (bool, bool), resolution: Option<Resolution>) -> SettledClaim {
    SettledClaim {
        subject,
        value,
        said_by_a: a,
        said_by_b: b,
        resolution,
        verdict: if b { Verdict::Confirmed } else { Verdict::Unknown },
        confidence: if b { 1.0 } else { 0.8 },
        line: Some(12),
        derived: !a,
    }
}

fn open_claims() -> Vec<SettledClaim> {
    let single = Some(Resolution::SingleWitness);
    let (a, b, both) = ((true, false), (false, true), (true, true));
    let mut claims = vec![
        settled(Subject::Summary, Value::text("Opens <b>it</b>."), a, single),
        settled(
            Subject::Description,
            Value::text("See :func:`pack`.\n\n>>> Box().open()\nTrue\n\n[x](javascript:y)"),
            a,
            single,
        ),
        settled(
            Subject::Parameter("key".into()),
            Value::Present,
            both,
            Some(Resolution::Agreement),
        ),
        settled(
            Subject::ParameterKind("key".into()),
            Value::Kind(ParameterKind::PositionalOrKeyword),
            b,
            single,
        ),
        settled(Subject::ParameterType("key".into()), Value::text("str"), a, None),
        settled(
            Subject::ParameterDefault("key".into()),
            Value::text("None"),
            (false, false),
            Some(Resolution::Fact),
        ),
        settled(
            Subject::ParameterText("key".into()),
            Value::text("The key | lock."),
            a,
            single,
        ),
        settled(Subject::Return, Value::Present, both, Some(Resolution::Agreement)),
        settled(Subject::ReturnType, Value::text("bool"), b, single),
        settled(Subject::Raise("KeyError".into()), Value::Present, b, single),
        settled(
            Subject::Effect(EffectKind::Process),
            Value::text("subprocess.run"),
            b,
            single,
        ),
        settled(Subject::Caller("shop.crate.pack".into()), Value::Present, b, single),
        settled(Subject::Reference("pack".into()), Value::Present, a, single),
        settled(Subject::Section("Notes".into()), Value::text("Slow."), a, single),
        settled(Subject::Example(1), Value::text(">>> Box().open()"), a, single),
    ];
    claims.sort_by(|x, y| x.subject.cmp(&y.subject));
    claims
}

fn documentation() -> Vec<Documentation> {
    let page = |component, claims| Documentation {
        component,
        claims,
        dropped: Vec::new(),
        discrepancies: Vec::new(),
    };
    let single = Some(Resolution::SingleWitness);
    let mut open = page(OPEN, open_claims());
    open.dropped.push(DroppedClaim {
        stream: StreamId::A,
        claim: Claim::said(Subject::Parameter("lock".into()), Value::Present, 0.8, Some(14)),
        reason: "`open` has no parameter `lock`".to_owned(),
    });
    open.discrepancies.push(Discrepancy {
        key: "k1".to_owned(),
        component: OPEN,
        kind: DiscrepancyKind::ParameterType,
        subject: Subject::ParameterType("key".into()),
        a: Some(Value::text("str")),
        b: Some(Value::text("str | None")),
        severity: Severity::Medium,
        resolution: None,
        blocking: Some(BlockingKind::TypeMismatch),
        similarity: 0.5,
        reason: "the code does not decide".to_owned(),
    });
    let derived = settled(Subject::Summary, Value::text("Holds things."), (false, true), single);
    let mut pack = vec![
        settled(Subject::Yield, Value::Present, (false, true), single),
        settled(Subject::YieldType, Value::text("Box"), (false, true), single),
        settled(
            Subject::Callee("shop.crate.Box.open".into()),
            Value::Present,
            (false, true),
            single,
        ),
        settled(
            Subject::CalleeType("shop.crate.Box.open".into()),
            Value::CallType(CallType::Loop),
            (false, true),
            single,
        ),
        settled(
            Subject::CalleeLines("shop.crate.Box.open".into()),
            Value::Lines(vec![30, 33]),
            (false, true),
            single,
        ),
    ];
    pack.sort_by(|x, y| x.subject.cmp(&y.subject));
    vec![
        page(
            MODULE,
            vec![settled(Subject::Summary, Value::text("Boxes."), (true, false), single)],
        ),
        page(BOX, vec![derived]),
        open,
        page(PACK, pack),
    ]
}

fn finding(kind: DiscrepancyKind, name: &str, line: u32, message: &str) -> Finding {
    let row = kind.row();
    Finding {
        path: "shop/crate.py".into(),
        component: "shop.crate.Box.open".into(),
        qualname: Some("Box.open".into()),
        line,
        kind,
        name: Some(name.into()),
        class: row.class,
        severity: row.severity,
        message: message.to_owned(),
        evidence: vec![(12, "def open(self, key: str | None = None) -> bool:".to_owned())],
        fingerprint: format!("f-{name}"),
    }
}

fn findings() -> Vec<Finding> {
    let mut late = finding(
        DiscrepancyKind::RaiseMissing,
        "KeyError",
        17,
        "`KeyError` is raised and not documented",
    );
    late.component = "shop.crate.pack".into();
    late.qualname = Some("pack".into());
    vec![
        late,
        finding(
            DiscrepancyKind::ParameterExtra,
            "lock",
            14,
            "`lock` is documented, and `open` has no such parameter",
        ),
        finding(
            DiscrepancyKind::ParameterDefault,
            "key\u{1b}[31m",
            15,
            "the default is 100% `None`, not `0`",
        ),
    ]
}

fn history() -> Vec<IterationRecord> {
    let record = |iteration, similarity, open, status| IterationRecord {
        iteration,
        processed: [4, 4],
        identical: 2,
        discrepancies: BTreeMap::from([
            (DiscrepancyKind::ParameterType, 1),
            (DiscrepancyKind::ParameterExtra, 1),
        ]),
        settled: BTreeMap::from([(Resolution::Agreement, 2), (Resolution::SingleWitness, 15)]),
        refuted: [1, 0],
        measures: Measures {
            call_graph_match: 1.0,
            documentation_similarity: similarity,
            open,
            blocking: BTreeMap::from([(BlockingKind::TypeMismatch, 1)]),
            components: 4,
            ..Measures::default()
        },
        status: Some(status),
    };
    vec![
        record(1, 0.875, 2, ConvergenceStatus::InProgress),
        record(2, 0.9375, 1, ConvergenceStatus::Forced),
    ]
}

fn ticket() -> Ticket {
    Ticket {
        id: "ts-1a2b3c".to_owned(),
        key: "k1".to_owned(),
        component: "shop.crate.Box.open".into(),
        path: "shop/crate.py".into(),
        line: 12,
        kind: DiscrepancyKind::ParameterType,
        subject: Subject::ParameterType("key".into()),
        a: Some(Value::text("str")),
        b: Some(Value::text("str | None")),
        severity: Severity::Medium,
        facts: vec!["`key` is annotated `str | None`".to_owned()],
        source: "def open(self, key: str | None = None) -> bool:\n    ...".to_owned(),
        source_hash: 1,
        state: TicketState::Open,
        created_at: SystemTime::UNIX_EPOCH,
        expires_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(48 * 3600)),
    }
}

/// The outcome.
pub(crate) fn outcome() -> Outcome {
    let stream = |name: &str, restates_oracle, edges| StreamMetrics {
        name: name.to_owned(),
        embedded: true,
        restates_oracle,
        calls: 4,
        edges,
        ..StreamMetrics::default()
    };
    let score = EdgeScore {
        confirmed: 3,
        refuted: 1,
        unknown: 1,
        missed: 1,
    };
    Outcome {
        run_id: Some("checkpoint_20260101_000000".to_owned()),
        started_at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600),
        oracle: Arc::new(oracle()),
        documentation: documentation(),
        history: history(),
        verdict: crate::model::run::Verdict {
            status: ConvergenceStatus::Forced,
            unmet: vec!["1 blocking discrepancy is open".to_owned()],
            required_actions: vec![RequiredAction {
                action: "Decide the type of `key`.".to_owned(),
                command: Some("twinscribe tickets list".to_owned()),
            }],
        },
        findings: findings(),
        failures: vec![Failure {
            stream: StreamId::B,
            component: "shop.crate.pack".into(),
            iteration: 1,
            reason: "the draft was rejected".to_owned(),
        }],
        tickets: vec![ticket()],
        streams: [
            stream("docstring", false, score),
            stream("code", true, EdgeScore::default()),
        ],
        spent: Default::default(),
        durations: Durations {
            analysis: Duration::from_millis(250),
            iterations: Duration::from_millis(500),
            total: Duration::from_millis(1250),
        },
    }
}
