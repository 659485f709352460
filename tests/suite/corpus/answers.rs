//! What the analysis makes of one case: the calls it lists per line, and the marks that a comment needs because of them.

use std::collections::{BTreeMap, BTreeSet};

use twinscribe::model::claim::Verdict;
use twinscribe::model::component::{Component, ComponentKind};
use twinscribe::model::oracle::Oracle;

use super::page::{Case, Clauses, Word};
use crate::common::Scratch;
use crate::common::library::oracle_of;

/// How many things there were of each sort.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cases: usize,
    pub(crate) listed: usize,
    pub(crate) verdicts: usize,
    pub(crate) marks: BTreeMap<String, usize>,
    /// Pairs that no comment lists: all, and those refuted.
    pub(crate) absent: (usize, usize),
}

/// The analysis of a case.
pub(crate) struct Answers<'a> {
    case: &'a Case,
    oracle: std::sync::Arc<Oracle>,
    /// By file and line: the functions called, and whether surely.
    found: BTreeMap<(String, u32), BTreeMap<String, bool>>,
}

impl<'a> Answers<'a> {
    pub(crate) fn to(case: &'a Case) -> Self {
        let files = case.files.iter().filter(|f| !f.outside);
        let files: Vec<(&str, &[u8])> = files.map(|f| (&*f.path, f.text.as_bytes())).collect();
        let scratch = Scratch::with(&files);
        let oracle = oracle_of(&scratch.repo());
        let written: u64 = oracle.files.iter().map(|f| u64::from(f.call_expressions)).sum();
        assert_eq!(
            oracle.call_graph.counts.total(),
            written,
            "every call expression is accounted for"
        );
        let mut found: BTreeMap<(String, u32), BTreeMap<String, bool>> = BTreeMap::new();
        for edge in &oracle.call_graph.edges {
            let (caller, callee) = (oracle.component(edge.caller), oracle.component(edge.callee));
            if !is_function(callee) || callee.id.ends_with(".__del__") {
                continue;
            }
            for site in &edge.sites {
                let line = found.entry((caller.path.to_string(), site.line)).or_default();
                line.insert(callee.id.to_string(), edge.certain);
            }
        }
        Self { case, oracle, found }
    }

    /// Every line that says something or should, with the marks it needs, by line of the page.
    pub(crate) fn marks(&self) -> BTreeMap<usize, Clauses> {
        let mut needed = BTreeMap::new();
        for file in self.case.files.iter().filter(|f| !f.outside) {
            let module = file.module();
            for (offset, text) in file.text.lines().enumerate() {
                let key = (file.path.clone(), u32::try_from(offset).unwrap() + 1);
                let says = self.case.lines.get(&key);
                needed.insert(file.starts + offset, self.marks_of_line(&key, &module, text, says));
            }
        }
        needed
    }

    fn marks_of_line(&self, key: &(String, u32), module: &str, text: &str, says: Option<&Clauses>) -> Clauses {
        let mut marks = Clauses::new();
        let mut mark = |word, name: &str| marks.entry(word).or_default().insert(name.to_owned());
        let nothing = BTreeMap::new();
        let found = self.found.get(key).unwrap_or(&nothing);
        let mut listed = BTreeSet::new();
        for (&word, names) in says.into_iter().flatten().filter(|(w, _)| w.is_truth()) {
            for name in names {
                let full = self.case.full(name, module);
                match (word, found.get(&full)) {
                    (_, None) if self.denies(key, text, &full) => _ = mark(Word::Denied, name),
                    (_, None) => _ = mark(Word::Missed, name),
                    (Word::Surely, Some(false)) => _ = mark(Word::Unsure, name),
                    (Word::OneOf, Some(true)) => _ = mark(Word::Oversure, name),
                    _ => {}
                }
                listed.insert(full);
            }
        }
        for name in found.keys().filter(|n| !listed.contains(*n)) {
            mark(Word::Invented, &Case::short(name, module));
        }
        marks
    }

    /// Whether the analysis says that the component around a line does not call this.
    fn denies(&self, key: &(String, u32), text: &str, callee: &str) -> bool {
        self.around(key, text)
            .is_some_and(|around| self.oracle.verify_edge(&around.id, callee).verdict == Verdict::Refuted)
    }

    /// The component that a line's calls belong to.
    fn around(&self, (path, line): &(String, u32), text: &str) -> Option<&Component> {
        let code = text.split(" # ").next().unwrap_or_default().trim();
        // What stands on the line of a `def` is called when it is defined, unless the body does too.
        let is_outside = code.ends_with(':');
        self.oracle.components.iter().rfind(|c| {
            *c.path == **path
                && c.kind != ComponentKind::Class
                && (c.kind == ComponentKind::Module
                    || (c.first_line + u32::from(is_outside) <= *line && *line <= c.last_line))
        })
    }

    /// What the analysis says of the pairs, where that is not the verdict stated; by line of the page.
    pub(crate) fn verdicts(&self) -> BTreeMap<usize, Option<String>> {
        let pairs = self.case.pairs.iter();
        pairs
            .map(|pair| {
                let caller = self.case.full(&pair.caller, &pair.module);
                let callee = self.case.full(&pair.callee, &pair.module);
                let verdict = match self.oracle.verify_edge(&caller, &callee).verdict {
                    Verdict::Confirmed => "confirmed",
                    Verdict::Refuted => "refuted",
                    Verdict::Unknown => "unknown",
                };
                (pair.on_page, (verdict != pair.verdict).then(|| verdict.to_owned()))
            })
            .collect()
    }

    /// Of the pairs of two functions of which the case lists no call: all, and those refuted.
    pub(crate) fn absent(&self) -> (usize, usize) {
        let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
        for (key, line) in &self.case.lines {
            let file = self
                .case
                .files
                .iter()
                .find(|f| f.path == key.0)
                .expect("a line is in a file");
            let text = file.text.lines().nth(key.1 as usize - 1).unwrap_or_default();
            let Some(around) = self.around(key, text) else {
                continue;
            };
            let names = line.iter().filter(|(w, _)| w.is_truth()).flat_map(|(_, names)| names);
            listed.extend(names.map(|n| (around.id.to_string(), self.case.full(n, &file.module()))));
        }
        let functions = || self.oracle.components.iter().filter(|c| is_function(c));
        let (mut all, mut refuted) = (0, 0);
        for caller in functions() {
            for callee in functions().filter(|c| !c.id.ends_with(".__del__")) {
                if !listed.contains(&(caller.id.to_string(), callee.id.to_string())) {
                    all += 1;
                    let verdict = self.oracle.verify_edge(&caller.id, &callee.id).verdict;
                    refuted += usize::from(verdict == Verdict::Refuted);
                }
            }
        }
        (all, refuted)
    }
}

fn is_function(component: &Component) -> bool {
    !matches!(component.kind, ComponentKind::Class | ComponentKind::Module)
}
