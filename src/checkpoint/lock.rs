//! One run at a time on a checkpoint folder.
//!
//! The lock is the operating system's, on an open file, so it ends with the process that holds it, however that
//! ends. The file's content only tells others whom to wait for.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::error::CheckpointError;

const FILE: &str = "lock";

/// How often a lock is tried for, and how long after. A program that is just being started shares the open files of the
/// one that starts it for a moment, and with them a lock that has been given back.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The right to write into a checkpoint folder; given back when the last copy is dropped.
#[derive(Clone, Debug)]
pub struct RunLock {
    pub(crate) held: Arc<File>,
}

/// Takes the lock, or says who has it.
pub(crate) fn take(dir: &Path) -> Result<RunLock, CheckpointError> {
    let path = dir.join(FILE);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| CheckpointError::io("open", &path, e))?;
    let mut tries = 0;
    let locked = loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if tries < TRIES => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            ended => break ended,
        }
    };
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(CheckpointError::Locked {
                dir: dir.to_owned(),
                pid: owner(&mut file),
            });
        }
        Err(TryLockError::Error(e)) => return Err(CheckpointError::io("lock", &path, e)),
    }
    // Only a courtesy to whoever finds the folder locked: on a full disk the lock itself still holds.
    let _ = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(RunLock { held: Arc::new(file) })
}

fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
