//! The agents' port on loopback, with real rustls clients.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use uuid::Uuid;
use vedetta_core::ids::AgentId;

use super::PortLimits;
use super::agents::{PORT_LIMITS, STRANGERS_MAX};
use super::connections::CONNECTIONS_OF_AGENT_MAX;
use crate::authority::{Authority, Lifetimes};
use crate::testing::{DAY, Port, client, issue};

const SOON: Duration = Duration::from_secs(5);

fn agent() -> AgentId {
    AgentId::new(Uuid::from_u128(7))
}

/// Whether the other end has closed: a refused certificate shows only when something is read (TLS 1.3).
async fn is_closed(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> bool {
    let mut byte = [0; 1];
    matches!(timeout(SOON, stream.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn without_a_certificate_a_connection_reaches_enrolment_and_nothing_else() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let _client = port.connect(port.client(None)).await.unwrap();
    let connection = timeout(SOON, ways.enrolment.recv()).await.unwrap().unwrap();
    assert_eq!(connection.peer().certificate, None);
    assert!(ways.agents.try_recv().is_err());
}

#[tokio::test]
async fn with_our_certificate_it_reaches_the_agents_server_as_who_it_is() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let _client = port.connect(port.client(Some(port.agent(agent(), DAY * 7)))).await.unwrap();
    let connection = timeout(SOON, ways.agents.recv()).await.unwrap().unwrap();
    let certificate = connection.peer().certificate.clone().unwrap();
    assert_eq!((certificate.agent, certificate.generation), (agent(), 1));
    assert!(ways.enrolment.try_recv().is_err());
}

#[tokio::test]
async fn a_certificate_of_another_authority_reaches_nothing() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let folder = tempfile::tempdir().unwrap();
    let now = port.clock.clock().now();
    let lifetimes = Lifetimes { authority: DAY * 10, collector: DAY };
    let stranger = Authority::open(folder.path(), lifetimes, now).unwrap();
    let identity = issue(&stranger, agent(), DAY, now);
    if let Ok(mut stream) = port.connect(port.client(Some(identity))).await {
        assert!(is_closed(&mut stream).await);
    }
    assert!(ways.agents.try_recv().is_err() && ways.enrolment.try_recv().is_err());
}

#[tokio::test]
async fn an_expired_certificate_is_let_in_for_180_days_and_shows_its_end() {
    for (days_after, let_in) in [(170, true), (200, false)] {
        let (port, mut ways) = Port::open(PORT_LIMITS).await;
        let identity = port.agent(agent(), DAY * 7);
        port.clock.pass(DAY * 7 + DAY * days_after);
        let stream = port.connect(port.client(Some(identity))).await;
        if let_in {
            let connection = timeout(SOON, ways.agents.recv()).await.unwrap().unwrap();
            assert!(connection.peer().certificate.as_ref().unwrap().not_after < port.clock.clock().now());
        } else {
            if let Ok(mut stream) = stream {
                assert!(is_closed(&mut stream).await);
            }
            assert!(ways.agents.try_recv().is_err());
        }
    }
}

#[tokio::test]
async fn silent_handshakes_are_few_and_end_so_that_others_get_their_turn() {
    let limits =
        PortLimits { handshakes: 2, handshake_time: Duration::from_millis(300), connections: 16, per_address: 16 };
    let (port, mut ways) = Port::open(limits).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(port.address).await.unwrap());
    }
    let start = Instant::now();
    let _client = timeout(SOON, port.connect(port.client(None))).await.unwrap().unwrap();
    assert!(timeout(SOON, ways.enrolment.recv()).await.unwrap().is_some());
    assert!(start.elapsed() >= Duration::from_millis(300), "more than two handshakes ran at once");
    for mut stream in silent {
        assert!(is_closed(&mut stream).await);
    }
}

