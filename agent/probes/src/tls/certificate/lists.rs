//! Revocation lists (RFC 5280 section 5): those on the host's disk, and what they say of a certificate.
//!
//! A list counts when the certificate's issuer signed it. One that is out of date, partial or a delta can still revoke; it
//! cannot clear.

use std::io::Read;

use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AlgorithmIdentifier;

use super::der::{BIT_STRING, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, bits, inside};
use super::signature::{Signature, Signed};
use super::staple::{Issuer, time};
use crate::files::Root;

/// Folders in which administrators and tools keep revocation lists, and whether every file there may be one:
/// `c_rehash` and `fetch-crl` put theirs as `HASH.r0` among certificates; the others are habits of Debian's and Red Hat's
/// `openssl.cnf` and of `easy-rsa` users.
const FOLDERS: &[(&str, bool)] = &[
    ("/etc/ssl/crl", true),
    ("/etc/ssl/crls", true),
    ("/etc/pki/crl", true),
    ("/etc/pki/tls/crl", true),
    ("/etc/pki/CA/crl", true),
    ("/etc/ssl/certs", false),
    ("/etc/pki/tls/certs", false),
    ("/etc/grid-security/certificates", false),
];
/// Endings of file names, besides `.r0` to `.r9`, that may hold a list.
const ENDINGS: &[&str] = &[".crl", ".pem", ".der"];
/// Largest list, in bytes: the largest that public authorities publish have about 10 MiB.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Most files read.
const FILES_MAX: usize = 64;
/// Most bytes of all lists together.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// `cRLs` context tag of the extensions, constructed.
const EXTENSIONS: u8 = 0xa0;
/// Issuing distribution point and delta indicator: a list with one of them does not cover everything.
const PARTIAL: &[&[u8]] = &[&[0x55, 0x1d, 0x1c], &[0x55, 0x1d, 0x1b]];
/// Reason code of an entry.
const REASON_CODE: &[u8] = &[0x55, 0x1d, 0x15];
/// `removeFromCRL`: the entry of a delta that takes a certificate off the list again.
const REMOVED: &[u8] = &[0x0a, 1, 8];

/// Revocation lists in DER.
#[derive(Debug, Clone, Default)]
pub struct RevocationLists(Vec<Vec<u8>>);

impl RevocationLists {
    /// Reads the lists of a host, in PEM or DER, from the usual folders. What cannot be read is left out: without a list
    /// the state of a certificate is simply not known from here.
    #[must_use]
    pub fn read(root: &Root) -> Self {
        let mut lists = Self::default();
        let mut bytes_left = BYTES_MAX;
        let paths = FOLDERS.iter().flat_map(|(folder, any)| {
            let names = root.names(folder).unwrap_or_default();
            names.into_iter().filter(|name| may_be_list(name, *any)).map(move |name| format!("{folder}/{name}"))
        });
        for path in paths.take(FILES_MAX) {
            let Ok(file) = root.open(&path) else { continue };
            let mut bytes = Vec::new();
            let size = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
            if size.is_err() || bytes.len() as u64 > FILE_BYTES_MAX || bytes.len() > bytes_left {
                continue;
            }
            bytes_left -= bytes.len();
            lists.add(&bytes);
        }
        lists
    }

    /// Adds every list in a file's bytes, PEM or DER.
    pub fn add(&mut self, bytes: &[u8]) {
        if bytes.first() == Some(&SEQUENCE) {
            self.0.push(bytes.to_vec());
        } else {
            let lists = CertificateRevocationListDer::pem_slice_iter(bytes);
            self.0.extend(lists.map_while(Result::ok).map(|list| list.to_vec()));
        }
    }

