//! Records of DNSSEC, read from their bytes (RFC 4034, RFC 5155). Whatever does not fit its form is left out.

use hickory_proto::rr::{Name, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::names::Canonical;

/// Flag of a key that signs a zone (RFC 4034 section 2.1.1).
const ZONE_KEY: u16 = 0x0100;
/// Flag of a revoked key (RFC 5011 section 3).
const REVOKED: u16 = 0x0080;
/// Flag of a key of which the parent holds a digest.
const SECURE_ENTRY_POINT: u16 = 0x0001;
/// The only protocol of keys (RFC 4034 section 2.1.2).
const PROTOCOL: u8 = 3;
/// Flag of NSEC3: names without signatures may lie in the gap (RFC 5155 section 3.1.2.1).
const OPT_OUT: u8 = 1;
/// The only hash of NSEC3 (RFC 5155 section 11).
const NSEC3_SHA1: u8 = 1;

/// A key of a zone (DNSKEY).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) flags: u16,
    pub(super) algorithm: u8,
    pub(super) tag: u16,
    /// The public key in the form of its algorithm.
    pub(super) public: Vec<u8>,
    /// The record's own bytes, of which digests are made.
    pub(super) rdata: Vec<u8>,
    protocol: u8,
}

impl Key {
    pub(super) fn parse(rdata: &[u8]) -> Option<Self> {
        let (&[flags_high, flags_low, protocol, algorithm], public) = rdata.split_first_chunk::<4>()?;
        let flags = u16::from_be_bytes([flags_high, flags_low]);
        Some(Self {
            flags,
            algorithm,
            tag: tag(rdata, algorithm),
            public: public.to_vec(),
            rdata: rdata.to_vec(),
            protocol,
        })
    }

    /// Whether it may sign records of a zone.
    pub(super) fn signs_zones(&self) -> bool {
        self.flags & ZONE_KEY != 0 && self.protocol == PROTOCOL
    }

    pub(super) fn is_revoked(&self) -> bool {
        self.flags & REVOKED != 0
    }

    pub(super) fn is_secure_entry_point(&self) -> bool {
        self.flags & SECURE_ENTRY_POINT != 0
    }
}

/// Tag of a key (RFC 4034 appendix B).
fn tag(rdata: &[u8], algorithm: u8) -> u16 {
    if algorithm == 1 {
        // RSA/MD5: the two bytes before the last of the modulus (appendix B.1).
        let at = rdata.len().saturating_sub(3);
        return rdata.get(at..at + 2).map_or(0, |bytes| bytes.iter().fold(0, |tag, byte| tag << 8 | u16::from(*byte)));
    }
    let sum: u32 = rdata.iter().enumerate().map(|(at, byte)| u32::from(*byte) << if at % 2 == 0 { 8 } else { 0 }).sum();
    let [_, _, high, low] = (sum + (sum >> 16 & 0xffff)).to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// A digest of a key in the parent zone (DS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyDigest {
    pub(super) tag: u16,
    pub(super) algorithm: u8,
    pub(super) kind: u8,
    pub(super) digest: Vec<u8>,
}

impl KeyDigest {
    pub(super) fn parse(rdata: &[u8]) -> Option<Self> {
        let (&[high, low, algorithm, kind], digest) = rdata.split_first_chunk::<4>()?;
        Some(Self { tag: u16::from_be_bytes([high, low]), algorithm, kind, digest: digest.to_vec() })
    }
}

/// A signature of a record set (RRSIG).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) covered: u16,
    pub(super) algorithm: u8,
    pub(super) labels: u8,
    pub(super) original_ttl: u32,
    pub(super) expiration: u32,
    pub(super) inception: u32,
    pub(super) tag: u16,
    pub(super) signer: Name,
    pub(super) signature: Vec<u8>,
    /// The bytes before the name of the signer, which are signed too.
    pub(super) head: [u8; 18],
}

impl Signature {
    pub(super) fn parse(rdata: &[u8]) -> Option<Self> {
        let (head, rest) = rdata.split_first_chunk::<18>()?;
        let (signer, signature) = name(rest)?;
        let &[c0, c1, algorithm, labels, t0, t1, t2, t3, e0, e1, e2, e3, i0, i1, i2, i3, k0, k1] = head;
        Some(Self {
            covered: u16::from_be_bytes([c0, c1]),
            algorithm,
            labels,
            original_ttl: u32::from_be_bytes([t0, t1, t2, t3]),
            expiration: u32::from_be_bytes([e0, e1, e2, e3]),
            inception: u32::from_be_bytes([i0, i1, i2, i3]),
            tag: u16::from_be_bytes([k0, k1]),
            signer,
            signature: signature.to_vec(),
            head: *head,
        })
    }
}

/// Types that a name has (RFC 4034 section 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Types(Vec<u16>);

