//! Whether the screen of each kind of desktop locks by itself.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::dconf::Settings;
use crate::files::{FileError, Root};

/// Largest file of settings, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Settings for everybody of KDE's and Xfce's lock.
const KDE: &str = "/etc/xdg/kscreenlockerrc";
const XFCE: &str = "/etc/xdg/xfce4/xfconf/xfce-perchannel-xml/xfce4-screensaver.xml";

/// What is known of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lock {
    pub locks: Fact<bool>,
    pub after_seconds: Fact<i64>,
}

impl Lock {
    pub(super) fn unknown(unknown: &Unknown) -> Self {
        Self { locks: Fact::Unknown(unknown.clone()), after_seconds: Fact::Unknown(unknown.clone()) }
    }

    /// A screen that never locks has no time after which it would.
    fn never() -> Self {
        let detail = "the screen does not lock by itself";
        Self { locks: Fact::Known(false), after_seconds: Fact::unknown(Reason::DOES_NOT_APPLY, detail) }
    }

    fn after(seconds: Option<i64>) -> Self {
        let unset = || Fact::unknown(Reason::NOT_FOUND, "no time is set for everybody");
        Self { locks: Fact::Known(true), after_seconds: seconds.map_or_else(unset, Fact::Known) }
    }

    /// Nothing is set for everybody.
    fn unset() -> Self {
        Self::unknown(&Unknown::new(Reason::NOT_FOUND, "nothing is set for everybody: each user decides"))
    }

    /// The weaker of two desktops: whoever may choose between them may choose it.
    fn and(self, other: Self) -> Self {
        match (&self.locks, &other.locks) {
            (Fact::Known(false), _) => self,
            (_, Fact::Known(false)) => other,
            (Fact::Unknown(_), _) => self,
            (_, Fact::Unknown(_)) => other,
            (Fact::Known(true), Fact::Known(true)) => match (&self.after_seconds, &other.after_seconds) {
                (Fact::Known(one), Fact::Known(two)) if one < two => other,
                (Fact::Known(_), Fact::Unknown(_)) => other,
                (Fact::Known(_), Fact::Known(_)) | (Fact::Unknown(_), _) => self,
            },
        }
    }
}

/// The lock of a host with these sessions.
pub(super) fn of_sessions(root: &Root, sessions: &[String]) -> Lock {
    let settings = match Settings::read(root) {
        Ok(settings) => settings,
        Err(error) => return Lock::unknown(&error.to_unknown()),
    };
    let locks = sessions.iter().map(|session| of_session(root, &settings, session));
    locks.reduce(Lock::and).unwrap_or_else(Lock::unset)
}

fn of_session(root: &Root, settings: &Settings, session: &str) -> Lock {
    let is = |words: &[&str]| words.iter().any(|word| session.contains(word));
    if is(&["gnome", "ubuntu", "unity"]) {
        of_gnome(settings, "org/gnome/desktop")
    } else if is(&["cinnamon"]) {
        of_gnome(settings, "org/cinnamon/desktop")
    } else if is(&["mate"]) {
        of_mate(settings)
    } else if is(&["plasma", "kde"]) {
        of_kde(root)
    } else if is(&["xfce", "xubuntu"]) {
        of_xfce(root)
    } else {
        Lock::unset()
    }
}

/// GNOME: locks when the screen turns dark, which 0 seconds of `idle-delay` prevents.
fn of_gnome(settings: &Settings, folder: &str) -> Lock {
    let saver = format!("{folder}/screensaver");
    let idle = settings.number(&format!("{folder}/session"), "idle-delay");
    let lock = settings.switch(&saver, "lock-enabled");
    let is_forbidden = settings.switch(&format!("{folder}/lockdown"), "disable-lock-screen") == Some(true);
    match (lock, idle) {
        _any if is_forbidden => Lock::never(),
        (Some(false), _) | (_, Some(0)) => Lock::never(),
        (Some(true), None) => Lock::after(None),
        (Some(true) | None, Some(seconds)) => {
            Lock::after(Some(seconds.saturating_add(settings.number(&saver, "lock-delay").unwrap_or(0).max(0))))
        }
        (None, None) => Lock::unset(),
    }
}

