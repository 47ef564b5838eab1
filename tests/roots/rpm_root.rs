//! A root with rpm: real packages in a real database, and repositories with advisories, made by rpmbuild and createrepo_c.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use vedetta_tests::program::{Answer, ask, printed, run};

/// Where the database is, as on systems of today.
const DATABASE: &str = "/usr/lib/sysimage/rpm";

/// One build of a package: name, epoch, version, release, architecture.
#[derive(Clone, Copy)]
pub(crate) struct Build(
    pub(crate) &'static str,
    pub(crate) u32,
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

/// An advisory: its identifier, its type, and the build that mends the fault.
pub(crate) struct Advisory(pub(crate) &'static str, pub(crate) &'static str, pub(crate) Build);

/// A repository: its identifier, its builds, its advisories; none when it publishes no list of them.
pub(crate) struct Repository<'a>(pub(crate) &'a str, pub(crate) &'a [Build], pub(crate) Option<&'a [Advisory]>);

/// The root; it is deleted afterwards.
pub(crate) struct RpmRoot(TempDir);

impl RpmRoot {
    /// A root with these packages and these repositories, fetched by dnf.
    pub(crate) fn new(installed: &[Build], repositories: &[Repository<'_>]) -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        root.write("root/etc/os-release", "ID=\"rocky\"\nVERSION_ID=\"9.4\"\nPRETTY_NAME=\"Rocky Linux 9.4\"\n");
        root.write("root/etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n");
        fs::create_dir_all(root.path().join(DATABASE.trim_start_matches('/'))).unwrap();
        let packages = root.build("installed", installed);
        let mut command = Command::new("rpm");
        command.arg("--root").arg(root.path()).args(["--dbpath", DATABASE, "--nodeps", "--ignorearch", "-i"]);
        run(command.args(packages));
        for repository in repositories {
            root.publish(repository);
        }
        root.refresh();
        root
    }

    /// The folder that stands for `/`.
    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("root")
    }

    /// Writes a file beside or beneath the root.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The folder of the metadata that dnf has cached of a repository.
    pub(crate) fn cached(&self, id: &str) -> PathBuf {
        let names = fs::read_dir(self.path().join("var/cache/dnf")).unwrap().map(|entry| entry.unwrap());
        let begins = format!("{id}-");
        let mut found = names.filter(|entry| {
            entry.file_type().unwrap().is_dir() && entry.file_name().to_string_lossy().starts_with(&begins)
        });
        found.next().expect("a cached repository").path().join("repodata")
    }

    /// A moment at which the cache counts.
    pub(crate) fn now(&self, id: &str) -> Timestamp {
        let fetched = fs::metadata(self.cached(id).join("repomd.xml")).unwrap().modified().unwrap();
        Timestamp::try_from(fetched).unwrap().checked_add(SignedDuration::from_hours(1)).unwrap()
    }

    /// Changes the file of a repository.
    pub(crate) fn change_repository(&self, id: &str, change: impl FnOnce(&str) -> String) {
        let path = self.path().join(format!("etc/yum.repos.d/{id}.repo"));
        fs::write(&path, change(&fs::read_to_string(&path).unwrap())).unwrap();
    }

    /// Lets dnf fetch the metadata of every enabled repository.
    pub(crate) fn refresh(&self) {
        run(&mut self.dnf(&["makecache"]));
    }

