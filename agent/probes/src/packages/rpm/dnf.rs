//! What dnf answers out of its cache: which updates it would install, and which advisories are for security.
//!
//! Two dialects are read: that of dnf 4 (also under the name `yum`) and that of dnf 5. Plugins are left out: they may reach
//! for the network; the one that holds versions is read by `versionlock`.

use std::time::{Duration, Instant};

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::evr::Evr;
use super::shadow::Shadow;
use crate::program::{self, Output, Program, SYSTEM_FOLDERS};

/// Largest answer, in bytes: 50,000 lines of 200 bytes.
const ANSWER_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Exit code of `check-update` when something is offered.
const OFFERED: i32 = 100;
/// Part of what it says when a repository is not in its cache.
const NO_CACHE: &str = "no cache for";
/// Begin of a title that introduces packages which replace others.
const OBSOLETING: &str = "obsoleting packages";
/// Begin of a remark on the running kernel, between the answers.
const REMARK: &str = "Security: ";
/// First words of the title line of dnf 5's table of advisories (dnf5-advisory(8)).
const TITLE: [&str; 2] = ["Name", "Type"];
/// Where dnf writes, beneath the root that it is asked about. The configuration of that root could name folders that lead
/// out of it, and dnf would follow (`logdir` and `persistdir` of dnf.conf(5)).
const WRITTEN: &[(&str, &str)] = &[("logdir", "/var/log"), ("persistdir", "/var/lib/dnf")];
/// Architectures of packages, rpm's own names; what ends otherwise is no whole name of a package.
const ARCHITECTURES: &[&str] = &[
    "aarch64",
    "armv7hl",
    "i386",
    "i486",
    "i586",
    "i686",
    "loongarch64",
    "noarch",
    "nosrc",
    "ppc64le",
    "riscv64",
    "s390x",
    "src",
    "x86_64",
    "x86_64_v2",
];
/// What follows the severity when dnf 4 lists an advisory for security.
const SECURITY_ENDING: &str = "/Sec.";

/// The generation of dnf that is on the running host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// dnf 4, in Python.
    Four,
    /// dnf 5.
    Five,
}

/// dnf on the running host, asked about a shadow.
pub(super) struct Dnf<'a> {
    shadow: &'a Shadow<'a>,
    name: &'static str,
    generation: Generation,
    /// Repositories without usable metadata: dnf would refuse every answer for them.
    without: Vec<String>,
    /// Release that stands for `$releasever` in addresses; none when dnf finds it by itself.
    release: Option<String>,
    /// Releases still to be tried.
    releases: Vec<String>,
    end: Instant,
}

/// A package that dnf would install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// Name.
    pub(super) name: String,
    /// Architecture.
    pub(super) architecture: String,
    /// Version.
    pub(super) evr: Evr,
    /// Identifier of the repository.
    pub(super) repository: String,
    /// The installed package of another name that it would replace.
    pub(super) replaces: Option<(String, String)>,
}

/// A package that an advisory for security names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advised {
    /// Name.
    pub(super) name: String,
    /// Architecture.
    pub(super) architecture: String,
    /// Version in which the fault is mended.
    pub(super) evr: Evr,
}

/// Which dnf is on the running host, by its file name.
pub(super) fn installed() -> Result<(&'static str, Generation), Unknown> {
    let leads_to_five = |name: &str| {
        let path = program::find(name, SYSTEM_FOLDERS).and_then(|path| path.canonicalize().ok());
        path.is_some_and(|path| path.ends_with("dnf5"))
    };
    for name in ["dnf", "dnf5", "dnf-3"] {
        if program::find(name, SYSTEM_FOLDERS).is_some() {
            return Ok((name, if leads_to_five(name) { Generation::Five } else { Generation::Four }));
        }
    }
    let detail = "dnf is not on this host: rpm alone does not know what is offered";
    Err(Unknown::new(Reason::NO_PROGRAM, detail))
}

