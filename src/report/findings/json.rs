//! Findings as JSON: one document with a version, or an object per line.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Listing, kind_name};
use crate::model::discrepancy::{FindingClass, Severity};
use crate::model::facts::ProblemKind;
use crate::model::finding::Finding;
use crate::report::GENERATOR;
use crate::report::stream::JsonObject;

/// The version of the document.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Line<'a> {
    source_file: &'a str,
    qualname: Option<&'a str>,
    component: &'a str,
    line: u32,
    kind: &'static str,
    name: Option<&'a str>,
    class: FindingClass,
    severity: Severity,
    message: &'a str,
    evidence: Vec<Evidence<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct Evidence<'a> {
    line: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    source_file: &'a str,
    line: Option<u32>,
    kind: ProblemKind,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    findings: usize,
    contradictions: usize,
    omissions: usize,
    policy: usize,
    known: usize,
    by_kind: BTreeMap<&'static str, usize>,
    components: usize,
    files: usize,
    documented: usize,
    agreeing: usize,
    agreement: f64,
}

fn line(finding: &Finding) -> Line<'_> {
    Line {
        source_file: &finding.path,
        qualname: finding.qualname.as_deref(),
        component: &finding.component,
        line: finding.line,
        kind: kind_name(finding),
        name: finding.name.as_deref(),
        class: finding.class,
        severity: finding.severity,
        message: &finding.message,
        evidence: finding
            .evidence
            .iter()
            .map(|(line, text)| Evidence { line: *line, text })
            .collect(),
        fingerprint: &finding.fingerprint,
    }
}

pub(super) fn render_lines(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &listing.findings {
        serde_json::to_writer(&mut *out, &line(finding))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut by_kind = BTreeMap::new();
    for finding in &listing.findings {
        *by_kind.entry(kind_name(finding)).or_default() += 1;
    }
    let mut object = JsonObject::open(out)?;
    object.field("$schema", &"schemas/findings.schema.json")?;
    object.field("format", &"twinscribe.findings")?;
    object.field("version", &VERSION)?;
    object.field("generator", &GENERATOR)?;
    object.field(
        "summary",
        &Summary {
            findings: listing.findings.len(),
            contradictions: listing.count(FindingClass::Contradiction),
            omissions: listing.count(FindingClass::Omission),
            policy: listing.count(FindingClass::Policy),
            known: listing.known,
            by_kind,
            components: listing.components,
            files: listing.files,
            documented: listing.agreement.documented,
            agreeing: listing.agreement.agreeing,
            agreement: listing.agreement.share(),
        },
    )?;
    object.list("findings", listing.findings.iter().map(|f| line(f)))?;
    object.list(
        "problems",
        listing.problems.iter().map(|problem| ProblemLine {
            source_file: &problem.path,
            line: problem.line,
            kind: problem.kind,
            message: &problem.message,
        }),
    )?;
    object.close().map(drop)
}
