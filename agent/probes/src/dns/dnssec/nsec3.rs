//! Proofs of absence by NSEC3: hashes of names and the gaps between them (RFC 5155 section 8).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use hickory_proto::rr::RecordType;

use super::denial::{Absence, Gap, Wanted, types_deny};
use super::names::Canonical;
use super::nsec::NO_SUCH_NAME;
use super::rdata::{Hashing, Nsec3};

/// Additional iterations above which a proof counts as none and the answer as unsigned, as RFC 9276 section 3.2 allows: the limit
/// of unbound 1.17. `delv` of BIND 9.18.49 takes this many too (`often.tree` in `tests/dnssec`); others stop earlier.
pub(super) const ITERATIONS_MAX: u16 = 150;

/// The proof of one message, all its records hashed alike.
pub(super) struct Hashed<'a> {
    zone: &'a Canonical,
    records: Vec<&'a Nsec3>,
    hashing: &'a Hashing,
}

impl<'a> Hashed<'a> {
    /// The records that belong to the zone and are hashed as the first of them; `None` without any.
    pub(super) fn of(zone: &'a Canonical, records: &'a [Nsec3]) -> Option<Self> {
        let hashing = &records.iter().find(|record| record.zone == *zone)?.hashing;
        let records = records.iter().filter(|record| record.zone == *zone && record.hashing == *hashing).collect();
        Some(Self { zone, records, hashing })
    }

    /// Why the proof counts as none, when names are hashed too often.
    fn too_many_iterations(&self) -> Option<String> {
        let iterations = self.hashing.iterations;
        (iterations > ITERATIONS_MAX).then(|| {
            format!("names are hashed {iterations} times more than once; resolvers count more than {ITERATIONS_MAX} as unsigned")
        })
    }

    fn matching(&self, name: &Canonical) -> Option<&'a Nsec3> {
        let hash = hash(name, self.hashing);
        self.records.iter().copied().find(|record| record.owner == hash)
    }

    fn covering(&self, name: &Canonical) -> Option<&'a Nsec3> {
        let hash = hash(name, self.hashing);
        self.records.iter().copied().find(|record| lies_between(&record.owner, &hash, &record.next))
    }

    /// The deepest name above `name` that exists, and the gap in which the next name towards `name` would lie.
    fn closest_encloser(&self, name: &Canonical) -> Result<(Canonical, &'a Nsec3), Gap> {
        for depth in (self.zone.depth()..name.depth()).rev() {
            let encloser = name.ancestor(depth);
            let Some(record) = self.matching(&encloser) else { continue };
            if record.types.has(RecordType::DNAME) || is_delegation(record) {
                return Err(Gap::Invalid("the proof is of a name above a delegation or an alias".to_owned()));
            }
            let Some(gap) = self.covering(&name.ancestor(depth + 1)) else {
                return Err(Gap::Invalid("no NSEC3 record covers the name".to_owned()));
            };
            return Ok((encloser, gap));
        }
        Err(Gap::Invalid("no NSEC3 record of a name above".to_owned()))
    }

    /// Proof that the name or its records of a type do not exist.
    pub(super) fn absence(&self, name: &Canonical, kind: RecordType, wanted: Wanted) -> Result<Absence, Gap> {
        if let Some(reason) = self.too_many_iterations() {
            return Ok(Absence { insecure: Some(reason), delegation: false });
        }
        match (wanted, self.matching(name)) {
            (Wanted::NoRecords, Some(record)) => types_deny(&record.types, name, kind),
            (Wanted::NoName, Some(record)) if record.types.has(NO_SUCH_NAME) => Ok(Absence::default()),
            (Wanted::NoName, Some(_)) => Err(Gap::Invalid("the NSEC3 records show that the name exists".to_owned())),
            (Wanted::NoRecords, None) => self.no_records_without_match(name, kind),
            (Wanted::NoName, None) => {
                let (encloser, gap) = self.closest_encloser(name)?;
                if self.covering(&encloser.wildcard()).is_none() {
                    return Err(Gap::Invalid("no NSEC3 record shows that there is no wildcard".to_owned()));
                }
                // Only a delegation may lie in the gap unseen: that there is no such name is proved all the same.
                let insecure = opt_out(gap).filter(|_| kind == RecordType::DS);
                Ok(Absence { insecure, delegation: false })
            }
        }
    }

    fn no_records_without_match(&self, name: &Canonical, kind: RecordType) -> Result<Absence, Gap> {
        let (encloser, gap) = self.closest_encloser(name)?;
        if let Some(record) = self.matching(&encloser.wildcard()) {
            return types_deny(&record.types, &encloser.wildcard(), kind);
        }
        match opt_out(gap) {
            Some(reason) if kind == RecordType::DS => Ok(Absence { insecure: Some(reason), delegation: false }),
            Some(_) | None => Err(Gap::Invalid("the NSEC3 records do not show the name".to_owned())),
        }
    }

    /// Proof that no closer name than the wildcard exists; `depth` is that of the name above the wildcard.
    pub(super) fn wildcard(&self, name: &Canonical, depth: usize) -> Result<Absence, Gap> {
        if let Some(reason) = self.too_many_iterations() {
            return Ok(Absence { insecure: Some(reason), delegation: false });
        }
        match self.covering(&name.ancestor(depth + 1)) {
            Some(gap) => Ok(Absence { insecure: opt_out(gap), delegation: false }),
            None => Err(Gap::Invalid("no NSEC3 record shows that the wildcard applies".to_owned())),
        }
    }
}

