//! What calls took and cost: tokens, money, attempts, and who answered.
//!
//! Embedded streams cost nothing and report nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::component::Name;
use super::documentation::{Correction, StreamId};
use super::ticket::Decision;

/// An amount of money, in millionths of a millionth of a US dollar: prices are dollars per million tokens with up to
/// six decimals, so every price of a token is a whole number of these, and sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cost(pub u64);

/// Units of a [`Cost`] in a dollar.
const DOLLAR: u64 = 1_000_000_000_000;

impl Cost {
    /// The sum, or the largest amount there is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Cost {
    /// Dollars with two decimals, rounded so that a bound stays one: `0.13`.
    pub fn to_cents(self, rounding: Rounding) -> String {
        let cent = DOLLAR / 100;
        let cents = match rounding {
            Rounding::Down => self.0 / cent,
            Rounding::Up => self.0.div_ceil(cent),
        };
        format!("{}.{:02}", cents / 100, cents % 100)
    }
}

/// Which way a cost is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// For a lower bound.
    Down,
    /// For an upper bound.
    Up,
}

/// Dollars, exactly: `0.00315`.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, rest) = (self.0 / DOLLAR, self.0 % DOLLAR);
        let decimals = format!("{rest:012}");
        let decimals = decimals.trim_end_matches('0');
        match decimals {
            "" => write!(f, "{dollars}"),
            decimals => write!(f, "{dollars}.{decimals}"),
        }
    }
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let amount = || {
            let (dollars, decimals) = text.split_once('.').unwrap_or((text, "0"));
            let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if !all_digits(dollars) || !all_digits(decimals) || decimals.len() > 12 {
                return None;
            }
            let rest: u64 = format!("{decimals:0<12}").parse().ok()?;
            dollars.parse::<u64>().ok()?.checked_mul(DOLLAR)?.checked_add(rest)
        };
        amount()
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no amount of dollars"))
    }
}

/// What was used up. Each token counts under one heading only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that left the machine: none where the response cache had the answer.
    pub attempts: u64,
    /// Of these, those after the first of a call.
    pub retries: u64,
    /// Tokens of prompts, without those of the provider's prompt cache.
    pub input: u64,
    /// Tokens of answers, thinking included.
    pub output: u64,
    /// Tokens of prompts that the provider had in its cache.
    pub cached: u64,
    /// Tokens of prompts that the provider put into its cache.
    pub cache_write: u64,
    /// What all that cost, as far as prices are known.
    pub cost: Cost,
    /// Attempts whose price is not known.
    pub unpriced: u64,
}

impl Usage {
    /// Adds what was used up elsewhere.
    pub fn add(&mut self, other: &Self) {
        let sums = [
            (&mut self.attempts, other.attempts),
            (&mut self.retries, other.retries),
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cached, other.cached),
            (&mut self.cache_write, other.cache_write),
            (&mut self.unpriced, other.unpriced),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
        self.cost = self.cost.plus(other.cost);
    }

    /// Tokens under all headings.
    pub fn tokens(&self) -> u64 {
        [self.input, self.output, self.cached, self.cache_write]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

/// Who is called, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Describes components.
    Documenter(StreamId),
    /// Looks through a stream's drafts, after the facts have.
    Validator(StreamId),
    /// Decides between the streams.
    Arbiter,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documenter(StreamId::A) => "documenter A",
            Self::Documenter(StreamId::B) => "documenter B",
            Self::Validator(StreamId::A) => "validator A",
            Self::Validator(StreamId::B) => "validator B",
            Self::Arbiter => "arbiter",
        })
    }
}

/// Which question was put to whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId {
    /// Who was asked.
    pub role: Role,
    /// Id of the component.
    pub component: Name,
    /// The iteration, from 1.
    pub iteration: u32,
    /// Which part of a component that is documented in parts, from 1.
    pub part: Option<u32>,
    /// The key of the discrepancy that is to be decided.
    pub discrepancy: Option<String>,
}

impl CallId {
    /// A call for the draft of a whole component.
    pub fn for_draft(stream: StreamId, component: Name, iteration: u32) -> Self {
        Self {
            role: Role::Documenter(stream),
            component,
            iteration,
            part: None,
            discrepancy: None,
        }
    }
}

