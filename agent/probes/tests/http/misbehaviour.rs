//! Servers that break the rules of HTTP: read as far as a browser would, within the deadline.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::scripted::{clear, clear_answer};
use crate::{closed_port, context, fact, look, look_at};

/// Looks at a site in clear text only.
async fn seen(answer: impl Into<Vec<u8>>) -> vedetta_checks::catalogue::Observation {
    look(closed_port(), clear_answer(answer).await).await.expect("a look")
}

#[tokio::test]
async fn broken_heads_are_read_and_told() {
    for (answer, problems, no_sniff) in [
        (&b"HTTP/1.1 200\r\nX-Content-Type-Options: nosniff\r\n\r\n"[..], "", "true"),
        (b"HTTP/1.1 200 OK\nX-Content-Type-Options: nosniff\n\n", "bare_line_feed", "true"),
        (b"HTTP/1.1 200 OK\r\nX-Content-Type-Options:\r\n nosniff\r\n\r\n", "folded_line", "true"),
        (b"HTTP/1.1 200 OK\r\nnonsense\r\nX-Content-Type-Options: nosniff\r\n\r\n", "line_without_colon", "true"),
        (b"HTTP/1.1 200 OK\r\nX-Content-Type-Options : nosniff\r\n\r\n", "space_before_colon", "true"),
        (b"HTTP/1.1 200 Citt\xe0\r\nX-Content-Type-Options: nosniff\r\n\r\n", "not_utf8", "true"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nciao", "conflicting_length", "false"),
        // The head was never ended.
        (b"HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff", "", "true"),
    ] {
        let seen = seen(answer).await;
        assert_eq!(
            (fact(&seen, "head_problems"), fact(&seen, "no_sniff")),
            (problems.into(), no_sniff.into()),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn an_endless_head_is_too_large() {
    let port = clear(|mut stream| async move {
        let _request = stream.read(&mut [0; 4096]).await;
        let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n").await.is_ok() {}
    })
    .await;
    let error = look(closed_port(), port).await.expect_err("no page");
    assert_eq!((error.stage, error.reason.as_str()), ("connect", "closed"));
    let site = crate::site::Site::start("location / { return 200 ok; }", "return 404;");
    let seen = look(site.https, port).await.expect("a look");
    assert_eq!(
        (fact(&seen, "http_open"), fact(&seen, "from_http")),
        ("unknown: too_large".into(), "unknown: too_large".into())
    );
}

#[tokio::test]
async fn an_endless_body_ends_at_the_limit() {
    let port = clear(|mut stream| async move {
        let _request = stream.read(&mut [0; 4096]).await;
        let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'a'; 8192]).await.is_ok() {}
    })
    .await;
    let seen = look(closed_port(), port).await.expect("a look");
    assert_eq!((fact(&seen, "status"), fact(&seen, "cms")), ("200".into(), "unknown: too_large".into()));
}

#[tokio::test]
async fn a_server_that_drips_ends_within_the_deadline_and_what_came_is_kept() {
    let port = clear(|mut stream| async move {
        let _request = stream.read(&mut [0; 4096]).await;
        let _sent =
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Frame-Options: DENY\r\nContent-Length: 100000\r\n\r\n").await;
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let mut context = context(port);
    context.deadline = Duration::from_secs(3);
    let begin = Instant::now();
    let seen = look_at(&format!("tls://127.0.0.1:{}?sni=localhost", closed_port()), context).await.expect("a look");
    assert_eq!((fact(&seen, "frame_options"), fact(&seen, "cms")), ("deny".into(), "unknown: reset".into()));
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_silent_site_ends_within_the_deadline() {
    let port = clear(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let mut context = context(closed_port());
    context.deadline = Duration::from_secs(2);
    let begin = Instant::now();
    let outcome = look_at(&format!("tls://127.0.0.1:{port}?sni=localhost"), context).await;
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    let seen = outcome.expect("a look");
    assert_eq!(
        (fact(&seen, "speaks_http"), fact(&seen, "https_open"), fact(&seen, "csp")),
        ("unknown: timeout".into(), "unknown: timeout".into(), "unknown: timeout".into())
    );
}

#[tokio::test]
async fn what_is_no_http_at_the_port_of_clear_text_is_no_site_there() {
    let site = crate::site::Site::start("location / { return 200 ok; }", "return 404;");
    let port = clear_answer("SSH-2.0-OpenSSH_9.2p1\r\n").await;
    let seen = look(site.https, port).await.expect("a look");
    assert_eq!((fact(&seen, "https_open"), fact(&seen, "http_open")), ("true".into(), "false".into()));
}

#[tokio::test]
async fn a_slow_page_over_https_does_not_hide_the_way_in_clear_text() {
    let slow = clear(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let http = clear_answer(format!("HTTP/1.1 301 x\r\nLocation: https://localhost:{slow}/\r\n\r\n")).await;
    let mut context = context(http);
    context.deadline = Duration::from_secs(2);
    let begin = Instant::now();
    let seen = look_at(&format!("tls://127.0.0.1:{slow}?sni=localhost"), context).await.expect("a look");
    assert_eq!(
        (fact(&seen, "http_redirects_to_https"), fact(&seen, "https_open")),
        ("true".into(), "unknown: timeout".into())
    );
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}
