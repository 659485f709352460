//! Bad input, through the program: each ends with a clear problem, the documented exit code, and no crash.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::common::{Scratch, finish, program, skipped};

/// Runs `analyze` on files and returns the problems, the analysed paths and the qualified names found.
struct Seen {
    problems: Vec<(String, String)>,
    analyzed: Vec<String>,
    names: Vec<String>,
    lines: Vec<(String, u64)>,
}

fn seen(scratch: &Scratch, more: &[&str]) -> Seen {
    let mut arguments = vec!["analyze", "repo", "--format", "json-lines"];
    arguments.extend(more);
    let run = scratch.run(&arguments);
    run.expect_no_panic().expect_code(0);
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let components = run.records_of("component");
    Seen {
        problems: run
            .records_of("problem")
            .iter()
            .map(|p| (text(&p["path"]), text(&p["kind"])))
            .collect(),
        analyzed: run
            .records_of("file")
            .iter()
            .filter(|f| f["analyzed"] == true)
            .map(|f| text(&f["path"]))
            .collect(),
        names: components.iter().map(|c| text(&c["id"])).collect(),
        lines: components
            .iter()
            .map(|c| (text(&c["qualname"]), c["line"].as_u64().unwrap()))
            .collect(),
    }
}

/// Documents and checks files as well: neither may crash, whatever it thinks of them.
fn survives_everything(scratch: &Scratch) {
    for arguments in [
        &["document", "repo", "--output", "out", "--checkpoint-dir", "saved"][..],
        &["check", "repo", "--format", "json"],
        &["analyze", "repo", "--format", "pycg"],
    ] {
        let run = scratch.run(arguments);
        run.expect_no_panic();
        assert!(matches!(run.code, Some(0 | 1)), "{arguments:?}: {run:?}");
    }
}

/// The one table of bad files: what is in the repository, which problem is told, which components are found.
#[track_caller]
fn check(files: &[(&str, &[u8])], problems: &[(&str, &str)], components: &[&str]) {
    let scratch = Scratch::with(files);
    let seen = seen(&scratch, &[]);
    let told: Vec<(&str, &str)> = seen.problems.iter().map(|(p, k)| (p.as_str(), k.as_str())).collect();
    assert_eq!(told, problems, "problems");
    for component in components {
        assert!(
            seen.names.iter().any(|n| n == component),
            "no {component} among {:?}",
            seen.names
        );
    }
    survives_everything(&scratch);
}

// ── Folders ────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn empty_folder_is_a_warning() {
    let scratch = Scratch::with(&[]);
    scratch
        .document(&[])
        .expect_no_panic()
        .expect_code(0)
        .expect_stderr("no Python");
    scratch
        .run(&["check", "repo"])
        .expect_code(0)
        .expect_stderr("no Python");
}

#[test]
fn folder_without_python_is_a_warning() {
    let scratch = Scratch::with(&[("notes.txt", b"nothing"), ("a.rs", b"fn main() {}")]);
    scratch
        .document(&[])
        .expect_no_panic()
        .expect_code(0)
        .expect_stderr("no Python");
}

#[test]
fn path_that_is_not_there_is_wrong_input() {
    let scratch = Scratch::new();
    for command in ["document", "check", "analyze"] {
        scratch
            .run(&[command, "nowhere"])
            .expect_no_panic()
            .expect_code(2)
            .expect_stderr("nowhere");
    }
}

