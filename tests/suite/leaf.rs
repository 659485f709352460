//! An edit of one function in a whole repository: it is described anew with whatever really reads something new, and
//! nothing else. The repository is the sample, or one of the reader's choice.
//!
//! What has to be asked again is found out without the reconciler: the repository as it is after the edit is described
//! from nothing, and a component has to be asked where its own source or facts are others, or where one that it
//! depends on now says something else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use twinscribe::checkpoint::{CheckpointStore, Mode, RunHeader, RunResults, reconcile, signatures};
use twinscribe::config::Config;
use twinscribe::model::component::{ComponentIndex, ComponentKind, Name};
use twinscribe::model::documentation::Documentation;
use twinscribe::model::oracle::Oracle;
use twinscribe::pipeline::Job;
use twinscribe::streams::scripted::{Scripted, truth};
use twinscribe::streams::{Documenter, Request};

use crate::common::library::{block_on, oracle_of, run, stream_facts};
use crate::common::{Scratch, copy_folder, fixture, say};

const REPOSITORY_ASKED: &str = "TWINSCRIBE_TEST_REPO";
/// The function that is edited, unless the most read leaf is to be.
const LEAF_ASKED: &str = "TWINSCRIBE_TEST_LEAF";

type Asked = Arc<Mutex<BTreeSet<Name>>>;

/// Two streams that say what is true and read what their dependencies say.
fn streams(asked: &Asked) -> [Arc<dyn Documenter>; 2] {
    ["test:a", "test:b"].map(|name| {
        let asked = Arc::clone(asked);
        let said = move |request: &Request| {
            let id = request.oracle.component(request.component).id.clone();
            asked.lock().unwrap().insert(id);
            truth(request)
        };
        Arc::new(Scripted::claiming(name, said).witnessing_edges().using_context()) as Arc<dyn Documenter>
    })
}

/// What a run left: whom it asked, and what stream A says of everything, as hashes.
struct Left {
    asked: BTreeSet<Name>,
    says: BTreeMap<Name, u64>,
    documentation: Vec<Documentation>,
}

/// Describes a repository, on what earlier runs in the same place left.
fn document(place: &Path, oracle: &Arc<Oracle>) -> Left {
    let asked = Asked::default();
    let streams = streams(&asked);
    let store = CheckpointStore::open(place).unwrap();
    let header = RunHeader {
        repository: "/srv/repo".into(),
        output: "/srv/out".into(),
        options: Config::default(),
        program: "test".to_owned(),
        created_at: SystemTime::now(),
    };
    let seed = store.predecessor(&header).unwrap().map(|earlier| {
        let mut seed = earlier.as_seed(oracle, stream_facts(&streams));
        reconcile(Mode::Patch, &seed, oracle, stream_facts(&streams)).apply(&mut seed);
        seed.restatement()
    });
    let writer = store.begin_from(header, seed.clone()).unwrap();
    let mut job = Job::new(oracle.clone(), streams, Config::default()).saved_to(&writer);
    job.resumed = seed;
    let outcome = run(job).unwrap();
    block_on(writer.finish(RunResults::from(&outcome))).unwrap();
    let drafts = store.load(Some(&writer.run_id())).unwrap().state.drafts;
    let says = drafts[0]
        .iter()
        .map(|(id, draft)| (id.clone(), draft.meaning()))
        .collect();
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    Left {
        asked,
        says,
        documentation: outcome.documentation,
    }
}

/// How many read what a component says.
fn readers(oracle: &Oracle) -> Vec<usize> {
    let mut readers = vec![0; oracle.components.len()];
    for component in oracle.indices() {
        for dependency in &oracle.order.dependencies[component.as_usize()] {
            readers[dependency.as_usize()] += 1;
        }
    }
    readers
}

/// The function that depends on nothing and is read most.
fn most_read_leaf(oracle: &Oracle) -> ComponentIndex {
    let readers = readers(oracle);
    let is_leaf = |&c: &ComponentIndex| {
        let component = oracle.component(c);
        let has_body = component.last_line > component.first_line;
        has_body && component.kind == ComponentKind::Function && oracle.order.dependencies[c.as_usize()].is_empty()
    };
    let leaves = oracle.indices().filter(is_leaf);
    leaves
        .max_by_key(|c| (readers[c.as_usize()], std::cmp::Reverse(*c)))
        .unwrap()
}

/// Puts a statement before or after a function's last line.
fn edit(repository: &Path, oracle: &Oracle, leaf: ComponentIndex, statement: &str, is_before: bool) {
    let component = oracle.component(leaf);
    let path = repository.join(&*component.path);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let last = component.last_line as usize - 1;
    let indent: String = lines[last].chars().take_while(|c| c.is_whitespace()).collect();
    let at = if is_before { last } else { last + 1 };
    lines.insert(at, format!("{indent}{statement}"));
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
}

