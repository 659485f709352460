//! What `bd` answers with: an object, an array, or either in an envelope, depending on command and version.

use serde_json::Value as Json;

/// The issues in an answer, whatever its shape; nothing at all is none. An error says why it is no answer.
pub(super) fn issues(text: &str) -> Result<Vec<Json>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let json: Json = serde_json::from_str(text).map_err(|e| format!("its answer is no JSON: {e}"))?;
    let inner = match json {
        Json::Object(mut keys) if keys.contains_key("schema_version") => {
            keys.remove("data").ok_or("its answer is an envelope without data")?
        }
        other => other,
    };
    match inner {
        Json::Array(all) => Ok(all),
        Json::Null => Ok(Vec::new()),
        one @ Json::Object(_) => Ok(vec![one]),
        _ => Err("its answer is neither an object nor an array".to_owned()),
    }
}

/// The version in the answer to `bd version --json`; none where it is not Beads' own form.
pub(super) fn version(text: &str) -> Option<(u32, u32)> {
    let json: Json = serde_json::from_str(text.trim()).ok()?;
    let version = match json.get("data") {
        Some(data) if json.get("schema_version").is_some() => data.get("version"),
        _ => json.get("version"),
    };
    let mut parts = version?.as_str()?.trim_start_matches('v').split('.');
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_shapes_are_read() {
        for text in [
            r#"{"id":"ts-1"}"#,
            r#"[{"id":"ts-1"}]"#,
            r#"{"schema_version":1,"data":[{"id":"ts-1"}]}"#,
            r#"{"schema_version":1,"data":{"id":"ts-1"}}"#,
        ] {
            assert_eq!(issues(text).unwrap()[0]["id"], "ts-1", "{text}");
        }
        for text in ["", "  \n", "[]", "null", r#"{"schema_version":1,"data":null}"#] {
            assert_eq!(issues(text), Ok(Vec::new()), "{text}");
        }
        for text in [
            "{",
            "[{\"id\":",
            "3",
            "\"x\"",
            r#"{"schema_version":1}"#,
            "no issues found",
        ] {
            assert!(issues(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_beads_own_version_is_one() {
        assert_eq!(version(r#"{"version":"1.0.5","branch":"main"}"#), Some((1, 0)));
        assert_eq!(
            version(r#"{"schema_version":1,"data":{"version":"v1.12.0"}}"#),
            Some((1, 12))
        );
        assert_eq!(version(r#"{"version":"0.49.1"}"#), Some((0, 49)));
        for text in [
            "bd 1.0.5",
            r#"{"name":"minibeads"}"#,
            r#"{"version":1}"#,
            r#"["1.0.5"]"#,
            r#"{"version":"new"}"#,
        ] {
            assert_eq!(version(text), None, "{text}");
        }
    }
}