#[test]
fn python_file_is_a_repository_of_one_module() {
    let scratch = Scratch::new();
    scratch.write("single.py", b"def f(): pass\n");
    let run = scratch.run(&["analyze", "single.py", "--format", "json-lines"]);
    run.expect_code(0);
    let ids: Vec<_> = run
        .records_of("component")
        .iter()
        .map(|c| c["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["single", "single.f"]);
}

#[test]
fn other_file_as_repository_is_wrong_input() {
    let scratch = Scratch::new();
    scratch.write("notes.txt", b"nothing");
    scratch
        .run(&["document", "notes.txt"])
        .expect_no_panic()
        .expect_code(2)
        .expect_stderr("notes.txt");
}

#[test]
fn folder_called_like_a_file_is_a_folder() {
    check(
        &[("x.py/inner.py", b"def f(): pass\n"), ("y.py", b"def g(): pass\n")],
        &[],
        &["y.g"],
    );
}

#[test]
fn package_beats_module_of_its_name() {
    check(
        &[
            ("same.py", b"def of_module(): pass\n"),
            ("same/__init__.py", b"def of_package(): pass\n"),
        ],
        &[("same.py", "name_taken")],
        &["same.of_package"],
    );
}

// ── Encodings ──────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn bytes_that_are_no_text_are_skipped() {
    check(
        &[
            ("bad.py", b"def f(): return '\xff\xfe\x80'\n"),
            ("good.py", b"def g(): pass\n"),
        ],
        &[("bad.py", "encoding")],
        &["good.g"],
    );
}

#[test]
fn nul_bytes_are_skipped() {
    check(
        &[("nul.py", b"def f():\0 pass\n"), ("good.py", b"def g(): pass\n")],
        &[("nul.py", "encoding")],
        &["good.g"],
    );
}

#[test]
fn declared_encodings_are_read() {
    check(
        &[
            ("latin.py", b"# -*- coding: latin-1 -*-\ndef caf\xe9(): pass\n"),
            (
                "koi.py",
                b"#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\ndef f(): return '\xc1\xc2'\n",
            ),
            ("windows.py", b"# coding=cp1252\ndef g(x='\x80'): pass\n"),
            ("utf.py", "# coding: utf8\ndef größe(): pass\n".as_bytes()),
        ],
        &[],
        &["latin.café", "koi.f", "windows.g", "utf.größe"],
    );
}

#[test]
fn unknown_encoding_is_skipped() {
    check(
        &[("odd.py", b"# coding: no-such-codec\ndef f(): pass\n")],
        &[("odd.py", "encoding")],
        &[],
    );
}

#[test]
fn byte_order_mark_is_no_code() {
    check(&[("bom.py", b"\xef\xbb\xbfdef f(): pass\n")], &[], &["bom.f"]);
}

#[test]
fn every_line_ending_counts_lines_alike() {
    for ending in ["\n", "\r\n", "\r"] {
        let source = ["x = 1", "def f():", "    pass", "", "def g():", "    pass", ""].join(ending);
        let scratch = Scratch::with(&[("m.py", source.as_bytes())]);
        let seen = seen(&scratch, &[]);
        assert!(seen.problems.is_empty(), "{ending:?}: {:?}", seen.problems);
        for (name, line) in [("f", 2), ("g", 5)] {
            assert!(
                seen.lines.contains(&(name.to_owned(), line)),
                "{ending:?}: {:?}",
                seen.lines
            );
        }
    }
}

// ── Size and access ────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn file_over_the_limit_is_skipped() {
    let mut large = b"def f(): pass\n".to_vec();
    large.resize(5_000_001, b'#');
    check(
        &[("large.py", &large), ("small.py", b"def g(): pass\n")],
        &[("large.py", "too_large")],
        &["small.g"],
    );
}

#[test]
fn limit_can_be_set() {
    let scratch = Scratch::with(&[("a.py", b"def function_of_some_length(): pass\n")]);
    let seen = seen(&scratch, &["--max-file-bytes", "10"]);
    assert_eq!(seen.problems, [("a.py".to_owned(), "too_large".to_owned())]);
    assert!(seen.analyzed.is_empty());
}

/// Who the tests run as must not matter: root may read everything, so the program is run as nobody.
#[cfg(unix)]
fn as_ordinary_user(scratch: &Scratch, arguments: &[&str]) -> Option<Command> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let is_root = std::fs::metadata(scratch.path("")).unwrap().uid() == 0;
    scratch.open_to_all();
    // The build folder may be out of an ordinary user's reach.
    let copy = scratch.path("twinscribe-for-all");
    std::fs::copy(program(), &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = scratch.scrubbed(&copy);
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

#[cfg(unix)]
#[test]
fn file_that_may_not_be_read_is_skipped() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::with(&[("secret.py", b"def f(): pass\n"), ("open.py", b"def g(): pass\n")]);
    let arguments = ["analyze", "repo", "--format", "json-lines"];
    let Some(command) = as_ordinary_user(&scratch, &arguments) else {
        return skipped("unreadable file", "cannot run as an ordinary user");
    };
    let secret = scratch.path("repo/secret.py");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let run = finish(command);
    run.expect_no_panic().expect_code(0);
    let problems = run.records_of("problem");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["path"], "secret.py");
    assert_eq!(problems[0]["kind"], "unreadable");
}

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
    let Some(command) = as_ordinary_user(&scratch, &arguments) else {
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

#[cfg(unix)]
#[test]
fn links_are_not_followed_in_circles_or_outside() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::with(&[("pkg/__init__.py", b""), ("pkg/a.py", b"def f(): pass\n")]);
    scratch.write("outside/b.py", b"def g(): pass\n");
    symlink("..", scratch.path("repo/pkg/up")).unwrap();
    symlink(scratch.path("outside"), scratch.path("repo/pkg/out")).unwrap();
    symlink("loop.py", scratch.path("repo/loop.py")).unwrap();
    symlink("nothing.py", scratch.path("repo/dangling.py")).unwrap();
    let seen = seen(&scratch, &[]);
    assert!(seen.names.contains(&"pkg.a.f".to_owned()), "{:?}", seen.names);
    assert!(!seen.names.iter().any(|n| n.ends_with(".g")), "{:?}", seen.names);
    for path in ["pkg/out", "loop.py"] {
        assert!(
            seen.problems.iter().any(|(p, _)| p == path),
            "no problem about {path}: {:?}",
            seen.problems
        );
    }
    survives_everything(&scratch);
}

