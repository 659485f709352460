//! OpenAI's chat completions, which most others speak too: OpenRouter, DeepSeek, llama.cpp, vLLM.

use serde_json::{Value, json};

use super::error::{ErrorKind, LlmError};
use super::events::{Events, Framing};
use super::http::{Answer, Wire, of_body};
use super::{Asking, End, Prompt, Provider, Reply, Schema, Tokens};
use crate::config::ProviderKind;

/// Path below the base address.
pub(super) const PATH: &str = "/chat/completions";

/// Tokens of an answer for each character that one text of it may have, where a small local model writes it: it does
/// not know when to stop.
const TOKENS_PER_CHARACTER: u32 = 8;
/// The same for each entry of a list.
const TOKENS_PER_ENTRY: u32 = 200;

/// The chat completions of one server.
#[derive(Debug)]
pub(super) struct OpenAi {
    pub(super) wire: Wire,
    pub(super) kind: ProviderKind,
    pub(super) model: String,
}

impl Provider for OpenAi {
    fn ask<'a>(&'a self, prompt: &'a Prompt, structured: bool) -> Asking<'a> {
        Box::pin(async move {
            let mut answer = self.wire.post(&self.body(prompt, structured)).await?;
            let mut reply = if answer.is_stream {
                read_stream(&mut answer).await?
            } else if answer.is_json {
                read_whole(&answer.json().await?)?
            } else {
                return Err(Answer::of_no_form());
            };
            reply.pause = answer.pause;
            Ok(reply)
        })
    }
}

impl OpenAi {
    fn body(&self, prompt: &Prompt, structured: bool) -> Value {
        let limit = match self.kind {
            ProviderKind::OpenAi => "max_completion_tokens",
            _ => "max_tokens",
        };
        let mut body = json!({
            "model": self.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        body[limit] = prompt.answer_tokens.into();
        if let Some(temperature) = prompt.temperature {
            body["temperature"] = temperature.into();
        }
        if let Some(schema) = prompt.schema.as_ref().filter(|_| structured) {
            body["response_format"] = self.response_format(schema, prompt.answer_tokens);
        }
        body
    }

    fn response_format(&self, schema: &Schema, tokens: u32) -> Value {
        if self.kind == ProviderKind::DeepSeek {
            return json!({"type": "json_object"});
        }
        let mut form = schema.json.clone();
        if self.kind == ProviderKind::LlamaCpp {
            limit(&mut form, tokens);
        }
        json!({
            "type": "json_schema",
            "json_schema": {"name": schema.name, "strict": true, "schema": form},
        })
    }
}

/// Bounds texts and lists so that an answer of so many tokens has room for all of them.
fn limit(schema: &mut Value, tokens: u32) {
    let characters = (tokens / TOKENS_PER_CHARACTER).clamp(24, 1000);
    let entries = (tokens / TOKENS_PER_ENTRY).clamp(1, 40);
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        let has_type = |schema: &Value, name: &str| match &schema["type"] {
            Value::String(found) => found == name,
            Value::Array(found) => found.iter().any(|f| f == name),
            _ => false,
        };
        if has_type(schema, "string") {
            schema["maxLength"] = characters.into();
        }
        if has_type(schema, "array") {
            schema["maxItems"] = entries.into();
        }
        if let Value::Object(entries) = schema {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => open.extend(properties.values_mut()),
                    ("items", items) => open.push(items),
                    ("anyOf", Value::Array(choices)) => open.extend(choices),
                    _ => {}
                }
            }
        }
    }
}

async fn read_stream(answer: &mut Answer) -> Result<Reply, LlmError> {
    let mut events = Events::of(answer, Framing::ServerSent);
    let mut reply = Reply::default();
    let mut finish = None;
    let mut refusal = String::new();
    loop {
        let event = match events.next().await {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => return Err(error.having_used(reply.tokens)),
        };
        check(&event, reply.tokens)?;
        take_frame(&event, &mut reply);
        let choice = &event["choices"][0];
        let text = |key: &str| choice["delta"][key].as_str().unwrap_or_default();
        reply.text.push_str(text("content"));
        refusal.push_str(text("refusal"));
        if let Some(reason) = choice["finish_reason"].as_str() {
            finish = Some(reason.to_owned());
        }
    }
    let Some(finish) = finish else {
        return Err(Answer::broken_off().having_used(reply.tokens));
    };
    reply.end = end(&finish, refusal);
    Ok(reply)
}

fn read_whole(body: &Value) -> Result<Reply, LlmError> {
    check(body, Tokens::default())?;
    let mut reply = Reply::default();
    take_frame(body, &mut reply);
    let choice = &body["choices"][0];
    if !choice.is_object() {
        let error = LlmError::new(ErrorKind::Malformed, "the answer has no choices");
        return Err(error.after_acceptance().having_used(reply.tokens));
    }
    reply.text = choice["message"]["content"].as_str().unwrap_or_default().to_owned();
    let refusal = choice["message"]["refusal"].as_str().unwrap_or_default();
    reply.end = end(choice["finish_reason"].as_str().unwrap_or("stop"), refusal.to_owned());
    Ok(reply)
}

/// Whether it is an error, which some send with status 200.
fn check(body: &Value, used: Tokens) -> Result<(), LlmError> {
    match body.get("error") {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err(of_body(None, body).after_acceptance().having_used(used)),
    }
}

/// Who answered and what it took.
fn take_frame(body: &Value, reply: &mut Reply) {
    if let Some(model) = body["model"].as_str() {
        reply.model = Some(model.to_owned());
    }
    let usage = &body["usage"];
    if usage.is_object() {
        let count = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let cached = count("/prompt_tokens_details/cached_tokens");
        reply.tokens = Tokens {
            input: count("/prompt_tokens").saturating_sub(cached),
            output: count("/completion_tokens"),
            cached,
            cache_write: 0,
        };
        reply.dollars = usage["cost"].as_f64().map(|cost| format!("{cost:.12}"));
    }
}

fn end(finish: &str, refusal: String) -> End {
    match finish {
        _ if !refusal.is_empty() => End::Refused(refusal),
        "length" => End::Truncated,
        "content_filter" => End::Refused("the provider's filter stopped it".to_owned()),
        _ => End::Complete,
    }
}
