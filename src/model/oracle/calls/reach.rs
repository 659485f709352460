//! Reach: what sites whose targets are not all known ([`OpenSite`]) might call besides their edges.
//!
//! A site excludes what its name, its receiver or the number of its arguments cannot reach. [`Target`] errs on the side
//! of "might": a wrong "cannot" would refute a true call.

use crate::model::call_graph::{OpenReason, OpenSite, Reach};
use crate::model::component::{ComponentIndex, ComponentKind, Parameter, ParameterKind};
use crate::model::oracle::Oracle;
use crate::model::oracle::index::plain_name;
use crate::model::oracle::language::library::is_called_by_name;
use crate::model::oracle::language::python::{
    answers_any_attribute, calls_straight, is_constructor, is_dunder, last_part, may_call_special, resumes_coroutines,
    resumes_generators,
};

/// A callee, seen from sites that might reach it.
pub(super) struct Target<'a> {
    oracle: &'a Oracle,
    callee: ComponentIndex,
    pub(super) kind: ComponentKind,
    pub(super) last: String,
    is_in_class: bool,
    /// Its value, or that of a class whose instances it makes, is passed around.
    escapes: bool,
}

impl<'a> Target<'a> {
    pub(super) fn new(oracle: &'a Oracle, callee: ComponentIndex) -> Self {
        let component = oracle.component(callee);
        let escaping = |c: &ComponentIndex| oracle.reachable.escaping.binary_search(c).is_ok();
        let last = last_part(&plain_name(&component.id)).to_owned();
        let is_in_class = component
            .parent
            .is_some_and(|p| oracle.component(p).kind == ComponentKind::Class);
        Self {
            oracle,
            callee,
            kind: component.kind,
            is_in_class,
            escapes: escaping(&callee)
                || is_in_class && is_constructor(&last) && oracle.index.constructs(callee).iter().any(escaping),
            last,
        }
    }

