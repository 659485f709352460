//! The checkpoint folder: which runs it holds, and how one is begun or taken up again.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use super::disk::{self, Disk};
use super::error::CheckpointError;
use super::format::v1;
use super::id::Stamp;
use super::journal::commit::Committer;
use super::journal::{self, Journal};
use super::lock::{self, RunLock};
use super::record::{Record, Restatement, RunHeader, RunRecord, RunStatus, Session};
use super::recover::{Recovered, Recovery, recover};
use super::snapshot::{self, CheckpointSummary};
use super::writer::{self, RUN_FILE, RunWriter};
use crate::config::Config;

/// What begins the name of a folder that is not yet, or no longer, a run's.
const UNFINISHED: &str = ".unfinished_";

/// The sub-folder of a run's folder with what it keeps for `report` and `runs`.
pub(crate) const FILES: &str = "files";

/// Where the store reads the time.
#[derive(Clone)]
struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A checkpoint folder. Copies share one lock.
#[derive(Clone, Debug)]
pub struct CheckpointStore {
    dir: PathBuf,
    clock: Clock,
    disk: Disk,
    lock: Arc<Mutex<Weak<File>>>,
}

/// The runs of a folder.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// Those whose record can be read, oldest first.
    pub runs: Vec<RunRecord>,
    /// The ids of the others, with what is wrong with them.
    pub damaged: Vec<(String, CheckpointError)>,
}

impl CheckpointStore {
    /// Opens a checkpoint folder, creating it where there is none. A new folder of the default name gets a
    /// `.gitignore` that hides what is in it.
    pub fn open(dir: &Path) -> Result<Self, CheckpointError> {
        let is_new = !dir.exists();
        fs::create_dir_all(dir).map_err(|e| CheckpointError::io("create", dir, e))?;
        let store = Self::open_existing(dir)?;
        let is_default = dir.file_name() == Config::default().checkpoints.dir.file_name();
        if is_new && is_default {
            store.disk.save(&store.dir.join(".gitignore"), b"*\n")?;
        }
        Ok(store)
    }

    /// Opens a checkpoint folder that is there, and changes nothing.
    pub fn open_existing(dir: &Path) -> Result<Self, CheckpointError> {
        if !dir.is_dir() {
            return Err(CheckpointError::NoFolder { dir: dir.to_owned() });
        }
        Ok(Self {
            dir: fs::canonicalize(dir).map_err(|e| CheckpointError::io("find", dir, e))?,
            clock: Clock(Arc::new(SystemTime::now)),
            disk: Disk::default(),
            lock: Arc::default(),
        })
    }