/// MATE counts in minutes, and has a switch for the saver itself.
fn of_mate(settings: &Settings) -> Lock {
    const SAVER: &str = "org/mate/screensaver";
    let minutes = settings.number("org/mate/session", "idle-delay");
    let lock = settings.switch(SAVER, "lock-enabled");
    let is_off = settings.switch(SAVER, "idle-activation-enabled") == Some(false);
    match (lock, minutes) {
        _any if is_off => Lock::never(),
        (Some(false), _) | (_, Some(0)) => Lock::never(),
        (Some(true), None) => Lock::after(None),
        (Some(true) | None, Some(minutes)) => {
            let more = settings.number(SAVER, "lock-delay").unwrap_or(0).max(0);
            Lock::after(Some(minutes.saturating_add(more).saturating_mul(60)))
        }
        (None, None) => Lock::unset(),
    }
}

/// KDE Plasma: section `Daemon`, `Autolock` and `Timeout` in minutes; `[$i]` after a key keeps users from changing it.
fn of_kde(root: &Root) -> Lock {
    let text = match read(root, KDE) {
        Ok(Some(text)) => text,
        Ok(None) => return Lock::unset(),
        Err(lock) => return lock,
    };
    let mut is_daemon = false;
    let (mut locks, mut minutes) = (None, None);
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_daemon = line.starts_with("[Daemon]");
        } else if let Some((key, value)) = line.split_once('=').filter(|_| is_daemon) {
            match key.split('[').next().unwrap_or_default().trim() {
                "Autolock" => locks = Some(value.trim().eq_ignore_ascii_case("true")),
                "Timeout" => minutes = value.trim().parse::<i64>().ok(),
                _other => {}
            }
        }
    }
    match (locks, minutes) {
        (Some(false), _) | (_, Some(0)) => Lock::never(),
        (None, None) => Lock::unset(),
        (_, minutes) => Lock::after(minutes.map(|minutes| minutes.saturating_mul(60))),
    }
}

/// Xfce: properties nested by name, `saver` with `enabled` and `idle-activation/delay` in minutes, `lock` with `enabled`.
fn of_xfce(root: &Root) -> Lock {
    let text = match read(root, XFCE) {
        Ok(Some(text)) => text,
        Ok(None) => return Lock::unset(),
        Err(lock) => return lock,
    };
    let (saver, lock) = text.split_once("name=\"lock\"").unwrap_or((&text, ""));
    let value = |part: &str, name: &str| {
        let (_, after) = part.split_once(&format!("name=\"{name}\" type="))?;
        let (_, after) = after.split('>').next()?.split_once("value=\"")?;
        after.split('"').next().map(str::to_owned)
    };
    let is_off = |part: &str| value(part, "enabled").as_deref() == Some("false");
    let minutes = value(saver, "delay").and_then(|minutes| minutes.parse::<i64>().ok());
    if is_off(saver) || is_off(lock) {
        Lock::never()
    } else if minutes.is_some() || value(lock, "enabled").is_some() {
        Lock::after(minutes.map(|minutes| minutes.saturating_mul(60)))
    } else {
        Lock::unset()
    }
}

