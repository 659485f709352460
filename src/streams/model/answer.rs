//! The form of an answer, and the claims in it.
//!
//! Only the fields of the form are read; whatever a model adds is dropped with no trace. Names and texts are cleaned of
//! what no name or text has, cut to a length that no honest one has, and are otherwise left as they are: whether they
//! are true is for the oracle to say.

use serde::Deserialize;
use serde_json::Value as Json;

use super::redact::PLACEHOLDER;
use crate::llm::Schema;
use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::Draft;
use crate::model::oracle::{Oracle, plain_name, type_text};

/// Characters of a name, type or default at most.
const LONGEST_NAME: usize = 300;
/// Characters of a text at most.
const LONGEST_TEXT: usize = 8_000;
/// Entries of a list at most.
const MOST_ENTRIES: usize = 400;

/// What a model says of one component.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    summary: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Vec<Described>,
    #[serde(default)]
    returns: Option<Given>,
    #[serde(default)]
    yields: Option<Given>,
    #[serde(default)]
    raises: Vec<Raised>,
    #[serde(default)]
    attributes: Vec<Described>,
    #[serde(default)]
    calls: Vec<String>,
    #[serde(default)]
    confidence: Option<f32>,
}

/// A parameter or attribute.
#[derive(Debug, Deserialize)]
struct Described {
    name: String,
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Given {
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Raised {
    exception: String,
    #[serde(default)]
    description: Option<String>,
}

/// The form as a JSON Schema.
pub(super) fn schema() -> Schema {
    let text = include_str!("../prompts/documenter.schema.json");
    Schema {
        name: "documentation",
        json: serde_json::from_str(text).expect("a test reads the schema"),
    }
}

/// How sure a model is that does not say.
const UNSAID: f32 = 0.5;

impl Answer {
    /// Reads an answer; as a fragment, why it has not the form.
    pub(super) fn read(json: Json) -> Result<Self, String> {
        let answer: Self = serde_json::from_value(json).map_err(|error| format!("it has not the form: {error}"))?;
        if text(&answer.summary).is_none() {
            return Err("its summary is empty".to_owned());
        }
        let lists = [
            answer.parameters.len(),
            answer.attributes.len(),
            answer.raises.len(),
            answer.calls.len(),
        ];
        if lists.iter().any(|&n| n > MOST_ENTRIES) {
            return Err(format!("one of its lists has more than {MOST_ENTRIES} entries"));
        }
        Ok(answer)
    }

    /// What it claims of a component.
    pub(super) fn draft(self, oracle: &Oracle, component: ComponentIndex) -> Draft {
        let confidence = self
            .confidence
            .filter(|c| c.is_finite())
            .unwrap_or(UNSAID)
            .clamp(0.0, 1.0);
        let mut said = Said {
            confidence,
            claims: Vec::new(),
        };
        said.prose(Subject::Summary, Some(&self.summary));
        said.prose(Subject::Description, self.description.as_deref());
        for parameter in &self.parameters {
            let Some(name) = name(parameter.name.trim_start_matches('*')) else {
                continue;
            };
            said.present(Subject::Parameter(name.clone()));
            said.code(Subject::ParameterType(name.clone()), parameter.r#type.as_deref());
            said.code(Subject::ParameterDefault(name.clone()), parameter.default.as_deref());
            said.prose(Subject::ParameterText(name), parameter.description.as_deref());
        }
        if let Some(given) = self.returns.filter(|given| !gives_nothing(given)) {
            said.present(Subject::Return);
            said.code(Subject::ReturnType, given.r#type.as_deref());
            said.prose(Subject::ReturnText, given.description.as_deref());
        }
        if let Some(given) = self.yields.filter(|given| !gives_nothing(given)) {
            said.present(Subject::Yield);
            said.code(Subject::YieldType, given.r#type.as_deref());
            said.prose(Subject::YieldText, given.description.as_deref());
        }
        for raised in &self.raises {
            // An exception is known by its class's own name.
            let Some(name) = name(raised.exception.rsplit('.').next().unwrap_or_default()) else {
                continue;
            };
            said.present(Subject::Raise(name.clone()));
            said.prose(Subject::RaiseText(name), raised.description.as_deref());
        }
        for attribute in &self.attributes {
            let Some(name) = name(&attribute.name) else { continue };
            said.present(Subject::Attribute(name.clone()));
            said.code(Subject::AttributeType(name.clone()), attribute.r#type.as_deref());
            said.prose(Subject::AttributeText(name), attribute.description.as_deref());
        }
        for called in &self.calls {
            if let Some(name) = name(called.trim_end_matches("()")) {
                said.present(Subject::Callee(callee(oracle, component, name)));
            }
        }
        // The form has no room for what is listed from the facts in any case.
        let listed = |claim: &Claim| matches!(claim.subject, Subject::Member(_) | Subject::Caller(_));
        said.claims
            .extend(oracle.known_claims(component).into_iter().filter(listed));
        Draft::new(oracle.component(component).id.clone(), said.claims)
    }
}

/// Whether what is given back is `None`, which is what happens where nothing is.
fn gives_nothing(given: &Given) -> bool {
    given
        .r#type
        .as_deref()
        .is_some_and(|t| type_text::is_none(t.trim().trim_matches('`')))
}

/// The full name of a callee that is written in short; as it is, where that is not the name of one.
fn callee(oracle: &Oracle, component: ComponentIndex, written: Name) -> Name {
    let edges = oracle.call_graph.callees(component);
    let meant = |id: &str| {
        let plain = plain_name(id);
        plain == *written
            || plain
                .strip_suffix(&*written)
                .is_some_and(|before| before.ends_with('.'))
    };
    let mut found: Vec<&Name> = edges
        .iter()
        .map(|edge| &oracle.component(edge.callee).id)
        .filter(|id| meant(id))
        .collect();
    found.dedup();
    match found[..] {
        [id] => id.clone(),
        _ => written,
    }
}

/// Collects claims.
struct Said {
    confidence: f32,
    claims: Vec<Claim>,
}

impl Said {
    fn say(&mut self, subject: Subject, value: Value) {
        self.claims.push(Claim::said(subject, value, self.confidence, None));
    }

    fn present(&mut self, subject: Subject) {
        self.say(subject, Value::Present);
    }

    /// A type or default, as Python writes it.
    fn code(&mut self, subject: Subject, text: Option<&str>) {
        // Of a secret the model has seen no more than its place.
        if let Some(name) = text.and_then(name).filter(|name| !name.contains(PLACEHOLDER)) {
            self.say(subject, Value::Text(name));
        }
    }

    fn prose(&mut self, subject: Subject, words: Option<&str>) {
        if let Some(text) = words.and_then(text) {
            self.say(subject, Value::text(text));
        }
    }
}

/// A name, type or default: one line, without backticks around it; none where nothing is left.
fn name(written: &str) -> Option<Name> {
    let one_line: String = written
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_NAME)
        .collect();
    let cleaned = one_line.trim().trim_matches('`').trim();
    (!cleaned.is_empty()).then(|| cleaned.into())
}

/// A text without control characters; none where nothing is left.
fn text(written: &str) -> Option<String> {
    let cleaned: String = written
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(LONGEST_TEXT)
        .collect();
    let cleaned = cleaned.trim();
    (!cleaned.is_empty()).then(|| cleaned.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::oracle::testing::Repository;

    fn scene() -> (Oracle, ComponentIndex) {
        let mut r = Repository::default();
        r.module("m");
        r.module("m.inner");
        let g = r.function("m.inner.g", "()");
        let f = r.function("m.f", "(x, *rest)");
        r.calls(f, g);
        (r.build(), f)
    }

    #[track_caller]
    fn check(json: Json, expected: &[&str]) {
        let (oracle, f) = scene();
        let draft = Answer::read(json).unwrap().draft(&oracle, f);
        let claims: Vec<String> = draft
            .claims
            .iter()
            .map(|c| format!("{}: {}", c.subject, c.value))
            .collect();
        assert_eq!(claims, expected);
    }

    #[test]
    fn every_field_of_the_form_is_a_claim_and_nothing_else_is() {
        check(
            json!({
                "summary": " Does\u{1b} it.\n", "description": null,
                "parameters": [{"name": "*rest", "type": "`int`", "default": null, "description": "More."},
                    {"name": " ", "type": "x", "default": "1", "description": ""}],
                "returns": {"type": "bool", "description": "Whether."}, "yields": null,
                "raises": [{"exception": "errors.Bad", "description": "Always."}],
                "attributes": [], "calls": ["g()", "print"], "confidence": 7,
                "link": "https://evil.example", "files": {"a": "b"},
            }),
            &[
                "summary: Does it.",
                "parameter rest: yes",
                "parameter_type rest: int",
                "parameter_text rest: More.",
                "return: yes",
                "return_type: bool",
                "return_text: Whether.",
                "raise Bad: yes",
                "raise_text Bad: Always.",
                "callee m.inner.g: yes",
                "callee print: yes",
            ],
        );
    }

    #[test]
    fn what_gives_back_none_gives_back_nothing() {
        check(
            json!({"summary": "X.", "returns": {"type": "None", "description": "Nothing."}}),
            &["summary: X."],
        );
    }

    #[test]
    fn answers_of_another_form_are_told_why() {
        for (json, why) in [
            (json!({}), "missing field `summary`"),
            (json!({"summary": "\u{7} "}), "summary is empty"),
            (json!({"summary": 1}), "invalid type"),
            (json!({"summary": "x", "parameters": {"a": "b"}}), "invalid type"),
            (
                json!({"summary": "x", "parameters": [{"type": "int"}]}),
                "missing field `name`",
            ),
            (json!({"summary": "x", "calls": vec!["x"; 401]}), "more than 400"),
        ] {
            let error = Answer::read(json).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn the_schema_stays_within_what_all_providers_take() {
        let schema = schema().json;
        let mut open = vec![&schema];
        while let Some(node) = open.pop() {
            let Json::Object(entries) = node else { continue };
            for key in entries.keys() {
                let known = [
                    "type",
                    "additionalProperties",
                    "required",
                    "properties",
                    "items",
                    "anyOf",
                ];
                assert!(known.contains(&key.as_str()), "{key}");
            }
            if node["type"] == "object" {
                let properties = node["properties"].as_object().unwrap();
                assert_eq!(node["additionalProperties"], false);
                assert_eq!(node["required"].as_array().unwrap().len(), properties.len());
                open.extend(properties.values());
            }
            open.extend(node.get("items"));
            open.extend(node.get("anyOf").and_then(Json::as_array).into_iter().flatten());
        }
    }

    #[test]
    fn confidence_stays_between_nothing_and_certainty() {
        let (oracle, f) = scene();
        for (said, expected) in [
            (json!(7), 1.0),
            (json!(-1), 0.0),
            (json!(null), UNSAID),
            (json!(0.25), 0.25),
        ] {
            let answer = Answer::read(json!({"summary": "x", "confidence": said})).unwrap();
            assert_eq!(answer.draft(&oracle, f).claims[0].confidence, expected);
        }
    }
}
