//! Mail servers on loopback, each at an address of its own and all at one port.

use std::net::{IpAddr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Certified;

/// What a server does.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// It turns to TLS.
    Turns(TlsAcceptor),
    /// It turns to TLS, which another program speaks.
    TurnsTo(SocketAddr),
    /// It turns to TLS, and counts its visitors.
    Counts(TlsAcceptor, Arc<AtomicUsize>),
    /// It agrees to turn to TLS and hangs up.
    Breaks,
    /// It does not offer TLS.
    Clear,
    /// It offers TLS and refuses.
    Refuses,
    /// It turns every visitor away.
    Away,
    /// It is another protocol.
    Other,
    /// It accepts connections and says nothing.
    Silent,
}

/// A port that is free at all these addresses, with what listens there.
pub(crate) async fn start(servers: &[(&str, Behaviour)]) -> u16 {
    'ports: for _ in 0..50 {
        let first = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = first.local_addr().expect("its address").port();
        drop(first);
        let mut listeners = Vec::new();
        for (address, behaviour) in servers {
            let address: IpAddr = address.parse().expect("an address");
            let Ok(listener) = TcpListener::bind((address, port)).await else { continue 'ports };
            listeners.push((listener, behaviour.clone()));
        }
        for (listener, behaviour) in listeners {
            tokio::spawn(serve(listener, behaviour));
        }
        return port;
    }
    panic!("no port is free at every address");
}

async fn serve(listener: TcpListener, behaviour: Behaviour) {
    while let Ok((stream, _)) = listener.accept().await {
        // A visitor who hangs up is no fault of the server.
        let behaviour = behaviour.clone();
        tokio::spawn(async move { talk(stream, behaviour).await.ok() });
    }
}

async fn talk(stream: TcpStream, behaviour: Behaviour) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    match behaviour {
        Behaviour::Away => return stream.write_all(b"554 no service for you\r\n").await,
        Behaviour::Other => return stream.write_all(b"* OK IMAP4rev1 ready\r\n").await,
        Behaviour::Silent => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return Ok(());
        }
        Behaviour::Counts(_, ref visitors) => {
            visitors.fetch_add(1, Ordering::Relaxed);
        }
        Behaviour::Turns(_) | Behaviour::TurnsTo(_) | Behaviour::Breaks | Behaviour::Clear | Behaviour::Refuses => {}
    }
    stream.write_all(b"220 mx.test ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" if matches!(behaviour, Behaviour::Clear) => stream.write_all(b"250-mx.test\r\n250 SIZE\r\n").await?,
            "EHLO" => stream.write_all(b"250-mx.test\r\n250-SIZE\r\n250 STARTTLS\r\n").await?,
            "STARTTLS" if matches!(behaviour, Behaviour::Refuses) => {
                stream.write_all(b"454 4.7.0 TLS not available due to local problem\r\n").await?;
            }
            "STARTTLS" => break,
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            _ => stream.write_all(b"250 ok\r\n").await?,
        }
    }
    stream.write_all(b"220 ready\r\n").await?;
    let mut stream = stream.into_inner();
    match behaviour {
        Behaviour::Turns(acceptor) | Behaviour::Counts(acceptor, _) => {
            let mut stream = acceptor.accept(stream).await?;
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
        }
        Behaviour::TurnsTo(address) => {
            let mut behind = TcpStream::connect(address).await?;
            tokio::io::copy_bidirectional(&mut stream, &mut behind).await?;
        }
        Behaviour::Breaks
        | Behaviour::Clear
        | Behaviour::Refuses
        | Behaviour::Away
        | Behaviour::Other
        | Behaviour::Silent => {}
    }
    Ok(())
}

/// `openssl s_server`, ended with the test.
pub(crate) struct OpenSsl {
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl OpenSsl {
    /// Starts it with further arguments.
    pub(crate) async fn start(certified: &Certified, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (certificate, key) = (folder.path().join("certificate.der"), folder.path().join("key.der"));
        std::fs::write(&certificate, &certified.chain[0]).expect("a file");
        std::fs::write(&key, &certified.key).expect("a file");
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = free.local_addr().expect("its address");
        drop(free);
        let process = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-certform", "DER", "-keyform", "DER", "-accept"])
            .arg(address.to_string())
            .arg("-cert")
            .arg(&certificate)
            .arg("-key")
            .arg(&key)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program `openssl` is needed");
        let server = Self { address, process, _folder: folder };
        for _ in 0..250 {
            if TcpStream::connect(address).await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("openssl s_server does not listen");
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _status = self.process.wait();
    }
}
