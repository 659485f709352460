//! Bad input, through the program: each ends with a clear problem, the documented exit code, and no crash.

use crate::common::{Scratch, finish, skipped};

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
    scratch.survives_everything();
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

#[cfg(unix)]
#[test]
fn file_that_may_not_be_read_is_skipped() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::with(&[("secret.py", b"def f(): pass\n"), ("open.py", b"def g(): pass\n")]);
    let arguments = ["analyze", "repo", "--format", "json-lines"];
    let Some(command) = scratch.as_ordinary_user(&arguments) else {
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
    scratch.survives_everything();
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
