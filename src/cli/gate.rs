//! Whether what was found makes the command fail, and why.

use crate::config::{FailOn, Gate, Show};
use crate::model::discrepancy::FindingClass;
use crate::model::run::{ConvergenceStatus, Failure, Outcome, STREAM_ENDED};
use crate::model::ticket::TicketState;
use crate::report::convergence::build::{is_open, plural};
use crate::report::convergence::percent;
use crate::report::findings::Listing;

/// Which command judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    /// `check`, which never fails for convergence or tickets.
    Check,
    /// `check` with the policies of another tool, whose findings are there because somebody wants them.
    Profile,
    /// `document` and `resume`.
    Document,
}

/// Why the command fails, as fragments; empty where it does not.
///
/// Without an outcome there was no run: only the listing counts.
pub(crate) fn reasons(outcome: Option<&Outcome>, listing: &Listing<'_>, gate: &Gate, judge: Judge) -> Vec<String> {
    let fail_on = gate.fail_on.unwrap_or(match judge {
        Judge::Check => FailOn::Contradiction,
        Judge::Profile => FailOn::Any,
        Judge::Document => FailOn::Unsettled,
    });
    let mut reasons = Vec::new();
    for class in [
        FindingClass::Contradiction,
        FindingClass::Omission,
        FindingClass::Policy,
    ] {
        let n = listing.count(class);
        if n > 0 && counts(fail_on, class) {
            reasons.push(match class {
                FindingClass::Policy => format!("{} of policy", plural(n, "finding")),
                class => plural(n, &class.to_string()),
            });
        }
    }
    if let Some(outcome) = outcome {
        reasons.extend(of_run(outcome, fail_on, judge));
    }
    if let Some(least) = gate.min_agreement
        && listing.agreement.share() < least
    {
        reasons.push(format!(
            "an agreement of {}, less than {}",
            percent(listing.agreement.share()),
            percent(least)
        ));
    }
    reasons
}

/// What a run itself gives reason for.
fn of_run(outcome: &Outcome, fail_on: FailOn, judge: Judge) -> Vec<String> {
    let mut reasons = Vec::new();
    if judge == Judge::Document && matches!(fail_on, FailOn::Unsettled | FailOn::Any) {
        reasons.extend(unsettled(outcome));
    }
    if !outcome.failures.is_empty() {
        let failed: std::collections::BTreeSet<&str> = outcome.failures.iter().map(|f| &*f.component).collect();
        reasons.push(plural(failed.len(), "failed component"));
    }
    if judge == Judge::Document {
        reasons.extend(left_undone(outcome));
    }
    reasons
}

/// Whether findings of a class are listed.
pub(crate) fn is_listed(class: FindingClass, gate: &Gate, judge: Judge) -> bool {
    let judged = match gate.fail_on {
        _ if judge == Judge::Profile => Show::Any,
        Some(FailOn::Any) => Show::Any,
        Some(FailOn::Omission) => Show::Omission,
        _ => Show::Contradiction,
    };
    let show = gate.show.unwrap_or(judged);
    match class {
        FindingClass::Contradiction => true,
        FindingClass::Omission => show >= Show::Omission,
        FindingClass::Policy => show == Show::Any,
    }
}

/// Whether findings of a class are serious enough.
fn counts(fail_on: FailOn, class: FindingClass) -> bool {
    match fail_on {
        FailOn::Never | FailOn::Unsettled => false,
        FailOn::Contradiction => class == FindingClass::Contradiction,
        FailOn::Omission => class != FindingClass::Policy,
        FailOn::Any => true,
    }
}

fn unsettled(outcome: &Outcome) -> Vec<String> {
    let mut reasons = Vec::new();
    let open = outcome.tickets.iter().filter(|t| is_open(&t.state)).count();
    if open > 0 {
        reasons.push(plural(open, "open ticket"));
    }
    if outcome.verdict.status != ConvergenceStatus::Converged {
        reasons.push(format!(
            "no convergence ({})",
            crate::report::convergence::status_name(outcome.verdict.status)
        ));
    }
    reasons
}

