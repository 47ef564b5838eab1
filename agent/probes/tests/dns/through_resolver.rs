//! Look-ups through a real resolver, unbound, that asks NSD.

use super::server::Server;
use super::{assert_facts, fact, look};

/// Everything is asked at the one server, which refuses what it does not hold.
const ZONES: [&str; 6] = [".", "test", "full.test", "bare.test", "mixed.test", "broken.test"];

#[tokio::test]
async fn a_resolver_gives_what_the_zone_holds() {
    let authority = Server::start();
    let resolver = Server::resolver(authority.address, &ZONES);
    let facts = [("exists", "true"), ("a", "192.0.2.10 192.0.2.20"), ("mx[0].exchange", "mail1.full.test")];
    assert_facts(&look("full.test", resolver.address).await, &facts);
    assert_facts(&look("absent.full.test", resolver.address).await, &[("exists", "false"), ("a", "")]);
    assert_facts(&look("dangling.full.test", resolver.address).await, &[("exists", "true"), ("a", "")]);
    let texts = fact(&look("long.mixed.test", resolver.address).await, "txt");
    assert_eq!(texts.matches("too long for one datagram").count(), 40, "{texts}");
}

#[tokio::test]
async fn a_resolver_that_fails_leaves_the_facts_unknown() {
    let authority = Server::start();
    let resolver = Server::resolver(authority.address, &ZONES);
    assert_eq!(fact(&look("broken.test", resolver.address).await, "a"), "unknown: server_failure");
}

#[tokio::test]
async fn aliases_in_a_circle_are_told_although_the_resolver_only_fails() {
    let zone = "$ORIGIN full.test.\n$TTL 60\n@ SOA ns host 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\none CNAME two\ntwo CNAME one\n";
    let authority = Server::at(std::net::Ipv4Addr::LOCALHOST, None, &[("full.test", Some(zone))]);
    let resolver = Server::resolver(authority.address, &ZONES);
    assert_eq!(fact(&look("one.full.test", resolver.address).await, "a"), "unknown: server_failure");
}
