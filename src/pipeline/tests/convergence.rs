//! How runs converge, or do not.

use std::sync::Arc;

use super::*;
use crate::compare::tests::sample::Sample;
use crate::model::discrepancy::{BlockingKind, DiscrepancyKind};
use crate::model::documentation::Resolution;
use crate::model::run::ConvergenceStatus::{self, Converged, Forced, InProgress, PartiallyConverged};

/// Statuses at the end of each iteration.
fn statuses(outcome: &Outcome) -> Vec<ConvergenceStatus> {
    outcome.history.iter().filter_map(|r| r.status).collect()
}

fn check(streams: [Arc<dyn Documenter>; 2], config: Config, expected: &[ConvergenceStatus]) -> Outcome {
    let outcome = outcome_of(streams, config);
    assert_eq!(statuses(&outcome), expected, "{:?}", outcome.verdict);
    outcome
}

#[test]
fn streams_that_agree_converge_at_once() {
    let outcome = check([truthful(), truthful()], config(), &[Converged]);
    let measures = &outcome.history[0].measures;
    assert_eq!((measures.call_graph_match, measures.components), (1.0, 3));
    assert_eq!(outcome.history[0].processed, [3, 3]);
    assert!(outcome.verdict.unmet.is_empty());
}

#[test]
fn every_phase_is_passed_through() {
    let mut heard = Heard::default();
    let job = Job::new(oracle(), [truthful(), truthful()], config());
    block_on(run(job, &mut heard, Stop::new())).unwrap();
    use Phase::{Comparing, Completed, Documenting, Finalizing, Initializing, Resolving};
    assert_eq!(
        heard.phases(),
        [Initializing, Documenting, Comparing, Resolving, Finalizing, Completed]
    );
}

/// Tells one lie fewer each time it is told of one.
fn liar(lies: usize) -> Arc<dyn Documenter> {
    claiming(move |request| {
        let told = request.corrections.len();
        if told < lies && id(request) == "m.b" {
            but(request, vec![default_of_size(&format!("{}", told + 60))])
        } else {
            truth(request)
        }
    })
}

#[test]
fn corrected_streams_converge_in_as_many_iterations_as_they_need() {
    for lies in 1..=3 {
        let outcome = outcome_of([liar(lies), truthful()], config());
        assert_eq!(outcome.history.len(), lies + 1);
        assert_eq!(outcome.verdict.status, Converged);
        for record in &outcome.history[1..] {
            assert_eq!(record.processed, [1, 0], "only what was corrected is redone");
        }
        let documentation = &outcome.documentation[1];
        let default = documentation.get(&Subject::ParameterDefault("size".into()));
        assert_eq!(default.unwrap().value, Value::text("1"));
        assert_eq!(documentation.dropped.len(), lies, "all lies stay on record");
        let kinds: Vec<_> = documentation.discrepancies.iter().map(|d| d.kind).collect();
        assert_eq!(kinds, [DiscrepancyKind::ParameterDefault]);
    }
}

#[test]
fn embedded_streams_take_a_correction_in_two_iterations() {
    let embedded = |lies: bool| -> Arc<dyn Documenter> {
        Arc::new(
            Scripted::claiming("test:embedded", move |request| {
                let subject = Subject::ParameterDefault("size".into());
                if lies && !is_told(request, &subject) {
                    but(request, vec![default_of_size("60")])
                } else {
                    truth(request)
                }
            })
            .embedded()
            .witnessing_edges(),
        )
    };
    let outcome = check(
        [embedded(true), embedded(false)],
        config(),
        &[PartiallyConverged, Converged],
    );
    assert_eq!(outcome.history[0].refuted, [3, 0]);
    assert_eq!(outcome.history[1].processed, [3, 0]);
}

#[test]
fn repeated_lies_stay_dropped_and_cause_no_iteration() {
    let stubborn = claiming(|request| but(request, vec![default_of_size("60")]));
    let outcome = check([stubborn, truthful()], config(), &[PartiallyConverged, Converged]);
    let default = outcome.documentation[0].get(&Subject::ParameterDefault("size".into()));
    assert_eq!(default.unwrap().value, Value::text("1"));
    assert_eq!(outcome.history[1].refuted, [3, 0]);
}

/// Says `values[n]` of the type that the code does not decide, in iteration n (the last one for ever).
fn typing(values: &'static [&'static str]) -> Arc<dyn Documenter> {
    claiming(move |request| {
        let n = (request.iteration as usize - 1).min(values.len() - 1);
        if id(request) == "m.a" {
            but(request, vec![type_of_free(values[n])])
        } else {
            truth(request)
        }
    })
}

#[test]
fn streams_that_never_agree_are_forced_to_an_end() {
    let mut short = config();
    short.convergence.max_iterations = 3;
    let outcome = check(
        [typing(&["int"]), typing(&["str"])],
        short,
        &[InProgress, InProgress, Forced],
    );
    assert_eq!(outcome.documentation[0].open().count(), 1);
    let unmet = &outcome.verdict.unmet;
    assert_eq!(unmet, &["1 discrepancy blocks: 1 type_mismatch."]);
    let claim = outcome.documentation[0].get(&Subject::ParameterType("free".into()));
    assert_eq!(claim.unwrap().resolution, None);
}

#[test]
fn streams_that_come_together_converge() {
    let outcome = check(
        [typing(&["int", "list", "str"]), typing(&["str"])],
        config(),
        &[InProgress, InProgress, Converged],
    );
    let claim = outcome.documentation[0].get(&Subject::ParameterType("free".into()));
    assert_eq!(claim.unwrap().resolution, Some(Resolution::Agreement));
}

