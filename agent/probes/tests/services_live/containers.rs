//! What listens in a container, beside what listens on the host.

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use vedetta_checks::value::{Record, Value};

use super::place::{Child, alone};
use super::{fact, number, records, seen, text};

/// How often, and after what pause, a container is looked for while it starts.
const ATTEMPTS_MAX: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// A container as run-times make it: a network and processes of its own. Something listens in it on port 6379.
fn container() -> Child {
    let listen = "ip link set lo up && exec openssl s_server -accept 6379 -nocert -quiet";
    let mut command = Command::new("unshare");
    Child::start(command.args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", listen]))
}

fn of_container(facts: &Record) -> Option<Record> {
    records(facts, "sockets").into_iter().find(|socket| text(socket, "namespace") != "host")
}

#[test]
fn what_listens_in_a_container_stands_apart() {
    alone("containers::what_listens_in_a_container_stands_apart", || {
        let host = std::net::TcpListener::bind("0.0.0.0:6379").expect("the same port of the host");
        // A network of an administrator's own is no container.
        let _by_hand = Child::start(Command::new("unshare").args([
            "--net",
            "sh",
            "-c",
            "ip link set lo up && exec openssl s_server -accept 6380 -nocert -quiet",
        ]));
        let _container = container();
        let found = (0..ATTEMPTS_MAX).find_map(|_| {
            sleep(PAUSE);
            let facts = seen();
            of_container(&facts).map(|socket| (facts, socket))
        });
        let (facts, socket) = found.expect("a socket of the container");
        assert_eq!((text(&socket, "namespace"), number(&socket, "port")), ("container-1", 6379));
        assert_eq!(fact(&socket, "exposed"), Ok(Value::Bool(false)));
        let owner = &records(&socket, "owners")[0];
        assert!(text(owner, "executable").ends_with("/openssl"), "{owner:?}");
        let of_host: Vec<Record> =
            records(&facts, "sockets").into_iter().filter(|socket| text(socket, "namespace") == "host").collect();
        assert_eq!(of_host.len(), 1, "{of_host:?}");
        assert_eq!(number(&records(&of_host[0], "owners")[0], "pid"), i64::from(std::process::id()));
        drop(host);
    });
}
