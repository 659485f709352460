//! Rebuild tickets: one per component, with all that somebody needs who has to build it again, as Beads' JSON lines.
//!
//! They are part of the package and never put into a tracker unless asked. Ids come from the component's own id.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::SystemTime;

use serde::Serialize;

use super::form::SCHEMA;
use super::{text, time};
use crate::model::claim::Subject;
use crate::model::component::{Component, ComponentKind};
use crate::model::documentation::{Documentation, SettledClaim};
use crate::model::facts::RaiseOrigin;
use crate::model::oracle::Oracle;
use crate::model::ticket::{Ticket, TicketState};

/// Entries of a list that can be long before it is cut.
const LONGEST_LIST: usize = 50;

/// Eight characters of base 36 from a hash.
pub(crate) fn short_id(content: &str) -> String {
    let hash = blake3::hash(content.as_bytes());
    let digits = b"0123456789abcdefghijklmnopqrstuvwxyz";
    // 256 values on 36 digits are a little uneven, which costs a fraction of a bit.
    hash.as_bytes()[..8]
        .iter()
        .map(|&byte| char::from(digits[usize::from(byte) % digits.len()]))
        .collect()
}

/// One line of JSON per documented component, in the documentation's order. `tickets` are the discrepancy tickets;
/// a component's rebuild ticket depends on those of its own that are still to be answered.
pub fn rebuild_tickets<'a>(
    documentation: &'a [Documentation],
    oracle: &'a Oracle,
    tickets: &'a [Ticket],
    at: SystemTime,
) -> impl Iterator<Item = String> + 'a {
    let mut taken: BTreeSet<String> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ticket in tickets {
        let waits = matches!(ticket.state, TicketState::Open | TicketState::NeedsClarification(_));
        if waits {
            waiting.entry(&ticket.component).or_default().push(&ticket.id);
        }
    }
    let now = time::spell(at);
    documentation.iter().map(move |documentation| {
        let component = oracle.component(documentation.component);
        let id = (0_u32..)
            .map(|n| format!("ts-{}", short_id(&format!("rebuild {} {n}", component.id))))
            .find(|id| taken.insert(id.clone()))
            .unwrap_or_default();
        let depends_on = waiting.get(&*component.id).map_or(&[][..], Vec::as_slice);
        let page = Page {
            oracle,
            component,
            documentation,
        };
        page.line(&id, depends_on, &now)
    })
}

/// A line as it is written.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_type")]
    record: &'a str,
    id: &'a str,
    title: String,
    description: String,
    acceptance_criteria: String,
    status: &'a str,
    priority: u8,
    issue_type: &'a str,
    labels: [&'a str; 3],
    dependencies: Vec<Dependency<'a>>,
    comments: [(); 0],
    external_ref: String,
    metadata: About<'a>,
    created_at: &'a str,
    updated_at: &'a str,
    created_by: &'a str,
}

#[derive(Serialize)]
struct Dependency<'a> {
    issue_id: &'a str,
    depends_on_id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    created_at: &'a str,
}

#[derive(Serialize)]
struct About<'a> {
    twinscribe: Ours<'a>,
}

/// What this program notes of a rebuild ticket.
#[derive(Serialize)]
struct Ours<'a> {
    schema: u32,
    kind: &'a str,
    component: &'a str,
    path: &'a str,
    line: u32,
    confidence: Option<u8>,
}

/// One component as its ticket shows it.
struct Page<'a> {
    oracle: &'a Oracle,
    component: &'a Component,
    documentation: &'a Documentation,
}

