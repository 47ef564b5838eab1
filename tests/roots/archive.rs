//! Archives of packages without content, in any pocket: for what Debian's real archive does not have today.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use vedetta_tests::program::{printed, run};

use crate::debian::Debian;

/// Days that a list counts, as in Debian's security archive.
const VALID_DAYS: i64 = 7;
/// When the lists of these archives were made.
pub(crate) const LISTED: &str = "2026-11-20T09:00:00Z";

/// A package that a pocket offers.
pub(crate) struct Offered {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) architecture: &'static str,
    /// More lines of its record in the list: `Phased-Update-Percentage: 10`.
    pub(crate) fields: &'static str,
}

/// A package for every usual machine.
pub(crate) const fn offered(name: &'static str, version: &'static str) -> Offered {
    Offered { name, version, architecture: "amd64", fields: "" }
}

/// A pocket: its code name, its further release fields, and its packages.
pub(crate) struct Pocket<'a> {
    pub(crate) codename: &'a str,
    pub(crate) release: &'a str,
    pub(crate) packages: &'a [Offered],
}

/// Builds a package without files; answers its path.
pub(crate) fn build(folder: &Path, name: &str, version: &str, architecture: &str, fields: &str) -> PathBuf {
    let tree = folder.join(format!("build-{name}-{version}-{architecture}"));
    fs::create_dir_all(tree.join("DEBIAN")).unwrap();
    let control = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: nobody <nobody@example.org>\n\
         Multi-Arch: same\n{fields}Description: a package without files\n"
    );
    fs::write(tree.join("DEBIAN/control"), control).unwrap();
    let package = folder.join(format!("{name}_{version}_{architecture}.deb"));
    run(Command::new("dpkg-deb").args(["--root-owner-group", "-Znone", "--build"]).arg(&tree).arg(&package));
    fs::remove_dir_all(tree).unwrap();
    package
}

impl Debian {
    /// A copy of a release whose own sources are taken away, so that only these pockets count, with these packages
    /// installed.
    pub(crate) fn with_pockets(release: &str, installed: &[Offered], pockets: &[Pocket<'_>]) -> Self {
        let root = Self::copy(release);
        fs::remove_dir_all(root.join("var/lib/apt/lists")).unwrap();
        fs::create_dir_all(root.join("var/lib/apt/lists/partial")).unwrap();
        root.write("etc/apt/sources.list", "");
        for package in installed {
            root.install(package);
        }
        for pocket in pockets {
            root.publish(pocket);
        }
        root.refresh();
        root
    }

    fn install(&self, package: &Offered) {
        let path = build(&self.join("tmp"), package.name, package.version, package.architecture, "");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        self.run(&["dpkg", "-i", &format!("/tmp/{name}")]);
    }

    /// Makes a pocket in a folder of the root, and names it as a source.
    fn publish(&self, pocket: &Pocket<'_>) {
        let folder = self.join(&format!("srv/{}", pocket.codename));
        fs::create_dir_all(&folder).unwrap();
        let mut packages = String::new();
        for offered in pocket.packages {
            let path = build(&folder, offered.name, offered.version, offered.architecture, "");
            let control = printed(Command::new("dpkg-deb").arg("--field").arg(&path));
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let size = fs::metadata(&path).unwrap().len();
            packages +=
                &format!("{control}{}Filename: ./{name}\nSize: {size}\nSHA256: {}\n\n", offered.fields, sha256(&path));
        }
        fs::write(folder.join("Packages"), &packages).unwrap();
        let listed: Timestamp = LISTED.parse().unwrap();
        let valid = listed.checked_add(SignedDuration::from_hours(24 * VALID_DAYS)).unwrap();
        let time = |at: Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string();
        let release = format!(
            "Codename: {}\n{}Date: {}\nValid-Until: {}\nSHA256:\n {} {} Packages\n",
            pocket.codename,
            pocket.release,
            time(listed),
            time(valid),
            sha256(&folder.join("Packages")),
            packages.len(),
        );
        fs::write(folder.join("Release"), release).unwrap();
        let source = format!("deb [trusted=yes] file:/srv/{} ./\n", pocket.codename);
        self.write(&format!("etc/apt/sources.list.d/{}.list", pocket.codename), &source);
    }

    /// Lets apt read its sources again, whatever the day is: the archives are of one fixed day.
    pub(crate) fn refresh(&self) {
        self.run(&[
            "apt-get",
            "-o",
            "APT::Sandbox::User=root",
            "-o",
            "Acquire::Check-Valid-Until=false",
            "-o",
            "Acquire::Check-Date=false",
            "update",
        ]);
    }
}

fn sha256(file: &Path) -> String {
    let line = printed(Command::new("sha256sum").arg(file));
    line.split(' ').next().unwrap().to_owned()
}
