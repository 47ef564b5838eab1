//! Listening sockets as the kernel tells them, sock_diag(7): the only source that also tells `IPV6_V6ONLY`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::netlink::{Attributes, Malformed, NETLINK_SOCK_DIAG, NetlinkError, Table, number_at};

/// Most sockets of one family and protocol that are read.
const SOCKETS_MAX: usize = 65_536;

/// Kind of the question and of its answers (`SOCK_DIAG_BY_FAMILY`).
const BY_FAMILY: u16 = 20;
const FAMILY_UNIX: u8 = 1;
const FAMILY_IPV4: u8 = 2;
const FAMILY_IPV6: u8 = 10;
const PROTOCOL_TCP: u8 = 6;
const PROTOCOL_UDP: u8 = 17;
/// States of sockets as bits (`1 << TCP_LISTEN`, `1 << TCP_CLOSE`): an unconnected UDP socket is closed.
const STATES_LISTEN: u32 = 1 << 10;
const STATES_CLOSE: u32 = 1 << 7;
/// Bytes of `inet_diag_msg` and of `unix_diag_msg`, after which the attributes begin.
const INET_HEAD_BYTES: usize = 72;
const UNIX_HEAD_BYTES: usize = 16;
/// Attributes: `INET_DIAG_SKV6ONLY`, `UNIX_DIAG_NAME`.
const ATTRIBUTE_ONLY_IPV6: u16 = 11;
const ATTRIBUTE_UNIX_NAME: u16 = 0;
/// Ask for the name of a Unix socket (`UDIAG_SHOW_NAME`).
const SHOW_NAME: u32 = 1;

/// One socket that waits for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BoundSocket {
    /// `tcp` or `udp`.
    pub(super) protocol: &'static str,
    /// Bound address.
    pub(super) address: IpAddr,
    /// Bound port.
    pub(super) port: u16,
    /// Whether it is an IPv6 socket that does not also answer IPv4.
    pub(super) only_ipv6: bool,
    /// Number of the network interface it is bound to; 0 for none.
    pub(super) interface: u32,
    /// Number by which processes hold it; no two sockets of a host have the same.
    pub(super) inode: u32,
}

/// One Unix socket that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BoundUnixSocket {
    /// Its name as the kernel keeps it: a path, or a zero and a name in the abstract name space.
    pub(super) name: Vec<u8>,
    /// `stream` or `seqpacket`.
    pub(super) kind: &'static str,
    /// Number by which processes hold it.
    pub(super) inode: u32,
}

const QUESTIONS: &[(&str, u8, &str, u8)] = &[
    ("IPv4 tcp sockets", FAMILY_IPV4, "tcp", PROTOCOL_TCP),
    ("IPv6 tcp sockets", FAMILY_IPV6, "tcp", PROTOCOL_TCP),
    ("IPv4 udp sockets", FAMILY_IPV4, "udp", PROTOCOL_UDP),
    ("IPv6 udp sockets", FAMILY_IPV6, "udp", PROTOCOL_UDP),
];

