//! Drift: the ports that wait for others beside those that the organisation declares for the host.

use std::collections::BTreeMap;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::HOST;
use super::facts::{DeclaredPortsFacts, ListeningSocket};
use crate::host_declared::DeclaredPort;

/// Compares the sockets that others can find with the declared ports. A socket on the loopback waits for nobody else, and
/// one in a container is reached by a port of the host.
pub(super) fn facts(sockets: &[ListeningSocket], declared: Option<&[DeclaredPort]>) -> DeclaredPortsFacts {
    let Some(declared) = declared else {
        let unknown = || Fact::unknown(Reason::NOT_DECLARED, "the configuration declares no ports of this host");
        return DeclaredPortsFacts { is_declared: false, unexpected: unknown(), missing: unknown() };
    };
    let waiting = sockets.iter().filter(|socket| socket.namespace == HOST && socket.scope != "loopback");
    let mut found: BTreeMap<(i64, &str), &ListeningSocket> = BTreeMap::new();
    for socket in waiting {
        found.entry((socket.port, socket.protocol.as_str())).or_insert(socket);
    }
    let wanted: BTreeMap<(i64, &str), ()> = declared.iter().map(|port| (key(*port), ())).collect();
    let unexpected = found.iter().filter(|(key, _)| !wanted.contains_key(*key));
    let missing = wanted.keys().filter(|key| !found.contains_key(*key));
    DeclaredPortsFacts {
        is_declared: true,
        unexpected: Fact::Known(unexpected.map(|((port, protocol), socket)| named(*port, protocol, socket)).collect()),
        missing: Fact::Known(missing.map(|(port, protocol)| format!("{port}/{protocol}")).collect()),
    }
}

fn key(port: DeclaredPort) -> (i64, &'static str) {
    (i64::from(port.port), if port.is_udp { "udp" } else { "tcp" })
}

/// `8080/tcp redis-server`: the port and the program, by its owner or else by the usual service.
fn named(port: i64, protocol: &str, socket: &ListeningSocket) -> String {
    let owner = socket.owners.known().and_then(|owners| owners.first());
    let program = owner.and_then(|owner| owner.executable.rsplit('/').next());
    let program = program.unwrap_or_else(|| if socket.service == "other" { "" } else { &socket.service });
    format!("{port}/{protocol} {program}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
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
        let facts = facts(&sockets, Some(&declared));
        assert_eq!(facts.unexpected, Fact::Known(vec!["22/udp redis".to_owned(), "6379/tcp redis".to_owned()]));
        assert_eq!(facts.missing, Fact::Known(vec!["443/tcp".to_owned(), "5432/tcp".to_owned()]));
    }

    #[test]
    fn without_a_declaration_drift_is_unknown() {
        let facts = facts(&[socket("tcp", 22, "any", HOST)], None);
        assert!(!facts.is_declared);
        for fact in [facts.unexpected, facts.missing] {
            assert!(matches!(fact, Fact::Unknown(unknown) if unknown.reason == Reason::NOT_DECLARED));
        }
    }
}
