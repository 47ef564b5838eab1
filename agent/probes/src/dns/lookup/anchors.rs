//! Trust anchors: the keys of zones that are believed without proof (RFC 4033 section 2), mostly those of the root.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::BinEncodable;

use super::bind_text;
use super::zone_text::{self, Wrong};
use crate::dns::facts::DsFacts;

/// Digests of the keys of the root zone, by IANA: KSK-2017 and KSK-2024.
const ROOT: [(u16, u8, u8, &str); 2] = [
    (20_326, 8, 2, "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d"),
    (38_696, 8, 2, "683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16"),
];
/// Protocol number of every key (RFC 4034 section 2.1.2).
const PROTOCOL: u8 = 3;
/// Flag of a key that is revoked (RFC 5011 section 7).
const REVOKED: u16 = 0x80;
/// SHA-256 as a digest's type (RFC 4509).
const SHA256_TYPE: u8 = 2;
/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 4_096;

/// Keys that are believed, as digests, each for its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchors(Arc<Vec<TrustAnchor>>);

/// One believed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustAnchor {
    /// The zone whose key it is.
    pub(crate) zone: Name,
    /// Digest of the key, as a DS record would hold it.
    pub(crate) digest: DsFacts,
}

/// What is wrong with a file of trust anchors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct AnchorError {
    /// Line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl Default for TrustAnchors {
    fn default() -> Self {
        let anchor = |&(tag, algorithm, kind, digest): &(u16, u8, u8, &str)| TrustAnchor {
            zone: Name::root(),
            digest: ds(tag, algorithm, kind, digest.to_owned()),
        };
        Self(Arc::new(ROOT.iter().map(anchor).collect()))
    }
}

impl TrustAnchors {
    /// Reads trust anchors of any zone: DS or DNSKEY records as a zone file has them (also the file that unbound keeps), or
    /// BIND's `trust-anchors` and `trusted-keys`.
    ///
    /// # Errors
    /// The line that cannot be read, or that there is no anchor.
    pub fn parse(text: &str) -> Result<Self, AnchorError> {
        let parsed = if bind_text::is_configuration(text) { bind_text::anchors(text) } else { of_zone_file(text) };
        let anchors = parsed.map_err(|(line, problem)| AnchorError { line, problem })?;
        if anchors.is_empty() {
            return Err(AnchorError { line: 0, problem: "no trust anchor".to_owned() });
        }
        Ok(Self(Arc::new(anchors)))
    }

    /// The anchors nearest above a name (or at it): their zone and their digests. None when no anchor covers the name.
    pub(crate) fn nearest(&self, name: &Name) -> Option<(&Name, Vec<&DsFacts>)> {
        let covering = self.0.iter().map(|anchor| &anchor.zone).filter(|zone| zone.zone_of(name));
        let zone = covering.max_by_key(|zone| zone.iter().count())?;
        let of_zone = self.0.iter().filter(|anchor| anchor.zone == *zone);
        Some((zone, of_zone.map(|anchor| &anchor.digest).collect()))
    }
}

fn of_zone_file(text: &str) -> Result<Vec<TrustAnchor>, Wrong> {
    let mut anchors = Vec::new();
    for entry in zone_text::entries(text)? {
        if !is_trusted_state(&entry.comment) {
            continue;
        }
        let wrong = |problem: String| (entry.line, problem);
        match entry.kind.as_str() {
            "DS" => anchors.push(of_digest(&entry.owner, &entry.data).map_err(wrong)?),
            "DNSKEY" => anchors.extend(of_key(&entry.owner, &entry.data).map_err(wrong)?),
            _ => {}
        }
    }
    Ok(anchors)
}

/// Whether unbound's own comment says that the key may be believed: 2 is valid, 3 missing for the moment (RFC 5011 section 4.2).
fn is_trusted_state(comment: &str) -> bool {
    match comment.split(";;state=").nth(1) {
        Some(state) => state.starts_with(['2', '3']),
        None => true,
    }
}

/// An anchor from the words of a DS record: key tag, algorithm, digest type, digest.
pub(super) fn of_digest(zone: &Name, words: &[String]) -> Result<TrustAnchor, String> {
    let [tag, algorithm, kind, digest @ ..] = words else { return Err("a digest has four parts".to_owned()) };
    let digest: String = digest.concat().to_ascii_lowercase();
    let kind = number::<u8>(kind, "digest type")?;
    let bytes = match kind {
        1 => Some(20),
        SHA256_TYPE | 3 => Some(32),
        4 => Some(48),
        _ => None,
    };
    let is_hexadecimal = digest.bytes().all(|byte| byte.is_ascii_hexdigit()) && digest.len().is_multiple_of(2);
    if digest.is_empty() || !is_hexadecimal || bytes.is_some_and(|bytes: usize| digest.len() != bytes * 2) {
        return Err(format!("`{digest}` is no digest of the type {kind}"));
    }
    let digest = ds(number(tag, "key tag")?, number(algorithm, "algorithm")?, kind, digest);
    Ok(TrustAnchor { zone: zone.clone(), digest })
}

