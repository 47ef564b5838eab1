//! `gnutls-serv`, and what GnuTLS itself says of a priority string.

use std::collections::BTreeSet;
use std::process::Command;

use crate::program::{free_port, printed};
use crate::rig::Server;
use crate::rig::keys::Key;

/// Starts a server with a priority string.
pub fn server(keys: &[&Key], priority: &str, arguments: &[&str]) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut command = Command::new("gnutls-serv");
    command.args(["--quiet", "--http", "--port", &port.to_string(), "--priority", priority]);
    for key in keys {
        command.arg("--x509keyfile").arg(&key.key).arg("--x509certfile").arg(&key.certificate);
    }
    command.args(arguments);
    Server::start(command, folder, port)
}

/// Ids of the suites of a priority string that exist in a version (`TLSv1.0` to `TLSv1.3`).
pub fn suites(version: &str, priority: &str) -> BTreeSet<String> {
    // `TLS_DHE_RSA_AES_256_CCM   0xc0, 0x9f   TLS1.2`: the last word is the oldest version that has it.
    let listed = printed(Command::new("gnutls-cli").args(["--list", "--priority", priority]));
    let suite = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, first, second, since] = words.as_slice() else { return None };
        let id = format!("{}{}", first.strip_prefix("0x")?.strip_suffix(',')?, second.strip_prefix("0x")?);
        let since = since.strip_prefix("TLS")?;
        let version = version.trim_start_matches("TLSv");
        // Suites of TLS 1.3 are for it alone (RFC 8446 appendix B.4).
        let has = if since == "1.3" || version == "1.3" { since == version } else { since <= version };
        has.then(|| format!("0x{}", id.to_ascii_uppercase()))
    };
    listed.lines().filter_map(suite).collect()
}
