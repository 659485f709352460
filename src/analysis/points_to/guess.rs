//! Guessing what a receiver is that no value and no annotation tells of: the one class (or few unrelated ones) that has
//! all the attributes it is asked for, as a reader of the code would.
//!
//! A guess adds possibilities, flagged as such ([`Val::Likely`]); it never excludes any, for the unknown value stays
//! beside it. Guessing begins when everything that can be followed has been.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::class::Ancestor;
use super::heap::Place;
use super::values::{SetId, Val};
use super::{Engine, library};
use crate::analysis::parse::ir::{Op, Reg, ScopeKind, Sym, Var};
use crate::analysis::program::{Program, ScopeId};
use crate::model::call_graph::OpenReason;
use crate::model::oracle::language::library::is_called_by_name;

/// Unrelated classes that one guess names at most.
const MOST_CLASSES: usize = 3;

/// Classes that define one name at most; a name that more define tells nothing.
const MOST_DEFINERS: usize = 200;

/// What is asked of a receiver, and what was made of that.
pub(super) struct Guess {
    begun: bool,
    /// Names of attributes that each variable is asked for.
    asked: FxHashMap<(ScopeId, u32), Box<[Sym]>>,
    /// The same of each `self.field`, by class.
    asked_of_fields: FxHashMap<(ScopeId, Sym), Box<[Sym]>>,
    /// Names that objects of the language and its library have too.
    common: FxHashSet<Sym>,
    known: FxHashMap<Box<[Sym]>, Entry>,
    /// Where an operation asks an attribute of a receiver that has to be guessed.
    receivers: FxHashMap<Place, Reg>,
    /// Parameters that have to be guessed, and where.
    parameters: FxHashMap<(ScopeId, u32), Place>,
    /// Where something would be said to be unknown, had it not still to come.
    missing: FxHashSet<Place>,
}

/// The classes that answer to some names, for the state of the hierarchy and of the fields they were found in.
type Entry = ((u32, usize), Rc<[ScopeId]>);

impl Guess {
    pub(super) fn new(program: &mut Program) -> Self {
        let mut asked: FxHashMap<(ScopeId, u32), Vec<Sym>> = FxHashMap::default();
        let mut asked_of_fields: FxHashMap<(ScopeId, Sym), Vec<Sym>> = FxHashMap::default();
        for scope in 0..program.scope_count() {
            let unit = program.unit_of(scope);
            for op in program.scope(scope).ops.clone() {
                let Op::Attribute(object, name) = unit.ir.ops[op as usize] else {
                    continue;
                };
                if program.names.text(name).starts_with("__") {
                    continue;
                }
                match subject(program, scope, object) {
                    Some(Subject::Variable(scope, slot)) => asked.entry((scope, slot)).or_default().push(name),
                    Some(Subject::Field(class, field)) => {
                        asked_of_fields.entry((class, field)).or_default().push(name);
                    }
                    None => {}
                }
            }
        }
        let mut common: FxHashSet<Sym> = library::attributes_of_builtins()
            .map(|n| program.names.sym(n))
            .collect();
        let names = program.names.len();
        common.extend((0..names).filter(|&sym| is_called_by_name(program.names.text(sym))));
        Self {
            begun: false,
            asked: asked.into_iter().map(|(k, v)| (k, in_order(v))).collect(),
            asked_of_fields: asked_of_fields.into_iter().map(|(k, v)| (k, in_order(v))).collect(),
            common,
            known: FxHashMap::default(),
            receivers: FxHashMap::default(),
            parameters: FxHashMap::default(),
            missing: FxHashSet::default(),
        }
    }
}

fn in_order(mut names: Vec<Sym>) -> Box<[Sym]> {
    names.sort_unstable();
    names.dedup();
    names.into()
}

/// What an attribute is asked of.
enum Subject {
    Variable(ScopeId, u32),
    Field(ScopeId, Sym),
}

