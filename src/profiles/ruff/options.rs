//! The options of `[tool.ruff.lint]`, or of a `ruff.toml`, that concern docstrings.

use crate::profiles::ProfileError;
use crate::profiles::tables::{Table, Tables};

/// The convention that the project has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    Google,
    Numpy,
    Pep257,
}

impl Convention {
    /// The rules that it turns off unless they are selected one by one.
    fn turns_off(self) -> &'static [&'static str] {
        match self {
            Self::Google => &[
                "D203", "D204", "D213", "D215", "D400", "D401", "D404", "D406", "D407", "D408", "D409", "D413",
            ],
            Self::Numpy => &["D107", "D203", "D212", "D213", "D402", "D413", "D415", "D416", "D417"],
            Self::Pep257 => &[
                "D203", "D212", "D213", "D214", "D215", "D404", "D405", "D406", "D407", "D408", "D409", "D410", "D411",
                "D413", "D415", "D416", "D417", "D418",
            ],
        }
    }
}

/// What the user has asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(super) convention: Option<Convention>,
    select: Vec<String>,
    ignore: Vec<String>,
    pub(super) ignored_decorators: Vec<String>,
    pub(super) property_decorators: Vec<String>,
    pub(super) ignore_var_parameters: bool,
    pub(super) ignore_one_line: bool,
}

impl Options {
    pub(crate) fn read(tables: &Tables) -> Result<Self, ProfileError> {
        let (top, lint) = Self::tables(tables)?;
        let convention = match lint.at(&["pydocstyle"]).word("convention")? {
            None => None,
            Some("google") => Some(Convention::Google),
            Some("numpy") => Some(Convention::Numpy),
            Some("pep257") => Some(Convention::Pep257),
            Some(_) => return Err(lint.wrong("convention", "is none of google, numpy, pep257")),
        };
        let both = |key: &str| -> Result<Vec<String>, ProfileError> {
            let mut list = lint.words(key)?;
            list.extend(top.words(key)?);
            Ok(list)
        };
        let mut select = both("select")?;
        select.extend(both("extend-select")?);
        select.retain(|code| code == "ALL" || code.starts_with('D'));
        if select.is_empty() {
            // Whoever asks for the profile wants its rules.
            select = vec!["D".to_owned(), "DOC".to_owned()];
        }
        let mut ignore = both("ignore")?;
        ignore.extend(both("extend-ignore")?);
        let style = lint.at(&["pydocstyle"]);
        Ok(Self {
            convention,
            select,
            ignore,
            ignored_decorators: style.words("ignore-decorators")?,
            property_decorators: style.words("property-decorators")?,
            ignore_var_parameters: style.flag("ignore-var-parameters", false)?,
            ignore_one_line: lint.at(&["pydoclint"]).flag("ignore-one-line-docstrings", false)?,
        })
    }

    /// The table with everything and the table `lint`; a `ruff.toml` has them at its top.
    fn tables(tables: &Tables) -> Result<(Table, Table), ProfileError> {
        for file in [".ruff.toml", "ruff.toml"] {
            let top = tables.toml(file, &[])?;
            if !top.is_empty() {
                let lint = top.at(&["lint"]);
                return Ok((top, lint));
            }
        }
        let top = tables.toml("pyproject.toml", &["tool", "ruff"])?;
        let lint = top.at(&["lint"]);
        Ok((top, lint))
    }

    /// Whether a rule applies: the longest code that selects or ignores it decides, and the convention where it is
    /// selected by a group.
    pub(super) fn wants(&self, code: &str) -> bool {
        // Two rules that contradict each other are not both applied: the first of them is.
        if code == "D213" && self.wants("D212") || code == "D203" && self.wants("D211") {
            return false;
        }
        let family = code.trim_end_matches(|c: char| c.is_ascii_digit());
        let length = |list: &[String]| {
            let fits = list.iter().filter(|entry| {
                // `D` is the group of D rules and not of DOC rules.
                let group = entry.trim_end_matches(|c: char| c.is_ascii_digit());
                *entry == "ALL" || group == family && code.starts_with(entry.as_str())
            });
            fits.map(|entry| if entry == "ALL" { 0 } else { entry.len() }).max()
        };
        let Some(selected) = length(&self.select) else {
            return false;
        };
        let off = self.convention.is_some_and(|c| c.turns_off().contains(&code));
        if off && selected < code.len() {
            return false;
        }
        length(&self.ignore).is_none_or(|ignored| ignored < selected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        let mut tables = Tables::default();
        tables.add("ruff.toml", text.to_owned());
        Options::read(&tables).unwrap()
    }

    #[test]
    fn the_longest_code_decides() {
        let options = options("lint.select = [\"D1\", \"D417\"]\nlint.ignore = [\"D105\"]\n");
        for (code, wanted) in [
            ("D100", true),
            ("D105", false),
            ("D417", true),
            ("D414", false),
            ("DOC201", false),
        ] {
            assert_eq!(options.wants(code), wanted, "{code}");
        }
    }

    #[test]
    fn a_convention_turns_off_what_is_not_selected_by_its_own_code() {
        let off = options("lint.select = [\"D\"]\nlint.pydocstyle.convention = \"numpy\"\n");
        assert!(!off.wants("D417") && off.wants("D414") && !off.wants("DOC201"));
        let on = options("lint.select = [\"D417\"]\nlint.pydocstyle.convention = \"numpy\"\n");
        assert!(on.wants("D417"));
    }
}
