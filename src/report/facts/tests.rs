use std::io::Write;

use super::*;
use crate::model::oracle::Oracle;
use crate::report::sample;

fn rendered(write: impl Fn(&Oracle, &mut dyn Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&sample::outcome().oracle, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json_lines_are_files_components_edges_problems_and_a_summary() {
    insta::assert_snapshot!(rendered(json_lines));
}

#[test]
fn json_holds_the_same_records() {
    let document: serde_json::Value = serde_json::from_str(&rendered(json)).unwrap();
    let lines = rendered(json_lines);
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut records = Vec::new();
    for list in ["files", "components", "edges", "problems"] {
        records.extend(document[list].as_array().unwrap().iter().cloned());
    }
    records.push(document["summary"].clone());
    assert_eq!(records, lines);
}

#[test]
fn graphs_name_components_and_join_them() {
    insta::assert_snapshot!(rendered(dot), @r#"
    digraph calls {
      rankdir=LR;
      node [shape=box];
      n2 [label="shop.crate.Box.open"];
      n3 [label="shop.crate.pack"];
      n3 -> n2;
    }
    "#);
    insta::assert_snapshot!(rendered(mermaid), @r#"
    flowchart LR
      n2["shop.crate.Box.open"]
      n3["shop.crate.pack"]
      n3 --> n2
    "#);
    assert!(rendered(graphml).contains(r#"<edge source="n3" target="n2">"#));
}

#[test]
fn text_is_a_summary() {
    insta::assert_snapshot!(rendered(|oracle, out| text(
        oracle,
        crate::report::paint::Paint::PLAIN,
        out
    )));
}
