//! The server's handshake messages, each from the bytes behind its type and length.

mod certificate;
mod key_exchange;
mod server_hello;

pub use certificate::{
    CertificateRequest, NewSessionTicket, certificate, certificate_1_3, certificate_request, certificate_status,
    new_session_ticket,
};
pub use key_exchange::{Parameters, ServerKeyExchange, server_key_exchange};
pub use server_hello::{ServerHello, server_hello};
