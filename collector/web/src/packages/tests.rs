//! What of a folder is handed out, and what never is.

use super::*;

fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Packages) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let packages = Packages::of(folder.path().to_owned());
    (folder, packages)
}

fn name(text: &str) -> PackageName {
    PackageName::parse(text).unwrap()
}

fn names(packages: &Packages) -> Vec<String> {
    packages.all().iter().map(|package| package.name.as_str().to_owned()).collect()
}

#[test]
fn packages_stand_with_their_digest_the_newest_first() {
    let (_folder, packages) = folder(&[
        ("vedetta-agent_0.9.0_amd64.deb", "old"),
        ("vedetta-agent_0.10.0_amd64.deb", "abc"),
        ("note.txt", "x"),
        ("ca.key", "x"),
    ]);
    assert_eq!(names(&packages), ["vedetta-agent_0.10.0_amd64.deb", "vedetta-agent_0.9.0_amd64.deb"]);
    let digest = crate::secret::hexadecimal(&packages.all()[0].sha256);
    assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_file_that_was_replaced_is_hashed_again() {
    let (folder, packages) = folder(&[("vedetta-agent_0.9.0_amd64.deb", "old")]);
    let first = packages.all()[0].sha256;
    std::fs::write(folder.path().join("vedetta-agent_0.9.0_amd64.deb"), "other").unwrap();
    assert_ne!(packages.all()[0].sha256, first);
}

#[test]
fn links_and_folders_are_not_handed_out() {
    let (folder, packages) = folder(&[]);
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "x").unwrap();
    std::os::unix::fs::symlink(&secret, folder.path().join("vedetta-agent_0.9.0_amd64.deb")).unwrap();
    std::fs::create_dir(folder.path().join("vedetta-agent_0.9.1_amd64.deb")).unwrap();
    for file in ["vedetta-agent_0.9.0_amd64.deb", "vedetta-agent_0.9.1_amd64.deb", "vedetta-agent_0.9.2_amd64.deb"] {
        assert!(packages.open(&name(file)).is_none(), "{file}");
    }
    assert!(names(&packages).is_empty());
    assert_eq!(packages.newest_agent(), OWN_VERSION);
}

#[test]
fn a_file_beyond_the_limit_is_not_handed_out() {
    let (folder, packages) = folder(&[]);
    let file = File::create(folder.path().join("vedetta-agent_0.9.0_amd64.deb")).unwrap();
    file.set_len(PACKAGE_BYTES_MAX + 1).unwrap();
    assert!(packages.open(&name("vedetta-agent_0.9.0_amd64.deb")).is_none());
    file.set_len(PACKAGE_BYTES_MAX).unwrap();
    assert!(packages.open(&name("vedetta-agent_0.9.0_amd64.deb")).is_some());
}

#[test]
fn the_newest_agent_is_the_highest_version_of_any_kind_else_our_own() {
    let (_folder, packages) = folder(&[
        ("vedetta-agent_0.9.0_amd64.deb", ""),
        ("vedetta-agent-0.10.0-1.x86_64.rpm", ""),
        ("vedetta-agent-0.10.0~rc.2-1.x86_64.rpm", ""),
        ("vedetta-agent_99_amd64.deb", ""),
        ("SHA256SUMS", ""),
    ]);
    assert_eq!(packages.newest_agent(), "0.10.0");
    assert_eq!(Packages::of("/nowhere/at/all".into()).newest_agent(), OWN_VERSION);
}

#[test]
fn only_a_lower_semantic_version_is_old() {
    for (version, newest, expected) in [
        ("0.1.0", "0.2.0", true),
        ("0.9.0", "0.10.0", true),
        ("0.2.0-rc.1", "0.2.0", true),
        ("0.2.0", "0.2.0", false),
        ("0.3.0", "0.2.0", false),
        ("", "0.2.0", false),
        ("nightly", "0.2.0", false),
        ("0.1.0", "newest", false),
    ] {
        assert_eq!(is_older(version, newest), expected, "{version} {newest}");
    }
}
