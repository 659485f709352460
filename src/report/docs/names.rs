//! File names that any system takes, and anchors that any Markdown reader takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The page's file for each module.
#[derive(Debug)]
pub(crate) struct FileNames<'a>(BTreeMap<&'a str, String>);

impl<'a> FileNames<'a> {
    /// Gives each module a file of its own, also where letter case does not count.
    pub(crate) fn new(modules: impl Iterator<Item = &'a str>) -> Self {
        let mut taken = BTreeSet::from(["index.md".to_owned(), "summary.md".to_owned()]);
        let mut names = BTreeMap::new();
        for module in modules {
            if names.contains_key(module) {
                continue;
            }
            let mut file = format!("{}.md", safe_stem(module));
            if !taken.insert(file.to_lowercase()) {
                file = format!("{}-{}.md", safe_stem(module), short_hash(module));
                taken.insert(file.to_lowercase());
            }
            names.insert(module, file);
        }
        Self(names)
    }

    /// The file of a module that has one.
    pub(crate) fn of(&self, module: &str) -> &str {
        self.0.get(module).map_or("index.md", String::as_str)
    }
}

fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}

/// The name itself where every system takes it; otherwise what is left of it, with a hash.
fn safe_stem(module: &str) -> String {
    let kept: String = module
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .take(120)
        .collect();
    let first = kept.split('.').next().unwrap_or("").to_lowercase();
    let is_device = matches!(first.as_str(), "con" | "prn" | "aux" | "nul")
        || (first.len() == 4
            && (first.starts_with("com") || first.starts_with("lpt"))
            && first.ends_with(|c: char| c.is_ascii_digit()));
    if kept == module && !is_device && !kept.starts_with('.') && !kept.is_empty() {
        return kept;
    }
    format!("m-{}-{}", kept.trim_matches('.'), short_hash(module))
}

/// The anchor of a component: its id, with what is no letter, digit, `.`, `_` or `-` spelled out.
pub(crate) fn anchor(id: &str) -> String {
    let mut anchor = String::with_capacity(id.len());
    for c in id.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
            anchor.push(c);
        } else {
            _ = write!(anchor, "-{:x}-", u32::from(c));
        }
    }
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(modules: &[&str], expected: &[&str]) {
        let names = FileNames::new(modules.iter().copied());
        let got: Vec<&str> = modules.iter().map(|m| names.of(m)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn ordinary_modules_keep_their_names() {
        check(&["pkg", "pkg.mod_a"], &["pkg.md", "pkg.mod_a.md"]);
    }

    #[test]
    fn names_that_differ_in_case_only_get_different_files() {
        check(&["Pkg", "pkg"], &["Pkg.md", "pkg-08bbcc32.md"]);
    }

    #[test]
    fn device_names_and_foreign_letters_are_replaced() {
        check(
            &["con.x", "übung", "index"],
            &["m-con.x-74044c5c.md", "m-bung-50bb6e0d.md", "index-aaa6dc8a.md"],
        );
    }

    #[test]
    fn anchors_have_no_hash_sign() {
        assert_eq!(anchor("pkg.f#2"), "pkg.f-23-2");
    }
}
