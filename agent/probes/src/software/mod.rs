//! Installed software: package managers, run-times, content management systems, and artificial intelligence.
//!
//! Reads files beneath the context's root; starts no program. Nothing of a person is read: folders in homes are told as
//! `~`, and what lies there is counted only where it serves the whole machine.

pub mod facts;

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{AiFacts, SoftwareFacts};
use crate::files::Root;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("software");

/// The software probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoftwareProbe;

impl Probe for SoftwareProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Installed software of this host: what is no longer mended, sites on disk, what nobody declared",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(60),
            observation: ProbeSpec::schema_of::<SoftwareFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let root = Root::new(&context.root);
            let look = tokio::task::spawn_blocking(move || look(&root));
            let facts =
                look.await.map_err(|error| ProbeError::new("read", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

fn look(root: &Root) -> Result<SoftwareFacts, ProbeError> {
    if !root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    Ok(SoftwareFacts {
        managers: Vec::new(),
        products: unseen(),
        cms: unseen(),
        is_declared: false,
        unauthorised: unseen(),
        ai: AiFacts {
            servers: unseen(),
            server_count: unseen(),
            applications: unseen(),
            application_count: unseen(),
            reachable_server_count: unseen(),
        },
    })
}

/// What no reader has looked at yet.
fn unseen<T>() -> Fact<T> {
    Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "not looked at")
}
