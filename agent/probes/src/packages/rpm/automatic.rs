//! Updates without a person on hosts with dnf: `dnf-automatic`, by its configuration and the timers of systemd.

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::ini;
use super::installed::RpmPackage;
use crate::files::{FileError, Root};
use crate::packages::facts::AutomaticFacts;
use crate::packages::timer::is_enabled;

/// Packages that bring the tool: dnf 4, dnf 5.
const PACKAGES: &[&str] = &["dnf-automatic", "dnf5-plugin-automatic"];
/// Configuration, the later one counts.
const FILES: &[&str] = &[
    "/usr/lib/dnf/automatic.conf",
    "/usr/share/dnf5/dnf5-plugins/automatic.conf",
    "/etc/dnf/automatic.conf",
    "/etc/dnf/dnf5-plugins/automatic.conf",
];
/// Largest configuration, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Timers that start the tool, and whether that one installs whatever the configuration says.
const TIMERS: &[(&str, Option<bool>)] = &[
    ("dnf-automatic.timer", None),
    ("dnf5-automatic.timer", None),
    ("dnf-automatic-install.timer", Some(true)),
    ("dnf-automatic-download.timer", Some(false)),
    ("dnf-automatic-notifyonly.timer", Some(false)),
];
/// The timer that only refreshes the lists.
const REFRESH_TIMER: &str = "dnf-makecache.timer";
/// Where systemd keeps the moment of a timer's last run.
const STAMPS: &str = "/var/lib/systemd/timers/stamp-";

/// What is configured.
pub(super) fn facts(root: &Root, packages: &[RpmPackage]) -> AutomaticFacts {
    look(root, packages).unwrap_or_else(|error| AutomaticFacts::unknown(&error.to_unknown()))
}

fn look(root: &Root, packages: &[RpmPackage]) -> Result<AutomaticFacts, FileError> {
    let commands = Commands::read(root)?;
    let has_tool = packages.iter().any(|package| PACKAGES.contains(&package.name.as_str()));
    let mut enabled = Vec::new();
    for (timer, applies) in TIMERS.iter().filter(|_| has_tool) {
        if is_enabled(root, timer)? {
            enabled.push(*applies);
        }
    }
    let timer_enabled = !enabled.is_empty();
    let applies = enabled.iter().any(|applies| applies.unwrap_or(commands.applies));
    // Without a timer the configuration alone tells what would be done.
    let installs = has_tool && (applies || (!timer_enabled && commands.applies));
    let last_run = TIMERS.iter().filter_map(|(timer, _)| stamp(root, timer)).max();
    let never = Unknown::new(Reason::NOT_FOUND, "no timer of dnf-automatic has left a mark of a run");
    Ok(AutomaticFacts {
        refreshes_lists: Fact::Known(timer_enabled || is_enabled(root, REFRESH_TIMER)?),
        installs_updates: Fact::Known(installs),
        covers_security: Fact::Known(installs && commands.covers_security),
        timer_enabled: Fact::Known(timer_enabled),
        last_run: last_run.map_or(Fact::Unknown(never), Fact::Known),
        last_failed: Fact::unknown(
            Reason::NOT_ASKED,
            "dnf-automatic writes its errors to the journal, which is not read",
        ),
        effective: Fact::Known(timer_enabled && applies && commands.covers_security),
    })
}

/// What the section `commands` says.
struct Commands {
    applies: bool,
    covers_security: bool,
}

impl Commands {
    fn read(root: &Root) -> Result<Self, FileError> {
        let mut commands = Self { applies: false, covers_security: true };
        for path in FILES {
            let text = match root.read_text(path, FILE_BYTES_MAX) {
                Err(error) if error.is_not_found() => continue,
                text => text?,
            };
            let sections = ini::parse(&text);
            let Some(section) = sections.iter().find(|section| section.name == "commands") else { continue };
            commands.applies = section.is_on("apply_updates", commands.applies);
            if let Some(kind) = section.get("upgrade_type") {
                // `default` installs everything, `security` what an advisory names; both cover security.
                commands.covers_security = matches!(kind, "default" | "security" | "all");
            }
        }
        Ok(commands)
    }
}

fn stamp(root: &Root, timer: &str) -> Option<Timestamp> {
    let modified = root.open(&format!("{STAMPS}{timer}")).ok()?.metadata().ok()?.modified().ok()?;
    Timestamp::try_from(modified).ok()
}

#[cfg(test)]
mod tests {
    use super::super::evr::Evr;
    use super::*;

    /// A timer whose name begins with `-` is enabled and masked.
    fn look(configuration: &str, timers: &[&str], with_tool: bool) -> AutomaticFacts {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("etc/dnf")).unwrap();
        std::fs::write(folder.path().join("etc/dnf/automatic.conf"), configuration).unwrap();
        let wanted = folder.path().join("etc/systemd/system/timers.target.wants");
        std::fs::create_dir_all(&wanted).unwrap();
        let units = folder.path().join("usr/lib/systemd/system");
        std::fs::create_dir_all(&units).unwrap();
        for (timer, masked) in timers.iter().map(|timer| (timer.trim_start_matches('-'), timer.starts_with('-'))) {
            std::fs::write(units.join(timer), "[Timer]\n").unwrap();
            std::os::unix::fs::symlink(format!("/usr/lib/systemd/system/{timer}"), wanted.join(timer)).unwrap();
            if masked {
                std::os::unix::fs::symlink("/dev/null", folder.path().join("etc/systemd/system").join(timer)).unwrap();
            }
        }
        let package = RpmPackage {
            name: "dnf-automatic".to_owned(),
            architecture: "noarch".to_owned(),
            evr: Evr::parse("4.14-1").unwrap(),
            installed_at: None,
            source_file: String::new(),
        };
        facts(&Root::new(folder.path()), if with_tool { std::slice::from_ref(&package) } else { &[] })
    }

    #[test]
    fn updates_are_installed_only_with_tool_timer_and_a_yes() {
        let yes = "[commands]\nupgrade_type = security\napply_updates = yes\n";
        let no = "[commands]\napply_updates = no\n";
        let plain = "dnf-automatic.timer";
        for (configuration, timers, with_tool, effective) in [
            (yes, &[plain][..], true, true),
            (yes, &[], true, false),
            (yes, &["-dnf-automatic.timer"], true, false),
            (no, &["-dnf-automatic-install.timer"], true, false),
            (yes, &[plain], false, false),
            (no, &[plain], true, false),
            (no, &["dnf-automatic-install.timer"], true, true),
            (yes, &["dnf-automatic-notifyonly.timer"], true, false),
            (yes, &["dnf-makecache.timer"], true, false),
        ] {
            let facts = look(configuration, timers, with_tool);
            assert_eq!(facts.effective, Fact::Known(effective), "{configuration} {timers:?} {with_tool}");
        }
        assert_eq!(look(no, &["dnf-makecache.timer"], false).refreshes_lists, Fact::Known(true));
    }
}
