//! Weaknesses that follow from what a server accepts; no further message is sent.
//!
//! One accepted suite is enough for a yes. A no needs every version to have been looked at: what could not be seen leaves
//! it unknown, but never hides a yes.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::tls::enumerate::Enumeration;
use crate::tls::wire::{Cipher, KeyExchange, SuiteAttributes, Version};

/// Largest finite field that counts as breakable in advance, in bits (weakdh.org, "Imperfect Forward Secrecy", 2015).
const FIELD_BITS_MAX: usize = 1024;
/// Block of the ciphers that SWEET32 is about, in bits.
const SHORT_BLOCK_BITS: u16 = 64;

/// Weaknesses by the names that the field gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FromSuites {
    /// CBC under SSL 3.0, CVE-2014-3566.
    pub(crate) poodle: Fact<bool>,
    /// SSL 2.0, CVE-2016-0800.
    pub(crate) drown: Fact<bool>,
    /// RSA keys shortened for export, CVE-2015-0204.
    pub(crate) freak: Fact<bool>,
    /// Finite fields of at most 1024 bits or shortened for export, CVE-2015-4000.
    pub(crate) logjam: Fact<bool>,
    /// Blocks of 64 bits, CVE-2016-2183.
    pub(crate) sweet32: Fact<bool>,
    /// CBC under SSL 3.0 or TLS 1.0, CVE-2011-3389.
    pub(crate) beast: Fact<bool>,
    /// CBC under TLS 1.0 to 1.2, CVE-2013-0169. That a server takes encrypt-then-MAC from those that offer it does not
    /// count: browsers and Java never offer it (RFC 7366), and get the old order.
    pub(crate) lucky13: Fact<bool>,
    /// Compression, CVE-2012-4929.
    pub(crate) crime: Fact<bool>,
    /// RC4.
    pub(crate) rc4: Fact<bool>,
    /// Keys shortened for export.
    pub(crate) export: Fact<bool>,
    /// Single DES.
    pub(crate) des: Fact<bool>,
    /// No encryption.
    pub(crate) null: Fact<bool>,
    /// No authentication.
    pub(crate) anonymous: Fact<bool>,
}

/// Every version, the oldest first.
const ANY: &[Version] = &Version::ALL;
/// Versions with suites as TLS has them.
const SINCE_SSL3: &[Version] = &[Version::Ssl3, Version::Tls10, Version::Tls11, Version::Tls12, Version::Tls13];
/// TLS with CBC suites.
const TLS_WITH_CBC: &[Version] = &[Version::Tls10, Version::Tls11, Version::Tls12];

/// What follows from an enumeration.
pub(crate) fn from_suites(enumeration: &Enumeration) -> FromSuites {
    let any = |versions: &[Version], weak: fn(SuiteAttributes) -> bool| accepts(enumeration, versions, weak);
    let short_field = match &enumeration.finite_field {
        Fact::Known(field) => Fact::Known(field.bits <= FIELD_BITS_MAX),
        // Without such suites there is no field.
        Fact::Unknown(why) if why.reason == Reason::DOES_NOT_APPLY => Fact::Known(false),
        Fact::Unknown(why) => Fact::Unknown(why.clone()),
    };
    FromSuites {
        poodle: any(&[Version::Ssl3], |suite| suite.cbc()),
        drown: enumeration.ssl2_accepted.clone(),
        freak: any(SINCE_SSL3, |suite| suite.export && suite.key_exchange == KeyExchange::Rsa),
        logjam: either(short_field, any(SINCE_SSL3, |suite| suite.export && suite.key_exchange == KeyExchange::Dhe)),
        sweet32: any(ANY, |suite| suite.block_bits == SHORT_BLOCK_BITS),
        beast: any(&[Version::Ssl3, Version::Tls10], |suite| suite.cbc()),
        lucky13: any(TLS_WITH_CBC, |suite| suite.cbc()),
        crime: enumeration.compression.clone(),
        rc4: any(ANY, |suite| suite.cipher == Cipher::Rc4),
        export: any(ANY, |suite| suite.export),
        des: any(ANY, |suite| suite.cipher == Cipher::Des),
        null: any(ANY, |suite| suite.null()),
        anonymous: any(ANY, |suite| suite.anonymous()),
    }
}

