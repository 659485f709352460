//! Reconciling: what of a recovered run still holds for the repository as it is now, and what has to be done again.
//!
//! [`reconcile()`] only plans, so that a plan can be shown; [`Plan::apply`] changes what was recovered. Drafts that
//! stay are moved to the lines where their components now stand. What depends on something that has changed is in
//! doubt: it is done again only if that comes out differently, which is known once it has been described anew.

mod lines;
mod moves;
mod retry;
mod seed;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::recover::Recovered;
use super::signature::{Signature, signatures, signatures_as};
use crate::model::component::Name;
use crate::model::documentation::{Draft, StreamId};
use crate::model::oracle::Oracle;
use crate::model::run::{Doubts, Failure, RunState};
use lines::Anchors;
use moves::Moves;

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
    /// What it is called: `docstring`, `code`, or `provider:model`.
    pub name: &'a str,
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
    /// It was renamed, and its result speaks of it by its former name.
    Renamed,
    /// What the analysis knows about it from elsewhere has changed.
    Context,
    /// Another model describes it.
    Model,
    /// The model is asked in another way.
    Prompt,
    /// The checkpoint does not say what its result was made from.
    Unsigned,
    /// It depends on this component, which is done again and may come out differently.
    DependsOn(Name),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("not done yet"),
            Self::Pending => f.write_str("to be corrected"),
            Self::Source => f.write_str("its source has changed"),
            Self::Renamed => f.write_str("its text has its former name"),
            Self::Context => f.write_str("what the analysis knows about it has changed"),
            Self::Model => f.write_str("its model has changed"),
            Self::Prompt => f.write_str("its prompt has changed"),
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
    /// Components that are done again only if what they depend on comes out differently.
    pub doubtful: BTreeMap<Name, Doubt>,
    /// Components about which nobody is asked: those that only the mode speaks for keeping, and those left out.
    pub trusted: BTreeSet<Name>,
    /// Components that have failed and are not tried again.
    pub failed: BTreeSet<Name>,
    /// Components that the checkpoint knows and that are no longer there.
    pub gone: BTreeSet<Name>,
    /// Whether its results are not saved at all, so that all of them are made again, which is cheap.
    pub is_embedded: bool,
}

/// A component whose result may still hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// Lines by which its result moves.
    pub shift: i64,
    /// What it depends on, of what is or may be done again.
    pub causes: BTreeSet<Name>,
}

impl StreamPlan {
    /// Whether what was known of a component no longer holds.
    fn has_changed(&self, id: &Name) -> bool {
        self.gone.contains(id) || self.redo.get(id).is_some_and(is_change)
    }

