//! What the `certificates` probe may say.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

facts! {
    /// The certificate files that the servers on this host are set to use.
    pub struct CertificatesFacts {
        /// Programs with a configuration on this host that can name certificates, sorted: `apache`, `certbot`, `dovecot`, `haproxy`, `nginx`, `postfix`; empty when there is none.
        pub servers: Vec<String>,
        /// Configuration files that are there and could not be read, each with why; what they name is missing below.
        pub unread: Vec<String>,
        /// One entry for each certificate file, sorted by path; unknown when none was found and a configuration could not be read.
        pub files: Fact<Vec<FileFacts>>,
    }

    /// One certificate file.
    pub struct FileFacts {
        /// Where it lies; a person's home folder shows as `~`.
        pub path: String,
        /// Programs that are set to use it, sorted.
        pub used_by: Vec<String>,
        /// Subject of the server's own certificate, the first in the file.
        pub subject: Fact<String>,
        /// Issuer of that certificate.
        pub issuer: Fact<String>,
        /// Names and addresses that it is valid for, sorted.
        pub names: Fact<Vec<String>>,
        /// Last moment of its validity.
        pub not_after: Fact<Timestamp>,
        /// Kind of its public key: `rsa`, `ecdsa`, `ed25519`, `ed448`, `dsa` or `other`.
        pub key_kind: Fact<String>,
        /// Size of its public key, in bits.
        pub key_bits: Fact<i64>,
        /// What is wrong with it and with the issuers that the server is set to send along, as sorted words of the `tls` probe; nothing is said of host names and staples, which only a connection shows.
        pub problems: Fact<Vec<String>>,
        /// Whether the file of the private key may be read by every account of this host, by the permissions of the file itself; a folder above it may still keep them out.
        pub key_readable_by_others: Fact<bool>,
    }
}
