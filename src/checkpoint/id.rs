//! Ids of checkpoints and runs, and the names of their files.
//!
//! A checkpoint's id is `checkpoint_YYYYMMDD_HHMMSS`, in UTC, with `-2`, `-3` … where one second has several. A run's
//! id is that of its first checkpoint; its folder has the same name with `run` in front.

use std::fmt;
use std::time::SystemTime;

use super::format::v1::sayable;

const CHECKPOINT: &str = "checkpoint_";
const RUN: &str = "run_";

/// The part of an id that tells it from others; sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    second: String,
    number: u32,
}

impl Stamp {
    /// The first stamp of a second.
    pub(crate) fn of(time: SystemTime) -> Self {
        let text = humantime::format_rfc3339_seconds(sayable(time)).to_string();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        Self {
            second: format!("{}_{}", &digits[..8], &digits[8..14]),
            number: 1,
        }
    }

    /// The next stamp of the same second.
    pub(crate) fn next(&self) -> Self {
        Self {
            second: self.second.clone(),
            number: self.number + 1,
        }
    }

    /// Whether both belong to one second.
    pub(crate) fn same_second(&self, other: &Self) -> bool {
        self.second == other.second
    }

    /// Reads the id of a checkpoint, which is also the name of its file.
    pub(crate) fn of_checkpoint(id: &str) -> Option<Self> {
        Self::parse(id.strip_prefix(CHECKPOINT)?)
    }

    /// Reads the name of a run's folder.
    pub(crate) fn of_folder(name: &str) -> Option<Self> {
        Self::parse(name.strip_prefix(RUN)?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (second, number) = match text.split_once('-') {
            Some((second, number)) => (second, number.parse().ok().filter(|&n| n > 1)?),
            None => (text, 1),
        };
        let digits = |range: std::ops::Range<usize>| {
            second
                .get(range)
                .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
        };
        let stamp = Self {
            second: second.to_owned(),
            number,
        };
        let shaped = second.len() == 15 && digits(0..8) && &second[8..9] == "_" && digits(9..15);
        (shaped && stamp.to_string() == text).then_some(stamp)
    }

    /// The id of a checkpoint or run.
    pub(crate) fn id(&self) -> String {
        format!("{CHECKPOINT}{self}")
    }

    /// The name of a run's folder.
    pub(crate) fn folder(&self) -> String {
        format!("{RUN}{self}")
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.second)?;
        if self.number > 1 {
            write!(f, "-{}", self.number)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn id_says_when_in_utc() {
        let stamp = Stamp::of(UNIX_EPOCH + Duration::from_secs(1_764_918_245));
        assert_eq!(stamp.id(), "checkpoint_20251205_070405");
        assert_eq!(stamp.next().folder(), "run_20251205_070405-2");
        assert_eq!(Stamp::of_checkpoint(&stamp.next().id()), Some(stamp.next()));
    }

    #[test]
    fn only_the_written_spelling_is_an_id() {
        for name in [
            "checkpoint_20251205_070405-1",
            "checkpoint_20251205_070405-02",
            "checkpoint_20251205_0704",
            "checkpoint_2025é205_070405",
            "checkpoint_20251205_070405.tmp",
            "frozen",
            "",
        ] {
            assert_eq!(Stamp::of_checkpoint(name), None, "{name}");
        }
    }
}
