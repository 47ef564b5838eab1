//! Hosts of policies on loopback: real TLS, and for each name of a host one answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::authority::Certified;

/// What a host answers to a request for its policy.
#[derive(Clone)]
pub(crate) struct Answer {
    /// First line and fields, without the empty line.
    pub(crate) head: &'static str,
    /// The body.
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn policy(body: &str) -> Self {
        Self { head: "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8", body: body.to_owned() }
    }
}

/// Starts a server of these hosts, by name; gives its port.
pub(crate) async fn start(certified: &Certified, answers: Vec<(&str, Answer)>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let acceptor = certified.acceptor();
    let answers = answers.into_iter().map(|(host, answer)| (format!("mta-sts.{host}"), answer));
    let answers: Arc<BTreeMap<String, Answer>> = Arc::new(answers.collect());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answers) = (acceptor.clone(), Arc::clone(&answers));
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await?);
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
                let host = host.split(':').next().unwrap_or_default();
                let asked = request.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\n");
                let text = match answers.get(host).filter(|_| asked) {
                    Some(answer) => {
                        format!("{}\r\nContent-Length: {}\r\n\r\n{}", answer.head, answer.body.len(), answer.body)
                    }
                    None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
                };
                stream.write_all(text.as_bytes()).await?;
                stream.shutdown().await
            });
        }
    });
    port
}
