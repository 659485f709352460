//! Times as trackers write them: RFC 3339, whole seconds in UTC on the way out, anything reasonable on the way in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Spells a time; what has no date of four digits since 1970 becomes the nearest that has.
pub(crate) fn spell(time: SystemTime) -> String {
    let last = UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    humantime::format_rfc3339_seconds(time.clamp(UNIX_EPOCH, last)).to_string()
}

/// Reads a time with any fraction and any offset.
pub(crate) fn read(text: &str) -> Option<SystemTime> {
    if text.ends_with(['Z', 'z']) {
        return humantime::parse_rfc3339_weak(text).ok();
    }
    let split = text.len().checked_sub(6).filter(|&n| text.is_char_boundary(n))?;
    let (local, offset) = text.split_at(split);
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let minutes = hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?;
    let shift = Duration::from_secs(minutes * 60);
    let local = humantime::parse_rfc3339_weak(&format!("{local}Z")).ok()?;
    match offset.as_bytes()[0] {
        b'+' => local.checked_sub(shift),
        b'-' => local.checked_add(shift),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_other_programs_are_read() {
        let noon = UNIX_EPOCH + Duration::from_secs(1_764_936_000);
        for text in [
            "2025-12-05T12:00:00Z",
            "2025-12-05T14:00:00+02:00",
            "2025-12-05T04:30:00-07:30",
        ] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        let later = read("2025-12-05T14:00:00.123456789+02:00").unwrap();
        assert_eq!(spell(later), "2025-12-05T12:00:00Z");
        for text in [
            "",
            "yesterday",
            "2025-12-05",
            "2025-12-05T12:00:00é2:00",
            "2025-12-05T12:00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
