//! What calls used up, as it is printed: tokens, dollars, and what of them is not known.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::output::table;
use crate::model::usage::{Account, Ledger, Usage, total};
use crate::report::paint::Paint;

/// What was used up, as JSON has it. Costs are text, because they are exact.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Spent {
    pub(super) attempts: u64,
    pub(super) retries: u64,
    tokens_in: u64,
    tokens_out: u64,
    tokens_cached: u64,
    tokens_cache_write: u64,
    cost_usd: String,
    unpriced: u64,
    #[serde(skip)]
    usage: Usage,
}

impl From<&Usage> for Spent {
    fn from(usage: &Usage) -> Self {
        Self {
            attempts: usage.attempts,
            retries: usage.retries,
            tokens_in: usage.input,
            tokens_out: usage.output,
            tokens_cached: usage.cached,
            tokens_cache_write: usage.cache_write,
            cost_usd: usage.cost.to_string(),
            unpriced: usage.unpriced,
            usage: *usage,
        }
    }
}

impl Spent {
    pub(super) fn tokens(&self) -> u64 {
        self.usage.tokens()
    }

    /// Tokens by heading, as far as there are any.
    pub(super) fn tokens_in_words(&self) -> String {
        let mut words = format!("{} tokens in, {} out", self.tokens_in, self.tokens_out);
        for (n, what) in [
            (self.tokens_cached, "cached"),
            (self.tokens_cache_write, "written to the cache"),
        ] {
            if n > 0 {
                words.push_str(&format!(", {n} {what}"));
            }
        }
        words
    }

    /// Dollars; where not all prices are known, that they are not.
    pub(super) fn cost_in_words(&self) -> String {
        dollars(&self.usage)
    }
}

/// What all calls of a run cost; empty where there were none.
pub(super) fn cost(ledger: &Ledger) -> String {
    let sum = total(ledger);
    match sum.calls {
        0 => String::new(),
        _ => dollars(&sum.usage),
    }
}

#[expect(clippy::cast_precision_loss, reason = "cents of a run fit many times over")]
fn dollars(usage: &Usage) -> String {
    let known = format!("${:.4}", usage.cost.0 as f64 / 1e12);
    match usage.unpriced {
        0 => known,
        n if n == usage.attempts => "unknown".to_owned(),
        _ => format!("{known} and more"),
    }
}

/// What one role's calls came to, as JSON has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RoleSpent {
    calls: u64,
    failed: u64,
    usage: Spent,
}

/// By role.
pub(super) fn by_role(ledger: &Ledger) -> BTreeMap<String, RoleSpent> {
    let wire = |account: &Account| RoleSpent {
        calls: account.calls,
        failed: account.failed,
        usage: Spent::from(&account.usage),
    };
    ledger
        .iter()
        .map(|(role, account)| (role.to_string(), wire(account)))
        .collect()
}

/// A line for each role; nothing where nobody was called.
pub(super) fn listed(ledger: &Ledger, paint: Paint) -> String {
    if ledger.is_empty() {
        return String::new();
    }
    let cells: Vec<Vec<String>> = ledger
        .iter()
        .map(|(role, account)| {
            let usage = &account.usage;
            let mut cells = vec![role.to_string()];
            cells.extend(
                [
                    account.calls,
                    account.failed,
                    usage.retries,
                    usage.input,
                    usage.output,
                    usage.cached,
                    usage.cache_write,
                ]
                .map(|n| n.to_string()),
            );
            cells.push(dollars(usage));
            cells
        })
        .collect();
    let head = [
        "all processes",
        "calls",
        "failed",
        "retries",
        "tokens in",
        "out",
        "cached",
        "cache write",
        "cost",
    ];
    table(&head, &cells, paint)
}
