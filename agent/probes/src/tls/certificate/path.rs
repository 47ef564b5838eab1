//! Our own search for the way from the server's certificate to a root, so that its end can be told in words.
//!
//! By names and keys; dates and permissions are judged afterwards (`issuers`), so that one defect never hides another.

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::X509Certificate;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::anchors::{Anchor, Anchors};
use super::signature::{Signature, Signed};

/// Most issuers on one way.
const ISSUERS_MAX: usize = 10;
/// Most steps of one search: a hostile server could send many certificates of one name.
const STEPS_MAX: u32 = 200;
/// Most ways that are compared.
const WAYS_MAX: usize = 20;

/// The issuers of a certificate, the nearest first, and where they end.
#[derive(Debug, Clone)]
pub(super) struct Way<'c, 'a> {
    /// Certificates sent, the nearest issuer first. A private root that ends the way stands last.
    pub(super) issuers: Vec<&'c X509Certificate<'a>>,
    pub(super) end: End<'c, 'a>,
}

/// Where the issuers end.
#[derive(Debug, Clone)]
pub(super) enum End<'c, 'a> {
    /// At a trusted root.
    Anchor(&'c Anchor<'a>),
    /// At a root that was sent and that nobody was told to trust: the last of the issuers.
    ForeignRoot,
    /// At a certificate whose issuer neither was sent nor is a trusted root; whether a trusted root has that name but
    /// another key.
    NotSent {
        /// The last certificate of the way.
        last: &'c X509Certificate<'a>,
        /// A trusted root bears the issuer's name, but the certificate names another key.
        is_namesake: bool,
    },
    /// At a certificate that no issuer of that name has signed.
    BadSignature,
}

impl End<'_, '_> {
    const fn rank(&self) -> u8 {
        match self {
            Self::Anchor(_) => 0,
            Self::ForeignRoot => 1,
            Self::NotSent { .. } => 2,
            Self::BadSignature => 3,
        }
    }
}

/// The search over the certificates that were sent with the server's own.
pub(super) struct Search<'c, 'a> {
    sent: &'c [&'c X509Certificate<'a>],
    anchors: &'c Anchors<'a>,
    steps_left: u32,
    ways: Vec<Way<'c, 'a>>,
}

/// Finds the best way: to a trusted root before any other end, with the fewest `faults` of its issuers, then the shortest.
pub(super) fn best<'c, 'a>(
    leaf: &'c X509Certificate<'a>,
    sent: &'c [&'c X509Certificate<'a>],
    anchors: &'c Anchors<'a>,
    faults: impl Fn(&Way<'c, 'a>) -> usize,
) -> Way<'c, 'a> {
    let mut search = Search { sent, anchors, steps_left: STEPS_MAX, ways: Vec::new() };
    search.from(leaf, &mut Vec::new());
    search
        .ways
        .into_iter()
        .min_by_key(|way| (way.end.rank(), faults(way), way.issuers.len()))
        .unwrap_or(Way { issuers: Vec::new(), end: End::NotSent { last: leaf, is_namesake: false } })
}

impl<'c, 'a> Search<'c, 'a> {
    fn from(&mut self, subject: &'c X509Certificate<'a>, below: &mut Vec<&'c X509Certificate<'a>>) {
        if self.steps_left == 0 || self.ways.len() >= WAYS_MAX {
            return;
        }
        self.steps_left -= 1;
        let (mut found, mut is_bad, mut is_namesake) = (false, false, false);
        let anchors = self.anchors;
        for anchor in anchors.named(subject.issuer().as_raw()) {
            let signed = anchor.key().map(|key| signed_by(subject, &key, anchor.certificate.as_ref()));
            match signed.unwrap_or(Issued::Cannot) {
                Issued::Yes | Issued::Cannot => {
                    found = true;
                    self.ways.push(Way { issuers: below.clone(), end: End::Anchor(anchor) });
                }
                Issued::ByNamesake => is_namesake = true,
                // Of a root that was not sent nobody claimed that it signed: only the name is the same.
                Issued::No if authority_key(subject).is_none() => is_namesake = true,
                Issued::No => is_bad = true,
            }
        }
        if !below.is_empty() && is_self_signed(subject) {
            if !found {
                self.ways.push(Way { issuers: below.clone(), end: End::ForeignRoot });
            }
            return;
        }
        for &issuer in self.sent {
            if issuer.subject().as_raw() != subject.issuer().as_raw()
                || std::ptr::eq(issuer, subject)
                || below.iter().any(|one| one.as_raw() == issuer.as_raw())
                || below.len() >= ISSUERS_MAX
            {
                continue;
            }
            match signed_by(subject, issuer.public_key(), Some(issuer)) {
                Issued::Yes | Issued::Cannot => {
                    found = true;
                    below.push(issuer);
                    self.from(issuer, below);
                    below.pop();
                }
                Issued::ByNamesake => {}
                Issued::No => is_bad = true,
            }
        }
        if !found {
            // A certificate that names itself as its issuer would need no other: here its own key denied it.
            let denies_itself = subject.subject().as_raw() == subject.issuer().as_raw();
            let is_bad = is_bad || (denies_itself && !is_namesake);
            let end = if is_bad { End::BadSignature } else { End::NotSent { last: subject, is_namesake } };
            self.ways.push(Way { issuers: below.clone(), end });
        }
    }
}

/// Whether a certificate is its own issuer: it says so, and its own key does not deny it. An authority that renews its key
/// certifies the new one under its own name (RFC 5280 section 6.1, self-issued): that is no root.
pub(super) fn is_self_signed(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
        && Signed::certificate(certificate).by(certificate.public_key()) != Signature::Bad
}

/// Whether a certificate was issued by the holder of a key.
enum Issued {
    Yes,
    No,
    /// Another authority of the same name issued it: the key that it names is not this one.
    ByNamesake,
    /// There is no code for the signature: taken by its name.
    Cannot,
}

fn signed_by(
    subject: &X509Certificate<'_>,
    key: &SubjectPublicKeyInfo<'_>,
    issuer: Option<&X509Certificate<'_>>,
) -> Issued {
    let signature = Signed::certificate(subject).by(key);
    if signature == Signature::Good {
        return Issued::Yes;
    }
    let named = authority_key(subject);
    let is_other = named.is_some_and(|named| !holds_key(named, key, issuer));
    match signature {
        _ if is_other => Issued::ByNamesake,
        Signature::Good => Issued::Yes,
        Signature::Bad => Issued::No,
        Signature::CannotTell => Issued::Cannot,
    }
}

/// Whether a key identifier is the issuer's: the one in its certificate, or else the usual digest of its key
/// (RFC 5280 section 4.2.1.2).
fn holds_key(named: &[u8], key: &SubjectPublicKeyInfo<'_>, issuer: Option<&X509Certificate<'_>>) -> bool {
    let own = issuer.and_then(|issuer| {
        issuer.extensions().iter().find_map(|extension| {
            let ParsedExtension::SubjectKeyIdentifier(identifier) = extension.parsed_extension() else { return None };
            Some(identifier.0)
        })
    });
    let digest =
        || aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &key.subject_public_key.data);
    own.map_or_else(|| digest().as_ref() == named, |own| own == named)
}

fn authority_key<'a>(subject: &X509Certificate<'a>) -> Option<&'a [u8]> {
    subject.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityKeyIdentifier(identifier) = extension.parsed_extension() else { return None };
        identifier.key_identifier.as_ref().map(|key| key.0)
    })
}
