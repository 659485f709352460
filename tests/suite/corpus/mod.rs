//! The language corpus: every program of `fixtures/analysis` is analysed and compared with its comments, line by line,
//! and run by `tests/run_corpus.py`, which knows nothing of the analysis. The format is told in
//! `fixtures/analysis/README.md`.

mod answers;
mod page;

use std::fmt::Write as _;
use std::process::Command;

use answers::{Answers, Counts};
use page::{Case, Clauses};

use crate::common::{Scratch, files_below, manifest, python, say, skipped};

/// The oldest Python that the programs are written for.
const OLDEST: u32 = 11;

/// Set to `mark`, it makes the suite write the marks that the analysis needs into the pages.
const MARK: &str = "TWINSCRIBE_CORPUS";

fn pages() -> Vec<(String, String)> {
    files_below(&manifest().join("fixtures/analysis"))
        .into_iter()
        .filter(|(name, _)| name.ends_with(".md"))
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// The page with the marks that the analysis needs.
fn remarked(text: &str, counts: &mut Counts) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for case in page::cases(text) {
        let answers = Answers::to(&case);
        counts.cases += 1;
        counts.listed += case.lines.values().map(names_of_truth).sum::<usize>();
        counts.verdicts += case.pairs.len();
        let absent = answers.absent();
        counts.absent.0 += absent.0;
        counts.absent.1 += absent.1;
        for (line, marks) in answers.marks() {
            for (word, names) in &marks {
                let name = format!("{word:?}").to_lowercase();
                *counts.marks.entry(name).or_default() += names.len();
            }
            lines[line] = page::marked(&lines[line], &marks);
        }
        for (line, says) in answers.verdicts() {
            if let Some(says) = &says {
                *counts.marks.entry(format!("says {says}")).or_default() += 1;
            }
            lines[line] = page::answered(&lines[line], says.as_deref());
        }
    }
    lines.join("\n") + "\n"
}

fn names_of_truth(says: &Clauses) -> usize {
    says.iter()
        .filter(|(w, _)| w.is_truth())
        .map(|(_, names)| names.len())
        .sum()
}

#[test]
fn the_analysis_lists_what_the_comments_do_but_for_the_marks() {
    let mut counts = Counts::default();
    let mut differences = String::new();
    let marking = std::env::var(MARK).is_ok_and(|v| v == "mark");
    for (name, text) in pages() {
        let wanted = remarked(&text, &mut counts);
        if wanted == text {
            continue;
        }
        if marking {
            std::fs::write(manifest().join("fixtures/analysis").join(&name), &wanted).unwrap();
            continue;
        }
        for (number, (is, should)) in text
            .lines()
            .zip(wanted.lines())
            .enumerate()
            .filter(|(_, (a, b))| a != b)
        {
            _ = writeln!(
                differences,
                "{name}:{}\n  is     {}\n  should {}",
                number + 1,
                is.trim(),
                should.trim()
            );
        }
    }
    let (absent, refuted) = counts.absent;
    say(&format!(
        "corpus: {} cases, {} calls listed, {} verdicts; not met: {:?}; of {absent} pairs that never happen {refuted} are refuted",
        counts.cases, counts.listed, counts.verdicts, counts.marks
    ));
    assert!(
        differences.is_empty(),
        "the marks are not as the analysis is ({MARK}=mark writes them anew):\n{differences}"
    );
}

#[test]
fn programs_do_what_the_comments_say() {
    let Some(python) = python(OLDEST) else {
        return skipped("corpus", "no python3 to run the programs with");
    };
    let output = Command::new(python)
        .arg(manifest().join("tests/run_corpus.py"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let last = text.lines().last().unwrap_or_default();
    say(&format!("corpus, run: {last}"));
    // Both readers of the format read the same.
    let cases: Vec<Case> = pages().iter().flat_map(|(_, text)| page::cases(text)).collect();
    let listed: usize = cases.iter().flat_map(|c| c.lines.values()).map(names_of_truth).sum();
    let verdicts: usize = cases.iter().map(|c| c.pairs.len()).sum();
    assert!(
        last.starts_with(&format!("cases {} ", cases.len())),
        "{} cases, {last}",
        cases.len()
    );
    assert!(
        last.ends_with(&format!("listed {listed} verdicts {verdicts}")),
        "{listed}, {verdicts}, {last}"
    );
}

/// An instrument that cannot fail proves nothing.
#[test]
fn running_finds_what_comments_leave_out_and_make_up() {
    let Some(python) = python(OLDEST) else {
        return skipped("corpus", "no python3 to run the programs with");
    };
    let page = "```python\n\
        def f(): pass\n\
        def g(): pass\n\
        def h():\n\
        \x20   f()\n\
        h()  # calls: h, g\n\
        # refuted: h -> f\n\
        ```\n";
    let scratch = Scratch::new();
    scratch.write("page.md", page.as_bytes());
    let script = manifest().join("tests/run_corpus.py");
    let output = Command::new(python)
        .arg(script)
        .arg(scratch.path("page.md"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for fault in [
        "page.md:5: main.f is called and not listed",
        "page.md:6: main.g is listed and not called",
        "page.md:7: main.h -> main.f is called refuted and happens",
    ] {
        assert!(text.contains(fault), "{fault:?} in {text}");
    }
}

/// An instrument that cannot fail proves nothing.
#[test]
fn every_kind_of_mark_is_needed_where_it_should_be() {
    let page = "```python\n\
        def f(): pass\n\
        def g(): pass\n\
        def h():\n\
        \x20   f()\n\
        \x20   g()  # calls: f, g\n\
        \x20   f()  # calls one of: f\n\
        h()  # surely calls: h; missed: h\n\
        # refuted: h -> f\n\
        # refuted: f -> h; says: unknown\n\
        ```\n";
    let wanted = remarked(page, &mut Counts::default());
    let lines: Vec<&str> = wanted.lines().collect();
    assert_eq!(lines[4], "    f()  # invented: f");
    assert_eq!(lines[5], "    g()  # calls: f, g; missed: f");
    assert_eq!(lines[6], "    f()  # calls one of: f; oversure: f");
    assert_eq!(lines[7], "h()  # surely calls: h");
    assert_eq!(lines[8], "# refuted: h -> f; says: confirmed");
    assert_eq!(lines[9], "# refuted: f -> h");
}
