//! Alerts: what a server says when it will not go on.

use std::fmt;

use super::bytes::{Cursor, Malformed};

/// An alert (RFC 8446 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// 1 is a warning, after which the handshake may go on; 2 is fatal.
    pub level: u8,
    /// What it is about, by its IANA number.
    pub description: u8,
}

impl Alert {
    /// The other side ends the connection in order.
    pub const CLOSE_NOTIFY: u8 = 0;
    /// A message that has no place here.
    pub const UNEXPECTED_MESSAGE: u8 = 10;
    /// Nothing that was offered will do.
    pub const HANDSHAKE_FAILURE: u8 = 40;
    /// A field with a value that it cannot have.
    pub const ILLEGAL_PARAMETER: u8 = 47;
    /// The message cannot be read.
    pub const DECODE_ERROR: u8 = 50;
    /// The version is not spoken.
    pub const PROTOCOL_VERSION: u8 = 70;
    /// Nothing that was offered is strong enough.
    pub const INSUFFICIENT_SECURITY: u8 = 71;
    /// The server's own trouble.
    pub const INTERNAL_ERROR: u8 = 80;
    /// A downgrade that should not be (RFC 7507).
    pub const INAPPROPRIATE_FALLBACK: u8 = 86;
    /// A needed extension is missing.
    pub const MISSING_EXTENSION: u8 = 109;
    /// An extension that is not taken.
    pub const UNSUPPORTED_EXTENSION: u8 = 110;
    /// The server has no such name (RFC 6066 section 3).
    pub const UNRECOGNIZED_NAME: u8 = 112;
    /// None of the application protocols (RFC 7301).
    pub const NO_APPLICATION_PROTOCOL: u8 = 120;

    /// Reads the two bytes of an alert.
    ///
    /// # Errors
    /// Not two bytes, or a level that is neither 1 nor 2.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes, "alert");
        let alert = Self { level: cursor.byte()?, description: cursor.byte()? };
        cursor.end()?;
        if (1..=2).contains(&alert.level) { Ok(alert) } else { Err(Malformed::Value("alert")) }
    }

    /// Whether the handshake may go on after it.
    #[must_use]
    pub const fn is_warning(self) -> bool {
        self.level == 1 && self.description != Self::CLOSE_NOTIFY
    }

    /// Its name in the IANA registry, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.description {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = if self.is_warning() { "warning" } else { "alert" };
        match self.name() {
            Some(name) => write!(formatter, "{level} {name}"),
            None => write!(formatter, "{level} {}", self.description),
        }
    }
}
