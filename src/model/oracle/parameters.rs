//! Answers about parameters: of a function its own, of a class those of its constructor.
//!
//! What the `def` says is what has to be documented, whatever its decorators make of it; but a name that the `def` lacks
//! is refuted only where nothing (`**kwargs`, an unknown decorator, an unknown base class) could take it.

use super::callable::{Default, Parameters, bare};
use super::{Oracle, Relation, default_text};
use crate::model::claim::{Answer, Value};
use crate::model::component::{ComponentIndex, Name, ParameterKind};

impl Oracle {
    pub(super) fn parameter(&self, component: ComponentIndex, name: &str) -> Answer {
        let parameters = self.parameters(component);
        if let Some(found) = parameters.get(name) {
            return Answer::confirmed("the signature has it", found.line);
        }
        self.lacks(component, &parameters, name)
    }

    fn lacks(&self, component: ComponentIndex, parameters: &Parameters<'_>, name: &str) -> Answer {
        if let Some(reason) = &parameters.open {
            return Answer::unknown(reason.clone());
        }
        if let Some(star) = parameters.star
            && may_be_one_of(bare(name), star)
        {
            return Answer::unknown(format!("it may be one of `*{star}`"));
        }
        if parameters.passed().next().is_none() {
            return Answer::refuted("it takes no parameters", self.line_of(component), None);
        }
        Answer::refuted(
            format!("the signature has no `{}`", bare(name)),
            self.line_of(component),
            None,
        )
    }

    pub(super) fn line_of(&self, component: ComponentIndex) -> Option<u32> {
        Some(self.component(component).first_line)
    }

    pub(super) fn parameter_kind(&self, component: ComponentIndex, name: &str, claimed: ParameterKind) -> Answer {
        let parameters = self.parameters(component);
        let Some(found) = parameters.get(name) else {
            return self.lacks(component, &parameters, name);
        };
        match found.kind {
            None => Answer::unknown("how a field is passed depends on its decorator"),
            Some(kind) if kind == claimed => Answer::confirmed("the signature says so", found.line),
            Some(kind) => Answer::refuted(
                format!("the signature makes it {kind}"),
                found.line,
                Some(Value::Kind(kind)),
            ),
        }
    }

    pub(super) fn parameter_type(&self, component: ComponentIndex, name: &str, claimed: &str) -> Answer {
        let parameters = self.parameters(component);
        let Some(found) = parameters.get(name) else {
            return self.lacks(component, &parameters, name);
        };
        let Some(annotation) = found.annotation else {
            return match found.default {
                Default::Written(default) if excludes_type(default, claimed) => {
                    Answer::refuted(format!("its default `{default}` is no `{claimed}`"), found.line, None)
                }
                _ => Answer::unknown("it has no annotation"),
            };
        };
        let none_by_default = matches!(found.default, Default::Written(d) if **d == *"None");
        let mut relation = self.relate_types(component, claimed, annotation);
        if none_by_default && relation != Relation::Same {
            let widened = format!("Optional[{annotation}]");
            relation = self.relate_types(component, claimed, &widened);
        }
        let variadic = matches!(
            found.kind,
            Some(ParameterKind::VarPositional | ParameterKind::VarKeyword)
        );
        match relation {
            Relation::Same => Answer::confirmed(format!("it is annotated `{annotation}`"), found.line),
            // Authors give the type of the tuple or of its items.
            Relation::Different if variadic => Answer::unknown("the annotation is that of each argument"),
            Relation::Different if self.component(component).traits.has_overloads => {
                Answer::unknown("its overloads may say otherwise")
            }
            Relation::Different => Answer::refuted(
                format!("it is annotated `{annotation}`"),
                found.line,
                Some(Value::Text(annotation.clone())),
            ),
            Relation::Incomparable => {
                Answer::unknown(format!("its annotation `{annotation}` neither is nor excludes it"))
            }
        }
    }

