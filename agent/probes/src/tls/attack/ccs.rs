//! Early `ChangeCipherSpec`, CVE-2014-0224: the cipher changes before there are keys.
//!
//! A mended server ends the handshake at the first early message, by the alert `unexpected_message` (OpenSSL security
//! advisory of 5 June 2014) or another one. A flawed one says nothing, turns to keys of an empty secret, and fails to
//! decrypt the next clear record: `bad_record_mac`, `decryption_failed`, or `decode_error` for a record too short for
//! its MAC. Servers that are not OpenSSL may pass over the first message without harm (F5 article 273758), and answer the
//! second by `unexpected_message`: a no. Silence at both, or an end without a word, tells nothing.

use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::opening;
use crate::tls::dial::Dialer;
use crate::tls::finish::conversation::Said;
use crate::tls::finish::known::Known;
use crate::tls::wire::{Alert, Event, RecordType, split_records};

/// Longest wait for a refusal of the first message.
const FIRST_TIME_MAX: Duration = Duration::from_millis(1500);
/// Longest wait for the answer to the second.
const SECOND_TIME_MAX: Duration = Duration::from_secs(3);
/// The message.
const CHANGE_CIPHER: [u8; 1] = [1];
/// What a server says that could not decrypt: `bad_record_mac`, `decryption_failed`, `decode_error`.
const FAILED_TO_DECRYPT: [u8; 3] = [20, 21, Alert::DECODE_ERROR];

/// Whether the server changes its cipher too early.
pub(super) async fn try_it(dialer: &Dialer, known: &Known) -> Fact<bool> {
    // In TLS 1.3 the message means nothing (RFC 8446 section 5); SSL 2.0 does not have it.
    let Some((version, suites)) = opening::plan(known) else { return Fact::Known(false) };
    let (mut conversation, _) = match opening::open(dialer, known, version, &suites, &[]).await {
        Ok(opened) => opened,
        Err(why) => return Fact::Unknown(why),
    };
    let message = split_records(RecordType::CHANGE_CIPHER_SPEC, version.number(), &CHANGE_CIPHER, CHANGE_CIPHER.len());
    conversation.send(&message).await;
    match conversation.next_but_warnings(FIRST_TIME_MAX).await {
        Said::Silent => {}
        Said::Event(Event::Alert(_)) | Said::Closed | Said::Reset => return Fact::Known(false),
        other @ (Said::Event(_) | Said::Nonsense(_)) => return Fact::Unknown(other.unknown()),
    }
    conversation.send(&message).await;
    second(&conversation.next_but_warnings(SECOND_TIME_MAX).await)
}

fn second(said: &Said) -> Fact<bool> {
    match said {
        Said::Event(Event::Alert(alert)) if FAILED_TO_DECRYPT.contains(&alert.description) => Fact::Known(true),
        Said::Event(Event::Alert(alert)) if alert.description == Alert::UNEXPECTED_MESSAGE => Fact::Known(false),
        Said::Closed | Said::Reset => {
            let detail = "the server passed over an early message and ended the connection at the next";
            Fact::Unknown(Unknown::new(Reason::CLOSED, detail))
        }
        other @ (Said::Event(_) | Said::Silent | Said::Nonsense(_)) => Fact::Unknown(other.unknown()),
    }
}
