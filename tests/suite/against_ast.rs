//! The analysis against CPython's own parser: `tests/ast_oracle.py` on the fixtures and on the machine's standard
//! library, and in CPython 3.14 where `TWINSCRIBE_PYODIDE` names a folder with npm's `pyodide`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{Scratch, fixture, manifest, python, say, skipped, standard_library};

/// The oldest Python whose `ast` the script can use.
const OLDEST: u32 = 8;

fn facts(scratch: &Scratch, repository: &Path, more: &[&str]) -> PathBuf {
    let repository = repository.to_string_lossy().into_owned();
    let mut arguments = vec!["analyze", &repository, "--format", "json-lines"];
    arguments.extend(more);
    let run = scratch.run(&arguments);
    run.expect_no_panic().expect_code(0);
    scratch.write("facts.jsonl", run.stdout.as_bytes());
    scratch.path("facts.jsonl")
}

fn compare(python: &Path, facts: &Path, repository: &Path, more: &[&str]) -> Output {
    Command::new(python)
        .arg(manifest().join("tests/ast_oracle.py"))
        .arg(facts)
        .arg(repository)
        .args(more)
        .output()
        .unwrap()
}

#[track_caller]
fn expect_same(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[test]
fn fixtures_are_read_as_cpython_reads_them() {
    let Some(python) = python(OLDEST) else {
        return skipped("against_ast", "no python3");
    };
    for name in ["stockroom", "modern-syntax"] {
        let scratch = Scratch::new();
        let repository = fixture(name);
        let facts = facts(&scratch, &repository, &["--include", "**"]);
        expect_same(&compare(&python, &facts, &repository, &["--complete"]));
    }
}

#[test]
fn standard_library_is_read_as_cpython_reads_it() {
    let Some(python) = python(OLDEST) else {
        return skipped("against_ast", "no python3");
    };
    let Some(library) = standard_library(&python) else {
        return skipped("against_ast", "this Python has no sources of its standard library");
    };
    let scratch = Scratch::new();
    // What discovery leaves out by default is compared by benches/ast_all.py, which takes minutes.
    let facts = facts(&scratch, &library, &["--exclude", "site-packages"]);
    say(&expect_same(&compare(&python, &facts, &library, &["--brief"])));
}

#[test]
fn newest_syntax_is_read_as_cpython_3_14_reads_it() {
    let test = "newest syntax against CPython 3.14";
    let Some(folder) = std::env::var_os("TWINSCRIBE_PYODIDE") else {
        return skipped(test, "TWINSCRIBE_PYODIDE names no folder with npm's pyodide");
    };
    if Command::new("node").arg("--version").output().is_err() {
        return skipped(test, "no node");
    }
    let scratch = Scratch::new();
    let repository = fixture("modern-syntax");
    let facts = facts(&scratch, &repository, &["--include", "**"]);
    let output = Command::new("node")
        .arg(manifest().join("tests/ast_oracle_314.mjs"))
        .arg(folder)
        .arg(&facts)
        .arg(&repository)
        .arg("--complete")
        .output()
        .unwrap();
    say(&expect_same(&output));
}

/// An instrument that cannot fail proves nothing: every kind of difference is noticed.
#[test]
fn every_kind_of_difference_is_noticed() {
    let Some(python) = python(OLDEST) else {
        return skipped("against_ast", "no python3");
    };
    let scratch = Scratch::new();
    let repository = fixture("stockroom");
    let facts = facts(&scratch, &repository, &[]);
    let text = std::fs::read_to_string(&facts).unwrap();
    type Change = fn(&mut serde_json::Value);
    let changes: &[(&str, Change)] = &[
        ("first line", |r| r["line"] = (r["line"].as_u64().unwrap() + 1).into()),
        ("kind", |r| r["kind"] = "class".into()),
        ("async", |r| r["async"] = true.into()),
        ("generator", |r| r["generator"] = true.into()),
        ("decorators", |r| r["decorators"] = vec!["other"].into()),
        ("return annotation", |r| r["returns"] = "bytes".into()),
        ("parameter names", |r| r["parameters"][1]["name"] = "other".into()),
        ("parameter kind", |r| r["parameters"][1]["kind"] = "keyword_only".into()),
        ("annotation", |r| r["parameters"][1]["annotation"] = "bytes".into()),
        ("default", |r| r["parameters"][2]["default"] = "11".into()),
        ("component missing", |r| r["record"] = "other".into()),
    ];
    for (kind, change) in changes {
        let changed: Vec<String> = text
            .lines()
            .map(|line| {
                let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
                if record["record"] == "component" && record["id"] == "stockroom.inventory.Inventory.restock" {
                    change(&mut record);
                }
                record.to_string()
            })
            .collect();
        scratch.write("changed.jsonl", changed.join("\n").as_bytes());
        expect_difference(
            &compare(&python, &scratch.path("changed.jsonl"), &repository, &[]),
            kind,
        );
    }
}

#[track_caller]
fn expect_difference(output: &Output, kind: &str) {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{kind}: {told}");
    assert!(told.contains(&format!("differences in {kind}")), "{kind}: {told}");
}

/// That the product itself says that it cannot read a file does not excuse it, unless the file is pinned by its name
/// and by the construct.
#[test]
fn file_that_only_the_product_cannot_read_is_a_difference() {
    let Some(python) = python(OLDEST) else {
        return skipped("against_ast", "no python3");
    };
    let misread = b"def f():\n    *(a), (b) = 1, 2\n";
    for (path, passes) in [
        ("tests/data/cases/preview_unpacking_parens.py", true),
        ("tests/data/cases/other.py", false),
    ] {
        let scratch = Scratch::with(&[(path, misread)]);
        let facts = facts(&scratch, &scratch.repo(), &["--include", "**"]);
        let output = compare(&python, &facts, &scratch.repo(), &["--complete"]);
        if passes {
            assert!(expect_same(&output).contains("misread, and said so: tests/data/cases"));
        } else {
            expect_difference(&output, "syntax");
        }
    }
    let scratch = Scratch::with(&[("tests/data/cases/preview_unpacking_parens.py", b"def f(:\n    pass\n")]);
    let facts = facts(&scratch, &scratch.repo(), &["--include", "**"]);
    scratch.write(
        "repo/tests/data/cases/preview_unpacking_parens.py",
        b"def f():\n    pass\n",
    );
    expect_difference(&compare(&python, &facts, &scratch.repo(), &["--complete"]), "syntax");
}
