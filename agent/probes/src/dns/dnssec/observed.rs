//! What replies show of a zone's signatures, whether or not they hold.

use std::collections::{BTreeMap, BTreeSet};

use hickory_proto::rr::{Name, RecordType};
use jiff::{SignedDuration, Timestamp};

use super::judge::instant;
use super::names::Canonical;
use super::rdata::{Hashing, Nsec, Nsec3, Signature, Types};
use super::sets::{Evidence, RecordSet};

/// Names that are kept out of the gaps that replies show.
const NAMES_MAX: usize = 64;

/// What was seen of one zone.
#[derive(Debug)]
pub(super) struct Observed {
    zone: Canonical,
    now: Timestamp,
    /// Algorithms that sign records of the zone.
    pub(super) algorithms: BTreeSet<u8>,
    /// Tags and algorithms of the keys that sign the keys.
    pub(super) key_signers: BTreeSet<(u16, u8)>,
    /// The record set whose signature ends first: when, and the set.
    pub(super) first_end: Option<(Timestamp, String)>,
    /// Whether absence is proved by NSEC.
    pub(super) nsec: bool,
    /// How names are hashed, where absence is proved by NSEC3.
    pub(super) nsec3: Option<Hashing>,
    /// Whether proofs are made when they are asked for: the gap ends right behind the name (RFC 4470).
    pub(super) made_on_demand: bool,
    /// Names of the zone that gaps show, with their types where these were seen too.
    pub(super) names: BTreeMap<Canonical, (Name, Option<Types>)>,
}

impl Observed {
    pub(super) fn new(zone: &Name, now: Timestamp) -> Self {
        Self {
            zone: Canonical::of(zone),
            now,
            algorithms: BTreeSet::new(),
            key_signers: BTreeSet::new(),
            first_end: None,
            nsec: false,
            nsec3: None,
            made_on_demand: false,
            names: BTreeMap::new(),
        }
    }

    /// Takes note of what one reply shows.
    pub(super) fn note(&mut self, evidence: &Evidence) {
        let zone = self.zone.clone();
        for set in evidence.sets().filter(|set| set.owner.is_within(&zone)) {
            self.note_signatures(set);
            for record in &set.records {
                if set.kind == RecordType::NSEC {
                    self.note_gap(Nsec::parse(&set.name, &record.sent));
                } else if set.kind == RecordType::NSEC3 {
                    let found = Nsec3::parse(&set.name, &record.sent).filter(|found| found.zone == zone);
                    self.nsec3 = found.map(|found| found.hashing).or(self.nsec3.take());
                }
            }
        }
    }

    fn note_signatures(&mut self, set: &RecordSet) {
        let own = |signature: &&Signature| Canonical::of(&signature.signer) == self.zone;
        let own: Vec<&Signature> = set.signatures.iter().filter(own).collect();
        self.algorithms.extend(own.iter().map(|signature| signature.algorithm));
        if set.kind == RecordType::DNSKEY && set.owner == self.zone {
            self.key_signers.extend(own.iter().map(|signature| (signature.tag, signature.algorithm)));
        }
        // A set holds as long as the last of its signatures does.
        let Some(end) = own.iter().map(|signature| instant(signature.expiration, self.now)).max() else { return };
        if self.first_end.as_ref().is_none_or(|(first, _)| end < *first) {
            self.first_end = Some((end, set.subject()));
        }
    }

    fn note_gap(&mut self, gap: Option<Nsec>) {
        let Some(gap) = gap else { return };
        self.nsec = true;
        if gap.next.first_label() == Some(b"\0") && gap.next.is_beneath(&gap.owner) {
            self.made_on_demand = true;
            return;
        }
        if gap.next.is_within(&self.zone) && self.names.len() < NAMES_MAX {
            self.names.entry(gap.next).or_insert((gap.next_name, None));
        }
        if self.names.len() < NAMES_MAX || self.names.contains_key(&gap.owner) {
            self.names.insert(gap.owner, (gap.owner_name, Some(gap.types)));
        }
    }

    /// How long before the end of a signature it counts as late: signers renew theirs a week before at least, those that sign
    /// each answer when it is asked for only hours before.
    pub(super) fn renewal_margin(&self) -> SignedDuration {
        const RENEWED_DAYS: i64 = 7;
        const ON_DEMAND_HOURS: i64 = 6;
        SignedDuration::from_hours(if self.made_on_demand { ON_DEMAND_HOURS } else { RENEWED_DAYS * 24 })
    }
}