// ── Python that is none ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn syntax_errors_leave_the_rest_of_the_file() {
    check(
        &[(
            "broken.py",
            b"def f(:\n    pass\n\n\ndef g():\n    return 1\n\n\nclass C(\n",
        )],
        &[("broken.py", "syntax")],
        &["broken.g"],
    );
}

#[test]
fn python_2_is_analysed_as_far_as_it_goes() {
    check(
        &[(
            "old.py",
            b"class A:\n    def f(self):\n        print \"x\" % 1\n        exec \"y\"\n\n\
              def g():\n    try:\n        raise ValueError, \"z\"\n    except ValueError, e:\n        print >>f, `e`\n\n\
              def h():\n    return 0777L <> 1\n",
        )],
        &[("old.py", "syntax")],
        &["old.A", "old.A.f", "old.g", "old.h"],
    );
}

// ── Depth and size ─────────────────────────────────────────────────────────────────────────────────────────────

const DEEP: usize = 100_000;

/// Every shape that Python nests in, with how deep it goes.
fn nested_shapes() -> Vec<(&'static str, String)> {
    let around = |open: &str, middle: &str, close: &str| {
        format!(
            "def before(): pass\n\n\nx = {}{middle}{}\n",
            open.repeat(DEEP),
            close.repeat(DEEP)
        )
    };
    let mut shapes = vec![
        ("parentheses", around("(", "1", ")")),
        ("unary", around("-", "1", "")),
        ("not", around("not ", "1", "")),
        ("binary", around("1 + ", "1", "")),
        ("power", around("2 ** ", "1", "")),
        ("attribute", around("", "a", ".b")),
        ("call", around("f(", "1", ")")),
        ("call_chain", around("", "f", "()")),
        ("subscript", around("", "a", "[0]")),
        ("subscript_inside", around("a[", "0", "]")),
        ("ternary", around("1 if a else ", "2", "")),
        ("boolean", around("a and ", "b", "")),
        ("mixed_boolean", around("a and b or ", "c", "")),
        ("comparison", around("a < ", "b", "")),
        ("lambda", around("lambda: ", "1", "")),
        ("lambda_default", around("lambda x=", "1", ": 1")),
        ("list", around("[", "1", "]")),
        ("dict", around("{1: ", "2", "}")),
        ("set", around("{", "1", "}")),
        ("await", around("await ", "a", "")),
        ("starred", around("*", "a", "")),
        ("walrus", around("(a := ", "1", ")")),
        ("string_parts", around("'a' ", "'b'", "")),
    ];
    // Each level is a scope of its own, and CPython stops at two hundred.
    let comprehensions = format!("{}b{}", "[a for a in ".repeat(2_000), "]".repeat(2_000));
    shapes.push((
        "comprehension",
        format!("def before(): pass\n\n\nx = {comprehensions}\n"),
    ));
    let mut elif = String::from("def before(): pass\n\n\nif a: pass\n");
    elif.push_str(&"elif a: pass\n".repeat(DEEP));
    shapes.push(("elif", elif));
    let mut decorators = "@a\n".repeat(DEEP);
    decorators.push_str("def before(): pass\n");
    shapes.push(("decorators", decorators));
    shapes.push(("assignments", format!("def before(): pass\n{}1\n", "x = ".repeat(DEEP))));
    shapes.push(("union", format!("def before(a: {}int): pass\n", "int | ".repeat(DEEP))));
    for (name, depth, head) in [
        ("indentation", 2_000, "if a:"),
        ("functions", 2_000, "def f():"),
        ("classes", 2_000, "class C:"),
    ] {
        let mut text = String::from("def before(): pass\n\n\n");
        for level in 0..depth {
            _ = writeln!(text, "{}{head}", " ".repeat(level));
        }
        _ = writeln!(text, "{}pass", " ".repeat(depth));
        shapes.push((name, text));
    }
    let mut f_string = String::from("1");
    for _ in 0..1_000 {
        f_string = format!("f'{{{f_string}}}'");
    }
    shapes.push(("f_strings", format!("def before(): pass\n\n\nx = {f_string}\n")));
    shapes.push((
        "f_string_formats",
        format!(
            "def before(): pass\n\n\nx = f'{}1{}'\n",
            "{a:".repeat(1_000),
            "}".repeat(1_000)
        ),
    ));
    shapes
}

