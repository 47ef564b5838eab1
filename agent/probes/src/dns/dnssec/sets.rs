//! Record sets of one message with their signatures, and the bytes that a signature covers (RFC 4034 section 6).

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{DNSClass, Name, RecordType};

use super::names::Canonical;
use super::rdata::Signature;
use crate::dns::client::Reply;
use crate::dns::client::wire::RawRecord;

/// Record sets that are read of one section; an honest one holds fewer than ten.
const SETS_MAX: usize = 64;
/// Signatures of one record set that are read; an honest set has one or two.
const SIGNATURES_MAX: usize = 16;

/// The algorithm that is computed here, not by the provider (RFC 8080).
const ED448: u8 = 16;

/// What one reply offers as evidence.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    /// Whether the reply says that there is no such name.
    pub(super) no_name: bool,
    /// Whether it came without EDNS, so that no server could have put signatures into it.
    pub(super) is_plain: bool,
    pub(super) answers: Vec<RecordSet>,
    pub(super) authorities: Vec<RecordSet>,
}

impl Evidence {
    /// Reads a reply.
    pub(super) fn of(reply: &Reply) -> Self {
        Self {
            no_name: reply.code() == ResponseCode::NXDomain,
            is_plain: reply.message.edns.is_none(),
            answers: of_section(&reply.raw.answers),
            authorities: of_section(&reply.raw.authorities),
        }
    }

    /// The set of a name and type that answers the question.
    pub(super) fn answer(&self, owner: &Canonical, kind: RecordType) -> Option<&RecordSet> {
        self.answers.iter().find(|set| set.kind == kind && set.owner == *owner)
    }

    /// Whether the answer begins at this name, or at a redirection above it.
    pub(super) fn speaks_of(&self, name: &Canonical) -> bool {
        let redirects = |set: &RecordSet| set.kind == RecordType::DNAME && name.is_beneath(&set.owner);
        self.answers.iter().any(|set| set.owner == *name || redirects(set))
    }

    /// Whether a signature is of the kind that takes milliseconds to check.
    pub(super) fn is_laborious(&self) -> bool {
        self.sets().flat_map(|set| &set.signatures).any(|signature| signature.algorithm == ED448)
    }

    /// Every set of both sections.
    pub(super) fn sets(&self) -> impl Iterator<Item = &RecordSet> {
        self.answers.iter().chain(&self.authorities)
    }
}

/// Records of one name and type, and the signatures that cover them.
#[derive(Debug, Clone)]
pub(super) struct RecordSet {
    pub(super) name: Name,
    pub(super) owner: Canonical,
    pub(super) kind: RecordType,
    /// The data of each record.
    pub(super) records: Vec<Data>,
    pub(super) signatures: Vec<Signature>,
}

/// The data of one record.
#[derive(Debug, Clone)]
pub(super) struct Data {
    /// As it was sent, names uncompressed.
    pub(super) sent: Vec<u8>,
    /// In canonical form (RFC 4034 section 6.2 as RFC 6840 section 5.1 amends it).
    pub(super) canonical: Vec<u8>,
}

impl RecordSet {
    /// The set as problems name it: `www.example.it A`.
    pub(super) fn subject(&self) -> String {
        subject(&self.name, self.kind)
    }
}

/// A name and a type as problems name them: `www.example.it A`.
pub(super) fn subject(name: &Name, kind: RecordType) -> String {
    format!("{} {kind}", crate::dns::records::plain(name))
}

fn of_section(section: &[RawRecord]) -> Vec<RecordSet> {
    let mut sets: Vec<RecordSet> = Vec::new();
    let (signatures, records): (Vec<&RawRecord>, Vec<&RawRecord>) = section
        .iter()
        .filter(|record| record.class == u16::from(DNSClass::IN))
        .partition(|record| record.kind == RecordType::RRSIG);
    for record in records {
        let (owner, kind) = (Canonical::of(&record.name), record.kind);
        let data = Data { sent: record.rdata.clone(), canonical: record.canonical() };
        let known = sets.iter().position(|set| set.kind == kind && set.owner == owner);
        if let Some(set) = known.and_then(|known| sets.get_mut(known)) {
            set.records.push(data);
        } else if sets.len() < SETS_MAX {
            sets.push(RecordSet {
                name: record.name.clone(),
                owner,
                kind,
                records: vec![data],
                signatures: Vec::new(),
            });
        }
    }
    for record in signatures {
        let Some(signature) = Signature::parse(&record.rdata) else { continue };
        let (owner, covered) = (Canonical::of(&record.name), RecordType::from(signature.covered));
        if let Some(set) = sets.iter_mut().find(|set| set.kind == covered && set.owner == owner)
            && set.signatures.len() < SIGNATURES_MAX
        {
            set.signatures.push(signature);
        }
    }
    sets
}

/// The bytes that a signature covers (RFC 4034 section 3.1.8.1): its own head, then each record in canonical form and order,
/// once; under a wildcard, the wildcard's name stands for the owner. `None` when the signature names more labels than there are.
pub(super) fn signed_bytes(set: &RecordSet, signature: &Signature) -> Option<Vec<u8>> {
    let labels = usize::from(signature.labels);
    let depth = set.owner.depth() - usize::from(set.owner.is_wildcard());
    let owner = match labels.cmp(&depth) {
        std::cmp::Ordering::Less => set.owner.ancestor(labels).wildcard(),
        std::cmp::Ordering::Equal => set.owner.clone(),
        std::cmp::Ordering::Greater => return None,
    };
    let mut data: Vec<&[u8]> = set.records.iter().map(|data| data.canonical.as_slice()).collect();
    data.sort_unstable();
    data.dedup();
    let mut head = owner.wire();
    head.extend_from_slice(&u16::from(set.kind).to_be_bytes());
    head.extend_from_slice(&u16::from(DNSClass::IN).to_be_bytes());
    head.extend_from_slice(&signature.original_ttl.to_be_bytes());
    let mut signed = signature.head.to_vec();
    signed.extend(Canonical::of(&signature.signer).wire());
    for rdata in data {
        signed.extend_from_slice(&head);
        signed.extend_from_slice(&u16::try_from(rdata.len()).ok()?.to_be_bytes());
        signed.extend_from_slice(rdata);
    }
    Some(signed)
}
