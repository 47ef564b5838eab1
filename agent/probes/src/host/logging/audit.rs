//! The audit service, auditd(8), and the rules that it loads, audit.rules(7).

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::super::units::Units;
use super::super::{LookedAt, patterns};
use crate::files::{FileError, Root};

/// Where the program lies.
const PROGRAMS: &[&str] = &["/usr/sbin/auditd", "/sbin/auditd"];
/// Files that are put together at the start, and the outcome, which counts where there are none.
const PARTS: &str = "/etc/audit/rules.d/*.rules";
const WHOLE: &str = "/etc/audit/audit.rules";
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// How a line begins that adds a rule.
const RULES: &[&str] = &["-a ", "-A ", "-w "];

pub(super) fn enabled(host: &LookedAt, units: &Units) -> Fact<bool> {
    if host.is_container {
        return Fact::Unknown(super::super::kernel_of_another_host());
    }
    match is_installed(&host.root) {
        Ok(true) => units.starts(&["auditd"]),
        Ok(false) => Fact::Known(false),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

pub(super) fn rule_count(host: &LookedAt) -> Fact<i64> {
    if host.is_container {
        return Fact::Unknown(super::super::kernel_of_another_host());
    }
    match is_installed(&host.root).and_then(|installed| installed.then(|| count(&host.root)).transpose()) {
        Ok(Some(count)) => Fact::Known(count),
        Ok(None) => Fact::unknown(Reason::NOT_FOUND, "the audit service is not installed"),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn is_installed(root: &Root) -> Result<bool, FileError> {
    Ok(root.first_present(PROGRAMS.iter().copied())?.is_some())
}

fn count(root: &Root) -> Result<i64, FileError> {
    let mut paths = patterns::files(root, PARTS)?;
    if paths.is_empty() {
        paths.push(WHOLE.to_owned());
    }
    let mut count = 0;
    for path in paths {
        let text = match root.read_text(&path, FILE_BYTES_MAX) {
            Err(error) if error.is_not_found() => String::new(),
            text => text?,
        };
        let rules = text.lines().map(str::trim_start).filter(|line| RULES.iter().any(|word| line.starts_with(word)));
        count += i64::try_from(rules.count()).unwrap_or(i64::MAX);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    const PROGRAM: (&str, &str) = ("/sbin/auditd", "");

    #[test]
    fn rules_are_counted_in_the_parts_else_in_the_whole() {
        const PART: (&str, &str) =
            ("/etc/audit/rules.d/a.rules", "## c\n-D\n-b 8192\n-w /etc/passwd -p wa\n -a always,exit -S x\n");
        const OTHER: (&str, &str) = ("/etc/audit/audit.rules", "-D\n-w /etc/shadow -p wa\n");
        for (files, expected) in [
            (&[PROGRAM, PART, OTHER][..], Some(2)),
            (&[PROGRAM, OTHER], Some(1)),
            (&[PROGRAM], Some(0)),
            (&[PART], None),
        ] {
            let (_folder, host) = made_root::folder(files);
            assert_eq!(rule_count(&host).known().copied(), expected, "{files:?}");
        }
    }

    #[test]
    fn the_service_is_enabled_when_it_is_there_and_starts() {
        const SYSTEMD: (&str, &str) = ("/usr/lib/systemd/systemd", "");
        const UNIT: (&str, &str) = ("/lib/systemd/system/auditd.service", "");
        // A link to itself stands for a folder that may not be entered.
        const CLOSED: (&str, &str) = ("/sbin", "-> sbin");
        const LINK: (&str, &str) =
            ("/etc/systemd/system/multi-user.target.wants/auditd.service", "-> /lib/systemd/system/auditd.service");
        for (files, expected) in [
            (&[PROGRAM, SYSTEMD, UNIT, LINK][..], Some(true)),
            (&[SYSTEMD, LINK], Some(false)),
            (&[PROGRAM], None),
            (&[CLOSED, SYSTEMD, LINK], None),
        ] {
            let (_folder, mut host) = made_root::folder(files);
            assert_eq!(enabled(&host, &Units::read(&host.root)).known().copied(), expected, "{files:?}");
            host.is_container = true;
            assert_eq!(enabled(&host, &Units::read(&host.root)).known(), None);
        }
    }
}
