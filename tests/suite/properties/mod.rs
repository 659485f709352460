//! What must hold of the call graph whatever the program: a file more takes no confirmed edge from the others, the name
//! of a local changes nothing, and neither does the order of the files.

mod program;

use std::collections::BTreeSet;

use proptest::prelude::*;

use program::{Names, program, written};
use twinscribe::analysis::discover::{Source, Sources};
use twinscribe::analysis::{adjacency, analyze};
use twinscribe::model::claim::Verdict;
use twinscribe::model::oracle::Oracle;

const CASES: u32 = 128;

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn a_file_more_takes_no_confirmed_edge_from_the_others(program in program()) {
        let names = names(&["m0", "m1", "m2", "m3"], "v");
        let known = program.0.len() - 1;
        let texts = written(&program, known, &names);
        let before = analyze(&repository(&names, &texts[..known]), Some(1));
        let after = analyze(&repository(&names, &texts), Some(1));
        for (caller, callee, _, lines) in edges(&before) {
            let verdict = after.verify_edge(&caller, &callee).verdict;
            prop_assert_eq!(
                verdict,
                Verdict::Confirmed,
                "{} -> {} on {:?}, once {} is there:\n{}",
                caller, callee, lines, &names.modules[known], texts.join("\n# ---\n")
            );
        }
    }

    #[test]
    fn the_name_of_a_local_changes_nothing(program in program()) {
        let (one, other) = (names(&["m0", "m1", "m2", "m3"], "v"), names(&["m0", "m1", "m2", "m3"], "z"));
        let [one, other] = [one, other].map(|n| repository(&n, &written(&program, program.0.len(), &n)));
        prop_assert_eq!(edges(&analyze(&one, Some(1))), edges(&analyze(&other, Some(1))));
        prop_assert_eq!(adjacency(&one, Some(1)), adjacency(&other, Some(1)));
    }

    #[test]
    fn the_order_of_files_changes_nothing(program in program()) {
        // Files are analysed in the order of their names, so other names are another order.
        let (one, other) = (names(&["m0", "m1", "m2", "m3"], "v"), names(&["m3", "m2", "m1", "m0"], "v"));
        let [mut here, there] = [&one, &other].map(|n| {
            edges(&analyze(&repository(n, &written(&program, program.0.len(), n)), Some(2)))
        });
        let renamed = |name: &str| match name.as_bytes()[1] {
            digit @ b'0'..=b'3' => format!("m{}{}", 3 - (digit - b'0'), &name[2..]),
            _ => name.to_owned(),
        };
        here = here.into_iter().map(|(a, b, certain, lines)| (renamed(&a), renamed(&b), certain, lines)).collect();
        prop_assert_eq!(here, there);
    }
}
