//! What `.gitignore` files hide.

use super::*;

#[test]
fn ignored_files_are_left_out_without_a_git_repository() {
    check(
        &[".gitignore: gen_*.py", "gen_a.py", "pkg/gen_b.py", "pkg/c.py"],
        &["pkg/c.py"],
    );
}

#[test]
fn inner_file_overrules_the_outer_one() {
    check(
        &[
            ".gitignore: *_pb2.py",
            "pkg/.gitignore: !keep_pb2.py",
            "pkg/keep_pb2.py",
            "a_pb2.py",
        ],
        &["pkg/keep_pb2.py"],
    );
}

#[test]
fn nothing_in_an_ignored_folder_comes_back() {
    check(
        &[".gitignore: /out/", "out/.gitignore: !a.py", "out/a.py", "pkg/out/b.py"],
        &["pkg/out/b.py"],
    );
}

#[test]
fn folder_with_everything_ignored_is_left_out() {
    check(&["out/.gitignore: *", "out/a.py", "b.py"], &["b.py"]);
}

#[test]
fn what_is_above_the_repository_does_not_hide_it() {
    let folder = repository(&[".gitignore: *", "repo/a.py"]);
    let found = discover(&folder.path().join("repo"), &options()).unwrap();
    assert_eq!(paths(&found), ["a.py"]);
}
