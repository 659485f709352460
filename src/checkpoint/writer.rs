//! Writing: a run under way records what it has done, each result durable before it counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::album::{Album, Shelf};
use super::envelope;
use super::error::CheckpointError;
use super::format::{VERSION, v1};
use super::id::Stamp;
use super::journal::commit::Committer;
use super::lock::RunLock;
use super::record::{Record, RunHeader, RunRecord, RunResults, RunStatus, Session};
use super::snapshot;
use super::store::CheckpointStore;
use crate::model::run::RunState;

/// Name of the run's place in history, in its folder.
pub(crate) const RUN_FILE: &str = "run";

const RUN_MAGIC: &str = "twinscribe-run";

/// A run that may write. It holds the folder's lock; shared by reference between all tasks of the run.
#[derive(Debug)]
pub struct RunWriter {
    store: CheckpointStore,
    run: Stamp,
    folder: PathBuf,
    header: RunHeader,
    committer: Committer,
    album: Mutex<Album>,
    /// The latest snapshot that was handed over.
    latest: Mutex<Option<Stamp>>,
    _lock: RunLock,
}

impl RunWriter {
    pub(crate) fn new(
        store: &CheckpointStore,
        run: Stamp,
        header: RunHeader,
        committer: Committer,
        lock: RunLock,
    ) -> Result<Self, CheckpointError> {
        let folder = store.folder_of(&run);
        Ok(Self {
            album: Mutex::new(Album::start(&folder)?),
            latest: Mutex::new(None),
            folder,
            store: store.clone(),
            run,
            header,
            committer,
            _lock: lock,
        })
    }

    /// The run's id.
    pub fn run_id(&self) -> String {
        self.run.id()
    }

    /// What the run was started with, overrides included.
    pub fn header(&self) -> &RunHeader {
        &self.header
    }

    /// Saves a record. It is on disk when the future is done; records of many tasks share one flush. Records are
    /// written in the order of the calls, whether or not anybody waits for them.
    ///
    /// After an error nothing more is saved by this writer.
    pub fn record(&self, record: Record) -> impl Future<Output = Result<(), CheckpointError>> + Send + use<> {
        let submitted = self.committer.submit(record);
        async move { submitted.await.map(drop) }
    }

    /// Saves a snapshot and prunes old ones; returns its id once it is in place.
    ///
    /// `state` is that of the start of the iteration in progress, and holds every change of phase and every end of an
    /// iteration that was recorded; drafts of the iteration in progress stay in the journal.
    pub fn snapshot(&self, state: &RunState) -> Result<String, CheckpointError> {
        let (shelf, stamp, sealed) = self.sealed(state)?;
        shelf.put(&stamp, &sealed)?;
        Ok(stamp.id())
    }

    /// The same without waiting for the disk; [`RunWriter::finish`] and [`RunWriter::stop`] do, and tell of what
    /// failed, as does the next snapshot.
    pub fn snapshot_soon(&self, state: &RunState) -> Result<String, CheckpointError> {
        let (shelf, stamp, sealed) = self.sealed(state)?;
        let id = stamp.id();
        self.album().submit(shelf, stamp, sealed)?;
        Ok(id)
    }

    fn sealed(&self, state: &RunState) -> Result<(Shelf, Stamp, Vec<u8>), CheckpointError> {
        let now = self.store.now();
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.store.next_stamp(&self.run, latest.as_ref(), now)?;
        *latest = Some(stamp.clone());
        let sealed = snapshot::sealed(now, self.committer.last(), &self.header, state)?;
        let shelf = Shelf {
            disk: self.store.disk().clone(),
            folder: self.folder.clone(),
            run_id: self.run_id(),
            most: self.header.options.checkpoints.max,
        };
        Ok((shelf, stamp, sealed))
    }

    fn album(&self) -> MutexGuard<'_, Album> {
        self.album.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts other options or paths in place of those the run was started with.
    pub async fn amend(&mut self, header: RunHeader) -> Result<(), CheckpointError> {
        self.record(Record::HeaderChanged(Box::new(header.clone()))).await?;
        self.header = header;
        let header = self.header.clone();
        self.update(move |run| run.header = header)
    }

    /// Ends the run: its package is written.
    pub async fn finish(&self, results: RunResults) -> Result<(), CheckpointError> {
        self.album().close()?;
        self.record(Record::Finished).await?;
        let now = self.store.now();
        self.update(move |run| {
            run.status = RunStatus::Completed;
            run.results = Some(results);
            end_session(run, now, None);
        })
    }

    /// Notes in the history that the run stops here and why; it can be resumed. `status` is failed where an error
    /// ended it, unfinished where a person, a signal or a budget did.
    pub fn stop(&self, status: RunStatus, reason: &str) -> Result<(), CheckpointError> {
        let closed = self.album().close();
        let now = self.store.now();
        self.update(|run| {
            run.status = status;
            end_session(run, now, Some(reason.to_owned()));
        })?;
        closed
    }

    fn update(&self, change: impl FnOnce(&mut RunRecord)) -> Result<(), CheckpointError> {
        let mut run = read_run(&self.folder)?;
        change(&mut run);
        write_run(&self.store, &self.folder, &run)
    }
}

fn end_session(run: &mut RunRecord, at: SystemTime, reason: Option<String>) {
    if let Some(session) = run.sessions.last_mut() {
        session.ended_at = Some(at);
        session.reason = reason;
    }
}

/// The record of a run that begins.
pub(crate) fn first_record(id: String, header: &RunHeader) -> RunRecord {
    RunRecord {
        id,
        header: header.clone(),
        status: RunStatus::Unfinished,
        sessions: vec![Session {
            started_at: header.created_at,
            program: header.program.clone(),
            ended_at: None,
            reason: None,
        }],
        results: None,
    }
}

/// The bytes of a run's record.
pub(crate) fn sealed_run(run: &RunRecord) -> Result<Vec<u8>, CheckpointError> {
    Ok(envelope::seal(RUN_MAGIC, VERSION, &[], &v1::encode_run(run)?))
}

/// Puts a run's record in place.
pub(crate) fn write_run(store: &CheckpointStore, folder: &Path, run: &RunRecord) -> Result<(), CheckpointError> {
    store.disk().save(&folder.join(RUN_FILE), &sealed_run(run)?)
}

/// Reads a run's record.
pub(crate) fn read_run(folder: &Path) -> Result<RunRecord, CheckpointError> {
    let path = folder.join(RUN_FILE);
    let bytes = fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => CheckpointError::damaged(&path, "it is missing"),
        _ => CheckpointError::io("read", &path, e),
    })?;
    let (_, payload) = envelope::open(RUN_MAGIC, VERSION, &path, &bytes)?;
    v1::decode_run(payload).map_err(|reason| CheckpointError::foreign(&path, reason))
}
