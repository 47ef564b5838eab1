//! The ways to a page, as a browser takes them.

use crate::fact;
use crate::site::Site;

const PAGE: &str = "location / { return 200 '<p>Comune di Esempio</p>'; }";

#[tokio::test]
async fn who_asks_in_clear_text_is_led_to_https() {
    let site = Site::start(PAGE, "return 301 https://$host:HTTPS$request_uri;");
    let seen = site.look().await;
    for (path, expected) in [
        ("speaks_http", "true"),
        ("https_open", "true"),
        ("http_open", "true"),
        ("http_redirects_to_https", "true"),
        ("https_redirects_to_http", "false"),
        ("mixed_redirect", "false"),
        ("page_elsewhere", "false"),
        ("status", "200"),
        ("from_http.hops[0].status", "301"),
        ("from_http.hops[0].onward", "location"),
        ("from_http.hops[1].scheme", "https"),
        ("from_http.ended", "page"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
    assert_eq!(fact(&seen, "final_url"), format!("https://localhost:{}/", site.https));
}

#[tokio::test]
async fn a_site_that_stays_in_clear_text_is_told_so() {
    let seen = Site::start(PAGE, PAGE).look().await;
    assert_eq!((fact(&seen, "http_open"), fact(&seen, "http_redirects_to_https")), ("true".into(), "false".into()));
}

#[tokio::test]
async fn a_step_back_to_clear_text_is_seen_and_so_is_the_return() {
    let back = "location = / { return 302 http://localhost:HTTP/x; } location / { return 200 ok; }";
    let again = "location = / { return 200 ok; } location /x { return 302 https://localhost:HTTPS/end; }";
    let seen = Site::start(back, again).look().await;
    for (path, expected) in [
        ("https_redirects_to_http", "true"),
        ("mixed_redirect", "true"),
        ("http_redirects_to_https", "false"),
        ("from_https.ended", "page"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}

#[tokio::test]
async fn relative_and_protocol_relative_places_are_followed() {
    for (https, expected) in [
        ("location = / { return 303 it/home?x=1; } location / { return 200 ok; }", "/it/home?..."),
        ("absolute_redirect off; location = / { return 307 /it/; } location / { return 200 ok; }", "/it/"),
        ("absolute_redirect off; location = / { return 308 //localhost:HTTPS/b; } location / { return 200 ok; }", "/b"),
        (
            "location = / { return 200 '<meta http-equiv=refresh content=\"0; url=home\">'; } location / { return 200 ok; }",
            "/home",
        ),
        ("location = / { add_header Refresh '1; url=/r'; return 200 ok; } location / { return 200 ok; }", "/r"),
    ] {
        let site = Site::start(https, PAGE);
        let seen = site.look().await;
        assert_eq!(fact(&seen, "final_url"), format!("https://localhost:{}{expected}", site.https), "{https}");
    }
}

#[tokio::test]
async fn ways_without_end_are_ended() {
    for (https, ended, hops) in [
        ("location / { return 302 /; }", "loop", 2),
        ("location = / { return 302 /a; } location /a { return 302 /; }", "loop", 3),
        // One letter more at every step.
        ("absolute_redirect off; location / { return 302 ${request_uri}a; }", "too_many", 12),
        ("location / { return 302 mailto:sindaco@example.it; }", "bad_location", 1),
    ] {
        let site = Site::start(https, PAGE);
        let seen = site.look().await;
        assert_eq!(fact(&seen, "from_https.ended"), ended, "{https}");
        let count = (0..20).take_while(|hop| has_hop(&seen, *hop)).count();
        assert_eq!(count, hops, "{https}");
        assert_eq!(fact(&seen, "csp"), "unknown: not_found");
    }
}

fn has_hop(seen: &vedetta_checks::catalogue::Observation, position: usize) -> bool {
    fact(seen, "from_https.hops").split("a record").count() > position + 1
}

#[tokio::test]
async fn a_site_that_tests_for_cookies_is_no_loop() {
    let seen = Site::start(
        "location / { if ($cookie_seen = '') { add_header Set-Cookie 'seen=1; Secure'; return 302 /; } return 200 ok; }",
        PAGE,
    )
    .look()
    .await;
    assert_eq!((fact(&seen, "from_https.ended"), fact(&seen, "status")), ("page".into(), "200".into()));
    assert_eq!(fact(&seen, "cookies[0].name"), "seen");
}

#[tokio::test]
async fn another_target_gets_no_packet() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    other.set_nonblocking(true).expect("a listener that does not wait");
    let port = other.local_addr().expect("its address").port();
    for place in
        [format!("https://127.0.0.1:{port}/"), format!("https://localhost:{port}/"), "https://example.org/".to_owned()]
    {
        let seen = Site::start(&format!("location / {{ return 302 {place}; }}"), PAGE).look().await;
        for (path, expected) in [
            ("from_https.ended", "stopped_at_other_host"),
            ("page_elsewhere", "true"),
            ("https_redirects_to_http", "false"),
            ("from_https.hops[1].status", "unknown: not_allowed"),
            ("csp", "unknown: not_allowed"),
            ("cookies", "unknown: not_allowed"),
        ] {
            assert_eq!(fact(&seen, path), expected, "{place}: {path}");
        }
    }
    let visit = other.accept().expect_err("nobody came");
    assert_eq!(visit.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn the_same_name_with_www_belongs_to_the_target() {
    let site = Site::start("location / { return 302 https://www.localhost:HTTPS/; }", PAGE);
    let seen = site.look().await;
    // nginx answers every name alike, so the way comes back to where it was under the other name.
    assert_eq!(fact(&seen, "from_https.ended"), "loop");
    assert_eq!(fact(&seen, "from_https.hops[1].url"), format!("https://www.localhost:{}/", site.https));
}

/// Answers at `/` with a redirect to a place, in which `PORT` is the server's own, and with a page elsewhere.
async fn redirecting(place: &'static str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    crate::scripted::clear(move |mut stream| async move {
        let port = stream.local_addr().expect("its address").port().to_string();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).await.unwrap_or_default();
        let head = if request[..length].starts_with(b"GET / ") {
            format!("HTTP/1.0 302 Found\r\n{}\r\n\r\n", place.replace("PORT", &port))
        } else {
            "HTTP/1.0 200 OK\r\n\r\n".to_owned()
        };
        let _sent = stream.write_all(head.as_bytes()).await;
        let _ended = stream.shutdown().await;
    })
    .await
}

#[tokio::test]
async fn odd_places_are_taken_as_browsers_take_them() {
    for (place, url, ended) in [
        ("Location: HTTP://LOCALHOST:PORT/x", "http://localhost:PORT/x", "page"),
        ("Location: http://localhost.:PORT/x#below", "http://localhost:PORT/x", "page"),
        ("Location: http://user:word@localhost:PORT/x", "http://localhost:PORT/x", "page"),
        ("Location:\r\nLocation: /x", "http://localhost:PORT/x", "page"),
        ("Location: http://localhost@foreign.test/x", "http://foreign.test/x", "stopped_at_other_host"),
        ("Location: http://127.0.0.1:PORT/x", "http://127.0.0.1:PORT/x", "stopped_at_other_host"),
        ("Location: https://[::1]:PORT/x", "https://[::1]:PORT/x", "stopped_at_other_host"),
    ] {
        let port = redirecting(place).await;
        let seen = crate::look(crate::closed_port(), port).await.expect("a look");
        let url = url.replace("PORT", &port.to_string());
        assert_eq!(
            (fact(&seen, "from_http.hops[1].url"), fact(&seen, "from_http.ended")),
            (url, ended.to_owned()),
            "{place}"
        );
    }
}

#[tokio::test]
async fn a_redirect_without_a_place_is_a_page() {
    for place in ["Location:", "X-Nothing: here"] {
        let seen = crate::look(crate::closed_port(), redirecting(place).await).await.expect("a look");
        assert_eq!((fact(&seen, "from_http.ended"), fact(&seen, "status")), ("page".into(), "302".into()), "{place}");
    }
}
