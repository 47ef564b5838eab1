//! What the probes see of this very host, beside the tools that people use.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::program::printed;

/// How often two lists are compared while other programs open and close sockets between the looks.
const ATTEMPTS_MAX: usize = 50;

fn observation(agent: &Agent, probe: &str) -> Value {
    agent.ask(&["probe", probe]).with_code(0).json()
}

fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {record}"))
}

#[test]
fn probe_packages_names_exactly_the_packages_of_apt_list_upgradable() {
    // `name/suites candidate architecture [upgradable from: installed]`
    let of_apt: BTreeSet<String> = printed(Command::new("apt").args(["list", "--upgradable"]).env("LC_ALL", "C"))
        .lines()
        .filter(|line| line.contains("[upgradable from: "))
        .map(|line| {
            let words: Vec<&str> = line.split([' ', '/']).collect();
            format!("{} {} {}", words[0], words[2], words.last().unwrap().trim_end_matches(']'))
        })
        .collect();
    let seen = observation(&Agent::new(""), "packages");
    let pending = &seen["observation"]["pending"];
    // On a host without lists apt offers nothing, and the probe says why it cannot know.
    assert!(pending.is_array() || (pending.is_null() && of_apt.is_empty()), "{seen}");
    let pending = pending.as_array().cloned().unwrap_or_default();
    let line = |package: &Value| {
        format!("{} {} {}", text(package, "name"), text(package, "candidate"), text(package, "installed"))
    };
    assert_eq!(pending.iter().map(line).collect::<BTreeSet<_>>(), of_apt);
}

#[test]
fn probe_services_names_exactly_the_sockets_of_ss() {
    let agent = Agent::new("");
    let steady = (0..ATTEMPTS_MAX).find_map(|_| {
        let (before, seen, after) = (sockets_of_ss(), observation(&agent, "services"), sockets_of_ss());
        (before == after).then_some((before, seen))
    });
    let (of_ss, seen) = steady.expect("a moment in which no other program opens or closes a socket");
    let mut sockets: Vec<String> =
        seen["observation"]["sockets"].as_array().unwrap().iter().map(as_ss_writes).collect();
    sockets.sort();
    assert_eq!(sockets, of_ss);
}

fn sockets_of_ss() -> Vec<String> {
    let words = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        format!("{} {}", words[0], words[4])
    };
    let mut sockets: Vec<String> = printed(Command::new("ss").arg("-tulnH")).lines().map(words).collect();
    sockets.sort();
    sockets
}

/// `*` stands for IPv6 that also answers IPv4.
fn as_ss_writes(socket: &Value) -> String {
    let address = match text(socket, "address") {
        "::" if socket["only_ipv6"] != true => "*".to_owned(),
        address if address.contains(':') => format!("[{address}]"),
        address => address.to_owned(),
    };
    let interface = socket["interfaces"][0].as_str().map_or(String::new(), |name| format!("%{name}"));
    format!("{} {address}{interface}:{}", text(socket, "protocol"), socket["port"])
}
