//! Answers about what a function gives back and yields.

use super::type_text::{self, may_be_iterator};
use super::{Oracle, Relation};
use crate::model::claim::{Answer, Value};
use crate::model::component::{Component, ComponentIndex, ComponentKind, Name};

impl Oracle {
    /// Whether it returns a value other than `None`.
    pub(super) fn returns(&self, index: ComponentIndex) -> Answer {
        let (component, facts) = (self.component(index), self.facts(index));
        if let Some(answer) = not_a_function(component) {
            return answer;
        }
        if let Some(&line) = facts.returns.value_lines.first() {
            return Answer::confirmed("it returns a value", Some(line));
        }
        if component.traits.is_generator {
            return Answer::unknown("calling it gives a generator");
        }
        let annotation = declared(component);
        if is_interface(component) {
            return match annotation {
                Some(a) if !type_text::is_none(a) && !never_returns(a) => {
                    Answer::confirmed(format!("it is declared to return `{a}`"), self.line_of(index))
                }
                _ => Answer::unknown("its body is left to others"),
            };
        }
        if !facts.returns.falls_off && facts.returns.none_lines.is_empty() {
            return if component.kind == ComponentKind::Function {
                Answer::refuted("it never returns", self.line_of(index), None)
            } else {
                Answer::unknown("it only raises here; overrides may return")
            };
        }
        if let Some(reason) = self.disguise(index) {
            return Answer::unknown(reason);
        }
        if component.traits.has_overloads {
            return Answer::unknown("its overloads may say otherwise");
        }
        let gives = |&o: &ComponentIndex| !self.facts(o).returns.value_lines.is_empty();
        if self.index.overridden_by(index).iter().any(gives) {
            return Answer::unknown("an override returns a value");
        }
        Answer::refuted(
            "no `return` in it has a value",
            facts.returns.none_lines.first().copied().or(self.line_of(index)),
            None,
        )
    }

    pub(super) fn return_type(&self, index: ComponentIndex, claimed: &str) -> Answer {
        let (component, facts) = (self.component(index), self.facts(index));
        if let Some(answer) = not_a_function(component) {
            return answer;
        }
        let line = facts.returns.value_lines.first().copied();
        let line = line.or(self.line_of(index));
        let returns_nothing =
            facts.returns.value_lines.is_empty() && !component.traits.is_generator && !is_interface(component);
        if type_text::is_none(claimed) && returns_nothing {
            return Answer::confirmed("it returns nothing", self.line_of(index));
        }
        let (truth, declared) = match (declared(component), &facts.returns.inferred) {
            (Some(annotation), _) => (annotation, true),
            (None, Some(inferred)) => (inferred, false),
            (None, None) => {
                return if !returns_nothing {
                    Answer::unknown("it has no return annotation")
                } else if let Some(reason) = self.return_type_may_differ(index, claimed, "None", false) {
                    Answer::unknown(reason)
                } else {
                    Answer::refuted("it returns nothing", self.line_of(index), None)
                };
            }
        };
        if component.traits.is_generator && declared && is_container_beside(claimed, truth) {
            return Answer::refuted("calling it gives a generator", line, Some(Value::Text(truth.clone())));
        }
        match self.relate_types(index, claimed, truth) {
            Relation::Same => Answer::confirmed(
                if declared {
                    format!("it is annotated `{truth}`")
                } else {
                    format!("it returns `{truth}`")
                },
                line,
            ),
            Relation::Different => match self.return_type_may_differ(index, claimed, truth, declared) {
                Some(reason) => Answer::unknown(reason),
                None => Answer::refuted(format!("it returns `{truth}`"), line, Some(Value::Text(truth.clone()))),
            },
            Relation::Incomparable => {
                Answer::unknown(format!("`{truth}`, which it returns, neither is nor excludes it"))
            }
        }
    }

    /// Why a type that the annotation excludes may be right all the same.
    fn return_type_may_differ(
        &self,
        index: ComponentIndex,
        claimed: &str,
        truth: &str,
        declared: bool,
    ) -> Option<String> {
        let component = self.component(index);
        let traits = component.traits;
        let claimed = claimed.to_ascii_lowercase();
        let wrapped = ["awaitable", "coroutine", "future", "task"]
            .iter()
            .any(|w| claimed.contains(w));
        if traits.is_generator {
            Some("calling it gives a generator".into())
        } else if traits.is_async && wrapped {
            Some("calling it gives a coroutine".into())
        } else if traits.has_overloads {
            Some("its overloads may say otherwise".into())
        } else if !declared && (is_interface(component) || !self.index.overridden_by(index).is_empty()) {
            Some("overrides may return it".into())
        } else if type_text::lists_several(&claimed) && type_text::relate("tuple", truth) != Relation::Different {
            Some("it may list what a tuple holds".into())
        } else {
            self.disguise(index)
        }
    }

