//! Lines: where what a kept draft speaks of now stands.
//!
//! What is written in one piece moves as one piece. A component with others inside it does not: an edit in one of its
//! members moves what comes after that member and nothing before it, and its own source has not changed. So there,
//! what is a known fact is found again where that fact now is.

use std::collections::BTreeMap;

use super::StreamPlan;
use crate::model::claim::{Subject, Value};
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::Draft;
use crate::model::oracle::Oracle;

/// Where known facts are: their line, and for lines of calls all of them.
type Places = BTreeMap<Subject, (Option<u32>, Option<Vec<u32>>)>;

/// Where known facts about components with others inside them are, by component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Anchors(BTreeMap<Name, Places>);

impl Anchors {
    /// Those of components whose drafts some stream keeps, for good or for now.
    pub(super) fn of(oracle: &Oracle, plans: &[StreamPlan; 2]) -> Self {
        let is_kept = |id: &Name| {
            let mut saving = plans.iter().filter(|plan| !plan.is_embedded);
            saving.any(|plan| plan.shift(id).is_some())
        };
        let has_inner = |index: ComponentIndex| oracle.members(index).next().is_some();
        let kept = oracle
            .indices()
            .filter(|&index| has_inner(index) && is_kept(&oracle.component(index).id));
        Self(
            kept.map(|index| (oracle.component(index).id.clone(), places(oracle, index)))
                .collect(),
        )
    }

    /// Moves a draft by some lines, or to where what it says is now.
    pub(super) fn shift(&self, id: &Name, draft: &mut Draft, by: i64) {
        let places = self.0.get(id);
        if by == 0 && places.is_none() {
            return;
        }
        let moved = |line: u32| u32::try_from((i64::from(line) + by).max(1)).unwrap_or(u32::MAX);
        for claim in draft.claims.iter_mut().chain(&mut draft.repeated) {
            let place = places.and_then(|places| places.get(&claim.subject));
            let (line, lines) = place.map_or((None, None), |(line, lines)| (*line, lines.as_deref()));
            claim.line = claim.line.map(|before| line.unwrap_or_else(|| moved(before)));
            if let Value::Lines(said) = &mut claim.value {
                match lines.filter(|lines| lines.len() == said.len()) {
                    Some(lines) => said.copy_from_slice(lines),
                    None => said.iter_mut().for_each(|line| *line = moved(*line)),
                }
            }
        }
    }
}

fn places(oracle: &Oracle, index: ComponentIndex) -> Places {
    let known = oracle.known_claims(index).into_iter();
    known
        .map(|claim| {
            let lines = match claim.value {
                Value::Lines(lines) => Some(lines),
                _ => None,
            };
            (claim.subject, (claim.line, lines))
        })
        .collect()
}
