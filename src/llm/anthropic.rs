//! Anthropic's messages.

use serde_json::{Value, json};

use super::error::{ErrorKind, LlmError};
use super::events::{Events, Framing};
use super::http::{Answer, Wire, of_body};
use super::{Asking, End, Prompt, Provider, Reply, Tokens};

/// Path below the base address.
pub(super) const PATH: &str = "/messages";
/// The version of the protocol.
pub(super) const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The messages of one server.
#[derive(Debug)]
pub(super) struct Anthropic {
    pub(super) wire: Wire,
    pub(super) model: String,
}

impl Provider for Anthropic {
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

impl Anthropic {
    fn body(&self, prompt: &Prompt, structured: bool) -> Value {
        let mut body = json!({
            "model": self.model,
            "max_tokens": prompt.answer_tokens,
            "system": [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": prompt.user}],
            "stream": true,
        });
        if let Some(temperature) = prompt.temperature {
            // Here 1 is the most.
            body["temperature"] = temperature.min(1.0).into();
        }
        if let Some(schema) = prompt.schema.as_ref().filter(|_| structured) {
            body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema.json}});
        }
        body
    }
}

async fn read_stream(answer: &mut Answer) -> Result<Reply, LlmError> {
    let mut events = Events::of(answer, Framing::ServerSent);
    let mut reply = Reply::default();
    let mut stop = None;
    loop {
        let event = match events.next().await {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => return Err(error.having_used(reply.tokens)),
        };
        match event["type"].as_str().unwrap_or_default() {
            "error" => return Err(of_body(None, &event).after_acceptance().having_used(reply.tokens)),
            "message_start" => take_frame(&event["message"], &mut reply),
            "content_block_delta" => reply.text.push_str(event["delta"]["text"].as_str().unwrap_or_default()),
            "message_delta" => {
                take_usage(&event["usage"], &mut reply.tokens);
                if let Some(reason) = event["delta"]["stop_reason"].as_str() {
                    stop = Some(reason.to_owned());
                }
            }
            _ => {}
        }
    }
    let Some(stop) = stop else {
        return Err(Answer::broken_off().having_used(reply.tokens));
    };
    reply.end = end(&stop);
    Ok(reply)
}

fn read_whole(body: &Value) -> Result<Reply, LlmError> {
    if body["type"] == "error" {
        return Err(of_body(None, body).after_acceptance());
    }
    let mut reply = Reply::default();
    take_frame(body, &mut reply);
    let Value::Array(blocks) = &body["content"] else {
        let error = LlmError::new(ErrorKind::Malformed, "the answer has no content");
        return Err(error.after_acceptance().having_used(reply.tokens));
    };
    reply.text = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
    reply.end = end(body["stop_reason"].as_str().unwrap_or("end_turn"));
    Ok(reply)
}

fn take_frame(message: &Value, reply: &mut Reply) {
    reply.model = message["model"].as_str().map(str::to_owned);
    take_usage(&message["usage"], &mut reply.tokens);
}

/// Takes in what is counted; later events count some of it again, and then the later number holds.
fn take_usage(usage: &Value, tokens: &mut Tokens) {
    let slots = [
        ("input_tokens", &mut tokens.input),
        ("output_tokens", &mut tokens.output),
        ("cache_read_input_tokens", &mut tokens.cached),
        ("cache_creation_input_tokens", &mut tokens.cache_write),
    ];
    for (key, slot) in slots {
        if let Some(count) = usage[key].as_u64() {
            *slot = count;
        }
    }
}

fn end(reason: &str) -> End {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => End::Truncated,
        "refusal" => End::Refused("the model refused".to_owned()),
        _ => End::Complete,
    }
}
