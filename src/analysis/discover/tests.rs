//! Whole repositories on disk: what is analysed, under which names, with which problems.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{DiscoverError, Options, Source, Sources, discover};
use crate::model::facts::ProblemKind;

fn options() -> Options {
    Options {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_bytes: 1_000,
    }
}

/// A repository in a folder of its own; `path` for an empty file, `path: text` for one with a line.
fn repository(files: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in files {
        let (path, text) = file.split_once(": ").unwrap_or((file, ""));
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, bytes).unwrap();
}

fn sources(folder: &TempDir) -> Sources {
    discover(folder.path(), &options()).unwrap()
}

fn paths(sources: &Sources) -> Vec<&str> {
    sources.files.iter().map(|file| &*file.path).collect()
}

fn file<'a>(sources: &'a Sources, path: &str) -> &'a Source {
    let found = sources.files.iter().find(|file| &*file.path == path);
    found.unwrap_or_else(|| panic!("{path} is not among {:?}", paths(sources)))
}

fn problems(sources: &Sources) -> Vec<(&str, ProblemKind)> {
    let all = sources.problems.iter();
    all.map(|problem| (&*problem.path, problem.kind)).collect()
}

/// The paths that are analysed.
fn check(files: &[&str], expected: &[&str]) {
    let folder = repository(files);
    let sources = sources(&folder);
    assert_eq!(paths(&sources), expected);
    assert_eq!(problems(&sources), []);
}

/// The paths that are analysed with globs.
fn check_globs(files: &[&str], include: &[&str], exclude: &[&str], expected: &[&str]) {
    let folder = repository(files);
    let owned = |globs: &[&str]| globs.iter().map(|&glob| glob.to_owned()).collect();
    let options = Options {
        include: owned(include),
        exclude: owned(exclude),
        ..options()
    };
    let sources = discover(folder.path(), &options).unwrap();
    assert_eq!(
        paths(&sources),
        expected,
        "include {include:?} exclude {exclude:?}"
    );
}

/// The names of modules, in the order of the paths.
fn check_names(files: &[&str], expected: &[(&str, &str)]) {
    let folder = repository(files);
    let sources = sources(&folder);
    let names: Vec<(&str, &str)> = sources
        .files
        .iter()
        .map(|file| (&*file.path, &*file.module))
        .collect();
    assert_eq!(names, expected);
}

mod what_is_analysed {
    use super::*;

