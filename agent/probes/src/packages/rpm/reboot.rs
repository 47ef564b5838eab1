//! Whether a host with rpm waits for a restart: the rule of `needs-restarting -r` of dnf's plugins, from the times at which
//! packages were installed.

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::installed::RpmPackage;
use crate::files::Root;
use crate::packages::facts::{KernelFacts, RebootFacts};
use crate::packages::kernel;
use crate::packages::seen::Looking;

/// Packages whose new form counts only after a restart.
const NEEDS_REBOOT: &[&str] = &[
    "kernel",
    "kernel-core",
    "kernel-rt",
    "kernel-rt-core",
    "kernel-uek",
    "kernel-uek-core",
    "glibc",
    "linux-firmware",
    "systemd",
    "dbus",
    "dbus-broker",
    "dbus-daemon",
    "microcode_ctl",
];
/// Largest `/proc/stat`, in bytes: a line for each processor.
const STAT_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Packages installed this shortly after the start are counted as before it: the clock is set while the system starts.
const START_SECONDS: i64 = 60;

/// Whether the host waits, and for which packages.
pub(super) fn facts(looking: &Looking<'_>, kernel: &KernelFacts, packages: &[RpmPackage]) -> RebootFacts {
    let own = kernel::reboot(looking.root, kernel);
    let started = if looking.context.is_live() {
        started(looking.root)
    } else {
        Err(Unknown::new(Reason::DOES_NOT_APPLY, "a folder that holds a host does not run"))
    };
    compose(own, kernel, started, packages)
}

fn compose(
    own: RebootFacts,
    kernel: &KernelFacts,
    started: Result<Timestamp, Unknown>,
    packages: &[RpmPackage],
) -> RebootFacts {
    let waiting = started.as_ref().map_or_else(|_| Vec::new(), |started| since(packages, *started));
    let is_sure = own.marked || kernel.is_outdated == Fact::Known(true) || !waiting.is_empty();
    RebootFacts {
        required: match started {
            _ if is_sure => Fact::Known(true),
            Ok(_) => Fact::Known(false),
            Err(unknown) => Fact::Unknown(unknown),
        },
        packages: own.packages.into_iter().chain(waiting).collect(),
        ..own
    }
}

/// Names of the packages that were installed after the host had started.
fn since(packages: &[RpmPackage], started: Timestamp) -> Vec<String> {
    let after = |package: &&RpmPackage| {
        let at = package.installed_at.map(|at| at.as_second().saturating_sub(started.as_second()));
        NEEDS_REBOOT.contains(&package.name.as_str()) && at.is_some_and(|seconds| seconds > START_SECONDS)
    };
    let mut names: Vec<String> = packages.iter().filter(after).map(|package| package.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn started(root: &Root) -> Result<Timestamp, Unknown> {
    let stat = root.read_text("/proc/stat", STAT_BYTES_MAX).map_err(|error| error.to_unknown())?;
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "));
    let second = line.and_then(|second| second.trim().parse().ok());
    let started = second.and_then(|second| Timestamp::from_second(second).ok());
    started.ok_or_else(|| Unknown::new(Reason::UNREADABLE, "/proc/stat does not say when the host was started"))
}

#[cfg(test)]
mod tests {
    use super::super::evr::Evr;
    use super::*;

    fn package(name: &str, second: i64) -> RpmPackage {
        RpmPackage {
            name: name.to_owned(),
            architecture: "x86_64".to_owned(),
            evr: Evr::parse("1-1").unwrap(),
            installed_at: Timestamp::from_second(second).ok(),
            source_file: String::new(),
        }
    }

    fn look(packages: &[RpmPackage], started: Result<i64, Unknown>, is_outdated: bool) -> RebootFacts {
        let kernel = KernelFacts {
            is_packaged: Fact::Known(true),
            running: Fact::Known(String::new()),
            newest_installed: Fact::Known(String::new()),
            is_outdated: Fact::Known(is_outdated),
        };
        let own = RebootFacts { required: Fact::Known(false), marked: false, packages: Vec::new() };
        compose(own, &kernel, started.map(|second| Timestamp::from_second(second).unwrap()), packages)
    }

    #[test]
    fn a_part_of_the_core_installed_after_the_start_needs_another() {
        let packages = [package("glibc", 2_000), package("systemd", 500), package("bash", 2_000)];
        let facts = look(&packages, Ok(1_000), false);
        assert_eq!((facts.required, facts.packages), (Fact::Known(true), vec!["glibc".to_owned()]));
        let facts = look(&packages, Ok(1_990), false);
        assert_eq!((facts.required, facts.packages), (Fact::Known(false), Vec::new()));
    }

    #[test]
    fn without_the_moment_of_the_start_only_a_yes_can_be_said() {
        let unknown = Unknown::new(Reason::DOES_NOT_APPLY, "does not run");
        let packages = [package("glibc", 2_000)];
        assert_eq!(look(&packages, Err(unknown.clone()), false).required, Fact::Unknown(unknown.clone()));
        assert_eq!(look(&packages, Err(unknown), true).required, Fact::Known(true));
    }
}
