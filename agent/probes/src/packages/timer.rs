//! Whether systemd starts a timer, by the files of systemd.unit(5).

use crate::files::{FileError, Root};

/// Folders of units, those of the administrator first.
const UNIT_FOLDERS: &[&str] =
    &["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
/// What every start goes through, and may want a timer.
const TARGETS: &[&str] = &["timers.target", "basic.target", "multi-user.target"];
/// What a masked unit is a link to.
const MASK: &str = "/dev/null";

/// Whether a timer is there, is wanted at the start, and is not masked.
///
/// # Errors
/// [`FileError`] when a folder that decides it cannot be looked into.
pub(super) fn is_enabled(root: &Root, timer: &str) -> Result<bool, FileError> {
    // The strongest folder that has the unit decides whether it is masked.
    for folder in UNIT_FOLDERS {
        let path = format!("{folder}/{timer}");
        match root.link_text(&path) {
            Some(target) if target == MASK => return Ok(false),
            Some(_other) => return is_wanted(root, timer),
            None if root.presence(&path)? => return is_wanted(root, timer),
            None => {}
        }
    }
    Ok(false)
}

fn is_wanted(root: &Root, timer: &str) -> Result<bool, FileError> {
    let of_folder = |folder: &&str| TARGETS.iter().map(|target| format!("{folder}/{target}.wants/{timer}")).collect();
    let links: Vec<String> = UNIT_FOLDERS.iter().flat_map(|folder| -> Vec<String> { of_folder(folder) }).collect();
    let leads = |path: &String| root.link_text(path).is_some_and(|target| target != MASK);
    if links.iter().any(leads) {
        return Ok(true);
    }
    // A link to the mask takes the want away; any other file in its place is one.
    let others = links.iter().filter(|path| root.link_text(path).is_none());
    Ok(root.first_present(others.map(String::as_str))?.is_some())
}
