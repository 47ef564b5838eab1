//! Servers that say what the test says, in clear text or over TLS.

use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;

/// Listens on a free port and does `script` with every connection, side by side.
pub(crate) async fn clear<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(script(stream));
        }
    });
    port
}

/// Answers every request in clear text with the same bytes.
pub(crate) async fn clear_answer(answer: impl Into<Vec<u8>>) -> u16 {
    let answer = Arc::new(answer.into());
    clear(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            let _request = stream.read(&mut [0; 4096]).await;
            let _sent = stream.write_all(&answer).await;
            let _ended = stream.shutdown().await;
        }
    })
    .await
}

/// Says the same bytes to everybody over TLS; first, or when spoken to.
pub(crate) async fn encrypted_answer(answer: &'static [u8], speaks_first: bool) -> u16 {
    let leaf = Authority::new().leaf(|_| {});
    let chain = vec![CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).expect("certificate")];
    let key = PrivateKeyDer::from_pem_slice(leaf.key.as_bytes()).expect("key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let configuration = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("configuration");
    let acceptor = TlsAcceptor::from(Arc::new(configuration));
    clear(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            if !speaks_first {
                let _request = stream.read(&mut [0; 4096]).await;
            }
            let _sent = stream.write_all(answer).await;
            let _flushed = stream.flush().await;
            if speaks_first {
                let _heard = stream.read(&mut [0; 4096]).await;
            }
            let _ended = stream.shutdown().await;
        }
    })
    .await
}
