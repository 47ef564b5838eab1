//! Feeds among packs: the same signature, the same pins, the same ends.

use jiff::civil::{Date, date};
use vedetta_checks::feed::{Group, Mend, Release, SourcePackage, Vulnerability, write};
use vedetta_checks::pack::files::PACK_FILE;

use super::tests::Scene;
use super::*;

/// A feed with one vulnerability of one release.
fn feed(version: u32, published: Date) -> vedetta_checks::pack::PackFiles {
    let one = Vulnerability { id: "CVE-2023-4911".to_owned(), chance: Some(6543), exploited_due: None };
    let group = Group { mend: Mend::From("2.36-9+deb12u3".to_owned()), vulnerabilities: vec![one] };
    let source = SourcePackage { newest: None, groups: vec![group] };
    let release = Release { sources: [("glibc".to_owned(), source)].into(), ..Release::default() };
    let mut files = vedetta_checks::pack::PackFiles::new();
    files.insert(PACK_FILE, write::head(version, published, "prova").unwrap()).unwrap();
    for (file, packed) in write::release("debian", "bookworm", &release).unwrap() {
        files.insert(&file, packed).unwrap();
    }
    files
}

/// The day before that of the tests.
const YESTERDAY: Date = date(2026, 11, 21);

fn published(set: &PackSet) -> Option<Date> {
    set.feed.as_ref().map(|ready| ready.feed.feed().published())
}

#[test]
fn a_signed_feed_of_an_assignment_is_compared_with_and_runs_no_check() {
    let scene = Scene::new();
    let before = scene.load(&[]).packs.len();
    assert_eq!(scene.receive(scene.bundle(&feed(1, YESTERDAY), &scene.key)), []);
    let set = scene.load(&[]);
    assert_eq!((published(&set), set.packs.len()), (Some(YESTERDAY), before));
    assert!(set.feed().unwrap().is_signed());
}

#[test]
fn a_feed_of_a_stranger_is_refused_by_its_digest() {
    let (scene, stranger) = (Scene::new(), minisign::KeyPair::generate_unencrypted_keypair().unwrap());
    let files = feed(1, YESTERDAY);
    let digest = vedetta_checks::pack::Pack::parse(&files).unwrap().digest;
    let refused = scene.receive(scene.bundle(&files, &stranger));
    assert_eq!(refused.iter().map(|refusal| refusal.digest).collect::<Vec<_>>(), [Some(digest)]);
}

#[test]
fn of_two_feeds_of_one_day_the_higher_version_is_compared_with() {
    let scene = Scene::new();
    for versions in [[1, 2], [2, 1]] {
        let mut set = scene.load(&[]);
        for version in versions {
            let trusted = TrustedPack::local(&feed(version, YESTERDAY)).unwrap();
            set.take_feed(ReadyFeed::of(&trusted).unwrap());
        }
        assert_eq!(set.feed.map(|ready| ready.version), Some(2));
    }
}

#[test]
fn without_a_feed_the_sentence_says_where_one_comes_from() {
    let unknown = Scene::new().load(&[]).feed().unwrap_err();
    assert!(
        unknown.reason == vedetta_checks::word::Reason::NO_FEED && unknown.detail.contains("--feed"),
        "{unknown:?}"
    );
}

#[test]
fn a_wanted_feed_that_is_here_is_not_missing_and_silences_no_pack() {
    let scene = Scene::new();
    let shipped = scene.load(&[]).packs.len();
    scene.receive(scene.bundle(&feed(1, YESTERDAY), &scene.key));
    let mut wanted: Vec<_> = scene.load(&[]).feed_digests;
    wanted.extend(vedetta_checks::packs::trusted().unwrap().iter().map(|pack| pack.pack().digest));
    let set = scene.load(&wanted);
    assert_eq!((set.missing, set.packs.len()), (Vec::new(), shipped));
}

#[test]
fn feeds_of_strangers_changed_ones_expired_ones_and_older_ones_are_refused() {
    let scene = Scene::new();
    let stranger = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let mut changed = scene.bundle(&feed(3, YESTERDAY), &scene.key);
    changed.files[0].content.push(b'\n');
    let mut run = RunVersions::default();
    run.note(&scene.path("state"), [(write::FEED_ID, 2)].into_iter()).unwrap();
    for (bundle, why) in [
        (scene.bundle(&feed(3, YESTERDAY), &stranger), "does not know"),
        (changed, "was changed after it was signed"),
        (scene.bundle(&feed(3, date(2026, 1, 1)), &scene.key), "it expired on 2026-04-01"),
        (scene.bundle(&feed(1, YESTERDAY), &scene.key), "version 1 is older than version 2"),
    ] {
        let refused = scene.receive(bundle);
        assert!(refused[0].pack == write::FEED_ID && refused[0].why.contains(why), "{why}: {refused:?}");
    }
    assert_eq!(published(&scene.load(&[])), None);
}

#[test]
fn a_newer_feed_takes_the_place_of_the_older_one() {
    let scene = Scene::new();
    for (version, day) in [(1, date(2026, 11, 1)), (2, YESTERDAY)] {
        assert_eq!(scene.receive(scene.bundle(&feed(version, day), &scene.key)), []);
        assert_eq!(scene.kept(), 1);
    }
    assert_eq!(published(&scene.load(&[])), Some(YESTERDAY));
}

#[test]
fn a_feed_in_the_configured_folder_that_is_not_signed_is_refused_and_the_facts_say_so() {
    let scene = Scene::new();
    write_into(&scene.path("packs").join("feed"), &feed(1, YESTERDAY));
    let set = scene.load(&[]);
    let unknown = set.feed().unwrap_err();
    assert!(unknown.detail.contains("refused: the pack is not signed"), "{unknown:?}");
}

#[test]
fn a_feed_given_at_the_keyboard_is_local_when_nobody_signed_it_and_must_hold_when_somebody_did() {
    let scene = Scene::new();
    let folder = scene.path("given");
    let files = feed(1, YESTERDAY);
    write_into(&folder, &files);
    let (packs, publishers) = (scene.path("packs"), scene.path("publishers"));
    let sources = PackSources { folder: Some(&packs), publishers: &publishers, state: None, wanted: &[] };
    let given = || {
        let mut set = PackSet::default();
        set.use_feed_of(&folder, &sources, super::tests::now()).map(|()| set.feed().unwrap().is_signed())
    };
    assert!(!given().unwrap());
    let bundle = scene.bundle(&files, &scene.key);
    std::fs::write(folder.join("pack.manifest"), bundle.manifest).unwrap();
    std::fs::write(folder.join("pack.manifest.minisig"), bundle.signature).unwrap();
    assert!(given().unwrap());
    std::fs::write(folder.join("debian-bookworm-1.gz"), b"changed").unwrap();
    let error = given().unwrap_err().to_string();
    assert!(error.contains("debian-bookworm-1.gz was changed after it was signed"), "{error}");
}

fn write_into(folder: &Path, files: &vedetta_checks::pack::PackFiles) {
    std::fs::create_dir_all(folder).unwrap();
    for (path, bytes) in files.iter() {
        std::fs::write(folder.join(path), bytes).unwrap();
    }
}
