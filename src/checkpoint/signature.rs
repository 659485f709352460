//! Signatures: what a component's drafts were made from, in a form that says which part of it has changed.
//!
//! A signature holds a hash of what is written in the definition itself, one of what the analysis found out about it
//! from elsewhere (its context), who each stream is and how it comes to its drafts, and the line it stood on. What
//! its members and callees say is no part of it: that is context of another kind, which is known to have changed only
//! once they are described anew. Neither is who calls it: a new caller changes nothing that a stream would say.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::reconcile::StreamFacts;
use crate::model::component::{ComponentIndex, ComponentKind, Name};
use crate::model::facts::RaiseOrigin;
use crate::model::oracle::Oracle;

/// A signature taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signature<'a> {
    pub(crate) source: &'a str,
    pub(crate) context: &'a str,
    pub(crate) streams: [StreamMark<'a>; 2],
    pub(crate) line: u32,
}

/// Who a stream is (its model) and how it comes to its drafts (its prompts), as hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamMark<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
}

impl<'a> Signature<'a> {
    /// Reads a signature; none where it is not one of this program's.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut signature = Self::default();
        for word in text.split(' ') {
            let (key, value) = word.split_once('=')?;
            match key {
                "source" => signature.source = value,
                "context" => signature.context = value,
                "a" => signature.streams[0] = StreamMark::parse(value)?,
                "b" => signature.streams[1] = StreamMark::parse(value)?,
                "line" => signature.line = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(signature)
    }
}

impl<'a> StreamMark<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (name, version) = text.split_once('.')?;
        Some(Self { name, version })
    }
}

/// The signature of every component, by id.
pub fn signatures(oracle: &Oracle, streams: [StreamFacts<'_>; 2]) -> BTreeMap<Name, String> {
    signatures_as(oracle, streams, &BTreeMap::new())
}

/// The same, as if some components (keys) still had the ids they had before (values).
pub(crate) fn signatures_as(
    oracle: &Oracle,
    streams: [StreamFacts<'_>; 2],
    moved: &BTreeMap<Name, Name>,
) -> BTreeMap<Name, String> {
    let mark = |facts: StreamFacts<'_>| {
        let [name, version] = [facts.name, facts.version].map(|text| short_hash(text.as_bytes()));
        format!("{name}.{version}")
    };
    let [a, b] = streams.map(mark);
    oracle
        .indices()
        .map(|index| {
            let component = oracle.component(index);
            let signature = format!(
                "source={:016x} context={} a={a} b={b} line={}",
                component.own_hash,
                context(oracle, index, moved),
                component.first_line
            );
            (component.id.clone(), signature)
        })
        .collect()
}

fn short_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

/// A hash of what the analysis found out about a component from elsewhere. Lines are left out: those of the
/// component itself move with its source, others do not matter to it.
fn context(oracle: &Oracle, index: ComponentIndex, moved: &BTreeMap<Name, Name>) -> String {
    let mut text = String::new();
    let mut add = |word: &str, detail: &dyn std::fmt::Display| {
        writeln!(text, "{word} {detail}").expect("writing to a string succeeds");
    };
    let id_of = |index: ComponentIndex| {
        let id = &oracle.component(index).id;
        moved.get(id).unwrap_or(id)
    };
    let component = oracle.component(index);
    add("public", &component.public);
    if matches!(component.kind, ComponentKind::Module | ComponentKind::Class) {
        for member in oracle.members(index) {
            add("member", id_of(member));
        }
    }
    let mut calls: Vec<String> = oracle
        .call_graph
        .callees(index)
        .iter()
        .filter(|e| !e.weak)
        .map(|edge| {
            format!(
                "{} {} {} {}",
                id_of(edge.callee),
                edge.kind,
                edge.call_type,
                edge.certain
            )
        })
        .collect();
    // Edges are sorted by position, and a component that moves changes its place among them.
    calls.sort_unstable();
    for call in calls {
        add("calls", &call);
    }
    for edge in oracle.call_graph.external_callees(index) {
        add("external", &edge.target);
    }
    let facts = oracle.facts(index);
    let mut raises: Vec<String> = facts
        .raises
        .iter()
        .map(|raise| match raise.origin {
            RaiseOrigin::Direct => format!("{}", raise.exception),
            RaiseOrigin::Callee(callee) => format!("{} {}", raise.exception, id_of(callee)),
        })
        .collect();
    raises.sort_unstable();
    for raise in raises {
        add("raises", &raise);
    }
    add("raises_complete", &facts.raises_complete);
    if let Some(inferred) = &facts.returns.inferred {
        add("returns", inferred);
    }
    for attribute in &facts.attributes {
        let inferred = attribute.inferred.as_deref().unwrap_or_default();
        add("attribute", &format_args!("{} {inferred}", attribute.name));
    }
    for effect in &facts.effects {
        add("effect", &format_args!("{} {}", effect.kind, effect.detail));
    }
    for (word, others) in [("overrides", &facts.overrides), ("ancestor", &facts.ancestors)] {
        for &other in others {
            add(word, id_of(other));
        }
    }
    short_hash(text.as_bytes())
}
