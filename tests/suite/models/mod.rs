//! Model streams end to end, against a provider on this machine that does as it is told.

mod failures;
mod lies;
mod money;
mod privacy;
mod provider;

use std::process::Command;

use serde_json::Value;

use self::provider::{Provider, Wire};
use crate::common::{Run, Scratch, finish};

/// A small shop: `shop.total` calls `shop.price`.
const SHOP: &str = "\
'''A shop.'''

class OutOfStock(Exception):
    '''Nothing left.'''

class Closed(Exception):
    '''Come back tomorrow.'''

def price(code: str, amount: int = 1) -> int:
    if amount > 9:
        raise OutOfStock(code)
    return len(code) * amount

def total(codes):
    return sum(price(code) for code in codes)
";

/// All components of it.
const COMPONENTS: [&str; 5] = ["shop", "shop.OutOfStock", "shop.Closed", "shop.price", "shop.total"];

/// A key, and the canary that must be nowhere.
const KEY: &str = "sk-canary-0123456789";

fn shop() -> Scratch {
    Scratch::with(&[("shop.py", SHOP.as_bytes())])
}

/// `document` with a model of the provider as stream A against the code.
fn document(scratch: &Scratch, provider: &Provider, wire: Wire, more: &[&str]) -> Run {
    finish(command(
        scratch,
        provider,
        wire,
        "document",
        &[&["repo", "--output", "out"], more].concat(),
    ))
}

fn command(scratch: &Scratch, provider: &Provider, wire: Wire, command: &str, more: &[&str]) -> Command {
    let (model, url) = match wire {
        Wire::OpenAi => ("openai:gpt-4o-mini", "OPENAI_BASE_URL"),
        Wire::Anthropic => ("anthropic:claude-haiku-4-5", "ANTHROPIC_BASE_URL"),
    };
    let mut arguments = vec![
        command,
        "--checkpoint-dir",
        "checkpoints",
        "--model-backoff-seconds",
        "0.01",
    ];
    if command == "document" {
        arguments.extend(["--stream-a", model]);
    }
    arguments.extend(more);
    let mut command = scratch.twinscribe(&arguments);
    command
        .env(url, format!("http://{}/v1", provider.address))
        .env("OPENAI_API_KEY", KEY)
        .env("ANTHROPIC_API_KEY", KEY);
    command
}

fn json(scratch: &Scratch, name: &str) -> Value {
    let text = std::fs::read_to_string(scratch.path(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The documentation of one component.
fn component(scratch: &Scratch, id: &str) -> Value {
    let all = json(scratch, "out/documentation.json");
    let components = all["components"].as_array().unwrap();
    components
        .iter()
        .find(|c| c["id"] == id)
        .unwrap_or_else(|| panic!("no {id}"))
        .clone()
}
