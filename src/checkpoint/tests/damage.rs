//! Whatever happens to the files, what is recovered is what was acknowledged, or the loss is said.

use std::fs;

use super::*;
use crate::checkpoint::envelope;

/// Puts other bytes into a file. Some file systems flush a file that is cut to nothing and written again, which
/// thousands of times is slow; a new file they leave alone.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn journal_cut_at_any_byte_leaves_a_valid_prefix() {
    let ground = ground();
    let records = killed(&ground);
    let journal = fs::read(ground.folder().join("journal")).unwrap();
    let mut ends: Vec<usize> = (0..journal.len()).filter(|&i| journal[i] == b'\n').collect();
    ends.iter_mut().for_each(|end| *end += 1);
    for cut in 0..=journal.len() {
        replace(&ground.folder().join("journal"), &journal[..cut]);
        check_damaged(
            &ground,
            records.len(),
            ends.iter().filter(|&&e| e <= cut).count(),
            cut,
            !ends.contains(&cut),
        );
    }
}

#[test]
fn journal_with_any_bit_flipped_leaves_a_valid_prefix() {
    let ground = ground();
    let records = killed(&ground);
    let journal = fs::read(ground.folder().join("journal")).unwrap();
    for byte in 0..journal.len() {
        let mut damaged = journal.clone();
        damaged[byte] ^= 1 << (byte % 8);
        replace(&ground.folder().join("journal"), &damaged);
        let whole = journal[..byte].iter().filter(|&&b| b == b'\n').count();
        check_damaged(&ground, records.len(), whole, byte, true);
    }
}

/// `whole` lines of the journal (its first line and the run's header are two of them) can be used.
fn check_damaged(ground: &Ground, all: usize, whole: usize, at: usize, torn: bool) {
    let found = ground.later().load(Some(RUN)).unwrap();
    let records = whole.saturating_sub(2);
    // The snapshot stands for the first four records.
    assert_eq!(found.state.iteration, 2, "at {at}");
    assert_eq!(found.state.drafts[0].len(), 2, "at {at}");
    let expected = [(5, "m.f"), (8, "m.h")];
    let expected = expected.into_iter().filter(|(n, _)| records >= *n).count();
    assert_eq!(found.progress.drafts[0].len(), expected, "at {at}");
    assert_eq!(found.progress.failures.len(), usize::from(records >= 6), "at {at}");
    let lost = torn || records < 4;
    assert_eq!(found.notes.len(), usize::from(lost), "at {at}: {:?}", found.notes);
    assert!(torn || records <= all);
}

#[test]
fn snapshot_with_any_bit_flipped_or_cut_is_replaced_by_the_one_before_and_the_journal() {
    let ground = ground();
    killed(&ground);
    let whole = ground.later().load(Some(RUN)).unwrap();
    let path = ground.folder().join("checkpoint_20251205_070406");
    let snapshot = fs::read(&path).unwrap();
    let check = |bytes: &[u8], at: usize| {
        replace(&path, bytes);
        let found = ground.later().load(Some(RUN)).unwrap();
        assert_eq!(found.checkpoint.as_deref(), Some(RUN), "at {at}");
        assert_eq!(found.state, whole.state, "at {at}");
        assert_eq!(found.progress, whole.progress, "at {at}");
        assert_eq!(found.notes.len(), 1, "at {at}: {:?}", found.notes);
    };
    for at in 0..snapshot.len() {
        let mut damaged = snapshot.clone();
        damaged[at] ^= 1 << (at % 8);
        check(&damaged, at);
        check(&snapshot[..at], at);
    }
    check(&[snapshot.as_slice(), b"\n"].concat(), snapshot.len());
}

#[test]
fn history_with_any_bit_flipped_or_cut_is_told_and_costs_no_result() {
    let ground = ground();
    killed(&ground);
    let whole = ground.later().load(Some(RUN)).unwrap();
    let path = ground.folder().join("run");
    let record = fs::read(&path).unwrap();
    let check = |bytes: &[u8], at: usize| {
        replace(&path, bytes);
        let runs = ground.later().list_runs().unwrap();
        assert_eq!((runs.runs.len(), runs.damaged.len()), (0, 1), "at {at}");
        assert_eq!(ground.later().load(None).unwrap(), whole, "at {at}");
    };
    for at in 0..record.len() {
        let mut damaged = record.clone();
        damaged[at] ^= 1 << (at % 8);
        check(&damaged, at);
        check(&record[..at], at);
    }
    // Taken up again, the run has a history again.
    drop(ground.later().resume(RUN).unwrap());
    assert_eq!(ground.later().list_runs().unwrap().runs.len(), 1);
}