    /// Reads the time elsewhere.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock(Arc::new(clock));
        self
    }

    /// The folder's canonical path.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes the folder's lock, or the one that this store already holds. Runs take it by themselves; whoever wants
    /// to fail early takes it first.
    pub fn lock(&self) -> Result<RunLock, CheckpointError> {
        let mut known = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = known.upgrade() {
            return Ok(RunLock { held });
        }
        let lock = lock::take(&self.dir)?;
        *known = Arc::downgrade(&lock.held);
        Ok(lock)
    }

    /// Begins a run: its folder, journal and first checkpoint are on disk when this returns.
    pub fn begin(&self, header: RunHeader) -> Result<RunWriter, CheckpointError> {
        self.begin_from(header, None)
    }

    /// The same for a run that has something to start from. It is never on disk without it.
    pub fn begin_from(&self, header: RunHeader, seed: Option<Restatement>) -> Result<RunWriter, CheckpointError> {
        let lock = self.lock()?;
        self.clear_unfinished();
        let mut run = Stamp::of(header.created_at);
        while self.is_taken(&run)? {
            run = run.next();
        }
        let id = run.id();
        let building = self.dir.join(format!("{UNFINISHED}{run}"));
        let seed = seed.map(|seed| Record::Restated(Box::new(seed)));
        self.fill(&building, &id, &header, seed.as_slice())?;
        let folder = self.folder_of(&run);
        self.disk
            .step("rename a new folder to", &folder, || fs::rename(&building, &folder))?;
        self.disk.sync_folder(&self.dir)?;
        let committer = self.committer(&folder, &id, 1 + seed.iter().len() as u64)?;
        RunWriter::new(self, run, header, committer, lock)
    }

    /// Fills the folder of a run that begins.
    fn fill(&self, folder: &Path, id: &str, header: &RunHeader, seed: &[Record]) -> Result<(), CheckpointError> {
        self.disk.step("create", folder, || fs::create_dir(folder))?;
        let journal = Journal::begin(id, 1, header, seed)?;
        self.disk.write_new(&folder.join(journal::FILE), &journal)?;
        let record = writer::sealed_run(&writer::first_record(id.to_owned(), header))?;
        self.disk.write_new(&folder.join(RUN_FILE), &record)?;
        let state = crate::model::run::RunState::default();
        let first = snapshot::sealed(header.created_at, 1, header, &state)?;
        self.disk.write_new(&folder.join(id), &first)?;
        self.disk.sync_folder(folder)
    }

    fn committer(&self, folder: &Path, id: &str, last: u64) -> Result<Committer, CheckpointError> {
        let path = folder.join(journal::FILE);
        let bytes = fs::metadata(&path)
            .map_err(|e| CheckpointError::io("read", &path, e))?
            .len();
        Committer::start(Journal::open(&path, id, last, bytes, &self.disk)?)
    }

    /// Takes up a run again: by its own id or that of its newest checkpoint from where it ended, by the id of an
    /// older checkpoint from there. What was damaged is copied aside first and noted in what is returned.
    pub fn resume(&self, id: &str) -> Result<(RunWriter, Recovered), CheckpointError> {
        let lock = self.lock()?;
        let (run, wanted) = self.resolve(id)?;
        let folder = self.folder_of(&run);
        let run_id = run.id();
        let recovery = recover(&folder, &run_id, wanted.as_deref())?;
        self.clear_temporaries(&folder);
        let committer = self.mend(&folder, &run_id, &recovery)?;
        let recovered = recovery.recovered;
        self.begin_session(&folder, &recovered)?;
        let writer = RunWriter::new(self, run, recovered.header.clone(), committer, lock)?;
        Ok((writer, recovered))
    }

    /// Makes the journal one that can be continued.
    fn mend(&self, folder: &Path, id: &str, recovery: &Recovery) -> Result<Committer, CheckpointError> {
        let path = folder.join(journal::FILE);
        let scan = &recovery.scan;
        if !recovery.restate {
            if scan.damage.is_some() {
                self.copy_aside(&path, scan.valid_bytes)?;
                let file = self.disk.append_to(&path)?;
                self.disk.step("shorten", &path, || file.set_len(scan.valid_bytes))?;
                self.disk.step("flush", &path, || file.sync_all())?;
            }
            return self.committer(folder, id, scan.last);
        }
        let restated = Record::Restated(Box::new(recovery.recovered.restatement()));
        let is_whole = scan.damage.is_none() && scan.records > 0;
        let last = if is_whole && scan.last + 1 == recovery.next {
            let mut journal = Journal::open(&path, id, scan.last, scan.bytes, &self.disk)?;
            journal.append([v1::encode_record(&restated)?.as_slice()])?
        } else {
            if path.exists() {
                self.copy_aside(&path, 0)?;
            }
            let header = &recovery.recovered.header;
            let anew = Journal::begin(id, recovery.next, header, &[restated])?;
            self.disk.save(&path, &anew)?;
            recovery.next + 1
        };
        self.committer(folder, id, last)
    }

    /// Copies what cannot be used to a file beside the journal, named after its content so that it is kept once.
    fn copy_aside(&self, path: &Path, from: u64) -> Result<(), CheckpointError> {
        let bytes = fs::read(path).map_err(|e| CheckpointError::io("read", path, e))?;
        let from = usize::try_from(from).map_or(0, |n| n.min(bytes.len()));
        let part = &bytes[from..];
        let digest = blake3::hash(part).to_hex();
        let aside = path.with_file_name(format!("{}.damaged-{}", journal::FILE, &digest[..12]));
        if aside.exists() {
            return Ok(());
        }
        self.disk.save(&aside, part)
    }

    fn begin_session(&self, folder: &Path, recovered: &Recovered) -> Result<(), CheckpointError> {
        let mut run = match writer::read_run(folder) {
            Ok(run) => run,
            Err(CheckpointError::Damaged { .. }) => writer::first_record(recovered.run_id.clone(), &recovered.header),
            Err(other) => return Err(other),
        };
        run.header = recovered.header.clone();
        run.status = RunStatus::Unfinished;
        run.sessions.push(Session {
            started_at: self.now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            ended_at: None,
            reason: None,
        });
        writer::write_run(self, folder, &run)
    }

    /// The newest run that another one can build on: on the same repository, with the same streams, and whole enough
    /// to be read. Changes nothing.
    pub fn predecessor(&self, header: &RunHeader) -> Result<Option<Recovered>, CheckpointError> {
        let streams = |header: &RunHeader| (header.options.stream_a.clone(), header.options.stream_b.clone());
        for run in self.runs()?.iter().rev() {
            // What cannot be read is passed over: nothing of it is lost, it is only of no use here.
            let Ok(recovery) = recover(&self.folder_of(run), &run.id(), None) else {
                continue;
            };
            let found = recovery.recovered;
            if found.header.repository == header.repository && streams(&found.header) == streams(header) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Reads a run or checkpoint and changes nothing. Without an id: the latest unfinished run, else the latest.
    pub fn load(&self, id: Option<&str>) -> Result<Recovered, CheckpointError> {
        let (run, wanted) = match id {
            Some(id) => self.resolve(id)?,
            None => (self.latest()?, None),
        };
        let recovery = recover(&self.folder_of(&run), &run.id(), wanted.as_deref())?;
        Ok(recovery.recovered)
    }

    fn latest(&self) -> Result<Stamp, CheckpointError> {
        let runs = self.runs()?;
        let unfinished = runs.iter().rev().find(|run| {
            // A run whose record cannot be read has not been seen to finish; passing it over would lose it silently.
            writer::read_run(&self.folder_of(run)).map_or(true, |r| r.status != RunStatus::Completed)
        });
        unfinished
            .or(runs.last())
            .cloned()
            .ok_or_else(|| CheckpointError::NoRun { dir: self.dir.clone() })
    }

    /// The snapshots of all runs, by run, then in the order in which they were made.
    pub fn list(&self) -> Result<Vec<CheckpointSummary>, CheckpointError> {
        let mut all = Vec::new();
        for run in self.runs()? {
            all.extend(snapshot::summaries(&self.folder_of(&run), &run.id())?);
        }
        Ok(all)
    }

    /// The runs, oldest first.
    pub fn list_runs(&self) -> Result<Runs, CheckpointError> {
        let mut runs = Runs::default();
        for run in self.runs()? {
            match writer::read_run(&self.folder_of(&run)) {
                Ok(record) => runs.runs.push(record),
                Err(error) => runs.damaged.push((run.id(), error)),
            }
        }
        Ok(runs)
    }

    /// The place in history of a run, by its id or that of one of its checkpoints.
    pub fn run(&self, id: &str) -> Result<RunRecord, CheckpointError> {
        writer::read_run(&self.folder_of(&self.resolve(id)?.0))
    }

    /// Deletes a run with everything in it, or one checkpoint where the id is not a run's.
    pub fn delete(&self, id: &str) -> Result<(), CheckpointError> {
        let _lock = self.lock()?;
        let run = self.find(id)?;
        let folder = self.folder_of(&run);
        if !names_run(id, &run) {
            let path = folder.join(id);
            return self.disk.step("remove", &path, || fs::remove_file(&path));
        }
        // Renamed first, so that a run is never seen half deleted.
        let doomed = self.dir.join(format!("{UNFINISHED}{run}"));
        self.disk.step("rename", &folder, || fs::rename(&folder, &doomed))?;
        self.disk.sync_folder(&self.dir)?;
        self.disk.step("remove", &doomed, || fs::remove_dir_all(&doomed))
    }

    /// Keeps a file with a run: its convergence report, its metrics. The id may be a checkpoint's.
    pub fn write_run_file(&self, id: &str, name: &str, bytes: &[u8]) -> Result<(), CheckpointError> {
        let folder = self.folder_of(&self.find(id)?).join(FILES);
        check_name(name)?;
        if !folder.is_dir() {
            self.disk.step("create", &folder, || fs::create_dir_all(&folder))?;
            self.disk.sync_folder(folder.parent().unwrap_or(&folder))?;
        }
        self.disk.save(&folder.join(name), bytes)
    }

    /// Reads a file that was kept with a run; none where there is no such file.
    pub fn read_run_file(&self, id: &str, name: &str) -> Result<Option<Vec<u8>>, CheckpointError> {
        check_name(name)?;
        let path = self.folder_of(&self.find(id)?).join(FILES).join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(CheckpointError::io("read", &path, e)),
        }
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.clock.0)()
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn folder_of(&self, run: &Stamp) -> PathBuf {
        self.dir.join(run.folder())
    }

    /// The runs there are, oldest first.
    pub(crate) fn runs(&self) -> Result<Vec<Stamp>, CheckpointError> {
        let read = |e| CheckpointError::io("list", &self.dir, e);
        let mut runs = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(read)? {
            let entry = entry.map_err(read)?;
            if entry.file_type().map_err(read)?.is_dir() {
                runs.extend(entry.file_name().to_str().and_then(Stamp::of_folder));
            }
        }
        runs.sort();
        Ok(runs)
    }

    /// The run of an id, and the checkpoint that is meant, where it is not the run's end.
    pub(crate) fn resolve(&self, id: &str) -> Result<(Stamp, Option<String>), CheckpointError> {
        let run = self.find(id)?;
        if names_run(id, &run) {
            return Ok((run, None));
        }
        let newest = snapshot::summaries(&self.folder_of(&run), &run.id())?.pop();
        let is_newest = newest.is_some_and(|s| s.id == id);
        Ok((run, (!is_newest).then(|| id.to_owned())))
    }

    /// The run that an id names: its own or that of one of its checkpoints. The folder's name is taken as well.
    fn find(&self, id: &str) -> Result<Stamp, CheckpointError> {
        let stamp = Stamp::of_checkpoint(id).or_else(|| Stamp::of_folder(id));
        let found = stamp.and_then(|stamp| {
            if self.folder_of(&stamp).is_dir() {
                return Some(stamp);
            }
            let runs = self.runs().ok()?;
            runs.into_iter()
                .find(|run| self.folder_of(run).join(stamp.id()).is_file())
        });
        found.ok_or_else(|| CheckpointError::NotFound {
            id: id.to_owned(),
            dir: self.dir.clone(),
        })
    }

    fn is_taken(&self, stamp: &Stamp) -> Result<bool, CheckpointError> {
        let id = stamp.id();
        Ok(self.folder_of(stamp).exists() || self.runs()?.iter().any(|run| self.folder_of(run).join(&id).exists()))
    }

    /// An id for a snapshot that no run and no snapshot has, later than the run's others of the same second, of which
    /// the latest may not be in place yet.
    pub(crate) fn next_stamp(
        &self,
        run: &Stamp,
        latest: Option<&Stamp>,
        now: SystemTime,
    ) -> Result<Stamp, CheckpointError> {
        let first = Stamp::of(now);
        let last = snapshot::stamps(&self.folder_of(run))?
            .into_iter()
            .chain([run.clone()])
            .chain(latest.cloned())
            .filter(|stamp| stamp.same_second(&first))
            .max();
        let mut stamp = last.map_or(first, |last| last.next());
        while self.is_taken(&stamp)? {
            stamp = stamp.next();
        }
        Ok(stamp)
    }

    /// Removes what a process that died left of runs that were being made or deleted.
    fn clear_unfinished(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // Only space is lost where this fails; the next run tries again.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn clear_temporaries(&self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            if disk::is_temporary(&entry.file_name().to_string_lossy()) {
                // As above.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Whether an id is the run's own, or the name of its folder.
fn names_run(id: &str, run: &Stamp) -> bool {
    id == run.id() || id == run.folder()
}

/// Names are checked because they come from callers and become paths.
fn check_name(name: &str) -> Result<(), CheckpointError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let sound = name.len() <= 100 && name.split('.').all(|part| !part.is_empty() && part.bytes().all(plain));
    sound
        .then_some(())
        .ok_or_else(|| CheckpointError::BadName { name: name.to_owned() })
}

#[cfg(test)]
impl CheckpointStore {
    /// The fault points of everything this store writes.
    pub(crate) fn faults(&self) -> &disk::faults::Faults {
        &self.disk.faults
    }
}
