//! Facts: the repository is found, read and analysed, and questions are put to the oracle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::GraphDiff;
use crate::analysis;
use crate::analysis::discover::{Options, Sources, discover};
use crate::cli::failure::{Failure, Kind};
use crate::config::Config;
use crate::model::claim::Answer;
use crate::model::oracle::Oracle;

/// Finds and reads a repository's files; what earlier runs wrote into it is no source.
pub(super) fn sources(repository: &Path, config: &Config) -> Result<Sources, Failure> {
    let mut exclude = config.discovery.exclude.clone();
    exclude.extend(
        [&config.output, &config.checkpoints.dir]
            .into_iter()
            .filter_map(|folder| inside(repository, folder)),
    );
    let options = Options {
        include: config.discovery.include.clone(),
        exclude,
        max_file_bytes: config.discovery.max_file_bytes,
    };
    discover(repository, &options).map_err(|error| Failure::of(Kind::Usage, &error))
}

/// A folder inside a repository as a glob of it.
fn inside(repository: &Path, folder: &Path) -> Option<String> {
    let (root, folder) = (repository.canonicalize().ok()?, folder.canonicalize().ok()?);
    let inner = folder.strip_prefix(&root).ok()?.to_str()?;
    if inner.is_empty() {
        return None;
    }
    let mut glob = String::from("/");
    for c in inner.chars() {
        if "*?[]{}\\!".contains(c) {
            glob.push('\\');
        }
        glob.push(if c == std::path::MAIN_SEPARATOR { '/' } else { c });
    }
    glob.push('/');
    Some(glob)
}

/// Analyses a repository.
pub(crate) fn oracle(repository: &Path, config: &Config) -> Result<Oracle, Failure> {
    Ok(analysis::analyze(&sources(repository, config)?, config.jobs))
}

/// Analyses a repository into `{caller: [callee, …]}` with PyCG's names.
pub(crate) fn adjacency(repository: &Path, config: &Config) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    Ok(analysis::adjacency(&sources(repository, config)?, config.jobs))
}

/// Asks whether one component calls another, by plain name.
pub(crate) fn verify_edge(oracle: &Oracle, caller: &str, callee: &str) -> Answer {
    oracle.verify_edge(caller, callee)
}

/// Asks whether a fact is so; fails for a sort of fact that there is none of.
pub(crate) fn verify_fact(
    oracle: &Oracle,
    component: &str,
    fact: &str,
    name: Option<&str>,
    value: Option<&str>,
) -> Result<Answer, Failure> {
    let fact = fact
        .parse()
        .map_err(|error| Failure::of(Kind::Usage, &error as &crate::model::oracle::UnknownFact))?;
    Ok(oracle.verify_fact(component, fact, name, value))
}

/// Holds a documented graph against the facts.
pub(crate) fn diff(oracle: &Oracle, edges: &BTreeSet<(String, String)>) -> GraphDiff {
    let diff = oracle.diff_against(edges.iter().map(|(a, b)| (a, b)));
    GraphDiff {
        matching: diff.matching.into_iter().map(|e| (e.caller, e.callee)).collect(),
        missing: diff.missing,
        extra: diff.extra.into_iter().map(|e| (e.caller, e.callee, e.answer)).collect(),
        score: diff.score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_writes_into_the_repository_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("out [1]");
        std::fs::create_dir(&inner).unwrap();
        assert_eq!(inside(folder.path(), &inner).unwrap(), "/out \\[1\\]/");
        assert_eq!(inside(&inner, folder.path()), None);
        assert_eq!(inside(folder.path(), folder.path()), None);
    }
}
