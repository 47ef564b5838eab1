//! Rule sets that real tools made, and what becomes of packets at them. `cases/` holds the output of `iptables-save` and
//! `ip6tables-save` under ufw 0.36, of `nft -j list ruleset` under firewalld 1.3, and of a table with one rule of each form.

use std::net::IpAddr;

use serde_json::Value as Json;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::kernel::KernelChain;
use super::rules::{Condition, Family, Ruleset};
use super::view::{Door, View};
use super::{Translations, iptables, nft};
use crate::files::Root;
use crate::services::interfaces::Interfaces;
use crate::services::published::SentOn;

const UFW_IPV4: &str = include_str!("cases/ufw_ip.rules");
const UFW_IPV6: &str = include_str!("cases/ufw_ip6.rules");
const FIREWALLD: &str = include_str!("cases/firewalld.json");
const EVERYTHING: &str = include_str!("cases/everything.json");

/// The rules of `iptables-save` of one family.
fn of_iptables(family: Family, text: &str) -> Ruleset {
    let mut ruleset = Ruleset::default();
    ruleset.add_older(family, iptables::parse(text, family));
    ruleset
}

/// The rules of nftables, with the chains that the same output says are called for incoming packets.
fn of_nft(text: &str) -> Ruleset {
    let json: Json = serde_json::from_str(text).expect("JSON");
    let text_of = |chain: &Json, field: &str| chain[field].as_str().unwrap_or_default().to_owned();
    let mut chains: Vec<KernelChain> = json["nftables"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item.get("chain"))
        .filter(|chain| chain["type"] == "filter" && (chain["hook"] == "input" || chain["hook"] == "prerouting"))
        .map(|chain| KernelChain {
            family: match chain["family"].as_str() {
                Some("ip") => "ip",
                Some("ip6") => "ip6",
                _ => "inet",
            },
            table: text_of(chain, "table"),
            name: text_of(chain, "name"),
            hook: u32::from(chain["hook"] == "input"),
            priority: chain["prio"].as_i64().and_then(|priority| i32::try_from(priority).ok()).expect("a priority"),
            drops_by_policy: chain["policy"] == "drop",
            rule_count: 1,
        })
        .collect();
    chains.sort_by_key(|chain| (chain.hook, chain.priority));
    let mut ruleset = Ruleset::default();
    ruleset.add_nft(nft::parse(text).expect("rules"), &chains.iter().collect::<Vec<_>>());
    ruleset
}

/// A small table of nftables with these rules in its one chain, which drops what they leave.
fn of_rules(rules: &[&str]) -> Ruleset {
    let rules: Vec<String> = rules
        .iter()
        .map(|rule| format!(r#",{{"rule":{{"family":"inet","table":"t","chain":"in","expr":[{rule}]}}}}"#))
        .collect();
    of_nft(&format!(
        r#"{{"nftables":[{{"chain":{{"family":"inet","table":"t","name":"in","type":"filter","hook":"input","prio":0,"policy":"drop"}}}},
        {{"chain":{{"family":"inet","table":"t","name":"own"}}}}{}]}}"#,
        rules.concat()
    ))
}

/// `tcp 0.0.0.0 22`, of an interface when one follows.
fn door(text: &str) -> Door<'_> {
    let words: Vec<&str> = text.split(' ').collect();
    let [protocol, address, port, interface @ ..] = words.as_slice() else { panic!("{text}") };
    Door {
        is_udp: *protocol == "udp",
        address: address.parse::<IpAddr>().expect("an address"),
        port: port.parse().expect("a port"),
        only_ipv6: false,
        interface: interface.first().copied(),
    }
}

fn interfaces() -> Interfaces {
    Interfaces::of(&["eth0", "eth1"], &["192.0.2.1", "2001:db8::1", "fe80::1"])
}

#[track_caller]
fn assert_filtered(rules: &Ruleset, expected: &[(&str, bool)]) {
    let interfaces = interfaces();
    let view = View::new(Ok(rules), &interfaces);
    for (socket, filtered) in expected {
        assert_eq!(view.filtered(&door(socket)), Fact::Known(*filtered), "{socket}");
    }
}

