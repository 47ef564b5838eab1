//! Which installed packages the feed speaks of: those that the distribution made for this release, by source package.
//!
//! Left out, and counted: what others made, what was taken back from a later release, and kernels that neither run nor
//! would after a restart. Of a kernel's source package only the image counts: headers and tools run nowhere.

use std::collections::BTreeMap;

use vedetta_checks::feed::Release;

use super::super::kernel;
use super::super::seen::{InstalledPackage, Origin};
use super::super::version::{compare, version_less};
use crate::files::Root;

/// Mark of versions that were taken back from a later release, in a source of their own.
const BACKPORT_MARK: &str = "~bpo";
/// Marks that others put into their versions.
const FOREIGN_MARKS: &[&str] = &["ubuntu", "pgdg", "sury", "~mx", "+pve", "-pve"];
/// Begin of the names of source packages that hold signed copies of a kernel; the architecture follows.
const SIGNED_KERNEL: &str = "linux-signed-";
/// Source packages of kernels from a later release, which an older one offers beside its own: `linux-signed-6.1-amd64`.
const LATER_KERNELS: &[&str] = &["linux-4.19", "linux-5.10", "linux-6.1", "linux-6.12", "linux-6.18"];
/// Begin of the names of packages that hold a kernel.
const KERNEL_IMAGE: &str = "linux-image-";

/// One source package on this host, by its oldest installed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CoveredSource<'a> {
    /// The installed package that stands for it.
    pub(super) package: &'a InstalledPackage,
    /// Its version as a version of the source package.
    pub(super) version: &'a str,
}

/// The source packages that the feed can speak of.
#[derive(Debug, Default)]
pub(super) struct Covered<'a> {
    /// By name.
    pub(super) sources: BTreeMap<&'a str, CoveredSource<'a>>,
    /// How many installed packages were left out, because the distribution did not make them for this release.
    pub(super) left_out: usize,
}

/// The source package of an installed package as a tracker knows it, and its version.
///
/// A signed kernel is built from a source package of its own, `linux-signed-amd64 6.1.187+1`, that holds nothing else.
pub(super) fn tracked_source(package: &InstalledPackage) -> (&str, &str) {
    let Some(rest) = package.source.strip_prefix(SIGNED_KERNEL) else {
        return (&package.source, &package.source_version);
    };
    match rest.split_once('-') {
        None => ("linux", &package.version),
        Some((number, _architecture)) => {
            let later = LATER_KERNELS.iter().find(|name| name.strip_prefix("linux-") == Some(number));
            (later.unwrap_or(&package.source.as_str()), &package.version)
        }
    }
}

fn is_kernel_source(name: &str) -> bool {
    let rest = name.strip_prefix("linux-").unwrap_or_default();
    name == "linux" || rest.starts_with(|first: char| first.is_ascii_digit())
}

/// Sorts the installed packages; `origins` stand in their order and may be missing.
pub(super) fn covered<'a>(
    root: &Root,
    installed: &'a [InstalledPackage],
    origins: &[Origin],
    codename: &str,
    release: &Release,
) -> Covered<'a> {
    let mut covered = Covered::default();
    let kernel = kernel_in_use(root, installed);
    for (index, package) in installed.iter().enumerate() {
        let (source, version) = tracked_source(package);
        let origin = origins.get(index).copied().unwrap_or(Origin::Untold);
        let newest = release.sources.get(source).and_then(|known| known.newest.as_deref());
        if is_elsewhere(package, version, origin, codename, newest) {
            covered.left_out += 1;
        } else if !is_kernel_source(source) || kernel == Some(index) {
            add(&mut covered.sources, source, CoveredSource { package, version });
        }
    }
    covered
}

/// The oldest part stands for a source package, and of equally old ones that of its name, else the first by name.
fn add<'a>(sources: &mut BTreeMap<&'a str, CoveredSource<'a>>, name: &'a str, new: CoveredSource<'a>) {
    let rank = |one: &CoveredSource<'_>| (one.package.name != name, one.package.name.clone());
    sources
        .entry(name)
        .and_modify(|old| match compare(new.version, old.version) {
            std::cmp::Ordering::Less => *old = new,
            std::cmp::Ordering::Equal if rank(&new) < rank(old) => *old = new,
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => {}
        })
        .or_insert(new);
}

fn is_elsewhere(
    package: &InstalledPackage,
    version: &str,
    origin: Origin,
    codename: &str,
    newest: Option<&str>,
) -> bool {
    // The distribution never offered a version above its newest one.
    let is_above = || newest.is_some_and(|newest| version_less(newest, without_rebuild(version)));
    match origin {
        _ if is_marked_foreign(&package.version, codename) => true,
        Origin::Elsewhere => true,
        Origin::Distribution => false,
        Origin::Untold => is_above(),
    }
}

/// A version without the mark of a rebuild of the same source, `1.0-1+b2`: no source package has one.
fn without_rebuild(version: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    version.rsplit_once("+b").filter(|(_, number)| is_number(number)).map_or(version, |(source, _)| source)
}

