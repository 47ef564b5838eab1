//! What the services probe can see.

use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// Sockets on which this host waits for others.
    pub struct ServicesFacts {
        /// TCP sockets in state LISTEN, and UDP sockets that are bound and have no peer.
        pub sockets: Vec<ListeningSocket>,
        /// How many of them other hosts can reach as far as the bound address tells.
        pub exposed_count: i64,
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
        /// Whether it is an IPv6 socket that does not also answer IPv4.
        pub only_ipv6: bool,
        /// Name of the network interface it is bound to; empty list when it is bound to none.
        pub interfaces: Vec<String>,
        /// Usual name of the service by its program or port: `postgresql`, `telnet`, `ssh`; `other` when not known.
        pub service: String,
        /// Kind of the service: `database`, `remote_admin`, `clear_text_login`, `file_sharing`, `printing`, `web`, `mail`,
        /// `name_service`, `directory`, `management`, `time`, `other`.
        pub kind: String,
        /// Processes that hold the socket; unknown without the rights to see them all.
        pub owners: Fact<Vec<SocketOwner>>,
    }

    /// One process that holds a socket.
    pub struct SocketOwner {
        /// Number of the process.
        pub pid: i64,
        /// Name of its executable without the folder; never its command line or user.
        pub executable: String,
    }
}