#[test]
fn what_ufw_lets_in_is_open_and_the_rest_filtered() {
    assert_filtered(
        &of_iptables(Family::V4, UFW_IPV4),
        &[
            ("tcp 0.0.0.0 22", false),
            ("udp 0.0.0.0 22", true),
            ("tcp 0.0.0.0 80", true),
            // limited, not closed
            ("tcp 0.0.0.0 2222", false),
            // for some sources only
            ("tcp 0.0.0.0 5432", true),
            ("tcp 0.0.0.0 23", true),
            ("tcp 0.0.0.0 113", true),
            ("tcp 0.0.0.0 8080", false),
            ("tcp 0.0.0.0 8080 eth1", true),
            ("udp 0.0.0.0 5005", false),
            ("udp 0.0.0.0 5011", true),
            // whoever sends from port 67
            ("udp 0.0.0.0 68", false),
            // for the group of the network, not for this host alone
            ("udp 0.0.0.0 5353", true),
            ("tcp 192.0.2.1 22", false),
        ],
    );
    assert_filtered(
        &of_iptables(Family::V6, UFW_IPV6),
        &[
            ("tcp 2001:db8::1 22", false),
            // Its chain for limits has no rule that lets in: this ufw wrote none for IPv6.
            ("tcp 2001:db8::1 2222", true),
            ("tcp 2001:db8::1 5432", true),
            ("tcp 2001:db8::1 80", true),
            ("udp fe80::1 546", true),
        ],
    );
}

#[test]
fn a_socket_of_both_families_is_filtered_only_when_it_is_in_both() {
    let mut rules = of_iptables(Family::V4, UFW_IPV4);
    // Rules for IPv4 alone, the usual oversight.
    assert_filtered(&rules, &[("tcp :: 80", false), ("tcp 0.0.0.0 80", true)]);
    rules.add_older(Family::V6, iptables::parse(UFW_IPV6, Family::V6));
    assert_filtered(&rules, &[("tcp :: 80", true), ("tcp :: 22", false)]);
}

#[test]
fn zones_of_firewalld_come_out_right() {
    assert_filtered(
        &of_nft(FIREWALLD),
        &[
            ("tcp 0.0.0.0 22", false),
            ("tcp :: 22", false),
            ("tcp 0.0.0.0 8080", false),
            ("tcp 0.0.0.0 80", false),
            ("tcp 0.0.0.0 443", true),
            ("tcp :: 443", true),
            ("udp 0.0.0.0 22", true),
            ("tcp 0.0.0.0 5432", true),
            ("tcp 0.0.0.0 9999", true),
            ("udp fe80::1 546", false),
            ("udp 2001:db8::1 546", true),
        ],
    );
}

#[test]
fn what_happens_to_a_packet_that_no_rule_names_is_found_by_one() {
    let interfaces = interfaces();
    for (name, rules, expected) in [
        ("ufw", of_iptables(Family::V4, UFW_IPV4), "accept"), // IPv6 is not filtered at all
        ("firewalld", of_nft(FIREWALLD), "drop"),
        ("none", Ruleset::default(), "accept"),
    ] {
        assert_eq!(View::new(Ok(&rules), &interfaces).default_incoming(), Fact::Known(expected.to_owned()), "{name}");
    }
}

#[test]
fn every_form_of_a_condition_is_understood_but_that_of_the_hour() {
    let mut unread = Vec::new();
    of_nft(EVERYTHING).each_condition(&mut |condition| {
        if let Condition::Unread(words) = condition {
            unread.push(words.clone());
        }
    });
    assert_eq!(unread.len(), 1, "{unread:?}");
    assert!(unread[0].contains("time"), "{unread:?}");
}

/// The cases of a file: rules, socket, whether it is filtered.
fn cases(text: &str) -> Vec<(Vec<&str>, &str, bool)> {
    let mut cases: Vec<(Vec<&str>, &str, bool)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("@ ") {
            Some(case) => {
                let (socket, word) = case.rsplit_once(' ').expect("a socket and a word");
                assert!(["filtered", "open"].contains(&word), "{line}");
                cases.push((Vec::new(), socket, word == "filtered"));
            }
            None => cases.last_mut().expect("a case").0.push(line),
        }
    }
    assert!(cases.len() > 20);
    cases
}

#[test]
fn each_form_of_a_rule_of_nftables_decides_as_the_kernel_does() {
    for (rules, socket, filtered) in cases(include_str!("cases/nft.txt")) {
        let interfaces = interfaces();
        let rules_read = of_rules(&rules);
        let view = View::new(Ok(&rules_read), &interfaces);
        assert_eq!(view.filtered(&door(socket)), Fact::Known(filtered), "{socket} {rules:#?}");
    }
}

