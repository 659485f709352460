//! Tickets in every store: one suite for the embedded file, for a tracker behind a `bd` that is made up, in each shape
//! of its answers, and for a real one where `TWINSCRIBE_TEST_BD` names it. Then how the made-up one goes wrong.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use twinscribe::model::claim::{Subject, Value};
use twinscribe::model::component::Name;
use twinscribe::model::discrepancy::{Discrepancy, DiscrepancyKind, Severity};
use twinscribe::model::documentation::{Documentation, Resolution};
use twinscribe::model::oracle::Oracle;
use twinscribe::model::ticket::{Decision, Ticket, TicketState};
use twinscribe::tickets::{
    self, Asking, Beads, BeadsStore, EmbeddedStore, Opened, TicketError, TicketStore, rebuild_tickets,
};

use crate::common::library::oracle_of;
use crate::common::{Scratch, manifest, python, say, skipped};

const KEY: &str = "0123456789abcdef";
const SOURCE: &str = "def f(x):\n    return x\n";

/// What a person does where they work.
trait Person {
    fn close(&self, id: &str, reason: &str);
    fn comment(&self, id: &str, text: &str);
    fn reopen(&self, id: &str);
    fn remove(&self, id: &str);
    /// Comments by this program on a ticket.
    fn comments(&self, id: &str) -> usize;
}

/// The embedded file, edited by hand.
struct File(PathBuf);

impl File {
    fn edit(&self, change: impl Fn(&mut Vec<Json>)) {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        let mut rows: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        change(&mut rows);
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(&self.0, text).unwrap();
    }

    fn edit_one(&self, id: &str, change: impl Fn(&mut Json)) {
        self.edit(|rows| change(rows.iter_mut().find(|row| row["id"] == id).unwrap()));
    }
}

