//! One line of a Beads file, and the ticket in it.
//!
//! A row that is not changed keeps its bytes; one that is keeps every key it has, known or not.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value as Json, json};

use super::answer;
use super::form::{self, Answered, Applied, Mark, Metadata, SCHEMA};
use super::{Change, Filed, Origin, text, time};
use crate::model::ticket::{Ticket, TicketAnswer, TicketState};

/// What this program is called in comments.
const AUTHOR: &str = "twinscribe";

const EXTERNAL_REF: &str = "twinscribe:disc:";

/// A row, whoever made it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    line: String,
    keys: Map<String, Json>,
    metadata: Option<Metadata>,
    is_changed: bool,
}

impl Row {
    /// Reads a line.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        let keys: Map<String, Json> = serde_json::from_str(line).map_err(|e| format!("it is no JSON object: {e}"))?;
        let metadata = match keys.get("metadata").and_then(|m| m.get("twinscribe")) {
            Some(ours) if is_discrepancy(ours) => Some(read_metadata(ours)?),
            _ => None,
        };
        let row = Self {
            line: line.to_owned(),
            keys,
            metadata,
            is_changed: false,
        };
        if row.metadata.is_some() {
            row.filed()?;
        }
        Ok(row)
    }

    /// The row of a new ticket.
    pub(crate) fn new(ticket: &Ticket, origin: &Origin, at: SystemTime) -> Self {
        let now = time::spell(at);
        let kind = ticket.kind.label();
        let mut row = Self {
            line: String::new(),
            keys: Map::new(),
            metadata: Some(metadata(ticket, origin)),
            is_changed: true,
        };
        let keys = json!({
            "_type": "issue",
            "id": ticket.id,
            "title": text::title(ticket),
            "description": text::description(ticket, &origin.streams),
            "status": "open",
            "priority": text::priority(ticket.severity),
            "issue_type": "task",
            "labels": ["twinscribe", "discrepancy", kind],
            "dependencies": [],
            "comments": [],
            "external_ref": format!("{EXTERNAL_REF}{}", ticket.key),
            "metadata": {},
            "created_at": now,
            "updated_at": now,
            "created_by": AUTHOR,
        });
        if let Json::Object(keys) = keys {
            row.keys = keys;
        }
        row
    }

    /// The line to write.
    pub(crate) fn line(&self) -> String {
        if !self.is_changed {
            return self.line.clone();
        }
        let mut keys = self.keys.clone();
        if self.metadata.is_some() {
            keys.insert("metadata".to_owned(), self.metadata_json());
        }
        Json::Object(keys).to_string()
    }

    /// The issue's id.
    pub(crate) fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    /// When the row was last changed.
    pub(crate) fn updated_at(&self) -> Option<SystemTime> {
        self.text("updated_at").and_then(time::read)
    }

    /// The discrepancy's key, where the row is a ticket of this program.
    pub(crate) fn key(&self) -> Option<&str> {
        self.metadata.as_ref().map(|m| m.discrepancy_id.as_str())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.keys.get(key).and_then(Json::as_str)
    }

    /// A key's value, where it is text.
    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        self.text(key)
    }

    /// When the row was made, as it is spelled.
    pub(crate) fn created_at(&self) -> Option<&str> {
        self.text("created_at")
    }

    /// The comments there are.
    pub(crate) fn comments(&self) -> &[Json] {
        self.keys
            .get("comments")
            .and_then(Json::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// Takes over the comments of the same row, read in another way.
    pub(crate) fn take_comments(&mut self, other: &Self) {
        if let Some(comments) = other.keys.get("comments") {
            self.keys.insert("comments".to_owned(), comments.clone());
            self.line = Json::Object(self.keys.clone()).to_string();
        }
    }

    /// Whether only a comment could say what the row was closed with.
    pub(crate) fn needs_comments(&self) -> bool {
        let reason = self.text("close_reason").unwrap_or_default();
        self.text("status") == Some("closed") && answer::parse(reason).is_none()
    }

    /// All of the metadata, others' included.
    pub(crate) fn metadata_json(&self) -> Json {
        let mut all = self
            .keys
            .get("metadata")
            .filter(|m| m.is_object())
            .cloned()
            .unwrap_or_else(|| json!({}));
        if let Some(ours) = &self.metadata {
            // A struct of texts and numbers always has a JSON form.
            all["twinscribe"] = serde_json::to_value(ours).unwrap_or_default();
        }
        all
    }

    /// The ticket in the row; none where it is somebody else's.
    pub(crate) fn filed(&self) -> Result<Option<Filed>, String> {
        let Some(ours) = &self.metadata else {
            return Ok(None);
        };
        let missing = |what: &'static str| move || format!("its {what} cannot be read");
        let ticket = Ticket {
            id: self.id().to_owned(),
            key: ours.discrepancy_id.clone(),
            component: ours.component.as_str().into(),
            path: ours.path.as_str().into(),
            line: ours.line,
            kind: form::read_kind(&ours.kind).ok_or_else(missing("kind"))?,
            subject: form::read_subject(&ours.subject, ours.name.as_deref()).ok_or_else(missing("subject"))?,
            a: form::read_value(&ours.a).ok_or_else(missing("value of A"))?,
            b: form::read_value(&ours.b).ok_or_else(missing("value of B"))?,
            severity: form::read_severity(&ours.severity).ok_or_else(missing("severity"))?,
            facts: ours.facts.clone(),
            source: ours.source.clone(),
            source_hash: u64::from_str_radix(&ours.source_hash, 16).map_err(|_| missing("source hash")())?,
            state: self.state(ours),
            created_at: self
                .text("created_at")
                .and_then(time::read)
                .unwrap_or(SystemTime::UNIX_EPOCH),
            expires_at: ours.expires_at.as_deref().and_then(time::read),
        };
        Ok(Some(Filed {
            was_asked_again: ours.asked_about.as_ref() == Some(&self.answer_hash()),
            ticket,
            run_id: ours.run_id.clone(),
            scope: ours.scope.clone(),
            is_removed: false,
        }))
    }

    fn state(&self, ours: &Metadata) -> TicketState {
        if self.text("status") != Some("closed") {
            return TicketState::Open;
        }
        let Some(said) = self.answer() else {
            return match ours.mark {
                Some(Mark::Expired) => TicketState::Expired,
                Some(Mark::Withdrawn) => TicketState::Withdrawn,
                None => TicketState::NeedsClarification("It was closed without a reason.".to_owned()),
            };
        };
        match said.meaning {
            Ok(decision) => {
                let answer = TicketAnswer {
                    decision,
                    by: said.by,
                    at: said.at,
                };
                let is_applied = ours.applied.as_ref().is_some_and(|applied| {
                    applied.answer_hash == said.hash && Some(applied.closed_at.as_str()) == self.text("closed_at")
                });
                if is_applied {
                    TicketState::Applied(answer)
                } else {
                    TicketState::Answered(answer)
                }
            }
            Err(unclear) => TicketState::NeedsClarification(unclear),
        }
    }

    /// What a closed row says: the reason it was closed for where that is an answer, else the newest comment that
    /// is, else the reason, which then is unclear.
    fn answer(&self) -> Option<Said> {
        let ours = self.metadata.as_ref()?;
        let reason = self.text("close_reason").unwrap_or_default();
        let closed_at = self.text("closed_at").and_then(time::read);
        let at = closed_at.unwrap_or(SystemTime::UNIX_EPOCH);
        let said = |text: &str, by: String, at, meaning| Said {
            hash: hash(text),
            by,
            at,
            meaning,
        };
        if let Some(meaning) = answer::parse(reason) {
            return Some(said(reason, self.closer(ours, reason), at, meaning));
        }
        if let Some((text, by, at)) = self.newest_answering_comment(ours) {
            let meaning = answer::parse(&text)?;
            return Some(said(&text, by, at, meaning));
        }
        if ours.mark.is_some() || reason.trim().is_empty() {
            return None;
        }
        let unclear = format!("It was closed with \"{}\".", text::shorten(reason.trim(), 200));
        Some(said(reason, String::new(), at, Err(unclear)))
    }

    /// What tells one answer from another; the same for all rows without one.
    fn answer_hash(&self) -> String {
        self.answer().map_or_else(|| hash(""), |said| said.hash)
    }

    /// Who closed the row: as this program noted, else as the tracker says.
    fn closer(&self, ours: &Metadata, reason: &str) -> String {
        let noted = ours
            .answered
            .as_ref()
            .filter(|answered| answered.answer_hash == hash(reason))
            .map(|answered| answered.by.as_str());
        noted
            .or_else(|| self.text("closed_by"))
            .or_else(|| self.text("assignee"))
            .filter(|by| !by.is_empty())
            .unwrap_or("unknown")
            .to_owned()
    }

    fn newest_answering_comment(&self, ours: &Metadata) -> Option<(String, String, SystemTime)> {
        let since = ours.reopened_at.as_deref().and_then(time::read);
        let comments = self.keys.get("comments")?.as_array()?;
        let word = |comment: &Json, key: &str| comment.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        comments
            .iter()
            .map(|comment| {
                let at = time::read(&word(comment, "created_at"));
                (
                    word(comment, "text"),
                    word(comment, "author"),
                    at.unwrap_or(SystemTime::UNIX_EPOCH),
                )
            })
            .filter(|(text, author, at)| {
                author != AUTHOR && since.is_none_or(|since| *at > since) && answer::parse(text).is_some()
            })
            // Of several at one time the last in the file is the newest.
            .max_by_key(|(_, _, at)| *at)
    }

    /// Makes a change that concerns this row.
    pub(crate) fn apply(&mut self, change: &Change, at: SystemTime) {
        let now = time::spell(at);
        let answer_hash = self.answer_hash();
        let closed_at = self.text("closed_at").unwrap_or_default().to_owned();
        let Some(ours) = &mut self.metadata else {
            return;
        };
        match change {
            Change::Create { .. } => return,
            Change::Refresh(ticket) => self.ask_about(ticket),
            Change::Answer { decision, by, .. } => {
                let reason = answer::spell(decision);
                ours.answered = Some(Answered {
                    by: by.clone(),
                    answer_hash: hash(&reason),
                });
                self.close(&reason, &now);
            }
            Change::Apply { .. } => {
                ours.applied = Some(Applied {
                    closed_at,
                    answer_hash,
                    at: now,
                });
            }
            Change::AskAgain { .. } => {
                ours.asked_about = Some(answer_hash);
                self.comment(text::CLARIFY, &now, at);
            }
            Change::Reopen { ticket, why } => {
                ours.mark = None;
                // The same answer again is a new one, even within the same second.
                ours.applied = None;
                ours.reopened_at = Some(now.clone());
                self.ask_about(ticket);
                self.keys.insert("status".to_owned(), json!("open"));
                self.keys.remove("closed_at");
                self.keys.remove("close_reason");
                self.comment(why, &now, at);
            }
            Change::Expire { .. } => {
                ours.mark = Some(Mark::Expired);
                self.close(text::EXPIRED, &now);
            }
            Change::Withdraw { .. } => {
                ours.mark = Some(Mark::Withdrawn);
                self.close(text::WITHDRAWN, &now);
            }
        }
        self.touch(at);
    }

    /// Puts the question as it stands now.
    fn ask_about(&mut self, ticket: &Ticket) {
        if let Some(ours) = &mut self.metadata {
            ours.source.clone_from(&ticket.source);
            ours.source_hash = format!("{:016x}", ticket.source_hash);
            ours.line = ticket.line;
            ours.facts.clone_from(&ticket.facts);
            ours.expires_at = ticket.expires_at.map(time::spell);
        }
    }

    fn close(&mut self, reason: &str, now: &str) {
        self.keys.insert("status".to_owned(), json!("closed"));
        self.keys.insert("closed_at".to_owned(), json!(now));
        self.keys.insert("close_reason".to_owned(), json!(reason));
    }

    fn comment(&mut self, text: &str, now: &str, at: SystemTime) {
        let issue_id = self.id().to_owned();
        let comments = self.keys.entry("comments").or_insert_with(|| json!([]));
        if !comments.is_array() {
            *comments = json!([]);
        }
        if let Json::Array(comments) = comments {
            let id = uuid_v7(at, &format!("{issue_id} {} {text}", comments.len()));
            comments.push(json!({
                "id": id, "issue_id": issue_id, "author": AUTHOR, "text": text, "created_at": now,
            }));
        }
    }

    /// Raises `updated_at` by at least a second: readers skip what is not newer than what they have.
    fn touch(&mut self, at: SystemTime) {
        let least = self.updated_at().map(|old| old + Duration::from_secs(1));
        let updated = least.map_or(at, |least| least.max(at));
        self.keys.insert("updated_at".to_owned(), json!(time::spell(updated)));
        self.is_changed = true;
    }
}

/// What a closed row says.
struct Said {
    hash: String,
    by: String,
    at: SystemTime,
    meaning: Result<crate::model::ticket::Decision, String>,
}

/// Rebuild tickets carry metadata of ours too, and are no questions.
fn is_discrepancy(ours: &Json) -> bool {
    ours.get("discrepancy_id").is_some()
}

fn read_metadata(ours: &Json) -> Result<Metadata, String> {
    let schema = ours.get("schema").and_then(Json::as_u64);
    if schema != Some(u64::from(SCHEMA)) {
        return Err(format!(
            "its metadata has schema {}, and this program reads {SCHEMA}",
            schema.map_or_else(|| "none".to_owned(), |n| n.to_string())
        ));
    }
    serde_json::from_value(ours.clone()).map_err(|e| format!("its metadata does not fit: {e}"))
}

fn metadata(ticket: &Ticket, origin: &Origin) -> Metadata {
    let (subject, name) = form::spell_subject(&ticket.subject);
    Metadata {
        schema: SCHEMA,
        kind: ticket.kind.label(),
        discrepancy_id: ticket.key.clone(),
        component: ticket.component.to_string(),
        run_id: origin.run_id.clone(),
        expires_at: ticket.expires_at.map(time::spell),
        scope: origin.scope.clone(),
        path: ticket.path.to_string(),
        line: ticket.line,
        subject,
        name,
        a: form::spell_value(ticket.a.as_ref()),
        b: form::spell_value(ticket.b.as_ref()),
        severity: ticket.severity.to_string(),
        facts: ticket.facts.clone(),
        source: ticket.source.clone(),
        source_hash: format!("{:016x}", ticket.source_hash),
        mark: None,
        reopened_at: None,
        answered: None,
        applied: None,
        asked_about: None,
    }
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// A UUID of version 7 whose random part is a hash, so that the same comment has the same id.
fn uuid_v7(at: SystemTime, content: &str) -> String {
    let millis = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let hash = blake3::hash(content.as_bytes()).to_hex();
    let millis = format!("{:012x}", millis & 0xffff_ffff_ffff);
    format!(
        "{}-{}-7{}-8{}-{}",
        &millis[..8],
        &millis[8..12],
        &hash[..3],
        &hash[3..6],
        &hash[6..18]
    )
}
