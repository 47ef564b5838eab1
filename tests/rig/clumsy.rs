//! Real servers behind devices that choke on what a current client says.

use vedetta_tests::rig::keys::{Keys, Kind};
use vedetta_tests::rig::nginx;
use vedetta_tests::rig::openssl::suite_set;
use vedetta_tests::rig::relay::{Manner, Relay, SUPPORTED_VERSIONS};

use crate::seen::Seen;
use crate::truth::{USUAL_1_3, ids, only};

const SUITES: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:RSA+AES:@SECLEVEL=0";
/// TLS 1.0 and 1.2, as a ClientHello writes them.
const TLS_1_0: u16 = 0x0301;

/// The server behind a device: what it accepts is what the probe must see, but for versions that the device keeps away.
fn seen_behind(manner: Manner, versions: &str) -> Seen {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let lines = format!("ssl_protocols {versions}; ssl_ciphers {SUITES};");
    let server = nginx::server(&[keys.get(Kind::Rsa2048)], &lines);
    let relay = Relay::to(server.port, manner);
    Seen::at(relay.port)
}

#[test]
fn records_of_one_byte_are_put_together() {
    let seen = seen_behind(Manner::OneByteARecord, "TLSv1.2 TLSv1.3");
    let truth = only([("TLSv1.2", suite_set("-tls1_2", SUITES, &["RSA"])), ("TLSv1.3", ids(&USUAL_1_3))]);
    assert_eq!(seen.suites(), truth);
}

#[test]
fn device_that_hangs_up_on_long_hellos_is_seen_through() {
    let seen = seen_behind(Manner::HangsUpAbove(255), "TLSv1 TLSv1.1 TLSv1.2");
    let by = ["RSA"];
    let truth = only([
        ("TLSv1.0", suite_set("-tls1", SUITES, &by)),
        ("TLSv1.1", suite_set("-tls1_1", SUITES, &by)),
        ("TLSv1.2", suite_set("-tls1_2", SUITES, &by)),
    ]);
    assert_eq!(seen.suites(), truth);
    assert!(seen.set(&["intolerances"]).contains("long_hello"), "{}", seen.whole());
}

#[test]
fn device_that_hangs_up_on_supported_versions_is_seen_through() {
    let seen = seen_behind(Manner::HangsUpAtExtension(SUPPORTED_VERSIONS), "TLSv1.2");
    assert_eq!(seen.suites(), only([("TLSv1.2", suite_set("-tls1_2", SUITES, &["RSA"]))]));
    assert!(seen.set(&["intolerances"]).contains("supported_versions"), "{}", seen.whole());
}

#[test]
fn device_that_hangs_up_on_reserved_values_is_seen_through() {
    let seen = seen_behind(Manner::HangsUpAtGrease, "TLSv1.2 TLSv1.3");
    let truth = only([("TLSv1.2", suite_set("-tls1_2", SUITES, &["RSA"])), ("TLSv1.3", ids(&USUAL_1_3))]);
    assert_eq!(seen.suites(), truth);
    assert!(seen.set(&["intolerances"]).contains("grease"), "{}", seen.whole());
}

#[test]
fn device_that_hangs_up_on_newer_versions_is_seen_through() {
    let seen = seen_behind(Manner::HangsUpAboveVersion(TLS_1_0), "TLSv1");
    assert_eq!(seen.suites(), only([("TLSv1.0", suite_set("-tls1", SUITES, &["RSA"]))]));
}
