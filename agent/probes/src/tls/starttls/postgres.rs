//! PostgreSQL: SSLRequest (PostgreSQL's manual, "Message Flow", section "SSL Session Encryption").

use vedetta_checks::catalogue::ProbeError;

use super::clear::{Clear, beginning};
use super::{absent, foreign, refused};

/// Length 8, then the code 80877103 in the place of a protocol version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];
/// Longest error message that is read, in bytes.
const ERROR_BYTES_MAX: usize = 4096;
/// The beginning of what servers say that are older than TLS in PostgreSQL.
const TOO_OLD: &str = "unsupported frontend protocol";

/// Asks for TLS; the answer is one byte.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    clear.request(&SSL_REQUEST).await?;
    match clear.exact("the answer to SSLRequest", 1).await?.as_slice() {
        b"S" => Ok(()),
        b"N" => Err(absent(clear.protocol(), "the server answered N to SSLRequest")),
        b"E" => {
            let message = error_message(clear).await;
            let judged = if message.to_ascii_lowercase().contains(TOO_OLD) { absent } else { refused };
            Err(judged(clear.protocol(), &message))
        }
        other => Err(foreign(clear.protocol(), &beginning(other))),
    }
}

/// What an ErrorResponse says; as much of it as can be read.
async fn error_message(clear: &mut Clear<'_>) -> String {
    let mut message = Vec::new();
    // Today's form has a length first, which begins with a zero; the oldest is text up to a zero.
    let head = clear.exact("the error message", 4).await.unwrap_or_default();
    if let Ok(&[0, 0, high, low]) = <&[u8; 4]>::try_from(head.as_slice()) {
        let size = usize::from(u16::from_be_bytes([high, low])).saturating_sub(4).min(ERROR_BYTES_MAX);
        message = clear.exact("the error message", size).await.unwrap_or_default();
    } else {
        message.extend(head);
        while message.len() < ERROR_BYTES_MAX {
            match clear.exact("the error message", 1).await.as_deref() {
                Ok([0]) | Err(_) => break,
                Ok(byte) => message.extend(byte),
            }
        }
    }
    let fields = message.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    fields.filter(|field| !field.is_empty()).collect::<Vec<_>>().join(" ")
}
