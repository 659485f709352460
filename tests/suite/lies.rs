//! Planted lies: streams that tell the truth but for falsehoods that `tests/plant_lies.py` has thought out about a
//! real repository. What the code decides must be caught and absent from the documentation, whichever stream said
//! it, and no true fact may be lost over it.
//!
//! The repository is the folder in `TWINSCRIBE_LIES_REPO`, else packages of the machine's own Python.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use twinscribe::config::Config;
use twinscribe::model::claim::{Claim, Subject, Value};
use twinscribe::model::component::Name;
use twinscribe::model::documentation::{Documentation, Draft, StreamId};
use twinscribe::model::run::Outcome;
use twinscribe::streams::code::Code;
use twinscribe::streams::{Documenter, Drafting, Request};

use crate::common::library::{oracle_of, run_in_memory};
use crate::common::{Scratch, copy_folder, fixture, manifest, python, say, skipped, standard_library};

/// Packages of the standard library that stand in for a repository, with those parts of pip that are its own.
const PACKAGES: &[&str] = &[
    "asyncio",
    "concurrent",
    "email",
    "html",
    "http",
    "importlib",
    "json",
    "logging",
    "multiprocessing",
    "tomllib",
    "unittest",
    "urllib",
    "wsgiref",
    "xml",
    "xmlrpc",
    "zoneinfo",
    "site-packages/pip/_internal",
];

const LEAST: usize = 2000;

/// A line of the planting script.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plant {
    plant: u32,
    streams: Streams,
    kind: String,
    component: Name,
    subject: Subject,
    /// What is said; none where something true is left unsaid.
    value: Option<Value>,
    /// What is true; none where there is nothing to be said.
    truth: Option<Value>,
    decidable: bool,
    why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Streams {
    A,
    B,
    Both,
}

impl Plant {
    fn is_for(&self, stream: StreamId) -> bool {
        match self.streams {
            Streams::A => stream == StreamId::A,
            Streams::B => stream == StreamId::B,
            Streams::Both => true,
        }
    }

    /// Every other liar sees reason when corrected, the rest repeat themselves.
    fn is_stubborn(&self) -> bool {
        self.plant % 2 == 1
    }

    /// The subjects whose correction means that it was caught.
    fn subjects(&self) -> Vec<Subject> {
        let mut subjects = vec![self.subject.clone()];
        if let Some(renamed) = self.new_name() {
            subjects.push(Subject::Parameter(renamed));
        }
        subjects
    }

    /// For a renamed parameter: its false name.
    fn new_name(&self) -> Option<Name> {
        (self.kind == "renamed_parameter").then(|| Name::from(self.value.as_ref().unwrap().as_text().unwrap()))
    }

    /// Puts the lie into a draft's claims.
    fn apply(&self, claims: &mut Vec<Claim>) {
        match (&self.value, self.new_name()) {
            (_, Some(new)) => {
                for claim in claims {
                    claim.subject = renamed(&claim.subject, self.subject.name().unwrap(), &new);
                }
            }
            (None, None) => {
                claims.retain(|c| c.subject != self.subject && c.subject.presupposes().as_ref() != Some(&self.subject))
            }
            (Some(value), None) => {
                claims.retain(|c| c.subject != self.subject);
                claims.push(Claim::said(self.subject.clone(), value.clone(), 1.0, None));
            }
        }
    }
}

fn renamed(subject: &Subject, old: &str, new: &Name) -> Subject {
    if subject.name() != Some(old) {
        return subject.clone();
    }
    match subject {
        Subject::Parameter(_) => Subject::Parameter(new.clone()),
        Subject::ParameterKind(_) => Subject::ParameterKind(new.clone()),
        Subject::ParameterType(_) => Subject::ParameterType(new.clone()),
        Subject::ParameterDefault(_) => Subject::ParameterDefault(new.clone()),
        Subject::ParameterText(_) => Subject::ParameterText(new.clone()),
        other => other.clone(),
    }
}

/// Tells the truth but for its plants.
struct Liar {
    stream: StreamId,
    name: &'static str,
    plants: BTreeMap<Name, Vec<Plant>>,
    /// What it was corrected about.
    heard: Mutex<BTreeSet<(Name, Subject)>>,
}

impl Liar {
    fn new(stream: StreamId, name: &'static str, plants: &[Plant]) -> Arc<Self> {
        let mut mine: BTreeMap<Name, Vec<Plant>> = BTreeMap::new();
        for plant in plants.iter().filter(|p| p.is_for(stream)) {
            mine.entry(plant.component.clone()).or_default().push(plant.clone());
        }
        Arc::new(Self {
            stream,
            name,
            plants: mine,
            heard: Mutex::default(),
        })
    }

