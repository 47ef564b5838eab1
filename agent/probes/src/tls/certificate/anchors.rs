//! The roots that are trusted: Mozilla's list, compiled in, and those that a person handed in.

use rustls_pki_types::{CertificateDer, TrustAnchor};
use x509_parser::extensions::NameConstraints;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use super::der::{SEQUENCE, inside, sequence};

/// A trusted root as far as it is known: of Mozilla's list only name, key and constraints.
#[derive(Debug)]
pub(super) struct Anchor<'a> {
    /// Its subject, without the frame.
    subject: Vec<u8>,
    /// Its public key.
    key: Vec<u8>,
    name_constraints: Option<Vec<u8>>,
    was_handed_in: bool,
    /// The certificate of a root that was handed in, when it can be read.
    pub(super) certificate: Option<X509Certificate<'a>>,
    trust: TrustAnchor<'static>,
}

/// All roots, and the place of one that was handed in and could not be read.
pub(super) struct Anchors<'a> {
    all: Vec<Anchor<'a>>,
    /// Place of the first root that could not be read, from 1, with the reason.
    pub(super) unreadable: Option<(usize, String)>,
}

impl<'a> Anchors<'a> {
    /// The public roots and `extra`.
    pub(super) fn new(extra: &'a [CertificateDer<'static>]) -> Self {
        let mut all: Vec<Anchor<'a>> =
            webpki_roots::TLS_SERVER_ROOTS.iter().map(|trust| Anchor::new(trust.clone(), None, false)).collect();
        let mut unreadable = None;
        for (position, root) in extra.iter().enumerate() {
            match webpki::anchor_from_trusted_cert(root) {
                Ok(trust) => {
                    let certificate = X509Certificate::from_der(root).ok().map(|(_, certificate)| certificate);
                    all.push(Anchor::new(trust.to_owned(), certificate, true));
                }
                Err(error) => unreadable = unreadable.or(Some((position + 1, error.to_string()))),
            }
        }
        Self { all, unreadable }
    }

    /// The roots in the form that the verdict takes.
    pub(super) fn trusted(&self) -> Vec<TrustAnchor<'static>> {
        self.all.iter().map(|anchor| anchor.trust.clone()).collect()
    }

    /// The roots that bear a name, as it stands in an issuer field.
    pub(super) fn named<'s>(&'s self, issuer: &'s [u8]) -> impl Iterator<Item = &'s Anchor<'a>> {
        let issuer = inside(issuer, SEQUENCE).unwrap_or_default();
        self.all.iter().filter(move |anchor| anchor.subject == issuer)
    }

    /// Whether the name of any root answers so; the answer is told whether that root was handed in.
    pub(super) fn any_name(&self, answer: impl Fn(&X509Name<'_>, bool) -> bool) -> bool {
        self.all.iter().any(|anchor| {
            let framed = sequence(&anchor.subject);
            X509Name::from_der(&framed).is_ok_and(|(_, name)| answer(&name, anchor.was_handed_in))
        })
    }

    /// Whether a certificate is a trusted root: it has the name and the key of one.
    pub(super) fn holds(&self, certificate: &X509Certificate<'_>) -> bool {
        let key = certificate.public_key().raw;
        self.named(certificate.subject().as_raw()).any(|anchor| anchor.key == key)
    }
}

impl<'a> Anchor<'a> {
    fn new(trust: TrustAnchor<'static>, certificate: Option<X509Certificate<'a>>, was_handed_in: bool) -> Self {
        Self {
            subject: trust.subject.to_vec(),
            key: sequence(&trust.subject_public_key_info),
            name_constraints: trust.name_constraints.as_ref().map(|constraints| constraints.to_vec()),
            was_handed_in,
            certificate,
            trust,
        }
    }

    /// Its public key; nothing when that cannot be read.
    pub(super) fn key(&self) -> Option<SubjectPublicKeyInfo<'_>> {
        SubjectPublicKeyInfo::from_der(&self.key).ok().map(|(_, key)| key)
    }

    /// Answers with its name constraints; nothing when it has none.
    pub(super) fn with_constraints<T>(&self, answer: impl FnOnce(&NameConstraints<'_>) -> T) -> Option<T> {
        let framed = sequence(self.name_constraints.as_ref()?);
        NameConstraints::from_der(&framed).ok().map(|(_, constraints)| answer(&constraints))
    }
}
