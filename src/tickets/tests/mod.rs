//! Tickets over many runs, with a person in between.

mod store;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::*;
use crate::model::claim::{Subject, Value, Verdict};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Name, Parameter, ParameterKind, Signature, Traits,
};
use crate::model::discrepancy::{Discrepancy, DiscrepancyKind, Severity};
use crate::model::documentation::{Documentation, Resolution, SettledClaim};
use crate::model::facts::Facts;
use crate::model::oracle::Oracle;
use crate::model::ticket::TicketState;

const KEY: &str = "0123456789abcdef";
const ID: &str = "ts-01234567";

fn at(hours: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_764_936_000 + hours * 3600)
}

/// A repository of one function `m.f(x: int)`.
#[expect(clippy::field_reassign_with_default, reason = "field by field reads better here")]
fn oracle(source_hash: u64) -> Oracle {
    let parameter = Parameter {
        name: "x".into(),
        kind: ParameterKind::PositionalOrKeyword,
        annotation: Some("int".into()),
        default: None,
        line: 4,
    };
    let component = Component {
        id: "m.f".into(),
        qualname: "f".into(),
        module: "m".into(),
        path: "m.py".into(),
        kind: ComponentKind::Function,
        first_line: 4,
        last_line: 9,
        parent: None,
        public: true,
        signature: Some(Signature {
            parameters: vec![parameter],
            returns: None,
            binds_first: false,
        }),
        decorators: Vec::new(),
        bases: Vec::new(),
        docstring: None,
        traits: Traits::default(),
        source_hash,
        own_hash: source_hash,
    };
    let mut oracle = Oracle::default();
    oracle.components = vec![component];
    oracle.facts = vec![Facts::default()];
    oracle.indexed()
}

fn discrepancy(key: &str, resolution: Option<Resolution>) -> Discrepancy {
    Discrepancy {
        key: key.to_owned(),
        component: ComponentIndex(0),
        kind: DiscrepancyKind::ParameterType,
        subject: Subject::ParameterType("x".into()),
        a: Some(Value::text("str")),
        b: Some(Value::text("int")),
        severity: Severity::Medium,
        resolution,
        blocking: None,
        similarity: 0.0,
        reason: "the annotation says `int`".to_owned(),
    }
}

struct Ground {
    dir: TempDir,
    store: EmbeddedStore,
    hour: u64,
    source_hash: u64,
}

fn ground() -> Ground {
    let dir = TempDir::new().unwrap();
    Ground {
        store: EmbeddedStore::open(dir.path()),
        dir,
        hour: 0,
        source_hash: 7,
    }
}

impl Ground {
    /// One run: answers are looked up, the documentation is settled with them, tickets are brought in line. Returns
    /// what was opened and how many answers were applied.
    fn run_with(&mut self, keys: &[&str]) -> (Opened, usize) {
        self.hour += 1;
        let oracle = oracle(self.source_hash);
        let answers = answers(&self.store, &oracle).unwrap();
        let resolve = |key: &&str| answers.get(key).map(|_| Resolution::Human);
        let documentation = vec![Documentation {
            component: ComponentIndex(0),
            claims: Vec::new(),
            dropped: Vec::new(),
            discrepancies: keys.iter().map(|key| discrepancy(key, resolve(key))).collect(),
        }];
        let applied = apply(&self.store, &documentation, &answers, at(self.hour)).unwrap();
        let asking = Asking {
            run_id: Some("checkpoint_20251205_120000"),
            repository: Path::new("/repo"),
            streams: ["docstring", "code"],
            now: at(self.hour),
            expires_at: Some(at(self.hour + 48)),
            source: &|_| Some("def f(x: int):\n    return x\n".to_owned()),
            failed: &BTreeSet::new(),
        };
        let opened = open(&self.store, &documentation, &oracle, &asking).unwrap();
        (opened, applied.len())
    }

    fn run(&mut self) -> (Opened, usize) {
        self.run_with(&[KEY])
    }

    fn state(&self) -> TicketState {
        self.store.get(KEY).unwrap().state
    }

    fn answer(&self, decision: Decision) {
        let ticket = self.store.answer(ID, decision, "ada", at(self.hour)).unwrap();
        assert!(matches!(ticket.state, TicketState::Answered(_)));
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("tickets.jsonl")
    }

    fn row(&self) -> Json {
        serde_json::from_str(fs::read_to_string(self.path()).unwrap().lines().next().unwrap()).unwrap()
    }

    /// Changes the row as a tracker would.
    fn edit(&self, change: impl FnOnce(&mut Json)) {
        let mut row = self.row();
        change(&mut row);
        fs::write(self.path(), format!("{row}\n")).unwrap();
    }

    fn close(&self, reason: &str) {
        self.edit(|row| {
            row["status"] = json!("closed");
            row["closed_at"] = json!("2025-12-05T12:30:00.5+01:00");
            row["close_reason"] = json!(reason);
        });
    }
}

