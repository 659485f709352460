//! Files and folders that are analysed or left out by default.

use super::*;

#[test]
fn python_and_stubs_are_found_in_order_of_path() {
    check(
        &["b.py", "a/z.pyi", "a/b/c.py", "README.md", "a.txt", "x.pyc", "py"],
        &["a/b/c.py", "a/z.pyi", "b.py"],
    );
}

#[test]
fn folder_without_python_has_no_files_and_no_problem() {
    check(&["README.md", "docs/conf.py"], &[]);
    check(&[], &[]);
}

#[test]
fn tests_folders_are_left_out_anywhere_but_a_module_of_that_name_stays() {
    check(
        &["pkg/tests/a.py", "tests/b.py", "pkg/tests.py", "pkg/mytests/c.py"],
        &["pkg/mytests/c.py", "pkg/tests.py"],
    );
}

#[test]
fn test_and_testing_folders_are_left_out_where_they_hold_test_files() {
    check(
        &[
            "a/test/__init__.py",
            "a/test/client.py",
            "b/test/helper.py",
            "b/test/test_x.py",
            "c/testing/helper.py",
            "c/testing/x_test.py",
            "d/testing/conftest.py",
            "d/testing/sub/helper.py",
            "e/testing/suite/test_deep.py",
            "e/testing/util.py",
            "f/testing.py",
        ],
        &[
            "a/test/__init__.py",
            "a/test/client.py",
            "e/testing/util.py",
            "f/testing.py",
        ],
    );
}

#[test]
fn test_files_are_left_out_anywhere() {
    check(
        &[
            "a/test_x.py",
            "a/x_test.py",
            "a/conftest.py",
            "a/test.py",
            "a/tester.py",
            "a/contest.py",
        ],
        &["a/contest.py", "a/test.py", "a/tester.py"],
    );
}

#[test]
fn docs_and_examples_are_left_out_at_the_top_alone() {
    check(
        &["docs/conf.py", "examples/x.py", "pkg/docs/a.py", "pkg/examples/b.py"],
        &["pkg/docs/a.py", "pkg/examples/b.py"],
    );
}

#[test]
fn environments_are_left_out() {
    check(
        &[
            "env/pyvenv.cfg",
            "env/lib/python3/site-packages/x.py",
            "env/bin/activate_this.py",
            "old/lib/site-packages/y.py",
            "conda/conda-meta/history",
            "conda/z.py",
            "pkg/venv.py",
        ],
        &["pkg/venv.py"],
    );
}

#[test]
fn vendored_hidden_and_built_folders_are_left_out() {
    check(
        &[
            "pkg/_vendor/a.py",
            "pkg/_vendored/a.py",
            "pkg/vendor/a.py",
            "vendored/a.py",
            "third_party/a.py",
            "web/node_modules/gyp/a.py",
            "x.egg-info/a.py",
            "pkg/__pycache__/a.py",
            ".tox/a.py",
            ".nox/a.py",
            ".eggs/a.py",
            ".git/hooks/a.py",
            ".hidden/a.py",
            "pkg/.hidden.py",
            "build/lib/a.py",
            "dist/a.py",
            "pkg/vendor.py",
        ],
        &["pkg/vendor.py"],
    );
}

#[test]
fn build_and_dist_stay_where_they_are_packages_or_inside_one() {
    check(
        &["build/__init__.py", "build/env.py", "pkg/dist/a.py", "pkg/build/b.py"],
        &["build/__init__.py", "build/env.py", "pkg/build/b.py", "pkg/dist/a.py"],
    );
}

#[test]
fn explicit_repository_is_analysed_whatever_its_name() {
    let folder = repository(&["tests/case/main.py", "tests/case/pyvenv.cfg"]);
    let found = discover(&folder.path().join("tests/case"), &options()).unwrap();
    assert_eq!(paths(&found), ["main.py"]);
    let found = discover(&folder.path().join("tests"), &options()).unwrap();
    assert_eq!(paths(&found), [""; 0]);
}

#[test]
fn folder_named_like_a_file_is_walked() {
    check(&["x.py/y.py"], &["x.py/y.py"]);
}

#[test]
fn order_on_disk_does_not_show() {
    let found = |files: &[&str]| {
        let folder = repository(files);
        let found = sources(&folder);
        let files: Vec<String> = found.files.iter().map(|file| format!("{file:?}")).collect();
        (files, found.problems)
    };
    let mut files = ["b/a.py", "a.py", "a/__init__.py", "src/a.py", "z.pyi", "a.pyi"];
    let expected: (Vec<String>, Vec<Problem>) = found(&files);
    assert_eq!(expected.1.len(), 2);
    for _ in 0..files.len() {
        files.rotate_left(1);
        assert_eq!(found(&files), expected);
    }
}