impl Generation {
    /// Where it keeps its cache unless the configuration says otherwise.
    pub(super) const fn cache(self) -> &'static str {
        match self {
            Self::Four => "/var/cache/dnf",
            Self::Five => "/var/cache/libdnf5",
        }
    }

    /// The word by which it also sees what its configuration excludes.
    const fn no_excludes(self) -> &'static str {
        match self {
            Self::Four => "--disableexcludes=all",
            Self::Five => "--setopt=disable_excludes=*",
        }
    }
}

impl<'a> Dnf<'a> {
    /// The dnf that was found, to be done by `end`. `version` is that of the system: 9.4.
    pub(super) fn new(
        shadow: &'a Shadow<'a>,
        (name, generation): (&'static str, Generation),
        without: Vec<String>,
        version: Option<&str>,
        end: Instant,
    ) -> Self {
        let major = version.and_then(|version| version.split_once('.')).map(|(major, _)| major);
        let releases = version.into_iter().chain(major).map(str::to_owned).collect();
        Self { shadow, name, generation, without, release: None, releases, end }
    }

    /// What it would install now; with `excluded` also what its configuration excludes.
    pub(super) fn updates(&mut self, excluded: bool) -> Result<Vec<Offer>, Unknown> {
        let output = loop {
            let output = self.ask(&["check-update"], excluded)?;
            // The release is part of many addresses, and the address of the name of the cache. A root in which no package
            // names its release needs to be told.
            match self.releases.pop() {
                Some(release) if output.err.contains(NO_CACHE) => self.release = Some(release),
                Some(_) | None => break output,
            }
        };
        self.releases.clear();
        match output.code {
            0 | OFFERED => offers(&output.out),
            _ => Err(self.failed(&output)),
        }
    }

    /// Packages newer than installed ones that advisories for security name.
    pub(super) fn security_advisories(&self) -> Result<Vec<Advised>, Unknown> {
        let words: &[&str] = match self.generation {
            Generation::Four => &["updateinfo", "list"],
            Generation::Five => &["advisory", "list"],
        };
        // Excluded packages are still faulty. The type is filtered here: dnf's own filter lets others through with CVEs.
        let output = self.ask(words, true)?;
        match output.code {
            0 => advised(&output.out, self.generation),
            _ => Err(self.failed(&output)),
        }
    }

    fn ask(&self, words: &[&str], excluded: bool) -> Result<Output, Unknown> {
        let arguments = self.arguments(words, excluded);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let time_max = self.end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        program::run(&Program {
            name: self.name,
            folders: SYSTEM_FOLDERS,
            arguments: &arguments,
            time_max,
            bytes_max: ANSWER_BYTES_MAX,
        })
    }

    fn arguments(&self, words: &[&str], excluded: bool) -> Vec<String> {
        let cache = self.shadow.path_of(self.generation.cache());
        // Without the last word a repository whose cache is not found counts as empty.
        let plain = ["-C", "-q", "--noplugins", "--setopt=*.skip_if_unavailable=0"];
        let mut arguments: Vec<String> = plain.map(str::to_owned).into();
        arguments.extend(self.release.as_ref().map(|release| format!("--releasever={release}")));
        arguments.push(format!("--installroot={}", self.shadow.path()));
        arguments.push(format!("--setopt=cachedir={cache}"));
        // dnf 5 reads this one when an administrator asks.
        arguments.push(format!("--setopt=system_cachedir={cache}"));
        arguments.extend(WRITTEN.iter().map(|(key, folder)| format!("--setopt={key}={folder}")));
        arguments.extend(self.without.iter().map(|id| format!("--disablerepo={id}")));
        arguments.extend(excluded.then(|| self.generation.no_excludes().to_owned()));
        arguments.extend(words.iter().map(|word| (*word).to_owned()));
        arguments
    }

    fn failed(&self, output: &Output) -> Unknown {
        let said = |line: &&str| line.starts_with("Error: ") || line.contains(NO_CACHE);
        let line = output.err.lines().find(said).or_else(|| output.err.lines().last()).unwrap_or("it said nothing");
        let reason = if line.contains(NO_CACHE) { Reason::NO_LISTS } else { Reason::PROGRAM_FAILED };
        Unknown::new(reason, format!("{} ended with code {}: {line}", self.name, output.code))
    }
}

/// Reads rows of three words. A long name pushes the rest of its row to the next line, so lines are not counted.
fn offers(text: &str) -> Result<Vec<Offer>, Unknown> {
    let mut offers: Vec<Offer> = Vec::new();
    let lines = text.lines().filter(|line| !line.starts_with(REMARK));
    let words: Vec<&str> = lines
        .filter(|line| !line.to_ascii_lowercase().starts_with(OBSOLETING))
        .flat_map(str::split_whitespace)
        .collect();
    for row in words.chunks(3) {
        let strange = || Unknown::new(Reason::PROGRAM_FAILED, format!("dnf named an update as: {}", row.join(" ")));
        let [package, version, repository] = row else { return Err(strange()) };
        let (name, architecture) = package.rsplit_once('.').ok_or_else(strange)?;
        if repository.starts_with('@') || *repository == "<unknown>" {
            // An installed package, under the one that replaces it.
            let mut replacing = offers.pop().ok_or_else(strange)?;
            if replacing.replaces.is_some() {
                offers.push(replacing.clone());
            }
            replacing.replaces = Some((name.to_owned(), architecture.to_owned()));
            offers.push(replacing);
            continue;
        }
        offers.push(Offer {
            name: name.to_owned(),
            architecture: architecture.to_owned(),
            evr: Evr::parse(version).ok_or_else(strange)?,
            repository: (*repository).to_owned(),
            replaces: None,
        });
    }
    Ok(offers)
}

fn advised(text: &str, generation: Generation) -> Result<Vec<Advised>, Unknown> {
    let mut advised = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with(REMARK) && !line.trim().is_empty()) {
        let strange = || Unknown::new(Reason::PROGRAM_FAILED, format!("dnf named an advisory as: {line}"));
        let words: Vec<&str> = line.split_whitespace().collect();
        if generation == Generation::Five && words.starts_with(&TITLE) {
            continue;
        }
        let (kind, package) = match (generation, words.as_slice()) {
            (Generation::Four, [_, kind, package]) => (*kind, *package),
            // The severity may be left out, the day of issue may follow. A table that was cut has no whole package.
            (Generation::Five, [_, kind, rest @ ..]) => {
                let mut rest = rest.iter().take(2).copied();
                (*kind, rest.find(|word| nevra(word).is_some()).ok_or_else(strange)?)
            }
            _ => return Err(strange()),
        };
        let is_security = match generation {
            Generation::Four => kind.ends_with(SECURITY_ENDING),
            Generation::Five => kind == "security",
        };
        if is_security {
            advised.push(nevra(package).ok_or_else(strange)?);
        }
    }
    Ok(advised)
}

