//! Whether the certificate is for the expected name.

use rcgen::{CertificateParams, SanType};

use crate::authority::Authority;

fn named(leaf: &mut CertificateParams, names: &[&str]) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    leaf.subject_alt_names = CertificateParams::new(names).expect("names").subject_alt_names;
}

#[test]
fn names_match_as_clients_compare_them() {
    const MISMATCH: &str = "name_mismatch";
    let authority = Authority::new();
    for (names, expected, problems) in [
        (&["www.example.it"][..], "www.example.it", ""),
        (&["WWW.EXAMPLE.IT"], "www.example.it", ""),
        (&["www.example.it"], "www.example.it.", ""),
        (&["example.it"], "www.example.it", MISMATCH),
        (&["*.example.it"], "www.example.it", ""),
        (&["*.example.it"], "example.it", MISMATCH),
        (&["*.example.it"], "a.www.example.it", MISMATCH),
        (&["xn--citt-0oa.example.it"], "xn--citt-0oa.example.it", ""),
        (&["192.0.2.1"], "192.0.2.1", ""),
        (&["192.0.2.1"], "192.0.2.2", MISMATCH),
        (&["2001:db8::1"], "2001:db8:0:0:0:0:0:1", ""),
        (&["www.example.it"], "192.0.2.1", MISMATCH),
        (&["192.0.2.1"], "www.example.it", MISMATCH),
    ] {
        let case = authority.case("names", |leaf| named(leaf, names)).expecting(expected);
        let words = case.examined().problems.known().map(|words| words.join(" "));
        assert_eq!(words.as_deref(), Some(problems), "{names:?} for {expected}");
        assert_eq!(case.examined().name_matches.known(), Some(&problems.is_empty()), "{names:?} for {expected}");
    }
}

#[test]
fn an_address_written_as_a_host_name_is_no_address() {
    let authority = Authority::new();
    let text = || SanType::DnsName("192.0.2.1".try_into().expect("text"));
    let case = authority.case("address as text", |leaf| leaf.subject_alt_names = vec![text()]).expecting("192.0.2.1");
    case.shows("name_mismatch", "trusted");
}

#[test]
fn a_mail_address_is_no_name_of_a_server() {
    let authority = Authority::new();
    let mail = || SanType::Rfc822Name("www@example.it".try_into().expect("text"));
    authority.case("mail only", |leaf| leaf.subject_alt_names = vec![mail()]).shows("no_subject_alt_name", "trusted");
}
