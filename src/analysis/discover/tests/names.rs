//! Names of modules.

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
    let folder = repository(&["a.py", "a.pyi", "p/__init__.py", "p/__init__.pyi", "fast.pyi"]);
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
    assert_eq!(sources.root, folder.path().join("src").canonicalize().unwrap());
    assert_eq!(paths(&sources), ["test_tool.py"]);
    assert_eq!(&*sources.files[0].module, "test_tool");
}

#[test]
fn roots_come_from_pyproject() {
    check_names(
        &[
            "pyproject.toml: tool.setuptools.packages.find.where = ['lib']",
            "lib/pkg/a.py",
            "src/b.py",
            "tools/c.py",
        ],
        &[("lib/pkg/a.py", "pkg.a"), ("src/b.py", "b"), ("tools/c.py", "tools.c")],
    );
}

#[test]
fn folder_may_be_a_package_by_another_name() {
    check_names(
        &[
            "pyproject.toml: tool.setuptools.package-dir = {'x.y' = 'parts/why'}",
            "parts/why/__init__.py",
            "parts/why/a.py",
            "parts/b.py",
        ],
        &[
            ("parts/b.py", "parts.b"),
            ("parts/why/__init__.py", "x.y"),
            ("parts/why/a.py", "x.y.a"),
        ],
    );
}

#[test]
fn broken_pyproject_names_no_roots() {
    check_names(&["pyproject.toml: [tool", "lib/a.py"], &[("lib/a.py", "lib.a")]);
}

#[test]
fn losing_module_has_a_dotted_path_where_that_is_free() {
    check_names(
        &[
            "pyproject.toml: tool.uv.build-backend.module-root = 'lib'",
            "lib/a.py",
            "src/a.py",
        ],
        &[("lib/a.py", "lib.a"), ("src/a.py", "a")],
    );
}
