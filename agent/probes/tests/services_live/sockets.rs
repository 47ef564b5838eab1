//! Sockets, their processes and packages, beside `ss` on this very host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use vedetta_checks::value::{Record, Value};

use super::place::{Child, output};
use super::{fact, number, records, seen, text};

/// Looks at most: other tests open sockets and start programs meanwhile, and one may come and go within a single look.
const ATTEMPTS_MAX: usize = 50;

/// Protocol and local address of every socket as `ss` writes them, sorted.
fn sockets_of_ss() -> Vec<String> {
    let mut sockets: Vec<String> = output("ss", &["-tulpnH"])
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let [protocol, _state, _received, _sent, local, _peer, rest @ ..] = words.as_slice() else {
                panic!("{line}")
            };
            format!("{protocol} {local}{}", pids_of_ss(rest.first().unwrap_or(&"")))
        })
        .collect();
    sockets.sort_unstable();
    sockets
}

/// The same of the probe's answer, in the way of `ss`: `*` stands for IPv6 that also answers IPv4.
fn sockets_of_probe() -> Vec<String> {
    // `ss` sees those of the host alone.
    let seen = records(&seen(), "sockets");
    let of_host = seen.iter().filter(|socket| text(socket, "namespace") == "host");
    let mut sockets: Vec<String> = of_host.map(as_ss_writes).collect();
    sockets.sort_unstable();
    sockets
}

fn as_ss_writes(socket: &Record) -> String {
    let (protocol, address, port) = (text(socket, "protocol"), text(socket, "address"), number(socket, "port"));
    let only_ipv6 = socket.get("v6only") == Some(&Value::Bool(true));
    let Some(Value::List(interfaces)) = socket.get("interfaces") else { panic!("{socket:?}") };
    let interface = interfaces.items().first().map_or(String::new(), |name| {
        let Value::Text(name) = name else { panic!("{name:?}") };
        format!("%{name}")
    });
    let address = match address {
        "::" if !only_ipv6 => "*".to_owned(),
        address if address.contains(':') => format!("[{address}]"),
        address => address.to_owned(),
    };
    format!("{protocol} {address}{interface}:{port}{}", pids_of_probe(socket))
}

/// The numbers in `users:(("nginx",pid=12,fd=3),...)`, sorted, each once.
fn pids_of_ss(users: &str) -> String {
    let numbers = users.split("pid=").skip(1).filter_map(|rest| rest.split(',').next()?.parse::<i64>().ok());
    format!("{:?}", numbers.collect::<BTreeSet<_>>())
}

/// The same of the probe; where it may not say that nobody holds a socket, `ss` names nobody.
fn pids_of_probe(socket: &Record) -> String {
    let owners = if fact(socket, "owners").is_ok() { records(socket, "owners") } else { Vec::new() };
    format!("{:?}", owners.iter().map(|owner| number(owner, "pid")).collect::<BTreeSet<_>>())
}

/// How often each line occurs: sockets that share a port have equal ones.
fn counted(lines: &[String]) -> BTreeMap<&str, usize> {
    lines.iter().fold(BTreeMap::new(), |mut counted, line| {
        *counted.entry(line.as_str()).or_default() += 1;
        counted
    })
}

/// What the probe lacks of the sockets that `ss` saw both before and after it, and what it alone saw.
fn differences_of(before: &[String], seen: &[String], after: &[String]) -> Vec<String> {
    let (before, seen, after) = (counted(before), counted(seen), counted(after));
    let lines: BTreeSet<&str> = [&before, &seen, &after].into_iter().flat_map(BTreeMap::keys).copied().collect();
    let of = |counts: &BTreeMap<&str, usize>, line: &str| counts.get(line).copied().unwrap_or_default();
    let differs = |line: &&str| {
        let (before, seen, after) = (of(&before, line), of(&seen, line), of(&after, line));
        seen < before.min(after) || seen > before.max(after)
    };
    let told =
        |line: &str| format!("{line}: {} and {} of ss, {} seen", of(&before, line), of(&after, line), of(&seen, line));
    lines.into_iter().filter(differs).map(told).collect()
}

fn listener_only_for_ipv6(kind: Type, protocol: Protocol) -> (Socket, u16) {
    let socket = Socket::new(Domain::IPV6, kind, Some(protocol)).expect("an IPv6 socket");
    socket.set_only_v6(true).expect("only IPv6");
    let any: std::net::SocketAddr = "[::]:0".parse().expect("an address");
    socket.bind(&SockAddr::from(any)).expect("bound");
    if kind == Type::STREAM {
        socket.listen(1).expect("listening");
    }
    let port = socket.local_addr().expect("bound").as_socket().expect("an address").port();
    (socket, port)
}

fn two_that_share_a_port() -> ([Socket; 2], u16) {
    let new = |port: u16| {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).expect("a socket");
        socket.set_reuse_port(true).expect("shared");
        socket.bind(&SockAddr::from(std::net::SocketAddr::from(([127, 0, 0, 1], port)))).expect("bound");
        socket
    };
    let first = new(0);
    let port = first.local_addr().expect("bound").as_socket().expect("an address").port();
    ([first, new(port)], port)
}

