//! What every command gathers before it acts: catalogue, host, identity, assignment, packs.

use std::path::Path;

use anyhow::Context as _;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use vedetta_checks::catalogue::ProbeCatalogue;
use vedetta_probes::ProbeContext;

use crate::assignment::Assignment;
use crate::clock;
use crate::config::Config;
use crate::engine::Surroundings;
use crate::identity::{self, Identity, IdentityError};
use crate::packs::{FeedFolderError, PackSet, PackSources};
use crate::reader::Reader;
use crate::targets::{HostAllow, OwnHost};

/// Default deadline of a context; every look sets its own.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(60);

/// Longest contact that probes name, in bytes.
const CONTACT_BYTES_MAX: usize = 128;

/// The host and its agent as the commands find them.
pub(super) struct Environment {
    pub(super) catalogue: ProbeCatalogue,
    pub(super) own: OwnHost,
    /// None when the host is not enrolled.
    pub(super) identity: Option<Identity>,
    pub(super) assignment: Assignment,
    pub(super) allow: HostAllow,
}

impl Environment {
    pub(super) fn gather(config: &Config) -> Self {
        let own = OwnHost::read(Path::new("/"));
        let identity = match identity::load(&config.state) {
            Ok(identity) => Some(identity),
            Err(IdentityError::NotEnrolled) => None,
            // A check of this host needs no identity: it is said, and the check goes on.
            Err(error) => {
                tracing::debug!("{error}");
                None
            }
        };
        let names = identity.as_ref().map_or(&[][..], |identity| identity.public_names.as_slice());
        let allow = HostAllow::new(own.clone(), names, &config.allow);
        let assignment = if identity.is_some() { Assignment::load(&config.state) } else { Assignment::default() };
        Self { catalogue: vedetta_probes::catalogue(), own, identity, assignment, allow }
    }

    /// The packs that this host runs.
    pub(super) fn packs(&self, config: &Config) -> PackSet {
        PackSet::load(&self.pack_sources(config), &self.catalogue, clock::system())
    }

    /// The known vulnerabilities that this host compares with: those of a folder that a person gave, else its own.
    pub(super) fn feed(&self, given: Option<&Path>, config: &Config) -> Result<PackSet, FeedFolderError> {
        let sources = self.pack_sources(config);
        let Some(folder) = given else { return Ok(PackSet::feed_alone(&sources, clock::system())) };
        let mut set = PackSet::default();
        set.use_feed_of(folder, &sources, clock::system())?;
        Ok(set)
    }

    fn pack_sources<'a>(&'a self, config: &'a Config) -> PackSources<'a> {
        PackSources {
            folder: config.packs_folder.as_deref(),
            publishers: &config.publishers,
            state: self.identity.as_ref().map(|_| config.state.as_path()),
            wanted: &self.assignment.wanted_packs,
        }
    }
}

/// What looks are handed, from the configuration.
pub(super) fn surroundings(config: &Config) -> anyhow::Result<Surroundings> {
    let mut context = ProbeContext::new(clock::system(), DEADLINE);
    context.root.clone_from(&config.root);
    context.host_declared.clone_from(&config.host_declared);
    context.resolver = config.resolver;
    if let Some(contact) = &config.contact {
        context.identification = identification(contact);
    }
    if let Some(file) = &config.roots_file {
        context.extra_roots = roots(file)?;
    }
    Ok(Surroundings {
        context,
        concurrency: config.concurrency,
        active: false,
        clock: clock::system,
        now: None,
        reader: Reader::of(config),
    })
}

/// How probes name themselves to others: the product, and whom to ask.
pub(super) fn identification(contact: &str) -> String {
    let product = concat!("Vedetta/", env!("CARGO_PKG_VERSION"));
    format!("{product} ({})", vedetta_checks::fact::clean_text(contact, CONTACT_BYTES_MAX))
}

/// The certificates in a PEM file.
pub(super) fn roots(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let reading = || format!("cannot read certificates from {}", file.display());
    let bytes = crate::files::read(file).with_context(reading)?;
    let bytes = bytes.ok_or_else(|| anyhow::anyhow!("the file is missing")).with_context(reading)?;
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let roots = roots.with_context(reading)?;
    anyhow::ensure!(!roots.is_empty(), "{} holds no certificate", file.display());
    Ok(roots)
}

/// The folder that stands for `/`, which must exist.
pub(super) fn root_folder(root: &Path) -> anyhow::Result<std::path::PathBuf> {
    anyhow::ensure!(root.is_dir(), "--root {}: this is no folder", root.display());
    Ok(root.to_path_buf())
}
