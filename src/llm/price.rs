//! What tokens cost: a table with a date, `prices.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Prompt, Tokens};
use crate::config::ModelName;
use crate::model::usage::Cost;

/// The price of one token, by heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    input: Cost,
    output: Cost,
    cached: Cost,
    cache_write: Cost,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    date: String,
    openai: BTreeMap<String, Row>,
    anthropic: BTreeMap<String, Row>,
    deepseek: BTreeMap<String, Row>,
}

/// Dollars per million tokens.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    input: String,
    output: String,
    cached: Option<String>,
    cache_write: Option<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("prices.toml")).expect("a test reads the table"));

/// When the prices were last looked at.
pub fn prices_date() -> &'static str {
    &TABLE.date
}

impl Price {
    /// The price of a model's tokens, where it is known; what runs on the user's own machine costs nothing.
    pub fn of(name: &ModelName) -> Option<Self> {
        if name.provider.is_local() {
            return Some(Self::default());
        }
        let rows = match name.provider.prefix() {
            "openai" => &TABLE.openai,
            "anthropic" => &TABLE.anthropic,
            "deepseek" => &TABLE.deepseek,
            _ => return None,
        };
        let row = rows.get(&name.model).or_else(|| rows.get(undated(&name.model)))?;
        Self::of_row(row)
    }

    fn of_row(row: &Row) -> Option<Self> {
        let token = |dollars: &str| Some(Cost(dollars.parse::<Cost>().ok()?.0 / 1_000_000));
        let input = token(&row.input)?;
        let or_input = |dollars: &Option<String>| dollars.as_deref().map_or(Some(input), token);
        Some(Self {
            input,
            output: token(&row.output)?,
            cached: or_input(&row.cached)?,
            cache_write: or_input(&row.cache_write)?,
        })
    }

    /// What tokens cost.
    pub fn cost(&self, tokens: &Tokens) -> Cost {
        [
            (self.input, tokens.input),
            (self.output, tokens.output),
            (self.cached, tokens.cached),
            (self.cache_write, tokens.cache_write),
        ]
        .into_iter()
        .fold(Cost(0), |sum, (price, count)| {
            sum.plus(Cost(price.0.saturating_mul(count)))
        })
    }

    /// What one attempt with a prompt can cost at most.
    pub fn at_most(&self, prompt: &Prompt) -> Cost {
        self.dearest(prompt.most_tokens(), u64::from(prompt.answer_tokens))
    }

    /// What tokens cost, those of the prompt under its dearest heading.
    pub fn dearest(&self, input: u64, output: u64) -> Cost {
        let dearest = self.input.max(self.cached).max(self.cache_write);
        let input = Cost(dearest.0.saturating_mul(input));
        input.plus(Cost(self.output.0.saturating_mul(output)))
    }
}

/// A model's name without the date at its end: `gpt-5-2025-08-07`, `claude-opus-4-5-20251101`.
fn undated(name: &str) -> &str {
    let mut rest = name;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut length = 0;
    while let Some((before, part)) = rest.rsplit_once('-')
        && digits(part)
        && length < 8
    {
        length += part.len();
        rest = before;
    }
    if length == 8 { rest } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_a_price() {
        for rows in [&TABLE.openai, &TABLE.anthropic, &TABLE.deepseek] {
            for (name, row) in rows {
                let price = Price::of_row(row).unwrap_or_else(|| panic!("{name}"));
                assert!(price.input > Cost(0) && price.output > price.input, "{name}");
                assert!(
                    price.cached <= price.input && price.cache_write >= price.input,
                    "{name}"
                );
            }
        }
        assert!(prices_date().len() == 10);
    }

    #[test]
    fn dated_names_have_the_price_of_the_model_and_unknown_ones_none() {
        let price = |name: &str| Price::of(&name.parse().unwrap());
        assert_eq!(price("openai:gpt-5-2025-08-07"), price("openai:gpt-5"));
        assert_eq!(
            price("anthropic:claude-opus-4-5-20251101"),
            price("anthropic:claude-opus-4-5")
        );
        assert_ne!(price("anthropic:claude-opus-4-5"), price("anthropic:claude-opus-4-1"));
        assert_eq!(price("openai:gpt-5-turbo"), None);
        assert_eq!(price("openrouter:x"), None);
        assert_eq!(price("llamacpp:x"), Some(Price::default()));
    }

    #[test]
    fn costs_are_exact() {
        let price = Price::of(&"openai:gpt-4o-mini".parse().unwrap()).unwrap();
        let tokens = Tokens {
            input: 1_000_000,
            output: 10,
            cached: 2,
            cache_write: 0,
        };
        assert_eq!(price.cost(&tokens).to_string(), "0.15000615");
    }
}
