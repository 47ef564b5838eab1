//! The people's port on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use rustls::RootCertStore;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_rustls::client::TlsStream;

use super::listener::{PORT_LIMITS, Times, configuration, serve};
use crate::acceptor::TlsPort;
use crate::acceptor::agents::provider;
use crate::authority::people::PeopleCertificate;
use crate::stop::{Stopper, pair};
use crate::testing::DAY;

const SOON: Duration = Duration::from_secs(5);

struct Pages {
    address: SocketAddr,
    roots: RootCertStore,
    stopper: Stopper,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

impl Pages {
    async fn start(times: Times) -> Self {
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
        let (_, configurations) = watch::channel(configuration(identity).unwrap());
        let (stopper, stop) = pair();
        let port = TlsPort { listener, configuration: configurations, limits: PORT_LIMITS };
        let from = async |ConnectInfo(address): ConnectInfo<SocketAddr>| format!("ecco {}", address.ip());
        let router = Router::new().route("/", get(from)).route("/", post(async |body: String| body));
        let served = tokio::spawn(serve(port, router, times, stop));
        Self { address, roots, stopper, served, _folder: folder }
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        let client = rustls::ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(client)).connect(name, tcp).await.unwrap()
    }
}

/// What comes until the other end closes.
async fn rest(stream: &mut TlsStream<TcpStream>) -> String {
    let mut answer = Vec::new();
    // A peer that closes without TLS's own word for it has still said everything.
    let _closed = timeout(SOON, stream.read_to_end(&mut answer)).await.expect("an end in time").is_ok();
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_over_our_own_certificate_until_the_collector_stops() {
    let pages = Pages::start(Times::default()).await;
    let mut stream = pages.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ecco 127.0.0.1"), "{answer}");

    pages.stopper.stop();
    // The listener ends with it; the port itself may be another program's a moment later.
    timeout(SOON, pages.served).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_too_slowly_is_ended() {
    let short = Duration::from_millis(300);
    let head = b"GET / HTTP/1.1\r\nhost: loc".as_slice();
    let body = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nx".as_slice();
    for (times, sent) in
        [(Times { head: short, ..Times::default() }, head), (Times { request: short, ..Times::default() }, body)]
    {
        let pages = Pages::start(times).await;
        let mut stream = pages.connect().await;
        let start = Instant::now();
        stream.write_all(sent).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(start.elapsed() >= short, "{:?}", start.elapsed());
    }
}