/// An anchor from the words of a DNSKEY record: flags, protocol, algorithm, key. None for a revoked key.
pub(super) fn of_key(zone: &Name, words: &[String]) -> Result<Option<TrustAnchor>, String> {
    let [flags, protocol, algorithm, key @ ..] = words else { return Err("a key has four parts".to_owned()) };
    let flags = number::<u16>(flags, "flags")?;
    let algorithm = number::<u8>(algorithm, "algorithm")?;
    if number::<u8>(protocol, "protocol")? != PROTOCOL {
        return Err(format!("the protocol of a key is {PROTOCOL}"));
    }
    let key: String = key.concat().split_whitespace().collect();
    let key = STANDARD.decode(key).map_err(|error| format!("the key is no Base64: {error}"))?;
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(format!("the key has {} bytes", key.len()));
    }
    if flags & REVOKED != 0 {
        return Ok(None);
    }
    let [high, low] = flags.to_be_bytes();
    let mut data = vec![high, low, PROTOCOL, algorithm];
    data.extend(key);
    let tag = key_tag(&data);
    let mut hashed = zone.to_lowercase().to_bytes().map_err(|error| error.to_string())?;
    hashed.extend(data);
    let digest = digest(&SHA256, &hashed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some(TrustAnchor { zone: zone.clone(), digest: ds(tag, algorithm, SHA256_TYPE, digest) }))
}

/// The tag of a key from its record's data (RFC 4034 appendix B; algorithm 1 is not used any more).
fn key_tag(data: &[u8]) -> u16 {
    let weighed = data.iter().enumerate().map(|(at, byte)| u32::from(*byte) << if at % 2 == 0 { 8 } else { 0 });
    let sum: u32 = weighed.sum();
    let folded = (sum + (sum >> 16)) & 0xffff;
    u16::try_from(folded).unwrap_or_default()
}

fn ds(tag: u16, algorithm: u8, kind: u8, digest: String) -> DsFacts {
    DsFacts { key_tag: i64::from(tag), algorithm: i64::from(algorithm), digest_type: i64::from(kind), digest }
}

fn number<N: std::str::FromStr>(word: &str, what: &str) -> Result<N, String> {
    word.parse().map_err(|_| format!("`{word}` is no {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two public keys of the root zone as IANA publishes them.
    const KEYS: [&str; 2] = [
        "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=",
        "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc=",
    ];
    const DIGEST: &str = "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d";

    #[test]
    fn the_compiled_digests_are_those_of_the_published_keys() {
        let text = KEYS.map(|key| format!(". IN DNSKEY 257 3 8 {key}\n")).concat();
        assert_eq!(TrustAnchors::parse(&text), Ok(TrustAnchors::default()));
    }

    #[test]
    fn every_form_of_the_same_anchors_is_read() {
        let [first, second] = KEYS;
        let (head, tail) = second.split_at(100);
        let digests = ROOT.map(|(tag, algorithm, kind, digest)| (tag, algorithm, kind, digest.to_ascii_uppercase()));
        let ds = |at: usize| format!("{} {} {}", digests[at].0, digests[at].1, digests[at].2);
        let hex = |at: usize| &digests[at].3;
        for text in [
            format!(". 172800 IN DS {} {}\n. DS {} ( {}\n {} )", ds(0), hex(0), ds(1), &hex(1)[..30], &hex(1)[30..]),
            format!(
                "; autotrust trust anchor file\n;;id: . 1\n.\t86400\tIN\tDNSKEY\t257 3 8 {first} ;{{id = 20326 (ksk)}} ;;state=2 [  VALID  ] ;;count=0\n\
                 .\tIN\tDNSKEY\t257 3 8 {second} ;;state=2 [  VALID  ]\n.\tIN\tDNSKEY\t257 3 8 AQAB ;;state=1 [  ADDPEND  ]\n"
            ),
            format!(
                "trust-anchors {{\n  // the root\n  . initial-key 257 3 8 \"{first}\";\n  . static-ds {} \"{}\";\n}};",
                ds(1),
                hex(1)
            ),
            format!("/* old form */ trusted-keys {{ \".\" 257 3 8 \"{first}\"; . 257 3 8 \"{head}\n   {tail}\"; }};"),
            format!(
                "options {{ x {{ y; }}; }};\nmanaged-keys {{ . initial-key 257 3 8 \"{first}\"; }};\ntrust-anchors {{ . initial-ds {} {}; }};",
                ds(1),
                hex(1)
            ),
        ] {
            assert_eq!(TrustAnchors::parse(&text), Ok(TrustAnchors::default()), "{text}");
        }
    }

    #[test]
    fn the_nearest_anchor_above_a_name_counts() {
        let anchors =
            TrustAnchors::parse(&format!(". DS 1 8 2 {DIGEST}\ntest. DS 2 8 2 {DIGEST}\ntest. DS 3 8 2 {DIGEST}"));
        let anchors = anchors.expect("anchors");
        let nearest = |name: &str| {
            let name = Name::from_ascii(name).expect("a name");
            let (zone, digests) = anchors.nearest(&name).expect("an anchor");
            (zone.to_ascii(), digests.iter().map(|digest| digest.key_tag).collect::<Vec<i64>>())
        };
        assert_eq!(nearest("www.a.test."), ("test.".to_owned(), vec![2, 3]));
        assert_eq!(nearest("attest."), (".".to_owned(), vec![1]));
    }

    #[test]
    fn broken_anchors_name_the_line() {
        for (text, line) in [
            ("", 0),
            (". NS a.", 0),
            (". DS 1 8 2 abcd", 1),
            ("\n. DS 1 8 2", 2),
            (". DS x 8 2 abcd", 1),
            (". DNSKEY 257 4 8 AQAB", 1),
            (". DNSKEY 257 3 8 A*", 1),
            (". DNSKEY 385 3 8 AQAB", 0),
            ("trust-anchors {\n . initial-key 257 3 8 \"!\"; };", 2),
            ("trust-anchors {\n . future-key 257 3 8 \"AQAB\"; };", 2),
            ("trust-anchors {\n . static-key 257 3 8 \"AQAB\";", 1),
        ] {
            assert_eq!(TrustAnchors::parse(text).map_err(|error| error.line), Err(line), "{text}");
        }
    }
}
