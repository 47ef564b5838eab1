//! What the probe says of the packet filter, beside real connections over a real link.

use std::net::TcpListener;
use std::process::Command;

use vedetta_checks::value::Value;

use super::place::{Child, alone, alone_through, output, shell};
use super::{fact, number, record, records, seen, text};

/// Address of the tested host on the link, and of the stranger.
const HOST: &str = "198.51.100.1";
const HOST_IPV6: &str = "2001:db8::1";
/// Ports on which the host listens.
const PORTS: &[u16] = &[22, 23, 80, 113, 443, 2222, 5432, 8080, 9999];

/// Rules of real tools, as files for their own programs.
const UFW: (&str, &str) = (
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/services/firewall/cases/ufw_ip.rules"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/services/firewall/cases/ufw_ip6.rules"),
);
const FIREWALLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/services/firewall/cases/firewalld.json");

/// A stranger at the other end of a link.
struct Stranger(Child);

impl Stranger {
    fn new() -> Self {
        let child = Child::start(Command::new("unshare").args(["--net", "sleep", "600"]));
        let pid = child.pid();
        shell(&format!(
            "until [ \"$(readlink /proc/{pid}/ns/net)\" != \"$(readlink /proc/self/ns/net)\" ]; do sleep 0.1; done
            ip link add eth0 type veth peer name far0
            ip link set far0 netns {pid}
            ip address add {HOST}/24 dev eth0
            ip address add {HOST_IPV6}/64 dev eth0 nodad
            ip link set eth0 up
            nsenter --net --target {pid} ip address add 198.51.100.2/24 dev far0
            nsenter --net --target {pid} ip address add 2001:db8::2/64 dev far0 nodad
            nsenter --net --target {pid} ip link set far0 up"
        ));
        Self(child)
    }

    /// Whether a connection to the host comes about.
    fn reaches(&self, address: &str, port: u16) -> bool {
        let pid = self.0.pid().to_string();
        let connect = format!("exec 3<>/dev/tcp/{address}/{port}");
        let arguments = ["--net", "--target", &pid, "timeout", "1", "bash", "-c", &connect];
        let output = Command::new("nsenter").args(arguments).output();
        output.unwrap_or_else(|error| panic!("this test needs `nsenter`: {error}")).status.success()
    }
}

/// Loads rules, and compares for each port what the probe says with what a stranger meets.
#[track_caller]
fn compare(load: &str, tool: &str, default_incoming: &str) {
    let stranger = Stranger::new();
    let listeners: Vec<TcpListener> =
        PORTS.iter().map(|port| TcpListener::bind(("::", *port)).expect("a port")).collect();
    shell(load);
    let facts = seen();
    let firewall = record(&facts, "firewall");
    assert_eq!(fact(firewall, "tool"), Ok(Value::Text(tool.to_owned())));
    assert_eq!(fact(firewall, "active"), Ok(Value::Bool(true)));
    assert_eq!(fact(firewall, "default_incoming"), Ok(Value::Text(default_incoming.to_owned())));
    let sockets = records(&facts, "sockets");
    let mut reached = 0;
    for port in PORTS {
        let socket = sockets.iter().find(|socket| number(socket, "port") == i64::from(*port)).expect("the socket");
        let is_reached = stranger.reaches(HOST, *port) || stranger.reaches(HOST_IPV6, *port);
        assert_eq!(fact(socket, "exposed"), Ok(Value::Bool(is_reached)), "{tool}, port {port}");
        assert_eq!(fact(socket, "filtered"), Ok(Value::Bool(!is_reached)), "{tool}, port {port}");
        reached += usize::from(is_reached);
    }
    assert!((1..PORTS.len()).contains(&reached), "rules under which every port is the same prove nothing");
    assert_eq!(fact(&facts, "exposed_count"), Ok(Value::Int(i64::try_from(reached).expect("a small number"))));
    drop(listeners);
}

#[test]
fn rules_of_nftables_come_out_as_strangers_meet_them() {
    let load = "nft -f - <<'RULES'
        table inet mine {
            set lan { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }
            chain input {
                type filter hook input priority filter; policy drop;
                ct state vmap { established : accept, related : accept, invalid : drop }
                iifname lo accept
                meta l4proto ipv6-icmp accept
                tcp dport vmap { 22 : accept, 23 : drop, 80 : jump web }
                ip saddr @lan tcp dport { 5432, 443 } accept
                iifname \"eth*\" tcp dport 8000-8100 accept
                meta nfproto ipv6 tcp dport 2222 accept
                tcp dport 113 reject with tcp reset
            }
            chain web { ip saddr 192.0.2.0/24 drop; ct state new limit rate 100/second accept; }
        }\nRULES";
    alone("filters::rules_of_nftables_come_out_as_strangers_meet_them", || compare(load, "nftables", "drop"));
}

