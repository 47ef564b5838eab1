//! What of an endpoint the policies look at.

use std::collections::BTreeSet;

use vedetta_checks::fact::Fact;

use super::super::facts::{CertificateFacts, CertificateSetFacts, PreferenceFacts, ProtocolFacts, TlsFacts};
use super::super::wire::Ssl2Kind;
use super::super::wire::SuiteId;

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// What was seen of an endpoint, each fact known or not. What is not known never conforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Accepted suites by version, the oldest first, as IANA names; empty when the version is not accepted.
    pub suites: Vec<(&'static str, Fact<Vec<String>>)>,
    /// Accepted groups by their IANA names.
    pub groups: Fact<Vec<String>>,
    /// Smallest finite-field group below TLS 1.3, in bits.
    pub dh_bits: Fact<i64>,
    /// The server's own certificates.
    pub certificates: Fact<Vec<SeenCertificate>>,
    /// Signature algorithms of the handshake by their IANA names.
    pub handshake_signatures: Fact<Vec<String>>,
    /// Whether the master secret is bound to the handshake.
    pub extended_master_secret: Fact<bool>,
    /// Whether early data is taken.
    pub early_data: Fact<bool>,
    /// Whether the server's order of suites counts, by version; versions with fewer than two suites are left out.
    pub server_preference: Vec<Fact<bool>>,
}

/// What the policies look at in one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCertificate {
    /// Kind of key: `rsa`, `ecdsa` ...
    pub key_kind: Fact<String>,
    /// Size of the key, in bits.
    pub key_bits: Fact<i64>,
    /// Signature algorithm as a word: `sha256_rsa`.
    pub signature: Fact<String>,
    /// From the first to the last moment of validity, in whole days, rounded up.
    pub validity_days: Fact<i64>,
}

impl Seen {
    /// What the probe saw.
    #[must_use]
    pub fn of(facts: &TlsFacts) -> Self {
        let suites: Vec<_> = by_version(&facts.protocols).map(|(version, ids)| (version, names(ids))).to_vec();
        let choices =
            |index: usize| suites.get(index).is_none_or(|(_, own)| own.known().is_none_or(|own| own.len() > 1));
        let preference = preferences(&facts.server_preference).into_iter().enumerate();
        let server_preference = preference.filter(|(index, _)| choices(*index)).map(|(_, own)| own.clone()).collect();
        let certificates = facts.certificates.clone().map(|sets| sets.iter().filter_map(leaf).collect());
        Self {
            groups: facts.groups.clone(),
            dh_bits: facts.dh_bits.clone(),
            certificates,
            handshake_signatures: facts.signature_algorithms.clone(),
            extended_master_secret: facts.extended_master_secret.clone(),
            early_data: facts.early_data.clone(),
            server_preference,
            suites,
        }
    }

    /// Whether a version is accepted; a version of which nothing is known may be.
    pub(super) fn may_accept(&self, version: &str) -> bool {
        self.suites.iter().any(|(own, suites)| *own == version && suites.known().is_none_or(|list| !list.is_empty()))
    }

    /// Whether a suite with finite-field Diffie-Hellman is in use below TLS 1.3.
    pub(super) fn may_use_finite_field(&self) -> bool {
        let uses = |name: &String| name.contains("_DHE_") || name.contains("_DH_anon_");
        self.suites.iter().any(|(_, suites)| suites.known().is_none_or(|list| list.iter().any(uses)))
    }
}

/// Every accepted suite of any version by its IANA name, sorted, each once; unknown when one version is.
#[must_use]
pub fn suite_names(protocols: &ProtocolFacts) -> Fact<Vec<String>> {
    let mut all = BTreeSet::new();
    for (_, ids) in by_version(protocols) {
        match names(ids) {
            Fact::Known(own) => all.extend(own),
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    Fact::Known(all.into_iter().collect())
}

fn by_version(protocols: &ProtocolFacts) -> [(&'static str, &Fact<Vec<String>>); 6] {
    [
        ("SSLv2", &protocols.sslv2),
        ("SSLv3", &protocols.sslv3),
        ("TLSv1.0", &protocols.tls_1_0),
        ("TLSv1.1", &protocols.tls_1_1),
        ("TLSv1.2", &protocols.tls_1_2),
        ("TLSv1.3", &protocols.tls_1_3),
    ]
}

const fn preferences(facts: &PreferenceFacts) -> [&Fact<bool>; 6] {
    [&facts.sslv2, &facts.sslv3, &facts.tls_1_0, &facts.tls_1_1, &facts.tls_1_2, &facts.tls_1_3]
}

fn names(ids: &Fact<Vec<String>>) -> Fact<Vec<String>> {
    ids.clone().map(|ids| ids.iter().map(|id| name(id)).collect())
}

/// The name of a suite by its id, `0xC02F` or SSLv2's `0x010080`; the id itself when it is not listed.
fn name(id: &str) -> String {
    let digits = id.trim_start_matches("0x");
    let found = if digits.len() == 6 {
        u32::from_str_radix(digits, 16).ok().and_then(|number| Ssl2Kind(number).name())
    } else {
        u16::from_str_radix(digits, 16).ok().and_then(|number| SuiteId(number).name())
    };
    found.unwrap_or(id).to_owned()
}

fn leaf(set: &CertificateSetFacts) -> Option<SeenCertificate> {
    let leaf = set.chain.first()?;
    Some(SeenCertificate {
        key_kind: leaf.key_kind.clone(),
        key_bits: leaf.key_bits.clone(),
        signature: leaf.signature_algorithm.clone(),
        validity_days: validity_days(leaf),
    })
}

fn validity_days(leaf: &CertificateFacts) -> Fact<i64> {
    match (&leaf.not_before, &leaf.not_after) {
        (Fact::Known(from), Fact::Known(to)) => {
            let seconds = to.as_second().saturating_sub(from.as_second());
            Fact::Known(seconds.saturating_add(DAY_SECONDS - 1).div_euclid(DAY_SECONDS))
        }
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why.clone()),
    }
}