#[test]
fn five_runs_put_one_ticket() {
    let mut ground = ground();
    assert_eq!(ground.run().0.opened, [ID]);
    let first = fs::read(ground.path()).unwrap();
    for _ in 0..4 {
        let (opened, _) = ground.run();
        assert!(opened.opened.is_empty() && opened.reopened.is_empty());
        assert_eq!(opened.tickets.len(), 1);
    }
    assert_eq!(
        fs::read(ground.path()).unwrap(),
        first,
        "an unchanged ticket keeps its bytes"
    );
}

#[test]
fn row_is_what_beads_imports() {
    let mut ground = ground();
    ground.run();
    let row = ground.row();
    assert_eq!(row["_type"], "issue");
    assert_eq!(row["id"], ID);
    assert_eq!(row["external_ref"], format!("twinscribe:disc:{KEY}"));
    assert_eq!(
        (&row["status"], &row["priority"], &row["issue_type"]),
        (&json!("open"), &json!(2), &json!("task"))
    );
    assert_eq!(row["labels"], json!(["twinscribe", "discrepancy", "parameter.type"]));
    assert_eq!(row["created_at"], "2025-12-05T13:00:00Z");
    assert!(row.get("closed_at").is_none() && row["title"].as_str().unwrap().len() <= 500);
    let ours = &row["metadata"]["twinscribe"];
    assert_eq!((&ours["schema"], &ours["component"]), (&json!(1), &json!("m.f")));
    assert_eq!(ours["run_id"], "checkpoint_20251205_120000");
    assert_eq!(ours["expires_at"], "2025-12-07T13:00:00Z");
    let text = row["description"].as_str().unwrap();
    for part in [
        "str",
        "the annotation says `int`",
        "the signature has `x: int` (line 4)",
        "def f(x",
        "accept_a",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn every_answer_is_applied_once_and_holds_for_later_runs() {
    for decision in [
        Decision::AcceptA,
        Decision::AcceptB,
        Decision::Merge("int or\nstr".to_owned()),
        Decision::Neither("float".to_owned()),
    ] {
        let mut ground = ground();
        ground.run();
        ground.answer(decision.clone());
        let (opened, applied) = ground.run();
        assert_eq!((applied, opened.tickets.len()), (1, 1));
        let TicketState::Applied(answer) = ground.state() else {
            panic!("{:?}", ground.state());
        };
        assert_eq!(
            (answer.decision, answer.by.as_str(), answer.at),
            (decision, "ada", at(1))
        );
        let (opened, applied) = ground.run();
        assert_eq!((applied, opened.opened.len() + opened.reopened.len()), (0, 0));
        assert!(matches!(ground.state(), TicketState::Applied(_)));
    }
}

#[test]
fn answer_given_in_a_tracker_is_read() {
    let mut ground = ground();
    ground.run();
    ground.close("Resolution: NEITHER\nfloat");
    let TicketState::Answered(answer) = ground.state() else {
        panic!("{:?}", ground.state());
    };
    assert_eq!(answer.decision, Decision::Neither("float".to_owned()));
    assert_eq!(answer.at, UNIX_EPOCH + Duration::from_millis(1_764_934_200_500));
}

#[test]
fn answer_in_the_newest_comment_counts_where_the_reason_is_none() {
    let mut ground = ground();
    ground.run();
    ground.close("Closed");
    ground.edit(|row| {
        row["comments"] = json!([
            { "id": 1, "author": "bob", "text": "resolution: accept_a", "created_at": "2025-12-05T12:10:00Z" },
            { "id": 2, "author": "eve", "text": "resolution: accept_b", "created_at": "2025-12-05T12:20:00Z" },
            { "id": 3, "author": "eve", "text": "thanks", "created_at": "2025-12-05T12:25:00Z" },
        ]);
    });
    let TicketState::Answered(answer) = ground.state() else {
        panic!("{:?}", ground.state());
    };
    assert_eq!((answer.decision, answer.by.as_str()), (Decision::AcceptB, "eve"));
}

#[test]
fn unclear_answer_is_asked_about_once_and_never_guessed() {
    for reason in ["Closed", "resolution: merge", "resolution: both", ""] {
        let mut ground = ground();
        ground.run();
        ground.close(reason);
        assert!(
            matches!(ground.state(), TicketState::NeedsClarification(_)),
            "{reason:?}"
        );
        let (_, applied) = ground.run();
        assert_eq!(applied, 0);
        ground.run();
        assert_eq!(ground.row()["comments"].as_array().unwrap().len(), 1, "{reason:?}");
        ground.close("resolution: accept_a");
        assert_eq!(ground.run().1, 1);
    }
}

#[test]
fn answer_goes_stale_when_the_code_changes_and_the_question_is_put_again() {
    let mut ground = ground();
    ground.run();
    ground.answer(Decision::AcceptA);
    ground.run();
    ground.source_hash = 8;
    assert_eq!(answers(&ground.store, &oracle(8)).unwrap().stale.len(), 1);
    let (opened, applied) = ground.run();
    assert_eq!((opened.reopened.as_slice(), applied), (&[ID.to_owned()][..], 0));
    assert_eq!(ground.state(), TicketState::Open);
    let row = ground.row();
    assert!(row.get("closed_at").is_none() && row.get("close_reason").is_none());
    // The same answer again is a new one.
    ground.answer(Decision::AcceptA);
    assert_eq!(ground.run().1, 1);
}

#[test]
fn comment_from_before_a_question_was_put_again_is_no_answer_to_it() {
    let mut ground = ground();
    ground.run();
    ground.close("Closed");
    ground.edit(|row| {
        row["comments"] = json!([
            { "id": 1, "author": "bob", "text": "resolution: accept_a", "created_at": "2025-12-05T12:10:00Z" },
        ]);
    });
    assert_eq!(ground.run().1, 1);
    ground.source_hash = 8;
    ground.run();
    ground.close("done");
    assert!(matches!(ground.state(), TicketState::NeedsClarification(_)));
}

#[test]
fn open_question_follows_the_code_beneath_it() {
    let mut ground = ground();
    ground.run();
    ground.source_hash = 8;
    ground.run();
    let ticket = ground.store.get(KEY).unwrap();
    assert_eq!((ticket.source_hash, ticket.state), (8, TicketState::Open));
    assert_eq!(
        ticket.expires_at,
        Some(at(49)),
        "waiting goes on from when it was first put"
    );
    ground.answer(Decision::AcceptB);
    assert_eq!(ground.run().1, 1);
}

#[test]
fn ticket_is_withdrawn_when_its_difference_is_gone_and_put_again_when_it_is_back() {
    let mut ground = ground();
    ground.run();
    let (opened, _) = ground.run_with(&[]);
    assert_eq!(opened.withdrawn, [ID]);
    assert_eq!(ground.state(), TicketState::Withdrawn);
    assert!(ground.run_with(&[]).0.withdrawn.is_empty());
    let (opened, _) = ground.run();
    assert_eq!(
        (opened.reopened.as_slice(), opened.opened.len()),
        (&[ID.to_owned()][..], 0)
    );
    assert_eq!(ground.state(), TicketState::Open);
}

#[test]
fn tickets_of_another_repository_or_of_failed_components_stay() {
    let mut ground = ground();
    ground.run();
    let (failed, none) = (BTreeSet::from([Name::from("m.f")]), BTreeSet::new());
    for (repository, failed) in [("/other", &none), ("/repo", &failed)] {
        let asking = Asking {
            run_id: None,
            repository: Path::new(repository),
            streams: ["a", "b"],
            now: at(9),
            expires_at: None,
            source: &|_| None,
            failed,
        };
        let opened = open(&ground.store, &[], &oracle(7), &asking).unwrap();
        assert_eq!((opened.withdrawn.len(), ground.state()), (0, TicketState::Open));
    }
}

#[test]
fn ticket_expires_and_a_late_answer_still_counts() {
    let mut ground = ground();
    ground.run();
    assert!(expire(&ground.store, at(48)).unwrap().is_empty());
    assert_eq!(expire(&ground.store, at(49)).unwrap().len(), 1);
    assert_eq!(ground.state(), TicketState::Expired);
    let reason = ground.row()["close_reason"].as_str().unwrap().to_lowercase();
    for word in [
        "failed", "rejected", "wontfix", "cancel", "abandon", "blocked", "error", "timeout", "abort",
    ] {
        assert!(!reason.contains(word), "{word}");
    }
    let (opened, _) = ground.run();
    assert!(opened.reopened.is_empty());
    assert_eq!(opened.tickets[0].state, TicketState::Expired);
    ground.answer(Decision::AcceptA);
    assert_eq!(ground.run().1, 1);
}

#[test]
fn answer_that_the_code_refutes_is_sent_back() {
    let mut ground = ground();
    ground.run();
    ground.answer(Decision::AcceptA);
    send_back(&ground.store, ID, "the annotation says `int`.", at(2)).unwrap();
    assert_eq!(ground.state(), TicketState::Open);
    assert!(
        ground.row()["comments"][0]["text"]
            .as_str()
            .unwrap()
            .contains("annotation")
    );
}

#[test]
fn reopened_ticket_is_open_again() {
    let mut ground = ground();
    ground.run();
    ground.answer(Decision::AcceptA);
    ground.run();
    ground.edit(|row| {
        row["status"] = json!("open");
        row.as_object_mut().unwrap().remove("closed_at");
        row.as_object_mut().unwrap().remove("close_reason");
    });
    assert_eq!(ground.state(), TicketState::Open);
    assert!(answers(&ground.store, &oracle(7)).unwrap().is_empty());
}
