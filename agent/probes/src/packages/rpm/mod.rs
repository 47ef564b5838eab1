//! Hosts with rpm: what is installed by `rpm`, what is offered by `dnf` out of the metadata that it has cached.
//!
//! dnf is the vendor's own answer, so it is asked and not rebuilt; it is never allowed to fetch. Whether its answer can be
//! trusted is decided here, from the cached files: dnf itself says "nothing" when it has no errata.

mod automatic;
mod cache;
mod dnf;
mod evr;
mod ini;
mod installed;
mod kernel;
mod offered;
mod reboot;
mod repositories;
mod shadow;
mod versionlock;

use std::time::{Duration, Instant};

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::installed::RpmPackage;
use self::shadow::{Shadow, ShadowError};
use super::seen::{Contract, InstalledPackage, Looking, Seen};
use crate::files::Root;
use crate::program::{self, Program, SYSTEM_FOLDERS};

/// Longest time for all programs of one look together; less when the whole look has less.
const PROGRAMS_TIME_MAX: Duration = Duration::from_secs(45);
/// What is left of the time of a look for everything but programs.
const REST_TIME: Duration = Duration::from_secs(5);
/// Where a database of rpm is, and in which files. Debian's rpm keeps it in the home of the administrator.
const DATABASE_FOLDERS: &[&str] = &["/usr/lib/sysimage/rpm", "/var/lib/rpm", "/root/.rpmdb", "/.rpmdb"];
const DATABASE_FILES: &[&str] = &["rpmdb.sqlite", "Packages.db", "Packages"];
/// Largest path that rpm names, in bytes.
const PATH_BYTES_MAX: u64 = 4 * 1024;
/// Folders by which systems are known that have rpm, but are not updated by dnf.
const OTHER_SYSTEMS: &[(&str, &str)] = &[
    ("/etc/zypp", "the updates of this host come by zypper, which is not asked yet: only dnf is"),
    ("/ostree", "this host is updated as one image (rpm-ostree), which is not asked yet: only dnf is"),
    ("/etc/urpmi", "the updates of this host come by urpmi, which is not asked yet: only dnf is"),
];
/// Parts of the identifiers of repositories that need a further contract: extended support of Red Hat and SUSE.
const EXTENDED: &[&str] = &["els", "eus", "aus", "tus", "e4s", "ltss"];

/// Reads what rpm and dnf have on this host.
pub(super) fn read(looking: &Looking<'_>) -> Seen {
    let end = Instant::now() + PROGRAMS_TIME_MAX.min(looking.context.deadline.saturating_sub(REST_TIME));
    match look(looking, end) {
        Ok(seen) => seen,
        Err(unknown) => Seen::nothing(looking, &unknown),
    }
}

fn look(looking: &Looking<'_>, end: Instant) -> Result<Seen, Unknown> {
    let is_live = looking.context.is_live();
    let failed = |error: ShadowError| error.to_unknown();
    let mut shadow = Shadow::new(looking.root, is_live).map_err(failed)?;
    let own_database = own_database(end)?;
    let folder = if is_live { Some(own_database.as_str()) } else { database_folder(looking) };
    let folder = folder.ok_or_else(|| {
        Unknown::new(Reason::BROKEN_PACKAGES, format!("no database of rpm is in {}", DATABASE_FOLDERS.join(", ")))
    })?;
    let database = shadow.add_database(folder).map_err(failed)?;
    shadow.link_database(&own_database).map_err(failed)?;
    let database = (!is_live).then(|| shadow.path_of(database));
    let packages = installed::read(database.as_deref(), left(end))?;
    let answer = offered::read(looking, &mut shadow, &packages, end);
    let left_behind = installed::left_behind(&packages);
    let kernel = kernel::facts(looking.root, &packages);
    Ok(Seen {
        reboot: reboot::facts(looking, &kernel, &packages),
        kernel,
        automatic: automatic::facts(looking.root, &packages),
        contract: Contract {
            has_extended_source: repositories::read(looking.root).map_or_else(Fact::Unknown, |configuration| {
                Fact::Known(configuration.repositories.iter().any(|one| is_extended(&one.id)))
            }),
            uncovered_count: Fact::unknown(
                Reason::DOES_NOT_APPLY,
                "only Ubuntu parts its packages by whether they are covered",
            ),
        },
        interrupted: Fact::Known(!left_behind.is_empty()),
        broken: Fact::Known(left_behind),
        installed: Ok(packages.iter().map(to_installed).collect()),
        answer,
    })
}

/// Why the updates of this host are not asked of dnf; none when they are.
fn other_system(looking: &Looking<'_>) -> Option<Unknown> {
    let found = OTHER_SYSTEMS.iter().find(|(path, _)| !looking.root.is_absent(path));
    found.map(|(_, sentence)| Unknown::new(Reason::UNSUPPORTED_SYSTEM, sentence))
}

/// Time that is left for programs.
fn left(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}

fn database_folder(looking: &Looking<'_>) -> Option<&'static str> {
    let file_of = |folder: &str, is: fn(&Root, &str) -> bool| {
        DATABASE_FILES.iter().any(|file| is(looking.root, &format!("{folder}/{file}")))
    };
    let mut folders = DATABASE_FOLDERS.iter().copied();
    // One that may not be looked at is named where no other is there: reading it then says why.
    let surely = folders.clone().find(|folder| file_of(folder, Root::exists));
    surely.or_else(|| folders.find(|folder| file_of(folder, |root, path| !root.is_absent(path))))
}

/// Where the rpm of the running host looks for its database.
fn own_database(end: Instant) -> Result<String, Unknown> {
    let rpm = Program {
        name: "rpm",
        folders: SYSTEM_FOLDERS,
        arguments: &["--eval", "%_dbpath"],
        time_max: left(end),
        bytes_max: PATH_BYTES_MAX,
    };
    let path = program::run(&rpm)?.succeeded(&rpm)?;
    let path = path.trim();
    if path.starts_with('/') {
        Ok(path.to_owned())
    } else {
        Err(Unknown::new(Reason::PROGRAM_FAILED, format!("rpm names its database as: {path}")))
    }
}

fn is_extended(id: &str) -> bool {
    id.split(['-', '_']).any(|part| EXTENDED.contains(&part.to_ascii_lowercase().as_str()))
}

fn to_installed(package: &RpmPackage) -> InstalledPackage {
    let (source, source_version) = source(&package.source_file);
    InstalledPackage {
        name: package.name.clone(),
        architecture: package.architecture.clone(),
        version: package.evr.to_string(),
        source,
        source_version,
    }
}

/// Parts `openssl-3.0.7-24.el9.src.rpm` into the name and the version of the source package.
fn source(file: &str) -> (String, String) {
    let parts = || {
        let stem = file.strip_suffix(".rpm")?.rsplit_once('.')?.0;
        let (rest, release) = stem.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        Some((name.to_owned(), format!("{version}-{release}")))
    };
    parts().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_package_is_parted_into_name_and_version() {
        for (file, name, version) in [
            ("openssl-3.0.7-24.el9.src.rpm", "openssl", "3.0.7-24.el9"),
            ("java-17-openjdk-17.0.9-1.nosrc.rpm", "java-17-openjdk", "17.0.9-1"),
            ("(none)", "", ""),
        ] {
            assert_eq!(source(file), (name.to_owned(), version.to_owned()), "{file}");
        }
    }

    #[test]
    fn repositories_of_a_further_contract_are_known_by_a_part_of_their_name() {
        assert!(is_extended("rhel-9-for-x86_64-baseos-eus-rpms"));
        assert!(!is_extended("reuse-baseos"));
    }
}
