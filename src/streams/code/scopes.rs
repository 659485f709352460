//! Sentences about modules and classes. The first is the summary.

use rustc_hash::FxHashSet;

use super::wording::{join, list, plural};
use crate::model::component::{Component, ComponentIndex, ComponentKind, Name, is_public_name};
use crate::model::oracle::{Oracle, plain_name};

/// What a module defines.
pub(super) fn module(oracle: &Oracle, index: ComponentIndex) -> Vec<String> {
    let mut parts = Vec::new();
    let classes = members(oracle, index, &[ComponentKind::Class]);
    parts.extend(counted(&classes, "the class", "the classes"));
    let functions = members(oracle, index, &[ComponentKind::Function]);
    parts.extend(counted(&functions, "the function", "the functions"));
    let variables: Vec<Name> = attributes(oracle, index, |_| true);
    parts.extend(counted(&variables, "the variable", "the variables"));
    if parts.is_empty() {
        let nothing = oracle.members(index).next().is_none();
        return vec![if nothing && oracle.facts(index).attributes.is_empty() {
            "Defines no classes, functions or variables.".into()
        } else {
            "Defines only private names.".into()
        }];
    }
    vec![format!("Defines {}.", join(&parts))]
}

/// What a class is made of.
pub(super) fn class(oracle: &Oracle, index: ComponentIndex) -> Vec<String> {
    let component = oracle.component(index);
    let bases: Vec<&str> = component
        .bases
        .iter()
        .map(|b| &**b)
        .filter(|b| !matches!(last(b), "object" | "Protocol" | "Generic" | "ABC"))
        .collect();
    let mut sentences = Vec::new();
    let methods = members(oracle, index, &[ComponentKind::Method]);
    let properties = members(oracle, index, &[ComponentKind::Property]);
    let own = attributes(oracle, index, |on_instance| !on_instance);
    let on_instance = attributes(oracle, index, |on_instance| on_instance);
    let mut parts = Vec::new();
    if component.traits.is_record && !own.is_empty() {
        sentences.push(format!("A record of {}.", list(&own)));
    } else if is_enumeration(component) && !own.is_empty() {
        sentences.push(format!("An enumeration of {}.", list(&own)));
    } else {
        if component.traits.is_protocol {
            sentences.push("A protocol: a class satisfies it by having its members.".into());
        } else if is_exception(oracle, index) {
            sentences.push(format!("An exception derived from {}.", list(&bases)));
        } else if !bases.is_empty() {
            sentences.push(format!("Extends {}.", list(&bases)));
        }
        parts.extend(counted(&own, "the attribute", "the attributes"));
    }
    parts.extend(counted(
        &on_instance,
        "the instance attribute",
        "the instance attributes",
    ));
    parts.extend(counted(&methods, "the method", "the methods"));
    parts.extend(counted(&properties, "the property", "the properties"));
    if !parts.is_empty() {
        sentences.push(format!("Has {}.", join(&parts)));
    }
    sentences.extend(making(oracle, index));
    if sentences.is_empty() {
        let empty = oracle.members(index).next().is_none() && oracle.facts(index).attributes.is_empty();
        sentences.push(if empty {
            "An empty class.".into()
        } else {
            "Has only private members.".into()
        });
    }
    sentences
}

/// What its own constructor takes.
fn making(oracle: &Oracle, class: ComponentIndex) -> Option<String> {
    let id = plain_name(&oracle.component(class).id);
    let constructor = oracle.find(&format!("{id}.__init__"))?;
    let signature = oracle.component(constructor).signature.as_ref()?;
    let names: Vec<String> = signature
        .documented()
        .iter()
        .map(|p| format!("{}{}", p.kind.stars(), p.name))
        .collect();
    (!names.is_empty()).then(|| format!("Made from {}.", list(&names)))
}

fn last(dotted: &str) -> &str {
    let name = dotted.split('[').next().unwrap_or(dotted);
    name.rsplit('.').next().unwrap_or(name)
}

fn is_enumeration(component: &Component) -> bool {
    component.bases.iter().any(|b| {
        matches!(
            last(b),
            "Enum" | "IntEnum" | "StrEnum" | "Flag" | "IntFlag" | "ReprEnum"
        )
    })
}

/// Whether a base class, its own or an ancestor's, is one of the language's exceptions.
fn is_exception(oracle: &Oracle, class: ComponentIndex) -> bool {
    std::iter::once(&class)
        .chain(&oracle.facts(class).ancestors)
        .flat_map(|&c| &oracle.component(c).bases)
        .any(|base| {
            let name = last(base);
            !base.contains('.') && (name.ends_with("Error") || name.ends_with("Exception") || name == "Warning")
        })
}

fn counted(names: &[Name], one: &'static str, many: &'static str) -> Option<String> {
    (!names.is_empty()).then(|| format!("{} {}", plural(names.len(), one, many), list(names)))
}

/// The public names of the members of these kinds, in source order, each once.
fn members(oracle: &Oracle, owner: ComponentIndex, kinds: &[ComponentKind]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut seen: FxHashSet<String> = FxHashSet::default();
    for index in oracle.members(owner) {
        let member = oracle.component(index);
        let plain = plain_name(&member.id);
        let name = last(&plain);
        // That the owner is private does not make its members so.
        let telling = is_public_name(name) && name != "__init__" && kinds.contains(&member.kind);
        if telling && seen.insert(name.to_owned()) {
            names.push(name.into());
        }
    }
    names
}

fn attributes(oracle: &Oracle, owner: ComponentIndex, is_wanted: impl Fn(bool) -> bool) -> Vec<Name> {
    oracle
        .public_attributes(owner)
        .filter(|a| is_wanted(a.on_instance))
        .map(|a| a.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_ignores_type_arguments() {
        assert_eq!(last("a.b.Base[int.x]"), "Base");
    }
}
