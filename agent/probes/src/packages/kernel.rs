//! The kernel that runs beside those installed, and whether the host waits for a restart.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::KernelFacts;
use super::installed::DpkgState;
use super::version::{compare, version_less};
use crate::files::Root;

/// Largest file of one line, in bytes.
const LINE_FILE_BYTES_MAX: u64 = 4 * 1024;
/// Begin of the names of packages that hold a kernel.
const PACKAGE_PREFIXES: &[&str] = &["linux-image-unsigned-", "linux-image-"];

/// An installed kernel: its release and the version of its package.
struct InstalledKernel<'a> {
    release: &'a str,
    version: &'a str,
}

/// Compares the running kernel with the installed ones.
pub(super) fn facts(root: &Root, dpkg: Result<&DpkgState, &Unknown>) -> KernelFacts {
    let running = running(root);
    let build = root.read_text("/proc/sys/kernel/version", LINE_FILE_BYTES_MAX).unwrap_or_default();
    match dpkg {
        Ok(state) => compare_kernels(running, &build, &installed(state)),
        Err(unknown) => KernelFacts {
            is_packaged: Fact::Unknown(unknown.clone()),
            running,
            newest_installed: Fact::Unknown(unknown.clone()),
            is_outdated: Fact::Unknown(unknown.clone()),
        },
    }
}

fn running(root: &Root) -> Fact<String> {
    match root.read_text("/proc/sys/kernel/osrelease", LINE_FILE_BYTES_MAX) {
        Ok(text) => Fact::Known(text.trim().to_owned()),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn installed(state: &DpkgState) -> Vec<InstalledKernel<'_>> {
    let kernel =
        |name: &str| PACKAGE_PREFIXES.iter().find_map(|prefix| Some(prefix.len()).filter(|_| name.starts_with(prefix)));
    state
        .packages
        .iter()
        .filter(|package| !package.broken)
        .filter_map(|package| {
            let release = package.name.get(kernel(&package.name)?..)?;
            // `linux-image-amd64` only points to the newest one.
            let has_number = release.starts_with(|first: char| first.is_ascii_digit());
            has_number.then_some(InstalledKernel { release, version: &package.version })
        })
        .collect()
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

/// Parts `6.1.0-31-cloud-amd64` into `6.1.0-31` and `cloud-amd64`.
fn number_and_flavour(release: &str) -> (&str, &str) {
    let border = release.match_indices('-').find(|(at, _)| {
        release.get(at + 1..).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()))
    });
    border.and_then(|(at, _)| Some((release.get(..at)?, release.get(at + 1..)?))).unwrap_or((release, ""))
}

/// The package version that Debian writes into the running kernel: `#1 SMP Debian 6.1.129-1 (2025-03-06)`.
fn build_version(build: &str) -> Option<&str> {
    let mut words = build.split_ascii_whitespace();
    words.find(|word| *word == "Debian")?;
    words.next()
}

/// Whether the host carries the mark that packages leave when they need a restart.
pub(super) fn reboot_marked(root: &Root) -> bool {
    ["/run/reboot-required", "/var/run/reboot-required"].iter().any(|path| root.exists(path))
}

/// Whether the host waits for a restart: by its own mark, or because a newer kernel is installed.
pub(super) fn reboot_required(is_marked: bool, kernel: &KernelFacts) -> Fact<bool> {
    if is_marked { Fact::Known(true) } else { kernel.is_outdated.clone() }
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
}
