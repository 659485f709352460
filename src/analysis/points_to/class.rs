//! Classes: bases, C3 order, and where an attribute of a class is defined.

use std::cell::RefCell;
use std::rc::Rc;

use super::heap::{Cell, Place, Readers};
use super::values::{EMPTY, SetId, Val};
use super::{Engine, library};
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
#[derive(Clone, Debug)]
pub(crate) struct ClassInfo {
    pub(crate) bases: Vec<Ancestor>,
    /// The class itself first.
    pub(crate) mro: Rc<[Ancestor]>,
    pub(crate) metaclass: Option<ScopeId>,
}

impl Default for ClassInfo {
    fn default() -> Self {
        Self {
            bases: Vec::new(),
            mro: Rc::from([]),
            metaclass: None,
        }
    }
}

/// Who has asked for the place of a class in the hierarchy.
#[derive(Debug, Default)]
pub(super) struct Askers {
    /// For its order.
    order: RefCell<Readers>,
    /// For what is below it.
    descendants: RefCell<Readers>,
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
                        Val::Class(c) | Val::ClassOrSub(c) => Some(*c),
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
        let has_other_metaclass = std::mem::replace(&mut info.metaclass, metaclass) != metaclass;
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
        self.relinearise(class, has_other_metaclass);
    }

    /// Whoever asked for the order of a class may get something else now.
    fn order_changed(&mut self, class: ScopeId) {
        self.hierarchy_version += 1;
        let mut due: Vec<Place> = self.askers[class as usize].order.borrow().iter().collect();
        if self.is_settled() {
            due.extend(self.guessing());
        }
        self.heap.wake(&mut due);
    }

    /// Whoever asked for what is below a class, and got or missed this one for a name that it defines, may get
    /// something else now.
    fn descendants_changed(&mut self, above: &[Ancestor], class: ScopeId) {
        let mut due: Vec<Place> = Vec::new();
        let fields = self.heap.fields_of.get(&class);
        for ancestor in above {
            let Ancestor::Class(above) = *ancestor else {
                continue;
            };
            due.extend(self.askers[above as usize].descendants.borrow().iter());
            for name in self
                .program
                .scope(class)
                .bound
                .keys()
                .chain(fields.into_iter().flatten())
            {
                if let Some(entry) = self.below_cache.get(&(above, *name)) {
                    due.extend(entry.readers.iter());
                }
            }
        }
        // What conforms to a protocol is below it.
        due.extend(self.protocol_readers.iter());
        self.heap.wake(&mut due);
    }

    fn base_of(&self, values: &[Val]) -> Ancestor {
        let mut found = Ancestor::Unknown;
        for value in values {
            let next = match *value {
                Val::Class(class) | Val::ClassOrSub(class) => return Ancestor::Class(class),
                Val::External(name) | Val::ExternalResult(name) => Ancestor::External(name),
                Val::BuiltinObject(name) => Ancestor::Builtin(name),
                Val::TupleType(_) => Ancestor::Builtin(self.known.tuple),
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

    /// Recomputes the order of a class and of everything below it.
    fn relinearise(&mut self, class: ScopeId, has_other_metaclass: bool) {
        let mut open = vec![class];
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            let mro: Rc<[Ancestor]> = self.linearise(next).into();
            let info = self.classes.entry(next).or_default();
            if info.mro != mro {
                let old = std::mem::replace(&mut info.mro, mro.clone());
                self.order_changed(next);
                self.descendants_changed(&old, next);
                self.descendants_changed(&mro, next);
            } else if has_other_metaclass {
                self.order_changed(next);
            }
            open.extend(self.subclasses.get(&next).into_iter().flatten().copied());
        }
    }

    /// C3 over what the bases' orders are so far; where C3 has no answer, bases from left to right without repeats.
    fn linearise(&self, class: ScopeId) -> Vec<Ancestor> {
        let bases = self.classes.get(&class).map(|i| i.bases.clone()).unwrap_or_default();
        // With one base there is nothing to merge.
        if let [Ancestor::Class(base)] = bases.as_slice()
            && *base != class
            && let Some(info) = self.classes.get(base)
            && !info.mro.is_empty()
            && !info.mro.contains(&Ancestor::Class(class))
        {
            let mut mro = Vec::with_capacity(info.mro.len() + 1);
            mro.push(Ancestor::Class(class));
            mro.extend_from_slice(&info.mro);
            return mro;
        }
        let mut lists: Vec<Vec<Ancestor>> = bases
            .iter()
            .map(|base| match base {
                Ancestor::Class(b) if *b != class => match self.classes.get(b) {
                    Some(info) if !info.mro.is_empty() => info.mro.to_vec(),
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
                .find(|head| **head == Ancestor::Unknown || lists.iter().all(|l| !l[..l.len() - 1].contains(head)))
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

    /// Whether a class is a `typing.Protocol` itself, which others conform to without deriving from it.
    pub(super) fn is_protocol(&self, class: ScopeId) -> bool {
        self.classes.get(&class).is_some_and(|info| {
            info.bases.iter().any(|base| match base {
                Ancestor::External(path) => {
                    matches!(
                        &**self.program.names.text(*path),
                        "typing.Protocol" | "typing_extensions.Protocol"
                    )
                }
                _ => false,
            })
        })
    }

    /// Whether a class has every member that a protocol asks for.
    pub(super) fn conforms(&self, class: ScopeId, protocol: ScopeId) -> bool {
        self.is_protocol(protocol)
            && self.program.scope(protocol).bound.keys().all(|&name| {
                let text = self.program.names.text(name);
                matches!(&**text, "__slots__" | "__doc__" | "__module__") || self.has(class, name)
            })
    }

    /// The classes that have this one among their bases.
    pub(super) fn direct_subclasses(&self, class: ScopeId) -> &[ScopeId] {
        self.askers[class as usize].descendants.borrow_mut().add(self.place);
        self.subclasses.get(&class).map_or(&[], Vec::as_slice)
    }

    /// The method resolution order of a class, itself first.
    pub(crate) fn mro(&self, class: ScopeId) -> Rc<[Ancestor]> {
        self.askers[class as usize].order.borrow_mut().add(self.place);
        match self.classes.get(&class) {
            Some(info) if !info.mro.is_empty() => info.mro.clone(),
            _ => Rc::from([Ancestor::Class(class)]),
        }
    }

    pub(crate) fn metaclass(&self, class: ScopeId) -> Option<ScopeId> {
        self.mro(class).iter().find_map(|a| match a {
            Ancestor::Class(c) => self.classes.get(c).and_then(|i| i.metaclass),
            _ => None,
        })
    }

    /// Looks an attribute up along an order.
    pub(crate) fn find_in(&mut self, order: &[Ancestor], name: Sym) -> Found {
        let (definer, external) = self.definer(order, name);
        let set = definer.map_or(EMPTY, |class| self.read(Cell::ClassAttribute(class, name)));
        Found { set, external }
    }

    /// The first class of an order that defines an attribute, and the first base before it that is not of the
    /// repository and may.
    fn definer(&self, order: &[Ancestor], name: Sym) -> (Option<ScopeId>, Option<Ancestor>) {
        let mut external = None;
        for &ancestor in order {
            match ancestor {
                Ancestor::Class(class) => {
                    if self.program.scope(class).bound.contains_key(&name)
                        || self.added_attributes.contains(&(class, name))
                    {
                        return (Some(class), external);
                    }
                }
                Ancestor::External(_) | Ancestor::Unknown => external = external.or(Some(ancestor)),
                Ancestor::Builtin(base) => {
                    let has = library::class(&self.name_of(base)).is_some_and(|c| c.has(&self.name_of(name)));
                    if has {
                        external = external.or(Some(ancestor));
                    }
                }
            }
        }
        (None, external)
    }

    /// Looks an attribute of a class up.
    pub(crate) fn find_attribute(&mut self, class: ScopeId, name: Sym) -> Found {
        self.askers[class as usize].order.borrow_mut().add(self.place);
        let (definer, external) = match self.lookups.get(&(class, name)) {
            Some(&(version, definer, external)) if version == self.hierarchy_version => (definer, external),
            _ => {
                let order = self.mro(class);
                let (definer, external) = self.definer(&order, name);
                self.lookups
                    .insert((class, name), (self.hierarchy_version, definer, external));
                (definer, external)
            }
        };
        let set = definer.map_or(EMPTY, |class| self.read(Cell::ClassAttribute(class, name)));
        Found { set, external }
    }

    /// Code outside a class's body gives it an attribute.
    pub(super) fn add_attribute(&mut self, class: ScopeId, name: Sym, set: SetId) {
        if !self.program.scope(class).bound.contains_key(&name) && self.added_attributes.insert((class, name)) {
            let mut open = vec![class];
            let mut seen = rustc_hash::FxHashSet::default();
            while let Some(next) = open.pop() {
                if seen.insert(next) {
                    self.order_changed(next);
                    open.extend(self.subclasses.get(&next).into_iter().flatten().copied());
                }
            }
        }
        self.write(Cell::ClassAttribute(class, name), set);
    }
}
