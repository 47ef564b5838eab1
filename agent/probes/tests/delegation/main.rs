//! The `dns` probe before a whole tree of names on loopback: NSD, unbound, and servers that misbehave.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

#[path = "../tls/fact.rs"]
mod fact;
mod misbehaving;
mod tree;
mod unseen;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use vedetta_checks::catalogue::Observation;
use vedetta_checks::target::Target;
use vedetta_checks::value::Value;
use vedetta_probes::dns::lookup::RootHints;
use vedetta_probes::{ProbeContext, dns, observe};

use fact::fact;
use tree::Tree;

/// Longest time of a look at a zone with a silent server: one deadline and what else there is to do.
const SILENT_TIME_MAX: Duration = Duration::from_millis(3_500);

fn context(tree: &Tree) -> ProbeContext {
    let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, Duration::from_secs(15));
    context.root_hints = Some(RootHints::parse(&Tree::hints()).expect("root hints"));
    context.dns_port = tree.port;
    context
}

async fn look_with(domain: &str, context: ProbeContext) -> Observation {
    observe(dns::NAME, domain.parse::<Target>().expect("a domain"), context).await.expect("an observation")
}

async fn look(tree: &Tree, domain: &str) -> Observation {
    look_with(domain, context(tree)).await
}

/// A list of problems as `word subject`, without those that the whole tree has: one without IPv6.
fn problems(observation: &Observation, field: &str) -> Vec<String> {
    let Some(Value::List(list)) = observation.facts.get(field) else {
        return vec![fact(observation, field)];
    };
    let shown = |position: usize| {
        let of = |part: &str| fact(observation, &format!("{field}[{position}].{part}"));
        format!("{} {}", of("problem"), of("subject"))
    };
    (0..list.items().len()).map(shown).filter(|problem| !problem.starts_with("no_ipv6 ")).collect()
}

/// What is wrong with the second name server, by name.
fn second(observation: &Observation) -> String {
    fact(observation, "name_servers[1].problems")
}

#[tokio::test]
async fn a_good_zone_has_its_delegation_and_no_problem() {
    let tree = Tree::start();
    let observation = look(&tree, "good.test").await;
    for (path, expected) in [
        ("zone", "good.test"),
        ("parent", "test"),
        ("name_servers[0].name", "ns1.good.test"),
        ("name_servers[0].addresses", "127.31.0.2"),
        ("name_servers[0].in_parent", "true"),
        ("name_servers[0].in_zone", "true"),
        ("name_servers[0].problems", ""),
        ("name_servers[0].servers[0].udp", "true"),
        ("name_servers[0].servers[0].tcp", "true"),
        ("name_servers[0].servers[0].authoritative", "true"),
        ("name_servers[0].servers[0].serial", "1"),
        ("name_servers[0].servers[0].edns", "true"),
        ("name_servers[0].servers[0].recursion", "unknown: needs_active"),
        ("name_servers[0].servers[0].zone_transfer", "unknown: needs_active"),
        ("name_servers[1].name", "ns2.good.test"),
        ("name_servers[1].problems", ""),
        ("name_server_networks", "2"),
        ("wildcard", "false"),
        ("dangling", ""),
        ("issuance", "anybody"),
    ] {
        assert_eq!(fact(&observation, path), expected, "{path}");
    }
    assert_eq!(problems(&observation, "delegation_problems"), [""; 0]);
    assert_eq!(problems(&observation, "zone_problems"), [""; 0]);
}

#[tokio::test]
async fn each_fault_of_a_server_has_its_word() {
    let tree = Tree::start();
    for (domain, expected) in [
        ("lame.test", "lame refused"),
        ("udponly.test", "no_tcp"),
        ("tcponly.test", "no_udp"),
        ("noedns.test", "no_edns"),
        ("slow.test", "slow"),
        ("dead.test", "no_answer"),
        ("open.test", "lame refused"),
    ] {
        let observation = look(&tree, domain).await;
        assert_eq!(second(&observation), expected, "{domain}");
        assert_eq!(fact(&observation, "name_servers[0].problems"), "", "{domain}");
    }
}

