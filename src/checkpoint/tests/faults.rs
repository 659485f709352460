//! A fault before and after each step of everything that writes: the old state stays readable, what was acknowledged
//! is there, and the failure says what to do.

use super::*;

/// Everything that can be read of a folder of runs.
#[derive(Debug, PartialEq)]
struct Seen {
    runs: Vec<RunRecord>,
    recovered: Vec<Recovered>,
    report: Option<Vec<u8>>,
}

fn seen(ground: &Ground) -> Seen {
    let store = ground.later();
    let runs = store.list_runs().unwrap();
    assert!(runs.damaged.is_empty(), "{:?}", runs.damaged);
    let mut recovered = Vec::new();
    for run in &runs.runs {
        let found = store.load(Some(&run.id)).unwrap();
        assert_eq!(found.notes, Vec::<String>::new());
        recovered.push(found);
    }
    Seen {
        report: runs
            .runs
            .iter()
            .find_map(|run| store.read_run_file(&run.id, "report.json").unwrap()),
        runs: runs.runs,
        recovered,
    }
}

/// Lets `act` fail at each of its steps in turn, on ground that `prepare` has laid. What is seen afterwards is what
/// was seen before, or what is seen where nothing fails; `may_differ` forgives what only tells of the attempt.
fn check(
    what: &str,
    prepare: impl Fn(&Ground),
    act: impl Fn(&CheckpointStore) -> Result<(), CheckpointError>,
    forgive: impl Fn(&mut Seen),
) {
    let look = |ground: &Ground| {
        let mut seen = seen(ground);
        forgive(&mut seen);
        seen
    };
    let whole = ground();
    prepare(&whole);
    let before = look(&whole);
    act(&whole.later()).unwrap();
    let after = look(&whole);
    let mut steps = 0;
    for fault in 1.. {
        let ground = ground();
        prepare(&ground);
        let store = ground.later();
        store.faults().fail_at(fault);
        let acted = act(&store);
        let passed = store.faults().seen();
        drop(store);
        let now = look(&ground);
        if acted.is_ok() && fault > passed {
            assert_eq!(now, after, "{what} without a fault");
            break;
        }
        steps = fault;
        if let Err(error) = acted {
            assert!(error.hint().contains("Make room"), "{what}: {error}: {}", error.hint());
        }
        assert!(now == before || now == after, "{what}, fault {fault}: {now:#?}");
        // And it can be done again.
        act(&ground.later()).unwrap_or_else(|e| assert!(matches!(e, CheckpointError::NotFound { .. }), "{what}: {e}"));
        assert_eq!(look(&ground), after, "{what}, fault {fault}, tried again");
    }
    assert!(steps >= 2, "{what} has {steps} fault points");
}

fn with_run(ground: &Ground) {
    killed(ground);
}

#[test]
fn snapshots_and_records_survive_any_fault() {
    check(
        "snapshot",
        with_run,
        |store| {
            let (writer, _) = store.resume(RUN)?;
            writer.snapshot(&ended(2).0)?;
            Ok(())
        },
        |seen| {
            // Taking the run up is noted whether or not the snapshot succeeds; a second try makes a second snapshot.
            seen.runs.clear();
            for found in &mut seen.recovered {
                found.checkpoint = None;
            }
        },
    );
    check(
        "record",
        with_run,
        |store| {
            let (writer, _) = store.resume(RUN)?;
            wait(writer.record(finished("m.x", 2)))
        },
        |seen| seen.runs.clear(),
    );
}

#[test]
fn taking_a_run_up_survives_any_fault() {
    check(
        "resume",
        with_run,
        |store| store.resume(RUN).map(drop),
        |seen| seen.runs.clear(),
    );
    check(
        "returning to an older checkpoint",
        |ground| {
            killed(ground);
            ground.tick();
            let (writer, _) = ground.later().resume(RUN).unwrap();
            writer.snapshot(&ended(2).0).unwrap();
        },
        |store| store.resume("checkpoint_20251205_070406").map(drop),
        |seen| {
            seen.runs.clear();
            for found in &mut seen.recovered {
                found.checkpoint = None;
            }
        },
    );
}

#[test]
fn ends_of_a_run_survive_any_fault() {
    check(
        "stop",
        with_run,
        |store| {
            let (writer, _) = store.resume(RUN)?;
            writer.stop(RunStatus::Failed, "it failed")
        },
        |seen| seen.runs.iter_mut().for_each(|run| run.sessions.truncate(1)),
    );
    check(
        "finish",
        with_run,
        |store| {
            let (writer, _) = store.resume(RUN)?;
            wait(writer.finish(results()))
        },
        |seen| {
            // Finished in the journal and not yet in the history is finished: the package is written.
            seen.runs.clear();
        },
    );
    check(
        "amend",
        with_run,
        |store| {
            let (mut writer, _) = store.resume(RUN)?;
            let mut header = header();
            header.options.convergence.max_iterations = 9;
            wait(writer.amend(header))
        },
        |seen| seen.runs.clear(),
    );
}

#[test]
fn files_beginnings_and_deletions_survive_any_fault() {
    check(
        "file of a run",
        |ground| {
            killed(ground);
            ground.store.write_run_file(RUN, "report.json", b"old").unwrap();
        },
        |store| store.write_run_file(RUN, "report.json", b"new"),
        |_| {},
    );
    check(
        "begin",
        |_| {},
        |store| {
            let seed = Restatement {
                state: ended(1).0,
                progress: Progress::default(),
            };
            let begun = store.begin_from(header(), Some(seed)).map(drop);
            // A second try is a second run.
            match store.list_runs()?.runs.len() {
                2 => store.delete(RUN),
                _ => begun,
            }
        },
        |seen| {
            for (run, found) in seen.runs.iter_mut().zip(&mut seen.recovered) {
                run.id.clear();
                found.run_id.clear();
                found.checkpoint = None;
            }
        },
    );
    check("delete a run", with_run, |store| store.delete(RUN), |_| {});
    check(
        "delete a checkpoint",
        with_run,
        |store| store.delete("checkpoint_20251205_070406"),
        |seen| {
            for found in &mut seen.recovered {
                found.checkpoint = None;
            }
        },
    );
}

/// A damaged journal is mended step by step; wherever that stops, nothing more is lost, and the damage is still told
/// or already copied aside.
#[test]
fn mending_survives_any_fault() {
    for cut_all in [false, true] {
        for fault in 1.. {
            let ground = ground();
            killed(&ground);
            let path = ground.folder().join("journal");
            let mut journal = fs::read(&path).unwrap();
            let at = if cut_all { 3 } else { journal.len() - 10 };
            journal[at] ^= 4;
            fs::write(&path, &journal).unwrap();
            let before = ground.later().load(Some(RUN)).unwrap();
            assert_eq!(before.notes.len(), 1);
            let store = ground.later();
            store.faults().fail_at(fault);
            let resumed = store.resume(RUN).map(drop);
            let passed = store.faults().seen();
            drop(store);
            let after = ground.later().load(Some(RUN)).unwrap();
            assert_eq!(
                (&after.state, &after.progress),
                (&before.state, &before.progress),
                "fault {fault}"
            );
            let aside = fs::read_dir(ground.folder())
                .unwrap()
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("journal.damaged-"));
            assert!(
                aside || after.notes.len() == 1,
                "fault {fault}: the damage is gone without a trace"
            );
            if resumed.is_ok() && fault > passed {
                break;
            }
            ground.later().resume(RUN).unwrap();
            assert_eq!(
                ground.later().load(Some(RUN)).unwrap().notes,
                Vec::<String>::new(),
                "fault {fault}"
            );
        }
    }
}
