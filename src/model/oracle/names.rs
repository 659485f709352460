//! Names: what a dotted name, as an author or a tool writes it, stands for in the repository.
//!
//! [`Meaning`] keeps apart what certainly does not exist (its owner is fully known and lacks it) from what merely was
//! not found.

use super::index::plain_name;
use super::language::python::{is_plain_base, keeps_parameters, last_part, may_be_left_out};
use super::{Oracle, index};
use crate::model::component::{Component, ComponentIndex, ComponentKind, Name, is_dunder};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// These components (several where definitions share the name).
    Components(Vec<ComponentIndex>),
    /// Something that exists and is no component: a variable, or a name from another package.
    Thing,
    /// Nothing: this owner, fully known, has no such name.
    Missing(ComponentIndex, Name),
    /// It cannot be told.
    Unknown,
}

/// Longest dotted name that is looked at; nobody writes longer ones.
const MAX_SEGMENTS: usize = 40;

impl Oracle {
    /// What an absolute dotted name stands for.
    pub(super) fn meaning(&self, name: &str) -> Meaning {
        let name = name.replace("<locals>.", "");
        let found = self.index.named(&name);
        if !found.is_empty() {
            return Meaning::Components(found.to_vec());
        }
        if let Some(export) = self.exported(&name) {
            return export;
        }
        let segments: Vec<&str> = name.split('.').collect();
        if segments.len() > MAX_SEGMENTS || segments.iter().any(|s| s.is_empty()) {
            return Meaning::Unknown;
        }
        if self.roots.binary_search_by(|r| (**r).cmp(segments[0])).is_err() {
            return Meaning::Unknown;
        }
        let Some(module_end) = self.longest_module(&segments) else {
            return Meaning::Unknown;
        };
        let module = self.index.named(&segments[..module_end].join(".")).to_vec();
        self.walk(Meaning::Components(module), &segments[module_end..])
    }

    /// What a name stands for where it is used: in the component's own scope and those around it, then absolutely.
    pub(super) fn meaning_in(&self, component: ComponentIndex, name: &str) -> Meaning {
        let name = name.replace("<locals>.", "");
        let segments: Vec<&str> = name.split('.').collect();
        if segments.len() > MAX_SEGMENTS || segments.iter().any(|s| s.is_empty()) {
            return Meaning::Unknown;
        }
        if matches!(segments[0], "self" | "cls") && segments.len() > 1 {
            return match self.enclosing_class(component) {
                Some(class) => self.walk(Meaning::Components(vec![class]), &segments[1..]),
                None => Meaning::Unknown,
            };
        }
        let mut scope = Some(component);
        while let Some(index) = scope {
            match self.step(index, segments[0]) {
                found @ (Meaning::Components(_) | Meaning::Thing) => {
                    return self.walk(found, &segments[1..]);
                }
                Meaning::Missing(..) | Meaning::Unknown => {}
            }
            scope = self.component(index).parent;
        }
        self.meaning(&name)
    }

    /// The class whose body a component is in, or that it is.
    pub(super) fn enclosing_class(&self, component: ComponentIndex) -> Option<ComponentIndex> {
        let mut current = Some(component);
        while let Some(index) = current {
            if self.component(index).kind == ComponentKind::Class {
                return Some(index);
            }
            current = self.component(index).parent;
        }
        None
    }

    fn longest_module(&self, segments: &[&str]) -> Option<usize> {
        (1..=segments.len())
            .rev()
            .find(|&end| !self.index.named(&segments[..end].join(".")).is_empty())
    }

    fn walk(&self, start: Meaning, segments: &[&str]) -> Meaning {
        let mut current = start;
        for segment in segments {
            let Meaning::Components(owners) = &current else {
                return match current {
                    Meaning::Missing(..) => current,
                    _ => Meaning::Unknown,
                };
            };
            let mut next = None;
            for &owner in owners {
                let step = self.step(owner, segment);
                let better = match (&next, &step) {
                    (None, _) | (_, Meaning::Components(_)) => true,
                    (Some(Meaning::Missing(..)), other) => !matches!(other, Meaning::Missing(..)),
                    _ => false,
                };
                if better {
                    next = Some(step);
                }
            }
            current = next.unwrap_or(Meaning::Unknown);
        }
        current
    }

