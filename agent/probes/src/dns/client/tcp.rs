//! Questions over TCP (RFC 7766): each on a connection of its own.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::question::{self, Question};
use super::wire::{self, Parsed};

/// Most messages that are read past before the one that answers.
const STRANGERS_MAX: usize = 4;

/// Opens a connection.
pub(super) async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends a question and reads its answer.
pub(super) async fn converse(stream: &mut TcpStream, question: &Question, edns: bool) -> io::Result<Parsed> {
    let id = question::number();
    send(stream, &question.bytes(id, edns)?).await?;
    for _ in 0..STRANGERS_MAX {
        let parsed = receive(stream).await?;
        if question.is_answered_by(&parsed.message, id) {
            return Ok(parsed);
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "answers to other questions only"))
}

/// Sends one message with its length before it (RFC 1035 section 4.2.2).
pub(super) async fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let mut framed = length.to_be_bytes().to_vec();
    framed.extend_from_slice(message);
    stream.write_all(&framed).await
}

/// Reads one message.
pub(super) async fn receive(stream: &mut TcpStream) -> io::Result<Parsed> {
    let length = usize::from(stream.read_u16().await?);
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await?;
    wire::parse(&message).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
