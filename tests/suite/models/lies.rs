//! What models say that the code refutes, and what source says to models: neither gets into the documentation.

use serde_json::{Value, json};

use super::provider::{Act, Provider, Wire};
use super::{COMPONENTS, component, document, json as read_json, shop};
use crate::common::Scratch;

/// A model that lies about `shop.price` in every way there is, as often as it is asked.
fn liar() -> String {
    json!({
        "summary": "Returns the price of a code.",
        "description": "Calls `recalculate_everything()` first.",
        "parameters": [
            {"name": "code", "type": null, "default": "None", "description": "The code."},
            {"name": "amount", "type": null, "default": "2", "description": "How many; defaults to 7."},
            {"name": "discount", "type": "float", "default": null, "description": "Invented."},
        ],
        "returns": {"type": null, "description": "The price, as `PriceTag`."},
        "yields": {"type": "int", "description": "Prices."},
        "raises": [
            {"exception": "OutOfStock", "description": "For more than nine."},
            {"exception": "Closed", "description": "Invented."},
        ],
        "attributes": [],
        "calls": ["shop.total", "shop.missing", "The shop is a shop"],
        "confidence": 1.0,
    })
    .to_string()
}

fn documented_by(text: impl Fn(&str) -> String + Send + Sync + 'static, more: &[&str]) -> (Scratch, Provider) {
    let scratch = shop();
    let provider = Provider::start(move |asked| Act::Say(text(&asked.component)));
    let run = document(&scratch, &provider, Wire::OpenAi, more);
    run.expect_no_panic();
    (scratch, provider)
}

fn lying(component: &str) -> String {
    match component {
        "shop.price" => liar(),
        other => super::provider::plain(other),
    }
}

/// None of the lies is in what is said of `shop.price`.
#[track_caller]
fn expect_no_lie(price: &Value) {
    let names = |list: &str, key: &str| -> Vec<String> {
        let entries = price[list].as_array().map_or(&[][..], Vec::as_slice);
        entries
            .iter()
            .map(|e| e[key].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names("parameters", "name"), ["code", "amount"], "{price:#}");
    assert_eq!(names("raises", "exception"), ["OutOfStock"], "{price:#}");
    assert!(price["yields"].is_null(), "{price:#}");
    let mut said = price.clone();
    said.as_object_mut()
        .unwrap()
        .retain(|key, _| key != "dropped" && key != "discrepancies");
    let text = said.to_string();
    for lie in [
        "recalculate_everything",
        "PriceTag",
        "defaults to 7",
        "Closed",
        "missing",
        "discount",
        "Invented",
        "is a shop",
    ] {
        assert!(!text.contains(lie), "{lie} in {price:#}");
    }
    for call in price["calls"].as_array().unwrap() {
        assert_ne!(call["callee"], "shop.total", "{price:#}");
    }
}

#[test]
fn lies_of_one_model_are_gone_and_told_back_to_it() {
    let (scratch, provider) = documented_by(lying, &[]);
    expect_no_lie(&component(&scratch, "shop.price"));
    let again: Vec<_> = provider
        .asked()
        .into_iter()
        .filter(|a| a.component == "shop.price")
        .collect();
    assert!(again.len() > 1, "it was corrected");
    let prompt = again[1].body["messages"][1]["content"].as_str().unwrap();
    for told in [
        "parameter discount",
        "raise Closed",
        "parameter_default amount",
        "recalculate_everything",
    ] {
        assert!(prompt.contains(told), "{told} in {prompt}");
    }
}

#[test]
fn lies_that_both_models_tell_are_gone_too() {
    let (scratch, _) = documented_by(lying, &["--stream-b", "openai:gpt-4o", "--tickets", "none"]);
    expect_no_lie(&component(&scratch, "shop.price"));
}

#[test]
fn every_lie_is_recorded_with_its_reason() {
    let (scratch, _) = documented_by(lying, &["--max-iterations", "1"]);
    let price = component(&scratch, "shop.price");
    let dropped = price["dropped"].to_string();
    for lie in [
        "discount",
        "Closed",
        "recalculate_everything",
        "PriceTag",
        "defaults to 7",
        "shop.missing",
        "is a shop",
    ] {
        assert!(dropped.contains(lie), "{lie} in {dropped}");
    }
}

#[test]
fn orders_in_the_source_reach_nothing_but_text() {
    let text = |component: &str| {
        json!({
            "summary": format!("See {component}."), "url": "https://evil.example/x", "files": {"../../evil": "x"},
            "ticket": {"title": "evil"}, "tool_calls": [{"name": "evil"}], "settled": true,
        })
        .to_string()
    };
    let (scratch, provider) = documented_by(text, &[]);
    for (name, bytes) in crate::common::files_below(&scratch.path("out")) {
        assert!(!name.contains("evil"), "{name}");
        assert!(!String::from_utf8_lossy(&bytes).contains("evil"), "{name}");
    }
    assert!(!scratch.path("evil").exists());
    for asked in provider.asked() {
        let user = asked.body["messages"][1]["content"].as_str().unwrap();
        assert!(
            user.contains("<<< ") && user.contains(">>> "),
            "the source is fenced: {user}"
        );
    }
}

#[test]
fn what_is_true_stands_and_is_the_models() {
    let text = |component: &str| match component {
        "shop.price" => json!({
            "summary": "Returns the price of `amount` pieces of `code`.",
            "description": "The price grows with the length of the code; `OutOfStock` is for more than nine pieces.",
            "parameters": [{"name": "code", "type": null, "default": null, "description": "What is bought."},
                {"name": "amount", "type": null, "default": "1", "description": "How many. Defaults to 1."}],
            "returns": {"type": "int", "description": "The price."}, "yields": null,
            "raises": [{"exception": "shop.OutOfStock", "description": "For more than nine pieces."}],
            "attributes": [], "calls": ["OutOfStock()"], "confidence": 0.75,
        })
        .to_string(),
        other => super::provider::plain(other),
    };
    let (scratch, provider) = documented_by(text, &[]);
    let price = component(&scratch, "shop.price");
    assert_eq!(price["dropped"], json!([]), "{price:#}");
    assert!(
        price["description"]["value"].as_str().unwrap().contains("grows"),
        "{price:#}"
    );
    assert_eq!(provider.asked().len(), COMPONENTS.len(), "nobody is asked twice");
    let report = read_json(&scratch, "out/convergence_report.json");
    assert_eq!(report["status"], "CONVERGED", "{report:#}");
}
