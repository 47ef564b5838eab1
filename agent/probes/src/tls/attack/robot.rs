//! ROBOT, CVE-2017-13099 and others: a server that tells valid from invalid RSA padding (Bleichenbacher's attack).
//!
//! The method is that of Böck, Somorovsky and Young, "Return Of Bleichenbacher's Oracle Threat" (2017), section 3: five
//! premaster secrets, one right and four each wrong in its own way, are sent once with the messages that follow and once
//! without. A sound server treats them alike (RFC 5246 section 7.4.7.1); one that reacts differently, twice in the same
//! way, is an oracle. Reaction is the alert, the end of the connection, or silence: silence counts as one, since a
//! server may well wait for more when the messages that follow are held back.

use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::opening;
use crate::tls::dial::Dialer;
use crate::tls::finish::chance;
use crate::tls::finish::conversation::{Said, message};
use crate::tls::finish::known::Known;
use crate::tls::finish::rsa::{PublicKey, padding};
use crate::tls::wire::{Event, HandshakeType, KeyExchange, RecordType, SuiteId, Version, split_records};

/// Longest wait for a reaction; less to a server that was quick before.
const REACTION_TIME_MAX: Duration = Duration::from_secs(1);
/// Wait for a reaction when a difference is looked at again.
const CONFIRMATION_TIME: Duration = Duration::from_secs(2);
/// Length of a premaster secret, in bytes.
const PREMASTER_BYTES: usize = 48;
/// Bytes in the place of an encrypted `Finished`: a whole number of blocks, and longer than any MAC.
const FINISHED_BYTES: usize = 64;
/// Type of the message with the encrypted secret.
const CLIENT_KEY_EXCHANGE: HandshakeType = HandshakeType(16);

/// The kinds of padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    /// As RFC 8017 section 7.2.1 and RFC 5246 section 7.4.7.1 want it.
    Right,
    /// The first two bytes are not 0 and 2.
    WrongStart,
    /// The zero that ends the padding stands inside the secret.
    LateZero,
    /// No zero ends the padding.
    NoZero,
    /// The secret begins with a version that was not offered.
    WrongVersion,
}

const PADDINGS: [Padding; 5] =
    [Padding::Right, Padding::WrongStart, Padding::LateZero, Padding::NoZero, Padding::WrongVersion];

/// What is sent behind the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// `ChangeCipherSpec` and something in the place of `Finished`.
    Full,
    /// Nothing.
    Short,
}

/// Whether a difference was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Not yet.
    First,
    /// It is to be confirmed.
    Again,
}

/// How a server reacts: the first thing that it does, as the method compares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaction {
    /// An alert, by level and description.
    Alert(u8, u8),
    /// Another record, by its type.
    Record(u8),
    /// Bytes that are no TLS.
    Nonsense,
    /// The end of the connection.
    Closed,
    /// The connection was cut.
    Reset,
    /// Nothing.
    Silent,
}

/// Where the question is asked.
struct Oracle<'a> {
    dialer: &'a Dialer,
    known: &'a Known,
    version: Version,
    suites: Vec<SuiteId>,
}

/// Whether the server is an oracle.
pub(super) async fn try_it(dialer: &Dialer, known: &Known) -> Fact<bool> {
    let Some((version, suites)) = static_rsa(known) else { return without_static_rsa(known) };
    let oracle = Oracle { dialer, known, version, suites };
    for flow in [Flow::Full, Flow::Short] {
        match oracle.differs(flow).await {
            Ok(false) => {}
            Ok(true) => return Fact::Known(true),
            Err(why) => return Fact::Unknown(why),
        }
    }
    Fact::Known(false)
}

/// The newest version with suites that encrypt the secret to the key of the certificate.
fn static_rsa(known: &Known) -> Option<(Version, Vec<SuiteId>)> {
    known.before_tls_1_3().find_map(|(version, suites)| {
        let takes = |suite: &&SuiteId| {
            suite.attributes().is_some_and(|suite| suite.key_exchange == KeyExchange::Rsa && !suite.export)
        };
        let suites: Vec<_> = suites.iter().filter(takes).copied().collect();
        (!suites.is_empty()).then_some((version, suites))
    })
}

