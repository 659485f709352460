//! What is certain at one point of a scope, beyond its locals: what containers made there hold under each key, and what
//! fields of objects made there hold, until something else may have changed them.
//!
//! Cells only grow, so a value that was replaced stays in them. [`Flow`] keeps what replaced it, where the place is one
//! object: made by a module's own code, outside loops. Wherever it is silent, the cells speak. It also tells when
//! variables that inner functions assign may have got their values.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Engine;
use super::call::Arguments;
use super::heap::Key;
use super::values::{AllocId, EMPTY, SetId, Val};
use crate::analysis::parse::ir::{Op, Reg, Sym, Var};
use crate::analysis::program::{Program, ScopeId};

/// Containers of one scope that are followed at most, and keys of all of them: each step looks through them.
const MOST_FOLLOWED: usize = 128;
const MOST_KEYS: usize = 1024;

/// Bounds of a slice as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    lower: Option<i16>,
    upper: Option<i16>,
    step: Option<i16>,
}

impl Bounds {
    pub(super) fn of_op(op: Op) -> Option<Self> {
        match op {
            Op::Slice { lower, upper, step } => Some(Self { lower, upper, step }),
            _ => None,
        }
    }

    /// What the slice takes of these elements; none for steps that are not understood.
    pub(super) fn of(self, parts: &[SetId]) -> Option<Vec<SetId>> {
        if self.step == Some(-1) && self.lower.is_none() && self.upper.is_none() {
            return Some(parts.iter().rev().copied().collect());
        }
        Some(parts[self.places(parts.len())?].to_vec())
    }

    /// The places that the slice takes of so many; none for other steps than one.
    fn places(self, len: usize) -> Option<Range<usize>> {
        let place = |bound: i16| {
            let back = usize::from(bound.unsigned_abs());
            usize::try_from(bound)
                .unwrap_or_else(|_| len.saturating_sub(back))
                .min(len)
        };
        let (lower, upper) = (self.lower.map_or(0, place), self.upper.map_or(len, place));
        matches!(self.step, None | Some(1)).then_some(lower..upper.max(lower))
    }
}

/// What is certain at one point.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// Whether places are followed here at all.
    active: bool,
    /// Whether other code assigns variables of this scope.
    rebinds: bool,
    /// Loops around this point.
    loops: u32,
    /// Containers all of whose contents are in `keys`.
    whole: Vec<AllocId>,
    keys: Vec<(AllocId, Key, SetId)>,
    /// Fields of the objects that variables hold.
    fields: Vec<(u32, Sym, SetId)>,
    /// The object that the last call made, with what its constructor certainly put into its fields.
    made: Option<(Reg, Vec<(Sym, SetId)>)>,
    /// Whether other code may have assigned variables of this scope, but for those assigned since.
    stale: bool,
    fresh: Vec<u32>,
    /// Whether that is so everywhere from here on.
    restless: bool,
}

impl Flow {
    pub(super) fn new(active: bool, rebinds: bool) -> Self {
        Self {
            active,
            rebinds,
            ..Self::default()
        }
    }

    /// Whether calls have to be looked at for what they change.
    pub(super) fn is_watched(&self) -> bool {
        self.active || self.rebinds
    }

    /// A container is made, with nothing in it.
    pub(super) fn make(&mut self, alloc: AllocId, is_shared: bool) {
        self.forget(alloc);
        if self.active && self.loops == 0 && !is_shared && self.whole.len() < MOST_FOLLOWED {
            self.whole.push(alloc);
        }
    }

    pub(super) fn forget(&mut self, alloc: AllocId) {
        if !self.whole.is_empty() {
            self.whole.retain(|a| *a != alloc);
            self.keys.retain(|(a, ..)| *a != alloc);
        }
    }

    /// An element is stored, in place of the one that was there.
    pub(super) fn store(&mut self, alloc: AllocId, key: Key, set: SetId) {
        if !self.whole.contains(&alloc) {
            return;
        }
        let has_room = self.keys.len() < MOST_KEYS;
        match self.keys.iter_mut().find(|(a, k, _)| (*a, *k) == (alloc, key)) {
            Some(entry) => entry.2 = set,
            None if has_room => self.keys.push((alloc, key, set)),
            None => self.forget(alloc),
        }
    }

    fn append(&mut self, alloc: AllocId, set: SetId) {
        if let Some(parts) = self.parts(alloc) {
            let place = i32::try_from(parts.len()).unwrap_or(i32::MAX);
            self.store(alloc, Key::Int(place), set);
        }
    }

    /// A list holds just these elements.
    pub(super) fn refill(&mut self, alloc: AllocId, parts: &[SetId]) {
        self.forget(alloc);
        if self.whole.len() >= MOST_FOLLOWED {
            return;
        }
        self.whole.push(alloc);
        for (place, &set) in (0..).zip(parts) {
            self.store(alloc, Key::Int(place), set);
        }
    }

