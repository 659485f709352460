//! Baselines: findings that are known and let pass, so that a repository full of them can keep new ones out.
//!
//! A finding is known by its fingerprint, which holds no line number. As many findings of one fingerprint pass as
//! the baseline holds.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Listing, kind_name};
use crate::report::{ReportError, folder};

const VERSION: u32 = 1;
const FORMAT: &str = "twinscribe.baseline";

/// Known findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    format: String,
    version: u32,
    findings: Vec<Known>,
}

/// One known finding. All but the fingerprint is for the people who read the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    source_file: String,
    component: String,
    kind: String,
    name: Option<String>,
    fingerprint: String,
}

impl Baseline {
    /// A baseline of all that is listed.
    pub fn of(listing: &Listing<'_>) -> Self {
        let mut findings: Vec<Known> = listing
            .findings
            .iter()
            .map(|finding| Known {
                source_file: finding.path.to_string(),
                component: finding.component.to_string(),
                kind: kind_name(finding).to_owned(),
                name: finding.name.as_deref().map(str::to_owned),
                fingerprint: finding.fingerprint.clone(),
            })
            .collect();
        findings.sort();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            findings,
        }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// [`ReportError`], where the file cannot be read or is not a baseline of a known version.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = std::fs::read(path).map_err(|source| ReportError::Read {
            path: path.to_owned(),
            source,
        })?;
        let baseline: Self = serde_json::from_slice(&text).map_err(|source| ReportError::Malformed {
            what: format!("the baseline {}", path.display()),
            source,
        })?;
        if baseline.version != VERSION {
            return Err(ReportError::Version {
                what: format!("the baseline {}", path.display()),
                version: baseline.version,
                known: VERSION,
            });
        }
        Ok(baseline)
    }

    /// Writes the baseline all at once.
    ///
    /// # Errors
    /// [`ReportError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), ReportError> {
        folder::write_file(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }

    /// Takes the known findings out of a listing; returns how many known ones no longer exist.
    pub fn filter(&self, listing: &mut Listing<'_>) -> usize {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for known in &self.findings {
            *left.entry(&known.fingerprint).or_default() += 1;
        }
        let before = listing.findings.len();
        listing
            .findings
            .retain(|finding| match left.get_mut(finding.fingerprint.as_str()) {
                Some(n) if *n > 0 => {
                    *n -= 1;
                    false
                }
                _ => true,
            });
        listing.known += before - listing.findings.len();
        left.values().sum()
    }
}
