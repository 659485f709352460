//! Findings: what `check` prints, one per place where docstring and code part.

use super::component::Name;
use super::discrepancy::{DiscrepancyKind, FindingClass, Severity};

/// One drift between a docstring and its code.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// POSIX path of the file, relative to the repository.
    pub path: Name,
    /// Full id of the component.
    pub component: Name,
    /// The id without the module; none for the module itself.
    pub qualname: Option<Name>,
    /// Line to point at, counted from 1.
    pub line: u32,
    /// What kind; its row of the table has its name.
    pub kind: DiscrepancyKind,
    /// The parameter, exception, attribute or reference concerned.
    pub name: Option<Name>,
    /// Its class.
    pub class: FindingClass,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence for the person who has to mend it.
    pub message: String,
    /// What shows it: (line, counted from 1; what stands there).
    pub evidence: Vec<(u32, String)>,
    /// Hash of path, qualified name, kind and name: the same however lines move.
    pub fingerprint: String,
}
