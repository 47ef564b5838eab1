//! The single-use code that a person carries from the collector to a host.
//!
//! It holds where the collector is, the fingerprint of its certificate authority (so the first contact is already
//! authenticated both ways), the secret, and a check sum against typing errors. As text:
//! `vedetta1.` and base64url without padding of: SHA-256 fingerprint (32 bytes), secret (16 bytes), addresses joined by
//! commas (UTF-8), FNV-1a of all before it (4 bytes, big endian).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const PREFIX: &str = "vedetta1.";
const FINGERPRINT_BYTES: usize = 32;
const SECRET_BYTES: usize = 16;
const SUM_BYTES: usize = 4;
/// Longest code, in bytes of text.
pub const CODE_BYTES_MAX: usize = 1024;
/// Most addresses in one code.
pub const ADDRESSES_MAX: usize = 8;

/// Why a text is no enrolment code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentCodeError {
    /// It does not start as a code does.
    #[error("this is not an enrolment code: it must start with `{PREFIX}`")]
    Prefix,
    /// It was cut or mistyped.
    #[error("the enrolment code is incomplete or mistyped: copy it whole, from `{PREFIX}` to its end")]
    Damaged,
}

/// What an enrolment code carries.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentCode {
    /// SHA-256 of the DER of the collector's CA certificate.
    pub ca_fingerprint: [u8; FINGERPRINT_BYTES],
    /// The secret; the collector stores only its hash.
    pub secret: [u8; SECRET_BYTES],
    /// Where agents connect: `name:port` or `address:port`, tried in this order.
    pub addresses: Vec<String>,
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EnrolmentCode").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.ca_fingerprint.to_vec();
        bytes.extend_from_slice(&self.secret);
        bytes.extend_from_slice(self.addresses.join(",").as_bytes());
        let sum = check_sum(&bytes);
        bytes.extend_from_slice(&sum);
        write!(formatter, "{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for EnrolmentCode {
    type Err = EnrolmentCodeError;

    fn from_str(text: &str) -> Result<Self, EnrolmentCodeError> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(EnrolmentCodeError::Prefix)?;
        if text.len() > CODE_BYTES_MAX {
            return Err(EnrolmentCodeError::Damaged);
        }
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| EnrolmentCodeError::Damaged)?;
        let (content, sum) = bytes.split_last_chunk::<SUM_BYTES>().ok_or(EnrolmentCodeError::Damaged)?;
        let (ca_fingerprint, rest) = content.split_first_chunk().ok_or(EnrolmentCodeError::Damaged)?;
        let (secret, addresses) = rest.split_first_chunk().ok_or(EnrolmentCodeError::Damaged)?;
        let addresses = std::str::from_utf8(addresses).map_err(|_| EnrolmentCodeError::Damaged)?;
        let addresses: Vec<String> = addresses.split(',').map(str::to_owned).collect();
        let fits = addresses.len() <= ADDRESSES_MAX && addresses.iter().all(|address| address.contains(':'));
        if *sum != check_sum(content) || !fits {
            return Err(EnrolmentCodeError::Damaged);
        }
        Ok(Self { ca_fingerprint: *ca_fingerprint, secret: *secret, addresses })
    }
}

fn check_sum(bytes: &[u8]) -> [u8; SUM_BYTES] {
    bytes.iter().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> EnrolmentCode {
        EnrolmentCode {
            ca_fingerprint: [3; 32],
            secret: [9; 16],
            addresses: vec!["collector.example.it:7443".to_owned(), "192.0.2.7:7443".to_owned()],
        }
    }

    #[test]
    fn a_code_survives_copying() {
        assert_eq!(format!(" {}\n", code()).parse(), Ok(code()));
    }

    #[test]
    fn every_mistyped_character_is_noticed() {
        let text = code().to_string();
        for position in PREFIX.len()..text.len() {
            let mut wrong = text.clone();
            let other = if wrong.as_bytes()[position] == b'A' { "B" } else { "A" };
            wrong.replace_range(position..=position, other);
            assert_eq!(wrong.parse::<EnrolmentCode>(), Err(EnrolmentCodeError::Damaged), "{position}");
        }
    }

    #[test]
    fn a_cut_code_is_refused() {
        let text = code().to_string();
        for end in 0..text.len() {
            assert!(text[..end].parse::<EnrolmentCode>().is_err(), "{end}");
        }
    }
}
