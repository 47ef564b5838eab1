//! MySQL and MariaDB: the server greets, the client answers with an SSLRequest, and TLS begins without a reply
//! (MySQL Internals, "Connection Phase Packets": `Protocol::HandshakeV10`, `Protocol::SSLRequest`).

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

use super::clear::{Border, Clear, beginning};
use super::{STAGE, absent, foreign, refused};

/// Longest packet before TLS, in bytes; greetings have about 100.
const PACKET_BYTES_MAX: usize = 4096;
/// First byte of a greeting.
const VERSION_10: u8 = 10;
/// First byte of the greeting of servers before 3.21, which have no TLS.
const VERSION_9: u8 = 9;
/// First byte of an error packet.
const ERROR: u8 = 0xFF;
/// The server, or the client, can turn to TLS.
const CLIENT_SSL: u32 = 1 << 11;
/// What the client says of itself: `LONG_PASSWORD`, `PROTOCOL_41`, `SSL`, `TRANSACTIONS`, `SECURE_CONNECTION`, `PLUGIN_AUTH`.
const CLIENT_CAPABILITIES: u32 = 1 | 1 << 9 | CLIENT_SSL | 1 << 13 | 1 << 15 | 1 << 19;
/// Longest packet that the client takes, in bytes.
const CLIENT_PACKET_BYTES_MAX: u32 = 1 << 24;
/// Character set of a server that names none: utf8.
const UTF8: u8 = 33;

/// What matters of a greeting.
#[derive(Debug, PartialEq, Eq)]
struct Greeting {
    capabilities: u32,
    charset: u8,
}

/// Reads the greeting and asks for TLS if the server can.
///
/// # Errors
/// See [`super::upgrade`]. A refusal comes in the place of TLS, see [`refusal`].
pub(super) async fn turn(clear: &mut Clear<'_>) -> Result<(), ProbeError> {
    let (sequence, packet) = packet(clear, "the greeting").await?;
    match packet.first() {
        Some(&VERSION_10) => {}
        Some(&VERSION_9) => return Err(absent(clear.protocol(), "a greeting of version 9")),
        Some(&ERROR) => return Err(refused(clear.protocol(), &error_text(&packet))),
        _ => return Err(foreign(clear.protocol(), &beginning(&packet))),
    }
    let Some(greeting) = parse(&packet) else { return Err(foreign(clear.protocol(), &beginning(&packet))) };
    if greeting.capabilities & CLIENT_SSL == 0 {
        return Err(absent(clear.protocol(), "its greeting is without CLIENT_SSL"));
    }
    let mut request = vec![32, 0, 0, sequence.wrapping_add(1)];
    request.extend((CLIENT_CAPABILITIES & (greeting.capabilities | 1)).to_le_bytes());
    request.extend(CLIENT_PACKET_BYTES_MAX.to_le_bytes());
    request.push(greeting.charset);
    request.extend([0; 23]);
    clear.request(&request).await
}

/// The error packet that a server sends after the SSLRequest, if it sends one.
pub(super) async fn refusal(clear: &mut Clear<'_>) -> Option<ProbeError> {
    match packet(clear, "a refusal").await {
        Ok((_, packet)) if packet.first() == Some(&ERROR) => Some(refused(clear.protocol(), &error_text(&packet))),
        Ok((_, packet)) => Some(foreign(clear.protocol(), &beginning(&packet))),
        Err(error) if error.reason == Reason::TIMEOUT => None,
        Err(error) => Some(error),
    }
}

/// One packet with its number.
async fn packet(clear: &mut Clear<'_>, what: &str) -> Result<(u8, Vec<u8>), ProbeError> {
    let mut position = 0;
    // The first packet of a conversation is small and bears number 0 or, after the request, a small one: text and TLS
    // differ from that within four bytes.
    let head = clear
        .take(what, |seen| {
            for (index, byte) in seen.iter().enumerate() {
                position += 1;
                let fits = match position {
                    2 => usize::from(*byte) < PACKET_BYTES_MAX / 256,
                    3 => *byte == 0,
                    4 => {
                        return if *byte <= 3 { Border::At(index + 1) } else { Border::Foreign };
                    }
                    _ => true,
                };
                if !fits {
                    return Border::Foreign;
                }
            }
            Border::Further
        })
        .await?;
    let Ok(&[low, middle, _, sequence]) = <&[u8; 4]>::try_from(head.as_slice()) else {
        return Err(ProbeError::new(STAGE, Reason::NOT_THE_PROTOCOL, beginning(&head)));
    };
    let size = usize::from(u16::from_le_bytes([low, middle]));
    Ok((sequence, clear.exact(what, size).await?))
}

/// Reads version, thread, salt and filler over, to the capabilities and the character set.
fn parse(packet: &[u8]) -> Option<Greeting> {
    let version_end = packet.iter().skip(1).position(|byte| *byte == 0)? + 1;
    // Zero after the version, 4 bytes of thread, 8 of salt, 1 of filler.
    let rest = packet.get(version_end + 1 + 4 + 8 + 1..)?;
    let (&low, rest) = rest.split_first_chunk::<2>()?;
    let low = u32::from(u16::from_le_bytes(low));
    let Some((&charset, rest)) = rest.split_first() else { return Some(Greeting { capabilities: low, charset: UTF8 }) };
    // Two bytes of status, then the upper half.
    let high = rest.get(2..4).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok()).map_or(0, u16::from_le_bytes);
    Some(Greeting { capabilities: low | u32::from(high) << 16, charset })
}

/// Number and text of an error packet.
fn error_text(packet: &[u8]) -> String {
    let number = packet.get(1..3).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok()).map_or(0, u16::from_le_bytes);
    format!("error {number}: {}", String::from_utf8_lossy(packet.get(3..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_and_charset_stand_behind_the_salt() {
        let mut packet = b"\x0a8.0.36\0\x01\0\0\0saltsalt\0".to_vec();
        packet.extend([0xFF, 0xFF, 0x2D, 2, 0, 0x0F, 0x80]);
        assert_eq!(parse(&packet), Some(Greeting { capabilities: 0x800F_FFFF, charset: 0x2D }));
        for end in 0..23 {
            assert_eq!(parse(&packet[..end]), None, "{end} bytes");
        }
    }
}
