//! A documented call graph held against the facts.

use std::collections::{BTreeMap, BTreeSet};

use super::Oracle;
use super::index::plain_name;
use crate::model::claim::{Answer, Verdict};
use crate::model::component::ComponentKind;
use crate::model::run::EdgeScore;

/// A claimed call with the oracle's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedEdge {
    /// Plain name of the caller.
    pub caller: String,
    /// Plain name of the callee.
    pub callee: String,
    /// What the code says to it.
    pub answer: Answer,
}

/// How a documented graph differs from the facts. All lists are sorted by caller, then callee, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphDiff {
    /// Claimed and confirmed.
    pub matching: Vec<ClaimedEdge>,
    /// Certain calls between components that are not claimed.
    pub missing: Vec<(String, String)>,
    /// Claimed and not confirmed: refuted, or unknown.
    pub extra: Vec<ClaimedEdge>,
    /// The numbers; its precision leaves the unknown ones out.
    pub score: EdgeScore,
}

impl GraphDiff {
    /// confirmed ÷ (confirmed + refuted); none where nothing was decided.
    pub fn precision(&self) -> Option<f64> {
        self.score.precision()
    }

    /// confirmed ÷ (confirmed + missing); none where there is no edge.
    pub fn recall(&self) -> Option<f64> {
        self.score.recall()
    }
}

impl Oracle {
    /// Compares a graph, given as pairs of plain names (caller, callee), with the facts.
    ///
    /// An edge to a class counts as one to its constructor and the other way round.
    pub fn diff_against<A: AsRef<str>, B: AsRef<str>>(&self, edges: impl IntoIterator<Item = (A, B)>) -> GraphDiff {
        let mut claimed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (caller, callee) in edges {
            let callees = claimed.entry(caller.as_ref().to_owned()).or_default();
            callees.insert(callee.as_ref().to_owned());
        }
        let mut diff = GraphDiff::default();
        for (caller, callees) in &claimed {
            for callee in callees {
                let answer = self.verify_edge(caller, callee);
                let list = match answer.verdict {
                    Verdict::Confirmed => &mut diff.matching,
                    Verdict::Refuted | Verdict::Unknown => &mut diff.extra,
                };
                list.push(ClaimedEdge {
                    caller: caller.clone(),
                    callee: callee.clone(),
                    answer,
                });
            }
        }
        diff.missing = self.not_claimed(&claimed);
        let refuted = diff
            .extra
            .iter()
            .filter(|e| e.answer.verdict == Verdict::Refuted)
            .count();
        diff.score = EdgeScore {
            confirmed: diff.matching.len() as u64,
            refuted: refuted as u64,
            unknown: (diff.extra.len() - refuted) as u64,
            missed: diff.missing.len() as u64,
        };
        diff
    }

    fn not_claimed(&self, claimed: &BTreeMap<String, BTreeSet<String>>) -> Vec<(String, String)> {
        let mut missing = BTreeSet::new();
        for edge in self.call_graph.edges.iter().filter(|e| e.certain) {
            let caller = plain_name(&self.component(edge.caller).id).into_owned();
            let callee = plain_name(&self.component(edge.callee).id).into_owned();
            let is_class = self.component(edge.callee).kind == ComponentKind::Class;
            let is_claimed = claimed.get(&caller).is_some_and(|callees| {
                let constructor = ["__init__", "__new__"];
                callees.contains(&callee)
                    || is_class && constructor.iter().any(|c| callees.contains(&format!("{callee}.{c}")))
                    || constructor.iter().any(|c| {
                        callee
                            .strip_suffix(c)
                            .and_then(|class| class.strip_suffix('.'))
                            .is_some_and(|class| callees.contains(class))
                    })
            });
            if !is_claimed {
                missing.insert((caller, callee));
            }
        }
        missing.into_iter().collect()
    }
}