#[tokio::test]
async fn an_open_connection_is_cut_when_its_agent_is_revoked() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let mut stream = port.connect(port.client(Some(port.agent(agent(), DAY)))).await.unwrap();
    let mut connection = timeout(SOON, ways.agents.recv()).await.unwrap().unwrap();
    let reading = tokio::spawn(async move { connection.read_u8().await.map_err(|error| error.kind()) });
    tokio::task::yield_now().await;
    assert_eq!(port.connections.cut(agent()), 1);
    let outcome = timeout(SOON, reading).await.unwrap().unwrap();
    assert_eq!(outcome, Err(std::io::ErrorKind::ConnectionAborted));
    stream.write_all(b"x").await.unwrap();
    assert!(is_closed(&mut stream).await);
    assert_eq!(port.connections.cut(agent()), 0, "a connection that ended is still on the list");
}

#[tokio::test]
async fn a_client_without_tls_1_3_is_refused() {
    let (port, _ways) = Port::open(PORT_LIMITS).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(port.authority.certificate().clone()).unwrap();
    let old = rustls::ClientConfig::builder_with_provider(super::agents::provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    assert!(port.connect(std::sync::Arc::new(old)).await.is_err());
}

#[tokio::test]
async fn no_session_can_be_resumed() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let client = client(&port.authority, Some(port.agent(agent(), DAY)));
    for _ in 0..2 {
        let mut stream = port.connect(client.clone()).await.unwrap();
        let connection = timeout(SOON, ways.agents.recv()).await.unwrap().unwrap();
        drop(connection);
        assert!(is_closed(&mut stream).await);
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(rustls::HandshakeKind::Full));
    }
}

#[tokio::test]
async fn the_fifth_connection_of_one_agent_is_refused() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let client = port.client(Some(port.agent(agent(), DAY)));
    let (mut streams, mut connections) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS_OF_AGENT_MAX {
        streams.push(port.connect(client.clone()).await.unwrap());
        connections.push(timeout(SOON, ways.agents.recv()).await.unwrap().unwrap());
    }
    let mut fifth = port.connect(client.clone()).await.unwrap();
    assert!(is_closed(&mut fifth).await);
    assert!(ways.agents.try_recv().is_err());
    drop(connections.pop());
    let _again = port.connect(client).await.unwrap();
    assert!(timeout(SOON, ways.agents.recv()).await.unwrap().is_some());
}

#[tokio::test]
async fn strangers_take_few_places_and_leave_the_agents_theirs() {
    let (port, mut ways) = Port::open(PORT_LIMITS).await;
    let (mut streams, mut connections) = (Vec::new(), Vec::new());
    for _ in 0..STRANGERS_MAX {
        streams.push(port.connect(port.client(None)).await.unwrap());
        connections.push(timeout(SOON, ways.enrolment.recv()).await.unwrap().unwrap());
    }
    let mut stranger = port.connect(port.client(None)).await.unwrap();
    assert!(is_closed(&mut stranger).await);
    let _agent = port.connect(port.client(Some(port.agent(agent(), DAY)))).await.unwrap();
    assert!(timeout(SOON, ways.agents.recv()).await.unwrap().is_some());
}

#[tokio::test]
async fn one_address_has_few_connections_but_agents_behind_it_do_not_count() {
    let (port, mut ways) = Port::open(PortLimits { per_address: 1, ..PORT_LIMITS }).await;
    let (mut streams, mut connections) = (Vec::new(), Vec::new());
    for number in 1..4 {
        let one = AgentId::new(Uuid::from_u128(number));
        streams.push(port.connect(port.client(Some(port.agent(one, DAY)))).await.unwrap());
        connections.push(timeout(SOON, ways.agents.recv()).await.unwrap().unwrap());
    }
    let _stranger = port.connect(port.client(None)).await.unwrap();
    let _held = timeout(SOON, ways.enrolment.recv()).await.unwrap().unwrap();
    assert!(port.connect(port.client(None)).await.is_err());
}