/// A signature without the line, which is where a component stands and not what it is.
fn signed(oracle: &Oracle) -> BTreeMap<Name, String> {
    let streams = streams(&Asked::default());
    let all = signatures(oracle, stream_facts(&streams));
    let without_line = |text: String| text.rsplit_once(" line=").unwrap().0.to_owned();
    all.into_iter().map(|(id, text)| (id, without_line(text))).collect()
}

/// Whom an edit leaves no way but to ask again.
fn must_be_asked(oracles: [&Oracle; 2], says: [&BTreeMap<Name, u64>; 2]) -> BTreeSet<Name> {
    let signed = oracles.map(signed);
    let [before, after] = says;
    let reads_something_new = |component: ComponentIndex| {
        let dependencies = oracles[1].order.dependencies[component.as_usize()].iter();
        let mut ids = dependencies.map(|&d| &oracles[1].component(d).id);
        ids.any(|id| before.get(id) != after.get(id))
    };
    oracles[1]
        .indices()
        .filter(|&c| {
            let id = &oracles[1].component(c).id;
            signed[0].get(id) != signed[1].get(id) || reads_something_new(c)
        })
        .map(|c| oracles[1].component(c).id.clone())
        .collect()
}

/// The repository that is asked for, or the sample.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    let original = std::env::var_os(REPOSITORY_ASKED).map_or_else(|| fixture("stockroom"), PathBuf::from);
    copy_folder(&original, &scratch.path("repo"));
    scratch
}

fn check(scratch: &Scratch, what: &str, statement: &str, is_before: bool) {
    let asked = std::env::var(LEAF_ASKED).ok();
    check_of(scratch, asked.as_deref(), what, statement, is_before);
}

fn check_of(scratch: &Scratch, asked: Option<&str>, what: &str, statement: &str, is_before: bool) {
    let before = oracle_of(&scratch.repo());
    let first = document(&scratch.path("checkpoints"), &before);
    assert_eq!(first.asked.len(), before.components.len());
    let leaf = asked.map_or_else(|| most_read_leaf(&before), |id| before.find(id).unwrap());
    edit(&scratch.repo(), &before, leaf, statement, is_before);
    let after = oracle_of(&scratch.repo());
    let began = Instant::now();
    let second = document(&scratch.path("checkpoints"), &after);
    let took = began.elapsed();
    let alone = document(&scratch.path("elsewhere"), &after);
    let pairs = second.documentation.iter().zip(&alone.documentation);
    let different: Vec<_> = pairs
        .filter(|(x, y)| x != y)
        .map(|(x, _)| &after.component(x.component).id)
        .collect();
    assert!(
        different.is_empty(),
        "{what}: {different:?} are not what a run from nothing makes of them"
    );
    let needed = must_be_asked([&before, &after], [&first.says, &alone.says]);
    let missed: Vec<_> = needed.difference(&second.asked).collect();
    let spared: Vec<_> = second.asked.difference(&needed).collect();
    let name = &before.component(leaf).id;
    say(&format!(
        "{what} of {name}, which {} of {} components read: {} described anew, {} had to be ({} missed, {} too many), \
         {took:.2?}",
        readers(&before)[leaf.as_usize()],
        after.components.len(),
        second.asked.len(),
        needed.len(),
        missed.len(),
        spared.len(),
    ));
    assert!(
        missed.is_empty() && spared.is_empty(),
        "{what}: missed {missed:?}, too many {spared:?}"
    );
    assert!(second.asked.contains(name) && second.asked.len() < before.components.len() / 2);
}

#[test]
fn edit_that_changes_no_fact_asks_for_the_function_alone() {
    check(&repository(), "body edit that changes no fact", "pass", false);
}

#[test]
fn edit_that_changes_facts_asks_for_whoever_reads_them() {
    let statement = "if not __debug__: raise LookupError(\"edited\")";
    check(&repository(), "body edit that makes it raise", statement, true);
}

const INSIDE: &str = r#""""A module and a class that call something below what is edited."""


def leaf(x):
    """Doubles."""
    return x * 2


class Table:
    """Holds."""

    def inner(self):
        """Says so."""
        return 1

    size = leaf(3)


FIRST = leaf(1)
SECOND = leaf(2)
"#;

/// What is written around the edited function moves in part, and what was said of it is found again.
#[test]
fn edit_above_other_lines_of_a_module_and_of_a_class_asks_for_neither() {
    for leaf in ["m.leaf", "m.Table.inner"] {
        let scratch = Scratch::with(&[("m.py", INSIDE.as_bytes())]);
        check_of(&scratch, Some(leaf), "body edit", "pass", false);
    }
}
