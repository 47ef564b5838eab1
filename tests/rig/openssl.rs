//! `openssl s_server` of this system.

use serde_json::Value;
use vedetta_tests::rig::Server;
use vedetta_tests::rig::keys::{Keys, Kind};
use vedetta_tests::rig::openssl::{EVERY_SUITE, dh_parameters, server, suite_set, suites};

use crate::eyes::{self, Blind, Eye};
use crate::seen::{self, Seen};
use crate::truth::{USUAL_1_3, count, ids, only};

/// Suites that an ECDSA or Ed25519 key and a current list allow in TLS 1.2.
const CURRENT: &str = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AESCCM8";

#[test]
fn every_suite_that_openssl_has_is_found_in_every_version() {
    let keys = Keys::of(&[Kind::Rsa2048, Kind::EcdsaP256]);
    let five = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
    let server = server(
        &[keys.get(Kind::Rsa2048), keys.get(Kind::EcdsaP256)],
        &["-min_protocol", "TLSv1", "-cipher", EVERY_SUITE, "-ciphersuites", five],
    );
    let by = ["RSA", "ECDSA", "None"];
    let truth = only([
        ("TLSv1.0", suite_set("-tls1", EVERY_SUITE, &by)),
        ("TLSv1.1", suite_set("-tls1_1", EVERY_SUITE, &by)),
        ("TLSv1.2", suite_set("-tls1_2", EVERY_SUITE, &by)),
        ("TLSv1.3", ids(&["0x1301", "0x1302", "0x1303", "0x1304", "0x1305"])),
    ]);
    assert!(count(&truth) > 120, "{truth:?}");
    let seen = seen::exactly(server.port, &truth, &[], &[]);
    seen.says(&["server_preference", "TLSv1.2"], false);
    seen.says(&["forward_secrecy"], "some");
    for weakness in ["null", "anonymous", "beast", "lucky13"] {
        seen.says(&["vulnerabilities", weakness], true);
    }
    for weakness in ["poodle", "drown", "freak", "rc4", "export", "des", "crime", "insecure_renegotiation"] {
        seen.says(&["vulnerabilities", weakness], false);
    }
    // Crafted attacks wait for leave: until then nobody knows.
    let allowed = Seen::with(server.port, &["--active"]);
    for attack in ["heartbleed", "ccs", "robot", "ticketbleed"] {
        seen.says(&["vulnerabilities", attack], Value::Null);
        allowed.says(&["vulnerabilities", attack], false);
    }
}

#[test]
fn server_order_and_preference_are_the_ones_that_were_set() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let string = "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-SHA256:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0";
    let arguments = ["-min_protocol", "TLSv1", "-no_tls1_3", "-cipher", string];
    let key = [keys.get(Kind::Rsa2048)];
    let ordered = server(&key, &[&arguments[..], &["-serverpref"]].concat());
    let seen = Seen::at(ordered.port);
    seen.says(&["server_preference", "TLSv1.2"], true);
    seen.says(&["server_preference", "TLSv1.0"], true);
    assert_eq!(seen.list(&["server_order", "TLSv1.2"]), suites("-tls1_2", string, &["RSA"]));
    assert_eq!(seen.list(&["server_order", "TLSv1.0"]), suites("-tls1", string, &["RSA"]));
    assert_eq!(eyes::nmap(ordered.port).preference["TLSv1.2"], "server");

    let unordered = server(&key, &arguments);
    let seen = Seen::at(unordered.port);
    seen.says(&["server_preference", "TLSv1.2"], false);
    seen.says(&["server_order", "TLSv1.2"], Value::Null);
    assert_eq!(eyes::nmap(unordered.port).preference["TLSv1.2"], "client");
}

#[test]
fn server_with_an_ed25519_key_is_seen_in_both_versions() {
    let keys = Keys::of(&[Kind::Ed25519]);
    let server = server(&[keys.get(Kind::Ed25519)], &["-cipher", CURRENT]);
    let truth = only([("TLSv1.2", suite_set("-tls1_2", CURRENT, &["ECDSA"])), ("TLSv1.3", ids(&USUAL_1_3))]);
    let offers_no_ed25519 = "nmap offers no Ed25519 among its signature algorithms, and is refused";
    let seen = seen::exactly(
        server.port,
        &truth,
        &[Blind { eye: Eye::Nmap, versions: &["TLSv1.2"], why: offers_no_ed25519 }],
        &[],
    );
    seen.says(&["leaf", "key_kind"], "ed25519");
}

