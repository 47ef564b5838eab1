//! How the world is observed: one folder per probe, read-only, facts out, never a judgement.
//!
//! Adding a probe is one folder and one line in [`registry`]. A probe reads what it is pointed at, within its deadline,
//! and answers typed facts, each known or unknown with its reason; when it could not look at all it answers a
//! [`ProbeError`]. It never writes, never starts a shell, and never panics on what the world answers.

pub mod certificates;
pub mod context;
pub mod declared;
pub mod dns;
pub mod files;
pub mod host;
pub mod host_declared;
pub mod http;
pub mod json;
pub mod mail;
mod network;
pub mod packages;
pub mod persons;
mod platform;
pub mod ports;
pub mod privileged;
pub mod problems;
mod program;
mod public_suffix;
pub mod run;
pub mod services;
pub mod software;
pub mod supplier;
pub mod tls;
pub mod windows;
mod words;

pub use context::ProbeContext;
pub use run::observe;

use std::pin::Pin;

use vedetta_checks::catalogue::{Observation, ProbeCatalogue, ProbeError, ProbeSpec};
use vedetta_checks::target::Target;

/// What a probe answers, later.
pub type Observing<'a> = Pin<Box<dyn Future<Output = Result<Observation, ProbeError>> + Send + 'a>>;

/// One way of looking at the world.
pub trait Probe: Send + Sync {
    /// What it is, for rules and readers.
    fn spec(&self) -> ProbeSpec;

    /// Looks once. Call [`observe`], which adds the deadline and catches panics.
    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a>;
}

/// Every compiled probe: the one list.
#[must_use]
pub fn registry() -> Vec<Box<dyn Probe>> {
    vec![
        Box::new(tls::TlsProbe),
        Box::new(http::HttpProbe),
        Box::new(dns::DnsProbe),
        Box::new(mail::MailProbe),
        Box::new(packages::PackagesProbe),
        Box::new(services::ServicesProbe),
        Box::new(certificates::CertificatesProbe),
        Box::new(host::HostProbe),
        Box::new(software::SoftwareProbe),
        Box::new(ports::PortsProbe),
        Box::new(windows::WindowsProbe),
    ]
}

/// What the check language needs to know of every compiled probe.
#[must_use]
pub fn catalogue() -> ProbeCatalogue {
    ProbeCatalogue::new(registry().iter().map(|probe| probe.spec()).collect())
}
