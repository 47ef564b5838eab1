//! The bytes of TLS as anybody can see them before encryption begins, from SSL 2.0 to TLS 1.3; no cryptography.
//!
//! What a client may say ([`ClientHello`], [`Ssl2ClientHello`]), what a server answers ([`Decoder`] for the layers of
//! records and messages, [`messages`] for each message), and the registries: [`SuiteId`], [`Group`], [`SignatureScheme`],
//! [`known_prime`]. Everything that parses takes bytes of a stranger: it gives a [`Malformed`] or less than it was asked,
//! never a panic, and never keeps more than [`FLIGHT_BYTES_MAX`].
//!
//! Read in this order: `version`, `suites`, `hello`, `records`, `messages`, `flight`.

mod alert;
mod bytes;
pub mod extension;
mod flight;
mod groups;
mod hello;
pub mod messages;
mod primes;
mod records;
mod signatures;
mod ssl2;
mod stranger;
mod suites;
mod version;

pub use alert::Alert;
pub use bytes::Malformed;
pub use flight::{End, FLIGHT_BYTES_MAX, Flight, Until, exchange, read};
pub use groups::Group;
pub use hello::{ClientHello, Extension, RECORD_BYTES_MAX, split_records};
pub use messages::{
    CertificateRequest, NewSessionTicket, Parameters, ServerHello, ServerKeyExchange, certificate, certificate_1_3,
    certificate_request, certificate_status, new_session_ticket, server_hello, server_key_exchange,
};
pub use primes::known_prime;
pub use records::{DecodeError, Decoder, Event, HandshakeType, RecordType};
pub use signatures::SignatureScheme;
pub use ssl2::{Ssl2CertificateKind, Ssl2ClientHello, Ssl2Error, Ssl2Kind, Ssl2ServerHello, ssl2_server_hello};
pub use stranger::Stranger;
pub use suites::attributes::{Authentication, Cipher, KeyExchange, Mac, Mode, SuiteAttributes};
pub use suites::{FALLBACK_SCSV, RENEGOTIATION_SCSV, SuiteId, every_suite};
pub use version::Version;
