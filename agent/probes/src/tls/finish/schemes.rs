//! Signature schemes by the kind of key that they need, to ask a TLS 1.3 server for each of its certificates.

use rustls::SignatureScheme;
use rustls_pki_types::CertificateDer;
use x509_parser::oid_registry::asn1_rs::Oid;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::tls::enumerate::KeyKind;

/// A kind of key that signs handshakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RSA, whatever its padding.
    Rsa,
    /// ECDSA on any curve.
    Ecdsa,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// ML-DSA.
    Lattice,
}

impl Kind {
    /// Every kind.
    const ALL: [Self; 5] = [Self::Ecdsa, Self::Rsa, Self::Ed25519, Self::Ed448, Self::Lattice];

    /// Kind of the key of a certificate; `None` when it is of another kind or cannot be read.
    pub(crate) fn of_certificate(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        Self::of_algorithm(&parsed.public_key().algorithm.algorithm)
    }

    /// Kind of a key that came in clear text; `None` for one that TLS 1.3 cannot ask for by a scheme of its own.
    pub(crate) const fn of_key(key: KeyKind) -> Option<Self> {
        match key {
            KeyKind::Rsa => Some(Self::Rsa),
            KeyKind::Ecdsa => Some(Self::Ecdsa),
            KeyKind::Ed25519 => Some(Self::Ed25519),
            KeyKind::Ed448 => Some(Self::Ed448),
            KeyKind::Dsa | KeyKind::Other => None,
        }
    }

    fn of_algorithm(algorithm: &Oid<'_>) -> Option<Self> {
        match algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => Some(Self::Rsa),
            "1.2.840.10045.2.1" => Some(Self::Ecdsa),
            "1.3.101.112" => Some(Self::Ed25519),
            "1.3.101.113" => Some(Self::Ed448),
            "2.16.840.1.101.3.4.3.17" | "2.16.840.1.101.3.4.3.18" | "2.16.840.1.101.3.4.3.19" => Some(Self::Lattice),
            _ => None,
        }
    }

    /// Schemes that a handshake with such a key is signed by (RFC 8446 section 4.2.3), by their numbers.
    const fn schemes(self) -> &'static [u16] {
        match self {
            Self::Rsa => &[0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B],
            Self::Ecdsa => &[0x0403, 0x0503, 0x0603, 0x081A, 0x081B, 0x081C],
            Self::Ed25519 => &[0x0807],
            Self::Ed448 => &[0x0808],
            Self::Lattice => &[0x0904, 0x0905, 0x0906],
        }
    }
}

/// Schemes that TLS 1.3 knows in certificates only: they stay on offer, whatever kind of key is asked for.
const CERTIFICATES_ONLY: [u16; 5] = [0x0401, 0x0501, 0x0601, 0x0201, 0x0203];

/// The schemes to offer to a server that must not sign with these kinds of key; none when no kind is left.
pub(crate) fn without(kinds: &[Kind]) -> Vec<SignatureScheme> {
    let wanted: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !kinds.contains(kind)).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let numbers = wanted.iter().flat_map(|kind| kind.schemes()).chain(&CERTIFICATES_ONLY);
    numbers.map(|number| SignatureScheme::from(*number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_without_the_kinds_that_it_showed() {
        let schemes = without(&[Kind::Rsa]);
        assert!(
            schemes.contains(&SignatureScheme::ED25519) && schemes.contains(&SignatureScheme::ECDSA_NISTP256_SHA256)
        );
        assert!(!schemes.contains(&SignatureScheme::RSA_PSS_SHA256));
        // It still signs certificates.
        assert!(schemes.contains(&SignatureScheme::RSA_PKCS1_SHA256));
    }

    #[test]
    fn nothing_is_asked_when_no_kind_is_left() {
        assert_eq!(without(&Kind::ALL), []);
    }

    #[test]
    fn the_kind_of_a_certificate_is_that_of_its_key() {
        for (algorithm, kind) in [
            (&rcgen::PKCS_ECDSA_P256_SHA256, Kind::Ecdsa),
            (&rcgen::PKCS_ED25519, Kind::Ed25519),
            (&rcgen::PKCS_RSA_SHA256, Kind::Rsa),
        ] {
            let key = rcgen::KeyPair::generate_for(algorithm).expect("a key");
            let certificate = rcgen::CertificateParams::default().self_signed(&key).expect("a certificate");
            assert_eq!(Kind::of_certificate(certificate.der()), Some(kind));
        }
    }
}
