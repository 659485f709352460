//! What runs cost: counted to the cent, limited, foreseen.

use super::provider::{Act, Provider, Wire, plain};
use super::{COMPONENTS, command, document, json, shop};
use crate::common::finish;

fn well() -> Provider {
    Provider::start(|asked| Act::Say(plain(&asked.component)))
}

#[test]
fn tokens_and_dollars_are_counted_by_heading() {
    // 800 of the prompt, 200 from the cache, 100 of the answer, at 0.15, 0.075 and 0.6 (or 1, 0.1 and 5) dollars.
    for (wire, each) in [(Wire::OpenAi, 0.000195), (Wire::Anthropic, 0.00132)] {
        let (scratch, provider) = (shop(), well());
        document(&scratch, &provider, wire, &[]).expect_code(0);
        let spent = &json(&scratch, "out/metrics.json")["spent"]["documenter_a"];
        let count = COMPONENTS.len();
        assert_eq!(spent["calls"], count, "{spent:#}");
        assert_eq!(spent["tokens_in"], 800 * count, "{spent:#}");
        assert_eq!(spent["tokens_cached"], 200 * count, "{spent:#}");
        assert_eq!(spent["tokens_out"], 100 * count, "{spent:#}");
        let cost: f64 = spent["cost_usd"].as_str().unwrap().parse().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let expected = each * count as f64;
        assert!((cost - expected).abs() < 1e-12, "{cost} {expected}");
    }
}

#[test]
fn requests_stop_at_their_limit_and_the_run_goes_on_with_a_higher_one() {
    let (scratch, provider) = (shop(), well());
    let run = document(&scratch, &provider, Wire::OpenAi, &["--max-calls", "2"]);
    run.expect_code(4).expect_stderr("twinscribe resume checkpoint_");
    assert_eq!(provider.asked().len(), 2);
    // What was sent before counts.
    let same = finish(command(&scratch, &provider, Wire::OpenAi, "resume", &[]));
    same.expect_code(4);
    assert_eq!(provider.asked().len(), 2);
    let more = finish(command(
        &scratch,
        &provider,
        Wire::OpenAi,
        "resume",
        &["--max-calls", "50"],
    ));
    more.expect_code(0);
    assert_eq!(provider.asked().len(), COMPONENTS.len(), "nothing is asked twice");
}

#[test]
fn dollars_stop_before_their_limit() {
    // What one request can cost at most is 0.003 to 0.004, what it costs 0.000195.
    for (limit, at_most) in [("0.0001", 0), ("0.0035", 4)] {
        let (scratch, provider) = (shop(), well());
        let run = document(&scratch, &provider, Wire::OpenAi, &["--max-cost", limit]);
        run.expect_no_panic();
        assert_eq!(run.code, Some(4), "{run:?}");
        assert!(
            provider.asked().len() <= at_most,
            "{} for {limit}",
            provider.asked().len()
        );
        let listed = finish(command(
            &scratch,
            &provider,
            Wire::OpenAi,
            "resume",
            &["--max-cost", "1"],
        ));
        listed.expect_code(0);
        assert_eq!(provider.asked().len(), COMPONENTS.len());
    }
}

#[test]
fn a_limit_in_dollars_needs_a_price() {
    let scratch = shop();
    let mut command = scratch.twinscribe(&["document", "repo", "--stream-a", "openrouter:x/y", "--max-cost", "1"]);
    command.env("OPENROUTER_API_KEY", "k");
    finish(command).expect_code(2).expect_stderr("no price is known");
}

#[test]
fn a_dry_run_asks_nobody_and_its_bounds_hold() {
    for (answers, more) in [(false, &[][..]), (true, &["--max-iterations", "2"][..])] {
        let scratch = shop();
        // Either all is well, or every first answer is of no use.
        let provider = Provider::start(move |asked| match asked.attempt % 2 {
            0 if answers => Act::Say("no JSON".to_owned()),
            _ => Act::Say(plain(&asked.component)),
        });
        let dry = document(&scratch, &provider, Wire::OpenAi, &[&["--dry-run"], more].concat());
        dry.expect_code(0);
        assert_eq!(provider.asked().len(), 0, "no socket is opened");
        assert!(!scratch.path("checkpoints").exists() && !scratch.path("out").exists());
        let line = dry
            .stdout
            .lines()
            .find(|l| l.starts_with("Stream a would ask"))
            .unwrap_or_else(|| panic!("{dry:?}"));
        let numbers: Vec<f64> = line
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter_map(|word| word.parse().ok())
            .collect();
        let [low_calls, high_calls, low_tokens, high_tokens, low_cost, high_cost] = numbers[..6] else {
            panic!("{line}");
        };
        document(&scratch, &provider, Wire::OpenAi, more).expect_code(0);
        let spent = &json(&scratch, "out/metrics.json")["spent"]["documenter_a"];
        let count = |key: &str| spent[key].as_f64().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let calls = provider.asked().len() as f64;
        assert!((low_calls..=high_calls).contains(&calls), "{calls} {line}");
        let tokens = count("tokens_in") + count("tokens_out") + count("tokens_cached");
        assert!((low_tokens..=high_tokens).contains(&tokens), "{tokens} {line}");
        let cost: f64 = spent["cost_usd"].as_str().unwrap().parse().unwrap();
        assert!((low_cost..=high_cost).contains(&cost), "{cost} {line}");
    }
}
