//! Which hello is sent for which question.

use crate::tls::wire::{Authentication, Cipher, KeyExchange};
use crate::tls::wire::{
    ClientHello, Extension, FALLBACK_SCSV, Group, RENEGOTIATION_SCSV, SignatureScheme, SuiteAttributes, SuiteId,
    Version, every_suite, extension,
};

/// Longest greeting that servers take that are intolerant of long ones, with the header of the record, in bytes.
const SHORT_BYTES_MAX: usize = 250;
/// Fewest suites of a short greeting, so that even the longest name of a server costs few connections.
const SHORT_SUITES_MIN: usize = 8;
/// Groups that fit into a short greeting below TLS 1.3.
const SHORT_CURVES: [Group; 5] = [Group::X25519, Group::SECP256R1, Group::SECP384R1, Group::SECP521R1, Group(30)];
/// Signature schemes that fit into a short greeting.
const SHORT_SCHEMES: [u16; 12] =
    [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0807, 0x0203, 0x0201];
/// A number among suites and groups that servers must ignore (RFC 8701).
const GREASE: u16 = 0x3A3A;

/// How much a greeting carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Everything at once.
    Full,
    /// At most 250 bytes: suites in slices, the most common extensions.
    Short,
    /// Every suite, no extension.
    Bare,
    /// At most 250 bytes, no extension.
    BareShort,
}

/// One question below TLS 1.3.
#[derive(Debug, Clone)]
pub(super) struct Question<'a> {
    /// SSL 3.0 to TLS 1.2.
    pub(super) version: Version,
    /// Suites in the client's order.
    pub(super) suites: &'a [SuiteId],
    /// Curves in the client's order.
    pub(super) curves: &'a [Group],
    /// Application protocols; none leaves the extension away.
    pub(super) protocols: &'a [&'a str],
    /// Name of the server, if it is sent.
    pub(super) server_name: Option<&'a str>,
    /// With numbers that must be ignored.
    pub(super) grease: bool,
    /// With the extension `supported_versions`, TLS 1.3 among them.
    pub(super) supported_versions: bool,
    /// With the signal of a downgraded client.
    pub(super) fallback: bool,
    /// With the questions that a smaller greeting leaves away: compression, staple, ticket, application protocols.
    pub(super) rest: bool,
}

/// What a greeting asks for beside suites and groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) compression: bool,
    pub(super) extended_master_secret: bool,
    pub(super) session_ticket: bool,
    pub(super) staple: bool,
    pub(super) protocols: bool,
}

impl Question<'_> {
    /// What the greeting asks for.
    pub(super) fn asks(&self, style: Style) -> Asked {
        let extensions = !self.is_bare(style);
        let everything = style == Style::Full || self.rest;
        // SSL 3.0 has none of the extensions: that it does not answer them is an answer.
        let without_any = self.version == Version::Ssl3;
        Asked {
            compression: everything,
            extended_master_secret: extensions || without_any,
            session_ticket: (extensions && everything) || without_any,
            staple: (extensions && everything) || without_any,
            protocols: extensions && everything && !self.protocols.is_empty(),
        }
    }

    /// Whether it goes without extensions: SSL 3.0 knows none.
    fn is_bare(&self, style: Style) -> bool {
        matches!(style, Style::Bare | Style::BareShort) || self.version == Version::Ssl3
    }

    /// Whether the name of the server is in the greeting.
    pub(super) fn sends_name(&self, style: Style) -> bool {
        self.server_name.is_some() && !self.is_bare(style)
    }

    /// The greeting as it is sent.
    pub(super) fn greeting(&self, style: Style) -> Vec<u8> {
        let bare = self.is_bare(style);
        let mut suites = Vec::with_capacity(self.suites.len() + 3);
        if self.grease {
            suites.push(SuiteId(GREASE));
        }
        suites.extend_from_slice(self.suites);
        if bare || style == Style::Short {
            suites.push(RENEGOTIATION_SCSV);
        }
        if self.fallback {
            suites.push(FALLBACK_SCSV);
        }
        let mut hello = ClientHello::new(self.version, suites);
        if bare {
            if style == Style::Full || self.rest {
                hello.compressions = vec![1, 0];
            }
            return hello.bytes();
        }
        if let Some(name) = self.server_name {
            hello = hello.with(Extension::server_name(name));
        }
        if style == Style::Short {
            hello = hello.with(Extension::groups(SHORT_CURVES)).with(Extension::point_formats());
            if self.version >= Version::Tls12 {
                hello = hello.with(Extension::signature_algorithms(SHORT_SCHEMES.map(SignatureScheme)));
            }
            hello = hello.with(Extension::empty(extension::EXTENDED_MASTER_SECRET));
            return if self.rest { self.with_the_rest(hello).bytes() } else { hello.bytes() };
        }
        self.full(hello).bytes()
    }

    fn with_the_rest(&self, mut hello: ClientHello) -> ClientHello {
        hello.compressions = vec![1, 0];
        hello = hello.with(Extension::empty(extension::SESSION_TICKET)).with(Extension::status_request());
        if self.protocols.is_empty() { hello } else { hello.with(Extension::alpn(self.protocols.iter().copied())) }
    }

    fn full(&self, mut hello: ClientHello) -> ClientHello {
        hello.compressions = vec![1, 0];
        let grease = self.grease.then_some(Group(GREASE));
        hello = hello
            .with(Extension::groups(grease.into_iter().chain(self.curves.iter().copied())))
            .with(Extension::point_formats())
            .with(Extension::renegotiation_info())
            .with(Extension::empty(extension::EXTENDED_MASTER_SECRET))
            .with(Extension::empty(extension::SESSION_TICKET))
            .with(Extension::status_request());
        if self.version >= Version::Tls12 {
            hello = hello.with(Extension::signature_algorithms(SignatureScheme::listed()));
        }
        if !self.protocols.is_empty() {
            hello = hello.with(Extension::alpn(self.protocols.iter().copied()));
        }
        if self.supported_versions {
            hello = hello.with(Extension::supported_versions([0x0304, self.version.number()]));
        }
        if self.grease {
            hello = hello.with(Extension::grease(3)).with(Extension::padding(16));
        }
        hello
    }
}

