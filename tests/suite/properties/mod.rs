//! What must hold of the call graph whatever the program: a file more takes no confirmed edge from the others, the name
//! of a local changes nothing, and neither does the order of the files.

mod program;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};

use program::{Names, Program, program, written};
use twinscribe::analysis::discover::{Source, Sources};
use twinscribe::analysis::{adjacency, analyze};
use twinscribe::model::claim::Verdict;
use twinscribe::model::oracle::Oracle;

use crate::common::say;

/// Programs per property.
const CASES: u32 = 128;

/// Steps towards a smaller program that breaks a property.
const MOST_SHRINKING: u32 = 300;

/// What does not hold yet: what a method of a guessed receiver gives back or is given passes for known, and another file
/// may end the guess; of modules that import each other and decorate with one another's functions, the first one
/// evaluated sees other values than the second.
const OPEN: [&str; 2] = ["a file more takes no edge", "the order of files"];

fn names(modules: &[&str], local: &'static str) -> Names {
    Names {
        modules: modules.iter().map(|&m| m.to_owned()).collect(),
        local,
    }
}

/// A repository of these modules, in memory.
fn repository(names: &Names, texts: &[String]) -> Sources {
    let mut files: Vec<Source> = names
        .modules
        .iter()
        .zip(texts)
        .map(|(module, text)| Source {
            path: format!("{module}.py").into(),
            module: module.as_str().into(),
            package: "".into(),
            is_package: false,
            is_stub: false,
            is_companion: false,
            bytes: text.len() as u64,
            text: Some(text.as_str().into()),
            hash: 1,
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Sources {
        root: "/repository".into(),
        files,
        problems: Vec::new(),
    }
}

/// Every edge: caller, callee, whether certain, lines.
fn edges(oracle: &Oracle) -> BTreeSet<(String, String, bool, Vec<u32>)> {
    let id = |index| oracle.component(index).id.to_string();
    let edges = oracle.call_graph.edges.iter();
    edges
        .map(|e| {
            (
                id(e.caller),
                id(e.callee),
                e.certain,
                e.sites.iter().map(|s| s.line).collect(),
            )
        })
        .collect()
}

/// Looks for a program that breaks the property; always the same programs, so that the answer is.
fn broken_by(holds: fn(&Program) -> Result<(), TestCaseError>, max_shrink_iters: u32) -> Option<String> {
    let config = ProptestConfig {
        cases: CASES,
        max_shrink_iters,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let algorithm = config.rng_algorithm;
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm));
    match runner.run(&program(), |program| holds(&program)) {
        Ok(()) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// Holds the property to what is known of it: one that is open must still be broken, so that the list shrinks.
#[track_caller]
fn check(name: &str, holds: fn(&Program) -> Result<(), TestCaseError>) {
    let is_open = OPEN.contains(&name);
    match broken_by(holds, if is_open { 0 } else { MOST_SHRINKING }) {
        Some(_) if is_open => say(&format!("OPEN property: {name} does not hold yet")),
        Some(why) => panic!("{name}: {why}"),
        None => assert!(!is_open, "{name} holds: take it out of OPEN"),
    }
}

#[test]
fn a_file_more_takes_no_confirmed_edge_from_the_others() {
    check("a file more takes no edge", |program| {
        let names = names(&["m0", "m1", "m2", "m3"], "v");
        let known = program.0.len() - 1;
        let texts = written(program, known, &names);
        let before = analyze(&repository(&names, &texts[..known]), Some(1));
        let after = analyze(&repository(&names, &texts), Some(1));
        for (caller, callee, _, lines) in edges(&before) {
            // What is only likely is confirmed by nobody.
            if before.verify_edge(&caller, &callee).verdict != Verdict::Confirmed {
                continue;
            }
            let verdict = after.verify_edge(&caller, &callee).verdict;
            let added = &names.modules[known];
            prop_assert_eq!(
                verdict,
                Verdict::Confirmed,
                "{} -> {} on {:?}, once {} is there",
                caller,
                callee,
                lines,
                added
            );
        }
        Ok(())
    });
}

#[test]
fn the_name_of_a_local_changes_nothing() {
    check("the name of a local", |program| {
        let written = ["v", "z"].map(|local| {
            let names = names(&["m0", "m1", "m2", "m3"], local);
            repository(&names, &written(program, program.0.len(), &names))
        });
        let [one, other] = written.each_ref().map(|sources| edges(&analyze(sources, Some(1))));
        prop_assert_eq!(one, other);
        let [one, other] = written.each_ref().map(|sources| adjacency(sources, Some(1)));
        prop_assert_eq!(one, other);
        Ok(())
    });
}

#[test]
fn the_order_of_files_changes_nothing() {
    check("the order of files", |program| {
        // Files are analysed in the order of their names, so other names are another order.
        let [here, there] = [["m0", "m1", "m2", "m3"], ["m3", "m2", "m1", "m0"]].map(|modules| {
            let names = names(&modules, "v");
            edges(&analyze(
                &repository(&names, &written(program, program.0.len(), &names)),
                Some(2),
            ))
        });
        let renamed = |name: String| match name.as_bytes()[1] {
            digit @ b'0'..=b'3' => format!("m{}{}", 3 - (digit - b'0'), &name[2..]),
            _ => name,
        };
        let here: BTreeSet<_> = here
            .into_iter()
            .map(|(a, b, certain, lines)| (renamed(a), renamed(b), certain, lines))
            .collect();
        prop_assert_eq!(here, there);
        Ok(())
    });
}

/// An instrument that cannot fail proves nothing.
#[test]
fn a_property_that_does_not_hold_is_broken() {
    let why = broken_by(
        |program| {
            let names = names(&["m0", "m1", "m2", "m3"], "v");
            let sources = repository(&names, &written(program, program.0.len(), &names));
            prop_assert_eq!(edges(&analyze(&sources, Some(1))).len(), 0);
            Ok(())
        },
        0,
    );
    assert!(why.is_some_and(|text| text.contains("# file: m0.py")));
}
