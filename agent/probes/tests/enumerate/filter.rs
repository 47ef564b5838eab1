//! A listener before a real server that treats hellos as servers and boxes in the field do: what it does not bear it
//! hangs up on, the rest it passes on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the listener does not bear, or does to answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Hangs up on a hello longer than this, in bytes with the header of its record.
    HangUpAbove(usize),
    /// Lets a client with a hello longer than this wait.
    SilentAbove(usize),
    /// Hangs up on a hello with this extension.
    HangUpOnExtension(u16),
    /// Hangs up on a hello with any extension.
    HangUpOnAnyExtension,
    /// Hangs up on a hello with a suite or extension of RFC 8701.
    HangUpOnGrease,
    /// Answers a hello without server name by the alert `unrecognized_name`.
    NeedsName,
    /// Answers a hello with server name by the alert `unrecognized_name`.
    RefusesName,
    /// Answers a hello that offers application protocols without `http/1.1` by the alert `no_application_protocol`.
    NeedsHttp11,
    /// Hangs up on a hello of this version.
    HangUpOnVersion(u16),
    /// Closes every connection whose number can be divided by this.
    CloseEvery(usize),
    /// Passes each byte of a handshake in a record of its own.
    OneByteARecord,
    /// Passes alerts as a closed connection.
    CloseForAlert,
    /// Sends the alert `internal_error` where the server picks this suite.
    FailsOnSuite(u16),
    /// Puts the warning `unrecognized_name` before the answer.
    WarnsFirst,
    /// Waits for ever where the server sends an alert.
    SilentForAlert,
    /// Waits for ever on the hello of TLS 1.3 with this number, counted from 1.
    SilentOnModern(usize),
    /// Hangs up on the hello of TLS 1.3 with this number, counted from 1.
    HangUpOnModern(usize),
    /// Hangs up on a hello with this suite.
    HangUpOnSuite(u16),
    /// Hangs up on a hello with this suite, and on everybody from then on.
    DiesOnSuite(u16),
    /// Answers hellos of SSL 2.0 from the second on with a SERVER-HELLO that lists no kind; hangs up on the first.
    Ssl2FromSecond,
    /// Passes hellos without server name to another server.
    NamelessTo(SocketAddr),
}

/// A SERVER-HELLO of SSL 2.0 with neither certificate nor kinds, and a connection id of two bytes.
pub(crate) const SSL2_WITHOUT_KINDS: &[u8] = b"\x80\x0d\x04\x00\x01\x00\x02\x00\x00\x00\x00\x00\x02\x09\x09";

/// What the connections of one listener know of each other.
#[derive(Debug, Default)]
struct Past {
    /// Hellos of TLS 1.3 so far.
    moderns: AtomicUsize,
    /// Hellos of SSL 2.0 so far.
    ssl2: AtomicUsize,
    dead: AtomicBool,
}

/// Starts to listen before `server`; gives the address and the number of connections so far.
pub(crate) async fn before(server: SocketAddr, rules: &'static [Rule]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let past = Arc::new(Past::default());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
            tokio::spawn(pass(client, server, rules, number, Arc::clone(&past)));
        }
    });
    (address, count)
}

async fn pass(mut client: TcpStream, server: SocketAddr, rules: &[Rule], number: usize, past: Arc<Past>) {
    let closes = |rule: &Rule| matches!(rule, Rule::CloseEvery(every) if number.is_multiple_of(*every));
    if rules.iter().any(closes) {
        return;
    }
    let Some(hello) = record(&mut client).await else { return };
    let modern = extensions(&hello).contains(&43).then(|| past.moderns.fetch_add(1, Ordering::Relaxed) + 1);
    let dies = |rule: &Rule| matches!(rule, Rule::DiesOnSuite(suite) if suites(&hello).contains(suite));
    if rules.iter().any(dies) {
        past.dead.store(true, Ordering::Relaxed);
    }
    let hangs_up = |rule: &Rule| matches!(rule, Rule::HangUpOnModern(own) if Some(*own) == modern);
    if past.dead.load(Ordering::Relaxed) || rules.iter().any(hangs_up) {
        return;
    }
    if hello.first().is_some_and(|byte| byte & 0x80 != 0) && rules.contains(&Rule::Ssl2FromSecond) {
        if past.ssl2.fetch_add(1, Ordering::Relaxed) > 0 {
            let _gone = client.write_all(SSL2_WITHOUT_KINDS).await;
        }
        return;
    }
    if rules.iter().any(|rule| matches!(rule, Rule::SilentOnModern(own) if Some(*own) == modern)) {
        let _gone = client.read(&mut [0; 1]).await;
        return;
    }
    for rule in rules {
        if rule.hangs_up(&hello) {
            return;
        }
        if matches!(rule, Rule::SilentAbove(bytes) if hello.len() > *bytes) {
            let _gone = client.read(&mut [0; 1]).await;
            return;
        }
        if let Some(alert) = rule.alert(&hello) {
            let _gone = client.write_all(&[21, 3, 1, 0, 2, 2, alert]).await;
            return;
        }
    }
    let other = rules.iter().find_map(|rule| rule.other_server(&hello));
    let Ok(mut upstream) = TcpStream::connect(other.unwrap_or(server)).await else { return };
    if upstream.write_all(&hello).await.is_err() {
        return;
    }
    if rules.contains(&Rule::WarnsFirst) {
        let _gone = client.write_all(&[21, 3, 1, 0, 2, 1, 112]).await;
    }
    loop {
        let mut more = [0; 1];
        // The server serves one at a time: let it go as soon as the client has gone.
        let answer = tokio::select! {
            answer = record(&mut upstream) => answer,
            _ = client.read(&mut more) => None,
        };
        let Some(answer) = answer else { return };
        let alert = answer.first() == Some(&21);
        if alert && rules.contains(&Rule::CloseForAlert) {
            return;
        }
        if alert && rules.contains(&Rule::SilentForAlert) {
            drop(upstream);
            let _gone = client.read(&mut [0; 1]).await;
            return;
        }
        let answer = match picked(&answer) {
            Some(suite) if rules.contains(&Rule::FailsOnSuite(suite)) => vec![21, 3, 1, 0, 2, 2, 80],
            _ if rules.contains(&Rule::OneByteARecord) && !alert => one_byte_a_record(&answer),
            _ => answer,
        };
        if client.write_all(&answer).await.is_err() {
            return;
        }
    }
}

