//! The table of what providers do wrong: what the run did about it, how often it asked, how it ended.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::provider::{Act, Asked, Provider, Wire, plain, whole};
use super::{COMPONENTS, KEY, command, component, document, json as read_json, shop};
use crate::common::{files_below, finish};

/// How a row of the table is to end.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// `shop.price` is described after so many requests.
    Described(usize),
    /// `shop.price` has failed after so many requests, and everything else is described.
    Failed(usize),
    /// The stream is dead after so many requests about `shop.price`; the run can be resumed.
    Dead(usize),
}

const STREAM: &str = "text/event-stream";

fn error(status: u16, kind: &str) -> Act {
    Act::Status(
        status,
        &[],
        json!({"error": {"type": kind, "message": format!("no luck, {KEY}")}}),
    )
}

/// What goes wrong with `shop.price`: a name, what the provider does at the n-th request, how it ends.
type Row = (&'static str, fn(&Asked) -> Act, Ending);

fn well(asked: &Asked) -> Act {
    Act::Say(plain(&asked.component))
}

fn first(asked: &Asked, act: Act) -> Act {
    if asked.attempt == 0 { act } else { well(asked) }
}

fn second_time_well(asked: &Asked, text: &str) -> Act {
    first(asked, Act::Say(text.to_owned()))
}

fn half(asked: &Asked) -> Vec<u8> {
    let mut bytes = whole(asked.wire, &plain("x"), None);
    bytes.truncate(bytes.len() / 2);
    bytes
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("429 without Retry-After", |a| first(a, error(429, "rate_limit_error")), Ending::Described(2)),
    ("429 with Retry-After", |a| first(a, Act::Status(429, &[("retry-after", "1")], Value::Null)), Ending::Described(2)),
    ("429 for ever", |_| error(429, "rate_limit_error"), Ending::Failed(3)),
    ("429 that asks for an hour", |_| Act::Status(429, &[("retry-after", "3600")], Value::Null), Ending::Dead(1)),
    ("quota", |_| error(429, "insufficient_quota"), Ending::Dead(1)),
    ("no money", |_| error(402, "payment_required"), Ending::Dead(1)),
    ("wrong key", |_| error(401, "authentication_error"), Ending::Dead(1)),
    ("no such model", |_| error(404, "not_found_error"), Ending::Dead(1)),
    ("redirect to another host", |_| Act::Status(307, &[("location", "http://127.0.0.2:9/")], Value::Null), Ending::Dead(1)),
    ("400", |_| error(400, "invalid_request_error"), Ending::Failed(1)),
    ("500", |a| first(a, error(500, "api_error")), Ending::Described(2)),
    ("502", |a| first(a, Act::Raw("text/html", b"<h1>Bad gateway</h1>".to_vec())), Ending::Described(2)),
    ("503", |a| first(a, error(503, "unavailable_error")), Ending::Described(2)),
    ("529", |a| first(a, error(529, "overloaded_error")), Ending::Described(2)),
    ("529 for ever", |_| error(529, "overloaded_error"), Ending::Failed(3)),
    ("hangs up", |a| first(a, Act::HangUp), Ending::Described(2)),
    ("stalls", |a| first(a, Act::Stall(STREAM, half(a), Duration::from_secs(5))), Ending::Described(2)),
    ("half a stream", |a| first(a, Act::Raw(STREAM, half(a))), Ending::Described(2)),
    ("error inside 200", |a| first(a, Act::Raw("application/json",
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}).to_string().into())), Ending::Described(2)),
    ("error inside a stream", |a| first(a, Act::Raw(STREAM,
        b"data: {\"type\": \"error\", \"error\": {\"type\": \"overloaded_error\", \"message\": \"m\"}}\n\n".to_vec())), Ending::Described(2)),
    ("events that are no JSON", |a| first(a, Act::Raw(STREAM, b"data: {nonsense\n\n".to_vec())), Ending::Described(2)),
    ("wrong content type", |_| Act::Raw("text/html", b"<html>hello</html>".to_vec()), Ending::Failed(3)),
    ("a line without end", |_| Act::Endless(STREAM), Ending::Failed(1)),
    ("gigabytes of JSON", |_| Act::Endless("application/json"), Ending::Failed(1)),
    ("fenced", |a| Act::Say(format!("```json\n{}\n```", plain(&a.component))), Ending::Described(1)),
    ("among prose", |a| Act::Say(format!("Sure! {} Anything else?", plain(&a.component))), Ending::Described(1)),
    ("invalid JSON, then well", |a| second_time_well(a, "{\"summary\": \"x\", "), Ending::Described(2)),
    ("wrong shape, then well", |a| second_time_well(a, "{\"summary\": 7}"), Ending::Described(2)),
    ("empty, then well", |a| second_time_well(a, ""), Ending::Described(2)),
    ("invalid JSON for ever", |_| Act::Say("no JSON at all".to_owned()), Ending::Failed(2)),
    ("cut off, then well", |a| first(a, Act::End("length", "{\"summary\": \"x".to_owned())), Ending::Described(2)),
    ("cut off for ever", |_| Act::End("length", "{\"summary\": \"x".to_owned()), Ending::Failed(2)),
    ("refused", |_| Act::End("refusal", "I would rather not.".to_owned()), Ending::Failed(1)),
];

