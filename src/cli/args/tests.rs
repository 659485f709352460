use clap::{CommandFactory as _, Parser as _};

use super::*;
use crate::config::Layer;

fn help(path: &[&str]) -> String {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut command = &mut command;
    for name in path {
        command = command.find_subcommand_mut(name).unwrap();
    }
    command.render_long_help().to_string()
}

fn error(arguments: &[&str]) -> String {
    Cli::try_parse_from(arguments).unwrap_err().to_string()
}

#[test]
fn flags_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(help(&[]));
}

#[test]
fn help_of_check() {
    insta::assert_snapshot!(help(&["check"]));
}

#[test]
fn help_of_document() {
    insta::assert_snapshot!(help(&["document"]));
}

#[test]
fn help_of_tickets_resolve() {
    insta::assert_snapshot!(help(&["tickets", "resolve"]));
}

#[test]
fn every_configuration_key_of_a_run_has_a_flag() {
    let flags: Vec<String> = ["document", "resume", "check"]
        .into_iter()
        .map(|name| help(&[name]))
        .collect();
    for key in crate::config::options::KEYS {
        let flag = match *key {
            "wait_for_tickets" => "--wait".to_owned(),
            key => format!("--{}", key.replace('_', "-")),
        };
        assert!(flags.iter().any(|help| help.contains(&flag)), "{flag}");
    }
}

#[test]
fn resume_takes_an_optional_id() {
    let resume = |arguments: &[&str]| {
        let all = ["twinscribe", "document", "repo"].iter().chain(arguments);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Document(args) => args.resume,
            _ => unreachable!("parsed as another command"),
        }
    };
    assert_eq!(resume(&[]), None);
    assert_eq!(resume(&["--resume"]), Some(None));
    assert_eq!(resume(&["--resume=x"]), Some(Some("x".to_owned())));
}

#[test]
fn report_targets_name_their_forms() {
    let text = error(&["twinscribe", "check", ".", "--report", "pdf=x"]);
    assert!(
        text.contains("`pdf` is none of full, concise, json, json-lines, github, gitlab, junit, sarif, markdown"),
        "{text}"
    );
}

#[test]
fn a_ticket_is_resolved_one_way() {
    assert!(error(&["twinscribe", "tickets", "resolve", "t"]).contains("--merge"));
    assert!(error(&["twinscribe", "tickets", "resolve", "t", "-a", "-b"]).contains("cannot be used"));
}

#[test]
fn flags_make_a_layer() {
    let cli = Cli::try_parse_from([
        "twinscribe",
        "document",
        "--max-iterations",
        "3",
        "--wait",
        "--blocking-types",
        "type_mismatch,signature_mismatch",
        "--exclude",
        "a",
        "--exclude",
        "b",
        "--fail-on",
        "any",
    ])
    .unwrap();
    let Command::Document(args) = cli.command else {
        unreachable!("parsed as another command")
    };
    let mut layer = Layer::default();
    args.options.fill(&mut layer);
    args.discovery.fill(&mut layer);
    args.gate.fill(&mut layer);
    assert_eq!(layer.max_iterations, Some(3));
    assert_eq!(layer.wait_for_tickets, Some(true));
    assert_eq!(layer.blocking_types.map(|kinds| kinds.len()), Some(2));
    assert_eq!(layer.exclude, Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(layer.fail_on, Some(crate::config::FailOn::Any));
    assert_eq!(layer.allow_single_stream, None);
}
