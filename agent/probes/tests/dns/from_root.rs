//! Iteration from root hints: a root, a zone below it and domains below that, each at an address of its own and on one port.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use vedetta_checks::catalogue::Observation;
use vedetta_checks::target::Target;
use vedetta_probes::dns::lookup::RootHints;
use vedetta_probes::{ProbeContext, dns, observe};

use super::server::Server;
use super::{assert_facts, fact};

const ROOT: &str = "$ORIGIN .\n$TTL 60\n@ SOA a.root. host. 1 3600 600 86400 60\n@ NS a.root.\na.root. A 127.53.0.1\n\
    test. NS ns.nic.test.\nns.nic.test. A 127.53.0.2\n";

const TEST: &str = "$ORIGIN test.\n$TTL 60\n@ SOA ns.nic host.nic 1 3600 600 86400 60\n@ NS ns.nic\nns.nic A 127.53.0.2\n\
    good NS ns1.good\ngood NS ns2.good\nns1.good A 127.53.0.3\nns2.good A 127.53.0.4\n\
    half NS ns1.good\nhalf NS ns.half\nns.half A 127.53.0.5\n\
    bare NS ns1.good\n\
    circle NS ns.other\nother NS ns.circle\n\
    refused NS ns.refused\nns.refused A 127.53.0.3\n";

const GOOD: &str = "$ORIGIN good.test.\n$TTL 60\n@ SOA ns1 host 7 3600 600 604800 300\n@ NS ns1\n@ NS ns2\n\
    ns1 A 127.53.0.3\nns2 A 127.53.0.4\n@ A 192.0.2.1\nwww CNAME @\nfar CNAME www.bare.test.\ngone CNAME nothing\n\
    one CNAME two\ntwo CNAME one\nround CNAME round.bare.test.\nnew DNAME bare.test.\n";

const BARE: &str = "$ORIGIN bare.test.\n$TTL 60\n@ SOA ns1.good.test. host 1 3600 600 604800 300\n@ NS ns1.good.test.\n\
    @ A 192.0.2.2\nwww A 192.0.2.3\nround CNAME round.good.test.\n";

const HALF: &str = "$ORIGIN half.test.\n$TTL 60\n@ SOA ns1.good.test. host 1 3600 600 604800 300\n@ NS ns1.good.test.\n\
    @ NS ns\nns A 127.53.0.5\n@ A 192.0.2.4\n";

/// The servers of the tree, and what a look is given.
struct Tree {
    servers: Vec<Server>,
    context: ProbeContext,
}

impl Tree {
    fn start() -> Self {
        let at = |last: u8| Ipv4Addr::new(127, 53, 0, last);
        let root = Server::at(at(1), None, &[(".", Some(ROOT))]);
        let port = root.address.port();
        let domains = [("good.test", Some(GOOD)), ("bare.test", Some(BARE)), ("half.test", Some(HALF))];
        let servers = vec![
            Server::at(at(2), Some(port), &[("test", Some(TEST))]),
            Server::at(at(3), Some(port), &domains),
            Server::at(at(4), Some(port), &domains),
            root,
        ];
        let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, Duration::from_secs(20));
        context.root_hints = Some(RootHints::parse(". NS a.root.\na.root. A 127.53.0.1\n").expect("hints"));
        context.dns_port = port;
        Self { servers, context }
    }

    fn port(&self) -> u16 {
        self.servers.first().expect("a server").address.port()
    }

    async fn look(&self, domain: &str) -> Observation {
        let target = domain.parse::<Target>().expect("a domain");
        observe(dns::NAME, target, self.context.clone()).await.expect("an observation")
    }
}