fn spelled(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

impl Person for File {
    fn close(&self, id: &str, reason: &str) {
        self.edit_one(id, |row| {
            row["status"] = json!("closed");
            row["closed_at"] = json!(spelled(SystemTime::now()));
            row["close_reason"] = json!(reason);
        });
    }

    fn comment(&self, id: &str, text: &str) {
        self.edit_one(id, |row| {
            let comment = json!({ "id": 1, "author": "ada", "text": text, "created_at": spelled(SystemTime::now()) });
            row["comments"].as_array_mut().unwrap().push(comment);
        });
    }

    fn reopen(&self, id: &str) {
        self.edit_one(id, |row| {
            row["status"] = json!("open");
            row.as_object_mut().unwrap().remove("closed_at");
            row.as_object_mut().unwrap().remove("close_reason");
        });
    }

    fn remove(&self, id: &str) {
        self.edit(|rows| rows.retain(|row| row["id"] != id));
    }

    fn comments(&self, id: &str) -> usize {
        let text = std::fs::read_to_string(&self.0).unwrap();
        let rows: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let row = rows.iter().find(|row| row["id"] == id).unwrap();
        row["comments"].as_array().unwrap().len()
    }
}

/// A person at the command line of a tracker.
struct Shell {
    program: PathBuf,
    folder: PathBuf,
}

impl Shell {
    fn bd(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.program)
            .args(arguments)
            .arg("--json")
            .current_dir(&self.folder)
            .env("BD_NON_INTERACTIVE", "1")
            .env("BEADS_ACTOR", "ada")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Person for Shell {
    fn close(&self, id: &str, reason: &str) {
        self.bd(&["close", id, "-r", reason]);
    }

    fn comment(&self, id: &str, text: &str) {
        self.bd(&["comment", id, text]);
    }

    fn reopen(&self, id: &str) {
        self.bd(&["update", id, "--status", "open"]);
    }

    fn remove(&self, id: &str) {
        self.bd(&["delete", id]);
    }

    fn comments(&self, id: &str) -> usize {
        let text = self.bd(&["show", id, "--include-comments"]);
        text.matches("\"author\": \"twinscribe\"").count() + text.matches("\"author\":\"twinscribe\"").count()
    }
}

/// A store with its person, a repository, and a run at a time.
struct Ground {
    scratch: Scratch,
    store: Box<dyn TicketStore>,
    person: Box<dyn Person>,
    began: SystemTime,
    hour: u64,
    source: String,
}

impl Ground {
    fn of(scratch: Scratch, store: Box<dyn TicketStore>, person: Box<dyn Person>) -> Self {
        Self {
            scratch,
            store,
            person,
            began: SystemTime::now(),
            hour: 0,
            source: SOURCE.to_owned(),
        }
    }

    fn now(&self) -> SystemTime {
        self.began + Duration::from_secs(3600 * self.hour)
    }

    fn oracle(&self) -> Arc<Oracle> {
        self.scratch.write("repo/m.py", self.source.as_bytes());
        oracle_of(&self.scratch.repo())
    }

    /// One run: answers are looked up, the documentation is settled with them, tickets are brought in line.
    fn run_with(&mut self, keys: &[&str]) -> (Opened, usize) {
        let oracle = self.oracle();
        self.store.refresh();
        let answers = tickets::answers(&*self.store, &oracle).unwrap();
        let resolve = |key: &&str| answers.get(key).map(|_| Resolution::Human);
        let documentation = documentation(&oracle, keys, resolve);
        let applied = tickets::apply(&*self.store, &documentation, &answers, self.now()).unwrap();
        tickets::expire(&*self.store, self.now()).unwrap();
        let failed = BTreeSet::<Name>::new();
        let asking = Asking {
            run_id: Some("checkpoint_20251205_120000"),
            repository: Path::new("/repo"),
            streams: ["docstring", "code"],
            now: self.now(),
            expires_at: Some(self.now() + Duration::from_secs(48 * 3600)),
            source: &|_| Some(self.source.clone()),
            failed: &failed,
        };
        let opened = tickets::open(&*self.store, &documentation, &oracle, &asking).unwrap();
        (opened, applied.len())
    }

    fn run(&mut self) -> (Opened, usize) {
        self.run_with(&[KEY])
    }

    fn ticket(&self) -> Ticket {
        self.store.refresh();
        self.store.get(KEY).unwrap()
    }

    fn id(&self) -> String {
        self.ticket().id
    }

    fn close(&self, reason: &str) {
        self.person.close(&self.id(), reason);
    }
}

fn documentation(
    oracle: &Oracle,
    keys: &[&str],
    resolution: impl Fn(&&str) -> Option<Resolution>,
) -> Vec<Documentation> {
    let component = oracle.find("m.f").unwrap();
    let discrepancies = keys.iter().map(|key| Discrepancy {
        key: (*key).to_owned(),
        component,
        kind: DiscrepancyKind::ParameterType,
        subject: Subject::ParameterType("x".into()),
        a: Some(Value::text("str")),
        b: Some(Value::text("int")),
        severity: Severity::Medium,
        resolution: resolution(key),
        blocking: None,
        similarity: 0.0,
        reason: "the code does not say".to_owned(),
    });
    vec![Documentation {
        component,
        claims: Vec::new(),
        dropped: Vec::new(),
        discrepancies: discrepancies.collect(),
    }]
}

fn embedded() -> Ground {
    let scratch = Scratch::new();
    let dir = scratch.path("checkpoints");
    let person = File(dir.join("tickets.jsonl"));
    Ground::of(scratch, Box::new(EmbeddedStore::open(&dir)), Box::new(person))
}

/// A tracker behind the made-up `bd`; none where there is no Python.
fn made_up(mode: &str) -> Option<Ground> {
    let scratch = Scratch::new();
    let program = install(&scratch, mode)?;
    let folder = scratch.path("repo");
    let beads = Beads::probe(program.clone(), folder.clone(), Duration::from_secs(60)).unwrap();
    let store = BeadsStore::new(beads, &scratch.path("checkpoints"));
    Some(Ground::of(
        scratch,
        Box::new(store),
        Box::new(Shell { program, folder }),
    ))
}

/// Puts the made-up program into `bin`, and a tracker into `repo`.
fn install(scratch: &Scratch, mode: &str) -> Option<PathBuf> {
    let python = python(8)?;
    // The interpreter itself: whatever stands in for it on the path is slow to start.
    let found = Command::new(python)
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .ok()?;
    let interpreter = String::from_utf8(found.stdout).ok()?;
    let script = std::fs::read_to_string(manifest().join("tests/fake_bd.py")).unwrap();
    let script = script.replacen("#!/usr/bin/env python3", &format!("#!{}", interpreter.trim()), 1);
    scratch.write("bin/bd", script.as_bytes());
    scratch.write("bin/mode", mode.as_bytes());
    scratch.write("repo/.beads/metadata.json", b"{}");
    let program = scratch.path("bin/bd");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    Some(program)
}

/// A tracker of a real program, made for the test.
fn real(program: &Path) -> Ground {
    let scratch = Scratch::new();
    let folder = scratch.path("repo");
    std::fs::create_dir_all(&folder).unwrap();
    let made = Command::new(program)
        .args([
            "init",
            "-p",
            "ts",
            "--non-interactive",
            "--skip-hooks",
            "--skip-agents",
            "--stealth",
            "-q",
        ])
        .current_dir(&folder)
        .status()
        .unwrap();
    assert!(made.success());
    let beads = Beads::probe(program.to_owned(), folder.clone(), Duration::from_secs(60)).unwrap();
    let store = BeadsStore::new(beads, &scratch.path("checkpoints"));
    let person = Shell {
        program: program.to_owned(),
        folder,
    };
    Ground::of(scratch, Box::new(store), Box::new(person))
}

/// A case of the suite.
type Case = (&'static str, fn(Ground));

/// The suite, on fresh ground for each case.
fn conforms(name: &str, fresh: &dyn Fn() -> Ground) {
    let cases: [Case; 11] = [
        ("five runs put one ticket", five_runs),
        ("every answer is applied once", every_answer),
        ("an answer in a comment", answer_in_a_comment),
        ("an unclear answer", unclear),
        ("a refuted answer", refuted),
        ("a stale answer", stale),
        ("a difference that is gone", withdrawn),
        ("a ticket that a person opens again", reopened),
        ("a ticket that nobody answers", expired_and_late),
        ("a person's own answer through the program", through_the_program),
        ("rebuild tickets", rebuild),
    ];
    for (case, check) in cases {
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(fresh())));
        assert!(checked.is_ok(), "{name:?}: {case}");
    }
}

fn five_runs(mut ground: Ground) {
    assert_eq!(ground.run().0.opened.len(), 1);
    for _ in 0..4 {
        ground.hour += 1;
        let (opened, _) = ground.run();
        assert!(
            opened.opened.is_empty() && opened.reopened.is_empty() && opened.withdrawn.is_empty(),
            "{opened:?}"
        );
        assert_eq!(opened.tickets.len(), 1);
    }
    ground.store.refresh();
    let all = ground.store.list().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].a.as_ref(), all[0].state.clone()),
        (Some(&Value::text("str")), TicketState::Open)
    );
    assert_eq!(ground.store.lines().unwrap().len(), 1);
}

