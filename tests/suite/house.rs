//! The house's rules that a machine can check: which room may use which, what is pure, what is asynchronous, sizes,
//! headers, and no `unwrap` outside tests. The table of rooms is the one home of who may use whom; `config` stands with
//! `model` among the words, so whoever judges by options or saves them may use it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One room: its folder below `src`, in the order of the flow, and the rooms it may use.
struct Room {
    name: &'static str,
    uses: &'static [&'static str],
}

const fn room(name: &'static str, uses: &'static [&'static str]) -> Room {
    Room { name, uses }
}

const ROOMS: &[Room] = &[
    room("model", &[]),
    room("config", &["model"]),
    room("analysis", &["model"]),
    room("llm", &["model", "config"]),
    room("streams", &["model", "llm"]),
    room("compare", &["model", "llm"]),
    room("profiles", &["model", "config", "streams"]),
    room("converge", &["model", "config"]),
    room("tickets", &["model", "config"]),
    room("checkpoint", &["model", "config"]),
    room("report", &["model", "config"]),
    room("apply", &["model"]),
    room("review", &["model", "tickets", "checkpoint", "report"]),
    room(
        "pipeline",
        &[
            "model",
            "config",
            "analysis",
            "llm",
            "streams",
            "compare",
            "profiles",
            "converge",
            "tickets",
            "checkpoint",
            "report",
            "apply",
        ],
    ),
    room(
        "cli",
        &[
            "model",
            "config",
            "analysis",
            "llm",
            "streams",
            "compare",
            "profiles",
            "converge",
            "tickets",
            "checkpoint",
            "report",
            "apply",
            "review",
            "pipeline",
        ],
    ),
];

/// Where `async` may be written. In `checkpoint`, because a result is durable before it counts as done, and whoever
/// wrote it waits for the group commit; in tests of any room, to call what is asynchronous.
const ASYNC: &[&str] = &[
    "llm",
    "streams",
    "compare/arbiter",
    "checkpoint",
    "pipeline",
    "review",
    "cli",
];

/// What neither reads a file, nor the clock, nor the environment, nor the network; `but` is the part that does.
const PURE: &[(&str, Option<&str>)] = &[
    ("model", None),
    ("analysis", Some("analysis/discover")),
    ("compare/diff", None),
    ("compare/settle", None),
    ("converge", None),
];

/// What pure code must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "tokio::",
];

const LONGEST_FILE: usize = 800;

/// A source file of the library or the binary, without its tests.
struct Source {
    /// Path below `src`, with `/`.
    path: String,
    text: String,
    /// The text without comments, literals and test modules.
    code: String,
    is_test: bool,
}

impl Source {
    /// The room it is in; none for `lib.rs` and `main.rs`.
    fn room(&self) -> Option<&str> {
        self.path.split_once('/').map(|(room, _)| room)
    }

    fn is_under(&self, place: &str) -> bool {
        self.path
            .strip_prefix(place)
            .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    }