    pub(super) fn parameter_default(&self, component: ComponentIndex, name: &str, claimed: &str) -> Answer {
        let parameters = self.parameters(component);
        let Some(found) = parameters.get(name) else {
            return self.lacks(component, &parameters, name);
        };
        let default = match found.default {
            Default::Written(default) => default,
            Default::Unsure => return Answer::unknown("its field may have a default"),
            Default::Required => {
                let variadic = matches!(
                    found.kind,
                    Some(ParameterKind::VarPositional | ParameterKind::VarKeyword)
                );
                return match &parameters.disguised {
                    Some(reason) => Answer::unknown(reason.clone()),
                    None if variadic => Answer::unknown("it collects what is left"),
                    None => Answer::refuted("it has no default", found.line, None),
                };
            }
        };
        match self.relate_default(component, claimed, default) {
            Relation::Same => Answer::confirmed(format!("its default is `{default}`"), found.line),
            Relation::Different => match &parameters.disguised {
                Some(reason) => Answer::unknown(reason.clone()),
                None => Answer::refuted(
                    format!("its default is `{default}`"),
                    found.line,
                    Some(Value::Text(default.clone())),
                ),
            },
            Relation::Incomparable => {
                Answer::unknown(format!("its default is written `{default}`, which may amount to it"))
            }
        }
    }

    fn relate_default(&self, component: ComponentIndex, claimed: &str, default: &str) -> Relation {
        let relation = default_text::relate(claimed, default);
        if relation != Relation::Incomparable {
            return relation;
        }
        // `timeout=DEFAULT`, where the module says `DEFAULT = 30`.
        let module = self.find(&self.component(component).module);
        let constant = module.and_then(|m| self.attribute_value(m, default));
        match constant.map(|value| default_text::relate(claimed, value)) {
            Some(Relation::Same) => Relation::Same,
            _ => Relation::Incomparable,
        }
    }

    pub(super) fn parameter_order(&self, component: ComponentIndex, claimed: &[Name]) -> Answer {
        let parameters = self.parameters(component);
        let position = |name: &Name| parameters.passed().position(|p| **p.name == *bare(name));
        let positions: Vec<usize> = claimed.iter().filter_map(position).collect();
        let truth: Vec<Name> = parameters.passed().map(|p| p.name.clone()).collect();
        if !positions.is_sorted() {
            return Answer::refuted(
                "the signature has another order",
                self.line_of(component),
                Some(Value::Names(truth)),
            );
        }
        if positions.len() == claimed.len() && !claimed.is_empty() {
            Answer::confirmed("the signature has this order", self.line_of(component))
        } else {
            Answer::unknown("it names something that is no parameter")
        }
    }
}

/// Whether authors may mean items of `*star` by a name: `x1` of `*xi`, `array` of `*arrays`, anything of `*args`.
fn may_be_one_of(name: &str, star: &str) -> bool {
    const SAY_NOTHING: &[&str] = &[
        "a",
        "arg",
        "args",
        "arguments",
        "argv",
        "params",
        "parameters",
        "rest",
        "values",
    ];
    let plain_star = star.trim_start_matches('_');
    let (shorter, longer) = if name.len() < plain_star.len() {
        (name, plain_star)
    } else {
        (plain_star, name)
    };
    SAY_NOTHING.contains(&plain_star)
        || name.ends_with(|c: char| c.is_ascii_digit())
        || name.contains("...")
        || shorter.len() >= 3 && longer.starts_with(shorter)
}

/// Whether a literal default alone shows that a claimed type is wrong. Defaults are often stand-ins of another type
/// (`None`, `False`, `'auto'`, `()`), so only numbers and filled containers speak.
fn excludes_type(default: &str, claimed: &str) -> bool {
    let default = default.trim();
    let is_number = default
        .trim_start_matches('-')
        .starts_with(|c: char| c.is_ascii_digit())
        && default_text::is_plain(default);
    let filled = default.len() > 2 && default_text::is_plain(default);
    let shown = match default.chars().next() {
        Some('[') if filled => "list",
        Some('{') if filled => return false,
        Some('(') if filled => "tuple",
        _ if is_number && default.contains(['.', 'e', 'E']) => "float",
        _ if is_number => "int",
        _ => return false,
    };
    // A `bool` is often written `0` or `1`.
    let loosely_bool = shown == "int" && matches!(default, "0" | "1");
    super::type_text::relate(claimed, shown) == Relation::Different
        && (is_number || matches!(claimed.trim(), "int" | "float" | "bool"))
        && !(loosely_bool && claimed.contains("bool"))
}
