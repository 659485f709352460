//! What calls used up, as it is printed: tokens, dollars, and what of them is not known.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::output::table;
use crate::model::usage::{Account, Ledger, Usage, total};
use crate::report::metrics::UsageForm;
use crate::report::paint::Paint;

/// What was used up, as it is printed and as JSON has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Spent {
    #[serde(flatten)]
    form: UsageForm,
    #[serde(skip)]
    usage: Usage,
}

impl From<&Usage> for Spent {
    fn from(usage: &Usage) -> Self {
        Self {
            form: UsageForm::from(usage),
            usage: *usage,
        }
    }
}

impl Spent {
    pub(super) fn attempts(&self) -> u64 {
        self.usage.attempts
    }

    pub(super) fn retries(&self) -> u64 {
        self.usage.retries
    }

    pub(super) fn tokens(&self) -> u64 {
        self.usage.tokens()
    }

    /// Tokens by heading, as far as there are any.
    pub(super) fn tokens_in_words(&self) -> String {
        let mut words = format!("{} tokens in, {} out", self.usage.input, self.usage.output);
        for (n, what) in [
            (self.usage.cached, "cached"),
            (self.usage.cache_write, "written to the cache"),
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
