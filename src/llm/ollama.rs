//! Ollama's chat. It cuts off what does not fit into `num_ctx` without a word, so that is set from the prompt.

use serde_json::{Value, json};

use super::error::{ErrorKind, LlmError};
use super::events::{Events, Framing};
use super::http::{Answer, Wire, of_body};
use super::{Asking, End, Prompt, Provider, Reply, Tokens};

/// Path below the base address.
pub(super) const PATH: &str = "/api/chat";

/// Bytes of a prompt for each of which a token is reserved: source has three and more in one.
const BYTES_PER_TOKEN: u64 = 2;

/// The chat of one server.
#[derive(Debug)]
pub(super) struct Ollama {
    pub(super) wire: Wire,
    pub(super) model: String,
}

impl Provider for Ollama {
    fn ask<'a>(&'a self, prompt: &'a Prompt, structured: bool) -> Asking<'a> {
        Box::pin(async move {
            let mut answer = self.wire.post(&self.body(prompt, structured)).await?;
            if !answer.is_stream && !answer.is_json {
                let error = LlmError::new(ErrorKind::Malformed, "the answer is no JSON");
                return Err(error.after_acceptance());
            }
            let mut reply = Reply::default();
            let mut is_done = false;
            let mut events = Events::of(&mut answer, Framing::Lines);
            while let Some(event) = events.next().await? {
                if event.get("error").is_some() {
                    return Err(of_body(None, &event).after_acceptance());
                }
                reply
                    .text
                    .push_str(event["message"]["content"].as_str().unwrap_or_default());
                if event["done"] == true {
                    is_done = true;
                    reply.model = event["model"].as_str().map(str::to_owned);
                    reply.tokens = Tokens {
                        input: event["prompt_eval_count"].as_u64().unwrap_or(0),
                        output: event["eval_count"].as_u64().unwrap_or(0),
                        ..Tokens::default()
                    };
                    if event["done_reason"] == "length" {
                        reply.end = End::Truncated;
                    }
                }
            }
            if !is_done {
                return Err(Answer::broken_off());
            }
            reply.pause = answer.pause;
            Ok(reply)
        })
    }
}

impl Ollama {
    fn body(&self, prompt: &Prompt, structured: bool) -> Value {
        let window = prompt.most_tokens() / BYTES_PER_TOKEN + u64::from(prompt.answer_tokens);
        let mut options = json!({"num_ctx": window, "num_predict": prompt.answer_tokens});
        if let Some(temperature) = prompt.temperature {
            options["temperature"] = temperature.into();
        }
        let mut body = json!({
            "model": self.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "stream": true,
            "options": options,
        });
        if let Some(schema) = prompt.schema.as_ref().filter(|_| structured) {
            body["format"] = schema.json.clone();
        }
        body
    }
}
