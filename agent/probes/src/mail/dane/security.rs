//! Whether an answer of the DNS is protected by signatures from the root on.

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::Fact;

use crate::dns::dnssec::{Proof, ProofStatus, Validator};

/// How an answer is protected (RFC 4035 section 4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Security {
    /// Signed from the root on, and the signatures hold.
    Secure,
    /// A zone on the way is not signed; for a person.
    Insecure(String),
    /// It should be signed, and the signatures do not hold; for a person.
    Bogus(String),
}

/// How the answer to a question is protected.
pub(super) async fn security(validator: &Validator, name: &Name, kind: RecordType) -> Fact<Security> {
    match validator.validate(name, kind).await {
        Ok(Proof { status: ProofStatus::Secure, .. }) => Fact::Known(Security::Secure),
        Ok(Proof { status: ProofStatus::Unsigned, detail, .. }) => Fact::Known(Security::Insecure(detail)),
        Ok(Proof { status: ProofStatus::Bogus, reason, subject, detail }) => {
            let reason = reason.map(|reason| reason.word()).unwrap_or_default();
            Fact::Known(Security::Bogus(format!("{subject}: {reason}: {detail}")))
        }
        Err(why) => Fact::Unknown(why),
    }
}
