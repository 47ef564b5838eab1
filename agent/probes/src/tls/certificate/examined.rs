//! One chain, examined: the verdict is asked, the words are gathered, the facts are told.

use rustls_pki_types::CertificateDer;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;
use x509_parser::prelude::X509Certificate;

use super::anchors::Anchors;
use super::path::{End, Way};
use super::problem::{Problem, Problems};
use super::revocation::Revocation;
use super::trust::TRUSTED;
use super::{Known, issuers, leaf, missing, names, order, path, trust, verdict};
use crate::tls::facts::{CertificateFacts, CertificateSetFacts};

/// What came out of looking at one chain.
pub(super) struct Examined {
    problems: Problems,
    trust: Result<&'static str, Unknown>,
    revocation: &'static str,
}

impl Examined {
    pub(super) fn new(
        chain: &[CertificateDer<'static>],
        leaf: &X509Certificate<'_>,
        others: &[Option<X509Certificate<'_>>],
        around: &Known<'_>,
    ) -> Self {
        let now = around.now;
        let anchors = Anchors::new(around.extra_roots);
        let sent: Vec<&X509Certificate<'_>> = others.iter().flatten().collect();
        let verdict = verdict::verdict(chain, &anchors.trusted(), now);
        let is_self_signed = path::is_self_signed(leaf);
        let mut problems = leaf::problems(leaf, is_self_signed, around.name, now);
        problems.add_if(sent.len() < others.len(), Problem::Malformed);
        let way = path::best(leaf, &sent, &anchors, |way| issuers::faults(way, leaf, now).len());
        if is_self_signed {
            problems.add_if(!anchors.holds(leaf), Problem::SelfSigned);
        } else {
            problems.extend(issuers::faults(&way, leaf, now).iter());
            problems.extend(end_of(&way, &anchors).filter(|_| verdict.is_err()));
            problems.extend(order::faults(leaf, &sent, &way, &anchors).iter());
        }
        let revocation = Revocation::of(leaf, &way, around);
        problems.extend(revocation.problems.iter());
        if let Err(error) = &verdict
            && !problems.iter().any(|problem| problem.trust_word().is_some())
        {
            problems.add(verdict::word(error));
        }
        let trust = trust::word(verdict.is_ok(), &problems);
        let trust = match anchors.unreadable {
            // With that root it might have been trusted.
            Some((position, why)) if trust != TRUSTED => {
                let detail = format!("additional trusted certificate {position}: {why}");
                Err(Unknown::new(Reason::UNREADABLE, detail))
            }
            Some(_) | None => Ok(trust),
        };
        Self { problems, trust, revocation: revocation.word }
    }

    /// The same as facts, beside those of each certificate.
    pub(super) fn told(
        self,
        chain: Vec<CertificateFacts>,
        leaf: &X509Certificate<'_>,
        around: &Known<'_>,
    ) -> CertificateSetFacts {
        let trust = match self.trust {
            Ok(word) => Fact::Known(word.to_owned()),
            Err(why) => Fact::Unknown(why),
        };
        CertificateSetFacts {
            key_type: chain.first().map_or_else(
                || Fact::unknown(Reason::NOT_FOUND, "the server sent no certificate"),
                |leaf| leaf.key_kind.clone(),
            ),
            chain,
            problems: trust.clone().map(|_word| self.problems.words()),
            trusted: trust.clone().map(|word| word == TRUSTED),
            trust,
            name_matches: match around.name {
                Some(name) => Fact::Known(names::matches(leaf, name)),
                None => Fact::unknown(Reason::DOES_NOT_APPLY, "no particular name is expected of a file"),
            },
            must_staple: Fact::Known(leaf::must_staple(leaf)),
            revocation: Fact::Known(self.revocation.to_owned()),
            timestamps: leaf::timestamps(leaf),
        }
    }
}

/// The word for a way that ends elsewhere than at a trusted root.
fn end_of(way: &Way<'_, '_>, anchors: &Anchors<'_>) -> Option<Problem> {
    match &way.end {
        End::Anchor(_) => None,
        End::ForeignRoot => Some(Problem::UntrustedRoot),
        End::NotSent { last, is_namesake } => Some(missing::word(last, way.issuers.is_empty(), *is_namesake, anchors)),
        End::BadSignature => Some(Problem::BadSignature),
    }
}