    #[test]
    fn python_and_stubs_are_found_in_order_of_path() {
        check(
            &[
                "b.py",
                "a/z.pyi",
                "a/b/c.py",
                "README.md",
                "a.txt",
                "x.pyc",
                "py",
            ],
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
            &[
                "pkg/tests/a.py",
                "tests/b.py",
                "pkg/tests.py",
                "pkg/mytests/c.py",
            ],
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
            &[
                "docs/conf.py",
                "examples/x.py",
                "pkg/docs/a.py",
                "pkg/examples/b.py",
            ],
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
            &[
                "build/__init__.py",
                "build/env.py",
                "pkg/dist/a.py",
                "pkg/build/b.py",
            ],
            &[
                "build/__init__.py",
                "build/env.py",
                "pkg/build/b.py",
                "pkg/dist/a.py",
            ],
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
}

mod gitignore {
    use super::*;

    #[test]
    fn ignored_files_are_left_out_without_a_git_repository() {
        check(
            &[
                ".gitignore: gen_*.py",
                "gen_a.py",
                "pkg/gen_b.py",
                "pkg/c.py",
            ],
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
            &[
                ".gitignore: /out/",
                "out/.gitignore: !a.py",
                "out/a.py",
                "pkg/out/b.py",
            ],
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
}

mod user_globs {
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
        check_globs(
            &FILES,
            &["test_*.py"],
            &[],
            &["pkg/a.py", "pkg/tests/test_a.py"],
        );
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
        check_globs(
            &FILES,
            &["**"],
            &["tests", "gen/"],
            &["pkg/_vendor/v.py", "pkg/a.py"],
        );
        check_globs(&FILES, &[], &["pkg/a.py"], &[]);
        check_globs(&FILES, &[], &["/a.py"], &["pkg/a.py"]);
        check_globs(&["#a.py", "b.py"], &[], &["#a.py"], &["b.py"]);
    }

    #[test]
    fn malformed_glob_is_an_error_that_names_it() {
        let folder = repository(&["a.py"]);
        let exclude = vec!["a{b".to_owned()];
        let error = discover(
            folder.path(),
            &Options {
                exclude,
                ..options()
            },
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "read the glob `a{b`");
    }
}

mod names {
    use super::*;

    #[test]
    fn packages_namespaces_and_modules_have_dotted_names() {
        check_names(
            &[
                "a.py",
                "ns/b.py",
                "pkg/__init__.py",
                "pkg/__main__.py",
                "pkg/sub/c.py",
                "tools/set-up.py",
            ],
            &[
                ("a.py", "a"),
                ("ns/b.py", "ns.b"),
                ("pkg/__init__.py", "pkg"),
                ("pkg/__main__.py", "pkg.__main__"),
                ("pkg/sub/c.py", "pkg.sub.c"),
                ("tools/set-up.py", "tools.set-up"),
            ],
        );
    }

    #[test]
    fn package_that_relative_imports_start_from_is_known() {
        let folder = repository(&["__init__.py", "a.py", "pkg/__init__.py", "pkg/b.py"]);
        let sources = sources(&folder);
        let packages: Vec<(&str, &str, bool)> = sources
            .files
            .iter()
            .map(|file| (&*file.module, &*file.package, file.is_package))
            .collect();
        assert_eq!(
            packages,
            [
                ("__init__", "", true),
                ("a", "", false),
                ("pkg", "pkg", true),
                ("pkg.b", "pkg", false),
            ]
        );
    }

    #[test]
    fn src_is_a_root_unless_it_is_a_package() {
        check_names(
            &["src/pkg/a.py", "setup.py"],
            &[("setup.py", "setup"), ("src/pkg/a.py", "pkg.a")],
        );
        check_names(
            &["src/__init__.py", "src/a.py"],
            &[("src/__init__.py", "src"), ("src/a.py", "src.a")],
        );
    }

    #[test]
    fn src_wins_a_name_and_the_other_is_called_by_its_path() {
        let folder = repository(&["src/a.py", "a.py", "pkg/b.py", "src/pkg/b.py"]);
        let sources = sources(&folder);
        let names: Vec<&str> = sources.files.iter().map(|file| &*file.module).collect();
        assert_eq!(names, ["a.py", "pkg/b.py", "a", "pkg.b"]);
        let taken = ProblemKind::NameTaken;
        assert_eq!(problems(&sources), [("a.py", taken), ("pkg/b.py", taken)]);
        assert_eq!(
            sources.problems[0].message,
            "the name a belongs to src/a.py; this module is called a.py"
        );
    }

    #[test]
    fn package_wins_over_module() {
        let folder = repository(&["x.py", "x/__init__.py", "src/y.py", "src/y/__init__.py"]);
        let sources = sources(&folder);
        let names: Vec<&str> = sources.files.iter().map(|file| &*file.module).collect();
        assert_eq!(names, ["src.y", "y", "x.py", "x"]);
        let taken = ProblemKind::NameTaken;
        assert_eq!(problems(&sources), [("src/y.py", taken), ("x.py", taken)]);
    }

    #[test]
    fn every_module_has_a_name_of_its_own() {
        let folder = repository(&[
            "a.py",
            "a/__init__.py",
            "b.py/__init__.py",
            "b.py.py",
            "a/py.py",
            "a.b.py",
            "a/b.py",
            "a.py.py",
            "src/a.py",
        ]);
        let sources = sources(&folder);
        let mut names: Vec<&str> = sources.modules().map(|file| &*file.module).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 9, "{names:?}");
    }

    #[test]
    fn stub_beside_its_module_is_its_companion() {
        let folder = repository(&[
            "a.py",
            "a.pyi",
            "p/__init__.py",
            "p/__init__.pyi",
            "fast.pyi",
        ]);
        let sources = sources(&folder);
        let files: Vec<(&str, &str, bool, bool)> = sources
            .files
            .iter()
            .map(|file| (&*file.path, &*file.module, file.is_stub, file.is_companion))
            .collect();
        assert_eq!(
            files,
            [
                ("a.py", "a", false, false),
                ("a.pyi", "a", true, true),
                ("fast.pyi", "fast", true, false),
                ("p/__init__.py", "p", false, false),
                ("p/__init__.pyi", "p", true, true),
            ]
        );
        assert!(sources.files.iter().all(|file| file.text.is_some()));
        assert_eq!(problems(&sources), []);
    }

    #[test]
    fn stub_beside_a_module_that_lost_its_name_shares_the_new_one() {
        check_names(
            &["a.py", "a.pyi", "src/a.py"],
            &[("a.py", "a.py"), ("a.pyi", "a.py"), ("src/a.py", "a")],
        );
    }

    #[test]
    fn single_file_is_a_repository_of_one_module() {
        let folder = repository(&["src/test_tool.py", "src/other.py", "src/.gitignore: *"]);
        let place = folder.path().join("src/test_tool.py");
        let sources = discover(&place, &options()).unwrap();
        assert_eq!(
            sources.root,
            folder.path().join("src").canonicalize().unwrap()
        );
        assert_eq!(paths(&sources), ["test_tool.py"]);
        assert_eq!(&*sources.files[0].module, "test_tool");
    }
}

mod bad_input {
    use super::*;

    #[test]
    fn missing_path_is_an_error() {
        let folder = repository(&["a.py"]);
        for path in ["nothing", "a.py/b"] {
            let error = discover(&folder.path().join(path), &options()).unwrap_err();
            assert!(matches!(error, DiscoverError::NotFound { .. }), "{error}");
        }
    }

    #[test]
    fn file_that_is_not_python_is_an_error() {
        let folder = repository(&["a.txt"]);
        let error = discover(&folder.path().join("a.txt"), &options()).unwrap_err();
        assert!(matches!(error, DiscoverError::NotPython { .. }), "{error}");
    }

    #[test]
    fn large_file_is_listed_and_not_read() {
        let folder = repository(&["a.py"]);
        write(folder.path(), "big.py", &[b' '; 1_001]);
        write(folder.path(), "fits.py", &[b' '; 1_000]);
        let sources = sources(&folder);
        assert_eq!(problems(&sources), [("big.py", ProblemKind::TooLarge)]);
        let big = file(&sources, "big.py");
        assert_eq!((big.bytes, big.hash, &big.text), (1_001, 0, &None));
        assert!(file(&sources, "fits.py").text.is_some());
    }

    #[test]
    fn undecodable_file_is_listed_with_its_problem() {
        let folder = repository(&["a.py"]);
        write(folder.path(), "bad.py", b"x = 1\ny = '\xff'\n");
        write(folder.path(), "nul.py", b"x = 1\n\0");
        let sources = sources(&folder);
        let bad = ProblemKind::Encoding;
        assert_eq!(problems(&sources), [("bad.py", bad), ("nul.py", bad)]);
        assert_eq!(sources.problems[0].line, Some(2));
        assert_eq!(sources.problems[0].message, "not UTF-8 at byte 11; skipped");
        assert!(file(&sources, "bad.py").text.is_none());
        assert_ne!(file(&sources, "bad.py").hash, 0);
    }

    #[test]
    fn text_has_no_mark_and_its_own_line_endings() {
        let folder = TempDir::new().unwrap();
        write(
            folder.path(),
            "a.py",
            b"\xef\xbb\xbfx = 1\r\ny = 2\rz = 3\n",
        );
        let sources = sources(&folder);
        let text = sources.files[0].text.as_deref();
        assert_eq!(text, Some("x = 1\r\ny = 2\rz = 3\n"));
        assert_eq!(sources.files[0].bytes, 22);
    }

    #[test]
    fn hash_is_the_same_in_every_version() {
        let folder = repository(&["a.py: x = 1", "b.py"]);
        let sources = sources(&folder);
        let hashes: Vec<u64> = sources.files.iter().map(|file| file.hash).collect();
        assert_eq!(hashes, [5_322_378_264_246_450_201, 0xa6a1_f9f5_b949_13af]);
    }
}

#[cfg(unix)]
mod unix {
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
        assert_eq!(
            found.root,
            folder.path().join("repo").canonicalize().unwrap()
        );
        assert_eq!(paths(&found), ["a.py"]);
        let found = discover(&folder.path().join("b.py"), &options()).unwrap();
        assert_eq!(paths(&found), ["b.py"]);
        assert!(found.files[0].text.is_some());
    }

    #[test]
    fn unreadable_files_and_folders_are_problems() {
        let folder = repository(&["a.py", "b.py", "locked/c.py"]);
        for path in ["b.py", "locked"] {
            let nobody = fs::Permissions::from_mode(0);
            fs::set_permissions(folder.path().join(path), nobody).unwrap();
        }
        let sources = sources(&folder);
        if fs::read(folder.path().join("b.py")).is_ok() {
            eprintln!("skipped: this user may read everything");
        } else {
            assert_eq!(paths(&sources), ["a.py", "b.py"]);
            let unreadable = ProblemKind::Unreadable;
            assert_eq!(
                problems(&sources),
                [("b.py", unreadable), ("locked", unreadable)]
            );
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
        let kinds: Vec<ProblemKind> = sources
            .problems
            .iter()
            .map(|problem| problem.kind)
            .collect();
        assert_eq!(kinds, [ProblemKind::Unreadable]);
    }
}