/// What one call took and cost, and where its answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// How long it took, retries included.
    pub took: Duration,
    /// What it used up, retries included.
    pub usage: Usage,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    /// The version of the prompt.
    pub prompt: Option<String>,
    /// The key of the answer in the response cache.
    pub response: Option<String>,
}

/// What the calls of one role have come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Calls that were answered or have failed.
    pub calls: u64,
    /// Of these, those that have failed.
    pub failed: u64,
    /// What they used up.
    pub usage: Usage,
}

impl Account {
    /// Adds one call.
    pub fn charge(&mut self, receipt: &Receipt, has_failed: bool) {
        self.calls += 1;
        self.failed += u64::from(has_failed);
        self.usage.add(&receipt.usage);
    }

    /// Adds the calls of another account.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.usage.add(&other.usage);
    }
}

/// What the calls of every role have come to.
pub type Ledger = BTreeMap<Role, Account>;

/// Adds one ledger to another.
pub fn add_up(ledger: &mut Ledger, other: &Ledger) {
    for (&role, account) in other {
        ledger.entry(role).or_default().add(account);
    }
}

/// The sum of all accounts.
pub fn total(ledger: &Ledger) -> Account {
    let mut total = Account::default();
    for account in ledger.values() {
        total.add(account);
    }
    total
}

/// What a validator says of a draft.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validation {
    /// The draft, as the hash of what it says: [`super::documentation::Draft::meaning`].
    pub draft: u64,
    /// Why it is of no use as a whole; none where it is.
    pub rejected: Option<String>,
    /// What is wrong with single claims.
    pub objections: Vec<Objection>,
}

/// What a validator has against a claim, or misses.
#[derive(Clone, Debug, PartialEq)]
pub struct Objection {
    /// What the stream is told.
    pub correction: Correction,
    /// How sure the validator is, from 0 to 1.
    pub confidence: f32,
}

/// What an arbiter has decided about a discrepancy.
#[derive(Clone, Debug, PartialEq)]
pub struct Arbitration {
    /// Id of the component.
    pub component: Name,
    /// For whom, or what instead.
    pub decision: Decision,
    /// Why.
    pub rationale: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_in_cents_stay_bounds() {
        let cost: Cost = "0.135".parse().unwrap();
        assert_eq!(cost.to_cents(Rounding::Down), "0.13");
        assert_eq!(cost.to_cents(Rounding::Up), "0.14");
        let whole: Cost = "798".parse().unwrap();
        assert_eq!(whole.to_cents(Rounding::Up), "798.00");
        assert_eq!(Cost(u64::MAX).to_cents(Rounding::Up), "18446744.08");
    }

    #[test]
    fn cost_is_spelled_exactly_and_read_back() {
        for (amount, text) in [
            (0, "0"),
            (1, "0.000000000001"),
            (3_150_000_000, "0.00315"),
            (DOLLAR, "1"),
            (12 * DOLLAR + DOLLAR / 2, "12.5"),
            (u64::MAX, "18446744.073709551615"),
        ] {
            assert_eq!(Cost(amount).to_string(), text);
            assert_eq!(text.parse(), Ok(Cost(amount)));
        }
        for text in ["", ".", "1.", "-1", "1e3", "0.0000000000001", "18446745", "١"] {
            assert!(text.parse::<Cost>().is_err(), "{text}");
        }
    }

    #[test]
    fn ledgers_add_up_and_never_overflow() {
        let usage = Usage {
            attempts: 2,
            retries: 1,
            input: u64::MAX,
            output: 3,
            cost: Cost(5),
            ..Usage::default()
        };
        let receipt = Receipt {
            usage,
            ..Receipt::default()
        };
        let mut ledger = Ledger::new();
        let role = Role::Validator(StreamId::B);
        ledger.entry(role).or_default().charge(&receipt, false);
        let mut sum = ledger.clone();
        sum.entry(Role::Arbiter).or_default().charge(&receipt, true);
        add_up(&mut sum, &ledger);
        assert_eq!(sum[&role].calls, 2);
        let total = total(&sum);
        assert_eq!((total.calls, total.failed, total.usage.retries), (3, 1, 3));
        assert_eq!((total.usage.cost, total.usage.tokens()), (Cost(15), u64::MAX));
    }
}
