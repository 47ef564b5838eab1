//! Early `ChangeCipherSpec`, CVE-2014-0224: the cipher changes before there are keys.
//!
//! A mended server ends the handshake at the first early message, by the alert `unexpected_message` (OpenSSL security
//! advisory of 5 June 2014) or another one. A flawed one says nothing, turns to keys of an empty secret, and fails to
//! decrypt the next clear record: `bad_record_mac`, `decryption_failed`, `decrypt_error`, or `decode_error` for a record
//! too short for its MAC. Servers that are not OpenSSL may pass over the first message without harm (F5 article 273758),
//! and answer the second by `unexpected_message`: a no. Silence at both tells nothing.
//!
//! A server that ends the connection at the second without a word is asked once more, by what the flaw is about: its part
//! of the key exchange comes under keys of an empty secret (advisory; M. Kikuchi's account of 5 June 2014). A flawed one
//! can read that, and waits for more; to the same under another secret it does not listen. Both must be seen twice: one
//! silence is soon had from a busy server.

use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::opening;
use crate::tls::dial::Dialer;
use crate::tls::finish::conversation::{Conversation, Said, message};
use crate::tls::finish::known::Known;
use crate::tls::finish::legacy::keys::Randoms;
use crate::tls::finish::legacy::protection::Sender;
use crate::tls::finish::legacy::session::{CLIENT_KEY_EXCHANGE, Plan, exchanged};
use crate::tls::wire::{Alert, Event, RecordType, Version, split_records};

/// Longest wait for a refusal of the first message.
const FIRST_TIME_MAX: Duration = Duration::from_millis(1500);
/// Shortest wait for the answer to the second; longer where the server's flight took long.
const SECOND_TIME_MIN: Duration = Duration::from_secs(1);
/// Longest wait for it.
const SECOND_TIME_MAX: Duration = Duration::from_secs(3);
/// How often the server must tell the empty secret from another one.
const PAIRS: u8 = 2;
/// A secret that no server has, for the control.
const FOREIGN_SECRET: [u8; 48] = [0x5A; 48];
/// The message.
const CHANGE_CIPHER: [u8; 1] = [1];
/// What a server says that could not decrypt: `bad_record_mac`, `decryption_failed`, `decode_error`, `decrypt_error`.
const FAILED_TO_DECRYPT: [u8; 4] = [20, 21, Alert::DECODE_ERROR, 51];

/// Whether the server changes its cipher too early.
pub(super) async fn try_it(dialer: &Dialer, known: &Known) -> Fact<bool> {
    // In TLS 1.3 the message means nothing (RFC 8446 section 5); SSL 2.0 does not have it.
    let Some((version, suites)) = opening::plan(known) else {
        return opening::nothing_to_ask(known, Version::Ssl3);
    };
    let (mut conversation, answer) = match opening::open(dialer, known, version, &suites, &[]).await {
        Ok(opened) => opened,
        Err(why) => return Fact::Unknown(why),
    };
    let early = split_records(RecordType::CHANGE_CIPHER_SPEC, version.number(), &CHANGE_CIPHER, CHANGE_CIPHER.len());
    conversation.send(&early).await;
    match conversation.next_but_warnings(answer.patience(FIRST_TIME_MAX)).await {
        Said::Silent => {}
        Said::Event(Event::Alert(_)) | Said::Closed | Said::Reset => return Fact::Known(false),
        other @ (Said::Event(_) | Said::TimeIsUp | Said::Nonsense(_)) => return Fact::Unknown(other.unknown()),
    }
    conversation.send(&early).await;
    let said = conversation.next_but_warnings(answer.pace(SECOND_TIME_MIN, SECOND_TIME_MAX)).await;
    drop(conversation);
    if matches!(said, Said::Closed | Said::Reset) {
        return reads_under_empty_secret(dialer, known, &early).await;
    }
    second(&said)
}

fn second(said: &Said) -> Fact<bool> {
    match said {
        Said::Event(Event::Alert(alert)) if FAILED_TO_DECRYPT.contains(&alert.description) => Fact::Known(true),
        Said::Event(Event::Alert(alert)) if alert.description == Alert::UNEXPECTED_MESSAGE => Fact::Known(false),
        other @ (Said::Event(_) | Said::Closed | Said::Reset | Said::Silent | Said::TimeIsUp | Said::Nonsense(_)) => {
            Fact::Unknown(other.unknown())
        }
    }
}

/// Whether the server takes our part of the key exchange under keys that anybody can compute, and under no others: one
/// that says nothing whatever it hears tells nothing.
async fn reads_under_empty_secret(dialer: &Dialer, known: &Known, early: &[u8]) -> Fact<bool> {
    for _ in 0..PAIRS {
        match tells_secrets_apart(dialer, known, early).await {
            Ok(true) => {}
            Ok(false) => return Fact::Unknown(open()),
            Err(why) => return Fact::Unknown(why),
        }
    }
    Fact::Known(true)
}

/// Whether the server waits for more under the empty secret, and ends the connection under another one.
async fn tells_secrets_apart(dialer: &Dialer, known: &Known, early: &[u8]) -> Result<bool, Unknown> {
    match under_secret(dialer, known, early, &[]).await? {
        Said::Silent => {}
        late @ Said::TimeIsUp => return Err(late.unknown()),
        Said::Event(_) | Said::Closed | Said::Reset | Said::Nonsense(_) => return Ok(false),
    }
    match under_secret(dialer, known, early, &FOREIGN_SECRET).await? {
        Said::Event(Event::Alert(_)) | Said::Closed | Said::Reset => Ok(true),
        late @ Said::TimeIsUp => Err(late.unknown()),
        Said::Event(_) | Said::Silent | Said::Nonsense(_) => Ok(false),
    }
}

fn open() -> Unknown {
    Unknown::new(Reason::CLOSED, "the server passed over an early message and ended the connection at the next")
}

/// What the server says to the early message and our part of the key exchange under keys of a secret.
async fn under_secret(dialer: &Dialer, known: &Known, early: &[u8], secret: &[u8]) -> Result<Said, Unknown> {
    let plan = Plan::of(known).ok_or_else(open)?;
    let hello = plan.hello(known);
    let (mut conversation, answer) = Conversation::greet(dialer, &hello).await?;
    let randoms = Randoms { client: hello.random, server: answer.hello.random };
    let block = plan.recipe.derivation.key_block(secret, &randoms, plan.recipe.shape.block_bytes());
    let exchanged = exchanged(&plan, &answer).ok();
    let sealed = exchanged.zip(Sender::new(plan.version, plan.recipe.shape, &block)).and_then(|(ours, mut sender)| {
        sender.record(RecordType::HANDSHAKE.0, &message(CLIENT_KEY_EXCHANGE, &ours.message))
    });
    conversation.send(&[early, &sealed.ok_or_else(open)?].concat()).await;
    Ok(conversation.next_but_warnings(answer.patience(FIRST_TIME_MAX)).await)
}
