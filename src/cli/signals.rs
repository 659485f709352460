//! Signals: the first interrupt or termination asks the run to stop cleanly, the second ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

use super::failure::Kind;

/// What has been asked of the process so far.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    first: Arc<AtomicU8>,
    count: watch::Receiver<u8>,
}

const INTERRUPT: u8 = 1;
const TERMINATE: u8 = 2;

impl Signals {
    /// Listens from now on; needs a runtime with a thread of its own.
    pub(crate) fn listen() -> Self {
        survive_size_limits();
        let first = Arc::new(AtomicU8::new(0));
        let (sender, count) = watch::channel(0_u8);
        let seen = Arc::clone(&first);
        tokio::spawn(async move {
            loop {
                let which = next().await;
                // Only the first one counts for the exit code.
                _ = seen.compare_exchange(0, which, Ordering::SeqCst, Ordering::SeqCst);
                sender.send_modify(|n| *n = n.saturating_add(1));
            }
        });
        Self { first, count }
    }

    /// Waits until so many signals have come.
    pub(crate) async fn at_least(&self, wanted: u8) {
        let mut count = self.count.clone();
        if count.wait_for(|&n| n >= wanted).await.is_err() {
            // The listening task is gone with the runtime; no signal will come.
            std::future::pending::<()>().await;
        }
    }

    /// What sort of end the first signal asked for, if one came.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self.first.load(Ordering::SeqCst) {
            INTERRUPT => Some(Kind::Interrupted),
            TERMINATE => Some(Kind::Terminated),
            _ => None,
        }
    }
}

/// A file that grows past a limit of the system is an error like any other, which says on which file; left alone the
/// signal would end the process without a word.
#[cfg(unix)]
fn survive_size_limits() {
    /// `SIGXFSZ`, the same on every Unix that this program runs on.
    const FILE_TOO_LARGE: i32 = 25;
    let kind = tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE);
    // Listening replaces what the signal does, for the life of the process; where it cannot, it stays as it is.
    _ = tokio::signal::unix::signal(kind);
}

#[cfg(not(unix))]
fn survive_size_limits() {}

#[cfg(unix)]
async fn next() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        _ = tokio::signal::ctrl_c().await;
        return INTERRUPT;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => INTERRUPT,
        _ = terminate.recv() => TERMINATE,
    }
}

#[cfg(not(unix))]
async fn next() -> u8 {
    _ = tokio::signal::ctrl_c().await;
    INTERRUPT
}
