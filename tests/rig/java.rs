//! Java's own TLS.

use vedetta_tests::rig::java::{Order, server};
use vedetta_tests::rig::keys::{Keys, Kind};

use crate::eyes::{self, Blind, Eye};
use crate::seen::{self, Seen};
use crate::truth::count;

#[test]
fn java_with_nothing_forbidden_is_seen_as_nmap_sees_it() {
    let keys = Keys::of(&[Kind::Rsa2048, Kind::EcdsaP256, Kind::Dsa1024]);
    let every: Vec<_> = keys.all().iter().collect();
    let server = server(&every, "SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3", Order::Server);
    // Java does not tell which suite goes with which version and key: nmap, which offers them all, does.
    let nmap = eyes::nmap(server.port);
    assert!(count(&nmap.suites) > 200, "{:?}", nmap.suites);
    let own_suites_only =
        "sslscan finishes TLS 1.0 and 1.1 with suites of its own OpenSSL only, and lists none of SSL 3.0";
    let blind = [Blind { eye: Eye::Sslscan, versions: &["SSLv3", "TLSv1.0", "TLSv1.1"], why: own_suites_only }];
    let seen = seen::exactly(server.port, &nmap.suites, &blind, &[]);
    seen.says(&["server_preference", "TLSv1.2"], true);
    for weakness in ["poodle", "freak", "logjam", "sweet32", "beast", "rc4", "export", "des", "null", "anonymous"] {
        seen.says(&["vulnerabilities", weakness], true);
    }
    seen.says(&["vulnerabilities", "drown"], false);
}

#[test]
fn order_of_the_client_counts_where_java_is_told_so() {
    let keys = Keys::of(&[Kind::EcdsaP256]);
    let server = server(&[keys.get(Kind::EcdsaP256)], "TLSv1.2", Order::Client);
    Seen::at(server.port).says(&["server_preference", "TLSv1.2"], false);
    assert_eq!(eyes::nmap(server.port).preference["TLSv1.2"], "client");
}
