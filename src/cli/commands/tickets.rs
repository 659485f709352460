//! `tickets`: what people have to decide, and their answers.

use std::fmt::Write as _;
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use super::{history_settings, print_json};
use crate::cli::args::facts::ListFormat;
use crate::cli::args::history::{Place, ResolveArgs, TicketPlace, TicketStateArg, TicketsArgs, TicketsCommand};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::output::{table, time};
use crate::cli::session;
use crate::config::TicketStoreChoice;
use crate::model::discrepancy::Severity;
use crate::model::ticket::{Decision, Ticket, TicketState};
use crate::report::convergence::build::{is_open, plural};
use crate::report::documentation::wire::WireValue;
use crate::report::escape::{for_line, for_terminal};
use crate::report::paint::Paint;
use crate::tickets::{self, EmbeddedStore, TicketStore};

pub(crate) fn run(args: &TicketsArgs, context: &Context) -> Result<Ending, Failure> {
    match &args.command {
        TicketsCommand::List { state, format, place } => {
            let mut tickets = store(place, context)?.list()?;
            tickets.retain(|ticket| is_wanted(*state, &ticket.state));
            match format {
                ListFormat::Json => print_json(&tickets.iter().map(Wire::from).collect::<Vec<_>>(), context)?,
                ListFormat::Text => context.print_text(&list(&tickets, context.stdout_paint))?,
            }
        }
        TicketsCommand::Show { id, format, place } => {
            let tickets = store(place, context)?.list()?;
            let ticket = tickets.iter().find(|t| t.id == *id).ok_or_else(|| {
                Failure::usage(format!("failed to find the ticket `{id}`"))
                    .hint("`twinscribe tickets list --state all` lists them")
            })?;
            match format {
                ListFormat::Json => print_json(&Wire::from(ticket), context)?,
                ListFormat::Text => context.print_text(&show(ticket, context.stdout_paint))?,
            }
        }
        TicketsCommand::Resolve(args) => resolve(args, context)?,
        TicketsCommand::Sync { rebuild, place } => sync(rebuild.as_deref(), place, context)?,
        TicketsCommand::Export { output, place } => export(output.as_deref(), place, context)?,
    }
    Ok(Ending::Clean)
}

/// The store that is meant; where it is another than was wanted, that is told.
fn store(place: &TicketPlace, context: &Context) -> Result<Box<dyn TicketStore>, Failure> {
    let settings = history_settings(&place.place, context)?;
    let opened = session::tickets(&settings.checkpoints.dir, place.tickets, settings.tickets.store);
    if let Some(warning) = opened.warning {
        context.warn(&warning);
    }
    Ok(opened.store)
}

fn resolve(args: &ResolveArgs, context: &Context) -> Result<(), Failure> {
    let decision = match (&args.merge, &args.neither) {
        (Some(text), _) => Decision::Merge(text.clone()),
        (_, Some(text)) => Decision::Neither(text.clone()),
        _ if args.a => Decision::AcceptA,
        _ => Decision::AcceptB,
    };
    let by = args
        .by
        .as_deref()
        .or_else(|| context.variable("USER"))
        .or_else(|| context.variable("USERNAME"))
        .unwrap_or("unknown");
    let store = store(&args.place, context)?;
    let ticket = store.answer(&args.id, decision, by, SystemTime::now())?;
    context.say(&format!(
        "answered {} for {}; the next run applies it",
        ticket.id, ticket.component
    ));
    Ok(())
}

/// Brings both stores in line, the embedded one and the tracker.
fn sync(rebuild: Option<&Path>, place: &Place, context: &Context) -> Result<(), Failure> {
    let settings = history_settings(place, context)?;
    let dir = &settings.checkpoints.dir;
    let opened = session::tickets(dir, Some(TicketStoreChoice::Beads), settings.tickets.store);
    if let Some(why) = opened.warning {
        return Err(Failure::usage(format!("failed to reach a Beads tracker: {why}"))
            .hint("`twinscribe tickets export` writes a file that `bd import` takes"));
    }
    let rebuild = rebuild
        .map(std::fs::read_to_string)
        .transpose()
        .map_err(|error| Failure::usage("failed to read the rebuild tickets").because(&error))?;
    let synced = tickets::sync(&EmbeddedStore::open(dir), &*opened.store, SystemTime::now())?;
    context.say(&format!(
        "put {} into the tracker, took {} from it, gave it {}",
        plural(synced.put, "ticket"),
        plural(synced.taken, "answer"),
        plural(synced.given, "answer")
    ));
    if let Some(lines) = rebuild {
        opened.store.import(&lines)?;
        context.say(&format!(
            "put {} into the tracker",
            plural(lines.lines().count(), "rebuild ticket")
        ));
    }
    Ok(())
}

fn export(output: Option<&Path>, place: &TicketPlace, context: &Context) -> Result<(), Failure> {
    let lines = store(place, context)?.lines()?;
    let write = |out: &mut dyn std::io::Write| lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    match output {
        None => context.print(write),
        Some(path) => Ok(crate::report::write_file(path, |out| write(out))?),
    }
}

fn is_wanted(wanted: TicketStateArg, state: &TicketState) -> bool {
    match wanted {
        TicketStateArg::All => true,
        TicketStateArg::Open => is_open(state),
        TicketStateArg::Expired => matches!(state, TicketState::Expired),
        TicketStateArg::Answered => {
            matches!(state, TicketState::Answered(_) | TicketState::Applied(_))
        }
    }
}

