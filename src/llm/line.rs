//! A line to a model: a provider with patience, a price and a share of the budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::anthropic::{self, Anthropic};
use super::budget::Budget;
use super::error::{ErrorKind, LlmError};
use super::http::{Wire, is_here};
use super::ollama::{self, Ollama};
use super::openai::{self, OpenAi};
use super::patience::Patience;
use super::price::Price;
use super::secret::Secret;
use super::{Prompt, Provider, Reply, Tokens};
use crate::config::{ModelName, ModelOptions, ProviderKind};
use crate::model::usage::{Cost, Usage};

/// Where providers are reached and what opens them, as the user's environment and command line say; never anything
/// else.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Addresses that the user has named.
    pub base_urls: Vec<(ProviderKind, String)>,
    /// Keys that the environment has.
    pub keys: Vec<(ProviderKind, Secret)>,
}

impl Reach {
    /// What the environment says; what was said on the command line comes before it.
    pub fn new(flags: &[(ProviderKind, String)], variable: impl Fn(&str) -> Option<String>) -> Self {
        let present = |name: String| variable(&name).filter(|value| !value.trim().is_empty());
        let mut base_urls = flags.to_vec();
        let mut keys = Vec::new();
        for kind in ProviderKind::ALL {
            base_urls.extend(present(kind.url_variable()).map(|url| (kind, url)));
            keys.extend(present(kind.key_variable()).map(|key| (kind, Secret::new(key.trim()))));
        }
        Self { base_urls, keys }
    }

    fn base_url(&self, kind: ProviderKind) -> &str {
        let named = self.base_urls.iter().find(|(k, _)| *k == kind);
        named.map_or(kind.base_url(), |(_, url)| url)
    }

    fn key(&self, kind: ProviderKind) -> Option<&Secret> {
        self.keys.iter().find(|(k, _)| *k == kind).map(|(_, key)| key)
    }
}

/// Why there is no line to a model; the text fits after "failed to ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// No key.
    #[error("use {model}: the environment has no {variable}")]
    NoKey {
        /// The model.
        model: String,
        /// The variable that would hold the key.
        variable: String,
    },
    /// No usable address.
    #[error("use {model}: {reason}")]
    Address {
        /// The model.
        model: String,
        /// Why, as a fragment.
        reason: String,
    },
    /// A limit in dollars, and no price.
    #[error("keep to --max-cost: no price is known for {model}")]
    NoPrice {
        /// The model.
        model: String,
    },
}

/// Opens a line; nothing is sent yet.
///
/// # Errors
/// Where there is no key, no usable address, or a limit in dollars for a model without a price.
pub fn open(name: &ModelName, reach: &Reach, options: &ModelOptions, budget: Arc<Budget>) -> Result<Line, LineError> {
    let kind = name.provider;
    let base = reach.base_url(kind);
    // A server of the user's own may want no key, whoever's protocol it speaks.
    let is_public = base.trim_end_matches('/') == kind.base_url();
    let key = reach.key(kind);
    if key.is_none() && kind.needs_key() && is_public {
        return Err(LineError::NoKey {
            model: name.to_string(),
            variable: kind.key_variable(),
        });
    }
    // What runs on this machine costs nothing, whatever it is called.
    let price = Price::of(name).or_else(|| is_here(base).then(Price::default));
    if price.is_none() && budget.limits_cost() {
        return Err(LineError::NoPrice {
            model: name.to_string(),
        });
    }
    let timeout = Duration::try_from_secs_f64(options.timeout_seconds).unwrap_or(Duration::MAX);
    let wire = |path: &str, header: &'static str, prefix: &str| {
        let key = key.map(|key| (header, format!("{prefix}{}", key.expose()), key.clone()));
        Wire::new(base, path, key, timeout).map_err(|reason| LineError::Address {
            model: name.to_string(),
            reason,
        })
    };
    let model = name.model.clone();
    let provider: Box<dyn Provider> = match kind {
        ProviderKind::Anthropic => Box::new(Anthropic {
            wire: wire(anthropic::PATH, "x-api-key", "")?.header(anthropic::VERSION.0, anthropic::VERSION.1),
            model,
        }),
        ProviderKind::Ollama => Box::new(Ollama {
            wire: wire(ollama::PATH, "authorization", "Bearer ")?,
            model,
        }),
        _ => Box::new(OpenAi {
            wire: wire(openai::PATH, "authorization", "Bearer ")?,
            kind,
            model,
        }),
    };
    let first_wait = Duration::try_from_secs_f64(options.backoff_seconds).unwrap_or(Duration::MAX);
    Ok(Line {
        name: name.clone(),
        provider,
        patience: Patience::new(options.retries, first_wait),
        price,
        budget,
        structured: AtomicBool::new(true),
    })
}

/// A line that leads nowhere: it knows its model's price, and answers nothing.
pub fn unplugged(name: &ModelName, options: &ModelOptions) -> Line {
    Line {
        name: name.clone(),
        provider: Box::new(Nobody),
        patience: Patience::new(options.retries, Duration::ZERO),
        price: Price::of(name),
        budget: Arc::default(),
        structured: AtomicBool::new(true),
    }
}

/// The provider at the end of a line that leads nowhere.
struct Nobody;

