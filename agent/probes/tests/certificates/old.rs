//! Weak keys and digests, made by the `openssl` program: each is told by its word and hides nothing else.

use crate::case::Case;
use crate::openssl::{AUTHORITY, LEAF, Workshop, now};

const EC: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

fn rsa(bits: &str) -> Vec<String> {
    ["-algorithm", "RSA", "-pkeyopt"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("rsa_keygen_bits:{bits}")])
        .collect()
}

fn key(workshop: &Workshop, name: &str, how: &[String]) {
    workshop.key(name, &how.iter().map(String::as_str).collect::<Vec<_>>());
}

fn sends(workshop: &Workshop, name: &'static str, chain: &[&str]) -> Case {
    let chain = chain.iter().map(|name| workshop.certificate(name)).collect();
    Case::new(name, chain, &workshop.certificate("root"), now())
}

#[test]
fn a_weak_digest_of_the_servers_own_certificate_is_told() {
    let workshop = Workshop::new();
    workshop.key("leaf", EC);
    for (digest, problems, trust) in [
        ("-sha1", "weak_signature_sha1", "unsupported_signature"),
        ("-md5", "weak_signature_md5", "unsupported_signature"),
        ("-sha224", "unsupported_signature", "unsupported_signature"),
        ("-sha256", "", "trusted"),
        ("-sha512", "", "trusted"),
    ] {
        workshop.issue("leaf", "www.example.it", "root", digest, LEAF);
        sends(&workshop, digest, &["leaf"]).shows(problems, trust);
    }
}

#[test]
fn a_weak_digest_of_an_intermediate_is_told_and_the_roots_own_is_not() {
    let workshop = Workshop::new();
    workshop.issue("root", "Test Root", "root", "-sha1", AUTHORITY);
    workshop.key("middle", EC);
    workshop.key("leaf", EC);
    for (digest, problems, trust) in [
        ("-sha1", "weak_signature_sha1", "unsupported_signature"),
        ("-md5", "weak_signature_md5", "unsupported_signature"),
        ("-sha256", "", "trusted"),
    ] {
        workshop.issue("middle", "Test Intermediate", "root", digest, AUTHORITY);
        workshop.issue("leaf", "www.example.it", "middle", "-sha256", LEAF);
        sends(&workshop, digest, &["leaf", "middle"]).shows(problems, trust);
    }
    sends(&workshop, "with the root", &["leaf", "middle", "root"]).shows("root_in_chain", "trusted");
}

#[test]
fn a_weak_digest_hides_no_other_defect() {
    let workshop = Workshop::new();
    workshop.key("leaf", EC);
    let for_clients = LEAF.replace("serverAuth", "clientAuth");
    workshop.issue("leaf", "www.example.it", "root", "-sha1", &for_clients);
    let case = sends(&workshop, "for clients", &["leaf"]).expecting("mail.example.it");
    case.shows("eku_without_server_auth name_mismatch weak_signature_sha1", "unsupported_signature");
    workshop.issue("leaf", "www.example.it", "root", "-sha1", LEAF);
    let stranger = Workshop::new();
    let chain = vec![workshop.certificate("leaf"), workshop.certificate("root")];
    let case = Case::new("untrusted", chain, &stranger.certificate("root"), now());
    case.shows("untrusted_root weak_signature_sha1", "untrusted_root");
}

#[test]
fn a_damaged_sha1_signature_is_bad_and_weak() {
    let workshop = Workshop::new();
    workshop.key("leaf", EC);
    workshop.issue("leaf", "www.example.it", "root", "-sha1", &format!("{LEAF}authorityKeyIdentifier=keyid\n"));
    let mut bytes = workshop.certificate("leaf").to_vec();
    *bytes.last_mut().expect("a byte") ^= 1;
    let case = Case::new("damaged", vec![bytes.into()], &workshop.certificate("root"), now());
    case.shows("bad_signature weak_signature_sha1", "bad_signature");
}

