//! What the enumeration found, as far as finishing a handshake needs it.

use std::collections::BTreeMap;

use rustls_pki_types::ServerName;
use vedetta_checks::fact::{Fact, Unknown};

use crate::tls::enumerate::{Enumeration, Intolerance, KeyKind};
use crate::tls::wire::{
    ClientHello, Extension, Group, KeyExchange, RENEGOTIATION_SCSV, SignatureScheme, SuiteId, Version,
};

/// What is known of a server before a handshake is finished with it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// Name that is asked for; an address is never sent (RFC 6066 section 3).
    pub(crate) server_name: ServerName<'static>,
    /// Whether the name is sent; not to a server that refuses it.
    pub(crate) sends_name: bool,
    /// Whether hellos up to TLS 1.2 carry extensions; not to a server that hangs up on them.
    pub(crate) sends_extensions: bool,
    /// Accepted suites of each version from SSL 3.0 on, the server's first choice first.
    pub(crate) suites: BTreeMap<Version, Vec<SuiteId>>,
    /// Why each version that could not be seen was not: it may be accepted all the same.
    pub(crate) unseen: BTreeMap<Version, Unknown>,
    /// Accepted groups by their IANA names, the server's first choice first; empty when not known.
    pub(crate) groups: Vec<String>,
    /// Application protocols, where hellos below TLS 1.3 told them in clear text.
    pub(crate) protocols: Option<Vec<String>>,
    /// Kinds of key of the certificates that came in clear text: the server may have others under TLS 1.3.
    pub(crate) kinds_in_clear: Vec<KeyKind>,
}

impl Known {
    /// What an enumeration leaves to be finished.
    pub(crate) fn of(enumeration: &Enumeration, server_name: ServerName<'static>) -> Self {
        let suites = |version| enumeration.of(version)?.suites.known().cloned();
        let names = |groups: &Vec<Group>| groups.iter().map(Group::to_string).collect();
        Self {
            server_name,
            sends_name: !enumeration.server_name_refused,
            sends_extensions: !enumeration.intolerances.contains(&Intolerance::Extensions),
            unseen: enumeration.versions.iter().filter_map(|seen| Some((seen.version, why(&seen.suites)?))).collect(),
            suites: Version::ALL.into_iter().filter_map(|version| Some((version, suites(version)?))).collect(),
            groups: enumeration.groups.known().map(names).unwrap_or_default(),
            protocols: enumeration.application_protocols.known().cloned(),
            kinds_in_clear: enumeration.chains.iter().map(|chain| chain.key).collect(),
        }
    }

    /// Whether TLS 1.3 is accepted.
    pub(crate) fn speaks_tls_1_3(&self) -> bool {
        self.suites.get(&Version::Tls13).is_some_and(|suites| !suites.is_empty())
    }

    /// A no that follows from the server's having no version from `oldest` to TLS 1.2, or no suite of the kind in
    /// question in any of them; unknown where one of them could not be seen.
    pub(crate) fn no_before_tls_1_3(&self, oldest: Version) -> Fact<bool> {
        let unseen = self.unseen.range(oldest..=Version::Tls12).next_back();
        unseen.map_or(Fact::Known(false), |(_, why)| Fact::Unknown(why.clone()))
    }

    /// Accepted versions from SSL 3.0 to TLS 1.2 with their suites, the newest first.
    pub(crate) fn before_tls_1_3(&self) -> impl Iterator<Item = (Version, &[SuiteId])> {
        let old = |version: &Version| (Version::Ssl3..=Version::Tls12).contains(version);
        let versions = self.suites.iter().rev().filter(move |(version, suites)| old(version) && !suites.is_empty());
        versions.map(|(version, suites)| (*version, suites.as_slice()))
    }

    /// A hello for one of the versions up to TLS 1.2 that the server has, in the shape that every server takes.
    ///
    /// It signals secure renegotiation by the suite that is none, which servers of any age understand (RFC 5746).
    pub(crate) fn hello(&self, version: Version, mut suites: Vec<SuiteId>, curves: &[Group]) -> ClientHello {
        let curve = suites
            .iter()
            .filter_map(|suite| suite.attributes())
            .any(|suite| matches!(suite.key_exchange, KeyExchange::Ecdhe | KeyExchange::EcdhePsk | KeyExchange::Ecdh));
        suites.push(RENEGOTIATION_SCSV);
        let mut hello = ClientHello::new(version, suites);
        if version == Version::Ssl3 || !self.sends_extensions {
            return hello;
        }
        if let ServerName::DnsName(name) = &self.server_name
            && self.sends_name
        {
            hello = hello.with(Extension::server_name(name.as_ref()));
        }
        if curve {
            hello = hello.with(Extension::groups(curves.iter().copied())).with(Extension::point_formats());
        }
        if version == Version::Tls12 {
            hello = hello.with(Extension::signature_algorithms(SignatureScheme::listed()));
        }
        hello
    }
}

/// Why a fact is unknown, where it is.
pub(crate) fn why<T>(fact: &Fact<T>) -> Option<Unknown> {
    match fact {
        Fact::Known(_) => None,
        Fact::Unknown(why) => Some(why.clone()),
    }
}
