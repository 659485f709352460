//! A provider on this machine that does as it is told, in both protocols; it remembers all that it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Whose protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    OpenAi,
    Anthropic,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) wire: Wire,
    pub(super) head: String,
    pub(super) body: Value,
    /// The component that is asked about.
    pub(super) component: String,
    /// How often this component was asked about before.
    pub(super) attempt: usize,
    pub(super) at: Instant,
}

/// What the provider does.
pub(super) enum Act {
    /// A whole answer of the protocol with this text.
    Say(String),
    /// The same, with another end than the usual one: `length`, `refusal`.
    End(&'static str, String),
    /// A status with headers and a body of JSON.
    Status(u16, &'static [(&'static str, &'static str)], Value),
    /// These bytes after a good status and this content type; then nothing more.
    Raw(&'static str, Vec<u8>),
    /// The same, then silence for so long.
    Stall(&'static str, Vec<u8>, Duration),
    /// The connection is closed at once.
    HangUp,
    /// A line that has no end.
    Endless(&'static str),
}

type Script = Arc<dyn Fn(&Asked) -> Act + Send + Sync>;

/// A running provider.
pub(super) struct Provider {
    pub(super) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    /// A provider that follows a script; it lives until the process ends.
    pub(super) fn start(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (memory, script): (_, Script) = (Arc::clone(&asked), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (memory, script) = (Arc::clone(&memory), Arc::clone(&script));
                std::thread::spawn(move || {
                    // A client that hangs up has had enough.
                    _ = serve(stream, &memory, &script);
                });
            }
        });
        Self { address, asked }
    }

    /// An address that nobody listens on.
    pub(super) fn nobody() -> Self {
        Self {
            address: "127.0.0.1:9".to_owned(),
            asked: Arc::default(),
        }
    }

    /// All that was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often each component was asked about.
    pub(super) fn by_component(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for asked in self.asked() {
            *counts.entry(asked.component).or_default() += 1;
        }
        counts
    }
}

fn serve(mut stream: TcpStream, memory: &Mutex<Vec<Asked>>, script: &Script) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let asked = note(head, serde_json::from_slice(&body).unwrap_or(Value::Null), memory);
        if !answer(&mut stream, &asked, script(&asked))? {
            return Ok(());
        }
    }
}

fn note(head: String, body: Value, memory: &Mutex<Vec<Asked>>) -> Asked {
    let wire = if head.starts_with("POST /v1/messages") {
        Wire::Anthropic
    } else {
        Wire::OpenAi
    };
    let user = match wire {
        Wire::OpenAi => &body["messages"][1]["content"],
        Wire::Anthropic => &body["messages"][0]["content"],
    };
    let component = user
        .as_str()
        .and_then(|text| text.split('`').nth(1))
        .unwrap_or("?")
        .to_owned();
    let mut memory = memory.lock().unwrap();
    let attempt = memory.iter().filter(|a| a.component == component).count();
    let asked = Asked {
        wire,
        head,
        body,
        component,
        attempt,
        at: Instant::now(),
    };
    memory.push(asked.clone());
    asked
}

/// Does one thing; returns whether the connection goes on.
fn answer(stream: &mut TcpStream, asked: &Asked, act: Act) -> std::io::Result<bool> {
    match act {
        Act::Say(text) => send(stream, "text/event-stream", &whole(asked.wire, &text, None)),
        Act::End(end, text) => send(stream, "text/event-stream", &whole(asked.wire, &text, Some(end))),
        Act::Status(status, headers, body) => {
            let body = body.to_string();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            )?;
            for (name, value) in headers {
                write!(stream, "{name}: {value}\r\n")?;
            }
            write!(stream, "\r\n{body}")?;
            Ok(true)
        }
        Act::Raw(kind, bytes) => send(stream, kind, &bytes),
        Act::Stall(kind, bytes, wait) => {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n\r\n")?;
            stream.write_all(&bytes)?;
            stream.flush()?;
            std::thread::sleep(wait);
            Ok(false)
        }
        Act::HangUp => Ok(false),
        Act::Endless(kind) => {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n\r\ndata: ")?;
            let piece = vec![b' '; 1 << 16];
            loop {
                stream.write_all(&piece)?;
            }
        }
    }
}

fn send(stream: &mut TcpStream, kind: &str, bytes: &[u8]) -> std::io::Result<bool> {
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        bytes.len()
    )?;
    stream.write_all(bytes)?;
    stream.flush()?;
    Ok(true)
}

/// The events of an answer of 1000 and 100 tokens, its text in several pieces.
pub(super) fn whole(wire: Wire, text: &str, end: Option<&str>) -> Vec<u8> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(40.min(rest.len())));
        pieces.push(piece);
        rest = after;
    }
    let events: Vec<Value> = match wire {
        Wire::OpenAi => {
            let chunk = |delta: Value, finish: Value| json!({"model": "the-model", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
            let refused = end == Some("refusal");
            let field = if refused { "refusal" } else { "content" };
            let mut events: Vec<Value> = pieces.iter().map(|p| chunk(json!({field: p}), Value::Null)).collect();
            let finish = if end == Some("length") { "length" } else { "stop" };
            events.push(chunk(json!({}), json!(finish)));
            events.push(json!({"model": "the-model", "choices": [],
                "usage": {"prompt_tokens": 1000, "completion_tokens": 100,
                    "prompt_tokens_details": {"cached_tokens": 200}}}));
            events
        }
        Wire::Anthropic => {
            let stop = match end {
                Some("length") => "max_tokens",
                Some(end) => end,
                None => "end_turn",
            };
            let mut events = vec![json!({"type": "message_start", "message": {"model": "the-model",
                "usage": {"input_tokens": 800, "cache_read_input_tokens": 200, "output_tokens": 1}}})];
            events.extend(pieces.iter().map(|piece| {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}})
            }));
            events.push(
                json!({"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 100}}),
            );
            events.push(json!({"type": "message_stop"}));
            events
        }
    };
    let mut bytes = Vec::new();
    for event in events {
        if wire == Wire::Anthropic {
            writeln!(bytes, "event: {}", event["type"].as_str().unwrap()).unwrap();
        }
        write!(bytes, "data: {event}\n\n").unwrap();
    }
    if wire == Wire::OpenAi {
        bytes.extend(b"data: [DONE]\n\n");
    }
    bytes
}

/// An answer about a component of the shop that leaves nothing out and says nothing wrong.
pub(super) fn plain(component: &str) -> String {
    let parameter =
        |name: &str, default: Option<&str>| json!({"name": name, "type": null, "default": default, "description": ""});
    let number = || json!({"type": null, "description": "A number."});
    let (parameters, returns, raises, calls) = match component {
        "shop.price" => (
            vec![parameter("code", None), parameter("amount", Some("1"))],
            number(),
            vec![json!({"exception": "OutOfStock", "description": "For many."})],
            vec!["shop.OutOfStock"],
        ),
        "shop.total" => (vec![parameter("codes", None)], number(), vec![], vec!["shop.price"]),
        _ => (vec![], Value::Null, vec![], vec![]),
    };
    json!({
        "summary": format!("Says what `{component}` is for."), "description": null, "parameters": parameters,
        "returns": returns, "yields": null, "raises": raises, "attributes": [], "calls": calls, "confidence": 0.9,
    })
    .to_string()
}
