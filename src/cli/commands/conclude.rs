//! What all commands that run the pipeline do at the end: judge the findings, and print them where they are wanted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::run::GateOptions;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::gate::{self, Judge};
use crate::cli::output::shell_word;
use crate::cli::suppress;
use crate::config::Settings;
use crate::model::finding::Finding;
use crate::model::run::Outcome;
use crate::report::findings::{self, Format, Listing, baseline::Baseline};

/// Larger files are not opened to show a line of them.
const MOST_SOURCE: u64 = 5_000_000;

/// Lists the findings where they are wanted, and says how the command ends.
pub(super) fn judge(
    outcome: &Outcome,
    repository: &Path,
    settings: &Settings,
    flags: &GateOptions,
    (judge, format): (Judge, Option<Format>),
    context: &Context,
) -> Result<Ending, Failure> {
    list(
        Listing::of(outcome),
        Some(outcome),
        repository,
        settings,
        flags,
        (judge, format),
        context,
    )
}

/// The same for a listing that came about without a run.
pub(super) fn list(
    listing: Listing<'_>,
    outcome: Option<&Outcome>,
    repository: &Path,
    settings: &Settings,
    flags: &GateOptions,
    (judge, format): (Judge, Option<Format>),
    context: &Context,
) -> Result<Ending, Failure> {
    let source = Lines::new(repository);
    let read = |path: &str, line: u32| source.line(path, line);
    let mut listing: Listing<'_> = listing;
    listing.source = Some(&read);
    let first_lines = outcome.map(first_lines).unwrap_or_default();
    listing
        .findings
        .retain(|finding| !is_let_pass(finding, &first_lines, &source));
    apply_baseline(&mut listing, settings, flags, context)?;
    let reasons = gate::reasons(outcome, &listing, &settings.gate, judge);
    let all = listing.findings.len();
    listing
        .findings
        .retain(|f| gate::is_listed(f.class, &settings.gate, judge));
    listing.hidden = all - listing.findings.len();
    for (format, path) in &flags.reports {
        findings::write_listing(*format, &listing, path)?;
    }
    if let Some(format) = format {
        listing.paint = context.stdout_paint;
        context.print(|out| findings::render(format, &listing, out))?;
    }
    if reasons.is_empty() || flags.exit_zero {
        return Ok(Ending::Clean);
    }
    context.say(&format!(
        "{}: {}",
        context.stderr_paint.error("failed"),
        reasons.join(", ")
    ));
    Ok(Ending::Findings)
}

/// Where each component with findings begins, and the last line of its docstring.
fn first_lines(outcome: &Outcome) -> BTreeMap<&str, (u32, u32)> {
    let with: std::collections::BTreeSet<&str> = outcome.findings.iter().map(|f| f.component.as_ref()).collect();
    let components = outcome
        .oracle
        .components
        .iter()
        .filter(|c| with.contains(c.id.as_ref()));
    components
        .map(|component| {
            let last = component.docstring.as_ref().map_or(component.first_line, |d| {
                d.line + u32::try_from(d.text.matches('\n').count()).unwrap_or(0)
            });
            (component.id.as_ref(), (component.first_line, last))
        })
        .collect()
}

/// Whether a comment in the source lets a finding pass.
fn is_let_pass(finding: &Finding, first_lines: &BTreeMap<&str, (u32, u32)>, source: &Lines<'_>) -> bool {
    let (first, last) = first_lines
        .get(finding.component.as_ref())
        .copied()
        .unwrap_or((finding.line, finding.line));
    // The closing quotes may stand on a line of their own.
    [finding.line, first, last, last + 1].into_iter().any(|line| {
        let text = source.line(&finding.path, line);
        text.is_some_and(|text| suppress::lets_pass(&text, finding))
    })
}

fn apply_baseline(
    listing: &mut Listing<'_>,
    settings: &Settings,
    flags: &GateOptions,
    context: &Context,
) -> Result<(), Failure> {
    let Some(path) = &settings.gate.baseline else {
        return if flags.update_baseline {
            Err(Failure::usage("failed to update the baseline: there is none").hint("name its file with --baseline"))
        } else {
            Ok(())
        };
    };
    if flags.update_baseline {
        Baseline::of(listing).write(path)?;
        let n = listing.findings.len();
        context.say(&format!("wrote {n} findings to {}", path.display()));
    }
    let baseline = Baseline::read(path).map_err(|error| {
        let hint = format!("`--baseline {} --update-baseline` writes it", shell_word(path));
        Failure::from(error).hint(hint)
    })?;
    let mended = baseline.filter(listing);
    if mended > 0 {
        context.say(&format!(
            "{mended} findings of the baseline are mended; --update-baseline takes them out"
        ));
    }
    Ok(())
}

/// Lines of the repository's files, each file read once.
struct Lines<'a> {
    root: &'a Path,
    files: RefCell<BTreeMap<String, Option<Vec<Box<str>>>>>,
}

impl<'a> Lines<'a> {
    fn new(repository: &'a Path) -> Self {
        Self {
            root: if repository.is_file() {
                repository.parent().unwrap_or(Path::new("."))
            } else {
                repository
            },
            files: RefCell::default(),
        }
    }

    /// The line of a file, where that is a file of ordinary size and text.
    fn line(&self, path: &str, line: u32) -> Option<String> {
        let mut files = self.files.borrow_mut();
        let text = files.entry(path.to_owned()).or_insert_with(|| {
            let path = self.root.join(path);
            let ordinary = path.metadata().is_ok_and(|m| m.is_file() && m.len() <= MOST_SOURCE);
            let text = ordinary.then(|| std::fs::read_to_string(path).ok()).flatten()?;
            Some(text.lines().map(Box::from).collect())
        });
        let line = text.as_ref()?.get(line.checked_sub(1)? as usize)?;
        Some(line.to_string())
    }
}