fn subject(program: &Program, scope: ScopeId, object: Reg) -> Option<Subject> {
    let unit = program.unit_of(scope);
    match unit.ir.ops[object as usize] {
        Op::Load(Var::Local(slot)) if program.scope(scope).kind != ScopeKind::Module => {
            Some(Subject::Variable(scope, slot))
        }
        Op::Load(Var::Outer { scope: outer, slot }) => Some(Subject::Variable(unit.first_scope + outer, slot)),
        Op::Attribute(inner, field) => {
            let parent = program.parent(scope)?;
            let is_self = matches!(unit.ir.ops[inner as usize], Op::Load(Var::Local(0)));
            (is_self && program.scope(parent).kind == ScopeKind::Class).then_some(Subject::Field(parent, field))
        }
        _ => None,
    }
}

impl Engine {
    /// Whether everything that can be followed has been, and what is still missing will not come.
    pub(super) fn is_settled(&self) -> bool {
        self.guess.begun
    }

    /// The operation at hand has nothing to go by yet, and is due again if nothing comes.
    pub(super) fn note_missing(&mut self) {
        self.guess.missing.insert(self.place);
    }

    /// From now on receivers are guessed; whoever has something to guess is due again.
    pub(super) fn begin_guessing(&mut self) {
        self.guess.begun = true;
        self.runs.fill(0);
        let mut due: Vec<Place> = std::mem::take(&mut self.guess.missing).into_iter().collect();
        let mut receivers: Vec<(Place, Reg)> = self.guess.receivers.iter().map(|(p, o)| (*p, *o)).collect();
        receivers.sort_unstable();
        for (place, op) in receivers {
            let unit = self.program.unit_of(place.scope);
            let Op::Attribute(object, name) = unit.ir.ops[op as usize] else {
                continue;
            };
            let names = self.asked_with(place.scope, object, name);
            if !self.classes_with(&names).is_empty() {
                due.push(place);
            }
        }
        let mut parameters: Vec<((ScopeId, u32), Place)> =
            self.guess.parameters.iter().map(|(p, o)| (*p, *o)).collect();
        parameters.sort_unstable();
        for (parameter, place) in parameters {
            if let Some(names) = self.guess.asked.get(&parameter).cloned()
                && !self.classes_with(&names).is_empty()
            {
                due.push(place);
            }
        }
        due.sort_unstable();
        self.heap.wake(&mut due);
        self.heap.changed.sort_unstable();
        self.enqueue_changed();
    }