    /// What dnf would install: `name architecture candidate`.
    pub(crate) fn updates(&self) -> BTreeSet<String> {
        let answer = ask(&mut self.dnf(&["-C", "check-update"]));
        assert!([0, 100].contains(&answer.code), "{}", answer.err);
        let row = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [package, version, _repository] = words.as_slice() else { return None };
            let (name, architecture) = package.rsplit_once('.')?;
            Some(format!("{name} {architecture} {version}"))
        };
        answer.out.lines().filter_map(row).collect()
    }

    /// Advisories of a type that apply, as dnf lists them: `identifier package`.
    pub(crate) fn advisories(&self, ending: &str) -> BTreeSet<String> {
        let printed = printed(&mut self.dnf(&["-C", "updateinfo", "list"]));
        let rows = printed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.filter(|words| words[1].ends_with(ending)).map(|words| format!("{} {}", words[0], words[2])).collect()
    }

    /// dnf beneath the root, in a copy: it writes beside what it reads.
    fn dnf(&self, words: &[&str]) -> Command {
        let mut command = Command::new("dnf");
        command.env("HOME", self.0.path()).env("LC_ALL", "C");
        // Debian's rpm would look for the database in the home.
        self.write(".rpmmacros", &format!("%_dbpath {DATABASE}\n"));
        command.arg("-q").arg("--installroot").arg(self.path()).args(["--releasever", "9"]).args(words);
        command
    }

    /// Runs the real rpm on the database.
    pub(crate) fn rpm(&self, words: &[&str]) -> Answer {
        ask(Command::new("rpm").arg("--root").arg(self.path()).args(["--dbpath", DATABASE]).args(words))
    }

    fn publish(&self, Repository(id, builds, advisories): &Repository<'_>) {
        let folder = format!("repositories/{id}");
        self.build(&folder, builds);
        let path = self.0.path().join(&folder);
        run(Command::new("createrepo_c").arg("--quiet").arg(&path));
        if let Some(advisories) = advisories {
            let updates: String = advisories.iter().map(update).collect();
            self.write(
                &format!("{folder}/updateinfo.xml"),
                &format!("<?xml version=\"1.0\"?>\n<updates>{updates}</updates>\n"),
            );
            run(Command::new("modifyrepo_c").arg(path.join("updateinfo.xml")).arg(path.join("repodata")));
        }
        let text = format!("[{id}]\nname={id}\nbaseurl=file://{}\nenabled=1\ngpgcheck=0\n", path.display());
        self.write(&format!("root/etc/yum.repos.d/{id}.repo"), &text);
    }

    fn build(&self, folder: &str, builds: &[Build]) -> Vec<PathBuf> {
        let folder = self.0.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        builds.iter().map(|build| rpmbuild(self.0.path(), &folder, *build)).collect()
    }
}

fn rpmbuild(work: &Path, folder: &Path, Build(name, epoch, version, release, architecture): Build) -> PathBuf {
    // A name says which package it replaces.
    let replaced = name.split_once("-obsoletes-").map(|(_, replaced)| replaced);
    let obsoletes = replaced.map(|replaced| format!("Obsoletes: {replaced} < {version}\n")).unwrap_or_default();
    let specification = format!(
        "Name: {name}\nEpoch: {epoch}\nVersion: {version}\nRelease: {release}\nSummary: a package without files\n\
         License: none\nBuildArch: {architecture}\n{obsoletes}%description\nNothing.\n%files\n"
    );
    let path = work.join("package.spec");
    fs::write(&path, specification).unwrap();
    let file = format!("{name}-{epoch}-{version}-{release}.{architecture}.rpm");
    let mut command = Command::new("rpmbuild");
    command.args(["-bb", "--quiet", "--target", architecture]);
    for definition in [
        format!("_topdir {}", work.join("rpmbuild").display()),
        format!("_rpmdir {}", folder.display()),
        format!("_build_name_fmt {file}"),
    ] {
        command.args(["--define", &definition]);
    }
    run(command.arg(&path));
    folder.join(file)
}

fn update(Advisory(id, kind, Build(name, epoch, version, release, architecture)): &Advisory) -> String {
    // Every one names a CVE: a filter of dnf that looks only for those would let all through.
    format!(
        "<update from=\"nobody@example.org\" status=\"final\" type=\"{kind}\" version=\"1\"><id>{id}</id>\
         <title>{id}</title><severity>Important</severity><issued date=\"2026-11-01 00:00:00\"/><description/>\
         <references><reference href=\"https://example.org\" id=\"CVE-2026-0001\" type=\"cve\" title=\"\"/></references>\
         <pkglist><collection short=\"c\"><name>c</name><package name=\"{name}\" epoch=\"{epoch}\" \
         version=\"{version}\" release=\"{release}\" arch=\"{architecture}\"><filename>{name}.rpm</filename></package>\
         </collection></pkglist></update>"
    )
}
