//! Whether a daily job of apt is started: by a timer of systemd, or by cron where systemd does not run.

use crate::files::Root;

/// Folders of units, those of the administrator first.
const UNIT_FOLDERS: &[&str] =
    &["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
/// What a masked unit is a link to.
const MASK: &str = "/dev/null";
/// The job for hosts without systemd, and the programs that start it.
const CRON_JOB: &str = "/etc/cron.daily/apt-compat";
const CRON_PROGRAMS: &[&str] = &["/usr/sbin/cron", "/usr/sbin/anacron", "/usr/sbin/crond", "/usr/sbin/bcron-start"];
/// Where the first program of a host lies.
const INIT_PROGRAMS: &[&str] = &["/sbin/init", "/usr/sbin/init"];

/// Whether the job of a timer is started.
pub(super) fn is_started(root: &Root, is_live: bool, timer: &str) -> bool {
    if has_systemd(root, is_live) {
        is_enabled(root, timer)
    } else {
        root.exists(CRON_JOB) && CRON_PROGRAMS.iter().any(|program| root.exists(program))
    }
}

/// Whether systemd is, or would be, the first program. A folder without any is taken for a host with it.
fn has_systemd(root: &Root, is_live: bool) -> bool {
    if is_live {
        return root.exists("/run/systemd/system");
    }
    let mut inits = INIT_PROGRAMS.iter().filter(|path| root.exists(path)).peekable();
    let is_systemd = |path: &&str| root.link_text(path).is_some_and(|target| target.contains("systemd"));
    inits.peek().is_none() || inits.any(is_systemd)
}

/// Whether a timer is there, is wanted at boot, and is not masked.
fn is_enabled(root: &Root, timer: &str) -> bool {
    let in_folder = |folder: &&str, name: &str| format!("{folder}/{name}");
    let mut units = UNIT_FOLDERS.iter().map(|folder| in_folder(folder, timer));
    let is_there = |path: &String| root.link_text(path).is_some() || root.exists(path);
    let Some(link) = units.find(is_there).map(|path| root.link_text(&path)) else { return false };
    let wanted = |folder: &&str| {
        let path = in_folder(folder, &format!("timers.target.wants/{timer}"));
        root.link_text(&path).is_some_and(|target| target != MASK) || root.exists(&path)
    };
    link.as_deref() != Some(MASK) && UNIT_FOLDERS.iter().any(wanted)
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
            assert_eq!(is_started(&root, false, TIMER), expected, "{name}");
        }
    }
}
