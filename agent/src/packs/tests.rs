use std::path::PathBuf;

use minisign::KeyPair;
use vedetta_checks::pack::PackFiles;
use vedetta_checks::pack::files::{MANIFEST_FILE, SIGNATURE_FILE};
use vedetta_checks::pack::manifest;
use vedetta_proto::agent;

use super::*;

pub(super) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// The shipped pack under another version, so that it counts as another content of the same id.
fn files(version: u32) -> PackFiles {
    let (_, whole) = vedetta_checks::packs::embedded().into_iter().next().unwrap();
    let mut files = PackFiles::new();
    for (path, bytes) in whole.iter() {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let line = |version: u32| format!("\nversion: {version}\n");
        files.insert(path, text.replacen(&line(shipped()), &line(version), 1)).unwrap();
    }
    files
}

/// A host with a pinned key, and the publisher that holds it.
pub(super) struct Scene {
    folder: tempfile::TempDir,
    pub(super) key: KeyPair,
}

impl Scene {
    pub(super) fn new() -> Self {
        let scene =
            Self { folder: tempfile::tempdir().unwrap(), key: KeyPair::generate_unencrypted_keypair().unwrap() };
        for name in ["state", "packs", "publishers"] {
            std::fs::create_dir(scene.path(name)).unwrap();
        }
        let public = scene.key.pk.to_box().unwrap().into_string();
        std::fs::write(scene.path("publishers").join("own.pub"), public).unwrap();
        scene
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn bundle(&self, files: &PackFiles, key: &KeyPair) -> agent::PackBundle {
        let manifest = manifest::text(files).unwrap();
        let signature = minisign::sign(Some(&key.pk), &key.sk, manifest.as_bytes(), None, None).unwrap();
        let files =
            files.iter().map(|(path, content)| agent::PackFile { path: path.to_owned(), content: content.to_vec() });
        agent::PackBundle { signature: signature.into_string(), files: files.collect(), manifest }
    }

    pub(super) fn receive(&self, bundle: agent::PackBundle) -> Vec<PackRefusal> {
        self.receive_while_running(bundle, &[])
    }

    fn receive_while_running(&self, bundle: agent::PackBundle, running: &[Vec<u8>]) -> Vec<PackRefusal> {
        receive(&[bundle], &self.path("state"), &pinned_keys(&self.path("publishers")).unwrap(), running, now())
    }

    /// How many received packs lie in the state folder.
    pub(super) fn kept(&self) -> usize {
        std::fs::read_dir(self.path("state").join(RECEIVED_FOLDER)).map_or(0, Iterator::count)
    }

    pub(super) fn load(&self, wanted: &[PackDigest]) -> PackSet {
        let (packs, publishers, state) = (self.path("packs"), self.path("publishers"), self.path("state"));
        let sources = PackSources { folder: Some(&packs), publishers: &publishers, state: Some(&state), wanted };
        PackSet::load(&sources, &vedetta_probes::catalogue(), now())
    }
}

/// The pack that these tests change; the others of the binary stand beside it.
fn own(set: &PackSet) -> &ReadyPack {
    set.packs.iter().find(|pack| pack.compiled.pack().id.as_str() == "dns").unwrap()
}

/// The version of that pack in the binary, which grows with its checks.
fn shipped() -> u32 {
    static SHIPPED: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| embedded_versions(&vedetta_checks::packs::trusted().unwrap())["dns"]);
    *SHIPPED
}

/// The versions of that pack.
fn versions(set: &PackSet) -> Vec<u32> {
    let packs = set.packs.iter().map(|pack| pack.compiled.pack());
    packs.filter(|pack| pack.id.as_str() == "dns").map(|pack| pack.version).collect()
}

#[test]
fn without_anything_else_the_packs_in_the_binary_run() {
    let set = Scene::new().load(&[]);
    assert_eq!((versions(&set), &own(&set).trust, set.refused.len()), (vec![shipped()], &Trust::Embedded, 0));
}

#[test]
fn a_signed_pack_of_an_assignment_runs_and_can_be_spooled() {
    let scene = Scene::new();
    let bundle = scene.bundle(&files(shipped() + 1), &scene.key);
    assert_eq!(scene.receive(bundle), []);
    let set = scene.load(&[]);
    assert_eq!(versions(&set), [shipped() + 1]);
    assert!(matches!(own(&set).trust, Trust::Signed { .. }) && own(&set).spoolable.is_some());
}

