//! The border between an agent without rights and a reader with more: what the one leaves to the other.
//!
//! The reader runs [`look`], the agent [`complete`]. The reader sees the host: files, processes, sockets, the packet filter. It
//! asks no service and reads nothing that the agent received: questions to services are put by the agent, to the sockets
//! that the reader listed, and so is the comparison with known vulnerabilities. Names of persons are left out on both sides.

use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::target::Target;
use vedetta_checks::value::Record;
use vedetta_checks::word::{ProbeName, Reason};

use crate::files::Root;
use crate::run::{guarded, observe};
use crate::{ProbeContext, packages, services};

/// The field of the probe `packages` that needs rights.
const RESTART: &str = "restart";

/// What a reader can be asked for: the one closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All that the probe `host` sees.
    Host,
    /// What the probe `services` sees, before any service is asked.
    Services,
    /// All that the probe `software` sees.
    Software,
    /// All that the probe `certificates` sees.
    Certificates,
    /// Of the probe `packages` the processes that run replaced files.
    Restart,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 5] = [Self::Host, Self::Services, Self::Software, Self::Certificates, Self::Restart];

    /// Its word, by which it is asked for.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Services => "services",
            Self::Software => "software",
            Self::Certificates => "certificates",
            Self::Restart => RESTART,
        }
    }

    /// The part with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }

    /// The probe that it belongs to.
    #[must_use]
    pub const fn probe(self) -> ProbeName {
        ProbeName::from_static(match self {
            Self::Host => "host",
            Self::Services => "services",
            Self::Software => "software",
            Self::Certificates => "certificates",
            Self::Restart => "packages",
        })
    }

    /// The part that a probe leaves to the reader; none for a probe that needs no rights.
    #[must_use]
    pub fn of_probe(probe: &ProbeName) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.probe() == *probe)
    }

    /// The one field of the observation that it brings; none when it brings all of them.
    #[must_use]
    pub const fn only_field(self) -> Option<&'static str> {
        match self {
            Self::Restart => Some(RESTART),
            Self::Host | Self::Services | Self::Software | Self::Certificates => None,
        }
    }
}

/// Looks in the place of an agent without rights: one part of the running host.
///
/// # Errors
/// [`ProbeError`] as of the probe itself.
pub async fn look(part: Part, context: ProbeContext) -> Result<Observation, ProbeError> {
    let (name, now) = (part.probe(), context.now);
    match part {
        Part::Host | Part::Software | Part::Certificates => observe(name, Target::Host, context).await,
        Part::Services => {
            let (root, declared) = (Root::new(&context.root), context.host_declared.clone());
            let seen = tokio::task::spawn_blocking(move || services::look(&root, &declared));
            let probe = name.clone();
            guarded(&name, Target::Host, context.root, context.deadline, async move {
                let facts = seen.await.map_err(broke_off)??;
                Ok(Observation::new(probe, Target::Host, now, facts))
            })
            .await
        }
        Part::Restart => {
            let root = Root::new(&context.root);
            let seen = tokio::task::spawn_blocking(move || packages::look_at_processes(&root));
            let probe = name.clone();
            guarded(&name, Target::Host, context.root, context.deadline, async move {
                let facts = Record::from([(RESTART.into(), seen.await.map_err(broke_off)?)]);
                Ok(Observation { probe, target: Target::Host, observed_at: now, facts })
            })
            .await
        }
    }
}

/// Adds to what a reader saw what only this process does: questions to services, the package manager and its comparison.
///
/// # Errors
/// [`ProbeError`] when that breaks off, or when what the reader told lacks its facts.
pub async fn complete(part: Part, mut seen: Observation, context: ProbeContext) -> Result<Observation, ProbeError> {
    let name = part.probe();
    match part {
        Part::Host | Part::Software | Part::Certificates => Ok(seen),
        Part::Services => {
            let (root, deadline) = (context.root.clone(), context.deadline);
            guarded(&name, Target::Host, root, deadline, async move {
                services::ask_of(&mut seen.facts, &context).await?;
                Ok(seen)
            })
            .await
        }
        Part::Restart => {
            let restart = seen.facts.remove(RESTART).ok_or_else(|| {
                ProbeError::new("ask the reader", Reason::CORRUPT, "it did not tell the processes of replaced files")
            })?;
            let mut own = observe(name, Target::Host, context).await?;
            own.facts.insert(RESTART.into(), restart);
            Ok(own)
        }
    }
}

fn broke_off(error: tokio::task::JoinError) -> ProbeError {
    ProbeError::new("look", Reason::PROBE_FAILED, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_belongs_to_one_probe_of_the_host() {
        let catalogue = crate::catalogue();
        for part in Part::ALL {
            let spec = catalogue.get(&part.probe()).expect("a compiled probe");
            assert_eq!(spec.target, Target::Host.kind(), "{}", part.word());
            assert_eq!((Part::of_word(part.word()), Part::of_probe(&part.probe())), (Some(part), Some(part)));
            assert!(part.only_field().is_none_or(|field| spec.observation.field(field).is_some()));
        }
        assert_eq!(Part::of_word("tls"), None);
    }

    #[test]
    fn every_probe_of_the_host_is_left_to_the_reader() {
        let of_host = crate::catalogue();
        // That of Windows has nothing to see where the reader is.
        let is_of_linux = |name: &ProbeName| name.as_str() != "windows";
        let of_host = of_host.iter().filter(|spec| spec.target == Target::Host.kind() && is_of_linux(&spec.name));
        for spec in of_host {
            assert!(Part::of_probe(&spec.name).is_some(), "{} has no part of the reader", spec.name);
        }
    }
}
