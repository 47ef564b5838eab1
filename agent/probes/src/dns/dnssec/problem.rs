//! What can be wrong with the signatures of a zone, as words.

/// Something wrong with the signatures of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DnssecProblem {
    /// A signature has ended.
    SignatureExpired,
    /// A signature begins later than now.
    SignatureNotYetValid,
    /// A signed zone gives records without a signature.
    SignatureMissing,
    /// A signature does not fit the records: they or it were changed.
    SignatureInvalid,
    /// A signature is made in the name of another zone.
    WrongSigner,
    /// The parent holds a digest of a key, and the zone shows no key at all.
    KeysMissing,
    /// No key of the zone has the tag that the digest or the signature names.
    KeyMismatch,
    /// The key of that tag has another digest than the parent holds.
    DigestMismatch,
    /// The digest or the signature names an algorithm that no key or signature of the zone uses.
    AlgorithmMismatch,
    /// An answer without records comes without proof that there are none (NSEC, NSEC3).
    DenialMissing,
    /// The proof that there are no records does not hold.
    DenialInvalid,
    /// The zone is signed, but its parent holds no digest of its keys.
    NoDs,
    /// Signatures end soon and nobody has renewed them.
    ExpiresSoon,
    /// An algorithm that signs the zone is no longer recommended.
    WeakAlgorithm,
    /// The zone is signed with algorithms or digests alone that resolvers do not know, so it counts as unsigned.
    UnsupportedAlgorithm,
    /// An RSA key of the zone is too short.
    ShortKey,
    /// The parent holds a SHA-1 digest of a key.
    Sha1Digest,
    /// The hash of NSEC3 is repeated, which RFC 9276 forbids.
    Nsec3Iterations,
    /// The hash of NSEC3 is salted, which RFC 9276 advises against.
    Nsec3Salt,
    /// A key is revoked (RFC 5011).
    RevokedKey,
}

impl DnssecProblem {
    /// Every problem.
    pub const ALL: [Self; 20] = [
        Self::SignatureExpired,
        Self::SignatureNotYetValid,
        Self::SignatureMissing,
        Self::SignatureInvalid,
        Self::WrongSigner,
        Self::KeysMissing,
        Self::KeyMismatch,
        Self::DigestMismatch,
        Self::AlgorithmMismatch,
        Self::DenialMissing,
        Self::DenialInvalid,
        Self::NoDs,
        Self::ExpiresSoon,
        Self::WeakAlgorithm,
        Self::UnsupportedAlgorithm,
        Self::ShortKey,
        Self::Sha1Digest,
        Self::Nsec3Iterations,
        Self::Nsec3Salt,
        Self::RevokedKey,
    ];

    /// Its word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignatureExpired => "signature_expired",
            Self::SignatureNotYetValid => "signature_not_yet_valid",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureInvalid => "signature_invalid",
            Self::WrongSigner => "wrong_signer",
            Self::KeysMissing => "keys_missing",
            Self::KeyMismatch => "key_mismatch",
            Self::DigestMismatch => "digest_mismatch",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::DenialMissing => "denial_missing",
            Self::DenialInvalid => "denial_invalid",
            Self::NoDs => "no_ds",
            Self::ExpiresSoon => "expires_soon",
            Self::WeakAlgorithm => "weak_algorithm",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::ShortKey => "short_key",
            Self::Sha1Digest => "sha1_digest",
            Self::Nsec3Iterations => "nsec3_iterations",
            Self::Nsec3Salt => "nsec3_salt",
            Self::RevokedKey => "revoked_key",
        }
    }

    /// Whether a resolver could have caused it by leaving something out, so that the zone's own server must be asked.
    pub(super) const fn may_be_the_resolver(self) -> bool {
        matches!(self, Self::SignatureMissing | Self::KeysMissing | Self::DenialMissing | Self::DenialInvalid)
    }
}