    /// The lines by which a result that stays, for good or for now, moves.
    fn shift(&self, id: &Name) -> Option<i64> {
        let doubt = self.doubtful.get(id).map(|doubt| doubt.shift);
        self.keep.get(id).copied().or(doubt)
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
    moves: Moves,
    anchors: Anchors,
}

/// Plans how to go on with a recovered run on the repository as it is now.
pub fn reconcile(mode: Mode, recovered: &Recovered, oracle: &Oracle, streams: [StreamFacts<'_>; 2]) -> Plan {
    let moves = Moves::find(recovered, oracle);
    let now = signatures_as(oracle, streams, &moves.before);
    let mut renamed;
    let recovered = if moves.is_empty() {
        recovered
    } else {
        renamed = recovered.clone();
        moves.readdress(&mut renamed);
        &renamed
    };
    let plan = |stream: StreamId| {
        plan(
            mode,
            recovered,
            oracle,
            (stream, &streams[stream as usize]),
            &now,
            &moves,
        )
    };
    let streams_planned = [plan(StreamId::A), plan(StreamId::B)];
    Plan {
        anchors: Anchors::of(oracle, &streams_planned),
        streams: streams_planned,
        signatures: if moves.is_empty() {
            now
        } else {
            signatures(oracle, streams)
        },
        moves,
    }
}

fn plan(
    mode: Mode,
    recovered: &Recovered,
    oracle: &Oracle,
    (stream, facts): (StreamId, &StreamFacts<'_>),
    now: &BTreeMap<Name, String>,
    moves: &Moves,
) -> StreamPlan {
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
            now: &now[id],
            moves,
        };
        match view.judge(id) {
            Fate::Keep(shift) => {
                if view.is_trusted(id) {
                    plan.trusted.insert(id.clone());
                }
                plan.keep.insert(id.clone(), shift);
            }
            Fate::Doubt(shift) => {
                let causes = BTreeSet::new();
                plan.doubtful.insert(id.clone(), Doubt { shift, causes });
            }
            Fate::Failed => drop(plan.failed.insert(id.clone())),
            Fate::LeftOut => drop(plan.trusted.insert(id.clone())),
            Fate::Redo(reasons) => drop(plan.redo.insert(id.clone(), reasons)),
        }
    }
    if mode == Mode::Patch && facts.uses_context {
        spread(oracle, &mut plan, &recovered.state.doubts[stream as usize]);
    }
    let known = recovered.known(stream);
    plan.gone = known.filter(|id| oracle.find(id).is_none()).cloned().collect();
    plan
}

/// What becomes of a component's result in one stream.
enum Fate {
    /// It stays, and moves by this many lines.
    Keep(i64),
    /// It stays unless what it depends on comes out differently; that was so before.
    Doubt(i64),
    /// There is none, because the component has failed; that stays so.
    Failed,
    /// There is none, because nobody is to be asked for it; that stays so.
    LeftOut,
    /// It is done again.
    Redo(BTreeSet<Reason>),
}

/// One component as one stream and one mode see it.
struct View<'a> {
    mode: Mode,
    recovered: &'a Recovered,
    stream: StreamId,
    now: &'a str,
    moves: &'a Moves,
}

