//! From settled claims to the form of `documentation.json`: claims are grouped by what they are about.

use std::collections::BTreeSet;

use super::wire;
use crate::model::call_graph::{CallType, Edge};
use crate::model::claim::{Subject, Value};
use crate::model::component::{Component, ComponentIndex, Name};
use crate::model::documentation::{Documentation, SettledClaim, StreamId};
use crate::model::facts::RaiseOrigin;
use crate::model::oracle::Oracle;
use crate::model::run::Outcome;

/// Ids of the components that failed.
pub(crate) fn failed_components(outcome: &Outcome) -> BTreeSet<&str> {
    outcome.failures.iter().map(|f| &*f.component).collect()
}

/// One component in the form of the file.
pub(crate) fn component<'a>(
    outcome: &'a Outcome,
    documentation: &'a Documentation,
    failed: &BTreeSet<&str>,
) -> wire::Component<'a> {
    let page = Page::new(&outcome.oracle, documentation);
    let component = page.component;
    wire::Component {
        id: &component.id,
        qualname: &component.qualname,
        module: &component.module,
        path: &component.path,
        kind: component.kind,
        line: component.first_line,
        end_line: component.last_line,
        public: component.public,
        is_async: component.traits.is_async,
        generator: component.traits.is_generator,
        signature: crate::report::signature::signature_line(component),
        decorators: component.decorators.iter().map(|d| &*d.text).collect(),
        bases: component.bases.iter().map(|b| &**b).collect(),
        settled: documentation.open().next().is_none(),
        failed: failed.contains(&*component.id),
        summary: page.said(&Subject::Summary),
        description: page.said(&Subject::Description),
        parameters: page.parameters(),
        parameter_order: page.said(&Subject::ParameterOrder),
        returns: page.result(&Subject::Return, &Subject::ReturnType, &Subject::ReturnText),
        yields: page.result(&Subject::Yield, &Subject::YieldType, &Subject::YieldText),
        raises: page.raises(),
        attributes: page.attributes(),
        examples: page.examples(),
        members: page.members(),
        calls: page.calls(),
        external_calls: page.external_calls(),
        callers: page.callers(),
        effects: page.effects(),
        references: page.references(),
        sections: page.sections(),
        dropped: dropped(documentation),
        discrepancies: discrepancies(documentation),
    }
}

/// A component's claims and facts side by side.
pub(crate) struct Page<'a> {
    oracle: &'a Oracle,
    pub(crate) index: ComponentIndex,
    pub(crate) component: &'a Component,
    documentation: &'a Documentation,
}

impl<'a> Page<'a> {
    pub(crate) fn new(oracle: &'a Oracle, documentation: &'a Documentation) -> Self {
        Self {
            oracle,
            index: documentation.component,
            component: oracle.component(documentation.component),
            documentation,
        }
    }

