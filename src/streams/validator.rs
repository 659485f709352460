//! The gate of facts in its smallest form: every claim of a draft is asked of the oracle.

use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Draft, JudgedDraft};
use crate::model::oracle::Oracle;

/// Why a draft was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the draft describes {found}, not {expected}")]
pub struct Rejected {
    /// The component that was asked for.
    pub expected: Name,
    /// The component that the draft describes.
    pub found: Name,
}

/// Asks the oracle about every claim of a draft.
pub fn judge(
    oracle: &Oracle,
    component: ComponentIndex,
    draft: Draft,
) -> Result<JudgedDraft, Rejected> {
    let expected = &oracle.component(component).id;
    if draft.component != *expected {
        return Err(Rejected {
            expected: expected.clone(),
            found: draft.component,
        });
    }
    let answers = draft
        .claims
        .iter()
        .map(|c| oracle.ask(component, &c.subject, &c.value))
        .collect();
    Ok(JudgedDraft { draft, answers })
}
