//! Names of models, and the providers that have them: `openai:gpt-5`, `anthropic:claude-sonnet-4-5`.
//!
//! Where a provider is reached and which key opens it are no options: neither is saved, and neither may come from the
//! repository that is documented. This file knows the public addresses and the names of the variables.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Who runs a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProviderKind {
    /// OpenAI.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// OpenRouter, which passes on to others.
    OpenRouter,
    /// DeepSeek.
    DeepSeek,
    /// Ollama, on this machine.
    Ollama,
    /// A llama.cpp server, on this machine.
    LlamaCpp,
    /// A vLLM server, on this machine.
    Vllm,
}

impl ProviderKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OpenAi,
        Self::Anthropic,
        Self::OpenRouter,
        Self::DeepSeek,
        Self::Ollama,
        Self::LlamaCpp,
        Self::Vllm,
    ];

    /// The prefix of its models' names.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::OpenRouter => "openrouter",
            Self::DeepSeek => "deepseek",
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llamacpp",
            Self::Vllm => "vllm",
        }
    }

    /// Where it is reached, unless something else is said.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
            Self::OpenRouter => "https://openrouter.ai/api/v1",
            Self::DeepSeek => "https://api.deepseek.com/v1",
            Self::Ollama => "http://127.0.0.1:11434",
            Self::LlamaCpp => "http://127.0.0.1:8080/v1",
            Self::Vllm => "http://127.0.0.1:8000/v1",
        }
    }

    /// The variable that may say where it is reached.
    pub fn url_variable(self) -> String {
        format!("{}_BASE_URL", self.prefix().to_uppercase())
    }

    /// The variable that holds its key.
    pub fn key_variable(self) -> String {
        format!("{}_API_KEY", self.prefix().to_uppercase())
    }

    /// Whether it answers nobody without a key.
    pub fn needs_key(self) -> bool {
        !self.is_local()
    }

    /// Whether it runs where the user runs it, for nothing.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Ollama | Self::LlamaCpp | Self::Vllm)
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix())
    }
}

impl FromStr for ProviderKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.prefix() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::prefix).join(", ");
            format!("`{text}` is no provider; there are {names}")
        })
    }
}

/// A model by its full name: `openai:gpt-5`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelName {
    /// Who runs it.
    pub provider: ProviderKind,
    /// What the provider calls it.
    pub model: String,
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.model)
    }
}

impl FromStr for ModelName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (provider, model) = text
            .split_once(':')
            .ok_or_else(|| format!("`{text}` has no provider; write it as openai:MODEL"))?;
        let provider = provider.parse()?;
        if model.is_empty() || model.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(format!("`{text}` names no model; write it as {provider}:MODEL"));
        }
        Ok(Self {
            provider,
            model: model.to_owned(),
        })
    }
}

impl TryFrom<String> for ModelName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ModelName> for String {
    fn from(name: ModelName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_provider_and_a_model_and_are_spelled_as_they_were_read() {
        for text in ["openai:gpt-5", "ollama:qwen2.5:7b", "openrouter:meta/llama-4"] {
            assert_eq!(text.parse::<ModelName>().unwrap().to_string(), text);
        }
        for (text, why) in [
            ("gpt-5", "has no provider"),
            ("opena:gpt-5", "is no provider"),
            ("openai:", "names no model"),
            ("openai:a b", "names no model"),
        ] {
            let error = text.parse::<ModelName>().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