fn socket_on_the_loopback_interface() -> (Socket, u16) {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).expect("a socket");
    socket.bind_device(Some(b"lo")).expect("the loopback interface");
    let any: std::net::SocketAddr = "0.0.0.0:0".parse().expect("an address");
    socket.bind(&SockAddr::from(any)).expect("bound");
    let port = socket.local_addr().expect("bound").as_socket().expect("an address").port();
    (socket, port)
}

#[test]
fn listening_sockets_and_their_processes_are_exactly_those_of_ss() {
    let tcp = ["127.0.0.1:0", "127.0.0.2:0", "0.0.0.0:0", "[::1]:0", "[::]:0"]
        .map(|place| TcpListener::bind(place).expect(place));
    let udp = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"].map(|place| UdpSocket::bind(place).expect(place));
    let (_tcp_v6, tcp_v6_port) = listener_only_for_ipv6(Type::STREAM, Protocol::TCP);
    let (_udp_v6, udp_v6_port) = listener_only_for_ipv6(Type::DGRAM, Protocol::UDP);
    let (_shared, shared_port) = two_that_share_a_port();
    let (_on_interface, interface_port) = socket_on_the_loopback_interface();
    let with_peer = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    with_peer.connect(udp[0].local_addr().expect("bound")).expect("a peer");

    let mut differences = Vec::new();
    let equal = (0..ATTEMPTS_MAX).find_map(|_| {
        let (before, seen, after) = (sockets_of_ss(), sockets_of_probe(), sockets_of_ss());
        differences = differences_of(&before, &seen, &after);
        differences.is_empty().then_some(seen)
    });
    let seen = equal.unwrap_or_else(|| panic!("in each of {ATTEMPTS_MAX} looks; in the last: {differences:#?}"));

    let has = |line: String| seen.iter().any(|socket| socket.starts_with(&format!("{line}{{")));
    for listener in &tcp {
        let address = listener.local_addr().expect("bound").to_string().replace("[::]", "*");
        assert!(has(format!("tcp {address}")), "{address}");
    }
    for socket in &udp {
        let address = socket.local_addr().expect("bound").to_string().replace("[::]", "*");
        assert!(has(format!("udp {address}")), "{address}");
    }
    assert!(has(format!("tcp [::]:{tcp_v6_port}")) && has(format!("udp [::]:{udp_v6_port}")));
    let sharing = format!("udp 127.0.0.1:{shared_port}{{");
    assert_eq!(seen.iter().filter(|socket| socket.starts_with(&sharing)).count(), 2, "{sharing}");
    assert!(has(format!("udp 0.0.0.0%lo:{interface_port}")));
    assert!(!has(format!("udp {}", with_peer.local_addr().expect("bound"))), "a socket with a peer does not wait");
    eprintln!("{} sockets, as ss says", seen.len());
}

/// A packaged program that holds a socket of ours as its input, and waits.
fn holder(listener: &TcpListener) -> Child {
    let descriptor: OwnedFd = listener.try_clone().expect("another one").into();
    Child::start(Command::new("sleep").arg("600").stdin(Stdio::from(descriptor)))
}

#[test]
fn a_socket_names_all_its_processes_with_their_programs_and_packages() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = i64::from(listener.local_addr().expect("bound").port());
    let other = holder(&listener);
    let sockets = records(&seen(), "sockets");
    let own = sockets.iter().find(|socket| number(socket, "port") == port).expect("our own socket");
    assert_eq!(text(own, "scope"), "loopback");
    assert_eq!(fact(own, "exposed"), Ok(Value::Bool(false)));
    let owners = records(own, "owners");
    let of = |pid: u32| owners.iter().find(|owner| number(owner, "pid") == i64::from(pid)).expect("an owner");
    assert_eq!(owners.len(), 2, "{owners:?}");
    assert_eq!(text(of(other.pid()), "executable"), "/usr/bin/sleep");
    // The list of the package names `/bin/sleep`, where `/bin` was a folder of its own.
    assert_eq!(fact(of(other.pid()), "package"), Ok(Value::Text("coreutils".to_owned())));
    let program = std::env::current_exe().expect("a path");
    let name = program.file_name().and_then(|name| name.to_str()).expect("a name");
    let ours = of(std::process::id());
    assert!(text(ours, "executable").ends_with(&format!("/{name}")), "{ours:?}");
    assert_eq!(fact(ours, "package"), Err("not_found".to_owned()));
}

#[test]
fn a_program_that_was_replaced_keeps_its_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = folder.path().join("waiter");
    std::fs::copy("/usr/bin/sleep", &copy).expect("a copy");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = i64::from(listener.local_addr().expect("bound").port());
    let descriptor: OwnedFd = listener.into();
    let _child = Child::start(Command::new(&copy).arg("600").stdin(Stdio::from(descriptor)));
    std::fs::remove_file(&copy).expect("removed");
    let sockets = records(&seen(), "sockets");
    let own = sockets.iter().find(|socket| number(socket, "port") == port).expect("our own socket");
    let owners = records(own, "owners");
    assert!(owners.iter().all(|owner| text(owner, "executable").ends_with("/waiter")), "{owners:?}");
    assert_eq!(owners.len(), 1);
}
