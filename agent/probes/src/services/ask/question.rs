//! Which service is asked what: the one table, and who puts each question.

use std::time::Duration;

use super::heard::Outcome;
use super::peer::Peer;
use super::{
    cassandra, dns, ftp, greeting, http, ldap, memcached, mongodb, mqtt, mysql, postgres, rdp, redis, rpc, rsync, smb,
    snmp, telnet, tftp, vnc, x11,
};

/// Longest time for one question; answers on this host take some milliseconds.
const TIME_MAX: Duration = Duration::from_millis(1_500);
/// The same for services that start a program first, wait before they refuse, or are asked in datagrams, more than once.
const LONG_TIME_MAX: Duration = Duration::from_millis(3_500);
/// Ports on which TLS comes first: what lies beneath it is for the probe `tls`.
const TLS_PORTS: [i64; 11] = [443, 465, 636, 993, 995, 2376, 5986, 6443, 8443, 8883, 10_250];

/// The words of a protocol.
#[derive(Debug, Clone, Copy)]
enum Words {
    Cassandra,
    Dns,
    Ftp,
    Greeting,
    Http(&'static http::Request),
    Ldap,
    Memcached,
    MemcachedDatagram,
    Mongodb,
    Mqtt,
    Mysql,
    Postgres,
    Rdp,
    Redis,
    RpcExports,
    RpcExportsDatagram,
    RpcPrograms,
    RpcProgramsDatagram,
    Rsync,
    Smb,
    Snmp,
    Telnet,
    Tftp,
    UnknownGreeting,
    Vnc,
    Web,
    X11,
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// Name of the service, as in the table of services.
    service: &'static str,
    /// `tcp` or `udp`.
    protocol: &'static str,
    /// The only ports on which it is asked; empty for any. A program may hold others for other purposes.
    ports: &'static [i64],
    /// What is asked, for a reader.
    pub(super) asked: &'static str,
    /// Longest time for it.
    pub(super) time_max: Duration,
    words: Words,
}

/// Services and their questions. Not in it, so never asked: printers (they print what they are sent), machines (Modbus,
/// S7), rlogin, rsh and rexec (to be asked is to log in), everything unknown.
const QUESTIONS: &[Question] = &[
    tcp("cassandra", &[], "STARTUP", Words::Cassandra),
    tcp("ftp", &[], "log-in as anonymous", Words::Ftp).for_long(),
    tcp("imap", &[], "greeting", Words::Greeting),
    tcp("ldap", &[], "search without log-in", Words::Ldap),
    tcp("memcached", &[], "version", Words::Memcached),
    udp("memcached", "version", Words::MemcachedDatagram),
    tcp("mongodb", &[], "listDatabases", Words::Mongodb),
    tcp("mountd", &[], "EXPORT", Words::RpcExports),
    udp("mountd", "EXPORT", Words::RpcExportsDatagram),
    tcp("mqtt", &[], "CONNECT without user", Words::Mqtt),
    tcp("mysql", &[], "session as root without password", Words::Mysql),
    tcp("pop3", &[], "greeting", Words::Greeting),
    tcp("postgresql", &[], "session as postgres without password", Words::Postgres),
    tcp("rdp", &[], "connection request", Words::Rdp),
    tcp("redis", &[], "PING", Words::Redis),
    tcp("rpcbind", &[111], "DUMP", Words::RpcPrograms),
    udp("rpcbind", "DUMP", Words::RpcProgramsDatagram),
    tcp("rsync", &[], "list of modules", Words::Rsync).for_long(),
    tcp("samba", &[139, 445], "negotiation", Words::Smb),
    tcp("smtp", &[], "greeting", Words::Greeting),
    udp("snmp", "GET sysDescr.0 with community public", Words::Snmp),
    tcp("ssh", &[], "greeting", Words::Greeting),
    tcp("telnet", &[], "greeting", Words::Telnet).for_long(),
    udp("tftp", "RRQ of a file that does not exist", Words::Tftp),
    tcp("vnc", &[], "kinds of log-in", Words::Vnc),
    tcp("x11", &[], "opening without authorisation", Words::X11),
    udp("dns", "version.bind", Words::Dns),
    tcp("apache", &[], http::WEB, Words::Web),
    tcp("caddy", &[], http::WEB, Words::Web),
    tcp("haproxy", &[], http::WEB, Words::Web),
    tcp("http", &[], http::WEB, Words::Web),
    tcp("lighttpd", &[], http::WEB, Words::Web),
    tcp("nginx", &[], http::WEB, Words::Web),
];

/// What a port is asked whose holder is not the one who answers.
const UNKNOWN: Question = tcp("other", &[], "greeting", Words::UnknownGreeting).for_long();

/// What is asked of what may be a web server at the port of something else.
const PAGES: Question = tcp("http", &[], http::WEB, Words::Web);

const fn tcp(service: &'static str, ports: &'static [i64], asked: &'static str, words: Words) -> Question {
    Question { service, protocol: "tcp", ports, asked, time_max: TIME_MAX, words }
}

const fn udp(service: &'static str, asked: &'static str, words: Words) -> Question {
    Question { service, protocol: "udp", ports: &[], asked, time_max: LONG_TIME_MAX, words }
}

impl Question {
    const fn for_long(self) -> Self {
        Self { time_max: LONG_TIME_MAX, ..self }
    }

