//! What a probe is handed: time, root folder, resolver and trust, so that nothing is read from the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use vedetta_checks::fact::Unknown;
use vedetta_checks::pack::trust::TrustedFeed;
use vedetta_checks::word::Reason;

use crate::declared::Declared;
use crate::dns::SharedChains;
use crate::dns::lookup::{RootHints, SharedDns, TrustAnchors};
use crate::host_declared::HostDeclared;
use crate::mail::exchangers::SharedServers;
use crate::packages::SharedPackages;
use crate::tls::shared::SharedLooks;

/// What one look is given.
#[derive(Debug, Clone)]
pub struct ProbeContext {
    /// The moment that counts as now, for expiry and age.
    pub now: Timestamp,
    /// Folder that stands for `/`; every file is read beneath it.
    pub root: PathBuf,
    /// Longest time for the whole look.
    pub deadline: Duration,
    /// Name server to ask, instead of the system's own.
    pub resolver: Option<SocketAddr>,
    /// Certificates that are trusted beside the public roots.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Whether crafted, malformed or log-in-like questions are allowed for this target; without it they are not asked.
    pub active: bool,
    /// Looks at TLS endpoints that probes of one run share; empty at the start of a run.
    pub tls_looks: SharedLooks,
    /// What the looks of one run learn of mail servers; empty at the start of a run.
    pub mail_servers: SharedServers,
    /// What the looks of one run learn of the DNS; empty at the start of a run.
    pub dns: SharedDns,
    /// What the package manager of the host shows; empty at the start of a run.
    pub packages: SharedPackages,
    /// Zones whose keys were proved in one run; empty at the start of a run.
    pub chains: SharedChains,
    /// Where iteration from the root begins, instead of asking a resolver.
    pub root_hints: Option<RootHints>,
    /// Keys of the root zone that are believed.
    pub trust_anchors: TrustAnchors,
    /// Port on which name servers answer; 53 unless a person says otherwise.
    pub dns_port: u16,
    /// Port on which mail servers answer; 25 unless a person says otherwise.
    pub smtp_port: u16,
    /// Port on which policies of MTA-STS are fetched; 443 unless a person says otherwise.
    pub https_port: u16,
    /// What organisations declare of their domains.
    pub declared: Declared,
    /// What the organisation declares of this host.
    pub host_declared: HostDeclared,
    /// Known vulnerabilities of packages, or why there are none to compare with.
    pub feed: Result<TrustedFeed, Unknown>,
    /// Port on which the target's site answers without TLS; 80 unless a person says otherwise.
    pub http_port: u16,
    /// How the probe names itself to others: a product and the operator's contact, one line.
    pub identification: String,
}

impl ProbeContext {
    /// A context for this host with the defaults: root `/`, system resolver, public roots only.
    #[must_use]
    pub fn new(now: Timestamp, deadline: Duration) -> Self {
        Self {
            now,
            root: PathBuf::from("/"),
            deadline,
            resolver: None,
            extra_roots: Vec::new(),
            active: false,
            tls_looks: SharedLooks::default(),
            mail_servers: SharedServers::default(),
            dns: SharedDns::default(),
            packages: SharedPackages::default(),
            chains: SharedChains::default(),
            root_hints: None,
            trust_anchors: TrustAnchors::default(),
            dns_port: 53,
            smtp_port: 25,
            https_port: 443,
            declared: Declared::default(),
            host_declared: HostDeclared::default(),
            feed: Err(Unknown::new(Reason::NO_FEED, "this host has no list of known vulnerabilities")),
            http_port: 80,
            identification: concat!("Vedetta/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// The same for another run: what the looks of a run learn from each other grows old, and is left behind.
    #[must_use]
    pub fn for_another_run(&self) -> Self {
        // Every field is named, so that a new one cannot be carried over by oversight.
        Self {
            now: self.now,
            root: self.root.clone(),
            deadline: self.deadline,
            resolver: self.resolver,
            extra_roots: self.extra_roots.clone(),
            active: self.active,
            tls_looks: SharedLooks::default(),
            mail_servers: SharedServers::default(),
            dns: SharedDns::default(),
            packages: SharedPackages::default(),
            chains: SharedChains::default(),
            root_hints: self.root_hints.clone(),
            trust_anchors: self.trust_anchors.clone(),
            dns_port: self.dns_port,
            smtp_port: self.smtp_port,
            https_port: self.https_port,
            declared: self.declared.clone(),
            host_declared: self.host_declared.clone(),
            feed: self.feed.clone(),
            http_port: self.http_port,
            identification: self.identification.clone(),
        }
    }

    /// Whether the probe looks at the running host, not at a folder that holds another one.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.root == Path::new("/")
    }
}
