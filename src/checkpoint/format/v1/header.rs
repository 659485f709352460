//! Version 1 of what a run was started with.
//!
//! Options are saved by name and read back over the defaults, so that an option added later has its default, and one
//! that no longer exists is left out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words::{PathForm, Time};
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::record::RunHeader as ModelRunHeader;
use crate::config::Config;

/// What a run was started with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunHeader {
    repository: PathForm,
    output: PathForm,
    options: Value,
    program: String,
    created_at: Time,
}

impl RunHeader {
    pub(crate) fn from_model(model: &ModelRunHeader) -> Result<Self, CheckpointError> {
        let mut options = model.options.clone();
        // These two are saved as canonical paths or known from where the checkpoint lies; as given they would mean
        // something else in another working directory, and need not be text.
        options.output = Config::default().output;
        options.checkpoints.dir = Config::default().checkpoints.dir;
        let options = serde_json::to_value(&options).map_err(|e| CheckpointError::Unsayable {
            what: "the options",
            reason: e.to_string(),
        })?;
        Ok(Self {
            repository: model.repository.as_path().into(),
            output: model.output.as_path().into(),
            options,
            program: model.program.clone(),
            created_at: Time(model.created_at),
        })
    }

    pub(crate) fn into_model(self) -> Result<ModelRunHeader, String> {
        let output: std::path::PathBuf = self.output.try_into()?;
        let mut options = options(self.options)?;
        options.output.clone_from(&output);
        Ok(ModelRunHeader {
            repository: self.repository.try_into()?,
            output,
            options,
            program: self.program,
            created_at: self.created_at.0,
        })
    }
}

fn options(saved: Value) -> Result<Config, String> {
    let defaults =
        serde_json::to_value(Config::default()).map_err(|e| format!("the default options cannot be spelled: {e}"))?;
    serde_json::from_value(overlay(defaults, saved)).map_err(|e| format!("its options do not fit: {e}"))
}

/// Puts saved values over defaults, two levels deep (the depth of the options), leaving out unknown keys.
fn overlay(defaults: Value, saved: Value) -> Value {
    let (Value::Object(mut all), Value::Object(saved)) = (defaults, saved) else {
        return Value::Null;
    };
    for (key, value) in saved {
        let Some(slot) = all.get_mut(&key) else {
            continue;
        };
        match (slot, value) {
            (Value::Object(section), Value::Object(values)) => {
                for (key, value) in values {
                    if let Some(slot) = section.get_mut(&key) {
                        *slot = value;
                    }
                }
            }
            (slot, value) => *slot = value,
        }
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_of_another_time_are_read_over_the_defaults() {
        let saved = json!({"jobs": 3, "gone": true, "convergence": {"max_iterations": 7, "gone": 1}});
        let read = options(saved).unwrap();
        let mut expected = Config {
            jobs: Some(3),
            ..Config::default()
        };
        expected.convergence.max_iterations = 7;
        assert_eq!(read, expected);
    }

    #[test]
    fn options_of_the_wrong_type_are_damage() {
        assert!(options(json!({"jobs": "many"})).is_err());
        assert!(options(json!(null)).is_err());
    }
}
