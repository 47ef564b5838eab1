//! The web server that gives policies of MTA-STS (RFC 8461 section 3.2), by the name of the host.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificates::{self, Certificates, Fault};
use super::place::Place;
use super::zone::{Policy, Zone};

/// Longest silence of a client.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Longest head of a request.
const HEAD_BYTES_MAX: usize = 8_192;

type Policies = HashMap<String, Policy>;

/// Starts the web servers of the plan; they end with this process.
pub(super) fn start(certificates: &Arc<Certificates>, zones: &[Zone]) {
    let policy = |zone: &Zone| Some((format!("mta-sts.{}", zone.name), zone.policy?));
    let policies: Arc<Policies> = Arc::new(zones.iter().filter_map(policy).collect());
    for (place, fault) in [(Place::Web, Fault::None), (Place::WebUntrusted, Fault::Untrusted)] {
        let config = certificates::server(certificates, fault);
        let listener = TcpListener::bind((place.v4(), 443)).unwrap();
        let policies = Arc::clone(&policies);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, policies) = (Arc::clone(&config), Arc::clone(&policies));
                // A client that breaks off is its own business.
                std::thread::spawn(move || request(stream, config, &policies).is_err());
            }
        });
    }
}

fn request(stream: TcpStream, config: Arc<ServerConfig>, policies: &Policies) -> std::io::Result<()> {
    stream.set_read_timeout(Some(WAIT_MAX))?;
    stream.set_nodelay(true)?;
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut piece = [0; 1_024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let host = head.lines().find_map(|line| line.strip_prefix("host:")).unwrap_or_default().trim();
    let host = host.split(':').next().unwrap_or_default();
    let asked = head.starts_with("get /.well-known/mta-sts.txt ");
    let answer = match policies.get(host).filter(|_| asked) {
        Some(policy) => answer(policy.code, policy.header, &policy.body.replace('\n', "\r\n")),
        None => answer(404, ("Content-Type", "text/plain"), ""),
    };
    stream.write_all(answer.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn answer(code: u16, header: (&str, &str), body: &str) -> String {
    let (name, value) = header;
    let length = body.len();
    format!("HTTP/1.1 {code} Answer\r\n{name}: {value}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}
