//! Secrets in source: found by their form or by the name they are given, and replaced before anything is sent.
//!
//! The kinds are those that detect-secrets and gitleaks look for: tokens of well-known services, private keys, passwords
//! in addresses, what is assigned to a name such as `password`, and long strings without any order. The same secret has
//! the same placeholder in every prompt of a run, wherever it stands.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::Texts;

/// How a placeholder begins.
pub(super) const PLACEHOLDER: &str = "<secret-";

/// Bytes of a secret at least: shorter ones are as good as public, and may be any word.
const SHORTEST: usize = 6;

/// The secrets of a repository, with their placeholders.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<BTreeMap<String, String>>);

impl Secrets {
    /// Finds the secrets in all texts, and numbers them in the order in which they stand.
    pub(super) fn of(texts: &Texts) -> Self {
        let mut found = BTreeMap::new();
        for text in texts.values() {
            for span in spans(text) {
                let number = found.len() + 1;
                found
                    .entry(text[span].to_owned())
                    .or_insert_with(|| format!("{PLACEHOLDER}{number}>"));
            }
        }
        Self(Arc::new(found))
    }

    /// A text without secrets: those that are known, and any that shows only here.
    pub(super) fn hide_in(&self, text: &str) -> String {
        let mut hidden = text.to_owned();
        // A secret may be part of a longer one, which has to go first.
        let mut known: Vec<(&String, &String)> = self.0.iter().collect();
        known.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        for (secret, placeholder) in known {
            if hidden.contains(secret.as_str()) {
                hidden = hidden.replace(secret.as_str(), placeholder);
            }
        }
        let rest = spans(&hidden);
        for span in rest.into_iter().rev() {
            if !hidden[span.clone()].contains(PLACEHOLDER) {
                hidden.replace_range(span, "<secret-0>");
            }
        }
        hidden
    }
}

/// No secret is part of a message.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// Where secrets stand in a text: in order, none within another.
fn spans(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    private_keys(text, &mut found);
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let mut here = Vec::new();
        passwords_in_addresses(line, &mut here);
        words(line, &mut here);
        strings(line, &mut here);
        found.extend(
            here.into_iter()
                .map(|span| line_start + span.start..line_start + span.end),
        );
        line_start += line.len();
    }
    found.retain(|span| span.len() >= SHORTEST);
    found.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut end = 0;
    found.retain(|span| {
        let is_new = span.start >= end;
        end = end.max(span.end);
        is_new
    });
    found
}

fn private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    for (start, _) in text.match_indices("-----BEGIN ") {
        let rest = &text[start..];
        let head = &rest[..rest.floor_char_boundary(60)];
        if head.contains("PRIVATE KEY") {
            let end = rest.find("-----END ").unwrap_or(rest.len());
            found.push(start..start + end);
        }
    }
}

/// `scheme://user:password@host`.
fn passwords_in_addresses(line: &str, found: &mut Vec<Range<usize>>) {
    for (at, mark) in line.match_indices("://") {
        let start = at + mark.len();
        let rest = &line[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | '`'))
            .unwrap_or(rest.len());
        if let Some((user, _)) = rest[..end].rsplit_once('@')
            && let Some((name, password)) = user.split_once(':')
            && !password.contains(['{', '}', '%', '<', '$'])
        {
            let from = start + name.len() + 1;
            found.push(from..from + password.len());
        }
    }
}

/// A token of a service: how it begins, and how many characters of its alphabet follow at least.
const TOKENS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ya29.", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 30),
    ("glpat-", 16),
    ("gldt-", 16),
    ("xoxb-", 10),
    ("xoxa-", 10),
    ("xoxp-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("pk_live_", 16),
    ("whsec_", 16),
    ("sk-", 20),
    ("npm_", 30),
    ("pypi-", 30),
    ("dop_v1_", 30),
    ("doo_v1_", 30),
    ("shpat_", 16),
    ("shpss_", 16),
    ("sq0atp-", 16),
    ("sq0csp-", 16),
    ("EAAA", 40),
    ("SG.", 30),
    ("hf_", 30),
    ("AKC", 30),
    ("dckr_pat_", 16),
    ("lin_api_", 16),
    ("figd_", 16),
    ("eyJ", 40),
    ("AccountKey=", 30),
    ("hooks.slack.com/services/", 16),
];

