//! What is no TLS server: the right word, within the deadline.

use std::time::{Duration, Instant};

use super::strangers::{Stranger, listen};
use super::{DEADLINE, look_within};

async fn word(stranger: Stranger, deadline: Duration) -> (String, String) {
    let address = listen(stranger).await;
    let error = look_within(address, deadline).await.expect_err("no TLS server");
    (error.stage.to_string(), error.reason.as_str().to_owned())
}

#[tokio::test]
async fn strangers_get_the_word_that_fits() {
    for (stranger, expected) in [
        (Stranger::Answers(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), "not_tls"),
        (Stranger::Greets(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), "not_tls"),
        (Stranger::Greets(b"220 mail.example.it ESMTP\r\n"), "not_tls"),
        (Stranger::Answers(b"\x00\x01\x02\x03garbage\xff\xfe"), "not_tls"),
        (Stranger::Answers(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), "not_tls"),
        (Stranger::Answers(b"\x15\x03\x01\x00\x02\x02\x28"), "handshake_refused"),
        (Stranger::Floods(b"\x15\x03\x01\x00\x02\x01\x70"), "too_large"),
        (Stranger::Closes, "closed"),
        (Stranger::ReadsAndCloses, "closed"),
        (Stranger::Resets, "reset"),
    ] {
        let (stage, reason) = word(stranger, DEADLINE).await;
        // The system may tell of a cut connection while it is being opened.
        assert!(stage == "handshake" || reason == "reset", "{stranger:?}: {stage}");
        assert!(
            reason == expected || matches!((stranger, reason.as_str()), (Stranger::Closes, "reset")),
            "{stranger:?}: {reason}"
        );
    }
}

#[tokio::test]
async fn a_server_that_waits_or_drips_costs_one_deadline() {
    let deadline = Duration::from_secs(3);
    for stranger in [Stranger::Waits, Stranger::Drips] {
        let start = Instant::now();
        let (stage, reason) = word(stranger, deadline).await;
        assert_eq!((stage.as_str(), reason.as_str()), ("handshake", "timeout"), "{stranger:?}");
        assert!(start.elapsed() < deadline, "{stranger:?} took {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_closed_port_is_told_as_such() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let error = look_within(address, DEADLINE).await.expect_err("nothing listens");
    assert_eq!((error.stage.to_string().as_str(), error.reason.as_str()), ("connect", "closed"));
}
