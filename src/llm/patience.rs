//! Patience: how long to wait before the next attempt, and when to give a provider up.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::{ErrorKind, LlmError};

/// Longest wait between two attempts that nobody asked for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Longest wait that a provider may ask for; beyond it, it is as good as gone, and the run can be resumed.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Calls in a row that may fail for good before the provider is given up.
const MOST_FAILURES: u32 = 3;

/// What is known of a provider's mood.
#[derive(Debug)]
pub(super) struct Patience {
    retries: u32,
    first_wait: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Before then nothing is sent.
    quiet_until: Option<Instant>,
    failures: u32,
    has_answered: bool,
    /// Why it was given up.
    dead: Option<String>,
}

impl Patience {
    pub(super) fn new(retries: u32, first_wait: Duration) -> Self {
        Self {
            retries,
            first_wait,
            state: Mutex::default(),
        }
    }

    pub(super) fn retries(&self) -> u32 {
        self.retries
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the provider was given up, if it was.
    pub(super) fn dead(&self) -> Option<String> {
        self.lock().dead.clone()
    }

    /// Waits until the provider wants to hear from us again.
    pub(super) async fn wait_for_quiet(&self) {
        loop {
            let until = self.lock().quiet_until;
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }

    /// Takes in that the provider wants to be left alone.
    pub(super) fn keep_quiet(&self, pause: Duration) {
        let until = Instant::now() + pause.min(LONGEST_WAIT);
        let mut state = self.lock();
        state.quiet_until = state.quiet_until.max(Some(until));
    }

    /// How long to wait after the failed attempt of this number, from 0; none where another would be of no use.
    pub(super) fn wait_after(&self, attempt: u32, error: &LlmError) -> Option<Duration> {
        if !error.kind.may_pass() || attempt >= self.retries {
            return None;
        }
        match error.retry_after {
            Some(asked) if asked > LONGEST_WAIT => None,
            // A little more than what was asked for, or all who wait come back at once.
            Some(asked) => Some(asked + self.first_wait.mul_f64(jitter() / 4.0)),
            None => {
                let wait = self
                    .first_wait
                    .saturating_mul(1_u32 << attempt.min(16))
                    .min(LONGEST_BACKOFF);
                Some(wait.mul_f64(0.5 + jitter() / 2.0))
            }
        }
    }

    /// Takes in how a call ended; returns whether the provider is given up because of it.
    pub(super) fn ended(&self, error: Option<&LlmError>) -> bool {
        let mut state = self.lock();
        let Some(error) = error else {
            state.failures = 0;
            state.has_answered = true;
            return false;
        };
        if error.kind == ErrorKind::Budget {
            return false;
        }
        // One question that is too long says nothing of the others.
        state.failures += u32::from(error.kind.may_pass() || !state.has_answered);
        let unreachable = !state.has_answered && matches!(error.kind, ErrorKind::Network | ErrorKind::Timeout);
        let waits_too_long = error.retry_after.is_some_and(|asked| asked > LONGEST_WAIT);
        let is_over = error.kind.is_final() || unreachable || waits_too_long || state.failures >= MOST_FAILURES;
        if is_over && state.dead.is_none() {
            state.dead = Some(error.message.clone());
        }
        is_over
    }
}

/// A share between 0 and 1 that nobody can foresee.
fn jitter() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 40;
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    let share = bits as f64 / (1_u64 << 24) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, retry_after: Option<u64>) -> LlmError {
        LlmError {
            retry_after: retry_after.map(Duration::from_secs),
            ..LlmError::new(kind, "why")
        }
    }

    #[test]
    fn waits_grow_and_end_and_what_is_asked_for_is_obeyed() {
        let patience = Patience::new(3, Duration::from_secs(1));
        let wait = |attempt, error: &LlmError| patience.wait_after(attempt, error).map(|w| w.as_secs_f64());
        let overloaded = error(ErrorKind::Overloaded, None);
        for (attempt, least) in [(0, 0.5), (1, 1.0), (2, 2.0)] {
            let waited = wait(attempt, &overloaded).unwrap();
            assert!((least..=2.0 * least).contains(&waited), "{attempt}: {waited}");
        }
        assert_eq!(wait(3, &overloaded), None);
        let asked = wait(0, &error(ErrorKind::RateLimit, Some(7))).unwrap();
        assert!((7.0..=7.25).contains(&asked), "{asked}");
        assert_eq!(wait(0, &error(ErrorKind::RateLimit, Some(3600))), None);
        for kind in [
            ErrorKind::Auth,
            ErrorKind::Quota,
            ErrorKind::BadRequest,
            ErrorKind::TooLarge,
        ] {
            assert_eq!(wait(0, &error(kind, None)), None, "{kind:?}");
        }
    }

    #[test]
    fn a_provider_is_given_up_for_good_reasons_only() {
        let ended = |errors: &[ErrorKind]| {
            let patience = Patience::new(0, Duration::ZERO);
            assert!(!patience.ended(None));
            errors
                .iter()
                .map(|kind| patience.ended(Some(&error(*kind, None))))
                .collect::<Vec<_>>()
        };
        assert_eq!(ended(&[ErrorKind::Auth]), [true]);
        assert_eq!(ended(&[ErrorKind::Quota]), [true]);
        assert_eq!(ended(&[ErrorKind::Network; 3]), [false, false, true]);
        assert_eq!(ended(&[ErrorKind::BadRequest; 4]), [false; 4]);
        assert_eq!(ended(&[ErrorKind::Budget; 4]), [false; 4]);
        let fresh = Patience::new(0, Duration::ZERO);
        assert!(
            fresh.ended(Some(&error(ErrorKind::Network, None))),
            "nobody was ever there"
        );
        assert_eq!(fresh.dead().as_deref(), Some("why"));
    }
}
