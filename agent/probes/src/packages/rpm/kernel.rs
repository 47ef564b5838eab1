//! The kernel that runs beside those that rpm has installed.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::installed::RpmPackage;
use crate::files::Root;
use crate::packages::facts::KernelFacts;
use crate::packages::kernel;

/// Packages that hold a kernel, and what it appends to its release. `kernel` alone holds one on systems of before 2015, and
/// is an empty package that points to the others since.
const KERNELS: &[(&str, &[&str])] = &[
    ("kernel-core", &[""]),
    ("kernel-rt-core", &["+rt", ""]),
    ("kernel-64k-core", &["+64k"]),
    ("kernel-debug-core", &["+debug", ".debug"]),
    ("kernel-uek-core", &[""]),
    ("kernel-uek", &[""]),
    ("kernel-lt", &[""]),
    ("kernel-ml", &[""]),
    ("kernel", &[""]),
];

/// Compares the running kernel with the installed ones of its kind.
pub(super) fn facts(root: &Root, packages: &[RpmPackage]) -> KernelFacts {
    compare(kernel::running(root), packages)
}

fn compare(running: Fact<String>, packages: &[RpmPackage]) -> KernelFacts {
    let kinds = || KERNELS.iter().filter(|(name, _)| packages.iter().any(|package| package.name == *name));
    let Some((first, _)) = kinds().next() else {
        let none = Unknown::new(Reason::DOES_NOT_APPLY, "no package of this host holds a kernel");
        return KernelFacts {
            is_packaged: Fact::Known(false),
            running,
            newest_installed: Fact::Unknown(none.clone()),
            is_outdated: Fact::Unknown(none),
        };
    };
    let Fact::Known(release) = &running else {
        let unknown = match &running {
            Fact::Unknown(unknown) => unknown.clone(),
            Fact::Known(_) => Unknown::new(Reason::NOT_FOUND, "the running kernel is not known"),
        };
        return KernelFacts {
            is_packaged: Fact::Known(true),
            newest_installed: newest(packages, first)
                .map_or_else(|| Fact::Unknown(unknown.clone()), |newest| Fact::Known(release_of(newest))),
            is_outdated: Fact::Unknown(unknown),
            running,
        };
    };
    let runs = |package: &&RpmPackage, endings: &[&str]| {
        endings.iter().any(|ending| *release == format!("{}{ending}", release_of(package)))
    };
    let found = kinds().find_map(|(name, endings)| {
        let of_name = packages.iter().filter(|package| package.name == *name);
        Some((name, of_name.into_iter().find(|package| runs(package, endings))?))
    });
    let Some((name, running_package)) = found else {
        // A kernel from elsewhere runs: the installed ones say nothing of its age.
        let other = Unknown::new(Reason::DOES_NOT_APPLY, "the running kernel comes from no installed package");
        return KernelFacts {
            is_packaged: Fact::Known(false),
            running,
            newest_installed: Fact::Unknown(other.clone()),
            is_outdated: Fact::Unknown(other),
        };
    };
    let newest = newest(packages, name).unwrap_or(running_package);
    KernelFacts {
        is_packaged: Fact::Known(true),
        newest_installed: Fact::Known(release_of(newest)),
        is_outdated: Fact::Known(newest.evr > running_package.evr),
        running,
    }
}

fn newest<'a>(packages: &'a [RpmPackage], name: &str) -> Option<&'a RpmPackage> {
    packages.iter().filter(|package| package.name == name).max_by(|left, right| left.evr.cmp(&right.evr))
}

/// The release of the kernel that a package holds: `5.14.0-427.el9.x86_64`.
fn release_of(package: &RpmPackage) -> String {
    format!("{}.{}", package.evr.without_epoch(), package.architecture)
}

#[cfg(test)]
mod tests {
    use super::super::evr::Evr;
    use super::*;

    fn package(name: &str, evr: &str) -> RpmPackage {
        RpmPackage {
            name: name.to_owned(),
            architecture: "x86_64".to_owned(),
            evr: Evr::parse(evr).unwrap(),
            installed_at: None,
            source_file: String::new(),
        }
    }

    #[test]
    fn only_a_newer_installed_kernel_of_the_same_kind_makes_the_running_one_outdated() {
        for (running, installed, newest, outdated) in [
            ("5.14.0-1.el9.x86_64", &[("kernel-core", "5.14.0-1.el9")][..], Some("5.14.0-1.el9.x86_64"), Some(false)),
            (
                "5.14.0-1.el9.x86_64",
                &[("kernel-core", "5.14.0-1.el9"), ("kernel-core", "5.14.0-10.el9"), ("kernel-core", "5.14.0-2.el9")],
                Some("5.14.0-10.el9.x86_64"),
                Some(true),
            ),
            (
                "5.14.0-1.el9.x86_64",
                &[("kernel-core", "5.14.0-1.el9"), ("kernel-uek-core", "6.12.0-1.el9uek")],
                Some("5.14.0-1.el9.x86_64"),
                Some(false),
            ),
            (
                "5.14.0-1.el9.x86_64+rt",
                &[
                    ("kernel-core", "5.14.0-1.el9"),
                    ("kernel-rt-core", "5.14.0-1.el9"),
                    ("kernel-rt-core", "5.14.0-2.el9"),
                ],
                Some("5.14.0-2.el9.x86_64"),
                Some(true),
            ),
            ("6.1.0-cloud", &[("kernel-core", "5.14.0-1.el9")], None, None),
            ("6.1.0-cloud", &[("bash", "5-1")], None, None),
        ] {
            let packages: Vec<RpmPackage> = installed.iter().map(|(name, evr)| package(name, evr)).collect();
            let facts = compare(Fact::Known(running.to_owned()), &packages);
            assert_eq!(facts.newest_installed.known().map(String::as_str), newest, "{running}");
            assert_eq!(facts.is_outdated.known(), outdated.as_ref(), "{running}");
        }
    }
}