#[tokio::test]
async fn a_silent_server_costs_one_deadline() {
    let tree = Tree::start();
    let started = Instant::now();
    let observation = look(&tree, "dead.test").await;
    assert!(started.elapsed() < SILENT_TIME_MAX, "{:?}", started.elapsed());
    assert_eq!(fact(&observation, "name_servers[1].servers[0].udp"), "false");
    assert_eq!(fact(&observation, "name_servers[1].servers[0].authoritative"), "unknown: timeout");
}

#[tokio::test]
async fn a_zone_without_any_living_server_is_dead_while_its_parent_answers() {
    let tree = Tree::start();
    let observation = look(&tree, "gone.test").await;
    assert!(problems(&observation, "delegation_problems").contains(&"all_dead gone.test".to_owned()));
    let refused = look(&tree, "refused.test").await;
    assert!(problems(&refused, "delegation_problems").contains(&"not_served refused.test".to_owned()));
}

#[tokio::test]
async fn an_address_that_this_host_cannot_reach_is_unknown_and_not_dead() {
    let tree = Tree::start();
    let observation = look(&tree, "six.test").await;
    let told = fact(&observation, "name_servers[1].servers[0].udp");
    assert!(told.starts_with("unknown: "), "{told}");
    assert_eq!(
        second(&observation),
        "private_address",
        "its block is not the one of the tree, and nothing else is known"
    );
}

#[tokio::test]
async fn servers_that_sign_otherwise_than_others_are_told() {
    let tree = Tree::start();
    for (domain, detail) in [
        ("signing.test", "it gives no signatures, other servers do"),
        ("ending.test", "its signatures of SOA ended on 2025-02-01, those of other servers hold"),
        ("rolling.test", "it gives other keys than other servers"),
    ] {
        let mut context = context(&tree);
        context.now = "2026-01-01T00:00:00Z".parse().expect("a moment");
        let observation = look_with(domain, context).await;
        let expected = format!("signatures_differ ns2.{domain} (127.31.1.2)");
        assert_eq!(problems(&observation, "zone_problems"), [expected], "{domain}");
        assert_eq!(fact(&observation, "zone_problems[0].detail"), detail, "{domain}");
    }
}

#[tokio::test]
async fn parent_and_zone_are_compared() {
    let tree = Tree::start();
    let cases: [(&str, &[&str]); 6] = [
        ("glue.test", &["glue_mismatch ns2.glue.test"]),
        ("noglue.test", &["glue_missing ns2.noglue.test"]),
        ("sets.test", &["missing_in_parent ns3.sets.test", "missing_in_zone ns2.sets.test"]),
        ("single.test", &["single_server single.test"]),
        ("absent.test", &["not_delegated absent.test"]),
        ("www.good.test", &[]),
    ];
    for (domain, expected) in cases {
        assert_eq!(problems(&look(&tree, domain).await, "delegation_problems"), expected, "{domain}");
    }
}

#[tokio::test]
async fn a_name_without_a_zone_of_its_own_has_the_servers_of_the_zone_that_holds_it() {
    let tree = Tree::start();
    let observation = look(&tree, "www.good.test").await;
    for (path, expected) in
        [("zone", "good.test"), ("parent", "test"), ("name_servers[0].name", "ns1.good.test"), ("wildcard", "false")]
    {
        assert_eq!(fact(&observation, path), expected, "{path}");
    }
}

#[tokio::test]
async fn servers_that_disagree_are_told_with_the_name_and_what_each_says() {
    let tree = Tree::start();
    let observation = look(&tree, "drift.test").await;
    assert_eq!(problems(&observation, "zone_problems"), ["answers_differ www.drift.test A"]);
    assert_eq!(
        fact(&observation, "zone_problems[0].detail"),
        "192.0.2.10 at ns1.drift.test (127.31.0.2); 192.0.2.66 at ns2.drift.test (127.31.1.2)"
    );
    assert_eq!(problems(&look(&tree, "serial.test").await, "zone_problems"), ["serial_differs serial.test"]);
}

