//! Remote desktops: X.224 connection request with a negotiation request (MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2).

use vedetta_checks::catalogue::ProbeError;

use super::clear::{Border, Clear, beginning};
use super::{absent, foreign, refused};

/// TPKT header (RFC 1006): version 3, reserved, length 19. X.224: length 14, connection request, two references, class 0.
/// Negotiation: request, no flags, length 8, TLS and CredSSP (which begins with TLS) wanted.
const CONNECTION_REQUEST: [u8; 19] = [3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
/// Longest answer, in bytes; there is nothing to say in more.
const ANSWER_BYTES_MAX: usize = 512;
/// TPKT header, in bytes.
const HEADER_BYTES: usize = 4;
/// X.224 part before the negotiation, in bytes.
const FIXED_BYTES: usize = 7;
/// X.224 code of a connection confirm.
const CONFIRM: u8 = 0xD0;
/// X.224 code of a disconnect request.
const DISCONNECT: u8 = 0x80;
/// Type of a negotiation response.
const RESPONSE: u8 = 2;
/// Type of a negotiation failure.
const FAILURE: u8 = 3;
/// Failure: the server has TLS switched off.
const SSL_NOT_ALLOWED_BY_SERVER: u32 = 2;

/// Asks for TLS.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    clear.request(&CONNECTION_REQUEST).await?;
    let answer = answer(clear).await?;
    let protocol = clear.protocol();
    match answer.get(1).map(|code| code & 0xF0) {
        Some(CONFIRM) => {}
        Some(DISCONNECT) => return Err(refused(protocol, "the server answered with a disconnect request")),
        _ => return Err(foreign(protocol, &beginning(&answer))),
    }
    let negotiation = answer.get(FIXED_BYTES..).unwrap_or_default();
    let Some((&kind, rest)) = negotiation.split_first() else {
        return Err(absent(protocol, "standard RDP security only"));
    };
    let value = rest.get(3..7).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_le_bytes);
    match (kind, value) {
        (RESPONSE, Some(0)) => Err(absent(protocol, "the server chose standard RDP security")),
        (RESPONSE, Some(_)) => Ok(()),
        (FAILURE, Some(SSL_NOT_ALLOWED_BY_SERVER)) => Err(absent(protocol, "SSL_NOT_ALLOWED_BY_SERVER")),
        (FAILURE, Some(code)) => Err(refused(protocol, &format!("negotiation failure {code}"))),
        _ => Err(foreign(protocol, &beginning(&answer))),
    }
}

/// The X.224 part of the answer.
async fn answer(clear: &mut Clear<'_>) -> Result<Vec<u8>, ProbeError> {
    let mut position = 0;
    let header = clear
        .take("the connection confirm", |seen| {
            for (index, byte) in seen.iter().enumerate() {
                position += 1;
                match position {
                    1 if *byte != 3 => return Border::Foreign,
                    HEADER_BYTES => return Border::At(index + 1),
                    _ => {}
                }
            }
            Border::Further
        })
        .await?;
    let size = match header.as_slice() {
        [_, _, high, low] => usize::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    };
    if !(HEADER_BYTES + FIXED_BYTES..=ANSWER_BYTES_MAX).contains(&size) {
        return Err(foreign(clear.protocol(), &beginning(&header)));
    }
    clear.exact("the connection confirm", size - HEADER_BYTES).await
}
