//! Seeds: what an earlier run leaves for a new one on the same repository.

use std::collections::BTreeSet;

use super::StreamFacts;
use crate::checkpoint::record::{Progress, RunHeader};
use crate::checkpoint::recover::Recovered;
use crate::model::oracle::Oracle;
use crate::model::run::{Phase, RunState};

impl Recovered {
    /// What there is of a run before it has begun: nothing.
    pub fn nothing(header: RunHeader) -> Self {
        Self {
            run_id: String::new(),
            checkpoint: None,
            header,
            state: RunState::default(),
            progress: Progress::default(),
            finished: false,
            in_flight: BTreeSet::new(),
            notes: Vec::new(),
        }
    }

    /// The state in which a new run would have begun with this one's results: its first iteration, in which nothing
    /// is left to do. Reconciling it with the repository of now plans what is. Results of embedded streams are not
    /// among them, so a run of embedded streams alone is the same whatever was before it. What has failed is tried
    /// again: it left no result.
    #[must_use]
    pub fn as_seed(mut self, oracle: &Oracle, streams: [StreamFacts<'_>; 2]) -> Self {
        let mut seed = RunState {
            phase: Phase::NotStarted,
            iteration: 1,
            redo: Some(Default::default()),
            signatures: self.state.signatures,
            ..RunState::default()
        };
        for (stream, facts) in streams.iter().enumerate() {
            if facts.is_embedded {
                if let Some(redo) = &mut seed.redo {
                    redo[stream] = oracle.components.iter().map(|c| c.id.clone()).collect();
                }
                continue;
            }
            seed.drafts[stream] = std::mem::take(&mut self.state.drafts[stream]);
            seed.drafts[stream].extend(std::mem::take(&mut self.progress.drafts[stream]));
            seed.validations[stream] = std::mem::take(&mut self.state.validations[stream]);
            seed.validations[stream].extend(std::mem::take(&mut self.progress.validations[stream]));
            // What was thrown out stays on record.
            seed.corrections[stream] = std::mem::take(&mut self.state.corrections[stream]);
            seed.doubts[stream] = std::mem::take(&mut self.state.doubts[stream]);
            let done = |id: &&crate::model::component::Name| seed.drafts[stream].contains_key(*id);
            let doubtful: BTreeSet<_> = seed.doubts[stream].components.iter().filter(done).cloned().collect();
            if let Some(redo) = &mut seed.redo {
                redo[stream] = doubtful;
            }
        }
        // Decisions are known by their content, so they stand whatever has changed. What they cost, the earlier run
        // has paid.
        seed.arbitrations = std::mem::take(&mut self.state.arbitrations);
        seed.arbitrations
            .extend(std::mem::take(&mut self.progress.arbitrations));
        self.state = seed;
        self.progress = Progress::default();
        self.finished = false;
        self
    }
}
