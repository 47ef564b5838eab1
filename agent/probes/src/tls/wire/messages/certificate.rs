//! Messages about certificates, and tickets.

use super::super::bytes::{Cursor, Malformed};
use super::super::signatures::SignatureScheme;
use super::super::version::Version;

/// Certificates of one message that are kept; more are refused.
const CERTIFICATES_MAX: usize = 64;

/// The certificates of a Certificate message below TLS 1.3, in the order sent, as DER.
///
/// # Errors
/// Its lengths do not fit, or it has more than 64 certificates.
pub fn certificate(body: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut cursor = Cursor::new(body, "Certificate");
    let mut list = cursor.inside(3, "Certificate")?;
    cursor.end()?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() == CERTIFICATES_MAX {
            return Err(Malformed::Value("Certificate"));
        }
        certificates.push(list.prefixed(3)?.to_vec());
    }
    Ok(certificates)
}

/// The certificates of a decrypted Certificate message of TLS 1.3 (RFC 8446 section 4.4.2), in the order sent, as DER.
///
/// # Errors
/// Its lengths do not fit, or it has more than 64 certificates.
pub fn certificate_1_3(body: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut cursor = Cursor::new(body, "Certificate");
    cursor.prefixed(1)?;
    let mut list = cursor.inside(3, "Certificate")?;
    cursor.end()?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() == CERTIFICATES_MAX {
            return Err(Malformed::Value("Certificate"));
        }
        certificates.push(list.prefixed(3)?.to_vec());
        list.prefixed(2)?;
    }
    Ok(certificates)
}

/// The OCSP response of a CertificateStatus message (RFC 6066 section 8), as DER.
///
/// # Errors
/// It is of another type than OCSP, or its lengths do not fit.
pub fn certificate_status(body: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut cursor = Cursor::new(body, "CertificateStatus");
    if cursor.byte()? != 1 {
        return Err(Malformed::Value("CertificateStatus"));
    }
    let response = cursor.prefixed(3)?.to_vec();
    cursor.end()?;
    Ok(response)
}

/// What a server wants of a client's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Kinds of certificate by their numbers: 1 is RSA, 64 is ECDSA.
    pub kinds: Vec<u8>,
    /// Signature schemes; empty below TLS 1.2.
    pub signature_schemes: Vec<SignatureScheme>,
    /// Issuers that are taken, as names in DER; empty when any is.
    pub issuers: Vec<Vec<u8>>,
}

/// Reads a CertificateRequest below TLS 1.3 (RFC 5246 section 7.4.4).
///
/// # Errors
/// Its lengths do not fit.
pub fn certificate_request(body: &[u8], version: Version) -> Result<CertificateRequest, Malformed> {
    const WHAT: &str = "CertificateRequest";
    let mut cursor = Cursor::new(body, WHAT);
    let kinds = cursor.prefixed(1)?.to_vec();
    let mut signature_schemes = Vec::new();
    if version >= Version::Tls12 {
        let mut list = cursor.inside(2, WHAT)?;
        while !list.is_empty() {
            signature_schemes.push(SignatureScheme(list.short()?));
        }
    }
    let mut list = cursor.inside(2, WHAT)?;
    cursor.end()?;
    let mut issuers = Vec::new();
    while !list.is_empty() {
        issuers.push(list.prefixed(2)?.to_vec());
    }
    Ok(CertificateRequest { kinds, signature_schemes, issuers })
}

/// A ticket for resumption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSessionTicket {
    /// How long it holds, in seconds; 0 leaves it open below TLS 1.3.
    pub lifetime: u32,
    /// The ticket; empty when the server gives none after all.
    pub ticket: Vec<u8>,
}

/// Reads a NewSessionTicket below TLS 1.3 (RFC 5077 section 3.3).
///
/// # Errors
/// Its lengths do not fit.
pub fn new_session_ticket(body: &[u8]) -> Result<NewSessionTicket, Malformed> {
    let mut cursor = Cursor::new(body, "NewSessionTicket");
    let message = NewSessionTicket { lifetime: cursor.long()?, ticket: cursor.prefixed(2)?.to_vec() };
    cursor.end()?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_read_in_the_order_sent() {
        let body = [0, 0, 9, 0, 0, 2, 1, 2, 0, 0, 1, 3];
        assert_eq!(certificate(&body), Ok(vec![vec![1, 2], vec![3]]));
        assert_eq!(certificate(&[0, 0, 0]), Ok(vec![]));
        for end in 0..body.len() {
            assert!(certificate(&body[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn too_many_certificates_are_refused() {
        let entries = [0, 0, 0].repeat(CERTIFICATES_MAX + 1);
        let mut body = vec![0, 0, u8::try_from(entries.len()).expect("few")];
        body.extend(entries);
        assert_eq!(certificate(&body), Err(Malformed::Value("Certificate")));
    }

    #[test]
    fn certificates_of_tls_1_3_carry_extensions() {
        assert_eq!(certificate_1_3(&[0, 0, 0, 8, 0, 0, 1, 7, 0, 2, 9, 9]), Ok(vec![vec![7]]));
    }

    #[test]
    fn a_staple_is_read_and_another_type_refused() {
        assert_eq!(certificate_status(&[1, 0, 0, 2, 5, 6]), Ok(vec![5, 6]));
        for body in [&[2, 0, 0, 1, 5][..], &[1, 0, 0, 2, 5], &[1, 0, 0, 1, 5, 6], &[]] {
            assert!(certificate_status(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn a_request_is_read_by_its_version() {
        let old = certificate_request(&[1, 1, 0, 0], Version::Tls10).expect("a request");
        assert_eq!((old.kinds, old.signature_schemes.len(), old.issuers.len()), (vec![1], 0, 0));
        let new = certificate_request(&[1, 64, 0, 2, 4, 3, 0, 4, 0, 2, 0x30, 0], Version::Tls12).expect("a request");
        assert_eq!(new.signature_schemes, [SignatureScheme(0x0403)]);
        assert_eq!(new.issuers, [vec![0x30, 0]]);
        for end in 0..4 {
            assert!(certificate_request(&[1, 1, 0, 0][..end], Version::Tls10).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_ticket_is_read() {
        let read = new_session_ticket(&[0, 0, 1, 44, 0, 1, 9]).expect("a ticket");
        assert_eq!((read.lifetime, read.ticket), (300, vec![9]));
        assert!(new_session_ticket(&[0, 0, 1, 44, 0, 2, 9]).is_err());
    }
}
