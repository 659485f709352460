use super::*;
use crate::report::paint::Paint;
use crate::report::sample;

#[test]
fn text_tells_the_whole_story() {
    let report = build::report(&sample::outcome());
    insta::assert_snapshot!(text::render(&report, Paint::PLAIN));
}

#[test]
fn markdown_tells_the_whole_story() {
    let report = build::report(&sample::outcome());
    insta::assert_snapshot!(markdown::render(&report));
}

#[test]
fn report_is_read_back_as_it_was() {
    let report = build::report(&sample::outcome());
    let json = report.to_json().unwrap();
    assert_eq!(Report::from_json(json.as_bytes()).unwrap(), report);
}

#[test]
fn newer_reports_are_refused_by_their_version() {
    let json = build::report(&sample::outcome()).to_json().unwrap();
    let newer = json.replacen("\"version\": 1", "\"version\": 2", 1);
    let error = Report::from_json(newer.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "understand the convergence report: it has version 2, this program reads version 1"
    );
}

#[test]
fn recommendations_name_each_command_once() {
    let report = build::report(&sample::outcome());
    let commands: Vec<Option<&str>> = report.recommendations.iter().map(|r| r.command.as_deref()).collect();
    assert_eq!(
        commands,
        [
            Some("twinscribe tickets list"),
            Some("twinscribe document REPO --retry-failed"),
            Some("twinscribe check REPO"),
        ]
    );
}
