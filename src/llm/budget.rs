//! The run's budget: what it may cost and how many requests it may send, both streams together.
//!
//! Every attempt reserves what it can cost at most before it leaves, so no limit is ever passed. Where nothing is left
//! but some of it is only reserved, an attempt waits until that is known.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::model::usage::Cost;

/// A budget shared by all lines of a run.
#[derive(Debug, Default)]
pub struct Budget {
    max_cost: Option<Cost>,
    max_calls: Option<u64>,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    spent: Cost,
    reserved: Cost,
    /// Requests that have left.
    calls: u64,
    /// Reservations that are not settled.
    open: u64,
}

/// Why no further request may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// Its cost could pass the limit.
    #[error("the next request could cost more than what is left of {limit} dollars, of which {spent} are spent")]
    Cost {
        /// The limit.
        limit: Cost,
        /// What is spent.
        spent: Cost,
    },
    /// The number of requests is used up.
    #[error("all of the {limit} requests that the run may send are sent")]
    Calls {
        /// The limit.
        limit: u64,
    },
}

/// Something reserved; dropping it without settling costs all of it, because nobody knows better.
#[derive(Debug)]
pub(super) struct Reservation<'a> {
    budget: &'a Budget,
    at_most: Cost,
    settled: bool,
}

impl Budget {
    /// A budget with these limits.
    pub fn new(max_cost: Option<Cost>, max_calls: Option<u64>) -> Self {
        Self {
            max_cost,
            max_calls,
            ..Self::default()
        }
    }

    /// Takes in what was used up before.
    pub fn take_in(&self, cost: Cost, calls: u64) {
        let mut state = self.lock();
        state.spent = state.spent.plus(cost);
        state.calls = state.calls.saturating_add(calls);
    }

    /// Whether there is a limit in dollars.
    pub fn limits_cost(&self) -> bool {
        self.max_cost.is_some()
    }

    /// What was spent so far, and how many requests were sent.
    pub fn used(&self) -> (Cost, u64) {
        let state = self.lock();
        (state.spent, state.calls)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves an attempt that can cost so much.
    pub(super) async fn reserve(&self, at_most: Cost) -> Result<Reservation<'_>, Exhausted> {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on no settling goes unnoticed.
            freed.as_mut().enable();
            match self.try_reserve(at_most) {
                Ok(true) => {
                    return Ok(Reservation {
                        budget: self,
                        at_most,
                        settled: false,
                    });
                }
                Ok(false) => freed.await,
                Err(exhausted) => return Err(exhausted),
            }
        }
    }

    /// Whether there is room; an error where there never will be.
    fn try_reserve(&self, at_most: Cost) -> Result<bool, Exhausted> {
        let mut state = self.lock();
        if let Some(limit) = self.max_calls
            && state.calls >= limit
        {
            return Err(Exhausted::Calls { limit });
        }
        if let Some(limit) = self.max_cost
            && state.spent.plus(state.reserved).plus(at_most) > limit
        {
            let hopeless = state.open == 0 || state.spent.plus(at_most) > limit;
            return match hopeless {
                true => Err(Exhausted::Cost {
                    limit,
                    spent: state.spent,
                }),
                false => Ok(false),
            };
        }
        state.calls += 1;
        state.open += 1;
        state.reserved = state.reserved.plus(at_most);
        Ok(true)
    }
}

impl Reservation<'_> {
    /// Replaces what was reserved by what it came to.
    pub(super) fn settle(mut self, cost: Cost) {
        self.close(cost);
    }

    fn close(&mut self, cost: Cost) {
        if !std::mem::replace(&mut self.settled, true) {
            let mut state = self.budget.lock();
            state.open -= 1;
            state.reserved = Cost(state.reserved.0.saturating_sub(self.at_most.0));
            state.spent = state.spent.plus(cost);
            drop(state);
            self.budget.freed.notify_waiters();
        }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.close(self.at_most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn no_limit_is_ever_passed_and_what_was_not_needed_is_free_again() {
        block_on(async {
            let budget = Budget::new(Some(Cost(100)), None);
            budget.take_in(Cost(10), 0);
            let first = budget.reserve(Cost(60)).await.unwrap();
            // 90 are left, 60 of them reserved: whoever needs 50 waits for what becomes of those.
            let waiting = budget.reserve(Cost(50));
            tokio::pin!(waiting);
            assert!(futures_util::future::poll_immediate(&mut waiting).await.is_none());
            first.settle(Cost(5));
            let second = waiting.await.unwrap();
            drop(second);
            assert_eq!(budget.used(), (Cost(65), 2));
            let refused = budget.reserve(Cost(36)).await.unwrap_err();
            assert!(matches!(refused, Exhausted::Cost { .. }), "{refused}");
            budget.reserve(Cost(35)).await.unwrap().settle(Cost(35));
        });
    }

    #[test]
    fn requests_are_counted_when_they_leave() {
        block_on(async {
            let budget = Budget::new(None, Some(2));
            budget.take_in(Cost(0), 1);
            budget.reserve(Cost(0)).await.unwrap().settle(Cost(0));
            assert_eq!(
                budget.reserve(Cost(0)).await.unwrap_err(),
                Exhausted::Calls { limit: 2 }
            );
        });
    }
}
