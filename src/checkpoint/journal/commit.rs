//! Group commit: many tasks record, one thread spells and writes, and one flush serves all that came in during the last
//! one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Journal;
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::format::v1;
use crate::checkpoint::record::Record;

/// Bytes after which a batch is written even though more is waiting, so that memory stays bounded.
const LARGEST_BATCH: usize = 8 << 20;

/// How long a batch waits for a record more: a result is followed at once by the intents that it makes possible, and
/// one flush for both is worth more than the wait.
const GATHERING: Duration = Duration::from_micros(150);

struct Waiting {
    record: Record,
    done: oneshot::Sender<Result<u64, CheckpointError>>,
}

/// The writing thread and the way to it; dropping it writes what is waiting and ends the thread.
#[derive(Debug)]
pub(crate) struct Committer {
    inbox: Option<mpsc::Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
    last: Arc<AtomicU64>,
}

impl Committer {
    /// Starts the thread.
    pub(crate) fn start(journal: Journal) -> Result<Self, CheckpointError> {
        let (inbox, waiting) = mpsc::channel();
        let last = Arc::new(AtomicU64::new(journal.last));
        let path = journal.path.clone();
        let committed = Arc::clone(&last);
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(journal, &waiting, &committed))
            .map_err(|e| CheckpointError::io("start a thread for", &path, e))?;
        Ok(Self {
            inbox: Some(inbox),
            thread: Some(thread),
            last,
        })
    }

    /// Sequence of the last record on disk.
    pub(crate) fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    /// Hands a record over at once; what is returned is done when it is on disk, or cannot be.
    pub(crate) fn submit(&self, record: Record) -> impl Future<Output = Result<u64, CheckpointError>> + use<> {
        let (done, outcome) = oneshot::channel();
        let inbox = self.inbox.as_ref().expect("the inbox closes only on drop");
        let accepted = inbox.send(Waiting { record, done }).is_ok();
        async move {
            match outcome.await {
                Ok(result) => result,
                Err(_) => Err(CheckpointError::Unsayable {
                    what: "a journal record",
                    reason: if accepted {
                        "the journal's thread has died".to_owned()
                    } else {
                        "the journal is closed".to_owned()
                    },
                }),
            }
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.inbox.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has already been reported to every waiting task.
            let _ = thread.join();
        }
    }
}

/// Records that are written together, spelled, with who waits for them.
#[derive(Default)]
struct Batch {
    payloads: Vec<Vec<u8>>,
    bytes: usize,
    waiting: Vec<oneshot::Sender<Result<u64, CheckpointError>>>,
}

impl Batch {
    /// Spells a record here, so that no run waits for that.
    fn add(&mut self, Waiting { record, done }: Waiting) {
        match v1::encode_record(&record) {
            Ok(payload) => {
                self.bytes += payload.len();
                self.payloads.push(payload);
                self.waiting.push(done);
            }
            // As above: nobody has to be there to hear of it.
            Err(error) => _ = done.send(Err(error)),
        }
    }
}

fn write(mut journal: Journal, inbox: &mpsc::Receiver<Waiting>, last: &AtomicU64) {
    while let Ok(first) = inbox.recv() {
        let mut batch = Batch::default();
        batch.add(first);
        while batch.bytes < LARGEST_BATCH {
            let Ok(next) = inbox.recv_timeout(GATHERING) else { break };
            batch.add(next);
        }
        if batch.waiting.is_empty() {
            continue;
        }
        let outcome = journal.append(batch.payloads.iter().map(Vec::as_slice));
        last.store(journal.last, Ordering::Release);
        for done in batch.waiting {
            // A task that no longer waits has been cancelled; its record stands all the same.
            let _ = done.send(outcome.clone());
        }
    }
}