/// Reads `openssl-1:3.0.7-25.el9_3.x86_64`.
fn nevra(text: &str) -> Option<Advised> {
    let (rest, architecture) = text.rsplit_once('.').filter(|(_, last)| ARCHITECTURES.contains(last))?;
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let evr = Evr::parse(&format!("{version}-{release}"))?;
    Some(Advised { name: name.to_owned(), architecture: architecture.to_owned(), evr })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Root;

    #[test]
    fn where_dnf_writes_is_never_left_to_the_configuration_of_the_looked_at_host() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::new(folder.path());
        let shadow = Shadow::new(&root, false).unwrap();
        for generation in [Generation::Four, Generation::Five] {
            let dnf = Dnf::new(&shadow, ("dnf", generation), Vec::new(), None, Instant::now());
            let arguments = dnf.arguments(&["check-update"], false);
            let inside = shadow.path_of(generation.cache());
            for (key, place) in [
                ("installroot", shadow.path()),
                ("setopt=cachedir", inside.clone()),
                ("setopt=system_cachedir", inside),
                ("setopt=logdir", "/var/log".to_owned()),
                ("setopt=persistdir", "/var/lib/dnf".to_owned()),
            ] {
                assert!(arguments.contains(&format!("--{key}={place}")), "{generation:?} {key}: {arguments:?}");
            }
        }
    }

    #[test]
    fn rows_are_read_whole_however_they_are_broken() {
        let text = "\nopenssl.x86_64     1:3.0.7-25.el9_3    updates\na-very-long-name.noarch\n      2-1   base\n\
                    Security: kernel-core-5.14.0-2.el9.x86_64 is an installed security update\n\
                    Obsoleting Packages\nnew.noarch  2-1  base\n    old.noarch  1-1  @System\n    older.noarch  1-1  @a\n";
        let seen: Vec<String> = offers(text)
            .unwrap()
            .iter()
            .map(|offer| format!("{} {} {} {:?}", offer.name, offer.evr, offer.repository, offer.replaces))
            .collect();
        assert_eq!(
            seen,
            [
                "openssl 1:3.0.7-25.el9_3 updates None",
                "a-very-long-name 2-1 base None",
                "new 2-1 base Some((\"old\", \"noarch\"))",
                "new 2-1 base Some((\"older\", \"noarch\"))"
            ]
        );
        assert_eq!(offers("").unwrap(), []);
        assert_eq!(offers("Error: no\n").unwrap_err().reason, Reason::PROGRAM_FAILED);
    }

    #[test]
    fn only_advisories_for_security_count_in_both_dialects() {
        let four = "TEST-1 Important/Sec. openssl-1:3.0.7-25.el9_3.x86_64\nTEST-2 bugfix b-1-2.noarch\n\
                    TEST-3 Unknown/Sec.  c-d-1~rc-2.noarch\nTEST-4 enhancement e-1-1.noarch\n";
        let five = "Name   Type        Severity  Package                          Issued\n\
                    TEST-1 security    Important openssl-1:3.0.7-25.el9_3.x86_64  2026-11-01 00:00:00\n\
                    TEST-2 bugfix      None      b-1-2.noarch                     2026-11-01 00:00:00\n\
                    TEST-3 security    None      c-d-1~rc-2.noarch                2026-11-01 00:00:00\n";
        for (text, generation) in [(four, Generation::Four), (five, Generation::Five)] {
            let seen: Vec<String> =
                advised(text, generation).unwrap().iter().map(|one| format!("{} {}", one.name, one.evr)).collect();
            assert_eq!(seen, ["openssl 1:3.0.7-25.el9_3", "c-d 1~rc-2"], "{generation:?}");
        }
        assert!(advised("nothing to see\nhere\n", Generation::Four).is_err());
    }

    #[test]
    fn the_table_of_dnf_5_is_read_with_or_without_a_title_and_a_severity_and_never_half() {
        const TITLE: &str = "Name Type Severity Package Issued\n";
        const ROW: &str = "TEST-1 security Important a-1-2.noarch 2026-11-01 00:00:00\n";
        for (text, expected) in [
            (String::new(), Some(0)),
            (TITLE.to_owned(), Some(0)),
            (ROW.to_owned(), Some(1)),
            (format!("{TITLE}TEST-1 security a-1-2.noarch 2026-11-01 00:00:00\n"), Some(1)),
            (format!("{TITLE}{ROW}TEST-2 security None b-1-2.x86\n"), None),
            (format!("{TITLE}TEST-2 security None\n"), None),
            ("No advisories were found at all\n".to_owned(), None),
        ] {
            let seen = advised(&text, Generation::Five).ok().map(|advised| advised.len());
            assert_eq!(seen, expected, "{text}");
        }
    }
}
