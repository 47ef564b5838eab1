//! Versions, suites and application protocols that are agreed or refused.

use vedetta_checks::catalogue::Observation;

use crate::authority::Authority;
use crate::server::Server;
use crate::{context, fact, look};

async fn observe(arguments: &[&str]) -> Observation {
    let server = Server::start(&Authority::new().leaf(|_| {}), arguments);
    look(server.address, context(Vec::new())).await.expect("an observation")
}

fn versions(observation: &Observation) -> [String; 3] {
    ["version", "accepts.tls_1_2", "accepts.tls_1_3"].map(|path| fact(observation, path))
}

#[tokio::test]
async fn a_modern_server_accepts_both_versions() {
    let observation = observe(&[]).await;
    assert_eq!(versions(&observation), ["1.3", "true", "true"]);
    assert_eq!(fact(&observation, "suite"), "TLS_AES_256_GCM_SHA384");
}

#[tokio::test]
async fn a_server_of_version_1_2_alone_does_not_accept_1_3() {
    let observation = observe(&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]).await;
    assert_eq!(versions(&observation), ["1.2", "true", "false"]);
    assert_eq!(fact(&observation, "suite"), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
}

#[tokio::test]
async fn a_server_of_version_1_3_alone_does_not_accept_1_2() {
    assert_eq!(versions(&observe(&["-tls1_3"]).await), ["1.3", "false", "true"]);
}

#[tokio::test]
async fn version_1_2_with_old_suites_only_is_accepted() {
    let observation = observe(&["-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"]).await;
    assert_eq!(versions(&observation), ["1.3", "true", "true"]);
    assert!(fact(&observation, "suites").contains("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"));
}

#[tokio::test]
async fn a_server_of_one_old_version_alone_is_seen_as_such() {
    for (version, word) in [("-tls1", "1.0"), ("-tls1_1", "1.1")] {
        let observation = observe(&[version, "-cipher", "ALL:@SECLEVEL=0"]).await;
        assert_eq!(versions(&observation), [word, "false", "false"]);
    }
}

#[tokio::test]
async fn the_application_protocol_is_the_servers_choice_or_none() {
    assert_eq!(fact(&observe(&["-alpn", "http/1.1"]).await, "alpn"), "http/1.1");
    assert_eq!(fact(&observe(&[]).await, "alpn"), "");
}

#[tokio::test]
async fn a_server_that_wants_our_certificate_still_shows_its_own() {
    let observation = observe(&["-tls1_2", "-Verify", "1"]).await;
    assert_eq!(fact(&observation, "leaf.subject"), "CN=localhost");
    assert_eq!(versions(&observation), ["1.2", "true", "false"]);
}
