//! Servers as they are.

use vedetta_checks::fact::Fact;

use super::openssl::{Server, listed};
use super::{DEADLINE, groups, look, look_within, picks, sorted};
use crate::tls::enumerate::{KeyKind, WithoutServerName};
use crate::tls::wire::Version;

const ALL: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

#[tokio::test]
async fn every_suite_that_openssl_lists_is_found_and_no_other() {
    let server = Server::start("rsa:2048", &["-cipher", ALL, "KEY2"]);
    let told = look(server.address).await;
    for (version, option) in [
        (Version::Tls12, "-tls1_2"),
        (Version::Tls11, "-tls1_1"),
        (Version::Tls10, "-tls1"),
        (Version::Tls13, "-tls1_3"),
    ] {
        let expected = listed(option, ALL, &["RSA", "ECDSA", "None", "any"]);
        assert!(expected.len() >= 3, "{version}: openssl lists {expected:?}");
        assert_eq!(sorted(&told, version), expected, "{version}");
    }
    assert_eq!(picks(&told, Version::Ssl3), [""; 0]);
    assert_eq!(told.ssl2, Fact::Known(vec![]));
    let keys: Vec<KeyKind> = told.chains.iter().map(|chain| chain.key).collect();
    assert!(keys.contains(&KeyKind::Rsa) && keys.contains(&KeyKind::Ecdsa), "{keys:?}");
}

#[tokio::test]
async fn the_connections_stay_within_the_accepted_the_refused_and_a_tenth() {
    let server = Server::start("rsa:2048", &["-cipher", ALL, "-no_tls1_3"]);
    let (told, opened) = look_within(server.address, DEADLINE).await.expect("a server");
    let accepted: usize = told.versions.iter().map(|seen| seen.suites.known().map_or(0, Vec::len)).sum();
    let refusals = Version::ALL.len();
    // Two are left to those who finish handshakes.
    let most = (accepted + refusals) * 11 / 10 - 2;
    assert!(accepted > 80 && opened as usize <= most, "{opened} connections for {accepted} suites, at most {most}");
}

#[tokio::test]
async fn the_order_is_told_to_be_the_servers_or_the_clients() {
    const LIST: &str = "AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA:DHE-RSA-AES256-SHA";
    const ORDER: [&str; 4] = ["0x0035", "0xC02F", "0x002F", "0x0039"];
    for count in 2..=4 {
        let list = format!("{}:@SECLEVEL=0", LIST.split(':').take(count).collect::<Vec<_>>().join(":"));
        let client = Server::start("rsa:2048", &["-tls1_2", "-cipher", &list]);
        let told = look(client.address).await;
        assert_eq!(told.of(Version::Tls12).expect("seen").server_preference, Fact::Known(false), "{count} suites");
        let server = Server::start("rsa:2048", &["-tls1_2", "-serverpref", "-cipher", &list]);
        let told = look(server.address).await;
        assert_eq!(told.of(Version::Tls12).expect("seen").server_preference, Fact::Known(true), "{count} suites");
        assert_eq!(picks(&told, Version::Tls12), ORDER[..count], "{count} suites");
    }
}

#[tokio::test]
async fn a_server_that_puts_chacha_first_for_those_who_want_it_still_has_an_order() {
    let list = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
    let server = Server::start("rsa:2048", &["-serverpref", "-prioritize_chacha", "-cipher", list]);
    let told = look(server.address).await;
    assert_eq!(picks(&told, Version::Tls12), ["0xC030", "0xCCA8"]);
    assert_eq!(told.of(Version::Tls12).expect("seen").server_preference, Fact::Known(true));
    assert_eq!(picks(&told, Version::Tls13), ["0x1302", "0x1303", "0x1301"]);
    assert_eq!(told.of(Version::Tls13).expect("seen").server_preference, Fact::Known(true));
}

#[tokio::test]
async fn one_suite_and_one_group_of_tls_1_3_are_all_there_is() {
    let server =
        Server::start("P-256", &["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256", "-groups", "secp384r1"]);
    let (told, opened) = look_within(server.address, DEADLINE).await.expect("a server");
    assert_eq!(picks(&told, Version::Tls13), ["0x1305"]);
    assert_eq!(groups(&told), ["secp384r1"]);
    assert!(matches!(told.of(Version::Tls13).expect("seen").server_preference, Fact::Unknown(_)));
    assert!(matches!(told.secure_renegotiation, Fact::Unknown(_)));
    assert!(opened <= 12, "{opened} connections");
}

