//! The line that shows how a component is defined, as Python would write it.

use crate::model::component::{Component, ComponentKind, Parameter, ParameterKind};

/// The last part of a component's name, without `#2` and the like.
pub fn short_name(component: &Component) -> &str {
    let id: &str = if component.qualname.is_empty() {
        return &component.id;
    } else {
        &component.qualname
    };
    let name = id.rsplit('.').next().unwrap_or(id);
    name.split('#').next().unwrap_or(name)
}

/// Longer lines are broken up where a block of code has room for it.
const WIDTH: usize = 88;

/// [`signature_line`], with a parameter on each line where one line would be too long.
pub fn signature_block(component: &Component) -> String {
    let line = signature_line(component);
    let parameters = component.signature.as_ref().map_or(&[][..], |s| &s.parameters);
    if parameters.is_empty() || line.chars().count() <= WIDTH {
        return line;
    }
    let list = parameter_list(parameters);
    let (before, after) = line.split_at(line.find(&list).unwrap_or(line.len()));
    let parts = parameter_parts(parameters);
    format!("{before}\n    {},\n{}", parts.join(",\n    "), &after[list.len()..])
}

/// `def f(a: int, *, b=1) -> str`, `class C(Base)`, or the module's name.
pub fn signature_line(component: &Component) -> String {
    let name = short_name(component);
    match component.kind {
        ComponentKind::Module => component.id.to_string(),
        ComponentKind::Class if component.bases.is_empty() => format!("class {name}"),
        ComponentKind::Class => format!("class {name}({})", component.bases.join(", ")),
        ComponentKind::Function | ComponentKind::Method | ComponentKind::Property => {
            let signature = component.signature.as_ref();
            let parameters = signature.map_or(String::new(), |s| parameter_list(&s.parameters));
            let returns = signature
                .and_then(|s| s.returns.as_deref())
                .map_or(String::new(), |returns| format!(" -> {returns}"));
            let before = if component.traits.is_async { "async " } else { "" };
            format!("{before}def {name}({parameters}){returns}")
        }
    }
}

fn parameter_list(parameters: &[Parameter]) -> String {
    parameter_parts(parameters).join(", ")
}

/// The parameters as written, with the marks `/` and `*` between them.
fn parameter_parts(parameters: &[Parameter]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::with_capacity(parameters.len() + 2);
    let mut star_seen = false;
    for (i, parameter) in parameters.iter().enumerate() {
        match parameter.kind {
            ParameterKind::VarPositional => star_seen = true,
            ParameterKind::KeywordOnly if !star_seen => {
                parts.push("*".to_owned());
                star_seen = true;
            }
            _ => {}
        }
        parts.push(one_parameter(parameter));
        let next_kind = parameters.get(i + 1).map(|p| p.kind);
        if parameter.kind == ParameterKind::PositionalOnly && next_kind != Some(ParameterKind::PositionalOnly) {
            parts.push("/".to_owned());
        }
    }
    parts
}

fn one_parameter(parameter: &Parameter) -> String {
    let mut text = format!("{}{}", parameter.kind.stars(), parameter.name);
    if let Some(annotation) = &parameter.annotation {
        text.push_str(": ");
        text.push_str(annotation);
    }
    if let Some(default) = &parameter.default {
        text.push_str(if parameter.annotation.is_some() { " = " } else { "=" });
        text.push_str(default);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(kind: ParameterKind, text: &str) -> Parameter {
        let mut parts = text.split('|').map(|p| (!p.is_empty()).then(|| p.into()));
        Parameter {
            name: parts.next().flatten().unwrap(),
            kind,
            annotation: parts.next().flatten(),
            default: parts.next().flatten(),
            line: 1,
        }
    }

    #[test]
    fn slash_and_star_stand_where_python_wants_them() {
        use ParameterKind::{KeywordOnly, PositionalOnly, PositionalOrKeyword, VarKeyword};
        let line = parameter_list(&[
            parameter(PositionalOnly, "a"),
            parameter(PositionalOnly, "b|int"),
            parameter(PositionalOrKeyword, "c||1"),
            parameter(KeywordOnly, "d|str|'x'"),
            parameter(VarKeyword, "rest"),
        ]);
        assert_eq!(line, "a, b: int, /, c=1, *, d: str = 'x', **rest");
    }

    #[test]
    fn arbitrary_arguments_stand_for_the_star() {
        use ParameterKind::{KeywordOnly, VarPositional};
        let line = parameter_list(&[parameter(VarPositional, "args"), parameter(KeywordOnly, "k")]);
        assert_eq!(line, "*args, k");
    }
}
