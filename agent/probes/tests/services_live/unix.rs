//! Unix sockets beside `ss`.

use std::collections::BTreeSet;
use std::os::unix::net::{UnixListener, UnixStream};

use socket2::{Domain, SockAddr, Socket, Type};
use vedetta_checks::value::Value;

use super::place::{alone, output};
use super::{number, records, seen, text};

#[test]
fn listening_unix_sockets_are_those_of_ss() {
    alone("unix::listening_unix_sockets_are_those_of_ss", || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.sock");
        let stream = UnixListener::bind(&path).expect("a socket");
        let _peer = UnixStream::connect(&path).expect("a connection, which does not listen");
        let packets = folder.path().join("b.sock");
        let seqpacket = Socket::new(Domain::UNIX, Type::SEQPACKET, None).expect("a socket");
        seqpacket.bind(&SockAddr::unix(&packets).expect("a path")).expect("bound");
        seqpacket.listen(1).expect("listening");
        let unheard = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
        unheard
            .bind(&SockAddr::unix(folder.path().join("c.sock")).expect("a path"))
            .expect("bound, and never listening");

        let of_ss: BTreeSet<String> = output("ss", &["-xlH"])
            .lines()
            .filter_map(|line| {
                let words: Vec<&str> = line.split_ascii_whitespace().collect();
                let kind = match (words[0], words[1]) {
                    ("u_str", "LISTEN") => "stream",
                    ("u_seq", "LISTEN") => "seqpacket",
                    _ => return None,
                };
                Some(format!("{kind} {}", words[4]))
            })
            .collect();
        let sockets = records(&seen(), "unix");
        let told: BTreeSet<String> =
            sockets.iter().map(|socket| format!("{} {}", text(socket, "kind"), text(socket, "path"))).collect();
        assert_eq!(told, of_ss);
        assert_eq!(told.len(), 2);
        for socket in &sockets {
            let Some(Value::List(owners)) = socket.get("owners") else { panic!("{socket:?}") };
            let [Value::Record(owner)] = owners.items() else { panic!("{socket:?}") };
            assert_eq!(number(owner, "pid"), i64::from(std::process::id()));
        }
        drop((stream, seqpacket));
    });
}
