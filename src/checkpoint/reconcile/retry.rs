//! Trying again what has failed, and what was described without it.

use std::collections::BTreeSet;

use super::StreamFacts;
use crate::checkpoint::record::Restatement;
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::Draft;
use crate::model::oracle::Oracle;

/// What a component that had no draft is noted to have said: no draft says the same.
const NOTHING: u64 = 0;

impl Restatement {
    /// Plans that what has failed is tried again. In a stream that reads the drafts of dependencies, what depends on
    /// it is in doubt: it was described without that draft, and is described anew if there is one now. Whoever goes
    /// on from this records it first. Returns whether anything had failed.
    pub fn retry_failed(&mut self, oracle: &Oracle, streams: [StreamFacts<'_>; 2]) -> bool {
        let failures: Vec<_> = self.state.failures.drain(..).collect();
        let failures: Vec<_> = failures.into_iter().chain(self.progress.failures.drain(..)).collect();
        for (stream, facts) in streams.iter().enumerate().filter(|(_, facts)| !facts.is_embedded) {
            let failed = failures.iter().filter(|f| f.stream as usize == stream);
            let failed: BTreeSet<&Name> = failed.map(|f| &f.component).collect();
            if failed.is_empty() {
                continue;
            }
            let doubtful = match facts.uses_context {
                true => self.dependents(stream, oracle, &failed),
                false => BTreeSet::new(),
            };
            self.doubt(stream, &failed, &doubtful);
            if let Some(redo) = &mut self.state.redo {
                redo[stream].extend(failed.into_iter().cloned().chain(doubtful));
            }
        }
        !failures.is_empty()
    }

    fn draft(&self, stream: usize, id: &Name) -> Option<&Draft> {
        let drafts = [&self.progress.drafts[stream], &self.state.drafts[stream]];
        drafts.into_iter().find_map(|drafts| drafts.get(id))
    }

    /// What has a draft and depends on what has failed, on something that does, and so on.
    fn dependents(&self, stream: usize, oracle: &Oracle, failed: &BTreeSet<&Name>) -> BTreeSet<Name> {
        let id = |index: ComponentIndex| &oracle.component(index).id;
        let mut readers = vec![Vec::new(); oracle.components.len()];
        for reader in oracle.indices() {
            for dependency in &oracle.order.dependencies[reader.as_usize()] {
                readers[dependency.as_usize()].push(reader);
            }
        }
        let mut found = BTreeSet::new();
        let mut open: Vec<ComponentIndex> = failed.iter().filter_map(|id| oracle.find(id)).collect();
        while let Some(next) = open.pop() {
            for &reader in &readers[next.as_usize()] {
                let id = id(reader);
                let is_new = !failed.contains(id) && self.draft(stream, id).is_some() && found.insert(id.clone());
                if is_new {
                    open.push(reader);
                }
            }
        }
        found
    }

    /// Puts these in doubt: their drafts hold only as long as what they were made with is still what is said.
    fn doubt(&mut self, stream: usize, failed: &BTreeSet<&Name>, doubtful: &BTreeSet<Name>) {
        let meaning = |id: &Name| (id.clone(), self.draft(stream, id).map_or(NOTHING, Draft::meaning));
        let said: Vec<(Name, u64)> = failed.iter().copied().chain(doubtful).map(meaning).collect();
        let doubts = &mut self.state.doubts[stream];
        doubts.components.extend(doubtful.iter().cloned());
        for (id, meaning) in said {
            // What was noted first is what the drafts in doubt were made with.
            doubts.meanings.entry(id).or_insert(meaning);
        }
        // What is kept for now must not be taken for done in this iteration.
        for id in doubtful {
            if let Some(draft) = self.progress.drafts[stream].remove(id) {
                self.state.drafts[stream].insert(id.clone(), draft);
            }
        }
    }
}
