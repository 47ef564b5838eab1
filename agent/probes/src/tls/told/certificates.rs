//! The certificates of every version, each of the server's own once.

use rustls_pki_types::CertificateDer;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::super::certificate::{Examination, Staple, examine};
use super::super::enumerate::VersionSeen;
use super::super::facts::{CertificateSetFacts, TlsFacts};
use super::super::look::Seen;
use super::super::wire::Version;
use crate::ProbeContext;

/// The certificates of every version, each server's certificate once; first the one that a current client gets.
pub(super) fn tell(facts: &mut TlsFacts, seen: &Seen<'_>, context: &ProbeContext) {
    let mut sets: Vec<Sent> = Vec::new();
    if let Fact::Known(received) = &seen.finished.certificates {
        for one in received {
            add(&mut sets, one.chain.clone(), one.staple.as_deref(), true);
        }
    }
    let staple_seen = seen.enumeration.staple.known().is_some();
    let mut clear: Vec<_> = seen.enumeration.chains.iter().collect();
    clear.sort_by_key(|chain| std::cmp::Reverse(chain.version));
    for chain in clear {
        let certificates = chain.certificates.iter().map(|der| CertificateDer::from(der.clone())).collect();
        add(&mut sets, certificates, chain.staple.as_deref(), staple_seen);
    }
    let examined: Vec<CertificateSetFacts> = sets.iter().map(|sent| sent.examined(seen, context)).collect();
    if let (true, Some(why)) = (examined.is_empty(), hidden(seen)) {
        facts.certificates = Fact::Unknown(why);
        return;
    }
    if let Some(first) = examined.first() {
        facts.leaf = first.chain.first().cloned().map_or_else(no_certificate, Fact::Known);
        facts.chain = Fact::Known(first.chain.clone());
        facts.trusted = first.trusted.clone();
        facts.trust = first.trust.clone();
        facts.name_matches = first.name_matches.clone();
    } else {
        (facts.leaf, facts.chain, facts.trusted) = (no_certificate(), no_certificate(), no_certificate());
        (facts.trust, facts.name_matches) = (no_certificate(), no_certificate());
    }
    facts.certificates = Fact::Known(examined);
}

/// Why no certificate was seen although there may be one; `None` when every suite does without.
fn hidden(seen: &Seen<'_>) -> Option<Unknown> {
    if seen.enumeration.of(Version::Tls13).and_then(VersionSeen::accepted) == Some(false) {
        let suites = seen.enumeration.versions.iter().filter_map(|version| version.suites.known()).flatten();
        let without = suites.clone().all(|suite| suite.attributes().is_some_and(|attributes| attributes.anonymous()));
        let told = seen.enumeration.versions.iter().all(|version| version.suites.known().is_some());
        return (!without || !told).then(|| Unknown::new(Reason::NOT_FOUND, "the server sent no certificate"));
    }
    match &seen.finished.certificates {
        Fact::Unknown(why) => Some(why.clone()),
        Fact::Known(_) => Some(Unknown::new(Reason::NOT_FOUND, "the server sent no certificate")),
    }
}

/// Certificates that came together.
struct Sent {
    chain: Vec<CertificateDer<'static>>,
    staple: Option<Vec<u8>>,
    /// Whether a staple would have been seen.
    staple_seen: bool,
}

impl Sent {
    fn examined(&self, seen: &Seen<'_>, context: &ProbeContext) -> CertificateSetFacts {
        let staple = match (&self.staple, self.staple_seen) {
            (Some(bytes), _) => Staple::Sent(bytes),
            (None, true) => Staple::NotSent,
            (None, false) => Staple::NotSeen,
        };
        let around = Examination {
            name: &seen.expected,
            now: context.now,
            extra_roots: &context.extra_roots,
            staple,
            revocation_lists: seen.revocation_lists,
        };
        examine(&self.chain, &around)
    }
}

/// Adds a chain unless its server's certificate is there already: SSL 2.0 sends that one alone.
fn add(sets: &mut Vec<Sent>, chain: Vec<CertificateDer<'static>>, staple: Option<&[u8]>, staple_seen: bool) {
    let Some(leaf) = chain.first() else { return };
    match sets.iter_mut().find(|set| set.chain.first() == Some(leaf)) {
        Some(known) => {
            known.staple_seen |= staple_seen;
            if known.staple.is_none() {
                known.staple = staple.map(<[u8]>::to_vec);
            }
        }
        None => sets.push(Sent { chain, staple: staple.map(<[u8]>::to_vec), staple_seen }),
    }
}

fn no_certificate<T>() -> Fact<T> {
    Fact::unknown(Reason::NOT_FOUND, "the server has suites without a certificate only")
}
