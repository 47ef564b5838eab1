//! What the page and its head say.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::scripted::clear;
use crate::site::Site;
use crate::{authority, closed_port, context, fact, look_at};

#[tokio::test]
async fn a_site_in_order_shows_its_protections() {
    let site = Site::start(
        r#"server_tokens off; gzip on; gzip_min_length 0;
           add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
           add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'none'" always;
           add_header X-Frame-Options DENY always;
           add_header X-Content-Type-Options nosniff always;
           add_header Referrer-Policy no-referrer always;
           add_header Permissions-Policy "camera=()" always;
           add_header Set-Cookie "PHPSESSID=abc; Secure; HttpOnly; SameSite=Strict" always;
           location / { index index.html; }"#,
        "return 301 https://localhost:HTTPS/;",
    );
    site.file("index.html", "<!doctype html><title>Comune di Esempio</title><script src=/a.js></script>");
    let seen = site.look().await;
    for (path, expected) in [
        ("hsts.present", "true"),
        ("hsts.max_age", "63072000"),
        ("hsts.include_subdomains", "true"),
        ("hsts.problems", ""),
        ("csp.limits_scripts", "true"),
        ("csp.unsafe_inline", "false"),
        ("csp.frame_ancestors", "'none'"),
        ("frame_options", "deny"),
        ("framing_limited", "true"),
        ("no_sniff", "true"),
        ("referrer_policy", "no-referrer"),
        ("permissions_policy", "true"),
        ("cookies[0].name", "PHPSESSID"),
        ("cookies[0].same_site", "strict"),
        ("cookies[0].is_session", "true"),
        ("banners[0].value", "nginx"),
        ("banners[0].shows_version", "false"),
        ("compressed", "true"),
        ("mixed_active", "0"),
        ("cms", ""),
        ("head_problems", ""),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}

#[tokio::test]
async fn a_bare_site_lacks_them() {
    let site = Site::start("location / { index index.html; }", "location / { return 200 ok; }");
    site.file(
        "index.html",
        "<meta name=generator content='WordPress 5.8.1'><link rel=stylesheet href='http://a.example/x.css'>\
         <img src=http://a.example/x.png><link href='/wp-content/themes/design-comuni-wordpress-theme/x.css'>",
    );
    let seen = site.look().await;
    for (path, expected) in [
        ("hsts.present", "false"),
        ("hsts.max_age", "0"),
        ("csp.present", "false"),
        ("frame_options", "missing"),
        ("framing_limited", "false"),
        ("no_sniff", "false"),
        ("referrer_policy", "missing"),
        ("permissions_policy", "false"),
        ("cookies", ""),
        ("banners[0].shows_version", "true"),
        ("compressed", "false"),
        ("mixed_active", "1"),
        ("mixed_passive", "1"),
        ("cms[0].name", "wordpress"),
        ("cms[0].version", "5.8.1"),
        ("cms[0].supported", "unknown: not_listed"),
        ("templates", "design_comuni_wordpress"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}

#[tokio::test]
async fn every_request_is_an_ordinary_one_that_names_the_operator() {
    let (sender, requests) = std::sync::mpsc::channel();
    let port = clear(move |mut stream| {
        let sender = sender.clone();
        async move {
            let mut request = vec![0; 4096];
            let size = stream.read(&mut request).await.unwrap_or_default();
            let _kept = sender.send(String::from_utf8_lossy(&request[..size]).into_owned());
            let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        }
    })
    .await;
    let mut context = context(port);
    context.identification = "Vedetta/0.1 (+mailto:sicurezza@example.it)\r\nX-Injected: 1".to_owned();
    look_at(&format!("tls://127.0.0.1:{}?sni=localhost", closed_port()), context).await.expect("a look");
    let request = requests.try_recv().expect("one request");
    assert!(request.starts_with(&format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n")), "{request}");
    assert!(
        request.contains("\r\nUser-Agent: Vedetta/0.1 (+mailto:sicurezza@example.it)X-Injected: 1\r\n"),
        "{request}"
    );
    assert!(requests.try_recv().is_err(), "a second request");
}

#[tokio::test]
async fn a_target_given_by_its_address_is_visited_by_it() {
    let site = Site::start("location / { return 200 ok; }", "return 404;");
    let seen = look_at(&format!("tls://127.0.0.1:{}", site.https), context(site.http)).await.expect("a look");
    assert_eq!(fact(&seen, "final_url"), format!("https://127.0.0.1:{}/", site.https));
    assert_eq!(fact(&seen, "cert_agid.class"), "gravi_problemi");
}

#[tokio::test]
async fn pages_behind_bad_certificates_are_read() {
    let site = Site::start_with(&authority::self_signed(), "location / { return 200 ok; }", "return 404;");
    assert_eq!(fact(&site.look().await, "status"), "200");
}

#[tokio::test]
async fn what_a_server_with_an_error_lacks_is_not_held_against_the_site() {
    let seen = Site::start("location / { return 503; }", "return 404;").look().await;
    assert_eq!((fact(&seen, "status"), fact(&seen, "csp")), ("503".into(), "unknown: unreadable".into()));
    assert_eq!(fact(&seen, "compressed"), "unknown: unreadable");
}

#[tokio::test]
async fn a_page_that_is_too_large_proves_no_absence() {
    let site = Site::start("location / { index index.html; }", "return 404;");
    let filler = "<p>Comune di Esempio</p>".repeat(60_000);
    site.file("index.html", &filler);
    let seen = site.look().await;
    assert_eq!(
        (fact(&seen, "cms"), fact(&seen, "mixed_active")),
        ("unknown: too_large".into(), "unknown: too_large".into())
    );
    site.file("index.html", &format!("<script src=http://a.example/x.js></script>{filler}"));
    assert_eq!(fact(&site.look().await, "mixed_active"), "1");
}
