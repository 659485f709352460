//! Tickets: discrepancies handed to a person, and the person's answers.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::claim::{Subject, Value};
use super::component::Name;
use super::discrepancy::{DiscrepancyKind, Severity};

/// A question for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// `ts-` and the first characters of the discrepancy's key.
    pub id: String,
    /// The discrepancy's key.
    pub key: String,
    /// Id of the component.
    pub component: Name,
    /// POSIX path of the component's file.
    pub path: Name,
    /// Line of the definition, counted from 1.
    pub line: u32,
    /// What kind of discrepancy.
    pub kind: DiscrepancyKind,
    /// What it is about.
    pub subject: Subject,
    /// What stream A says.
    pub a: Option<Value>,
    /// What stream B says.
    pub b: Option<Value>,
    /// How bad it is.
    pub severity: Severity,
    /// What the code says of it.
    pub facts: Vec<String>,
    /// The component's source, shortened.
    pub source: String,
    /// The component's source hash when the question was put; an answer goes stale when it changes.
    pub source_hash: u64,
    /// Where it stands.
    pub state: TicketState,
    /// When it was put.
    pub created_at: SystemTime,
    /// When nobody waits for it any longer.
    pub expires_at: Option<SystemTime>,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq)]
pub enum TicketState {
    /// Nobody has answered.
    Open,
    /// Answered, not yet applied.
    Answered(TicketAnswer),
    /// Closed with something that is no answer; the text says what.
    NeedsClarification(String),
    /// Answered, and the answer is in the documentation.
    Applied(TicketAnswer),
    /// Nobody answered in time.
    Expired,
    /// The difference no longer exists.
    Withdrawn,
}

/// What a person decided, who and when.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketAnswer {
    /// The decision.
    pub decision: Decision,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: SystemTime,
}

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Stream A is right.
    AcceptA,
    /// Stream B is right.
    AcceptB,
    /// This text, made of both.
    Merge(String),
    /// This text instead of both.
    Neither(String),
}