#[test]
fn a_pack_of_a_stranger_is_refused() {
    let scene = Scene::new();
    let stranger = KeyPair::generate_unencrypted_keypair().unwrap();
    let refused = scene.receive(scene.bundle(&files(shipped() + 1), &stranger));
    assert!(refused[0].pack == "dns" && refused[0].why.contains("does not know"), "{refused:?}");
    assert_eq!(versions(&scene.load(&[])), [shipped()]);
}

#[test]
fn a_changed_or_added_file_refuses_the_pack() {
    let scene = Scene::new();
    let whole = scene.bundle(&files(shipped() + 1), &scene.key);
    let mut changed = whole.clone();
    changed.files[0].content.push(b'\n');
    let mut added = whole.clone();
    added.files.push(agent::PackFile { path: "more.yaml".to_owned(), content: b"[]".to_vec() });
    let mut outside = whole.clone();
    outside.files[0].path = "../../etc/passwd".to_owned();
    let mut resigned = whole;
    let version = |newer: u32| format!("version {}", shipped() + newer);
    resigned.manifest = resigned.manifest.replace(&version(1), &version(2));
    for bundle in [changed, added, outside, resigned] {
        assert_eq!(scene.receive(bundle).len(), 1);
    }
    assert_eq!(versions(&scene.load(&[])), [shipped()]);
}

#[test]
fn a_pack_older_than_one_that_ran_is_refused_and_an_older_program_still_runs_its_own() {
    let scene = Scene::new();
    let mut run = RunVersions::default();
    run.note(&scene.path("state"), [("dns", shipped() + 2)].into_iter()).unwrap();
    let refused = scene.receive(scene.bundle(&files(shipped() + 1), &scene.key));
    assert!(refused[0].why.contains(&format!("older than version {}", shipped() + 2)), "{refused:?}");
    let set = scene.load(&[]);
    assert!(versions(&set) == [shipped()] && set.refused[0].why.contains("older"), "{set:?}");
}

#[test]
fn wanting_an_old_pack_neither_brings_it_back_nor_silences_the_host() {
    let scene = Scene::new();
    scene.receive(scene.bundle(&files(shipped() + 3), &scene.key));
    let mut run = RunVersions::default();
    run.note(&scene.path("state"), [("dns", shipped() + 3)].into_iter()).unwrap();
    let embedded = vedetta_checks::packs::trusted().unwrap()[0].pack().digest;
    assert_eq!(versions(&scene.load(&[embedded])), [shipped() + 3]);
}

#[test]
fn the_assignment_chooses_among_packs_that_the_host_has() {
    let scene = Scene::new();
    scene.receive(scene.bundle(&files(shipped() + 1), &scene.key));
    let embedded = vedetta_checks::packs::trusted().unwrap()[0].pack().digest;
    assert_eq!(versions(&scene.load(&[embedded])), [shipped()]);
    let missing = PackDigest::from_bytes([9; 32]);
    assert_eq!(scene.load(&[embedded, missing]).refused.len(), 1);
}

#[test]
fn a_wanted_pack_that_is_missing_leaves_the_one_in_the_binary_at_work() {
    let missing = PackDigest::from_bytes([9; 32]);
    let set = Scene::new().load(&[missing]);
    assert_eq!((versions(&set), set.missing), (vec![shipped()], vec![missing]));
}

#[test]
fn an_unsigned_pack_in_the_configured_folder_is_refused_and_the_rest_runs() {
    let scene = Scene::new();
    let place = scene.path("packs").join("dns");
    std::fs::create_dir(&place).unwrap();
    for (path, bytes) in files(shipped() + 4).iter() {
        std::fs::write(place.join(path), bytes).unwrap();
    }
    let set = scene.load(&[]);
    assert!(versions(&set) == [shipped()] && set.refused[0].why.contains("not signed"), "{:?}", set.refused);
    let bundle = scene.bundle(&files(shipped() + 4), &scene.key);
    std::fs::write(place.join(MANIFEST_FILE), bundle.manifest).unwrap();
    std::fs::write(place.join(SIGNATURE_FILE), bundle.signature).unwrap();
    assert_eq!(versions(&scene.load(&[])), [shipped() + 4]);
}