#[test]
fn streams_that_swap_sides_are_stopped() {
    let outcome = outcome_of(
        [
            typing(&["int", "str", "int", "str", "int"]),
            typing(&["str", "int", "str", "int", "str"]),
        ],
        config(),
    );
    assert_eq!(statuses(&outcome), [InProgress, InProgress, InProgress]);
    let open = outcome.documentation[0].open().next().unwrap();
    assert!(open.reason.ends_with("it flips back and forth"), "{}", open.reason);
    let commands: Vec<_> = outcome
        .verdict
        .required_actions
        .iter()
        .filter_map(|a| a.command.as_deref())
        .collect();
    assert_eq!(commands, ["twinscribe tickets list", "twinscribe resume"]);
}

#[test]
fn blocking_types_move_the_verdict() {
    let streams = || [typing(&["int"]), typing(&["str"])];
    let mut lax = config();
    lax.convergence.blocking_types = vec![BlockingKind::SecurityRelevantGap];
    check(streams(), lax.clone(), &[Converged]);
    lax.convergence.max_open_discrepancies = Some(0);
    lax.convergence.max_iterations = 2;
    check(streams(), lax, &[PartiallyConverged, Forced]);
}

fn summary(text: &'static str) -> Arc<dyn Documenter> {
    claiming(move |request| but(request, vec![said(Subject::Summary, text)]))
}

#[test]
fn similarity_threshold_moves_the_verdict() {
    let streams = || [summary("Opens the file."), summary("Opens a file.")];
    let mut strict = config();
    strict.convergence.max_iterations = 1;
    strict.convergence.max_open_discrepancies = Some(3);
    strict.convergence.documentation_similarity_threshold = 0.99;
    let outcome = check(streams(), strict.clone(), &[Forced]);
    let similarity = outcome.history[0].measures.documentation_similarity;
    assert!((0.9..0.99).contains(&similarity), "{similarity}");
    strict.convergence.documentation_similarity_threshold = 0.9;
    check(streams(), strict.clone(), &[Converged]);
    strict.convergence.documentation_similarity_threshold = 0.5;
    let outcome = check(streams(), strict, &[Converged]);
    let summary = outcome.documentation[0].get(&Subject::Summary).unwrap();
    assert_eq!(summary.resolution, Some(Resolution::Agreement));
}

#[test]
fn match_threshold_moves_the_verdict() {
    // Told of the missing call, it leaves it out again: the fact stands, the match does not rise.
    let silent = claiming(|request| {
        let mut claims = truth(request);
        claims.retain(|c| !matches!(c.subject, Subject::Callee(_)) || id(request) != "m.c");
        claims.retain(|c| c.subject.presupposes().is_none() || c.subject.name() != Some("m.b"));
        claims
    });
    let mut lax = config();
    let outcome = check(
        [silent.clone(), truthful()],
        lax.clone(),
        &[PartiallyConverged, PartiallyConverged],
    );
    assert_eq!(outcome.history[0].measures.call_graph_match, 0.5);
    lax.convergence.call_graph_match_threshold = 0.5;
    check([silent, truthful()], lax, &[PartiallyConverged, Converged]);
}

#[test]
fn damaged_files_forbid_convergence_unless_waived() {
    let oracle = Sample::default().function("m.a").damaged().oracle();
    let job = |config| Job::new(Arc::clone(&oracle), [truthful(), truthful()], config);
    let outcome = run_job(job(config())).unwrap();
    assert_eq!(outcome.verdict.status, PartiallyConverged);
    let mut lax = config();
    lax.convergence.require_static_validation = false;
    assert_eq!(run_job(job(lax)).unwrap().verdict.status, Converged);
}

#[test]
fn nothing_to_document_converges() {
    let job = Job::new(Sample::default().oracle(), [truthful(), truthful()], config());
    let outcome = run_job(job).unwrap();
    assert_eq!(outcome.verdict.status, Converged);
    assert!(outcome.documentation.is_empty());
}

#[test]
fn swapped_streams_give_the_mirror_image() {
    let one = outcome_of([liar(2), typing(&["int", "str"])], config());
    let other = outcome_of([typing(&["int", "str"]), liar(2)], config());
    assert_eq!(statuses(&one), statuses(&other));
    for (x, y) in one.history.iter().zip(&other.history) {
        assert_eq!((x.processed[0], x.processed[1]), (y.processed[1], y.processed[0]));
        assert_eq!((x.refuted[0], x.refuted[1]), (y.refuted[1], y.refuted[0]));
        assert_eq!(x.measures, y.measures);
        assert_eq!(x.discrepancies, y.discrepancies);
    }
    for (x, y) in one.documentation.iter().zip(&other.documentation) {
        let values = |d: &crate::model::documentation::Documentation| {
            d.claims
                .iter()
                .map(|c| (c.subject.clone(), c.value.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(values(x), values(y));
    }
    assert_eq!(one.streams[0].edges, other.streams[1].edges);
}

#[test]
fn edges_are_scored_as_first_said() {
    let wrong = claiming(|request| {
        let lie = Claim::said(Subject::Callee("m.c".into()), Value::Present, 0.9, None);
        if request.corrections.is_empty() && id(request) == "m.c" {
            let mut claims = but(request, vec![lie]);
            claims.retain(|c| c.subject.name() != Some("m.b"));
            claims
        } else {
            truth(request)
        }
    });
    let outcome = check([wrong, truthful()], config(), &[PartiallyConverged, Converged]);
    let score = outcome.streams[0].edges;
    assert_eq!((score.confirmed, score.refuted, score.missed), (1, 1, 1));
    assert_eq!(outcome.streams[1].edges.precision(), Some(1.0));
}
