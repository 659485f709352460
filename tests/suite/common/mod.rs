//! What the integration tests share: the program in a scrubbed environment, folders that vanish, packages without
//! their times, and a visible word where something had to be skipped.

pub(crate) mod library;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longest time that any one call of the program may take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Address space of the program at most.
const MOST_KILOBYTES: u64 = 8_000_000;

/// A folder that vanishes with the test, holding a repository and whatever runs write.
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::Builder::new().prefix("twinscribe-test-").tempdir().unwrap(),
        }
    }

    /// A scratch folder with these files in its `repo`.
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Self {
        let scratch = Self::new();
        std::fs::create_dir(scratch.path("repo")).unwrap();
        for (name, bytes) in files {
            scratch.write(&format!("repo/{name}"), bytes);
        }
        scratch
    }

    /// A scratch folder with a copy of a fixture repository in its `repo`.
    pub(crate) fn with_fixture(name: &str) -> Self {
        let scratch = Self::new();
        copy_folder(&fixture(name), &scratch.path("repo"));
        scratch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// The program, run in this folder: nothing of the caller's environment but PATH, a home of its own, no colour,
    /// and no more memory than a machine can spare.
    pub(crate) fn twinscribe(&self, arguments: &[&str]) -> Command {
        if !cfg!(unix) {
            let mut command = self.scrubbed(&program());
            command.args(arguments);
            return command;
        }
        let mut command = self.scrubbed(Path::new("sh"));
        command
            .args(["-c", &format!("ulimit -v {MOST_KILOBYTES}; exec \"$0\" \"$@\"")])
            .arg(program())
            .args(arguments);
        command
    }

    /// Any program, run in this folder and in the same environment.
    pub(crate) fn scrubbed(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("TMPDIR", std::env::temp_dir())
            .env("NO_COLOR", "1")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(self.twinscribe(arguments))
    }

    /// `document` with everything it writes in this folder: `out`, `checkpoints`.
    pub(crate) fn document(&self, more: &[&str]) -> Run {
        let mut arguments = vec!["document", "repo", "--output", "out", "--checkpoint-dir", "checkpoints"];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// Documents, checks and analyses the repository: none may crash, whatever it thinks of the files.
    #[track_caller]
    pub(crate) fn survives_everything(&self) {
        for arguments in [
            &["document", "repo", "--output", "out", "--checkpoint-dir", "saved"][..],
            &["check", "repo", "--format", "json"],
            &["analyze", "repo", "--format", "pycg"],
        ] {
            let run = self.run(arguments);
            run.expect_no_panic();
            assert!(matches!(run.code, Some(0 | 1)), "{arguments:?}: {run:?}");
        }
    }

    /// Who the tests run as must not matter: root may read everything, so the program is run as nobody.
    #[cfg(unix)]
    pub(crate) fn as_ordinary_user(&self, arguments: &[&str]) -> Option<Command> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        use std::os::unix::process::CommandExt as _;
        let is_root = std::fs::metadata(self.path("")).unwrap().uid() == 0;
        self.open_to_all();
        // The build folder may be out of an ordinary user's reach.
        let copy = self.path("twinscribe-for-all");
        std::fs::copy(program(), &copy).unwrap();
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = self.scrubbed(&copy);
        command.args(arguments);
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        let mut probe = Command::new("true");
        if is_root {
            probe.uid(65_534).gid(65_534);
        }
        probe.status().is_ok_and(|s| s.success()).then_some(command)
    }

    /// Makes this folder and all in it usable by anybody.
    #[cfg(unix)]
    fn open_to_all(&self) {
        use std::os::unix::fs::PermissionsExt as _;
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                }
            }
        }
    }
}

/// Where the program is.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_twinscribe"))
}

/// The folder of a fixture repository.
pub(crate) fn fixture(name: &str) -> PathBuf {
    manifest().join("fixtures/repos").join(name)
}

