//! The desktop: whether there is one, and whether its screen locks by itself as set for everybody.
//!
//! What single users set for themselves is theirs, and never read: where nothing is set for everybody, it is unknown.

pub(super) mod dconf;
mod lock;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::lock::Lock;
use super::LookedAt;
use super::facts::DesktopFacts;
use crate::files::{FileError, Root};

/// Folders of sessions that a user may choose.
const SESSIONS: &[&str] = &["/usr/share/xsessions", "/usr/share/wayland-sessions"];
/// The link to the program that shows the graphical log-in.
const LOG_IN: &str = "/etc/systemd/system/display-manager.service";

pub(super) fn facts(host: &LookedAt) -> DesktopFacts {
    let present = is_present(&host.root);
    let lock = match &present {
        Fact::Known(true) => lock::of_sessions(&host.root, &sessions(&host.root)),
        Fact::Known(false) => Lock::unknown(&Unknown::new(Reason::DOES_NOT_APPLY, "there is no desktop")),
        Fact::Unknown(unknown) => Lock::unknown(unknown),
    };
    DesktopFacts { present, locks_by_itself: lock.locks, locks_after_seconds: lock.after_seconds }
}

/// Whether a user can open a session with windows here.
pub(super) fn is_present(root: &Root) -> Fact<bool> {
    match opens_windows(root) {
        Ok(false) if !root.exists("/usr") => Fact::unknown(Reason::NOT_FOUND, "/usr: not found"),
        Ok(opens) => Fact::Known(opens),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// Whether a graphical log-in starts, or a session with windows can be chosen.
///
/// # Errors
/// [`FileError`] when neither is seen, and one of them in a folder that cannot be read.
pub(super) fn opens_windows(root: &Root) -> Result<bool, FileError> {
    if !sessions(root).is_empty() || has_log_in(root)? {
        return Ok(true);
    }
    for folder in SESSIONS {
        match root.names(folder) {
            Err(error) if !error.is_not_found() => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(false)
}

/// Whether a graphical log-in starts; masked, it does not.
fn has_log_in(root: &Root) -> Result<bool, FileError> {
    root.link_text(LOG_IN).map_or_else(|| root.presence(LOG_IN), |target| Ok(target != "/dev/null"))
}

/// The names of the sessions: `gnome`, `plasma`, `xfce`.
pub(super) fn sessions(root: &Root) -> Vec<String> {
    let names = SESSIONS.iter().flat_map(|folder| root.names(folder).unwrap_or_default());
    names.filter_map(|name| Some(name.strip_suffix(".desktop")?.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    #[test]
    fn a_session_or_a_graphical_log_in_makes_a_desktop() {
        for (files, expected) in [
            (&[("/usr/share/xsessions/xfce.desktop", "")][..], Some(true)),
            (&[("/usr/share/xsessions/README", "")], Some(false)),
            (&[(LOG_IN, "-> /lib/systemd/system/gdm.service")], Some(true)),
            (&[(LOG_IN, "-> /dev/null"), ("/usr/bin/true", "")], Some(false)),
            (&[], None),
            (&[("/usr/share", "-> share"), ("/usr/bin/true", "")], None),
        ] {
            let (_folder, host) = made_root::folder(files);
            assert_eq!(facts(&host).present.known().copied(), expected, "{files:?}");
        }
    }

    #[test]
    fn without_a_desktop_no_screen_can_lock() {
        let (_folder, host) = made_root::folder(&[("/usr/bin/true", "")]);
        assert!(
            matches!(facts(&host).locks_by_itself, Fact::Unknown(unknown) if unknown.reason == Reason::DOES_NOT_APPLY)
        );
    }
}
