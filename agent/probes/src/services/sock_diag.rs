//! Listening sockets as the kernel tells them, sock_diag(7): the only source that also tells `IPV6_V6ONLY`.

use std::net::IpAddr;

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP};
use netlink_packet_sock_diag::inet::nlas::Nla;
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, InetResponse, SocketId, StateFlags};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use netlink_sys::{Socket, SocketAddr};

/// Most sockets of one family and protocol that are read.
const SOCKETS_MAX: usize = 20_000;

/// Why the kernel did not tell its sockets.
#[derive(Debug, thiserror::Error)]
pub(super) enum SockDiagError {
    /// The question could not be put, or no answer came.
    #[error("ask the kernel for {family} {protocol} sockets: {source}")]
    Ask {
        /// `IPv4` or `IPv6`.
        family: &'static str,
        /// `tcp` or `udp`.
        protocol: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The answer does not have the form of the protocol.
    #[error("read the kernel's answer on {family} {protocol} sockets: {problem}")]
    Answer {
        /// `IPv4` or `IPv6`.
        family: &'static str,
        /// `tcp` or `udp`.
        protocol: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

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
    /// Number by which processes hold it.
    pub(super) inode: u32,
}

/// One question to the kernel.
struct Question {
    family: u8,
    family_name: &'static str,
    protocol: u8,
    protocol_name: &'static str,
}

const QUESTIONS: &[Question] = &[
    Question { family: AF_INET, family_name: "IPv4", protocol: IPPROTO_TCP, protocol_name: "tcp" },
    Question { family: AF_INET6, family_name: "IPv6", protocol: IPPROTO_TCP, protocol_name: "tcp" },
    Question { family: AF_INET, family_name: "IPv4", protocol: IPPROTO_UDP, protocol_name: "udp" },
    Question { family: AF_INET6, family_name: "IPv6", protocol: IPPROTO_UDP, protocol_name: "udp" },
];

/// Every TCP socket in state LISTEN and every UDP socket that is bound and has no peer, of this network namespace.
///
/// # Errors
/// [`SockDiagError`] names the question and why it has no answer. A kernel without IPv6 has no such sockets.
pub(super) fn listening() -> Result<Vec<BoundSocket>, SockDiagError> {
    let mut sockets = Vec::new();
    for question in QUESTIONS {
        question.ask(&mut sockets)?;
    }
    Ok(sockets)
}

impl Question {
    fn ask(&self, sockets: &mut Vec<BoundSocket>) -> Result<(), SockDiagError> {
        let failed = |source| SockDiagError::Ask { family: self.family_name, protocol: self.protocol_name, source };
        let mut socket = Socket::new(NETLINK_SOCK_DIAG).map_err(failed)?;
        socket.bind_auto().map_err(failed)?;
        socket.connect(&SocketAddr::new(0, 0)).map_err(failed)?;
        // The kernel answers within the call: an answer that is not there yet never comes.
        socket.set_non_blocking(true).map_err(failed)?;
        socket.send(&self.packet(), 0).map_err(failed)?;
        let limit = sockets.len() + SOCKETS_MAX;
        loop {
            let (datagram, _kernel) = socket.recv_from_full().map_err(failed)?;
            let finished = self.read_datagram(&datagram, sockets)?;
            if finished {
                return Ok(());
            }
            if sockets.len() > limit {
                return Err(self.wrong(format!("more than {SOCKETS_MAX} sockets")));
            }
        }
    }

    fn packet(&self) -> Vec<u8> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_DUMP;
        let request = InetRequest {
            family: self.family,
            protocol: self.protocol,
            extensions: ExtensionFlags::empty(),
            // An unconnected UDP socket has the state CLOSE.
            states: if self.protocol == IPPROTO_TCP { StateFlags::LISTEN } else { StateFlags::CLOSE },
            socket_id: if self.family == AF_INET { SocketId::new_v4() } else { SocketId::new_v6() },
        };
        let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        bytes
    }

    /// Reads the messages of one datagram; true when the answer is complete.
    fn read_datagram(&self, datagram: &[u8], sockets: &mut Vec<BoundSocket>) -> Result<bool, SockDiagError> {
        let mut rest = datagram;
        while !rest.is_empty() {
            let message =
                NetlinkMessage::<SockDiagMessage>::deserialize(rest).map_err(|error| self.wrong(error.to_string()))?;
            // Messages begin at multiples of four bytes (netlink(7), NLMSG_ALIGN).
            let length = (message.header.length as usize).next_multiple_of(4);
            match message.payload {
                NetlinkPayload::Done(_) => return Ok(true),
                NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
                    sockets.push(self.bound_socket(&response));
                }
                NetlinkPayload::Error(error) => return self.refused(&error),
                NetlinkPayload::Noop => {}
                // The crate may learn more kinds; none of them answers our question.
                NetlinkPayload::Overrun(_) | NetlinkPayload::InnerMessage(_) | _ => {
                    return Err(self.wrong("an unexpected message".to_owned()));
                }
            }
            if length == 0 {
                return Err(self.wrong("a message without a length".to_owned()));
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(false)
    }

    fn bound_socket(&self, response: &InetResponse) -> BoundSocket {
        let id = &response.header.socket_id;
        BoundSocket {
            protocol: self.protocol_name,
            address: id.source_address,
            port: id.source_port,
            only_ipv6: self.family == AF_INET6 && response.nlas.iter().any(|nla| matches!(nla, Nla::SkV6Only(true))),
            interface: id.interface_id,
            inode: response.header.inode,
        }
    }

    /// A kernel without IPv6 refuses the question on it with "no such file": then there are none.
    fn refused(&self, error: &netlink_packet_core::ErrorMessage) -> Result<bool, SockDiagError> {
        let source = error.to_io();
        if self.family == AF_INET6 && source.kind() == std::io::ErrorKind::NotFound {
            return Ok(true);
        }
        Err(SockDiagError::Ask { family: self.family_name, protocol: self.protocol_name, source })
    }

    fn wrong(&self, problem: String) -> SockDiagError {
        SockDiagError::Answer { family: self.family_name, protocol: self.protocol_name, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_breaks_the_form_is_an_error_and_no_panic() {
        let question = &QUESTIONS[0];
        let whole = question.packet();
        for length in 1..whole.len() {
            let outcome = question.read_datagram(&whole[..length], &mut Vec::new());
            assert!(outcome.is_err(), "{length} bytes of a message");
        }
        assert!(question.read_datagram(&[0; 64], &mut Vec::new()).is_err());
        assert!(question.read_datagram(&[0xff; 64], &mut Vec::new()).is_err());
    }
}
