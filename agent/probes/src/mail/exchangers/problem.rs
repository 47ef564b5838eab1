//! What may be wrong with a mail server, as words.

use crate::mail::words::problem_words;

problem_words! {
    /// Something wrong with one mail server.
    ExchangerProblem;
    /// Its name exists and has no address.
    NoAddress = "no_address";
    /// Its name does not exist.
    Unresolvable = "unresolvable";
    /// Its name is an alias (RFC 2181 section 10.3).
    IsAlias = "is_alias";
    /// An address stands where a name must stand (RFC 5321 section 5.1).
    IsAddress = "is_address";
    /// Its name has one label only: mostly a forgotten domain behind it.
    SingleLabel = "single_label";
    /// Its name holds characters that names of hosts must not (RFC 1123 section 2.1).
    NotAHostName = "not_a_host_name";
    /// One of its addresses is not for the public Internet.
    PrivateAddress = "private_address";
    /// It says that there is no mail, beside mail servers (RFC 7505 section 3).
    MixedNull = "mixed_null";
    /// Its port is closed, or what answers there is no mail server.
    NoAnswer = "no_answer";
    /// It does not offer to turn to TLS.
    NoStarttls = "no_starttls";
    /// It refuses to turn to TLS, or turns the visitor away.
    RefusedStarttls = "refused_starttls";
    /// It agrees to turn to TLS, and then no handshake comes to an end, of whatever version.
    HandshakeFailed = "handshake_failed";
    /// It accepts TLS 1.1 or older (RFC 8996).
    OldTls = "old_tls";
    /// Its certificate leads to no trusted root.
    CertificateUntrusted = "certificate_untrusted";
    /// Its certificate, or that of its issuer, is out of date.
    CertificateExpired = "certificate_expired";
    /// Its certificate is for other names.
    CertificateName = "certificate_name";
}
