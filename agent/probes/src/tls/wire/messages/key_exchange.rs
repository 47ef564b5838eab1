//! ServerKeyExchange: what it says follows from the suite.

use super::super::bytes::{Cursor, Malformed};
use super::super::groups::Group;
use super::super::signatures::SignatureScheme;
use super::super::suites::attributes::{Authentication, KeyExchange, SuiteAttributes};
use super::super::version::Version;

const WHAT: &str = "ServerKeyExchange";

/// The public part of the key exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameters {
    /// None: only a hint for the key known beforehand.
    None,
    /// A finite field.
    FiniteField {
        /// The prime, highest byte first.
        prime: Vec<u8>,
        /// The generator.
        generator: Vec<u8>,
        /// The server's public value.
        public: Vec<u8>,
    },
    /// A curve of the registry.
    Curve {
        /// Which.
        group: Group,
        /// The server's point.
        public: Vec<u8>,
    },
    /// A curve that the server describes itself (RFC 4492; deprecated by RFC 8422).
    ExplicitCurve,
    /// A short RSA key, as export suites need.
    Rsa {
        /// The modulus, highest byte first.
        modulus: Vec<u8>,
    },
    /// Password: size of its field in bits.
    Srp {
        /// The prime, highest byte first.
        prime: Vec<u8>,
    },
}

/// The server's part of the key exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKeyExchange {
    /// Hint for the key known beforehand, with PSK suites.
    pub identity_hint: Option<Vec<u8>>,
    /// The public part.
    pub parameters: Parameters,
    /// How it is signed; `None` when it is not, or when the version does not say.
    pub signature_scheme: Option<SignatureScheme>,
}

impl ServerKeyExchange {
    /// Size of the finite field or of the short RSA key, in bits.
    #[must_use]
    pub fn bits(&self) -> Option<usize> {
        match &self.parameters {
            Parameters::FiniteField { prime: number, .. }
            | Parameters::Srp { prime: number }
            | Parameters::Rsa { modulus: number } => Some(bits(number)),
            Parameters::None | Parameters::Curve { .. } | Parameters::ExplicitCurve => None,
        }
    }
}

/// Bits of a number, highest byte first.
fn bits(number: &[u8]) -> usize {
    let Some(start) = number.iter().position(|byte| *byte != 0) else { return 0 };
    let first = number.get(start).copied().unwrap_or_default();
    8 * (number.len() - start) - usize::try_from(first.leading_zeros()).unwrap_or_default()
}

/// Reads a ServerKeyExchange of a suite below TLS 1.3.
///
/// # Errors
/// The suite has no such message, or its lengths do not fit.
pub fn server_key_exchange(
    body: &[u8],
    suite: SuiteAttributes,
    version: Version,
) -> Result<ServerKeyExchange, Malformed> {
    use KeyExchange as K;
    let mut cursor = Cursor::new(body, WHAT);
    let hint = matches!(suite.key_exchange, K::Psk | K::RsaPsk | K::DhePsk | K::EcdhePsk);
    let identity_hint = if hint { Some(cursor.prefixed(2)?.to_vec()) } else { None };
    let parameters = match suite.key_exchange {
        K::Dhe | K::DhePsk => finite_field(&mut cursor)?,
        K::Ecdhe | K::EcdhePsk => curve(&mut cursor)?,
        K::Psk | K::RsaPsk => Parameters::None,
        K::Rsa => {
            let modulus = cursor.prefixed(2)?.to_vec();
            cursor.prefixed(2)?;
            Parameters::Rsa { modulus }
        }
        K::Srp => {
            let prime = cursor.prefixed(2)?.to_vec();
            cursor.prefixed(2)?;
            cursor.prefixed(1)?;
            cursor.prefixed(2)?;
            Parameters::Srp { prime }
        }
        K::Null
        | K::Dh
        | K::Ecdh
        | K::Krb5
        | K::EccPassword
        | K::Gost
        | K::Sm2
        | K::Separate
        | K::SeparateIntegrityOnly => return Err(Malformed::Value(WHAT)),
    };
    let signed = !hint
        && !matches!(parameters, Parameters::ExplicitCurve)
        && match suite.authentication {
            Authentication::Anonymous | Authentication::Psk | Authentication::Krb5 | Authentication::Password => false,
            Authentication::Rsa
            | Authentication::Dss
            | Authentication::Ecdsa
            | Authentication::Gost
            | Authentication::Sm2
            | Authentication::Separate => true,
        };
    let signature_scheme =
        if signed && version >= Version::Tls12 { Some(SignatureScheme(cursor.short()?)) } else { None };
    if signed {
        cursor.prefixed(2)?;
    }
    Ok(ServerKeyExchange { identity_hint, parameters, signature_scheme })
}