#[test]
fn weak_keys_of_the_servers_own_certificate_are_told() {
    let workshop = Workshop::new();
    for (bits, problems) in [
        ("512", "weak_key_rsa_512"),
        ("767", "weak_key_rsa_512"),
        ("768", "weak_key_rsa_1024"),
        ("1024", "weak_key_rsa_1024"),
        ("2047", "weak_key_rsa_1024"),
        ("2048", ""),
    ] {
        key(&workshop, "leaf", &rsa(bits));
        workshop.issue("leaf", "www.example.it", "root", "-sha256", LEAF);
        sends(&workshop, "RSA", &["leaf"]).shows(problems, "trusted");
    }
    for (curve, problems) in [("secp160r1", "weak_key_ec"), ("P-192", "weak_key_ec"), ("P-224", ""), ("P-521", "")] {
        workshop.key("leaf", &["-algorithm", "EC", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")]);
        workshop.issue("leaf", "www.example.it", "root", "-sha256", LEAF);
        sends(&workshop, "EC", &["leaf"]).shows(problems, "trusted");
    }
}

#[test]
fn a_weak_key_of_an_intermediate_is_told() {
    let workshop = Workshop::new();
    workshop.key("leaf", EC);
    for (bits, problems) in [("512", "weak_key_rsa_512"), ("1024", "weak_key_rsa_1024")] {
        key(&workshop, "middle", &rsa(bits));
        workshop.issue("middle", "Test Intermediate", "root", "-sha256", AUTHORITY);
        workshop.issue("leaf", "www.example.it", "middle", "-sha256", LEAF);
        sends(&workshop, "weak intermediate", &["leaf", "middle"]).shows(problems, "unsupported_signature");
    }
}

#[test]
fn old_habits_together_show_each_word() {
    let workshop = Workshop::new();
    key(&workshop, "leaf", &rsa("512"));
    workshop.issue("leaf", "www.example.it", "root", "-md5", "");
    // Version 1: no extensions at all.
    sends(&workshop, "version 1", &["leaf"])
        .shows("no_subject_alt_name weak_key_rsa_512 weak_signature_md5", "unsupported_signature");
}

#[test]
fn a_certificate_of_version_1_lacks_its_names() {
    let workshop = Workshop::new();
    workshop.key("leaf", EC);
    workshop.issue("leaf", "www.example.it", "root", "-sha256", "");
    sends(&workshop, "version 1", &["leaf"]).shows("no_subject_alt_name", "invalid");
}

#[test]
fn self_signed_with_a_weak_key_is_both() {
    let workshop = Workshop::new();
    key(&workshop, "leaf", &rsa("512"));
    workshop.issue("leaf", "www.example.it", "leaf", "-sha256", LEAF);
    sends(&workshop, "self-signed", &["leaf"]).shows("self_signed weak_key_rsa_512", "self_signed");
}

#[test]
fn algorithms_that_clients_cannot_check_are_told_for_issuers_only() {
    for (name, how, trust) in [
        ("Ed448", &["-algorithm", "ED448"][..], "unsupported_signature"),
        ("brainpool", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"], "unsupported_signature"),
        ("Ed25519", &["-algorithm", "ED25519"], "trusted"),
        ("P-521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "trusted"),
    ] {
        let problems = if trust == "trusted" { "" } else { trust };
        let workshop = Workshop::new();
        workshop.key("middle", how);
        workshop.key("leaf", how);
        workshop.issue("middle", "Test Intermediate", "root", "-sha256", AUTHORITY);
        let digest = if name.starts_with("Ed") { "-subject" } else { "-sha256" };
        workshop.issue("leaf", "www.example.it", "middle", digest, LEAF);
        sends(&workshop, name, &["leaf", "middle"]).shows(problems, trust);
        workshop.issue("leaf", "www.example.it", "root", "-sha256", LEAF);
        sends(&workshop, name, &["leaf"]).shows("", "trusted");
    }
}

#[test]
fn a_dsa_key_is_weak() {
    let workshop = Workshop::new();
    workshop.run(&["dsaparam", "-out", "dsa.params", "1024"]);
    workshop.key("leaf", &["-paramfile", "dsa.params"]);
    workshop.issue("leaf", "www.example.it", "root", "-sha256", LEAF);
    let case = sends(&workshop, "DSA", &["leaf"]);
    case.shows("weak_key_dsa", "trusted");
    assert_eq!(case.examined().key_type.known().map(String::as_str), Some("dsa"));
}

#[test]
fn rsa_pss_signatures_are_checked() {
    let workshop = Workshop::new();
    workshop.key("middle", &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]);
    workshop.key("leaf", EC);
    workshop.issue("middle", "Test Intermediate", "root", "-sha256", AUTHORITY);
    workshop.issue("leaf", "www.example.it", "middle", "-sha256", LEAF);
    // The library takes PSS signatures of ordinary RSA keys only.
    sends(&workshop, "RSA-PSS key", &["leaf", "middle"]).shows("unsupported_signature", "unsupported_signature");
}
