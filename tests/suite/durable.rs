//! The disk from outside: what the system refuses ends a run with the documented code and a word on what to do, and
//! leaves what was saved before readable. Several processes on one folder; what saving costs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use twinscribe::checkpoint::{CheckpointError, CheckpointStore, Record, RunHeader};
use twinscribe::config::Config;
use twinscribe::model::claim::{Claim, Subject, Value};
use twinscribe::model::documentation::{Draft, StreamId};
use twinscribe::model::usage::Receipt;
use twinscribe::pipeline::Job;
use twinscribe::streams::Documenter;
use twinscribe::streams::scripted::Scripted;

use crate::common::library::{block_on, oracle_of, run};
use crate::common::{Run, Scratch, files_below, finish, fixture, program, say, skipped};

/// What every kind of fault has to leave: the first run, whole.
#[track_caller]
fn first_run_is_whole(scratch: &Scratch, run: &str, what: &str) {
    let verified = scratch.run(&["checkpoints", "verify", run, "--checkpoint-dir", "checkpoints"]);
    assert_eq!(verified.code, Some(0), "{what}: {verified:?}");
}

fn first_run(scratch: &Scratch) -> String {
    scratch.document(&["--fail-on", "never"]).expect_code(0);
    let runs = scratch.run(&["runs", "list", "--format", "json", "--checkpoint-dir", "checkpoints"]);
    let runs: serde_json::Value = serde_json::from_str(&runs.stdout).unwrap();
    runs[0]["id"].as_str().unwrap().to_owned()
}

/// A fault that was told, or none that mattered.
#[track_caller]
fn is_told(run: &Run, what: &str) {
    run.expect_no_panic();
    assert!(matches!(run.code, Some(0 | 2)), "{what}: {run:?}");
    if run.code == Some(2) {
        assert!(
            run.stderr.contains("failed to") && run.stderr.contains("hint:"),
            "{what}: {run:?}"
        );
    }
}

fn strace_works() -> bool {
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=none", "-e", "inject=fsync:error=EIO", "true"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn refusals_of_the_system_are_told_and_leave_what_was_saved() {
    if !strace_works() {
        return skipped("refusals of the system", "strace cannot inject faults here");
    }
    let scratch = Scratch::with_fixture("stockroom");
    let first = first_run(&scratch);
    let mut told = 0;
    // Of each kind of call the first ones, on every thread that makes any.
    for (calls, most) in [
        ("fsync", 12),
        ("fdatasync", 12),
        ("/^rename", 12),
        ("ftruncate", 2),
        ("/^mkdir", 4),
        ("/^unlink", 3),
    ] {
        for n in 1..=most {
            let what = format!("{calls} {n}");
            let mut command = scratch.scrubbed(Path::new("strace"));
            command.args(["-f", "-o", "strace.log", "-e", &format!("trace={calls}")]);
            command
                .args(["-e", &format!("inject={calls}:error=EIO:when={n}")])
                .arg(program());
            command.args([
                "document",
                "repo",
                "--output",
                "out",
                "--checkpoint-dir",
                "checkpoints",
                "--fail-on",
                "never",
            ]);
            let run = finish(command);
            is_told(&run, &what);
            told += usize::from(run.code == Some(2));
            first_run_is_whole(&scratch, &first, &what);
            // Whatever was begun can be taken up again, or was never there.
            let resumed = scratch.run(&["resume", "--checkpoint-dir", "checkpoints", "--fail-on", "never"]);
            resumed.expect_no_panic().expect_code(0);
        }
    }
    assert!(told > 20, "only {told} faults were told");
    say(&format!(
        "of 45 refusals by strace, {told} ended a run with code 2 and a hint; all left what was saved whole"
    ));
}

