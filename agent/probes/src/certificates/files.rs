//! One certificate file, read and judged.

use std::io::Read;

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::judge::without_homes;
use vedetta_checks::word::Reason;

use super::facts::FileFacts;
use super::pairs::Named;
use crate::files::{FileError, Root};
use crate::platform::others_may_read;
use crate::tls::certificate::{RevocationLists, examine_file};

/// Largest certificate file, in bytes; a chain has some 10 KiB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most certificates read from one file.
const CERTIFICATES_MAX: usize = 32;

/// What is known around the files.
pub(super) struct Around<'a> {
    pub(super) root: &'a Root,
    pub(super) now: Timestamp,
    pub(super) extra_roots: &'a [CertificateDer<'static>],
    pub(super) revocation_lists: RevocationLists,
}

/// The certificates in a PEM file, in their order; other blocks, a private key among them, are passed over.
pub(super) fn certificates(root: &Root, path: &str) -> Result<Vec<CertificateDer<'static>>, Unknown> {
    let mut bytes = Vec::new();
    let file = root.open(path).map_err(|error| unread(&error))?;
    let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|source| unread(&FileError::Io { path: path.to_owned(), source }))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(unread(&FileError::TooLarge { path: path.to_owned(), bytes_max: FILE_BYTES_MAX }));
    }
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).take(CERTIFICATES_MAX).collect();
    let found = read.map_err(|error| Unknown::new(Reason::CORRUPT, format!("{}: {error}", without_homes(path))))?;
    if found.is_empty() {
        return Err(Unknown::new(Reason::CORRUPT, format!("{}: holds no certificate in PEM", without_homes(path))));
    }
    Ok(found)
}

/// Everything of one file.
pub(super) fn facts(named: &Named, used_by: Vec<String>, around: &Around<'_>) -> FileFacts {
    let shown = without_homes(&named.certificate).into_owned();
    let key_readable_by_others = key_readable_by_others(around.root, named.key.as_deref());
    let chain = certificates(around.root, &named.certificate).and_then(|mut chain| {
        if let Some(issuers) = &named.chain {
            chain.extend(certificates(around.root, issuers)?);
        }
        Ok(chain)
    });
    let set = chain.map(|chain| examine_file(&chain, around.now, around.extra_roots, &around.revocation_lists));
    let (own, problems) = match set {
        Ok(set) => (set.chain.into_iter().next().ok_or_else(nothing), set.problems),
        Err(why) => (Err(why.clone()), Fact::Unknown(why)),
    };
    match own {
        Ok(own) => FileFacts {
            path: shown,
            used_by,
            subject: own.subject,
            issuer: own.issuer,
            names: own.names,
            not_after: own.not_after,
            key_kind: own.key_kind,
            key_bits: own.key_bits,
            problems,
            key_readable_by_others,
        },
        Err(why) => FileFacts {
            path: shown,
            used_by,
            subject: Fact::Unknown(why.clone()),
            issuer: Fact::Unknown(why.clone()),
            names: Fact::Unknown(why.clone()),
            not_after: Fact::Unknown(why.clone()),
            key_kind: Fact::Unknown(why.clone()),
            key_bits: Fact::Unknown(why),
            problems,
            key_readable_by_others,
        },
    }
}

/// Why a file could not be read, without the name of a person.
fn unread(error: &FileError) -> Unknown {
    let why = error.to_unknown();
    Unknown::new(why.reason, without_homes(&why.detail))
}

fn nothing() -> Unknown {
    Unknown::new(Reason::CORRUPT, "the file holds no certificate")
}

/// By the permissions of the file only: its content is never read.
fn key_readable_by_others(root: &Root, path: Option<&str>) -> Fact<bool> {
    let Some(path) = path else {
        return Fact::unknown(Reason::NOT_FOUND, "the configuration names no file of a private key");
    };
    let metadata = root
        .open(path)
        .and_then(|file| file.metadata().map_err(|source| FileError::Io { path: path.to_owned(), source }));
    match metadata {
        Ok(metadata) => others_may_read(&metadata),
        Err(error) => Fact::Unknown(unread(&error)),
    }
}
