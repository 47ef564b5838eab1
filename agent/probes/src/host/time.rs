//! The clock: which program keeps it, and whether a time server has set it.

use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::TimeFacts;
use super::processes;
use super::units::Units;
use crate::files::Root;
use crate::program::{self, Program};

/// systemd-timesyncd's folder, which it leaves when it ends, and the file that it makes when a server has set the clock.
const TIMESYNC: &str = "/run/systemd/timesync";
const TIMESYNC_DONE: &str = "/run/systemd/timesync/synchronized";
/// There while systemd runs.
const SYSTEMD: &str = "/run/systemd/system";
/// How chrony names its own clock in place of a server (`local` in chrony.conf(5)).
const CHRONY_LOCAL: &str = "7F7F0101";
/// Longest time for a program to answer, and most bytes.
const ANSWER_SECONDS_MAX: u64 = 3;
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// A program that keeps the clock.
struct Keeper {
    word: &'static str,
    units: &'static [&'static str],
    /// Name of its process, cut by the kernel at 15 bytes.
    process: &'static str,
    /// A file that tells it from others whose process has the same name.
    mark: Option<&'static str>,
}

/// Those that are known. systemd's own comes last: it gives way to the others.
const KEEPERS: &[Keeper] = &[
    Keeper { word: "chrony", units: &["chrony", "chronyd"], process: "chronyd", mark: None },
    Keeper { word: "ntpsec", units: &["ntpsec"], process: "ntpd", mark: Some("/etc/ntpsec") },
    Keeper { word: "openntpd", units: &["openntpd"], process: "ntpd", mark: Some("/etc/openntpd") },
    Keeper { word: "ntp", units: &["ntp", "ntpd"], process: "ntpd", mark: Some("/etc/ntp.conf") },
    Keeper { word: "ntpd-rs", units: &["ntpd-rs"], process: "ntp-daemon", mark: None },
    Keeper { word: "systemd-timesyncd", units: &["systemd-timesyncd"], process: "systemd-timesyn", mark: None },
];

pub(super) fn facts(host: &LookedAt, units: &Units) -> TimeFacts {
    if host.is_container {
        let unknown = Unknown::new(Reason::DOES_NOT_APPLY, "a container has the clock of its host");
        return TimeFacts { synchronised: Fact::Unknown(unknown.clone()), service: Fact::Unknown(unknown) };
    }
    let keeper = keeper(host, units);
    let synchronised = host.if_live(|| synchronised(&host.root, keeper.known().copied()));
    TimeFacts { synchronised, service: keeper.map(|keeper| keeper.word.to_owned()) }
}

/// The program that runs, else the one that starts with the host.
fn keeper(host: &LookedAt, units: &Units) -> Fact<&'static Keeper> {
    let running = if host.is_live { processes::names(&host.root) } else { Vec::new() };
    let runs = |keeper: &&Keeper| {
        running.iter().any(|name| name == keeper.process) && keeper.mark.is_none_or(|mark| host.root.exists(mark))
    };
    let starts = |keeper: &&Keeper| units.surely_starts(keeper.units);
    match KEEPERS.iter().find(runs).or_else(|| KEEPERS.iter().find(starts)) {
        Some(keeper) => Fact::Known(keeper),
        None => Fact::unknown(Reason::NOT_FOUND, "no program that keeps the clock runs or starts with the host"),
    }
}

fn synchronised(root: &Root, keeper: Option<&Keeper>) -> Fact<bool> {
    if root.exists(TIMESYNC_DONE) {
        return Fact::Known(true);
    }
    let asked = match keeper.map(|keeper| keeper.word) {
        Some("chrony") => ask("chronyc", &["-n", "-c", "tracking"], of_chrony),
        Some("ntpsec" | "ntp") => ask("ntpq", &["-n", "-c", "rv 0 leap,stratum"], of_ntp),
        Some(_) | None => Fact::unknown(Reason::NOT_FOUND, "no program that keeps the clock tells whether it is set"),
    };
    let is_timesyncd = keeper.is_none_or(|keeper| keeper.word == "systemd-timesyncd");
    match asked {
        Fact::Known(known) => Fact::Known(known),
        Fact::Unknown(_) if is_timesyncd && root.exists(TIMESYNC) && root.is_absent(TIMESYNC_DONE) => {
            Fact::Known(false)
        }
        // The kernel knows it from whoever sets the clock, and systemd asks the kernel.
        Fact::Unknown(_) if root.exists(SYSTEMD) => {
            ask("timedatectl", &["show", "--property=NTPSynchronized", "--value"], of_systemd)
        }
        Fact::Unknown(unknown) => Fact::Unknown(unknown),
    }
}

