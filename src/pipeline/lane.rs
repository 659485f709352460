//! A stream during a run: its documenter, its drafts, what it did.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checkpoint::StreamFacts;
use crate::compare::settle::Witness;
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Draft, StreamId};
use crate::model::oracle::Oracle;
use crate::model::run::{RunState, StreamMetrics};
use crate::streams::Documenter;

/// Name of the documenter whose drift from the code is reported as findings.
const DOCSTRING: &str = "docstring";

/// A stream during a run.
pub(super) struct Lane {
    pub(super) stream: StreamId,
    pub(super) documenter: Arc<dyn Documenter>,
    /// The latest draft of each component; an embedded stream's are dropped once they are settled.
    pub(super) drafts: Vec<Option<Arc<Draft>>>,
    pub(super) metrics: StreamMetrics,
    /// Why it is dead for good.
    pub(super) dead: Option<String>,
}

impl Lane {
    pub(super) fn new(stream: StreamId, documenter: Arc<dyn Documenter>, components: usize) -> Self {
        let metrics = StreamMetrics {
            name: documenter.name().to_owned(),
            embedded: documenter.is_embedded(),
            restates_oracle: documenter.restates_oracle(),
            ..StreamMetrics::default()
        };
        Self {
            stream,
            documenter,
            drafts: vec![None; components],
            metrics,
            dead: None,
        }
    }

    pub(super) fn witness(&self) -> Witness {
        Witness {
            embedded: self.documenter.is_embedded(),
            witnesses_edges: self.documenter.witnesses_edges(),
        }
    }

    /// What reconciling has to know of it.
    pub(super) fn facts(&self) -> StreamFacts<'_> {
        StreamFacts {
            name: self.documenter.name(),
            version: self.documenter.version(),
            uses_context: self.documenter.uses_context(),
            is_embedded: self.documenter.is_embedded(),
        }
    }

    pub(super) fn is_embedded(&self) -> bool {
        self.documenter.is_embedded()
    }

    /// Whether it says what the author says.
    pub(super) fn is_docstring(&self) -> bool {
        self.documenter.name() == DOCSTRING
    }

    /// A component's draft, to be settled: an embedded stream gives it away, the others keep it.
    pub(super) fn hand_in(&mut self, component: ComponentIndex) -> Option<Arc<Draft>> {
        let slot = &mut self.drafts[component.as_usize()];
        if self.documenter.is_embedded() {
            slot.take()
        } else {
            slot.clone()
        }
    }

    /// Takes up drafts that were saved.
    pub(super) fn take_up(&mut self, oracle: &Oracle, state: &RunState) {
        for (id, draft) in &state.drafts[self.stream as usize] {
            if let Some(component) = oracle.find(id) {
                self.drafts[component.as_usize()] = Some(Arc::new(draft.clone()));
                self.metrics.reused += 1;
            }
        }
    }

    /// Puts the drafts of these components into the state that is saved; an embedded stream's need no saving.
    pub(super) fn save(&self, oracle: &Oracle, state: &mut RunState, done: &[ComponentIndex]) {
        if self.is_embedded() {
            return;
        }
        let saved = &mut state.drafts[self.stream as usize];
        for &component in done {
            let id = &oracle.component(component).id;
            match &self.drafts[component.as_usize()] {
                Some(draft) => drop(saved.insert(id.clone(), (**draft).clone())),
                None => drop(saved.remove(id)),
            }
        }
    }

    /// The components that this stream has failed on.
    pub(super) fn failed(&self, state: &RunState) -> BTreeSet<Name> {
        let own = state.failures.iter().filter(|f| f.stream == self.stream);
        own.map(|f| f.component.clone()).collect()
    }
}