#[test]
fn deep_nesting_of_every_shape_is_analysed() {
    let shapes = nested_shapes();
    for (name, text) in &shapes {
        let scratch = Scratch::with(&[("deep.py", text.as_bytes())]);
        let run = scratch.run(&["analyze", "repo", "--format", "json-lines"]);
        assert_eq!(run.code, Some(0), "{name}: {:?} {}", run.code, run.stderr);
        assert!(
            run.records_of("component").iter().any(|c| c["qualname"] == "before"),
            "{name}: the function before it was not found"
        );
    }
}

#[test]
fn deep_nesting_of_every_shape_is_documented_and_checked() {
    let shapes = nested_shapes();
    let names: Vec<String> = shapes.iter().map(|(n, _)| format!("{n}.py")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&shapes)
        .map(|(n, (_, text))| (n.as_str(), text.as_bytes()))
        .collect();
    survives_everything(&Scratch::with(&files));
}

#[test]
fn deep_nesting_in_docstrings_and_defaults_is_documented() {
    let brackets = "[".repeat(DEEP) + &"]".repeat(DEEP);
    let quoted = format!(
        "def f(a={brackets}, b: \"{brackets}\" = 1):\n    \"\"\"Says.\n\n    Args:\n        a ({brackets}): x\n    \"\"\"\n    return {brackets}\n"
    );
    survives_everything(&Scratch::with(&[("deep.py", quoted.as_bytes())]));
}

#[test]
fn cycle_of_ten_thousand_functions_is_documented() {
    const SIZE: usize = 10_000;
    let mut text = String::new();
    for i in 0..SIZE {
        _ = writeln!(text, "def f{i}():\n    return f{}()\n", (i + 1) % SIZE);
    }
    let scratch = Scratch::with(&[("cycle.py", text.as_bytes())]);
    let run = scratch.run(&["analyze", "repo", "--format", "json-lines"]);
    run.expect_no_panic().expect_code(0);
    assert_eq!(run.records_of("component").len(), SIZE + 1);
    assert_eq!(run.records_of("edge").len(), SIZE);
    survives_everything(&scratch);
}

#[test]
fn chain_of_subclasses_and_of_reexports_is_documented() {
    const SIZE: usize = 300;
    let mut classes = String::from("class C0:\n    def f(self):\n        raise ValueError\n\n");
    for i in 1..SIZE {
        _ = writeln!(
            classes,
            "class C{i}(C{}):\n    def f(self):\n        return super().f()\n",
            i - 1
        );
    }
    let mut files: Vec<(String, String)> = vec![("classes.py".into(), classes)];
    files.push(("m0.py".into(), "def f(): pass\n".into()));
    for i in 1..500 {
        files.push((format!("m{i}.py"), format!("from m{} import f\nf()\n", i - 1)));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (n.as_str(), t.as_bytes())).collect();
    let scratch = Scratch::with(&files);
    let run = scratch.run(&["analyze", "repo", "--format", "json-lines"]);
    run.expect_no_panic().expect_code(0);
    assert!(
        run.records_of("edge")
            .iter()
            .any(|e| e["caller"] == "m499" && e["callee"] == "m0.f")
    );
    survives_everything(&scratch);
}

// ── What surrounds a run ───────────────────────────────────────────────────────────────────────────────────────

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
    crate::common::assert_same_package(
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

#[test]
fn damaged_checkpoint_is_told() {
    let scratch = Scratch::with(&[("a.py", b"def f(): pass\n")]);
    scratch.document(&["--fail-on", "never"]).expect_code(0);
    let checkpoints = scratch.path("checkpoints");
    let mut damaged = 0;
    for (name, bytes) in crate::common::files_below(&checkpoints) {
        // Snapshots alone can be lost: the journal has all that is in them.
        if name.contains("checkpoint_") || name.ends_with("journal") {
            let mut noise = bytes.clone();
            for (i, byte) in noise.iter_mut().enumerate() {
                *byte = byte.wrapping_mul(31).wrapping_add(i.to_le_bytes()[0]) | 0x80;
            }
            std::fs::write(checkpoints.join(name), noise).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0, "no checkpoint was written");
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
