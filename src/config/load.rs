//! Where configuration comes from: `twinscribe.toml` or `[tool.twinscribe]` in `pyproject.toml`, then the
//! environment, then flags; the later wins.
//!
//! The file is looked for in the repository and, where that lies in a git working tree, in the folders above it up
//! to the tree's top, never higher.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::de::IntoDeserializer;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::Settings;
use super::options::{KEYS, Layer, nearest};

/// What starts the name of every variable of the environment that is an option.
const PREFIX: &str = "TWINSCRIBE_";
/// Where flags come from, in messages.
const COMMAND_LINE: &str = "the command line";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("understand {origin}: {message}")]
    Syntax {
        /// File and line.
        origin: String,
        /// What is wrong.
        message: String,
    },
    /// A key that is none.
    #[error("understand {origin}: unknown option `{key}`{}", nearest_hint(*nearest))]
    UnknownKey {
        /// File and line.
        origin: String,
        /// The key as written.
        key: String,
        /// The key most like it.
        nearest: Option<&'static str>,
    },
    /// A value that makes no sense.
    #[error("understand {origin}: `{key}` {reason}")]
    Invalid {
        /// File and line, variable or flag.
        origin: String,
        /// The key.
        key: String,
        /// What is wrong with it, as a fragment that follows the key.
        reason: String,
    },
}

impl ConfigError {
    /// Whether it is a flag that is wrong.
    pub(crate) fn is_of_the_command_line(&self) -> bool {
        matches!(self, Self::Invalid { origin, .. } if origin == COMMAND_LINE)
    }
}

fn nearest_hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}

/// Where to look.
#[derive(Debug, Default)]
pub struct Sources {
    /// A file named on the command line, instead of looking for one.
    pub file: Option<PathBuf>,
    /// The repository, in and above which to look for a file.
    pub repository: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// What the flags say.
    pub flags: Layer,
}

/// Settings, and what the user should hear of how they came about.
#[derive(Debug, Default, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The file that was read, if one was found.
    pub file: Option<PathBuf>,
    /// What looks like a mistake and is none for certain, as sentences.
    pub warnings: Vec<String>,
}

/// Reads all sources and lays them over the defaults.
///
/// # Errors
/// [`ConfigError`], where a file cannot be read or something in a source is not an option or not a value of it.
pub fn load(sources: Sources) -> Result<Loaded, ConfigError> {
    let file = match (sources.file, sources.repository) {
        (Some(file), _) => Some(file),
        (None, Some(repository)) => find(&repository)?,
        (None, None) => None,
    };
    let mut loaded = Loaded {
        file,
        ..Loaded::default()
    };
    if let Some(path) = &loaded.file {
        let text = read(path)?;
        let mut layer = from_file(&text, path)?;
        layer.resolve_paths(path.parent().unwrap_or(Path::new("")));
        layer.apply(&mut loaded.settings);
    }
    from_environment(&sources.environment, &mut loaded.warnings)?.apply(&mut loaded.settings);
    if let Some((key, reason)) = sources.flags.nonsense() {
        return Err(ConfigError::Invalid {
            origin: COMMAND_LINE.to_owned(),
            key: format!("--{}", key.replace('_', "-")),
            reason: reason.to_owned(),
        });
    }
    sources.flags.apply(&mut loaded.settings);
    Ok(loaded)
}

/// The configuration file that applies to a repository.
fn find(repository: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let start = if repository.is_file() {
        repository.parent().unwrap_or(Path::new("."))
    } else {
        repository
    };
    let Ok(start) = std::path::absolute(start) else {
        return Ok(None);
    };
    let top = start.ancestors().find(|folder| folder.join(".git").exists());
    for folder in start.ancestors() {
        let own = folder.join("twinscribe.toml");
        if own.is_file() {
            return Ok(Some(own));
        }
        let shared = folder.join("pyproject.toml");
        if shared.is_file() && section_of(&read(&shared)?) {
            return Ok(Some(shared));
        }
        if top.is_none_or(|top| folder == top) {
            break;
        }
    }
    Ok(None)
}

/// Whether a `pyproject.toml` has our section. One that is not TOML is somebody else's to complain about.
fn section_of(text: &str) -> bool {
    DeTable::parse(text).is_ok_and(|table| {
        table
            .get_ref()
            .get("tool")
            .and_then(|tool| tool.get_ref().get("twinscribe"))
            .is_some()
    })
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })
}

