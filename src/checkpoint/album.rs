//! Snapshots off the hot path: a run hands over their bytes and goes on, a thread puts them in place one after the
//! other. Nothing is weakened by that: until one is in place, the journal says the same.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::disk::Disk;
use super::error::CheckpointError;
use super::id::Stamp;
use super::snapshot;

/// Snapshots that wait to be written, at most: each is as large as the state.
const MOST_WAITING: usize = 2;

/// Where the snapshots of a run go.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) disk: Disk,
    pub(crate) folder: PathBuf,
    pub(crate) run_id: String,
    /// How many are kept.
    pub(crate) most: usize,
}

impl Shelf {
    /// Puts a snapshot in place and prunes old ones.
    pub(crate) fn put(&self, stamp: &Stamp, sealed: &[u8]) -> Result<(), CheckpointError> {
        let id = stamp.id();
        self.disk.save(&self.folder.join(&id), sealed)?;
        snapshot::prune(&self.folder, &self.run_id, &id, self.most)
    }
}

/// The thread that puts snapshots in place; dropping it writes what is waiting.
#[derive(Debug)]
pub(crate) struct Album {
    inbox: Option<SyncSender<(Shelf, Stamp, Vec<u8>)>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<Mutex<Option<CheckpointError>>>,
}

impl Album {
    /// Starts the thread.
    pub(crate) fn start(folder: &std::path::Path) -> Result<Self, CheckpointError> {
        let (inbox, waiting) = mpsc::sync_channel(MOST_WAITING);
        let failed = Arc::new(Mutex::new(None));
        let tell = Arc::clone(&failed);
        let thread = thread::Builder::new()
            .name("snapshots".to_owned())
            .spawn(move || write(&waiting, &tell))
            .map_err(|e| CheckpointError::io("start a thread for", folder, e))?;
        Ok(Self {
            inbox: Some(inbox),
            thread: Some(thread),
            failed,
        })
    }

    /// Hands a snapshot over; waits only where several are waiting already. Fails where an earlier one could not be
    /// written.
    pub(crate) fn submit(&self, shelf: Shelf, stamp: Stamp, sealed: Vec<u8>) -> Result<(), CheckpointError> {
        self.failure()?;
        if let Some(inbox) = &self.inbox {
            // The thread ends only when the inbox closes.
            let _ = inbox.send((shelf, stamp, sealed));
        }
        Ok(())
    }

    /// Waits until all that was handed over is in place.
    pub(crate) fn close(&mut self) -> Result<(), CheckpointError> {
        drop(self.inbox.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been reported by the runtime; what it left is what a crash would have left.
            let _ = thread.join();
        }
        self.failure()
    }

    fn failure(&self) -> Result<(), CheckpointError> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.clone().map_or(Ok(()), Err)
    }
}

impl Drop for Album {
    fn drop(&mut self) {
        // Whoever wanted to know has closed it.
        let _ = self.close();
    }
}

fn write(waiting: &Receiver<(Shelf, Stamp, Vec<u8>)>, failed: &Mutex<Option<CheckpointError>>) {
    for (shelf, stamp, sealed) in waiting {
        if let Err(error) = shelf.put(&stamp, &sealed) {
            failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(error);
            return;
        }
    }
}
