//! What surrounds a run: outputs that cannot be written, configuration that is wrong, checkpoints that are damaged.
//! Each ends with a clear word and the documented exit code.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::common::{Scratch, assert_same_package, files_below, finish, program, skipped};

#[cfg(unix)]
#[test]
fn read_only_output_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::with(&[("a.py", b"def f(): pass\n"), ("../locked/x", b"")]);
    let arguments = [
        "document",
        "repo",
        "--output",
        "locked/out",
        "--checkpoint-dir",
        "saved",
    ];
    let Some(command) = scratch.as_ordinary_user(&arguments) else {
        return skipped("read-only output", "cannot run as an ordinary user");
    };
    let locked = scratch.path("locked");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).unwrap();
    let run = finish(command);
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o755)).unwrap();
    run.expect_no_panic().expect_code(2).expect_stderr("locked");
}

#[cfg(unix)]
#[test]
fn full_disk_is_told_and_leaves_no_half_package() {
    let mut source = String::new();
    for i in 0..400 {
        _ = writeln!(
            source,
            "def function_{i}(a, b=1):\n    \"\"\"Does {i}.\"\"\"\n    return a\n"
        );
    }
    let scratch = Scratch::with(&[("a.py", source.as_bytes())]);
    std::fs::create_dir(scratch.path("disk")).unwrap();
    let script = "mount -t tmpfs -o size=96k tmpfs disk || exit 77; \
                  \"$0\" document repo --output disk/out --checkpoint-dir saved; code=$?; \
                  test -e disk/out/documentation.json && exit 78; exit $code";
    let mut command = scratch.scrubbed(Path::new("unshare"));
    command
        .args(["--map-root-user", "--mount", "sh", "-c", script])
        .arg(program());
    let can_start = Command::new("unshare")
        .args(["--map-root-user", "--mount", "true"])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|s| s.success());
    if !can_start {
        return skipped("full disk", "this machine gives no namespace to mount a small disk in");
    }
    let run = finish(command);
    if run.code == Some(77) {
        return skipped("full disk", "this machine does not let a small disk be mounted");
    }
    run.expect_no_panic().expect_code(2).expect_stderr("No space left");
}

#[test]
fn output_inside_the_repository_is_no_source() {
    let scratch = Scratch::with_fixture("stockroom");
    let arguments = |out: &'static str| {
        [
            "document",
            "repo",
            "--output",
            out,
            "--checkpoint-dir",
            "repo/saved",
            "--fail-on",
            "never",
        ]
    };
    let first = scratch.run(&arguments("repo/out"));
    first.expect_no_panic().expect_code(0);
    let second = scratch.run(&arguments("repo/out"));
    second.expect_no_panic().expect_code(0);
    let third = scratch.run(&arguments("elsewhere"));
    third.expect_no_panic().expect_code(0);
    assert_same_package(
        &scratch.path("repo/out"),
        &scratch.path("elsewhere"),
        "output inside and outside",
    );
}

#[test]
fn default_folders_ignore_themselves() {
    let scratch = Scratch::with(&[("a.py", b"def f(): pass\n")]);
    let mut command = scratch.twinscribe(&["document", ".", "--fail-on", "never"]);
    command.current_dir(scratch.repo());
    finish(command).expect_no_panic().expect_code(0);
    for folder in ["twinscribe-out", "checkpoints"] {
        let ignore = scratch.repo().join(folder).join(".gitignore");
        let text = std::fs::read_to_string(&ignore).unwrap_or_else(|e| panic!("{}: {e}", ignore.display()));
        assert!(text.lines().any(|l| l == "*"), "{folder}: {text:?}");
    }
}

#[test]
fn foreign_folder_is_not_overwritten() {
    let scratch = Scratch::with(&[("a.py", b"def f(): pass\n"), ("../out/thesis.tex", b"precious")]);
    scratch
        .document(&[])
        .expect_no_panic()
        .expect_code(2)
        .expect_stderr("out");
    assert_eq!(std::fs::read(scratch.path("out/thesis.tex")).unwrap(), b"precious");
}

