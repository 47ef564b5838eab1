//! `gnutls-serv`.

use vedetta_tests::rig::gnutls::{server, suites};
use vedetta_tests::rig::keys::{Keys, Kind};

use crate::seen::{self, Seen};
use crate::truth::only;

#[test]
fn gnutls_is_seen_in_every_version() {
    let keys = Keys::of(&[Kind::Rsa2048, Kind::EcdsaP256]);
    let priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+AES-128-CCM-8:+3DES-CBC:+CAMELLIA-128-CBC:+SHA256:%COMPAT";
    let server = server(&[keys.get(Kind::Rsa2048), keys.get(Kind::EcdsaP256)], priority, &[]);
    let truth = only(["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"].map(|version| (version, suites(version, priority))));
    seen::exactly(server.port, &truth, &[], &[]);
}

#[test]
fn groups_of_rfc_7919_alone_are_seen() {
    let keys = Keys::of(&[Kind::Rsa2048]);
    let priority = "NORMAL:-GROUP-ALL:+GROUP-FFDHE2048:+GROUP-FFDHE3072";
    let server = server(&[keys.get(Kind::Rsa2048)], priority, &[]);
    let seen = Seen::at(server.port);
    assert!(seen.set(&["groups"]).is_superset(&crate::truth::ids(&["ffdhe2048", "ffdhe3072"])), "{}", seen.whole());
    assert_eq!(seen.suites()["TLSv1.3"], suites("TLSv1.3", priority));
}
