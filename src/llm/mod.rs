//! Language models on the wire: one question out, one answer back.
//!
//! A [`Provider`] speaks one protocol and makes one attempt. A [`Line`] is a provider with patience, a price and a
//! share of the run's [`Budget`]: it repeats what may pass, gives up on what will not, and counts what everything
//! costs. Nothing here knows what is asked; keys come from the environment and are a type that cannot be printed.

mod anthropic;
mod budget;
mod error;
mod events;
mod http;
mod line;
mod ollama;
mod openai;
mod patience;
mod price;
mod secret;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use budget::{Budget, Exhausted};
pub(crate) use error::on_one_line;
pub use error::{ErrorKind, LlmError};
pub use line::{Answered, Line, LineError, Reach, open, unplugged};
pub use price::{Price, prices_date};
pub use secret::Secret;

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What the model is to do; the same for many questions, so that providers can cache it.
    pub system: String,
    /// The question itself.
    pub user: String,
    /// The form of the answer; providers that can are told to keep to it.
    pub schema: Option<Arc<Schema>>,
    /// Tokens of the answer at most.
    pub answer_tokens: u32,
    /// Sampling temperature; none leaves it to the provider.
    pub temperature: Option<f64>,
}

impl Prompt {
    /// Tokens that it can come to at most: no tokenizer makes more than one of a byte. The frame around the messages
    /// and the schema, which some providers count too, are in it.
    pub fn most_tokens(&self) -> u64 {
        let schema = self.schema.as_ref().map_or(0, |schema| schema.json.to_string().len());
        (self.system.len() + self.user.len() + schema + FRAME) as u64
    }
}

/// Tokens that a provider may add around the messages.
const FRAME: usize = 500;

/// A JSON Schema, in the subset that all providers take.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its name, of letters, digits and `_`.
    pub name: &'static str,
    /// The schema.
    pub json: Value,
}

/// What one attempt brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The text of the answer.
    pub text: String,
    /// How it ended.
    pub end: End,
    /// What was used up, as the provider counts it.
    pub tokens: Tokens,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    /// What it cost in dollars, where the provider says so.
    pub dollars: Option<String>,
    /// How long the provider wants to be left alone.
    pub pause: Option<Duration>,
}

/// How an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// The model had said all.
    #[default]
    Complete,
    /// It was cut off at the limit of its length.
    Truncated,
    /// The model or the provider would not answer; with what it said of that.
    Refused(String),
}

/// Tokens, each under one heading only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Of the prompt, without those of the provider's cache.
    pub input: u64,
    /// Of the answer.
    pub output: u64,
    /// Of the prompt, read from the provider's cache.
    pub cached: u64,
    /// Of the prompt, written to the provider's cache.
    pub cache_write: u64,
}

/// An attempt under way.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Reply, LlmError>> + Send + 'a>>;

/// Speaks one protocol to one provider.
pub trait Provider: Send + Sync {
    /// Makes one attempt; `structured` says whether the provider is to keep to the prompt's schema.
    fn ask<'a>(&'a self, prompt: &'a Prompt, structured: bool) -> Asking<'a>;
}
