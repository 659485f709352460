//! The format of `fixtures/analysis`: pages into cases, comments into what they list, and marks back into comments.

use std::collections::{BTreeMap, BTreeSet};

/// What a comment says of a line, and the analysis of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Word {
    Calls,
    Surely,
    OneOf,
    Missed,
    Denied,
    Invented,
    Unsure,
    Oversure,
}

const WORDS: [(Word, &str); 8] = [
    (Word::Calls, "calls"),
    (Word::Surely, "surely calls"),
    (Word::OneOf, "calls one of"),
    (Word::Missed, "missed"),
    (Word::Denied, "denied"),
    (Word::Invented, "invented"),
    (Word::Unsure, "unsure"),
    (Word::Oversure, "oversure"),
];

impl Word {
    /// Whether it says what Python does, rather than what the analysis makes of it.
    pub(crate) fn is_truth(self) -> bool {
        self <= Self::OneOf
    }
}

/// Words with the names they list, as written.
pub(crate) type Clauses = BTreeMap<Word, BTreeSet<String>>;

/// A claim about a pair, with its verdict.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) on_page: usize,
    pub(crate) module: String,
    pub(crate) verdict: String,
    pub(crate) caller: String,
    pub(crate) callee: String,
}

/// A file of a case.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) outside: bool,
    pub(crate) text: String,
    /// Line of the page of its first line, from 0.
    pub(crate) starts: usize,
}

impl File {
    pub(crate) fn module(&self) -> String {
        let name = self.path.trim_end_matches(".py").replace('/', ".");
        name.strip_suffix(".__init__").unwrap_or(&name).to_owned()
    }
}

/// One fenced program.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) files: Vec<File>,
    /// By file and line in it, from 1.
    pub(crate) lines: BTreeMap<(String, u32), Clauses>,
    pub(crate) pairs: Vec<Pair>,
}

impl Case {
    /// The whole name of what a comment in a module calls by a short one.
    pub(crate) fn full(&self, name: &str, module: &str) -> String {
        let is_whole = self.files.iter().filter(|f| !f.outside).any(|f| {
            name.strip_prefix(&f.module())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if is_whole {
            name.to_owned()
        } else {
            format!("{module}.{name}")
        }
    }

    /// How a comment in a module calls what has this name.
    pub(crate) fn short(name: &str, module: &str) -> String {
        name.strip_prefix(module)
            .and_then(|rest| rest.strip_prefix('.'))
            .unwrap_or(name)
            .to_owned()
    }

    fn begin_file(&mut self, path: &str, outside: bool, starts: usize) {
        self.files.push(File {
            path: path.to_owned(),
            outside,
            text: String::new(),
            starts,
        });
    }

    fn add(&mut self, on_page: usize, text: &str) {
        for (prefix, outside) in [("# file: ", false), ("# outside: ", true)] {
            if let Some(path) = text.strip_prefix(prefix) {
                return self.begin_file(path.trim(), outside, on_page + 1);
            }
        }
        if self.files.is_empty() {
            self.begin_file("main.py", false, on_page);
        }
        let file = self.files.last_mut().unwrap();
        file.text.push_str(text);
        file.text.push('\n');
        let line = u32::try_from(on_page - file.starts + 1).unwrap();
        let (path, module) = (file.path.clone(), file.module());
        if let Some(pair) = pair(text, on_page, module) {
            self.pairs.push(pair);
        } else if let Some((_, says)) = comment(text) {
            self.lines.insert((path, line), says);
        }
    }
}

/// The cases of a page.
pub(crate) fn cases(page: &str) -> Vec<Case> {
    let (mut found, mut open): (Vec<Case>, Option<Case>) = (Vec::new(), None);
    for (number, text) in page.lines().enumerate() {
        match &mut open {
            None => {
                open = text.starts_with("```python").then(Case::default);
            }
            Some(_) if text == "```" => found.extend(open.take()),
            Some(case) => case.add(number, text),
        }
    }
    assert!(open.is_none(), "a block of Python does not end");
    found
}

/// Where the comment of a line begins, and what it lists.
pub(crate) fn comment(text: &str) -> Option<(usize, Clauses)> {
    let start = [Word::Calls, Word::Surely, Word::OneOf, Word::Invented]
        .iter()
        .filter_map(|word| text.find(&format!("# {}: ", label(*word))))
        .min()?;
    let mut says = Clauses::new();
    for clause in text[start + 2..].split(';') {
        let (word, names) = clause.trim().split_once(": ").expect("a clause has a word");
        let word = WORDS.iter().find(|(_, w)| *w == word).expect("a known word").0;
        let names = names.split(',').map(|n| n.trim().to_owned());
        says.entry(word).or_default().extend(names);
    }
    Some((start, says))
}

fn label(word: Word) -> &'static str {
    WORDS
        .iter()
        .find(|(w, _)| *w == word)
        .expect("every word has a label")
        .1
}

/// A line with its comment's marks replaced by these.
pub(crate) fn marked(text: &str, marks: &Clauses) -> String {
    let (code, truth) = match text.find("  # ").filter(|_| comment(text).is_some()) {
        Some(_) => {
            let start = comment(text).unwrap().0;
            (text[..start].trim_end(), &text[start + 2..])
        }
        None => (text.trim_end(), ""),
    };
    let is_truth = |clause: &&str| {
        WORDS
            .iter()
            .any(|(w, label)| w.is_truth() && clause.starts_with(&format!("{label}: ")))
    };
    let mut clauses: Vec<String> = truth
        .split(';')
        .map(str::trim)
        .filter(is_truth)
        .map(str::to_owned)
        .collect();
    for (word, names) in marks.iter().filter(|(_, names)| !names.is_empty()) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        clauses.push(format!("{}: {}", label(*word), names.join(", ")));
    }
    if clauses.is_empty() {
        code.to_owned()
    } else {
        format!("{code}  # {}", clauses.join("; "))
    }
}

fn pair(text: &str, on_page: usize, module: String) -> Option<Pair> {
    let text = text.trim().strip_prefix("# ")?;
    let (verdict, rest) = text.split_once(": ")?;
    if !["refuted", "unknown", "confirmed"].contains(&verdict) {
        return None;
    }
    let rest = rest.split("; says: ").next().unwrap_or_default();
    let (caller, callee) = rest.split_once(" -> ").expect("a verdict is about caller -> callee");
    Some(Pair {
        on_page,
        module,
        verdict: verdict.to_owned(),
        caller: caller.trim().to_owned(),
        callee: callee.trim().to_owned(),
    })
}

/// A verdict's line with what the analysis says instead, if it does.
pub(crate) fn answered(text: &str, says: Option<&str>) -> String {
    let truth = text.split("; says: ").next().unwrap_or_default();
    says.map_or_else(|| truth.to_owned(), |says| format!("{truth}; says: {says}"))
}