#[test]
fn each_form_of_a_rule_of_iptables_decides_as_the_kernel_does() {
    for (rules, socket, filtered) in cases(include_str!("cases/iptables.txt")) {
        let rules = rules.join("\n");
        let text = format!("*filter\n:INPUT DROP [0:0]\n:own - [0:0]\n{rules}\n-A own -j ACCEPT\nCOMMIT\n");
        let rules_read = of_iptables(Family::V4, &text);
        let interfaces = interfaces();
        let view = View::new(Ok(&rules_read), &interfaces);
        assert_eq!(view.filtered(&door(socket)), Fact::Known(filtered), "{socket} {rules}");
    }
}

#[test]
fn a_rule_that_is_not_understood_and_could_decide_makes_the_answer_unknown() {
    let cases = [
        of_rules(&[r#"{"xt":{"type":"match","name":"string"}},{"accept":null}"#]),
        of_rules(&[
            r#"{"match":{"op":"==","left":{"meta":{"key":"time"}},"right":1}},{"drop":null}"#,
            r#"{"accept":null}"#,
        ]),
        of_rules(&[r#"{"queue":null}"#, r#"{"accept":null}"#]),
        of_rules(&[r#"{"jump":{"target":"nowhere"}}"#, r#"{"accept":null}"#]),
        of_rules(&[
            r#"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"0.0.0.0","len":1}}}},{"accept":null}"#,
        ]),
        of_rules(&[
            r#"{"mangle":{"key":{"meta":{"key":"mark"}},"value":1}}"#,
            r#"{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"accept":null}"#,
        ]),
        of_rules(&[r#"{"limit":"named"},{"accept":null}"#]),
        of_rules(&[r#"{"xt":{"type":"target","name":"NFQUEUE"}}"#]),
        of_rules(&[
            r#"{"match":{"op":">=","left":{"payload":{"protocol":"ether","field":"saddr"}},"right":"02:00:00:00:00:00"}},{"accept":null}"#,
        ]),
        of_iptables(
            Family::V4,
            "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -j CT --notrack\n\
            -A PREROUTING -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n",
        ),
        of_rules(&[
            r#"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":22}},{"notrack":null}"#,
            r#"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":"untracked"}},{"accept":null}"#,
        ]),
        of_iptables(
            Family::V4,
            "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --notrack\nCOMMIT\n\
            *filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\nCOMMIT\n",
        ),
        of_iptables(
            Family::V4,
            "*filter\n:INPUT DROP [0:0]\n-A INPUT -m addrtype --dst-type LOCAL --limit-iface-in -j ACCEPT\nCOMMIT\n",
        ),
        of_iptables(
            Family::V4,
            "*filter\n:INPUT DROP [0:0]\n-A INPUT -m string --string x --algo bm -j ACCEPT\nCOMMIT\n",
        ),
        of_iptables(Family::V4, "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m unheard --of 1 -j DROP\nCOMMIT\n"),
        of_iptables(
            Family::V4,
            "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m set --match-set banned src -j DROP\nCOMMIT\n",
        ),
        of_iptables(
            Family::V4,
            "*filter\n:INPUT DROP [0:0]\n-A INPUT -m set ! --match-set allowed src -j ACCEPT\nCOMMIT\n",
        ),
        of_iptables(Family::V4, "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j NFQUEUE --queue-num 0\nCOMMIT\n"),
    ];
    for rules in cases {
        let interfaces = interfaces();
        let filtered = View::new(Ok(&rules), &interfaces).filtered(&door("tcp 0.0.0.0 22"));
        let Fact::Unknown(unknown) = filtered else { panic!("{filtered:?} {rules:#?}") };
        assert!(unknown.reason == Reason::UNREADABLE && unknown.detail.len() > 50, "{unknown:?}");
    }
}

#[test]
fn before_connections_are_tracked_no_packet_is_new() {
    let text = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate NEW -j ACCEPT\n\
        -A PREROUTING -m conntrack --ctstate INVALID -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n";
    assert_filtered(&of_iptables(Family::V4, text), &[("tcp 0.0.0.0 22", true), ("tcp 0.0.0.0 80", false)]);
    let raw = r#"{"chain":{"family":"inet","table":"t","name":"in","type":"filter","hook":"prerouting","prio":-300,"policy":"accept"}}"#;
    let rule = r#"{"match":{"op":"==","left":{"ct":{"key":"mark"}},"right":0}},{"drop":null}"#;
    let rule = format!(r#"{{"rule":{{"family":"inet","table":"t","chain":"in","expr":[{rule}]}}}}"#);
    assert_filtered(&of_nft(&format!(r#"{{"nftables":[{raw},{rule}]}}"#)), &[("tcp 0.0.0.0 22", false)]);
    for (module, filtered) in [("connmark", false), ("mark", true)] {
        let text = format!("*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m {module} --mark 0x0 -j DROP\nCOMMIT\n");
        assert_filtered(&of_iptables(Family::V4, &text), &[("tcp 0.0.0.0 22", filtered)]);
    }
}

#[test]
fn a_filtered_port_is_told_as_such_only_if_what_is_sent_on_to_it_is_stopped_too() {
    const STATUS_DNAT: &str = r#"{"match":{"op":"in","left":{"ct":{"key":"status"}},"right":"dnat"}},{"accept":null}"#;
    const DROP: &str = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
    let of = |text: &str| of_iptables(Family::V4, text);
    for (name, rules, is_stopped) in [
        ("policy", of(DROP), true),
        ("state", of(&DROP.replace("COMMIT", "-A INPUT -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT")), false),
        ("status", of_rules(&[STATUS_DNAT]), false),
        ("before", of("*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 8080 -j DROP\nCOMMIT\n"), false),
    ] {
        let interfaces = interfaces();
        let view = View::new(Ok(&rules), &interfaces);
        let door = door("tcp 0.0.0.0 8080");
        assert_eq!(view.filtered(&door), Fact::Known(true), "{name}: a packet for the port itself");
        assert_eq!(view.stops_what_is_sent_on(&door), is_stopped, "{name}");
        let root = Root::new("/");
        for (port, is_told) in [("8080", is_stopped), ("8081", true)] {
            let sends_on = format!("-A PREROUTING -p tcp -m tcp --dport 81 -j REDIRECT --to-ports {port}\n");
            let sent_on = SentOn::of(&root, interfaces.addresses().collect(), Translations::of(&sends_on));
            let filtered = sent_on.filtered(Fact::Known(true), &view, &door);
            assert_eq!(filtered.known(), is_told.then_some(&true), "{name}: packets are sent on to {port}");
        }
    }
}

#[test]
fn a_filtered_port_is_not_told_as_such_when_a_proxy_takes_packets_for_other_ports_there() {
    let saved = "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j TPROXY --on-port 8080 \
        --on-ip 0.0.0.0 --tproxy-mark 0x1/0xffffffff\nCOMMIT\n\
        *filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n";
    let of_nft = |port: &str| {
        let dport = r#"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":80}}"#;
        of_rules(&[&format!(r#"{dport},{{"tproxy":{{"family":"ip"{port}}}}},{{"accept":null}}"#)])
    };
    for (name, rules, is_told) in [
        ("iptables", of_iptables(Family::V4, saved), false),
        ("another port", of_iptables(Family::V4, &saved.replace("8080", "8081")), true),
        ("nftables", of_nft(r#","port":8080"#), false),
        ("another port of nftables", of_nft(r#","port":8081"#), true),
        ("its own port", of_nft(""), true),
        ("a map", of_nft(r#","port":{"map":{}}"#), false),
    ] {
        let interfaces = interfaces();
        let filtered = View::new(Ok(&rules), &interfaces).filtered(&door("tcp 0.0.0.0 8080"));
        assert_eq!(filtered.known(), is_told.then_some(&true), "{name}");
    }
}

#[test]
fn rules_that_call_each_other_without_end_have_an_end() {
    let chains: String = (0..40).map(|chain| format!(":c{chain} - [0:0]\n")).collect();
    let rules: String = (0..39).map(|chain| format!("-A c{chain} -j c{0}\n-A c{chain} -j c{0}\n", chain + 1)).collect();
    let text = format!("*filter\n:INPUT DROP [0:0]\n{chains}-A INPUT -j c0\n{rules}-A c39 -j c0\nCOMMIT\n");
    let rules = of_iptables(Family::V4, &text);
    let interfaces = interfaces();
    assert!(View::new(Ok(&rules), &interfaces).filtered(&door("tcp 0.0.0.0 22")).known().is_none());
}
