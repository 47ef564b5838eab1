//! A service on loopback that follows a script, and speaks real TLS where the script says so.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// One step of a script.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Says this in clear text.
    Say(Vec<u8>),
    /// Reads until what was heard ends so.
    Hear(Vec<u8>),
    /// Says this again and again, until nobody takes it any more.
    Endless(Vec<u8>),
    /// Says nothing more and keeps the connection.
    Silence,
    /// Turns to TLS.
    Tls(Rest),
}

/// What becomes of bytes that came in clear text behind the request for TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// They are taken for the beginning of what comes under TLS: the fault.
    Kept,
    /// They are thrown away.
    Dropped,
    /// TLS gets them to read.
    Fed,
    /// They are answered before TLS begins.
    Answered,
}

/// What the service does; the same for every connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// Steps before TLS.
    pub(crate) steps: Vec<Step>,
    /// Positions of the connections, from 0, for which it takes these steps instead.
    pub(crate) instead: (std::ops::Range<usize>, Vec<Step>),
    /// Whether it writes one byte at a time.
    pub(crate) drips: bool,
    /// What it says first under TLS.
    pub(crate) greeting: Vec<u8>,
    /// What it answers to what under TLS.
    pub(crate) answers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Starts the service; it ends with the run-time of the test.
pub(crate) async fn start(script: Script) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let acceptor = acceptor();
    tokio::spawn(async move {
        let mut visitors = 0..;
        while let Ok((stream, _)) = listener.accept().await {
            let (mut script, acceptor) = (script.clone(), acceptor.clone());
            if visitors.next().is_some_and(|visitor| script.instead.0.contains(&visitor)) {
                script.steps.clone_from(&script.instead.1);
            }
            // The visitor hangs up when it knows enough: that is no fault of the service.
            tokio::spawn(async move { follow(stream, script, acceptor).await.ok() });
        }
    });
    address
}

fn acceptor() -> TlsAcceptor {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a certificate with its key");
    TlsAcceptor::from(Arc::new(configuration))
}

async fn follow(mut stream: TcpStream, script: Script, acceptor: TlsAcceptor) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let feeds = script.steps.iter().any(|step| matches!(step, Step::Tls(Rest::Fed)));
    let mut heard = Vec::new();
    for step in &script.steps {
        match step {
            Step::Say(bytes) => say(&mut stream, bytes, script.drips).await?,
            Step::Hear(ending) => hear(&mut stream, &mut heard, ending, if feeds { 1 } else { 4096 }).await?,
            Step::Endless(bytes) => loop {
                stream.write_all(bytes).await?;
            },
            Step::Silence => tokio::time::sleep(Duration::from_secs(600)).await,
            Step::Tls(rest) => {
                if *rest == Rest::Answered && !heard.is_empty() {
                    stream.write_all(b"250 ok\r\n").await?;
                }
                let kept = if *rest == Rest::Kept { std::mem::take(&mut heard) } else { Vec::new() };
                let secure = acceptor.accept(stream).await?;
                return talk(secure, kept, &script).await;
            }
        }
    }
    stream.shutdown().await
}

async fn say(stream: &mut TcpStream, bytes: &[u8], drips: bool) -> std::io::Result<()> {
    if !drips {
        return stream.write_all(bytes).await;
    }
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    Ok(())
}

/// Reads up to an ending; what came behind it stays in `heard`.
async fn hear(stream: &mut TcpStream, heard: &mut Vec<u8>, ending: &[u8], at_once: usize) -> std::io::Result<()> {
    loop {
        if let Some(at) = heard.windows(ending.len()).position(|part| part == ending) {
            heard.drain(..at + ending.len());
            return Ok(());
        }
        let mut part = vec![0; at_once];
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        heard.extend_from_slice(&part[..read]);
    }
}

/// Answers under TLS, in the order asked, until the visitor or the farewell ends it.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, kept: Vec<u8>, script: &Script) -> std::io::Result<()> {
    stream.write_all(&script.greeting).await?;
    let mut heard = kept;
    loop {
        let next = script.answers.iter().filter_map(|(asked, answer)| {
            heard.windows(asked.len()).position(|part| part == asked).map(|at| (at + asked.len(), answer))
        });
        if let Some((end, answer)) = next.min_by_key(|(end, _)| *end) {
            stream.write_all(answer).await?;
            stream.flush().await?;
            heard.drain(..end);
            if script.answers.last().is_some_and(|(_, farewell)| farewell == answer) {
                return stream.shutdown().await;
            }
            continue;
        }
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return stream.shutdown().await;
        }
        heard.extend_from_slice(&part[..read]);
    }
}