/// What a file says; in one called `pyproject.toml`, its section `[tool.twinscribe]`.
pub(super) fn from_file(text: &str, path: &Path) -> Result<Layer, ConfigError> {
    let at = |offset: Option<usize>| match offset {
        Some(offset) => format!("{} line {}", path.display(), line_of(text, offset)),
        None => path.display().to_string(),
    };
    let mut table = DeTable::parse(text)
        .map_err(|error| ConfigError::Syntax {
            origin: at(error.span().map(|span| span.start)),
            message: error.message().to_owned(),
        })?
        .into_inner();
    if path.file_name().is_some_and(|name| name == "pyproject.toml") {
        for name in ["tool", "twinscribe"] {
            table = match table.remove(name).map(toml::Spanned::into_inner) {
                Some(DeValue::Table(inner)) => inner,
                _ => return Ok(Layer::default()),
            };
        }
    }
    let mut layer = Layer::default();
    let mut lines = std::collections::BTreeMap::new();
    for (key, value) in table {
        let origin = at(Some(key.span().start));
        lines.insert(key.get_ref().to_string(), origin.clone());
        set(&mut layer, &origin, key.get_ref(), value.into_deserializer())?;
    }
    match layer.nonsense() {
        Some((key, reason)) => Err(ConfigError::Invalid {
            origin: lines.get(key).cloned().unwrap_or_else(|| at(None)),
            key: key.to_owned(),
            reason: reason.to_owned(),
        }),
        None => Ok(layer),
    }
}

fn set(layer: &mut Layer, origin: &str, key: &str, value: ValueDeserializer<'_>) -> Result<(), ConfigError> {
    match layer.set(key, value) {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(ConfigError::Invalid {
            origin: origin.to_owned(),
            key: key.to_owned(),
            reason: format!("has a wrong value: {}", error.message()),
        }),
        None => Err(ConfigError::UnknownKey {
            origin: origin.to_owned(),
            key: key.to_owned(),
            nearest: nearest(key),
        }),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
}

/// What the environment says. A variable that only looks like an option may belong to something else, so it is
/// worth no more than a warning.
fn from_environment(environment: &[(OsString, OsString)], warnings: &mut Vec<String>) -> Result<Layer, ConfigError> {
    let mut layer = Layer::default();
    let mut variables: Vec<_> = environment
        .iter()
        .filter_map(|(name, value)| Some((name.to_str()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    variables.sort();
    for (name, value) in variables {
        let key = name[PREFIX.len()..].to_lowercase();
        if !KEYS.contains(&key.as_str()) {
            warnings.push(format!(
                "the variable {name} is no option{}",
                nearest(&key).map_or_else(String::new, |near| format!(
                    "; did you mean {PREFIX}{}?",
                    near.to_uppercase()
                ))
            ));
            continue;
        }
        let invalid = |reason: String| ConfigError::Invalid {
            origin: "the environment".to_owned(),
            key: name.to_owned(),
            reason,
        };
        let value = value.to_str().ok_or_else(|| invalid("is not valid UTF-8".to_owned()))?;
        set_from_text(&mut layer, &key, value).map_err(invalid)?;
        if let Some((_, reason)) = layer.nonsense() {
            return Err(invalid(reason.to_owned()));
        }
    }
    Ok(layer)
}

/// Sets a key from a variable: as a word, a number or switch, or a list with commas, whichever fits the key.
fn set_from_text(layer: &mut Layer, key: &str, text: &str) -> Result<(), String> {
    // A JSON string or list of strings is one in TOML too.
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let quoted = serde_json::json!(text).to_string();
    let list = serde_json::json!(parts).to_string();
    let mut first_error = None;
    for candidate in [text.trim().to_owned(), quoted, list] {
        let Ok(value) = ValueDeserializer::parse(&candidate) else {
            continue;
        };
        match layer.set(key, value) {
            Some(Ok(())) => return Ok(()),
            Some(Err(error)) => _ = first_error.get_or_insert(error.message().to_owned()),
            None => break,
        }
    }
    Err(format!(
        "has a wrong value: {}",
        first_error.unwrap_or_else(|| "not understood".to_owned())
    ))
}

#[cfg(test)]
mod tests;
