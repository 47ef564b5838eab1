//! What may be wrong with MTA-STS, as words.

use crate::mail::words::problem_words;

problem_words! {
    /// Something wrong with record or policy of MTA-STS.
    MtaStsProblem;
    /// More than one record: they count as none (RFC 8461 section 3.1).
    SeveralRecords = "several_records";
    /// The record breaks the rules, so it counts as none.
    Syntax = "syntax";
    /// A policy stands at its place and no record tells of it, so nobody reads it.
    NoRecord = "no_record";
    /// No policy can be fetched.
    NoPolicy = "no_policy";
    /// The certificate of the policy's host does not hold, so senders ignore the policy (RFC 8461 section 3.3).
    CertificateInvalid = "certificate_invalid";
    /// The policy is said to be elsewhere: senders must not follow (RFC 8461 section 3.3).
    Redirected = "redirected";
    /// The policy is not given as plain text (RFC 8461 section 3.2).
    WrongType = "wrong_type";
    /// The policy breaks the rules, so it counts as none.
    PolicySyntax = "policy_syntax";
    /// A field stands twice: only the first counts.
    DoubledField = "doubled_field";
    /// The policy is on trial only: mail that breaks it is delivered all the same.
    Testing = "testing";
    /// The policy asks for nothing.
    ModeNone = "mode_none";
    /// Senders forget the policy after less than a week.
    ShortMaxAge = "short_max_age";
    /// A mail server of the domain stands in no pattern of the policy: under `enforce` it gets no mail.
    ExchangeNotListed = "exchange_not_listed";
}
