//! A signed pack is taken only when signature, files, version and days all hold.

#![allow(clippy::expect_used, reason = "part of tests: a broken sample must stop them")]

mod support;

use std::io::Cursor;

use minisign::KeyPair;
use support::{GOOD_CHECK, PACK_HEAD};
use vedetta_checks::pack::trust::{PinnedKeys, Trust, TrustError, TrustedPack, verify};
use vedetta_checks::pack::{PackFiles, manifest};

fn files() -> PackFiles {
    let mut files = PackFiles::new();
    files.insert("pack.yaml", PACK_HEAD).expect("a small file");
    files.insert("sample.yaml", GOOD_CHECK).expect("a small file");
    files
}

fn key() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().expect("a key pair")
}

fn sign(key: &KeyPair, manifest: &str) -> String {
    let signed = minisign::sign(Some(&key.pk), &key.sk, Cursor::new(manifest), Some("test"), None);
    signed.expect("a signature").to_string()
}

fn pinned(keys: &[&KeyPair]) -> PinnedKeys {
    let lines: Vec<String> = keys.iter().map(|key| key.pk.to_base64()).collect();
    PinnedKeys::parse(lines.iter().map(String::as_str)).expect("keys")
}

fn on(day: &str) -> jiff::Timestamp {
    format!("{day}T12:00:00Z").parse().expect("a moment")
}

fn take(files: &PackFiles, manifest: &str, signature: &str, keys: &PinnedKeys) -> Result<TrustedPack, TrustError> {
    verify(files, manifest.as_bytes(), signature, keys, Some(3), on("2026-06-01"))
}

#[test]
fn a_pack_signed_by_a_pinned_key_is_taken_and_may_be_spooled() {
    let (key, other) = (key(), key());
    let manifest = manifest::text(&files()).expect("a manifest");
    let taken = take(&files(), &manifest, &sign(&key, &manifest), &pinned(&[&other, &key])).expect("it is taken");
    assert!(taken.spoolable().is_some());
    let Trust::Signed { key_id } = taken.trust() else { panic!("{:?}", taken.trust()) };
    let comment = key.pk.to_box().expect("a box").to_string();
    assert!(comment.contains(key_id.as_str()), "{comment} names another key than {key_id}");
}

#[test]
fn the_digest_does_not_depend_on_how_the_pack_came() {
    let key = key();
    let manifest = manifest::text(&files()).expect("a manifest");
    let mut shipped = files();
    shipped.insert("pack.manifest", manifest.as_bytes()).expect("a small file");
    shipped.insert("pack.manifest.minisig", sign(&key, &manifest)).expect("a small file");
    let signed = take(&shipped, &manifest, &sign(&key, &manifest), &pinned(&[&key])).expect("it is taken");
    let local = TrustedPack::local(&files()).expect("a pack");
    assert_eq!(signed.pack().digest, local.pack().digest);
    assert!(local.spoolable().is_none(), "a local pack is never spooled");
}

#[test]
fn a_stranger_and_an_empty_list_of_keys_are_refused() {
    let manifest = manifest::text(&files()).expect("a manifest");
    let signature = sign(&key(), &manifest);
    for keys in [pinned(&[&key()]), PinnedKeys::default()] {
        let refused = take(&files(), &manifest, &signature, &keys).expect_err("a stranger");
        assert!(matches!(refused, TrustError::Stranger), "{refused}");
    }
}

#[test]
fn a_changed_manifest_is_refused() {
    let key = key();
    let manifest = manifest::text(&files()).expect("a manifest");
    let changed = manifest.replace("version 3", "version 4");
    let refused = take(&files(), &changed, &sign(&key, &manifest), &pinned(&[&key])).expect_err("changed");
    assert!(matches!(refused, TrustError::ManifestTampered), "{refused}");
}

#[test]
fn a_changed_a_missing_and_an_unlisted_file_are_refused_by_name() {
    let key = key();
    let manifest = manifest::text(&files()).expect("a manifest");
    let signature = sign(&key, &manifest);
    let mut changed = PackFiles::new();
    changed.insert("pack.yaml", PACK_HEAD).expect("a small file");
    let missing = changed.clone();
    changed.insert("sample.yaml", GOOD_CHECK.replace("count > 3", "count > 9")).expect("a small file");
    let mut more = files();
    more.insert("extra.yaml", "[]").expect("a small file");
    for (files, expected) in
        [(changed, "sample.yaml was changed"), (missing, "sample.yaml is missing"), (more, "extra.yaml is not listed")]
    {
        let refused = take(&files, &manifest, &signature, &pinned(&[&key])).expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn an_older_pack_than_already_ran_is_refused() {
    let key = key();
    let manifest = manifest::text(&files()).expect("a manifest");
    let signature = sign(&key, &manifest);
    let run = |already_run| {
        verify(&files(), manifest.as_bytes(), &signature, &pinned(&[&key]), already_run, on("2026-06-01"))
    };
    assert!(matches!(run(Some(4)), Err(TrustError::Older { version: 3, already_run: 4 })));
    assert!(run(Some(3)).is_ok() && run(Some(2)).is_ok() && run(None).is_ok());
}

#[test]
fn a_pack_is_taken_until_the_end_of_its_last_day() {
    let key = key();
    let manifest = manifest::text(&files()).expect("a manifest");
    let signature = sign(&key, &manifest);
    let at = |day| verify(&files(), manifest.as_bytes(), &signature, &pinned(&[&key]), None, on(day));
    assert!(at("2027-01-01").is_ok());
    assert!(matches!(at("2027-01-02"), Err(TrustError::Expired { .. })));
}

#[test]
fn a_signed_manifest_that_says_something_else_than_the_pack_is_refused() {
    let key = key();
    let manifest = manifest::text(&files()).expect("a manifest").replace("version 3", "version 9");
    let refused = take(&files(), &manifest, &sign(&key, &manifest), &pinned(&[&key])).expect_err("it differs");
    assert!(matches!(refused, TrustError::HeadDiffers), "{refused}");
    let nonsense = "vedetta-pack-manifest 1\nfile x y z\n";
    let refused = take(&files(), nonsense, &sign(&key, nonsense), &pinned(&[&key])).expect_err("it is nonsense");
    assert!(matches!(refused, TrustError::ManifestFormat { line: 2 }), "{refused}");
}

#[test]
fn garbage_for_a_signature_or_a_key_is_refused() {
    let manifest = manifest::text(&files()).expect("a manifest");
    for garbage in ["", "x", "untrusted comment: x\nAAAA\ntrusted comment: x\nAAAA\n", "\u{0}\n\u{0}\n\u{0}\n\u{0}"] {
        let refused = take(&files(), &manifest, garbage, &pinned(&[&key()])).expect_err("garbage");
        assert!(matches!(refused, TrustError::SignatureFormat), "{refused}");
    }
    assert!(matches!(
        PinnedKeys::parse([key().pk.to_base64().as_str(), "RWnonsense"]),
        Err(TrustError::Key { number: 2 })
    ));
}
