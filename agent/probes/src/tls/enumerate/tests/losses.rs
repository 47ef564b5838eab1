//! Answers that are lost, cut off, or another host's: nothing is invented from them, and nothing is hidden by them.

use vedetta_checks::fact::Fact;

use super::filter::{Rule, SSL2_WITHOUT_KINDS, before};
use super::openssl::Server;
use super::strangers::{Stranger, listen};
use super::{DEADLINE, groups, look, look_for, picks, sorted};
use crate::tls::enumerate::{KeyKind, WithoutServerName};
use crate::tls::wire::Version;

const OF_TLS_1_3: [&str; 3] = ["0x1301", "0x1302", "0x1303"];

fn rules(rules: &[Rule]) -> &'static [Rule] {
    Box::leak(rules.to_vec().into_boxed_slice())
}

#[tokio::test]
async fn nothing_of_the_host_that_answers_without_a_name_is_told() {
    let named =
        Server::start("rsa:2048", &["-tls1_2", "-serverpref", "-cipher", "AES256-SHA:AES128-SHA", "-no_ticket"]);
    for (key, list) in [
        ("rsa:2048", "DHE-RSA-AES128-SHA:AES128-SHA"),
        ("P-256", "ECDHE-ECDSA-AES128-SHA"),
        ("rsa:2048", "CAMELLIA128-SHA"),
    ] {
        let default = Server::start(key, &["-tls1_2", "-serverpref", "-cipher", list]);
        let (address, _) = before(named.address, rules(&[Rule::NamelessTo(default.address)])).await;
        let told = look(address).await;
        assert_eq!(picks(&told, Version::Tls12), ["0x0035", "0x002F"], "{list}");
        assert!(told.finite_field.known().is_none(), "{:?}", told.finite_field);
        assert_eq!(told.session_tickets, Fact::Known(false), "{list}");
        assert_eq!(told.chains.len(), 1, "{list}");
        assert_eq!(told.without_server_name, Fact::Known(WithoutServerName::OtherCertificate), "{list}");
    }
}

#[tokio::test]
async fn a_default_host_of_an_older_version_is_another_host_all_the_same() {
    let named = Server::start("rsa:2048", &["-tls1_2", "-cipher", "AES128-SHA"]);
    let default = Server::start("rsa:2048", &["-tls1_1", "-cipher", "AES128-SHA:@SECLEVEL=0"]);
    let (address, _) = before(named.address, rules(&[Rule::NamelessTo(default.address)])).await;
    let told = look(address).await;
    assert_eq!(told.without_server_name, Fact::Known(WithoutServerName::OtherCertificate));
}

#[tokio::test]
async fn what_a_small_hello_leaves_away_is_asked_for_in_one_of_its_own() {
    let server = Server::start("rsa:2048", &["-tls1_2", "-cipher", "AES128-SHA", "-alpn", "http/1.1"]);
    let protocols = Fact::Known(vec!["http/1.1".to_owned()]);
    let (address, _) = before(server.address, rules(&[Rule::HangUpAbove(255)])).await;
    let told = look(address).await;
    assert_eq!((told.application_protocols, told.staple), (protocols, Fact::Known(None)));
    assert_eq!((told.compression, told.session_tickets), (Fact::Known(false), Fact::Known(true)));
}