/// One question about TLS 1.3.
#[derive(Debug, Clone)]
pub(super) struct ModernQuestion<'a> {
    /// Suites in the client's order.
    pub(super) suites: &'a [SuiteId],
    /// Groups in the client's order.
    pub(super) groups: &'a [Group],
    /// Name of the server, if it is sent.
    pub(super) server_name: Option<&'a str>,
    /// With numbers that must be ignored.
    pub(super) grease: bool,
    /// With a key for the two most common groups, for servers that cannot ask for one.
    pub(super) keys: bool,
}

/// The base point of X25519 (RFC 7748 section 4.1): a valid public key of nobody.
const X25519_BASE: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 9;
    point
};
/// The base point of secp256r1 (SEC 2 section 2.4.2), uncompressed: a valid public key of nobody.
const SECP256R1_BASE: [u8; 65] = [
    0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03,
    0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE,
    0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE,
    0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
];

impl ModernQuestion<'_> {
    /// The greeting as it is sent: no key, so that the server names the group in a HelloRetryRequest.
    pub(super) fn greeting(&self, style: Style) -> Vec<u8> {
        let short = style != Style::Full;
        let grease = self.grease.then_some(GREASE);
        let suites = grease.map(SuiteId).into_iter().chain(self.suites.iter().copied()).collect();
        let mut hello = ClientHello::new(Version::Tls13, suites);
        hello.record_version = Version::Tls10.number();
        if let Some(name) = self.server_name {
            hello = hello.with(Extension::server_name(name));
        }
        let groups = grease.map(Group).into_iter().chain(self.groups.iter().copied());
        hello = hello.with(Extension::groups(groups));
        hello = if short {
            hello.with(Extension::signature_algorithms(SHORT_SCHEMES.map(SignatureScheme)))
        } else {
            hello
                .with(Extension::signature_algorithms(SignatureScheme::listed()))
                .with(Extension::psk_key_exchange_modes())
                .with(Extension::status_request())
        };
        let versions = grease.into_iter().chain([Version::Tls13.number()]);
        hello = hello.with(Extension::supported_versions(versions));
        // Only for groups that are offered (RFC 8446 section 4.2.8): a server would take the others for offered too.
        let keys = [(Group::X25519, X25519_BASE.as_slice()), (Group::SECP256R1, SECP256R1_BASE.as_slice())];
        let keys = keys.into_iter().filter(|(group, _)| self.keys && self.groups.contains(group));
        let keys: Vec<(Group, &[u8])> = keys.collect();
        hello = hello.with(if keys.is_empty() { Extension::key_share_empty() } else { Extension::key_share(keys) });
        if self.grease {
            hello = hello.with(Extension::grease(3));
        }
        hello.bytes()
    }
}

/// Suites of a short greeting: as many as fit, at least [`SHORT_SUITES_MIN`].
pub(super) fn slice_len(question: &Question<'_>, style: Style) -> usize {
    match style {
        Style::Full | Style::Bare => usize::MAX,
        Style::Short | Style::BareShort => room(question, style).max(SHORT_SUITES_MIN),
    }
}

