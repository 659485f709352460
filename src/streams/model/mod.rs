//! The stream of a language model: a prompt from the source and the facts, an answer taken apart into claims.
//!
//! [`Model`] trusts nothing that comes back: an answer has one form, whatever else is in it is dropped, and every claim
//! goes the way of all claims, through the oracle. Nothing is sent before the secrets in it are replaced. An answer that has not this form is asked for once more.

mod answer;
mod bounds;
mod context;
mod extract;
mod redact;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::answer::Answer;
use self::redact::Secrets;
use self::template::Template;
use crate::llm::{Answered, End, ErrorKind, Line, LlmError, Prompt, Reply, Schema, on_one_line};
use crate::model::component::Name;
use crate::model::documentation::Draft;
use crate::model::usage::{Cost, Receipt};
use crate::streams::{Documenter, Drafting, Request, StreamError, Written};

/// How many more tokens an answer may have that was cut off.
const MORE_ROOM: u32 = 2;

/// Bytes that saying what was wrong with an answer adds to a prompt at most.
const REPAIR: u64 = 500;

/// How a model is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Tokens of a prompt at most, as far as they can be estimated.
    pub prompt_tokens: u32,
    /// Tokens of an answer at most.
    pub answer_tokens: u32,
    /// Sampling temperature; none leaves it to the provider.
    pub temperature: Option<f64>,
}

/// The source, by path relative to the repository.
pub type Texts = BTreeMap<Name, Arc<str>>;

/// A documenter that asks a language model.
#[derive(Debug)]
pub struct Model {
    name: String,
    version: String,
    line: Line,
    template: Template,
    schema: Arc<Schema>,
    texts: Arc<Texts>,
    secrets: Secrets,
    limits: Limits,
}

impl Model {
    /// A documenter that asks over a line about the components of a source.
    pub fn new(line: Line, texts: Arc<Texts>, limits: Limits) -> Self {
        let template = Template::documenter();
        let temperature = limits.temperature.map_or_else(|| "-".to_owned(), |t| t.to_string());
        Self {
            name: line.name().to_string(),
            version: format!("{} {temperature}", template.version()),
            line,
            template,
            schema: Arc::new(answer::schema()),
            secrets: Secrets::of(&texts),
            texts,
            limits,
        }
    }

    /// What is sent for a request.
    pub fn prompt(&self, request: &Request) -> Prompt {
        let budget = self.limits.prompt_tokens as usize;
        let (system, user) = context::fill(&self.template, request, &self.texts, budget);
        Prompt {
            system,
            user: self.secrets.hide_in(&user),
            schema: Some(Arc::clone(&self.schema)),
            answer_tokens: self.limits.answer_tokens,
            temperature: self.limits.temperature,
        }
    }

    async fn ask(&self, request: &Request) -> Result<Written, StreamError> {
        let mut prompt = self.prompt(request);
        let mut receipt = Receipt {
            prompt: Some(self.template.version().to_owned()),
            ..Receipt::default()
        };
        let component = &request.oracle.component(request.component).id;
        let first = self.answer(&prompt, request, &mut receipt).await?;
        let unusable = match first {
            Ok(draft) => return Ok(Written { draft, receipt }),
            Err(unusable) => unusable,
        };
        unusable.mend(&mut prompt);
        receipt.usage.retries += 1;
        match self.answer(&prompt, request, &mut receipt).await? {
            Ok(draft) => Ok(Written { draft, receipt }),
            Err(unusable) => Err(StreamError::Component {
                component: component.clone(),
                reason: format!(
                    "the model's answer is of no use, though it was asked twice: {}",
                    unusable.reason()
                ),
                receipt: Box::new(receipt),
            }),
        }
    }

    /// Puts one question; the inner error is an answer that asking again may mend.
    async fn answer(
        &self,
        prompt: &Prompt,
        request: &Request,
        receipt: &mut Receipt,
    ) -> Result<Result<Draft, Unusable>, StreamError> {
        let Answered { reply, is_final, usage } = self.line.ask(prompt).await;
        receipt.usage.add(&usage);
        let reply = reply.map_err(|error| failed(request, error, is_final, receipt.clone()))?;
        receipt.model = reply.model.clone().or(receipt.model.take());
        let failed = |reason: String| StreamError::Component {
            component: request.oracle.component(request.component).id.clone(),
            reason,
            receipt: Box::new(receipt.clone()),
        };
        match &reply.end {
            End::Refused(why) => Err(failed(format!("the model refused to answer: {}", on_one_line(why)))),
            End::Truncated => Ok(Err(Unusable::Truncated(prompt.answer_tokens))),
            End::Complete => Ok(read(&reply, request)),
        }
    }
}

fn failed(request: &Request, error: LlmError, is_final: bool, receipt: Receipt) -> StreamError {
    let receipt = Box::new(receipt);
    match error.kind {
        ErrorKind::Budget => StreamError::OutOfBudget {
            reason: error.message,
            receipt,
        },
        _ if is_final => StreamError::Dead {
            reason: error.message,
            receipt,
        },
        _ => StreamError::Component {
            component: request.oracle.component(request.component).id.clone(),
            reason: error.message,
            receipt,
        },
    }
}

fn read(reply: &Reply, request: &Request) -> Result<Draft, Unusable> {
    let json = extract::object(&reply.text).map_err(Unusable::Form)?;
    let answer = Answer::read(json).map_err(Unusable::Form)?;
    Ok(answer.draft(&request.oracle, request.component))
}

/// An answer that is none, and that asking again may mend.
#[derive(Debug)]
enum Unusable {
    /// It was cut off at so many tokens.
    Truncated(u32),
    /// It has not the form that was asked for.
    Form(String),
}

impl Unusable {
    fn reason(&self) -> String {
        match self {
            Self::Truncated(limit) => format!("it was cut off after {limit} tokens"),
            Self::Form(reason) => reason.clone(),
        }
    }

    /// Changes the prompt so that the next answer is more likely to be one.
    fn mend(&self, prompt: &mut Prompt) {
        match self {
            Self::Truncated(limit) => prompt.answer_tokens = limit.saturating_mul(MORE_ROOM),
            Self::Form(reason) => {
                prompt.user.push_str("\nYour last answer could not be used: ");
                prompt.user.push_str(&on_one_line(reason));
                prompt
                    .user
                    .push_str(". Answer again, with one JSON object of the given form.\n");
            }
        }
    }
}

impl Documenter for Model {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn is_embedded(&self) -> bool {
        false
    }

    fn witnesses_edges(&self) -> bool {
        true
    }

    fn restates_oracle(&self) -> bool {
        false
    }

    fn uses_context(&self) -> bool {
        true
    }

    fn at_most(&self, request: &Request) -> Option<Cost> {
        let mut prompt = self.prompt(request);
        let first = self.line.at_most(&prompt)?;
        prompt.answer_tokens = prompt.answer_tokens.saturating_mul(MORE_ROOM);
        let second = self.line.at_most(&prompt)?;
        let attempts = u64::from(self.line.retries()) + 1;
        Some(Cost(first.plus(second).0.saturating_mul(attempts)))
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(self.ask(request))
    }
}
