//! Drift: the ports that wait for others beside those that the organisation declares for the host.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::{DeclaredPortsFacts, ListeningSocket};
use super::{HOST, known};
use crate::files::Root;
use crate::host_declared::DeclaredPort;

/// The ports that the kernel hands to programs that ask for any, ip(7).
const CLIENT_PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// Most bytes of that file.
const CLIENT_PORTS_BYTES_MAX: u64 = 128;
/// Kinds of services whose programs are clients as well: a name server asks others, a clock too.
const CLIENT_KINDS: &[&str] = &["other", "name_service", "time"];
/// The same of single services: a log is sent on.
const CLIENT_SERVICES: &[&str] = &["syslog"];

/// The ports that the kernel hands to clients; none when it does not tell.
pub(super) fn client_ports(root: &Root) -> Option<RangeInclusive<i64>> {
    let text = root.read_text(CLIENT_PORTS, CLIENT_PORTS_BYTES_MAX).ok()?;
    let mut numbers = text.split_ascii_whitespace().map_while(|number| number.parse().ok());
    Some(numbers.next()?..=numbers.next()?)
}

/// Compares the sockets that others can find with the declared ports. A socket on the loopback waits for nobody else, and
/// one in a container is reached by a port of the host.
///
/// The kernel does not tell whether a UDP socket was bound to serve or got its port in order to ask somebody. Out of the
/// range that it hands out (`client_ports`), most are of clients, come and go, and would make drift of every look; so they
/// stand apart.
pub(super) fn facts(
    sockets: &[ListeningSocket],
    declared: Option<&[DeclaredPort]>,
    client_ports: Option<&RangeInclusive<i64>>,
) -> DeclaredPortsFacts {
    let Some(declared) = declared else {
        let unknown = || Fact::unknown(Reason::NOT_DECLARED, "the configuration declares no ports of this host");
        return DeclaredPortsFacts {
            is_declared: false,
            unexpected: unknown(),
            temporary: unknown(),
            missing: unknown(),
        };
    };
    let waiting = sockets.iter().filter(|socket| socket.namespace == HOST && socket.scope != "loopback");
    let mut found: BTreeMap<(i64, &str), &ListeningSocket> = BTreeMap::new();
    let is_temporary = |socket: &ListeningSocket| {
        client_ports.is_some_and(|range| range.contains(&socket.port) && is_of_client(socket))
    };
    for socket in waiting {
        // Of several sockets at one port, one that serves counts.
        let first = found.entry((socket.port, socket.protocol.as_str())).or_insert(socket);
        if is_temporary(first) {
            *first = socket;
        }
    }
    let wanted: BTreeMap<(i64, &str), ()> = declared.iter().map(|port| (key(*port), ())).collect();
    let undeclared = found.iter().filter(|(key, _)| !wanted.contains_key(*key));
    let (temporary, unexpected): (Vec<_>, Vec<_>) = undeclared.partition(|(_, socket)| is_temporary(socket));
    let names = |found: Vec<(&(i64, &str), &&ListeningSocket)>| {
        found.into_iter().map(|((port, protocol), socket)| named(*port, protocol, socket)).collect()
    };
    let missing = wanted.keys().filter(|key| !found.contains_key(*key));
    DeclaredPortsFacts {
        is_declared: true,
        unexpected: Fact::Known(names(unexpected)),
        temporary: Fact::Known(names(temporary)),
        missing: Fact::Known(missing.map(|(port, protocol)| format!("{port}/{protocol}")).collect()),
    }
}

/// Whether a UDP socket may as well be that of a client. One that no process holds is of the kernel itself, which serves by
/// it (a tunnel).
fn is_of_client(socket: &ListeningSocket) -> bool {
    let port = u16::try_from(socket.port).unwrap_or_default();
    let has_usual_port = known::find(std::iter::empty(), &socket.protocol, port).name != "other";
    let is_of_kernel = socket.owners.known().is_some_and(Vec::is_empty);
    let asks_others =
        CLIENT_KINDS.contains(&socket.kind.as_str()) || CLIENT_SERVICES.contains(&socket.service.as_str());
    socket.protocol == "udp" && !has_usual_port && !is_of_kernel && asks_others
}

fn key(port: DeclaredPort) -> (i64, &'static str) {
    (i64::from(port.port), if port.is_udp { "udp" } else { "tcp" })
}

