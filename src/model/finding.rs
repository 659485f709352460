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

/// The same for the same drift, however lines move.
pub fn fingerprint(path: &str, qualname: &str, kind: &str, name: Option<&Name>) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [path, qualname, kind, name.map_or("", |n| n.as_ref())] {
        hasher.update(part.as_bytes());
        // A separator that no part holds keeps the parts apart.
        hasher.update(&[0]);
    }
    let mut hex = hasher.finalize().to_hex().to_string();
    hex.truncate(16);
    hex
}
