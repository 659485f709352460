//! Source roots: the folders that module names are relative to.
//!
//! They are `src`, where that is no package, those that `pyproject.toml` names for its build backend, and the
//! repository itself. A `pyproject.toml` that can't be read names none: it is the build's business, not ours.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// A folder that module names are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    /// POSIX path relative to the repository; empty for the repository itself.
    pub(super) folder: String,
    /// Dotted name of the package that the folder is; empty where packages are in the folder.
    pub(super) package: String,
}

/// Finds the roots of a repository, those whose modules win their names first. The repository itself is not among
/// them unless something names it.
pub(super) fn of_repository(repository: &Path) -> Vec<Root> {
    let mut roots = pyproject(repository).map_or_else(Vec::new, |table| named(&table));
    let src = repository.join("src");
    let is_package = ["__init__.py", "__init__.pyi"]
        .iter()
        .any(|file| src.join(file).is_file());
    if src.is_dir() && !is_package {
        add(&mut roots, "src", "");
    }
    roots.sort_by_key(|root| root.folder != "src");
    roots
}

fn pyproject(repository: &Path) -> Option<Table> {
    let place = repository.join("pyproject.toml");
    // A link could lead out of the repository.
    if !fs::symlink_metadata(&place).ok()?.is_file() {
        return None;
    }
    let text = fs::read_to_string(place).ok()?;
    text.trim_start_matches('\u{feff}').parse().ok()
}

/// The roots that the tables of build backends name.
fn named(pyproject: &Table) -> Vec<Root> {
    let mut roots = Vec::new();
    let Some(tools) = pyproject.get("tool").and_then(Value::as_table) else {
        return roots;
    };
    let at = |path: &[&str]| lookup(tools, path);

    // setuptools
    for (package, folder) in entries(at(&["setuptools", "package-dir"])) {
        add(&mut roots, folder, package);
    }
    for folder in strings(at(&["setuptools", "packages", "find", "where"])) {
        add(&mut roots, folder, "");
    }
    // poetry
    let packages = at(&["poetry", "packages"]).and_then(Value::as_array);
    for package in packages.into_iter().flatten().filter_map(Value::as_table) {
        if let Some(folder) = package.get("from").and_then(Value::as_str) {
            let to = package.get("to").and_then(Value::as_str).unwrap_or("");
            add(&mut roots, folder, &to.replace('/', "."));
        }
    }
    // hatch
    for table in [&["hatch", "build", "targets", "wheel"][..], &["hatch", "build"]] {
        let below = |key| at(table).and_then(|table| table.get(key));
        for package in strings(below("packages")) {
            add_parent(&mut roots, package);
        }
        for folder in strings(below("sources")) {
            add(&mut roots, folder, "");
        }
        for (folder, package) in entries(below("sources")) {
            add(&mut roots, folder, &package.replace('/', "."));
        }
    }
    // scikit-build
    for package in strings(at(&["scikit-build", "wheel", "packages"])) {
        add_parent(&mut roots, package);
    }
    // pdm, uv, maturin
    for path in [
        &["pdm", "build", "package-dir"][..],
        &["pdm", "package-dir"],
        &["uv", "build-backend", "module-root"],
        &["maturin", "python-source"],
    ] {
        for folder in strings(at(path)) {
            add(&mut roots, folder, "");
        }
    }
    roots
}

fn lookup<'a>(tools: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(tools.get(*first)?, |value, key| value.get(key))
}

/// A string, or the strings of a list.
fn strings(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The strings of a table with their keys.
fn entries(value: Option<&Value>) -> Vec<(&str, &str)> {
    let table = value.and_then(Value::as_table);
    table
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect()
}

fn add_parent(roots: &mut Vec<Root>, package: &str) {
    let package = package.trim_end_matches('/');
    let folder = package.rsplit_once('/').map_or("", |(folder, _)| folder);
    add(roots, folder, "");
}

/// Adds a root, unless it is outside the repository or the folder is a root already.
fn add(roots: &mut Vec<Root>, folder: &str, package: &str) {
    let parts: Vec<&str> = folder
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if folder.starts_with('/') || parts.contains(&"..") {
        return;
    }
    let folder = parts.join("/");
    if roots.iter().all(|root| root.folder != folder) {
        let package = package.to_owned();
        roots.push(Root { folder, package });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The roots that a `pyproject.toml` names, as `folder` or `folder=package`.
    fn check(pyproject: &str, expected: &[&str]) {
        let table: Table = pyproject.parse().unwrap();
        let shown: Vec<String> = named(&table)
            .iter()
            .map(|root| match root.package.as_str() {
                "" => root.folder.clone(),
                package => format!("{}={package}", root.folder),
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_backend_names_its_roots() {
        check(
            "[tool.setuptools.packages.find]\nwhere = ['lib', './other/']",
            &["lib", "other"],
        );
        check(
            "[tool.setuptools.package-dir]\n'' = 'lib'\n'a.b' = 'parts/b'",
            &["lib", "parts/b=a.b"],
        );
        check(
            "[tool.poetry]\npackages = [{include = 'a'}, {include = 'b', from = 'lib'}]",
            &["lib"],
        );
        check(
            "[[tool.poetry.packages]]\ninclude = 'a'\nfrom = 'lib'\nto = 'x/y'",
            &["lib=x.y"],
        );
        check(
            "[tool.hatch.build.targets.wheel]\npackages = ['source/a', 'b']",
            &["source", ""],
        );
        check("[tool.hatch.build.targets.wheel]\nsources = ['source']", &["source"]);
        check(
            "[tool.hatch.build.targets.wheel.sources]\n'source/a' = 'b'",
            &["source/a=b"],
        );
        check("[tool.hatch.build]\npackages = ['lib/a']", &["lib"]);
        check("[tool.pdm.build]\npackage-dir = 'lib'", &["lib"]);
        check("[tool.uv.build-backend]\nmodule-root = ''", &[""]);
        check("[tool.maturin]\npython-source = 'python'", &["python"]);
        check("[tool.scikit-build.wheel]\npackages = ['python/a']", &["python"]);
        check("[tool.flit.module]\nname = 'a'", &[]);
    }

    #[test]
    fn folders_outside_and_values_of_other_types_are_passed_over() {
        check(
            "[tool.setuptools.packages.find]\nwhere = ['..', 'a/../b', '/lib', 1]",
            &[],
        );
        check("[tool.setuptools]\npackages = ['a']\npackage-dir = 1", &[]);
        check("tool = 1", &[]);
        check("[tool]\nhatch = 1\npoetry = {packages = 'a'}", &[]);
        check("", &[]);
    }

    #[test]
    fn first_to_name_a_folder_says_what_it_is() {
        check(
            "[tool.setuptools]\npackage-dir = {'a' = 'lib'}\n[tool.setuptools.packages.find]\nwhere = ['lib']",
            &["lib=a"],
        );
    }
}