    /// What a name means directly under one component.
    pub(super) fn step(&self, owner: ComponentIndex, name: &str) -> Meaning {
        if let Some(found) = self.own_member(owner, name) {
            return found;
        }
        for &ancestor in &self.facts(owner).ancestors {
            if let Some(found) = self.own_member(ancestor, name) {
                return found;
            }
        }
        let lacks = match self.component(owner).kind {
            ComponentKind::Module => self.module_lacks(owner, name),
            ComponentKind::Class => self.class_is_known(owner) && !is_dunder(name) && !self.may_be_assigned(name),
            // Attributes can be put on a function from anywhere.
            _ => !self.reachable.stored.contains_key(name) && !is_dunder(name),
        };
        if lacks {
            Meaning::Missing(owner, name.into())
        } else {
            Meaning::Unknown
        }
    }

    fn own_member(&self, owner: ComponentIndex, name: &str) -> Option<Meaning> {
        let path = format!("{}.{name}", plain_name(&self.component(owner).id));
        let found = self.index.named(&path);
        if !found.is_empty() {
            return Some(Meaning::Components(found.to_vec()));
        }
        if let Some(export) = self.exported(&path) {
            return Some(export);
        }
        let name: Name = name.into();
        let is_set = self.index.attribute(owner, &name).is_some() || self.is_set_elsewhere(owner, &name);
        is_set.then_some(Meaning::Thing)
    }

    /// Whether code outside a class is known to set an attribute on its instances.
    fn is_set_elsewhere(&self, class: ComponentIndex, name: &Name) -> bool {
        self.facts(class).set_elsewhere.binary_search(name).is_ok()
    }

    /// Whether an attribute of this name is set on some value of unknown class.
    fn may_be_assigned(&self, name: &str) -> bool {
        let assigned = &self.reachable.assigned;
        assigned.binary_search_by(|a| (**a).cmp(name)).is_ok()
    }

    fn exported(&self, path: &str) -> Option<Meaning> {
        Some(match self.exports.get(path)? {
            None => Meaning::Thing,
            Some(id) => match self.index.named(id) {
                [] => Meaning::Thing,
                found => Meaning::Components(found.to_vec()),
            },
        })
    }

    fn module_lacks(&self, module: ComponentIndex, name: &str) -> bool {
        let component = self.component(module);
        let path = format!("{}.{name}", component.id);
        let package = component.path.ends_with("__init__.py") || component.path.ends_with("__init__.pyi");
        !(component.traits.in_damaged_file
            || self.facts(module).attributes_open
            || is_dunder(name)
            || self.index.is_not_analyzed(&path)
            || self.index.is_namespace(&path)
            || self.index.find(&format!("{}.__getattr__", component.id)).is_some()
            || package && may_be_left_out(name))
    }

    /// Whether all that a class has is known: its bases, and that nothing adds to it at run time.
    pub(super) fn class_is_known(&self, class: ComponentIndex) -> bool {
        let ancestors = &self.facts(class).ancestors;
        std::iter::once(&class).chain(ancestors).all(|&c| {
            let component = self.component(c);
            self.facts(c).ancestors_complete
                && !self.facts(c).attributes_open
                && !component.traits.in_damaged_file
                && self.has_only_known_bases(class, component)
                && component.decorators.iter().all(|d| keeps_parameters(&d.text))
        })
    }

    /// Whether every base written on `component` is among the ancestors of `class`, or adds nothing.
    pub(super) fn has_only_known_bases(&self, class: ComponentIndex, component: &Component) -> bool {
        component.bases.iter().all(|base| {
            let name = base.split('[').next().unwrap_or(base).trim();
            let last = last_part(name);
            is_plain_base(last)
                || self.facts(class).ancestors.iter().any(|&a| {
                    let id = &self.component(a).id;
                    last_part(&index::plain_name(id)) == last
                })
        })
    }

    /// A component's name as a reader of `from` would look for it: without the module where that is the same.
    pub(crate) fn short_name(&self, from: ComponentIndex, component: ComponentIndex) -> Name {
        let (from, target) = (self.component(from), self.component(component));
        let name = if from.module == target.module && !target.qualname.is_empty() {
            &target.qualname
        } else {
            &target.id
        };
        plain_name(name).into()
    }
}
