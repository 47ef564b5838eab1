//! The words for what is wrong with a DKIM key.

use crate::mail::words::problem_words;

problem_words! {
    /// One defect of what stands at a selector.
    Problem;
    /// A declared selector at which no key stands.
    Missing = "missing";
    /// More than one text record stands there: receivers may take any, or none (RFC 6376 section 3.6.2.2).
    SeveralRecords = "several_records";
    /// The record is no list of tags, names another version, or lacks `p=`.
    Syntax = "syntax";
    /// The key is withdrawn: `p=` is empty.
    Revoked = "revoked";
    /// The domain says that it is only trying (`t=y`): receivers treat its messages as unsigned.
    Testing = "testing";
    /// An RSA key below 2048 bits; below 1024 receivers must refuse it (RFC 8301 section 3.2).
    ShortKey = "short_key";
    /// Only SHA-1 is allowed, with which nothing may be signed any more (RFC 8301 section 3.1).
    Sha1Only = "sha1_only";
    /// The kind of key is none that receivers know.
    UnknownKeyType = "unknown_key_type";
    /// The key itself cannot be read.
    MalformedKey = "malformed_key";
    /// The key is for another service than mail (`s=`).
    NotForMail = "not_for_mail";
}