fn every_answer(mut ground: Ground) {
    ground.run();
    for (reason, decision) in [
        ("resolution: accept_a", Decision::AcceptA),
        ("Resolution: ACCEPT_B", Decision::AcceptB),
        ("resolution: merge int | str", Decision::Merge("int | str".to_owned())),
        ("resolution: manual int", Decision::Merge("int".to_owned())),
        ("resolution: neither float", Decision::Neither("float".to_owned())),
    ] {
        ground.close(reason);
        assert!(
            matches!(&ground.ticket().state, TicketState::Answered(a) if a.decision == decision),
            "{reason}"
        );
        assert_eq!(ground.run().1, 1, "{reason}");
        assert!(
            matches!(&ground.ticket().state, TicketState::Applied(a) if a.decision == decision),
            "{reason}"
        );
        let (opened, applied) = ground.run();
        assert_eq!((applied, opened.reopened.len()), (0, 0), "{reason}: once");
    }
}

fn answer_in_a_comment(mut ground: Ground) {
    ground.run();
    let id = ground.id();
    ground.person.comment(&id, "resolution: accept_b");
    ground.person.comment(&id, "I am sure.");
    assert_eq!(
        ground.ticket().state,
        TicketState::Open,
        "an answer counts once the ticket is closed"
    );
    ground.close("done");
    let TicketState::Answered(answer) = ground.ticket().state else {
        panic!("{:?}", ground.ticket().state);
    };
    assert_eq!((answer.decision, answer.by.as_str()), (Decision::AcceptB, "ada"));
    assert_eq!(ground.run().1, 1);
}

