//! SMTP (RFC 3207) and LMTP (RFC 2033, which takes the same extension).

use vedetta_checks::catalogue::ProbeError;

use super::clear::Clear;
use super::reply::{Lines, Reply, read};
use super::{absent, refused};

/// Greets with `verb` and `name`, and asks for TLS if it is listed.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>, verb: &str, name: &str) -> Result<(), ProbeError> {
    let greeting = read(clear, "the greeting", Lines::Coded).await?;
    if !greeting.is_positive() {
        // 421 and 554: the service is there and turns this visitor away (RFC 5321 section 3.1).
        return Err(refused(clear.protocol(), &greeting.said()));
    }
    let mut extensions = hello(clear, verb, name).await?;
    if is_about_the_name(extensions.code)
        && let Some(address) = clear.own_address()
    {
        // A server that dislikes the name takes the address of this end (RFC 5321 section 4.1.3).
        let literal = if address.is_ipv6() { format!("[IPv6:{address}]") } else { format!("[{address}]") };
        extensions = hello(clear, verb, &literal).await?;
    }
    if matches!(extensions.code, 500 | 502) {
        return Err(absent(clear.protocol(), &format!("no extensions at all: {}", extensions.said())));
    }
    if !extensions.is_positive() {
        return Err(refused(clear.protocol(), &extensions.said()));
    }
    if !extensions.lists("STARTTLS") {
        return Err(absent(clear.protocol(), &format!("STARTTLS is not among its extensions: {}", extensions.said())));
    }
    clear.request(b"STARTTLS\r\n").await?;
    let answer = read(clear, "the answer to STARTTLS", Lines::Coded).await?;
    if answer.is_positive() { Ok(()) } else { Err(refused(clear.protocol(), &answer.said())) }
}

async fn hello(clear: &mut Clear<'_>, verb: &str, name: &str) -> Result<Reply, ProbeError> {
    clear.send(format!("{verb} {name}\r\n").as_bytes()).await?;
    read(clear, "its extensions", Lines::Coded).await
}

/// Codes with which servers refuse the name in the greeting.
const fn is_about_the_name(code: u16) -> bool {
    matches!(code, 501 | 504 | 550 | 553)
}
