//! Symbolic links: never followed, and reported where Python is lost by that.
//!
//! What a link inside the repository leads to is analysed in its own place, so such links are passed over in silence.

use std::io;
use std::path::Path;

use super::rules;

/// Says what is wrong with a link, where that concerns Python.
///
/// `root` is canonical, `folder` is where the link is and `link` its own path. The text names no path, for the ones
/// it could name belong to the machine.
pub(super) fn complaint(root: &Path, folder: &Path, link: &Path) -> Option<&'static str> {
    let is_python = rules::is_python(&link.to_string_lossy());
    let target = match link.canonicalize() {
        Ok(target) => target,
        Err(error) if is_missing(&error) => {
            return is_python.then_some("a link that leads nowhere; not followed");
        }
        // The one other failure of a link that can be seen is too many links on the way.
        Err(_) => return Some("a link that leads to itself; not followed"),
    };
    let is_folder = target.is_dir();
    if !target.starts_with(root) {
        let message = "a link that leaves the repository; not followed";
        return (is_python || is_folder).then_some(message);
    }
    if is_folder {
        let message = "a link to a folder that it is in; not followed";
        return folder.starts_with(&target).then_some(message);
    }
    let lost = is_python && !rules::is_python(&target.to_string_lossy());
    lost.then_some("a link to a file that is not named as Python; not followed")
}

fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
}
