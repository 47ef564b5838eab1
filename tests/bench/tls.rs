//! TLS 1.3 both ways, as agent and collector speak it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};
use vedetta_proto::limits::COLLECTOR_NAME;

/// A key with its certificate and the authority that it trusts.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Leaf first.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub(crate) key: PrivateKeyDer<'static>,
    /// Whom it trusts.
    pub(crate) authority: CertificateDer<'static>,
}

/// The one provider of cryptography.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Settings of an agent that is enrolled.
pub(crate) fn identified(identity: &Identity) -> anyhow::Result<Arc<ClientConfig>> {
    let config =
        builder(&identity.authority)?.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())?;
    Ok(finish(config))
}

/// Settings of an agent that has no certificate yet.
pub(crate) fn anonymous(authority: &CertificateDer<'static>) -> anyhow::Result<Arc<ClientConfig>> {
    Ok(finish(builder(authority)?.with_no_client_auth()))
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn builder(authority: &CertificateDer<'static>) -> anyhow::Result<Builder> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone())?;
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&rustls::version::TLS13])?;
    Ok(builder.with_root_certificates(roots))
}

fn finish(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

/// One gRPC connection, from an address of this host that is chosen: the collector counts enrolments by address.
pub(crate) async fn connect(to: SocketAddr, from: Ipv4Addr, config: Arc<ClientConfig>) -> anyhow::Result<Channel> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    let stream = socket.connect(to).await.with_context(|| format!("connecting to {to}"))?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(COLLECTOR_NAME)?;
    let stream = TlsConnector::from(config).connect(name, stream).await.context("the TLS handshake")?;
    let once = Mutex::new(Some(TokioIo::new(stream)));
    let connector = tower::service_fn(move |_| {
        let taken = once.lock().ok().and_then(|mut held| held.take());
        async move { taken.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected)) }
    });
    let endpoint = Endpoint::from_shared(format!("http://{COLLECTOR_NAME}"))?;
    endpoint.connect_with_connector(connector).await.context("HTTP/2")
}
