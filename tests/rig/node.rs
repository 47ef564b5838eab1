//! Node.js of 2013, whose OpenSSL 1.0.1e still has SSL 2.0, and of 2025, whose OpenSSL 3.5 has ML-KEM.

use serde_json::json;
use vedetta_tests::rig::keys::{Keys, Kind};
use vedetta_tests::rig::node::Node;

use crate::eyes::{self, Blind, Eye};
use crate::seen::{self, Seen};
use crate::truth::{USUAL_1_3, count, ids, only};

/// OpenSSL's groups with ML-KEM, by their IANA names.
const HYBRIDS: [&str; 3] = ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"];

#[test]
fn server_of_2013_is_seen_down_to_sslv2() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let options = json!({ "secureProtocol": "SSLv23_method", "ciphers": "ALL:eNULL:!SRP:!PSK" });
    let server = Node::Of2013.server(keys.get(Kind::Rsa2048), options);
    let mut truth = eyes::nmap(server.port).suites;
    truth.insert("SSLv2", eyes::nmap_sslv2(server.port));
    assert_eq!(truth["SSLv2"].len(), 7, "{truth:?}");
    assert!(count(&truth) > 55, "{truth:?}");
    let seen = seen::exactly(server.port, &truth, &[no_sslv3()], &[]);
    for weakness in ["drown", "poodle", "sweet32", "beast", "lucky13", "rc4", "des", "null"] {
        seen.says(&["vulnerabilities", weakness], true);
    }
    seen.says(&["forward_secrecy"], "none");
    seen.says(&["extended_master_secret"], false);
    seen.says(&["fallback_scsv"], false);
}

#[test]
fn export_suites_with_a_short_key_are_found() {
    let keys = Keys::of(&[Kind::Rsa512]);
    let options = json!({ "secureProtocol": "SSLv23_method", "ciphers": "ALL:eNULL:!SRP:!PSK" });
    let server = Node::Of2013.server(keys.get(Kind::Rsa512), options);
    let mut truth = eyes::nmap(server.port).suites;
    truth.insert("SSLv2", eyes::nmap_sslv2(server.port));
    let seen = Seen::at(server.port);
    assert_eq!(seen.suites(), truth);
    for weakness in ["freak", "export"] {
        seen.says(&["vulnerabilities", weakness], true);
    }
}

#[test]
fn sslv3_alone_and_sslv2_alone_are_seen() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let options = |method: &str| json!({ "secureProtocol": method, "ciphers": "ALL:!SRP:!PSK" });
    let old = Node::Of2013.server(keys.get(Kind::Rsa2048), options("SSLv3_method"));
    let seen = Seen::at(old.port);
    assert_eq!(seen.suites(), eyes::nmap(old.port).suites);
    assert!(!seen.suites()["SSLv3"].is_empty());
    seen.says(&["version"], "SSLv3");

    let oldest = Node::Of2013.server(keys.get(Kind::Rsa2048), options("SSLv2_method"));
    let seen = Seen::at(oldest.port);
    assert_eq!(seen.suites(), only([("SSLv2", eyes::nmap_sslv2(oldest.port))]));
    assert!(!seen.suites()["SSLv2"].is_empty());
    seen.says(&["version"], "SSLv2");
}

#[test]
fn server_with_groups_of_ml_kem_alone_is_seen() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let options = json!({ "minVersion": "TLSv1.3", "ecdhCurve": HYBRIDS.join(":") });
    let server = Node::Of2025.server(keys.get(Kind::EcdsaP256), options);
    let truth = only([("TLSv1.3", ids(&USUAL_1_3))]);
    let no_ml_kem = "has no group with ML-KEM, and sees no TLS at all";
    let blind = [Eye::Nmap, Eye::Sslscan].map(|eye| Blind { eye, versions: &["TLSv1.3"], why: no_ml_kem });
    let seen = seen::exactly(server.port, &truth, &blind, &[]);
    assert_eq!(seen.set(&["groups"]), ids(&HYBRIDS));
}

#[test]
fn groups_of_ml_kem_are_seen_beside_others() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let groups = ["X25519MLKEM768", "x25519", "secp256r1"];
    let server = Node::Of2025
        .server(keys.get(Kind::Rsa2048), json!({ "ecdhCurve": groups.join(":").replace("secp256r1", "P-256") }));
    let seen = Seen::at(server.port);
    assert_eq!(seen.set(&["groups"]), ids(&groups));
    assert_eq!(seen.suites(), eyes::nmap(server.port).suites);
}

fn no_sslv3() -> Blind {
    Blind {
        eye: Eye::Sslscan,
        versions: &["SSLv3"],
        why: "sslscan says that SSL 3.0 is on, and lists none of its suites",
    }
}
