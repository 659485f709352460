//! Links, permissions and names that only Unix has.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::*;

const LINK: ProblemKind = ProblemKind::Link;

fn link(folder: &TempDir, target: &str, path: &str) {
    symlink(target, folder.path().join(path)).unwrap();
}

#[test]
fn links_inside_the_repository_are_passed_over() {
    let folder = repository(&["pkg/a.py", "other/b.py"]);
    link(&folder, "../other", "pkg/linked");
    link(&folder, "a.py", "pkg/c.py");
    let sources = sources(&folder);
    assert_eq!(paths(&sources), ["other/b.py", "pkg/a.py"]);
    assert_eq!(problems(&sources), []);
}

#[test]
fn links_in_a_circle_are_problems() {
    let folder = repository(&["pkg/a.py"]);
    link(&folder, "..", "pkg/up");
    link(&folder, ".", "pkg/here");
    link(&folder, "loop", "loop");
    link(&folder, "two.py", "one.py");
    link(&folder, "one.py", "two.py");
    let sources = sources(&folder);
    assert_eq!(paths(&sources), ["pkg/a.py"]);
    let expected = ["loop", "one.py", "pkg/here", "pkg/up", "two.py"].map(|path| (path, LINK));
    assert_eq!(problems(&sources), expected);
}

#[test]
fn links_out_of_the_repository_are_problems_where_python_is_concerned() {
    let outside = repository(&["x.py", "notes.txt", "folder/y.py"]);
    let folder = repository(&["a.py"]);
    let place = |path: &str| outside.path().join(path).to_string_lossy().into_owned();
    link(&folder, &place("x.py"), "x.py");
    link(&folder, &place("notes.txt"), "notes.txt");
    link(&folder, &place("folder"), "folder");
    link(&folder, &place("folder"), "tests");
    link(&folder, "nowhere", "dangling.py");
    link(&folder, "nowhere", "dangling");
    let sources = sources(&folder);
    assert_eq!(paths(&sources), ["a.py"]);
    let expected = ["dangling.py", "folder", "x.py"].map(|path| (path, LINK));
    assert_eq!(problems(&sources), expected);
    for problem in &sources.problems {
        assert!(!problem.message.contains('/'), "{}", problem.message);
    }
}

#[test]
fn link_to_python_under_another_name_is_a_problem() {
    let folder = repository(&["script"]);
    link(&folder, "script", "script.py");
    assert_eq!(problems(&sources(&folder)), [("script.py", LINK)]);
}

#[test]
fn repository_may_be_given_by_a_link() {
    let folder = repository(&["repo/a.py", "store/b"]);
    link(&folder, "repo", "linked");
    link(&folder, "store/b", "b.py");
    let found = discover(&folder.path().join("linked"), &options()).unwrap();
    assert_eq!(found.root, folder.path().join("repo").canonicalize().unwrap());
    assert_eq!(paths(&found), ["a.py"]);
    let found = discover(&folder.path().join("b.py"), &options()).unwrap();
    assert_eq!(paths(&found), ["b.py"]);
    assert!(found.files[0].text.is_some());
}

#[test]
fn unreadable_files_and_folders_are_problems() {
    let folder = repository(&["a.py", "b.py", "locked/c.py"]);
    for path in ["b.py", "locked"] {
        let nobody = fs::Permissions::from_mode(0o000);
        fs::set_permissions(folder.path().join(path), nobody).unwrap();
    }
    let sources = sources(&folder);
    if fs::read(folder.path().join("b.py")).is_ok() {
        eprintln!("skipped: this user may read everything");
    } else {
        assert_eq!(paths(&sources), ["a.py", "b.py"]);
        let unreadable = ProblemKind::Unreadable;
        assert_eq!(problems(&sources), [("b.py", unreadable), ("locked", unreadable)]);
        assert_eq!(
            sources.problems[0].message,
            "can't be read (Permission denied (os error 13)); skipped"
        );
    }
    let everybody = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path().join("locked"), everybody).unwrap();
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let folder = repository(&["a.py"]);
    let _socket = UnixListener::bind(folder.path().join("s.py")).unwrap();
    let sources = sources(&folder);
    assert_eq!(paths(&sources), ["a.py"]);
    assert_eq!(problems(&sources), [("s.py", ProblemKind::Unreadable)]);
}

#[test]
fn names_that_are_not_utf8_are_problems() {
    let folder = repository(&["a.py"]);
    let place = folder.path().join(OsStr::from_bytes(b"caf\xe9.py"));
    if fs::write(place, "").is_err() {
        eprintln!("skipped: this file system takes no such names");
        return;
    }
    let inner = folder.path().join(OsStr::from_bytes(b"d\xe9"));
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("b.py"), "").unwrap();
    let sources = sources(&folder);
    assert_eq!(paths(&sources), ["a.py"]);
    let encoding = ProblemKind::Encoding;
    assert_eq!(
        problems(&sources),
        [("caf\u{fffd}.py", encoding), ("d\u{fffd}/b.py", encoding)]
    );
}

#[test]
fn folders_nested_deeper_than_a_path_may_be_long_end_in_a_problem() {
    let folder = repository(&["a.py"]);
    // Made relative to a folder that is renamed deeper and deeper, since the full path is too long to be used.
    let name = "d".repeat(200);
    let mut inner = folder.path().join("tip");
    fs::create_dir(&inner).unwrap();
    for level in 0..30 {
        let outer = folder.path().join(format!("outer{level}"));
        fs::create_dir(&outer).unwrap();
        fs::rename(&inner, outer.join(&name)).unwrap();
        inner = outer;
    }
    let sources = sources(&folder);
    assert_eq!(paths(&sources), ["a.py"]);
    let kinds: Vec<ProblemKind> = sources.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::Unreadable]);
}
