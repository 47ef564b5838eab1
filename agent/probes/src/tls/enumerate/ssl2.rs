//! SSL 2.0: one greeting, and the server lists what it has.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::ask::Asker;
use super::enumeration::SentChain;
use super::harvest::key_kind;
use crate::tls::wire::{End, Ssl2ClientHello, Ssl2Kind, Version};

/// What stands where a client puts random bytes; no secret grows from it.
const CHALLENGE: &[u8; 16] = b"Vedetta, a probe";

/// What SSL 2.0 showed.
#[derive(Debug)]
pub(super) struct Ssl2Survey {
    /// Whether the version is accepted.
    pub(super) accepted: Fact<bool>,
    /// Kinds in the server's order.
    pub(super) kinds: Fact<Vec<Ssl2Kind>>,
    /// The certificate.
    pub(super) chain: Option<SentChain>,
    /// How it ended.
    pub(super) end: End,
}

impl Ssl2Survey {
    /// Nothing, because no connection could be opened.
    pub(super) fn unreachable(error: &ProbeError) -> Self {
        let kinds = Fact::unknown(error.reason.clone(), &error.detail);
        Self { accepted: kinds.clone().map(|_: Vec<_>| false), kinds, chain: None, end: End::Timeout }
    }

    /// Whether the connection ended without a word.
    pub(super) const fn abrupt(&self) -> bool {
        matches!(self.end, End::Closed | End::Reset)
    }
}

/// Asks for every kind at once.
///
/// # Errors
/// The connection could not be opened.
pub(super) async fn survey(asker: &Asker<'_>) -> Result<Ssl2Survey, ProbeError> {
    let offered: Vec<Ssl2Kind> = Ssl2Kind::listed().collect();
    let hello = Ssl2ClientHello { version: Version::Ssl2, kinds: offered.clone(), challenge: CHALLENGE.to_vec() };
    let (flight, end) = asker.ask(&hello.bytes()).await?;
    let Some(answer) = flight.ssl2 else {
        let kinds: Fact<Vec<Ssl2Kind>> = match &end {
            End::Timeout => Fact::unknown(Reason::TIMEOUT, "no answer to a hello of SSLv2"),
            End::Answered
            | End::Alert(_)
            | End::Ssl2Error(_)
            | End::Closed
            | End::Reset
            | End::NotTls(_)
            | End::Malformed(_)
            | End::TooLarge => Fact::Known(Vec::new()),
        };
        return Ok(Ssl2Survey { accepted: kinds.clone().map(|_| false), kinds, chain: None, end });
    };
    let mut kinds: Vec<Ssl2Kind> = Vec::new();
    for kind in answer.kinds {
        if offered.contains(&kind) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let certificates = vec![answer.certificate];
    let chain = certificates.first().is_some_and(|certificate| !certificate.is_empty()).then(|| SentChain {
        version: Version::Ssl2,
        key: key_kind(&certificates),
        certificates,
        staple: None,
    });
    // A server that lists nothing takes the kinds that were turned off all the same (CVE-2015-3197).
    Ok(Ssl2Survey { accepted: Fact::Known(true), kinds: Fact::Known(kinds), chain, end })
}
