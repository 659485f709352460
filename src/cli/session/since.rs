//! What has changed since a git revision: the components whose own source is not what it was then.
//!
//! Only objects are read, with `ls-tree` and `cat-file`: whatever else git can do with a work tree may run commands
//! that the repository names. The old versions of changed files are analysed apart, and components are compared by
//! place and own source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Seek as _, Write as _};
use std::path::{Component as Part, Path};
use std::process::{Command, Stdio};

use super::facts;
use crate::cli::failure::Failure;
use crate::config::Config;
use crate::model::component::Name;
use crate::model::oracle::Oracle;

/// The components that have changed since a revision, new ones included.
pub(super) fn changed(
    repository: &Path,
    revision: &str,
    oracle: &Oracle,
    config: &Config,
) -> Result<BTreeSet<Name>, Failure> {
    let folder = if repository.is_file() {
        repository.parent().unwrap_or(repository)
    } else {
        repository
    };
    let then = old_files(folder, revision)?;
    let scratch =
        tempfile::tempdir().map_err(|e| Failure::usage("failed to make a folder for old files").because(&e))?;
    let mut same: BTreeSet<&str> = BTreeSet::new();
    for (path, text) in &then {
        if fs::read(folder.join(path)).is_ok_and(|now| now == *text) {
            same.insert(path);
        } else {
            put(scratch.path(), path, text)?;
        }
    }
    let old = facts::oracle(scratch.path(), config)?;
    let before: BTreeMap<(&str, &str), u64> = old
        .components
        .iter()
        .map(|c| ((&*c.path, &*c.qualname), c.own_hash))
        .collect();
    let is_changed =
        |path: &str, qualname: &str, hash: u64| !same.contains(path) && before.get(&(path, qualname)) != Some(&hash);
    Ok(oracle
        .components
        .iter()
        .filter(|c| is_changed(&c.path, &c.qualname, c.own_hash))
        .map(|c| c.id.clone())
        .collect())
}

fn put(scratch: &Path, path: &str, text: &[u8]) -> Result<(), Failure> {
    // A tree may hold any name; only plain ones are written.
    let is_plain = Path::new(path).components().all(|part| matches!(part, Part::Normal(_)));
    if !is_plain {
        return Ok(());
    }
    let target = scratch.join(path);
    let parent = target.parent().unwrap_or(scratch);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&target, text))
        .map_err(|e| Failure::usage(format!("failed to write {}", target.display())).because(&e))
}

/// The Python files of a revision below a folder, by path from there.
fn old_files(folder: &Path, revision: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let commit = format!("{revision}^{{commit}}");
    let found = git(
        folder,
        &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit],
        None,
    )
    .map_err(|f| {
        f.hint(format!(
            "`{revision}` has to be a commit of the git repository around {}",
            folder.display()
        ))
    })?;
    let commit = String::from_utf8_lossy(&found).trim().to_owned();
    let listed = git(folder, &["ls-tree", "-r", "-z", &commit], None)?;
    let mut files = Vec::new();
    for entry in listed.split(|&b| b == 0) {
        let Some((head, path)) = std::str::from_utf8(entry).ok().and_then(|e| e.split_once('\t')) else {
            continue;
        };
        let mut words = head.split(' ');
        let (mode, _, object) = (words.next(), words.next(), words.next());
        let is_file = mode.is_some_and(|mode| mode.starts_with("100"));
        if let Some(object) = object.filter(|_| is_file && path.ends_with(".py")) {
            files.push((path.to_owned(), object.to_owned()));
        }
    }
    let mut wanted = tempfile::tempfile().map_err(|e| Failure::usage("failed to ask git").because(&e))?;
    let asked: String = files.iter().map(|(_, object)| format!("{object}\n")).collect();
    wanted
        .write_all(asked.as_bytes())
        .and_then(|()| wanted.rewind())
        .map_err(|e| Failure::usage("failed to ask git").because(&e))?;
    let answered = git(folder, &["cat-file", "--batch"], Some(wanted))?;
    let texts = contents(&answered, files.len())
        .ok_or_else(|| Failure::usage(format!("failed to read the files of {revision}: git left some out")))?;
    Ok(files.into_iter().map(|(path, _)| path).zip(texts).collect())
}

/// Takes the answer of `cat-file --batch` apart: `OBJECT TYPE BYTES`, a line's end, so many bytes, a line's end.
fn contents(mut answer: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        let end = answer.iter().position(|&b| b == b'\n')?;
        let head = std::str::from_utf8(&answer[..end]).ok()?;
        let bytes: usize = head.rsplit(' ').next()?.parse().ok()?;
        answer = &answer[end + 1..];
        texts.push(answer.get(..bytes)?.to_vec());
        answer = answer.get(bytes + 1..)?;
    }
    Some(texts)
}

fn git(folder: &Path, arguments: &[&str], input: Option<File>) -> Result<Vec<u8>, Failure> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(input.map_or_else(Stdio::null, Stdio::from))
        .output()
        .map_err(|e| {
            Failure::usage("failed to run git")
                .because(&e)
                .hint("--since needs git on the PATH")
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().next().unwrap_or("it gave no reason").to_owned();
    Err(Failure::usage(format!(
        "failed to read what git knows of {}: {why}",
        folder.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_git_are_taken_apart() {
        let answer = b"1a blob 3\na\nb\n2b blob 0\n\n";
        assert_eq!(contents(answer, 2), Some(vec![b"a\nb".to_vec(), Vec::new()]));
        assert_eq!(contents(b"1a missing\n", 1), None);
        assert_eq!(contents(b"1a blob 9\nshort", 1), None);
    }
}
