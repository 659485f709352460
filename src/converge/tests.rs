//! Every status, and every option, moves the verdict.

use super::*;
use crate::config::Config;
use crate::model::discrepancy::BlockingKind;
use ConvergenceStatus::{Converged, Forced, InProgress, NotStarted, PartiallyConverged};

fn options() -> Convergence {
    Config::default().convergence
}

/// Figures with which everything is met.
fn good() -> Measures {
    Measures {
        call_graph_match: 1.0,
        documentation_similarity: 1.0,
        components: 10,
        ..Measures::default()
    }
}

fn verdict(iteration: u32, measures: Measures, options: &Convergence) -> Verdict {
    let record = IterationRecord {
        iteration,
        measures,
        ..IterationRecord::default()
    };
    judge(&[record], options)
}

fn check(measures: Measures, options: &Convergence, expected: ConvergenceStatus) -> Verdict {
    let verdict = verdict(1, measures, options);
    assert_eq!(verdict.status, expected, "{:?}", verdict.unmet);
    assert_eq!(verdict.unmet.is_empty(), expected == Converged);
    verdict
}

#[test]
fn nothing_has_started_without_an_iteration() {
    assert_eq!(judge(&[], &options()).status, NotStarted);
}

#[test]
fn everything_met_is_converged() {
    let verdict = check(good(), &options(), Converged);
    assert!(verdict.required_actions.is_empty());
    check(
        Measures {
            components: 0,
            ..good()
        },
        &options(),
        Converged,
    );
}

#[test]
fn match_threshold_is_honoured() {
    let measures = Measures {
        call_graph_match: 0.9,
        ..good()
    };
    let found = check(measures.clone(), &options(), PartiallyConverged);
    assert_eq!(
        found.unmet,
        ["The call graphs match by 0.9000, and 0.9800 is asked for."]
    );
    let lax = Convergence {
        call_graph_match_threshold: 0.9,
        ..options()
    };
    check(measures, &lax, Converged);
}

#[test]
fn similarity_threshold_is_honoured() {
    let measures = Measures {
        documentation_similarity: 0.9,
        ..good()
    };
    check(measures.clone(), &options(), PartiallyConverged);
    let lax = Convergence {
        documentation_similarity_threshold: 0.9,
        ..options()
    };
    check(measures, &lax, Converged);
    let broken = Measures {
        documentation_similarity: f64::NAN,
        ..good()
    };
    check(broken, &options(), PartiallyConverged);
}

#[test]
fn open_discrepancies_are_counted_against_what_is_allowed() {
    let open = |open, components| Measures {
        open,
        components,
        ..good()
    };
    check(open(2, 10), &options(), Converged);
    check(open(3, 10), &options(), PartiallyConverged);
    check(open(10, 1000), &options(), Converged);
    check(open(11, 1000), &options(), PartiallyConverged);
    let strict = Convergence {
        max_open_discrepancies: Some(0),
        ..options()
    };
    let found = check(open(1, 1000), &strict, PartiallyConverged);
    assert_eq!(
        found.unmet,
        ["1 discrepancy is open without blocking, and 0 are allowed."]
    );
    let command = found.required_actions[0].command.as_deref();
    assert_eq!(command, Some("twinscribe tickets list"));
}

#[test]
fn blocking_discrepancies_keep_it_in_progress() {
    let measures = Measures {
        open: 1,
        blocking: [(BlockingKind::TypeMismatch, 1)].into(),
        ..good()
    };
    let found = check(measures, &options(), InProgress);
    assert_eq!(found.unmet, ["1 discrepancy blocks: 1 type_mismatch."]);
}

#[test]
fn pending_corrections_mean_another_iteration() {
    let measures = Measures {
        corrections: 3,
        ..good()
    };
    let found = check(measures.clone(), &options(), PartiallyConverged);
    assert_eq!(found.unmet, ["3 corrections are not taken yet."]);
    let last = verdict(5, measures, &options());
    assert_eq!(last.status, Forced);
    assert_eq!(
        last.required_actions[0].command.as_deref(),
        Some("twinscribe resume --max-iterations 6")
    );
}

#[test]
fn failures_never_converge() {
    let some = Measures { failed: 2, ..good() };
    let found = check(some, &options(), PartiallyConverged);
    assert_eq!(found.unmet, ["2 components failed."]);
    let all = Measures {
        failed: 10,
        components: 0,
        ..good()
    };
    check(all, &options(), InProgress);
}

#[test]
fn static_validation_is_required_unless_waived() {
    let measures = Measures {
        unvalidated: 1,
        ..good()
    };
    check(measures.clone(), &options(), PartiallyConverged);
    let lax = Convergence {
        require_static_validation: false,
        ..options()
    };
    check(measures, &lax, Converged);
}

#[test]
fn last_iteration_is_forced_with_what_remains() {
    let measures = Measures {
        documentation_similarity: 0.5,
        ..good()
    };
    let last = verdict(5, measures.clone(), &options());
    assert_eq!(last.status, Forced);
    assert_eq!(last.unmet.len(), 1);
    assert_eq!(verdict(5, good(), &options()).status, Converged);
    let short = Convergence {
        max_iterations: 1,
        ..options()
    };
    assert_eq!(verdict(1, measures, &short).status, Forced);
}
