//! Servers that are none: each ends as one word, within the deadline.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vedetta_probes::ProbeContext;

use crate::authority::{self, Authority};
use crate::server::Server;
use crate::{context, fact, look, look_at};

/// Listens on a free port and does `script` with every connection.
async fn scripted<F: Future<Output = ()> + Send>(script: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            script(stream).await;
        }
    });
    address
}

async fn hear(stream: &mut TcpStream) {
    let _hello = stream.read(&mut [0; 4096]).await;
}

async fn error_of(address: SocketAddr, context: ProbeContext) -> (String, String) {
    let error = look(address, context).await.expect_err("no server of TLS");
    (error.stage.to_owned(), error.reason.as_str().to_owned())
}

fn outcome(stage: &str, reason: &str) -> (String, String) {
    (stage.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn what_is_no_tls_is_told_so() {
    let answers: [&'static [u8]; 4] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"220 mail.example.it ESMTP\r\n",
        &[0xff; 2048],
        // A record of TLS whose message is nonsense.
        &[0x16, 0x03, 0x03, 0x00, 0x04, 0xee, 0xee, 0xee, 0xee],
    ];
    for answer in answers {
        let address = scripted(move |mut stream| async move {
            hear(&mut stream).await;
            let _sent = stream.write_all(answer).await;
            hear(&mut stream).await;
        })
        .await;
        assert_eq!(error_of(address, context(Vec::new())).await, outcome("handshake", "not_tls"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_port_that_never_answers_times_out_within_the_deadline() {
    let address = scripted(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    times_out(address).await;
}

#[tokio::test]
async fn a_server_that_drips_bytes_times_out_within_the_deadline() {
    let address = scripted(|mut stream| async move {
        // A long record of a handshake, one byte every 20 ms.
        let record = [&[0x16, 0x03, 0x03, 0x10, 0x00, 0x02, 0x00, 0x0f, 0xfc][..], &[0; 4096]].concat();
        for byte in record {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    })
    .await;
    times_out(address).await;
}

async fn times_out(address: SocketAddr) {
    let deadline = Duration::from_secs(3);
    let begin = Instant::now();
    let error = error_of(address, ProbeContext::new(authority::now(), deadline)).await;
    assert_eq!(error, outcome("handshake", "timeout"));
    assert!(begin.elapsed() < deadline, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_connection_closed_without_a_word_is_closed() {
    let address = scripted(|mut stream| async move { hear(&mut stream).await }).await;
    assert_eq!(error_of(address, context(Vec::new())).await, outcome("handshake", "closed"));
}

#[tokio::test]
async fn a_connection_that_is_cut_is_reset() {
    let address = scripted(|mut stream| async move {
        hear(&mut stream).await;
        stream.set_zero_linger().expect("linger");
    })
    .await;
    assert_eq!(error_of(address, context(Vec::new())).await, outcome("handshake", "reset"));
}

#[tokio::test]
async fn a_server_that_hangs_up_on_the_greeting_of_1_3_is_still_seen_by_1_2() {
    let behind = Server::start(&Authority::new().leaf(|_| {}), &["-tls1_2"]);
    let behind_address = behind.address;
    let address = scripted(move |mut stream| async move {
        let mut hello = vec![0; 4096];
        let size = stream.read(&mut hello).await.unwrap_or_default();
        if offers_version_1_3(&hello[..size]) {
            return;
        }
        let mut server = TcpStream::connect(behind_address).await.expect("the server behind");
        server.write_all(&hello[..size]).await.expect("greeting passed on");
        let _ended = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
    })
    .await;
    let observation = look(address, context(Vec::new())).await.expect("an observation");
    assert_eq!(fact(&observation, "version"), "1.2");
    // Hanging up is how many servers say no: beside an accepted version it is one.
    assert_eq!(fact(&observation, "accepts.tls_1_3"), "false");
}

/// Whether the suites of a greeting (RFC 8446 section 4.1.2) hold one of version 1.3; one of SSL 2.0 has another form.
fn offers_version_1_3(hello: &[u8]) -> bool {
    // Record header 5, message header 4, version 2, random 32 bytes; then the session id with its length.
    let suites = 43 + 1 + usize::from(hello.get(43).copied().unwrap_or_default());
    let length = hello.get(suites..suites + 2).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let suites = hello.get(suites + 2..suites + 2 + length).unwrap_or_default();
    suites.chunks(2).any(|suite| suite == [0x13, 0x02])
}

#[tokio::test]
async fn a_port_without_a_server_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    assert_eq!(error_of(address, context(Vec::new())).await, outcome("connect", "closed"));
}

#[tokio::test]
async fn an_address_without_a_way_is_unreachable() {
    // The broadcast address is no place for a connection: the kernel refuses at once, without a packet.
    let error = look_at("tls://255.255.255.255:443", context(Vec::new())).await.expect_err("no way");
    assert_eq!((error.stage, error.reason.as_str()), ("connect", "unreachable"), "{error}");
}

#[tokio::test]
async fn a_resolver_that_does_not_answer_is_an_error_of_the_name() {
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
    let mut context = ProbeContext::new(authority::now(), Duration::from_secs(2));
    context.resolver = Some(silent.local_addr().expect("its address"));
    let error = look_at("tls://www.example.test:443", context).await.expect_err("no answer");
    assert_eq!((error.stage, error.reason.as_str()), ("resolve", "timeout"), "{error}");
}