/// Runs a script on a small disk of its own; none where this machine gives none.
fn on_small_disk(scratch: &Scratch, kilobytes: usize, script: &str) -> Option<Run> {
    let can_start = Command::new("unshare")
        .args(["--map-root-user", "--mount", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !can_start {
        return None;
    }
    std::fs::create_dir_all(scratch.path("checkpoints")).unwrap();
    let script = format!("mount -t tmpfs -o size={kilobytes}k tmpfs checkpoints || exit 77; {script}");
    let mut command = scratch.scrubbed(Path::new("unshare"));
    command
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .arg(program());
    Some(finish(command)).filter(|run| run.code != Some(77))
}

#[test]
fn full_disk_of_checkpoints_is_told_and_leaves_what_was_saved() {
    let script = "\"$0\" document repo --output out --checkpoint-dir checkpoints --fail-on never || exit 70
        while dd if=/dev/zero of=checkpoints/fill bs=1k count=1 oflag=append conv=notrunc 2>/dev/null; do :; done
        \"$0\" document repo --output out --checkpoint-dir checkpoints --fail-on never; code=$?
        \"$0\" checkpoints verify --checkpoint-dir checkpoints >&2 || exit 71
        rm checkpoints/fill
        \"$0\" resume --checkpoint-dir checkpoints --fail-on never >/dev/null || exit 72
        exit $code";
    let scratch = Scratch::with_fixture("stockroom");
    let Some(run) = on_small_disk(&scratch, 1500, script) else {
        return skipped("full disk of checkpoints", "this machine gives no small disk");
    };
    run.expect_no_panic()
        .expect_code(2)
        .expect_stderr("No space left")
        .expect_stderr("Make room there");
}

#[test]
fn file_that_may_not_grow_is_told_and_leaves_what_was_saved() {
    let scratch = Scratch::with_fixture("stockroom");
    let first = first_run(&scratch);
    let largest = files_below(&scratch.path("checkpoints"))
        .iter()
        .map(|(_, bytes)| bytes.len())
        .max()
        .unwrap();
    let mut told = 0;
    // From a limit that stops the first file to one that nearly lets all through.
    for eighth in 0..8 {
        let blocks = 1 + largest * eighth / 8 / 512;
        let mut command = scratch.scrubbed(Path::new("sh"));
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        command.args(["-c", &script]).arg(program());
        command.args([
            "document",
            "repo",
            "--output",
            "out2",
            "--checkpoint-dir",
            "checkpoints",
            "--fail-on",
            "never",
        ]);
        let run = finish(command);
        let what = format!("a limit of {blocks} blocks");
        is_told(&run, &what);
        if run.code == Some(2) {
            run.expect_stderr("File too large");
            told += 1;
        }
        first_run_is_whole(&scratch, &first, &what);
    }
    assert!(told >= 2, "only {told} limits were felt");
}

#[cfg(unix)]
#[test]
fn read_only_folder_of_checkpoints_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::with_fixture("stockroom");
    let first = first_run(&scratch);
    let arguments = [
        "document",
        "repo",
        "--output",
        "out2",
        "--checkpoint-dir",
        "checkpoints",
    ];
    let Some(command) = scratch.as_ordinary_user(&arguments) else {
        return skipped("read-only folder of checkpoints", "cannot run as an ordinary user");
    };
    let folder = scratch.path("checkpoints");
    std::fs::set_permissions(folder.join("lock"), std::fs::Permissions::from_mode(0o666)).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    let run = finish(command);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    run.expect_no_panic().expect_code(2).expect_stderr("--checkpoint-dir");
    first_run_is_whole(&scratch, &first, "a read-only folder");
}

#[test]
fn damage_that_can_be_resumed_is_told_by_the_exit_code() {
    let scratch = Scratch::with_fixture("stockroom");
    let first = first_run(&scratch);
    first_run_is_whole(&scratch, &first, "no damage");
    let (name, mut bytes) = files_below(&scratch.path("checkpoints"))
        .into_iter()
        .find(|(name, _)| name.ends_with("/journal"))
        .unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    std::fs::write(scratch.path("checkpoints").join(name), bytes).unwrap();
    let verified = scratch.run(&["checkpoints", "verify", "--checkpoint-dir", "checkpoints"]);
    verified.expect_code(1).expect_stderr("resume");
}

/// Where [`contender`] works; without it, it does nothing.
const PLACE: &str = "TWINSCRIBE_TEST_CONTEND_PLACE";

/// A process that wants to run: says whether it may, and then keeps what it has until its input ends.
#[test]
fn contender() {
    let Some(place) = std::env::var_os(PLACE).map(PathBuf::from) else {
        return;
    };
    let store = CheckpointStore::open(&place).unwrap();
    let begun = store.begin(header(&place));
    let mut out = std::io::stdout();
    match &begun {
        Ok(writer) => writeln!(out, "\nBEGUN {}", writer.run_id()).unwrap(),
        Err(CheckpointError::Locked { pid, .. }) => writeln!(out, "\nLOCKED {}", pid.unwrap_or(0)).unwrap(),
        Err(other) => writeln!(out, "\nFAILED {other}").unwrap(),
    }
    out.flush().unwrap();
    if begun.is_ok() {
        _ = std::io::stdin().read_line(&mut String::new());
    }
}

fn header(place: &Path) -> RunHeader {
    RunHeader {
        repository: place.to_owned(),
        output: place.to_owned(),
        options: Config::default(),
        program: "test".to_owned(),
        created_at: SystemTime::now(),
    }
}

fn contend(place: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durable::contender", "--nocapture", "--test-threads", "1"])
        .env(PLACE, place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn word(child: &mut Child) -> String {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut words = lines
        .map_while(Result::ok)
        .filter(|line| ["BEGUN", "LOCKED", "FAILED"].iter().any(|word| line.starts_with(word)));
    words.next().unwrap_or_default()
}

#[test]
fn of_two_to_eight_runs_at_once_one_goes_on_and_a_dead_one_holds_nobody_up() {
    for count in 2..=8 {
        let scratch = Scratch::new();
        let place = scratch.path("checkpoints");
        std::fs::create_dir(&place).unwrap();
        let mut children: Vec<Child> = (0..count).map(|_| contend(&place)).collect();
        let words: Vec<String> = children.iter_mut().map(word).collect();
        let holders: Vec<usize> = (0..count).filter(|&i| words[i].starts_with("BEGUN")).collect();
        let [holder] = holders[..] else { panic!("{words:?}") };
        let told = format!("LOCKED {}", children[holder].id());
        let others = words.iter().enumerate().filter(|(i, _)| *i != holder);
        for (_, other) in others {
            // Who came between taking the lock and saying so is told of nobody.
            assert!(*other == told || other == "LOCKED 0", "{words:?}");
        }
        // The program itself says so too.
        scratch.write("repo/a.py", b"def f(): pass\n");
        let run = scratch.document(&[]);
        run.expect_no_panic()
            .expect_code(6)
            .expect_stderr(&children[holder].id().to_string());
        // SIGKILL: nothing of the holder runs after it, and its lock is free.
        children[holder].kill().unwrap();
        children[holder].wait().unwrap();
        let mut next = contend(&place);
        assert!(word(&mut next).starts_with("BEGUN"));
        next.kill().unwrap();
        next.wait().unwrap();
        for mut child in children {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// Records appended, unless [`RECORDS_ASKED`] says otherwise.
const RECORDS: usize = 10_000;
const RECORDS_ASKED: &str = "TWINSCRIBE_TEST_RECORDS";
/// Parts in which the time is taken.
const PARTS: usize = 100;

fn draft(n: usize) -> Record {
    let component: twinscribe::model::component::Name = format!("package.module_{n}.function").into();
    let claims = (0..8)
        .map(|i| {
            Claim::said(
                Subject::ParameterText(format!("p{i}").into()),
                Value::text("What it is for."),
                0.9,
                Some(7),
            )
        })
        .collect();
    Record::DraftFinished {
        stream: StreamId::A,
        iteration: 1,
        component: component.clone(),
        draft: Draft::new(component, claims),
        receipt: Receipt {
            took: Duration::from_millis(50),
            ..Receipt::default()
        },
    }
}

/// Times a plain append of as many bytes, in the first and in the second half of a journal.
#[derive(Debug)]
struct AppendCost {
    early: f64,
    late: f64,
}

impl AppendCost {
    /// A log that is written anew for each record would be hundreds of times slower than the disk.
    fn is_flat(&self) -> bool {
        self.late < self.early * 4.0 && self.late < 25.0
    }
}

fn append_cost(records: usize) -> AppendCost {
    let scratch = Scratch::new();
    let place = scratch.path("checkpoints");
    let store = CheckpointStore::open(&place).unwrap();
    let writer = Arc::new(store.begin(header(&place)).unwrap());
    let (mut parts, mut plain) = (Vec::new(), Vec::new());
    // What the disk itself takes just then: as many bytes as a batch has, appended and flushed as often.
    let mut yardstick = std::fs::File::create(scratch.path("yardstick")).unwrap();
    let batch_bytes = vec![b'x'; 20 * 1170];
    block_on(async {
        for part in 0..PARTS {
            let began = Instant::now();
            // Twenty at a time, as many as two streams have in flight.
            let mut n = part * records / PARTS;
            let end = (part + 1) * records / PARTS;
            while n < end {
                let batch: Vec<_> = (n..end.min(n + 20)).map(|n| writer.record(draft(n))).collect();
                n += batch.len();
                for saving in batch {
                    saving.await.unwrap();
                }
            }
            let per_record = |took: Duration| took * u32::try_from(PARTS).unwrap() / u32::try_from(records).unwrap();
            parts.push(per_record(began.elapsed()));
            let began = Instant::now();
            for _ in 0..records / PARTS / 20 {
                yardstick.write_all(&batch_bytes).unwrap();
                yardstick.sync_data().unwrap();
            }
            plain.push(per_record(began.elapsed()));
            yardstick.set_len(0).unwrap();
        }
    });
    let bytes = files_below(&place)
        .iter()
        .find(|(name, _)| name.ends_with("journal"))
        .unwrap()
        .1
        .len();
    let median = |parts: &[Duration]| {
        let mut parts = parts.to_vec();
        parts.sort();
        parts[parts.len() / 2].as_micros()
    };
    let by_tenth: Vec<u128> = parts.chunks(PARTS / 10).map(median).collect();
    let run = writer.run_id();
    drop(writer);
    let began = Instant::now();
    let found = store.load(Some(&run)).unwrap();
    assert_eq!(found.progress.drafts[0].len(), records);
    say(&format!(
        "{records} records, {bytes} bytes: median µs per append by tenth of the journal {by_tenth:?}; read back in \
         {:.2?}",
        began.elapsed()
    ));
    // A busy disk is as slow for the one as for the other.
    let times: Vec<f64> = parts
        .iter()
        .zip(&plain)
        .map(|(p, d)| p.as_secs_f64() / d.as_secs_f64())
        .collect();
    let typical = |part: &[f64]| {
        let mut part = part.to_vec();
        part.sort_by(f64::total_cmp);
        part[part.len() / 2]
    };
    let cost = AppendCost {
        early: typical(&times[..PARTS / 2]),
        late: typical(&times[PARTS / 2..]),
    };
    say(&format!(
        "against plain appends: {:.1} times in the first half, {:.1} in the second",
        cost.early, cost.late
    ));
    cost
}

#[test]
fn appending_costs_the_same_however_long_the_journal_is() {
    let records = std::env::var(RECORDS_ASKED)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(RECORDS);
    // Other programs slow one half of a journal and not the other, now and then; what grows with the journal
    // does so every time.
    let mut costs = Vec::new();
    while costs.len() < 5 && !costs.iter().any(AppendCost::is_flat) {
        costs.push(append_cost(records));
    }
    assert!(costs.iter().any(AppendCost::is_flat), "{costs:?}");
}

const REPOSITORY_ASKED: &str = "TWINSCRIBE_TEST_REPO";

#[test]
fn saving_hardly_slows_a_run_of_calls() {
    let scratch = Scratch::new();
    let place = scratch.path("checkpoints");
    // A repository of the reader's choice, or the sample.
    let repository = std::env::var_os(REPOSITORY_ASKED).map_or_else(|| fixture("stockroom"), PathBuf::from);
    let oracle = oracle_of(&repository);
    let streams = || {
        ["test:a", "test:b"].map(|name| {
            let stream = Scripted::truthful(name)
                .using_context()
                .taking(Duration::from_millis(50));
            Arc::new(stream) as Arc<dyn Documenter>
        })
    };
    let took = |is_saved: bool| {
        let store = CheckpointStore::open(&place).unwrap();
        let writer = store.begin(header(&place)).unwrap();
        let began = Instant::now();
        let job = Job::new(oracle.clone(), streams(), Config::default());
        run(if is_saved { job.saved_to(&writer) } else { job }).unwrap();
        began.elapsed()
    };
    let (mut best, mut plain) = (Duration::MAX, Duration::MAX);
    let mut overhead = f64::MAX;
    // Other programs slow one run and not the other, now and then: the best of three, and of more where that is not
    // enough to tell.
    for round in 1..=10 {
        plain = plain.min(took(false));
        best = best.min(took(true));
        overhead = best.as_secs_f64() / plain.as_secs_f64() - 1.0;
        if round >= 3 && overhead < 1.0 {
            break;
        }
    }
    say(&format!(
        "{} components, two streams, 50 ms a call: {plain:.2?} unsaved, {best:.2?} saved, {:.1} % more",
        oracle.components.len(),
        overhead * 100.0
    ));
    // The sample is small and a busy disk is slow: this fails where saving costs as much as the calls themselves.
    assert!(overhead < 1.0, "saving makes the run {:.0} % longer", overhead * 100.0);
}
