//! The life of a ticket: put once, answered, applied once; put again when the code beneath it changes, withdrawn when
//! its difference is gone, expired when nobody answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use super::{Change, Filed, Origin, TicketError, TicketStore, text};
use crate::model::claim::Subject;
use crate::model::component::{Component, Name, Parameter};
use crate::model::discrepancy::Discrepancy;
use crate::model::documentation::{Documentation, Resolution};
use crate::model::oracle::Oracle;
use crate::model::ticket::{Ticket, TicketAnswer, TicketState};

/// What people have decided and still holds, by discrepancy key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    by_key: BTreeMap<String, Found>,
    /// Answered tickets whose component's source has changed since: their answers are withheld.
    pub stale: Vec<Ticket>,
    /// Tickets with an answer that cannot be read.
    pub unclear: Vec<Ticket>,
}

#[derive(Clone, Debug, PartialEq)]
struct Found {
    id: String,
    answer: TicketAnswer,
    is_applied: bool,
}

impl Answers {
    /// The answer to a discrepancy.
    pub fn get(&self, key: &str) -> Option<&TicketAnswer> {
        self.by_key.get(key).map(|found| &found.answer)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

/// Looks up what people have decided, applied before or not, for a settlement to use.
pub fn answers(store: &dyn TicketStore, oracle: &Oracle) -> Result<Answers, TicketError> {
    let mut answers = Answers::default();
    for ticket in store.list()? {
        let (answer, is_applied) = match &ticket.state {
            TicketState::Answered(answer) => (answer.clone(), false),
            TicketState::Applied(answer) => (answer.clone(), true),
            TicketState::NeedsClarification(_) => {
                answers.unclear.push(ticket);
                continue;
            }
            TicketState::Open | TicketState::Expired | TicketState::Withdrawn => continue,
        };
        let Some(index) = oracle.find(&ticket.component) else {
            continue;
        };
        if oracle.component(index).source_hash != ticket.source_hash {
            answers.stale.push(ticket);
            continue;
        }
        let found = Found {
            id: ticket.id,
            answer,
            is_applied,
        };
        answers.by_key.insert(ticket.key, found);
    }
    Ok(answers)
}

/// Marks the answers that a settlement has used, once each; returns the tickets' keys and answers.
pub fn apply(
    store: &dyn TicketStore,
    documentation: &[Documentation],
    answers: &Answers,
    now: SystemTime,
) -> Result<Vec<(String, TicketAnswer)>, TicketError> {
    let used: Vec<(&String, &Found)> = documentation
        .iter()
        .flat_map(|documentation| &documentation.discrepancies)
        .filter(|discrepancy| discrepancy.resolution == Some(Resolution::Human))
        .filter_map(|discrepancy| answers.by_key.get_key_value(&discrepancy.key))
        .filter(|(_, found)| !found.is_applied)
        .collect();
    let changes: Vec<Change> = used
        .iter()
        .map(|(_, found)| Change::Apply { id: found.id.clone() })
        .collect();
    store.change(&changes, now)?;
    Ok(used
        .into_iter()
        .map(|(key, found)| (key.clone(), found.answer.clone()))
        .collect())
}

/// What has to be known to put questions.
pub struct Asking<'a> {
    /// The run.
    pub run_id: Option<&'a str>,
    /// Canonical path of the repository; tickets of other repositories are left alone.
    pub repository: &'a Path,
    /// What the streams are called.
    pub streams: [&'a str; 2],
    /// The time.
    pub now: SystemTime,
    /// When new questions expire.
    pub expires_at: Option<SystemTime>,
    /// The source text of a component.
    pub source: &'a dyn Fn(&Component) -> Option<String>,
    /// Ids of components that this run could not judge: their tickets stay as they are.
    pub failed: &'a BTreeSet<Name>,
}

/// What was done to the tickets, and how they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// The tickets of the discrepancies there are, settled by a person or not, in the documentation's order.
    pub tickets: Vec<Ticket>,
    /// Ids of those put for the first time.
    pub opened: Vec<String>,
    /// Ids of those put again, because the code has changed since they were answered or the difference came back.
    pub reopened: Vec<String>,
    /// Ids of those withdrawn.
    pub withdrawn: Vec<String>,
}

/// Brings the tickets in line with the settled documentation: every open discrepancy with something to decide has
/// one, and those whose difference is gone are withdrawn.
pub fn open(
    store: &dyn TicketStore,
    documentation: &[Documentation],
    oracle: &Oracle,
    asking: &Asking<'_>,
) -> Result<Opened, TicketError> {
    let filed = store.filed()?;
    let mut known: BTreeMap<&str, &Filed> = BTreeMap::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for filed in &filed {
        known.insert(&filed.ticket.key, filed);
        ids.insert(filed.ticket.id.clone());
    }
    let mut opened = Opened::default();
    let mut changes = Vec::new();
    let mut current = BTreeSet::new();
    for discrepancy in documentation.iter().flat_map(Documentation::open) {
        if discrepancy.a.is_none() && discrepancy.b.is_none() || !current.insert(discrepancy.key.as_str()) {
            continue;
        }
        let known = known.get(discrepancy.key.as_str()).copied();
        let id = known.map_or_else(|| new_id(&discrepancy.key, &mut ids), |k| k.ticket.id.clone());
        let ticket = question(discrepancy, id, oracle, asking);
        changes.extend(put(known, ticket, asking, &mut opened));
    }
    let scope = scope(asking.repository);
    for filed in &filed {
        let ticket = &filed.ticket;
        let waits = matches!(ticket.state, TicketState::Open | TicketState::NeedsClarification(_));
        let is_gone = !current.contains(ticket.key.as_str()) && !asking.failed.contains(&ticket.component);
        if waits && is_gone && filed.scope == scope {
            opened.withdrawn.push(ticket.id.clone());
            changes.push(Change::Withdraw { id: ticket.id.clone() });
        }
    }
    store.change(&changes, asking.now)?;
    opened.tickets = in_order(documentation, store.list()?);
    Ok(opened)
}

/// What has to be done so that a question is put.
fn put(known: Option<&Filed>, ticket: Ticket, asking: &Asking<'_>, opened: &mut Opened) -> Option<Change> {
    let id = ticket.id.clone();
    let Some(known) = known else {
        opened.opened.push(id);
        let origin = Origin {
            run_id: asking.run_id.map(str::to_owned),
            scope: scope(asking.repository),
            streams: asking.streams.map(str::to_owned),
        };
        return Some(Change::Create {
            ticket: Box::new(ticket),
            origin,
        });
    };
    if known.is_removed {
        return None;
    }
    let has_changed = known.ticket.source_hash != ticket.source_hash;
    let why = match &known.ticket.state {
        TicketState::Open => {
            // Waiting goes on from when the question was first put.
            let ticket = Ticket {
                expires_at: known.ticket.expires_at,
                ..ticket
            };
            return has_changed.then(|| Change::Refresh(Box::new(ticket)));
        }
        TicketState::NeedsClarification(_) => {
            return (!known.was_asked_again).then_some(Change::AskAgain { id });
        }
        TicketState::Answered(_) | TicketState::Applied(_) if has_changed => {
            "The code has changed since this was answered, and the two still differ. Please look again."
        }
        TicketState::Withdrawn => "The difference is there again.",
        // Answered since the settlement looked, or marked expired: nothing to ask.
        TicketState::Answered(_) | TicketState::Applied(_) | TicketState::Expired => return None,
    };
    opened.reopened.push(id);
    Some(Change::Reopen {
        ticket: Box::new(ticket),
        why: why.to_owned(),
    })
}

/// Sends an answer back that cannot be used, because the code refutes it: the question is open again.
pub fn send_back(store: &dyn TicketStore, id: &str, reason: &str, now: SystemTime) -> Result<(), TicketError> {
    let ticket = store.get(id)?;
    let why = format!("The answer could not be used: {reason}");
    let change = Change::Reopen {
        ticket: Box::new(ticket),
        why,
    };
    store.change(&[change], now)
}

/// Marks the open tickets whose time is over; returns them.
pub fn expire(store: &dyn TicketStore, now: SystemTime) -> Result<Vec<Ticket>, TicketError> {
    let due = |ticket: &Ticket| {
        matches!(ticket.state, TicketState::Open | TicketState::NeedsClarification(_))
            && ticket.expires_at.is_some_and(|at| at <= now)
    };
    let mut expired: Vec<Ticket> = store.list()?.into_iter().filter(due).collect();
    let changes: Vec<Change> = expired
        .iter()
        .map(|ticket| Change::Expire { id: ticket.id.clone() })
        .collect();
    store.change(&changes, now)?;
    for ticket in &mut expired {
        ticket.state = TicketState::Expired;
    }
    Ok(expired)
}

/// A name for a repository that shows no path.
fn scope(repository: &Path) -> String {
    blake3::hash(repository.as_os_str().as_encoded_bytes()).to_hex()[..16].to_owned()
}

/// `ts-` and the first characters of the key, or of its hash where another ticket has these.
fn new_id(key: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let own = key.get(..8).filter(|start| plain(start)).map(str::to_owned);
    let hashed = (0_u32..).map(|n| super::rebuild::short_id(&format!("{key} {n}")));
    own.into_iter()
        .chain(hashed)
        .map(|short| format!("ts-{short}"))
        .find(|id| taken.insert(id.clone()))
        .unwrap_or_default()
}

fn question(discrepancy: &Discrepancy, id: String, oracle: &Oracle, asking: &Asking<'_>) -> Ticket {
    let component = oracle.component(discrepancy.component);
    Ticket {
        id,
        key: discrepancy.key.clone(),
        component: component.id.clone(),
        path: component.path.clone(),
        line: component.first_line,
        kind: discrepancy.kind,
        subject: discrepancy.subject.clone(),
        a: discrepancy.a.clone(),
        b: discrepancy.b.clone(),
        severity: discrepancy.severity,
        facts: facts(discrepancy, component, oracle),
        source: (asking.source)(component).map_or_else(String::new, |source| text::excerpt(&source)),
        source_hash: component.source_hash,
        state: TicketState::Open,
        created_at: asking.now,
        expires_at: asking.expires_at,
    }
}

/// What the code says of the subject, as far as it says anything.
fn facts(discrepancy: &Discrepancy, component: &Component, oracle: &Oracle) -> Vec<String> {
    let mut facts = Vec::new();
    if !discrepancy.reason.is_empty() {
        facts.push(discrepancy.reason.clone());
    }
    let behaviour = oracle.facts(discrepancy.component);
    let parameter = |name: &str| {
        let parameters = component.signature.iter().flat_map(|s| &s.parameters);
        parameters.into_iter().find(|p| *p.name == *name)
    };
    match &discrepancy.subject {
        Subject::Parameter(name)
        | Subject::ParameterKind(name)
        | Subject::ParameterType(name)
        | Subject::ParameterDefault(name)
        | Subject::ParameterText(name) => facts.extend(parameter(name).map(declared)),
        Subject::Return | Subject::ReturnType | Subject::ReturnText => {
            if let Some(annotation) = component.signature.as_ref().and_then(|s| s.returns.as_ref()) {
                facts.push(format!("the return annotation is `{annotation}`"));
            }
            if !behaviour.returns.value_lines.is_empty() {
                let lines = crate::model::claim::Value::Lines(behaviour.returns.value_lines.clone());
                facts.push(format!("values are returned on lines {lines}"));
            }
        }
        Subject::Raise(_) | Subject::RaiseText(_) => {
            let raises = behaviour.raises.iter();
            facts.extend(raises.map(|r| format!("`{}` may leave it (line {})", r.exception, r.line)));
        }
        _ => {}
    }
    facts
}

fn declared(parameter: &Parameter) -> String {
    let stars = parameter.kind.stars();
    let annotation = parameter
        .annotation
        .as_ref()
        .map_or_else(String::new, |a| format!(": {a}"));
    let default = parameter
        .default
        .as_ref()
        .map_or_else(String::new, |d| format!(" = {d}"));
    format!(
        "the signature has `{stars}{}{annotation}{default}` (line {})",
        parameter.name, parameter.line
    )
}

/// The tickets of the discrepancies there are, in the order of the documentation.
fn in_order(documentation: &[Documentation], tickets: Vec<Ticket>) -> Vec<Ticket> {
    let mut by_key: BTreeMap<String, Ticket> = tickets.into_iter().map(|ticket| (ticket.key.clone(), ticket)).collect();
    documentation
        .iter()
        .flat_map(|documentation| &documentation.discrepancies)
        .filter(|d| matches!(d.resolution, None | Some(Resolution::Human)))
        .filter_map(|d| by_key.remove(&d.key))
        .collect()
}
