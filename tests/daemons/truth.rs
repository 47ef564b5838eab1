//! What is true of the daemons, and what the probe says of them.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::program::printed;

/// Looks at most, while a daemon answers too late.
const LOOKS_MAX: usize = 4;

/// What a daemon does with a stranger, as its own client was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// It serves one.
    Served,
    /// It wants to know who asks.
    TurnedAway,
    /// No client can tell, or it serves everybody by its purpose.
    Untold,
}

impl Stranger {
    /// From what a client printed: one of these texts tells. Neither, or both, is a broken test.
    #[track_caller]
    pub(crate) fn told(printed: &str, served: &str, turned_away: &str) -> Self {
        match (printed.contains(served), printed.contains(turned_away)) {
            (true, false) => Self::Served,
            (false, true) => Self::TurnedAway,
            _ => panic!("neither `{served}` nor `{turned_away}` alone in: {printed}"),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Served => "open",
            Self::TurnedAway => "required",
            Self::Untold => "not_tested",
        }
    }
}

/// What the probe must say of one port.
#[derive(Debug)]
pub(crate) struct Expected {
    /// `redis`.
    name: &'static str,
    /// `6379/tcp`.
    port: &'static str,
    /// What the daemon was set up to do.
    meant: Stranger,
    /// What its own client was told.
    proved: Stranger,
}

/// What the probe must say of a port: what the daemon was set up to do, which its own client has to have proved.
pub(crate) fn expect(name: &'static str, port: &'static str, meant: Stranger, proved: Stranger) -> Expected {
    Expected { name, port, meant, proved }
}

/// Looks, and holds what is seen against `ss` and against what is expected of the daemons.
pub(crate) fn compare(expected: &[Expected]) {
    let (truth, said) = unhurried(expected);
    let sockets = said["sockets"].as_array().unwrap();
    let seen: BTreeSet<String> = sockets.iter().map(line_of_probe).collect();
    assert_eq!(seen, truth, "left: the probe, right: ss");
    let mut wrong = Vec::new();
    for expected in expected {
        assert_eq!(expected.meant, expected.proved, "{}: set up otherwise than its client found it", expected.port);
        let services = said["services"].as_array().unwrap().iter();
        let at_port: Vec<&Value> = services.filter(|service| port(service) == expected.port).collect();
        let is_right = |service: &&Value| {
            let is_told = service["authentication"] == "not_tested" || service["asked_at"] != "";
            service["name"] == expected.name && service["authentication"] == expected.meant.word() && is_told
        };
        let is_named = sockets
            .iter()
            .filter(|socket| port(socket) == expected.port)
            .all(|socket| socket["service"] == expected.name);
        if at_port.is_empty() || !at_port.iter().all(is_right) || !is_named {
            wrong.push(format!("{expected:?}, and the probe says: {at_port:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `ss` says, then the probe: once more when a daemon of a busy machine did not answer in the probe's time.
fn unhurried(expected: &[Expected]) -> (BTreeSet<String>, Value) {
    let is_late = |service: &Value| {
        service["reason"] == "timeout" && expected.iter().any(|expected| port(service) == expected.port)
    };
    // First ss, since a daemon may start others when it is asked.
    let mut told = (ss(), look());
    for _ in 1..LOOKS_MAX {
        if !told.1["services"].as_array().unwrap().iter().any(is_late) {
            break;
        }
        told = (ss(), look());
    }
    told
}

/// What the probe says now.
pub(crate) fn look() -> Value {
    let started = Instant::now();
    let mut said = Agent::new("").ask(&["probe", "services", "--format", "json"]).with_code(0).json();
    let observation = said["observation"].take();
    assert!(observation.is_object(), "{said}, after {:?}", started.elapsed());
    observation
}

/// `6379/tcp` of a socket or a service.
pub(crate) fn port(value: &Value) -> String {
    format!("{}/{}", value["port"], value["protocol"].as_str().unwrap())
}

/// Protocol, address, port and holders as the probe tells them.
fn line_of_probe(socket: &Value) -> String {
    let owners = socket["owners"].as_array().unwrap_or_else(|| panic!("no owners in {socket}"));
    let pids: BTreeSet<i64> = owners.iter().map(|owner| owner["pid"].as_i64().unwrap()).collect();
    let address = match (socket["address"].as_str().unwrap(), &socket["v6only"]) {
        // ss shows a socket for both families so.
        ("::", Value::Bool(false)) => "*",
        (address, _) => address,
    };
    let interface = socket["interfaces"][0].as_str().map(|name| format!("%{name}")).unwrap_or_default();
    format!("{} {address}{interface} {} {pids:?}", socket["protocol"].as_str().unwrap(), socket["port"])
}

/// The same by `ss`.
fn ss() -> BTreeSet<String> {
    let printed = printed(Command::new("ss").args(["-H", "-t", "-u", "-l", "-p", "-n"]));
    printed.lines().map(line_of_ss).collect()
}

/// Reads `udp UNCONN 0 0 0.0.0.0:69 0.0.0.0:* users:(("in.tftpd",pid=16,fd=3))`.
fn line_of_ss(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = words[4].rsplit_once(':').unwrap();
    let address = address.replace(['[', ']'], "");
    let pid = |part: &str| part.split(|letter: char| !letter.is_ascii_digit()).next().unwrap().parse::<i64>().unwrap();
    let pids: BTreeSet<i64> = line.split("pid=").skip(1).map(pid).collect();
    format!("{} {address} {port} {pids:?}", words[0])
}
