//! Kill and resume: a run that is killed at any moment and taken up again ends with the package of one left alone,
//! and asks nobody again for what was durable.
//!
//! The process to be killed is this test binary, which runs itself with [`child`] as its only test: scripted streams
//! of 5 to 20 ms a component, which disagree, are corrected, and agree, so that there is something to lose in every
//! phase. Half of the kills fall right after a write of the checkpoint's files, half at any moment. The streams count
//! their calls, and what they counted is held against the journal as it was found after each death.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use twinscribe::checkpoint::{CheckpointStore, Record, RunHeader, RunResults};
use twinscribe::config::Config;
use twinscribe::model::claim::{Claim, Subject, Value};
use twinscribe::model::component::ComponentKind;
use twinscribe::model::documentation::{Draft, StreamId};
use twinscribe::pipeline::Job;
use twinscribe::report::package::{self, Extras};
use twinscribe::streams::code::Code;
use twinscribe::streams::{Documenter, Drafting, Request};

use crate::common::library::{block_on, oracle_of, run};
use crate::common::{Scratch, assert_same_package, files_below, say};

/// Where the child works; without it, [`child`] does nothing.
const PLACE: &str = "TWINSCRIBE_TEST_KILL_PLACE";
/// Kills, unless [`KILLS_ASKED`] says otherwise.
const KILLS: usize = 100;
const KILLS_ASKED: &str = "TWINSCRIBE_TEST_KILLS";
/// The first of the random numbers, so that many processes can share a thousand kills.
const SEED_ASKED: &str = "TWINSCRIBE_TEST_KILL_SEED";
/// Components in flight in both streams together, and as many whose intent is saved while they wait for a place.
const IN_FLIGHT: usize = 40;
const PATIENCE: Duration = Duration::from_secs(120);

/// A stream that takes its time, says something false of some components until it is corrected, and writes down
/// every call.
struct Scripted {
    stream: StreamId,
    calls: PathBuf,
}

impl Scripted {
    fn name(&self) -> &'static str {
        match self.stream {
            StreamId::A => "scripted:a",
            StreamId::B => "scripted:b",
        }
    }

    fn note(&self, iteration: u32, component: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.calls).unwrap();
        file.write_all(format!("{} {iteration} {component}\n", self.name()).as_bytes())
            .unwrap();
    }
}