#[test]
fn gap_between_versions_is_seen() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let string = "AES128-SHA:AES256-SHA:@SECLEVEL=0";
    let server =
        server(&[keys.get(Kind::Rsa2048)], &["-min_protocol", "TLSv1", "-no_tls1_1", "-no_tls1_2", "-cipher", string]);
    let truth = only([("TLSv1.0", suite_set("-tls1", string, &["RSA"])), ("TLSv1.3", ids(&USUAL_1_3))]);
    seen::exactly(server.port, &truth, &[], &[]);
}

#[test]
fn server_that_demands_a_client_certificate_is_read_all_the_same() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let server =
        server(&[keys.get(Kind::Rsa2048)], &["-Verify", "1", "-verify_return_error", "-cipher", "ECDHE+AESGCM"]);
    let truth = only([("TLSv1.2", suite_set("-tls1_2", "ECDHE+AESGCM", &["RSA"])), ("TLSv1.3", ids(&USUAL_1_3))]);
    let taken_for_refusal = "sslscan takes a handshake that breaks off for want of a client certificate for a refusal";
    let blind = [Blind { eye: Eye::Sslscan, versions: &["TLSv1.2"], why: taken_for_refusal }];
    let seen = seen::exactly(server.port, &truth, &blind, &["--roots", keys.authority().to_str().unwrap()]);
    seen.says(&["client_certificate"], true);
    assert_eq!(seen.problems(), [Vec::<String>::new()]);
}

#[test]
fn size_of_the_diffie_hellman_group_is_told() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let folder = tempfile::tempdir().unwrap();
    for (bits, known_prime, logjam) in
        [(1024, "", true), (2048, "rfc7919_ffdhe2048", false), (3072, "rfc7919_ffdhe3072", false)]
    {
        let parameters = dh_parameters(folder.path(), bits);
        let server = server(
            &[keys.get(Kind::Rsa2048)],
            &["-no_tls1_3", "-cipher", "DHE:!aNULL:@SECLEVEL=0", "-dhparam", parameters.to_str().unwrap()],
        );
        let seen = Seen::at(server.port);
        seen.says(&["dh_bits"], bits);
        seen.says(&["dh_known_prime"], known_prime);
        seen.says(&["vulnerabilities", "logjam"], logjam);
    }
}

#[test]
fn stapled_ocsp_response_is_seen_and_so_is_its_lack() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let key = keys.get(Kind::EcdsaP256);
    let staple = keys.staple(key);
    let roots = keys.authority();
    let options = ["--roots", roots.to_str().unwrap()];
    for version in ["-tls1_2", "-tls1_3"] {
        let stapling = server(&[key], &[version, "-status_file", staple.to_str().unwrap()]);
        Seen::with(stapling.port, &options).says(&["ocsp_stapled"], true);
        let silent = server(&[key], &[version]);
        Seen::with(silent.port, &options).says(&["ocsp_stapled"], false);
    }
}

#[test]
fn anonymous_suites_alone_need_no_certificate() {
    let string = "aNULL:@SECLEVEL=0";
    let server = server(&[], &["-min_protocol", "TLSv1", "-no_tls1_3", "-cipher", string]);
    let by = ["None"];
    let truth = only([
        ("TLSv1.0", suite_set("-tls1", string, &by)),
        ("TLSv1.1", suite_set("-tls1_1", string, &by)),
        ("TLSv1.2", suite_set("-tls1_2", string, &by)),
    ]);
    let seen = seen::exactly(server.port, &truth, &[], &[]);
    seen.says(&["vulnerabilities", "anonymous"], true);
}

