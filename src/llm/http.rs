//! HTTP as providers speak it: one POST, an answer of bounded size, and statuses that say what went wrong.
//!
//! Redirects are not followed. No answer is read that is larger than any honest one could be.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;

use super::error::{ErrorKind, LlmError};
use super::secret::Secret;

/// Bytes of an answer at most: a stream has some hundred bytes of frame around each token.
pub(super) const LARGEST_ANSWER: usize = 32 << 20;

/// Bytes of an error's body that are looked at.
const LARGEST_ERROR: usize = 64 << 10;

/// Longest silence within an answer.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);

/// One address, spoken to with one key.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    url: Url,
    headers: HeaderMap,
    key: Option<Secret>,
    silence: Duration,
}

impl Wire {
    /// A wire to `base` + `path`; `header` carries the key.
    pub(super) fn new(
        base: &str,
        path: &str,
        key: Option<(&'static str, String, Secret)>,
        timeout: Duration,
    ) -> Result<Self, String> {
        let url = format!("{}{path}", base.trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| format!("`{base}` is no address: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(format!("`{base}` is no address of a web server"));
        }
        if key.is_some() && url.scheme() == "http" && !is_local(&url) {
            return Err(format!("`{base}` would get the key unencrypted; write https"));
        }
        let mut headers = HeaderMap::new();
        if let Some((name, value, _)) = &key {
            let mut value =
                HeaderValue::from_str(value).map_err(|_| "the key has characters that no key has".to_owned())?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        // Whoever was first has installed the same one.
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("twinscribe/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeout.min(Duration::from_secs(20)))
            .timeout(timeout)
            .build()
            .map_err(|error| format!("no connection can be made: {error}"))?;
        Ok(Self {
            client,
            url,
            headers,
            key: key.map(|(_, _, secret)| secret),
            silence: timeout.min(LONGEST_SILENCE),
        })
    }

    /// The same with another header on every request.
    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers
            .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        self
    }

    /// Sends a request; returns an answer that has begun well.
    pub(super) async fn post(&self, body: &Value) -> Result<Answer, LlmError> {
        let sent = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .send()
            .await;
        let response = sent.map_err(|error| self.hide(of_transport(&error)))?;
        let status = response.status();
        let answer = Answer {
            pause: pause(response.headers(), SystemTime::now()),
            is_stream: has_type(&response, &["text/event-stream", "application/x-ndjson"]),
            is_json: has_type(&response, &["application/json"]),
            response,
            read: 0,
            silence: self.silence,
        };
        if status.is_success() {
            return Ok(answer);
        }
        Err(self.hide(answer.into_error(status).await))
    }

    fn hide(&self, mut error: LlmError) -> LlmError {
        if let Some(key) = &self.key {
            error.message = key.hide_in(&error.message);
        }
        error
    }
}

/// Whether an address is on this machine.
pub(super) fn is_here(base: &str) -> bool {
    Url::parse(base).is_ok_and(|url| is_local(&url))
}

fn is_local(url: &Url) -> bool {
    url.host_str()
        .is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

/// An answer that is coming in.
#[derive(Debug)]
pub(super) struct Answer {
    response: Response,
    /// How long the provider wants to be left alone from now on.
    pub(super) pause: Option<Duration>,
    pub(super) is_stream: bool,
    pub(super) is_json: bool,
    read: usize,
    silence: Duration,
}

impl Answer {
    /// The next bytes; none at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, LlmError> {
        let next = tokio::time::timeout(self.silence, self.response.chunk()).await;
        let next = next.map_err(|_| {
            let seconds = self.silence.as_secs();
            LlmError::new(ErrorKind::Timeout, format!("nothing came for {seconds} s")).after_acceptance()
        })?;
        let chunk = next.map_err(|error| of_transport(&error).after_acceptance())?;
        self.read += chunk.as_ref().map_or(0, |bytes| bytes.len());
        if self.read > LARGEST_ANSWER {
            let message = format!("the answer is larger than {} MB", LARGEST_ANSWER >> 20);
            return Err(LlmError::new(ErrorKind::TooLarge, message).after_acceptance());
        }
        Ok(chunk.map(|bytes| bytes.to_vec()))
    }

    /// The whole body as JSON.
    pub(super) async fn json(&mut self) -> Result<Value, LlmError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            bytes.extend(chunk);
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            LlmError::new(ErrorKind::Malformed, format!("the answer is no JSON: {error}")).after_acceptance()
        })
    }

