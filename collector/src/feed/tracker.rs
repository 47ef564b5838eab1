//! The JSON of Debian's security tracker: source package, vulnerability, release.
//!
//! It has some 70 MB, so it is read as a stream, one source package at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use vedetta_checks::feed::read::{is_id, is_source_name, is_version};
use vedetta_checks::feed::{Group, Mend, Release, SourcePackage, Vulnerability};
use vedetta_checks::judge::version::VersionKind;

use super::BuildError;

/// Ending of the repositories that bring security updates: a release that has one is looked after.
const SECURITY_END: &str = "-security";
/// Version by which the tracker says that a release was never affected.
const NEVER_AFFECTED: &str = "0";

/// What the tracker says of one vulnerability.
#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    releases: BTreeMap<String, Status>,
}

/// What it says of it in one release.
#[derive(Debug, Deserialize)]
struct Status {
    status: String,
    #[serde(default)]
    repositories: BTreeMap<String, String>,
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: Option<String>,
    #[serde(default)]
    nodsa: Option<String>,
    #[serde(default)]
    nodsa_reason: Option<String>,
}

/// What the tracker says of every release.
#[derive(Debug, Default)]
pub struct Tracked {
    /// Releases by code name.
    pub releases: BTreeMap<String, Release>,
    /// Those that get security updates of their own.
    pub looked_after: BTreeSet<String>,
    /// Records that no feed can carry: names or versions that are none of Debian's.
    pub passed_over: usize,
}

/// Reads the tracker's JSON.
///
/// # Errors
/// [`BuildError`] names the line.
pub fn read(file: &str, reader: impl Read) -> Result<Tracked, BuildError> {
    let mut tracked = Tracked::default();
    let mut json = serde_json::Deserializer::from_reader(reader);
    json.deserialize_map(Sources(&mut tracked)).and_then(|()| json.end()).map_err(|error| BuildError::Line {
        file: file.to_owned(),
        line: error.line(),
        problem: error.to_string(),
    })?;
    Ok(tracked)
}

/// Takes one source package after the other.
struct Sources<'a>(&'a mut Tracked);

impl<'de> Visitor<'de> for Sources<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of source packages, as Debian's security tracker gives it")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(source) = map.next_key::<String>()? {
            let entries = map.next_value::<BTreeMap<String, Entry>>()?;
            self.0.take(&source, entries);
        }
        Ok(())
    }
}

impl Tracked {
    fn take(&mut self, source: &str, entries: BTreeMap<String, Entry>) {
        if !is_source_name(source) {
            self.passed_over += entries.len();
            return;
        }
        let mut by_release: BTreeMap<String, SourcePackage> = BTreeMap::new();
        for (id, entry) in entries {
            if !is_id(&id) {
                self.passed_over += 1;
                continue;
            }
            for (codename, status) in entry.releases {
                self.looked_after.extend(
                    status.repositories.keys().filter_map(|name| name.strip_suffix(SECURITY_END)).map(str::to_owned),
                );
                let package = by_release.entry(codename).or_default();
                raise_newest(package, &status.repositories);
                match mend(&status) {
                    Ok(Some(mend)) => {
                        let one = Vulnerability { id: id.clone(), chance: None, exploited_due: None };
                        package.groups.push(Group { mend, vulnerabilities: vec![one] });
                    }
                    Ok(None) => {}
                    Err(NoVersion) => self.passed_over += 1,
                }
            }
        }
        for (codename, package) in by_release {
            if !package.groups.is_empty() {
                self.releases.entry(codename).or_default().sources.insert(source.to_owned(), package);
            }
        }
    }
}

fn raise_newest(package: &mut SourcePackage, repositories: &BTreeMap<String, String>) {
    for version in repositories.values().filter(|version| is_version(version)) {
        let is_newer = package
            .newest
            .as_ref()
            .is_none_or(|newest| VersionKind::Dpkg.compare(newest, version).is_some_and(std::cmp::Ordering::is_lt));
        if is_newer {
            package.newest = Some(version.clone());
        }
    }
}

/// The version that should mend is none.
struct NoVersion;

/// How a vulnerability stands; none when the release was never affected, or nobody knows.
fn mend(status: &Status) -> Result<Option<Mend>, NoVersion> {
    let urgency = status.urgency.as_deref().unwrap_or_default();
    match status.status.as_str() {
        "resolved" => {
            // What is no weakness in practice and mended besides concerns nobody.
            let fixed = status.fixed_version.as_deref().filter(|_| urgency != "unimportant");
            match fixed {
                None | Some(NEVER_AFFECTED) => Ok(None),
                Some(version) if is_version(version) => Ok(Some(Mend::From(version.to_owned()))),
                Some(_) => Err(NoVersion),
            }
        }
        "open" => Ok(Some(match (urgency, &status.nodsa, status.nodsa_reason.as_deref()) {
            ("unimportant", _, _) => Mend::Unimportant,
            ("end-of-life", _, _) => Mend::EndOfLife,
            (_, _, Some("ignored")) => Mend::Ignored,
            (_, _, Some("postponed")) => Mend::Postponed,
            (_, Some(_), _) => Mend::NoAdvisory,
            (_, None, _) => Mend::Open,
        })),
        // "undetermined": nobody has looked yet whether the release is affected.
        _ => Ok(None),
    }
}