fn state_name(state: &TicketState) -> &'static str {
    match state {
        TicketState::Open => "open",
        TicketState::Answered(_) => "answered",
        TicketState::NeedsClarification(_) => "needs clarification",
        TicketState::Applied(_) => "applied",
        TicketState::Expired => "expired",
        TicketState::Withdrawn => "withdrawn",
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    id: &'a str,
    key: &'a str,
    state: &'static str,
    component: &'a str,
    path: &'a str,
    line: u32,
    kind: String,
    subject: &'static str,
    name: Option<&'a str>,
    severity: Severity,
    a: Option<WireValue<'a>>,
    b: Option<WireValue<'a>>,
    facts: &'a [String],
    source: &'a str,
    created_at: String,
    expires_at: Option<String>,
    clarification: Option<&'a str>,
    answer: Option<Answer<'a>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    decision: &'static str,
    text: Option<&'a str>,
    by: &'a str,
    at: String,
}

impl<'a> From<&'a Ticket> for Wire<'a> {
    fn from(ticket: &'a Ticket) -> Self {
        let answer = match &ticket.state {
            TicketState::Answered(answer) | TicketState::Applied(answer) => {
                let (decision, text) = decision_words(&answer.decision);
                Some(Answer {
                    decision,
                    text,
                    by: &answer.by,
                    at: time(answer.at),
                })
            }
            _ => None,
        };
        Self {
            id: &ticket.id,
            key: &ticket.key,
            state: state_name(&ticket.state),
            component: &ticket.component,
            path: &ticket.path,
            line: ticket.line,
            kind: ticket.kind.label(),
            subject: ticket.subject.label(),
            name: ticket.subject.name(),
            severity: ticket.severity,
            a: ticket.a.as_ref().map(WireValue),
            b: ticket.b.as_ref().map(WireValue),
            facts: &ticket.facts,
            source: &ticket.source,
            created_at: time(ticket.created_at),
            expires_at: ticket.expires_at.map(time),
            clarification: match &ticket.state {
                TicketState::NeedsClarification(what) => Some(what),
                _ => None,
            },
            answer,
        }
    }
}

fn decision_words(decision: &Decision) -> (&'static str, Option<&str>) {
    match decision {
        Decision::AcceptA => ("a", None),
        Decision::AcceptB => ("b", None),
        Decision::Merge(text) => ("merge", Some(text)),
        Decision::Neither(text) => ("neither", Some(text)),
    }
}

fn list(tickets: &[Ticket], paint: Paint) -> String {
    if tickets.is_empty() {
        return "no tickets\n".to_owned();
    }
    let cells: Vec<Vec<String>> = tickets
        .iter()
        .map(|ticket| {
            vec![
                ticket.id.clone(),
                state_name(&ticket.state).to_owned(),
                ticket.severity.to_string(),
                ticket.subject.to_string(),
                format!("{}:{}", ticket.path, ticket.line),
                ticket.component.to_string(),
            ]
        })
        .collect();
    let head = ["ticket", "state", "severity", "about", "where", "component"];
    table(&head, &cells, paint)
}

fn show(ticket: &Ticket, paint: Paint) -> String {
    let mut text = String::new();
    _ = writeln!(
        text,
        "{}  {}, {}",
        paint.strong(&ticket.id),
        state_name(&ticket.state),
        ticket.severity
    );
    _ = writeln!(
        text,
        "{} of {}  {}:{}\n",
        for_line(&ticket.subject.to_string()),
        for_line(&ticket.component),
        for_line(&ticket.path),
        ticket.line
    );
    for (letter, value) in [("A", &ticket.a), ("B", &ticket.b)] {
        let value = value
            .as_ref()
            .map_or_else(|| "(nothing)".to_owned(), ToString::to_string);
        _ = writeln!(text, "{} says: {}", paint.strong(letter), for_terminal(&value));
    }
    for fact in &ticket.facts {
        _ = writeln!(text, "{}: {}", paint.strong("the code"), for_line(fact));
    }
    if !ticket.source.is_empty() {
        _ = writeln!(text, "\n{}\n", for_terminal(ticket.source.trim_end()));
    }
    match &ticket.state {
        TicketState::Answered(answer) | TicketState::Applied(answer) => {
            let (decision, words) = decision_words(&answer.decision);
            let words = words.map_or(String::new(), |w| format!(": {}", for_terminal(w)));
            let (by, at) = (for_line(&answer.by), time(answer.at));
            _ = writeln!(text, "answered {decision} by {by}, {at}{words}");
        }
        TicketState::NeedsClarification(what) => {
            _ = writeln!(text, "{}: {}", paint.warning("unclear"), for_line(what));
        }
        _ => {}
    }
    if is_open(&ticket.state) || matches!(ticket.state, TicketState::Expired) {
        let id = &ticket.id;
        _ = writeln!(text, "twinscribe tickets resolve {id} -a            A is right");
        _ = writeln!(text, "twinscribe tickets resolve {id} -b            B is right");
        _ = writeln!(text, "twinscribe tickets resolve {id} --merge TEXT  both");
        _ = writeln!(text, "twinscribe tickets resolve {id} --neither TEXT");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn ticket_shows_both_sides_and_the_choices() {
        let outcome = sample::outcome();
        insta::assert_snapshot!(show(&outcome.tickets[0], Paint::PLAIN));
    }

    #[test]
    fn list_has_a_line_per_ticket() {
        let outcome = sample::outcome();
        insta::assert_snapshot!(list(&outcome.tickets, Paint::PLAIN));
    }
}
