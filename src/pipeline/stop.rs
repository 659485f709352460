//! Stopping a run from outside: a flag that can be set from anywhere and waited for.

use std::sync::Arc;

use tokio::sync::watch;

/// A request to stop, shared by all its clones; once made it stays.
#[derive(Clone, Debug)]
pub struct Stop {
    flag: Arc<watch::Sender<bool>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// A request that nobody has made yet.
    pub fn new() -> Self {
        Self {
            flag: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Asks the run to stop: it saves its state and returns.
    pub fn request(&self) {
        self.flag.send_replace(true);
    }

    /// Whether somebody has asked.
    pub fn is_requested(&self) -> bool {
        *self.flag.borrow()
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.flag.subscribe().wait_for(|asked| *asked).await;
    }
}