/// A file that may not be there.
fn read(root: &Root, path: &str) -> Result<Option<String>, Lock> {
    match root.read_text(path, FILE_BYTES_MAX) {
        Ok(text) => Ok(Some(text)),
        Err(FileError::NotFound { .. }) => Ok(None),
        Err(error) => Err(Lock::unknown(&error.to_unknown())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    fn look(sessions: &[&str], files: &[(&str, &str)]) -> (Option<bool>, Option<i64>) {
        let (_folder, host) = made_root::folder(files);
        let sessions: Vec<String> = sessions.iter().map(|name| (*name).to_owned()).collect();
        let lock = of_sessions(&host.root, &sessions);
        (lock.locks.known().copied(), lock.after_seconds.known().copied())
    }

    fn with_dconf(sessions: &[&str], keys: &str) -> (Option<bool>, Option<i64>) {
        look(
            sessions,
            &[
                ("/etc/dconf/profile/user", "user-db:user\nsystem-db:local\n"),
                ("/etc/dconf/db/local", ""),
                ("/etc/dconf/db/local.d/00-lock", keys),
            ],
        )
    }

    #[test]
    fn gnome_locks_as_set_for_everybody() {
        const SAVER: &str = "[org/gnome/desktop/screensaver]\n";
        const SESSION: &str = "[org/gnome/desktop/session]\n";
        for (keys, expected) in [
            (String::new(), (None, None)),
            (format!("{SAVER}lock-enabled=true\n{SESSION}idle-delay=uint32 300\n"), (Some(true), Some(300))),
            (format!("{SAVER}lock-delay=uint32 5\n{SESSION}idle-delay=uint32 300\n"), (Some(true), Some(305))),
            (format!("{SAVER}lock-enabled=true\n"), (Some(true), None)),
            (format!("{SAVER}lock-enabled=false\n{SESSION}idle-delay=uint32 300\n"), (Some(false), None)),
            (format!("{SAVER}lock-enabled=true\n{SESSION}idle-delay=uint32 0\n"), (Some(false), None)),
            ("[org/gnome/desktop/lockdown]\ndisable-lock-screen=true\n".to_owned(), (Some(false), None)),
        ] {
            assert_eq!(with_dconf(&["gnome"], &keys), expected, "{keys}");
        }
    }

    #[test]
    fn mate_counts_in_minutes() {
        let keys = "[org/mate/screensaver]\nlock-enabled=true\n[org/mate/session]\nidle-delay=10\n";
        assert_eq!(with_dconf(&["mate"], keys), (Some(true), Some(600)));
        let keys = "[org/mate/screensaver]\nidle-activation-enabled=false\n[org/mate/session]\nidle-delay=10\n";
        assert_eq!(with_dconf(&["mate"], keys), (Some(false), None));
    }

    #[test]
    fn kde_and_xfce_have_files_of_their_own() {
        const XML: &str = "<channel name=\"xfce4-screensaver\" version=\"1.0\">\n<property name=\"saver\" type=\"empty\">\n\
            <property name=\"enabled\" type=\"bool\" value=\"true\"/>\n<property name=\"idle-activation\" type=\"empty\">\n\
            <property name=\"delay\" type=\"int\" value=\"5\"/>\n</property></property>\n<property name=\"lock\" type=\"empty\">\n\
            <property name=\"enabled\" type=\"bool\" value=\"ANSWER\"/>\n</property></channel>\n";
        let [locked, open] = ["true", "false"].map(|answer| XML.replace("ANSWER", answer));
        for (session, files, expected) in [
            ("plasma", &[(KDE, "[Daemon]\nAutolock[$i]=true\nTimeout=10\n")][..], (Some(true), Some(600))),
            ("plasmax11", &[(KDE, "[Daemon]\nAutolock=false\n")], (Some(false), None)),
            ("plasma", &[(KDE, "[Other]\nAutolock=true\n")], (None, None)),
            ("plasma", &[], (None, None)),
            ("xfce", &[(XFCE, &locked)], (Some(true), Some(300))),
            ("xfce", &[(XFCE, &open)], (Some(false), None)),
            ("xfce", &[], (None, None)),
            ("sway", &[], (None, None)),
        ] {
            assert_eq!(look(&[session], files), expected, "{session} {files:?}");
        }
    }

    #[test]
    fn of_several_desktops_the_weakest_counts() {
        let locked =
            "[org/gnome/desktop/screensaver]\nlock-enabled=true\n[org/gnome/desktop/session]\nidle-delay=uint32 300\n";
        assert_eq!(with_dconf(&["gnome", "gnome-classic"], locked), (Some(true), Some(300)));
        assert_eq!(with_dconf(&["gnome", "sway"], locked), (None, None));
        let open = format!("{locked}[org/mate/screensaver]\nlock-enabled=false\n");
        assert_eq!(with_dconf(&["sway", "gnome", "mate"], &open), (Some(false), None));
    }
}