#[test]
fn whatever_a_provider_does_the_run_ends_and_says_so() {
    let wires = [Wire::OpenAi, Wire::Anthropic];
    let rows = wires
        .into_iter()
        .flat_map(|wire| TABLE.iter().map(move |row| (wire, row)));
    // Four at a time, so that those that wait hold nobody up.
    let rows = std::sync::Mutex::new(rows);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((wire, row)) = rows.lock().unwrap().next() else {
                        return;
                    };
                    check(wire, row);
                }
            });
        }
    });
}

fn check(wire: Wire, &(name, act, ending): &Row) {
    let what = format!("{name} ({wire:?})");
    let scratch = shop();
    let provider = Provider::start(move |asked| {
        if asked.component == "shop.price" {
            act(asked)
        } else {
            well(asked)
        }
    });
    let began = Instant::now();
    // One at a time, so that who is asked when does not depend on who is faster.
    let options = [
        "--model-retries",
        "2",
        "--model-timeout-seconds",
        "2",
        "--parallel-components",
        "1",
    ];
    let run = document(&scratch, &provider, wire, &options);
    assert!(
        began.elapsed() < Duration::from_secs(90),
        "{what} took {:?}",
        began.elapsed()
    );
    run.expect_no_panic();
    let asked = provider.by_component();
    let price = asked.get("shop.price").copied().unwrap_or(0);
    let shown = format!("{what}: {asked:?}\n{run:?}");
    match ending {
        Ending::Described(requests) => {
            assert_eq!((run.code, price), (Some(0), requests), "{shown}");
            assert_eq!(
                component(&scratch, "shop.price")["summary"]["said_by"],
                json!(["a"]),
                "{shown}"
            );
        }
        Ending::Failed(requests) => {
            assert_eq!((run.code, price), (Some(1), requests), "{shown}");
            let report = read_json(&scratch, "out/convergence_report.json");
            let failed = report["failed"].as_array().unwrap();
            assert_eq!(failed.len(), 1, "{shown}");
            assert_eq!(
                (&failed[0]["component"], &failed[0]["stream"]),
                (&json!("shop.price"), &json!("a")),
                "{shown}"
            );
            // The code still says what it does.
            assert!(component(&scratch, "shop.price")["summary"].is_object(), "{shown}");
        }
        Ending::Dead(requests) => {
            assert_eq!((run.code, price), (Some(5), requests), "{shown}");
            run.expect_stderr("twinscribe resume checkpoint_");
        }
    }
    if !matches!(ending, Ending::Dead(_)) {
        for id in COMPONENTS {
            assert!(asked.contains_key(id), "{shown}");
            assert!(component(&scratch, id).is_object(), "{shown}");
        }
    }
    expect_no_key(&scratch, &run, &what);
}

/// The key is in no file and on no screen, though the provider repeats it.
fn expect_no_key(scratch: &crate::common::Scratch, run: &crate::common::Run, what: &str) {
    assert!(!format!("{run:?}").contains(KEY), "{what}: the key is shown: {run:?}");
    for folder in ["out", "checkpoints"] {
        for (name, bytes) in files_below(&scratch.path(folder)) {
            assert!(
                !String::from_utf8_lossy(&bytes).contains(KEY),
                "{what}: the key is in {name}"
            );
        }
    }
}

#[test]
fn retry_after_is_obeyed() {
    let scratch = shop();
    let provider = Provider::start(|asked| match asked.attempt {
        0 if asked.component == "shop.price" => Act::Status(429, &[("retry-after", "2")], Value::Null),
        _ => well(asked),
    });
    document(&scratch, &provider, Wire::OpenAi, &["--parallel-components", "1"]).expect_code(0);
    let times: Vec<Instant> = provider
        .asked()
        .iter()
        .filter(|a| a.component == "shop.price")
        .map(|a| a.at)
        .collect();
    let waited = times[1] - times[0];
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
}

#[test]
fn a_dead_stream_is_resumed_without_asking_again_what_is_known() {
    let scratch = shop();
    let broken = Provider::start(|asked| match &*asked.component {
        "shop.total" => error(401, "authentication_error"),
        _ => well(asked),
    });
    document(&scratch, &broken, Wire::OpenAi, &["--parallel-components", "1"]).expect_code(5);
    let mended = Provider::start(well);
    let resumed = finish(command(&scratch, &mended, Wire::OpenAi, "resume", &[]));
    resumed.expect_code(0);
    let (before, after) = (broken.by_component(), mended.by_component());
    for id in COMPONENTS {
        let described = before.contains_key(id) && id != "shop.total";
        assert_eq!(
            after.get(id).copied().unwrap_or(0),
            usize::from(!described),
            "{id}: {before:?} {after:?}"
        );
    }
}

