//! Classes: bases, C3 order, and where an attribute of a class is defined.

use super::heap::Cell;
use super::values::{EMPTY, SetId, Val};
use super::{Engine, builtin};
use crate::analysis::parse::ir::{Passing, Reg, Sym};
use crate::analysis::program::ScopeId;

/// A member of a class's method resolution order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ancestor {
    Class(ScopeId),
    /// Outside the repository.
    External(Sym),
    Builtin(Sym),
    /// A base whose value is not known.
    Unknown,
}

/// What is known of a class.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassInfo {
    pub(crate) bases: Vec<Ancestor>,
    /// The class itself first.
    pub(crate) mro: Vec<Ancestor>,
    pub(crate) metaclass: Option<ScopeId>,
}

/// An attribute found on a class.
pub(crate) struct Found {
    pub(crate) set: SetId,
    /// A base outside the repository that comes before any definition, or after none.
    pub(crate) external: Option<Ancestor>,
}

impl Engine {
    /// Establishes the bases of a class from the values of its base expressions.
    pub(super) fn define_class(&mut self, class: ScopeId, base_sets: &[(Passing, SetId, Reg)]) {
        let mut bases = Vec::new();
        let mut metaclass = None;
        for &(passing, set, _) in base_sets {
            let values = self.values.list(set);
            match passing {
                Passing::Keyword(name) if &*self.name_of(name) == "metaclass" => {
                    metaclass = values.iter().find_map(|v| match v {
                        Val::Class(c) => Some(*c),
                        _ => None,
                    });
                }
                Passing::Positional => bases.push(self.base_of(&values)),
                Passing::Starred | Passing::DoubleStarred => bases.push(Ancestor::Unknown),
                Passing::Keyword(_) => {}
            }
        }
        let info = self.classes.entry(class).or_default();
        if info.bases == bases && info.metaclass == metaclass && !info.mro.is_empty() {
            return;
        }
        let old = std::mem::replace(&mut info.bases, bases.clone());
        info.metaclass = metaclass;
        for base in old {
            if let Ancestor::Class(base) = base
                && let Some(list) = self.subclasses.get_mut(&base)
            {
                list.retain(|&c| c != class);
            }
        }
        for base in bases {
            if let Ancestor::Class(base) = base {
                self.subclasses.entry(base).or_default().push(class);
            }
        }
        self.relinearise(class);
    }

    fn base_of(&self, values: &[Val]) -> Ancestor {
        let mut found = Ancestor::Unknown;
        for value in values {
            let next = match *value {
                Val::Class(class) => return Ancestor::Class(class),
                Val::External(name) | Val::ExternalResult(name) => Ancestor::External(name),
                Val::BuiltinObject(name) => Ancestor::Builtin(name),
                Val::Generic(alloc) => match self.generic_origin(alloc) {
                    Some(Val::Class(class)) => return Ancestor::Class(class),
                    Some(Val::External(name)) => Ancestor::External(name),
                    Some(Val::BuiltinObject(name)) => Ancestor::Builtin(name),
                    _ => continue,
                },
                _ => continue,
            };
            if found == Ancestor::Unknown {
                found = next;
            }
        }
        found
    }

    /// Recomputes the order of a class and of everything below it; every scope may see the change.
    fn relinearise(&mut self, class: ScopeId) {
        let mut open = vec![class];
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            let mro = self.linearise(next);
            let info = self.classes.entry(next).or_default();
            if info.mro != mro {
                info.mro = mro;
                if let Some(readers) = self.class_readers.get(&next) {
                    self.heap.changed.extend(readers.iter().copied());
                }
            }
            open.extend(self.subclasses.get(&next).into_iter().flatten().copied());
        }
    }

    /// C3 over what the bases' orders are so far; where C3 has no answer, bases from left to right without repeats.
    fn linearise(&self, class: ScopeId) -> Vec<Ancestor> {
        let bases = self.classes.get(&class).map(|i| i.bases.clone()).unwrap_or_default();
        let mut lists: Vec<Vec<Ancestor>> = bases
            .iter()
            .map(|base| match base {
                Ancestor::Class(b) if *b != class => match self.classes.get(b) {
                    Some(info) if !info.mro.is_empty() => info.mro.clone(),
                    _ => vec![*base],
                },
                other => vec![*other],
            })
            .collect();
        lists.push(bases);
        for list in &mut lists {
            list.retain(|a| *a != Ancestor::Class(class));
            list.reverse();
        }
        let mut mro = vec![Ancestor::Class(class)];
        loop {
            lists.retain(|l| !l.is_empty());
            let candidate = lists
                .iter()
                .filter_map(|l| l.last())
                .find(|head| {
                    **head == Ancestor::Unknown || lists.iter().all(|l| !l[..l.len() - 1].contains(head))
                })
                .or_else(|| lists.first().and_then(|l| l.last()))
                .copied();
            let Some(next) = candidate else { return mro };
            if next == Ancestor::Unknown || !mro.contains(&next) {
                mro.push(next);
            }
            for list in &mut lists {
                if next == Ancestor::Unknown {
                    if list.last() == Some(&next) {
                        list.pop();
                        break;
                    }
                } else {
                    list.retain(|a| *a != next);
                }
            }
        }
    }

    /// The method resolution order of a class, itself first.
    pub(crate) fn mro(&mut self, class: ScopeId) -> Vec<Ancestor> {
        let reader = self.scope;
        self.class_readers.entry(class).or_default().insert(reader);
        self.mro_now(class)
    }

    /// The same, without becoming a reader of it.
    pub(crate) fn mro_now(&self, class: ScopeId) -> Vec<Ancestor> {
        match self.classes.get(&class) {
            Some(info) if !info.mro.is_empty() => info.mro.clone(),
            _ => vec![Ancestor::Class(class)],
        }
    }

    pub(crate) fn metaclass(&self, class: ScopeId) -> Option<ScopeId> {
        self.mro_now(class).into_iter().find_map(|a| match a {
            Ancestor::Class(c) => self.classes.get(&c).and_then(|i| i.metaclass),
            _ => None,
        })
    }

    /// Direct and indirect subclasses.
    pub(crate) fn all_subclasses(&self, class: ScopeId) -> Vec<ScopeId> {
        let mut found = Vec::new();
        let mut open: Vec<ScopeId> = self.subclasses.get(&class).cloned().unwrap_or_default();
        while let Some(next) = open.pop() {
            if next != class && !found.contains(&next) {
                found.push(next);
                open.extend(self.subclasses.get(&next).into_iter().flatten().copied());
            }
        }
        found.sort_unstable();
        found
    }

    /// Looks an attribute up along an order.
    pub(crate) fn find_in(&mut self, order: &[Ancestor], name: Sym) -> Found {
        let mut external = None;
        for &ancestor in order {
            match ancestor {
                Ancestor::Class(class) => {
                    let set = self.read(Cell::ClassAttribute(class, name));
                    if set != EMPTY || self.program.scope(class).bound.contains_key(&name) {
                        return Found { set, external };
                    }
                }
                Ancestor::External(_) | Ancestor::Unknown => external = external.or(Some(ancestor)),
                Ancestor::Builtin(base) => {
                    let has = builtin::BUILTINS.has_attribute(&self.name_of(base), &self.name_of(name));
                    if has {
                        external = external.or(Some(ancestor));
                    }
                }
            }
        }
        Found { set: EMPTY, external }
    }

    /// Looks an attribute of a class up.
    pub(crate) fn find_attribute(&mut self, class: ScopeId, name: Sym) -> Found {
        let order = self.mro(class);
        self.find_in(&order, name)
    }
}
