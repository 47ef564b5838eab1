//! nginx, as web servers of Comuni run it.

use vedetta_tests::rig::keys::{Keys, Kind};
use vedetta_tests::rig::nginx::server;
use vedetta_tests::rig::openssl::{dh_parameters, suite_set};
use vedetta_tests::rig::relay::{Manner, Relay};

use crate::eyes;
use crate::seen::{self, Seen};
use crate::truth::{USUAL_1_3, count, ids, only};

/// Suites below TLS 1.3 of Mozilla's intermediate configuration, with DHE.
const INTERMEDIATE: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:\
DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";
/// Everything that this OpenSSL encrypts and authenticates with.
const WEAK: &str = "ALL:!PSK:!SRP:@SECLEVEL=0";

#[test]
fn intermediate_configuration_is_seen_as_it_is() {
    let keys = Keys::of(&[Kind::Rsa2048, Kind::EcdsaP256]);
    let folder = tempfile::tempdir().unwrap();
    let parameters = dh_parameters(folder.path(), 2048);
    let server = server(
        &[keys.get(Kind::Rsa2048), keys.get(Kind::EcdsaP256)],
        &format!(
            "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {INTERMEDIATE}; ssl_prefer_server_ciphers off;\n\
             ssl_dhparam {}; ssl_session_tickets off; ssl_ecdh_curve X25519:prime256v1:secp384r1;",
            parameters.display()
        ),
    );
    let truth =
        only([("TLSv1.2", suite_set("-tls1_2", INTERMEDIATE, &["RSA", "ECDSA"])), ("TLSv1.3", ids(&USUAL_1_3))]);
    let seen = seen::exactly(server.port, &truth, &[], &["--roots", keys.authority().to_str().unwrap()]);
    seen.says(&["server_preference", "TLSv1.2"], false);
    seen.says(&["forward_secrecy"], "all");
    seen.says(&["dh_bits"], 2048);
    seen.says(&["extended_master_secret"], true);
    seen.says(&["compression"], false);
    seen.says(&["early_data"], false);
    assert_eq!(seen.set(&["groups"]), ids(&["x25519", "secp256r1", "secp384r1"]));
    assert_eq!(seen.set(&["alpn"]), ids(&["h2", "http/1.1"]));
    assert_eq!(seen.problems(), [Vec::<String>::new(), Vec::new()], "{}", seen.whole());
    assert_eq!(eyes::sslscan(server.port).groups, ids(&["x25519", "secp256r1", "secp384r1"]));
}

#[test]
fn weak_server_is_seen_whole_with_few_connections() {
    let keys = Keys::of(&[Kind::Rsa2048, Kind::EcdsaP256]);
    let folder = tempfile::tempdir().unwrap();
    let parameters = dh_parameters(folder.path(), 1024);
    let server = server(
        &[keys.get(Kind::Rsa2048), keys.get(Kind::EcdsaP256)],
        &format!(
            "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers {WEAK}; ssl_prefer_server_ciphers on; ssl_dhparam {};",
            parameters.display()
        ),
    );
    let by = ["RSA", "ECDSA", "None"];
    let truth = only([
        ("TLSv1.0", suite_set("-tls1", WEAK, &by)),
        ("TLSv1.1", suite_set("-tls1_1", WEAK, &by)),
        ("TLSv1.2", suite_set("-tls1_2", WEAK, &by)),
    ]);
    eyes::agree(server.port, &truth, &[]);
    let relay = Relay::to(server.port, Manner::Faithful);
    let seen = Seen::at(relay.port);
    assert_eq!(seen.suites(), truth);
    seen.says(&["dh_bits"], 1024);
    seen.says(&["server_preference", "TLSv1.2"], true);
    // The probe counts what it opens, and opens one for each accepted suite and each refusal that ends a version, with a
    // tenth more for everything else.
    let opened = relay.connections();
    seen.says(&["connections"], opened);
    let least = count(&truth) + truth.len();
    assert!(opened * 10 <= least * 11, "{opened} connections for {least} exchanges");
}

#[test]
fn server_of_tls_1_3_alone_is_seen() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let server = server(&[keys.get(Kind::EcdsaP256)], "ssl_protocols TLSv1.3; ssl_ecdh_curve X25519;");
    let truth = only([("TLSv1.3", ids(&USUAL_1_3))]);
    let seen = seen::exactly(server.port, &truth, &[], &[]);
    seen.says(&["version"], "1.3");
    seen.says(&["forward_secrecy"], "all");
    seen.says(&["secure_renegotiation"], serde_json::Value::Null);
    assert_eq!(seen.list(&["groups"]), ["x25519"]);
}

#[test]
fn early_data_is_seen_where_it_is_taken() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let key = [keys.get(Kind::EcdsaP256)];
    let taking = server(&key, "ssl_protocols TLSv1.2 TLSv1.3; ssl_early_data on;");
    Seen::at(taking.port).says(&["early_data"], true);
    Seen::at(server(&key, "ssl_protocols TLSv1.2 TLSv1.3;").port).says(&["early_data"], false);
}