impl Page<'_> {
    fn line(&self, id: &str, depends_on: &[&str], now: &str) -> String {
        let dependencies = depends_on.iter().map(|other| Dependency {
            issue_id: id,
            depends_on_id: other,
            kind: "blocks",
            created_at: now,
        });
        let kind = self.component.kind.to_string();
        let line = Line {
            record: "issue",
            id,
            title: text::shorten(&format!("Rebuild {kind} {}", self.component.id), 500),
            description: self.description(),
            acceptance_criteria: self.acceptance(),
            status: "open",
            priority: if self.component.public { 2 } else { 3 },
            issue_type: "task",
            labels: ["twinscribe", "rebuild", &kind],
            dependencies: dependencies.collect(),
            comments: [],
            external_ref: format!("twinscribe:rebuild:{}", &id["ts-".len()..]),
            metadata: About {
                twinscribe: Ours {
                    schema: SCHEMA,
                    kind: "rebuild",
                    component: &self.component.id,
                    path: &self.component.path,
                    line: self.component.first_line,
                    confidence: self.confidence(),
                },
            },
            created_at: now,
            updated_at: now,
            created_by: "twinscribe",
        };
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_string(&line).unwrap_or_default()
    }

    fn description(&self) -> String {
        let mut page = Sections::default();
        page.paragraph(&self.purpose());
        page.section("Interface contract", self.interface());
        page.section("Calls", self.calls());
        page.section("Called by", self.callers());
        page.section("Exceptions", self.exceptions());
        page.section("Effects", self.effects());
        page.section("Checklist", self.checklist());
        page.section("Confidence", vec![self.confidence_in_words()]);
        page.text
    }

    fn text_of(&self, subject: &Subject) -> Option<&str> {
        self.documentation.get(subject)?.value.as_text()
    }

    fn value_of(&self, subject: &Subject) -> Option<String> {
        self.documentation.get(subject).map(|claim| claim.value.to_string())
    }

    fn purpose(&self) -> String {
        let mut purpose = format!(
            "`{}`, a {} in {}:{}.",
            self.component.id, self.component.kind, self.component.path, self.component.first_line
        );
        for subject in [Subject::Summary, Subject::Description] {
            let Some(claim) = self.documentation.get(&subject) else {
                continue;
            };
            // A description that is derived from the code says what the sections below say.
            if let Some(text) = claim.value.as_text()
                && !(claim.derived && subject == Subject::Description)
            {
                purpose.push_str("\n\n");
                purpose.push_str(text.trim());
            }
        }
        purpose
    }

    fn interface(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for decorator in &self.component.decorators {
            lines.push(format!("- decorator `@{}`", decorator.text));
        }
        if !self.component.bases.is_empty() {
            lines.push(format!("- bases `{}`", self.component.bases.join("`, `")));
        }
        for claim in &self.documentation.claims {
            lines.extend(match &claim.subject {
                Subject::Parameter(name) => Some(self.parameter(name)),
                Subject::Attribute(name) => {
                    let (of_type, words) = (
                        self.value_of(&Subject::AttributeType(name.clone())),
                        self.text_of(&Subject::AttributeText(name.clone())),
                    );
                    Some(entry(&format!("attribute `{name}`"), of_type.as_deref(), words))
                }
                Subject::Return => {
                    let of_type = self.value_of(&Subject::ReturnType);
                    Some(entry("returns", of_type.as_deref(), self.text_of(&Subject::ReturnText)))
                }
                Subject::Yield => {
                    let of_type = self.value_of(&Subject::YieldType);
                    Some(entry("yields", of_type.as_deref(), self.text_of(&Subject::YieldText)))
                }
                Subject::Member(id) => Some(format!("- member `{id}`")),
                _ => None,
            });
        }
        lines
    }

    fn parameter(&self, name: &crate::model::component::Name) -> String {
        let kind = self.value_of(&Subject::ParameterKind(name.clone()));
        let of_type = self.value_of(&Subject::ParameterType(name.clone()));
        let default = self.value_of(&Subject::ParameterDefault(name.clone()));
        let mut head = format!("parameter `{name}`");
        if let Some(kind) = kind {
            write!(head, ", {kind}").expect("writing to a string succeeds");
        }
        if let Some(default) = default {
            write!(head, ", default `{default}`").expect("writing to a string succeeds");
        }
        let words = self.text_of(&Subject::ParameterText(name.clone()));
        entry(&head, of_type.as_deref(), words)
    }

    fn calls(&self) -> Vec<String> {
        let graph = &self.oracle.call_graph;
        let followed = graph.callees(self.documentation.component).iter().filter(|e| !e.weak);
        let own = followed.map(|edge| {
            let lines: BTreeSet<u32> = edge.sites.iter().map(|site| site.line).collect();
            let certainty = if edge.certain {
                ""
            } else {
                ", one of several possibilities"
            };
            format!(
                "- `{}` ({}{certainty}; {})",
                self.oracle.component(edge.callee).id,
                edge.call_type,
                on_lines(lines)
            )
        });
        let external = graph.external_callees(self.documentation.component);
        // What the language brings along needs no mention.
        let external = external
            .iter()
            .filter(|edge| !edge.target.starts_with("builtins."))
            .map(|edge| format!("- `{}` ({})", edge.target, on_lines(edge.lines.iter().copied())));
        cut(own.chain(external))
    }

    fn callers(&self) -> Vec<String> {
        let callers = self.oracle.call_graph.callers(self.documentation.component);
        let callers = callers.filter(|e| !e.weak);
        cut(callers.map(|edge| {
            let caller = self.oracle.component(edge.caller);
            let lines: BTreeSet<u32> = edge.sites.iter().map(|site| site.line).collect();
            format!("- `{}` ({}, {})", caller.id, caller.path, on_lines(lines))
        }))
    }

    fn exceptions(&self) -> Vec<String> {
        let raises = &self.oracle.facts(self.documentation.component).raises;
        let proven = raises.iter().map(|raise| {
            let from = match raise.origin {
                RaiseOrigin::Direct => String::new(),
                RaiseOrigin::Callee(callee) => {
                    format!(", from `{}`", self.oracle.component(callee).id)
                }
            };
            let when = self.text_of(&Subject::RaiseText(raise.exception.clone()));
            entry(
                &format!("`{}` (line {}{from})", raise.exception, raise.line),
                None,
                when,
            )
        });
        let said = self
            .documentation
            .claims
            .iter()
            .filter_map(|claim| match &claim.subject {
                Subject::Raise(name) if !raises.iter().any(|raise| raise.exception == *name) => {
                    let when = self.text_of(&Subject::RaiseText(name.clone()));
                    Some(entry(&format!("`{name}` (as its author says)"), None, when))
                }
                _ => None,
            });
        cut(proven.chain(said))
    }

    fn effects(&self) -> Vec<String> {
        let effects = &self.oracle.facts(self.documentation.component).effects;
        cut(effects
            .iter()
            .map(|e| format!("- {}: `{}` (line {})", e.kind, e.detail, e.line)))
    }

    fn checklist(&self) -> Vec<String> {
        let mut steps = vec!["the interface is as above: names, order, kinds, defaults, types"];
        let facts = self.oracle.facts(self.documentation.component);
        if matches!(self.component.kind, ComponentKind::Class | ComponentKind::Module) {
            steps.push("every member exists and has its own ticket done");
        }
        if !facts.raises.is_empty() {
            steps.push("each exception is raised under its condition and under no other");
        }
        if !facts.effects.is_empty() {
            steps.push("it has these effects and no others");
        }
        if self.documentation.open().next().is_some() {
            steps.push("the open questions about it are answered");
        }
        steps.iter().map(|step| format!("- [ ] {step}")).collect()
    }

    fn acceptance(&self) -> String {
        let mut criteria = vec![format!(
            "`{}` can be used wherever it is used now, without a change there.",
            self.component.id
        )];
        let facts = self.oracle.facts(self.documentation.component);
        if !facts.returns.value_lines.is_empty() || self.documentation.get(&Subject::Return).is_some() {
            criteria.push("It returns what the contract says for every branch that returns.".to_owned());
        }
        let exceptions: BTreeSet<&str> = facts.raises.iter().map(|raise| &*raise.exception).collect();
        for exception in exceptions {
            criteria.push(format!("A test shows when `{exception}` leaves it."));
        }
        criteria.push("`twinscribe check` finds no contradiction in it.".to_owned());
        criteria.iter().map(|line| format!("- {line}\n")).collect()
    }

    fn settled(&self) -> impl Iterator<Item = &SettledClaim> {
        self.documentation
            .claims
            .iter()
            .filter(|claim| claim.resolution.is_some())
    }

    /// Mean confidence of the settled claims in whole percent; none where nothing is settled.
    fn confidence(&self) -> Option<u8> {
        let count = u16::try_from(self.settled().count()).unwrap_or(u16::MAX);
        let sum: f32 = self
            .settled()
            .take(usize::from(count))
            .map(|claim| claim.confidence)
            .sum();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a clamped percentage"
        )]
        let percent = (sum / f32::from(count) * 100.0).round().clamp(0.0, 100.0) as u8;
        (count > 0).then_some(percent)
    }

    fn confidence_in_words(&self) -> String {
        let open = self.documentation.open().count();
        let settled = self.settled().count();
        let mean = self.confidence().map_or_else(
            || "Nothing is settled".to_owned(),
            |percent| format!("{percent} % on average"),
        );
        format!("{mean}; {settled} claims settled, {open} questions open.")
    }
}

#[derive(Default)]
struct Sections {
    text: String,
}

impl Sections {
    fn paragraph(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn section(&mut self, title: &str, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        write!(self.text, "\n## {title}\n\n").expect("writing to a string succeeds");
        for line in lines {
            self.paragraph(&line);
        }
    }
}

fn entry(head: &str, of_type: Option<&str>, words: Option<&str>) -> String {
    let of_type = of_type.map_or_else(String::new, |t| format!(", type `{t}`"));
    let words = words.map_or_else(String::new, |w| format!(": {}", w.trim().replace('\n', "\n  ")));
    format!("- {head}{of_type}{words}")
}

fn on_lines(lines: impl IntoIterator<Item = u32>) -> String {
    let lines: Vec<String> = lines.into_iter().map(|line| line.to_string()).collect();
    let word = if lines.len() == 1 { "line" } else { "lines" };
    format!("{word} {}", lines.join(", "))
}

fn cut(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = all.peekable();
    let mut lines: Vec<String> = all.by_ref().take(LONGEST_LIST).collect();
    let more = all.count();
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    lines
}
