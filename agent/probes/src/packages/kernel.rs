//! The kernel that runs beside those installed, and whether the host waits for a restart.

use std::collections::BTreeSet;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::{KernelFacts, RebootFacts};
use super::seen::InstalledPackage;
use super::version::{compare, version_less};
use crate::files::Root;

/// Largest file of one line, in bytes.
const LINE_FILE_BYTES_MAX: u64 = 4 * 1024;
/// Largest list of packages that asked for a restart, in bytes.
const REBOOT_LIST_BYTES_MAX: u64 = 64 * 1024;
/// Most packages named that asked for a restart.
const REBOOT_PACKAGES_MAX: usize = 200;
/// Begin of the names of packages that hold a kernel, the longer ones first. Proxmox names its own.
const PACKAGE_PREFIXES: &[&str] =
    &["linux-image-unsigned-", "linux-image-", "proxmox-kernel-", "pve-kernel-", "kernel-image-"];
/// Endings of such names that do not belong to the release of the kernel.
const PACKAGE_ENDINGS: &[&str] = &["-unsigned", "-signed"];
/// Ending of the packages that hold only what a debugger needs.
const DEBUG_ENDINGS: &[&str] = &["-dbg", "-dbgsym"];

/// An installed kernel: its release and the version of its package.
struct InstalledKernel<'a> {
    release: &'a str,
    version: &'a str,
}

/// Compares the running kernel with the installed ones of a Debian-like host; `Err` says why those cannot be told.
pub(super) fn facts(root: &Root, packages: Result<&[InstalledPackage], &Unknown>) -> KernelFacts {
    let running = running(root);
    let build = root.read_text("/proc/sys/kernel/version", LINE_FILE_BYTES_MAX).unwrap_or_default();
    match packages {
        Ok(packages) => compare_kernels(running, &build, &installed(packages)),
        Err(unknown) => KernelFacts {
            is_packaged: Fact::Unknown(unknown.clone()),
            running,
            newest_installed: Fact::Unknown(unknown.clone()),
            is_outdated: Fact::Unknown(unknown.clone()),
        },
    }
}

