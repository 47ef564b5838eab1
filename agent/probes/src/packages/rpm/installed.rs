//! What rpm says is installed.

use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::evr::Evr;
use crate::program::{self, Program, SYSTEM_FOLDERS};

/// Longest list of installed packages, in bytes: 100,000 packages of 300 bytes.
const LIST_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// One line a package. No field holds a tab.
const FORMAT: &str = "%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{INSTALLTIME}\\t%{SOURCERPM}\\n";
/// Keys of publishers stand in the database as if they were packages.
const KEY: &str = "gpg-pubkey";
/// Names, or beginnings of names, of packages of which several versions stay installed side by side.
const SIDE_BY_SIDE: &[&str] = &["kernel", "kmod-"];

/// One installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RpmPackage {
    /// Name.
    pub(super) name: String,
    /// Architecture: `x86_64`, `noarch`.
    pub(super) architecture: String,
    /// Epoch, version and release.
    pub(super) evr: Evr,
    /// When it was installed.
    pub(super) installed_at: Option<Timestamp>,
    /// File name of the source package it was built from: `openssl-3.0.7-24.el9.src.rpm`.
    pub(super) source_file: String,
}

/// Asks rpm. `database` is the folder of its database, when it is not the running host's own.
pub(super) fn read(database: Option<&str>, time_max: Duration) -> Result<Vec<RpmPackage>, Unknown> {
    let mut arguments = vec!["-qa", "--qf", FORMAT];
    if let Some(folder) = database {
        arguments.extend(["--dbpath", folder]);
    }
    let rpm =
        Program { name: "rpm", folders: SYSTEM_FOLDERS, arguments: &arguments, time_max, bytes_max: LIST_BYTES_MAX };
    let output = program::run(&rpm)?;
    // It answers with code 0 and fewer packages when its database is damaged: the error alone tells.
    if let Some(line) = output.err.lines().find(|line| line.starts_with("error: ")) {
        return Err(Unknown::new(Reason::BROKEN_PACKAGES, format!("rpm cannot read its database: {line}")));
    }
    let packages = parse(&output.succeeded(&rpm)?)?;
    if packages.is_empty() {
        return Err(Unknown::new(Reason::BROKEN_PACKAGES, "the database of rpm holds no package"));
    }
    Ok(packages)
}

fn parse(list: &str) -> Result<Vec<RpmPackage>, Unknown> {
    let lines = list.lines().filter(|line| !line.starts_with(KEY));
    lines
        .map(|line| {
            package(line).ok_or_else(|| Unknown::new(Reason::PROGRAM_FAILED, format!("rpm named a package as: {line}")))
        })
        .collect()
}

fn package(line: &str) -> Option<RpmPackage> {
    let mut fields = line.splitn(7, '\t');
    let (name, epoch, version, release) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let (architecture, installed_at, source_file) = (fields.next()?, fields.next()?, fields.next()?);
    Some(RpmPackage {
        name: name.to_owned(),
        architecture: architecture.to_owned(),
        evr: Evr::new(epoch.parse().ok()?, version, release),
        installed_at: installed_at.parse().ok().and_then(|second| Timestamp::from_second(second).ok()),
        source_file: source_file.to_owned(),
    })
}

/// The newest installed build of a package: of its architecture when there is one, else of any.
pub(super) fn newest<'a>(packages: &'a [RpmPackage], name: &str, architecture: &str) -> Option<&'a RpmPackage> {
    let of_name = || packages.iter().filter(|package| package.name == name);
    let same = of_name().filter(|package| package.architecture == architecture);
    same.max_by(|left, right| left.evr.cmp(&right.evr))
        .or_else(|| of_name().max_by(|left, right| left.evr.cmp(&right.evr)))
}

/// Names of packages of which an old version was left beside the new one: an update broke off between the two.
pub(super) fn left_behind(packages: &[RpmPackage]) -> Vec<String> {
    let replaces = |package: &&RpmPackage| {
        !SIDE_BY_SIDE.iter().any(|name| package.name.starts_with(name))
            && newest(packages, &package.name, &package.architecture)
                .is_some_and(|newest| newest.architecture == package.architecture && newest.evr != package.evr)
    };
    let mut names: Vec<String> = packages.iter().filter(replaces).map(|package| package.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
gpg-pubkey\t0\t8483c65d\t5ccc5b19\t(none)\t1700000000\t(none)\t(none)
openssl\t1\t3.0.7\t24.el9\tx86_64\t1700000000\topenssl-3.0.7-24.el9.src.rpm\tRocky
openssl\t1\t3.0.7\t25.el9\tx86_64\t1700000001\topenssl-3.0.7-25.el9.src.rpm\tRocky
zlib\t0\t1\t1\tx86_64\t1700000001\tz.src.rpm\tRocky
zlib\t0\t1\t1\ti686\t1700000001\tz.src.rpm\tRocky
kernel-core\t0\t5.14.0\t1.el9\tx86_64\t1700000000\tkernel-5.14.0-1.el9.src.rpm\tRocky
kernel-core\t0\t5.14.0\t2.el9\tx86_64\t1700000000\tkernel-5.14.0-2.el9.src.rpm\tRocky
";

    #[test]
    fn keys_are_no_packages_and_the_newest_build_counts() {
        let packages = parse(LIST).unwrap();
        assert_eq!(packages.len(), 6);
        assert_eq!(newest(&packages, "openssl", "x86_64").unwrap().evr.to_string(), "1:3.0.7-25.el9");
        assert_eq!(newest(&packages, "zlib", "noarch").unwrap().evr.to_string(), "1-1");
        assert_eq!(newest(&packages, "bash", "x86_64"), None);
    }

    #[test]
    fn an_old_version_beside_the_new_one_is_an_update_that_broke_off_but_not_for_kernels() {
        assert_eq!(left_behind(&parse(LIST).unwrap()), ["openssl"]);
    }

    #[test]
    fn a_line_that_names_no_package_is_an_error_that_shows_it() {
        let unknown = parse("openssl 3.0.7\n").unwrap_err();
        assert_eq!(unknown, Unknown::new(Reason::PROGRAM_FAILED, "rpm named a package as: openssl 3.0.7"));
    }
}
