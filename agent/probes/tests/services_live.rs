//! The services probe beside `ss` on this very host, with listeners of its own.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::{ProbeName, Reason};
use vedetta_probes::ProbeContext;

/// How often the sets are compared while other programs open and close sockets between the two looks.
const ATTEMPTS_MAX: usize = 50;
/// Longest time for one look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;

fn context() -> ProbeContext {
    #[expect(clippy::disallowed_methods, reason = "a look at the running host needs the running clock")]
    let now = jiff::Timestamp::now();
    ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX))
}

fn observe(context: ProbeContext) -> Result<Vec<Record>, vedetta_checks::catalogue::ProbeError> {
    let name = ProbeName::parse("services").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    let observation = runtime.block_on(vedetta_probes::observe(name, Target::Host, context))?;
    let Some(Value::List(sockets)) = observation.facts.get("sockets") else { panic!("{:?}", observation.facts) };
    let record = |item: &Value| {
        let Value::Record(record) = item else { panic!("{item:?}") };
        record.clone()
    };
    Ok(sockets.items().iter().map(record).collect())
}

fn text<'a>(record: &'a Record, field: &str) -> &'a str {
    match record.get(field) {
        Some(Value::Text(text)) => text,
        other => panic!("{field}: {other:?}"),
    }
}

fn number(record: &Record, field: &str) -> i64 {
    match record.get(field) {
        Some(Value::Int(number)) => *number,
        other => panic!("{field}: {other:?}"),
    }
}

/// Protocol and local address of every socket as `ss` writes them, sorted.
fn sockets_of_ss() -> Vec<String> {
    let output = Command::new("ss").arg("-tulnH").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `ss` (package iproute2): {error}"));
    assert!(output.status.success());
    let mut sockets: Vec<String> = String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let [protocol, _state, _received, _sent, local, _peer] = words.as_slice() else { panic!("{line}") };
            format!("{protocol} {local}")
        })
        .collect();
    sockets.sort_unstable();
    sockets
}

/// The same of the probe's answer, in the way of `ss`: `*` stands for IPv6 that also answers IPv4.
fn sockets_of_probe() -> Vec<String> {
    let mut sockets: Vec<String> = observe(context()).expect("an observation").iter().map(as_ss_writes).collect();
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
    format!("{protocol} {address}{interface}:{port}")
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

fn socket_on_the_loopback_interface() -> (Socket, u16) {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).expect("a socket");
    socket.bind_device(Some(b"lo")).expect("the loopback interface");
    let any: std::net::SocketAddr = "0.0.0.0:0".parse().expect("an address");
    socket.bind(&SockAddr::from(any)).expect("bound");
    let port = socket.local_addr().expect("bound").as_socket().expect("an address").port();
    (socket, port)
}

#[test]
fn listening_sockets_are_exactly_those_of_ss() {
    let tcp = ["127.0.0.1:0", "127.0.0.2:0", "0.0.0.0:0", "[::1]:0", "[::]:0"]
        .map(|place| TcpListener::bind(place).expect(place));
    let udp = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"].map(|place| UdpSocket::bind(place).expect(place));
    let (_tcp_v6, tcp_v6_port) = listener_only_for_ipv6(Type::STREAM, Protocol::TCP);
    let (_udp_v6, udp_v6_port) = listener_only_for_ipv6(Type::DGRAM, Protocol::UDP);
    let (_on_interface, interface_port) = socket_on_the_loopback_interface();
    let with_peer = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    with_peer.connect(udp[0].local_addr().expect("bound")).expect("a peer");

    let steady = (0..ATTEMPTS_MAX).find_map(|_| {
        let (before, seen, after) = (sockets_of_ss(), sockets_of_probe(), sockets_of_ss());
        (before == after).then_some((before, seen))
    });
    let (of_ss, seen) = steady.expect("a moment in which no other program opens or closes a socket");
    assert_eq!(seen, of_ss);

    let has = |line: String| seen.contains(&line);
    for listener in &tcp {
        let address = listener.local_addr().expect("bound").to_string().replace("[::]", "*");
        assert!(has(format!("tcp {address}")), "{address}");
    }
    for socket in &udp {
        let address = socket.local_addr().expect("bound").to_string().replace("[::]", "*");
        assert!(has(format!("udp {address}")), "{address}");
    }
    assert!(has(format!("tcp [::]:{tcp_v6_port}")) && has(format!("udp [::]:{udp_v6_port}")));
    assert!(has(format!("udp 0.0.0.0%lo:{interface_port}")));
    assert!(!has(format!("udp {}", with_peer.local_addr().expect("bound"))), "a socket with a peer does not wait");
    eprintln!("{} sockets, as ss says", seen.len());
}

#[test]
fn a_socket_names_the_process_and_program_that_hold_it_and_its_scope() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = i64::from(listener.local_addr().expect("bound").port());
    let sockets = observe(context()).expect("an observation");
    let own = sockets.iter().find(|socket| number(socket, "port") == port).expect("our own socket");
    assert_eq!(text(own, "scope"), "loopback");
    let Some(Value::List(owners)) = own.get("owners") else { panic!("{:?}", own.get("owners")) };
    let [Value::Record(owner)] = owners.items() else { panic!("{owners:?}") };
    assert_eq!(number(owner, "pid"), i64::from(std::process::id()));
    let program = std::env::current_exe().expect("a path");
    assert_eq!(Some(text(owner, "executable")), program.file_name().and_then(|name| name.to_str()));
}

#[test]
fn a_folder_has_no_sockets_and_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = observe(ProbeContext { root: folder.path().to_path_buf(), ..context() }).expect_err("no running host");
    assert_eq!(error.reason, Reason::DOES_NOT_APPLY);
}