#[test]
fn the_other_stream_finishes_alone_where_that_is_allowed() {
    let scratch = shop();
    let provider = Provider::start(|_| error(401, "authentication_error"));
    let run = document(&scratch, &provider, Wire::Anthropic, &["--allow-single-stream"]);
    run.expect_code(1).expect_stderr("finishes alone");
    assert!(component(&scratch, "shop.total")["summary"].is_object());
}

#[test]
fn nobody_there_ends_the_stream() {
    let scratch = shop();
    let provider = Provider::nobody();
    let run = document(&scratch, &provider, Wire::OpenAi, &["--model-retries", "1"]);
    run.expect_code(5).expect_stderr("the connection failed");
}

#[test]
fn without_a_key_nothing_is_begun() {
    let scratch = shop();
    let run = finish(scratch.twinscribe(&["document", "repo", "--stream-a", "openai:gpt-4o-mini"]));
    run.expect_code(2).expect_stderr("OPENAI_API_KEY");
    assert!(!scratch.path("checkpoints").join("runs").exists(), "nothing was begun");
}

#[test]
fn a_provider_without_schemas_is_asked_without() {
    let scratch = shop();
    let provider = Provider::start(|asked| {
        let has_schema = asked.body.get("response_format").is_some();
        if has_schema {
            Act::Status(
                400,
                &[],
                json!({"error": {"message": "response_format is not supported"}}),
            )
        } else {
            well(asked)
        }
    });
    document(&scratch, &provider, Wire::OpenAi, &["--parallel-components", "1"]).expect_code(0);
    assert_eq!(provider.asked().len(), COMPONENTS.len() + 1, "one refusal is enough");
}

#[test]
fn the_key_goes_where_each_protocol_wants_it_and_nothing_else_does() {
    for (wire, header) in [
        (Wire::OpenAi, "authorization: Bearer "),
        (Wire::Anthropic, "x-api-key: "),
    ] {
        let scratch = shop();
        let provider = Provider::start(well);
        document(&scratch, &provider, wire, &[]).expect_code(0);
        for asked in provider.asked() {
            assert!(asked.head.contains(&format!("{header}{KEY}\r\n")), "{}", asked.head);
            assert_eq!(asked.head.matches(KEY).count(), 1, "{}", asked.head);
            assert!(!asked.body.to_string().contains(KEY), "{}", asked.body);
        }
    }
}

#[test]
fn ollama_is_asked_for_room_enough_and_answers_in_lines() {
    let line = |content: &str, done: Value| {
        let mut line = json!({"model": "small", "message": {"content": content}, "done": false});
        if let Value::Object(end) = done {
            line.as_object_mut().unwrap().extend(end);
        }
        format!("{line}\n")
    };
    let provider = Provider::start(move |asked| {
        let text = plain(&asked.component);
        let (head, tail) = text.split_at(20);
        let end = json!({"done": true, "done_reason": "stop", "prompt_eval_count": 70, "eval_count": 30});
        let whole = [line(head, Value::Null), line(tail, Value::Null), line("", end)].concat();
        let broken_off = line(head, Value::Null);
        let bytes = if asked.component == "shop.price" && asked.attempt == 0 {
            broken_off
        } else {
            whole
        };
        Act::Raw("application/x-ndjson", bytes.into())
    });
    let scratch = shop();
    let address = format!("ollama=http://{}", provider.address);
    let run = finish(scratch.twinscribe(&[
        "document",
        "repo",
        "--output",
        "out",
        "--stream-a",
        "ollama:small",
        "--base-url",
        &address,
        "--model-backoff-seconds",
        "0.01",
        "--answer-tokens",
        "500",
    ]));
    run.expect_code(0);
    let asked = provider.asked();
    assert_eq!(asked.len(), COMPONENTS.len() + 1, "what broke off is asked again");
    for request in asked {
        assert!(request.head.starts_with("POST /api/chat "), "{}", request.head);
        assert!(request.body["format"].is_object());
        let sent = request.body["messages"].to_string().len() as u64;
        let room = request.body["options"]["num_ctx"].as_u64().unwrap();
        assert!(room >= sent / 3 + 500, "{room} for {sent}");
    }
    let spent = &read_json(&scratch, "out/metrics.json")["spent"]["documenter_a"];
    assert_eq!(spent["tokens_in"], 70 * COMPONENTS.len());
    assert_eq!(spent["cost_usd"], "0");
}