#[test]
fn unknown_configuration_key_names_the_nearest() {
    for (file, text) in [
        ("repo/twinscribe.toml", "max_iteration = 3\n"),
        ("repo/pyproject.toml", "[tool.twinscribe]\nmax_iteration = 3\n"),
    ] {
        let scratch = Scratch::with(&[("a.py", b"def f(): pass\n")]);
        scratch.write(file, text.as_bytes());
        scratch
            .document(&[])
            .expect_no_panic()
            .expect_code(2)
            .expect_stderr("max_iteration")
            .expect_stderr("max_iterations");
    }
}

#[test]
fn configuration_of_a_wrong_type_is_wrong_input() {
    let scratch = Scratch::with(&[
        ("a.py", b"def f(): pass\n"),
        ("twinscribe.toml", b"max_iterations = \"many\"\n"),
    ]);
    scratch
        .document(&[])
        .expect_no_panic()
        .expect_code(2)
        .expect_stderr("max_iterations");
}

#[test]
fn unknown_option_is_wrong_usage() {
    let scratch = Scratch::with(&[]);
    scratch
        .run(&["document", "repo", "--max-iteration", "3"])
        .expect_code(2)
        .expect_stderr("--max-iterations");
}

#[test]
fn resuming_without_a_checkpoint_is_wrong_input() {
    let scratch = Scratch::with(&[]);
    scratch
        .run(&["resume", "--checkpoint-dir", "nowhere"])
        .expect_no_panic()
        .expect_code(2)
        .expect_stderr("nowhere");
}

/// Turns files of the checkpoint folder into noise and returns how many.
fn damage(scratch: &Scratch, which: fn(&str) -> bool) -> usize {
    let checkpoints = scratch.path("checkpoints");
    let mut damaged = 0;
    for (name, mut bytes) in files_below(&checkpoints) {
        let file = name.rsplit('/').next().unwrap();
        if which(file) {
            for (i, byte) in bytes.iter_mut().enumerate() {
                *byte = byte.wrapping_mul(31).wrapping_add(i.to_le_bytes()[0]) | 0x80;
            }
            std::fs::write(checkpoints.join(name), bytes).unwrap();
            damaged += 1;
        }
    }
    damaged
}

fn documented() -> Scratch {
    let scratch = Scratch::with(&[("a.py", b"def f(): pass\n")]);
    scratch.document(&["--fail-on", "never"]).expect_code(0);
    scratch
}

#[test]
fn damaged_checkpoint_falls_back_and_says_so() {
    let scratch = documented();
    assert!(damage(&scratch, |file| file.starts_with("checkpoint_")) > 0);
    let run = scratch.run(&["resume", "--checkpoint-dir", "checkpoints", "--fail-on", "never"]);
    run.expect_no_panic().expect_code(0).expect_stderr("damaged");
    let verified = scratch.run(&["checkpoints", "verify", "--checkpoint-dir", "checkpoints"]);
    verified.expect_no_panic();
    assert!(verified.stdout.contains("damaged"), "{verified:?}");
}

#[test]
fn run_with_nothing_whole_left_cannot_be_resumed() {
    let scratch = documented();
    let spared = |file: &str| !matches!(file, ".gitignore" | "lock" | "tickets.jsonl");
    assert!(damage(&scratch, spared) > 1);
    for arguments in [
        &["resume", "--checkpoint-dir", "checkpoints"][..],
        &["checkpoints", "verify", "--checkpoint-dir", "checkpoints"],
    ] {
        let run = scratch.run(arguments);
        run.expect_no_panic();
        assert_eq!(run.code, Some(7), "{arguments:?}: {run:?}");
    }
}

#[test]
fn closed_pipe_is_no_failure() {
    let scratch = Scratch::with_fixture("stockroom");
    let mut command = scratch.scrubbed(Path::new("sh"));
    command
        .args(["-c", "\"$0\" analyze repo --format json-lines | head -1"])
        .arg(program());
    let run = finish(command);
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    assert!(!run.stderr.to_lowercase().contains("broken pipe"), "{run:?}");
}
