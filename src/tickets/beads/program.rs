//! The program `bd`: found, probed before it is trusted, called one call at a time, and not for ever.
//!
//! It is looked for on the path alone, in folders named absolutely, never in the repository. Its messages are shown to
//! people and never read for their meaning, but for one: that something is locked, which passes.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::replies;
use crate::tickets::TicketError;

const NAME: &str = "bd";

/// Longest time for one call.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before asking again where something was locked: so often, twice as long each time.
const LOCKED_TRIES: u32 = 6;
const LOCKED_PAUSE: Duration = Duration::from_millis(100);

/// The oldest version that behaves as this program expects.
const OLDEST: (u32, u32) = (1, 0);

/// Beads' own program, and the tracker it is to work on.
#[derive(Debug)]
pub struct Beads {
    program: PathBuf,
    /// The folder it is called in: the tracker is there or above.
    folder: PathBuf,
    patience: Duration,
    /// Parallel calls collide.
    turn: Mutex<()>,
}

/// Why there is no tracker to use, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(pub String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Beads {
    /// Finds the program on a path, and the tracker of a repository; neither is made where there is none.
    pub fn find(path: &OsStr, repository: &Path) -> Result<Self, Unusable> {
        let program = on_path(path).ok_or_else(|| Unusable(format!("There is no `{NAME}` on the PATH.")))?;
        let folder = tracker_of(repository).ok_or_else(|| {
            Unusable(format!(
                "No Beads tracker was found in or above {}; `bd init` there makes one.",
                repository.display()
            ))
        })?;
        Self::probe(program, folder, PATIENCE)
    }

    /// Takes a program at its word only once it has answered like Beads' own.
    pub fn probe(program: PathBuf, folder: PathBuf, patience: Duration) -> Result<Self, Unusable> {
        let beads = Self {
            program,
            folder,
            patience,
            turn: Mutex::new(()),
        };
        let shown = beads.program.display().to_string();
        let answer = beads
            .call(&["version"], None)
            .map_err(|why| Unusable(format!("{shown} does not answer: {why}.")))?;
        let version = answer
            .status
            .success()
            .then(|| replies::version(&answer.stdout))
            .flatten();
        match version {
            Some(version) if version >= OLDEST => Ok(beads),
            Some((major, minor)) => Err(Unusable(format!(
                "{shown} is version {major}.{minor} of Beads, and 1.0 is the oldest that can be used."
            ))),
            None => Err(Unusable(format!("{shown} is not Beads' own program."))),
        }
    }

    /// Where the tracker is.
    pub fn place(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Gives a command and returns the issues it answers with. Asks again while something is locked.
    pub(super) fn ask(&self, arguments: &[&str], input: Option<&str>) -> Result<Vec<Json>, TicketError> {
        let failed = |why: String| TicketError::Tracker {
            command: format!("{NAME} {}", arguments.first().unwrap_or(&"")),
            reason: why,
        };
        let mut pause = LOCKED_PAUSE;
        for _ in 1..LOCKED_TRIES {
            let answer = self.call(arguments, input).map_err(failed)?;
            if answer.status.success() {
                return replies::issues(&answer.stdout).map_err(failed);
            }
            if !answer.is_locked() {
                return Err(failed(answer.why()));
            }
            thread::sleep(pause);
            pause *= 2;
        }
        let answer = self.call(arguments, input).map_err(failed)?;
        if answer.status.success() {
            replies::issues(&answer.stdout).map_err(failed)
        } else {
            Err(failed(answer.why()))
        }
    }

    /// An answer that makes no sense.
    pub(super) fn misread(&self, reason: String) -> TicketError {
        TicketError::Tracker {
            command: NAME.to_owned(),
            reason,
        }
    }

    fn call(&self, arguments: &[&str], input: Option<&str>) -> Result<Answer, String> {
        let _turn: MutexGuard<'_, ()> = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = Command::new(&self.program)
            .args(arguments)
            .arg("--json")
            .current_dir(&self.folder)
            .env("BD_NON_INTERACTIVE", "1")
            .env("BD_NO_PAGER", "1")
            .env("BEADS_ACTOR", "twinscribe")
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("it cannot be started: {e}"))?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input.map(str::to_owned)) {
            // A program that reads nothing must not hold this one up; what it did not read shows in its answer.
            thread::spawn(move || _ = stdin.write_all(input.as_bytes()));
        }
        let stdout = reading(child.stdout.take());
        let stderr = reading(child.stderr.take());
        let deadline = Instant::now() + self.patience;
        let status = wait(&mut child, deadline)?;
        // A daemon that it left behind may hold the pipes open; what was said by now is all there is.
        let rest = deadline
            .saturating_duration_since(Instant::now())
            .max(Duration::from_millis(100));
        let read = |from: mpsc::Receiver<Vec<u8>>| from.recv_timeout(rest).unwrap_or_default();
        Ok(Answer {
            status,
            stdout: String::from_utf8_lossy(&read(stdout)).into_owned(),
            stderr: String::from_utf8_lossy(&read(stderr)).into_owned(),
        })
    }
}

fn wait(child: &mut Child, deadline: Instant) -> Result<ExitStatus, String> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().map_err(|e| format!("it cannot be waited for: {e}"))? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            // Where it cannot be ended it is at least no longer waited for.
            let _ = child.kill();
            let _ = child.wait();
            return Err("it did not answer in time".to_owned());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn reading(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (done, read) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still what was said.
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = done.send(bytes);
    });
    read
}

/// What a call came to.
struct Answer {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Answer {
    fn is_locked(&self) -> bool {
        let said = format!("{} {}", self.stdout, self.stderr).to_ascii_lowercase();
        ["lock", "busy"].iter().any(|word| said.contains(word))
    }

    /// What it said, for a person: errors come on either stream.
    fn why(&self) -> String {
        let text = [&self.stderr, &self.stdout]
            .into_iter()
            .find(|text| !text.trim().is_empty())
            .map_or("", |text| text.trim());
        let said = serde_json::from_str::<Json>(text)
            .ok()
            .and_then(|json| json.get("error").and_then(Json::as_str).map(str::to_owned))
            .unwrap_or_else(|| text.lines().next().unwrap_or("it gave no reason").to_owned());
        format!("{said} ({})", self.status)
    }
}

/// The program on a path; folders that are not absolute would mean another place for each caller.
fn on_path(path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| [folder.join(NAME), folder.join(format!("{NAME}.exe"))])
        .find(|file| file.is_file())
}

/// The folder that holds a tracker, from a repository upwards.
fn tracker_of(repository: &Path) -> Option<PathBuf> {
    let start = repository.canonicalize().ok()?;
    start
        .ancestors()
        .find(|folder| is_tracker(&folder.join(".beads")))
        .map(Path::to_owned)
}

fn is_tracker(beads: &Path) -> bool {
    let has = |name: &str| beads.join(name).exists();
    let has_database = || {
        let entries = std::fs::read_dir(beads).into_iter().flatten().flatten();
        entries
            .into_iter()
            .any(|entry| entry.path().extension().is_some_and(|e| e == "db"))
    };
    beads.is_dir() && (has("metadata.json") || has("embeddeddolt") || has("dolt") || has_database())
}