impl View<'_> {
    fn judge(&self, id: &Name) -> Fate {
        let stream = self.stream as usize;
        let (state, progress) = (&self.recovered.state, &self.recovered.progress);
        let in_progress = progress.drafts[stream].contains_key(id);
        let draft = progress.drafts[stream].get(id).or(state.drafts[stream].get(id));
        let now = Signature::parse(self.now).unwrap_or_default();
        let then = state.signatures.get(id).and_then(|s| Signature::parse(s));
        let mut reasons = BTreeSet::new();
        if self.mode == Mode::Patch {
            reasons = self.changes(&now, then.as_ref(), draft.is_some());
            let is_renamed = draft.is_some_and(|draft| self.moves.is_out_of_date(id, draft));
            reasons.extend(is_renamed.then_some(Reason::Renamed));
        }
        let has_failed = self.has_failed(id) && self.mode != Mode::FillGaps && reasons.is_empty();
        if has_failed {
            return Fate::Failed;
        }
        let shift = then.map_or(0, |then| i64::from(now.line) - i64::from(then.line));
        if draft.is_none() {
            if reasons.is_empty() && self.mode != Mode::FillGaps && state.trusted[stream].contains(id) {
                return Fate::LeftOut;
            }
            reasons.insert(Reason::Missing);
        } else if !in_progress && self.mode != Mode::FillGaps {
            let is_planned = state.redo.as_ref().is_none_or(|redo| redo[stream].contains(id));
            if is_planned && reasons.is_empty() && state.doubts[stream].components.contains(id) {
                return match self.mode {
                    Mode::Patch => Fate::Doubt(shift),
                    _ => Fate::Keep(shift),
                };
            }
            reasons.extend(is_planned.then_some(Reason::Pending));
        }
        if reasons.is_empty() {
            Fate::Keep(shift)
        } else {
            Fate::Redo(reasons)
        }
    }

    /// Whether a result that is kept is kept only because of the mode.
    fn is_trusted(&self, id: &Name) -> bool {
        let then = self
            .recovered
            .state
            .signatures
            .get(id)
            .and_then(|s| Signature::parse(s));
        let now = Signature::parse(self.now).unwrap_or_default();
        match self.mode {
            Mode::Patch => false,
            Mode::Overwrite => !self.changes(&now, then.as_ref(), true).is_empty(),
            Mode::FillGaps => true,
        }
    }

    /// What of a component's signature has changed.
    fn changes(&self, now: &Signature<'_>, then: Option<&Signature<'_>>, has_result: bool) -> BTreeSet<Reason> {
        let Some(then) = then else {
            return has_result.then_some(Reason::Unsigned).into_iter().collect();
        };
        let [then_by, now_by] = [then, now].map(|signature| signature.streams[self.stream as usize]);
        let parts = [
            (then.source != now.source, Reason::Source),
            (then.context != now.context, Reason::Context),
            (then_by.name != now_by.name, Reason::Model),
            (then_by.version != now_by.version, Reason::Prompt),
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

/// Puts in doubt what depends on something that has changed, or is itself in doubt. What is only missing or only
/// waits for a correction changes nothing for others yet.
fn spread(oracle: &Oracle, plan: &mut StreamPlan, before: &Doubts) {
    let mut unsure: BTreeSet<&Name> = BTreeSet::new();
    for &index in &oracle.order.sequence {
        let id = &oracle.component(index).id;
        let dependencies = || {
            oracle.order.dependencies[index.as_usize()]
                .iter()
                .map(|&d| &oracle.component(d).id)
        };
        // What was in doubt stays so for the same causes; what has been decided since is decided.
        if let Some(doubt) = plan.doubtful.get_mut(id) {
            doubt
                .causes
                .extend(dependencies().filter(|d| before.meanings.contains_key(*d)).cloned());
        }
        let causes: BTreeSet<Name> = dependencies().filter(|d| unsure.contains(d)).cloned().collect();
        if plan.redo.get(id).is_some_and(is_change) || !causes.is_empty() {
            unsure.insert(id);
        }
        if causes.is_empty() {
            continue;
        }
        if plan.failed.remove(id) {
            // There is no result to be in doubt about, and with something new to read it may not fail again.
            let reasons = causes.into_iter().map(Reason::DependsOn).collect();
            plan.redo.insert(id.clone(), reasons);
        } else if let Some(reasons) = plan.redo.get_mut(id) {
            if is_change(reasons) {
                reasons.extend(causes.into_iter().map(Reason::DependsOn));
            }
        } else if let Some(doubt) = plan.doubtful.get_mut(id) {
            doubt.causes.extend(causes);
        } else if let Some(shift) = plan.keep.remove(id) {
            plan.doubtful.insert(id.clone(), Doubt { shift, causes });
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
        self.moves.is_empty()
            && self.streams.iter().all(|stream| {
                stream.gone.is_empty()
                    && stream.doubtful.values().all(|doubt| doubt.shift == 0)
                    && !stream.redo.values().any(is_change)
                    && stream.keep.values().all(|&shift| shift == 0)
            })
    }

    /// Leaves out whatever is to be done again and is not among these: results of it are kept as they are, and where
    /// there is none, nobody is asked for one. What is in doubt stays so.
    pub fn limit_to(&mut self, wanted: &BTreeSet<Name>, recovered: &Recovered) {
        for (stream, plan) in self
            .streams
            .iter_mut()
            .enumerate()
            .filter(|(_, plan)| !plan.is_embedded)
        {
            let (state, progress) = (&recovered.state, &recovered.progress);
            for id in plan.redo.keys().filter(|id| !wanted.contains(*id)) {
                let before = self.moves.before.get(id).unwrap_or(id);
                if progress.drafts[stream].contains_key(before) || state.drafts[stream].contains_key(before) {
                    plan.keep.insert(id.clone(), 0);
                }
                plan.trusted.insert(id.clone());
            }
            plan.redo.retain(|id, _| wanted.contains(id));
        }
    }

    /// Components that were renamed or moved: their former id by the id of now.
    pub fn moved(&self) -> &BTreeMap<Name, Name> {
        &self.moves.before
    }

    /// Changes what was recovered so that going on from it does what is planned. Whoever goes on records the
    /// restatement of the result first, or a crash would bring back what is dropped here.
    pub fn apply(self, recovered: &mut Recovered) {
        self.moves.readdress(recovered);
        let Recovered { state, progress, .. } = recovered;
        for (stream, plan) in self.streams.iter().enumerate() {
            doubt(plan, stream, state, &progress.drafts[stream]);
            if let Some(redo) = &mut state.redo {
                redo[stream] = replanned(plan, &redo[stream], &progress.drafts[stream]);
            }
            for drafts in [&mut state.drafts[stream], &mut progress.drafts[stream]] {
                drafts.retain(|id, _| stays(plan, id));
                for (id, draft) in drafts {
                    self.anchors.shift(id, draft, plan.shift(id).unwrap_or(0));
                }
            }
            for by_id in [&mut state.validations[stream], &mut progress.validations[stream]] {
                by_id.retain(|id, _| stays(plan, id));
            }
            // Parts are what a component looked like then; the whole one is done again.
            progress.parts[stream].retain(|id, _| !plan.has_changed(id));
            // What a stream was told about something that has changed may no longer be true.
            state.corrections[stream].retain(|id, _| !plan.has_changed(id));
        }
        // In the first iteration, what is kept for now must not be taken for done.
        for (stream, plan) in self.streams.iter().enumerate() {
            for id in plan.doubtful.keys() {
                if let Some(draft) = progress.drafts[stream].remove(id) {
                    state.drafts[stream].insert(id.clone(), draft);
                }
                if let Some(validation) = progress.validations[stream].remove(id) {
                    state.validations[stream].insert(id.clone(), validation);
                }
            }
        }
        let still_failed = |f: &Failure| self.streams[f.stream as usize].failed.contains(&f.component);
        state.failures.retain(still_failed);
        progress.failures.retain(still_failed);
        state
            .trail
            .retain(|id, _| !self.streams.iter().any(|plan| plan.has_changed(id)));
        let kept_as_it_was = |id: &Name| self.streams.iter().any(|plan| plan.trusted.contains(id));
        let mut signatures = self.signatures;
        let before = std::mem::take(&mut state.signatures);
        // What was kept although it has changed is still changed when the run is reconciled the next time.
        for (id, now) in signatures.iter_mut().filter(|(id, _)| kept_as_it_was(id)) {
            let then = before.get(id).and_then(|then| then.rsplit_once(" line="));
            if let (Some((then, _)), Some((_, line))) = (then, now.rsplit_once(" line=")) {
                *now = format!("{then} line={line}");
            }
        }
        state.signatures = signatures.into();
        state.trusted = self.streams.map(|plan| plan.trusted);
    }
}

/// Notes what is in doubt, and what the components behind it said before.
fn doubt(plan: &StreamPlan, stream: usize, state: &mut RunState, in_progress: &BTreeMap<Name, Draft>) {
    let former = |id: &Name| in_progress.get(id).or(state.drafts[stream].get(id)).map(Draft::meaning);
    let changed = plan
        .redo
        .iter()
        .filter(|(_, reasons)| is_change(reasons))
        .map(|(id, _)| id);
    let meanings: Vec<(Name, u64)> = changed
        .chain(plan.doubtful.keys())
        .filter_map(|id| Some((id.clone(), former(id)?)))
        .collect();
    let doubts = &mut state.doubts[stream];
    doubts.components = plan.doubtful.keys().cloned().collect();
    if doubts.components.is_empty() {
        doubts.meanings.clear();
        return;
    }
    doubts.meanings.retain(|id, _| !plan.gone.contains(id));
    for (id, meaning) in meanings {
        let was_redone = in_progress.contains_key(&id);
        // What was noted first is what the doubtful drafts were made with; where some were made with what came
        // after it, no draft can be the same as both.
        let noted = doubts.meanings.entry(id);
        noted
            .and_modify(|noted| *noted = if was_redone { 0 } else { *noted })
            .or_insert(meaning);
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
    let doubtful = plan.doubtful.keys().cloned();
    before
        .iter()
        .filter(stays)
        .cloned()
        .chain(planned)
        .chain(doubtful)
        .collect()
}

/// Whether a draft is of further use: it is kept, or it is what a correction will be applied to.
fn stays(plan: &StreamPlan, id: &Name) -> bool {
    plan.keep.contains_key(id)
        || plan.doubtful.contains_key(id)
        || plan
            .redo
            .get(id)
            .is_some_and(|reasons| reasons.iter().all(|r| *r == Reason::Pending))
}