/// Release of the running kernel, uname(1).
pub(super) fn running(root: &Root) -> Fact<String> {
    match root.read_text("/proc/sys/kernel/osrelease", LINE_FILE_BYTES_MAX) {
        Ok(text) => Fact::Known(text.trim().to_owned()),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn installed(packages: &[InstalledPackage]) -> Vec<InstalledKernel<'_>> {
    packages
        .iter()
        .filter_map(|package| Some(InstalledKernel { release: release_of(&package.name)?, version: &package.version }))
        .collect()
}

/// The release of the kernel that a package of this name holds; none when it holds none. Names without a whole release,
/// as `linux-image-amd64` and `proxmox-kernel-6.8`, only point to the newest one.
fn release_of(name: &str) -> Option<&str> {
    if DEBUG_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let release = PACKAGE_PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let release = PACKAGE_ENDINGS.iter().find_map(|ending| release.strip_suffix(ending)).unwrap_or(release);
    let begins_with_number = release.starts_with(|first: char| first.is_ascii_digit());
    (begins_with_number && release.contains('-')).then_some(release)
}

fn compare_kernels(running: Fact<String>, build: &str, installed: &[InstalledKernel<'_>]) -> KernelFacts {
    if installed.is_empty() {
        let none = Unknown::new(Reason::DOES_NOT_APPLY, "no package of this host holds a kernel");
        return KernelFacts {
            is_packaged: Fact::Known(false),
            running,
            newest_installed: Fact::Unknown(none.clone()),
            is_outdated: Fact::Unknown(none),
        };
    }
    let release = match &running {
        Fact::Known(release) => release.clone(),
        Fact::Unknown(unknown) => {
            return KernelFacts {
                is_packaged: Fact::Known(true),
                newest_installed: Fact::Unknown(unknown.clone()),
                is_outdated: Fact::Unknown(unknown.clone()),
                running,
            };
        }
    };
    let (_, running_flavour) = number_and_flavour(&release);
    let same_flavour = installed.iter().filter(|kernel| number_and_flavour(kernel.release).1 == running_flavour);
    let newest = same_flavour
        .max_by(|left, right| compare(number_and_flavour(left.release).0, number_and_flavour(right.release).0));
    let Some(newest) = newest else {
        // A kernel from elsewhere runs: the installed ones say nothing of its age.
        let other = Unknown::new(Reason::DOES_NOT_APPLY, "the running kernel comes from no installed package");
        return KernelFacts {
            is_packaged: Fact::Known(false),
            running,
            newest_installed: Fact::Unknown(other.clone()),
            is_outdated: Fact::Unknown(other),
        };
    };
    let newer_release = version_less(number_and_flavour(&release).0, number_and_flavour(newest.release).0);
    let newer_build =
        newest.release == release && build_version(build).is_some_and(|built| version_less(built, newest.version));
    KernelFacts {
        is_packaged: Fact::Known(true),
        running,
        newest_installed: Fact::Known(newest.release.to_owned()),
        is_outdated: Fact::Known(newer_release || newer_build),
    }
}

/// Parts `6.1.0-31-cloud-amd64` into `6.1.0-31` and `cloud-amd64`. Raspberry Pi counts its builds as `rpi7`.
fn number_and_flavour(release: &str) -> (&str, &str) {
    let is_build = |word: &str| word.strip_prefix("rpi").is_some_and(|rest| rest.parse::<u32>().is_ok());
    let border = release.match_indices('-').find(|(at, _)| {
        let rest = release.get(at + 1..).unwrap_or_default();
        let word = rest.split('-').next().unwrap_or_default();
        word.starts_with(|first: char| first.is_ascii_alphabetic()) && !is_build(word)
    });
    border.and_then(|(at, _)| Some((release.get(..at)?, release.get(at + 1..)?))).unwrap_or((release, ""))
}

/// The package version that Debian writes into the running kernel: `#1 SMP Debian 6.1.129-1 (2025-03-06)`.
fn build_version(build: &str) -> Option<&str> {
    let mut words = build.split_ascii_whitespace();
    words.find(|word| *word == "Debian")?;
    words.next()
}

/// Folders where packages leave the mark that they need a restart.
const MARK_FOLDERS: &[&str] = &["/run", "/var/run"];

/// Whether the host waits for a restart: by its own mark, or because a newer kernel is installed.
pub(super) fn reboot(root: &Root, kernel: &KernelFacts) -> RebootFacts {
    let marks: Vec<String> = MARK_FOLDERS.iter().map(|folder| format!("{folder}/reboot-required")).collect();
    let mark = root.first_present(marks.iter().map(String::as_str));
    let marked = matches!(mark, Ok(Some(_)));
    let listed = MARK_FOLDERS
        .iter()
        .find_map(|folder| root.read_text(&format!("{folder}/reboot-required.pkgs"), REBOOT_LIST_BYTES_MAX).ok())
        .unwrap_or_default();
    let names: BTreeSet<&str> = listed.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
    RebootFacts {
        required: match (mark, &kernel.is_outdated) {
            (Ok(Some(_)), _) => Fact::Known(true),
            (Err(error), Fact::Known(false)) => Fact::Unknown(error.to_unknown()),
            (Ok(None) | Err(_), is_outdated) => is_outdated.clone(),
        },
        marked,
        packages: names.into_iter().take(REBOOT_PACKAGES_MAX).map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Running release, its build line, installed (release, version), expected newest, expected outdated.
    type Case =
        (&'static str, &'static str, &'static [(&'static str, &'static str)], Option<&'static str>, Option<bool>);

    const CASES: &[Case] = &[
        ("6.1.0-31-amd64", "", &[("6.1.0-31-amd64", "6.1.128-1")], Some("6.1.0-31-amd64"), Some(false)),
        ("6.1.0-9-amd64", "", &[("6.1.0-9-amd64", "1"), ("6.1.0-31-amd64", "1")], Some("6.1.0-31-amd64"), Some(true)),
        (
            "6.1.0-9-amd64",
            "",
            &[("6.1.0-9-amd64", "1"), ("6.1.0-31-cloud-amd64", "1")],
            Some("6.1.0-9-amd64"),
            Some(false),
        ),
        ("6.12.41+deb13-amd64", "", &[("6.12.43+deb13-amd64", "1")], Some("6.12.43+deb13-amd64"), Some(true)),
        ("5.15.0-105-generic", "", &[("5.15.0-106-generic", "1")], Some("5.15.0-106-generic"), Some(true)),
        (
            "6.1.0-31-amd64",
            "#1 SMP PREEMPT_DYNAMIC Debian 6.1.128-1 (2025-02-07)",
            &[("6.1.0-31-amd64", "6.1.129-1")],
            Some("6.1.0-31-amd64"),
            Some(true),
        ),
        ("6.8.12-4-pve", "", &[("6.8.12-4-pve", "1"), ("6.8.12-15-pve", "1")], Some("6.8.12-15-pve"), Some(true)),
        (
            "6.6.62+rpt-rpi-v8",
            "",
            &[("6.6.62+rpt-rpi-v8", "1"), ("6.6.74+rpt-rpi-v8", "1"), ("6.6.74+rpt-rpi-2712", "1")],
            Some("6.6.74+rpt-rpi-v8"),
            Some(true),
        ),
        (
            "6.1.0-rpi7-rpi-v8",
            "",
            &[("6.1.0-rpi7-rpi-v8", "1"), ("6.1.0-rpi8-rpi-v8", "1")],
            Some("6.1.0-rpi8-rpi-v8"),
            Some(true),
        ),
        ("6.18.44-fc-v669", "", &[("6.1.0-31-amd64", "1")], None, None),
        ("6.1.0-31-amd64", "", &[], None, None),
    ];

    #[test]
    fn a_newer_installed_kernel_of_the_same_flavour_makes_the_running_one_outdated() {
        for (running, build, installed, newest, outdated) in CASES {
            let installed: Vec<_> =
                installed.iter().map(|(release, version)| InstalledKernel { release, version }).collect();
            let facts = compare_kernels(Fact::Known((*running).to_owned()), build, &installed);
            assert_eq!(facts.newest_installed.known().map(String::as_str), *newest, "{running}");
            assert_eq!(facts.is_outdated.known(), outdated.as_ref(), "{running}");
        }
    }

    #[test]
    fn only_packages_that_hold_a_kernel_name_its_release() {
        for (name, expected) in [
            ("linux-image-6.1.0-31-amd64", Some("6.1.0-31-amd64")),
            ("linux-image-6.1.0-31-cloud-amd64-unsigned", Some("6.1.0-31-cloud-amd64")),
            ("linux-image-unsigned-5.15.0-105-generic", Some("5.15.0-105-generic")),
            ("linux-image-6.1.0-31-amd64-dbg", None),
            ("linux-image-amd64", None),
            ("linux-image-generic-hwe-22.04", None),
            ("linux-image-6.8", None),
            ("proxmox-kernel-6.8.12-4-pve-signed", Some("6.8.12-4-pve")),
            ("proxmox-kernel-6.8", None),
            ("pve-kernel-5.15.102-1-pve", Some("5.15.102-1-pve")),
            ("linux-headers-6.1.0-31-amd64", None),
            ("linux-image-5.15.0-1053-raspi", Some("5.15.0-1053-raspi")),
        ] {
            assert_eq!(release_of(name), expected, "{name}");
        }
    }
}