/// Every TCP socket in state LISTEN and every UDP socket that is bound and has no peer, of the caller's network namespace.
///
/// # Errors
/// [`NetlinkError`] names the question and why it has no answer. A kernel without IPv6 has no such sockets.
pub(super) fn listening() -> Result<Vec<BoundSocket>, NetlinkError> {
    let mut sockets = Vec::new();
    for (what, family, protocol_name, protocol) in QUESTIONS {
        let states = if *protocol == PROTOCOL_TCP { STATES_LISTEN } else { STATES_CLOSE };
        let mut body = vec![*family, *protocol, 0, 0];
        body.extend(states.to_ne_bytes());
        body.resize(56, 0); // any address and port
        let table = Table { what, protocol: NETLINK_SOCK_DIAG, kind: BY_FAMILY, body: &body, rows_max: SOCKETS_MAX };
        match table.dump(|row| inet_socket(row, protocol_name).map(Some)) {
            Ok(rows) => sockets.extend(rows),
            Err(NetlinkError::Ask { source, .. })
                if *family == FAMILY_IPV6 && source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sockets)
}

/// Every Unix socket that listens, of the caller's network namespace.
///
/// # Errors
/// [`NetlinkError`] says why there is no answer.
pub(super) fn listening_unix() -> Result<Vec<BoundUnixSocket>, NetlinkError> {
    let mut body = vec![FAMILY_UNIX, 0, 0, 0];
    body.extend(STATES_LISTEN.to_ne_bytes());
    body.extend(0_u32.to_ne_bytes());
    body.extend(SHOW_NAME.to_ne_bytes());
    body.extend([0; 8]);
    let what = "Unix sockets";
    let table = Table { what, protocol: NETLINK_SOCK_DIAG, kind: BY_FAMILY, body: &body, rows_max: SOCKETS_MAX };
    table.dump(unix_socket)
}

/// Reads any bytes as the answers of the kernel on sockets: nothing of them may break the reader. For fuzzing.
pub(super) fn fuzz(bytes: &[u8]) {
    let _inet = inet_socket(bytes, "tcp");
    let _unix = unix_socket(bytes);
}

/// Reads `inet_diag_msg` and its attributes.
fn inet_socket(body: &[u8], protocol: &'static str) -> Result<BoundSocket, Malformed> {
    const SHORT: Malformed = Malformed("a socket without an address");
    let family = body.first().copied().ok_or(SHORT)?;
    let address = if family == FAMILY_IPV4 {
        number_at::<4>(body, 8).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)))
    } else {
        number_at::<16>(body, 8).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)))
    };
    let attributes = Attributes::after(body, INET_HEAD_BYTES)?;
    Ok(BoundSocket {
        protocol,
        address: address.ok_or(SHORT)?,
        port: number_at(body, 4).map(u16::from_be_bytes).ok_or(SHORT)?,
        only_ipv6: attributes.find(ATTRIBUTE_ONLY_IPV6)?.is_some_and(|value| value.first() == Some(&1)),
        interface: number_at(body, 40).map(u32::from_ne_bytes).ok_or(SHORT)?,
        inode: number_at(body, 68).map(u32::from_ne_bytes).ok_or(SHORT)?,
    })
}

/// Reads `unix_diag_msg` and its attributes. A kernel that does not filter by state tells sockets of every state.
fn unix_socket(body: &[u8]) -> Result<Option<BoundUnixSocket>, Malformed> {
    const SHORT: Malformed = Malformed("a Unix socket without a number");
    let kind = match body.get(1) {
        Some(1) => "stream",
        Some(5) => "seqpacket",
        // A datagram socket has no state in which it listens.
        _ => return Ok(None),
    };
    let is_listening = body.get(2).is_some_and(|state| STATES_LISTEN >> (state & 31) == 1);
    let inode = number_at(body, 4).map(u32::from_ne_bytes).ok_or(SHORT)?;
    let name = Attributes::after(body, UNIX_HEAD_BYTES)?.find(ATTRIBUTE_UNIX_NAME)?;
    Ok(is_listening.then(|| BoundUnixSocket { name: name.unwrap_or_default().to_vec(), kind, inode }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_is_an_error_and_no_panic() {
        let mut body = vec![FAMILY_IPV6, 10, 0, 0, 0x1f, 0x90];
        body.resize(INET_HEAD_BYTES, 0);
        body.extend([5, 0, 11, 0, 1, 0, 0, 0]);
        let socket = inet_socket(&body, "tcp").expect("a socket");
        assert_eq!((socket.port, socket.only_ipv6, socket.address.to_string().as_str()), (8080, true, "::"));
        for length in 0..INET_HEAD_BYTES {
            assert!(inet_socket(&body[..length], "tcp").is_err(), "{length} bytes of a socket");
        }
    }

    #[test]
    fn only_unix_sockets_that_listen_are_kept() {
        let socket = |kind: u8, state: u8| {
            let mut body = vec![FAMILY_UNIX, kind, state, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            body.extend([8, 0, 0, 0, 0, b'a', b'b', b'c']);
            unix_socket(&body).expect("a socket")
        };
        let seen = socket(1, 10).expect("a listening one");
        assert_eq!((seen.name.as_slice(), seen.kind, seen.inode), (&b"\0abc"[..], "stream", 7));
        assert_eq!(socket(5, 10).map(|seen| seen.kind), Some("seqpacket"));
        assert_eq!((socket(1, 1), socket(2, 10), socket(1, 7)), (None, None, None));
    }
}