    fn remove(&mut self, alloc: AllocId, key: Key) {
        self.keys.retain(|(a, k, _)| (*a, *k) != (alloc, key));
    }

    /// The entries of one dict are put into another.
    pub(super) fn copy(&mut self, from: AllocId, to: AllocId) {
        if !self.whole.contains(&to) {
            return;
        }
        if !self.whole.contains(&from) {
            return self.forget(to);
        }
        let entries: Vec<(Key, SetId)> = self
            .keys
            .iter()
            .filter(|(a, ..)| *a == from)
            .map(|(_, k, s)| (*k, *s))
            .collect();
        for (key, set) in entries {
            self.store(to, key, set);
        }
    }

    /// What is under a key, where that is certain.
    pub(super) fn key(&self, alloc: AllocId, key: Key) -> Option<SetId> {
        let found = self.keys.iter().find(|(a, k, _)| (*a, *k) == (alloc, key));
        found.map(|(.., set)| *set)
    }

    /// Everything that a container holds, where that is certain.
    pub(super) fn values(&self, alloc: AllocId) -> Option<Vec<SetId>> {
        self.whole.contains(&alloc).then(|| {
            let own = self.keys.iter().filter(|(a, ..)| *a == alloc);
            own.map(|(.., set)| *set).collect()
        })
    }

    /// The elements of a list or tuple in order, where they are certain.
    pub(super) fn parts(&self, alloc: AllocId) -> Option<Vec<SetId>> {
        if !self.whole.contains(&alloc) {
            return None;
        }
        let mut parts: Vec<(i32, SetId)> = Vec::new();
        for (a, key, set) in &self.keys {
            match key {
                Key::Int(place) if *a == alloc => parts.push((*place, *set)),
                Key::Str(_) if *a == alloc => return None,
                _ => {}
            }
        }
        parts.sort_unstable();
        let dense = parts.iter().zip(0..).all(|((place, _), i)| *place == i);
        dense.then(|| parts.into_iter().map(|(_, set)| set).collect())
    }

    /// What a loop changes is changed when its body runs again.
    pub(super) fn enter_loop(&mut self) {
        self.loops += 1;
        self.whole.clear();
        self.keys.clear();
        self.disturb();
    }

    pub(super) fn leave_loop(&mut self) {
        self.loops = self.loops.saturating_sub(1);
    }

    /// Code elsewhere runs, which may change fields and variables.
    pub(super) fn disturb(&mut self) {
        self.fields.clear();
        self.made = None;
        self.stale = self.rebinds;
        self.fresh.clear();
    }

    /// Nothing is certain any more: a handler begins after any part of a `try` body.
    pub(super) fn lose(&mut self) {
        self.whole.clear();
        self.keys.clear();
        self.disturb();
    }

    /// From now on code runs that no operation shows, such as what leaves a `with` statement.
    pub(super) fn give_up(&mut self) {
        self.lose();
        self.active = false;
        self.restless = self.rebinds;
    }

    /// A variable is assigned the result of an operation.
    pub(super) fn assign(&mut self, var: Var, value: Reg) {
        if !self.is_watched() {
            return;
        }
        let Var::Local(slot) = var else { return };
        self.refresh(slot);
        self.fields.retain(|(s, ..)| *s != slot);
        if let Some((made, fields)) = &self.made
            && *made == value
        {
            self.fields.extend(fields.iter().map(|(name, set)| (slot, *name, *set)));
        }
    }

    fn refresh(&mut self, slot: u32) {
        if self.stale && !self.fresh.contains(&slot) {
            self.fresh.push(slot);
        }
    }

    /// Whether other code may have assigned a variable since this scope last did.
    pub(super) fn is_stale(&self, slot: u32) -> bool {
        self.restless || self.stale && !self.fresh.contains(&slot)
    }

    pub(super) fn note_made(&mut self, made: Reg, fields: Vec<(Sym, SetId)>) {
        self.made = (!fields.is_empty()).then_some((made, fields));
    }

    pub(super) fn field(&self, slot: u32, name: Sym) -> Option<SetId> {
        let found = self.fields.iter().find(|(s, n, _)| (*s, *n) == (slot, name));
        found.map(|(.., set)| *set)
    }

    pub(super) fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// A field of this name is assigned, of whatever object.
    pub(super) fn forget_field(&mut self, name: Sym) {
        self.fields.retain(|(_, n, _)| *n != name);
    }

    /// The field of the object that a variable holds is certainly assigned, where its fields are followed.
    pub(super) fn set_field(&mut self, slot: u32, name: Sym, set: SetId) {
        self.fields.push((slot, name, set));
    }

    /// A variable of this scope is certainly assigned by code elsewhere.
    pub(super) fn set_variable(&mut self, slot: u32) {
        self.fields.retain(|(s, ..)| *s != slot);
        self.refresh(slot);
    }

