//! The JSON object in an answer: alone, in a fence, or among prose.

use serde_json::Value;

/// Opening braces that are tried.
const MOST_TRIES: usize = 32;

/// The first JSON object in a text; as a fragment, why there is none.
pub(super) fn object(text: &str) -> Result<Value, String> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if text.is_empty() {
        return Err("it was empty".to_owned());
    }
    let whole = match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => return Ok(value),
        Ok(_) => return Err("it was JSON but no object".to_owned()),
        Err(error) => error,
    };
    for (at, _) in text.match_indices('{').take(MOST_TRIES) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        if let Some(Ok(value @ Value::Object(_))) = values.next()
            && value.get("summary").is_some()
        {
            return Ok(value);
        }
    }
    Err(format!("it was no JSON: {whole}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_alone_fenced_and_among_prose() {
        for text in [
            r#"{"summary": "x"}"#,
            "```json\n{\"summary\": \"x\"}\n```",
            "```\n{\"summary\": \"x\"}\n```\nI hope this helps!",
            r#"Here {it} is: {"summary": "x"} and {"summary": "y"}"#,
            "\u{feff} {\"summary\": \"x\"}\n",
        ] {
            assert_eq!(object(text).unwrap()["summary"], "x", "{text}");
        }
    }

    #[test]
    fn everything_else_is_told_why_it_is_none() {
        for (text, why) in [
            ("", "empty"),
            ("[1]", "no object"),
            ("I cannot do that.", "no JSON"),
            (r#"{"summary": "x"#, "no JSON"),
            (r#"{"other": 1} trailing"#, "no JSON"),
            (&"{".repeat(100_000), "no JSON"),
            (&r#"{"a":"#.repeat(100_000), "no JSON"),
        ] {
            let error = object(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
