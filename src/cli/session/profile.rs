//! Checks by another tool's rules: its options are looked for, the files outlined, the rules applied.

use std::collections::BTreeSet;
use std::path::Path;

use super::facts::sources;
use crate::analysis;
use crate::cli::failure::{Failure, Kind};
use crate::config::{Config, Profile};
use crate::model::facts::{Problem, ProblemKind};
use crate::model::finding::Finding;
use crate::model::outline::Outline;
use crate::profiles::{self, tables, tables::Tables};
use crate::report::findings::{Agreement, Listing};
use crate::report::paint::Paint;

/// Larger files hold no options.
const MOST_TABLE: u64 = 5_000_000;

/// What a profile has found, and in what.
pub(crate) struct Profiled {
    files: Vec<Outline>,
    findings: Vec<Finding>,
    problems: Vec<Problem>,
}

/// The outlines of a repository's files.
pub(crate) fn outlines(repository: &Path, config: &Config) -> Result<Vec<Outline>, Failure> {
    Ok(analysis::outlines(&sources(repository, config)?, config.jobs))
}

/// Checks a repository by a profile's rules.
pub(crate) fn profiled(profile: Profile, repository: &Path, config: &Config) -> Result<Profiled, Failure> {
    let sources = sources(repository, config)?;
    let tables = tables(&sources.root);
    let files = analysis::outlines(&sources, config.jobs);
    let findings = profiles::check(profile, &files, &tables).map_err(|error| Failure::of(Kind::Usage, &error))?;
    let mut problems = sources.problems;
    for file in &files {
        problems.extend(file.first_error.map(|line| Problem {
            path: file.path.clone(),
            line: Some(line),
            kind: ProblemKind::Syntax,
            message: "does not parse; not checked".to_owned(),
        }));
    }
    problems.sort();
    Ok(Profiled {
        files,
        findings,
        problems,
    })
}

/// The files with options in the repository, and in the folders above it up to the top of its git working tree.
fn tables(root: &Path) -> Tables {
    let mut found = Tables::default();
    let top = root.ancestors().find(|folder| folder.join(".git").exists());
    for folder in root.ancestors() {
        for name in tables::FILES {
            let path = folder.join(name);
            let ordinary = path.metadata().is_ok_and(|m| m.is_file() && m.len() <= MOST_TABLE);
            if let Some(text) = ordinary.then(|| std::fs::read_to_string(path).ok()).flatten() {
                found.add(name, text);
            }
        }
        if top.is_none_or(|top| folder == top) {
            break;
        }
    }
    found
}

impl Profiled {
    /// The findings as they are listed.
    pub(crate) fn listing(&self) -> Listing<'_> {
        let contradicted: BTreeSet<&str> = self.findings.iter().map(|f| f.component.as_ref()).collect();
        let definitions = || {
            self.files
                .iter()
                .flat_map(|f| f.definitions.iter().map(move |d| (f, d)))
        };
        let mut agreement = Agreement::default();
        for (file, definition) in definitions().filter(|(_, d)| d.docstring.is_some()) {
            let id = match definition.qualname.as_ref() {
                "" => file.module.to_string(),
                inner => format!("{}.{inner}", file.module),
            };
            agreement.documented += 1;
            agreement.agreeing += usize::from(!contradicted.contains(id.as_str()));
        }
        let mut listing = Listing {
            findings: self.findings.iter().collect(),
            known: 0,
            hidden: 0,
            problems: &self.problems,
            components: definitions().count(),
            files: self.files.len(),
            agreement,
            source: None,
            paint: Paint::PLAIN,
        };
        listing.sort();
        listing
    }
}
