//! A relay before a real server that counts connections, and breaks what clumsy devices on the way break.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longest silence of either side.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// Bytes that are copied at once.
const PIECE_BYTES: usize = 16 * 1024;
/// Bytes of a record's header (RFC 8446 section 5.1).
const RECORD_HEADER_BYTES: usize = 5;
/// Record type of the handshake.
const HANDSHAKE: u8 = 22;
/// Bytes of ClientHello before its session id, the handshake's header included.
const BEFORE_SESSION_BYTES: usize = 4 + 2 + 32;
/// Extension `supported_versions` (RFC 8446 section 4.2.1).
pub const SUPPORTED_VERSIONS: u16 = 43;

/// What the relay does to a connection.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// Nothing.
    Faithful,
    /// Hangs up on a ClientHello of more bytes than this, the record's header included.
    HangsUpAbove(usize),
    /// Hangs up on a ClientHello with this extension.
    HangsUpAtExtension(u16),
    /// Hangs up on a ClientHello with a reserved suite or extension (RFC 8701).
    HangsUpAtGrease,
    /// Hangs up on a ClientHello whose own version is newer.
    HangsUpAboveVersion(u16),
    /// Sends the server's plaintext handshake on in records of one byte.
    OneByteARecord,
}

/// A running relay; it ends when dropped.
pub struct Relay {
    /// Its port on 127.0.0.1.
    pub port: u16,
    connections: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Starts a relay to a port of 127.0.0.1.
    pub fn to(server: u16, manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, end) = (Arc::clone(&connections), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                count.fetch_add(1, Ordering::SeqCst);
                // Whoever hangs up ends the connection; that is no failure of the relay.
                std::thread::spawn(move || drop(relay(client, server, manner)));
            }
        });
        Self { port, connections, ended, thread: Some(thread) }
    }

    /// Connections that were opened so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn relay(mut client: TcpStream, server: u16, manner: Manner) -> std::io::Result<()> {
    client.set_read_timeout(Some(SILENCE_MAX))?;
    client.set_nodelay(true)?;
    let hello = first_record(&mut client)?;
    if hangs_up(&hello, manner) {
        return client.shutdown(Shutdown::Both);
    }
    let mut server = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, server)))?;
    server.set_read_timeout(Some(SILENCE_MAX))?;
    server.set_nodelay(true)?;
    server.write_all(&hello)?;
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let upwards = std::thread::spawn(move || copy(from_client, to_server));
    if let Manner::OneByteARecord = manner {
        // An answer that breaks off mid-record has ended the connection.
        let _broken_off = in_single_bytes(&mut server, &mut client);
        let _gone = client.shutdown(Shutdown::Write);
    } else {
        copy(server, client);
    }
    upwards.join().unwrap();
    Ok(())
}

/// The first record; what does not begin like one (SSL 2.0, clear text) is taken as it came.
fn first_record(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; PIECE_BYTES];
    let read = client.read(&mut bytes)?;
    bytes.truncate(read);
    while let [HANDSHAKE, _, _, high, low, ..] = bytes.as_slice() {
        let whole = RECORD_HEADER_BYTES + usize::from(u16::from_be_bytes([*high, *low]));
        if bytes.len() >= whole {
            break;
        }
        let mut more = vec![0; whole - bytes.len()];
        client.read_exact(&mut more)?;
        bytes.extend(more);
    }
    Ok(bytes)
}

fn hangs_up(record: &[u8], manner: Manner) -> bool {
    let Some(hello) = Hello::read(record) else { return false };
    match manner {
        Manner::Faithful | Manner::OneByteARecord => false,
        Manner::HangsUpAbove(bytes) => record.len() > bytes,
        Manner::HangsUpAtExtension(number) => hello.extensions.contains(&number),
        Manner::HangsUpAtGrease => hello.suites.iter().chain(&hello.extensions).any(|number| grease(*number)),
        Manner::HangsUpAboveVersion(newest) => hello.version > newest,
    }
}

/// The reserved numbers 0x0A0A, 0x1A1A ... 0xFAFA (RFC 8701 section 2).
fn grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// What a ClientHello says, as far as the relay cares.
struct Hello {
    version: u16,
    suites: Vec<u16>,
    extensions: Vec<u16>,
}

impl Hello {
    /// RFC 8446 section 4.1.2.
    fn read(record: &[u8]) -> Option<Self> {
        let message = record.get(RECORD_HEADER_BYTES..).filter(|message| message.first() == Some(&1))?;
        let version = u16::from_be_bytes([*message.get(4)?, *message.get(5)?]);
        let rest = message.get(BEFORE_SESSION_BYTES..)?;
        let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
        let (suites, rest) = listed(rest)?;
        let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
        let suites = suites.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let mut extensions = Vec::new();
        let mut left = listed(rest).map_or(&[][..], |(extensions, _)| extensions);
        while let [high, low, body @ ..] = left {
            extensions.push(u16::from_be_bytes([*high, *low]));
            left = listed(body)?.1;
        }
        Some(Self { version, suites, extensions })
    }
}

/// A list behind its length of two bytes, and what follows it.
fn listed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes([*bytes.first()?, *bytes.get(1)?]));
    bytes.get(2..)?.split_at_checked(length)
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    // The other side may be gone already.
    let _gone = to.shutdown(Shutdown::Write);
}

/// Sends every plaintext handshake record on byte by byte, and every other record as it is.
fn in_single_bytes(from: &mut TcpStream, to: &mut TcpStream) -> std::io::Result<()> {
    let mut in_clear = true;
    loop {
        let mut header = [0; RECORD_HEADER_BYTES];
        from.read_exact(&mut header)?;
        let [kind, major, minor, high, low] = header;
        let mut body = vec![0; usize::from(u16::from_be_bytes([high, low]))];
        from.read_exact(&mut body)?;
        // After ChangeCipherSpec the bytes are ciphertext, which nobody may cut.
        in_clear &= kind == HANDSHAKE;
        let sent: Vec<u8> = if in_clear {
            body.iter().flat_map(|byte| [kind, major, minor, 0, 1, *byte]).collect()
        } else {
            header.into_iter().chain(body).collect()
        };
        to.write_all(&sent)?;
    }
}