#[tokio::test]
async fn unusual_times_and_a_hidden_primary_are_told() {
    let tree = Tree::start();
    let expected = [
        "expire_out_of_range timers.test",
        "minimum_out_of_range timers.test",
        "primary_not_a_server timers.test",
        "refresh_out_of_range timers.test",
        "retry_out_of_range timers.test",
    ];
    assert_eq!(problems(&look(&tree, "timers.test").await, "zone_problems"), expected);
}

#[tokio::test]
async fn wildcards_are_seen_also_through_an_alias() {
    let tree = Tree::start();
    assert_eq!(fact(&look(&tree, "wild.test").await, "wildcard"), "true");
    let alias = look(&tree, "wildalias.test").await;
    assert_eq!(fact(&alias, "wildcard"), "true");
    assert_eq!(dangling(&alias), ["*.wildalias.test cname gone.abandoned.test abandoned.test true"]);
}

#[tokio::test]
async fn names_that_point_to_nothing_are_told_and_who_could_take_them() {
    let tree = Tree::start();
    let observation = look(&tree, "dangling.test").await;
    assert_eq!(
        dangling(&observation),
        [
            "dangling.test mx blog.good.test  false",
            "dangling.test mx mail.abandoned-too.test abandoned-too.test true",
            "dangling.test ns ns2.abandoned.test abandoned.test true",
            "old.dangling.test cname missing.dangling.test  false",
            "shop.dangling.test cname negozio.abandoned.test abandoned.test true",
            "test.dangling.test cname host.missing-suffix  false",
            "www.dangling.test cname sito-comune.azurewebsites.net Azure App Service true",
        ]
    );
    assert_eq!(second(&observation), "no_address");
}

#[tokio::test]
async fn name_servers_that_nobody_holds_are_told_where_they_are_the_only_ones() {
    let tree = Tree::start();
    let expected = |name: &str| [format!("{name} ns ns1.abandoned.test abandoned.test true")];
    assert_eq!(dangling(&look(&tree, "lost.test").await), expected("lost.test"));
    assert_eq!(dangling(&look(&tree, "handing.test").await), expected("dev.handing.test"));
}

#[tokio::test]
async fn a_tree_of_names_that_is_led_elsewhere_is_no_list_of_dead_aliases() {
    let tree = Tree::start();
    let observation = look(&tree, "old.moved.test").await;
    assert_eq!(dangling(&observation), [""; 0]);
    assert_eq!(fact(&observation, "wildcard"), "false");
}

fn dangling(observation: &Observation) -> Vec<String> {
    let Some(Value::List(list)) = observation.facts.get("dangling") else {
        return vec![fact(observation, "dangling")];
    };
    let of = |position: usize| {
        let parts = ["name", "kind", "target", "service", "takeover"];
        parts.map(|part| fact(observation, &format!("dangling[{position}].{part}"))).join(" ")
    };
    (0..list.items().len()).map(of).collect()
}

#[tokio::test]
async fn who_may_issue_certificates_is_found_at_the_name_or_above() {
    let tree = Tree::start();
    for (domain, found_at, issuance, issuers) in [
        ("rules.test", "rules.test", "listed", "authority.example"),
        ("sub.rules.test", "rules.test", "listed", "authority.example"),
        ("nobody.rules.test", "nobody.rules.test", "nobody", ""),
        ("broken.rules.test", "broken.rules.test", "nobody", ""),
        ("good.test", "", "anybody", ""),
    ] {
        let observation = look(&tree, domain).await;
        let told = ["caa_found_at", "issuance", "issuers"].map(|path| fact(&observation, path));
        assert_eq!(told, [found_at, issuance, issuers], "{domain}");
    }
    let observation = look(&tree, "rules.test").await;
    assert_eq!(fact(&observation, "wildcard_issuance"), "nobody");
    assert_eq!(fact(&observation, "issue_reports"), "mailto:dns@rules.test");
    let broken = look(&tree, "broken.rules.test").await;
    assert_eq!(
        problems(&broken, "zone_problems"),
        ["caa_critical_unknown broken.rules.test CAA", "caa_malformed broken.rules.test CAA"]
    );
}