    /// The first open site of a component that might reach it.
    pub(super) fn open_site(&self, caller: ComponentIndex) -> Option<&'a OpenSite> {
        let index = &self.oracle.index;
        let sites = index.reaches(&self.oracle.call_graph.open, caller);
        if let Some(site) = sites.others().find(|s| self.is_reached_by(s)) {
            return Some(site);
        }
        // Any attribute may be the way in: every site has to be looked at.
        if self.escapes || answers_any_attribute(&self.last) || self.is_resumable() {
            return sites.attributes().iter().find(|s| self.is_reached_by(s));
        }
        let names = index.also_under(self.callee);
        if names.len() >= sites.len() {
            return sites.attributes().iter().find(|s| self.is_reached_by(s));
        }
        std::iter::once(self.last.as_str())
            .chain(names.iter().map(|n| &**n))
            .flat_map(|name| sites.of_attribute(name))
            .find(|s| self.is_reached_by(s))
    }

    pub(super) fn is_reached_by(&self, site: &OpenSite) -> bool {
        if self.kind == ComponentKind::Module {
            return false;
        }
        match &site.reach {
            // Nothing is known of what dynamic code calls, not even that its value is passed around.
            Reach::AnyValue if site.reason == OpenReason::Dynamic => !self.takes_fewer(site),
            // Where no value was followed, what is called may as well be an attribute of an object never seen.
            Reach::AnyValue if site.reason == OpenReason::NoValue => {
                (self.is_in_class || self.escapes) && !self.takes_fewer(site)
            }
            Reach::AnyValue => {
                self.last == "__call__" || (self.escapes || self.is_obtainable()) && !self.takes_fewer(site)
            }
            Reach::Attribute(name) => self.is_reached_by_attribute(name, site),
            Reach::Property(name) => {
                answers_any_attribute(&self.last)
                    || matches!(&*self.last, "__get__" | "__set__" | "__delete__")
                    || self.oracle.reachable.accessors.binary_search(&self.callee).is_ok()
                    || self.kind == ComponentKind::Property
                        && (**name == *self.last || self.oracle.index.also_under(self.callee).contains(name))
            }
            Reach::AnyAttribute => {
                self.kind == ComponentKind::Property
                    || answers_any_attribute(&self.last)
                    || self.last == "__get__"
                    || self.oracle.reachable.accessors.binary_search(&self.callee).is_ok()
            }
            Reach::Special(name) => {
                self.is_in_class
                    && (may_call_special(name, &self.last)
                        || self.oracle.index.also_under(self.callee).iter().any(|n| may_call_special(name, n)))
                    || self.is_generator() && resumes_generators(name)
                    || self.is_coroutine() && resumes_coroutines(name)
                    // An iterator that maps a function calls it at each step.
                    || self.is_lazy() && resumes_generators(name)
            }
            Reach::Callback => self.escapes || self.is_resumable() || self.may_be_called_back(site.component),
        }
    }

    /// Whether code outside can name it to pass it in: public functions and classes of modules.
    fn is_obtainable(&self) -> bool {
        let component = self.oracle.component(self.callee);
        let holder = if self.is_in_class && is_constructor(&self.last) {
            component.parent.map(|p| self.oracle.component(p))
        } else {
            Some(component)
        };
        holder.is_some_and(|h| {
            h.parent
                .is_some_and(|p| self.oracle.component(p).kind == ComponentKind::Module)
                && !last_part(&h.id).starts_with('_')
        })
    }

    /// Whether foreign code that is handed an object may call this method of it. What is not of the repository knows
    /// the repository's names only if they are its own: special methods, those of a base class of its, the
    /// protocols of the standard library. Code of other packages may use any protocol.
    fn may_be_called_back(&self, caller: ComponentIndex) -> bool {
        if self.kind == ComponentKind::Class {
            return true;
        }
        let Some(class) = self.oracle.component(self.callee).parent.filter(|_| self.is_in_class) else {
            return false;
        };
        let index = &self.oracle.index;
        is_dunder(&self.last)
            || is_called_by_name(&self.last)
            || index.is_foreign(class)
            || index.calls_back_freely(caller)
    }

    fn is_reached_by_attribute(&self, name: &str, site: &OpenSite) -> bool {
        let index = &self.oracle.index;
        if self.is_in_class && answers_any_attribute(&self.last) {
            return true;
        }
        if name == self.last && !self.takes_fewer(site) && !self.needs_more(site) {
            return true;
        }
        let also = index.also_under(self.callee);
        if also.binary_search_by(|n| (**n).cmp(name)).is_ok() {
            return true;
        }
        if self.escapes && index.is_loose(name) && !self.takes_fewer(site) {
            return true;
        }
        self.is_resumable() && matches!(name, "send" | "throw" | "close" | "asend" | "athrow" | "aclose")
    }

    fn is_generator(&self) -> bool {
        self.oracle.component(self.callee).traits.is_generator
    }

    fn is_coroutine(&self) -> bool {
        self.oracle.component(self.callee).traits.is_async
    }

    fn is_lazy(&self) -> bool {
        self.oracle.reachable.lazy.binary_search(&self.callee).is_ok()
    }

    /// Whether its body runs on after the call: stepping through it enters it again.
    fn is_resumable(&self) -> bool {
        self.is_generator() || self.is_coroutine()
    }

    /// Whether the site passes more arguments than it can take, even with its instance passed by hand.
    fn takes_fewer(&self, site: &OpenSite) -> bool {
        let Some((given, parameters)) = self.countable(site) else {
            return false;
        };
        let variadic = parameters
            .iter()
            .any(|p| matches!(p.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword));
        !variadic && given > parameters.len()
    }

    /// Whether the site passes fewer arguments than it needs. Only where it is called under its own name: a value
    /// that is passed around may have been given arguments by `functools.partial`.
    fn needs_more(&self, site: &OpenSite) -> bool {
        let Some((given, parameters)) = self.countable(site) else {
            return false;
        };
        let bound = usize::from(self.is_in_class);
        let needed = parameters
            .iter()
            .skip(bound)
            .filter(|p| {
                p.default.is_none() && !matches!(p.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword)
            })
            .count();
        given < needed
    }

    /// The number of arguments and the parameters, where the one can be held against the other.
    fn countable(&self, site: &OpenSite) -> Option<(usize, &'a [Parameter])> {
        let component = self.oracle.component(self.callee);
        let signature = component.signature.as_ref()?;
        // A class hands its arguments to its constructor in more ways than one (metaclass, generated `__init__`).
        let straight = component.kind != ComponentKind::Property
            && !is_constructor(&self.last)
            && component.decorators.iter().all(|d| calls_straight(&d.text))
            && !component.traits.in_damaged_file;
        let given = usize::from(site.arguments?);
        straight.then_some((given, signature.parameters.as_slice()))
    }
}