#[test]
fn damaged_tail_is_copied_aside_and_the_run_goes_on() {
    let ground = ground();
    killed(&ground);
    let path = ground.folder().join("journal");
    let mut journal = fs::read(&path).unwrap();
    let end = journal.len() - 10;
    journal[end] ^= 4;
    fs::write(&path, &journal).unwrap();
    let (writer, found) = ground.later().resume(RUN).unwrap();
    assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
    assert_eq!(found.progress.drafts[0].len(), 1);
    wait(writer.record(finished("m.z", 2))).unwrap();
    drop(writer);
    let aside: Vec<_> = fs::read_dir(ground.folder())
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.file_name().to_string_lossy().starts_with("journal.damaged-"))
        .collect();
    assert_eq!(aside.len(), 1);
    assert!(journal.ends_with(&fs::read(aside[0].path()).unwrap()));
    let again = ground.later().load(None).unwrap();
    assert_eq!(again.notes, Vec::<String>::new());
    assert_eq!(again.progress.drafts[0].len(), 2);
}

#[test]
fn journal_that_is_lost_is_begun_anew_from_the_snapshot() {
    let ground = ground();
    killed(&ground);
    fs::write(ground.folder().join("journal"), b"nonsense\n").unwrap();
    let (writer, found) = ground.later().resume(RUN).unwrap();
    assert_eq!(found.state.drafts[0].len(), 2);
    wait(writer.record(finished("m.z", 2))).unwrap();
    drop(writer);
    let again = ground.later().load(None).unwrap();
    assert_eq!(again.notes, Vec::<String>::new());
    assert_eq!(again.state, found.state);
    assert_eq!(again.progress.drafts[0].len(), 1);
    // Even without the snapshot: the new journal begins with a restatement.
    fs::remove_file(ground.folder().join("checkpoint_20251205_070406")).unwrap();
    assert_eq!(ground.later().load(None).unwrap().state, found.state);
}

#[test]
fn nothing_whole_is_damage() {
    let ground = ground();
    killed(&ground);
    for name in ["journal", RUN, "checkpoint_20251205_070406"] {
        fs::write(ground.folder().join(name), b"").unwrap();
    }
    let error = ground.later().load(None).unwrap_err();
    assert!(matches!(error, CheckpointError::Damaged { .. }), "{error}");
    let verified = ground.later().verify(RUN).unwrap();
    assert!(!verified.is_resumable() && !verified.is_whole());
}

#[test]
fn newer_format_is_refused() {
    let ground = ground();
    killed(&ground);
    let newer = |magic: &str, fields: &[(&str, String)]| envelope::seal(magic, 2, fields, b"{}\n");
    let snapshot = newer("twinscribe-checkpoint", &[("sequence", "99".to_owned())]);
    let path = ground.folder().join("checkpoint_20251205_070409");
    fs::write(&path, snapshot).unwrap();
    let error = ground.later().resume(RUN).unwrap_err();
    assert!(matches!(error, CheckpointError::TooNew { version: 2, .. }), "{error}");
    let newest = ground.later().list().unwrap().pop().unwrap();
    assert_eq!(newest.health, Health::TooNew(2));
    fs::remove_file(path).unwrap();
    fs::write(ground.folder().join("journal"), newer("twinscribe-journal", &[])).unwrap();
    let error = ground.later().load(None).unwrap_err();
    assert!(matches!(error, CheckpointError::TooNew { version: 2, .. }), "{error}");
}

#[test]
fn fault_at_any_step_of_a_save_leaves_a_state_that_can_be_read() {
    for fault in 1.. {
        let ground = ground();
        let records = killed(&ground);
        let before = ground.later().load(None).unwrap();
        let store = ground.later();
        let (writer, _) = store.resume(RUN).unwrap();
        ground.tick();
        store.faults().fail_at(fault);
        let state = ended(2).0;
        let saved = writer.snapshot(&state);
        let passed = store.faults().seen();
        drop(writer);
        let after = ground.later().load(None).unwrap();
        assert_eq!(after.notes, Vec::<String>::new(), "fault {fault}");
        if saved.is_ok() {
            assert!(fault > passed);
            assert_eq!(after.state, state);
            break;
        }
        let error = saved.unwrap_err();
        assert!(error.hint().contains("Make room"), "{error}: {}", error.hint());
        assert!(after.state == before.state || after.state == state, "fault {fault}");
        assert!(records.len() > 1);
    }
}

#[test]
fn fault_while_a_run_begins_leaves_no_run() {
    for fault in 1.. {
        let ground = ground();
        ground.store.faults().fail_at(fault);
        let begun = ground.store.begin(header());
        let is_begun = begun.is_ok();
        drop(begun);
        let runs = ground.later().list_runs().unwrap();
        assert!(runs.damaged.is_empty(), "fault {fault}: {:?}", runs.damaged);
        if is_begun {
            assert_eq!(runs.runs.len(), 1);
            break;
        }
        ground.later().begin(header()).unwrap();
    }
}

#[test]
fn record_that_cannot_be_saved_is_never_acknowledged() {
    for fault in 1..=4 {
        let ground = ground();
        killed(&ground);
        let store = ground.later();
        let (writer, before) = store.resume(RUN).unwrap();
        store.faults().fail_at(fault);
        assert!(wait(writer.record(finished("m.x", 2))).is_err());
        assert!(wait(writer.record(finished("m.y", 2))).is_err(), "it stays broken");
        drop(writer);
        let after = ground.later().load(None).unwrap();
        assert_eq!(after.notes, Vec::<String>::new());
        assert_eq!(after.progress, before.progress, "fault {fault}");
    }
}
