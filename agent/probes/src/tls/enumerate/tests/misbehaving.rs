//! Real servers behind a listener that does not bear everything.

use vedetta_checks::fact::Fact;

use super::filter::{Rule, before};
use super::openssl::Server;
use super::{DEADLINE, look, look_within, picks, sorted};
use crate::tls::enumerate::{Enumeration, WithoutServerName};
use crate::tls::wire::Version;

const LIST: &str =
    "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA:AES128-SHA:CAMELLIA256-SHA:AES256-SHA:ADH-AES128-SHA:@SECLEVEL=0";
const SUITES: [&str; 6] = ["0x002F", "0x0034", "0x0035", "0x0039", "0x0084", "0xC02F"];
const OF_TLS_1_3: [&str; 3] = ["0x1301", "0x1302", "0x1303"];

fn server(arguments: &[&str]) -> Server {
    Server::start("rsa:2048", &[&["-serverpref", "-cipher", LIST], arguments].concat())
}

fn words(told: &Enumeration) -> Vec<&'static str> {
    told.intolerances.iter().map(|lacking| lacking.word()).collect()
}

#[tokio::test]
async fn each_intolerance_is_named_and_hides_nothing() {
    for (rules, expected) in [
        (&[Rule::HangUpAbove(255)][..], &["long_hello"][..]),
        (&[Rule::HangUpOnGrease], &["grease"]),
        (&[Rule::HangUpOnExtension(43)], &["supported_versions"]),
        (&[Rule::HangUpOnAnyExtension], &["extensions"]),
        (&[Rule::HangUpOnAnyExtension, Rule::HangUpAbove(255)], &["long_hello", "extensions"]),
        (&[Rule::OneByteARecord], &[]),
        (&[Rule::CloseForAlert], &[]),
        (&[Rule::WarnsFirst], &[]),
        (&[Rule::NeedsHttp11], &[]),
        (&[Rule::RefusesName], &[]),
        (&[Rule::CloseEvery(7)], &[]),
        (&[Rule::CloseEvery(3)], &[]),
        (&[Rule::SilentAbove(255)], &["long_hello"]),
        (&[Rule::HangUpAbove(700)], &["long_hello"]),
    ] {
        let server = server(&[]);
        let (address, _) = before(server.address, rules).await;
        let told = look(address).await;
        assert_eq!(words(&told), expected, "{rules:?}");
        // OpenSSL agrees on no curve with a client that names none.
        let without_curves = rules.contains(&Rule::HangUpOnAnyExtension);
        let suites = if without_curves { &SUITES[..5] } else { &SUITES };
        assert_eq!(sorted(&told, Version::Tls12), suites, "{rules:?}");
        assert_eq!(told.of(Version::Tls12).expect("seen").server_preference, Fact::Known(true), "{rules:?}");
        let extensions_borne =
            !rules.contains(&Rule::HangUpOnAnyExtension) && !rules.contains(&Rule::HangUpOnExtension(43));
        let modern: &[&str] = if extensions_borne { &OF_TLS_1_3 } else { &[] };
        assert_eq!(sorted(&told, Version::Tls13), modern, "{rules:?}");
    }
}

#[tokio::test]
async fn the_order_of_a_server_that_takes_short_hellos_only_is_told() {
    let server = server(&[]);
    let (address, _) = before(server.address, &[Rule::HangUpAbove(255)]).await;
    let told = look(address).await;
    assert_eq!(picks(&told, Version::Tls12), ["0xC02F", "0x0039", "0x002F", "0x0084", "0x0035", "0x0034"]);
}

#[tokio::test]
async fn a_server_that_needs_a_name_is_read_and_said_to_need_it() {
    let server = server(&[]);
    let (address, _) = before(server.address, &[Rule::NeedsName]).await;
    let told = look(address).await;
    assert_eq!(told.without_server_name, Fact::Known(WithoutServerName::Refused));
    assert_eq!(sorted(&told, Version::Tls12), SUITES);
}

#[tokio::test]
async fn a_name_that_is_refused_is_left_away() {
    let server = server(&["-no_tls1_3"]);
    let (address, _) = before(server.address, &[Rule::RefusesName]).await;
    let told = look(address).await;
    assert!(told.server_name_refused);
    assert_eq!(told.chains.len(), 1);
}

#[tokio::test]
async fn application_protocols_are_told_by_a_server_that_refuses_all_others() {
    let server = server(&["-tls1_2", "-alpn", "http/1.1"]);
    let (address, _) = before(server.address, &[Rule::NeedsHttp11]).await;
    let told = look(address).await;
    assert_eq!(told.application_protocols, Fact::Known(vec!["http/1.1".to_owned()]));
    assert_eq!(sorted(&told, Version::Tls12), SUITES);
}

#[tokio::test]
async fn a_suite_that_the_server_cannot_carry_through_hides_no_other() {
    let server = server(&["-tls1_2"]);
    for (rule, broken) in [(Rule::FailsOnSuite(0xC02F), "0xC02F"), (Rule::FailsOnSuite(0x0039), "0x0039")] {
        let rules: &'static [Rule] = Box::leak(Box::new([rule]));
        let (address, _) = before(server.address, rules).await;
        let told = look(address).await;
        let expected: Vec<&str> = SUITES.into_iter().filter(|suite| *suite != broken).collect();
        assert_eq!(sorted(&told, Version::Tls12), expected, "{rule:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_instead_of_refusing_is_read() {
    let server = server(&["-tls1_2"]);
    let (address, _) = before(server.address, &[Rule::SilentForAlert]).await;
    let (told, _) = look_within(address, DEADLINE).await.expect("a server");
    assert_eq!(sorted(&told, Version::Tls12), SUITES);
    assert!(matches!(told.of(Version::Tls10).expect("seen").suites, Fact::Unknown(_)));
}

#[tokio::test]
async fn a_server_that_drops_one_version_by_hanging_up_has_the_others() {
    let server = server(&[]);
    let (address, count) = before(server.address, &[Rule::HangUpOnVersion(0x0302)]).await;
    let (told, opened) = look_within(address, DEADLINE).await.expect("a server");
    assert!(picks(&told, Version::Tls11).is_empty());
    assert_eq!(picks(&told, Version::Tls10).len(), 5);
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), opened as usize);
}
