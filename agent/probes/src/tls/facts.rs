//! What the `tls` probe may say.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

facts! {
    /// What one TLS endpoint showed in a handshake that accepts every certificate and records it.
    pub struct TlsFacts {
        /// Address and port that was connected to, as `192.0.2.1:443` or `[2001:db8::1]:443`.
        pub address: String,
        /// Name or address that the certificate is expected to carry.
        pub server_name: String,
        /// TLS version that was agreed when 1.2 and 1.3 are offered together, or 1.2 alone to a server that hangs up on that: `1.2` or `1.3`.
        pub version: Fact<String>,
        /// Cipher suite that was agreed, by its IANA name: `TLS_AES_256_GCM_SHA384`.
        pub suite: Fact<String>,
        /// Application protocol that the server chose of `h2` and `http/1.1`; empty when it chose none.
        pub alpn: Fact<Vec<String>>,
        /// Whether the server accepts TLS 1.2 when nothing else is offered.
        pub accepts_tls_1_2: Fact<bool>,
        /// Whether the server accepts TLS 1.3 when nothing else is offered.
        pub accepts_tls_1_3: Fact<bool>,
        /// The server's own certificate: the first one that it sent.
        pub leaf: Fact<CertificateFacts>,
        /// Every certificate as sent and in that order, the server's own first.
        pub chain: Fact<Vec<CertificateFacts>>,
        /// Whether the certificates lead to a trusted root and all hold at the time of observation; says nothing of the name.
        pub trusted: Fact<bool>,
        /// Why it is trusted or not, as a word: `trusted`, `expired`, `not_yet_valid`, `issuer_expired`, `self_signed`, `untrusted_root`, `incomplete_chain`, `bad_signature`, `unsupported_signature`, `wrong_purpose`, `malformed` or `invalid`. A certificate that is expired and has another defect shows the other one; the dates stand in `leaf`.
        pub trust: Fact<String>,
        /// Whether the server's own certificate is valid for the expected name.
        pub name_matches: Fact<bool>,
    }

    /// One certificate as sent. A field that cannot be read from it is unknown with its reason.
    pub struct CertificateFacts {
        /// Subject as a distinguished name: `C=IT, O=Comune di Esempio, CN=www.example.it`.
        pub subject: Fact<String>,
        /// Issuer as a distinguished name.
        pub issuer: Fact<String>,
        /// Names and addresses that it is valid for (subject alternative names), sorted.
        pub names: Fact<Vec<String>>,
        /// Serial number in lower-case hexadecimal, two digits a byte.
        pub serial: Fact<String>,
        /// First moment of validity.
        pub not_before: Fact<Timestamp>,
        /// Last moment of validity; a certificate without an end (RFC 5280 section 4.1.2.5) shows the last moment of year 9999.
        pub not_after: Fact<Timestamp>,
        /// Kind of public key: `rsa`, `ecdsa`, `ed25519`, `ed448`, `dsa` or `other`.
        pub key_kind: Fact<String>,
        /// Size of the public key, in bits.
        pub key_bits: Fact<i64>,
        /// Signature algorithm, as a word: `sha256_rsa`, `sha384_ecdsa`, `sha1_rsa`, `md5_rsa`, `rsa_pss`, `ed25519` ..., or the dotted object identifier.
        pub signature_algorithm: Fact<String>,
        /// Whether it may issue certificates (basic constraints).
        pub is_ca: Fact<bool>,
        /// Whether it names itself as its issuer.
        pub self_signed: Fact<bool>,
        /// SHA-256 of the whole certificate in lower-case hexadecimal.
        pub sha256: Fact<String>,
    }
}
