//! Endpoints that are no sites: nothing of the probe concerns them.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::scripted::{clear, clear_answer, encrypted_answer};
use crate::{closed_port, context, fact, look, look_at};

#[tokio::test]
async fn services_that_speak_something_else_are_no_sites() {
    for (answer, speaks_first) in [
        (&b"* OK IMAP4rev1 ready\r\n"[..], true),
        (b"+OK POP3 ready\r\n", true),
        (b"220 mail.example.it ESMTP\r\n", true),
        (&[0x30, 0x0c, 0x02, 0x01, 0x00, 0x78, 0x07, 0x0a, 0x01, 0x02, 0x04, 0x00, 0x04, 0x00], false),
        (b"<html>no head at all</html>", false),
    ] {
        let port = encrypted_answer(answer, speaks_first).await;
        let seen = look(port, closed_port()).await.expect("a look");
        assert_eq!(fact(&seen, "speaks_http"), "false", "{answer:?}");
        for path in ["https_open", "hsts", "cookies", "cert_agid", "security_txt", "from_http"] {
            assert_eq!(fact(&seen, path), "unknown: does_not_apply", "{answer:?}: {path}");
        }
    }
}

#[tokio::test]
async fn services_in_clear_text_that_speak_something_else_are_no_sites() {
    let site = clear_answer("HTTP/1.1 200 OK\r\n\r\nciao").await;
    let port = clear(|mut stream| async move {
        let _sent = stream.write_all(b"220 mail.example.it ESMTP\r\n").await;
        let _heard = stream.read(&mut [0; 4096]).await;
    })
    .await;
    let seen = look(port, site).await.expect("a look");
    assert_eq!(fact(&seen, "speaks_http"), "false");
}

#[tokio::test]
async fn endpoints_of_mail_are_not_asked_at_all() {
    let port = clear(|stream| async move {
        drop(stream);
        panic!("somebody came");
    })
    .await;
    for target in [format!("tls://127.0.0.1:{port}?starttls=smtp"), "tls://127.0.0.1:993".to_owned()] {
        let seen = look_at(&target, context(port)).await.expect("a look");
        assert_eq!(fact(&seen, "speaks_http"), "false", "{target}");
    }
}

#[tokio::test]
async fn a_service_that_hangs_up_on_a_request_is_not_known_to_be_a_site() {
    let port = encrypted_answer(b"", false).await;
    let seen = look(port, closed_port()).await.expect("a look");
    assert_eq!(
        (fact(&seen, "speaks_http"), fact(&seen, "https_open")),
        ("unknown: closed".into(), "unknown: closed".into())
    );
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_an_error() {
    let error = look(closed_port(), closed_port()).await.expect_err("nobody listens");
    assert_eq!((error.stage, error.reason.as_str()), ("connect", "closed"));
}

#[tokio::test]
async fn a_name_without_an_address_is_an_error() {
    let mut context = context(80);
    // Nobody answers there.
    context.resolver = Some(([127, 0, 0, 1], closed_port()).into());
    context.deadline = Duration::from_secs(6);
    let error = look_at("tls://www.example.it:443", context).await.expect_err("no resolver");
    assert_eq!(error.stage, "resolve");
}
