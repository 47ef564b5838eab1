//! Mail servers with real STARTTLS (RFC 3207), as far as somebody who only looks needs them.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificates::{self, Certificates, Fault};
use super::place::Place;

/// Longest silence of a client.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// What a server does with STARTTLS.
#[derive(Clone)]
enum StartTls {
    Takes(Arc<ServerConfig>),
    OffersAndRefuses,
    DoesNotOffer,
}

/// Starts every mail server of the plan; they end with this process.
pub(super) fn start(certificates: &Arc<Certificates>) {
    let takes = |fault| StartTls::Takes(certificates::server(certificates, fault));
    let servers = [
        (Place::Mail, takes(Fault::None)),
        (Place::MailPrivate, takes(Fault::None)),
        (Place::MailExpired, takes(Fault::Expired)),
        (Place::MailOtherName, takes(Fault::OtherName)),
        (Place::MailUntrusted, takes(Fault::Untrusted)),
        (Place::MailRefuses, StartTls::OffersAndRefuses),
        (Place::MailClear, StartTls::DoesNotOffer),
    ];
    for (place, behaviour) in servers {
        for address in place.addresses() {
            listen(address, behaviour.clone());
        }
    }
}

fn listen(address: IpAddr, behaviour: StartTls) {
    let listener = TcpListener::bind((address, 25)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let behaviour = behaviour.clone();
            // A client that breaks off is its own business.
            std::thread::spawn(move || session(stream, &behaviour).is_err());
        }
    });
}

fn session(stream: TcpStream, behaviour: &StartTls) -> std::io::Result<()> {
    stream.set_read_timeout(Some(WAIT_MAX))?;
    stream.set_nodelay(true)?;
    (&stream).write_all(b"220 mail.test ESMTP\r\n")?;
    if !dialogue(&stream, behaviour, true)? {
        return Ok(());
    }
    let StartTls::Takes(config) = behaviour else { return Ok(()) };
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    // A client that only looks at the handshake says no more.
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    dialogue(Both(std::cell::RefCell::new(stream)), behaviour, false).map(|_| ())
}

/// Speaks until the end, or until TLS is to begin, which it answers.
fn dialogue<S>(stream: S, behaviour: &StartTls, in_clear: bool) -> std::io::Result<bool>
where
    S: Dialogue,
{
    loop {
        let line = stream.line()?.to_ascii_uppercase();
        let verb = line.split_whitespace().next().unwrap_or_default();
        match (verb, behaviour) {
            ("", _) => return Ok(false),
            ("EHLO", StartTls::Takes(_) | StartTls::OffersAndRefuses) if in_clear => {
                stream.say("250-mail.test\r\n250-STARTTLS\r\n250 SIZE 1000000\r\n")?;
            }
            ("EHLO", _) => stream.say("250-mail.test\r\n250 SIZE 1000000\r\n")?,
            ("STARTTLS", StartTls::Takes(_)) if in_clear => {
                stream.say("220 Go ahead\r\n")?;
                return Ok(true);
            }
            ("STARTTLS", StartTls::OffersAndRefuses) if in_clear => stream.say("454 TLS not available\r\n")?,
            ("QUIT", _) => {
                stream.say("221 Bye\r\n")?;
                return Ok(false);
            }
            ("HELO" | "NOOP" | "RSET", _) => stream.say("250 OK\r\n")?,
            _ => stream.say("502 Not here\r\n")?,
        }
    }
}

/// Lines both ways, one at a time.
trait Dialogue {
    fn line(&self) -> std::io::Result<String>;
    fn say(&self, text: &str) -> std::io::Result<()>;
}

impl Dialogue for &TcpStream {
    fn line(&self) -> std::io::Result<String> {
        one_line(*self)
    }

    fn say(&self, text: &str) -> std::io::Result<()> {
        let mut stream = *self;
        stream.write_all(text.as_bytes())
    }
}

/// A stream that reads and writes by turns.
struct Both<S>(std::cell::RefCell<S>);

impl<S: Read + Write> Dialogue for Both<S> {
    fn line(&self) -> std::io::Result<String> {
        one_line(&mut *self.0.borrow_mut())
    }

    fn say(&self, text: &str) -> std::io::Result<()> {
        let mut stream = self.0.borrow_mut();
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }
}

/// One line, byte by byte: what follows it may be TLS.
fn one_line(stream: impl Read) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::with_capacity(1, stream).take(1_000).read_line(&mut line)?;
    Ok(line)
}
