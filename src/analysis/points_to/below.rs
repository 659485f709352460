//! What the classes below one have in place of its attributes, and those beside a mixin for it.

use std::rc::Rc;

use super::class::Ancestor;
use super::heap::{Cell, Readers};
use super::values::{EMPTY, SetId, Val};
use super::{BelowEntry, Engine};
use crate::analysis::parse::ir::{Op, Sym, Var};
use crate::analysis::program::ScopeId;

/// Classes that give a mixin what it asks for, at most.
const MOST_BESIDE: usize = 4;

impl Engine {
    /// Whether a method is there to be overridden: it is marked so, its class is a protocol, or all it does is raise.
    fn is_abstract_method(&self, scope: ScopeId) -> bool {
        let this = self.program.scope(scope);
        if !this.is_stub {
            return false;
        }
        let ops = &self.program.unit_of(scope).ir.ops;
        let raises = this.ops.clone().any(|op| matches!(ops[op as usize], Op::Raise(..)));
        let marked = this.decorators.iter().any(|d| {
            let name = match ops[d.value as usize] {
                Op::Attribute(_, name) | Op::Load(Var::Global(name)) => name,
                _ => return false,
            };
            &**self.program.names.text(name) == "abstractmethod"
        });
        raises || marked || self.program.parent(scope).is_some_and(|p| self.is_protocol(p))
    }

    /// Methods without those that have no body to run: abstract ones, members of protocols.
    pub(super) fn without_stubs(&mut self, methods: SetId) -> SetId {
        let is_stub = |this: &Self, v: u32| match this.values.get(v) {
            Val::Bound(scope, _) => this.is_abstract_method(scope),
            _ => false,
        };
        if !self.values.set(methods).iter().any(|&v| is_stub(self, v)) {
            return methods;
        }
        let kept: Vec<Val> = self
            .values
            .set(methods)
            .iter()
            .filter(|&&v| !is_stub(self, v))
            .map(|&v| self.values.get(v))
            .collect();
        self.values.of(kept)
    }

    /// What a mixin's instances have under a name that neither it nor anything below it defines: what the classes have
    /// that it is mixed into.
    pub(super) fn beside(&mut self, value: Val, class: ScopeId, name: Sym) -> SetId {
        let mut result = EMPTY;
        let mut asked: Vec<ScopeId> = Vec::new();
        for sub in self.family(class) {
            if sub == class || !self.derives(sub, class) {
                continue;
            }
            let order = self.mro(sub);
            let definer = order.iter().find_map(|a| match a {
                Ancestor::Class(c) if self.program.scope(*c).bound.contains_key(&name) => Some(*c),
                _ => None,
            });
            let Some(definer) = definer.filter(|d| !asked.contains(d)) else {
                continue;
            };
            asked.push(definer);
            if asked.len() > MOST_BESIDE {
                break;
            }
            let receiver = if matches!(value, Val::Likely(_)) {
                Val::Likely(definer)
            } else {
                Val::InstanceOrSub(definer)
            };
            let set = self.instance_attribute(receiver, definer, name);
            result = self.union(result, set);
        }
        result
    }

    /// The subclasses of a class that define an attribute, or set it on their instances.
    pub(super) fn below(&mut self, class: ScopeId, name: Sym) -> Rc<[ScopeId]> {
        if self.is_protocol(class) {
            self.protocol_readers.add(self.place);
        } else if self.direct_subclasses(class).is_empty() {
            return Rc::from([]);
        }
        self.read(Cell::FieldNames(name));
        let fields = self.heap.field_classes.get(&name).map_or(0, Vec::len);
        let version = (self.hierarchy_version, fields);
        if let Some(entry) = self.below_cache.get_mut(&(class, name)) {
            entry.readers.add(self.place);
            if entry.version == version {
                return entry.list.clone();
            }
        }
        let mut list: Vec<ScopeId> = Vec::new();
        let candidates = self
            .definers
            .get(&name)
            .into_iter()
            .flatten()
            .chain(self.heap.field_classes.get(&name).into_iter().flatten());
        for &candidate in candidates {
            let is_sub = candidate != class
                && self
                    .classes
                    .get(&candidate)
                    .is_some_and(|i| i.mro.contains(&Ancestor::Class(class)) || self.conforms(candidate, class));
            if is_sub {
                list.push(candidate);
            }
        }
        list.sort_unstable();
        list.dedup();
        let list: Rc<[ScopeId]> = list.into();
        let place = self.place;
        let entry = self.below_cache.entry((class, name)).or_insert_with(|| BelowEntry {
            version,
            list: list.clone(),
            readers: Readers::default(),
        });
        entry.version = version;
        entry.list = list.clone();
        entry.readers.add(place);
        list
    }
}
