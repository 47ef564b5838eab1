//! Proofs of absence by NSEC: the gaps between names (RFC 4035 section 5.4, RFC 6840 section 4).

use hickory_proto::rr::RecordType;

use super::denial::{Absence, Gap, Wanted, types_deny};
use super::names::Canonical;
use super::rdata::Nsec;

/// NXNAME: stands among the types of a name that does not exist, where the proof is made for that one name (RFC 9824 section 3).
pub(super) const NO_SUCH_NAME: RecordType = RecordType::Unknown(128);

/// The proof of one message.
pub(super) struct Gaps<'a> {
    zone: &'a Canonical,
    records: &'a [Nsec],
}

impl<'a> Gaps<'a> {
    pub(super) fn of(zone: &'a Canonical, records: &'a [Nsec]) -> Self {
        Self { zone, records }
    }

    fn matching(&self, name: &Canonical) -> Option<&'a Nsec> {
        self.records.iter().find(|record| record.owner == *name)
    }

    /// A gap in which the name lies. One that begins at a delegation or an alias says nothing of the names beneath it
    /// (RFC 6840 section 4.1).
    fn covering(&self, name: &Canonical) -> Option<&'a Nsec> {
        self.records.iter().find(|record| {
            let wraps = record.next <= record.owner;
            let inside = record.owner < *name && (wraps || *name < record.next);
            let elsewhere = record.types.has(RecordType::DNAME)
                || (record.types.has(RecordType::NS) && !record.types.has(RecordType::SOA));
            inside && name.is_within(self.zone) && !(elsewhere && name.is_beneath(&record.owner))
        })
    }

    /// Labels of the deepest name above `name` that the gap shows to exist.
    fn encloser_depth(gap: &Nsec, name: &Canonical) -> usize {
        gap.owner.common_depth(name).max(gap.next.common_depth(name))
    }

    /// Proof that the name or its records of a type do not exist.
    pub(super) fn absence(&self, name: &Canonical, kind: RecordType, wanted: Wanted) -> Result<Absence, Gap> {
        if let Some(record) = self.matching(name) {
            return match wanted {
                Wanted::NoRecords => types_deny(&record.types, name, kind),
                Wanted::NoName if record.types.has(NO_SUCH_NAME) => Ok(Absence::default()),
                Wanted::NoName => Err(Gap::Invalid("the NSEC records show that the name exists".to_owned())),
            };
        }
        let Some(gap) = self.covering(name) else {
            return Err(Gap::Invalid("no NSEC record covers the name".to_owned()));
        };
        let is_empty = gap.next.is_beneath(name);
        let wildcard = name.ancestor(Self::encloser_depth(gap, name)).wildcard();
        match wanted {
            // A name without records that has names beneath it.
            Wanted::NoRecords if is_empty => Ok(Absence::default()),
            Wanted::NoRecords => match self.matching(&wildcard) {
                Some(record) => types_deny(&record.types, &wildcard, kind),
                None => Err(Gap::Invalid("the NSEC records do not show the name".to_owned())),
            },
            Wanted::NoName if is_empty => Err(Gap::Invalid("the NSEC records show that the name exists".to_owned())),
            Wanted::NoName if self.covering(&wildcard).is_some() => Ok(Absence::default()),
            Wanted::NoName => Err(Gap::Invalid("no NSEC record shows that there is no wildcard".to_owned())),
        }
    }

    /// Proof that no closer name than the wildcard exists; `depth` is that of the name above the wildcard.
    pub(super) fn wildcard(&self, name: &Canonical, depth: usize) -> Result<Absence, Gap> {
        match self.covering(name) {
            Some(gap) if Self::encloser_depth(gap, name) <= depth => Ok(Absence::default()),
            Some(_) => Err(Gap::Invalid("the NSEC records show a closer name than the wildcard".to_owned())),
            None => Err(Gap::Invalid("no NSEC record shows that the wildcard applies".to_owned())),
        }
    }
}
