//! Probe `tls`: what one TLS endpoint of any age shows to any visitor, and to a crafted message where that is allowed.
//!
//! Hellos of our own tell versions, suites, groups and most else from SSL 2.0 to TLS 1.3 without any cryptography; a few
//! finished handshakes tell what TLS 1.3 hides. The certificates are recorded before anybody judges them, so their facts
//! come for expired and foreign ones too.
//!
//! Read in this order: [`facts`] (what it may say), `look` (one whole look), `dial` and `starttls` (connections), [`wire`]
//! (the bytes), `enumerate` (hellos), `finish` (finished handshakes), `attack` (crafted messages), [`certificate`],
//! `told` (everything as facts), [`policy`]. `any_certificate` and `library` serve whoever finishes a handshake by the TLS
//! library.

pub(crate) mod any_certificate;
mod attack;
pub mod certificate;
pub(crate) mod connect;
pub(crate) mod dial;
mod enumerate;
pub mod facts;
pub(crate) mod finish;
pub(crate) mod library;
mod look;
pub mod policy;
pub mod shared;
pub(crate) mod starttls;
mod told;
mod unseen;
pub mod wire;

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::{Observing, Probe, ProbeContext};
use facts::TlsFacts;
pub(crate) use shared::passive_look;

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("tls");
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(20);

/// The probe; see the module.
#[derive(Debug, Clone, Copy)]
pub struct TlsProbe;

impl Probe for TlsProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 2,
            summary: "Versions, suites, certificates and weaknesses of a TLS endpoint.",
            target: TargetKind::Endpoint,
            reach: Reach::Passive,
            deadline: DEADLINE,
            observation: ProbeSpec::schema_of::<TlsFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let Target::Endpoint(endpoint) = target else {
                return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, target.to_string()));
            };
            let facts = if context.active {
                look::look(endpoint, context).await
            } else {
                passive_look(endpoint, context).await
            }?;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}
