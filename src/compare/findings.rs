//! Findings in their smallest form: none.

use crate::model::component::ComponentIndex;
use crate::model::documentation::JudgedDraft;
use crate::model::finding::Finding;
use crate::model::oracle::Oracle;

/// Where a docstring and its code part.
pub fn findings(
    _oracle: &Oracle,
    _component: ComponentIndex,
    _judged: &JudgedDraft,
) -> Vec<Finding> {
    Vec::new()
}
