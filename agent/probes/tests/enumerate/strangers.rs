//! Listeners that are no TLS servers: they wait, drip, cut, or speak another language.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the listener does with everybody who connects.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stranger {
    /// Nothing at all.
    Waits,
    /// Sends a byte of a handshake record each second.
    Drips,
    /// Closes at once.
    Closes,
    /// Reads the hello and closes.
    ReadsAndCloses,
    /// Cuts the connection at once.
    Resets,
    /// Answers these bytes once anything came.
    Answers(&'static [u8]),
    /// Greets with these bytes.
    Greets(&'static [u8]),
    /// Sends these bytes again and again.
    Floods(&'static [u8]),
}

/// Starts to listen.
pub(crate) async fn listen(stranger: Stranger) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(treat(client, stranger));
        }
    });
    address
}

async fn treat(mut client: TcpStream, stranger: Stranger) {
    let mut buffer = [0; 4096];
    match stranger {
        Stranger::Waits => std::future::pending::<()>().await,
        Stranger::Drips => {
            for byte in [22, 3, 3, 0, 90].into_iter().chain(std::iter::repeat(0)) {
                if client.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Stranger::Closes => {}
        Stranger::ReadsAndCloses => {
            let _read = client.read(&mut buffer).await;
        }
        Stranger::Resets => {
            let _set = socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO));
        }
        Stranger::Answers(bytes) => {
            let _read = client.read(&mut buffer).await;
            let _gone = client.write_all(bytes).await;
        }
        Stranger::Greets(bytes) => {
            let _gone = client.write_all(bytes).await;
            let _read = client.read(&mut buffer).await;
        }
        Stranger::Floods(bytes) => while client.write_all(bytes).await.is_ok() {},
    }
}
