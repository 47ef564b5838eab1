//! What the collector asks this agent to look at: kept between starts, bounded by what the host allows.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vedetta_checks::result::{AssetReference, PackDigest, Vantage};
use vedetta_checks::target::Target;
use vedetta_proto::agent;
use vedetta_proto::limits::{PACKS_MAX, TARGETS_MAX};
use vedetta_proto::wire;

use crate::targets::{AllowedTarget, HostAllow, Refusal, allowed};

/// Name of the file in the state folder.
pub const FILE_NAME: &str = "assignment.json";
/// Version of that file; a greater one is left alone and counts as none.
const FILE_VERSION: u32 = 1;

/// One assigned target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// What results are filed under.
    pub asset: AssetReference,
    /// What to look at.
    pub target: Target,
    /// From where that is.
    pub vantage: Vantage,
}

/// An assignment, checked when it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Rises with each change; 0 for none.
    pub revision: u64,
    /// The targets.
    pub targets: Vec<Assigned>,
    /// Packs to run; empty for those in the binary.
    pub wanted_packs: Vec<PackDigest>,
}

/// What the host makes of an assignment.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// To be looked at.
    pub allowed: Vec<(AssetReference, AllowedTarget, Vantage)>,
    /// Refused by the host, as the collector is told.
    pub refused: Vec<(AssetReference, Refusal)>,
}

impl Assignment {
    /// The assignment in a message; what cannot be read in it is logged and left out.
    #[must_use]
    pub fn from_wire(message: &agent::Assignment) -> Self {
        let mut assignment = Self { revision: message.revision, ..Self::default() };
        for wire in message.targets.iter().take(TARGETS_MAX) {
            match assigned(wire) {
                Ok(assigned) => assignment.targets.push(assigned),
                Err(error) => tracing::warn!("a target of assignment {} is left out: {error}", message.revision),
            }
        }
        for digest in message.wanted_packs.iter().take(PACKS_MAX) {
            match wire::digest_from_wire("wanted_packs", digest) {
                Ok(digest) => assignment.wanted_packs.push(digest),
                Err(error) => tracing::warn!("a pack of assignment {} is left out: {error}", message.revision),
            }
        }
        assignment
    }

    /// Decides on the host what of it is allowed. The host itself always is, assigned or not.
    #[must_use]
    pub fn sort(&self, host: &HostAllow) -> Sorted {
        let mut sorted = Sorted::default();
        if let Ok(own) = allowed(&Target::Host, host) {
            sorted.allowed.push((AssetReference::OwnHost, own, Vantage::Inside));
        }
        for assigned in &self.targets {
            if assigned.target == Target::Host {
                continue;
            }
            match allowed(&assigned.target, host) {
                Ok(target) => sorted.allowed.push((assigned.asset, target, assigned.vantage)),
                Err(refusal) => sorted.refused.push((assigned.asset, refusal)),
            }
        }
        sorted
    }

    /// Reads the kept assignment; none when there is none or it is damaged, for the collector sends it again.
    #[must_use]
    pub fn load(state: &Path) -> Self {
        let file = state.join(FILE_NAME);
        let stored = match crate::files::read(&file) {
            Ok(None) => return Self::default(),
            Ok(Some(bytes)) => serde_json::from_slice::<Stored>(&bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match stored.and_then(Stored::parse) {
            Ok(assignment) => assignment,
            Err(why) => {
                tracing::warn!("{} is damaged and is asked for again: {why}", file.display());
                Self::default()
            }
        }
    }

    /// Keeps the assignment.
    ///
    /// # Errors
    /// When the file cannot be written; the collector sends it again.
    pub fn save(&self, state: &Path) -> io::Result<()> {
        let stored = Stored {
            version: FILE_VERSION,
            revision: self.revision,
            targets: self.targets.iter().map(StoredTarget::of).collect(),
            wanted_packs: self.wanted_packs.iter().map(ToString::to_string).collect(),
        };
        let bytes = serde_json::to_vec(&stored).map_err(io::Error::other)?;
        crate::files::replace(&state.join(FILE_NAME), &bytes)
    }
}

fn assigned(wire: &agent::AssignedTarget) -> Result<Assigned, wire::WireError> {
    Ok(Assigned {
        asset: wire::asset_from_wire(&wire.grant)?,
        target: wire::target_from_wire(&wire.target)?,
        vantage: wire::vantage_from_wire(wire.vantage)?,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    revision: u64,
    targets: Vec<StoredTarget>,
    wanted_packs: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTarget {
    grant: Option<Uuid>,
    target: String,
    outside: bool,
}

impl StoredTarget {
    fn of(assigned: &Assigned) -> Self {
        let grant = match assigned.asset {
            AssetReference::OwnHost => None,
            AssetReference::Granted(grant) => Some(grant),
        };
        Self { grant, target: assigned.target.to_string(), outside: assigned.vantage == Vantage::Outside }
    }
}

impl Stored {
    fn parse(self) -> Result<Assignment, String> {
        if self.version != FILE_VERSION {
            return Err(format!("version {}", self.version));
        }
        let mut assignment = Assignment { revision: self.revision, ..Assignment::default() };
        for stored in self.targets {
            assignment.targets.push(Assigned {
                asset: stored.grant.map_or(AssetReference::OwnHost, AssetReference::Granted),
                target: stored
                    .target
                    .parse()
                    .map_err(|error: vedetta_checks::target::TargetError| error.to_string())?,
                vantage: if stored.outside { Vantage::Outside } else { Vantage::Inside },
            });
        }
        for digest in self.wanted_packs {
            assignment.wanted_packs.push(PackDigest::parse(&digest).map_err(|error| error.to_string())?);
        }
        Ok(assignment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> agent::Assignment {
        let target = |grant: u128, target: &str, vantage| agent::AssignedTarget {
            grant: Uuid::from_u128(grant).as_bytes().to_vec(),
            target: target.to_owned(),
            vantage,
        };
        agent::Assignment {
            revision: 7,
            targets: vec![
                target(1, "tls://127.0.0.1:8443?sni=localhost", 1),
                target(2, "tls://10.9.8.7:443", 1),
                target(3, "not a target", 1),
                target(4, "dns:example.it", 9),
            ],
            packs: Vec::new(),
            wanted_packs: vec![vec![5; 32], vec![1]],
        }
    }

    #[test]
    fn what_cannot_be_read_in_an_assignment_is_left_out_and_the_rest_taken() {
        let assignment = Assignment::from_wire(&message());
        assert_eq!((assignment.revision, assignment.targets.len(), assignment.wanted_packs.len()), (7, 2, 1));
    }

    #[test]
    fn an_assignment_survives_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let assignment = Assignment::from_wire(&message());
        assignment.save(folder.path()).unwrap();
        assert_eq!(Assignment::load(folder.path()), assignment);
    }

    #[test]
    fn a_damaged_file_counts_as_no_assignment() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "{\"version\":1").unwrap();
        assert_eq!(Assignment::load(folder.path()), Assignment::default());
    }

    #[test]
    fn the_host_is_always_looked_at_and_a_foreign_target_never() {
        let sorted = Assignment::from_wire(&message()).sort(&HostAllow::default());
        let allowed: Vec<String> = sorted.allowed.iter().map(|(_, target, _)| target.filed().to_string()).collect();
        assert_eq!(allowed, ["host", "tls://127.0.0.1:8443?sni=localhost"]);
        let refused: Vec<&str> = sorted.refused.iter().map(|(_, refusal)| refusal.target.as_str()).collect();
        assert_eq!(refused, ["tls://10.9.8.7:443"]);
    }
}
