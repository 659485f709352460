//! SARIF 2.1.0, the form that code scanning reads: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::{Listing, kind_name};
use crate::model::discrepancy::{FindingClass, KINDS, KindRow, Severity};
use crate::model::facts::Problem;
use crate::model::finding::Finding;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation<'a>; 1],
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text<String>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: [FindingClass; 1],
    precision: &'static str,
}

#[derive(Serialize)]
struct Text<T> {
    text: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Text<&'a str>,
    locations: [Location<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text<&'a str>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    properties: ResultProperties<'a>,
}

#[derive(Serialize)]
struct ResultProperties<'a> {
    class: FindingClass,
    severity: Severity,
    name: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Text<&'a str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
}

pub(super) fn render(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<&KindRow> = KINDS.iter().filter(|row| row.finding.is_some()).collect();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "TwinScribe",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rows.iter().map(|row| rule(row)).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: listing.problems.iter().map(notification).collect(),
            }],
            column_kind: "utf16CodeUnits",
            results: kept(listing)
                .into_iter()
                .filter_map(|finding| {
                    let index = rows.iter().position(|row| row.kind == finding.kind)?;
                    Some(result(finding, index))
                })
                .collect(),
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// The findings that fit: code scanning keeps 5,000 of a run, so the worst are written where there are more.
fn kept<'a>(listing: &Listing<'a>) -> Vec<&'a Finding> {
    const MOST: usize = 5_000;
    let mut findings = listing.findings.clone();
    if findings.len() > MOST {
        findings.sort_by_key(|f| (f.class, std::cmp::Reverse(f.severity)));
        findings.truncate(MOST);
    }
    findings
}

fn rule(row: &KindRow) -> Rule {
    Rule {
        id: row.finding.unwrap_or(row.name),
        short_description: Text {
            text: format!("{} in a docstring: {} {}", row.class, row.group, row.name),
        },
        default_configuration: Configuration {
            level: level(row.class, row.severity),
        },
        properties: RuleProperties {
            tags: [row.class],
            precision: "very-high",
        },
    }
}

/// Contradictions are errors or warnings by their severity; all else is a note.
fn level(class: FindingClass, severity: Severity) -> &'static str {
    match (class, severity) {
        (FindingClass::Contradiction, Severity::High | Severity::Critical) => "error",
        (FindingClass::Contradiction, _) => "warning",
        _ => "note",
    }
}

fn result(finding: &Finding, rule_index: usize) -> SarifResult<'_> {
    SarifResult {
        rule_id: kind_name(finding),
        rule_index,
        level: level(finding.class, finding.severity),
        message: Text { text: &finding.message },
        locations: [Location {
            physical_location: place(&finding.path, Some(finding.line), None),
            logical_locations: vec![LogicalLocation {
                fully_qualified_name: &finding.component,
            }],
        }],
        related_locations: finding
            .evidence
            .iter()
            .map(|(line, text)| Location {
                physical_location: place(&finding.path, Some(*line), Some(text)),
                logical_locations: Vec::new(),
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([("twinscribe/v1", &*finding.fingerprint)]),
        properties: ResultProperties {
            class: finding.class,
            severity: finding.severity,
            name: finding.name.as_deref(),
        },
    }
}

fn notification(problem: &Problem) -> Notification<'_> {
    Notification {
        level: "warning",
        message: Text { text: &problem.message },
        locations: [Location {
            physical_location: place(&problem.path, problem.line, None),
            logical_locations: Vec::new(),
        }],
    }
}

fn place<'a>(path: &str, line: Option<u32>, snippet: Option<&'a str>) -> PhysicalLocation<'a> {
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: uri(path),
            uri_base_id: "%SRCROOT%",
        },
        region: line.filter(|&line| line > 0).map(|start_line| Region {
            start_line,
            snippet: snippet.map(|text| Text { text }),
        }),
    }
}

/// A relative path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_uris() {
        assert_eq!(super::uri("a b/ü:c.py"), "a%20b/%C3%BC%3Ac.py");
    }
}
