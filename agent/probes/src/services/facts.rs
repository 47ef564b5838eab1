//! What the services probe can see.

use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// Sockets on which this host waits for others, who can reach them, and what answers there.
    pub struct ServicesFacts {
        /// TCP sockets in state LISTEN, and UDP sockets that are bound and have no peer.
        pub sockets: Vec<ListeningSocket>,
        /// How many of them other hosts can reach; unknown while the packet filter cannot be read.
        pub exposed_count: Fact<i64>,
        /// TCP ports bound beyond loopback in the host's own namespace, as texts: `22,80,8000-8010`; what another agent then
        /// tries from elsewhere.
        pub bound_ports: Vec<String>,
        /// Unix sockets that listen for other programs of this host.
        pub unix: Fact<Vec<UnixSocket>>,
        /// The packet filter that stands before the sockets.
        pub firewall: FirewallFacts,
        /// What answers on the sockets, as asked with one harmless question each.
        pub services: Vec<ServiceFacts>,
        /// The ports that the organisation declares for this host, beside those found.
        pub declared: DeclaredPortsFacts,
        /// In how many network namespaces of containers something listens, beside that of the host.
        pub container_count: Fact<i64>,
    }

    /// One socket on which the host waits.
    pub struct ListeningSocket {
        /// `tcp` or `udp`.
        pub protocol: String,
        /// Bound address: `0.0.0.0`, `127.0.0.1`, `::`.
        pub address: String,
        /// Bound port.
        pub port: i64,
        /// Who can reach it by the bound address: `loopback` (this host only), `address` (one address), `any` (all).
        pub scope: String,
        /// Whether it is an IPv6 socket that does not also answer IPv4. Windows lists what answers both once for each, so there
        /// every socket of IPv6 stands for IPv6 alone.
        pub v6only: bool,
        /// Name of the network interface it is bound to; empty list when it is bound to none.
        pub interfaces: Vec<String>,
        /// `host`, or `container-1`, `container-2` and so on: sockets of containers are reached through the host's ports.
        pub namespace: String,
        /// Usual name of the service by its own words, its program or its port: `postgresql`, `telnet`, `ssh`; `other` when
        /// not known.
        pub service: String,
        /// Kind of the service: `database`, `remote_admin`, `clear_text_login`, `file_sharing`, `printing`, `web`, `mail`,
        /// `name_service`, `directory`, `management`, `time`, `model_server` (of artificial intelligence), `other`.
        pub kind: String,
        /// Processes that hold the socket; none for one of the kernel itself. Unknown when none was seen and not every
        /// process could be looked into.
        pub owners: Fact<Vec<SocketOwner>>,
        /// Whether the packet filter drops or rejects what strangers send there.
        pub filtered: Fact<bool>,
        /// Whether other hosts can reach it: bound beyond loopback, in the host's namespace, and not filtered. One in a
        /// container is unknown where the host sends packets on to it or it stands in the network by itself, else it is not:
        /// then it is reached through a socket of the host, if at all.
        pub exposed: Fact<bool>,
    }

    /// One process that holds a socket.
    pub struct SocketOwner {
        /// Number of the process.
        pub pid: i64,
        /// Path of its executable, home folders as `~`; the name alone for a thread of the kernel. Never its command line
        /// or user.
        pub executable: String,
        /// Installed package that the executable belongs to.
        pub package: Fact<String>,
    }

    /// One Unix socket that listens.
    pub struct UnixSocket {
        /// Path, home folders as `~`; with a leading `@` in the abstract name space.
        pub path: String,
        /// `stream` or `seqpacket`.
        pub kind: String,
        /// Processes that hold the socket.
        pub owners: Fact<Vec<SocketOwner>>,
    }

    /// The packet filter that stands before the sockets.
    pub struct FirewallFacts {
        /// Which one is in force: `nftables`, `ufw`, `firewalld`, `iptables`, `windows`, `none`.
        pub tool: Fact<String>,
        /// Whether rules on incoming packets are in force.
        pub active: Fact<bool>,
        /// What happens to an incoming packet that no rule names: `drop` or `accept`.
        pub default_incoming: Fact<String>,
    }

    /// What answers on one socket.
    pub struct ServiceFacts {
        /// Identified name: `redis`, `postgresql`.
        pub name: String,
        /// Kind, as of the socket.
        pub kind: String,
        /// `tcp` or `udp`.
        pub protocol: String,
        /// Bound address.
        pub address: String,
        /// Bound port.
        pub port: i64,
        /// `open` when it serves whoever asks, `required` when it wants to know who asks, `not_tested` otherwise.
        pub authentication: String,
        /// The harmless question that was put, in a few words: `PING`, `GET /`; empty when none was.
        pub asked: String,
        /// The address from which and to which it was asked; empty when it was not.
        pub asked_at: String,
        /// What it answered, in a few words without secrets or persons; empty when it was not asked.
        pub answer: String,
        /// Why authentication was not tested, as a word; empty when it was.
        pub reason: String,
        /// Version that it names.
        pub version: Fact<String>,
        /// Whether other hosts can reach it.
        pub exposed: Fact<bool>,
    }

    /// The ports that the organisation declares for this host.
    pub struct DeclaredPortsFacts {
        /// Whether anything is declared.
        pub is_declared: bool,
        /// Ports that wait for others and are not declared: `8080/tcp redis-server`; those of `temporary` left out.
        pub unexpected: Fact<Vec<String>>,
        /// UDP ports that are not declared and most likely are those of clients that wait for an answer: out of the range
        /// that the kernel hands out (`ip_local_port_range`), not the usual port of any service, and held by a program that
        /// is not known to serve others.
        pub temporary: Fact<Vec<String>>,
        /// Declared ports on which nothing waits: `443/tcp`.
        pub missing: Fact<Vec<String>>,
    }
}