/// Whether one of the versions accepts a suite that is weak.
fn accepts(enumeration: &Enumeration, versions: &[Version], weak: fn(SuiteAttributes) -> bool) -> Fact<bool> {
    let each = versions.iter().map(|version| one_accepts(enumeration, *version, weak));
    each.fold(Fact::Known(false), either)
}

/// Whether a version accepts a suite that is weak; one pick is enough for a yes, whatever came after it.
fn one_accepts(enumeration: &Enumeration, version: Version, weak: fn(SuiteAttributes) -> bool) -> Fact<bool> {
    if version == Version::Ssl2 {
        let kinds = enumeration.ssl2.clone();
        return kinds.map(|kinds| kinds.into_iter().filter_map(|kind| kind.attributes()).any(weak));
    }
    let Some(seen) = enumeration.of(version) else {
        return Fact::Unknown(Unknown::new(Reason::NOT_FOUND, format!("{version} was not looked at")));
    };
    let found = seen.certain().iter().filter_map(|suite| suite.attributes()).any(weak);
    if found { Fact::Known(true) } else { seen.suites.clone().map(|_| false) }
}

/// Yes if either is, no if both are.
fn either(one: Fact<bool>, other: Fact<bool>) -> Fact<bool> {
    match (one, other) {
        (Fact::Known(true), _) | (_, Fact::Known(true)) => Fact::Known(true),
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why),
        (Fact::Known(false), Fact::Known(false)) => Fact::Known(false),
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::tls::enumerate::{FiniteField, VersionSeen};
    use crate::tls::wire::{Ssl2Kind, SuiteId};

    fn unknown<T>(reason: Reason) -> Fact<T> {
        Fact::unknown(reason, "a case")
    }

    /// A server that accepts these suites and nothing else.
    fn server(accepted: &[(Version, u16)]) -> Enumeration {
        let seen = |version| {
            let suites = accepted.iter().filter(|(of, _)| *of == version).map(|(_, suite)| SuiteId(*suite)).collect();
            let unseen = VersionSeen::unseen(version, &Unknown::new(Reason::NOT_FOUND, "a case"));
            VersionSeen { suites: Fact::Known(suites), ..unseen }
        };
        Enumeration {
            ssl2_accepted: Fact::Known(false),
            ssl2: Fact::Known(Vec::new()),
            versions: [Version::Ssl3, Version::Tls10, Version::Tls11, Version::Tls12, Version::Tls13].map(seen),
            groups: unknown(Reason::NOT_FOUND),
            finite_field: unknown(Reason::DOES_NOT_APPLY),
            signature_schemes: unknown(Reason::NOT_FOUND),
            application_protocols: unknown(Reason::NOT_FOUND),
            compression: Fact::Known(false),
            secure_renegotiation: unknown(Reason::NOT_FOUND),
            fallback_scsv: unknown(Reason::NOT_FOUND),
            extended_master_secret: unknown(Reason::NOT_FOUND),
            session_tickets: unknown(Reason::NOT_FOUND),
            client_certificate: unknown(Reason::NOT_FOUND),
            staple: unknown(Reason::NOT_FOUND),
            without_server_name: unknown(Reason::NOT_FOUND),
            server_name_refused: false,
            intolerances: Vec::new(),
            chains: Vec::new(),
        }
    }

    /// Names of what is known to be weak, and whether everything else is known not to be.
    fn weak(found: &FromSuites) -> (Vec<&'static str>, bool) {
        let all = [
            ("poodle", &found.poodle),
            ("drown", &found.drown),
            ("freak", &found.freak),
            ("logjam", &found.logjam),
            ("sweet32", &found.sweet32),
            ("beast", &found.beast),
            ("lucky13", &found.lucky13),
            ("crime", &found.crime),
            ("rc4", &found.rc4),
            ("export", &found.export),
            ("des", &found.des),
            ("null", &found.null),
            ("anonymous", &found.anonymous),
        ];
        let weak = all.iter().filter(|(_, fact)| **fact == Fact::Known(true)).map(|(name, _)| *name).collect();
        (weak, all.iter().all(|(_, fact)| fact.known().is_some()))
    }

    #[test]
    fn each_suite_is_weak_in_its_ways() {
        use Version as V;
        let cases: &[(Version, u16, &[&str])] = &[
            (V::Tls13, 0x1301, &[]),
            (V::Tls12, 0xC02F, &[]),
            (V::Tls12, 0xC027, &["lucky13"]),
            (V::Tls12, 0x0005, &["rc4"]),
            (V::Tls12, 0x000A, &["sweet32", "lucky13"]),
            (V::Tls11, 0x002F, &["lucky13"]),
            (V::Tls10, 0x002F, &["beast", "lucky13"]),
            (V::Tls10, 0x0009, &["sweet32", "beast", "lucky13", "des"]),
            (V::Tls10, 0x0007, &["sweet32", "beast", "lucky13"]),
            (V::Tls10, 0x0003, &["freak", "rc4", "export"]),
            (V::Tls10, 0x0014, &["logjam", "sweet32", "beast", "lucky13", "export", "des"]),
            (V::Tls10, 0x0018, &["rc4", "anonymous"]),
            (V::Tls12, 0x003B, &["null"]),
            (V::Ssl3, 0x0004, &["rc4"]),
            (V::Ssl3, 0x0035, &["poodle", "beast"]),
        ];
        for (version, suite, expected) in cases {
            assert_eq!(weak(&from_suites(&server(&[(*version, *suite)]))), (expected.to_vec(), true), "{suite:04X}");
        }
    }

    #[test]
    fn ssl_2_is_drown_whatever_it_encrypts_with() {
        for (kind, expected) in [
            (0x01_0080, &["drown", "rc4"][..]),
            (0x04_0080, &["drown", "sweet32", "export"]),
            (0x06_0040, &["drown", "sweet32", "des"]),
        ] {
            let accepted = Fact::Known(true);
            let server =
                Enumeration { ssl2_accepted: accepted, ssl2: Fact::Known(vec![Ssl2Kind(kind)]), ..server(&[]) };
            assert_eq!(weak(&from_suites(&server)), (expected.to_vec(), true), "{kind:06X}");
        }
    }

    #[test]
    fn ssl_2_without_any_kind_is_drown_all_the_same() {
        let server = Enumeration { ssl2_accepted: Fact::Known(true), ..server(&[]) };
        assert_eq!(weak(&from_suites(&server)), (vec!["drown"], true));
    }

    #[test]
    fn a_weak_suite_counts_although_the_rest_of_the_list_was_not_seen() {
        let mut cut = server(&[]);
        cut.versions[1].suites = unknown(Reason::TIMEOUT);
        cut.versions[1].partial = vec![SuiteId(0x000A)];
        let found = from_suites(&cut);
        assert_eq!((found.sweet32, found.beast), (Fact::Known(true), Fact::Known(true)));
        assert_eq!(found.rc4.known(), None);
    }

    #[test]
    fn a_short_finite_field_is_logjam() {
        for (bits, expected) in [(512, true), (1024, true), (1025, false), (2048, false)] {
            let field = FiniteField { bits, known_prime: None };
            let server = Enumeration { finite_field: Fact::Known(field), ..server(&[(Version::Tls12, 0x009E)]) };
            assert_eq!(from_suites(&server).logjam, Fact::Known(expected), "{bits}");
        }
    }

    #[test]
    fn compression_is_crime() {
        let server = Enumeration { compression: Fact::Known(true), ..server(&[]) };
        assert_eq!(from_suites(&server).crime, Fact::Known(true));
    }

    #[test]
    fn what_was_not_seen_never_hides_a_yes_and_never_makes_a_no() {
        let mut half_seen = server(&[(Version::Tls12, 0x0005)]);
        half_seen.versions[1].suites = unknown(Reason::TIMEOUT);
        half_seen.ssl2 = unknown(Reason::TIMEOUT);
        half_seen.ssl2_accepted = unknown(Reason::TIMEOUT);
        let found = from_suites(&half_seen);
        assert_eq!(found.rc4, Fact::Known(true));
        for fact in [&found.drown, &found.null, &found.beast, &found.lucky13, &found.export] {
            assert_eq!(fact.known(), None);
        }
        assert_eq!(found.poodle, Fact::Known(false));
    }
}
