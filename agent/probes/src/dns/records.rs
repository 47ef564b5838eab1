//! Records as facts, one function a type; each gives `None` for a record of another type.

use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::BinEncodable;

use super::facts::{CaaFacts, DsFacts, MxFacts, SoaFacts};

/// An IPv4 or IPv6 address.
pub(crate) fn address(record: &RData) -> Option<String> {
    record.ip_addr().map(|address| address.to_string())
}

/// The name of a name server.
pub(crate) fn name_server(record: &RData) -> Option<String> {
    let RData::NS(server) = record else { return None };
    Some(plain(&server.0))
}

/// The start of authority.
pub(crate) fn start_of_authority(record: &RData) -> Option<SoaFacts> {
    let RData::SOA(soa) = record else { return None };
    Some(SoaFacts {
        primary: plain(&soa.mname),
        serial: i64::from(soa.serial),
        refresh: i64::from(soa.refresh),
        retry: i64::from(soa.retry),
        expire: i64::from(soa.expire),
        minimum: i64::from(soa.minimum),
    })
}

/// A mail server.
pub(crate) fn mail_server(record: &RData) -> Option<MxFacts> {
    let RData::MX(server) = record else { return None };
    Some(MxFacts { preference: i64::from(server.preference), exchange: plain(&server.exchange) })
}

/// A text record, its strings joined without a space (RFC 7208 section 3.3); bytes that are no UTF-8 are replaced.
pub(crate) fn text(record: &RData) -> Option<String> {
    let RData::TXT(text) = record else { return None };
    let bytes: Vec<u8> = text.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A rule on certificate authorities.
pub(crate) fn authority_rule(record: &RData) -> Option<CaaFacts> {
    let RData::CAA(rule) = record else { return None };
    Some(CaaFacts {
        critical: rule.issuer_critical,
        tag: rule.tag.to_ascii_lowercase(),
        value: String::from_utf8_lossy(&rule.value).into_owned(),
    })
}

/// A digest of a zone's key, read from the record's own bytes (RFC 4034 section 5.1).
pub(crate) fn key_digest(record: &RData) -> Option<DsFacts> {
    if record.record_type() != RecordType::DS {
        return None;
    }
    let bytes = record.to_bytes().ok()?;
    let (&[tag_high, tag_low, algorithm, digest_type], digest) = bytes.split_first_chunk::<4>()?;
    Some(DsFacts {
        key_tag: i64::from(u16::from_be_bytes([tag_high, tag_low])),
        algorithm: i64::from(algorithm),
        digest_type: i64::from(digest_type),
        digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// A name in lower case without its last dot; the root stays `.`.
pub(crate) fn plain(name: &Name) -> String {
    let text = name.to_ascii().to_ascii_lowercase();
    match text.strip_suffix('.') {
        Some("") | None => text,
        Some(short) => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{MX, NULL, TXT};

    use super::*;

    #[test]
    fn a_null_mail_server_stays_a_dot() {
        let record = RData::MX(MX::new(0, Name::root()));
        assert_eq!(mail_server(&record), Some(MxFacts { preference: 0, exchange: ".".to_owned() }));
    }

    #[test]
    fn strings_of_one_text_record_are_joined_without_a_space() {
        let record = RData::TXT(TXT::new(vec!["v=spf1 inc".to_owned(), "lude:a.example -all".to_owned()]));
        assert_eq!(text(&record).as_deref(), Some("v=spf1 include:a.example -all"));
    }

    #[test]
    fn a_key_digest_is_read_from_its_bytes_and_a_cut_one_is_left_out() {
        let record = |bytes: &[u8]| RData::Unknown { code: RecordType::DS, rdata: NULL::with(bytes.to_vec()) };
        let whole = key_digest(&record(&[0x30, 0x39, 13, 2, 0xab, 0x01]));
        let expected = DsFacts { key_tag: 12_345, algorithm: 13, digest_type: 2, digest: "ab01".to_owned() };
        assert_eq!(whole, Some(expected));
        assert_eq!(key_digest(&record(&[0x30])), None);
    }
}
