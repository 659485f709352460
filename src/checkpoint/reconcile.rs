//! Reconciling: what of a recovered run still holds for the repository as it is now, and what has to be done again.
//!
//! [`reconcile()`] only plans, so that a plan can be shown; [`Plan::apply`] changes what was recovered. Drafts that
//! stay are moved to the lines where their components now stand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::recover::Recovered;
use super::signature::{Signature, signatures};
use crate::model::claim::Value;
use crate::model::component::Name;
use crate::model::documentation::{Draft, StreamId};
use crate::model::oracle::Oracle;
use crate::model::run::Failure;

/// How to reconcile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Keep what is unchanged, redo what has changed and what depends on it.
    #[default]
    Patch,
    /// Trust the checkpoint: go on as if nothing had changed. Components that it does not know are still done.
    Overwrite,
    /// Keep every result there is, whatever has changed and whatever was still to be redone; do what is missing.
    FillGaps,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Overwrite => "overwrite",
            Self::FillGaps => "fill-gaps",
        })
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Patch, Self::Overwrite, Self::FillGaps]
            .into_iter()
            .find(|mode| mode.to_string() == text)
            .ok_or_else(|| format!("`{text}` is none of patch, overwrite, fill-gaps"))
    }
}

/// What has to be known of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamFacts<'a> {
    /// How it comes to its drafts.
    pub version: &'a str,
    /// Whether its drafts depend on those of dependencies.
    pub uses_context: bool,
    /// Whether its drafts are saved at all.
    pub is_embedded: bool,
}

/// Why a component has to be done again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// There is no result of it.
    Missing,
    /// The checkpoint has a correction for it, or its context changed by one.
    Pending,
    /// Its source has changed.
    Source,
    /// What the analysis knows about it from elsewhere has changed.
    Context,
    /// The stream comes to its drafts in another way: model, prompt, program.
    Stream,
    /// The checkpoint does not say what its result was made from.
    Unsigned,
    /// It depends on this component, which is done again.
    DependsOn(Name),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("not done yet"),
            Self::Pending => f.write_str("to be corrected"),
            Self::Source => f.write_str("its source has changed"),
            Self::Context => f.write_str("what the analysis knows about it has changed"),
            Self::Stream => f.write_str("its stream has changed"),
            Self::Unsigned => f.write_str("what its result was made from is not known"),
            Self::DependsOn(id) => write!(f, "depends on {id}"),
        }
    }
}

/// What one stream keeps and does again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamPlan {
    /// Components whose result stays, with the lines by which it moves.
    pub keep: BTreeMap<Name, i64>,
    /// Components that are done again, and why.
    pub redo: BTreeMap<Name, BTreeSet<Reason>>,
    /// Components that have failed and are not tried again.
    pub failed: BTreeSet<Name>,
    /// Components that the checkpoint knows and that are no longer there.
    pub gone: BTreeSet<Name>,
    /// Whether its results are not saved at all, so that all of them are made again, which is cheap.
    pub is_embedded: bool,
}

impl StreamPlan {
    /// Whether what was known of a component no longer holds.
    fn has_changed(&self, id: &Name) -> bool {
        self.gone.contains(id) || self.redo.get(id).is_some_and(is_change)
    }
}

/// Whether one of the reasons is that something is other than it was.
fn is_change(reasons: &BTreeSet<Reason>) -> bool {
    reasons.iter().any(|r| !matches!(r, Reason::Missing | Reason::Pending))
}

/// What is kept and what is done again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Per stream.
    pub streams: [StreamPlan; 2],
    signatures: BTreeMap<Name, String>,
}

