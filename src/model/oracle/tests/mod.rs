//! The oracle's answers, asked of oracles made by hand.

mod calls;
mod names;
mod properties;
mod signatures;

use super::Oracle;
use super::testing::Repository;
use crate::model::claim::{Answer, Subject, Value, Verdict};
use crate::model::component::ComponentIndex;

/// Asks one claim and holds the verdict against what is expected.
#[track_caller]
fn check(oracle: &Oracle, component: ComponentIndex, subject: Subject, value: Value, expected: Verdict) -> Answer {
    let answer = oracle.ask(component, &subject, &value);
    assert_eq!(answer.verdict, expected, "{subject} = {value}: {}", answer.reason);
    answer
}

/// Asks whether something exists.
#[track_caller]
fn check_present(oracle: &Oracle, component: ComponentIndex, subject: Subject, expected: Verdict) -> Answer {
    check(oracle, component, subject, Value::Present, expected)
}

/// Asks for a text: a type, a default.
#[track_caller]
fn check_text(oracle: &Oracle, component: ComponentIndex, subject: Subject, text: &str, expected: Verdict) -> Answer {
    check(oracle, component, subject, Value::text(text), expected)
}
