//! What a change of the repository, of the streams or of the options costs: which components are described anew, by
//! kind of change and mode, counted at the stream.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use twinscribe::checkpoint::{CheckpointStore, Mode, Record, Restatement, RunHeader, RunResults, reconcile};
use twinscribe::config::Config;
use twinscribe::model::claim::{Claim, Subject, Value};
use twinscribe::model::oracle::Oracle;
use twinscribe::model::run::Outcome;
use twinscribe::pipeline::Job;
use twinscribe::streams::scripted::{Scripted, truth};
use twinscribe::streams::{Documenter, Request};

use crate::common::library::{block_on, oracle_but, run, stream_facts};
use crate::common::{Scratch, say};

const LEAF: &str = r#""""Numbers."""


def leaf(x: int) -> int:
    """Doubles."""
    return x * 2


class Shelf:
    """Holds."""

    def put(self, x: int) -> int:
        """Puts."""
        return leaf(x)

    def clear(self) -> None:
        """Clears."""
"#;

const USE: &str = r#""""Uses numbers."""

from pkg.leaf import Shelf, leaf


def caller(x: int) -> int:
    """Calls."""
    return leaf(x)


def top(x: int) -> int:
    """Calls the caller."""
    return caller(x)


def shelve(shelf: Shelf) -> int:
    """Shelves."""
    return shelf.put(3)


def alone() -> int:
    """Stands alone."""
    return 1
"#;

fn repository() -> Scratch {
    Scratch::with(&[
        ("pkg/__init__.py", b""),
        ("pkg/leaf.py", LEAF.as_bytes()),
        ("pkg/use.py", USE.as_bytes()),
    ])
}

/// A pair of streams that remember whom they were asked about. What they say of a component follows from the facts,
/// and from its name.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

struct Model {
    name: &'static str,
    prompt: &'static str,
}

const USUAL: Model = Model {
    name: "test:usual",
    prompt: "1",
};

impl Asked {
    fn stream(&self, model: &Model, letter: char) -> Arc<dyn Documenter> {
        let asked = self.clone();
        let said = move |request: &Request| {
            let component = request.oracle.component(request.component);
            asked.0.lock().unwrap().push(format!("{letter} {}", component.id));
            let mut claims = truth(request);
            claims.retain(|claim| claim.subject != Subject::Summary);
            let name = component.id.rsplit('.').next().unwrap();
            let text = Value::text(format!("The {} called {name}.", component.kind));
            claims.push(Claim::said(Subject::Summary, text, 0.9, None));
            claims
        };
        let stream = Scripted::claiming(model.name, said).witnessing_edges().using_context();
        Arc::new(stream.version(model.prompt))
    }

    fn streams(&self, model: &Model) -> [Arc<dyn Documenter>; 2] {
        ['a', 'b'].map(|letter| self.stream(model, letter))
    }

    /// Whom stream A was asked about since the last look; stream B was asked the same.
    fn take(&self) -> BTreeSet<String> {
        let all = std::mem::take(&mut *self.0.lock().unwrap());
        let of = |letter: &str| {
            all.iter()
                .filter_map(|a| a.strip_prefix(letter))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (a, b) = (of("a "), of("b "));
        let a: BTreeSet<String> = {
            let set: BTreeSet<String> = a.iter().cloned().collect();
            assert_eq!(set.len(), a.len(), "nobody is asked twice: {a:?}");
            set
        };
        assert_eq!(a, b.into_iter().collect::<BTreeSet<String>>());
        a
    }
}

fn header(place: &Path) -> RunHeader {
    RunHeader {
        repository: place.join("repo"),
        output: place.join("out"),
        options: Config::default(),
        program: "test".to_owned(),
        created_at: SystemTime::now(),
    }
}

fn go_on(
    place: &Path,
    oracle: &Arc<Oracle>,
    streams: [Arc<dyn Documenter>; 2],
    from: impl FnOnce(
        &CheckpointStore,
        &[Arc<dyn Documenter>; 2],
    ) -> (twinscribe::checkpoint::RunWriter, Option<Restatement>),
) -> Outcome {
    let store = CheckpointStore::open(&place.join("checkpoints")).unwrap();
    let (writer, saved) = from(&store, &streams);
    let mut job = Job::new(oracle.clone(), streams, Config::default()).saved_to(&writer);
    job.resumed = saved;
    let outcome = run(job).unwrap();
    block_on(writer.finish(RunResults::from(&outcome))).unwrap();
    outcome
}

/// A run from the beginning, on whatever earlier runs left.
fn document(place: &Path, oracle: &Arc<Oracle>, asked: &Asked, model: &Model) -> Outcome {
    go_on(place, oracle, asked.streams(model), |store, streams| {
        let seed = store.predecessor(&header(place)).unwrap().map(|earlier| {
            let mut seed = earlier.as_seed(oracle, stream_facts(streams));
            reconcile(Mode::Patch, &seed, oracle, stream_facts(streams)).apply(&mut seed);
            seed.restatement()
        });
        (store.begin_from(header(place), seed.clone()).unwrap(), seed)
    })
}

/// The latest run taken up again.
fn resume(place: &Path, oracle: &Arc<Oracle>, asked: &Asked, model: &Model, mode: Mode) -> Outcome {
    go_on(place, oracle, asked.streams(model), |store, streams| {
        let id = store.load(None).unwrap().run_id;
        let (writer, mut recovered) = store.resume(&id).unwrap();
        reconcile(mode, &recovered, oracle, stream_facts(streams)).apply(&mut recovered);
        block_on(writer.record(Record::Restated(Box::new(recovered.restatement())))).unwrap();
        (writer, Some(recovered.restatement()))
    })
}

/// A kind of change: edits of files (path, old text, new text), and another stream or option.
struct Change {
    name: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
    model: Model,
    exclude: &'static [&'static str],
    /// What `patch` describes anew.
    patch: &'static [&'static str],
    /// What is new, and so described in every mode.
    always: &'static [&'static str],
}

