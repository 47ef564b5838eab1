//! The question to the evaluation, and its answer (RFC 7208 sections 2.4 and 2.6).

use std::net::IpAddr;

/// One message at its border: who connects, and whom it says it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Address that connects; one of IPv4 written as IPv6 counts as IPv4.
    pub ip: IpAddr,
    /// Name that it greets with.
    pub helo: String,
    /// Mailbox that the message is from; empty for a notice of failure, which is from the postmaster of `helo`.
    pub mailbox: String,
    /// Name of the receiver, for explanations.
    pub receiver: String,
}

/// The results of RFC 7208 section 2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The sender has no policy.
    None,
    /// The policy says nothing of the address.
    Neutral,
    /// The address may send.
    Pass,
    /// The address may not send.
    Fail,
    /// The address should not send.
    SoftFail,
    /// The policy could not be looked up now.
    TempError,
    /// The policy cannot be read.
    PermError,
}

impl Outcome {
    /// Its word in the RFC.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// What one evaluation gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The result.
    pub result: Outcome,
    /// What the domain says of a refusal (`exp`), when it says something.
    pub explanation: Option<String>,
    /// The term that decided, as written; none when no term did.
    pub mechanism: Option<String>,
    /// The domain in whose record it stands, or whose policy was looked for.
    pub domain: String,
    /// What went wrong, for a person; empty when nothing did.
    pub detail: String,
    /// Terms that asked the DNS.
    pub lookups: u64,
    /// Terms that asked and found nothing.
    pub void_lookups: u64,
}
