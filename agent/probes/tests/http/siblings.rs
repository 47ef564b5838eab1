//! The target's name with or without `www.`: visited where it is the same machine, and no packet to any other.

use std::net::{Ipv4Addr, TcpListener};

use vedetta_checks::catalogue::Observation;

use crate::names::NameServer;
use crate::scripted::{clear, clear_answer};
use crate::{closed_port, context, fact, look_at};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Looks at `site.test`, whose page in clear text sends to `www.site.test`.
async fn look(names: &NameServer, http: u16, query: &str) -> Observation {
    let mut context = context(http);
    context.resolver = Some(names.address);
    look_at(&format!("tls://site.test:{}{query}", closed_port()), context).await.expect("a look")
}

/// A site that knows itself under one name only.
async fn site() -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    clear(|mut stream| async move {
        let port = stream.local_addr().expect("its address").port();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).await.expect("a request");
        let answer = if String::from_utf8_lossy(&request[..length]).contains("Host: www.") {
            "HTTP/1.1 200 OK\r\n\r\nciao".to_owned()
        } else {
            format!("HTTP/1.1 301 x\r\nLocation: http://www.site.test:{port}/\r\n\r\n")
        };
        stream.write_all(answer.as_bytes()).await.expect("an answer");
    })
    .await
}

#[tokio::test]
async fn the_other_name_of_the_same_machine_is_visited() {
    let names = NameServer::start(&[("site.test", HERE), ("www.site.test", HERE)]).await;
    let seen = look(&names, site().await, "").await;
    assert_eq!((fact(&seen, "from_http.ended"), fact(&seen, "status")), ("page".into(), "200".into()));
}

#[tokio::test]
async fn the_other_name_of_another_machine_gets_no_packet() {
    let names = NameServer::start(&[("site.test", HERE), ("www.site.test", ELSEWHERE)]).await;
    let http = site().await;
    let other = TcpListener::bind((ELSEWHERE, http)).expect("the port of the other machine");
    other.set_nonblocking(true).expect("a listener that does not wait");
    let seen = look(&names, http, "").await;
    for (path, expected) in [
        ("from_http.ended", "stopped_at_other_host"),
        ("from_http.hops[1].status", "unknown: not_allowed"),
        ("page_elsewhere", "true"),
        ("csp", "unknown: not_allowed"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
    let visit = other.accept().expect_err("nobody came");
    assert_eq!(visit.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(names.asked(), ["site.test", "www.site.test"]);
}

#[tokio::test]
async fn a_fixed_address_is_the_machine_under_both_names_and_nobody_is_asked() {
    let names = NameServer::start(&[]).await;
    let seen = look(&names, site().await, "?address=127.0.0.1").await;
    assert_eq!(fact(&seen, "from_http.ended"), "page");
    assert_eq!(names.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn the_other_name_without_an_address_leads_nowhere() {
    let names = NameServer::start(&[("site.test", HERE)]).await;
    let seen = look(&names, site().await, "").await;
    assert_eq!(
        (fact(&seen, "from_http.ended"), fact(&seen, "from_http.hops[1].status")),
        ("failed".into(), "unknown: name_not_found".into())
    );
}

#[tokio::test]
async fn a_foreign_name_is_not_even_asked_for() {
    let names = NameServer::start(&[("site.test", HERE)]).await;
    let http = clear_answer("HTTP/1.1 301 x\r\nLocation: http://www.foreign.test/\r\n\r\n").await;
    let seen = look(&names, http, "").await;
    assert_eq!(fact(&seen, "from_http.ended"), "stopped_at_other_host");
    assert_eq!(names.asked(), ["site.test"]);
}
