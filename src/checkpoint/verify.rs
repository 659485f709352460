//! Verifying: every byte of a run is read and checked, and nothing is changed.

use super::error::CheckpointError;
use super::journal::{self, scan};
use super::recover::recover;
use super::snapshot::{self, CheckpointSummary, Health};
use super::store::CheckpointStore;
use super::writer;

/// What of a run is whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// The run's id.
    pub run_id: String,
    /// Its place in history.
    pub record: Health,
    /// Its snapshots, read to their ends.
    pub checkpoints: Vec<CheckpointSummary>,
    /// Its journal.
    pub journal: Health,
    /// Records in the journal's valid prefix.
    pub journal_records: u64,
    /// Bytes of the journal that can be used, and all there are.
    pub journal_bytes: (u64, u64),
    /// What resuming would say of the damage; none where nothing is left to go on from.
    pub notes: Option<Vec<String>>,
}

impl Verification {
    /// Whether everything is as it was written.
    pub fn is_whole(&self) -> bool {
        [&self.record, &self.journal]
            .into_iter()
            .chain(self.checkpoints.iter().map(|c| &c.health))
            .all(|health| *health == Health::Whole)
    }

    /// Whether another version of the program wrote something of it that this one cannot read.
    pub fn is_foreign(&self) -> bool {
        [&self.record, &self.journal]
            .into_iter()
            .chain(self.checkpoints.iter().map(|c| &c.health))
            .any(|health| matches!(health, Health::TooNew(_) | Health::Foreign(_)))
    }

    /// Whether the run can be taken up again.
    pub fn is_resumable(&self) -> bool {
        self.notes.is_some()
    }
}

impl CheckpointStore {
    /// Reads and checks all that there is of a run, by its id or that of one of its checkpoints.
    pub fn verify(&self, id: &str) -> Result<Verification, CheckpointError> {
        let (run, _) = self.resolve(id)?;
        let (folder, run_id) = (self.folder_of(&run), run.id());
        let mut checkpoints = snapshot::summaries(&folder, &run_id)?;
        for checkpoint in &mut checkpoints {
            let read = snapshot::read(&folder.join(&checkpoint.id), &checkpoint.id);
            checkpoint.health = health(read)?;
        }
        let mut records = 0;
        let (journal, bytes) = match scan(&folder.join(journal::FILE), |_, _| records += 1) {
            Ok(scan) => {
                let health = scan.damage.map_or(Health::Whole, |damage| {
                    Health::Damaged(format!("{} at byte {}", damage.reason, damage.offset))
                });
                (health, (scan.valid_bytes, scan.bytes))
            }
            Err(error) => (health::<()>(Err(error))?, (0, 0)),
        };
        Ok(Verification {
            record: health(writer::read_run(&folder))?,
            checkpoints,
            journal,
            journal_records: records,
            journal_bytes: bytes,
            notes: recover(&folder, &run_id, None)
                .ok()
                .map(|recovery| recovery.recovered.notes),
            run_id,
        })
    }
}

fn health<T>(read: Result<T, CheckpointError>) -> Result<Health, CheckpointError> {
    match read {
        Ok(_) => Ok(Health::Whole),
        Err(CheckpointError::Foreign { reason, .. }) => Ok(Health::Foreign(reason)),
        Err(CheckpointError::Damaged { reason, .. }) => Ok(Health::Damaged(reason)),
        Err(CheckpointError::TooNew { version, .. }) => Ok(Health::TooNew(version)),
        Err(other) => Err(other),
    }
}