/// What was not done and would otherwise be seen by nobody: these count whatever makes the command fail.
fn left_undone(outcome: &Outcome) -> Vec<String> {
    let mut reasons = Vec::new();
    let ended = |f: &&Failure| f.reason.starts_with(STREAM_ENDED);
    for failure in outcome.failures.iter().filter(ended) {
        let name = &outcome.streams[failure.stream as usize].name;
        reasons.push(format!("stream {name} ended for good"));
    }
    let expired = outcome
        .tickets
        .iter()
        .filter(|t| matches!(t.state, TicketState::Expired))
        .count();
    if expired > 0 {
        reasons.push(plural(expired, "expired ticket"));
    }
    // A stub file beside its module is left out on purpose and is no problem.
    let skipped = outcome
        .oracle
        .problems
        .iter()
        .filter(|problem| problem.kind.skips_file())
        .count();
    if skipped > 0 {
        reasons.push(plural(skipped, "skipped file"));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn check(fail_on: Option<FailOn>, judge: Judge, expected: &[&str]) {
        let outcome = sample::outcome();
        let gate = Gate {
            fail_on,
            ..Gate::default()
        };
        let listing = Listing::of(&outcome);
        let reasons = reasons(Some(&outcome), &listing, &gate, judge);
        assert_eq!(reasons, expected, "{fail_on:?} {judge:?}");
    }

    #[test]
    fn each_level_counts_what_it_names() {
        let failed = "1 failed component";
        check(None, Judge::Check, &["2 contradictions", failed]);
        check(Some(FailOn::Never), Judge::Check, &[failed]);
        check(
            Some(FailOn::Omission),
            Judge::Check,
            &["2 contradictions", "1 omission", failed],
        );
        check(Some(FailOn::Unsettled), Judge::Check, &[failed]);
        check(
            Some(FailOn::Any),
            Judge::Check,
            &["2 contradictions", "1 omission", failed],
        );
    }

    #[test]
    fn document_fails_for_tickets_and_convergence() {
        let unsettled = ["1 open ticket", "no convergence (forced)", "1 failed component"];
        check(None, Judge::Document, &unsettled);
        check(
            Some(FailOn::Contradiction),
            Judge::Document,
            &["2 contradictions", "1 failed component"],
        );
    }

    #[test]
    fn what_was_left_undone_shows_whatever_makes_the_command_fail() {
        let mut outcome = sample::outcome();
        outcome.failures[0].reason = format!("{STREAM_ENDED}no key");
        outcome.tickets[0].state = TicketState::Expired;
        let mut oracle = (*outcome.oracle).clone();
        oracle.problems = vec![crate::model::facts::Problem {
            path: "big.py".into(),
            line: None,
            kind: crate::model::facts::ProblemKind::TooLarge,
            message: "too large; skipped".to_owned(),
        }];
        outcome.oracle = std::sync::Arc::new(oracle);
        let gate = Gate {
            fail_on: Some(FailOn::Never),
            ..Gate::default()
        };
        let name = outcome.streams[outcome.failures[0].stream as usize].name.clone();
        let reasons = reasons(Some(&outcome), &Listing::of(&outcome), &gate, Judge::Document);
        let ended = format!("stream {name} ended for good");
        assert_eq!(
            reasons,
            ["1 failed component", &ended, "1 expired ticket", "1 skipped file"]
        );
    }

    #[test]
    fn agreement_can_be_asked_for() {
        let mut outcome = sample::outcome();
        outcome.failures.clear();
        let gate = Gate {
            fail_on: Some(FailOn::Never),
            min_agreement: Some(0.9),
            ..Gate::default()
        };
        let reasons = reasons(Some(&outcome), &Listing::of(&outcome), &gate, Judge::Check);
        assert_eq!(reasons, ["an agreement of 50.0 %, less than 90.0 %"]);
    }
}
