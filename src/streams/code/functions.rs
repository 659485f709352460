//! Sentences about functions, methods and properties. The first is the summary.

use super::texts::{by_exception, conditions, may_be_none, sources};
use super::wording::{capital, code, join, list, quotable};
use crate::model::call_graph::EdgeKind;
use crate::model::component::{Component, ComponentIndex, ComponentKind, Name};
use crate::model::facts::{EffectKind, RaiseOrigin};
use crate::model::oracle::{Oracle, type_text};

/// What can be said, the most telling first.
pub(super) fn sentences(oracle: &Oracle, index: ComponentIndex) -> Vec<String> {
    let component = oracle.component(index);
    let mut sentences: Vec<String> = Vec::new();
    sentences.extend(opening(oracle, index));
    sentences.extend(raises(oracle, index));
    sentences.extend(effects(oracle, index));
    sentences.extend(calls(oracle, index));
    if sentences.is_empty() {
        sentences.push(taking_and_returning(component, "nothing"));
    }
    if component.traits.is_async && !component.traits.is_generator {
        sentences.push("Has to be awaited.".into());
    }
    if let Some(&overridden) = oracle.facts(index).overrides.first() {
        let name = oracle.short_name(index, overridden);
        sentences.push(format!("Overrides {}.", code(&name)));
    }
    sentences
}

/// What it is, or what comes out of it.
fn opening(oracle: &Oracle, index: ComponentIndex) -> Option<String> {
    let component = oracle.component(index);
    let facts = oracle.facts(index);
    if let Some(sentence) = left_to_others(oracle, index) {
        return Some(sentence);
    }
    if component.kind == ComponentKind::Property
        && let Some(sentence) = property(component, index, oracle)
    {
        return Some(sentence);
    }
    if component.traits.is_generator {
        return Some(generator(component));
    }
    if !facts.returns.value_lines.is_empty() {
        return Some(returned(oracle, index));
    }
    let set = attributes_set(oracle, index);
    (!set.is_empty()).then(|| format!("Sets {}.", list(&set)))
}

fn left_to_others(oracle: &Oracle, index: ComponentIndex) -> Option<String> {
    let component = oracle.component(index);
    let traits = component.traits;
    let not_implemented = oracle
        .facts(index)
        .raises
        .iter()
        .any(|r| r.origin == RaiseOrigin::Direct && *r.exception == *"NotImplementedError");
    let what = match declared(component) {
        Some(kind) => format!(" It is declared to return {kind}."),
        None => String::new(),
    };
    if traits.is_abstract || traits.is_stub && not_implemented {
        Some(format!("Left to subclasses to implement.{what}"))
    } else if traits.is_stub && traits.is_protocol {
        Some(format!("Part of the protocol, without a body.{what}"))
    } else if traits.is_stub {
        Some(format!("Has an empty body.{what}"))
    } else {
        None
    }
}

/// The return annotation in backticks, unless it says that nothing comes back.
fn declared(component: &Component) -> Option<String> {
    let annotation = component.signature.as_ref()?.returns.as_ref()?;
    let says_something =
        !type_text::is_none(annotation) && !matches!(&**annotation, "NoReturn" | "typing.NoReturn" | "Never");
    quotable(annotation.trim_matches(['"', '\''])).filter(|_| says_something)
}

fn property(component: &Component, index: ComponentIndex, oracle: &Oracle) -> Option<String> {
    match component.id.rsplit_once('#').map(|(_, mark)| mark) {
        Some("setter") => {
            let set = attributes_set(oracle, index);
            return Some(if set.is_empty() {
                "Runs when the property is assigned.".into()
            } else {
                format!("Runs when the property is assigned and sets {}.", list(&set))
            });
        }
        Some("deleter") => return Some("Runs when the property is deleted.".into()),
        _ => {}
    }
    let cached = component.decorators.iter().any(|d| d.text.ends_with("cached_property"));
    let kind = value_type(oracle, index);
    Some(match (kind, cached) {
        (Some(kind), true) => format!("A property of type {kind}, computed once."),
        (Some(kind), false) => format!("A property of type {kind}."),
        (None, true) => "A property, computed once.".into(),
        (None, false) if oracle.facts(index).returns.value_lines.is_empty() => return None,
        (None, false) => "A property, computed when read.".into(),
    })
}

fn generator(component: &Component) -> String {
    let is_context = component.decorators.iter().any(|d| d.text.ends_with("contextmanager"));
    let yielded = component
        .signature
        .as_ref()
        .and_then(|s| s.returns.as_deref())
        .and_then(type_text::yielded)
        .filter(|t| !type_text::is_none(t))
        .and_then(quotable);
    let asynchronously = if component.traits.is_async {
        " asynchronously"
    } else {
        ""
    };
    match (is_context, yielded) {
        (true, Some(kind)) => format!("A context manager that gives {kind}."),
        (true, None) => "A context manager.".into(),
        (false, Some(kind)) => format!("Yields {kind}{asynchronously}."),
        (false, None) => format!("Yields values one by one{asynchronously}."),
    }
}

/// The type of what is returned, in backticks.
fn value_type(oracle: &Oracle, index: ComponentIndex) -> Option<String> {
    let component = oracle.component(index);
    let has_annotation = component.signature.as_ref().is_some_and(|s| s.returns.is_some());
    if has_annotation {
        return declared(component);
    }
    let inferred = oracle.facts(index).returns.inferred.as_ref()?;
    quotable(inferred).filter(|_| !type_text::is_none(inferred))
}