fn unclear(mut ground: Ground) {
    ground.run();
    ground.close("Closed");
    for _ in 0..3 {
        let (opened, applied) = ground.run();
        assert_eq!((applied, opened.reopened.len()), (0, 0));
    }
    assert!(matches!(ground.ticket().state, TicketState::NeedsClarification(_)));
    assert_eq!(ground.person.comments(&ground.id()), 1, "said once");
    ground.close("resolution: accept_a");
    assert_eq!(ground.run().1, 1);
}

fn refuted(mut ground: Ground) {
    ground.run();
    ground.close("resolution: accept_a");
    tickets::send_back(&*ground.store, &ground.id(), "the annotation says `int`.", ground.now()).unwrap();
    assert_eq!(ground.ticket().state, TicketState::Open);
    assert_eq!(ground.person.comments(&ground.id()), 1);
    assert_eq!(ground.run().1, 0);
    ground.close("resolution: accept_b");
    assert_eq!(ground.run().1, 1);
}

fn stale(mut ground: Ground) {
    ground.run();
    ground.close("resolution: accept_a");
    assert_eq!(ground.run().1, 1);
    ground.source = SOURCE.replace("return x", "return -x");
    let (opened, applied) = ground.run();
    assert_eq!((opened.reopened.len(), applied), (1, 0));
    assert_eq!(ground.ticket().state, TicketState::Open);
    // The same answer again is a new one.
    ground.close("resolution: accept_a");
    assert_eq!(ground.run().1, 1);
}

fn withdrawn(mut ground: Ground) {
    ground.run();
    assert_eq!(ground.run_with(&[]).0.withdrawn.len(), 1);
    assert_eq!(ground.ticket().state, TicketState::Withdrawn);
    assert!(ground.run_with(&[]).0.withdrawn.is_empty());
    let (opened, _) = ground.run();
    assert_eq!((opened.reopened.len(), opened.opened.len()), (1, 0));
    assert_eq!(ground.ticket().state, TicketState::Open);
}

fn reopened(mut ground: Ground) {
    ground.run();
    ground.close("resolution: accept_a");
    ground.run();
    ground.person.reopen(&ground.id());
    assert_eq!(ground.ticket().state, TicketState::Open);
    assert!(tickets::answers(&*ground.store, &ground.oracle()).unwrap().is_empty());
    let (opened, applied) = ground.run();
    assert_eq!((opened.opened.len(), applied), (0, 0), "it is asked already");
}

fn expired_and_late(mut ground: Ground) {
    ground.run();
    ground.hour = 47;
    ground.run();
    assert_eq!(ground.ticket().state, TicketState::Open);
    ground.hour = 49;
    let (opened, _) = ground.run();
    assert_eq!(opened.tickets[0].state, TicketState::Expired);
    ground.run();
    assert_eq!(ground.ticket().state, TicketState::Expired, "it is not put again");
    ground.close("resolution: accept_a");
    assert_eq!(ground.run().1, 1, "a late answer still counts");
}

fn through_the_program(mut ground: Ground) {
    ground.run();
    let id = ground.id();
    let answer = |decision| ground.store.answer(&id, decision, "eve", ground.now());
    assert!(matches!(
        answer(Decision::Merge(" ".to_owned())),
        Err(TicketError::NoText { .. })
    ));
    let ticket = answer(Decision::Neither("float\nor more".to_owned())).unwrap();
    let TicketState::Answered(answer) = ticket.state else {
        panic!("{:?}", ticket.state);
    };
    assert_eq!(answer.decision, Decision::Neither("float\nor more".to_owned()));
    assert_eq!(answer.by, "eve");
    assert!(matches!(ground.store.get("ts-none"), Err(TicketError::NotFound { .. })));
    assert_eq!(ground.run().1, 1);
}