    /// What the lists say of a certificate with that `serial`.
    pub(super) fn answer(&self, serial: &[u8], issuer: Issuer<'_>, now: i64) -> Answer {
        let mut answer = Answer::NotListed;
        for list in self.0.iter().filter_map(|bytes| List::read(bytes)).filter(|list| list.issuer == issuer.name) {
            if !list.is_signed_by(issuer) || now < list.this_update {
                continue;
            }
            if list.has(serial) {
                return Answer::Revoked;
            }
            if !list.is_partial && list.next_update.is_none_or(|next| now <= next) {
                answer = Answer::Good;
            }
        }
        answer
    }
}

fn may_be_list(name: &str, any: bool) -> bool {
    let is_hashed = name
        .rsplit_once('.')
        .is_some_and(|(_, ending)| matches!(ending.as_bytes(), [b'r', digit] if digit.is_ascii_digit()));
    is_hashed || (any && ENDINGS.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending)))
}

/// What the lists say of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// A current, whole list of the issuer does not name it.
    Good,
    /// A list of the issuer names it.
    Revoked,
    /// There is no list of its issuer that could clear it.
    NotListed,
}

struct List<'a> {
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    issuer: &'a [u8],
    this_update: i64,
    next_update: Option<i64>,
    entries: &'a [u8],
    is_partial: bool,
}

impl<'a> List<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut parts = Elements::new(inside(bytes, SEQUENCE)?);
        let content = parts.tagged(SEQUENCE)?;
        let algorithm = parts.tagged(SEQUENCE)?.whole;
        let signature = bits(parts.tagged(BIT_STRING)?.value)?;
        let mut fields = Elements::new(content.value);
        fields.tagged(INTEGER);
        fields.tagged(SEQUENCE)?;
        let issuer = fields.tagged(SEQUENCE)?.whole;
        let this_update = time(fields.next()?.whole)?;
        let mut ahead = fields;
        let next_update = ahead.next().and_then(|element| time(element.whole));
        if next_update.is_some() {
            fields = ahead;
        }
        let entries = fields.tagged(SEQUENCE).map(|entries| entries.value).unwrap_or_default();
        let extensions =
            fields.tagged(EXTENSIONS).and_then(|tagged| inside(tagged.value, SEQUENCE)).unwrap_or_default();
        let is_partial = Elements::new(extensions)
            .filter_map(|extension| inside(extension.value, OBJECT_IDENTIFIER))
            .any(|identifier| PARTIAL.contains(&identifier));
        Some(Self {
            signed: content.whole,
            algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            entries,
            is_partial,
        })
    }

    fn is_signed_by(&self, issuer: Issuer<'_>) -> bool {
        AlgorithmIdentifier::from_der(self.algorithm).is_ok_and(|(_, algorithm)| {
            let signed = Signed { content: self.signed, algorithm: &algorithm, signature: self.signature };
            signed.by(issuer.key) == Signature::Good
        })
    }

    fn has(&self, serial: &[u8]) -> bool {
        Elements::new(self.entries).any(|entry| {
            let mut parts = Elements::new(entry.value);
            let is_named = parts.tagged(INTEGER).is_some_and(|number| number.value == serial);
            is_named && !parts.any(|part| part.tag == SEQUENCE && is_removed(part.value))
        })
    }
}

/// Whether the extensions of an entry take the certificate off the list again.
fn is_removed(extensions: &[u8]) -> bool {
    Elements::new(extensions).any(|extension| {
        let mut parts = Elements::new(extension.value);
        parts.next().is_some_and(|identifier| identifier.value == REASON_CODE)
            && parts.any(|part| part.value == REMOVED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_from_certificates_by_their_names() {
        for (name, any, may_be) in [
            ("authority.crl", true, true),
            ("AUTHORITY.CRL", true, true),
            ("authority.pem", true, true),
            ("authority.pem", false, false),
            ("1f3a5c77.r0", false, true),
            ("1f3a5c77.0", false, false),
            ("notes.txt", true, false),
        ] {
            assert_eq!(may_be_list(name, any), may_be, "{name}");
        }
    }
}