#[tokio::test]
async fn zones_and_names_are_found_from_the_root() {
    let tree = Tree::start();
    for (domain, zone, addresses) in [
        ("good.test", "good.test", "192.0.2.1"),
        ("www.good.test", "good.test", "192.0.2.1"),
        ("far.good.test", "good.test", "192.0.2.3"),
        ("www.new.good.test", "good.test", "192.0.2.3"),
        ("gone.good.test", "good.test", ""),
    ] {
        let facts = [("exists", "true"), ("a", addresses), ("zone", zone), ("parent", "test")];
        assert_facts(&tree.look(domain).await, &facts);
    }
    let facts = [("exists", "false"), ("a", ""), ("zone", "test"), ("parent", ".")];
    assert_facts(&tree.look("missing.test").await, &facts);
}

#[tokio::test]
async fn a_second_look_at_a_domain_asks_nothing() {
    let tree = Tree::start();
    let first = number(&tree.look("bare.test").await);
    let again = number(&tree.look("bare.test").await);
    assert!(first > 0 && again == 0, "{first}, then {again}");
}

fn number(observation: &Observation) -> u32 {
    fact(observation, "queries").parse().expect("a number")
}

/// Stands before the root, passes questions on and counts those below `test`.
async fn counted_root(tree: &mut Tree) -> Arc<AtomicUsize> {
    let port = tree.port();
    let front = Arc::new(tokio::net::UdpSocket::bind((Ipv4Addr::new(127, 53, 0, 9), port)).await.expect("a port"));
    tree.context.root_hints = Some(RootHints::parse("a.root. A 127.53.0.9").expect("hints"));
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        let mut question = [0; 4_096];
        while let Ok((length, asker)) = front.recv_from(&mut question).await {
            // Reverse names are looked for too, each below a zone that this root does not have.
            let is_counted = question[..length].windows(6).any(|part| part == b"\x04test\0");
            counter.fetch_add(usize::from(is_counted), Ordering::Relaxed);
            let (front, question) = (Arc::clone(&front), question[..length].to_vec());
            tokio::spawn(async move {
                let back = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                back.send_to(&question, (Ipv4Addr::new(127, 53, 0, 1), port)).await.expect("the root");
                let mut answer = [0; 4_096];
                let length = back.recv(&mut answer).await.expect("its answer");
                front.send_to(&answer[..length], asker).await.expect("the asker");
            });
        }
    });
    count
}

#[tokio::test]
async fn the_root_is_asked_for_the_first_domain_only() {
    let mut tree = Tree::start();
    let count = counted_root(&mut tree).await;
    assert_facts(&tree.look("good.test").await, &[("a", "192.0.2.1")]);
    let first = count.load(Ordering::Relaxed);
    for (domain, address) in [("bare.test", "192.0.2.2"), ("www.bare.test", "192.0.2.3")] {
        assert_facts(&tree.look(domain).await, &[("a", address)]);
    }
    assert!(first > 0, "the root was asked at all");
    assert_eq!(count.load(Ordering::Relaxed), first);
}

#[tokio::test]
async fn aliases_in_a_circle_are_told_with_the_way() {
    let tree = Tree::start();
    for domain in ["one.good.test", "round.good.test"] {
        assert_eq!(fact(&tree.look(domain).await, "a"), "unknown: server_failure", "{domain}");
    }
}

#[tokio::test]
async fn servers_that_lead_to_one_another_or_refuse_end_at_once() {
    let tree = Tree::start();
    for domain in ["circle.test", "refused.test"] {
        let begin = Instant::now();
        let observation = tree.look(domain).await;
        assert!(fact(&observation, "a").starts_with("unknown: "), "{domain}: {}", fact(&observation, "a"));
        assert_eq!(fact(&observation, "zone"), domain);
        assert!(begin.elapsed() < Duration::from_secs(1), "{domain}: {:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn a_silent_server_beside_a_good_one_costs_one_deadline_and_no_fact() {
    let tree = Tree::start();
    let _silent = UdpSocket::bind((Ipv4Addr::new(127, 53, 0, 5), tree.port())).expect("a socket that never answers");
    let begin = Instant::now();
    assert_facts(&tree.look("half.test").await, &[("exists", "true"), ("a", "192.0.2.4"), ("zone", "half.test")]);
    assert!(begin.elapsed() < Duration::from_millis(2_600), "{:?}", begin.elapsed());
}