impl Types {
    fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut types = Vec::new();
        while let Some((&[window, length], rest)) = bytes.split_first_chunk::<2>() {
            let (bits, rest) = rest.split_at_checked(usize::from(length))?;
            for (at, byte) in (0_u16..).zip(bits) {
                let set = (0..8_u16).filter(|bit| byte & (0x80 >> bit) != 0);
                types.extend(set.map(|bit| u16::from(window) << 8 | (at * 8 + bit) & 0xff));
            }
            bytes = rest;
        }
        bytes.is_empty().then_some(Self(types))
    }

    pub(super) fn has(&self, kind: RecordType) -> bool {
        self.0.contains(&u16::from(kind))
    }
}

/// A gap between two names in which there is nothing (NSEC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nsec {
    pub(super) owner: Canonical,
    pub(super) owner_name: Name,
    pub(super) next: Canonical,
    pub(super) next_name: Name,
    pub(super) types: Types,
}

impl Nsec {
    pub(super) fn parse(owner: &Name, rdata: &[u8]) -> Option<Self> {
        let (next_name, types) = name(rdata)?;
        Some(Self {
            owner: Canonical::of(owner),
            owner_name: owner.clone(),
            next: Canonical::of(&next_name),
            next_name,
            types: Types::parse(types)?,
        })
    }
}

/// How names are hashed for NSEC3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hashing {
    pub(super) iterations: u16,
    pub(super) salt: Vec<u8>,
}

/// A gap between two hashes of names in which there is nothing (NSEC3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nsec3 {
    pub(super) owner: Vec<u8>,
    pub(super) zone: Canonical,
    pub(super) next: Vec<u8>,
    pub(super) opt_out: bool,
    pub(super) hashing: Hashing,
    pub(super) types: Types,
}

impl Nsec3 {
    pub(super) fn parse(owner: &Name, rdata: &[u8]) -> Option<Self> {
        let (&[hash, flags, i0, i1, salt_length], rest) = rdata.split_first_chunk::<5>()?;
        let (salt, rest) = rest.split_at_checked(usize::from(salt_length))?;
        let (next_length, rest) = rest.split_first()?;
        let (next, types) = rest.split_at_checked(usize::from(*next_length))?;
        let owner = Canonical::of(owner);
        let hashed = super::nsec3::from_base32(owner.first_label()?)?;
        // Other hashes and other flags are not known: such a record proves nothing (RFC 5155 sections 8.1 and 8.2).
        (hash == NSEC3_SHA1 && flags & !OPT_OUT == 0).then_some(())?;
        Some(Self {
            owner: hashed,
            zone: owner.ancestor(owner.depth().saturating_sub(1)),
            next: next.to_vec(),
            opt_out: flags & OPT_OUT != 0,
            hashing: Hashing { iterations: u16::from_be_bytes([i0, i1]), salt: salt.to_vec() },
            types: Types::parse(types)?,
        })
    }
}

/// How a zone hashes names, as its NSEC3PARAM record says (RFC 5155 section 4).
pub(super) fn parameters(rdata: &[u8]) -> Option<Hashing> {
    let (&[_hash, _flags, i0, i1, length], salt) = rdata.split_first_chunk::<5>()?;
    (salt.len() == usize::from(length))
        .then(|| Hashing { iterations: u16::from_be_bytes([i0, i1]), salt: salt.to_vec() })
}

/// An uncompressed name and what follows it.
fn name(bytes: &[u8]) -> Option<(Name, &[u8])> {
    let mut decoder = BinDecoder::new(bytes);
    let mut name = Name::read(&mut decoder).ok()?;
    name.set_fqdn(true);
    Some((name, bytes.get(decoder.index()..)?))
}

/// The name to which an alias points (CNAME, DNAME).
pub(super) fn target(rdata: &[u8]) -> Option<Name> {
    name(rdata).map(|(target, _rest)| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4034 section 4.3: `alfa.example.com. NSEC host.example.com. A MX RRSIG NSEC TYPE1234`.
    const NSEC: &[u8] = b"\x04host\x07example\x03com\0\0\x06\x40\x01\0\0\0\x03\
        \x04\x1b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x20";

    fn owner() -> Name {
        Name::from_ascii("alfa.example.com.").expect("a name")
    }

    #[test]
    fn the_example_of_a_gap_is_read() {
        let gap = Nsec::parse(&owner(), NSEC).expect("a gap");
        assert_eq!(gap.next_name, Name::from_ascii("host.example.com.").expect("a name"));
        let there = [RecordType::A, RecordType::MX, RecordType::RRSIG, RecordType::NSEC, RecordType::from(1_234)];
        assert!(there.iter().all(|kind| gap.types.has(*kind)));
        assert!(!gap.types.has(RecordType::AAAA));
    }

    #[test]
    fn no_prefix_and_no_noise_panics() {
        let noise: Vec<u8> = (0..=255_u8).cycle().map(|byte| byte.wrapping_mul(101)).take(600).collect();
        for bytes in [NSEC, &noise, &[0; 40], &[0xff; 40], &[0xc0; 40]] {
            for end in 0..=bytes.len() {
                let cut = &bytes[..end];
                let _read = (Key::parse(cut), KeyDigest::parse(cut), Signature::parse(cut), Nsec::parse(&owner(), cut));
                let _read =
                    (Nsec3::parse(&owner(), cut), Nsec3::parse(&Name::root(), cut), parameters(cut), target(cut));
            }
        }
    }
}