    /// The question for a service at a port; none when it is not asked.
    pub(super) fn find(service: &str, protocol: &str, port: i64) -> Option<Self> {
        if TLS_PORTS.contains(&port) {
            return None;
        }
        let listed = QUESTIONS.iter().filter(|question| question.service == service && question.protocol == protocol);
        let listed = listed.copied().find(|question| question.ports.is_empty() || question.ports.contains(&port));
        listed.or_else(|| {
            let mut requests = http::REQUESTS.iter().filter(|_| protocol == "tcp");
            let request = requests.find(|request| request.service == service)?;
            Some(tcp(request.service, &[], request.asked, Words::Http(request)))
        })
    }

    /// The question for a port whose holder is not the one who answers.
    pub(super) const fn for_unknown() -> Self {
        UNKNOWN
    }

    /// The question for what may be a web server.
    pub(super) const fn for_pages() -> Self {
        PAGES
    }

    /// Whether it may hide a web server: it is put in TCP, and is not the one for these.
    pub(super) fn has_other_than_pages(self) -> bool {
        self.protocol == "tcp" && !matches!(self.words, Words::Web | Words::UnknownGreeting)
    }

    /// Name of the service that it is for.
    #[cfg(test)]
    pub(super) const fn service_name(self) -> &'static str {
        self.service
    }

    /// Every question there is.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let requests =
            http::REQUESTS.iter().map(|request| tcp(request.service, &[], request.asked, Words::Http(request)));
        QUESTIONS.iter().copied().chain(requests).chain([UNKNOWN])
    }

    /// Puts it; the caller limits the time.
    pub(super) async fn put(self, peer: &Peer) -> Outcome {
        match self.words {
            Words::Cassandra => cassandra::ask(peer).await,
            Words::Dns => dns::ask(peer).await,
            Words::Ftp => ftp::ask(peer).await,
            Words::Greeting => greeting::ask(peer).await,
            Words::Http(request) => http::ask(peer, request).await,
            Words::Ldap => ldap::ask(peer).await,
            Words::Memcached => memcached::ask(peer).await,
            Words::MemcachedDatagram => memcached::ask_datagram(peer).await,
            Words::Mongodb => mongodb::ask(peer).await,
            Words::Mqtt => mqtt::ask(peer).await,
            Words::Mysql => mysql::ask(peer).await,
            Words::Postgres => postgres::ask(peer).await,
            Words::Rdp => rdp::ask(peer).await,
            Words::Redis => redis::ask(peer).await,
            Words::RpcExports => rpc::ask_exports(peer).await,
            Words::RpcExportsDatagram => rpc::ask_exports_datagram(peer).await,
            Words::RpcPrograms => rpc::ask_programs(peer).await,
            Words::RpcProgramsDatagram => rpc::ask_programs_datagram(peer).await,
            Words::Rsync => rsync::ask(peer).await,
            Words::Smb => smb::ask(peer).await,
            Words::Snmp => snmp::ask(peer).await,
            Words::Telnet => telnet::ask(peer).await,
            Words::Tftp => tftp::ask(peer).await,
            Words::UnknownGreeting => greeting::ask_unknown(peer).await,
            Words::Vnc => vnc::ask(peer).await,
            Words::Web => http::ask_web(peer).await,
            Words::X11 => x11::ask(peer).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printers_machines_and_ports_of_tls_are_never_asked() {
        for (service, protocol, port) in [
            ("printer", "tcp", 9100),
            ("modbus", "tcp", 502),
            ("s7", "tcp", 102),
            ("rsh", "tcp", 514),
            ("other", "tcp", 54_321),
            ("nginx", "tcp", 443),
            ("mqtt", "tcp", 8883),
            ("snmp", "tcp", 199),
            ("redis", "udp", 6379),
        ] {
            assert!(Question::find(service, protocol, port).is_none(), "{service} {port}/{protocol}");
        }
    }

    #[test]
    fn every_service_that_is_asked_is_one_that_is_known() {
        let table = include_str!("../services.csv");
        let names: Vec<&str> = table.lines().filter_map(|row| row.split(',').next()).collect();
        for question in Question::all() {
            assert!(question.service == UNKNOWN.service || names.contains(&question.service), "{}", question.service);
        }
    }

    #[test]
    fn no_service_is_asked_twice_on_one_port() {
        let mut seen = Vec::new();
        for question in Question::all() {
            let key = (question.service, question.protocol);
            assert!(!seen.contains(&key), "{key:?}");
            seen.push(key);
        }
    }
}
