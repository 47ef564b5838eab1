//! What an enumeration tells: the values that the server's facts, policies and further looks are made of.

use vedetta_checks::fact::{Fact, Unknown};

use crate::tls::wire::{Group, SignatureScheme, Ssl2Kind, SuiteId, Version};

/// Everything that hellos alone could tell of one server.
#[derive(Debug, Clone)]
pub(crate) struct Enumeration {
    /// Whether SSL 2.0 is accepted; it may be with an empty list of kinds (CVE-2015-3197).
    pub(crate) ssl2_accepted: Fact<bool>,
    /// Kinds of SSL 2.0 in the order of the server's list.
    pub(crate) ssl2: Fact<Vec<Ssl2Kind>>,
    /// SSL 3.0 to TLS 1.3, the oldest first; ask with [`Enumeration::of`].
    pub(crate) versions: [VersionSeen; 5],
    /// Groups of TLS 1.3 and then those that only older versions take, each the preferred first.
    pub(crate) groups: Fact<Vec<Group>>,
    /// The smallest finite field below TLS 1.3; unknown (`does_not_apply`) without such suites.
    pub(crate) finite_field: Fact<FiniteField>,
    /// Signature schemes that TLS 1.2 handshakes were signed with, in the order of their first use.
    pub(crate) signature_schemes: Fact<Vec<SignatureScheme>>,
    /// Application protocols that were taken below TLS 1.3; unknown where TLS 1.3 says it in secret, and where no hello
    /// that asks for them was answered.
    pub(crate) application_protocols: Fact<Vec<String>>,
    /// Whether records are compressed.
    pub(crate) compression: Fact<bool>,
    /// Whether secure renegotiation is signalled; unknown with TLS 1.3 only.
    pub(crate) secure_renegotiation: Fact<bool>,
    /// Whether a downgraded client that says so is refused; unknown with one version only.
    pub(crate) fallback_scsv: Fact<bool>,
    /// Whether the master secret is bound to the handshake; unknown with TLS 1.3 only.
    pub(crate) extended_master_secret: Fact<bool>,
    /// Whether tickets are announced below TLS 1.3; unknown with TLS 1.3 only.
    pub(crate) session_tickets: Fact<bool>,
    /// Whether a certificate of the client is asked for below TLS 1.3.
    pub(crate) client_certificate: Fact<bool>,
    /// The staple as it came below TLS 1.3 (OCSP response as DER), if any; unknown with TLS 1.3 only.
    pub(crate) staple: Fact<Option<Vec<u8>>>,
    /// How a client without a server name is answered.
    pub(crate) without_server_name: Fact<WithoutServerName>,
    /// Whether the server answered only when no server name was sent, because it refuses the name.
    pub(crate) server_name_refused: bool,
    /// Tolerances that the server lacks.
    pub(crate) intolerances: Vec<Intolerance>,
    /// Chains that came in clear text, each once.
    pub(crate) chains: Vec<SentChain>,
}

impl Enumeration {
    /// What was seen of a version; SSL 2.0 is apart.
    pub(crate) fn of(&self, version: Version) -> Option<&VersionSeen> {
        self.versions.iter().find(|seen| seen.version == version)
    }
}

/// What was seen of one version.
#[derive(Debug, Clone)]
pub(crate) struct VersionSeen {
    /// The version: SSL 3.0 to TLS 1.3.
    pub(crate) version: Version,
    /// Accepted suites in the order of the server's picks; empty when the version is not accepted.
    pub(crate) suites: Fact<Vec<SuiteId>>,
    /// Suites that were picked before the questions broke off, in the order of the picks; empty where `suites` is known.
    pub(crate) partial: Vec<SuiteId>,
    /// Whether the server's order counts; unknown with fewer than two suites.
    pub(crate) server_preference: Fact<bool>,
}

impl VersionSeen {
    /// Whether the version is accepted; `None` when it could not be told.
    pub(crate) fn accepted(&self) -> Option<bool> {
        let certain = !self.certain().is_empty();
        if certain || self.suites.known().is_some() { Some(certain) } else { None }
    }

    /// Suites that are accepted for certain; all of them where `suites` is known.
    pub(crate) fn certain(&self) -> &[SuiteId] {
        self.suites.known().unwrap_or(&self.partial)
    }

    /// Nothing was seen, because of `why`.
    pub(crate) fn unseen(version: Version, why: &Unknown) -> Self {
        let unknown = Fact::Unknown(why.clone());
        Self { version, suites: Fact::Unknown(why.clone()), partial: Vec::new(), server_preference: unknown }
    }
}

/// A finite field that a server sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FiniteField {
    /// Size of the prime, in bits.
    pub(crate) bits: usize,
    /// The published group that it is, if any.
    pub(crate) known_prime: Option<&'static str>,
}

/// How a client without a server name is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithoutServerName {
    /// With the same certificate.
    Same,
    /// With another certificate.
    OtherCertificate,
    /// Not at all.
    Refused,
}

/// A tolerance that a server lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Intolerance {
    /// It hangs up on hellos above 255 bytes.
    LongHello,
    /// It hangs up on the extension `supported_versions`.
    SupportedVersions,
    /// It hangs up on numbers that it should ignore (RFC 8701).
    Grease,
    /// It accepts two versions but not one in between.
    VersionGap,
    /// It hangs up on extensions of any kind.
    Extensions,
}

impl Intolerance {
    /// The word in results.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::LongHello => "long_hello",
            Self::SupportedVersions => "supported_versions",
            Self::Grease => "grease",
            Self::VersionGap => "version_gap",
            Self::Extensions => "extensions",
        }
    }
}

/// Kind of public key of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyKind {
    /// RSA, with PSS too.
    Rsa,
    /// Elliptic curve.
    Ecdsa,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA.
    Dsa,
    /// Another, or a certificate that cannot be read.
    Other,
}

/// Certificates as they came in clear text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentChain {
    /// Version under which it came first.
    pub(crate) version: Version,
    /// Kind of the first certificate's key.
    pub(crate) key: KeyKind,
    /// Every certificate in the order sent, as DER; at least one.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// The staple that came with it, as DER.
    pub(crate) staple: Option<Vec<u8>>,
}