    /// How many `super::` lead from its outermost items to the root of the crate.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.path.ends_with("/mod.rs") {
            parts - 1
        } else {
            parts
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut found = Vec::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source {
                    path: slashed(path.strip_prefix(&src).unwrap()),
                    code: without_tests(&without_words(&text)),
                    text,
                    is_test: false,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no source found");
    let tests: Vec<String> = found.iter().flat_map(test_modules).collect();
    for source in &mut found {
        source.is_test = tests.iter().any(|place| source.is_under(place));
    }
    found
}

/// Places of the modules that a source declares behind `#[cfg(test)]` and that have files of their own.
fn test_modules(source: &Source) -> Vec<String> {
    let folder = match source.path.rsplit_once('/') {
        Some((folder, "mod.rs")) => folder.to_owned(),
        _ => source.path.trim_end_matches(".rs").to_owned(),
    };
    let lines: Vec<&str> = source.text.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[0].trim() == "#[cfg(test)]")
        .filter_map(|pair| {
            let (_, name) = pair[1].strip_suffix(';')?.split_once("mod ")?;
            Some(format!("{folder}/{name}"))
        })
        .collect()
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Blanks out comments, strings and character literals; line breaks stay.
fn without_words(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let end = literal_end(bytes, i);
        if end > i {
            out.extend(bytes[i..end].iter().map(|&b| if b == b'\n' { b'\n' } else { b' ' }));
            i = end;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where the comment or literal that starts at `i` ends; `i` where none starts.
fn literal_end(bytes: &[u8], i: usize) -> usize {
    let rest = &bytes[i..];
    let find = |from: usize, what: &[u8]| {
        rest[from.min(rest.len())..]
            .windows(what.len())
            .position(|w| w == what)
            .map_or(bytes.len(), |n| i + from + n + what.len())
    };
    if rest.starts_with(b"//") {
        return find(0, b"\n") - usize::from(find(0, b"\n") < bytes.len());
    }
    if rest.starts_with(b"/*") {
        return find(2, b"*/");
    }
    let identifier_before = i > 0 && (bytes[i - 1].is_ascii_alphanumeric() || bytes[i - 1] == b'_');
    if rest[0] == b'r' && !identifier_before {
        let hashes = rest[1..].iter().take_while(|&&b| b == b'#').count();
        if rest.get(1 + hashes) == Some(&b'"') {
            let mut close = vec![b'"'];
            close.resize(1 + hashes, b'#');
            return find(2 + hashes, &close);
        }
    }
    if rest[0] == b'"' {
        return i + quoted(rest, b'"');
    }
    // A quote opens a character only where it closes right after one; else it is a lifetime.
    if rest[0] == b'\'' && (rest.get(1) == Some(&b'\\') || closes_character(rest)) {
        return i + quoted(rest, b'\'');
    }
    i
}

/// Whether the second character after a quote is the closing one.
fn closes_character(rest: &[u8]) -> bool {
    let few = &rest[1..rest.len().min(6)];
    let whole = match std::str::from_utf8(few) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&few[..error.valid_up_to()]).unwrap_or(""),
    };
    whole.chars().nth(1) == Some('\'')
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut i = 1;
    while i < rest.len() {
        match rest[i] {
            b'\\' => i += 2,
            b if b == quote => return i + 1,
            _ => i += 1,
        }
    }
    rest.len()
}

/// Blanks out modules behind `#[cfg(test)]`; rustfmt closes them in the column that they open in.
fn without_tests(code: &str) -> String {
    let mut out = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            out.push(line);
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let Some(opening) = lines.next() else { break };
        if opening.trim_end().ends_with('{') {
            for skipped in lines.by_ref() {
                let closes = skipped.trim() == "}" && skipped.len() - skipped.trim_start().len() == indent;
                if closes {
                    break;
                }
            }
        }
    }
    out.join("\n")
}

/// Names that follow `prefix` (`crate::` or a chain of `super::`), groups included.
fn names_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => found.extend(first_word(rest)),
            Some(group) => {
                let mut depth = 0_usize;
                let mut start = 0;
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        ',' | '}' if depth == 0 => {
                            found.extend(first_word(group[start..i].trim_start()));
                            start = i + 1;
                            if c == '}' {
                                break;
                            }
                        }
                        '}' => depth -= 1,
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn first_word(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

/// Fails with every offence at once.
fn check(rule: &str, offences: Vec<String>) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test) {
        let Some(here) = source.room() else { continue };
        let Some(row) = ROOMS.iter().find(|r| r.name == here) else {
            offences.push(format!("{here} has no row in the table of rooms"));
            continue;
        };
        for used in names_after(&source.code, "crate::") {
            let is_room = ROOMS.iter().any(|r| r.name == used);
            if used != here && (!is_room || !row.uses.contains(&used)) {
                offences.push(format!("{}: {here} may not use {used}", source.path));
            }
        }
    }
    check("who may use whom", offences);
}

#[test]
fn no_room_is_reached_through_the_crate_root() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test) {
        let chain = "super::".repeat(source.depth());
        if source.room().is_some() && source.code.contains(&chain) {
            offences.push(format!("{}: {chain} leads out of the room; write crate::", source.path));
        }
    }
    check("rooms are named by crate::", offences);
}

