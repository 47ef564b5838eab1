//! The packages that `make dist` left in target/packages, and those of the earlier agent in target/earlier. The variable
//! `PACKAGES` names another folder than target/packages: published packages, or those of a trial.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Version of the packages of today.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Version of the earlier agent (`earlier.sh`).
pub(crate) const EARLIER: &str = "0.0.9";

/// A folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(HERE).join(path)
}

/// A package of today by its file's name.
pub(crate) fn today(name: &str) -> PathBuf {
    let folder = std::env::var_os("PACKAGES").map_or_else(|| repository("target/packages"), PathBuf::from);
    there(folder.join(name))
}

/// A package of the earlier agent by its file's name.
pub(crate) fn earlier(name: &str) -> PathBuf {
    there(repository("target/earlier").join(name))
}

/// The Debian package of a program of ours.
pub(crate) fn deb(program: &str, architecture: &str) -> PathBuf {
    today(&format!("{program}_{VERSION}_{architecture}.deb"))
}

/// Its package for systems with rpm.
pub(crate) fn rpm(program: &str) -> PathBuf {
    today(&format!("{program}-{VERSION}-1.x86_64.rpm"))
}

fn there(file: PathBuf) -> PathBuf {
    let file = fs::canonicalize(&file).unwrap_or(file);
    assert!(file.is_file(), "{} is missing: run `make test-dist`, which makes it", file.display());
    file
}
