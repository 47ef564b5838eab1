//! What the tests of this crate share: an authority in a temporary folder, its port on loopback, and TLS clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::client::TlsStream;
use uuid::Uuid;
use vedetta_core::actor::{Actor, SystemJob};
use vedetta_core::changes::Changes;
use vedetta_core::ids::{AgentId, OrganisationId};
use vedetta_core::organisation::{Organisation, OrganisationKind};
use vedetta_core::store::Store as _;
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::agent::enrolment_client::EnrolmentClient;
use vedetta_proto::agent::{self, FromAgent, from_agent, from_collector};
use vedetta_proto::enrolment_code::EnrolmentCode;
use vedetta_proto::limits::COLLECTOR_NAME;
use vedetta_proto::wire::time_to_wire;
use vedetta_store::Embedded;

use crate::acceptor::agents::{PORT_LIMITS, Ways, configuration, provider, start};
use crate::acceptor::connections::Connections;
use crate::acceptor::{PortLimits, TlsPort};
use crate::admin::Verb as _;
use crate::admin::verbs::code::{New, NewRequest};
use crate::authority::{Authority, CheckedRequest, Lifetimes};
use crate::clock::Clock;
use crate::intake::{Shared, servers};
use crate::stop::{Stopper, pair};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A clock that a test moves.
#[derive(Clone, Default)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn at(text: &str) -> Self {
        let start: Timestamp = text.parse().unwrap();
        Self(Arc::new(AtomicI64::new(start.as_second())))
    }

    pub(crate) fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::of(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_secs()).unwrap(), Ordering::SeqCst);
    }
}

/// An agent's key and certificate.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// A new key and its certificate request.
pub(crate) fn key_and_request() -> (KeyPair, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let request = CertificateParams::new(Vec::new()).unwrap().serialize_request(&key).unwrap().der().to_vec();
    (key, request)
}

/// An identity from the certificate chain that the collector sent.
pub(crate) fn identity(key: &KeyPair, chain: &[Vec<u8>]) -> Identity {
    Identity {
        chain: chain.iter().map(|der| CertificateDer::from(der.clone())).collect(),
        key: PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
    }
}

/// An authority, and its port on loopback.
pub(crate) struct Port {
    pub(crate) authority: Arc<Authority>,
    pub(crate) address: SocketAddr,
    pub(crate) connections: Connections,
    pub(crate) clock: TestClock,
    _stopper: Stopper,
    _folder: tempfile::TempDir,
}