#[test]
fn the_table_of_rooms_has_no_cycle_and_names_rooms_above() {
    for (position, row) in ROOMS.iter().enumerate() {
        for used in row.uses {
            let target = ROOMS.iter().position(|r| r.name == *used);
            assert!(
                target.is_some_and(|t| t < position),
                "{} uses {used}, which is not above it",
                row.name
            );
        }
    }
}

#[test]
fn every_folder_is_a_room_and_lib_lists_the_rooms_in_the_order_of_the_flow() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let listed: Vec<&str> = lib
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            folders.insert(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    let listed_set: BTreeSet<String> = listed.iter().map(|&s| s.to_owned()).collect();
    assert_eq!(folders, listed_set, "folders of src and rooms of lib.rs");
    for name in &listed {
        assert!(
            ROOMS.iter().any(|r| r.name == *name),
            "{name} has no row in the table of rooms"
        );
    }
}

#[test]
fn pure_rooms_touch_neither_files_nor_clock_nor_network() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test) {
        let pure = PURE
            .iter()
            .any(|(place, but)| source.is_under(place) && !but.is_some_and(|but| source.is_under(but)));
        for impure in IMPURE.iter().filter(|i| pure && source.code.contains(**i)) {
            offences.push(format!("{}: {impure}", source.path));
        }
    }
    check("pure code", offences);
}

#[test]
fn async_is_written_only_where_it_belongs() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test) {
        let allowed = ASYNC.iter().any(|place| source.is_under(place));
        let words: Vec<&str> = source
            .code
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .collect();
        let uses = words.contains(&"async") || words.contains(&"await");
        if uses && !allowed && source.room().is_some() {
            offences.push(source.path.clone());
        }
    }
    check("async is written only where the table allows it", offences);
}

#[test]
fn nothing_outside_tests_unwraps_or_panics() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test) {
        for (number, line) in source.code.lines().enumerate() {
            for word in [".unwrap()", "panic!(", "todo!(", "unimplemented!(", "unreachable!("] {
                if line.contains(word) {
                    offences.push(format!("{}: {word} (about line {})", source.path, number + 1));
                }
            }
        }
    }
    check("no unwrap, no panic", offences);
}

#[test]
fn no_file_is_longer_than_eight_hundred_lines() {
    let long = sources()
        .iter()
        .filter(|s| s.text.lines().count() > LONGEST_FILE)
        .map(|s| format!("{}: {} lines", s.path, s.text.lines().count()))
        .collect();
    check("sizes", long);
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    let silent = sources()
        .iter()
        .filter(|s| !s.is_test && !s.text.starts_with("//! ") && !s.text.starts_with("#![doc"))
        .map(|s| s.path.clone())
        .collect();
    check("module headers", silent);
}

#[test]
fn no_name_says_nothing() {
    let vague = [
        "utils", "util", "common", "helpers", "helper", "types", "misc", "manager",
    ];
    let found = sources()
        .iter()
        .filter(|s| {
            s.path
                .trim_end_matches(".rs")
                .split('/')
                .any(|part| vague.contains(&part))
        })
        .map(|s| s.path.clone())
        .collect();
    check("names", found);
}

#[test]
fn the_house_has_its_papers() {
    for path in [
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "src/README.md",
        ".ci/run",
        "deny.toml",
    ] {
        assert!(root().join(path).is_file(), "{path} is missing");
    }
}

#[test]
fn the_reader_of_sources_sees_what_is_code() {
    let text = "use crate::{a, b::{c, d}, e}; // crate::f\nlet x = \"crate::g\"; let c = 'x'; fn q<'a>() {}\n\
                #[cfg(test)]\nmod tests {\n    use crate::h;\n}\nlet y = r#\"crate::i\"#; crate::j::k();";
    let code = without_tests(&without_words(text));
    assert_eq!(names_after(&code, "crate::"), ["a", "b", "e", "j"]);
}
