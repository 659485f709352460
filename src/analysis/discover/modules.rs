//! Names of modules: from paths and source roots, each name once.
//!
//! Where several files would have one name, the one that Python would import has it: a module before a stub, an
//! earlier root before a later one, a package before a module. The others are called by their paths.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::roots::Root;
use super::rules;
use crate::model::component::Name;
use crate::model::facts::{Problem, ProblemKind};

/// What a file is called.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Dotted name of its module.
    pub(super) module: Name,
    /// Dotted name of the package its relative imports start from; empty at a root.
    pub(super) package: Name,
    /// Whether it is a stub that shares the name of the module beside it.
    pub(super) is_companion: bool,
}

/// The name a file would have were it alone.
struct Wish {
    module: String,
    package: String,
    /// Place of its root in the order of roots.
    root: usize,
}

/// Names the Python files at `paths`, which are sorted; `roots` come in the order in which they win. The names are
/// in the order of the paths, and unique but for companions; a problem tells of each name that was taken.
pub(super) fn name(paths: &[String], roots: &[Root]) -> (Vec<Named>, Vec<Problem>) {
    let wishes: Vec<Wish> = paths.iter().map(|path| wish(path, roots)).collect();
    let companions: Vec<Option<usize>> = paths.iter().map(|path| module_beside(paths, path)).collect();

    let mut rivals: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (file, wish) in wishes.iter().enumerate() {
        if companions[file].is_none() {
            rivals.entry(&wish.module).or_default().push(file);
        }
    }

    let mut names: Vec<Name> = wishes.iter().map(|w| Name::from(w.module.as_str())).collect();
    let mut taken: BTreeSet<Name> = rivals.keys().map(|&name| Name::from(name)).collect();
    let mut problems = Vec::new();
    for files in rivals.values_mut().filter(|files| files.len() > 1) {
        files.sort_by_key(|&file| rank(&paths[file], &wishes[file]));
        let winner = &paths[files[0]];
        for &loser in &files[1..] {
            names[loser] = name_by_path(&paths[loser], &taken);
            taken.insert(Name::clone(&names[loser]));
            problems.push(name_taken(&paths[loser], &wishes[loser], winner, &names[loser]));
        }
    }

    let named = wishes.iter().zip(&companions).enumerate();
    let named = named.map(|(file, (wish, companion))| Named {
        module: Name::clone(&names[companion.unwrap_or(file)]),
        package: wish.package.as_str().into(),
        is_companion: companion.is_some(),
    });
    (named.collect(), problems)
}

fn wish(path: &str, roots: &[Root]) -> Wish {
    let inside = roots.iter().enumerate().filter_map(|(at, root)| {
        let rest = match root.folder.as_str() {
            "" => path,
            folder => path.strip_prefix(folder)?.strip_prefix('/')?,
        };
        Some((at, root.package.as_str(), rest))
    });
    // The innermost root has the shortest way to the file.
    let (root, package, rest) = inside
        .min_by_key(|(_, _, rest)| rest.len())
        .unwrap_or((roots.len(), "", path));

    let (folders, _) = rest.rsplit_once('/').unwrap_or(("", rest));
    let package = dotted(package, folders.split('/'));
    let module = match rules::stem(path) {
        Some("__init__") if package.is_empty() => "__init__".to_owned(),
        Some("__init__") | None => package.clone(),
        Some(stem) => dotted(&package, [stem].into_iter()),
    };
    Wish { module, package, root }
}

fn dotted<'a>(package: &'a str, parts: impl Iterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = [package]
        .into_iter()
        .chain(parts)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(".")
}

/// The module that a stub is beside.
fn module_beside(paths: &[String], path: &str) -> Option<usize> {
    let module = path.strip_suffix('i').filter(|_| rules::is_stub(path))?;
    paths.binary_search_by(|other| other.as_str().cmp(module)).ok()
}

/// Order among files that wish for one name. Of two in one root the deeper wins: `x/__init__.py` before `x.py`, and
/// `x/y.py` before `x.y.py`, which can't be imported.
fn rank<'a>(path: &'a str, wish: &Wish) -> (bool, usize, Reverse<usize>, &'a str) {
    let depth = path.split('/').count();
    (rules::is_stub(path), wish.root, Reverse(depth), path)
}

/// A name from the whole path that nobody has: dotted where that is free, otherwise the path itself.
fn name_by_path(path: &str, taken: &BTreeSet<Name>) -> Name {
    let numbered = (2..).map(|number: u64| format!("{path}#{number}"));
    [wish(path, &[]).module, path.to_owned()]
        .into_iter()
        .chain(numbered)
        .map(Name::from)
        .find(|name| !taken.contains(name))
        .expect("numbers do not run out")
}

fn name_taken(path: &str, wish: &Wish, winner: &str, name: &str) -> Problem {
    Problem {
        path: path.into(),
        line: None,
        kind: ProblemKind::NameTaken,
        message: format!(
            "the name {} belongs to {winner}; this module is called {name}",
            wish.module
        ),
    }
}
