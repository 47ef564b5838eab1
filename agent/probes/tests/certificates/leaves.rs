//! What is wrong with the server's own certificate under a good authority.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SerialNumber,
    date_time_ymd,
};

use crate::authority::{Authority, common_name, moment};

/// Name of the case, what is changed, the words, the word of trust.
type Change = (&'static str, fn(&mut CertificateParams), &'static str, &'static str);

const CHANGES: &[Change] = &[
    ("nothing is wrong", |_| {}, "", "trusted"),
    ("it ended", |leaf| leaf.not_after = date_time_ymd(2026, 2, 1), "expired", "expired"),
    ("it has not begun", |leaf| leaf.not_before = date_time_ymd(2026, 3, 2), "not_yet_valid", "not_yet_valid"),
    (
        "it ends in 13 days and a half",
        |leaf| leaf.not_after = date_time_ymd(2026, 3, 15),
        "expires_within_14_days",
        "trusted",
    ),
    ("it ends in 14 days and a half", |leaf| leaf.not_after = date_time_ymd(2026, 3, 16), "", "trusted"),
    (
        "it begins tomorrow and ends soon",
        |leaf| (leaf.not_before, leaf.not_after) = (date_time_ymd(2026, 3, 2), date_time_ymd(2026, 3, 9)),
        "not_yet_valid",
        "not_yet_valid",
    ),
    (
        // The last moment belongs to it: 398 days and one second.
        "it holds a second more than 398 days",
        |leaf| (leaf.not_before, leaf.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 2, 3)),
        "validity_over_398_days",
        "trusted",
    ),
    (
        "it holds 397 days and a second",
        |leaf| (leaf.not_before, leaf.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 2, 2)),
        "",
        "trusted",
    ),
    (
        "it was issued for two years and ended",
        |leaf| (leaf.not_before, leaf.not_after) = (date_time_ymd(2024, 2, 1), date_time_ymd(2026, 2, 1)),
        "expired validity_over_398_days",
        "expired",
    ),
    ("it has a common name only", |leaf| leaf.subject_alt_names.clear(), "no_subject_alt_name", "trusted"),
    (
        "it has the common name of another server only",
        |leaf| {
            leaf.subject_alt_names.clear();
            leaf.distinguished_name = common_name("mail.example.org");
        },
        "name_mismatch no_subject_alt_name",
        "trusted",
    ),
    (
        "it has no name at all",
        |leaf| {
            leaf.subject_alt_names.clear();
            leaf.distinguished_name = rcgen::DistinguishedName::new();
        },
        "no_subject_alt_name",
        "trusted",
    ),
    (
        "it is for clients",
        |leaf| leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        "eku_without_server_auth",
        "wrong_purpose",
    ),
    (
        "it is for any purpose, which the rules for servers forbid",
        |leaf| leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any],
        "eku_without_server_auth",
        "wrong_purpose",
    ),
    ("it names no purpose", |leaf| leaf.extended_key_usages.clear(), "", "trusted"),
    (
        "it may issue others",
        |leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        "leaf_is_ca",
        "wrong_purpose",
    ),
    ("it says that it may not issue others", |leaf| leaf.is_ca = IsCa::ExplicitNoCa, "", "trusted"),
    (
        "it asks for a staple and none came",
        |leaf| leaf.custom_extensions = vec![must_staple()],
        "must_staple_without_staple",
        "trusted",
    ),
    (
        "its key may only make binding signatures",
        |leaf| leaf.key_usages = vec![KeyUsagePurpose::ContentCommitment],
        "key_usage_without_tls",
        "trusted",
    ),
    (
        "its key may only take part in a key exchange",
        |leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
        "",
        "trusted",
    ),
    (
        "its serial number is zero",
        |leaf| leaf.serial_number = Some(SerialNumber::from_slice(&[0])),
        "serial_not_positive",
        "trusted",
    ),
    (
        "it demands an unknown extension to be understood",
        |leaf| {
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
            extension.set_criticality(true);
            leaf.custom_extensions = vec![extension];
        },
        "unsupported_critical_extension",
        "invalid",
    ),
    (
        "its names cannot be read",
        |leaf| {
            leaf.subject_alt_names.clear();
            leaf.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], vec![1, 2, 3])];
        },
        "malformed",
        "malformed",
    ),
    (
        "an extension stands in it twice",
        |leaf| {
            let extension = || CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
            leaf.custom_extensions = vec![extension(), extension()];
        },
        "duplicate_extension",
        "trusted",
    ),
    (
        "it ended, is for clients and has no name where clients look",
        |leaf| {
            leaf.not_after = date_time_ymd(2026, 2, 1);
            leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            leaf.subject_alt_names.clear();
        },
        "eku_without_server_auth expired no_subject_alt_name",
        "wrong_purpose",
    ),
];

/// The TLS feature extension with `status_request` (RFC 7633).
pub(crate) fn must_staple() -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 24], vec![0x30, 3, 2, 1, 5])
}

#[test]
fn each_defect_of_the_servers_own_certificate_has_its_word() {
    let authority = Authority::new();
    for (name, change, problems, trust) in CHANGES {
        authority.case(name, change).shows(problems, trust);
    }
}

#[test]
fn the_last_second_belongs_to_the_validity() {
    let authority = Authority::new();
    let case = authority.case("in its last second", |_| {}).at(moment("2026-04-01T00:00:00Z"));
    case.shows("expires_within_14_days", "trusted");
    authority.case("a second later", |_| {}).at(moment("2026-04-01T00:00:01Z")).shows("expired", "expired");
}

#[test]
fn exactly_14_days_before_the_end_is_soon() {
    let authority = Authority::new();
    authority.case("14 days", |_| {}).at(moment("2026-03-18T00:00:00Z")).shows("expires_within_14_days", "trusted");
    authority.case("14 days and a second", |_| {}).at(moment("2026-03-17T23:59:59Z")).shows("", "trusted");
}

#[test]
fn bytes_that_are_no_certificate_are_malformed() {
    let authority = Authority::new();
    let mut chain = authority.chain(|_| {});
    chain[0] = vec![0x30, 3, 2, 1, 1].into();
    authority.sends("not a certificate", chain).shows("malformed", "malformed");
}

#[test]
fn a_server_without_a_certificate_shows_nothing() {
    let facts = Authority::new().sends("nothing sent", Vec::new()).examined();
    assert!(facts.problems.known().is_none() && facts.trusted.known().is_none() && facts.chain.is_empty());
}

#[test]
fn the_facts_beside_the_words_are_told() {
    let authority = Authority::new();
    let facts = authority.case("must staple", |leaf| leaf.custom_extensions = vec![must_staple()]).examined();
    assert_eq!(facts.key_type.known().map(String::as_str), Some("ecdsa"));
    assert_eq!(facts.chain.len(), 2);
    assert_eq!(facts.must_staple.known(), Some(&true));
    assert_eq!(facts.name_matches.known(), Some(&true));
    assert_eq!(facts.timestamps.known(), Some(&0));
    assert_eq!(facts.revocation.known().map(String::as_str), Some("not_checked"));
}