    /// What an answer is that is neither of the forms that were asked for.
    pub(super) fn of_no_form() -> LlmError {
        LlmError::new(
            ErrorKind::Malformed,
            "the answer is neither JSON nor a stream of events",
        )
        .after_acceptance()
    }

    /// What an answer is whose stream has no end.
    pub(super) fn broken_off() -> LlmError {
        LlmError::new(
            ErrorKind::Malformed,
            "the stream broke off before the answer was finished",
        )
        .after_acceptance()
    }

    /// Why the status is no success.
    async fn into_error(mut self, status: StatusCode) -> LlmError {
        let mut bytes = Vec::new();
        while bytes.len() < LARGEST_ERROR
            && let Ok(Some(chunk)) = self.chunk().await
        {
            bytes.extend(chunk);
        }
        bytes.truncate(LARGEST_ERROR);
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let mut error = of_body(Some(status.as_u16()), &body);
        error.retry_after = self.pause;
        error
    }
}

fn has_type(response: &Response, types: &[&str]) -> bool {
    let found = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    found.is_some_and(|found| types.iter().any(|t| found.trim_start().starts_with(t)))
}

/// What a failed connection means.
fn of_transport(error: &reqwest::Error) -> LlmError {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Network
    };
    // The outermost text names the address and nothing else; the cause is at the bottom.
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    LlmError::new(kind, format!("the connection failed: {cause}"))
}

