//! A small repository for tests, whose docstring claims are put together one by one.

use crate::model::claim::{Answer, Claim, Subject, Value};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Docstring, Name, Parameter, ParameterKind, Signature, Traits,
};
use crate::model::documentation::{Draft, JudgedDraft};
use crate::model::facts::Facts;
use crate::model::finding::Finding;
use crate::model::oracle::Oracle;

use super::findings;

/// A module `m`, a class `m.C` and a function `m.C.f`, whose draft is put together claim by claim.
pub(super) struct Sample {
    pub(super) oracle: Oracle,
    index: usize,
    pub(super) claims: Vec<(Claim, Answer)>,
    pub(super) repeated: Vec<Claim>,
}

pub(super) const MODULE: usize = 0;
pub(super) const CLASS: usize = 1;
const FUNCTION: usize = 2;

pub(super) fn component(id: &str, kind: ComponentKind, parent: Option<u32>) -> Component {
    Component {
        id: id.into(),
        qualname: id.trim_start_matches('m').trim_start_matches('.').into(),
        module: "m".into(),
        path: "m.py".into(),
        kind,
        first_line: 1,
        last_line: 100,
        parent: parent.map(ComponentIndex),
        public: true,
        signature: None,
        decorators: Vec::new(),
        bases: Vec::new(),
        docstring: Some(Docstring {
            text: "S.".into(),
            line: 2,
            lines_match_source: true,
        }),
        traits: Traits::default(),
        source_hash: 0,
        own_hash: 0,
    }
}

pub(super) fn parameter(text: &str) -> Parameter {
    let kind = match text.matches('*').count() {
        0 => ParameterKind::PositionalOrKeyword,
        1 => ParameterKind::VarPositional,
        _ => ParameterKind::VarKeyword,
    };
    Parameter {
        name: text.trim_start_matches('*').into(),
        kind,
        annotation: None,
        default: None,
        line: 1,
    }
}

impl Sample {
    /// The function takes `parameters` beside `self`.
    pub(super) fn function(name: &str, parameters: &str) -> Self {
        let mut function = component(&format!("m.C.{name}"), ComponentKind::Method, Some(1));
        let names = std::iter::once("self").chain(parameters.split(", ").filter(|p| !p.is_empty()));
        function.signature = Some(Signature {
            parameters: names.map(parameter).collect(),
            returns: None,
            binds_first: true,
        });
        let mut class = component("m.C", ComponentKind::Class, Some(0));
        class.docstring = None;
        let components = vec![component("m", ComponentKind::Module, None), class, function];
        let mut facts = vec![Facts::default(); 3];
        facts[CLASS].ancestors_complete = true;
        let mut oracle = Oracle::default();
        (oracle.components, oracle.facts) = (components, facts);
        Self {
            oracle,
            index: FUNCTION,
            claims: Vec::new(),
            repeated: Vec::new(),
        }
    }

    pub(super) fn about(mut self, index: usize) -> Self {
        self.index = index;
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Component, &mut Facts)) -> Self {
        change(
            &mut self.oracle.components[self.index],
            &mut self.oracle.facts[self.index],
        );
        self
    }

    pub(super) fn said(mut self, subject: Subject, value: Value, answer: Answer) -> Self {
        let line = u32::try_from(self.claims.len()).unwrap() + 3;
        self.claims.push((Claim::said(subject, value, 0.8, Some(line)), answer));
        self
    }

    pub(super) fn fine(self, subject: Subject) -> Self {
        self.said(subject, Value::Present, Answer::unknown("it can't be told"))
    }

    pub(super) fn refuted(self, subject: Subject) -> Self {
        self.said(subject, Value::Present, Answer::refuted("no line does so", None, None))
    }

    /// Documents parameters, those refuted that the signature has not.
    pub(super) fn documents(mut self, names: &[&str]) -> Self {
        let signature = self.oracle.components[FUNCTION].signature.clone().unwrap();
        for name in names {
            let exists = signature.parameters.iter().any(|p| p.name.as_ref() == *name);
            let subject = Subject::Parameter((*name).into());
            self = if exists {
                self.fine(subject)
            } else {
                self.refuted(subject)
            };
        }
        let names: Vec<Name> = names.iter().map(|n| (*n).into()).collect();
        self.said(Subject::ParameterOrder, Value::Names(names), Answer::unknown(""))
    }

    pub(super) fn findings(self) -> Vec<Finding> {
        let id = self.oracle.components[self.index].id.clone();
        let mut claims = self.claims;
        claims.sort_by(|a, b| a.0.subject.cmp(&b.0.subject));
        let (claims, answers): (Vec<_>, Vec<_>) = claims.into_iter().unzip();
        let mut draft = Draft::new(id, claims);
        draft.repeated = self.repeated;
        let index = ComponentIndex(u32::try_from(self.index).unwrap());
        findings(&self.oracle.indexed(), index, &JudgedDraft { draft, answers })
    }

    /// Checks the findings as `kind name`.
    #[track_caller]
    pub(super) fn check(self, expected: &[&str]) {
        let found: Vec<String> = self
            .findings()
            .iter()
            .map(|f| {
                let kind = f.kind.row().finding.expect("a finding's kind is one of findings");
                format!("{kind} {}", f.name.as_deref().unwrap_or("-"))
            })
            .collect();
        assert_eq!(found, expected);
    }
}

pub(super) fn named(subject: fn(Name) -> Subject, name: &str) -> Subject {
    subject(name.into())
}
