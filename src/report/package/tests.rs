use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::report::sample;

fn written(extras: Extras<'_>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&sample::outcome(), extras, folder.path()).unwrap();
    folder
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn package_holds_every_file() {
    let folder = written(Extras {
        rebuild_tickets: "{}\n",
        ignored_by_git: true,
    });
    let names: Vec<String> = files(folder.path()).into_iter().collect();
    assert_eq!(
        names,
        [
            ".gitignore",
            "call_graph.json",
            "convergence_report.json",
            "convergence_report.md",
            "docs/SUMMARY.md",
            "docs/index.md",
            "docs/shop.crate.md",
            "documentation.json",
            "findings.sarif",
            "metrics.json",
            "rebuild_tickets.jsonl",
            "schemas/call_graph.schema.json",
            "schemas/convergence_report.schema.json",
            "schemas/documentation.schema.json",
            "schemas/findings.schema.json",
            "schemas/metrics.schema.json",
        ]
    );
}

#[test]
fn json_files_are_what_their_schemas_say() {
    let folder = written(Extras::default());
    for name in ["documentation", "call_graph", "convergence_report", "metrics"] {
        let text = fs::read(folder.path().join(format!("{name}.json"))).unwrap();
        check_schema(name, &text);
    }
    let outcome = sample::outcome();
    let mut text = Vec::new();
    findings::render(findings::Format::Json, &findings::Listing::of(&outcome), &mut text).unwrap();
    check_schema("findings", &text);
}

fn check_schema(name: &str, text: &[u8]) {
    let instance: serde_json::Value = serde_json::from_slice(text).unwrap();
    let file = format!("{name}.schema.json");
    let (_, schema) = SCHEMAS.iter().find(|(known, _)| *known == file).unwrap();
    let schema = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{name}");
}

#[test]
fn same_outcome_gives_the_same_bytes_and_other_times_change_three_files_only() {
    let one = written(Extras::default());
    let mut outcome = sample::outcome();
    outcome.run_id = None;
    outcome.started_at = std::time::SystemTime::UNIX_EPOCH;
    outcome.durations = crate::model::run::Durations::default();
    let two = tempfile::tempdir().unwrap();
    write(&outcome, Extras::default(), two.path()).unwrap();
    let differing: Vec<String> = files(one.path())
        .into_iter()
        .filter(|name| fs::read(one.path().join(name)).unwrap() != fs::read(two.path().join(name)).unwrap())
        .collect();
    assert_eq!(
        differing,
        ["convergence_report.json", "convergence_report.md", "metrics.json"]
    );
}

#[test]
fn every_end_of_an_edge_is_a_documented_component() {
    let folder = written(Extras::default());
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
    };
    let documentation = read("documentation.json");
    let ids: BTreeSet<&str> = documentation["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    for edge in read("call_graph.json")["edges"].as_array().unwrap() {
        for end in ["caller", "callee"] {
            assert!(ids.contains(edge[end].as_str().unwrap()), "{edge}");
        }
    }
}

#[test]
fn documentation_says_who_said_what_and_where() {
    let mut text = Vec::new();
    documentation::write(&sample::outcome(), &mut text).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let open = &json["components"][2];
    insta::assert_snapshot!(serde_json::to_string_pretty(open).unwrap());
}

#[cfg(unix)]
#[test]
fn output_that_cannot_be_written_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = write(&sample::outcome(), Extras::default(), &file.join("out")).unwrap_err();
    assert!(matches!(error, ReportError::Write { .. }), "{error}");
    assert!(probe(&file.join("out")).is_err());
    probe(&folder.path().join("a/b")).unwrap();
    assert!(!folder.path().join("a").exists());
}
