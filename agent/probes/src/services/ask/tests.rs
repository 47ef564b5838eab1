//! Services that misbehave cost no more than the limits.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vedetta_checks::fact::Fact;

use super::*;

/// Time beyond the limits that a busy machine may take.
const SLACK: Duration = Duration::from_secs(3);

/// How a service misbehaves.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// It accepts, and never says anything.
    Silent,
    /// It says what no protocol says.
    Garbage,
    /// It never ends.
    Endless,
    /// One byte at a time.
    Slow,
    /// It hangs up at once.
    Gone,
    /// It is a web server, and waits for the end of any other question.
    Page,
}

async fn start(manner: Manner) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                match manner {
                    Manner::Silent => std::future::pending::<()>().await,
                    Manner::Garbage => {
                        let _cut = stream.write_all(&[0x17; 700]).await;
                        std::future::pending::<()>().await;
                    }
                    Manner::Endless => while stream.write_all(&[b'a'; 4096]).await.is_ok() {},
                    Manner::Slow => {
                        while stream.write_all(b"2").await.is_ok() {
                            tokio::time::sleep(Duration::from_millis(100)).await;
                        }
                    }
                    Manner::Gone => {}
                    Manner::Page => {
                        let mut question = [0; 512];
                        let size = stream.read(&mut question).await.unwrap_or_default();
                        if question[..size].ends_with(b"\r\n\r\n") {
                            let _cut = stream.write_all(b"HTTP/1.0 404 Not Found\r\nServer: some/1.2\r\n\r\n").await;
                        } else {
                            std::future::pending::<()>().await;
                        }
                    }
                }
            });
        }
    });
    address
}

/// A socket of a service that is known by its port alone.
fn socket(service: &str, address: SocketAddr) -> ListeningSocket {
    ListeningSocket {
        protocol: "tcp".to_owned(),
        address: address.ip().to_string(),
        port: i64::from(address.port()),
        scope: "loopback".to_owned(),
        v6only: false,
        interfaces: Vec::new(),
        namespace: "host".to_owned(),
        service: service.to_owned(),
        kind: "database".to_owned(),
        owners: Fact::Known(Vec::new()),
        filtered: Fact::Known(false),
        exposed: Fact::Known(false),
    }
}

fn context() -> ProbeContext {
    ProbeContext::new("2026-01-01T00:00:00Z".parse().expect("a time"), Duration::from_secs(15))
}

#[tokio::test]
async fn services_that_misbehave_are_not_tested_and_cost_no_more_than_the_limit() {
    let mut sockets = Vec::new();
    for manner in [Manner::Silent, Manner::Garbage, Manner::Endless, Manner::Slow, Manner::Gone] {
        for question in Question::all() {
            sockets.push((manner, socket(question.service_name(), start(manner).await)));
        }
    }
    let listed: Vec<ListeningSocket> = sockets.iter().map(|(_, socket)| socket.clone()).collect();
    let started = Instant::now();
    let services = ask(&listed, &context()).await;
    assert!(started.elapsed() < ALL_TIME_MAX + SLACK, "{:?}", started.elapsed());
    assert_eq!(services.len(), listed.len());
    for ((manner, socket), service) in sockets.iter().zip(&services) {
        assert_eq!(service.authentication, "not_tested", "{manner:?} {}: {}", socket.service, service.answer);
        assert!(!service.reason.is_empty(), "{manner:?} {}", socket.service);
    }
}

#[tokio::test]
async fn sockets_of_containers_and_of_other_roots_are_not_asked() {
    let address = start(Manner::Gone).await;
    let inner = ListeningSocket { namespace: "container-1".to_owned(), ..socket("redis", address) };
    assert_eq!(ask(&[inner], &context()).await.len(), 0);
    let folder = ProbeContext { root: "/mnt".into(), ..context() };
    assert_eq!(ask(&[socket("redis", address)], &folder).await.len(), 0);
}

#[tokio::test]
async fn what_answers_in_another_protocol_loses_the_name_that_its_port_gave() {
    let garbage = start(Manner::Garbage).await;
    let services = ask(&[socket("mqtt", garbage)], &context()).await;
    let told: Vec<_> = services.iter().map(|service| (service.name.as_str(), service.reason.as_str())).collect();
    assert_eq!(told, [("other", "not_the_protocol")]);
    let silent = start(Manner::Silent).await;
    let services = ask(&[socket("mqtt", silent)], &context()).await;
    let told: Vec<_> = services.iter().map(|service| (service.name.as_str(), service.reason.as_str())).collect();
    assert_eq!(told, [("mqtt", "timeout")]);
}

#[tokio::test]
async fn a_web_server_at_the_port_of_something_else_is_told_as_one() {
    for service in ["mongodb", "redis", "ollama", "vnc"] {
        let services = ask(&[socket(service, start(Manner::Page).await)], &context()).await;
        let told =
            services.iter().map(|service| (service.name.as_str(), service.kind.as_str(), service.asked.as_str()));
        assert_eq!(told.collect::<Vec<_>>(), [("http", "web", "HEAD /")], "{service}");
        assert_eq!(services[0].authentication, "not_tested");
    }
}

#[test]
fn no_bytes_make_a_reader_panic() {
    for byte in 0..=u8::MAX {
        for length in [0, 1, 2, 3, 4, 7, 12, 24, 100, 5_000] {
            fuzz(&vec![byte; length]);
        }
    }
}