/// Suites for which a short greeting has room.
pub(super) fn room(question: &Question<'_>, style: Style) -> usize {
    let empty = Question { suites: &[], ..question.clone() }.greeting(style).len();
    SHORT_BYTES_MAX.saturating_sub(empty) / 2
}

/// Every suite that a version below TLS 1.3 may have: current ones first, then those that servers usually have.
pub(super) fn legacy_suites() -> Vec<SuiteId> {
    let current = |suite: SuiteAttributes| suite.key_exchange == KeyExchange::Ecdhe && suite.aead();
    let mut suites: Vec<((u8, bool), SuiteId)> = every_suite()
        .iter()
        .filter(|(id, _)| !id.is_tls_1_3())
        .map(|(id, name)| {
            (SuiteAttributes::of_name(name).map_or((RARITY_MAX, true), |own| (rarity(own), !current(own))), *id)
        })
        .collect();
    suites.sort_unstable();
    suites.into_iter().map(|(_, id)| id).collect()
}

/// Every suite of TLS 1.3.
pub(super) fn modern_suites() -> Vec<SuiteId> {
    every_suite().iter().map(|(id, _)| *id).filter(|id| id.is_tls_1_3()).collect()
}

/// Whether a server that has any suite at all has others than this.
pub(super) fn is_rare(suite: SuiteId) -> bool {
    suite.attributes().is_none_or(|attributes| rarity(attributes) > 0)
}

/// Rarity of suites of which nothing is known.
const RARITY_MAX: u8 = u8::MAX;

fn rarity(suite: SuiteAttributes) -> u8 {
    let exchange = matches!(suite.key_exchange, KeyExchange::Rsa | KeyExchange::Dhe | KeyExchange::Ecdhe);
    let certificate = matches!(suite.authentication, Authentication::Rsa | Authentication::Ecdsa);
    let cipher = matches!(suite.cipher, Cipher::Aes | Cipher::ChaCha20 | Cipher::TripleDes | Cipher::Rc4);
    match (exchange && certificate, cipher && !suite.export) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question<'a>(suites: &'a [SuiteId], name: &'a str) -> Question<'a> {
        Question {
            version: Version::Tls12,
            suites,
            curves: &[],
            protocols: &["h2"],
            server_name: Some(name),
            grease: false,
            supported_versions: false,
            fallback: false,
            rest: false,
        }
    }

    #[test]
    fn a_short_greeting_stays_below_255_bytes_whatever_the_name() {
        let suites = legacy_suites();
        for name in ["a.it", "www.comune.esempio-con-un-nome-lungo.provincia.it"] {
            for style in [Style::Short, Style::BareShort] {
                let count = slice_len(&question(&[], name), style);
                let greeting = question(&suites[..count], name).greeting(style);
                assert!(greeting.len() <= SHORT_BYTES_MAX, "{style:?} {name}: {}", greeting.len());
                assert!(count >= 30, "{style:?} {name}: only {count} suites");
            }
        }
    }

    #[test]
    fn no_suite_of_tls_1_3_is_offered_to_older_versions() {
        assert!(legacy_suites().iter().all(|suite| !suite.is_tls_1_3()));
        assert_eq!(legacy_suites().len() + modern_suites().len(), every_suite().len());
    }

    #[test]
    fn keys_are_sent_for_offered_groups_only() {
        for (groups, shares) in [
            (&[Group::X25519, Group::SECP256R1][..], 36 + 69),
            (&[Group::SECP256R1, Group::SECP384R1], 69),
            (&[Group::SECP384R1], 0),
        ] {
            let suites = modern_suites();
            let with = ModernQuestion { suites: &suites, groups, server_name: None, grease: false, keys: true };
            let without = ModernQuestion { keys: false, ..with.clone() };
            let more = with.greeting(Style::Full).len() - without.greeting(Style::Full).len();
            assert_eq!(more, shares, "{groups:?}");
        }
    }

    #[test]
    fn current_suites_fit_into_the_first_short_greeting() {
        let name = "sportello-telematico.polizia-locale.comune.un-comune-con-un-nome-lungo.provincia.it";
        let count = slice_len(&question(&[], name), Style::Short);
        let first = &legacy_suites()[..count];
        for suite in [0xC02F, 0xC030, 0xC02B, 0xC02C, 0xCCA8, 0xCCA9] {
            assert!(first.contains(&SuiteId(suite)), "{count}: {}", SuiteId(suite));
        }
    }

    #[test]
    fn the_most_common_suites_come_first() {
        let first = &legacy_suites()[..90];
        for suite in [0x002F, 0x000A, 0xC02F, 0xC030, 0xC02B, 0x009C, 0x0005] {
            assert!(first.contains(&SuiteId(suite)), "{}", SuiteId(suite));
        }
    }
}