fn rebuild(mut ground: Ground) {
    let (opened, _) = ground.run();
    let oracle = ground.oracle();
    let open = documentation(&oracle, &[KEY], |_| None);
    let lines: String = rebuild_tickets(&open, &oracle, &opened.tickets, ground.now())
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(
        lines.contains(&format!("\"depends_on_id\":\"{}\"", opened.tickets[0].id)),
        "{lines}"
    );
    ground.store.import(&lines).unwrap();
    ground.store.import(&lines).unwrap();
    ground.store.refresh();
    assert_eq!(
        ground.store.list().unwrap().len(),
        1,
        "rebuild tickets are no questions"
    );
    let (opened, _) = ground.run();
    assert!(opened.opened.is_empty() && opened.reopened.is_empty());
}

#[test]
fn embedded_store_conforms() {
    conforms("embedded", &embedded);
}

#[test]
fn tracker_conforms_in_every_shape_of_its_answers() {
    if made_up("").is_none() {
        return skipped("tracker behind a made-up bd", "there is no Python");
    }
    conforms("arrays", &|| made_up("").unwrap());
    for mode in ["object\n", "envelope\n", "envelope\nobject\n"] {
        answer_in_a_comment(made_up(mode).unwrap());
        refuted(made_up(mode).unwrap());
    }
}

#[test]
fn real_tracker_conforms() {
    let Some(program) = std::env::var_os("TWINSCRIBE_TEST_BD").map(PathBuf::from) else {
        return skipped("a real Beads tracker", "TWINSCRIBE_TEST_BD names no program");
    };
    conforms("real", &|| real(&program));
    say("a real Beads tracker conforms");
}

fn mode(ground: &Ground, mode: &str) {
    ground.scratch.write("bin/mode", mode.as_bytes());
}