#[tokio::test]
async fn what_was_never_asked_is_not_told_as_a_no() {
    let server = Server::start("rsa:2048", &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0", "-alpn", "http/1.1"]);
    for dropped in [&[Rule::HangUpOnAnyExtension][..], &[Rule::HangUpAbove(255), Rule::HangUpOnExtension(5)]] {
        let (address, _) = before(server.address, rules(dropped)).await;
        let told = look(address).await;
        assert_eq!(sorted(&told, Version::Tls12), ["0x002F"], "{dropped:?}");
        assert!(told.application_protocols.known().is_none(), "{dropped:?}: {:?}", told.application_protocols);
        assert!(told.staple.known().is_none(), "{dropped:?}: {:?}", told.staple);
        assert!(told.session_tickets.known().is_none(), "{dropped:?}: {:?}", told.session_tickets);
    }
}

#[tokio::test]
async fn application_protocols_are_asked_for_where_tls_1_1_is_the_newest() {
    let server = Server::start("rsa:2048", &["-tls1_1", "-cipher", "AES128-SHA:@SECLEVEL=0", "-alpn", "http/1.1"]);
    assert_eq!(look(server.address).await.application_protocols, Fact::Known(vec!["http/1.1".to_owned()]));
}

#[tokio::test]
async fn ssl_2_without_any_kind_is_accepted() {
    let told = look(listen(Stranger::Answers(SSL2_WITHOUT_KINDS)).await).await;
    assert_eq!((told.ssl2_accepted, told.ssl2), (Fact::Known(true), Fact::Known(vec![])));
}

#[tokio::test]
async fn a_default_host_with_another_kind_of_key_has_another_certificate() {
    const BOTH: &str = "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA";
    let named = Server::start("rsa:2048", &["-tls1_2", "-serverpref", "-cipher", "ECDHE-RSA-AES128-SHA:AES128-SHA"]);
    let default = Server::start("P-256", &["-tls1_2", "-cipher", BOTH, "KEY2"]);
    let (address, _) = before(named.address, rules(&[Rule::NamelessTo(default.address)])).await;
    let told = look(address).await;
    assert_eq!(sorted(&told, Version::Tls12), ["0x002F", "0xC013"]);
    assert_eq!(told.chains.iter().map(|chain| chain.key).collect::<Vec<_>>(), [KeyKind::Rsa]);
    assert_eq!(told.without_server_name, Fact::Known(WithoutServerName::OtherCertificate));
}

#[tokio::test]
async fn one_lost_answer_cuts_no_list_of_tls_1_3() {
    let server = Server::start("P-256", &["-tls1_3", "-groups", "X25519:P-256:P-384"]);
    for number in [2, 3, 4] {
        let (address, _) = before(server.address, rules(&[Rule::SilentOnModern(number)])).await;
        let told = look(address).await;
        assert_eq!(sorted(&told, Version::Tls13), OF_TLS_1_3, "{number}");
        assert_eq!(groups(&told), ["x25519", "secp256r1", "secp384r1"], "{number}");
    }
}

#[tokio::test]
async fn a_list_of_tls_1_3_that_stays_without_answer_is_unknown() {
    let server = Server::start("P-256", &["-tls1_3", "-groups", "X25519"]);
    let (address, _) = before(server.address, rules(&[Rule::SilentOnModern(3), Rule::SilentOnModern(4)])).await;
    let told = look(address).await;
    assert!(matches!(told.of(Version::Tls13).expect("seen").suites, Fact::Unknown(_)));
}

#[tokio::test]
async fn one_hang_up_on_the_first_hello_of_tls_1_3_loses_no_group() {
    let server = Server::start("P-256", &["-tls1_3", "-groups", "P-521:P-384:X25519:P-256"]);
    for count in [1, 2] {
        let dropped: Vec<Rule> = (1..=count).map(Rule::HangUpOnModern).collect();
        let (address, _) = before(server.address, rules(&dropped)).await;
        let told = look(address).await;
        let mut found = groups(&told);
        assert!(count > 1 || found == ["secp521r1", "secp384r1", "x25519", "secp256r1"], "{found:?}");
        found.sort_unstable();
        assert_eq!(found, ["secp256r1", "secp384r1", "secp521r1", "x25519"], "{count} hang-ups");
    }
}

#[tokio::test]
async fn the_signal_of_a_downgrade_is_refused_only_where_a_hang_up_is_its_own() {
    const SIGNAL: u16 = 0x5600;
    let server = Server::start("rsa:2048", &["-no_tls1_3", "-cipher", "AES128-SHA:@SECLEVEL=0"]);
    let (address, _) = before(server.address, rules(&[Rule::HangUpOnSuite(SIGNAL)])).await;
    assert_eq!(look(address).await.fallback_scsv, Fact::Known(true));
    let (address, _) = before(server.address, rules(&[Rule::DiesOnSuite(SIGNAL)])).await;
    assert!(look(address).await.fallback_scsv.known().is_none());
}

#[tokio::test]
async fn a_server_that_hangs_up_by_chance_is_asked_for_ssl_2_again() {
    let server = Server::start("P-256", &["-tls1_3"]);
    let (address, _) = before(server.address, rules(&[Rule::Ssl2FromSecond, Rule::HangUpOnModern(1)])).await;
    assert_eq!(look(address).await.ssl2_accepted, Fact::Known(true));
    // Where a hang-up is the server's way to say no, it is not.
    let (address, _) = before(server.address, rules(&[Rule::Ssl2FromSecond])).await;
    assert_eq!(look(address).await.ssl2_accepted, Fact::Known(false));
}

#[tokio::test]
async fn a_server_of_short_hellos_is_read_whole_whatever_its_name_and_suites() {
    const NAME: &str = "sportello-telematico.polizia-locale.comune.un-comune-con-un-nome-lungo.provincia.it";
    for (list, expected) in [
        ("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384", &["0xC02F", "0xC030"][..]),
        ("DHE-RSA-CAMELLIA256-SHA:CAMELLIA128-SHA", &["0x0041", "0x0088"]),
        ("ADH-AES128-SHA:@SECLEVEL=0", &["0x0034"]),
    ] {
        let server = Server::start("rsa:2048", &["-tls1_2", "-cipher", list]);
        let (address, _) = before(server.address, rules(&[Rule::HangUpAbove(255)])).await;
        let (told, _) = look_for(NAME, address, DEADLINE).await.expect("a server");
        assert_eq!(sorted(&told, Version::Tls12), expected, "{list}");
    }
}
