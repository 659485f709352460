//! What is left out unless someone asks for it: tests, documentation, other people's code and what tools made.
//!
//! Rules look at a name, or at what a folder directly holds. `jinja2/tests.py`, `django/test`, `sqlalchemy/testing`
//! and `click/testing.py` are product code, so a name like that is not enough.

/// Folders that are left out wherever they are. Hidden folders (`.tox`, `.nox`, `.eggs`, `.venv`) go by their dot.
const FOLDERS_OUT: [&str; 10] = [
    "tests",
    "site-packages",
    "__pycache__",
    "__pypackages__",
    "_vendor",
    "_vendored",
    "vendor",
    "vendored",
    "third_party",
    "node_modules",
];

/// Folders that are left out where they are directly in the repository.
const TOP_FOLDERS_OUT: [&str; 2] = ["docs", "examples"];

/// Folders that hold tests only where they directly hold test files.
const PERHAPS_TESTS: [&str; 2] = ["test", "testing"];

/// Folders directly in the repository that builds write to, unless they are packages.
const PERHAPS_BUILT: [&str; 2] = ["build", "dist"];

/// Files and folders that mark a virtual environment, of `venv` and of conda.
const ENVIRONMENT_MARKS: [&str; 2] = ["pyvenv.cfg", "conda-meta"];

/// Whether a file of this name or path is Python.
pub(super) fn is_python(path: &str) -> bool {
    stem(path).is_some()
}

/// Whether a Python file is a stub.
pub(super) fn is_stub(path: &str) -> bool {
    path.ends_with(".pyi")
}

/// Whether a Python file is what makes its folder a package.
pub(super) fn is_package(path: &str) -> bool {
    stem(path) == Some("__init__")
}

/// The name of a Python file without folders and suffix; none where it is no Python file.
pub(super) fn stem(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".py").or_else(|| name.strip_suffix(".pyi"))?;
    (!stem.is_empty()).then_some(stem)
}

/// Whether a folder is left out for its name; `top` where it is directly in the repository.
pub(super) fn leaves_out_folder(name: &str, top: bool) -> bool {
    name.starts_with('.')
        || name.ends_with(".egg-info")
        || FOLDERS_OUT.contains(&name)
        || (top && TOP_FOLDERS_OUT.contains(&name))
}

/// Whether a folder is left out for what it directly holds.
pub(super) fn leaves_out_holding<'a>(
    name: &str,
    top: bool,
    mut entries: impl Iterator<Item = &'a str> + Clone,
) -> bool {
    let is_environment = entries.clone().any(|entry| ENVIRONMENT_MARKS.contains(&entry));
    let is_tests = PERHAPS_TESTS.contains(&name) && entries.clone().any(is_test);
    let is_built = top && PERHAPS_BUILT.contains(&name) && !entries.any(is_package);
    is_environment || is_tests || is_built
}

/// Whether a file is left out for its name. Hidden ones are what editors and systems leave behind, never modules.
pub(super) fn leaves_out_file(name: &str) -> bool {
    name.starts_with('.') || is_test(name)
}

fn is_test(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem == "conftest" || stem.starts_with("test_") || stem.ends_with("_test"))
}