#[test]
fn suites_without_encryption_alone_are_found() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let string = "eNULL:!aNULL:@SECLEVEL=0";
    let server = server(&[keys.get(Kind::Rsa2048)], &["-min_protocol", "TLSv1", "-no_tls1_3", "-cipher", string]);
    let truth = only([
        ("TLSv1.0", suite_set("-tls1", string, &["RSA"])),
        ("TLSv1.1", suite_set("-tls1_1", string, &["RSA"])),
        ("TLSv1.2", suite_set("-tls1_2", string, &["RSA"])),
    ]);
    let seen = seen::exactly(server.port, &truth, &[], &[]);
    seen.says(&["vulnerabilities", "null"], true);
}

#[test]
fn groups_stand_in_the_order_of_the_server() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let server =
        server(&[keys.get(Kind::EcdsaP256)], &["-tls1_3", "-groups", "X448:P-521:ffdhe3072:X25519", "-serverpref"]);
    let seen = Seen::at(server.port);
    let expected = ["x448", "secp521r1", "ffdhe3072", "x25519"];
    assert_eq!(seen.set(&["groups"]), ids(&expected));
    assert_eq!(eyes::sslscan(server.port).groups, ids(&expected));
}

#[test]
fn renegotiation_by_the_client_is_told_from_its_refusal() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let key = [keys.get(Kind::Rsa2048)];
    let allowing = server(&key, &["-tls1_2", "-client_renegotiation"]);
    let seen = Seen::at(allowing.port);
    seen.says(&["client_renegotiation"], true);
    seen.says(&["secure_renegotiation"], true);
    Seen::at(server(&key, &["-tls1_2"]).port).says(&["client_renegotiation"], false);
}

#[test]
fn fallback_is_refused_where_there_is_a_newer_version() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let server = server(&[keys.get(Kind::Rsa2048)], &["-min_protocol", "TLSv1.2"]);
    Seen::at(server.port).says(&["fallback_scsv"], true);
}

#[test]
fn application_protocols_are_found() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let key = [keys.get(Kind::EcdsaP256)];
    let both = server(&key, &["-alpn", "h2,http/1.1"]);
    assert_eq!(Seen::at(both.port).set(&["alpn"]), ids(&["h2", "http/1.1"]));
    assert!(Seen::at(server(&key, &[]).port).list(&["alpn"]).is_empty());
}

#[test]
fn tickets_and_resumption_are_found() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let key = [keys.get(Kind::EcdsaP256)];
    let resuming = |server: Server| {
        let seen = Seen::at(server.port);
        (seen.field(&["session_tickets"]).clone(), seen.field(&["resumption"]).clone())
    };
    assert_eq!(resuming(server(&key, &["-tls1_2"])), (true.into(), true.into()));
    assert_eq!(resuming(server(&key, &["-tls1_2", "-no_ticket", "-no_cache"])), (false.into(), false.into()));
    assert_eq!(resuming(server(&key, &["-tls1_3", "-num_tickets", "0"])), (false.into(), false.into()));
}

#[test]
fn name_chooses_the_certificate() {
    let (named, other) = (Keys::of(&[Kind::EcdsaP256]), Keys::of(&[Kind::EcdsaP256]));
    let [second, key2] = [&named.get(Kind::EcdsaP256).certificate, &named.get(Kind::EcdsaP256).key];
    let server = server(
        &[other.get(Kind::EcdsaP256)],
        &[
            "-servername",
            vedetta_tests::rig::keys::NAME,
            "-cert2",
            second.to_str().unwrap(),
            "-key2",
            key2.to_str().unwrap(),
        ],
    );
    let seen = Seen::with(server.port, &["--roots", named.authority().to_str().unwrap()]);
    seen.says(&["without_server_name"], "other_certificate");
    assert_eq!(seen.problems(), [Vec::<String>::new()], "{}", seen.whole());
}

#[test]
fn key_of_1024_bits_is_a_problem() {
    let keys = Keys::of(&[Kind::Rsa1024]);
    let server = server(&[keys.get(Kind::Rsa1024)], &["-cipher", "DEFAULT:@SECLEVEL=0"]);
    let seen = Seen::with(server.port, &["--roots", keys.authority().to_str().unwrap()]);
    assert_eq!(seen.problems(), [["weak_key_rsa_1024"]]);
}
