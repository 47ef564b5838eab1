//! Whether a daily job of apt is started: by a timer of systemd, or by cron where systemd does not run.

use crate::files::{FileError, Root};
use crate::packages::timer::is_enabled;

/// The job for hosts without systemd, and the programs that start it.
const CRON_JOB: &str = "/etc/cron.daily/apt-compat";
const CRON_PROGRAMS: &[&str] = &["/usr/sbin/cron", "/usr/sbin/anacron", "/usr/sbin/crond", "/usr/sbin/bcron-start"];
/// Where the first program of a host lies.
const INIT_PROGRAMS: &[&str] = &["/sbin/init", "/usr/sbin/init"];

/// Whether the job of a timer is started.
///
/// # Errors
/// [`FileError`] when a folder that decides it cannot be looked into.
pub(super) fn is_started(root: &Root, is_live: bool, timer: &str) -> Result<bool, FileError> {
    if has_systemd(root, is_live)? {
        is_enabled(root, timer)
    } else {
        Ok(root.presence(CRON_JOB)? && root.first_present(CRON_PROGRAMS.iter().copied())?.is_some())
    }
}

/// Whether systemd is, or would be, the first program. A folder without any is taken for a host with it.
fn has_systemd(root: &Root, is_live: bool) -> Result<bool, FileError> {
    if is_live {
        return root.presence("/run/systemd/system");
    }
    let is_systemd = |path: &&str| root.link_text(path).is_some_and(|target| target.contains("systemd"));
    Ok(root.first_present(INIT_PROGRAMS.iter().copied())?.is_none() || INIT_PROGRAMS.iter().any(is_systemd))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const TIMER: &str = "apt-daily-upgrade.timer";

    fn root_with(files: &[&str], links: &[(&str, &str)]) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            path
        };
        files.iter().for_each(|path| std::fs::write(place(path), "x").expect("a file"));
        links.iter().for_each(|(path, target)| symlink(target, place(path)).expect("a link"));
        let root = Root::new(folder.path());
        (folder, root)
    }

    #[test]
    fn a_timer_is_enabled_when_it_is_there_wanted_and_not_masked() {
        let unit = "lib/systemd/system/apt-daily-upgrade.timer";
        let wanted = ("etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer", "/lib/systemd/system/x");
        let masked = ("etc/systemd/system/apt-daily-upgrade.timer", "/dev/null");
        let systemd = ("sbin/init", "/lib/systemd/systemd");
        for (name, files, links, expected) in [
            ("enabled", vec![unit], vec![systemd, wanted], true),
            ("disabled", vec![unit], vec![systemd], false),
            ("masked", vec![unit], vec![systemd, wanted, masked], false),
            ("not there", vec![], vec![systemd, wanted], false),
            ("another first program", vec![unit, "sbin/init"], vec![wanted], false),
            ("cron", vec!["sbin/init", "etc/cron.daily/apt-compat", "usr/sbin/anacron"], vec![], true),
            ("no cron", vec!["sbin/init", "etc/cron.daily/apt-compat"], vec![], false),
        ] {
            let (_folder, root) = root_with(&files, &links);
            assert_eq!(is_started(&root, false, TIMER).expect("every folder can be entered"), expected, "{name}");
        }
    }

    #[test]
    fn a_folder_of_units_that_may_not_be_entered_leaves_it_open() {
        let wanted = ("etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer", "/lib/systemd/system/x");
        // A link to itself stands for such a folder.
        let (_folder, root) = root_with(&[], &[("sbin/init", "/lib/systemd/systemd"), wanted, ("usr/lib", "lib")]);
        assert!(is_started(&root, false, TIMER).is_err());
    }
}