    /// Whether it is a generator.
    pub(super) fn yields(&self, index: ComponentIndex) -> Answer {
        let (component, facts) = (self.component(index), self.facts(index));
        if let Some(answer) = not_a_function(component) {
            return answer;
        }
        if component.traits.is_generator {
            return Answer::confirmed("it yields", facts.yields.first().copied());
        }
        if is_interface(component) {
            return Answer::unknown("its body is left to others");
        }
        if let Some(reason) = self.disguise(index) {
            return Answer::unknown(reason);
        }
        if self.may_return_iterator(index) {
            return Answer::unknown("it may return an iterator, which yields");
        }
        Answer::refuted("it has no `yield`", self.line_of(index), None)
    }

    /// Whether what it returns may be a generator that it does not make by a `yield` of its own.
    fn may_return_iterator(&self, index: ComponentIndex) -> bool {
        let (component, facts) = (self.component(index), self.facts(index));
        let lines = &facts.returns.value_lines;
        if lines.is_empty() {
            return false;
        }
        if let Some(annotation) = declared(component) {
            return may_be_iterator(annotation);
        }
        if let Some(inferred) = &facts.returns.inferred {
            return may_be_iterator(inferred);
        }
        let on_return = |line: u32| lines.binary_search(&line).is_ok();
        let graph = &self.call_graph;
        graph.open_sites(index).iter().any(|s| on_return(s.line))
            || graph
                .external_callees(index)
                .iter()
                .any(|e| e.lines.iter().any(|&l| on_return(l)))
            || graph
                .callees(index)
                .iter()
                .any(|e| e.sites.iter().any(|s| on_return(s.line)) && self.may_give_iterator(e.callee))
    }

    /// Whether a call of it may give an iterator, as far as its own definition says.
    fn may_give_iterator(&self, callee: ComponentIndex) -> bool {
        let (component, facts) = (self.component(callee), self.facts(callee));
        if component.traits.is_generator || component.kind == ComponentKind::Class {
            return true;
        }
        match declared(component).or(facts.returns.inferred.as_ref()) {
            Some(kind) => may_be_iterator(kind),
            None => !facts.returns.value_lines.is_empty() || is_interface(component),
        }
    }

    pub(super) fn yield_type(&self, index: ComponentIndex, claimed: &str) -> Answer {
        let (component, facts) = (self.component(index), self.facts(index));
        if let Some(answer) = not_a_function(component) {
            return answer;
        }
        if !component.traits.is_generator {
            return self.yields(index);
        }
        let line = facts.yields.first().copied();
        let Some(annotation) = declared(component) else {
            return Answer::unknown("it has no return annotation");
        };
        if self.relate_types(index, claimed, annotation) == Relation::Same {
            return Answer::confirmed(format!("it is annotated `{annotation}`"), line);
        }
        let Some(truth) = type_text::yielded(annotation) else {
            return Answer::unknown(format!("its annotation is `{annotation}`"));
        };
        match self.relate_types(index, claimed, truth) {
            Relation::Same => Answer::confirmed(format!("it is annotated `{annotation}`"), line),
            // An author may also mean the generator as a whole.
            Relation::Different
                if self.relate_types(index, claimed, annotation) == Relation::Different
                    && self.disguise(index).is_none() =>
            {
                Answer::refuted(format!("it yields `{truth}`"), line, Some(Value::text(truth)))
            }
            _ => Answer::unknown(format!("`{truth}`, which it yields, does not exclude it")),
        }
    }
}

/// Whether a type is a built-in container that a generator's annotation has no room for. Authors often give the type of
/// the values instead of the generator's; a container that no value is, is what the function used to return.
fn is_container_beside(claimed: &str, annotation: &str) -> bool {
    let claimed = claimed.to_ascii_lowercase();
    let head = claimed.split(['[', ' ', ',']).next().unwrap_or("");
    ["list", "tuple", "dict", "set", "frozenset"].contains(&head) && !annotation.to_ascii_lowercase().contains(head)
}

/// The return annotation, if there is one that says something.
pub(super) fn declared(component: &Component) -> Option<&Name> {
    component.signature.as_ref()?.returns.as_ref()
}

/// Whether the definition says what others do, not what it does itself.
pub(super) fn is_interface(component: &Component) -> bool {
    component.traits.is_stub || component.traits.is_abstract || component.traits.is_protocol
}

pub(super) fn never_returns(annotation: &str) -> bool {
    matches!(
        super::language::python::last_part(annotation.trim_matches(['"', '\''])),
        "NoReturn" | "Never"
    )
}

fn not_a_function(component: &Component) -> Option<Answer> {
    match component.kind {
        ComponentKind::Class => Some(Answer::unknown("calling a class gives an instance")),
        ComponentKind::Module => Some(Answer::unknown("a module is not called")),
        _ => None,
    }
}
