//! What the fuzz targets share: repositories made of text alone, and what must hold of any analysis.

use twinscribe::analysis::discover::{Source, Sources};
use twinscribe::analysis::{adjacency, analyze};
use twinscribe::model::claim::Verdict;

/// Names of the modules that a repository of several texts has, the package first.
const MODULES: [(&str, &str, &str, bool); 4] = [
    ("pkg/__init__.py", "pkg", "pkg", true),
    ("pkg/alpha.py", "pkg.alpha", "pkg", false),
    ("pkg/beta.py", "pkg.beta", "pkg", false),
    ("main.py", "main", "", false),
];

/// A repository in memory.
pub fn repository(texts: &[&str]) -> Sources {
    let mut files: Vec<Source> = texts
        .iter()
        .zip(MODULES.iter().rev())
        .map(|(text, (path, module, package, is_package))| Source {
            path: (*path).into(),
            module: (*module).into(),
            package: (*package).into(),
            is_package: *is_package,
            is_stub: false,
            is_companion: false,
            bytes: text.len() as u64,
            text: Some((*text).into()),
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

/// Analyses the texts and fails where what must hold of any repository does not.
pub fn holds(texts: &[&str]) {
    let sources = repository(texts);
    let oracle = analyze(&sources, Some(1));
    let written: u64 = oracle.files.iter().map(|f| u64::from(f.call_expressions)).sum();
    assert_eq!(
        oracle.call_graph.counts.total(),
        written,
        "every call expression is accounted for"
    );
    for edge in &oracle.call_graph.edges {
        let (caller, callee) = (oracle.component(edge.caller), oracle.component(edge.callee));
        assert!(!edge.sites.is_empty(), "an edge has a site");
        let verdict = oracle.verify_edge(&caller.id, &callee.id).verdict;
        assert_ne!(verdict, Verdict::Refuted, "{} -> {} is an edge", caller.id, callee.id);
    }
    let mut met = vec![false; oracle.components.len()];
    for component in &oracle.order.sequence {
        assert!(
            !std::mem::replace(&mut met[component.as_usize()], true),
            "ordered twice"
        );
    }
    assert!(met.iter().all(|m| *m), "the order holds every component");
    adjacency(&sources, Some(1));
}
