//! The same input gives the same package, byte for byte: run again, with other threads, found in another order, from
//! another place.

use crate::common::{Scratch, assert_same_package, files_below, fixture};

fn document(scratch: &Scratch, out: &str, more: &[&str]) {
    let saved = format!("saved-{out}");
    let mut arguments = vec![
        "document",
        "repo",
        "--output",
        out,
        "--checkpoint-dir",
        &saved,
        "--fail-on",
        "never",
    ];
    arguments.extend(more);
    scratch.run(&arguments).expect_no_panic().expect_code(0);
}

#[test]
fn second_run_writes_the_same_bytes() {
    let scratch = Scratch::with_fixture("stockroom");
    document(&scratch, "one", &[]);
    document(&scratch, "two", &[]);
    assert_same_package(&scratch.path("one"), &scratch.path("two"), "run again");
}

#[test]
fn threads_do_not_show() {
    let scratch = Scratch::with_fixture("stockroom");
    document(&scratch, "one", &["--jobs", "1", "--parallel-components", "1"]);
    document(&scratch, "many", &["--jobs", "7", "--parallel-components", "50"]);
    assert_same_package(&scratch.path("one"), &scratch.path("many"), "other threads");
}

#[test]
fn order_of_files_on_disk_and_place_do_not_show() {
    let here = Scratch::with_fixture("stockroom");
    let there = Scratch::new();
    for (name, bytes) in files_below(&fixture("stockroom")).into_iter().rev() {
        there.write(&format!("repo/{name}"), &bytes);
    }
    document(&here, "out", &[]);
    document(&there, "out", &[]);
    assert_same_package(&here.path("out"), &there.path("out"), "another order");
}

#[test]
fn no_file_names_the_machine_or_the_run() {
    let scratch = Scratch::with_fixture("stockroom");
    document(&scratch, "out", &[]);
    let place = scratch.path("").to_string_lossy().into_owned();
    let place = place.trim_end_matches('/');
    for (name, bytes) in files_below(&scratch.path("out")) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(place), "{name} names {place}");
        let may_tell =
            name == "metrics.json" || name == "rebuild_tickets.jsonl" || name.starts_with("convergence_report");
        assert!(may_tell || !text.contains("checkpoint_2"), "{name} names the run");
    }
}

#[test]
fn package_over_an_older_package_is_the_same() {
    let scratch = Scratch::with_fixture("stockroom");
    document(&scratch, "out", &[]);
    scratch.write("repo/src/stockroom/extra.py", b"def f(): pass\n");
    document(&scratch, "out", &[]);
    std::fs::remove_file(scratch.path("repo/src/stockroom/extra.py")).unwrap();
    document(&scratch, "out", &[]);
    document(&scratch, "fresh", &[]);
    assert_same_package(&scratch.path("out"), &scratch.path("fresh"), "over an older one");
}
