//! What the tests of this folder share.

use super::super::seen::InstalledPackage;

/// An installed package with its source package.
pub(super) fn package(name: &str, version: &str, source: &str, source_version: &str) -> InstalledPackage {
    InstalledPackage {
        name: name.to_owned(),
        architecture: "amd64".to_owned(),
        version: version.to_owned(),
        source: source.to_owned(),
        source_version: source_version.to_owned(),
    }
}