/// Words that are tokens by their form.
fn words(line: &str, found: &mut Vec<Range<usize>>) {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '=' | '/' | '+' | ':' | '~');
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let Some(start) = rest.find(in_word) else { return };
        let word = &rest[start..];
        let word = &word[..word.find(|c| !in_word(c)).unwrap_or(word.len())];
        let from = at + start;
        for &(prefix, least) in TOKENS {
            // Also behind `Bearer:` or `key=` within the word.
            if let Some(inside) = word.find(prefix)
                && (inside == 0 || !word[..inside].ends_with(|c: char| c.is_ascii_alphanumeric()))
                && word.len() - inside - prefix.len() >= least
            {
                found.push(from + inside..from + word.len());
            }
        }
        if is_numbered_token(word) {
            found.push(from..from + word.len());
        }
        at = from + word.len().max(1);
    }
}

/// `123456789:AAF…`, a bot's token; `0123…abcd-us12`, a mailing list's.
fn is_numbered_token(word: &str) -> bool {
    let bot = word.split_once(':').is_some_and(|(number, key)| {
        (8..=10).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) && key.len() >= 33
    });
    let list = word.split_once("-us").is_some_and(|(key, number)| {
        key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()) && number.bytes().all(|b| b.is_ascii_digit())
    });
    bot || list
}

/// Parts of names whose values are secrets.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "accesskey",
    "private_key",
    "auth_key",
    "credential",
    "authorization",
];

/// Strings that are given to a name that says what they are, and those that have no order.
fn strings(line: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(open) = line[at..].find(['"', '\'']).map(|n| at + n) {
        let quote = &line[open..=open];
        let inner = open + 1;
        let Some(length) = line[inner..].find(quote) else {
            return;
        };
        let value = &line[inner..inner + length];
        if is_given_to_a_secret(&line[..open]) && may_be_password(value) || has_no_order(value) {
            found.push(inner..inner + length);
        }
        at = inner + length + 1;
    }
}

/// Whether what stands before a string gives it to a name of a secret: `password = `, `"token": `, `secret=`.
fn is_given_to_a_secret(before: &str) -> bool {
    let before = before.trim_end_matches(['b', 'r', 'u', 'f', 'B', 'R', 'U', 'F']);
    let before = before.trim_end_matches([' ', '(', '\t']);
    let Some(before) = before.strip_suffix(['=', ':', ',']) else {
        return false;
    };
    let before = before.trim_end_matches(['=', '!', ' ', '\t']);
    // An annotation between the name and its value: `token: str`.
    let start = before
        .char_indices()
        .rev()
        .find(|(_, c)| matches!(c, ',' | '(' | '{' | ';'))
        .map_or(0, |(at, _)| at + 1);
    let name = before[start..].to_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

fn may_be_password(value: &str) -> bool {
    let lowered = value.to_lowercase();
    value.len() >= SHORTEST
        && !value.contains(char::is_whitespace)
        && !value.contains(['{', '}', '<', '>'])
        && !value.starts_with(['$', '%'])
        && !NAMES.iter().any(|name| lowered == *name)
}

/// Whether a string is long and has no order: a key of some kind.
fn has_no_order(value: &str) -> bool {
    if value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return disorder(value) > 3.0;
    }
    let in_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
    let is_mixed = value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_lowercase())
        && value.bytes().any(|b| b.is_ascii_uppercase());
    value.len() >= 24 && is_mixed && value.bytes().all(in_key) && disorder(value) > 4.2
}

