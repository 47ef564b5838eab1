//! SNMP (RFC 3416, RFC 1157): the description of the system, asked with the community `public`.

use super::ber::{INTEGER, NULL, OBJECT, SEQUENCE, STRING, element, first, integer, tagged};
use super::heard::{Heard, Outcome};
use super::peer::Peer;

/// `sysDescr.0`, 1.3.6.1.2.1.1.1.0 (RFC 3418).
const DESCRIPTION: &[u8] = &[0x2B, 6, 1, 2, 1, 1, 1, 0];
/// The community that everybody knows.
const COMMUNITY: &[u8] = b"public";
/// Number of the question.
const REQUEST: u8 = 1;
/// Kinds of messages (RFC 3416 section 3).
const GET: u8 = 0xA0;
const RESPONSE: u8 = 0xA2;
const REPORT: u8 = 0xA8;
/// Versions as they stand in a message.
const VERSION_1: u8 = 0;
const VERSION_2C: u8 = 1;
const VERSION_3: u8 = 3;
/// Error of a response: the community may not see it (authorizationError).
const NOT_AUTHORISED: &[u8] = &[16];

/// Asks in version 2c, then in version 1.
///
/// An agent does not answer a community that it does not know. So that its silence is not taken for that of a packet
/// filter, the third question is one that every agent of version 3 answers to strangers: which engine it is (RFC 3414
/// section 4).
pub(super) async fn ask(peer: &Peer) -> Outcome {
    let questions = [get(VERSION_2C), get(VERSION_1), discovery()];
    let questions: Vec<&[u8]> = questions.iter().map(Vec::as_slice).collect();
    peer.exchange(&questions, read).await
}

fn get(version: u8) -> Vec<u8> {
    let variable = element(SEQUENCE, &[&element(OBJECT, &[DESCRIPTION]), &element(NULL, &[])]);
    let pdu = element(GET, &[&integer(REQUEST), &integer(0), &integer(0), &element(SEQUENCE, &[&variable])]);
    element(SEQUENCE, &[&integer(version), &element(STRING, &[COMMUNITY]), &pdu])
}

/// A question of version 3 to an unknown engine (RFC 3412 section 6, RFC 3414 section 2.4).
fn discovery() -> Vec<u8> {
    let nothing = element(STRING, &[]);
    // The longest message that is understood: 65,507 bytes; what went wrong may be reported.
    let size = element(INTEGER, &[&[0, 0xFF, 0xE3]]);
    let head = element(SEQUENCE, &[&integer(REQUEST), &size, &element(STRING, &[&[4]]), &integer(3)]);
    let engine = element(SEQUENCE, &[&nothing, &integer(0), &integer(0), &nothing, &nothing, &nothing]);
    let pdu = element(GET, &[&integer(REQUEST), &integer(0), &integer(0), &element(SEQUENCE, &[])]);
    let scope = element(SEQUENCE, &[&nothing, &nothing, &pdu]);
    element(SEQUENCE, &[&integer(VERSION_3), &head, &element(STRING, &[&engine]), &scope])
}

/// Reads an answer. The description itself is not kept: it names the host.
fn read(answer: &[u8]) -> Option<Heard> {
    let (message, _) = tagged(answer, SEQUENCE)?;
    let (version, rest) = tagged(message, INTEGER)?;
    match version {
        [VERSION_1 | VERSION_2C] => {
            let (_, rest) = tagged(rest, STRING)?;
            let (pdu, _) = tagged(rest, RESPONSE)?;
            let (_, rest) = tagged(pdu, INTEGER)?;
            let (status, _) = tagged(rest, INTEGER)?;
            Some(if status == NOT_AUTHORISED {
                Heard::required("authorizationError")
            } else {
                Heard::open("sysDescr told to `public`")
            })
        }
        [VERSION_3] => {
            let (_, rest) = tagged(rest, SEQUENCE)?;
            let (_, rest) = tagged(rest, STRING)?;
            let (scope, _) = tagged(rest, SEQUENCE)?;
            let (_, rest) = tagged(scope, STRING)?;
            let (_, rest) = tagged(rest, STRING)?;
            let (kind, _, _) = first(rest)?;
            (kind == REPORT).then(|| Heard::required("no answer to `public`; it answers in version 3"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::heard::Authentication;
    use super::*;

    #[test]
    fn the_questions_have_the_form_of_the_standard() {
        let hexadecimal = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let expected = "302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500";
        assert_eq!(hexadecimal(&get(VERSION_2C)), expected);
        assert_eq!(discovery().len(), usize::from(discovery()[1]) + 2);
    }

    #[test]
    fn a_response_is_open_and_a_report_of_version_3_is_not() {
        let mut response = get(VERSION_2C);
        let at = response.iter().position(|byte| *byte == GET).expect("a question");
        assert_eq!(read(&response), None, "a question is no answer");
        response[at] = RESPONSE;
        assert_eq!(read(&response).map(|heard| heard.authentication), Some(Authentication::Open));
        let mut report = discovery();
        let at = report.iter().position(|byte| *byte == GET).expect("a question");
        report[at] = REPORT;
        assert_eq!(read(&report).map(|heard| heard.authentication), Some(Authentication::Required));
    }
}
