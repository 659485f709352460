use super::baseline::Baseline;
use super::*;
use crate::report::sample;

fn rendered(format: Format) -> String {
    let outcome = sample::outcome();
    let mut out = Vec::new();
    render(format, &Listing::of(&outcome), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn full_is_grouped_and_shows_what_stands_there() {
    insta::assert_snapshot!(rendered(Format::Full));
}

#[test]
fn full_shows_the_line_where_the_source_is_at_hand() {
    let outcome = sample::outcome();
    let source = |path: &str, line: u32| Some(format!("{path} {line}\u{202e}"));
    let mut listing = Listing::of(&outcome);
    listing.source = Some(&source);
    let mut out = Vec::new();
    render(Format::Full, &listing, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("14 | shop/crate.py 14\\u{202e}\n"), "{text}");
}

#[test]
fn concise_has_a_line_per_finding() {
    insta::assert_snapshot!(rendered(Format::Concise), @r"
    shop/crate.py:14: extra_param lock: `lock` is documented, and `open` has no such parameter
    shop/crate.py:15: param_default_mismatch key\u{1b}[31m: the default is 100% `None`, not `0`
    shop/crate.py:17: missing_raise KeyError: `KeyError` is raised and not documented
    ");
}

#[test]
fn github_annotations_are_escaped() {
    insta::assert_snapshot!(rendered(Format::Github), @r"
    ::error file=shop/crate.py,line=14,title=extra_param in Box.open::`lock` is documented, and `open` has no such parameter
    ::error file=shop/crate.py,line=15,title=param_default_mismatch in Box.open::the default is 100%25 `None`, not `0`
    ::warning file=shop/crate.py,line=17,title=missing_raise in pack::`KeyError` is raised and not documented
    ::notice file=shop/old.py,line=3,title=syntax problem::Python 2 `print`; the rest of the file was analysed
    ");
}

#[test]
fn json_lines_have_the_documented_fields() {
    let text = rendered(Format::JsonLines);
    insta::assert_snapshot!(text.lines().next().unwrap(), @r#"{"source_file":"shop/crate.py","qualname":"Box.open","component":"shop.crate.Box.open","line":14,"kind":"extra_param","name":"lock","class":"contradiction","severity":"high","message":"`lock` is documented, and `open` has no such parameter","evidence":[{"line":12,"text":"def open(self, key: str | None = None) -> bool:"}],"fingerprint":"f-lock"}"#);
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn json_is_one_document() {
    insta::assert_snapshot!(rendered(Format::Json));
}

#[test]
fn sarif_points_at_the_line_and_keeps_the_fingerprint() {
    let log: serde_json::Value = serde_json::from_str(&rendered(Format::Sarif)).unwrap();
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["results"][0]).unwrap());
}

#[test]
fn markdown_is_a_table() {
    insta::assert_snapshot!(rendered(Format::Markdown));
}

#[test]
fn baseline_lets_as_many_pass_as_it_holds() {
    let mut outcome = sample::outcome();
    let baseline = Baseline::of(&Listing::of(&outcome));
    outcome.findings.push(outcome.findings[1].clone());
    outcome.findings.remove(0);
    let mut listing = Listing::of(&outcome);
    assert_eq!(baseline.filter(&mut listing), 1);
    assert_eq!((listing.findings.len(), listing.known), (1, 2));
    assert_eq!(listing.findings[0].name.as_deref(), Some("lock"));
}

#[test]
fn baseline_is_read_back_and_other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let outcome = sample::outcome();
    let baseline = Baseline::of(&Listing::of(&outcome));
    baseline.write(&path).unwrap();
    assert_eq!(Baseline::read(&path).unwrap(), baseline);
    std::fs::write(&path, "[]").unwrap();
    assert!(Baseline::read(&path).is_err());
}

#[test]
fn agreement_counts_components_with_a_docstring() {
    let agreement = Agreement::of(&sample::outcome());
    assert_eq!((agreement.agreeing, agreement.documented), (1, 2));
    assert!((Agreement::default().share() - 1.0).abs() < f64::EPSILON);
}

#[test]
fn gitlab_has_each_fingerprint_once() {
    let mut outcome = sample::outcome();
    let again = outcome.findings[0].clone();
    outcome.findings.push(again);
    let mut out = Vec::new();
    render(Format::Gitlab, &Listing::of(&outcome), &mut out).unwrap();
    let issues: Vec<serde_json::Value> = serde_json::from_slice(&out).unwrap();
    let prints: std::collections::BTreeSet<&str> = issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), prints.len()), (4, 4));
    assert_eq!(issues[0]["location"]["path"], "shop/crate.py");
    assert_eq!(issues[0]["severity"], "critical");
}

#[test]
fn junit_fails_a_test_per_component_and_is_escaped() {
    let text = rendered(Format::Junit);
    assert!(text.contains("tests=\"2\" failures=\"2\""), "{text}");
    assert_eq!(text.matches("<testcase ").count(), 2, "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.contains("str | None = None) -&gt; bool:"), "{text}");
}

#[test]
fn github_keeps_what_it_would_drop_in_the_log() {
    let mut outcome = sample::outcome();
    outcome.findings.retain(|f| kind_name(f) == "extra_param");
    outcome.findings = vec![outcome.findings[0].clone(); 13];
    let mut out = Vec::new();
    render(Format::Github, &Listing::of(&outcome), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("::error ").count(), 10);
    assert_eq!(
        text.lines()
            .filter(|l| l.starts_with("shop/crate.py:14: extra_param"))
            .count(),
        3,
        "{text}"
    );
    assert!(text.contains("3 more findings than GitHub shows"));
}
