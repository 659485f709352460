//! The tables of other tools: what their users have written into `pyproject.toml`, `setup.cfg` and their own files.
//!
//! [`Tables`] holds the files' texts by name; nothing here reads a file. A value is asked for by tool and key, and a
//! key counts whether it is written with dashes or underscores, as it does for the tools.

use super::ProfileError;

/// The files that may hold a tool's options, in the order in which they are looked for.
pub const FILES: &[&str] = &[
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    "setup.cfg",
    "tox.ini",
    ".darglint",
];

/// Files with options, by name.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    files: Vec<(&'static str, String)>,
}

/// One table: keys in a form that does not tell dashes from underscores, and their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    path: &'static str,
    values: Vec<(String, toml::Value)>,
}

impl Tables {
    /// Holds these files; of a name that is there already the first counts.
    pub fn add(&mut self, name: &'static str, text: String) {
        if self.files.iter().all(|(known, _)| *known != name) {
            self.files.push((name, text));
        }
    }

    fn text(&self, name: &str) -> Option<(&'static str, &str)> {
        let found = self.files.iter().find(|(known, _)| *known == name)?;
        Some((found.0, &found.1))
    }

    /// The table under dotted keys in a TOML file; empty where there is none.
    pub(super) fn toml(&self, file: &str, path: &[&str]) -> Result<Table, ProfileError> {
        let Some((name, text)) = self.text(file) else {
            return Ok(Table::default());
        };
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| ProfileError::Syntax {
            path: name.to_owned(),
            message: error.message().to_owned(),
        })?;
        for key in path {
            let wanted = plain(key);
            let key = table.keys().find(|k| plain(k) == wanted).cloned();
            match key.and_then(|key| table.remove(&key)) {
                Some(toml::Value::Table(inner)) => table = inner,
                _ => return Ok(Table::default()),
            }
        }
        Ok(Table {
            path: name,
            values: table.into_iter().map(|(key, value)| (plain(&key), value)).collect(),
        })
    }
}

impl Tables {
    /// A section of a file in the form of `setup.cfg`; empty where there is none.
    pub(super) fn ini(&self, file: &str, section: &str) -> Table {
        let Some((path, text)) = self.text(file) else {
            return Table::default();
        };
        let mut table = Table {
            path,
            values: Vec::new(),
        };
        let mut inside = false;
        for line in text.lines() {
            if let Some(name) = line.trim().strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                inside = name.trim() == section;
            } else if !inside || line.trim().is_empty() || line.trim_start().starts_with(['#', ';']) {
            } else if line.starts_with([' ', '\t']) {
                // A line that is indented goes on with the value above it.
                if let Some((_, toml::Value::String(value))) = table.values.last_mut() {
                    value.push(',');
                    value.push_str(line.trim());
                }
            } else if let Some((key, value)) = line.split_once(['=', ':']) {
                let value = toml::Value::String(value.trim().to_owned());
                table.values.push((plain(key.trim()), value));
            }
        }
        table
    }
}

/// A key as it is compared: small letters, no dashes, no underscores.
fn plain(key: &str) -> String {
    key.to_lowercase().replace(['-', '_'], "")
}

impl Table {
    fn value(&self, key: &str) -> Option<&toml::Value> {
        let key = plain(key);
        self.values
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }

    pub(super) fn wrong(&self, key: &str, message: &str) -> ProfileError {
        ProfileError::Option {
            path: self.path.to_owned(),
            key: key.to_owned(),
            message: message.to_owned(),
        }
    }

    /// Whether nothing is written in it.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The table under dotted keys; empty where there is none.
    pub(super) fn at(&self, path: &[&str]) -> Self {
        let mut values = self.values.clone();
        for key in path {
            let wanted = plain(key);
            let inner = values.into_iter().find(|(known, _)| *known == wanted);
            values = match inner {
                Some((_, toml::Value::Table(table))) => {
                    table.into_iter().map(|(key, value)| (plain(&key), value)).collect()
                }
                _ => Vec::new(),
            };
        }
        Self {
            path: self.path,
            values,
        }
    }

    /// A list of words.
    pub(super) fn words(&self, key: &str) -> Result<Vec<String>, ProfileError> {
        let words = match self.value(key) {
            None => Some(Vec::new()),
            Some(toml::Value::Array(list)) => list
                .iter()
                .map(|v| v.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>(),
            Some(toml::Value::String(text)) => Some(
                text.split(',')
                    .map(|w| w.trim().to_owned())
                    .filter(|w| !w.is_empty())
                    .collect(),
            ),
            Some(_) => None,
        };
        words.ok_or_else(|| self.wrong(key, "is no list of strings"))
    }

    /// A yes or no, also where it is written as a string.
    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool, ProfileError> {
        match self.value(key) {
            None => Ok(default),
            Some(toml::Value::Boolean(value)) => Ok(*value),
            Some(toml::Value::String(text)) => match text.to_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true),
                "false" | "no" | "off" | "0" => Ok(false),
                _ => Err(self.wrong(key, "is neither true nor false")),
            },
            Some(_) => Err(self.wrong(key, "is neither true nor false")),
        }
    }

    /// A word.
    pub(super) fn word(&self, key: &str) -> Result<Option<&str>, ProfileError> {
        match self.value(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "is not a string")),
        }
    }
}