/// `8080/tcp redis-server`: the port and the program, by its owner or else by the usual service.
fn named(port: i64, protocol: &str, socket: &ListeningSocket) -> String {
    let owner = socket.owners.known().and_then(|owners| owners.first());
    let program = owner.and_then(|owner| owner.executable.rsplit(['/', '\\']).next());
    let program = program.unwrap_or_else(|| if socket.service == "other" { "" } else { &socket.service });
    format!("{port}/{protocol} {program}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::facts::SocketOwner;
    use super::*;

    fn socket(protocol: &str, port: i64, scope: &str, namespace: &str) -> ListeningSocket {
        ListeningSocket {
            protocol: protocol.to_owned(),
            address: "0.0.0.0".to_owned(),
            port,
            scope: scope.to_owned(),
            v6only: false,
            interfaces: Vec::new(),
            namespace: namespace.to_owned(),
            service: "redis".to_owned(),
            kind: "database".to_owned(),
            owners: Fact::unknown(Reason::NEEDS_PRIVILEGE, ""),
            filtered: Fact::Known(false),
            exposed: Fact::Known(true),
        }
    }

    #[test]
    fn drift_is_what_waits_undeclared_and_what_is_declared_and_does_not_wait() {
        let sockets = [
            socket("tcp", 22, "any", HOST),
            socket("tcp", 6379, "address", HOST),
            socket("tcp", 6379, "any", HOST),
            socket("tcp", 5432, "loopback", HOST),
            socket("tcp", 8080, "any", "container-1"),
            socket("udp", 22, "any", HOST),
        ];
        let declared = [(22, false), (443, false), (5432, false)].map(|(port, is_udp)| DeclaredPort { port, is_udp });
        let facts = facts(&sockets, Some(&declared), None);
        assert_eq!(facts.unexpected, Fact::Known(vec!["22/udp redis".to_owned(), "6379/tcp redis".to_owned()]));
        assert_eq!(facts.missing, Fact::Known(vec!["443/tcp".to_owned(), "5432/tcp".to_owned()]));
    }

    #[test]
    fn a_udp_port_that_the_kernel_hands_out_is_not_called_drift_unless_its_program_serves() {
        let of = |port: i64, service: &str, kind: &str, owners: Fact<Vec<SocketOwner>>| ListeningSocket {
            service: service.to_owned(),
            kind: kind.to_owned(),
            owners,
            ..socket("udp", port, "any", HOST)
        };
        let held_by = |path: &str| {
            let package = Fact::unknown(Reason::NOT_FOUND, "");
            Fact::Known(vec![SocketOwner { pid: 7, executable: path.to_owned(), package }])
        };
        let sockets = [
            of(40_001, "other", "other", held_by("/usr/bin/firefox")),
            of(40_002, "mdns", "name_service", held_by("/usr/sbin/avahi-daemon")),
            of(40_003, "snmp", "management", held_by("/usr/sbin/snmpd")),
            of(40_004, "other", "other", Fact::Known(Vec::new())),
            of(40_005, "other", "other", Fact::unknown(Reason::NEEDS_PRIVILEGE, "")),
            of(40_006, "other", "other", held_by("/usr/bin/declared")),
            of(1_234, "other", "other", held_by("/opt/server")),
            ListeningSocket { protocol: "tcp".to_owned(), ..of(40_007, "other", "other", held_by("/opt/server")) },
            of(40_008, "other", "other", held_by("/usr/bin/client")),
            of(40_008, "snmp", "management", held_by("/usr/sbin/snmpd")),
        ];
        let declared = [DeclaredPort { port: 40_006, is_udp: true }];
        let facts = facts(&sockets, Some(&declared), Some(&(32_768..=60_999)));
        let listed = |fact: Fact<Vec<String>>| fact.known().expect("known").join(", ");
        assert_eq!(listed(facts.temporary), "40001/udp firefox, 40002/udp avahi-daemon, 40005/udp");
        let unexpected = "1234/udp server, 40003/udp snmpd, 40004/udp, 40007/tcp server, 40008/udp snmpd";
        assert_eq!((listed(facts.unexpected).as_str(), listed(facts.missing).as_str()), (unexpected, ""));
    }

    #[test]
    fn without_a_declaration_drift_is_unknown() {
        let facts = facts(&[socket("tcp", 22, "any", HOST)], None, None);
        assert!(!facts.is_declared);
        for fact in [facts.unexpected, facts.temporary, facts.missing] {
            assert!(matches!(fact, Fact::Unknown(unknown) if unknown.reason == Reason::NOT_DECLARED));
        }
    }
}