/// The same number for the same text, in any process.
fn number(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl Documenter for Scripted {
    fn name(&self) -> &str {
        Scripted::name(self)
    }

    fn version(&self) -> &str {
        "1"
    }

    fn is_embedded(&self) -> bool {
        false
    }

    fn witnesses_edges(&self) -> bool {
        true
    }

    fn restates_oracle(&self) -> bool {
        false
    }

    fn uses_context(&self) -> bool {
        true
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(async move {
            let component = request.oracle.component(request.component);
            self.note(request.iteration, &component.id);
            let seed = number(&format!("{} {}", self.name(), component.id));
            tokio::time::sleep(Duration::from_millis(5 + seed % 16)).await;
            let draft = Code.document(request).await?.draft;
            let mut claims = draft.claims;
            let is_function = !matches!(component.kind, ComponentKind::Module | ComponentKind::Class);
            // Once corrected, one of two sees reason at once, the other only the second time.
            let patience = if seed.is_multiple_of(2) { 1 } else { 2 };
            if is_function && seed.is_multiple_of(5) && request.iteration <= patience {
                let lie = Subject::Parameter("never_there".into());
                claims.push(Claim::said(lie, Value::Present, 0.9, None));
            }
            // Two places that nothing settles, so that the end has something open to list.
            if self.stream == StreamId::A && component.id.ends_with("Inventory.find") {
                claims.retain(|c| c.subject != Subject::Summary);
                let text = Value::text("Bakes bread at night.");
                claims.push(Claim::said(Subject::Summary, text, 0.9, None));
            }
            Ok(Draft::new(draft.component, claims).into())
        })
    }
}

/// The process that is killed: begins a run or takes up what is there, and writes the package at its end.
#[test]
fn child() {
    let Some(place) = std::env::var_os(PLACE).map(PathBuf::from) else {
        return;
    };
    let repository = place.join("repo").canonicalize().unwrap();
    let oracle = oracle_of(&repository);
    let config = Config {
        output: place.join("out"),
        ..Config::default()
    };
    let streams = [StreamId::A, StreamId::B].map(|stream| {
        Arc::new(Scripted {
            stream,
            calls: place.join("calls.log"),
        }) as Arc<dyn Documenter>
    });
    let store = CheckpointStore::open(&place.join("checkpoints")).unwrap();
    let found = store.load(None).ok();
    let mut job = Job::new(oracle, streams, config.clone());
    let writer = if let Some(found) = found {
        if found.finished {
            return;
        }
        let (writer, recovered) = store.resume(&found.run_id).unwrap();
        job = job.resuming(recovered.restatement());
        // As the program does: what was in flight is no longer.
        block_on(writer.record(Record::Restated(Box::new(recovered.restatement())))).unwrap();
        writer
    } else {
        store
            .begin(RunHeader {
                repository,
                output: config.output.clone(),
                options: config.clone(),
                program: "test".to_owned(),
                created_at: SystemTime::now(),
            })
            .unwrap()
    };
    job.publish = Some(Box::new(|outcome| {
        package::write(outcome, Extras::default(), &config.output).map_err(Into::into)
    }));
    let outcome = run(job.saved_to(&writer)).unwrap();
    block_on(writer.finish(RunResults::from(&outcome))).unwrap();
}

fn start(place: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture", "--test-threads", "1"])
        .env(PLACE, place)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run_to_its_end(place: &Path) {
    let output = start(place).wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Bytes in the checkpoint folder: they change with every write.
fn bytes_saved(place: &Path) -> u64 {
    let mut sum = 0;
    let mut folders = vec![place.join("checkpoints")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.metadata() {
                Ok(m) if m.is_dir() => folders.push(entry.path()),
                Ok(m) => sum += m.len(),
                Err(_) => {}
            }
        }
    }
    sum
}

/// When to kill.
#[derive(Clone, Copy, Debug)]
enum Moment {
    After(Duration),
    AfterWrite(u64),
}

/// Starts the run and kills it; false where it had ended before.
fn kill_at(place: &Path, moment: Moment) -> bool {
    let mut child = start(place);
    let began = Instant::now();
    let mut writes = 0;
    let mut size = bytes_saved(place);
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        let is_time = match moment {
            Moment::After(time) => began.elapsed() >= time,
            Moment::AfterWrite(count) => {
                let now = bytes_saved(place);
                writes += u64::from(now != size);
                size = now;
                writes >= count
            }
        };
        if is_time {
            // SIGKILL: nothing of the process runs after it.
            child.kill().unwrap();
            let status = child.wait().unwrap();
            return !status.success();
        }
        assert!(began.elapsed() < PATIENCE, "the run does not end");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// A generator of numbers that are the same in every run of the test.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// How often each question was put, by stream, iteration and component.
fn asked(place: &Path) -> BTreeMap<String, usize> {
    let log = std::fs::read_to_string(place.join("calls.log")).unwrap_or_default();
    let mut asked = BTreeMap::new();
    for line in log.lines() {
        *asked.entry(line.to_owned()).or_default() += 1;
    }
    asked
}

/// How often questions were put beyond the first time.
fn asked_again(place: &Path) -> usize {
    asked(place).values().map(|n| n - 1).sum()
}

/// What a dead process left: the questions it had put, and what its journal has of them.
#[derive(Default)]
struct Left {
    asked: BTreeMap<String, usize>,
    intended: BTreeSet<String>,
    answered: BTreeSet<String>,
}

impl Left {
    fn by(place: &Path) -> Self {
        let mut left = Self {
            asked: asked(place),
            ..Self::default()
        };
        let Ok(store) = CheckpointStore::open_existing(&place.join("checkpoints")) else {
            return left;
        };
        let Ok(found) = store.load(None) else { return left };
        let export = store.export(&found.run_id).unwrap();
        for entry in export["journal"].as_array().unwrap() {
            for (kind, set) in [
                ("call_started", &mut left.intended),
                ("draft_finished", &mut left.answered),
            ] {
                let record = &entry["record"][kind];
                let (call, stream) = match kind {
                    "call_started" => (&record["call"], &record["call"]["role"]),
                    _ => (record, &record["stream"]),
                };
                if let (Some(stream), Some(component)) = (stream.as_str(), call["component"].as_str()) {
                    let stream = stream.trim_start_matches("documenter_");
                    set.insert(format!("scripted:{stream} {} {component}", call["iteration"]));
                }
            }
        }
        left
    }

    /// Holds the end of the run against what was left: no call left without its intent, none that the journal has an
    /// answer to was made again, and what was made again had been in flight.
    fn check(&self, place: &Path, what: &str) -> usize {
        for call in self.asked.keys() {
            assert!(
                self.intended.contains(call),
                "{what}: {call} left before its intent was durable"
            );
        }
        let mut again = 0;
        for (call, times) in asked(place) {
            let before = self.asked.get(&call).copied().unwrap_or(0);
            let repeated = before > 0 && times > before;
            assert!(
                !(repeated && self.answered.contains(&call)),
                "{what}: {call} was journaled and was made again"
            );
            again += usize::from(repeated);
        }
        let in_flight = self.asked.keys().filter(|call| !self.answered.contains(*call)).count();
        assert!(
            again <= in_flight && again <= IN_FLIGHT,
            "{what}: {again} of {in_flight} calls were made again"
        );
        again
    }
}

fn fresh() -> Scratch {
    Scratch::with_fixture("stockroom")
}

#[test]
fn killed_at_any_moment_and_resumed_it_ends_with_the_same_package() {
    let asked_for = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<usize>().ok());
    let wanted = asked_for(KILLS_ASKED).unwrap_or(KILLS);
    let reference = fresh();
    let began = Instant::now();
    run_to_its_end(&reference.path(""));
    let length = began.elapsed();
    assert_eq!(asked_again(&reference.path("")), 0, "an undisturbed run asks once");
    let counted = fresh();
    let mut writes = 0;
    while kill_at(&counted.path(""), Moment::AfterWrite(writes + 1)) {
        writes += 25;
        std::fs::remove_dir_all(counted.path("checkpoints")).unwrap();
    }

    let mut dice = Dice(asked_for(SEED_ASKED).map_or(0x5eed, |seed| seed as u64 + 1));
    let (mut kills, mut tries, mut worst) = (0, 0, 0);
    while kills < wanted {
        tries += 1;
        assert!(tries < 10 * wanted, "{kills} kills in {tries} tries");
        let place = fresh();
        let moment = if kills % 2 == 0 {
            Moment::AfterWrite(1 + dice.below(writes.max(10)))
        } else {
            let micros = u64::try_from(length.as_micros()).unwrap();
            Moment::After(Duration::from_micros(dice.below(micros)))
        };
        if !kill_at(&place.path(""), moment) {
            continue;
        }
        kills += 1;
        let what = format!("kill {kills} ({moment:?})");
        let mut left = Left::by(&place.path(""));
        // Every fifth is killed again while it resumes.
        if kills % 5 == 0 && kill_at(&place.path(""), Moment::AfterWrite(1 + dice.below(20))) {
            worst = worst.max(left.check(&place.path(""), &what));
            kills += 1;
            left = Left::by(&place.path(""));
        }
        run_to_its_end(&place.path(""));
        assert_same_package(&reference.path("out"), &place.path("out"), &what);
        worst = worst.max(left.check(&place.path(""), &what));
    }
    say(&format!(
        "killed {kills} times ({tries} tries; a run takes {length:.2?} and about {writes} writes): every resumed run \
         ended with the package of one left alone, no journaled call was made again, {worst} in flight were at worst"
    ));
}

#[test]
fn finished_run_is_not_run_again() {
    let place = fresh();
    run_to_its_end(&place.path(""));
    let calls = std::fs::read(place.path("calls.log")).unwrap();
    let package = files_below(&place.path("out"));
    run_to_its_end(&place.path(""));
    assert_eq!(std::fs::read(place.path("calls.log")).unwrap(), calls);
    let unchanged = files_below(&place.path("out")) == package;
    assert!(unchanged, "the package was written again");
}
