//! The class of CERT-AGID's survey.

use vedetta_checks::catalogue::Observation;

use crate::authority::{self, Authority};
use crate::scripted::clear_answer;
use crate::site::Site;
use crate::{closed_port, context, fact, look, look_at};

const PAGE: &str = "location / { return 200 ok; }";
const TO_HTTPS: &str = "return 301 https://localhost:HTTPS/;";

fn class(seen: &Observation) -> (String, String) {
    (fact(seen, "cert_agid.class"), fact(seen, "cert_agid.reasons"))
}

/// Looks at a site whose certificate is trusted.
async fn trusted(https: &str, http: &str) -> Observation {
    let authority = Authority::new();
    let site = Site::start_with(&authority.leaf(|_| {}), https, http);
    let mut context = context(site.http);
    context.extra_roots = vec![authority.root_der()];
    look_at(&format!("tls://127.0.0.1:{}?sni=localhost", site.https), context).await.expect("a look")
}

#[tokio::test]
async fn a_site_that_answers_in_clear_text_only_has_no_https() {
    let http = clear_answer("HTTP/1.1 200 OK\r\n\r\nciao").await;
    let seen = look(closed_port(), http).await.expect("a look");
    assert_eq!(class(&seen), ("senza_https".into(), "no_https".into()));
    for (path, expected) in [
        ("https_open", "false"),
        ("speaks_http", "true"),
        ("hsts", "unknown: does_not_apply"),
        ("security_txt", "unknown: closed"),
        ("mixed_active", "unknown: does_not_apply"),
        ("no_sniff", "false"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}

#[tokio::test]
async fn clear_text_at_the_port_of_https_is_no_https() {
    let http = clear_answer("HTTP/1.1 200 OK\r\n\r\nciao").await;
    let seen = look(http, http).await.expect("a look");
    assert_eq!(class(&seen).0, "senza_https");
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_is_a_serious_problem() {
    let seen = Site::start_with(&authority::self_signed(), PAGE, TO_HTTPS).look().await;
    assert_eq!(class(&seen), ("gravi_problemi".into(), "certificate_self_signed".into()));
}

#[tokio::test]
async fn who_stays_in_clear_text_or_is_sent_back_has_a_serious_problem() {
    assert_eq!(class(&trusted(PAGE, PAGE).await), ("gravi_problemi".into(), "no_redirect_to_https".into()));
    let back = "location / { return 302 http://localhost:HTTP/; }";
    assert_eq!(
        class(&trusted(back, PAGE).await),
        ("gravi_problemi".into(), "no_redirect_to_https redirects_to_http".into())
    );
}

#[tokio::test]
async fn a_site_in_order_is_safe() {
    let modern = format!("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; {PAGE}");
    assert_eq!(class(&trusted(&modern, TO_HTTPS).await), ("sicuro".into(), String::new()));
}

#[tokio::test]
async fn a_site_that_still_takes_old_versions_is_badly_configured() {
    let old = format!("ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ECDHE:!eNULL:@SECLEVEL=0; {PAGE}");
    assert_eq!(class(&trusted(&old, TO_HTTPS).await), ("malconfigurato".into(), "old_versions".into()));
}

#[tokio::test]
async fn a_site_with_old_versions_only_has_a_serious_problem_and_its_page_is_not_read() {
    let seen = trusted(&format!("ssl_protocols TLSv1.1; ssl_ciphers ECDHE:!eNULL:@SECLEVEL=0; {PAGE}"), TO_HTTPS).await;
    assert_eq!(class(&seen), ("gravi_problemi".into(), "only_old_versions".into()));
    for (path, expected) in [
        ("https_open", "unknown: handshake_refused"),
        ("http_redirects_to_https", "true"),
        ("csp", "unknown: handshake_refused"),
        ("hsts", "unknown: handshake_refused"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}

/// A server of SSL 2.0 only: to anything else it says an error that no client of today can read.
async fn server_of_ssl_2() -> u16 {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let leaf = Authority::new().leaf(|_| {});
    let certificate = CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).expect("a certificate");
    let length = u16::try_from(certificate.len()).expect("a short certificate").to_be_bytes();
    let (suite, connection) = ([0x01, 0x00, 0x80], [7; 16]);
    // SERVER-HELLO: no session, an X.509 certificate, version 2, three lengths and their contents.
    let hello = [&[4, 0, 1, 0, 2][..], &length, &[0, 3], &[0, 16], certificate.as_ref(), &suite, &connection].concat();
    let head = (0x8000 | u16::try_from(hello.len()).expect("a short hello")).to_be_bytes();
    let hello = [&head[..], &hello].concat();
    crate::scripted::clear(move |mut stream| {
        let hello = hello.clone();
        async move {
            let mut heard = [0; 4096];
            let length = stream.read(&mut heard).await.unwrap_or_default();
            let is_ssl_2 = length > 4 && heard[0] & 0x80 != 0 && heard[2] == 1;
            let answer = if is_ssl_2 { hello.as_slice() } else { &[0x80, 3, 0, 0, 1] };
            let _sent = stream.write_all(answer).await;
            let _ended = stream.shutdown().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_server_of_ssl_2_has_https_and_a_serious_problem() {
    let port = server_of_ssl_2().await;
    let http = clear_answer(format!("HTTP/1.1 301 x\r\nLocation: https://localhost:{port}/\r\n\r\n")).await;
    let seen = look(port, http).await.expect("a look");
    let (class, reasons) = class(&seen);
    assert_eq!(class, "gravi_problemi");
    assert!(reasons.contains("only_old_versions"), "{reasons}");
    for (path, expected) in [
        ("speaks_http", "true"),
        ("https_open", "unknown: handshake_refused"),
        ("http_redirects_to_https", "true"),
        ("csp", "unknown: not_tls"),
    ] {
        assert_eq!(fact(&seen, path), expected, "{path}");
    }
}
