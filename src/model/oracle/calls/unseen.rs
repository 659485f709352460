//! Calls that neither an edge nor an open site shows: what the language, or an object of another class than the one
//! that is seen, calls all the same.

use crate::model::call_graph::{Edge, EdgeKind, PosedSite};
use crate::model::component::{ComponentIndex, ComponentKind};
use crate::model::oracle::Oracle;
use crate::model::oracle::language::python::{
    answers_any_attribute, is_constructor, is_dunder, is_stream_method, last_part, may_call_special,
    resumes_generators, runs_with_class_statement,
};

impl Oracle {
    /// Why a call may happen that nothing shows.
    pub(super) fn may_call_unseen(&self, caller: ComponentIndex, callee: ComponentIndex, last: &str) -> Option<String> {
        match last {
            "__del__" => return Some("a finalizer may run at any time".into()),
            "close" if self.component(callee).parent.is_some_and(|c| self.index.is_foreign(c)) => {
                return Some("it may run when an object is finalized".into());
            }
            "__class_getitem__" => return Some("an annotation may subscript the class".into()),
            _ => {}
        }
        if let Some(site) = self.posed_iteration(caller)
            && (self.reachable.lazy.binary_search(&callee).is_ok() || self.component(callee).traits.is_generator)
        {
            return Some(format!(
                "line {} steps through what may be an iterator that runs it",
                site.line
            ));
        }
        let class = self.component(callee).parent?;
        if self.component(class).kind != ComponentKind::Class {
            return None;
        }
        if let Some(relative) = self.called_relative(caller, callee, class, last) {
            let relative = self.short_name(caller, relative);
            return Some(format!(
                "it calls `{relative}`, and its object may be of a class that has this one instead"
            ));
        }
        if let Some(site) = self.posed_namesake(caller, callee, last) {
            return Some(format!(
                "line {} uses `{}` of something whose type is only declared, and this one may pose as it",
                site.line, site.name
            ));
        }
        if let Some(target) = self.foreign_namesake(caller, last) {
            return Some(format!(
                "it calls `{target}`, for which an object of the repository's may stand in"
            ));
        }
        if is_stream_method(last) && self.uses_standard_streams(caller) {
            return Some("it may stand in for a standard stream".into());
        }
        if (is_stream_method(last) || answers_any_attribute(last))
            && let Some(target) = self.uses_stream(caller)
        {
            return Some(format!(
                "it calls `{target}`, and the stream may be layered on an object of its"
            ));
        }
        let oversees = self.is_metaclass(class);
        if runs_with_class_statement(last) && (oversees || !is_constructor(last)) && self.defines_classes(caller) {
            return Some("it may run when a class is made there".into());
        }
        if last == "__call__"
            && oversees
            && let Some(line) = self.makes_some_instance(caller)
        {
            return Some(format!("it may oversee the instance made on line {line}"));
        }
        None
    }

    /// A method that the caller calls and in whose place the callee may stand: both have the same name, and one
    /// object may have both classes among its bases.
    fn called_relative(
        &self,
        caller: ComponentIndex,
        callee: ComponentIndex,
        class: ComponentIndex,
        last: &str,
    ) -> Option<ComponentIndex> {
        let related = |method: ComponentIndex| {
            let other = self.component(method).parent;
            method != callee
                && other.is_some_and(|o| {
                    self.component(o).kind == ComponentKind::Class
                        && (o == class
                            || self.facts(class).ancestors.contains(&o)
                            || self.facts(o).ancestors.contains(&class)
                            || self.share_descendant(o, class))
                })
        };
        // What is certainly made is of that very class.
        let loose = |edge: &Edge| !(edge.certain && edge.kind == EdgeKind::Constructor);
        let namesakes = self.index.methods_named(last);
        let edges = self.call_graph.callees(caller);
        // Whichever list is shorter is walked.
        if namesakes.len() <= edges.len() {
            namesakes.iter().copied().find(|&m| {
                let edge = self.call_graph.edge(caller, m);
                edge.is_some_and(loose) && related(m)
            })
        } else {
            edges
                .iter()
                .filter(|e| loose(e) && namesakes.binary_search(&e.callee).is_ok())
                .map(|e| e.callee)
                .find(|&m| related(m))
        }
    }

    /// A site that asks for an attribute of this name (or any, where the callee answers to any) of something that is
    /// only declared to be of another class.
    fn posed_namesake(&self, caller: ComponentIndex, callee: ComponentIndex, last: &str) -> Option<&PosedSite> {
        let sites = self.call_graph.posed_sites(caller);
        let also = self.index.also_under(callee);
        sites.iter().find(|s| {
            // The language looks special methods up past `__getattr__`.
            *s.name == *last
                || answers_any_attribute(last) && !is_dunder(&s.name)
                || is_dunder(&s.name) && is_dunder(last) && may_call_special(&s.name, last)
                || also.iter().any(|n| **n == *s.name)
        })
    }

    /// A site that steps through what poses as an iterator, and so runs whatever function it maps.
    fn posed_iteration(&self, caller: ComponentIndex) -> Option<&PosedSite> {
        self.call_graph
            .posed_sites(caller)
            .iter()
            .find(|s| resumes_generators(&s.name))
    }

    /// A method of a foreign object that the caller calls by the callee's name: the object may be of a class of the
    /// repository's own that derives from the foreign one, or poses as it.
    fn foreign_namesake(&self, caller: ComponentIndex, last: &str) -> Option<&str> {
        self.call_graph
            .external_callees(caller)
            .iter()
            .filter(|e| !e.target.starts_with("builtins."))
            .find(|e| last_part(&e.target) == last)
            .map(|e| &*e.target)
    }

    /// Whether a component uses the standard streams, in whose place programs put objects of their own.
    fn uses_standard_streams(&self, caller: ComponentIndex) -> bool {
        self.call_graph
            .external_callees(caller)
            .iter()
            .any(|e| matches!(&*e.target, "builtins.print" | "builtins.input") || e.target.starts_with("sys.std"))
    }

    /// A method of the library's streams that a component calls: streams hand their work on to those they are made of.
    fn uses_stream(&self, caller: ComponentIndex) -> Option<&str> {
        self.call_graph
            .external_callees(caller)
            .iter()
            .map(|e| &*e.target)
            .find(|t| t.starts_with("io.") || t.starts_with("codecs."))
    }

    fn defines_classes(&self, scope: ComponentIndex) -> bool {
        self.members(scope)
            .any(|m| self.component(m).kind == ComponentKind::Class)
    }

    fn is_metaclass(&self, class: ComponentIndex) -> bool {
        let lineage = std::iter::once(&class).chain(&self.facts(class).ancestors);
        lineage
            .flat_map(|&c| &self.component(c).bases)
            .map(|base| last_part(base))
            .any(|base| base == "type" || base.ends_with("Meta"))
    }

    fn makes_some_instance(&self, caller: ComponentIndex) -> Option<u32> {
        let edge = self
            .call_graph
            .callees(caller)
            .iter()
            .find(|e| e.kind == EdgeKind::Constructor || self.component(e.callee).kind == ComponentKind::Class)?;
        edge.sites.first().map(|s| s.line)
    }
}
