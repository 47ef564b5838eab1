//! Through an HTTP proxy with CONNECT (RFC 9110 section 9.3.6), with Basic credentials (RFC 7617) if there are any.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::config::ProxyAddress;

/// Longest answer of a proxy before the tunnel, in bytes.
const ANSWER_BYTES_MAX: usize = 8 * 1024;

/// What the proxy did instead of letting us through.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be reached, or broke off.
    #[error("connection to the proxy {proxy}: {source}")]
    Io {
        /// The proxy.
        proxy: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// It wants credentials, or others.
    #[error("the proxy {proxy} wants a user and password: write user:password into the file of proxy.credentials_file")]
    Credentials {
        /// The proxy.
        proxy: String,
    },
    /// It refuses.
    #[error("the proxy {proxy} refuses: {answer}")]
    Refused {
        /// The proxy.
        proxy: String,
        /// Its first line.
        answer: String,
    },
    /// The credentials file is unusable.
    #[error("the proxy's credentials file {file}: {why}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
}

/// An HTTP proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Where it is.
    pub address: ProxyAddress,
    /// `user:password`, if it wants any.
    pub credentials: Option<String>,
}

/// Reads `user:password` from a file.
///
/// # Errors
/// [`ProxyError::File`] when the file cannot be read or holds something else.
pub fn credentials(file: &Path) -> Result<String, ProxyError> {
    let wrong = |why: String| ProxyError::File { file: file.display().to_string(), why };
    let text = crate::files::read(file).map_err(|error| wrong(error.to_string()))?;
    let text = text.ok_or_else(|| wrong("it is missing".to_owned()))?;
    let text = String::from_utf8(text).map_err(|_| wrong("it is no text".to_owned()))?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.contains(':') && !line.contains(['\r', '\n']) {
        Ok(line.to_owned())
    } else {
        Err(wrong("it must hold one line, user:password".to_owned()))
    }
}

impl Proxy {
    /// A tunnel to `address` (`name:port`).
    ///
    /// # Errors
    /// [`ProxyError`] says what the proxy did.
    pub async fn connect(&self, address: &str) -> Result<TcpStream, ProxyError> {
        let proxy = format!("{}:{}", self.address.host, self.address.port);
        let io = |source| ProxyError::Io { proxy: proxy.clone(), source };
        let mut stream = TcpStream::connect((self.address.host.as_str(), self.address.port)).await.map_err(io)?;
        stream.write_all(self.request(address).as_bytes()).await.map_err(io)?;
        let answer = read_head(&mut stream).await.map_err(io)?;
        let first = answer.lines().next().unwrap_or_default();
        match first.split_ascii_whitespace().nth(1) {
            Some(status) if status.len() == 3 && status.starts_with('2') => Ok(stream),
            Some("407") => Err(ProxyError::Credentials { proxy }),
            Some(_) | None => Err(ProxyError::Refused { proxy, answer: vedetta_checks::fact::clean_text(first, 200) }),
        }
    }

    fn request(&self, address: &str) -> String {
        let authorization = self.credentials.as_ref().map_or_else(String::new, |credentials| {
            format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(credentials))
        });
        format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{authorization}\r\n")
    }
}

/// Reads up to the empty line, byte by byte: what follows it belongs to the tunnel.
async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= ANSWER_BYTES_MAX {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the answer is too long"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
