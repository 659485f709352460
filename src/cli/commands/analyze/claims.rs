//! `analyze --verify`: claims in, verdicts out, in the same order.

use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use crate::cli::args::facts::FactsFormat;
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::session;
use crate::model::claim::Answer;
use crate::model::oracle::Oracle;
use crate::report::escape::for_line;

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    JsonLines,
    Text,
}

impl Form {
    pub(super) fn of(format: Option<FactsFormat>) -> Result<Self, Failure> {
        match format {
            None | Some(FactsFormat::JsonLines) => Ok(Self::JsonLines),
            Some(FactsFormat::Text) => Ok(Self::Text),
            Some(_) => Err(Failure::usage(
                "failed to answer claims in this form: there are json-lines and text",
            )),
        }
    }
}

/// A claim as it is written in the file.
#[derive(Debug)]
enum Asked {
    Edge {
        caller: String,
        callee: String,
    },
    Fact {
        component: String,
        fact: String,
        name: Option<String>,
        value: Option<String>,
    },
}

pub(super) fn run(oracle: &Oracle, file: &Path, form: Form, context: &Context) -> Result<Ending, Failure> {
    let failed = |error: &std::io::Error| Failure::usage(format!("failed to read {}", file.display())).because(error);
    let input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(std::fs::File::open(file).map_err(|e| failed(&e))?))
    };
    // Every claim is read before the first answer, so that a mistake in the file gives no half an answer.
    let mut claims = Vec::new();
    for (i, line) in input.lines().enumerate() {
        let line = line.map_err(|e| failed(&e))?;
        if !line.trim().is_empty() {
            let wrong = |reason: String| {
                let n = i + 1;
                Failure::usage(format!("failed to understand {} line {n}: {reason}", file.display()))
                    .hint("a claim is {\"caller\", \"callee\"} or {\"component\", \"fact\", \"name\", \"value\"}")
            };
            claims.push(parse(&line).map_err(wrong)?);
        }
    }
    let mut answers = Vec::with_capacity(claims.len());
    for (fields, asked) in claims {
        let answer = ask(oracle, &asked)?;
        answers.push((fields, asked, answer));
    }
    context.print(|out| {
        for (fields, asked, answer) in answers {
            match form {
                Form::JsonLines => {
                    let mut fields = fields;
                    fields.insert("verdict".to_owned(), answer.verdict.to_string().into());
                    fields.insert("reason".to_owned(), answer.reason.into());
                    serde_json::to_writer(&mut *out, &fields)?;
                    out.write_all(b"\n")?;
                }
                Form::Text => writeln!(
                    out,
                    "{:<9}  {}: {}",
                    answer.verdict.to_string(),
                    for_line(&asked.to_string()),
                    for_line(&answer.reason)
                )?,
            }
        }
        Ok(())
    })?;
    Ok(Ending::Clean)
}

fn ask(oracle: &Oracle, asked: &Asked) -> Result<Answer, Failure> {
    match asked {
        Asked::Edge { caller, callee } => Ok(session::verify_edge(oracle, caller, callee)),
        Asked::Fact {
            component,
            fact,
            name,
            value,
        } => session::verify_fact(oracle, component, fact, name.as_deref(), value.as_deref()),
    }
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Edge { caller, callee } => write!(f, "{caller} calls {callee}"),
            Self::Fact {
                component,
                fact,
                name,
                value,
            } => {
                write!(f, "{component} {fact}")?;
                if let Some(name) = name {
                    write!(f, " {name}")?;
                }
                value.as_ref().map_or(Ok(()), |value| write!(f, " = {value}"))
            }
        }
    }
}

fn parse(line: &str) -> Result<(Map<String, Value>, Asked), String> {
    let fields: Map<String, Value> = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let asked = if fields.contains_key("fact") {
        Asked::Fact {
            component: required(&fields, "component")?,
            fact: required(&fields, "fact")?,
            name: optional(&fields, "name")?,
            value: optional(&fields, "value")?,
        }
    } else {
        Asked::Edge {
            caller: required(&fields, "caller")?,
            callee: required(&fields, "callee")?,
        }
    };
    Ok((fields, asked))
}

fn required(fields: &Map<String, Value>, name: &str) -> Result<String, String> {
    optional(fields, name)?.ok_or_else(|| format!("`{name}` is missing"))
}

/// A field that is text, or a number or switch as Python would write it.
fn optional(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Bool(value)) => Ok(Some(value.to_string())),
        Some(Value::Number(value)) => Ok(Some(value.to_string())),
        Some(_) => Err(format!("`{name}` is not text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let shown = match parse(line) {
            Ok((_, asked)) => asked.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn edges_and_facts_are_told_apart() {
        check(r#"{"caller": "a.f", "callee": "a.g", "extra": 1}"#, "a.f calls a.g");
        check(
            r#"{"component": "a.f", "fact": "default", "name": "x", "value": 3}"#,
            "a.f default x = 3",
        );
        check(r#"{"component": "a.f", "fact": "return", "value": null}"#, "a.f return");
    }

    #[test]
    fn mistakes_say_what_is_missing() {
        check(r#"{"caller": "a.f"}"#, "error: `callee` is missing");
        check(r#"{"component": "a.f", "fact": ["x"]}"#, "error: `fact` is not text");
        check(
            "[1]",
            "error: invalid type: sequence, expected a map at line 1 column 0",
        );
    }
}
