use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::config::ProxyAddress;

/// A collector's TLS side: its authority, and a certificate for `name`.
struct Collector {
    authority: CertificateDer<'static>,
    acceptor: TlsAcceptor,
}

fn collector(name: &str) -> Collector {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap().der().clone();
    let issuer = Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone(), authority.clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Collector { authority, acceptor: TlsAcceptor::from(Arc::new(config)) }
}

/// Listens and completes handshakes; answers its address.
async fn listen(collector: &Collector) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let acceptor = collector.acceptor.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.read_u8().await;
                }
            });
        }
    });
    address
}

fn digest(certificate: &CertificateDer<'_>) -> [u8; 32] {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate).as_ref().try_into().unwrap()
}

async fn enrol_at(
    collector: &Collector,
    fingerprint: [u8; 32],
) -> Result<Option<CertificateDer<'static>>, ConnectError> {
    let address = listen(collector).await;
    let tls = enrolling(fingerprint).unwrap();
    dial(&[address], None, &tls.config).await?;
    Ok(tls.authority())
}

#[tokio::test]
async fn the_fingerprint_in_the_code_makes_the_first_contact_trusted() {
    let own = collector(COLLECTOR_NAME);
    assert_eq!(enrol_at(&own, digest(&own.authority)).await.unwrap(), Some(own.authority.clone()));
}

#[tokio::test]
async fn another_authority_or_another_name_is_refused() {
    let (own, other) = (collector(COLLECTOR_NAME), collector(COLLECTOR_NAME));
    let error = enrol_at(&own, digest(&other.authority)).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Tls { .. }) && error.to_string().contains("not the collector"), "{error}");
    let misnamed = collector("www.example.it");
    assert!(enrol_at(&misnamed, digest(&misnamed.authority)).await.is_err());
}

#[tokio::test]
async fn addresses_are_tried_in_order() {
    let own = collector(COLLECTOR_NAME);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let open = listen(&own).await;
    let tls = enrolling(digest(&own.authority)).unwrap();
    assert!(dial(&[closed.clone(), open], None, &tls.config).await.is_ok());
    let error = dial(std::slice::from_ref(&closed), None, &tls.config).await.unwrap_err();
    assert!(error.to_string().contains(&closed), "{error}");
    assert!(matches!(dial(&[], None, &tls.config).await, Err(ConnectError::NoAddress)));
    assert!(matches!(dial(&["no-port".to_owned()], None, &tls.config).await, Err(ConnectError::Address(_))));
}

/// A proxy that wants `user:secret` and then tunnels.
async fn proxy() -> ProxyAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                if !head.contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n") {
                    let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
                    return;
                }
                let target = head.split(' ').nth(1).unwrap().to_owned();
                let mut onward = tokio::net::TcpStream::connect(target).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
            });
        }
    });
    ProxyAddress { host: "127.0.0.1".to_owned(), port }
}

#[tokio::test]
async fn a_proxy_with_credentials_is_passed_and_one_without_is_named() {
    let own = collector(COLLECTOR_NAME);
    let address = [listen(&own).await];
    let tls = enrolling(digest(&own.authority)).unwrap();
    let proxy_address = proxy().await;
    let with = Proxy { address: proxy_address.clone(), credentials: Some("user:secret".to_owned()) };
    assert!(dial(&address, Some(&with), &tls.config).await.is_ok());
    let without = Proxy { address: proxy_address, credentials: None };
    let error = dial(&address, Some(&without), &tls.config).await.unwrap_err();
    assert!(error.to_string().contains("proxy.credentials_file"), "{error}");
}

#[test]
fn the_credentials_file_holds_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("proxy");
    assert!(credentials(&file).is_err());
    for (text, fits) in [("user:secret\n", true), ("user\n", false), ("a:b\nc:d\n", false), ("", false)] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(credentials(&file).is_ok(), fits, "{text:?}");
    }
}