/// Shannon's entropy of the characters, in bits.
fn disorder(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let share = |count: u32| f64::from(count) / total;
    counts
        .iter()
        .filter(|&&n| n > 0)
        .map(|&n| -share(n) * share(n).log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(files: &[&str]) -> Texts {
        files
            .iter()
            .enumerate()
            .map(|(n, text)| (format!("{n}.py").into(), (*text).into()))
            .collect()
    }

    /// A line of source, and the secret in it. Put together here, so that no scanner takes this file for a leak.
    fn canaries() -> Vec<(String, String)> {
        let body = "Zq3Xv9Lm2Kd8Rt5Wy7Bn4Hs6Jf1Gp0CaUeTiXzVb4Nw2";
        let mut found = Vec::new();
        for &(prefix, least) in TOKENS {
            let secret = format!("{prefix}{}", &body[..least]);
            found.push((format!("x = load({secret:?})"), secret.clone()));
            found.push((format!("# see {secret} for that"), secret));
        }
        for (line, secret) in [
            ("db = 'postgres://admin:hunter22@db.example/x'", "hunter22"),
            ("password = 'correcthorse'", "correcthorse"),
            ("connect(user='me', password=\"hunter2!\")", "hunter2!"),
            ("def f(api_key: str = 'abcdef123'):", "abcdef123"),
            ("settings = {'SECRET_KEY': 'not-so-secret-1'}", "not-so-secret-1"),
            ("if token == 'tok12345':", "tok12345"),
            (
                "bot = '123456789:AAFzq3xv9lm2kd8rt5wy7bn4hs6jf1gp0c'",
                "123456789:AAFzq3xv9lm2kd8rt5wy7bn4hs6jf1gp0c",
            ),
            (
                "k = '3f2a9c81d0b7e64f5a1c8d9e0b2f7a63'",
                "3f2a9c81d0b7e64f5a1c8d9e0b2f7a63",
            ),
            (
                "k = 'Zq3Xv9Lm2Kd8Rt5Wy7Bn4Hs6Jf1Gp0Ca'",
                "Zq3Xv9Lm2Kd8Rt5Wy7Bn4Hs6Jf1Gp0Ca",
            ),
            (
                "K = '''-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\ndef==\n-----END RSA PRIVATE KEY-----'''",
                "MIIEabc\ndef==",
            ),
        ] {
            found.push((line.to_owned(), secret.to_owned()));
        }
        found
    }

    #[test]
    fn secrets_of_every_kind_are_gone() {
        for (line, secret) in canaries() {
            let secrets = Secrets::of(&texts(&[&line]));
            let hidden = secrets.hide_in(&line);
            assert!(!hidden.contains(&secret), "{secret} in {hidden}");
            assert!(hidden.contains(PLACEHOLDER), "{hidden}");
            let alone = Secrets::default().hide_in(&line);
            assert!(
                !alone.contains(&secret),
                "{secret} in {alone}, though it was not known before"
            );
        }
    }

    #[test]
    fn a_secret_has_one_placeholder_wherever_it_stands() {
        let secrets = Secrets::of(&texts(&[
            "password = 'hunter22'\n",
            "token = 'othersecret'\nx = 'hunter22'\n",
        ]));
        let hidden = secrets.hide_in("default: 'hunter22', and hunter22; othersecret");
        assert_eq!(hidden, "default: '<secret-1>', and <secret-1>; <secret-2>");
    }

    #[test]
    fn ordinary_source_stays_as_it_is() {
        for line in [
            "password = getpass()",
            "token = tokens['next']",
            "raise ValueError('the password is wrong')",
            "PASSWORD = 'password'",
            "secret = f'{prefix}{number}'",
            "url = 'https://example.com/a?b=c@d'",
            "x = 'a_very_long_name_without_any_disorder_in_it'",
            "digits = '0000000000000000000000000000000000000000'",
            "import os, sys  # see setup.cfg for the options",
            "tokenizer = load('wordpiece')",
        ] {
            assert_eq!(Secrets::of(&texts(&[line])).hide_in(line), line);
        }
    }
}