#[tokio::test]
async fn groups_of_a_server_are_told_in_its_order() {
    let server = Server::start("rsa:2048", &["-groups", "P-521:X25519:ffdhe3072:P-256"]);
    assert_eq!(groups(&look(server.address).await), ["secp521r1", "x25519", "ffdhe3072", "secp256r1"]);
    let older = Server::start("rsa:2048", &["-tls1_2", "-serverpref", "-groups", "brainpoolP384r1:X448:P-256"]);
    assert_eq!(groups(&look(older.address).await), ["brainpoolP384r1", "x448", "secp256r1"]);
}

#[tokio::test]
async fn the_smallest_finite_field_is_measured_and_named() {
    let server = Server::start("rsa:2048", &["-tls1_2", "-cipher", "DHE-RSA-AES128-SHA"]);
    let field = *look(server.address).await.finite_field.known().expect("a finite field");
    assert_eq!((field.bits, field.known_prime), (2048, Some("rfc3526_modp2048")));
    let without = Server::start("rsa:2048", &["-tls1_2", "-cipher", "AES128-SHA"]);
    assert!(matches!(look(without.address).await.finite_field, Fact::Unknown(_)));
}

#[tokio::test]
async fn kinds_of_key_are_found_with_their_suites() {
    for (key, kind) in [("ed25519", KeyKind::Ed25519), ("ed448", KeyKind::Ed448), ("P-521", KeyKind::Ecdsa)] {
        let server = Server::start(key, &[]);
        let told = look(server.address).await;
        assert!(picks(&told, Version::Tls12).contains(&"0xC02C".to_owned()), "{key}");
        assert_eq!(picks(&told, Version::Tls13).len(), 3, "{key}");
        assert_eq!(told.chains.iter().map(|chain| chain.key).collect::<Vec<_>>(), [kind], "{key}");
        assert_eq!(told.chains[0].certificates, [server.certificate()], "{key}");
    }
}

#[tokio::test]
async fn servers_with_unusual_suites_only_are_read() {
    for (list, expected) in [
        ("ADH-AES128-SHA:@SECLEVEL=0", "0x0034"),
        ("NULL-SHA256:@SECLEVEL=0", "0x003B"),
        ("AES128-CCM8", "0xC0A0"),
        ("CAMELLIA128-SHA", "0x0041"),
    ] {
        let server = Server::start("rsa:2048", &["-tls1_2", "-cipher", list]);
        assert_eq!(picks(&look(server.address).await, Version::Tls12), [expected], "{list}");
    }
    let psk = Server::start("rsa:2048", &["-tls1_2", "-nocert", "-psk", "00ff", "-cipher", "PSK-AES128-CBC-SHA"]);
    assert_eq!(picks(&look(psk.address).await, Version::Tls12), ["0x008C"]);
}

#[tokio::test]
async fn features_of_the_greeting_are_told() {
    let server = Server::start("rsa:2048", &["-alpn", "http/1.1,h2", "-Verify", "1", "-max_protocol", "TLSv1.2"]);
    let told = look(server.address).await;
    assert_eq!(told.application_protocols.known().expect("told").len(), 2);
    assert_eq!(told.client_certificate, Fact::Known(true));
    assert_eq!(told.secure_renegotiation, Fact::Known(true));
    assert_eq!(told.extended_master_secret, Fact::Known(true));
    assert_eq!(told.session_tickets, Fact::Known(true));
    assert_eq!(told.compression, Fact::Known(false));
    assert_eq!(told.staple, Fact::Known(None));
    assert_eq!(told.without_server_name, Fact::Known(WithoutServerName::Same));

    let other = Server::start("rsa:2048", &["-tls1_2", "-no_ticket"]);
    let told = look(other.address).await;
    assert_eq!(told.client_certificate, Fact::Known(false));
    assert_eq!(told.session_tickets, Fact::Known(false));
    assert_eq!(told.application_protocols, Fact::Known(vec![]));
}

#[tokio::test]
async fn a_downgraded_client_is_refused_where_there_is_a_newer_version() {
    let two = Server::start("rsa:2048", &[]);
    assert_eq!(look(two.address).await.fallback_scsv, Fact::Known(true));
    let one = Server::start("rsa:2048", &["-tls1_2"]);
    assert!(matches!(look(one.address).await.fallback_scsv, Fact::Unknown(_)));
}

#[tokio::test]
async fn a_gap_in_the_versions_is_seen() {
    let server = Server::start("rsa:2048", &["-cipher", ALL, "-no_tls1_1", "-no_tls1_3"]);
    let told = look(server.address).await;
    assert!(picks(&told, Version::Tls11).is_empty());
    assert!(!picks(&told, Version::Tls10).is_empty() && !picks(&told, Version::Tls12).is_empty());
    let words: Vec<&str> = told.intolerances.iter().map(|lacking| lacking.word()).collect();
    assert_eq!(words, ["version_gap"]);
}
