//! What a test leaves of the values of a variable.

use super::class::Ancestor;
use super::values::{EMPTY, SetId, Val};
use super::{Engine, library};
use crate::analysis::parse::ir::{Narrowing, Sym};
use crate::analysis::program::ScopeId;

/// Descendants of a class that are looked at for one that joins two lines.
const MOST_DESCENDANTS: usize = 64;

/// Tuples of classes within one another that one test names at most.
const MOST_TUPLES: usize = 16;

impl Engine {
    /// The values of a set that pass a test; `by` holds the classes of an `isinstance`.
    pub(super) fn narrowed(&mut self, set: SetId, by: SetId, how: Narrowing) -> SetId {
        if set == EMPTY {
            return EMPTY;
        }
        let none = Val::Builtin(self.known.none);
        match how {
            Narrowing::None => self.single(none),
            Narrowing::NotNone | Narrowing::Truthy => {
                let kept = self.values.list(set).into_iter().filter(|v| *v != none).collect();
                self.values.of(kept)
            }
            Narrowing::IsA => self.those_that_are(set, by),
            Narrowing::IsNotA => self.those_that_are_not(set, by),
        }
    }

    fn those_that_are(&mut self, set: SetId, by: SetId) -> SetId {
        let Some(classes) = self.classes_of_test(by) else {
            return set;
        };
        let mut kept: Vec<Val> = Vec::new();
        for value in self.values.list(set) {
            for &class in &classes {
                self.as_instance(value, class, &mut kept);
            }
        }
        if kept.is_empty() {
            return self.instances_of(by);
        }
        self.values.of(kept)
    }

    fn those_that_are_not(&mut self, set: SetId, by: SetId) -> SetId {
        let Some(classes) = self.classes_of_test(by) else {
            return set;
        };
        let kept = self
            .values
            .list(set)
            .into_iter()
            .filter(|&value| !classes.iter().any(|&class| self.certainly_is(value, class)))
            .collect();
        self.values.of(kept)
    }

    /// The classes that the second argument of `isinstance` names; none where one of them is not known.
    fn classes_of_test(&mut self, by: SetId) -> Option<Vec<Val>> {
        let mut open = self.values.list(by);
        let mut classes = Vec::new();
        // A tuple of classes may come to hold itself.
        let mut tuples = Vec::new();
        while let Some(value) = open.pop() {
            match value {
                Val::Class(_) | Val::External(_) => classes.push(value),
                Val::ClassOrSub(class) => classes.push(Val::Class(class)),
                Val::BuiltinObject(name) if library::is_builtin_type(&self.name_of(name)) => classes.push(value),
                Val::Container(alloc) if tuples.contains(&alloc) => {}
                Val::Container(alloc) if tuples.len() < MOST_TUPLES => {
                    tuples.push(alloc);
                    let elements = self.container_values(alloc);
                    open.extend(self.values.list(elements));
                }
                _ => return None,
            }
        }
        (!classes.is_empty()).then_some(classes)
    }

    pub(super) fn derives(&self, class: ScopeId, from: ScopeId) -> bool {
        self.mro(class).contains(&Ancestor::Class(from))
    }

    /// Whether every value that this stands for is an instance of the class.
    fn certainly_is(&self, value: Val, class: Val) -> bool {
        match (value.instance_of(), class) {
            (Some(own), Val::Class(class)) => !matches!(value, Val::Likely(_)) && self.derives(own, class),
            (None, Val::BuiltinObject(name)) => self
                .builtin_type(value)
                .is_some_and(|own| self.builtin_derives(own, name)),
            _ => false,
        }
    }

    /// The built-in type that a value is of.
    fn builtin_type(&self, value: Val) -> Option<Sym> {
        match value {
            Val::Builtin(name) => Some(name),
            Val::Str(_) | Val::Prefix(_) => Some(self.known.str),
            Val::Int(_) => Some(self.known.int),
            Val::Container(alloc) => Some(self.alloc_types[alloc as usize]),
            _ => None,
        }
    }

    fn builtin_derives(&self, own: Sym, from: Sym) -> bool {
        let ancestors = library::lineage(&self.name_of(own));
        ancestors.contains(&&*library::canonical(&self.name_of(from)))
    }

    /// Adds what is left of a value that is known to be an instance of a class.
    fn as_instance(&self, value: Val, class: Val, kept: &mut Vec<Val>) {
        match (value, class) {
            (Val::Unknown(_) | Val::ExternalResult(_) | Val::Posing, Val::Class(class)) => {
                kept.push(Val::InstanceOrSub(class))
            }
            (Val::Posing, _) => {}
            (Val::Unknown(_), Val::BuiltinObject(name)) => {
                if &*self.name_of(name) == "object" {
                    kept.push(value);
                } else {
                    kept.push(Val::Builtin(name));
                }
            }
            (Val::Unknown(_), Val::External(path)) => kept.push(Val::ExternalResult(path)),
            (_, Val::Class(class)) => self.as_instance_of_class(value, class, kept),
            // A class of the repository may derive from one outside in ways that are not seen.
            (_, Val::External(_)) => kept.push(value),
            (_, Val::BuiltinObject(name)) => match self.builtin_type(value) {
                Some(own) if self.builtin_derives(own, name) => kept.push(value),
                Some(_) => {}
                None => match value.instance_of() {
                    Some(own) => {
                        let known = self.mro(own).iter().all(|a| matches!(a, Ancestor::Class(_)));
                        if value.is_open_below() || !known {
                            kept.push(value);
                        }
                    }
                    None => kept.push(value),
                },
            },
            _ => kept.push(value),
        }
    }

    fn as_instance_of_class(&self, value: Val, class: ScopeId, kept: &mut Vec<Val>) {
        let Some(own) = value.instance_of() else {
            // A class of the repository may derive from a built-in type.
            if let Some(own) = self.builtin_type(value)
                && self
                    .mro(class)
                    .iter()
                    .any(|a| matches!(a, Ancestor::Builtin(b) if *b == own))
            {
                kept.push(Val::InstanceOrSub(class));
            }
            return;
        };
        if self.derives(own, class) {
            kept.push(value);
        } else if value.is_open_below() && (self.derives(class, own) || self.have_common_descendant(own, class)) {
            kept.push(Val::InstanceOrSub(class));
        }
    }

    fn have_common_descendant(&self, a: ScopeId, b: ScopeId) -> bool {
        let mut open = vec![b];
        let mut seen = 0;
        while let Some(next) = open.pop() {
            seen += 1;
            if seen > MOST_DESCENDANTS {
                return true;
            }
            for &sub in self.direct_subclasses(next) {
                if self.derives(sub, a) {
                    return true;
                }
                open.push(sub);
            }
        }
        false
    }
}