#[test]
fn rules_of_ufw_come_out_as_strangers_meet_them() {
    let load = format!("iptables-nft-restore {}; ip6tables-nft-restore {}", UFW.0, UFW.1);
    alone("filters::rules_of_ufw_come_out_as_strangers_meet_them", || compare(&load, "ufw", "drop"));
}

#[test]
fn rules_of_firewalld_come_out_as_strangers_meet_them() {
    let load = format!("nft -j -f {FIREWALLD}");
    alone("filters::rules_of_firewalld_come_out_as_strangers_meet_them", || compare(&load, "firewalld", "drop"));
}

#[test]
fn rules_of_the_older_iptables_for_ipv4_alone_leave_ipv6_open() {
    let load = "iptables-legacy -P INPUT DROP
        ip6tables-legacy -A INPUT -p tcp -m multiport --dports 22,23,80 -j REJECT";
    alone("filters::rules_of_the_older_iptables_for_ipv4_alone_leave_ipv6_open", || {
        compare(load, "iptables", "accept")
    });
}

#[test]
fn without_rules_every_socket_is_exposed() {
    alone("filters::without_rules_every_socket_is_exposed", || {
        let stranger = Stranger::new();
        let _listener = TcpListener::bind("0.0.0.0:8080").expect("a port");
        // A table that decides nothing, and one that sleeps.
        shell(
            "nft -f - <<'RULES'
            table inet empty { chain input { type filter hook input priority filter; }; }
            table inet asleep { flags dormant; chain input { type filter hook input priority filter; policy drop; }; }
            \nRULES",
        );
        let facts = seen();
        let firewall = record(&facts, "firewall");
        assert_eq!(fact(firewall, "tool"), Ok(Value::Text("none".to_owned())));
        assert_eq!(fact(firewall, "active"), Ok(Value::Bool(false)));
        let sockets = records(&facts, "sockets");
        assert_eq!(fact(&sockets[0], "exposed"), Ok(Value::Bool(true)));
        assert!(stranger.reaches(HOST, 8080));
    });
}

#[test]
fn behind_a_filter_at_the_interface_exposure_is_unknown_and_not_open() {
    alone("filters::behind_a_filter_at_the_interface_exposure_is_unknown_and_not_open", || {
        let stranger = Stranger::new();
        let _listeners = [8080, 8081].map(|port| TcpListener::bind(("0.0.0.0", port)).expect("a port"));
        shell(
            "nft -f - <<'RULES'
            table netdev early {
                chain ingress {
                    type filter hook ingress device eth0 priority filter; policy accept;
                    tcp dport 8080 drop
                }
            }
            table inet later { chain input { type filter hook input priority filter; tcp dport 8081 drop; }; }
            \nRULES",
        );
        assert!(!stranger.reaches(HOST, 8080) && !stranger.reaches(HOST, 8081));
        let sockets = records(&seen(), "sockets");
        let exposed = |port| {
            let socket = sockets.iter().find(|socket| number(socket, "port") == port).expect("the socket");
            fact(socket, "exposed")
        };
        assert_eq!((exposed(8080), exposed(8081)), (Err("unreadable".to_owned()), Ok(Value::Bool(false))));
    });
}

#[test]
fn without_the_right_to_read_the_rules_exposure_is_unknown() {
    let through = "setpriv --bounding-set=-net_admin";
    alone_through("filters::without_the_right_to_read_the_rules_exposure_is_unknown", through, || {
        let _open = TcpListener::bind("0.0.0.0:8080").expect("a port");
        let _own = TcpListener::bind("127.0.0.1:8081").expect("a port");
        let facts = seen();
        let firewall = record(&facts, "firewall");
        for field in ["tool", "active", "default_incoming"] {
            assert_eq!(fact(firewall, field), Err("needs_privilege".to_owned()), "{field}");
        }
        for socket in records(&facts, "sockets") {
            let expected = match text(&socket, "scope") {
                "loopback" => Ok(Value::Bool(false)),
                _ => Err("needs_privilege".to_owned()),
            };
            assert_eq!(fact(&socket, "exposed"), expected, "{socket:?}");
        }
        assert_eq!(fact(&facts, "exposed_count"), Err("needs_privilege".to_owned()));
        assert_eq!(output("ss", &["-tlnH"]).lines().count(), 2);
    });
}