/// Plans how to go on with a recovered run on the repository as it is now.
pub fn reconcile(mode: Mode, recovered: &Recovered, oracle: &Oracle, streams: [StreamFacts<'_>; 2]) -> Plan {
    let signatures = signatures(oracle, streams.map(|s| s.version));
    let plan = |stream: StreamId| {
        let facts = &streams[stream as usize];
        let mut plan = StreamPlan {
            is_embedded: facts.is_embedded,
            ..StreamPlan::default()
        };
        for index in oracle.indices() {
            let id = &oracle.component(index).id;
            let view = View {
                mode,
                recovered,
                stream,
                now: &signatures[id],
            };
            match view.judge(id) {
                Fate::Keep(shift) => drop(plan.keep.insert(id.clone(), shift)),
                Fate::Failed => drop(plan.failed.insert(id.clone())),
                Fate::Redo(reasons) => drop(plan.redo.insert(id.clone(), reasons)),
            }
        }
        if mode == Mode::Patch && facts.uses_context {
            spread(oracle, &mut plan);
        }
        let known = recovered.known(stream);
        plan.gone = known.filter(|id| oracle.find(id).is_none()).cloned().collect();
        plan
    };
    Plan {
        streams: [plan(StreamId::A), plan(StreamId::B)],
        signatures,
    }
}

/// What becomes of a component's result in one stream.
enum Fate {
    /// It stays, and moves by this many lines.
    Keep(i64),
    /// There is none, because the component has failed; that stays so.
    Failed,
    /// It is done again.
    Redo(BTreeSet<Reason>),
}

/// One component as one stream and one mode see it.
struct View<'a> {
    mode: Mode,
    recovered: &'a Recovered,
    stream: StreamId,
    now: &'a str,
}

impl View<'_> {
    fn judge(&self, id: &Name) -> Fate {
        let stream = self.stream as usize;
        let (state, progress) = (&self.recovered.state, &self.recovered.progress);
        let in_progress = progress.drafts[stream].contains_key(id);
        let has_result = in_progress || state.drafts[stream].contains_key(id);
        let now = Signature::parse(self.now).unwrap_or_default();
        let then = state.signatures.get(id).and_then(|s| Signature::parse(s));
        let mut reasons = BTreeSet::new();
        if self.mode == Mode::Patch {
            reasons = self.changes(&now, then.as_ref(), has_result);
        }
        let has_failed = self.has_failed(id) && self.mode != Mode::FillGaps && reasons.is_empty();
        if has_failed {
            return Fate::Failed;
        }
        if !has_result {
            reasons.insert(Reason::Missing);
        } else if !in_progress && self.mode != Mode::FillGaps {
            let is_planned = state.redo.as_ref().is_none_or(|redo| redo[stream].contains(id));
            reasons.extend(is_planned.then_some(Reason::Pending));
        }
        if reasons.is_empty() {
            Fate::Keep(then.map_or(0, |then| i64::from(now.line) - i64::from(then.line)))
        } else {
            Fate::Redo(reasons)
        }
    }

    /// What of a component's signature has changed.
    fn changes(&self, now: &Signature<'_>, then: Option<&Signature<'_>>, has_result: bool) -> BTreeSet<Reason> {
        let Some(then) = then else {
            return has_result.then_some(Reason::Unsigned).into_iter().collect();
        };
        let stream = self.stream as usize;
        let parts = [
            (then.source != now.source, Reason::Source),
            (then.context != now.context, Reason::Context),
            (then.streams[stream] != now.streams[stream], Reason::Stream),
        ];
        let changed = parts.into_iter().filter(|(changed, _)| *changed);
        changed.map(|(_, reason)| reason).collect()
    }

    fn has_failed(&self, id: &Name) -> bool {
        let (state, progress) = (&self.recovered.state, &self.recovered.progress);
        let mut failures = state.failures.iter().chain(&progress.failures);
        failures.any(|f| f.stream == self.stream && f.component == *id)
    }
}

/// Does again what depends on something that is done again because it has changed. What is only missing or only
/// waits for a correction changes nothing for others yet.
fn spread(oracle: &Oracle, plan: &mut StreamPlan) {
    let mut changed: BTreeSet<&Name> = BTreeSet::new();
    for &index in &oracle.order.sequence {
        let id = &oracle.component(index).id;
        let own = plan.redo.get(id).is_some_and(is_change);
        let causes: Vec<Name> = oracle.order.dependencies[index.as_usize()]
            .iter()
            .map(|&d| &oracle.component(d).id)
            .filter(|d| changed.contains(d))
            .cloned()
            .collect();
        if own || !causes.is_empty() {
            changed.insert(id);
        }
        let missing = plan
            .redo
            .get(id)
            .is_some_and(|reasons| reasons.contains(&Reason::Missing));
        if !causes.is_empty() && !missing {
            plan.keep.remove(id);
            plan.failed.remove(id);
            let reasons = plan.redo.entry(id.clone()).or_default();
            reasons.extend(causes.into_iter().map(Reason::DependsOn));
        }
    }
}

