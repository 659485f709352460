//! Moves: components that have another name or place and the same source, told from new ones, so that what was said
//! of them is not paid for again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::checkpoint::recover::Recovered;
use crate::checkpoint::signature::Signature;
use crate::model::claim::Subject;
use crate::model::component::{Component, Name};
use crate::model::documentation::{Correction, Draft};
use crate::model::oracle::Oracle;
use crate::model::run::Failure;

/// Which components have been renamed or moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// The former id by the id of now.
    pub(crate) before: BTreeMap<Name, Name>,
    /// The other way round.
    now: BTreeMap<Name, Name>,
}

impl Moves {
    /// Finds them: same source, and of several the one with the same parent or the same place in its module. What is
    /// ambiguous is none. A member goes only where its parent stayed or went.
    pub(crate) fn find(recovered: &Recovered, oracle: &Oracle) -> Self {
        let signatures = &recovered.state.signatures;
        let mut gone: BTreeMap<&str, BTreeSet<&Name>> = BTreeMap::new();
        for (id, signature) in signatures.iter().filter(|(id, _)| oracle.find(id).is_none()) {
            if let Some(signature) = Signature::parse(signature) {
                gone.entry(signature.source).or_default().insert(id);
            }
        }
        let mut moves = Self::default();
        if gone.is_empty() {
            return moves;
        }
        let mut young: BTreeMap<String, u32> = BTreeMap::new();
        for component in oracle.components.iter().filter(|c| !signatures.contains_key(&c.id)) {
            *young.entry(source_word(component)).or_default() += 1;
        }
        // Parents come before their members.
        for component in oracle.components.iter().filter(|c| !signatures.contains_key(&c.id)) {
            let source = source_word(component);
            let Some(candidates) = gone.get_mut(source.as_str()) else {
                continue;
            };
            let parent = component.parent.map(|p| &oracle.component(p).id);
            let is_alone = young.get(&source) == Some(&1) && candidates.len() == 1;
            if let Some(former) = moves.former(component, parent, candidates, is_alone) {
                candidates.remove(&former);
                moves.now.insert(former.clone(), component.id.clone());
                moves.before.insert(component.id.clone(), former);
            }
        }
        moves
    }

    /// The one of these that a component was before.
    fn former(
        &self,
        component: &Component,
        parent: Option<&Name>,
        candidates: &BTreeSet<&Name>,
        is_alone: bool,
    ) -> Option<Name> {
        let only = |wanted: &dyn Fn(&str) -> bool| {
            let mut fitting = candidates.iter().filter(|id| wanted(id));
            let first = fitting.next()?;
            fitting.next().is_none().then(|| Name::clone(first))
        };
        let own = last(&component.id);
        if let Some(parent) = parent {
            let before = self.before.get(parent).unwrap_or(parent);
            let inside = |id: &str| id.strip_prefix(&**before).is_some_and(|rest| rest.starts_with('.'));
            let found = only(&|id| inside(id) && last(id) == own).or_else(|| only(&inside));
            if found.is_some() {
                return found;
            }
        }
        let place = format!(".{}", component.qualname);
        let is_top = !component.qualname.is_empty() && !component.qualname.contains('.');
        if is_top && let Some(found) = only(&|id| id.ends_with(&place)) {
            return Some(found);
        }
        (is_alone && !component.qualname.contains('.'))
            .then(|| only(&|_| true))
            .flatten()
    }

    /// Whether nothing has moved.
    pub(crate) fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// Gives everything that was recovered the ids of now.
    pub(crate) fn readdress(&self, recovered: &mut Recovered) {
        if self.is_empty() {
            return;
        }
        let Recovered { state, progress, .. } = recovered;
        for drafts in state.drafts.iter_mut().chain(&mut progress.drafts) {
            self.rename_keys(drafts);
            for (id, draft) in drafts.iter_mut() {
                if self.before.contains_key(id) {
                    draft.component = id.clone();
                }
                self.rename_in(draft);
            }
        }
        for by_id in state.validations.iter_mut().chain(&mut progress.validations) {
            self.rename_keys(by_id);
        }
        for by_id in &mut progress.parts {
            self.rename_keys(by_id);
        }
        for corrections in &mut state.corrections {
            self.rename_keys(corrections);
            for correction in corrections.values_mut().flatten() {
                self.rename_subject(correction);
            }
        }
        for redo in state.redo.iter_mut().flatten() {
            self.rename_all(redo);
        }
        for doubts in &mut state.doubts {
            self.rename_all(&mut doubts.components);
            self.rename_keys(&mut doubts.meanings);
        }
        let rename = |failure: &mut Failure| {
            if let Some(now) = self.now.get(&failure.component) {
                failure.component = now.clone();
            }
        };
        state.failures.iter_mut().for_each(rename);
        progress.failures.iter_mut().for_each(rename);
        self.rename_keys(&mut state.trail);
        self.rename_keys(Arc::make_mut(&mut state.signatures));
    }

    fn rename_keys<T>(&self, map: &mut BTreeMap<Name, T>) {
        for (before, now) in &self.now {
            if let Some(value) = map.remove(before) {
                map.insert(now.clone(), value);
            }
        }
    }

    fn rename_all(&self, names: &mut BTreeSet<Name>) {
        for (before, now) in &self.now {
            if names.remove(before) {
                names.insert(now.clone());
            }
        }
    }

    fn renamed(&self, subject: &Subject) -> Option<Subject> {
        let (make, id): (fn(Name) -> Subject, &Name) = match subject {
            Subject::Member(id) => (Subject::Member, id),
            Subject::Callee(id) => (Subject::Callee, id),
            Subject::CalleeType(id) => (Subject::CalleeType, id),
            Subject::CalleeLines(id) => (Subject::CalleeLines, id),
            Subject::Caller(id) => (Subject::Caller, id),
            _ => return None,
        };
        self.now.get(id).cloned().map(make)
    }

    fn rename_in(&self, draft: &mut Draft) {
        let mut is_changed = false;
        for claim in draft.claims.iter_mut().chain(&mut draft.repeated) {
            if let Some(subject) = self.renamed(&claim.subject) {
                claim.subject = subject;
                is_changed = true;
            }
        }
        if is_changed {
            draft.claims.sort_by(|x, y| x.subject.cmp(&y.subject));
        }
    }

    fn rename_subject(&self, correction: &mut Correction) {
        if let Some(subject) = self.renamed(&correction.subject) {
            correction.subject = subject;
        }
    }

    /// Whether the text of a draft speaks of its component by a name that it no longer has.
    pub(crate) fn is_out_of_date(&self, id: &Name, draft: &Draft) -> bool {
        let Some(before) = self.before.get(id) else {
            return false;
        };
        let is_renamed = last(before) != last(id);
        let names_it = |text: &str| {
            let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            text.contains(&**before) || is_renamed && words.any(|word| word == last(before))
        };
        let texts = draft.claims.iter().filter_map(|claim| claim.value.as_text());
        texts.into_iter().any(names_it)
    }
}

fn source_word(component: &Component) -> String {
    format!("{:016x}", component.own_hash)
}

/// The last part of an id.
fn last(id: &str) -> &str {
    id.rsplit('.').next().unwrap_or(id)
}
