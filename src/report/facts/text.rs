//! A summary of the facts for a terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::oracle::Oracle;
use crate::report::convergence::build::plural;
use crate::report::escape::for_line;
use crate::report::paint::Paint;

/// Writes how much there is of what, how the call sites ended, and the problems.
///
/// # Errors
/// Those of the writer.
pub fn text(oracle: &Oracle, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let lines: u64 = oracle.files.iter().map(|f| u64::from(f.lines)).sum();
    let skipped = oracle.files.iter().filter(|f| !f.analyzed).count();
    writeln!(
        out,
        "{} of {lines} lines, {skipped} skipped",
        plural(oracle.files.len(), "file")
    )?;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for component in &oracle.components {
        *kinds.entry(component.kind.to_string()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!(": {}", kinds.join(", "))
    };
    writeln!(out, "{}{kinds}", plural(oracle.components.len(), "component"))?;
    let graph = &oracle.call_graph;
    writeln!(
        out,
        "{} between components, {} certain; {}",
        plural(graph.edges.len(), "call edge"),
        graph.edges.iter().filter(|e| e.certain).count(),
        plural(oracle.order.cycles.len(), "cycle")
    )?;
    let counts = &graph.counts;
    writeln!(out, "\n{} {}", paint.strong("Call sites"), counts.total())?;
    let rows = [
        ("resolved", counts.resolved),
        ("partly resolved", counts.partly_resolved),
        ("external", counts.external),
        ("built-in", counts.builtin),
        ("unresolved", counts.unresolved_total()),
    ];
    for (name, n) in rows {
        writeln!(out, "  {n:>8}  {name}")?;
    }
    for (reason, n) in &counts.unresolved {
        writeln!(out, "  {n:>8}    {reason}")?;
    }
    if !oracle.problems.is_empty() {
        let n = oracle.problems.len();
        writeln!(out, "\n{} {n}", paint.strong("Problems"))?;
    }
    for problem in &oracle.problems {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        writeln!(
            out,
            "  {}{line} ({}): {}",
            for_line(&problem.path),
            problem.kind,
            for_line(&problem.message)
        )?;
    }
    Ok(())
}