#[test]
fn keys_that_others_could_have_put_there_are_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let file = scene.path("publishers").join("own.pub");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    let error = pinned_keys(&scene.path("publishers")).unwrap_err();
    assert!(matches!(&error, PublisherError::Writable { .. }), "{error}");
}

#[test]
fn a_pack_that_a_person_gave_cannot_be_spooled() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files(shipped()).iter() {
        std::fs::write(folder.path().join(path), bytes).unwrap();
    }
    let set = PackSet::local(folder.path(), &vedetta_probes::catalogue()).unwrap();
    assert!(set.packs[0].trust == Trust::Local && set.packs[0].spoolable.is_none());
    let single = PackSet::local(&folder.path().join("caa.yaml"), &vedetta_probes::catalogue()).unwrap();
    assert!(!single.packs[0].compiled.checks().is_empty());
}

#[test]
fn a_signed_pack_older_than_the_one_in_the_binary_is_refused_also_when_it_is_wanted() {
    let scene = Scene::new();
    scene.receive(scene.bundle(&files(shipped() + 1), &scene.key));
    let (publishers, state) = (scene.path("publishers"), scene.path("state"));
    let sources = PackSources { folder: None, publishers: &publishers, state: Some(&state), wanted: &[] };
    let signed = || {
        let mut candidates = Vec::new();
        let keys = pinned_keys(&publishers).unwrap();
        PackSet::default().add_signed(&sources, &keys, &RunVersions::default(), now(), &mut candidates);
        candidates
    };
    for (embedded, kept) in [(shipped(), 1), (shipped() + 1, 1), (shipped() + 2, 0)] {
        let mut set = PackSet::default();
        let versions = [("dns".to_owned(), embedded)].into();
        assert_eq!(set.without_older_than(&versions, signed()).len(), kept, "{embedded}");
        assert_eq!(set.refused.len(), 1 - kept);
    }
    let embedded = vedetta_checks::packs::trusted().unwrap();
    assert_eq!(embedded_versions(&embedded).get("dns"), Some(&shipped()));
}

#[test]
fn a_received_pack_takes_the_place_of_its_older_versions() {
    let scene = Scene::new();
    for version in shipped() + 1..shipped() + 4 {
        assert_eq!(scene.receive(scene.bundle(&files(version), &scene.key)), []);
        assert_eq!(scene.kept(), 1);
    }
    assert_eq!(versions(&scene.load(&[])), [shipped() + 3]);
}

#[test]
fn the_older_version_that_runs_stays_until_the_newer_one_runs() {
    let scene = Scene::new();
    scene.receive(scene.bundle(&files(shipped() + 1), &scene.key));
    let digest = own(&scene.load(&[])).compiled.pack().digest.as_bytes().to_vec();
    scene.receive_while_running(scene.bundle(&files(shipped() + 2), &scene.key), &[digest]);
    assert_eq!(scene.kept(), 2);
    scene.receive(scene.bundle(&files(shipped() + 3), &scene.key));
    assert_eq!(scene.kept(), 1);
}

#[test]
fn a_pack_behind_many_others_in_a_folder_runs() {
    let scene = Scene::new();
    for number in 0..PACKS_MAX {
        std::fs::create_dir(scene.path("packs").join(format!("{number:03}"))).unwrap();
    }
    let place = scene.path("packs").join("dns");
    std::fs::create_dir(&place).unwrap();
    let bundle = scene.bundle(&files(shipped() + 4), &scene.key);
    for file in bundle.files {
        std::fs::write(place.join(file.path), file.content).unwrap();
    }
    std::fs::write(place.join(MANIFEST_FILE), bundle.manifest).unwrap();
    std::fs::write(place.join(SIGNATURE_FILE), bundle.signature).unwrap();
    assert_eq!(versions(&scene.load(&[])), [shipped() + 4]);
}

#[test]
fn what_was_left_half_written_is_removed() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("state").join(".newAbC")).unwrap();
    scene.receive(scene.bundle(&files(shipped() + 1), &scene.key));
    assert!(!scene.path("state").join(".newAbC").exists());
}
