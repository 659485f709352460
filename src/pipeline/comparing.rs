//! Comparing: what the streams said is judged and settled, and searched for drift.
//!
//! Findings are about what the docstrings said before they were corrected, so they are looked for once.

use std::collections::BTreeSet;

use super::error::RunError;
use super::run::{Run, sort_failures};
use super::settling::{Bench, Piece, Worked};
use crate::checkpoint::Record;
use crate::model::component::ComponentIndex;
use crate::model::run::Failure;

impl Run<'_, '_> {
    /// Judges and settles what was described anew, or everything where nothing is settled yet.
    pub(super) async fn settle(&mut self) -> Result<(), RunError> {
        let anew = |c: &ComponentIndex| {
            self.settled[c.as_usize()].is_none() || self.planned.iter().any(|p| p.binary_search(c).is_ok())
        };
        // What neither stream is to describe is not judged either.
        let described = |c: &ComponentIndex| !(0..2).all(|stream| self.is_left_out(stream, *c));
        let components = self.oracle.indices().filter(anew).filter(described).collect();
        self.settle_these(components).await
    }

    async fn settle_these(&mut self, components: Vec<ComponentIndex>) -> Result<(), RunError> {
        let find = self.findings.is_none();
        if find && self.state.corrections.iter().any(|told| !told.is_empty()) {
            self.find_in_what_was_said_first().await?;
        }
        let find = self.findings.is_none();
        let pieces = self.hand_in(components);
        let places: Vec<ComponentIndex> = pieces.iter().map(|(component, _)| *component).collect();
        let worked = self.at_the_bench(pieces, find).await?;
        let mut findings = Vec::new();
        for (component, worked) in places.into_iter().zip(worked) {
            findings.extend(worked.findings);
            self.reject(component, worked.rejected).await?;
            self.documentation[component.as_usize()] = worked.documentation;
            self.settled[component.as_usize()] = Some(worked.settled);
        }
        sort_failures(&mut self.state.failures);
        if find {
            self.findings = Some(findings);
        }
        Ok(())
    }

    /// Looks for findings in what the docstrings said before they were corrected.
    async fn find_in_what_was_said_first(&mut self) -> Result<(), RunError> {
        let told = std::mem::take(&mut self.state.corrections);
        let drafts = [0, 1].map(|s: usize| std::mem::take(&mut self.lanes[s].drafts));
        for lane in &mut self.lanes {
            lane.drafts = vec![None; self.oracle.components.len()];
        }
        let todo = [0, 1].map(|stream| {
            let lane = &self.lanes[stream];
            let wanted = lane.is_docstring() && lane.is_embedded();
            if wanted {
                self.todo(stream, true, &[])
            } else {
                Vec::new()
            }
        });
        let all = todo.iter().flatten().copied().collect::<BTreeSet<_>>();
        let outcome = self.work(todo, false).await;
        let pieces = self.hand_in(all.into_iter().collect());
        self.state.corrections = told;
        for (lane, drafts) in self.lanes.iter_mut().zip(drafts) {
            lane.drafts = drafts;
        }
        outcome?;
        let worked = self.at_the_bench(pieces, true).await?;
        self.findings = Some(worked.into_iter().flat_map(|w| w.findings).collect());
        Ok(())
    }

    fn hand_in(&mut self, components: Vec<ComponentIndex>) -> Vec<Piece> {
        let [a, b] = &mut self.lanes;
        components
            .into_iter()
            .map(|component| (component, [a.hand_in(component), b.hand_in(component)]))
            .collect()
    }

    async fn at_the_bench(&mut self, pieces: Vec<Piece>, find: bool) -> Result<Vec<Worked>, RunError> {
        let bench = Bench {
            oracle: &self.oracle,
            witnesses: self.lanes.each_ref().map(|lane| lane.witness()),
            similarity_threshold: self.config.convergence.documentation_similarity_threshold,
            answers: &self.answers,
            find_in: self.lanes.each_ref().map(|lane| find && lane.is_docstring()),
            pool: self.pool.as_ref(),
        };
        let worked = bench.settle(pieces, &self.stop).await;
        worked.ok_or(RunError::Stopped)
    }

    /// Takes in that a validator did not accept a draft: a failure like any other.
    async fn reject(&mut self, component: ComponentIndex, reasons: [Option<String>; 2]) -> Result<(), RunError> {
        for (stream, reason) in reasons.into_iter().enumerate() {
            let Some(reason) = reason else { continue };
            let lane = &mut self.lanes[stream];
            lane.metrics.rejected += 1;
            lane.drafts[component.as_usize()] = None;
            let failure = Failure {
                stream: lane.stream,
                component: self.oracle.component(component).id.clone(),
                iteration: self.state.iteration,
                reason: format!("the validator rejected the draft: {reason}"),
            };
            if !self.lanes[stream].is_embedded() {
                let failure = failure.clone();
                self.record(Record::ComponentFailed { failure, receipt: None }).await?;
            }
            self.state.failures.push(failure.clone());
            if !self.config.continue_on_error {
                return Err(RunError::ComponentFailed(failure));
            }
        }
        Ok(())
    }

    /// Makes again what the embedded streams said of some components, to settle them anew.
    pub(super) async fn settle_again(&mut self, components: &BTreeSet<ComponentIndex>) -> Result<(), RunError> {
        let todo = [0, 1].map(|stream| {
            let failed = self.lanes[stream].failed(&self.state);
            let again = |c: &&ComponentIndex| !failed.contains(&self.oracle.component(**c).id);
            match self.lanes[stream].is_embedded() {
                true => components.iter().filter(again).copied().collect(),
                false => Vec::new(),
            }
        });
        self.work(todo, false).await?;
        self.settle_these(components.iter().copied().collect()).await
    }
}