    /// Variables that code elsewhere may have assigned.
    pub(super) fn outdate(&mut self, slots: &[u32]) {
        self.fields.retain(|(s, ..)| !slots.contains(s));
        if slots.is_empty() {
            return;
        }
        if self.stale {
            self.fresh.retain(|s| !slots.contains(s));
        } else {
            // All others are as fresh as they were, but that is not kept track of.
            self.stale = self.rebinds;
            self.fresh.clear();
        }
    }
}

/// Variables that functions assign which are not theirs, by the scope that they belong to.
pub(super) fn rebound(program: &Program) -> FxHashMap<ScopeId, FxHashSet<u32>> {
    let mut rebound: FxHashMap<ScopeId, FxHashSet<u32>> = FxHashMap::default();
    for unit in &program.modules {
        let module = &unit.ir.scopes[0];
        for op in &unit.ir.ops {
            let (scope, slot) = match op {
                Op::Store(Var::Outer { scope, slot }, _) => (*scope, *slot),
                Op::Store(Var::Global(name), _) => match module.bound.get(name) {
                    Some(&slot) => (0, slot),
                    None => continue,
                },
                _ => continue,
            };
            rebound.entry(unit.first_scope + scope).or_default().insert(slot);
        }
    }
    rebound
}

impl Engine {
    /// What is certain where two ways meet.
    pub(super) fn join_flow(&mut self, mut one: Flow, other: &Flow) -> Flow {
        one.whole.retain(|a| other.whole.contains(a));
        let mut keys = Vec::new();
        for &(alloc, key, set) in &one.keys {
            match other.key(alloc, key) {
                Some(there) => keys.push((alloc, key, self.union(set, there))),
                // Not there on the other way.
                None if one.whole.contains(&alloc) => keys.push((alloc, key, set)),
                None => {}
            }
        }
        for &(alloc, key, set) in &other.keys {
            if one.whole.contains(&alloc) && one.key(alloc, key).is_none() {
                keys.push((alloc, key, set));
            }
        }
        keys.retain(|(a, ..)| one.whole.contains(a));
        let mut fields = Vec::new();
        for &(slot, name, set) in &one.fields {
            if let Some(there) = other.field(slot, name) {
                fields.push((slot, name, self.union(set, there)));
            }
        }
        let fresh = match (one.stale, other.stale) {
            (true, true) => one.fresh.iter().copied().filter(|s| other.fresh.contains(s)).collect(),
            (true, false) => one.fresh.clone(),
            _ => other.fresh.clone(),
        };
        Flow {
            keys,
            fields,
            made: None,
            stale: one.stale || other.stale,
            fresh,
            ..one
        }
    }

    /// What a list whose elements are certain holds once a slice of it is assigned.
    pub(super) fn spliced(&self, object: SetId, bounds: Bounds, value: SetId) -> Option<(AllocId, Vec<SetId>)> {
        let only = |set: SetId| match *self.values.set(set) {
            [one] => match self.values.get(one) {
                Val::Container(alloc) => Some(alloc),
                _ => None,
            },
            _ => None,
        };
        let alloc = only(object)?;
        let mut parts = self.flow.parts(alloc)?;
        let new = self.flow.parts(only(value)?)?;
        let places = bounds.places(parts.len())?;
        parts.splice(places, new);
        Some((alloc, parts))
    }

    /// Remembers that a container is changed by another scope than the one that makes it.
    pub(super) fn note_writer(&mut self, alloc: AllocId) {
        if self.alloc_owners[alloc as usize] != self.scope {
            self.shared.insert(alloc);
        }
    }

    /// Containers of a set are changed in ways that are not followed.
    pub(super) fn change_containers(&mut self, set: SetId) {
        for value in self.values.list(set) {
            if let Val::Container(alloc) = value {
                self.note_writer(alloc);
                self.flow.forget(alloc);
            }
        }
    }

    /// What a method of a container does to what is certain of it.
    pub(super) fn change_container(&mut self, alloc: AllocId, method: &str, args: &Arguments) {
        match method {
            "get" | "keys" | "values" | "items" | "copy" | "index" | "count" | "__getitem__" | "__iter__"
            | "__next__" | "__contains__" | "__len__" | "join" => return,
            _ => self.note_writer(alloc),
        }
        let first = args.positional.first().copied().unwrap_or(EMPTY);
        match method {
            "append" => self.flow.append(alloc, first),
            "extend" => match self.values.list(first).as_slice() {
                &[Val::Container(other)] if self.flow.parts(other).is_some() => {
                    for part in self.flow.parts(other).unwrap_or_default() {
                        self.flow.append(alloc, part);
                    }
                }
                _ => self.flow.forget(alloc),
            },
            // Put in key by key.
            "update" | "setdefault" if self.is_dict(alloc) => {}
            "pop" if self.is_dict(alloc) => match *self.values.list(first).as_slice() {
                [Val::Str(key)] => self.flow.remove(alloc, Key::Str(key)),
                [Val::Int(key)] => self.flow.remove(alloc, Key::Int(key)),
                _ => self.flow.forget(alloc),
            },
            _ => self.flow.forget(alloc),
        }
    }
}
