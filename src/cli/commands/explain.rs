//! `explain`: all that is known of one component, and why each claim stands.

use std::fmt::Write as _;

use crate::cli::args::facts::{ExplainArgs, ReportFormat};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::config::Layer;
use crate::model::claim::{Subject, Verdict};
use crate::model::documentation::{Documentation, SettledClaim};
use crate::model::oracle::Oracle;
use crate::model::run::Outcome;
use crate::report::docs::Docs;
use crate::report::documentation::build;
use crate::report::escape::{for_line, for_terminal};
use crate::report::paint::Paint;
use crate::report::signature::signature_line;

pub(crate) fn run(args: &ExplainArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer {
        dry_run: Some(true),
        ..Layer::default()
    };
    args.discovery.fill(&mut flags);
    let settings = context.settings(Some(&args.repository), flags)?;
    let outcome = super::outcome_in_memory(&args.repository, &settings.run, context)?;
    let documentation = find(&outcome, &args.component)?;
    match args.format {
        ReportFormat::Json => {
            let failed = build::failed_components(&outcome);
            super::print_json(&build::component(&outcome, documentation, &failed), context)?;
        }
        ReportFormat::Markdown => {
            let docs = Docs::new(&outcome);
            context.print_text(&docs.entry(documentation))?;
        }
        ReportFormat::Text => {
            let paint = context.stdout_paint;
            context.print_text(&text(&outcome, documentation, paint))?;
        }
    }
    Ok(Ending::Clean)
}

/// The component of this id, or the only one whose id ends so.
fn find<'a>(outcome: &'a Outcome, wanted: &str) -> Result<&'a Documentation, Failure> {
    let oracle = &outcome.oracle;
    let ending = format!(".{wanted}");
    let id_of = |d: &Documentation| &*oracle.component(d.component).id;
    if let Some(exact) = outcome.documentation.iter().find(|d| id_of(d) == wanted) {
        return Ok(exact);
    }
    let matching: Vec<&Documentation> = outcome
        .documentation
        .iter()
        .filter(|d| id_of(d).ends_with(&ending))
        .collect();
    match matching[..] {
        [one] => Ok(one),
        [] => {
            let failure = Failure::usage(format!("failed to find the component `{wanted}`"));
            Err(match nearest(oracle, wanted) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`twinscribe analyze REPO --format json-lines` lists them"),
            })
        }
        ref many => {
            let names: Vec<String> = many.iter().take(10).map(|d| format!("`{}`", id_of(d))).collect();
            Err(
                Failure::usage(format!("failed to choose: `{wanted}` names {} components", many.len()))
                    .hint(format!("name one of {}", names.join(", "))),
            )
        }
    }
}

/// The component whose id, or the end of it, is most like a name.
fn nearest<'a>(oracle: &'a Oracle, wanted: &str) -> Option<&'a str> {
    let parts = wanted.split('.').count();
    oracle
        .components
        .iter()
        .map(|component| {
            let end: Vec<&str> = component.id.rsplitn(parts + 1, '.').take(parts).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            let likeness =
                strsim::jaro_winkler(wanted, &component.id).max(strsim::jaro_winkler(wanted, &end.join(".")));
            (likeness, &*component.id)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, id)| id)
}

fn text(outcome: &Outcome, documentation: &Documentation, paint: Paint) -> String {
    let component = outcome.oracle.component(documentation.component);
    let mut text = String::new();
    _ = writeln!(
        text,
        "{} {}  {}:{}",
        paint.strong(&component.kind.to_string()),
        for_line(&component.id),
        for_line(&component.path),
        component.first_line
    );
    _ = writeln!(text, "{}\n", for_line(&signature_line(component)));
    let is_call = |subject: &Subject| {
        matches!(
            subject,
            Subject::Callee(_) | Subject::CalleeType(_) | Subject::CalleeLines(_) | Subject::Caller(_)
        )
    };
    for claim in documentation.claims.iter().filter(|c| !is_call(&c.subject)) {
        one_claim(&mut text, outcome, claim, &component.path, paint);
    }
    if !documentation.dropped.is_empty() {
        _ = writeln!(text, "\n{}", paint.strong("Thrown out"));
    }
    for dropped in &documentation.dropped {
        _ = writeln!(
            text,
            "  {} = {}, said by {}: {}",
            for_line(&dropped.claim.subject.to_string()),
            for_line(&dropped.claim.value.to_string()),
            for_line(&outcome.streams[dropped.stream as usize].name),
            for_line(&dropped.reason)
        );
    }
    let mut open = documentation.open().peekable();
    if open.peek().is_some() {
        _ = writeln!(text, "\n{}", paint.warning("Open"));
    }
    for discrepancy in open {
        _ = writeln!(
            text,
            "  {} ({}): {}",
            for_line(&discrepancy.subject.to_string()),
            discrepancy.kind.label(),
            for_line(&discrepancy.reason)
        );
    }
    findings(&mut text, outcome, &component.id, paint);
    relations(&mut text, outcome, documentation, paint);
    text
}

