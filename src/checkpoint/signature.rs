//! Signatures: what a component's drafts were made from, in a form that says which part of it has changed.
//!
//! A signature holds a hash of the definition's source, one of what the analysis found out about it from elsewhere
//! (its context), one of how each stream comes to its drafts, and the line it stood on. Who calls the component is no
//! part of it: a new caller elsewhere changes nothing that a stream would say anew.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::model::component::{ComponentIndex, Name};
use crate::model::facts::RaiseOrigin;
use crate::model::oracle::Oracle;

/// A signature taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signature<'a> {
    pub(crate) source: &'a str,
    pub(crate) context: &'a str,
    pub(crate) streams: [&'a str; 2],
    pub(crate) line: u32,
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
                "a" => signature.streams[0] = value,
                "b" => signature.streams[1] = value,
                "line" => signature.line = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(signature)
    }
}

/// The signature of every component, by id. `versions` says how each stream comes to its drafts
/// ([`crate::streams::Documenter::version`]).
pub fn signatures(oracle: &Oracle, versions: [&str; 2]) -> BTreeMap<Name, String> {
    let [a, b] = versions.map(|version| short_hash(version.as_bytes()));
    oracle
        .indices()
        .map(|index| {
            let component = oracle.component(index);
            let signature = format!(
                "source={:016x} context={} a={a} b={b} line={}",
                component.source_hash,
                context(oracle, index),
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
fn context(oracle: &Oracle, index: ComponentIndex) -> String {
    let mut text = String::new();
    let mut add = |word: &str, detail: &dyn std::fmt::Display| {
        writeln!(text, "{word} {detail}").expect("writing to a string succeeds");
    };
    let component = oracle.component(index);
    add("path", &component.path);
    add("public", &component.public);
    for edge in oracle.call_graph.callees(index) {
        let callee = &oracle.component(edge.callee).id;
        let how = format_args!("{callee} {} {} {}", edge.kind, edge.call_type, edge.certain);
        add("calls", &how);
    }
    for edge in oracle.call_graph.external_callees(index) {
        add("external", &edge.target);
    }
    let facts = oracle.facts(index);
    for raise in &facts.raises {
        let from = match raise.origin {
            RaiseOrigin::Direct => "",
            RaiseOrigin::Callee(callee) => &oracle.component(callee).id,
        };
        add("raises", &format_args!("{} {from}", raise.exception));
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
            add(word, &oracle.component(other).id);
        }
    }
    short_hash(text.as_bytes())
}
