//! What the certificates of a server say, and whether they are trusted.

use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber, date_time_ymd};
use rustls_pki_types::CertificateDer;

use crate::authority::{Authority, Leaf, self_signed};
use crate::server::Server;
use crate::{context, fact, look, look_at};

async fn trust_of(leaf: &Leaf, roots: Vec<CertificateDer<'static>>) -> String {
    let server = Server::start(leaf, &[]);
    let observation = look(server.address, context(roots)).await.expect("an observation");
    let word = fact(&observation, "trust");
    assert_eq!(fact(&observation, "trusted"), (word == "trusted").to_string(), "{word}");
    word
}

#[tokio::test]
async fn a_good_chain_is_trusted_and_its_facts_are_told() {
    let authority = Authority::new();
    let leaf = authority.leaf(|params| params.serial_number = Some(SerialNumber::from_slice(&[0x01, 0xab])));
    let server = Server::start(&leaf, &[]);
    let observation = look(server.address, context(vec![authority.root_der()])).await.expect("an observation");
    for (path, expected) in [
        ("address", server.address.to_string().as_str()),
        ("server_name", "localhost"),
        ("trusted", "true"),
        ("trust", "trusted"),
        ("name_matches", "true"),
        ("leaf.subject", "CN=localhost"),
        ("leaf.issuer", "CN=Test Intermediate"),
        ("leaf.names", "127.0.0.1 localhost"),
        ("leaf.serial", "01ab"),
        ("leaf.not_before", "2026-01-01T00:00:00Z"),
        ("leaf.not_after", "2026-04-01T00:00:00Z"),
        ("leaf.key_kind", "ecdsa"),
        ("leaf.key_bits", "256"),
        ("leaf.signature_algorithm", "sha256_ecdsa"),
        ("leaf.is_ca", "false"),
        ("leaf.self_signed", "false"),
        ("chain[0].subject", "CN=localhost"),
        ("chain[1].subject", "CN=Test Intermediate"),
        ("chain[1].is_ca", "true"),
    ] {
        assert_eq!(fact(&observation, path), expected, "{path}");
    }
}

#[tokio::test]
async fn an_rsa_key_shows_its_size() {
    let authority = Authority::new();
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("key");
    let server = Server::start(&authority.leaf_with_key(key, |_| {}), &[]);
    let observation = look(server.address, context(Vec::new())).await.expect("an observation");
    assert_eq!(
        (fact(&observation, "leaf.key_kind"), fact(&observation, "leaf.key_bits")),
        ("rsa".into(), "2048".into())
    );
}

#[tokio::test]
async fn an_expired_certificate_is_told_as_expired_with_its_dates() {
    let authority = Authority::new();
    let server = Server::start(&authority.leaf(|params| params.not_after = date_time_ymd(2026, 2, 1)), &[]);
    let observation = look(server.address, context(vec![authority.root_der()])).await.expect("an observation");
    assert_eq!(fact(&observation, "trust"), "expired");
    assert_eq!(fact(&observation, "leaf.not_after"), "2026-02-01T00:00:00Z");
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet_is_told_so() {
    let authority = Authority::new();
    let leaf = authority.leaf(|params| params.not_before = date_time_ymd(2026, 3, 15));
    assert_eq!(trust_of(&leaf, vec![authority.root_der()]).await, "not_yet_valid");
}

#[tokio::test]
async fn an_expired_certificate_of_a_stranger_is_told_as_the_strangers() {
    let leaf = Authority::new().leaf(|params| params.not_after = date_time_ymd(2026, 2, 1));
    assert_eq!(trust_of(&leaf, Vec::new()).await, "untrusted_root");
}

#[tokio::test]
async fn an_expired_issuer_is_told_as_the_issuers() {
    let authority = Authority::with_intermediate_until(2026);
    assert_eq!(trust_of(&authority.leaf(|_| {}), vec![authority.root_der()]).await, "issuer_expired");
}

#[tokio::test]
async fn a_self_signed_certificate_is_told_so() {
    assert_eq!(trust_of(&self_signed(), Vec::new()).await, "self_signed");
}

#[tokio::test]
async fn a_chain_to_an_unknown_root_is_told_so() {
    assert_eq!(trust_of(&Authority::new().leaf(|_| {}), Vec::new()).await, "untrusted_root");
}

#[tokio::test]
async fn a_chain_without_its_intermediate_is_incomplete() {
    let authority = Authority::new();
    let mut leaf = authority.leaf(|_| {});
    leaf.others.clear();
    assert_eq!(trust_of(&leaf, vec![authority.root_der()]).await, "incomplete_chain");
}

#[tokio::test]
async fn a_leaf_signed_by_another_key_of_the_same_name_has_a_bad_signature() {
    let (authority, namesake) = (Authority::new(), Authority::new());
    let mut leaf = namesake.leaf(|_| {});
    leaf.others = vec![authority.intermediate.pem()];
    assert_eq!(trust_of(&leaf, vec![authority.root_der()]).await, "bad_signature");
}

#[tokio::test]
async fn a_certificate_for_clients_serves_the_wrong_purpose() {
    let authority = Authority::new();
    let leaf = authority.leaf(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    assert_eq!(trust_of(&leaf, vec![authority.root_der()]).await, "wrong_purpose");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_trusted_but_does_not_match() {
    let authority = Authority::new();
    let server = Server::start(&authority.leaf(|_| {}), &[]);
    let target = format!("tls://{}?sni=www.example.it", server.address);
    let observation = look_at(&target, context(vec![authority.root_der()])).await.expect("an observation");
    assert_eq!(fact(&observation, "trust"), "trusted");
    assert_eq!(fact(&observation, "name_matches"), "false");
}

#[tokio::test]
async fn an_address_is_matched_against_the_addresses_of_the_certificate() {
    let authority = Authority::new();
    let server = Server::start(&authority.leaf(|_| {}), &[]);
    let target = format!("tls://{}", server.address);
    let observation = look_at(&target, context(vec![authority.root_der()])).await.expect("an observation");
    assert_eq!(fact(&observation, "name_matches"), "true");
}

#[tokio::test]
async fn an_additional_root_that_cannot_be_read_leaves_trust_unknown() {
    let leaf = Authority::new().leaf(|_| {});
    let server = Server::start(&leaf, &[]);
    let broken = CertificateDer::from(vec![0x30, 0x03, 1, 2, 3]);
    let observation = look(server.address, context(vec![broken])).await.expect("an observation");
    assert_eq!(fact(&observation, "trusted"), "unknown: unreadable");
    assert_eq!(fact(&observation, "leaf.subject"), "CN=localhost");
}

#[tokio::test]
async fn a_name_of_this_host_is_resolved_by_the_system() {
    let server = Server::start(&Authority::new().leaf(|_| {}), &[]);
    let target = format!("tls://localhost:{}", server.address.port());
    let observation = look_at(&target, context(Vec::new())).await.expect("an observation");
    assert_eq!(fact(&observation, "address"), server.address.to_string());
    assert_eq!(fact(&observation, "name_matches"), "true");
}
