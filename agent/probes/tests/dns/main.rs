//! The `dns` probe before a real name server on loopback.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

#[path = "../tls/fact.rs"]
mod fact;
mod from_root;
mod server;
mod through_resolver;

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use vedetta_checks::catalogue::Observation;
use vedetta_checks::target::Target;
use vedetta_checks::word::ProbeName;
use vedetta_probes::{ProbeContext, dns, observe, tls};

use fact::fact;
use server::Server;

/// The record sets of an observation.
const RECORD_SETS: [&str; 8] = ["a", "aaaa", "ns", "soa", "mx", "txt", "caa", "ds"];

fn context(resolver: SocketAddr, deadline: Duration) -> ProbeContext {
    let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, deadline);
    context.resolver = Some(resolver);
    context.dns_port = resolver.port();
    context
}

async fn look(domain: &str, resolver: SocketAddr) -> Observation {
    let target = domain.parse::<Target>().expect("a domain");
    observe(dns::NAME, target, context(resolver, Duration::from_secs(10))).await.expect("an observation")
}

fn assert_facts(observation: &Observation, expected: &[(&str, &str)]) {
    for (path, expected) in expected {
        assert_eq!(fact(observation, path), *expected, "{path}");
    }
}

#[tokio::test]
async fn a_full_zone_shows_every_record_sorted() {
    let server = Server::start();
    let observation = look("full.test", server.address).await;
    assert_facts(
        &observation,
        &[
            ("exists", "true"),
            ("a", "192.0.2.10 192.0.2.20"),
            ("aaaa", "2001:db8::10"),
            ("ns", "ns1.full.test ns2.full.test"),
            ("soa[0].primary", "ns1.full.test"),
            ("soa[0].serial", "2026030101"),
            ("soa[0].minimum", "60"),
            ("mx[0].exchange", "mail1.full.test"),
            ("mx[0].preference", "10"),
            ("mx[1].exchange", "mail2.full.test"),
            ("null_mx", "false"),
            ("txt", "another text v=spf1 mx include:_spf.example.test -all"),
            ("caa[0].tag", "iodef"),
            ("caa[0].critical", "true"),
            ("caa[1].tag", "issue"),
            ("caa[1].value", "authority.example"),
            ("caa[1].critical", "false"),
            ("ds[0].key_tag", "12345"),
            ("ds[0].algorithm", "13"),
            ("ds[0].digest_type", "2"),
            ("ds[0].digest", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
        ],
    );
}

#[tokio::test]
async fn a_zone_with_hardly_a_record_has_known_empty_lists() {
    let server = Server::start();
    let observation = look("bare.test", server.address).await;
    assert_facts(
        &observation,
        &[("exists", "true"), ("a", ""), ("ds", ""), ("null_mx", "true"), ("mx[0].exchange", ".")],
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_known_and_empty() {
    let server = Server::start();
    let observation = look("absent.full.test", server.address).await;
    assert_facts(&observation, &[("exists", "false"), ("a", ""), ("txt", "")]);
}

#[tokio::test]
async fn an_alias_to_nowhere_exists_without_addresses() {
    let server = Server::start();
    assert_facts(&look("dangling.full.test", server.address).await, &[("exists", "true"), ("a", "")]);
}

#[tokio::test]
async fn an_answer_too_long_for_a_datagram_is_read_whole() {
    let server = Server::start();
    let observation = look("long.mixed.test", server.address).await;
    let texts = fact(&observation, "txt");
    assert_eq!(texts.matches("too long for one datagram").count(), 40, "{texts}");
}

#[tokio::test]
async fn a_server_that_refuses_or_fails_leaves_every_record_set_unknown() {
    let server = Server::start();
    for domain in ["example.org", "broken.test"] {
        let observation = look(domain, server.address).await;
        for set in RECORD_SETS.into_iter().chain(["exists"]) {
            assert_eq!(fact(&observation, set), "unknown: server_failure", "{domain} {set}");
        }
    }
}

#[tokio::test]
async fn a_server_that_answers_nonsense_leaves_every_record_set_unknown() {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
    let address = socket.local_addr().expect("its address");
    tokio::spawn(async move {
        let mut question = [0; 512];
        while let Ok((size, asker)) = socket.recv_from(&mut question).await {
            // The right number and an answer's flag, then counts of records that are not there.
            let mut answer = question[..size].to_vec();
            answer[2] |= 0x80;
            answer[4..12].fill(0xff);
            let _sent = socket.send_to(&answer, asker).await;
        }
    });
    let observation = look("full.test", address).await;
    for set in RECORD_SETS {
        assert!(fact(&observation, set).starts_with("unknown: "), "{set}: {}", fact(&observation, set));
    }
}

#[tokio::test]
async fn a_port_without_a_server_leaves_every_record_set_unknown() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("its address");
    drop(socket);
    let observation = look("full.test", address).await;
    for set in RECORD_SETS.into_iter().chain(["exists"]) {
        // The system tells who asks that nobody listens there.
        assert_eq!(fact(&observation, set), "unknown: closed", "{set}");
    }
}

#[tokio::test]
async fn a_server_that_stays_silent_costs_one_deadline() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let deadline = Duration::from_secs(3);
    let begin = Instant::now();
    let context = context(socket.local_addr().expect("its address"), deadline);
    let target = "full.test".parse::<Target>().expect("a domain");
    let observation = observe(dns::NAME, target, context).await.expect("an observation");
    assert!(begin.elapsed() < deadline, "{:?}", begin.elapsed());
    for set in RECORD_SETS {
        assert_eq!(fact(&observation, set), "unknown: timeout", "{set}");
    }
}

/// Stage and reason of a TLS look at a name that is resolved by the server.
async fn tls_error(server: &Server, name: &str, port: u16) -> String {
    let target = format!("tls://{name}:{port}").parse::<Target>().expect("an endpoint");
    let context = context(server.address, Duration::from_secs(10));
    let error = observe(tls::NAME, target, context).await.expect_err("no server of TLS");
    format!("{}: {}", error.stage, error.reason)
}

#[tokio::test]
async fn a_tls_endpoint_is_found_through_the_named_resolver() {
    let server = Server::start();
    // The name server answers on TCP but speaks no TLS: the name was resolved and connected to.
    let outcome = tls_error(&server, "loopback.full.test", server.address.port()).await;
    assert!(outcome.starts_with("handshake: "), "{outcome}");
}

#[tokio::test]
async fn a_tls_endpoint_without_a_name_or_an_address_is_not_found() {
    let server = Server::start();
    for name in ["absent.full.test", "bare.test", "dangling.full.test"] {
        assert_eq!(tls_error(&server, name, 443).await, "resolve: name_not_found", "{name}");
    }
}

#[tokio::test]
async fn every_probe_name_is_a_word() {
    for name in [dns::NAME, tls::NAME] {
        assert_eq!(ProbeName::parse(name.as_str()), Ok(name));
    }
}
