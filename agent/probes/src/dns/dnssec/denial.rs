//! Proofs that something does not exist, from records whose signatures hold.

use hickory_proto::rr::RecordType;

use super::names::Canonical;
use super::nsec::Gaps;
use super::nsec3::Hashed;
use super::rdata::{Nsec, Nsec3, Types};

/// What is to be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// There is no such name.
    NoName,
    /// The name has no records of the type.
    NoRecords,
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Absence {
    /// Why the answer counts as unsigned all the same; none when the proof is whole.
    pub(super) insecure: Option<String>,
    /// Whether the name is delegated to another zone.
    pub(super) delegation: bool,
}

/// Why a proof fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gap {
    /// There is none.
    Missing,
    /// It does not show what it should.
    Invalid(String),
}

/// The NSEC and NSEC3 records of one message whose signatures hold.
#[derive(Debug, Default)]
pub(super) struct Denials {
    pub(super) nsec: Vec<Nsec>,
    pub(super) nsec3: Vec<Nsec3>,
}

impl Denials {
    /// Proof that the name or its records of a type do not exist.
    pub(super) fn absence(
        &self,
        zone: &Canonical,
        name: &Canonical,
        kind: RecordType,
        wanted: Wanted,
    ) -> Result<Absence, Gap> {
        self.either(zone, |gaps| gaps.absence(name, kind, wanted), |hashed| hashed.absence(name, kind, wanted))
    }

    /// Proof that no closer name than a wildcard exists; `depth` is that of the name above the wildcard.
    pub(super) fn wildcard(&self, zone: &Canonical, name: &Canonical, depth: usize) -> Result<Absence, Gap> {
        self.either(zone, |gaps| gaps.wildcard(name, depth), |hashed| hashed.wildcard(name, depth))
    }

    /// One whole proof of either kind is enough.
    fn either(
        &self,
        zone: &Canonical,
        by_nsec: impl FnOnce(&Gaps<'_>) -> Result<Absence, Gap>,
        by_nsec3: impl FnOnce(&Hashed<'_>) -> Result<Absence, Gap>,
    ) -> Result<Absence, Gap> {
        let hashed = Hashed::of(zone, &self.nsec3);
        if self.nsec.is_empty() {
            return hashed.map_or(Err(Gap::Missing), |hashed| by_nsec3(&hashed));
        }
        let found = by_nsec(&Gaps::of(zone, &self.nsec));
        match (found, hashed) {
            (Err(_), Some(hashed)) => by_nsec3(&hashed),
            (found, _) => found,
        }
    }
}

/// Whether the types of a name show that it has none of this type.
pub(super) fn types_deny(types: &Types, name: &Canonical, kind: RecordType) -> Result<Absence, Gap> {
    let delegation = types.has(RecordType::NS) && !types.has(RecordType::SOA);
    if types.has(kind) || types.has(RecordType::CNAME) {
        return Err(Gap::Invalid("the proof itself says that the name has such records".to_owned()));
    }
    // The parent's record speaks of the delegation alone, the zone's own of everything else (RFC 6840 section 4.4).
    if kind == RecordType::DS && types.has(RecordType::SOA) && name.depth() > 0 {
        return Err(Gap::Invalid("the proof is the zone's own where the parent's is needed".to_owned()));
    }
    if kind != RecordType::DS && delegation {
        return Err(Gap::Invalid("the proof is the parent's where the zone's own is needed".to_owned()));
    }
    Ok(Absence { insecure: None, delegation })
}
