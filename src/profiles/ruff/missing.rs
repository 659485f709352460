//! Which definitions are public, and the rules D100 to D107 for those without a docstring.

use super::Found;
use crate::model::component::is_dunder;
use crate::model::discrepancy::DiscrepancyKind as Kind;
use crate::model::outline::{DefinitionKind, Outline};
use crate::profiles::page::Page;

/// Whether each definition of a file is public.
pub(super) fn public(file: &Outline) -> Vec<bool> {
    let mut public = Vec::with_capacity(file.definitions.len());
    for (at, definition) in file.definitions.iter().enumerate() {
        let name = definition.name.as_ref();
        let is_open = !name.starts_with('_') || is_dunder(name);
        let Some(parent) = definition.parent else {
            let path = file.path.trim_end_matches(".py").trim_end_matches(".pyi");
            public.push(path.split('/').all(|part| !part.starts_with('_') || is_dunder(part)));
            continue;
        };
        let around = file.definitions[parent].kind;
        let listed = |name: &str| {
            file.exports
                .as_ref()
                .is_none_or(|all| all.iter().any(|n| n.as_ref() == name))
        };
        let is_visible = match around {
            DefinitionKind::Function => false,
            DefinitionKind::Module => {
                listed(name) && !name.starts_with('_') || file.exports.is_some() && listed(name) && is_open
            }
            DefinitionKind::Class if definition.kind == DefinitionKind::Function => {
                is_open && !is_accessor(Page { file, at })
            }
            DefinitionKind::Class => !name.starts_with('_'),
        };
        let is_visible = is_visible && public[parent];
        public.push(is_visible);
    }
    public
}

/// Whether it is the setter or deleter of a property.
fn is_accessor(page: Page<'_>) -> bool {
    page.definition().decorators.iter().any(|decorator| {
        let mut parts = decorator.split('.');
        parts.next().is_some() && matches!(parts.next(), Some("setter" | "deleter")) && parts.next().is_none()
    })
}

/// The rule that a public definition without a docstring breaks.
pub(super) fn check(page: Page<'_>, found: &mut Found<'_>) {
    let definition = page.definition();
    if definition.is_decorated_with("overload") {
        return;
    }
    let name = definition.name.as_ref();
    let around = page.parent().map(|p| p.definition().kind);
    let is_package = page.file.path.ends_with("__init__.py");
    let (code, what) = match (definition.kind, around) {
        (DefinitionKind::Module, _) if is_package => ("D104", "package"),
        (DefinitionKind::Module, _) => ("D100", "module"),
        (DefinitionKind::Class, Some(DefinitionKind::Class)) => ("D106", "nested class"),
        (DefinitionKind::Class, _) => ("D101", "class"),
        (DefinitionKind::Function, Some(DefinitionKind::Class)) => {
            if definition.is_decorated_with("override") {
                return;
            }
            match name {
                "__init__" => ("D107", "constructor"),
                "__new__" | "__call__" => ("D102", "method"),
                name if is_dunder(name) => ("D105", "magic method"),
                _ => ("D102", "method"),
            }
        }
        (DefinitionKind::Function, _) => ("D103", "function"),
    };
    let message = format!("public {what} without a docstring");
    found.push(page, Kind::DocstringMissing, code, None, &message);
}