    /// What is said of a subject.
    pub(crate) fn said(&self, subject: &Subject) -> Option<wire::Said<'a>> {
        self.documentation.get(subject).map(|claim| self.wire_claim(claim))
    }

    fn wire_claim(&self, claim: &'a SettledClaim) -> wire::Said<'a> {
        let path = &*self.component.path;
        self.wire_claim_at(
            claim,
            claim
                .line
                .map(|line| wire::Evidence { path, line })
                .into_iter()
                .collect(),
        )
    }

    fn wire_claim_at(&self, claim: &'a SettledClaim, evidence: Vec<wire::Evidence<'a>>) -> wire::Said<'a> {
        let speakers = [(claim.said_by_a, StreamId::A), (claim.said_by_b, StreamId::B)];
        wire::Said {
            value: wire::WireValue(&claim.value),
            said_by: speakers
                .into_iter()
                .filter_map(|(says, stream)| says.then_some(stream))
                .collect(),
            resolution: claim.resolution,
            verdict: claim.verdict,
            confidence: claim.confidence,
            derived: claim.derived,
            evidence,
        }
    }

    /// Names in claims for which `pick` gives one, each once, in the order of the claims.
    fn names(&self, pick: impl Fn(&Subject) -> Option<&Name>) -> Vec<&'a Name> {
        let mut seen = BTreeSet::new();
        self.documentation
            .claims
            .iter()
            .filter_map(|claim| pick(&claim.subject))
            .filter(|name| seen.insert((*name).clone()))
            .collect()
    }

    fn parameters(&self) -> Vec<wire::Parameter<'a>> {
        let mut names = self.names(|subject| match subject {
            Subject::Parameter(n)
            | Subject::ParameterKind(n)
            | Subject::ParameterType(n)
            | Subject::ParameterDefault(n)
            | Subject::ParameterText(n) => Some(n),
            _ => None,
        });
        let place = |name: &Name| {
            self.component
                .signature
                .as_ref()
                .and_then(|s| s.parameters.iter().position(|p| p.name == *name))
                .unwrap_or(usize::MAX)
        };
        names.sort_by_key(|name| place(name));
        names
            .into_iter()
            .map(|name| wire::Parameter {
                name,
                presence: self.said(&Subject::Parameter(name.clone())),
                kind: self.said(&Subject::ParameterKind(name.clone())),
                type_: self.said(&Subject::ParameterType(name.clone())),
                default: self.said(&Subject::ParameterDefault(name.clone())),
                description: self.said(&Subject::ParameterText(name.clone())),
            })
            .collect()
    }

    fn result(&self, presence: &Subject, type_: &Subject, description: &Subject) -> Option<wire::Outflow<'a>> {
        let result = wire::Outflow {
            presence: self.said(presence),
            type_: self.said(type_),
            description: self.said(description),
        };
        (result.presence.is_some() || result.type_.is_some() || result.description.is_some()).then_some(result)
    }

    fn raises(&self) -> Vec<wire::Raise<'a>> {
        let facts = self.oracle.facts(self.index);
        self.names(|subject| match subject {
            Subject::Raise(n) | Subject::RaiseText(n) => Some(n),
            _ => None,
        })
        .into_iter()
        .map(|name| wire::Raise {
            exception: name,
            presence: self.said(&Subject::Raise(name.clone())),
            description: self.said(&Subject::RaiseText(name.clone())),
            origins: facts
                .raises
                .iter()
                .filter(|raise| raise.exception == *name)
                .map(|raise| wire::RaiseOrigin {
                    line: raise.line,
                    escapes_from: match raise.origin {
                        RaiseOrigin::Direct => None,
                        RaiseOrigin::Callee(callee) => Some(&*self.oracle.component(callee).id),
                    },
                    condition: raise.condition.as_deref(),
                    message: raise.message.as_deref(),
                })
                .collect(),
        })
        .collect()
    }

    fn attributes(&self) -> Vec<wire::Attribute<'a>> {
        self.names(|subject| match subject {
            Subject::Attribute(n) | Subject::AttributeType(n) | Subject::AttributeText(n) => Some(n),
            _ => None,
        })
        .into_iter()
        .map(|name| wire::Attribute {
            name,
            presence: self.said(&Subject::Attribute(name.clone())),
            type_: self.said(&Subject::AttributeType(name.clone())),
            description: self.said(&Subject::AttributeText(name.clone())),
        })
        .collect()
    }

    /// What `pick` makes of the claims.
    fn each<T>(&self, pick: impl Fn(&'a SettledClaim) -> Option<T>) -> Vec<T> {
        self.documentation.claims.iter().filter_map(pick).collect()
    }

    fn examples(&self) -> Vec<wire::Example<'a>> {
        self.each(|claim| match claim.subject {
            Subject::Example(number) => Some(wire::Example {
                number,
                text: self.wire_claim(claim),
            }),
            _ => None,
        })
    }

    fn effects(&self) -> Vec<wire::Effect<'a>> {
        self.each(|claim| match claim.subject {
            Subject::Effect(kind) => Some(wire::Effect {
                kind,
                security_relevant: kind.is_security_relevant(),
                detail: self.wire_claim(claim),
            }),
            _ => None,
        })
    }

    fn references(&self) -> Vec<wire::Reference<'a>> {
        self.each(|claim| match &claim.subject {
            Subject::Reference(name) => Some(wire::Reference {
                name,
                presence: self.wire_claim(claim),
            }),
            _ => None,
        })
    }

    fn sections(&self) -> Vec<wire::Section<'a>> {
        self.each(|claim| match &claim.subject {
            Subject::Section(title) => Some(wire::Section {
                title,
                text: self.wire_claim(claim),
            }),
            _ => None,
        })
    }

    fn members(&self) -> Vec<wire::Member<'a>> {
        let mut members: Vec<wire::Member<'a>> = self
            .oracle
            .members(self.index)
            .map(|member| wire::Member {
                id: &self.oracle.component(member).id,
                presence: self.said(&Subject::Member(self.oracle.component(member).id.clone())),
            })
            .collect();
        let known: BTreeSet<&str> = members.iter().map(|m| m.id).collect();
        let claimed = self.names(|subject| match subject {
            Subject::Member(n) => Some(n),
            _ => None,
        });
        members.extend(
            claimed
                .into_iter()
                .filter(|name| !known.contains(&***name))
                .map(|name| wire::Member {
                    id: name,
                    presence: self.said(&Subject::Member(name.clone())),
                }),
        );
        members
    }

    /// Calls that are documented, and those that the code leaves possible, by callee.
    pub(crate) fn calls(&self) -> Vec<wire::Call<'a>> {
        let claimed = self.names(|subject| match subject {
            Subject::Callee(n) => Some(n),
            _ => None,
        });
        let path = &*self.component.path;
        let edges = self.oracle.call_graph.callees(self.index);
        let mut calls: Vec<wire::Call<'a>> = edges
            .iter()
            .filter(|e| !e.weak)
            .map(|edge| {
                let id = &self.oracle.component(edge.callee).id;
                let lines = lines_of(edge);
                let presence = self
                    .documentation
                    .get(&Subject::Callee(id.clone()))
                    .map(|claim| self.wire_claim_at(claim, evidence(path, &lines)));
                wire::Call {
                    callee: id,
                    certain: edge.certain,
                    kind: Some(edge.kind),
                    call_type: Some(edge.call_type),
                    lines,
                    presence,
                }
            })
            .collect();
        calls.sort_by_key(|call| call.callee);
        for name in claimed {
            if calls.binary_search_by_key(&&**name, |call| call.callee).is_err() {
                let at = calls.partition_point(|call| call.callee < &**name);
                calls.insert(at, self.claimed_call(name));
            }
        }
        calls
    }

    /// A call that somebody claims and the call graph does not hold.
    fn claimed_call(&self, name: &'a Name) -> wire::Call<'a> {
        let said = |subject| self.documentation.get(&subject).map(|claim| &claim.value);
        wire::Call {
            callee: name,
            certain: false,
            kind: None,
            call_type: match said(Subject::CalleeType(name.clone())) {
                Some(Value::CallType(call_type)) => Some(*call_type),
                _ => None::<CallType>,
            },
            lines: match said(Subject::CalleeLines(name.clone())) {
                Some(Value::Lines(lines)) => lines.clone(),
                _ => Vec::new(),
            },
            presence: self.said(&Subject::Callee(name.clone())),
        }
    }

    fn external_calls(&self) -> Vec<wire::ExternalCall<'a>> {
        self.oracle
            .call_graph
            .external_callees(self.index)
            .iter()
            .map(|edge| wire::ExternalCall {
                target: &edge.target,
                lines: &edge.lines,
            })
            .collect()
    }

    /// Callers that are documented, and those that the code leaves possible, by caller.
    pub(crate) fn callers(&self) -> Vec<wire::Caller<'a>> {
        let claimed = self.names(|subject| match subject {
            Subject::Caller(n) => Some(n),
            _ => None,
        });
        let mut callers: Vec<wire::Caller<'a>> = self
            .oracle
            .call_graph
            .callers(self.index)
            .filter(|e| !e.weak)
            .map(|edge| {
                let caller = self.oracle.component(edge.caller);
                let lines = lines_of(edge);
                let presence = self
                    .documentation
                    .get(&Subject::Caller(caller.id.clone()))
                    .map(|claim| self.wire_claim_at(claim, evidence(&caller.path, &lines)));
                wire::Caller {
                    caller: &caller.id,
                    certain: edge.certain,
                    path: Some(&caller.path),
                    lines,
                    presence,
                }
            })
            .collect();
        callers.sort_by_key(|call| call.caller);
        for name in claimed {
            if callers.binary_search_by_key(&&**name, |call| call.caller).is_err() {
                let at = callers.partition_point(|call| call.caller < &**name);
                callers.insert(
                    at,
                    wire::Caller {
                        caller: name,
                        certain: false,
                        path: None,
                        lines: Vec::new(),
                        presence: self.said(&Subject::Caller(name.clone())),
                    },
                );
            }
        }
        callers
    }
}