/// What follows from there being no suite to ask with: no, unless a version could not be seen, or secrets are encrypted
/// in suites that this probe does not ask with.
fn without_static_rsa(known: &Known) -> Fact<bool> {
    let mut suites = known.before_tls_1_3().flat_map(|(_, suites)| suites).filter_map(|suite| suite.attributes());
    if suites.any(|suite| matches!(suite.key_exchange, KeyExchange::Rsa | KeyExchange::RsaPsk)) {
        return Fact::unknown(
            Reason::NOT_FOUND,
            "only suites for export or with a key known beforehand encrypt by RSA",
        );
    }
    known.no_before_tls_1_3(Version::Ssl3)
}

impl Oracle<'_> {
    /// Whether the reactions differ, and differ in the same way when asked again.
    async fn differs(&self, flow: Flow) -> Result<bool, Unknown> {
        let first = self.reactions(flow, Look::First).await?;
        if all_alike(&first) {
            return Ok(false);
        }
        let second = self.reactions(flow, Look::Again).await?;
        if first == second {
            return Ok(true);
        }
        if all_alike(&second) {
            return Ok(false);
        }
        Err(Unknown::new(Reason::PROBE_FAILED, "the server reacts differently each time to the same padding"))
    }

    /// The reactions to each padding: one by one where each comes at once, side by side where the server waits for more.
    async fn reactions(&self, flow: Flow, look: Look) -> Result<Vec<Reaction>, Unknown> {
        if flow == Flow::Short {
            let [right, start, late, none, version] =
                PADDINGS.map(|padding| Box::pin(self.reaction(padding, flow, look)));
            let all = tokio::join!(right, start, late, none, version);
            let all = [all.0, all.1, all.2, all.3, all.4];
            if let Ok(reactions) = all.into_iter().collect() {
                return Ok(reactions);
            }
            // A server that serves one client at a time: one by one.
        }
        let mut reactions = Vec::new();
        for padding in PADDINGS {
            reactions.push(self.reaction(padding, flow, look).await?);
        }
        Ok(reactions)
    }

    async fn reaction(&self, padding: Padding, flow: Flow, look: Look) -> Result<Reaction, Unknown> {
        let opened = opening::open(self.dialer, self.known, self.version, &self.suites, &[]).await?;
        let (mut conversation, answer) = opened;
        let no_key = || Unknown::new(Reason::NOT_FOUND, "the certificate has no RSA key that a secret fits into");
        let leaf = answer.certificates.first().ok_or_else(no_key)?;
        let key = PublicKey::of_certificate(leaf).ok_or_else(no_key)?;
        let secret = key.encrypt_block(&block(padding, key.length(), self.version)).ok_or_else(no_key)?;
        conversation.send(&self.bytes(&secret, flow, answer.asked_for_certificate)).await;
        let wait = match look {
            Look::First => answer.patience(REACTION_TIME_MAX),
            Look::Again => CONFIRMATION_TIME,
        };
        reaction(&conversation.next(wait).await)
    }

    fn bytes(&self, secret: &[u8], flow: Flow, asked_for_certificate: bool) -> Vec<u8> {
        let number = self.version.number();
        let mut bytes = Vec::new();
        if asked_for_certificate && self.version != Version::Ssl3 {
            let none = message(HandshakeType::CERTIFICATE, &[0, 0, 0]);
            bytes.extend(split_records(RecordType::HANDSHAKE, number, &none, none.len()));
        }
        let mut body = Vec::new();
        if self.version != Version::Ssl3 {
            body.extend(u16::try_from(secret.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
        body.extend_from_slice(secret);
        let exchange = message(CLIENT_KEY_EXCHANGE, &body);
        bytes.extend(split_records(RecordType::HANDSHAKE, number, &exchange, exchange.len()));
        if flow == Flow::Full {
            bytes.extend(split_records(RecordType::CHANGE_CIPHER_SPEC, number, &[1], 1));
            let finished = [0x5A; FINISHED_BYTES];
            bytes.extend(split_records(RecordType::HANDSHAKE, number, &finished, FINISHED_BYTES));
        }
        bytes
    }
}

fn all_alike(reactions: &[Reaction]) -> bool {
    reactions.windows(2).all(|pair| matches!(pair, [one, other] if one == other))
}

/// # Errors
/// The look had to end before a reaction, or its absence, could be seen.
fn reaction(said: &Said) -> Result<Reaction, Unknown> {
    Ok(match said {
        Said::Event(Event::Alert(alert)) => Reaction::Alert(alert.level, alert.description),
        Said::Event(Event::Handshake { .. }) => Reaction::Record(RecordType::HANDSHAKE.0),
        Said::Event(Event::ChangeCipherSpec) => Reaction::Record(RecordType::CHANGE_CIPHER_SPEC.0),
        Said::Event(Event::Record { kind, .. }) => Reaction::Record(kind.0),
        Said::Event(Event::Ssl2(_)) | Said::Nonsense(_) => Reaction::Nonsense,
        Said::Closed => Reaction::Closed,
        Said::Reset => Reaction::Reset,
        Said::Silent => Reaction::Silent,
        Said::TimeIsUp => return Err(said.unknown()),
    })
}

/// The block that is encrypted: as long as the key.
fn block(padding_kind: Padding, length: usize, version: Version) -> Vec<u8> {
    let mut secret = chance::random::<PREMASTER_BYTES>();
    secret.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = 1);
    let offered = if padding_kind == Padding::WrongVersion { 0x0202 } else { version.number() };
    secret.iter_mut().zip(offered.to_be_bytes()).for_each(|(place, byte)| *place = byte);
    let filled = padding(length.saturating_sub(PREMASTER_BYTES + 3));
    let start: [u8; 2] = if padding_kind == Padding::WrongStart { [0x41, 0x17] } else { [0, 2] };
    let ends: u8 = match padding_kind {
        Padding::Right | Padding::WrongStart | Padding::WrongVersion => 0,
        Padding::LateZero | Padding::NoZero => 0x11,
    };
    let mut block = [&start[..], &filled, &[ends], &secret].concat();
    if padding_kind == Padding::LateZero {
        // In front of the last two bytes of the secret: what remains is too short to be one.
        let place = block.len().saturating_sub(3);
        block.iter_mut().skip(place).take(1).for_each(|byte| *byte = 0);
    }
    if padding_kind == Padding::NoZero {
        block.iter_mut().skip(2).filter(|byte| **byte == 0).for_each(|byte| *byte = 1);
    }
    block
}

#[cfg(test)]
mod unit {
    use super::*;

    /// Place of the first zero behind the start.
    fn zero(block: &[u8]) -> Option<usize> {
        block.iter().skip(2).position(|byte| *byte == 0).map(|place| place + 2)
    }

    #[test]
    fn each_block_is_wrong_in_its_own_way() {
        for padding in PADDINGS {
            let block = block(padding, 256, Version::Tls12);
            assert_eq!(block.len(), 256, "{padding:?}");
            assert_eq!(block.starts_with(&[0, 2]), padding != Padding::WrongStart, "{padding:?}");
            let expected = match padding {
                Padding::Right | Padding::WrongStart | Padding::WrongVersion => Some(256 - 49),
                Padding::LateZero => Some(256 - 3),
                Padding::NoZero => None,
            };
            assert_eq!(zero(&block), expected, "{padding:?}");
            let version = if padding == Padding::WrongVersion { [2, 2] } else { [3, 3] };
            assert_eq!(block[256 - 48..256 - 46], version, "{padding:?}");
        }
    }

    #[test]
    fn the_end_of_the_look_is_no_reaction() {
        assert!(reaction(&Said::TimeIsUp).is_err());
        assert_eq!(reaction(&Said::Silent), Ok(Reaction::Silent));
    }

    #[test]
    fn one_reaction_that_differs_is_a_difference() {
        let alert = Reaction::Alert(2, 20);
        assert!(all_alike(&[alert; 5]));
        assert!(!all_alike(&[alert, alert, Reaction::Alert(2, 40)]));
        assert!(!all_alike(&[Reaction::Closed, Reaction::Silent]));
    }
}