fn finite_field(cursor: &mut Cursor<'_>) -> Result<Parameters, Malformed> {
    let [prime, generator, public] = [cursor.prefixed(2)?, cursor.prefixed(2)?, cursor.prefixed(2)?];
    Ok(Parameters::FiniteField { prime: prime.to_vec(), generator: generator.to_vec(), public: public.to_vec() })
}

fn curve(cursor: &mut Cursor<'_>) -> Result<Parameters, Malformed> {
    match cursor.byte()? {
        3 => Ok(Parameters::Curve { group: Group(cursor.short()?), public: cursor.prefixed(1)?.to_vec() }),
        1 | 2 => Ok(Parameters::ExplicitCurve),
        _ => Err(Malformed::Value(WHAT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(name: &str) -> SuiteAttributes {
        SuiteAttributes::of_name(name).expect(name)
    }

    const ECDHE: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    const DHE: &str = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA";

    #[test]
    fn curve_and_signature_are_read() {
        let body = [3, 0, 29, 2, 7, 7, 0x08, 0x04, 0, 1, 9];
        let read = server_key_exchange(&body, suite(ECDHE), Version::Tls12).expect("a key exchange");
        assert!(matches!(read.parameters, Parameters::Curve { group: Group::X25519, .. }));
        assert_eq!(read.signature_scheme, Some(SignatureScheme(0x0804)));
        for end in 0..body.len() {
            assert!(server_key_exchange(&body[..end], suite(ECDHE), Version::Tls12).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn the_size_of_the_field_does_not_count_leading_zeros() {
        for (prime, expected) in [(&[0, 0x80, 1][..], 16), (&[0x01, 0, 0], 17), (&[0, 0], 0), (&[], 0)] {
            let mut body = vec![0, u8::try_from(prime.len()).expect("short")];
            body.extend(prime);
            body.extend([0, 1, 2, 0, 1, 3, 0, 1, 9]);
            let read = server_key_exchange(&body, suite(DHE), Version::Tls10).expect("a key exchange");
            assert_eq!(read.bits(), Some(expected), "{prime:?}");
            assert_eq!(read.signature_scheme, None);
        }
    }

    #[test]
    fn anonymous_and_psk_suites_are_not_signed() {
        let anonymous = suite("TLS_DH_anon_WITH_AES_128_CBC_SHA");
        assert!(server_key_exchange(&[0, 1, 5, 0, 1, 2, 0, 1, 3], anonymous, Version::Tls12).is_ok());
        let psk = suite("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA");
        let read = server_key_exchange(&[0, 1, b'h', 3, 0, 23, 1, 4], psk, Version::Tls12).expect("a key exchange");
        assert_eq!(read.identity_hint.as_deref(), Some(&b"h"[..]));
    }

    #[test]
    fn the_short_key_of_export_suites_is_measured() {
        let export = suite("TLS_RSA_EXPORT_WITH_RC4_40_MD5");
        let mut body = vec![0, 64];
        body.extend([0xC0; 64]);
        body.extend([0, 1, 3, 0, 1, 9]);
        let read = server_key_exchange(&body, export, Version::Ssl3).expect("a key exchange");
        assert_eq!(read.bits(), Some(512));
    }

    #[test]
    fn a_suite_without_such_a_message_is_refused() {
        let tls_1_3 = suite("TLS_AES_128_GCM_SHA256");
        assert!(server_key_exchange(&[0; 40], tls_1_3, Version::Tls13).is_err());
    }
}
