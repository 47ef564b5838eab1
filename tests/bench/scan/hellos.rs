//! The raw limit: bare exchanges of hellos, with nothing decided in between.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use vedetta_tests::rig::keys::NAME;

use super::tools::Report;

/// Connections at the same time, for each row of the limit.
pub(super) const AT_ONCE: [usize; 2] = [1, 8];
/// Longest wait for a server on loopback.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// A suite that no server has: one of those that stay unassigned (RFC 8701).
const NO_SUITE: u16 = 0x0A0A;
/// TLS 1.2 and 1.3, as numbers.
const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;

/// What a round took.
pub(super) struct Bare {
    /// In seconds.
    pub(super) wall: f64,
    /// How many hellos were exchanged.
    pub(super) exchanges: usize,
}

/// Exchanges one hello for each suite that was found, and one that is refused for each version, accepted or not.
pub(super) fn exchange(port: u16, found: &Report, at_once: usize) -> anyhow::Result<Bare> {
    let hellos = every_hello(found)?;
    let exchanges = hellos.len();
    let waiting = Mutex::new(hellos.into_iter());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let started = Instant::now();
    std::thread::scope(|scope| {
        let one = || -> anyhow::Result<()> {
            while let Some(hello) = next() {
                say(port, &hello)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(one)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("an exchange broke off")))
    })?;
    Ok(Bare { wall: started.elapsed().as_secs_f64(), exchanges })
}

fn every_hello(found: &Report) -> anyhow::Result<Vec<Vec<u8>>> {
    let versions =
        [("SSLv3", 0x0300), ("TLSv1.0", 0x0301), ("TLSv1.1", 0x0302), ("TLSv1.2", TLS_1_2), ("TLSv1.3", TLS_1_3)];
    let mut hellos = Vec::new();
    for (name, version) in versions {
        for id in found.0.get(name).into_iter().flatten() {
            let digits = id.strip_prefix("0x").with_context(|| format!("no suite: {id}"))?;
            hellos.push(client_hello(version, u16::from_str_radix(digits, 16)?));
        }
        hellos.push(client_hello(version, NO_SUITE));
    }
    Ok(hellos)
}

/// A ClientHello with one suite (RFC 8446 section 4.1.2), without a key share, so that TLS 1.3 costs no key.
fn client_hello(version: u16, suite: u16) -> Vec<u8> {
    let name = NAME.as_bytes();
    let mut extensions = Vec::new();
    let mut extension = |kind: u16, body: Vec<u8>| {
        extensions.extend(kind.to_be_bytes());
        extensions.extend(short(&body));
    };
    let server_name = [&[0][..], &short(name)].concat();
    extension(0, short(&server_name));
    // x25519, secp256r1, secp384r1.
    extension(10, short(&[0, 29, 0, 23, 0, 24]));
    extension(11, vec![1, 0]);
    // RSA-PSS and PKCS#1 with SHA-256, ECDSA, PKCS#1 with SHA-1.
    extension(13, short(&[8, 4, 4, 1, 4, 3, 2, 1]));
    if version == TLS_1_3 {
        extension(43, vec![2, 3, 4]);
        extension(51, short(&[]));
    }
    let mut body = version.min(TLS_1_2).to_be_bytes().to_vec();
    body.extend([0x5a; 32]);
    body.push(0);
    body.extend(short(&suite.to_be_bytes()));
    body.extend([1, 0]);
    body.extend(short(&extensions));
    let mut message = vec![1, 0];
    message.extend(short(&body));
    let mut record = vec![22, 3, u8::from(version > 0x0300)];
    record.extend(short(&message));
    record
}

/// Bytes behind their length of two bytes; none here is longer.
fn short(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

/// Says a hello, and listens until the server has said its last in clear text.
fn say(port: u16, hello: &[u8]) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, WAIT_MAX).context("connecting for a bare hello")?;
    stream.set_read_timeout(Some(WAIT_MAX))?;
    stream.set_nodelay(true)?;
    stream.write_all(hello)?;
    let mut said = Vec::new();
    let mut piece = [0; 4096];
    while !is_over(&said) {
        // A server that refuses without a word has said all, too.
        match stream.read(&mut piece) {
            Ok(read @ 1..) => said.extend(piece.get(..read).unwrap_or_default()),
            Ok(_) => break,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => return Err(error).context("waiting for the answer to a bare hello"),
        }
    }
    Ok(())
}

/// Whether an alert, ServerHelloDone or a hello of TLS 1.3 has come as a whole.
fn is_over(said: &[u8]) -> bool {
    let (mut records, mut messages) = (said, Vec::new());
    while let [kind, _, _, high, low, rest @ ..] = records {
        let Some((content, further)) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low]))) else {
            break;
        };
        match kind {
            22 => messages.extend_from_slice(content),
            _ => return true,
        }
        records = further;
    }
    let mut left = messages.as_slice();
    while let [kind, _, high, low, rest @ ..] = left {
        let Some((body, further)) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low]))) else {
            break;
        };
        // ServerHelloDone, or a ServerHello that names TLS 1.3 among its extensions.
        if *kind == 14 || (*kind == 2 && body.windows(6).any(|window| window == [0, 43, 0, 2, 3, 4])) {
            return true;
        }
        left = further;
    }
    false
}
