//! What documenting a repository can come to, before anybody is asked.

use std::sync::Arc;

use super::{MORE_ROOM, Model};
use crate::llm::{Line, Prompt};
use crate::model::oracle::Oracle;
use crate::model::usage::{Cost, Usage};
use crate::streams::Request;

/// Bytes of a prompt that are one token at most: no tokenizer makes of source what is longer on average.
const MOST_BYTES_PER_TOKEN: u64 = 8;
/// Tokens of the shortest answer of the form.
const SHORTEST_ANSWER: u64 = 20;

impl Model {
    /// What a run that starts afresh can come to, from below and from above: one answer per component, or two (where
    /// the first is of no use) in each of so many iterations. What is repeated after errors of the provider is not in
    /// it.
    pub fn bounds(&self, oracle: &Arc<Oracle>, iterations: u32) -> [Usage; 2] {
        let mut bounds = [Usage::default(), Usage::default()];
        for component in oracle.indices() {
            let prompt = self.prompt(&Request::first(oracle, component));
            let [low, high] = self.bounds_of(&prompt, u64::from(iterations));
            bounds[0].add(&low);
            bounds[1].add(&high);
        }
        bounds
    }

    fn bounds_of(&self, prompt: &Prompt, iterations: u64) -> [Usage; 2] {
        let bytes = (prompt.system.len() + prompt.user.len()) as u64;
        let low = usage(
            &self.line,
            1,
            bytes / MOST_BYTES_PER_TOKEN,
            SHORTEST_ANSWER,
            Line::least,
        );
        // Corrections and the dependencies' documentation fill the prompt up to its budget, and no further.
        let fullest = prompt
            .most_tokens()
            .max(u64::from(self.limits.prompt_tokens) * super::context::BYTES_PER_TOKEN as u64);
        let answers = u64::from(prompt.answer_tokens) * (1 + u64::from(MORE_ROOM));
        let each = usage(&self.line, 2, 2 * (fullest + super::REPAIR), answers, Line::most);
        let mut high = Usage::default();
        for _ in 0..iterations {
            high.add(&each);
        }
        [low, high]
    }
}

/// So many questions with these tokens in sum.
fn usage(line: &Line, questions: u64, input: u64, output: u64, price: fn(&Line, u64, u64) -> Option<Cost>) -> Usage {
    let cost = price(line, input, output);
    Usage {
        attempts: questions,
        input,
        output,
        cost: cost.unwrap_or_default(),
        unpriced: if cost.is_none() { questions } else { 0 },
        ..Usage::default()
    }
}