    fn was_corrected(&self, plant: &Plant) -> bool {
        let heard = self.heard.lock().unwrap();
        plant
            .subjects()
            .into_iter()
            .any(|s| heard.contains(&(plant.component.clone(), s)))
    }
}

impl Documenter for Liar {
    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> &str {
        "1"
    }

    fn is_embedded(&self) -> bool {
        false
    }

    fn witnesses_edges(&self) -> bool {
        true
    }

    fn restates_oracle(&self) -> bool {
        false
    }

    fn uses_context(&self) -> bool {
        false
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(async move {
            let draft = Code.document(request).await?.draft;
            let mut claims = draft.claims;
            let component = &request.oracle.component(request.component).id;
            for correction in &request.corrections {
                self.heard
                    .lock()
                    .unwrap()
                    .insert((component.clone(), correction.subject.clone()));
            }
            for plant in self.plants.get(component).into_iter().flatten() {
                if plant.is_stubborn() || !self.was_corrected(plant) {
                    plant.apply(&mut claims);
                }
            }
            Ok(Draft::new(draft.component, claims).into())
        })
    }
}

/// Whether the documentation says what is true where the plant is about, and nothing of the lie.
fn is_mended(documentation: &Documentation, plant: &Plant) -> bool {
    let says = |subject: &Subject| documentation.get(subject).map(|c| &c.value);
    let truth_stands = match &plant.truth {
        Some(truth) => says(&plant.subject).is_some_and(|v| same(v, truth)),
        None => says(&plant.subject).is_none(),
    };
    let new_is_gone = plant
        .new_name()
        .is_none_or(|new| says(&Subject::Parameter(new)).is_none());
    truth_stands && new_is_gone
}