    /// Whoever may guess other classes when a class has changed.
    pub(super) fn guessing(&self) -> impl Iterator<Item = Place> + '_ {
        self.guess
            .receivers
            .keys()
            .chain(self.guess.parameters.values())
            .copied()
    }

    /// What the object of an attribute is asked for, there and elsewhere.
    fn asked_with(&self, scope: ScopeId, object: Reg, name: Sym) -> Box<[Sym]> {
        match subject(&self.program, scope, object) {
            Some(Subject::Variable(scope, slot)) => self.guess.asked.get(&(scope, slot)).cloned(),
            Some(Subject::Field(class, field)) => self.guess.asked_of_fields.get(&(class, field)).cloned(),
            None => None,
        }
        .unwrap_or_else(|| Box::from([name]))
    }

    /// The classes that a receiver with these values most likely is of, for an attribute of it.
    pub(super) fn guess_receiver(&mut self, receiver: SetId, name: Sym) -> Vec<ScopeId> {
        if !self.needs_guess(receiver) {
            return Vec::new();
        }
        let unit = self.program.unit_of(self.scope);
        let object = match unit.ir.ops.get(self.op as usize) {
            Some(Op::Attribute(object, asked)) if *asked == name && !self.place.is_shared() => Some(*object),
            _ => None,
        };
        if !self.guess.begun {
            if object.is_some() {
                self.guess.receivers.insert(self.place, self.op);
            } else {
                self.note_missing();
            }
            return Vec::new();
        }
        self.guess.receivers.insert(self.place, self.op);
        let names = match object {
            Some(object) => self.asked_with(self.scope, object, name),
            None => Box::from([name]),
        };
        self.classes_with(&names).to_vec()
    }

    fn needs_guess(&self, receiver: SetId) -> bool {
        let values = || self.values.set(receiver).iter().map(|&v| self.values.get(v));
        let unknown = values().any(|v| match v {
            Val::Unknown(reason) => !matches!(reason, OpenReason::Damaged | OpenReason::UnboundName),
            _ => false,
        });
        unknown && !values().any(is_of_repository)
    }

    /// What a parameter most likely is, where nothing that is known of it is of a class of the repository.
    pub(super) fn guess_parameter(&mut self, scope: ScopeId, slot: u32, known: SetId) -> Vec<Val> {
        if self
            .values
            .set(known)
            .iter()
            .any(|&v| is_of_repository(self.values.get(v)))
        {
            return Vec::new();
        }
        self.guess.parameters.insert((scope, slot), self.place);
        if !self.guess.begun {
            return Vec::new();
        }
        let Some(names) = self.guess.asked.get(&(scope, slot)).cloned() else {
            return Vec::new();
        };
        self.classes_with(&names).iter().map(|&c| Val::Likely(c)).collect()
    }

    /// The topmost classes that have all these attributes; none where that is nearly every class, or where objects
    /// of the language have them as well.
    fn classes_with(&mut self, names: &[Sym]) -> Rc<[ScopeId]> {
        let fields = names
            .iter()
            .map(|n| self.heap.field_classes.get(n).map_or(0, Vec::len))
            .sum();
        let version = (self.hierarchy_version, fields);
        if let Some((known, classes)) = self.guess.known.get(names)
            && *known == version
        {
            return classes.clone();
        }
        let classes: Rc<[ScopeId]> = self.find_classes_with(names).into();
        self.guess.known.insert(names.into(), (version, classes.clone()));
        classes
    }

    fn find_classes_with(&self, names: &[Sym]) -> Vec<ScopeId> {
        if names.iter().all(|n| self.guess.common.contains(n)) {
            return Vec::new();
        }
        let mut candidates: Vec<ScopeId> = Vec::new();
        for name in names {
            let definers = self.definers.get(name).into_iter().flatten();
            let setters = self.heap.field_classes.get(name).into_iter().flatten();
            let before = candidates.len();
            candidates.extend(definers.chain(setters));
            if candidates.len() == before {
                return Vec::new();
            }
            if candidates.len() - before > MOST_DEFINERS {
                candidates.truncate(before);
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(|&c| names.iter().all(|&n| self.has(c, n)));
        let all = candidates.clone();
        candidates.retain(|&c| {
            let order = self.mro(c);
            !order[1..]
                .iter()
                .any(|a| matches!(a, Ancestor::Class(b) if all.contains(b)))
        });
        if candidates.len() > MOST_CLASSES {
            candidates.clear();
        }
        candidates
    }

    /// Whether instances of a class, or of one below it, hold a value under this name.
    pub(super) fn has_field(&self, class: ScopeId, name: Sym) -> bool {
        self.heap.field_classes.get(&name).is_some_and(|setters| {
            setters
                .iter()
                .any(|&setter| self.derives(class, setter) || self.derives(setter, class))
        })
    }

    /// Whether instances of a class have an attribute of this name.
    pub(super) fn has(&self, class: ScopeId, name: Sym) -> bool {
        let setters = self.heap.field_classes.get(&name);
        self.mro(class).iter().any(|a| match a {
            Ancestor::Class(c) => {
                self.program.scope(*c).bound.contains_key(&name) || setters.is_some_and(|s| s.contains(c))
            }
            _ => false,
        })
    }
}

fn is_of_repository(value: Val) -> bool {
    value.instance_of().is_some() || value.class().is_some() || matches!(value, Val::Module(_) | Val::Super(..))
}