/// The lines of an edge's sites, each once.
pub(crate) fn lines_of(edge: &Edge) -> Vec<u32> {
    let mut lines: Vec<u32> = edge.sites.iter().map(|site| site.line).collect();
    lines.dedup();
    lines
}

fn evidence<'a>(path: &'a str, lines: &[u32]) -> Vec<wire::Evidence<'a>> {
    lines.iter().map(|&line| wire::Evidence { path, line }).collect()
}

fn dropped(documentation: &Documentation) -> Vec<wire::Dropped<'_>> {
    documentation
        .dropped
        .iter()
        .map(|dropped| wire::Dropped {
            stream: dropped.stream,
            subject: dropped.claim.subject.label(),
            name: dropped.claim.subject.name(),
            value: wire::WireValue(&dropped.claim.value),
            line: dropped.claim.line,
            reason: &dropped.reason,
        })
        .collect()
}

fn discrepancies(documentation: &Documentation) -> Vec<wire::Discrepancy<'_>> {
    documentation
        .discrepancies
        .iter()
        .map(|d| wire::Discrepancy {
            key: &d.key,
            kind: d.kind.label(),
            subject: d.subject.label(),
            name: d.subject.name(),
            a: d.a.as_ref().map(wire::WireValue),
            b: d.b.as_ref().map(wire::WireValue),
            severity: d.severity,
            resolution: d.resolution,
            blocking: d.blocking,
            similarity: d.similarity,
            reason: &d.reason,
        })
        .collect()
}
