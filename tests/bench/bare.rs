//! The raw limit of the wire: a tonic server behind mTLS that acknowledges every batch and keeps nothing.
//!
//! It runs as a process of its own, as the collector does, so that its processor time can be told apart.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status, Streaming};
use vedetta_proto::agent::agents_server::{Agents, AgentsServer};
use vedetta_proto::agent::{
    Ack, FromAgent, FromCollector, LeaveRequest, LeaveResponse, RenewRequest, RenewResponse, Welcome, from_agent,
    from_collector,
};
use vedetta_proto::limits::{COLLECTOR_NAME, MESSAGE_BYTES_MAX, PROTOCOL_GREATEST};

use crate::process::Program;
use crate::tls::{Identity, provider};

/// Connections that wait for the server.
const WAITING_MAX: usize = 64;
/// Files that the server leaves in its folder for the load.
const FILES: [&str; 3] = ["authority.pem", "client.pem", "client.key"];

/// Starts the server; answers where it listens and the identity to come with.
pub(crate) async fn start(folder: &Path) -> anyhow::Result<(Program, SocketAddr, Identity)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([std::ffi::OsStr::new("bare-server"), folder.as_os_str()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().context("the bare server has no output")?;
    let program = Program::of("bare server", child);
    let mut line = String::new();
    BufReader::new(tokio::process::ChildStdout::from_std(output)?).read_line(&mut line).await?;
    let address = line.trim().parse().with_context(|| format!("the bare server said {line:?}"))?;
    Ok((program, address, identity(folder)?))
}

/// What the server has left in its folder.
fn identity(folder: &Path) -> anyhow::Result<Identity> {
    let [authority, client, key] = FILES.map(|file| folder.join(file));
    Ok(Identity {
        chain: vec![CertificateDer::from_pem_file(client)?],
        key: PrivateKeyDer::from_pem_file(key)?,
        authority: CertificateDer::from_pem_file(authority)?,
    })
}

/// The server's own process: says on standard output where it listens, and serves until it is killed.
pub(crate) fn serve(folder: &Path) -> anyhow::Result<()> {
    let acceptor = TlsAcceptor::from(configuration(folder)?);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        acknowledge(listener, acceptor).await
    })
}

/// Serves every connection of the listener.
async fn acknowledge(listener: TcpListener, acceptor: TlsAcceptor) -> anyhow::Result<()> {
    let (ready, connections) = mpsc::channel(WAITING_MAX);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, ready) = (acceptor.clone(), ready.clone());
            tokio::spawn(async move {
                if stream.set_nodelay(true).is_ok()
                    && let Ok(stream) = acceptor.accept(stream).await
                {
                    // The receiver lives as long as the server.
                    let _over = ready.send(Ok::<_, std::io::Error>(Secured(stream))).await.is_err();
                }
            });
        }
    });
    let agents = AgentsServer::new(Acknowledging).max_decoding_message_size(MESSAGE_BYTES_MAX);
    Ok(Server::builder().add_service(agents).serve_with_incoming(ReceiverStream::new(connections)).await?)
}

/// Keys and certificates of kinds and sizes as the real ones have; the client's are left in the folder.
fn configuration(folder: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let authority_key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "bench");
    let authority = params.self_signed(&authority_key)?;
    let issuer = Issuer::new(params, authority_key);
    let (server_key, client_key) = (KeyPair::generate()?, KeyPair::generate()?);
    let server = CertificateParams::new(vec![COLLECTOR_NAME.to_owned()])?.signed_by(&server_key, &issuer)?;
    let client = CertificateParams::new(vec!["agent.bench".to_owned()])?.signed_by(&client_key, &issuer)?;
    let contents = [authority.pem(), client.pem(), client_key.serialize_pem()];
    for (file, content) in FILES.iter().zip(contents) {
        std::fs::write(folder.join(file), content)?;
    }
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
    let key = PrivateKeyDer::try_from(server_key.serialize_der()).map_err(|why| anyhow::anyhow!("{why}"))?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The service: a welcome for a greeting, an acknowledgement for a batch.
#[derive(Debug)]
struct Acknowledging;

#[tonic::async_trait]
impl Agents for Acknowledging {
    type ReportStream = Pin<Box<dyn tokio_stream::Stream<Item = Result<FromCollector, Status>> + Send>>;

    async fn report(&self, request: Request<Streaming<FromAgent>>) -> Result<Response<Self::ReportStream>, Status> {
        let answers = request.into_inner().map(|message| match message?.message {
            Some(from_agent::Message::Hello(_)) => {
                let welcome = Welcome { protocol: PROTOCOL_GREATEST, ..Welcome::default() };
                Ok(FromCollector { message: Some(from_collector::Message::Welcome(welcome)) })
            }
            Some(from_agent::Message::Batch(batch)) => {
                let ack = Ack { sequence: batch.sequence, send_whole_state: false };
                Ok(FromCollector { message: Some(from_collector::Message::Ack(ack)) })
            }
            None => Err(Status::invalid_argument("a message of an unknown kind")),
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn renew(&self, _: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        Err(Status::permission_denied("this server only acknowledges"))
    }

    async fn leave(&self, _: Request<LeaveRequest>) -> Result<Response<LeaveResponse>, Status> {
        Err(Status::permission_denied("this server only acknowledges"))
    }
}

/// A TLS stream that tonic takes: its own wrapper comes only with its own TLS settings.
#[derive(Debug)]
struct Secured(TlsStream<TcpStream>);

impl Connected for Secured {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::load::{self, Session};
    use crate::tls::{anonymous, connect, identified};

    async fn listening(folder: &Path) -> (SocketAddr, Identity) {
        let acceptor = TlsAcceptor::from(configuration(folder).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(acknowledge(listener, acceptor));
        (address, identity(folder).unwrap())
    }

    #[tokio::test]
    async fn every_batch_of_every_agent_is_acknowledged_once() {
        let folder = tempfile::tempdir().unwrap();
        let (address, identity) = listening(folder.path()).await;
        let mut sessions = Vec::new();
        for number in 1..=3 {
            let channel = connect(address, Ipv4Addr::LOCALHOST, identified(&identity).unwrap()).await.unwrap();
            sessions.push(Session::open(channel, number, 0).await.unwrap());
        }
        let batches = load::batches(0).split_off(load::BATCHES - 7);
        let load = load::run(sessions, Arc::new(batches), || Ok(())).await.unwrap();
        assert_eq!(load.waits.len(), 3 * 7);
    }

    #[tokio::test]
    async fn who_has_no_certificate_is_not_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let (address, identity) = listening(folder.path()).await;
        // With TLS 1.3 the client learns of the refusal only after its own part of the handshake.
        let channel = connect(address, Ipv4Addr::LOCALHOST, anonymous(&identity.authority).unwrap()).await;
        let session = match channel {
            Ok(channel) => Session::open(channel, 1, 0).await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(session.is_err());
    }
}
