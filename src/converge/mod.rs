//! Convergence: from what the iterations did, and the thresholds, to a verdict. Pure.
//!
//! [`judge`] says how far the streams have come together, what is unmet in figures, and what has to happen;
//! [`oscillation`] sees when a difference flips back and forth, so that iterating would not end it.

pub mod oscillation;
#[cfg(test)]
mod tests;

use crate::config::Convergence;
use crate::model::run::{ConvergenceStatus, IterationRecord, Measures, RequiredAction, Verdict};

/// Judges how far the streams have come together by the end of the last iteration.
pub fn judge(history: &[IterationRecord], options: &Convergence) -> Verdict {
    let Some(last) = history.last() else {
        return Verdict {
            status: ConvergenceStatus::NotStarted,
            unmet: Vec::new(),
            required_actions: Vec::new(),
        };
    };
    let unmet = unmet(&last.measures, options);
    let blocks = !last.measures.blocking.is_empty() || nothing_documented(&last.measures);
    let status = if unmet.is_empty() {
        ConvergenceStatus::Converged
    } else if last.iteration >= options.max_iterations {
        ConvergenceStatus::Forced
    } else if blocks {
        ConvergenceStatus::InProgress
    } else {
        ConvergenceStatus::PartiallyConverged
    };
    Verdict {
        status,
        required_actions: required_actions(last, options, &unmet, status),
        unmet: unmet.into_iter().map(|u| u.sentence).collect(),
    }
}

/// Open discrepancies that do not block, at most: what the options say, or 2 or 1 % of the components, whichever is
/// more.
pub fn allowed_open(measures: &Measures, options: &Convergence) -> u64 {
    options
        .max_open_discrepancies
        .unwrap_or_else(|| (measures.components / 100).max(2))
}

/// What keeps a run from converging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    NothingDocumented,
    Failed,
    Blocking,
    Open,
    Corrections,
    Match,
    Similarity,
    Unvalidated,
}

struct Unmet {
    condition: Condition,
    sentence: String,
}

fn unmet(measures: &Measures, options: &Convergence) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    let mut add = |holds: bool, condition, sentence: &dyn Fn() -> String| {
        if !holds {
            unmet.push(Unmet {
                condition,
                sentence: sentence(),
            });
        }
    };
    add(!nothing_documented(measures), Condition::NothingDocumented, &|| {
        "No component is documented.".to_owned()
    });
    add(measures.failed == 0, Condition::Failed, &|| {
        format!("{} failed.", count(measures.failed, "component"))
    });
    add(measures.blocking.is_empty(), Condition::Blocking, &|| {
        blocking_sentence(measures)
    });
    let open = measures.open.saturating_sub(blocking(measures));
    let allowed = allowed_open(measures, options);
    add(open <= allowed, Condition::Open, &|| {
        format!(
            "{} open without blocking, and {allowed} are allowed.",
            are(open, "discrepancy")
        )
    });
    add(measures.corrections == 0, Condition::Corrections, &|| {
        format!("{} not taken yet.", are(measures.corrections, "correction"))
    });
    let graph = measures.call_graph_match;
    let wanted = options.call_graph_match_threshold;
    add(graph >= wanted, Condition::Match, &|| {
        format!("The call graphs match by {graph:.4}, and {wanted:.4} is asked for.")
    });
    let similarity = measures.documentation_similarity;
    let wanted = options.documentation_similarity_threshold;
    add(similarity >= wanted, Condition::Similarity, &|| {
        format!("The documentation is {similarity:.4} alike, and {wanted:.4} is asked for.")
    });
    let unvalidated = if options.require_static_validation {
        measures.unvalidated
    } else {
        0
    };
    add(unvalidated == 0, Condition::Unvalidated, &|| {
        format!(
            "{} in files that could not be analysed whole.",
            are(unvalidated, "component")
        )
    });
    unmet
}

/// Everything failed: that is no convergence, whatever the other figures say.
fn nothing_documented(measures: &Measures) -> bool {
    measures.components == 0 && measures.failed > 0
}

fn blocking(measures: &Measures) -> u64 {
    measures.blocking.values().sum()
}

fn blocking_sentence(measures: &Measures) -> String {
    let kinds: Vec<String> = measures
        .blocking
        .iter()
        .map(|(kind, n)| format!("{n} {}", kind.name()))
        .collect();
    let total = blocking(measures);
    let verb = if total == 1 { "blocks" } else { "block" };
    format!("{} {verb}: {}.", count(total, "discrepancy"), kinds.join(", "))
}

fn required_actions(
    last: &IterationRecord,
    options: &Convergence,
    unmet: &[Unmet],
    status: ConvergenceStatus,
) -> Vec<RequiredAction> {
    let measures = &last.measures;
    let is_unmet = |condition| unmet.iter().any(|u| u.condition == condition);
    let mut actions = Vec::new();
    let mut add = |action: String, command: &str| {
        actions.push(RequiredAction {
            action,
            command: Some(command.to_owned()),
        });
    };
    if measures.open > 0 {
        let open = count(measures.open, "open discrepancy");
        add(format!("Decide {open}."), "twinscribe tickets list");
        add("Go on with the answers.".to_owned(), "twinscribe resume");
    }
    if measures.failed > 0 {
        let failed = count(measures.failed, "failed component");
        add(format!("Document {failed} again."), "twinscribe resume --retry-failed");
    }
    if is_unmet(Condition::Corrections) && status == ConvergenceStatus::Forced {
        let more = options.max_iterations.saturating_add(1);
        add(
            "Let the streams take what they were told.".to_owned(),
            &format!("twinscribe resume --max-iterations {more}"),
        );
    }
    if is_unmet(Condition::Match) || is_unmet(Condition::Similarity) {
        add("See where the streams part.".to_owned(), "twinscribe report");
    }
    if is_unmet(Condition::Unvalidated) {
        actions.push(RequiredAction {
            action: "Mend the files that could not be analysed whole, or leave them out.".to_owned(),
            command: None,
        });
    }
    actions
}

fn count(n: u64, noun: &str) -> String {
    match (n, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{n} {stem}ies"),
        (_, None) => format!("{n} {noun}s"),
    }
}

fn are(n: u64, noun: &str) -> String {
    format!("{} {}", count(n, noun), if n == 1 { "is" } else { "are" })
}