impl Rule {
    fn hangs_up(self, hello: &[u8]) -> bool {
        let extensions = extensions(hello);
        match self {
            Self::HangUpAbove(bytes) => hello.len() > bytes,
            Self::HangUpOnExtension(kind) => extensions.contains(&kind),
            Self::HangUpOnAnyExtension => !extensions.is_empty(),
            Self::HangUpOnGrease => {
                let is_grease = |number: &u16| number & 0x0F0F == 0x0A0A && number >> 8 == number & 0xFF;
                extensions.iter().chain(&suites(hello)).any(is_grease)
            }
            Self::HangUpOnSuite(suite) => suites(hello).contains(&suite),
            Self::HangUpOnVersion(version) => hello.get(9..11) == Some(&version.to_be_bytes()[..]),
            Self::SilentAbove(_)
            | Self::NeedsName
            | Self::RefusesName
            | Self::NeedsHttp11
            | Self::CloseEvery(_)
            | Self::OneByteARecord
            | Self::CloseForAlert
            | Self::FailsOnSuite(_)
            | Self::WarnsFirst
            | Self::SilentForAlert
            | Self::SilentOnModern(_)
            | Self::HangUpOnModern(_)
            | Self::DiesOnSuite(_)
            | Self::Ssl2FromSecond
            | Self::NamelessTo(_) => false,
        }
    }

    fn other_server(self, hello: &[u8]) -> Option<SocketAddr> {
        if let Self::NamelessTo(other) = self
            && !extensions(hello).contains(&0)
        {
            return Some(other);
        }
        None
    }

    fn alert(self, hello: &[u8]) -> Option<u8> {
        let named = extensions(hello).contains(&0);
        let protocols = extensions(hello).contains(&16);
        let http = hello.windows(8).any(|window| window == b"http/1.1");
        if (self == Self::NeedsName && !named) || (self == Self::RefusesName && named) {
            Some(112)
        } else if self == Self::NeedsHttp11 && protocols && !http {
            Some(120)
        } else {
            None
        }
    }
}

/// One record, or what there is of another protocol.
async fn record(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 5];
    stream.read_exact(&mut bytes).await.ok()?;
    let length = if bytes[0] & 0x80 == 0 {
        usize::from(u16::from_be_bytes([bytes[3], bytes[4]]))
    } else {
        usize::from(u16::from_be_bytes([bytes[0] & 0x7F, bytes[1]])) - 3
    };
    let start = bytes.len();
    bytes.resize(start + length, 0);
    stream.read_exact(&mut bytes[start..]).await.ok()?;
    Some(bytes)
}

fn one_byte_a_record(record: &[u8]) -> Vec<u8> {
    let header = &record[..3];
    record[5..].iter().flat_map(|byte| [header, &[0, 1, *byte]].concat()).collect()
}

/// The suite that a record with a ServerHello picks.
fn picked(record: &[u8]) -> Option<u16> {
    if record.first() != Some(&22) || record.get(5) != Some(&2) {
        return None;
    }
    let session = usize::from(*record.get(43)?);
    Some(u16::from_be_bytes([*record.get(44 + session)?, *record.get(45 + session)?]))
}

/// The numbers of the suites of a ClientHello without session id.
fn suites(hello: &[u8]) -> Vec<u16> {
    let length = hello.get(44..46).map_or(0, |length| usize::from(u16::from_be_bytes([length[0], length[1]])));
    let list = hello.get(46..46 + length).unwrap_or_default();
    list.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

/// The numbers of the extensions of a ClientHello without session id.
fn extensions(hello: &[u8]) -> Vec<u16> {
    let after_suites = 46 + 2 * suites(hello).len();
    let compressions = hello.get(after_suites).map_or(0, |length| usize::from(*length));
    let mut rest = hello.get(after_suites + 1 + compressions + 2..).unwrap_or_default();
    let mut kinds = Vec::new();
    while let [a, b, c, d, ..] = *rest {
        kinds.push(u16::from_be_bytes([a, b]));
        rest = rest.get(4 + usize::from(u16::from_be_bytes([c, d]))..).unwrap_or_default();
    }
    kinds
}
