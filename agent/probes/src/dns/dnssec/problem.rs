//! What can be wrong with the signatures of a zone, as words.

use crate::words::problem_words;

problem_words! {
    /// Something wrong with the signatures of a zone.
    DnssecProblem;

    /// A signature has ended.
    SignatureExpired = "signature_expired";
    /// A signature begins later than now.
    SignatureNotYetValid = "signature_not_yet_valid";
    /// A signed zone gives records without a signature.
    SignatureMissing = "signature_missing";
    /// A signature does not fit the records: they or it were changed.
    SignatureInvalid = "signature_invalid";
    /// A signature is made in the name of another zone.
    WrongSigner = "wrong_signer";
    /// The parent holds a digest of a key, and the zone shows no key at all.
    KeysMissing = "keys_missing";
    /// No key of the zone has the tag that the digest or the signature names.
    KeyMismatch = "key_mismatch";
    /// The key of that tag has another digest than the parent holds.
    DigestMismatch = "digest_mismatch";
    /// The digest or the signature names an algorithm that no key or signature of the zone uses.
    AlgorithmMismatch = "algorithm_mismatch";
    /// An answer without records comes without proof that there are none (NSEC, NSEC3).
    DenialMissing = "denial_missing";
    /// The proof that there are no records does not hold.
    DenialInvalid = "denial_invalid";
    /// The zone is signed, but its parent holds no digest of its keys.
    NoDs = "no_ds";
    /// Signatures end soon and nobody has renewed them.
    ExpiresSoon = "expires_soon";
    /// An algorithm that signs the zone is no longer recommended.
    WeakAlgorithm = "weak_algorithm";
    /// The zone is signed with algorithms or digests alone that resolvers do not know, so it counts as unsigned.
    UnsupportedAlgorithm = "unsupported_algorithm";
    /// An RSA key of the zone is too short.
    ShortKey = "short_key";
    /// The parent holds a SHA-1 digest of a key.
    Sha1Digest = "sha1_digest";
    /// The hash of NSEC3 is repeated, which RFC 9276 forbids.
    Nsec3Iterations = "nsec3_iterations";
    /// The hash of NSEC3 is salted, which RFC 9276 advises against.
    Nsec3Salt = "nsec3_salt";
    /// A key is revoked (RFC 5011).
    RevokedKey = "revoked_key";
}

impl DnssecProblem {
    /// Whether a resolver could have caused it by leaving something out, so that the zone's own server must be asked.
    pub(super) const fn may_be_the_resolver(self) -> bool {
        matches!(self, Self::SignatureMissing | Self::KeysMissing | Self::DenialMissing | Self::DenialInvalid)
    }
}