fn calls(ground: &Ground) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(ground.scratch.path("bin/calls")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn ticket_that_a_person_removes_from_a_tracker_is_withdrawn_for_good() {
    let Some(mut ground) = made_up("") else {
        return skipped("removed ticket", "there is no Python");
    };
    ground.run();
    let id = ground.id();
    ground.person.remove(&id);
    for _ in 0..2 {
        let (opened, _) = ground.run();
        assert!(opened.opened.is_empty() && opened.reopened.is_empty(), "{opened:?}");
        assert_eq!(opened.tickets[0].state, TicketState::Withdrawn);
    }
}

#[test]
fn looking_again_costs_one_list_and_details_only_of_what_has_changed() {
    let Some(mut ground) = made_up("") else {
        return skipped("cost of looking", "there is no Python");
    };
    let keys: Vec<String> = (0..120).map(|n| format!("{n:08x}")).collect();
    ground.run_with(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let before = calls(&ground);
    assert_eq!(
        before.iter().filter(|c| c[0] == "import").count(),
        1,
        "all were put at once"
    );
    assert!(before.iter().all(|c| c[0] != "init" && c[0] != "create"), "{before:?}");
    let since = |n: usize| calls(&ground)[n..].iter().map(|c| c[0].clone()).collect::<Vec<_>>();
    let look = || {
        ground.store.refresh();
        assert_eq!(ground.store.list().unwrap().len(), 120);
        ground.store.list().unwrap();
    };
    let n = before.len();
    look();
    assert_eq!(since(n), ["list"]);
    ground.person.comment("ts-00000007", "resolution: accept_a");
    ground.person.close("ts-00000007", "done");
    let n = calls(&ground).len();
    look();
    assert_eq!(since(n), ["list", "show"]);
    let n = calls(&ground).len();
    look();
    assert_eq!(since(n), ["list"], "its comments are known");
}

#[test]
fn what_goes_wrong_in_a_tracker_is_told_and_loses_nothing() {
    if made_up("").is_none() {
        return skipped("a tracker that goes wrong", "there is no Python");
    }
    for (wrong, said) in [
        ("fail list", "this went wrong on purpose"),
        ("truncate list", "its answer is no JSON"),
        ("garbage list", "its answer is no JSON"),
    ] {
        let mut ground = made_up("").unwrap();
        ground.run();
        mode(&ground, wrong);
        ground.store.refresh();
        let error = ground.store.list().unwrap_err();
        assert!(error.to_string().contains(said), "{wrong}: {error}");
        assert!(error.hint().contains("--tickets embedded"), "{}", error.hint());
        mode(&ground, "");
        assert_eq!(ground.ticket().state, TicketState::Open, "{wrong}");
    }
    // A command that says it went well and did nothing.
    let mut ground = made_up("").unwrap();
    ground.run();
    mode(&ground, "deaf");
    let answered = ground.store.answer(KEY, Decision::AcceptA, "ada", ground.now());
    assert!(matches!(answered, Err(TicketError::Tracker { .. })), "{answered:?}");
    // Locks pass.
    mode(&ground, "locked 3");
    assert_eq!(ground.ticket().state, TicketState::Open);
    // A lock that does not pass is told.
    mode(&ground, "locked 99");
    ground.store.refresh();
    assert!(ground.store.list().unwrap_err().to_string().contains("locked"));
}

#[test]
fn tracker_that_hangs_is_not_waited_for_for_ever() {
    let scratch = Scratch::new();
    let Some(program) = install(&scratch, "") else {
        return skipped("a tracker that hangs", "there is no Python");
    };
    // Long enough for a busy machine to start an interpreter, and far shorter than the tracker hangs.
    let beads = Beads::probe(program, scratch.path("repo"), Duration::from_secs(10)).unwrap();
    let store = BeadsStore::new(beads, &scratch.path("checkpoints"));
    scratch.write("bin/mode", b"hang list");
    let began = std::time::Instant::now();
    let error = store.list().unwrap_err();
    assert!(error.to_string().contains("in time"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(300));
}

#[test]
fn look_alikes_are_not_trusted() {
    for (mode, said) in [
        ("lookalike", "not Beads' own"),
        ("old", "0.49"),
        ("hang version", "in time"),
    ] {
        let scratch = Scratch::new();
        let Some(program) = install(&scratch, mode) else {
            return skipped("look-alikes", "there is no Python");
        };
        let patience = Duration::from_secs(if mode == "hang version" { 2 } else { 60 });
        let refused = Beads::probe(program, scratch.path("repo"), patience).unwrap_err();
        assert!(refused.to_string().contains(said), "{mode}: {refused}");
    }
}

#[test]
fn many_changes_at_once_go_one_after_the_other() {
    let Some(mut ground) = made_up("") else {
        return skipped("changes at once", "there is no Python");
    };
    let keys: Vec<String> = (0..6).map(|n| format!("{n}aaaaaaa")).collect();
    ground.run_with(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for key in &keys {
            let (store, now) = (&ground.store, ground.now());
            scope.spawn(move || store.answer(key, Decision::AcceptA, "ada", now).unwrap());
        }
    });
    ground.store.refresh();
    let states: HashSet<bool> = ground
        .store
        .list()
        .unwrap()
        .iter()
        .map(|t| matches!(t.state, TicketState::Answered(_)))
        .collect();
    assert_eq!(states, HashSet::from([true]));
}

#[test]
fn both_stores_are_brought_in_line() {
    let Some(mut ground) = made_up("") else {
        return skipped("syncing", "there is no Python");
    };
    let here = EmbeddedStore::open(&ground.scratch.path("here"));
    let there = std::mem::replace(&mut ground.store, Box::new(here.clone()));
    ground.run_with(&["1aaaaaaa", "2aaaaaaa", "3aaaaaaa"]);
    let sync = || tickets::sync(&here, &*there, ground.now()).unwrap();
    let first = sync();
    assert_eq!((first.put, first.taken, first.given), (3, 0, 0));
    ground.person.close("ts-1aaaaaaa", "resolution: neither float");
    here.answer("ts-2aaaaaaa", Decision::AcceptB, "eve", ground.now())
        .unwrap();
    let second = sync();
    assert_eq!((second.put, second.taken, second.given), (0, 1, 1));
    let third = sync();
    assert_eq!((third.put, third.taken, third.given), (0, 0, 0));
    let state = |store: &dyn TicketStore, id: &str| {
        store.refresh();
        match store.get(id).unwrap().state {
            TicketState::Answered(answer) => Some(answer.decision),
            _ => None,
        }
    };
    for store in [&here as &dyn TicketStore, &*there] {
        assert_eq!(state(store, "ts-1aaaaaaa"), Some(Decision::Neither("float".to_owned())));
        assert_eq!(state(store, "ts-2aaaaaaa"), Some(Decision::AcceptB));
        assert_eq!(state(store, "ts-3aaaaaaa"), None);
    }
}

#[test]
fn program_reaches_a_tracker_and_falls_back_where_it_cannot() {
    let scratch = Scratch::with(&[("m.py", SOURCE.as_bytes())]);
    if install(&scratch, "").is_none() {
        return skipped("the program and a tracker", "there is no Python");
    }
    let path = std::env::join_paths([scratch.path("bin")]).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = scratch.scrubbed(&crate::common::program());
        command.args(arguments).env("PATH", &path);
        crate::common::finish(command)
    };
    let document = [
        "document",
        "repo",
        "--output",
        "out",
        "--checkpoint-dir",
        "checkpoints",
        "--tickets",
        "beads",
    ];
    let went_well = run(&document);
    assert!(
        went_well.expect_no_panic().code == Some(0) && !went_well.stderr.contains("warning"),
        "{went_well:?}"
    );
    let listed = run(&["tickets", "list", "--checkpoint-dir", "checkpoints"]);
    listed.expect_code(0);
    assert!(listed.stdout.contains("no tickets"), "{listed:?}");
    run(&[
        "tickets",
        "sync",
        "--checkpoint-dir",
        "checkpoints",
        "--rebuild",
        "out/rebuild_tickets.jsonl",
    ])
    .expect_code(0)
    .expect_stderr("rebuild tickets");
    run(&["tickets", "export", "--checkpoint-dir", "checkpoints"]).expect_code(0);
    scratch.write("bin/mode", b"lookalike");
    run(&document)
        .expect_code(0)
        .expect_stderr("not Beads' own")
        .expect_stderr("instead");
    run(&["tickets", "sync", "--checkpoint-dir", "checkpoints"])
        .expect_code(2)
        .expect_stderr("tickets export");
    // What fails in the middle of a run ends it, resumable; and nothing is lost.
    scratch.write("bin/mode", b"fail list");
    let failed = run(&document);
    failed
        .expect_no_panic()
        .expect_stderr("on purpose")
        .expect_stderr("twinscribe resume");
    scratch.write("bin/mode", b"");
    run(&["resume", "--checkpoint-dir", "checkpoints"]).expect_code(0);
    std::fs::remove_dir_all(scratch.path("repo/.beads")).unwrap();
    run(&document).expect_code(0).expect_stderr("No Beads tracker");
}

#[test]
fn program_lists_shows_answers_and_exports_a_ticket() {
    let mut ground = embedded();
    ground.run();
    let id = ground.id();
    let run = |arguments: &[&str]| {
        let run = ground
            .scratch
            .run(&[arguments, &["--checkpoint-dir", "checkpoints"]].concat());
        run.expect_no_panic();
        run
    };
    let listed = run(&["tickets", "list"]);
    assert!(listed.expect_code(0).stdout.contains(&id), "{listed:?}");
    let shown = run(&["tickets", "show", &id]);
    for word in ["m.f", "str", "int", "tickets resolve"] {
        assert!(shown.expect_code(0).stdout.contains(word), "{word}: {shown:?}");
    }
    let exported = run(&["tickets", "export"]);
    let row: Json = serde_json::from_str(exported.expect_code(0).stdout.trim()).unwrap();
    assert_eq!(row["id"], json!(id));
    run(&["tickets", "resolve", "ts-nothing", "-a"])
        .expect_code(2)
        .expect_stderr("tickets list");
    run(&["tickets", "resolve", &id, "--merge", "int | str", "--by", "ada"])
        .expect_code(0)
        .expect_stderr("the next run applies it");
    let TicketState::Answered(answer) = ground.ticket().state else {
        panic!("{:?}", ground.ticket())
    };
    assert_eq!(
        (answer.decision, answer.by.as_str()),
        (Decision::Merge("int | str".to_owned()), "ada")
    );
    let open = run(&["tickets", "list", "--state", "open"]);
    assert!(!open.expect_code(0).stdout.contains(&id), "{open:?}");
}
