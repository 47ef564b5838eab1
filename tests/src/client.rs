//! A client of the agents' wire that is not our agent: what somebody could write who has an identity, or has none.

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Status, Streaming};
use tower::service_fn;
use uuid::Uuid;
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::agent::enrolment_client::EnrolmentClient;
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::agent::{Batch, EnrolRequest, FromAgent, FromCollector, Hello, from_agent};
use vedetta_proto::enrolment_code::EnrolmentCode;
use vedetta_proto::limits::{COLLECTOR_NAME, PROTOCOL_GREATEST, PROTOCOL_LEAST};

/// Messages that wait to be sent.
const OUTGOING_MAX: usize = 256;

/// A key with its certificate.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// A certificate that nobody but its holder signed.
    pub fn self_made() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["agent.example.test".to_owned()]).unwrap().self_signed(&key);
        Self { chain: vec![certificate.unwrap().der().clone()], key: private(&key) }
    }

    /// Enrols with a code, as any program could.
    pub async fn enrol(authority: &Path, code: &str) -> Result<Self, Status> {
        let code: EnrolmentCode = code.parse().unwrap();
        let key = KeyPair::generate().unwrap();
        let request = CertificateParams::new(Vec::new()).unwrap().serialize_request(&key).unwrap();
        let channel = connect(&code.addresses[0], authority, None).await.unwrap();
        let request = EnrolRequest {
            code: URL_SAFE_NO_PAD.encode(code.secret),
            certificate_request: request.der().to_vec(),
            host_name: "ostile".to_owned(),
            agent_version: "0".to_owned(),
            public_names: Vec::new(),
        };
        let answer = EnrolmentClient::new(channel).enrol(request).await?.into_inner();
        let chain = answer.certificate_chain.into_iter().map(CertificateDer::from).collect();
        Ok(Self { chain, key: private(&key) })
    }
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// A connection to the agents' port whose TLS handshake came about.
pub async fn connect(address: &str, authority: &Path, identity: Option<&Identity>) -> Result<Channel, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_webpki_verifier(verifier);
    let mut config = match identity {
        None => config.with_no_client_auth(),
        Some(identity) => config.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key()).unwrap(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let name = ServerName::try_from(COLLECTOR_NAME).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.map_err(|error| error.to_string())?;
    let held = Mutex::new(Some(TokioIo::new(stream)));
    let connector = service_fn(move |_| {
        let taken = held.lock().unwrap().take();
        async move { taken.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected)) }
    });
    let endpoint = Endpoint::from_shared(format!("http://{COLLECTOR_NAME}")).unwrap();
    endpoint.connect_with_connector(connector).await.map_err(|error| error.to_string())
}

/// A report session.
pub struct Session {
    outgoing: mpsc::Sender<FromAgent>,
    incoming: Streaming<FromCollector>,
    /// Greatest sequence of the epoch that was durable when the session began.
    pub cursor: u64,
}

impl Session {
    /// Greets with an epoch.
    pub async fn open(channel: Channel, epoch: Uuid) -> Result<Self, Status> {
        let (outgoing, receiver) = mpsc::channel(OUTGOING_MAX);
        let hello = Hello {
            protocol_least: PROTOCOL_LEAST,
            protocol_greatest: PROTOCOL_GREATEST,
            agent_version: "0".to_owned(),
            spool_epoch: epoch.as_bytes().to_vec(),
            boot_id: epoch.as_bytes().to_vec(),
            sent_at: crate::clock::now().as_millisecond(),
            ..Hello::default()
        };
        let greeting = FromAgent { message: Some(from_agent::Message::Hello(hello)) };
        outgoing.send(greeting).await.unwrap();
        let answer = AgentsClient::new(channel).report(ReceiverStream::new(receiver)).await?;
        let mut session = Self { outgoing, incoming: answer.into_inner(), cursor: 0 };
        let first = session.answer().await?;
        let Message::Welcome(welcome) = first else { panic!("{first:?} before the welcome") };
        session.cursor = welcome.cursor;
        Ok(session)
    }

    /// The next message of the collector.
    pub async fn answer(&mut self) -> Result<Message, Status> {
        let message = self.incoming.message().await?;
        message.and_then(|message| message.message).ok_or_else(|| Status::cancelled("the collector closed the session"))
    }

    /// Sends a batch without waiting for the word on it.
    pub async fn say(&mut self, batch: Batch) -> Result<(), Status> {
        let message = FromAgent { message: Some(from_agent::Message::Batch(batch)) };
        self.outgoing.send(message).await.map_err(|_| Status::cancelled("the session is over"))
    }

    /// Sends a batch and waits for the word on it; assignments that come in between are passed over.
    pub async fn send(&mut self, batch: Batch) -> Result<Message, Status> {
        self.say(batch).await?;
        loop {
            let answer = self.answer().await?;
            if !matches!(answer, Message::Assignment(_)) {
                return Ok(answer);
            }
        }
    }
}
