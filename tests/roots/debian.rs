//! A copy of a whole Debian root, and what apt says inside it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use vedetta_tests::program::{Answer, ask, printed, run};

/// Where `tests/setup/roots.sh` keeps the roots.
const BASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.setup/roots");
/// Folders whose files a test may change; everything else is linked with the base.
const OWN: &[&str] = &["etc", "var", "run", "root", "tmp"];
/// How long after its lists were made a root is looked at: well within the week for which they count.
const LATER: SignedDuration = SignedDuration::from_hours(24);
/// The list of Debian's own security archive.
const SECURITY_RELEASE: &str = "-security_InRelease";

/// A root that a test may bend; it is deleted afterwards.
pub(crate) struct Debian {
    folder: TempDir,
    release: String,
}

impl Debian {
    /// A copy of the root of a release.
    pub(crate) fn copy(release: &str) -> Self {
        let base = PathBuf::from(BASES).join(release);
        assert!(base.is_dir(), "{} is missing: run `sh tests/setup/roots.sh {release}`", base.display());
        // Beside the base: links of files need the same file system.
        let folder = tempfile::Builder::new().prefix(".copy-").tempdir_in(BASES).unwrap();
        for entry in fs::read_dir(&base).unwrap() {
            let entry = entry.unwrap();
            let is_own = OWN.contains(&entry.file_name().to_str().unwrap());
            let mut command = Command::new("cp");
            command.arg(if is_own { "-a" } else { "-al" }).arg("--reflink=auto").arg(entry.path()).arg(folder.path());
            run(&mut command);
        }
        Self { folder, release: release.to_owned() }
    }

    /// The folder that stands for `/`.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path within it.
    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // The old file may be linked with the base.
        let _was_there = fs::remove_file(&path);
        fs::write(path, content).unwrap();
    }

    /// The files of apt's lists whose names end like this.
    pub(crate) fn lists(&self, ending: &str) -> Vec<PathBuf> {
        let lists = fs::read_dir(self.join("var/lib/apt/lists")).unwrap().map(|entry| entry.unwrap().path());
        lists.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
    }

    /// A moment at which the lists of Debian's security archive count.
    pub(crate) fn now(&self) -> Timestamp {
        self.listed().checked_add(LATER).unwrap()
    }

    /// When the list of Debian's security archive was made.
    pub(crate) fn listed(&self) -> Timestamp {
        let lists = self.lists(SECURITY_RELEASE);
        let text = fs::read_to_string(lists.first().expect("a list of the security archive")).unwrap();
        let date = text.lines().find_map(|line| line.strip_prefix("Date: ")).expect("a date");
        let date = date.replace("UTC", "+0000");
        jiff::fmt::rfc2822::parse(&date).unwrap().timestamp()
    }

    /// Runs a program inside, whatever it ends with.
    pub(crate) fn ask(&self, words: &[&str]) -> Answer {
        ask(&mut self.command(words))
    }

    /// Runs a program inside that has to succeed.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        printed(&mut self.command(words))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command.arg(self.path()).args(words).env_clear();
        command
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C")
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    /// What apt would upgrade: `name architecture installed candidate`.
    pub(crate) fn upgradable(&self) -> BTreeSet<String> {
        let row = |line: &str| {
            let (name, rest) = line.split_once('/')?;
            let mut words = rest.split(' ').skip(1);
            let (candidate, architecture) = (words.next()?, words.next()?);
            let installed = rest.split_once("[upgradable from: ")?.1.trim_end_matches(']');
            Some(format!("{name} {architecture} {installed} {candidate}"))
        };
        self.run(&["apt", "list", "--upgradable"]).lines().filter_map(row).collect()
    }

    /// The packages of which apt offers, in a pocket for security, any version above the installed one.
    pub(crate) fn upgradable_for_security(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for row in self.upgradable() {
            let [name, _, installed, _] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let is_security = |line: &&str| line.contains("-security/") || line.contains("-security ");
            let madison = self.run(&["apt-cache", "madison", name]);
            let versions = madison.lines().filter(is_security).filter_map(|line| line.split(" | ").nth(1));
            if versions.into_iter().any(|version| is_newer(version.trim(), installed)) {
                names.insert(name.to_owned());
            }
        }
        names
    }

    /// What a full upgrade would replace: `name installed`.
    pub(crate) fn would_upgrade(&self) -> BTreeSet<String> {
        let printed = self.run(&["apt-get", "-s", "dist-upgrade"]);
        let row = |line: &str| {
            let mut words = line.strip_prefix("Inst ")?.split(' ');
            let name = words.next()?.split(':').next()?;
            let installed = words.next()?.strip_prefix('[')?.trim_end_matches(']');
            Some(format!("{name} {installed}"))
        };
        printed.lines().filter_map(row).collect()
    }

    /// Its release: `bookworm`.
    pub(crate) fn release(&self) -> &str {
        &self.release
    }
}

fn is_newer(version: &str, installed: &str) -> bool {
    let mut command = Command::new("dpkg");
    command.args(["--compare-versions", version, "gt", installed]);
    ask(&mut command).code == 0
}