/// Equal but for white space in text.
fn same(a: &Value, b: &Value) -> bool {
    let squeezed = |v: &Value| v.as_text().map(|t| t.split_whitespace().collect::<String>());
    match (squeezed(a), squeezed(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// Whether anybody noticed: the liar was told, the claim was thrown out, or a discrepancy names it.
fn is_noticed(documentation: &Documentation, plant: &Plant, liars: [&Liar; 2]) -> bool {
    let subjects = plant.subjects();
    let told = liars
        .iter()
        .filter(|l| plant.is_for(l.stream))
        .all(|l| l.was_corrected(plant));
    told || documentation
        .dropped
        .iter()
        .any(|d| subjects.contains(&d.claim.subject))
        || documentation
            .discrepancies
            .iter()
            .any(|d| subjects.contains(&d.subject))
}

/// A folder with real source.
fn repository(scratch: &Scratch, python: &Path) -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("TWINSCRIBE_LIES_REPO") {
        return Some(PathBuf::from(given));
    }
    let library = standard_library(python)?;
    let site = Command::new(python)
        .args(["-c", "import pip; print(pip.__path__[0])"])
        .output()
        .ok()
        .and_then(|o| String::from_utf8(o.stdout).ok())
        .map(|path| PathBuf::from(path.trim()).join("_internal"));
    for package in PACKAGES {
        let (from, to) = match package.strip_prefix("site-packages/") {
            Some(name) => (site.clone().unwrap_or_default(), name),
            None => (library.join(package), *package),
        };
        if from.is_dir() {
            copy_folder(&from, &scratch.repo().join(to));
        }
    }
    if scratch.repo().join("pip").is_dir() {
        scratch.write("repo/pip/__init__.py", b"");
    }
    copy_folder(&fixture("stockroom").join("src"), &scratch.repo());
    Some(scratch.repo())
}

fn plants(python: &Path, repository: &Path) -> Vec<Plant> {
    let output = Command::new(python)
        .arg(manifest().join("tests/plant_lies.py"))
        .arg(repository)
        .args(["--at-least", &LEAST.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}")))
        .collect()
}

#[derive(Default)]
struct Row {
    planted: u32,
    decidable: u32,
    noticed: u32,
    mended: u32,
    undecidable_mended: u32,
}

fn table(rows: &BTreeMap<&str, Row>) -> String {
    let mut text = String::from(
        "| kind | planted | decidable | share | caught | absent, truth kept | undecidable, yet mended |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut all = Row::default();
    for (kind, row) in rows {
        line(&mut text, kind, row);
        all.planted += row.planted;
        all.decidable += row.decidable;
        all.noticed += row.noticed;
        all.mended += row.mended;
        all.undecidable_mended += row.undecidable_mended;
    }
    line(&mut text, "all", &all);
    text
}

fn line(text: &mut String, kind: &str, row: &Row) {
    let share = f64::from(row.decidable) * 100.0 / f64::from(row.planted.max(1));
    _ = writeln!(
        text,
        "| {kind} | {} | {} | {share:.0} % | {} | {} | {} of {} |",
        row.planted,
        row.decidable,
        row.noticed,
        row.mended,
        row.undecidable_mended,
        row.planted - row.decidable
    );
}

/// Certain facts that the documentation does not state, or states otherwise.
fn lost_facts(outcome: &Outcome) -> Vec<String> {
    let oracle = &outcome.oracle;
    let mut lost = Vec::new();
    for (index, documentation) in oracle.indices().zip(&outcome.documentation) {
        for fact in oracle.known_claims(index) {
            // A type that admits everything says nothing: whoever says more takes nothing away.
            let text = fact.value.as_text().unwrap_or_default();
            if text
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| matches!(word, "Any" | "object"))
            {
                continue;
            }
            let said = documentation.get(&fact.subject);
            if said.is_none_or(|s| !same(&s.value, &fact.value)) {
                lost.push(format!(
                    "{}: {} = {}, documented as {:?}",
                    oracle.component(index).id,
                    fact.subject,
                    fact.value,
                    said.map(|s| s.value.to_string())
                ));
            }
        }
    }
    lost
}

#[test]
fn every_decidable_lie_is_caught_and_no_fact_is_lost() {
    let Some(python) = python(8) else {
        return skipped("lies", "no python3");
    };
    let scratch = Scratch::with(&[]);
    let Some(repository) = repository(&scratch, &python) else {
        return skipped("lies", "this Python has no sources of its standard library");
    };
    let plants = plants(&python, &repository);
    assert!(plants.len() >= LEAST);
    let oracle = oracle_of(&repository);
    let a = Liar::new(StreamId::A, "liar:a", &plants);
    let b = Liar::new(StreamId::B, "liar:b", &plants);
    let mut config = Config::default();
    config.convergence.max_iterations = 3;
    let outcome = run_in_memory(&oracle, [a.clone(), b.clone()], config).unwrap();

    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut failures = Vec::new();
    for plant in &plants {
        let row = rows.entry(&plant.kind).or_default();
        row.planted += 1;
        let Some(index) = oracle.find(&plant.component) else {
            failures.push(format!("no component {}", plant.component));
            continue;
        };
        let documentation = &outcome.documentation[index.as_usize()];
        let mended = is_mended(documentation, plant);
        if !plant.decidable {
            row.undecidable_mended += u32::from(mended);
            continue;
        }
        // What is left unsaid is caught by being said in the end; silence of one side is no difference.
        let noticed = plant.value.is_none() || is_noticed(documentation, plant, [&a, &b]);
        row.decidable += 1;
        row.noticed += u32::from(noticed);
        row.mended += u32::from(mended);
        if !(noticed && mended) {
            let claim = plant.value.as_ref().or(plant.truth.as_ref()).unwrap();
            let answer = oracle.ask(index, &plant.subject, claim);
            failures.push(format!(
                "{} {:?} of {} by {:?}: said {:?}, true {:?} ({}); documented {:?}, noticed {noticed}; the oracle: \
                 {} because {}",
                plant.kind,
                plant.subject,
                plant.component,
                plant.streams,
                plant.value,
                plant.truth,
                plant.why,
                documentation.get(&plant.subject).map(|c| (&c.value, c.verdict)),
                answer.verdict,
                answer.reason,
            ));
        }
    }
    say(&table(&rows));
    let lost = lost_facts(&outcome);
    assert!(
        failures.is_empty() && lost.is_empty(),
        "{} decidable lies survived:\n{}\n{} facts were lost:\n{}",
        failures.len(),
        failures[..failures.len().min(40)].join("\n"),
        lost.len(),
        lost[..lost.len().min(20)].join("\n"),
    );
}

#[test]
fn every_kind_of_lie_has_decidable_ones() {
    let Some(python) = python(8) else {
        return skipped("lies", "no python3");
    };
    let scratch = Scratch::with(&[]);
    let Some(repository) = repository(&scratch, &python) else {
        return skipped("lies", "this Python has no sources of its standard library");
    };
    let mut kinds: BTreeMap<String, bool> = BTreeMap::new();
    for plant in plants(&python, &repository) {
        *kinds.entry(plant.kind).or_default() |= plant.decidable;
    }
    assert_eq!(kinds.len(), 17, "{kinds:?}");
    let never: Vec<_> = kinds.iter().filter(|(_, decided)| !**decided).collect();
    assert!(never.is_empty(), "never decidable: {never:?}");
}
