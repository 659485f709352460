//! Findings: the drift between one component's docstring and its code.
//!
//! The judged draft of the docstring stream says what the author claims and what the oracle answers. A claim becomes
//! a contradiction only where the code refutes it and nothing about the definition leaves a doubt: the body of an
//! abstract method says nothing about what an override returns, and a key of `**kwargs` is no false parameter.

mod omissions;
mod parameters;
mod refuted;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use crate::model::claim::{Subject, Value};
use crate::model::component::{Component, ComponentIndex, ComponentKind, Name, Signature};
use crate::model::discrepancy::DiscrepancyKind;
use crate::model::documentation::JudgedDraft;
use crate::model::facts::Facts;
use crate::model::finding::{Finding, fingerprint};
use crate::model::oracle::Oracle;

/// Where a component's docstring and its code part, by line, then kind, then name; each once.
///
/// `judged` is the first draft of the docstring stream, before it has taken any correction.
pub fn findings(oracle: &Oracle, component: ComponentIndex, judged: &JudgedDraft) -> Vec<Finding> {
    let page = Page::new(oracle, component, judged);
    let mut found = Vec::new();
    parameters::find(&page, &mut found);
    refuted::find(&page, &mut found);
    omissions::find(&page, &mut found);
    found.sort_by(|a, b| (a.line, a.kind, &a.name).cmp(&(b.line, b.kind, &b.name)));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|finding| seen.insert(finding.fingerprint.clone()));
    found
}

/// A component with what is said and known of it.
struct Page<'a> {
    oracle: &'a Oracle,
    index: ComponentIndex,
    component: &'a Component,
    facts: &'a Facts,
    judged: &'a JudgedDraft,
    /// The class whose constructor it is.
    constructs: Option<&'a Component>,
}

impl<'a> Page<'a> {
    fn new(oracle: &'a Oracle, index: ComponentIndex, judged: &'a JudgedDraft) -> Self {
        let component = oracle.component(index);
        let parent = component.parent.map(|p| oracle.component(p));
        let constructs =
            parent.filter(|p| p.kind == ComponentKind::Class && matches!(last(&component.id), "__init__" | "__new__"));
        Self {
            oracle,
            index,
            component,
            facts: oracle.facts(index),
            judged,
            constructs,
        }
    }

    fn signature(&self) -> Option<&'a Signature> {
        self.component.signature.as_ref()
    }

    fn claims(&self, subject: &Subject) -> bool {
        self.judged.draft.get(subject).is_some()
    }

    /// Whether the words are those of this component and not inherited.
    fn has_own_words(&self) -> bool {
        self.component.docstring.is_some() || self.constructs.is_some_and(|c| c.docstring.is_some())
    }

    /// Whether the body says nothing about what the component is for: others fill it in.
    fn is_contract(&self) -> bool {
        let traits = self.component.traits;
        traits.is_abstract || traits.is_stub || traits.is_protocol
    }

    /// Whether another class of the repository replaces it.
    fn is_overridden(&self) -> bool {
        self.component.kind != ComponentKind::Function
            && self.oracle.facts.iter().any(|f| f.overrides.contains(&self.index))
    }

    /// The documented text about a subject in lower case.
    fn says(&self, subject: &Subject) -> String {
        let claim = self.judged.draft.get(subject);
        let text = claim.and_then(|c| c.value.as_text()).unwrap_or_default();
        text.to_lowercase()
    }

    /// Whether the summary or the description has a word that begins so, in any case.
    fn prose_mentions(&self, start: &str) -> bool {
        let start = start.to_lowercase();
        [Subject::Summary, Subject::Description].iter().any(|subject| {
            self.says(subject)
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| word.starts_with(&start))
        })
    }

    /// The line to point at where a claim has none.
    fn docstring_line(&self) -> u32 {
        let own = self.component.docstring.as_ref();
        own.or_else(|| self.constructs.and_then(|c| c.docstring.as_ref()))
            .map_or(self.component.first_line, |d| d.line)
    }

    fn finding(
        &self,
        kind: DiscrepancyKind,
        name: Option<&Name>,
        line: Option<u32>,
        message: String,
        evidence: Vec<(u32, String)>,
    ) -> Finding {
        let row = kind.row();
        let component = self.component;
        let qualname = (!component.qualname.is_empty()).then(|| component.qualname.clone());
        let label = row.finding.unwrap_or(row.name);
        Finding {
            path: component.path.clone(),
            component: component.id.clone(),
            line: line.unwrap_or_else(|| self.docstring_line()),
            kind,
            name: name.cloned(),
            class: row.class,
            severity: row.severity,
            message,
            evidence,
            fingerprint: fingerprint(&component.path, &component.qualname, label, name),
            qualname,
        }
    }
}

/// The last part of a dotted id, without the mark of a second definition.
fn last(id: &str) -> &str {
    let last = id.rsplit('.').next().unwrap_or(id);
    last.split('#').next().unwrap_or(last)
}

/// A value as it is quoted in a message.
fn quoted(value: &Value) -> String {
    format!("`{value}`")
}
