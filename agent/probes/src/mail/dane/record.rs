//! One TLSA record (RFC 6698 section 2): which part of which certificate, and how it is compared.

use std::fmt;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use hickory_proto::rr::{RData, RecordType};
use hickory_proto::serialize::binary::BinEncodable;

use super::problem::DaneProblem;

/// Which certificate a record speaks of, as far as it counts between mail servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    /// 2, DANE-TA: an authority in the chain.
    Authority,
    /// 3, DANE-EE: the server's own.
    Own,
}

/// A record as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tlsa {
    usage: u8,
    selector: u8,
    matching: u8,
    data: Vec<u8>,
}

/// A record that senders can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pin<'a> {
    /// Which certificate.
    pub(super) usage: Usage,
    /// Whether the public key alone is compared (selector 1), not the whole certificate (0).
    key_only: bool,
    /// 0 is everything, 1 its SHA-256, 2 its SHA-512.
    matching: u8,
    data: &'a [u8],
}

impl Tlsa {
    /// Reads a record from its own bytes.
    pub(super) fn of(record: &RData) -> Option<Self> {
        if record.record_type() != RecordType::TLSA {
            return None;
        }
        Self::parse(&record.to_bytes().ok()?)
    }

    /// Reads the three numbers and the data.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[usage, selector, matching], data) = bytes.split_first_chunk::<3>()?;
        Some(Self { usage, selector, matching, data: data.to_vec() })
    }

    /// The record as senders use it.
    ///
    /// # Errors
    /// Why they cannot, as a problem and for a person.
    pub(super) fn pin(&self) -> Result<Pin<'_>, (DaneProblem, String)> {
        let unusable = |detail: String| Err((DaneProblem::Unusable, detail));
        let usage = match self.usage {
            0 | 1 => {
                let detail = format!("usage {}: between mail servers only 2 and 3 count", self.usage);
                return Err((DaneProblem::PkixUsage, detail));
            }
            2 => Usage::Authority,
            3 => Usage::Own,
            other => return unusable(format!("usage {other} means nothing")),
        };
        if self.selector > 1 {
            return unusable(format!("selector {} means nothing", self.selector));
        }
        let length = match self.matching {
            0 => None,
            1 => Some(32),
            2 => Some(64),
            other => return unusable(format!("matching type {other} means nothing")),
        };
        if self.data.is_empty() || length.is_some_and(|length| length != self.data.len()) {
            let wanted = length.map_or_else(|| "more".to_owned(), |length: usize| length.to_string());
            return unusable(format!("the data has {} bytes, not {wanted}", self.data.len()));
        }
        Ok(Pin { usage, key_only: self.selector == 1, matching: self.matching, data: &self.data })
    }
}

impl Pin<'_> {
    /// Whether a certificate, given whole and by its public key, is the one that is pinned.
    pub(super) fn fits(&self, certificate: &[u8], key: &[u8]) -> bool {
        let part = if self.key_only { key } else { certificate };
        match self.matching {
            1 => digest(&SHA256, part).as_ref() == self.data,
            2 => digest(&SHA512, part).as_ref() == self.data,
            _ => part == self.data,
        }
    }

    /// The certificate itself where the record holds it whole.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        (!self.key_only && self.matching == 0).then_some(self.data)
    }
}

impl fmt::Display for Tlsa {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {} ", self.usage, self.selector, self.matching)?;
        self.data.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_shows_as_people_write_it() {
        let record = Tlsa::parse(&[3, 1, 1, 0xab, 0x01]).expect("a record");
        assert_eq!(record.to_string(), "3 1 1 ab01");
        assert_eq!(Tlsa::parse(&[3, 1]), None);
    }

    #[test]
    fn records_that_no_sender_can_use_are_told() {
        let cases: [(&[u8], usize, Option<DaneProblem>); 13] = [
            (&[3, 1, 1], 32, None),
            (&[3, 0, 2], 64, None),
            (&[2, 0, 1], 32, None),
            (&[3, 1, 0], 1, None),
            (&[0, 0, 1], 32, Some(DaneProblem::PkixUsage)),
            (&[1, 1, 1], 32, Some(DaneProblem::PkixUsage)),
            (&[4, 1, 1], 32, Some(DaneProblem::Unusable)),
            (&[255, 1, 1], 32, Some(DaneProblem::Unusable)),
            (&[3, 2, 1], 32, Some(DaneProblem::Unusable)),
            (&[3, 1, 3], 32, Some(DaneProblem::Unusable)),
            (&[3, 1, 1], 31, Some(DaneProblem::Unusable)),
            (&[3, 1, 2], 32, Some(DaneProblem::Unusable)),
            (&[3, 1, 0], 0, Some(DaneProblem::Unusable)),
        ];
        for (numbers, length, expected) in cases {
            let record = Tlsa::parse(&[numbers, &vec![7; length]].concat()).expect("a record");
            assert_eq!(record.pin().err().map(|(problem, _)| problem), expected, "{numbers:?} {length}");
        }
    }

    #[test]
    fn whole_certificates_and_keys_are_compared_in_three_ways() {
        let (certificate, key) = (b"a certificate".as_slice(), b"its key".as_slice());
        for (selector, part, other) in [(0, certificate, key), (1, key, certificate)] {
            let datas =
                [part.to_vec(), digest(&SHA256, part).as_ref().to_vec(), digest(&SHA512, part).as_ref().to_vec()];
            for (matching, data) in (0..).zip(datas) {
                let record = Tlsa::parse(&[&[3, selector, matching][..], &data].concat()).expect("a record");
                let pin = record.pin().expect("a pin");
                assert!(pin.fits(certificate, key), "{record}");
                let swapped = if selector == 0 { pin.fits(other, key) } else { pin.fits(certificate, other) };
                assert!(!swapped, "{record}");
            }
        }
    }
}
