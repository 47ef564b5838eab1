//! Where rustls-webpki trusts what a person should still hear of: the written list in the module's text, line by line.
//!
//! The library is asked directly, so that a newer one that refuses shows here first.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyUsagePurpose, SerialNumber, date_time_ymd};
use rustls_pki_types::{ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use crate::authority::{Authority, der, issued, leaf, now, root_with, self_signed};
use crate::case::Case;
use crate::leaves::must_staple;
use crate::openssl::{LEAF, Workshop};

/// What rustls-webpki alone says of the path.
fn is_trusted_by_the_library(case: &Case) -> bool {
    let (own, others) = case.chain.split_first().expect("a certificate");
    let anchors: Vec<_> =
        case.roots.iter().map(|root| webpki::anchor_from_trusted_cert(root).expect("a root")).collect();
    let seconds = u64::try_from(case.now.as_second()).expect("after 1970");
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let usage = KeyUsage::server_auth();
    EndEntityCert::try_from(own).is_ok_and(|own| {
        own.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, others, moment, usage, None, None).is_ok()
    })
}

#[track_caller]
fn lenient(case: &Case, problem: &str) {
    assert!(is_trusted_by_the_library(case), "{}: the library refuses it now", case.name);
    let words = case.examined().problems.known().expect("words").clone();
    assert_eq!(words, [problem], "{}", case.name);
}

#[test]
fn the_library_does_not_look_at_the_servers_own_key() {
    let workshop = Workshop::new();
    workshop.run(&["dsaparam", "-out", "dsa.params", "1024"]);
    for (how, problem) in [
        (&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"][..], "weak_key_rsa_512"),
        (&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "weak_key_rsa_1024"),
        (&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-192"], "weak_key_ec"),
        (&["-paramfile", "dsa.params"], "weak_key_dsa"),
    ] {
        workshop.key("leaf", how);
        workshop.issue("leaf", "www.example.it", "root", "-sha256", LEAF);
        let chain = vec![workshop.certificate("leaf")];
        lenient(&Case::new(problem, chain, &workshop.certificate("root"), crate::openssl::now()), problem);
    }
}

#[test]
fn the_library_takes_no_offence_at_the_servers_own_certificate() {
    let authority = Authority::new();
    for (problem, change) in [
        ("validity_over_398_days", (|leaf| leaf.not_after = date_time_ymd(2027, 6, 1)) as fn(&mut CertificateParams)),
        ("expires_within_14_days", |leaf| leaf.not_after = date_time_ymd(2026, 3, 5)),
        ("no_subject_alt_name", |leaf| leaf.subject_alt_names.clear()),
        ("must_staple_without_staple", |leaf| leaf.custom_extensions = vec![must_staple()]),
        ("serial_not_positive", |leaf| leaf.serial_number = Some(SerialNumber::from_slice(&[0]))),
        ("key_usage_without_tls", |leaf| leaf.key_usages = vec![KeyUsagePurpose::ContentCommitment]),
    ] {
        lenient(&authority.case(problem, change), problem);
    }
    lenient(&authority.case("the name is asked apart", |_| {}).expecting("mail.example.it"), "name_mismatch");
    lenient(&authority.case("it reads no staple", |_| {}).stapled(vec![1, 2, 3]), "bad_staple");
}

#[test]
fn the_common_name_is_never_read() {
    let case = Authority::new().case("common name only", |leaf| leaf.subject_alt_names.clear());
    let own = EndEntityCert::try_from(&case.chain[0]).expect("readable");
    let name = ServerName::try_from("www.example.it").expect("a name");
    assert!(own.verify_is_valid_for_subject_name(&name).is_err());
}

#[test]
fn the_library_takes_certificates_in_any_order_and_leaves_out_the_needless() {
    let authority = Authority::new();
    let issuing = issued("Issuing Authority", &authority.intermediate, |_| {});
    let swapped = vec![leaf(&issuing, |_| {}), der(&authority.intermediate), der(&issuing)];
    lenient(&authority.sends("swapped", swapped), "chain_order");
    let with_root = [authority.chain(|_| {}), vec![der(&authority.root)]].concat();
    lenient(&authority.sends("with the root", with_root), "root_in_chain");
}

#[test]
fn the_key_usage_of_an_issuer_is_not_read() {
    let authority = Authority::with_intermediate(|params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    lenient(&authority.case("without leave to sign certificates", |_| {}), "issuer_key_usage");
}

#[test]
fn of_a_root_only_name_key_and_name_constraints_count() {
    for (problem, change) in [
        ("issuer_expired", (|root| root.not_after = date_time_ymd(2026, 2, 1)) as fn(&mut CertificateParams)),
        ("path_length_exceeded", |root| root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0))),
    ] {
        let root = root_with("Test Root", change);
        let middle = issued("Test Intermediate", &root, |_| {});
        lenient(&Case::new(problem, vec![leaf(&middle, |_| {}), der(&middle)], root.der(), now()), problem);
    }
}

#[test]
fn a_self_signed_certificate_that_is_a_root_is_trusted() {
    let own = self_signed(|_| {});
    assert!(is_trusted_by_the_library(&Case::new("handed in", vec![own.clone()], &own, now())));
}
