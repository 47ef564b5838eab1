//! Heartbleed, CVE-2014-0160: a heartbeat that claims to be longer than it is.
//!
//! RFC 6520 section 4: a request whose length exceeds its record must be discarded silently. So silence, an alert and the
//! end of the connection are all a no, unless the look had to end first; an answer that is longer than the request was
//! is a yes. A server that does not take heartbeats in its greeting must not be sent any (section 2): a no.

use std::time::Duration;

use vedetta_checks::fact::Fact;

use super::opening;
use crate::tls::dial::Dialer;
use crate::tls::finish::conversation::Said;
use crate::tls::finish::known::Known;
use crate::tls::wire::{Event, Extension, RecordType, Version, extension, split_records};

/// Longest wait for an answer; the server has just answered on the same connection.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);
/// A request (type 1) that claims 16 384 bytes and carries none, as scanners send it since 2014.
const REQUEST: [u8; 3] = [1, 0x40, 0];
/// Warnings and strange records that are passed over before the answer.
const RECORDS_MAX: usize = 8;

/// Whether the server sends its memory.
pub(super) async fn try_it(dialer: &Dialer, known: &Known) -> Fact<bool> {
    // SSL 3.0 has no extensions, and where TLS 1.3 is spoken alone the flawed code is long gone.
    let plan = opening::plan(known).filter(|(version, _)| *version >= Version::Tls10);
    let Some((version, suites)) = plan else { return opening::nothing_to_ask(known, Version::Tls10) };
    let opened = opening::open(dialer, known, version, &suites, &[Extension::heartbeat(true)]).await;
    let (mut conversation, answer) = match opened {
        Ok(opened) => opened,
        Err(why) => return Fact::Unknown(why),
    };
    if answer.hello.extension(extension::HEARTBEAT).is_none() {
        return Fact::Known(false);
    }
    let request = split_records(RecordType::HEARTBEAT, version.number(), &REQUEST, REQUEST.len());
    conversation.send(&request).await;
    for _ in 0..RECORDS_MAX {
        match conversation.next_but_warnings(ANSWER_TIME_MAX).await {
            Said::Event(Event::Record { kind: RecordType::HEARTBEAT, content }) => {
                return Fact::Known(content.len() > REQUEST.len());
            }
            Said::Event(Event::Alert(_)) | Said::Closed | Said::Reset | Said::Silent => return Fact::Known(false),
            Said::Event(Event::Handshake { .. } | Event::ChangeCipherSpec | Event::Record { .. } | Event::Ssl2(_)) => {}
            other @ (Said::TimeIsUp | Said::Nonsense(_)) => return Fact::Unknown(other.unknown()),
        }
    }
    Fact::Known(false)
}