/// What an error in a body means: of a status, or inside an answer that began with 200.
pub(super) fn of_body(status: Option<u16>, body: &Value) -> LlmError {
    let error = body.get("error").unwrap_or(&Value::Null);
    let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
    let code = match error.get("code") {
        Some(Value::Number(code)) => code.as_u64().and_then(|c| u16::try_from(c).ok()),
        _ => None,
    };
    let details = error
        .pointer("/details/error_code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let words = [text("type"), text("code"), details];
    let kind = kind_of(status.filter(|s| *s >= 300).or(code), &words);
    let said = match (error.as_str(), text("message")) {
        (Some(message), _) => message,
        (None, "") => "no reason given",
        (None, message) => message,
    };
    let place = match status {
        Some(status) => format!("HTTP {status}"),
        None => "an error in the answer".to_owned(),
    };
    LlmError::new(kind, format!("{place}: {said}"))
}

/// Words by which providers say that money is the matter.
const OF_MONEY: &[&str] = &[
    "insufficient_quota",
    "credit_balance_exhausted",
    "spend_limit",
    "usage_limit_exceeded",
    "billing",
];

fn kind_of(status: Option<u16>, words: &[&str]) -> ErrorKind {
    let says = |what: &[&str]| words.iter().any(|word| what.iter().any(|w| word.contains(w)));
    if says(OF_MONEY) {
        return ErrorKind::Quota;
    }
    match status {
        Some(401 | 403) => ErrorKind::Auth,
        Some(402) => ErrorKind::Quota,
        Some(404) => ErrorKind::NotFound,
        Some(408 | 504) => ErrorKind::Timeout,
        Some(429) => ErrorKind::RateLimit,
        Some(503 | 529) => ErrorKind::Overloaded,
        Some(300..=399) => ErrorKind::Redirected,
        Some(400..=499) => ErrorKind::BadRequest,
        Some(500..) => ErrorKind::Server,
        _ if says(&["rate_limit"]) => ErrorKind::RateLimit,
        _ if says(&["overloaded", "unavailable"]) => ErrorKind::Overloaded,
        _ if says(&["authentication", "permission", "invalid_api_key"]) => ErrorKind::Auth,
        _ if says(&["invalid_request"]) => ErrorKind::BadRequest,
        _ => ErrorKind::Server,
    }
}

/// How long the headers ask for a pause: `Retry-After`, or a limit that has nothing left.
fn pause(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|t| t.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    if let Some(after) = text("retry-after") {
        return span(after, now);
    }
    const LIMITS: [(&str, &str); 6] = [
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        (
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ),
        (
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ),
        (
            "anthropic-ratelimit-input-tokens-remaining",
            "anthropic-ratelimit-input-tokens-reset",
        ),
        (
            "anthropic-ratelimit-output-tokens-remaining",
            "anthropic-ratelimit-output-tokens-reset",
        ),
    ];
    let used_up = LIMITS.iter().filter(|(remaining, _)| text(remaining) == Some("0"));
    used_up.filter_map(|(_, reset)| span(text(reset)?, now)).max()
}

/// A length of time as headers write it: seconds, `6m0s`, or a date.
fn span(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    if let Ok(span) = humantime::parse_duration(text) {
        return Some(span);
    }
    let date = humantime::parse_rfc3339(text).ok().or_else(|| http_date(text))?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// A date in HTTP's preferred form: `Wed, 25 Nov 2026 14:00:00 GMT`.
fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = parts[..] else {
        return None;
    };
    let month = 1 + MONTHS.iter().position(|m| *m == month)?;
    humantime::parse_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{time}Z")).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], seconds: Option<f64>) {
        let map = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let now = humantime::parse_rfc3339("2026-11-25T14:00:00Z").unwrap();
        assert_eq!(pause(&map, now).map(|p| p.as_secs_f64()), seconds, "{headers:?}");
    }

    #[test]
    fn pauses_are_read_in_every_form() {
        check(&[], None);
        check(&[("retry-after", "7")], Some(7.0));
        check(&[("retry-after", "0.5")], Some(0.5));
        check(&[("retry-after-ms", "250"), ("retry-after", "1")], Some(0.25));
        check(&[("retry-after", "Wed, 25 Nov 2026 14:00:20 GMT")], Some(20.0));
        check(&[("retry-after", "Wed, 25 Nov 2020 14:00:20 GMT")], Some(0.0));
        check(&[("retry-after", "soon")], None);
        check(&[("retry-after", "-1")], None);
        let reset = ("x-ratelimit-reset-tokens", "6m0s");
        check(&[("x-ratelimit-remaining-tokens", "0"), reset], Some(360.0));
        check(&[("x-ratelimit-remaining-tokens", "10"), reset], None);
        check(
            &[
                ("anthropic-ratelimit-requests-remaining", "0"),
                ("anthropic-ratelimit-requests-reset", "2026-11-25T14:00:03Z"),
            ],
            Some(3.0),
        );
    }

    #[test]
    fn errors_are_told_apart_by_status_and_by_what_the_body_says() {
        use ErrorKind::*;
        let of = |status, body| of_body(status, &body).kind;
        let typed = |kind: &str| json!({"error": {"type": kind, "message": "m"}});
        assert_eq!(of(Some(429), typed("rate_limit_exceeded")), RateLimit);
        assert_eq!(of(Some(429), typed("insufficient_quota")), Quota);
        assert_eq!(
            of(
                Some(429),
                json!({"error": {"type": "rate_limit_error", "message": "m",
                "details": {"error_code": "enforced_spend_limit_reached"}}})
            ),
            Quota
        );
        assert_eq!(
            of(
                Some(429),
                json!({"error": {"code": "organization_usage_limit_exceeded"}})
            ),
            Quota
        );
        assert_eq!(of(Some(402), Value::Null), Quota);
        assert_eq!(of(Some(401), Value::Null), Auth);
        assert_eq!(of(Some(404), Value::Null), NotFound);
        assert_eq!(of(Some(302), Value::Null), Redirected);
        assert_eq!(of(Some(400), typed("exceed_context_size_error")), BadRequest);
        assert_eq!(of(Some(503), typed("unavailable_error")), Overloaded);
        assert_eq!(of(Some(529), typed("overloaded_error")), Overloaded);
        assert_eq!(of(Some(500), json!("nonsense")), Server);
        assert_eq!(of(None, typed("overloaded_error")), Overloaded);
        assert_eq!(of(None, json!({"error": {"code": 429, "message": "slow"}})), RateLimit);
        assert_eq!(of(None, json!({"error": "gone"})), Server);
    }

    #[test]
    fn keys_go_nowhere_unencrypted_and_addresses_are_addresses() {
        let key = || Some(("authorization", "Bearer k".to_owned(), Secret::new("k")));
        let wire = |base: &str, key| Wire::new(base, "/x", key, Duration::from_secs(1)).map(drop);
        assert!(wire("http://example.org", key()).unwrap_err().contains("unencrypted"));
        assert!(wire("http://example.org", None).is_ok());
        assert!(wire("http://127.0.0.1:1/v1/", key()).is_ok());
        assert!(wire("https://example.org", key()).is_ok());
        for base in ["", "file:///etc", "example.org"] {
            assert!(wire(base, None).is_err(), "{base}");
        }
    }
}