const NO_CHANGE: Change = Change {
    name: "nothing",
    edits: &[],
    model: USUAL,
    exclude: &[],
    patch: &[],
    always: &[],
};

const ALL: &[&str] = &[
    "pkg",
    "pkg.leaf",
    "pkg.leaf.Shelf",
    "pkg.leaf.Shelf.clear",
    "pkg.leaf.Shelf.put",
    "pkg.leaf.leaf",
    "pkg.use",
    "pkg.use.alone",
    "pkg.use.caller",
    "pkg.use.shelve",
    "pkg.use.top",
];

const CHANGES: &[Change] = &[
    NO_CHANGE,
    Change {
        name: "body edit that changes no fact",
        edits: &[("pkg/leaf.py", "x * 2", "x + x")],
        patch: &["pkg.leaf.leaf"],
        ..NO_CHANGE
    },
    Change {
        name: "body edit that changes what others may say",
        edits: &[(
            "pkg/leaf.py",
            "return x * 2",
            "if x < 0:\n        raise ValueError\n    return x",
        )],
        // The exception escapes through all of them: their facts have changed. The module has a member that says
        // something else.
        patch: &[
            "pkg.leaf",
            "pkg.leaf.Shelf.put",
            "pkg.leaf.leaf",
            "pkg.use.caller",
            "pkg.use.shelve",
            "pkg.use.top",
        ],
        ..NO_CHANGE
    },
    Change {
        name: "docstring edit",
        edits: &[("pkg/leaf.py", "Doubles", "Multiplies")],
        patch: &["pkg.leaf.leaf"],
        ..NO_CHANGE
    },
    Change {
        name: "signature edit",
        edits: &[("pkg/leaf.py", "def leaf(x: int)", "def leaf(x: int, y: int = 3)")],
        // It says something else now, so its callers are asked again; what they say is the same, and that ends it.
        patch: &["pkg.leaf", "pkg.leaf.Shelf.put", "pkg.leaf.leaf", "pkg.use.caller"],
        ..NO_CHANGE
    },
    Change {
        name: "comment edit",
        edits: &[(
            "pkg/use.py",
            "    return caller(x)",
            "    # Twice.\n    return caller(x)",
        )],
        patch: &["pkg.use.top"],
        ..NO_CHANGE
    },
    Change {
        name: "comment above everything",
        edits: &[("pkg/use.py", "from pkg.leaf", "# A line more.\nfrom pkg.leaf")],
        patch: &["pkg.use"],
        ..NO_CHANGE
    },
    Change {
        name: "callee edit",
        edits: &[("pkg/use.py", "    return leaf(x)", "    return leaf(x + 1)")],
        patch: &["pkg.use.caller"],
        ..NO_CHANGE
    },
    Change {
        name: "rename",
        edits: &[
            ("pkg/leaf.py", "def leaf(", "def branch("),
            ("pkg/leaf.py", "return leaf(", "return branch("),
            ("pkg/use.py", "Shelf, leaf", "Shelf, branch"),
            ("pkg/use.py", "return leaf(", "return branch("),
        ],
        // The renamed one keeps its result, but for its own sentence, which has its name; its users are edited.
        patch: &[
            "pkg.leaf",
            "pkg.leaf.Shelf.put",
            "pkg.leaf.branch",
            "pkg.use",
            "pkg.use.caller",
        ],
        ..NO_CHANGE
    },
    Change {
        name: "move",
        edits: &[
            (
                "pkg/use.py",
                "\n\ndef alone() -> int:\n    \"\"\"Stands alone.\"\"\"\n    return 1\n",
                "",
            ),
            (
                "pkg/leaf.py",
                "class Shelf",
                "def alone() -> int:\n    \"\"\"Stands alone.\"\"\"\n    return 1\n\n\nclass Shelf",
            ),
        ],
        // The two modules between which it went.
        patch: &["pkg.leaf", "pkg.use"],
        ..NO_CHANGE
    },
    Change {
        name: "delete",
        edits: &[(
            "pkg/use.py",
            "\n\ndef alone() -> int:\n    \"\"\"Stands alone.\"\"\"\n    return 1\n",
            "",
        )],
        patch: &["pkg.use"],
        ..NO_CHANGE
    },
    Change {
        name: "add",
        edits: &[(
            "pkg/use.py",
            "def alone",
            "def young() -> int:\n    \"\"\"New.\"\"\"\n    return 2\n\n\ndef alone",
        )],
        patch: &["pkg.use", "pkg.use.young"],
        always: &["pkg.use.young"],
        ..NO_CHANGE
    },
    Change {
        name: "prompt version",
        model: Model { prompt: "2", ..USUAL },
        patch: ALL,
        ..NO_CHANGE
    },
    Change {
        name: "model",
        model: Model {
            name: "test:other",
            ..USUAL
        },
        patch: ALL,
        ..NO_CHANGE
    },
    Change {
        name: "oracle option (a file left out)",
        exclude: &["/pkg/leaf.py"],
        // Those that called into it have other facts now.
        patch: &["pkg.use", "pkg.use.caller", "pkg.use.shelve", "pkg.use.top"],
        ..NO_CHANGE
    },
];