fn opt_out(gap: &Nsec3) -> Option<String> {
    gap.opt_out.then(|| "unsigned names may lie there (opt-out)".to_owned())
}

fn is_delegation(record: &Nsec3) -> bool {
    record.types.has(RecordType::NS) && !record.types.has(RecordType::SOA)
}

/// Whether a hash lies in the gap; the last gap of a zone ends at its first hash.
fn lies_between(owner: &[u8], hash: &[u8], next: &[u8]) -> bool {
    if owner < next { owner < hash && hash < next } else { owner != hash && (hash > owner || hash < next) }
}

/// Hash of a name (RFC 5155 section 5).
fn hash(name: &Canonical, hashing: &Hashing) -> Vec<u8> {
    let once =
        |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, &[bytes, hashing.salt.as_slice()].concat()).as_ref().to_vec();
    (0..hashing.iterations.min(ITERATIONS_MAX)).fold(once(&name.wire()), |hash, _| once(&hash))
}

/// Reads base 32 with the extended hexadecimal alphabet, without padding (RFC 4648 section 7).
pub(super) fn from_base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for character in text {
        let value = char::from(*character).to_digit(32)?;
        buffer = buffer << 5 | value;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).unwrap_or_default());
            buffer &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::Name;

    use super::*;

    /// RFC 5155 appendix A.
    const VECTORS: [(&str, &str); 4] = [
        ("example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
        ("a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
        ("*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
        ("xx.EXAMPLE.", "t644ebqk9bibcna874givr6joj62mlhv"),
    ];

    #[test]
    fn names_hash_as_in_appendix_a() {
        let hashing = Hashing { iterations: 12, salt: vec![0xaa, 0xbb, 0xcc, 0xdd] };
        for (name, expected) in VECTORS {
            let name = Canonical::of(&Name::from_ascii(name).expect("a name"));
            assert_eq!(Some(hash(&name, &hashing)), from_base32(expected.as_bytes()), "{name:?}");
        }
    }

    #[test]
    fn the_last_gap_reaches_around_and_a_gap_never_holds_its_ends() {
        assert!(lies_between(&[1], &[2], &[3]));
        assert!(!lies_between(&[1], &[1], &[3]));
        assert!(!lies_between(&[1], &[3], &[3]));
        assert!(lies_between(&[8], &[9], &[2]));
        assert!(lies_between(&[8], &[1], &[2]));
        assert!(!lies_between(&[8], &[5], &[2]));
        assert!(lies_between(&[8], &[5], &[8]), "a zone of one name");
        assert!(!lies_between(&[8], &[8], &[8]));
    }
}