/// Whether a version says itself that the distribution did not make it for this release.
fn is_marked_foreign(version: &str, codename: &str) -> bool {
    let has_codename =
        !codename.is_empty() && ["~", "+", "."].iter().any(|before| version.contains(&format!("{before}{codename}")));
    has_codename || version.contains(BACKPORT_MARK) || FOREIGN_MARKS.iter().any(|mark| version.contains(mark))
}

/// The installed kernel that counts: the newest of the flavour that runs; without a running one the newest of all.
fn kernel_in_use(root: &Root, installed: &[InstalledPackage]) -> Option<usize> {
    let facts = kernel::facts(root, Ok(installed));
    let runs_another = facts.is_packaged.known() == Some(&false);
    let images = || {
        installed.iter().enumerate().filter(|(_, package)| {
            let release =
                package.name.strip_prefix(KERNEL_IMAGE).map(|rest| rest.strip_prefix("unsigned-").unwrap_or(rest));
            // `linux-image-amd64` only points to the newest one.
            release.is_some_and(|release| release.starts_with(|first: char| first.is_ascii_digit()))
                && !package.name.ends_with("-dbg")
        })
    };
    if runs_another {
        return None;
    }
    match facts.newest_installed.known() {
        Some(release) => images().find(|(_, package)| package.name.contains(release.as_str())).map(|(index, _)| index),
        None => images().max_by(|left, right| compare(&left.1.version, &right.1.version)).map(|(index, _)| index),
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::feed::SourcePackage;

    use super::super::testing::package;
    use super::*;

    fn names(covered: &Covered<'_>) -> Vec<String> {
        let named =
            |(source, one): (&&str, &CoveredSource<'_>)| format!("{source} {} {}", one.package.name, one.version);
        covered.sources.iter().map(named).collect()
    }

    fn sorted(installed: &[InstalledPackage], origins: &[Origin]) -> (Vec<String>, usize) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let known = SourcePackage { newest: Some("1.22.1-9+deb12u8".to_owned()), groups: Vec::new() };
        let release = Release { sources: [("nginx".to_owned(), known)].into(), ..Release::default() };
        let covered = covered(&Root::new(folder.path()), installed, origins, "bookworm", &release);
        (names(&covered), covered.left_out)
    }

    #[test]
    fn the_oldest_part_stands_for_a_source_package() {
        let installed = [
            package("libssl3", "3.0.9-1", "openssl", "3.0.9-1"),
            package("openssl", "3.0.11-1~deb12u1", "openssl", "3.0.11-1~deb12u1"),
            package("libssl-dev", "3.0.9-1", "openssl", "3.0.9-1"),
            package("cpp", "4:12.2.0-3", "gcc-defaults", "1.203"),
        ];
        let expected = ["gcc-defaults cpp 1.203", "openssl libssl-dev 3.0.9-1"].map(str::to_owned).to_vec();
        assert_eq!(sorted(&installed, &[]), (expected, 0));
    }

    #[test]
    fn what_the_distribution_did_not_make_for_this_release_is_left_out_and_counted() {
        for (version, origin, is_left_out) in [
            ("1.22.1-9", Origin::Untold, false),
            ("1.22.1-9", Origin::Distribution, false),
            ("1.22.1-9", Origin::Elsewhere, true),
            ("1.22.1-9~bpo11+1", Origin::Distribution, true),
            ("1.20.2-1~bookworm", Origin::Untold, true),
            ("1.18.0-6ubuntu14", Origin::Untold, true),
            ("1.24.0-1", Origin::Untold, true),
            ("1.22.1-9+deb12u8+b1", Origin::Untold, false),
            ("1.22.1-9+deb12u9+b1", Origin::Untold, true),
            ("1.22.1-9+deb12u9", Origin::Distribution, false),
        ] {
            let (kept, left_out) = sorted(&[package("nginx", version, "nginx", version)], &[origin]);
            assert_eq!((kept.is_empty(), left_out), (is_left_out, usize::from(is_left_out)), "{version} {origin:?}");
        }
    }

    #[test]
    fn a_signed_kernel_is_tracked_under_the_kernel_that_it_signs() {
        for (source, expected) in [
            ("linux-signed-amd64", "linux"),
            ("linux-signed-arm64", "linux"),
            ("linux-signed-6.12-amd64", "linux-6.12"),
            ("linux-signed-9.9-amd64", "linux-signed-9.9-amd64"),
        ] {
            let image = package("linux-image-6.12.0-1-amd64", "6.12.5-1", source, "6.12.5+1");
            assert_eq!(tracked_source(&image), (expected, "6.12.5-1"));
        }
    }

    #[test]
    fn of_a_kernel_only_the_newest_image_counts() {
        let signed = |name: &str, version: &str| package(name, version, "linux-signed-amd64", "6.1.0+1");
        let installed = [
            signed("linux-image-6.1.0-9-amd64", "6.1.27-1"),
            signed("linux-image-6.1.0-31-amd64", "6.1.128-1"),
            signed("linux-image-amd64", "6.1.187-1"),
            package("linux-libc-dev", "6.1.52-1", "linux", "6.1.52-1"),
        ];
        let expected = vec!["linux linux-image-6.1.0-31-amd64 6.1.128-1".to_owned()];
        assert_eq!(sorted(&installed, &[]), (expected, 0));
    }
}
