//! What may be wrong with certificates pinned in the DNS, as words.

use crate::mail::words::problem_words;

problem_words! {
    /// Something wrong with the TLSA records of a mail server.
    DaneProblem;
    /// No record fits what the server sends: senders that check deliver no mail.
    Mismatch = "mismatch";
    /// A zone on the way is not signed, so the records protect nobody (RFC 7672 section 2.2).
    Insecure = "insecure";
    /// A record that no sender can use: a number that means nothing, or data of the wrong length.
    Unusable = "unusable";
    /// The signatures do not hold: senders that check deliver no mail.
    Bogus = "bogus";
    /// Usage 0 or 1, which counts for nothing between mail servers (RFC 7672 section 3.1.3).
    PkixUsage = "pkix_usage";
    /// A record pins an authority, and what hangs below it is out of date, broken or for another name.
    ChainInvalid = "chain_invalid";
}
