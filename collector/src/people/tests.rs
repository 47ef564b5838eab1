//! The people's port on loopback.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use rustls::RootCertStore;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::listener::{PORT_LIMITS, configuration, serve};
use crate::acceptor::TlsPort;
use crate::acceptor::agents::provider;
use crate::authority::people::PeopleCertificate;
use crate::stop::pair;
use crate::testing::DAY;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_over_our_own_certificate_until_the_collector_stops() {
    let folder = tempfile::tempdir().unwrap();
    let source = PeopleCertificate::SelfSigned {
        folder: folder.path().to_owned(),
        names: vec!["localhost".to_owned()],
        lifetime: DAY * 90,
    };
    // Browsers go by the real clock.
    let now = crate::clock::Clock::system().now();
    let identity = source.load(now).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(identity.chain[0].clone()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_sender, configurations) = watch::channel(configuration(identity).unwrap());
    let (stopper, stop) = pair();
    let port = TlsPort { listener, configuration: configurations, limits: PORT_LIMITS };
    let served = tokio::spawn(serve(port, Router::new().route("/", get(async || "ecco")), stop));

    let client = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(client)).connect(name, tcp).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    // A peer that closes without TLS's own word for it has still said everything.
    let _closed = stream.read_to_string(&mut answer).await.is_ok();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ecco"), "{answer}");

    stopper.stop();
    tokio::time::timeout(Duration::from_secs(5), served).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "the port is still open");
}