fn ask(name: &str, arguments: &[&str], read: fn(&str) -> Option<bool>) -> Fact<bool> {
    let program = Program {
        name,
        folders: program::SYSTEM_FOLDERS,
        arguments,
        time_max: Duration::from_secs(ANSWER_SECONDS_MAX),
        bytes_max: ANSWER_BYTES_MAX,
    };
    match program::run(&program).and_then(|output| output.succeeded(&program)) {
        Ok(out) => match read(&out) {
            Some(known) => Fact::Known(known),
            None => Fact::unknown(Reason::PROGRAM_FAILED, format!("{name}: the answer is not understood")),
        },
        Err(unknown) => Fact::Unknown(unknown),
    }
}

/// The line of `chronyc -c tracking`: the server's id first, the state of the leap second last.
fn of_chrony(out: &str) -> Option<bool> {
    let mut fields = out.trim().split(',');
    let server = fields.next()?;
    match fields.next_back()? {
        "Normal" | "Insert second" | "Delete second" => Some(server != CHRONY_LOCAL),
        "Not synchronised" => Some(false),
        _other => None,
    }
}

/// The variables of `ntpq -c "rv 0 leap,stratum"`: leap 11 and stratum 16 mean that no server has set the clock.
fn of_ntp(out: &str) -> Option<bool> {
    let value = |name: &str| out.split([',', '\n']).find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let leap = value("leap")?;
    Some(!matches!(leap, "11" | "3") && value("stratum") != Some("16"))
}

fn of_systemd(out: &str) -> Option<bool> {
    match out.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    const SYSTEMD_IS_THERE: (&str, &str) = ("/usr/lib/systemd/systemd", "");

    fn look(files: &[(&str, &str)], is_live: bool) -> (Option<String>, Option<bool>) {
        let (_folder, host) = if is_live { made_root::running(files) } else { made_root::folder(files) };
        let facts = facts(&host, &Units::read(&host.root));
        (facts.service.known().cloned(), facts.synchronised.known().copied())
    }

    #[test]
    fn the_program_that_runs_stands_before_those_that_start() {
        let timesyncd = [
            (
                "/etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service",
                "-> /lib/systemd/system/systemd-timesyncd.service",
            ),
            ("/lib/systemd/system/systemd-timesyncd.service", ""),
            SYSTEMD_IS_THERE,
        ];
        let chrony = [
            ("/etc/systemd/system/multi-user.target.wants/chrony.service", "-> /lib/systemd/system/chrony.service"),
            ("/lib/systemd/system/chrony.service", ""),
        ];
        let both = [&timesyncd[..], &chrony].concat();
        let openntpd = [("/proc/7/comm", "ntpd\n"), ("/etc/openntpd/ntpd.conf", "")];
        for (files, is_live, expected) in [
            (&timesyncd[..], false, Some("systemd-timesyncd")),
            (&both, false, Some("chrony")),
            (&[&both[..], &[("/proc/7/comm", "systemd-timesyn\n")]].concat(), true, Some("systemd-timesyncd")),
            (&[&both[..], &[("/proc/7/comm", "systemd-timesyn\n")]].concat(), false, Some("chrony")),
            (&openntpd, true, Some("openntpd")),
            (&[], false, None),
        ] {
            assert_eq!(look(files, is_live).0.as_deref(), expected, "{files:?}");
        }
    }

    #[test]
    fn timesyncd_says_by_a_file_that_a_server_has_set_the_clock() {
        for (files, is_live, expected) in [
            (&[(TIMESYNC_DONE, "")][..], true, Some(true)),
            (&[("/run/systemd/timesync/other", "")], true, Some(false)),
            (&[("/run/other", "")], true, None),
            (&[(TIMESYNC_DONE, "")], false, None),
        ] {
            assert_eq!(look(files, is_live).1, expected, "{files:?}");
        }
    }

    #[test]
    fn answers_of_programs_are_understood() {
        for (out, expected) in [
            ("C0A80001,192.168.0.1,3,1763798400.1,0.00001,0.0,0.0,-1.2,0.0,0.1,0.01,0.001,64.2,Normal\n", Some(true)),
            ("00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n", Some(false)),
            ("7F7F0101,127.127.1.1,10,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal\n", Some(false)),
            ("506 Cannot talk to daemon\n", None),
        ] {
            assert_eq!(of_chrony(out), expected, "{out}");
        }
        for (out, expected) in
            [("leap=00, stratum=3\n", Some(true)), ("leap=11, stratum=16\n", Some(false)), ("timed out", None)]
        {
            assert_eq!(of_ntp(out), expected, "{out}");
        }
        assert_eq!(["yes\n", "no\n", ""].map(of_systemd), [Some(true), Some(false), None]);
    }
}
