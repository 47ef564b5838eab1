//! FTP (RFC 4217): `AUTH TLS`, then the old `AUTH SSL`; whether a refusal means "never" is told by FEAT (RFC 2389).

use std::time::Duration;

use vedetta_checks::catalogue::ProbeError;

use super::clear::Clear;
use super::reply::{Lines, Reply, first_word_is, read};
use super::{absent, refused};

/// Longest wait for the list of features after a refusal.
const FEATURES_TIME_MAX: Duration = Duration::from_secs(2);
/// "Security data exchange complete" (RFC 2228 section 5): TLS may begin.
const AGREED: u16 = 234;

/// Asks for TLS.
///
/// # Errors
/// See [`super::upgrade`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    let mut greeting = read(clear, "the greeting", Lines::Framed).await?;
    if greeting.code == 120 {
        // "Service ready in a moment": the real greeting follows (RFC 959 section 5.4).
        greeting = read(clear, "the greeting", Lines::Framed).await?;
    }
    if !greeting.is_positive() {
        return Err(refused(clear.protocol(), &greeting.said()));
    }
    let answer = ask(clear, b"AUTH TLS\r\n").await?;
    if answer.code == AGREED {
        return Ok(());
    }
    if is_unknown(answer.code) && !clear.has_stowaway() && ask(clear, b"AUTH SSL\r\n").await?.code == AGREED {
        return Ok(());
    }
    let listed = match answer.code / 100 {
        5 => tokio::time::timeout(FEATURES_TIME_MAX, lists_tls(clear)).await.ok().and_then(Result::ok).flatten(),
        // A refusal for the moment.
        _ => Some(true),
    };
    let never = match listed {
        Some(listed) => !listed,
        None => is_unknown(answer.code) || answer.code == 530,
    };
    Err(if never { absent(clear.protocol(), &answer.said()) } else { refused(clear.protocol(), &answer.said()) })
}

async fn ask(clear: &mut Clear<'_>, request: &[u8]) -> Result<Reply, ProbeError> {
    clear.request(request).await?;
    read(clear, "the answer to AUTH", Lines::Framed).await
}

/// Codes of a server that does not know the command or its argument.
const fn is_unknown(code: u16) -> bool {
    matches!(code, 500 | 501 | 502 | 504)
}

/// Whether TLS stands among the features; `None` when the server gives no list.
async fn lists_tls(clear: &mut Clear<'_>) -> Result<Option<bool>, ProbeError> {
    clear.send(b"FEAT\r\n").await?;
    let features = read(clear, "its features", Lines::Framed).await?;
    let is_auth = |line: &String| {
        let line = line.to_ascii_uppercase();
        first_word_is(&line, "AUTH") && (line.contains("TLS") || line.contains("SSL"))
    };
    Ok((features.code == 211).then(|| features.lines.iter().any(is_auth)))
}