fn edit(place: &Path, edits: &[(&str, &str, &str)]) {
    for (path, old, new) in edits {
        let path = place.join("repo").join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{} has no {old:?}", path.display());
        std::fs::write(path, text.replacen(old, new, 1)).unwrap();
    }
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn table_of_what_is_described_anew() {
    let mut wrong = Vec::new();
    let mut table = String::from("| change | patch | overwrite | fill-gaps |\n|---|---|---|---|\n");
    for change in CHANGES {
        let mut cells = vec![change.name.to_owned()];
        for mode in [Mode::Patch, Mode::Overwrite, Mode::FillGaps] {
            let scratch = repository();
            let place = scratch.path("");
            let asked = Asked::default();
            document(&place, &oracle_but(&scratch.repo(), &[]), &asked, &USUAL);
            assert_eq!(asked.take(), names(ALL));
            edit(&place, change.edits);
            let oracle = oracle_but(&scratch.repo(), change.exclude);
            resume(&place, &oracle, &asked, &change.model, mode);
            let redone = asked.take();
            let expected = if mode == Mode::Patch {
                change.patch
            } else {
                change.always
            };
            if redone != names(expected) {
                wrong.push(format!("{} {mode}: {redone:?}, expected {expected:?}", change.name));
            }
            let short: Vec<&str> = redone.iter().map(|id| id.strip_prefix("pkg.").unwrap_or(id)).collect();
            cells.push(if short.len() == ALL.len() {
                "all".to_owned()
            } else {
                short.join(", ")
            });
            // Nothing is left to do, whatever was done; and what was only trusted is still known to have changed.
            resume(&place, &oracle, &asked, &change.model, mode);
            let again = asked.take();
            if !again.is_empty() {
                wrong.push(format!("{} {mode}, again: {again:?}", change.name));
            }
            resume(&place, &oracle, &asked, &change.model, Mode::Patch);
            let late = asked.take();
            let is_trusted = mode != Mode::Patch && !change.edits.is_empty() && !change.patch.is_empty();
            if is_trusted && change.always.is_empty() && late.is_empty() && !change.name.starts_with("delete") {
                wrong.push(format!("{} {mode}: the change is forgotten", change.name));
            }
        }
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    say(&table);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn second_run_asks_only_what_has_changed_and_ends_like_a_run_of_its_own() {
    for change in CHANGES {
        let scratch = repository();
        let place = scratch.path("");
        let asked = Asked::default();
        document(&place, &oracle_but(&scratch.repo(), &[]), &asked, &USUAL);
        asked.take();
        edit(&place, change.edits);
        let oracle = oracle_but(&scratch.repo(), change.exclude);
        let second = document(&place, &oracle, &asked, &change.model);
        assert_eq!(asked.take(), names(change.patch), "{}", change.name);
        std::fs::remove_dir_all(place.join("checkpoints")).unwrap();
        let alone = document(&place, &oracle, &asked, &change.model);
        assert_eq!(second.documentation, alone.documentation, "{}", change.name);
        assert_eq!(second.verdict, alone.verdict, "{}", change.name);
    }
}

#[test]
fn moved_module_takes_its_results_along() {
    let scratch = repository();
    let place = scratch.path("");
    let asked = Asked::default();
    document(&place, &oracle_but(&scratch.repo(), &[]), &asked, &USUAL);
    asked.take();
    std::fs::rename(scratch.path("repo/pkg/leaf.py"), scratch.path("repo/pkg/roots.py")).unwrap();
    edit(&place, &[("pkg/use.py", "from pkg.leaf", "from pkg.roots")]);
    let oracle = oracle_but(&scratch.repo(), &[]);
    let second = document(&place, &oracle, &asked, &USUAL);
    // Only the module that has another name, which its text has, and the one whose own source names it.
    assert_eq!(asked.take(), names(&["pkg.roots", "pkg.use"]));
    let edges = |outcome: &Outcome, id: &str| {
        let index = oracle.find(id).unwrap();
        outcome.documentation[index.as_usize()]
            .claims
            .iter()
            .filter_map(|claim| match &claim.subject {
                Subject::Callee(callee) => Some(callee.to_string()),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(edges(&second, "pkg.use.caller"), ["pkg.roots.leaf"]);
    assert_eq!(second.verdict.unmet, Vec::<String>::new());
}

#[test]
fn killed_while_it_catches_up_it_still_asks_nobody_twice() {
    let scratch = repository();
    let place = scratch.path("");
    let asked = Asked::default();
    document(&place, &oracle_but(&scratch.repo(), &[]), &asked, &USUAL);
    asked.take();
    edit(
        &place,
        &[("pkg/leaf.py", "def leaf(x: int)", "def leaf(x: int, y: int = 3)")],
    );
    let oracle = oracle_but(&scratch.repo(), &[]);
    let store = CheckpointStore::open(&place.join("checkpoints")).unwrap();
    let streams = asked.streams(&USUAL);
    let mut seed = store
        .predecessor(&header(&place))
        .unwrap()
        .unwrap()
        .as_seed(&oracle, stream_facts(&streams));
    reconcile(Mode::Patch, &seed, &oracle, stream_facts(&streams)).apply(&mut seed);
    let writer = store.begin_from(header(&place), Some(seed.restatement())).unwrap();
    // The process dies with the first answer.
    let stop = twinscribe::pipeline::Stop::new();
    let asking = stop.clone();
    let mut listener = move |event: &twinscribe::model::events::Event| {
        if matches!(
            event,
            twinscribe::model::events::Event::ComponentFinished { reused: false, .. }
        ) {
            asking.request();
        }
    };
    let mut job = Job::new(oracle.clone(), streams, Config::default()).saved_to(&writer);
    job.resumed = Some(seed.restatement());
    let ended = block_on(twinscribe::pipeline::run(job, &mut listener, stop));
    assert!(ended.is_err());
    drop(writer);
    let first = asked.0.lock().unwrap().clone();
    assert!(first.iter().any(|a| a.ends_with("pkg.leaf.leaf")), "{first:?}");
    resume(&place, &oracle, &asked, &USUAL, Mode::Patch);
    let all = asked.0.lock().unwrap().clone();
    let again: Vec<&String> = all[first.len()..].iter().filter(|a| first.contains(a)).collect();
    assert!(again.is_empty(), "{again:?} were journaled");
    let expected: BTreeSet<String> = names(&["pkg.leaf", "pkg.leaf.Shelf.put", "pkg.leaf.leaf", "pkg.use.caller"]);
    let of_a: BTreeSet<String> = all
        .iter()
        .filter_map(|a| a.strip_prefix("a "))
        .map(str::to_owned)
        .collect();
    assert_eq!(of_a, expected);
}

#[test]
fn leaf_edit_in_a_larger_repository_redoes_the_leaf_alone() {
    let scratch = Scratch::with_fixture("stockroom");
    let place = scratch.path("");
    let asked = Asked::default();
    document(&place, &oracle_but(&scratch.repo(), &[]), &asked, &USUAL);
    let all = asked.take().len();
    let oracle = oracle_but(&scratch.repo(), &[]);
    let edited = oracle
        .components
        .iter()
        .find(|c| c.docstring.is_some() && c.signature.is_some())
        .unwrap();
    let path = scratch.path("repo").join(&*edited.path);
    let text = std::fs::read_to_string(&path).unwrap();
    let docstring = edited
        .docstring
        .as_ref()
        .unwrap()
        .text
        .lines()
        .next()
        .unwrap()
        .to_owned();
    std::fs::write(&path, text.replacen(&docstring, &format!("Now {docstring}"), 1)).unwrap();
    document(&place, &oracle_but(&scratch.repo(), &[]), &asked, &USUAL);
    let redone = asked.take();
    assert_eq!(redone, names(&[&edited.id]), "of {all}");
}

#[test]
fn limited_to_what_has_changed_nobody_is_asked_about_the_rest() {
    let scratch = repository();
    let place = scratch.path("");
    let asked = Asked::default();
    let oracle = oracle_but(&scratch.repo(), &[]);
    let wanted: BTreeSet<twinscribe::model::component::Name> = ["pkg.use.top".into()].into();
    let limited = |store: &CheckpointStore, streams: &[Arc<dyn Documenter>; 2]| {
        let earlier = store.predecessor(&header(&place)).unwrap();
        let earlier = earlier.unwrap_or_else(|| twinscribe::checkpoint::Recovered::nothing(header(&place)));
        let mut seed = earlier.as_seed(&oracle, stream_facts(streams));
        let mut plan = reconcile(Mode::Patch, &seed, &oracle, stream_facts(streams));
        plan.limit_to(&wanted, &seed);
        plan.apply(&mut seed);
        (
            store.begin_from(header(&place), Some(seed.restatement())).unwrap(),
            Some(seed.restatement()),
        )
    };
    let outcome = go_on(&place, &oracle, asked.streams(&USUAL), limited);
    assert_eq!(asked.take(), names(&["pkg.use.top"]));
    assert_eq!(outcome.failures, []);
    assert_eq!(outcome.history[0].measures.components, 1);
    // A run without the limit makes up for it.
    document(&place, &oracle, &asked, &USUAL);
    assert_eq!(asked.take().len(), ALL.len() - 1);
}

fn git(scratch: &Scratch, arguments: &[&str]) -> bool {
    let mut command = scratch.scrubbed(Path::new("git"));
    command
        .args(["-C", "repo", "-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn since_a_revision_only_what_has_changed_is_judged() {
    const LIES: &str = "def one(a):\n    \"\"\"Does.\n\n    :param b: no.\n    \"\"\"\n\n\n\
                        def two(a):\n    \"\"\"Does.\n\n    :param c: no.\n    \"\"\"\n";
    let scratch = Scratch::with(&[("a.py", LIES.as_bytes()), ("b.py", LIES.as_bytes())]);
    if !git(&scratch, &["init", "-q"]) {
        return crate::common::skipped("since a revision", "there is no git");
    }
    assert!(git(&scratch, &["add", "."]) && git(&scratch, &["commit", "-qm", "one"]));
    let found = |more: &[&str]| {
        let mut arguments = vec!["--format", "json-lines", "--fail-on", "contradiction"];
        arguments.extend(more);
        let run = scratch.document(&arguments);
        run.expect_no_panic();
        let names = run.stdout.lines().filter_map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            (record["class"] == "contradiction").then(|| record["component"].as_str().unwrap().to_owned())
        });
        (run.code, names.collect::<BTreeSet<String>>())
    };
    assert_eq!(found(&[]), (Some(1), names(&["a.one", "a.two", "b.one", "b.two"])));
    assert_eq!(found(&["--since", "HEAD"]), (Some(0), names(&[])));
    scratch.write("repo/a.py", LIES.replace(":param c: no", ":param c: never").as_bytes());
    scratch.write("repo/new.py", LIES.as_bytes());
    assert_eq!(
        found(&["--since", "HEAD"]),
        (Some(1), names(&["a.two", "new.one", "new.two"]))
    );
    scratch
        .document(&["--since", "nonsense"])
        .expect_code(2)
        .expect_stderr("nonsense");
}
