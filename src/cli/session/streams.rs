//! Streams: made from their choices, and models' lines opened.

use std::sync::Arc;

use super::desk::texts;
use crate::analysis::discover::Sources;
use crate::cli::failure::{Failure, Kind};
use crate::config::{Config, StreamChoice};
use crate::llm::{self, Budget, LineError, Prompt, Reach};
use crate::model::component::Name;
use crate::model::oracle::Oracle;
use crate::model::usage::{Cost, Usage};
use crate::streams::code::Code;
use crate::streams::docstring::Docstring;
use crate::streams::model::{Limits, Model, Texts};
use crate::streams::{Documenter, Request};

/// Both streams of a run.
pub(super) type Pair = [Arc<dyn Documenter>; 2];

/// Both streams' choices, A first.
fn choices(config: &Config) -> [&StreamChoice; 2] {
    [&config.stream_a, &config.stream_b]
}

/// Whether any stream is a model.
pub(super) fn asks_models(config: &Config) -> bool {
    choices(config).iter().any(|choice| choice.model().is_some())
}

/// The budget of a run.
pub(super) fn budget(config: &Config) -> Result<Arc<Budget>, Failure> {
    let max_cost = config.models.max_cost.map(|dollars| {
        // Millionths of a millionth, of which no configuration has parts.
        format!("{dollars:.12}")
            .parse::<Cost>()
            .map_err(|reason| Failure::usage(format!("failed to limit the cost: {reason}")))
    });
    Ok(Arc::new(Budget::new(max_cost.transpose()?, config.models.max_calls)))
}

/// Makes both streams; nothing is sent before they are asked.
pub(super) fn open(config: &Config, reach: &Reach, sources: &Sources, budget: &Arc<Budget>) -> Result<Pair, Failure> {
    let texts = Arc::new(if asks_models(config) {
        texts(sources)
    } else {
        Texts::new()
    });
    let stream = |choice: &StreamChoice| -> Result<Arc<dyn Documenter>, Failure> {
        Ok(match choice {
            StreamChoice::Docstring => Arc::new(Docstring),
            StreamChoice::Code => Arc::new(Code),
            StreamChoice::Model(name) => {
                let line = llm::open(name, reach, &config.models, Arc::clone(budget))?;
                Arc::new(Model::new(line, Arc::clone(&texts), limits(config)))
            }
        })
    };
    let [a, b] = choices(config);
    Ok([stream(a)?, stream(b)?])
}

/// The streams by who they are and how they come to their drafts; a model among them answers nothing.
pub(super) fn unplugged(config: &Config) -> Pair {
    choices(config).map(|choice| match choice.model() {
        Some(name) => {
            let line = llm::unplugged(name, &config.models);
            Arc::new(Model::new(line, Arc::default(), limits(config))) as Arc<dyn Documenter>
        }
        None => embedded(choice),
    })
}

/// The embedded streams: where a model was chosen, the one that stands in its place by default.
pub(super) fn in_memory(config: &Config) -> Pair {
    let defaults = [StreamChoice::Docstring, StreamChoice::Code];
    let [a, b] = choices(config);
    [(a, &defaults[0]), (b, &defaults[1])].map(|(choice, default)| match choice {
        StreamChoice::Model(_) => embedded(default),
        choice => embedded(choice),
    })
}

fn embedded(choice: &StreamChoice) -> Arc<dyn Documenter> {
    match choice {
        StreamChoice::Docstring => Arc::new(Docstring),
        _ => Arc::new(Code),
    }
}

fn limits(config: &Config) -> Limits {
    Limits {
        prompt_tokens: config.models.prompt_tokens,
        answer_tokens: config.models.answer_tokens,
        temperature: config.models.temperature,
    }
}

/// What a stream that is a model would be asked, from below and from above.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    /// `a` or `b`.
    pub(crate) stream: &'static str,
    pub(crate) model: String,
    /// Questions, tokens and dollars; the dollars are unknown where `unpriced` is not 0.
    pub(crate) bounds: [Usage; 2],
}

/// What the streams that are models would be asked in a run that starts afresh.
pub(super) fn estimate(oracle: &Arc<Oracle>, sources: &Sources, config: &Config) -> Vec<Estimate> {
    let estimated = |(stream, name, model): (&'static str, String, Model)| Estimate {
        stream,
        model: name,
        bounds: model.bounds(oracle, config.convergence.max_iterations),
    };
    models(sources, config).into_iter().map(estimated).collect()
}

/// A prompt to be looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    /// `a` or `b`.
    pub(crate) stream: &'static str,
    pub(crate) model: String,
    pub(crate) component: Name,
    pub(crate) prompt: Prompt,
}

/// What the streams that are models would be sent first, in the order in which components are described.
pub(super) fn prompts(oracle: &Arc<Oracle>, sources: &Sources, config: &Config) -> Vec<Shown> {
    let mut shown = Vec::new();
    for (stream, name, model) in models(sources, config) {
        shown.extend(oracle.order.sequence.iter().map(|&component| Shown {
            stream,
            model: name.clone(),
            component: oracle.component(component).id.clone(),
            prompt: model.prompt(&Request::first(oracle, component)),
        }));
    }
    shown
}

/// The streams that are models, with nobody at the end of their lines.
fn models(sources: &Sources, config: &Config) -> Vec<(&'static str, String, Model)> {
    let texts = Arc::new(texts(sources));
    let streams = choices(config).into_iter().zip(["a", "b"]);
    streams
        .filter_map(|(choice, stream)| {
            let name = choice.model()?;
            let line = llm::unplugged(name, &config.models);
            let model = Model::new(line, Arc::clone(&texts), limits(config));
            Some((stream, name.to_string(), model))
        })
        .collect()
}

impl From<LineError> for Failure {
    fn from(error: LineError) -> Self {
        let failure = Self::of(Kind::Usage, &error);
        match error {
            LineError::NoKey { variable, .. } => failure.hint(format!("{variable} holds the key")),
            LineError::Address { .. } => failure.hint("--base-url says where a provider is reached"),
            LineError::NoPrice { .. } => failure.hint("--max-calls limits what can be spent without a price"),
        }
    }
}
