//! A small Debian root folder, made by the real dpkg and the real apt: one package, one security source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::program::{printed, run};

/// Days that a release file of Debian's security archive is valid.
const VALID_DAYS: i64 = 7;

/// The root folder, and the archive that it is updated from.
pub struct DebianRoot {
    folder: TempDir,
}

impl DebianRoot {
    /// A root of Debian 12 with the packages `dpkg`, which is on every Debian, and `prova` in version 1.0, and an archive
    /// with nothing newer.
    pub fn new(now: Timestamp) -> Self {
        let root = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["var/lib/dpkg/updates", "var/lib/dpkg/info", "var/lib/apt/lists/partial", "etc/apt", "archive"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("var/lib/dpkg/status"), "").unwrap();
        let release = "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n";
        fs::write(root.path().join("etc/os-release"), release).unwrap();
        root.add(&root.build("dpkg", "1.21.22"));
        root.install("1.0");
        root.publish("1.0", now);
        root
    }

    /// The folder that stands for `/`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Installs a version with dpkg.
    pub fn install(&self, version: &str) {
        self.add(&self.build("prova", version));
    }

    fn add(&self, package: &Path) {
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", self.path().display())).arg("--force-not-root").arg("--install").arg(package);
        // It looks for programs that maintainer scripts might need.
        run(command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    }

    /// Publishes a version in the security archive, and lets apt fetch its lists.
    pub fn publish(&self, version: &str, now: Timestamp) {
        let archive = self.path().join("archive");
        let package = self.build("prova", version);
        let name = package.file_name().unwrap().to_string_lossy().into_owned();
        fs::copy(&package, archive.join(&name)).unwrap();
        let size = fs::metadata(&package).unwrap().len();
        let control = printed(Command::new("dpkg-deb").arg("--field").arg(&package));
        let packages = format!("{}Filename: ./{name}\nSize: {size}\nSHA256: {}\n\n", control, sha256(&package));
        fs::write(archive.join("Packages"), &packages).unwrap();
        let time = |at: Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string();
        let valid = now.checked_add(SignedDuration::from_hours(24 * VALID_DAYS)).unwrap();
        let release = format!(
            "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: bookworm-security\nDate: {}\n\
             Valid-Until: {}\nSHA256:\n {} {} Packages\n",
            time(now),
            time(valid),
            sha256(&archive.join("Packages")),
            packages.len(),
        );
        fs::write(archive.join("Release"), release).unwrap();
        let source = format!("deb [trusted=yes] file:{} ./\n", archive.display());
        fs::write(self.path().join("etc/apt/sources.list"), source).unwrap();
        run(self.apt().args(["update"]));
    }

    /// The packages that the real apt would upgrade, by name.
    pub fn upgradable(&self) -> Vec<String> {
        let list = printed(self.apt().args(["--just-print", "upgrade"]));
        let names =
            list.lines().filter_map(|line| line.strip_prefix("Inst ")).filter_map(|line| line.split(' ').next());
        names.map(str::to_owned).collect()
    }

    fn apt(&self) -> Command {
        let mut command = Command::new("apt-get");
        let root = self.path().display();
        for option in [
            format!("Dir={root}"),
            format!("Dir::State::status={root}/var/lib/dpkg/status"),
            "APT::Architecture=amd64".to_owned(),
            "APT::Architectures::=amd64".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
            "Acquire::Languages=none".to_owned(),
        ] {
            command.arg("-o").arg(option);
        }
        command.env("LC_ALL", "C");
        command
    }

    fn build(&self, name: &str, version: &str) -> PathBuf {
        let folder = self.path().join(format!("build-{name}-{version}"));
        fs::create_dir_all(folder.join("DEBIAN")).unwrap();
        let control = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\n\
             Description: a package without files\n"
        );
        fs::write(folder.join("DEBIAN/control"), control).unwrap();
        let package = self.path().join(format!("{name}_{version}_amd64.deb"));
        run(Command::new("dpkg-deb").args(["--root-owner-group", "--build"]).arg(&folder).arg(&package));
        package
    }
}

fn sha256(file: &Path) -> String {
    let line = printed(Command::new("sha256sum").arg(file));
    line.split(' ').next().unwrap().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "apt holds the archive's dates against the running clock")]
    fn the_real_apt_sees_the_newer_version_and_nothing_after_it_was_installed() {
        let now = Timestamp::now();
        let root = DebianRoot::new(now);
        assert_eq!(root.upgradable(), Vec::<String>::new());
        root.publish("1.1", now);
        assert_eq!(root.upgradable(), ["prova"]);
        root.install("1.1");
        assert_eq!(root.upgradable(), Vec::<String>::new());
    }
}