impl Provider for Nobody {
    fn ask<'a>(&'a self, _prompt: &'a Prompt, _structured: bool) -> super::Asking<'a> {
        Box::pin(async { Err(LlmError::new(ErrorKind::NotFound, "nobody is there")) })
    }
}

/// A line to one model.
pub struct Line {
    name: ModelName,
    provider: Box<dyn Provider>,
    patience: Patience,
    price: Option<Price>,
    budget: Arc<Budget>,
    /// Whether the provider takes schemas, as far as is known.
    structured: AtomicBool,
}

/// What became of a question.
#[derive(Debug)]
pub struct Answered {
    /// The answer, or why there is none.
    pub reply: Result<Reply, LlmError>,
    /// Whether no other question will fare better.
    pub is_final: bool,
    /// What was used up, retries included.
    pub usage: Usage,
}

impl Line {
    /// The model's full name.
    pub fn name(&self) -> &ModelName {
        &self.name
    }

    /// What one attempt with a prompt can cost at most; none where no price is known.
    pub fn at_most(&self, prompt: &Prompt) -> Option<Cost> {
        self.price.map(|price| price.at_most(prompt))
    }

    /// What tokens cost at least: all of the prompt from the provider's cache.
    pub fn least(&self, input: u64, output: u64) -> Option<Cost> {
        self.price.map(|price| {
            price.cost(&Tokens {
                cached: input,
                output,
                ..Tokens::default()
            })
        })
    }

    /// What tokens cost at most: all of the prompt under its dearest heading.
    pub fn most(&self, input: u64, output: u64) -> Option<Cost> {
        self.price.map(|price| price.dearest(input, output))
    }

    /// How often a question is repeated at most.
    pub fn retries(&self) -> u32 {
        self.patience.retries()
    }

    /// Asks until there is an answer or there will be none.
    pub async fn ask(&self, prompt: &Prompt) -> Answered {
        let mut usage = Usage::default();
        let mut attempt = 0;
        loop {
            if let Some(reason) = self.patience.dead() {
                let error = LlmError::new(ErrorKind::Network, reason);
                return Answered {
                    reply: Err(error),
                    is_final: true,
                    usage,
                };
            }
            self.patience.wait_for_quiet().await;
            let error = match self.attempt(prompt, &mut usage).await {
                Ok(reply) => {
                    self.patience.ended(None);
                    return Answered {
                        reply: Ok(reply),
                        is_final: false,
                        usage,
                    };
                }
                Err(error) => error,
            };
            if self.can_do_without_schema(prompt, &error) {
                usage.retries += 1;
                continue;
            }
            let Some(wait) = self.patience.wait_after(attempt, &error) else {
                return Answered {
                    is_final: self.patience.ended(Some(&error)),
                    reply: Err(error),
                    usage,
                };
            };
            match error.retry_after {
                // All who ask this provider wait.
                Some(_) => self.patience.keep_quiet(wait),
                None => tokio::time::sleep(wait).await,
            }
            attempt += 1;
            usage.retries += 1;
        }
    }

    async fn attempt(&self, prompt: &Prompt, usage: &mut Usage) -> Result<Reply, LlmError> {
        let at_most = self.at_most(prompt).unwrap_or_default();
        let reserved = self.budget.reserve(at_most).await;
        let reserved = reserved.map_err(|exhausted| LlmError::new(ErrorKind::Budget, exhausted.to_string()))?;
        usage.attempts += 1;
        let structured = self.structured.load(Ordering::Relaxed);
        let result = self.provider.ask(prompt, structured).await;
        let (tokens, dollars) = match &result {
            Ok(reply) => (Some(reply.tokens), reply.dollars.as_deref()),
            Err(error) => (error.tokens, None),
        };
        let (tokens, cost) = match (tokens, &result) {
            (Some(tokens), _) => (tokens, self.cost(&tokens, dollars, usage)),
            // What the provider has taken up without saying what it used may cost all that it can.
            (None, Err(error)) if error.accepted => (Tokens::default(), at_most),
            (None, _) => (Tokens::default(), Cost(0)),
        };
        usage.input += tokens.input;
        usage.output += tokens.output;
        usage.cached += tokens.cached;
        usage.cache_write += tokens.cache_write;
        usage.cost = usage.cost.plus(cost);
        reserved.settle(cost);
        if let Ok(reply) = &result
            && let Some(pause) = reply.pause
        {
            self.patience.keep_quiet(pause);
        }
        result
    }

    /// What tokens cost: what the provider says, else what the table says.
    fn cost(&self, tokens: &Tokens, dollars: Option<&str>, usage: &mut Usage) -> Cost {
        let said = dollars.and_then(|dollars| dollars.parse().ok());
        match (said, self.price) {
            (Some(cost), _) => cost,
            (None, Some(price)) => price.cost(tokens),
            (None, None) => {
                usage.unpriced += 1;
                Cost(0)
            }
        }
    }

    /// Whether the provider does not take schemas, and has been asked with one: it is asked without from now on.
    fn can_do_without_schema(&self, prompt: &Prompt, error: &LlmError) -> bool {
        const WORDS: &[&str] = &[
            "response_format",
            "json_schema",
            "output_config",
            "structured",
            "format",
        ];
        error.kind == ErrorKind::BadRequest
            && prompt.schema.is_some()
            && WORDS.iter().any(|word| error.message.contains(word))
            && self.structured.swap(false, Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("name", &self.name).finish_non_exhaustive()
    }
}
