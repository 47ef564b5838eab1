//! The words for what is wrong with a certificate, each with what it means.

/// Defines the problems with their words in one list.
macro_rules! problems {
    ($($(#[doc = $meaning:literal])+ $name:ident = $word:literal;)*) => {
        /// One defect of a certificate or of the chain that it came with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Problem {
            $($(#[doc = $meaning])+ $name,)*
        }

        impl Problem {
            /// Every problem there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in `problems`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

problems! {
    /// Its last moment has passed.
    Expired = "expired";
    /// Its first moment has not come.
    NotYetValid = "not_yet_valid";
    /// It holds, but for 14 days at most.
    ExpiresWithin14Days = "expires_within_14_days";
    /// It was issued for more than 398 days, both ends counted in (CA/Browser Forum, Baseline Requirements 6.3.2).
    ValidityOver398Days = "validity_over_398_days";
    /// The server's own certificate is its own issuer and nobody was told to trust it.
    SelfSigned = "self_signed";
    /// The chain is whole, but ends at a root that nobody was told to trust.
    UntrustedRoot = "untrusted_root";
    /// Its names are for other servers.
    NameMismatch = "name_mismatch";
    /// It carries no name of a server where clients look for it (RFC 9525 section 6.3): the common name does not count.
    NoSubjectAltName = "no_subject_alt_name";
    /// It or an intermediate is signed with SHA-1.
    WeakSignatureSha1 = "weak_signature_sha1";
    /// It or an intermediate is signed with MD5 or older.
    WeakSignatureMd5 = "weak_signature_md5";
    /// It or an intermediate has an RSA key of at most 767 bits.
    WeakKeyRsa512 = "weak_key_rsa_512";
    /// It or an intermediate has an RSA key of 768 to 2047 bits.
    WeakKeyRsa1024 = "weak_key_rsa_1024";
    /// It names its purposes, and a server is not among them.
    EkuWithoutServerAuth = "eku_without_server_auth";
    /// A certificate that may issue others is used as a server's.
    LeafIsCa = "leaf_is_ca";
    /// It asks for the revocation state to be sent along (RFC 7633), and the server does not send it.
    MustStapleWithoutStaple = "must_staple_without_staple";
    /// Its issuer has revoked it.
    Revoked = "revoked";
    /// A certificate between it and the root was not sent.
    IncompleteChain = "incomplete_chain";
    /// A certificate was sent that certifies none before it, or twice (RFC 5246 section 7.4.2).
    ChainOrder = "chain_order";
    /// A trusted root was sent along: every client has it already.
    RootInChain = "root_in_chain";
    /// An issuer was allowed to issue for other names only (RFC 5280 section 4.2.1.10).
    NameConstraintViolation = "name_constraint_violation";
    /// The last moment of an issuer, or of the root that was handed in, has passed.
    IssuerExpired = "issuer_expired";
    /// An issuer's first moment has not come.
    IssuerNotYetValid = "issuer_not_yet_valid";
    /// An issuer was revoked by its own issuer.
    IssuerRevoked = "issuer_revoked";
    /// An issuer is no authority: it may not issue certificates.
    IssuerNotCa = "issuer_not_ca";
    /// An issuer's key may not sign certificates (key usage).
    IssuerKeyUsage = "issuer_key_usage";
    /// An issuer names its purposes, and servers are not among them.
    IssuerEkuWithoutServerAuth = "issuer_eku_without_server_auth";
    /// More intermediates than an issuer above them allows.
    PathLengthExceeded = "path_length_exceeded";
    /// A signature does not fit the certificate and its issuer's key.
    BadSignature = "bad_signature";
    /// An issuer signed with an algorithm that clients cannot check.
    UnsupportedSignature = "unsupported_signature";
    /// It or an intermediate has a key on a curve of fewer than 224 bits.
    WeakKeyEc = "weak_key_ec";
    /// It or an intermediate has a DSA key.
    WeakKeyDsa = "weak_key_dsa";
    /// Its key may neither sign nor take part in a key exchange (key usage).
    KeyUsageWithoutTls = "key_usage_without_tls";
    /// It demands an extension to be understood that no client of the Web understands.
    UnsupportedCriticalExtension = "unsupported_critical_extension";
    /// An extension stands in it twice.
    DuplicateExtension = "duplicate_extension";
    /// Its serial number is zero or negative (RFC 5280 section 4.1.2.2).
    SerialNotPositive = "serial_not_positive";
    /// It cannot be read, or one of the parts that count cannot.
    Malformed = "malformed";
    /// The revocation state sent along is out of date.
    ExpiredStaple = "expired_staple";
    /// The revocation state sent along is another certificate's, not readable or not signed by the issuer.
    BadStaple = "bad_staple";
    /// The library that judges refuses it, and none of the other words says why.
    Refused = "refused";
}

impl Problem {
    /// The word of `trust` that this problem leads to when the chain is not trusted; none when it has no bearing on it.
    pub(super) const fn trust_word(self) -> Option<&'static str> {
        Some(match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuerExpired | Self::IssuerNotYetValid => "issuer_expired",
            Self::SelfSigned => "self_signed",
            Self::UntrustedRoot => "untrusted_root",
            Self::IncompleteChain => "incomplete_chain",
            Self::BadSignature => "bad_signature",
            Self::WeakSignatureSha1
            | Self::WeakSignatureMd5
            | Self::WeakKeyRsa512
            | Self::WeakKeyRsa1024
            | Self::WeakKeyEc
            | Self::WeakKeyDsa
            | Self::UnsupportedSignature => "unsupported_signature",
            Self::EkuWithoutServerAuth
            | Self::LeafIsCa
            | Self::IssuerNotCa
            | Self::IssuerKeyUsage
            | Self::IssuerEkuWithoutServerAuth => "wrong_purpose",
            Self::NameConstraintViolation => "name_constraint_violation",
            Self::Malformed | Self::DuplicateExtension => "malformed",
            Self::Revoked | Self::IssuerRevoked => "revoked",
            Self::PathLengthExceeded | Self::UnsupportedCriticalExtension | Self::NoSubjectAltName | Self::Refused => {
                "invalid"
            }
            Self::ExpiresWithin14Days
            | Self::ValidityOver398Days
            | Self::NameMismatch
            | Self::MustStapleWithoutStaple
            | Self::ChainOrder
            | Self::RootInChain
            | Self::KeyUsageWithoutTls
            | Self::SerialNotPositive
            | Self::ExpiredStaple
            | Self::BadStaple => return None,
        })
    }
}

/// Problems that were found: each once, in the order found.
#[derive(Debug, Clone, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    pub(super) fn add_if(&mut self, found: bool, problem: Problem) {
        if found {
            self.add(problem);
        }
    }

    pub(super) fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }

    pub(super) fn has(&self, problem: Problem) -> bool {
        self.0.contains(&problem)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Problem> {
        self.0.iter().copied()
    }

    /// The words, sorted.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.iter().map(|problem| problem.word().to_owned()).collect();
        words.sort_unstable();
        words
    }
}