fn one_claim(text: &mut String, outcome: &Outcome, claim: &SettledClaim, path: &str, paint: Paint) {
    let subject = paint.strong(&for_line(&claim.subject.to_string()));
    let value = for_terminal(&claim.value.to_string()).replace('\n', "\n    ");
    _ = writeln!(text, "{subject}: {value}");
    let line = claim
        .line
        .map_or(String::new(), |line| format!(", {}:{line}", for_line(path)));
    let derived = if claim.derived { ", derived" } else { "" };
    _ = writeln!(
        text,
        "    {}",
        paint.faint(&format!(
            "{}; confidence {:.2}{derived}{line}",
            standing(outcome, claim, paint),
            claim.confidence
        ))
    );
}

/// Who says it, what settled it, and what the code says of it.
fn standing(outcome: &Outcome, claim: &SettledClaim, paint: Paint) -> String {
    let mut said_by: Vec<&str> = [claim.said_by_a, claim.said_by_b]
        .into_iter()
        .zip(&outcome.streams)
        .filter_map(|(says, stream)| says.then_some(stream.name.as_str()))
        .collect();
    if said_by.is_empty() {
        said_by.push("neither stream");
    }
    let settled = claim.resolution.map_or_else(
        || paint.warning("unsettled"),
        |resolution| format!("settled by {}", resolution.to_string().replace('_', " ")),
    );
    let verdict = match claim.verdict {
        Verdict::Confirmed => "the code confirms it",
        Verdict::Refuted => "the code refutes it",
        Verdict::Unknown => "the code cannot tell",
    };
    format!("said by {}; {settled}; {verdict}", said_by.join(" and "))
}

fn findings(text: &mut String, outcome: &Outcome, id: &str, paint: Paint) {
    let mut own = outcome.findings.iter().filter(|f| &*f.component == id).peekable();
    if own.peek().is_some() {
        _ = writeln!(text, "\n{}", paint.strong("Findings"));
    }
    for finding in own {
        _ = writeln!(
            text,
            "  line {}: {}: {}",
            finding.line,
            crate::report::findings::kind_name(finding),
            for_line(&finding.message)
        );
    }
}

fn relations(text: &mut String, outcome: &Outcome, documentation: &Documentation, paint: Paint) {
    let page = build::Page::new(&outcome.oracle, documentation);
    let why = |subject: Subject, certain: bool| match documentation.get(&subject) {
        Some(claim) => standing(outcome, claim, paint),
        None if certain => "certain, and said by neither stream".to_owned(),
        None => "one of several possibilities".to_owned(),
    };
    let lines = |lines: &[u32]| {
        let list: Vec<String> = lines.iter().map(u32::to_string).collect();
        list.join(", ")
    };
    let calls = page.calls();
    if !calls.is_empty() {
        _ = writeln!(text, "\n{}", paint.strong("Calls"));
    }
    for call in calls {
        _ = writeln!(
            text,
            "  {}  {}line {}\n    {}",
            for_line(call.callee),
            call.call_type.map_or(String::new(), |t| format!("{t}, ")),
            lines(&call.lines),
            paint.faint(&why(Subject::Callee(call.callee.into()), call.certain))
        );
    }
    let callers = page.callers();
    if !callers.is_empty() {
        _ = writeln!(text, "\n{}", paint.strong("Called by"));
    }
    for caller in callers {
        _ = writeln!(
            text,
            "  {}  {} line {}\n    {}",
            for_line(caller.caller),
            for_line(caller.path.unwrap_or("")),
            lines(&caller.lines),
            paint.faint(&why(Subject::Caller(caller.caller.into()), caller.certain))
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn found(wanted: &str) -> String {
        let outcome = sample::outcome();
        match find(&outcome, wanted) {
            Ok(documentation) => outcome.oracle.component(documentation.component).id.to_string(),
            Err(failure) => failure.render(Paint::PLAIN),
        }
    }

    #[test]
    fn the_end_of_an_id_is_enough_where_it_is_the_only_one() {
        assert_eq!(found("Box.open"), "shop.crate.Box.open");
        assert_eq!(found("shop.crate"), "shop.crate");
    }

    #[test]
    fn unknown_component_names_the_nearest() {
        insta::assert_snapshot!(found("Box.opens"), @r"
        error: failed to find the component `Box.opens`
        hint: did you mean `shop.crate.Box.open`?
        ");
    }

    #[test]
    fn every_claim_says_why_it_stands() {
        let outcome = sample::outcome();
        let documentation = find(&outcome, "Box.open").unwrap();
        insta::assert_snapshot!(text(&outcome, documentation, Paint::PLAIN));
    }
}
