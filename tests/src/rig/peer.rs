//! Peers that speak no TLS, or never get to the point.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::SockRef;

/// How often a waiting peer looks whether it should end.
const PAUSE: Duration = Duration::from_millis(50);
/// Time between two bytes of one that drips.
const DROP_EVERY: Duration = Duration::from_millis(500);
/// Begins like a handshake record of 16 KiB, of which nobody will see the end.
const BEGINNING: &[u8] = &[22, 3, 3, 64, 0, 2, 0, 63, 252, 3, 3];
/// No record of TLS begins like this.
const GARBAGE: &[u8] = &[0xde, 0xad, 0xbe, 0xef, 0x00, 0xff, 0x5a, 0xa5, 0x13, 0x37];
/// What nginx says to TLS on a port for plain HTTP.
const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
/// Longest ClientHello that is read before an answer.
const READ_BYTES_MAX: usize = 16 * 1024;

/// What a peer does with a connection.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// Takes it and says nothing, ever.
    Tarpit,
    /// Says one byte at a time, slowly, without end.
    Drip,
    /// Resets it once the client has spoken.
    Reset,
    /// Closes it once the client has spoken.
    HangUp,
    /// Answers with bytes that mean nothing.
    Garbage,
    /// Answers as a web server without TLS.
    Http,
}

/// A running peer; it ends when dropped.
pub struct Peer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    /// Starts one.
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if end.load(Ordering::SeqCst) {
                    break;
                }
                let end = Arc::clone(&end);
                // A client that goes away ends the connection, as it may.
                std::thread::spawn(move || drop(answer(client, manner, &end)));
            }
        });
        Self { port, ended, thread: Some(thread) }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn answer(mut client: TcpStream, manner: Manner, ended: &AtomicBool) -> std::io::Result<()> {
    let mut hello = vec![0; READ_BYTES_MAX];
    let wait = |pause: Duration| {
        std::thread::sleep(pause);
        !ended.load(Ordering::SeqCst)
    };
    match manner {
        Manner::Tarpit => while wait(PAUSE) {},
        Manner::Drip => {
            for byte in BEGINNING.iter().copied().chain(std::iter::repeat(0)) {
                client.write_all(&[byte])?;
                if !wait(DROP_EVERY) {
                    break;
                }
            }
        }
        Manner::Reset => {
            let _heard = client.read(&mut hello)?;
            // A close with no time to linger is sent as a reset (socket(7)).
            SockRef::from(&client).set_linger(Some(Duration::ZERO))?;
        }
        Manner::HangUp => {
            let _heard = client.read(&mut hello)?;
        }
        Manner::Garbage => {
            let _heard = client.read(&mut hello)?;
            client.write_all(GARBAGE)?;
        }
        Manner::Http => {
            let _heard = client.read(&mut hello)?;
            client.write_all(HTTP)?;
        }
    }
    Ok(())
}
