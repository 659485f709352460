//! GitLab's code quality report: a JSON array, each finding under a fingerprint of its own.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Listing, kind_name};
use crate::model::discrepancy::{FindingClass, Severity};
use crate::model::finding::Finding;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    // Of several issues under one fingerprint GitLab keeps one.
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let issues: Vec<Issue<'_>> = listing
        .findings
        .iter()
        .map(|finding| {
            let n = seen.entry(&finding.fingerprint).or_default();
            *n += 1;
            Issue {
                description: &finding.message,
                check_name: kind_name(finding),
                fingerprint: match *n {
                    1 => finding.fingerprint.clone(),
                    n => format!("{}-{n}", finding.fingerprint),
                },
                severity: severity(finding),
                location: Location {
                    path: &finding.path,
                    lines: Lines { begin: finding.line },
                },
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn severity(finding: &Finding) -> &'static str {
    match (finding.class, finding.severity) {
        (FindingClass::Policy, _) => "info",
        (FindingClass::Omission, Severity::Critical) => "major",
        (FindingClass::Omission, _) => "minor",
        (_, Severity::Critical | Severity::High) => "critical",
        _ => "major",
    }
}