impl Port {
    pub(crate) async fn open(limits: PortLimits) -> (Self, Ways) {
        let folder = tempfile::tempdir().unwrap();
        let clock = TestClock::at("2026-11-21T10:00:00Z");
        let now = clock.clock().now();
        let lifetimes = Lifetimes { authority: DAY * 3_650, collector: DAY * 3_000 };
        let authority = Arc::new(Authority::open(folder.path(), lifetimes, now).unwrap());
        let own = authority.issue_collector(now).unwrap();
        let (_, configuration) = watch::channel(configuration(&authority, own, &clock.clock()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections::default();
        let (stopper, stop) = pair();
        let (_, ways) = start(TlsPort { listener, configuration, limits }, connections.clone(), stop);
        (Self { authority, address, connections, clock, _stopper: stopper, _folder: folder }, ways)
    }

    /// The identity of an agent whose certificate lives for a time.
    pub(crate) fn agent(&self, agent: AgentId, life: Duration) -> Identity {
        issue(&self.authority, agent, life, self.clock.clock().now())
    }

    /// A TLS client that trusts this authority.
    pub(crate) fn client(&self, identity: Option<Identity>) -> Arc<ClientConfig> {
        client(&self.authority, identity)
    }

    pub(crate) async fn connect(&self, client: Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(COLLECTOR_NAME).unwrap();
        tokio_rustls::TlsConnector::from(client).connect(name, tcp).await
    }
}

pub(crate) fn issue(authority: &Authority, agent: AgentId, life: Duration, now: Timestamp) -> Identity {
    let (key, request) = key_and_request();
    let checked = CheckedRequest::read(&request).unwrap();
    let issued = authority.issue_agent(&checked, agent, 1, crate::authority::later(now, life), now).unwrap();
    identity(&key, &issued.chain)
}

pub(crate) fn client(authority: &Authority, identity: Option<Identity>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut client = match identity {
        Some(identity) => builder.with_client_auth_cert(identity.chain, identity.key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    client.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(client)
}

/// A whole intake on loopback over a store in a temporary folder, with one Comune.
pub(crate) struct Collector {
    pub(crate) port: Port,
    pub(crate) shared: Arc<Shared<Embedded>>,
    stopper: Option<Stopper>,
    _store_folder: tempfile::TempDir,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        Self::start_with(vedetta_store::Options::default()).await
    }

    /// One whose store has these sizes.
    pub(crate) async fn start_with(options: vedetta_store::Options) -> Self {
        let (port, ways) = Port::open(PORT_LIMITS).await;
        let folder = tempfile::tempdir().unwrap();
        let options = vedetta_store::Options { free_bytes_reserve: 0, ..options };
        let (store, _) = Embedded::open(&folder.path().join("store"), options).unwrap();
        let packages = Arc::new(vedetta_web::Packages::of(folder.path().join("packages")));
        let mut shared = Shared::new(store, Arc::clone(&port.authority), port.clock.clock(), packages);
        shared.connections = port.connections.clone();
        let shared = Arc::new(shared);
        let (stopper, stop) = pair();
        tokio::spawn(servers::serve(Arc::clone(&shared), ways, stop));
        let comune = OrganisationId::new(Uuid::from_u128(1));
        let mut changes = Changes::audited("organisation.found", comune);
        changes.put(Organisation {
            id: comune,
            kind: OrganisationKind::Comune,
            name: "Comune di prova".to_owned(),
            istat_code: None,
            cadastral_code: None,
            ipa_code: None,
            parents: std::collections::BTreeSet::new(),
            perimeter: vedetta_core::organisation::Perimeter::default(),
            contacts: Vec::new(),
            is_demonstration: true,
        });
        let job = Actor::Job(SystemJob::new("test"));
        shared.store.commit(&job, shared.clock.now(), changes).await.unwrap();
        Self { port, shared, stopper: Some(stopper), _store_folder: folder }
    }

    /// What verbs work with.
    pub(crate) fn context(&self) -> crate::admin::Context<Embedded> {
        let facts = crate::admin::Facts {
            agents_addresses: vec![self.port.address.to_string()],
            people_url: "https://localhost:1".to_owned(),
            started_at: self.shared.clock.now(),
            store_report: String::new(),
            embedded: Some(self.shared.store.clone()),
        };
        crate::admin::Context { shared: Arc::clone(&self.shared), facts: Arc::new(facts), uid: 0 }
    }

    /// The secret of a new enrolment code, as the wire carries it.
    pub(crate) async fn code(&self) -> String {
        let request = NewRequest { organisation: "Comune di prova".to_owned(), valid_for: 3_600 };
        let code: EnrolmentCode = New::run(&self.context(), request).await.unwrap().code.parse().unwrap();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(code.secret)
    }

    /// A gRPC channel over a connection of its own.
    pub(crate) async fn channel(&self, identity: Option<Identity>) -> tonic::transport::Channel {
        let stream = self.port.connect(self.port.client(identity)).await.unwrap();
        let mut once = Some(hyper_util::rt::TokioIo::new(stream));
        tonic::transport::Endpoint::from_static("http://collector")
            .connect_with_connector(tower::service_fn(move |_| {
                let stream = once.take().ok_or(std::io::Error::other("one connection only"));
                async move { stream }
            }))
            .await
            .unwrap()
    }

    /// Asks for an identity with a code.
    pub(crate) async fn enrol(&self, code: String, key: &KeyPair) -> Result<(AgentId, Vec<Vec<u8>>), tonic::Status> {
        let request = agent::EnrolRequest {
            code,
            certificate_request: CertificateParams::new(Vec::new())
                .unwrap()
                .serialize_request(key)
                .unwrap()
                .der()
                .to_vec(),
            host_name: "prova".to_owned(),
            agent_version: "0.1.0".to_owned(),
            public_names: Vec::new(),
        };
        let mut client = EnrolmentClient::new(self.channel(None).await);
        let answer = client.enrol(request).await?.into_inner();
        let id = AgentId::new(Uuid::from_slice(&answer.agent_id).unwrap());
        Ok((id, answer.certificate_chain))
    }

    /// Enrols an agent and has it report one failure on its host.
    pub(crate) async fn reported(&self) -> AgentId {
        let (id, key, chain) = self.enrolled().await;
        let result = agent::Result {
            check: "patch.security.pending".to_owned(),
            pack_digest: vec![7; 32],
            target: "host".to_owned(),
            vantage: agent::Vantage::Inside.into(),
            verdict: agent::Verdict::Fail.into(),
            clause: "pending".to_owned(),
            observed_at: time_to_wire(self.shared.clock.now()),
            ..agent::Result::default()
        };
        let hello = agent::Hello {
            protocol_least: 1,
            protocol_greatest: 1,
            agent_version: "0.1.0".to_owned(),
            spool_epoch: vec![5; 16],
            boot_id: vec![1; 16],
            assignment_revision: 1,
            sent_at: time_to_wire(self.shared.clock.now()),
            ..agent::Hello::default()
        };
        let batch = agent::Batch { sequence: 1, results: vec![result], ..agent::Batch::default() };
        let said = [from_agent::Message::Hello(hello), from_agent::Message::Batch(batch)];
        let messages = tokio_stream::iter(said.map(|message| FromAgent { message: Some(message) }));
        let mut client = AgentsClient::new(self.channel(Some(identity(&key, &chain))).await);
        let mut answers = client.report(messages).await.unwrap().into_inner();
        loop {
            let answer = answers.message().await.unwrap().expect("an acknowledgement before the end");
            if matches!(answer.message, Some(from_collector::Message::Ack(_))) {
                return id;
            }
        }
    }

    /// An enrolled agent: its id, key and certificates.
    pub(crate) async fn enrolled(&self) -> (AgentId, KeyPair, Vec<Vec<u8>>) {
        let key = KeyPair::generate().unwrap();
        let (id, chain) = self.enrol(self.code().await, &key).await.unwrap();
        (id, key, chain)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Some(stopper) = self.stopper.take() {
            stopper.stop();
        }
    }
}