impl Recovered {
    /// Components that the checkpoint knows of.
    fn known(&self, stream: StreamId) -> impl Iterator<Item = &Name> {
        let stream = stream as usize;
        self.state
            .signatures
            .keys()
            .chain(self.state.drafts[stream].keys())
            .chain(self.progress.drafts[stream].keys())
    }
}

impl Plan {
    /// Whether everything that is saved stays as it is.
    pub fn keeps_everything(&self) -> bool {
        self.streams.iter().all(|stream| {
            stream.gone.is_empty()
                && !stream.redo.values().any(is_change)
                && stream.keep.values().all(|&shift| shift == 0)
        })
    }

    /// Changes what was recovered so that going on from it does what is planned. Whoever goes on records the
    /// restatement of the result first, or a crash would bring back what is dropped here.
    pub fn apply(self, recovered: &mut Recovered) {
        let Recovered { state, progress, .. } = recovered;
        for (stream, plan) in self.streams.iter().enumerate() {
            if let Some(redo) = &mut state.redo {
                redo[stream] = replanned(plan, &redo[stream], &progress.drafts[stream]);
            }
            for drafts in [&mut state.drafts[stream], &mut progress.drafts[stream]] {
                drafts.retain(|id, _| stays(plan, id));
                for (id, draft) in drafts {
                    shift(draft, plan.keep.get(id).copied().unwrap_or(0));
                }
            }
            // What a stream was told about something that has changed may no longer be true.
            state.corrections[stream].retain(|id, _| !plan.has_changed(id));
        }
        let still_failed = |f: &Failure| self.streams[f.stream as usize].failed.contains(&f.component);
        state.failures.retain(still_failed);
        progress.failures.retain(still_failed);
        state
            .trail
            .retain(|id, _| !self.streams.iter().any(|plan| plan.has_changed(id)));
        state.signatures = self.signatures;
    }
}

/// What a stream does in the iteration in progress: what is planned, and what it had done of it already. An embedded
/// stream makes everything again anyway; its part is only widened by what has changed.
fn replanned(plan: &StreamPlan, before: &BTreeSet<Name>, in_progress: &BTreeMap<Name, Draft>) -> BTreeSet<Name> {
    let stays = |id: &&Name| {
        let is_done = plan.keep.contains_key(*id) && in_progress.contains_key(*id);
        !plan.gone.contains(*id) && (plan.is_embedded || is_done || plan.failed.contains(*id))
    };
    let added =
        |(id, reasons): (&Name, &BTreeSet<Reason>)| (!plan.is_embedded || is_change(reasons)).then(|| id.clone());
    let planned = plan.redo.iter().filter_map(added);
    before.iter().filter(stays).cloned().chain(planned).collect()
}

/// Whether a draft is of further use: it is kept, or it is what a correction will be applied to.
fn stays(plan: &StreamPlan, id: &Name) -> bool {
    plan.keep.contains_key(id)
        || plan
            .redo
            .get(id)
            .is_some_and(|reasons| reasons.iter().all(|r| *r == Reason::Pending))
}

/// Moves a draft by some lines.
fn shift(draft: &mut Draft, by: i64) {
    if by == 0 {
        return;
    }
    let moved = |line: u32| u32::try_from((i64::from(line) + by).max(1)).unwrap_or(u32::MAX);
    for claim in draft.claims.iter_mut().chain(&mut draft.repeated) {
        claim.line = claim.line.map(moved);
        if let Value::Lines(lines) = &mut claim.value {
            for line in lines {
                *line = moved(*line);
            }
        }
    }
}