fn returned(oracle: &Oracle, index: ComponentIndex) -> String {
    let component = oracle.component(index);
    let kind = value_type(oracle, index);
    let or_none = may_be_none(oracle, index)
        && !kind
            .as_ref()
            .is_some_and(|k| k.contains("None") || k.contains("Optional"));
    let rest = if or_none { " or `None`" } else { "" };
    match kind {
        Some(kind) => format!("Returns {kind}{rest}."),
        None => taking_and_returning(component, &format!("a value{rest}")),
    }
}

fn taking_and_returning(component: &Component, what: &str) -> String {
    let names: Vec<String> = component
        .signature
        .iter()
        .flat_map(|s| s.documented())
        .map(|p| format!("{}{}", p.kind.stars(), p.name))
        .collect();
    if names.is_empty() {
        format!("Returns {what}.")
    } else {
        format!("Takes {} and returns {what}.", list(&names))
    }
}

/// The attributes of the instance that a method is the first to set, in source order.
fn attributes_set(oracle: &Oracle, index: ComponentIndex) -> Vec<String> {
    let component = oracle.component(index);
    let Some(class) = component
        .parent
        .filter(|&p| oracle.component(p).kind == ComponentKind::Class)
    else {
        return Vec::new();
    };
    let own_lines = component.first_line..=component.last_line;
    let mut set: Vec<(u32, &Name)> = oracle
        .facts(class)
        .attributes
        .iter()
        .filter(|a| a.on_instance && a.is_set && own_lines.contains(&a.line) && !a.name.starts_with("__"))
        .map(|a| (a.line, &a.name))
        .collect();
    set.sort_unstable();
    set.into_iter().map(|(_, name)| format!("self.{name}")).collect()
}

fn raises(oracle: &Oracle, index: ComponentIndex) -> Vec<String> {
    let facts = oracle.facts(index);
    let interface = left_to_others(oracle, index).is_some();
    let mut sentences = Vec::new();
    // Exceptions that come the same way are told together.
    let mut escaping: Vec<(Vec<Name>, Vec<&Name>)> = Vec::new();
    for (name, raises) in by_exception(&facts.raises) {
        let exception = code(name);
        let direct = raises.iter().any(|r| r.origin == RaiseOrigin::Direct);
        if direct && !(interface && **name == *"NotImplementedError") {
            sentences.push(match conditions(&raises) {
                Some(conditions) => format!("Raises {exception} {conditions}."),
                None => format!("Raises {exception}."),
            });
        }
        let sources = sources(oracle, index, &raises);
        if direct || sources.is_empty() {
            continue;
        }
        match escaping.iter_mut().find(|(from, _)| *from == sources) {
            Some((_, names)) => names.push(name),
            None => escaping.push((sources, vec![name])),
        }
    }
    for (sources, names) in escaping {
        sentences.push(format!("{} may escape from {}.", list(&names), list(&sources)));
    }
    sentences
}

fn effects(oracle: &Oracle, index: ComponentIndex) -> Vec<String> {
    let effects = &oracle.facts(index).effects;
    let mut sentences = Vec::new();
    let mut kinds: Vec<EffectKind> = effects.iter().map(|e| e.kind).collect();
    kinds.dedup();
    for kind in kinds {
        let mut details: Vec<&str> = Vec::new();
        for effect in effects.iter().filter(|e| e.kind == kind) {
            if !details.contains(&&*effect.detail) {
                details.push(&effect.detail);
            }
        }
        sentences.push(match kind {
            EffectKind::ArgumentMutation => format!("Changes {} in place.", list(&details)),
            EffectKind::GlobalState => {
                format!("Assigns the module's {}.", list(&details))
            }
            _ => format!("{} ({}).", capital(&kind.to_string()), list(&details)),
        });
    }
    sentences
}

/// The repository's functions that it certainly calls and classes that it makes instances of, in source order.
fn calls(oracle: &Oracle, index: ComponentIndex) -> Option<String> {
    let mut edges: Vec<_> = oracle
        .call_graph
        .callees(index)
        .iter()
        .filter(|e| e.certain && matches!(e.kind, EdgeKind::Call | EdgeKind::Constructor))
        .collect();
    edges.sort_by_key(|e| e.sites.first().copied());
    let made_on: Vec<u32> = edges
        .iter()
        .filter(|e| oracle.component(e.callee).kind == ComponentKind::Class)
        .flat_map(|e| e.sites.iter().map(|s| s.line))
        .collect();
    // That the class is made there says that its constructor runs.
    edges.retain(|e| {
        e.kind != EdgeKind::Constructor
            || oracle.component(e.callee).kind == ComponentKind::Class
            || !e.sites.iter().all(|s| made_on.contains(&s.line))
    });
    let (mut called, mut made): (Vec<Name>, Vec<Name>) = (Vec::new(), Vec::new());
    for edge in edges {
        let callee = oracle.component(edge.callee);
        let to = if callee.kind == ComponentKind::Class {
            &mut made
        } else {
            &mut called
        };
        let name = if edge.callee == index {
            "itself".into()
        } else {
            oracle.short_name(index, edge.callee)
        };
        if !to.contains(&name) {
            to.push(name);
        }
    }
    let mut words = Vec::new();
    if !called.is_empty() {
        let itself = called.iter().position(|n| **n == *"itself");
        let recursive = itself.map(|i| called.remove(i)).is_some();
        words.push(match (called.is_empty(), recursive) {
            (true, _) => "calls itself".to_owned(),
            (false, false) => format!("calls {}", list(&called)),
            (false, true) => format!("calls itself and {}", list(&called)),
        });
    }
    if !made.is_empty() {
        words.push(format!("creates {}", list(&made)));
    }
    (!words.is_empty()).then(|| format!("{}.", capital(&join(&words))))
}
