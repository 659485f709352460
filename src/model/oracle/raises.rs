//! Answers about exceptions: raised here, escaping from a callee, or not to be excluded.

use super::Oracle;
use super::language::python::{CONSTRUCTORS, exception_base, exception_is, last_part, only_raised_by_name};
use super::names::Meaning;
use super::returns::is_interface;
use crate::model::claim::{Answer, Verdict};
use crate::model::component::{ComponentIndex, ComponentKind};
use crate::model::facts::{Raise, RaiseOrigin};

/// The exception a claim names.
struct Named<'a> {
    /// Without its module.
    last: &'a str,
    /// Its classes, where they are the repository's.
    classes: Vec<ComponentIndex>,
    is_builtin: bool,
}

impl Oracle {
    /// Whether an exception may leave a component.
    pub(super) fn raise(&self, index: ComponentIndex, name: &str) -> Answer {
        let meaning = self.meaning_in(index, name);
        let named = self.named_exception(name, &meaning);
        if self.component(index).kind == ComponentKind::Class {
            return self.raised_by_class(index, &named, meaning);
        }
        if let Some(answer) = self.raised_by(index, &named) {
            return answer;
        }
        if let Meaning::Missing(owner, name) = meaning {
            return self.missing(owner, &name);
        }
        match self.may_raise(index, &named) {
            Some(reason) => Answer::unknown(reason),
            None => Answer::refuted(
                format!("nothing in it raises `{}`", named.last),
                self.line_of(index),
                None,
            ),
        }
    }

    fn named_exception<'a>(&self, name: &'a str, meaning: &Meaning) -> Named<'a> {
        let classes = match meaning {
            Meaning::Components(found) => found
                .iter()
                .copied()
                .filter(|&c| self.component(c).kind == ComponentKind::Class)
                .collect(),
            _ => Vec::new(),
        };
        let last = last_part(name);
        Named {
            is_builtin: classes.is_empty()
                && exception_base(last).is_some()
                && (last == name || name == format!("builtins.{last}")),
            classes,
            last,
        }
    }

    /// What a class raises is what making an instance raises.
    fn raised_by_class(&self, class: ComponentIndex, named: &Named<'_>, meaning: Meaning) -> Answer {
        let own = std::iter::once(class).chain(self.members(class));
        for member in own {
            let name = last_part(&self.component(member).id);
            if (member == class || CONSTRUCTORS.contains(&name))
                && let Some(answer) = self.raised_by(member, named)
                && answer.verdict == Verdict::Confirmed
            {
                return answer;
            }
        }
        match meaning {
            Meaning::Missing(owner, name) => self.missing(owner, &name),
            _ => Answer::unknown("it may come from its methods or its bases"),
        }
    }

    /// The answer where a raise that is known of settles it.
    fn raised_by(&self, index: ComponentIndex, named: &Named<'_>) -> Option<Answer> {
        let mut narrower = false;
        for raise in &self.facts(index).raises {
            if self.is_raise_of(raise, named) {
                let from = match raise.origin {
                    RaiseOrigin::Direct => "it raises".to_owned(),
                    RaiseOrigin::Callee(callee) => {
                        format!("`{}` lets escape", self.short_name(index, callee))
                    }
                };
                let exception = &raise.exception;
                return Some(Answer::confirmed(format!("{from} `{exception}`"), Some(raise.line)));
            }
            narrower |= self.is_base_of_claimed(raise, named);
        }
        narrower.then(|| Answer::unknown("only a base class of it is known to be raised"))
    }

    /// Whether the claim names what is raised, or a base class of it.
    fn is_raise_of(&self, raise: &Raise, named: &Named<'_>) -> bool {
        match raise.class {
            Some(class) if !named.classes.is_empty() => {
                named.classes.contains(&class) || self.facts(class).ancestors.iter().any(|a| named.classes.contains(a))
            }
            Some(class) => {
                *raise.exception == *named.last || named.is_builtin && self.derives_from_builtin(class, named.last)
            }
            None if named.classes.is_empty() => {
                *raise.exception == *named.last || named.is_builtin && exception_is(&raise.exception, named.last)
            }
            None => false,
        }
    }

    fn derives_from_builtin(&self, class: ComponentIndex, builtin: &str) -> bool {
        std::iter::once(&class)
            .chain(&self.facts(class).ancestors)
            .flat_map(|&c| &self.component(c).bases)
            .any(|base| exception_is(last_part(base), builtin))
    }

    /// Whether what is raised is a base class of what is claimed, so that the claim may be the very one.
    fn is_base_of_claimed(&self, raise: &Raise, named: &Named<'_>) -> bool {
        match raise.class {
            Some(class) => named.classes.iter().any(|&c| self.facts(c).ancestors.contains(&class)),
            None if named.is_builtin => exception_is(named.last, &raise.exception),
            None => {
                *raise.exception == *named.last
                    || named
                        .classes
                        .iter()
                        .any(|&c| self.derives_from_builtin(c, &raise.exception))
            }
        }
    }

    /// Why an exception that is not known to be raised may be raised all the same.
    fn may_raise(&self, index: ComponentIndex, named: &Named<'_>) -> Option<String> {
        let (component, facts) = (self.component(index), self.facts(index));
        let overrides = self.index.overridden_by(index);
        if component.kind == ComponentKind::Module {
            Some("it may come from what the module defines".into())
        } else if is_interface(component) {
            Some("its body is left to others".into())
        } else if !facts.raises_complete {
            Some("not all that it calls is known".into())
        } else if named.last.ends_with("Warning") {
            Some("a warning may become an exception".into())
        } else if named.is_builtin && !only_raised_by_name(named.last) {
            Some("operations of the language may raise it".into())
        } else if named.classes.is_empty() && !self.index.is_sealed(index) {
            Some("code outside the repository may raise it".into())
        } else if overrides
            .iter()
            .any(|&o| !self.facts(o).raises_complete || self.raised_by(o, named).is_some())
        {
            Some("an override may raise it".into())
        } else {
            self.disguise(index)
        }
    }
}
