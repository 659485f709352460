//! What `include` and `exclude` say.

use super::*;

const FILES: [&str; 8] = [
    ".gitignore: gen",
    ".git/hooks/h.py",
    "gen/g.py",
    "pkg/a.py",
    "pkg/_vendor/v.py",
    "pkg/tests/sub/t.py",
    "pkg/tests/test_a.py",
    "tests/t.py",
];

#[test]
fn include_brings_back_what_is_left_out() {
    check_globs(
        &FILES,
        &["pkg/tests"],
        &[],
        &["pkg/a.py", "pkg/tests/sub/t.py", "pkg/tests/test_a.py"],
    );
    check_globs(&FILES, &["tests/*.py"], &[], &["pkg/a.py", "tests/t.py"]);
    check_globs(&FILES, &["./gen/g.py"], &[], &["gen/g.py", "pkg/a.py"]);
    check_globs(&FILES, &["test_*.py"], &[], &["pkg/a.py", "pkg/tests/test_a.py"]);
}

#[test]
fn include_of_everything_is_every_python_file_outside_git() {
    let all = [
        "gen/g.py",
        "pkg/_vendor/v.py",
        "pkg/a.py",
        "pkg/tests/sub/t.py",
        "pkg/tests/test_a.py",
        "tests/t.py",
    ];
    check_globs(&FILES, &["**"], &[], &all);
    check_globs(&FILES, &["*"], &[], &all);
    check_globs(&FILES, &["**/*.py"], &[], &all);
}

#[test]
fn include_can_take_back() {
    check_globs(
        &FILES,
        &["pkg/**", "!pkg/tests/sub"],
        &[],
        &["pkg/_vendor/v.py", "pkg/a.py", "pkg/tests/test_a.py"],
    );
}

#[test]
fn exclude_wins_over_everything() {
    check_globs(&FILES, &["**"], &["tests", "gen/"], &["pkg/_vendor/v.py", "pkg/a.py"]);
    check_globs(&FILES, &[], &["pkg/a.py"], &[]);
    check_globs(&FILES, &[], &["/a.py"], &["pkg/a.py"]);
    check_globs(&["#a.py", "b.py"], &[], &["#a.py"], &["b.py"]);
}

#[test]
fn malformed_glob_is_an_error_that_names_it() {
    let folder = repository(&["a.py"]);
    let exclude = vec!["a{b".to_owned()];
    let error = discover(folder.path(), &Options { exclude, ..options() }).unwrap_err();
    assert_eq!(error.to_string(), "read the glob `a{b`");
}
