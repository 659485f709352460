//! Bringing two stores in line: questions go one way, answers both.

use std::time::SystemTime;

use super::{Change, TicketError, TicketStore};
use crate::model::ticket::{TicketAnswer, TicketState};

/// What bringing two stores in line came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Tickets that the tracker did not have.
    pub put: usize,
    /// Answers that only the tracker had.
    pub taken: usize,
    /// Answers that it did not have.
    pub given: usize,
}

/// Puts into a tracker what only the store here has, and takes over what was answered on either side alone. What both
/// have answered stays as each has it: the tracker's is where people look.
pub fn sync(here: &dyn TicketStore, tracker: &dyn TicketStore, at: SystemTime) -> Result<Synced, TicketError> {
    tracker.refresh();
    let (ours, theirs) = (here.filed()?, tracker.filed()?);
    let mut synced = Synced::default();
    let is_there = |key: &str| theirs.iter().any(|filed| filed.ticket.key == key);
    let missing: Vec<&str> = ours
        .iter()
        .filter(|filed| !is_there(&filed.ticket.key) && filed.ticket.state == TicketState::Open)
        .map(|filed| filed.ticket.id.as_str())
        .collect();
    if !missing.is_empty() {
        let lines = here.lines()?;
        let wanted = |line: &&String| super::row::Row::read(line).is_ok_and(|row| missing.contains(&row.id()));
        let lines: String = lines.iter().filter(wanted).map(|line| format!("{line}\n")).collect();
        tracker.import(&lines)?;
        synced.put = missing.len();
    }
    let (mut to_here, mut to_there) = (Vec::new(), Vec::new());
    for our in &ours {
        let Some(their) = theirs.iter().find(|filed| filed.ticket.key == our.ticket.key) else {
            continue;
        };
        match (answer_of(&our.ticket.state), answer_of(&their.ticket.state)) {
            (None, Some(answer)) => to_here.push(answered(&our.ticket.id, answer)),
            (Some(answer), None) if !their.is_removed => to_there.push(answered(&their.ticket.id, answer)),
            _ => {}
        }
    }
    here.change(&to_here, at)?;
    tracker.change(&to_there, at)?;
    synced.taken = to_here.len();
    synced.given = to_there.len();
    Ok(synced)
}

fn answer_of(state: &TicketState) -> Option<&TicketAnswer> {
    match state {
        TicketState::Answered(answer) | TicketState::Applied(answer) => Some(answer),
        _ => None,
    }
}

fn answered(id: &str, answer: &TicketAnswer) -> Change {
    Change::Answer {
        id: id.to_owned(),
        decision: answer.decision.clone(),
        by: answer.by.clone(),
    }
}
