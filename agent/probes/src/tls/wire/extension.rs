//! Extensions of hellos: their numbers (IANA registry "TLS ExtensionType Values") and how each is written.

use super::bytes::{put_prefixed, shorts};
use super::groups::Group;
use super::hello::Extension;
use super::signatures::SignatureScheme;

/// Name of the server (RFC 6066 section 3).
pub const SERVER_NAME: u16 = 0;
/// Staple (RFC 6066 section 8).
pub const STATUS_REQUEST: u16 = 5;
/// Groups of the key exchange (RFC 8446 section 4.2.7).
pub const SUPPORTED_GROUPS: u16 = 10;
/// Forms of points (RFC 8422 section 5.1.2).
pub const POINT_FORMATS: u16 = 11;
/// Signature schemes (RFC 8446 section 4.2.3).
pub const SIGNATURE_ALGORITHMS: u16 = 13;
/// Heartbeats (RFC 6520).
pub const HEARTBEAT: u16 = 15;
/// Application protocols (RFC 7301).
pub const ALPN: u16 = 16;
/// Timestamps of certificates (RFC 6962).
pub const CERTIFICATE_TIMESTAMPS: u16 = 18;
/// Bytes without meaning (RFC 7685).
pub const PADDING: u16 = 21;
/// MAC over the encrypted text (RFC 7366).
pub const ENCRYPT_THEN_MAC: u16 = 22;
/// Master secret bound to the handshake (RFC 7627).
pub const EXTENDED_MASTER_SECRET: u16 = 23;
/// Tickets (RFC 5077).
pub const SESSION_TICKET: u16 = 35;
/// Key known beforehand (RFC 8446 section 4.2.11).
pub const PRE_SHARED_KEY: u16 = 41;
/// Data before the handshake ends (RFC 8446 section 4.2.10).
pub const EARLY_DATA: u16 = 42;
/// Versions (RFC 8446 section 4.2.1).
pub const SUPPORTED_VERSIONS: u16 = 43;
/// Bytes to be sent back (RFC 8446 section 4.2.2).
pub const COOKIE: u16 = 44;
/// How a known key may be used (RFC 8446 section 4.2.9).
pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
/// Signature schemes in certificates (RFC 8446 section 4.2.3).
pub const SIGNATURE_ALGORITHMS_CERT: u16 = 50;
/// Keys for the chosen groups (RFC 8446 section 4.2.8).
pub const KEY_SHARE: u16 = 51;
/// Secure renegotiation (RFC 5746).
pub const RENEGOTIATION_INFO: u16 = 0xFF01;

fn list(kind: u16, length_bytes: usize, content: &[u8]) -> Extension {
    let mut body = Vec::new();
    put_prefixed(&mut body, length_bytes, content);
    Extension { kind, body }
}

impl Extension {
    /// An extension without content, as `extended_master_secret`.
    #[must_use]
    pub const fn empty(kind: u16) -> Self {
        Self { kind, body: Vec::new() }
    }

    /// The name that the client wants; never an address (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(name: &str) -> Self {
        let mut entry = vec![0];
        put_prefixed(&mut entry, 2, name.as_bytes());
        list(SERVER_NAME, 2, &entry)
    }

    /// The groups, the preferred first.
    #[must_use]
    pub fn groups(groups: impl IntoIterator<Item = Group>) -> Self {
        list(SUPPORTED_GROUPS, 2, &shorts(groups.into_iter().map(|group| group.0)))
    }

    /// Uncompressed points, as everybody takes them.
    #[must_use]
    pub fn point_formats() -> Self {
        list(POINT_FORMATS, 1, &[0])
    }

    /// The signature schemes, the preferred first.
    #[must_use]
    pub fn signature_algorithms(schemes: impl IntoIterator<Item = SignatureScheme>) -> Self {
        list(SIGNATURE_ALGORITHMS, 2, &shorts(schemes.into_iter().map(|scheme| scheme.0)))
    }

    /// The signature schemes that may stand in certificates.
    #[must_use]
    pub fn signature_algorithms_cert(schemes: impl IntoIterator<Item = SignatureScheme>) -> Self {
        list(SIGNATURE_ALGORITHMS_CERT, 2, &shorts(schemes.into_iter().map(|scheme| scheme.0)))
    }

    /// The application protocols, the preferred first.
    #[must_use]
    pub fn alpn<'a>(protocols: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Vec::new();
        for protocol in protocols {
            put_prefixed(&mut names, 1, protocol.as_bytes());
        }
        list(ALPN, 2, &names)
    }

    /// The wish for a staple by OCSP, of any responder.
    #[must_use]
    pub fn status_request() -> Self {
        Self { kind: STATUS_REQUEST, body: vec![1, 0, 0, 0, 0] }
    }

    /// The first handshake of a connection.
    #[must_use]
    pub fn renegotiation_info() -> Self {
        list(RENEGOTIATION_INFO, 1, &[])
    }

    /// Heartbeats; `allowed` says whether the peer may send them too.
    #[must_use]
    pub fn heartbeat(allowed: bool) -> Self {
        Self { kind: HEARTBEAT, body: vec![if allowed { 1 } else { 2 }] }
    }

    /// The versions by their numbers, the preferred first.
    #[must_use]
    pub fn supported_versions(versions: impl IntoIterator<Item = u16>) -> Self {
        list(SUPPORTED_VERSIONS, 1, &shorts(versions))
    }

    /// No key yet: the server names a group in a HelloRetryRequest.
    #[must_use]
    pub fn key_share_empty() -> Self {
        list(KEY_SHARE, 2, &[])
    }

    /// Keys for groups.
    #[must_use]
    pub fn key_share<'a>(keys: impl IntoIterator<Item = (Group, &'a [u8])>) -> Self {
        let mut entries = Vec::new();
        for (group, key) in keys {
            entries.extend(group.0.to_be_bytes());
            put_prefixed(&mut entries, 2, key);
        }
        list(KEY_SHARE, 2, &entries)
    }

    /// Known keys only together with a fresh one.
    #[must_use]
    pub fn psk_key_exchange_modes() -> Self {
        list(PSK_KEY_EXCHANGE_MODES, 1, &[1])
    }

    /// The cookie of a HelloRetryRequest.
    #[must_use]
    pub fn cookie(cookie: &[u8]) -> Self {
        list(COOKIE, 2, cookie)
    }

    /// Zeros, as many as asked (at most 65535).
    #[must_use]
    pub fn padding(bytes: u16) -> Self {
        Self { kind: PADDING, body: vec![0; usize::from(bytes)] }
    }

    /// An extension that servers must ignore (RFC 8701); the number is one of 16.
    #[must_use]
    pub fn grease(number: u8) -> Self {
        let byte = (number & 0x0F) << 4 | 0x0A;
        Self { kind: u16::from_be_bytes([byte, byte]), body: Vec::new() }
    }
}