#[tokio::test]
async fn reverse_names_are_told_and_whether_they_lead_back() {
    let tree = Tree::start();
    let observation = look(&tree, "good.test").await;
    for (path, expected) in [
        ("ptr[0].host", "good.test"),
        ("ptr[0].names", "www.good.test"),
        ("ptr[0].confirmed", "true"),
        ("ptr[1].host", "ns1.good.test"),
        ("ptr[1].confirmed", "true"),
        ("ptr[2].names", "elsewhere.good.test"),
        ("ptr[2].confirmed", "false"),
    ] {
        assert_eq!(fact(&observation, path), expected, "{path}");
    }
}

#[tokio::test]
async fn transfers_and_recursion_for_strangers_are_told_with_permission() {
    let tree = Tree::start();
    let active = || {
        let mut context = context(&tree);
        context.active = true;
        context
    };
    let transfer = look_with("transfer.test", active()).await;
    assert_eq!(fact(&transfer, "name_servers[0].servers[0].zone_transfer"), "false");
    assert_eq!(fact(&transfer, "name_servers[0].servers[0].recursion"), "false");
    assert_eq!(fact(&transfer, "name_servers[0].problems"), "");
    assert_eq!(second(&transfer), "open_transfer");
    let open = look_with("open.test", active()).await;
    assert_eq!(second(&open), "lame open_recursion refused");
}

#[tokio::test]
async fn aliases_in_wrong_places_are_told() {
    let tree = Tree::start();
    assert_eq!(
        problems(&look(&tree, "loop.test").await, "zone_problems"),
        ["alias_loop old.loop.test", "alias_loop www.loop.test"]
    );
    assert!(fact(&look(&tree, "alias.test").await, "name_servers[0].problems").contains("is_alias"));
}

#[tokio::test]
async fn a_name_server_that_is_an_alias_is_told() {
    let tree = Tree::start();
    assert!(fact(&look(&tree, "alias.test").await, "name_servers[0].problems").contains("is_alias"));
}

#[tokio::test]
async fn a_host_that_may_ask_its_resolver_alone_calls_no_server_dead() {
    let tree = Tree::start();
    let resolver = std::net::SocketAddr::new(tree::OPEN_RESOLVER.parse().expect("an address"), tree.port);
    let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, Duration::from_secs(15));
    context.resolver = Some(resolver);
    let closed = std::net::UdpSocket::bind(("127.31.0.9", 0)).and_then(|socket| socket.local_addr());
    context.dns_port = closed.expect("a port where nobody listens").port();
    let observation = look_with("good.test", context.clone()).await;
    for (path, expected) in [
        ("a", "192.0.2.10"),
        ("zone", "good.test"),
        ("name_servers[0].name", "ns1.good.test"),
        ("name_servers[0].problems", "unknown: closed"),
        ("name_servers[0].in_parent", "unknown: closed"),
        ("name_servers[0].servers[0].udp", "unknown: closed"),
        ("name_server_networks", "unknown: closed"),
        ("delegation_problems", "unknown: closed"),
        ("zone_problems", "unknown: closed"),
        ("wildcard", "false"),
    ] {
        assert_eq!(fact(&observation, path), expected, "{path}");
    }
    // The same resolver on a host that may ask name servers too.
    context.dns_port = tree.port;
    context.dns = vedetta_probes::dns::lookup::SharedDns::default();
    let observation = look_with("good.test", context).await;
    assert_eq!(fact(&observation, "name_servers[0].problems"), "");
    assert_eq!(fact(&observation, "name_servers[0].in_parent"), "true");
    assert_eq!(problems(&observation, "delegation_problems"), [""; 0]);
}