/// The folder of the package under test.
pub(crate) fn manifest() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// How a call of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "exit code of\n{}", self.shown());
        self
    }

    /// Fails the test unless stderr has this part, letter case aside.
    #[track_caller]
    pub(crate) fn expect_stderr(&self, part: &str) -> &Self {
        assert!(
            self.stderr.to_lowercase().contains(&part.to_lowercase()),
            "no {part:?} on stderr of\n{}",
            self.shown()
        );
        self
    }

    /// Fails the test where the program crashed or spoke of its own insides.
    #[track_caller]
    pub(crate) fn expect_no_panic(&self) -> &Self {
        assert!(
            self.code.is_some_and(|c| c != 101 && c != 3)
                && !self.stderr.contains("panicked at")
                && !self.stderr.contains("overflowed its stack"),
            "a crash:\n{}",
            self.shown()
        );
        self
    }

    /// The JSON records on stdout.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line:?} of\n{}", self.shown())))
            .collect()
    }

    /// Records of one sort.
    #[track_caller]
    pub(crate) fn records_of(&self, sort: &str) -> Vec<serde_json::Value> {
        let mut records = self.records();
        records.retain(|r| r["record"] == sort);
        records
    }

    fn shown(&self) -> String {
        let mut text = String::new();
        _ = writeln!(text, "code {:?}", self.code);
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            let start: String = stream.chars().take(3000).collect();
            _ = writeln!(text, "--- {name}\n{start}");
        }
        text
    }
}

/// Runs a command to its end, or fails the test when it does not end.
pub(crate) fn finish(mut command: Command) -> Run {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("cannot start {command:?}: {e}"));
    let id = child.id();
    let (done, finished) = mpsc::channel();
    let watch = std::thread::spawn(move || {
        let late = finished.recv_timeout(PATIENCE).is_err();
        if late {
            _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        }
        late
    });
    let output = child.wait_with_output().unwrap();
    _ = done.send(());
    assert!(!watch.join().unwrap(), "{command:?} did not end within {PATIENCE:?}");
    Run::of(&output)
}

/// Says on the real stderr, which the test harness does not hide, that a test was skipped and why.
pub(crate) fn skipped(test: &str, why: &str) {
    _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// Says something on the real stderr: a table that a reader of the test's output should see.
pub(crate) fn say(text: &str) {
    _ = writeln!(std::io::stderr(), "{text}");
}

/// A Python 3 of at least this minor version.
pub(crate) fn python(minor: u32) -> Option<PathBuf> {
    let asked = format!("import sys; sys.exit(sys.version_info < (3, {minor}))");
    ["python3", "python"].iter().map(PathBuf::from).find(|name| {
        Command::new(name)
            .args(["-c", &asked])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    })
}

/// The standard library of a Python, where it has its sources.
pub(crate) fn standard_library(python: &Path) -> Option<PathBuf> {
    let asked = "import sysconfig; print(sysconfig.get_path('stdlib'))";
    let output = Command::new(python).args(["-c", asked]).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.join("json/decoder.py").is_file().then_some(path)
}

/// Copies a folder, its files in the order of their names.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for (name, bytes) in files_below(from) {
        let path = to.join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// Every file below a folder with its content, sorted by name; `__pycache__` is left out.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(here) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&here) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|n| n != "__pycache__") {
                    folders.push(path);
                }
            } else if let Ok(bytes) = std::fs::read(&path) {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy();
                found.push((name.replace('\\', "/"), bytes));
            }
        }
    }
    found.sort();
    found
}

/// A package's files with what may differ between two runs of one input taken out: `metrics.json` and
/// `rebuild_tickets.jsonl`, and the header of the convergence report.
pub(crate) fn package(folder: &Path) -> Vec<(String, String)> {
    files_below(folder)
        .into_iter()
        .filter(|(name, _)| name != "metrics.json" && name != "rebuild_tickets.jsonl")
        .map(|(name, bytes)| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let shown = match name.as_str() {
                "convergence_report.json" => {
                    let mut report: serde_json::Value = serde_json::from_str(&text).unwrap();
                    report.as_object_mut().unwrap().remove("header");
                    serde_json::to_string_pretty(&report).unwrap()
                }
                "convergence_report.md" => text
                    .lines()
                    .filter(|line| !line.starts_with("Run "))
                    .collect::<Vec<_>>()
                    .join("\n"),
                _ => text,
            };
            (name, shown)
        })
        .collect()
}

/// Fails the test where two packages differ, naming the first line that does.
#[track_caller]
pub(crate) fn assert_same_package(left: &Path, right: &Path, what: &str) {
    let (left, right) = (package(left), package(right));
    assert!(!left.is_empty(), "{what}: no package was written");
    let names = |p: &[(String, String)]| p.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right), "{what}: files of the packages");
    for ((name, a), (_, b)) in left.iter().zip(&right) {
        if a != b {
            let line = a.lines().zip(b.lines()).position(|(x, y)| x != y);
            let at = line.unwrap_or(a.lines().count().min(b.lines().count()));
            panic!(
                "{what}: {name} differs in line {}:\n  {:?}\n  {:?}",
                at + 1,
                a.lines().nth(at),
                b.lines().nth(at)
            );
        }
    }
}
